//! The event tried out: the case with it, and what the fold and the audit find wrong with that.

use std::convert::Infallible;

use super::desk::Desk;
use super::{Detail, Refusal};
use crate::audit::{AuditCode, Ledger};
use crate::case::{Local, fold_local};
use crate::event::{Event, RecordedEvent};
use crate::fact::Facts;
use crate::fold::{Bounds, Fold, Step};
use crate::machine::Kind;
use crate::metrics::anomalies;
use crate::tables::COMPLEX;
use crate::{EventId, Finding, Lead, Reason, Timestamp};

/// The id of an event that is tried. No correction of it is heeded: an import may have events and
/// corrections of the nil id, and they are not about what is tried.
pub(super) const TRIAL: EventId = EventId(uuid::Uuid::nil());

/// An event as it would be recorded.
pub(super) fn trial(event: Event, position: u64) -> RecordedEvent {
    RecordedEvent {
        position,
        sequence: 0,
        id: TRIAL,
        recorded_at: Timestamp::from_micros(i64::MAX),
        event,
    }
}

impl Desk<'_> {
    /// What the playbook asks of an event beside its legality (gates, conduct, consents) is what
    /// the audit would report of it. There is no lead yet that the event would begin.
    pub(super) fn try_conduct(
        &self,
        kind: Kind,
        lead: Option<&Lead<'_>>,
        mut local: Local,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let tried = self.fold_with(&mut local, facts, own);
        let position = facts.position[own];
        let mut broken = tried.observer().refusable();
        let Some((.., reason)) = broken.find(|(at, ..)| *at == position) else { return Ok(true) };
        let detail = match reason {
            Reason::GateFailed => Detail::Missing(tried.observer().missing_at(position)),
            _ => Detail::None,
        };
        Err(self.refuse(kind, lead.map(Lead::state), reason, detail))
    }

    /// The case with the event in it. Only of a lead that has not begun may it be a late one:
    /// costs, and what nobody knows, begin none.
    fn fold_with(&self, local: &mut Local, facts: &Facts, own: usize) -> Fold<Ledger> {
        let row = self.case.tables().leads.get(facts.lead[own] as usize);
        if row.is_some_and(|row| row.has(COMPLEX) || facts.at[own] < row.last_at) {
            return fold_local(&self.case.playbook, Bounds::default(), local, facts);
        }
        let mut fold = self.case.fold.clone();
        let mut new = Facts::default();
        new.extend_events(facts, own..facts.event_count());
        let Ok(()) = fold.learn(|name| Ok::<_, Infallible>(Some(local.code(name))));
        fold.apply(&new);
        fold
    }

    /// Merges and corrections change what other events mean: they are tried out, and refused if
    /// the history as a whole would break the rules where it does not now. A correction is known
    /// by what it corrects, and not by its origin.
    pub(super) fn try_out(
        &self,
        lead: &Lead<'_>,
        mut local: Local,
        facts: &Facts,
        own: usize,
    ) -> Result<bool, Refusal> {
        let kind = facts.kind_of(own);
        let step = Step::of(facts, own, lead.index().0);
        if kind != Kind::Corrected && self.is_known_at_its_origin(&step) {
            let state = Some(lead.state());
            return Err(self.refuse(kind, state, Reason::DuplicateExternalId, Detail::None));
        }
        let tried = fold_local(&self.case.playbook, Bounds::default(), &mut local, facts);
        let before: Vec<_> = findings(&self.case.fold);
        let broken = findings(&tried).into_iter().find(|found| !before.contains(found));
        let Some((position, _, reason)) = broken else { return Ok(true) };
        let is_own = position == self.case.fold.position() + 1;
        let reason = reason.filter(|_| is_own).unwrap_or(Reason::BreaksHistory);
        Err(self.refuse(kind, Some(lead.state()), reason, Detail::None))
    }
}

/// Which event is found wanting, and how.
fn findings(fold: &Fold<Ledger>) -> Vec<(u64, AuditCode, Option<Reason>)> {
    let found = anomalies(fold.tables()).into_iter().map(|anomaly| anomaly.finding);
    let of_history = |f: Finding| (f.position, AuditCode::of_history(f.code), f.reason);
    let broken = fold.observer().refusable().map(|(at, code, reason)| (at, code, Some(reason)));
    found.map(of_history).chain(broken).collect()
}
