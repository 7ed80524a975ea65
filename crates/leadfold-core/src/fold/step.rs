//! One event on its way into the tables: where its facts are and whom it is folded into.

use super::history::external_at;
use crate::State;
use crate::event::ReturnTarget;
use crate::fact::{Code, Facts, Field, NO_X, Term};
use crate::machine::Kind;
use crate::tables::{CHURNED, LeadRow};

/// An effective event.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) facts: &'a Facts,
    /// Its number among the events.
    pub(crate) event: usize,
    /// Index of its head fact: its own, or that of the correction that replaces it.
    pub(crate) head: usize,
    /// That fact.
    pub(crate) term: Term,
    /// Where its details end.
    pub(crate) end: usize,
    /// The row that it is folded into.
    pub(crate) lead: u32,
    /// The lead whose stream it is in.
    pub(crate) stream: u32,
    pub(crate) at: i64,
    /// Read for every event, though few need it: where a column is read throughout, the processor
    /// reads ahead.
    pub(crate) position: u64,
    /// Its identity in its system of origin.
    pub(crate) external: Option<(Code, i64)>,
    /// From an absorbed lead's time before the merge: it raises no finding.
    pub(crate) is_quiet: bool,
}

impl<'a> Step<'a> {
    /// An event that is folded as the log has it, into the lead in whose stream it is: that row.
    #[inline(always)]
    pub(crate) fn of(facts: &'a Facts, event: usize, lead: u32) -> Self {
        let passive = Self::passive(facts, event, lead);
        Self { external: external_at(facts, passive.head, passive.end), ..passive }
    }

    /// The same of an event that has no identity in another system.
    #[inline(always)]
    pub(crate) fn passive(facts: &'a Facts, event: usize, lead: u32) -> Self {
        let (head, end) = facts.event(event);
        Self {
            facts,
            event,
            head,
            term: facts.terms[head],
            end,
            lead,
            stream: lead,
            at: facts.at[event],
            position: facts.position[event],
            external: None,
            is_quiet: false,
        }
    }

    pub(crate) fn recorded_at(&self) -> i64 {
        self.facts.recorded_at[self.event]
    }

    pub(crate) fn kind(&self) -> Kind {
        self.term.kind
    }

    pub(crate) fn sub(&self) -> u8 {
        self.term.sub
    }

    pub(crate) fn a(&self) -> Code {
        Code(self.term.a)
    }

    pub(crate) fn b(&self) -> Code {
        Code(self.term.b)
    }

    pub(crate) fn x(&self) -> Option<i64> {
        Some(self.term.x).filter(|x| *x != NO_X)
    }

    pub(crate) fn currency(&self) -> u16 {
        self.term.currency
    }

    /// The details, and which field each is.
    #[inline]
    pub(crate) fn details(&self) -> impl Iterator<Item = (Field, Term)> + use<'a> {
        // None, and no panic, where facts that nobody lowered end before they begin.
        let behind = self.facts.terms.get(self.head + 1..self.end).unwrap_or_default();
        behind.iter().filter_map(|term| Some((term.field()?, *term)))
    }

    pub(crate) fn code_of(&self, field: Field) -> Code {
        let found = self.details().find(|(other, _)| *other == field);
        found.map_or(Code::NONE, |(_, term)| Code(term.a))
    }

    pub(crate) fn number_of(&self, field: Field) -> Option<i64> {
        let found = self.details().find(|(other, _)| *other == field);
        found.map(|(_, term)| term.x)
    }

    /// Where a rejected or returned lead, or a snapshot, says that the lead goes.
    pub(crate) fn route(&self) -> State {
        if self.kind() == Kind::SnapshotImported {
            return State::from_code(self.sub());
        }
        match ReturnTarget::from_code(self.sub()) {
            Some(ReturnTarget::Mql) => State::Mql,
            Some(ReturnTarget::Disqualified) => State::Disqualified,
            Some(ReturnTarget::Nurture) | None => State::Nurturing,
        }
    }
}

/// The state that an event means where the table has no legal move for it.
pub(crate) fn natural_target(step: &Step<'_>, row: &LeadRow) -> Option<State> {
    match step.kind() {
        Kind::QualifiedMql => Some(State::Mql),
        Kind::HandedOff => Some(State::HandedOff),
        Kind::Accepted => Some(State::Accepted),
        Kind::Rejected | Kind::Returned => Some(step.route()),
        Kind::QualifiedSql => Some(State::Sql),
        Kind::OpportunityOpened if row.state != State::Customer => Some(State::Opportunity),
        Kind::OpportunityReopened => Some(State::Opportunity),
        Kind::Recycled => Some(State::Nurturing),
        Kind::Disqualified => Some(State::Disqualified),
        _ => None,
    }
}

/// `churned` sets the flag, `reactivated` clears it.
pub(crate) fn set_churned(row: &mut LeadRow, kind: Kind) {
    match kind {
        Kind::Churned => row.flags |= CHURNED,
        _ => row.flags &= !CHURNED,
    }
}
