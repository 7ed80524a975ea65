//! Readings of the effective history beside the tables: the hand-off audit is one, a product's own
//! projection is another.
//!
//! An observer sees what the fold sees: each lead's effective events in effective order, late
//! ones, corrections and merges already in their place. When a lead is folded anew the observer is
//! told to forget it first, so it never has to undo anything.

use super::deals::Deal;
use super::step::Step;
use crate::event::{Direction, Side, TouchResult};
use crate::fact::{Code, Facts, Field, LeadIndex, Term};
use crate::machine::Kind;
use crate::tables::{Grown, Handoff, Lead, LeadRow, NO_ROW, Opportunity, Tables, WATCHED};
use crate::{State, Timestamp};

/// Watches the fold. A pair of observers is one, too: a log is folded once for both.
pub trait Observer {
    /// Whether there is anything to watch; `()` watches nothing and costs nothing.
    const WATCHES: bool = true;

    /// Learns the log's codes for the words that it looks for. Called before each page, since a
    /// word has no code before its first event.
    ///
    /// # Errors
    /// What `code_of` returns.
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        let _ = code_of;
        Ok(())
    }

    /// Makes room for so many times what it knows so far: so much is to come. It may do nothing;
    /// then it grows as it goes.
    fn make_room(&mut self, times: usize) {
        let _ = times;
    }

    /// Reads what it knows of leads whose events come next, in one go. It may do nothing: only time
    /// depends on it.
    fn warm_up(&self, leads: &[LeadIndex]) {
        let _ = leads;
    }

    /// Whether it wants an event that changes nothing in the tables: a touch, a score, a consent.
    /// What it does not want costs less, above all when it is late. It is asked without looking
    /// anything up: what it knows of the lead is [`Glance::is_watched`], which is true at least where
    /// it has said so.
    ///
    /// It has to say yes wherever seeing the event could change what it knows of the lead, at
    /// whatever place among the events that it has seen so far.
    fn wants(&self, glance: Glance<'_>) -> bool;

    /// The same of an event behind all that the lead has had: it may be left out where it would
    /// change nothing *there*. Such events are the most, and what is known of their lead is near.
    #[inline]
    fn wants_next(&self, glance: Glance<'_>) -> bool {
        self.wants(glance)
    }

    /// Drops all that it knows of a lead: the lead is folded anew.
    fn forget(&mut self, lead: LeadIndex);

    /// A merge, or its undoing, that is refused for an earlier event: the positions of both.
    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        let _ = (lead, at, position, because);
    }

    /// The lead has been merged into another one, which all that it had is told of from here on.
    /// Who shows a ledger what it sees has to hand this on, too.
    fn absorbed(&mut self, lead: LeadIndex);

    /// An effective event, after the tables have taken it: also one that it did not want, if whoever
    /// watches the same fold did. The answer is whether the lead is watched from here on.
    fn saw(&mut self, seen: &Seen<'_>) -> bool;
}

impl Observer for () {
    const WATCHES: bool = false;

    #[inline]
    fn wants(&self, _: Glance<'_>) -> bool {
        false
    }

    #[inline]
    fn forget(&mut self, _: LeadIndex) {}

    #[inline]
    fn absorbed(&mut self, _: LeadIndex) {}

    #[inline]
    fn saw(&mut self, _: &Seen<'_>) -> bool {
        false
    }
}

/// An observer that can watch the shards of a rebuild, each by itself, on threads of their own.
///
/// Each shard has leads of its own, whose whole histories it folds. What merges have connected is
/// folded behind that, and shown to the one that has taken all others over.
///
/// ```
/// # use std::collections::BTreeSet;
/// # use leadfold_core::{Bounds, Fold, Glance, Grown, LeadFacts, LeadIndex, Observer, Playbook};
/// # use leadfold_core::{Seen, Sharded, State};
/// /// The leads that became customers.
/// #[derive(Default)]
/// struct Won(BTreeSet<LeadIndex>);
///
/// impl Observer for Won {
/// #   fn wants(&self, _: Glance<'_>) -> bool { false }
/// #   fn absorbed(&mut self, _: LeadIndex) {}
///     // ...
///     fn forget(&mut self, lead: LeadIndex) {
///         self.0.remove(&lead);
///     }
///     fn saw(&mut self, seen: &Seen<'_>) -> bool {
///         if seen.state() == State::Customer {
///             self.0.insert(seen.lead());
///         }
///         false
///     }
/// }
///
/// impl Sharded for Won {
///     fn shard(&self, _: LeadIndex) -> Self {
///         Self::default()
///     }
///     fn append(&mut self, mut shard: Self, _: Grown) {
///         self.0.append(&mut shard.0);
///     }
/// }
///
/// let mut fold = Fold::watched(Playbook::default(), Bounds::default(), Won::default());
/// let mut shards = [LeadIndex(0), LeadIndex(1_000)].map(|first| fold.shard(first));
/// shards.iter_mut().for_each(|shard| shard.rebuild(&LeadFacts::default())); // each its leads
/// fold.assemble(shards);
/// assert_eq!(fold.observer().0.len(), 0);
/// ```
pub trait Sharded: Observer + Sized {
    /// One for the leads from one on, which has learned what this one has and has seen nothing.
    #[must_use]
    fn shard(&self, first: LeadIndex) -> Self;

    /// Takes over all that another one has seen: of leads behind those that this one has seen.
    fn append(&mut self, shard: Self, grown: Grown);
}

impl Sharded for () {
    fn shard(&self, _: LeadIndex) {}

    fn append(&mut self, (): (), _: Grown) {}
}

/// An event at first sight.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    pub(super) facts: &'a Facts,
    pub(super) event: usize,
    pub(super) is_watched: bool,
}

impl Glance<'_> {
    /// What [`Observer::saw`] answered last of the lead, or whoever watches the same fold.
    pub fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// The lead in whose stream it is.
    pub fn lead(&self) -> LeadIndex {
        LeadIndex(self.facts.lead[self.event])
    }

    /// What kind of event it is.
    pub fn kind(&self) -> Kind {
        self.facts.kind_of(self.event)
    }

    /// When it happened.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.facts.at[self.event])
    }

    /// The touch, if it is one.
    #[inline]
    pub fn touch(&self) -> Option<Touch> {
        (self.kind() == Kind::Touched).then(|| Touch::of(self.facts, self.head()))
    }

    #[inline]
    fn head(&self) -> usize {
        self.facts.event(self.event).0
    }

    /// Whether it may matter to whoever does not watch its lead: see [`Mark::is_signal`].
    ///
    /// [`Mark::is_signal`]: crate::fact::Mark::is_signal
    #[inline]
    pub(crate) fn is_signal(&self) -> bool {
        self.facts.marks[self.event].is_signal()
    }
}

/// What a `touched` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Touch {
    /// Whose doing it was.
    pub side: Option<Side>,
    /// To the prospect or from them.
    pub direction: Option<Direction>,
    /// What came of it.
    pub result: Option<TouchResult>,
    /// Who did it.
    pub by: Code,
    /// On which channel.
    pub channel: Code,
    /// Done by automation: an automated mail is nobody's attempt.
    pub is_automatic: bool,
}

impl Touch {
    #[inline]
    fn of(facts: &Facts, head: usize) -> Self {
        let Term { sub, currency, a, b, .. } = facts.terms[head];
        Self {
            side: Side::from_code(sub & 7),
            direction: Direction::from_code(sub >> 3 & 3),
            result: TouchResult::from_code(sub >> 5),
            by: Code(a),
            channel: Code(b),
            is_automatic: currency != 0,
        }
    }

    /// Somebody in sales tried to reach the prospect.
    pub fn is_attempt(&self) -> bool {
        self.side == Some(Side::Sales) && !self.is_automatic
    }

    /// Sales and the prospect really spoke. An attempt is not a contact.
    pub fn is_contact(&self) -> bool {
        let is_answered = matches!(
            self.result,
            Some(TouchResult::Contact | TouchResult::Meeting | TouchResult::Reply)
        );
        self.is_attempt() && is_answered
    }

    /// Marketing wrote or called, by hand or by automation.
    pub fn is_campaign(&self) -> bool {
        self.side == Some(Side::Marketing) && self.direction != Some(Direction::In)
    }
}

/// What of a lead's row is asked as it was before an event.
///
/// Not the whole row: to copy what was written in pieces a moment ago, the processor has to wait
/// until it is out of its hands.
#[derive(Clone, Copy)]
pub(super) struct Before {
    owner: Code,
    cycle: u32,
    visits: u32,
    handoffs: u32,
    opportunities: u32,
    flags: u16,
    state: State,
}

impl Before {
    #[inline]
    pub(super) fn of(row: &LeadRow) -> Self {
        let LeadRow { owner, cycle, visits, handoffs, opportunities, flags, state, .. } = *row;
        Self { owner, cycle, visits, handoffs, opportunities, flags, state }
    }

    #[inline]
    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// An effective event that has been folded.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub(super) step: &'a Step<'a>,
    /// Its kind, and its lead before and after it: what is asked most.
    pub(super) kind: Kind,
    pub(super) before: Before,
    pub(super) row: &'a LeadRow,
    /// How many findings it raised.
    pub(super) raised: usize,
    pub(super) deal: Deal,
    pub(super) tables: &'a Tables,
    /// The lead that the tables begin with.
    pub(super) base: u32,
}

impl std::fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen")
            .field("kind", &self.kind())
            .field("lead", &self.lead())
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}

impl<'a> Seen<'a> {
    /// The lead whose rows took it: for an absorbed lead's event, the survivor too.
    pub fn lead(&self) -> LeadIndex {
        LeadIndex(self.step.lead.wrapping_add(self.base))
    }

    /// Whether it stands in its lead's own stream, and not in that of an absorbed lead.
    pub(crate) fn is_own(&self) -> bool {
        self.step.stream == self.step.lead
    }

    /// What kind of event it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// When it happened.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.step.at)
    }

    /// When it became known.
    pub fn recorded_at(&self) -> Timestamp {
        Timestamp::from_micros(self.step.recorded_at())
    }

    /// Its position in the log.
    pub fn position(&self) -> u64 {
        self.step.position
    }

    /// It is an absorbed lead's event from before the merge, seen on the survivor: what was wrong
    /// with it is told of the absorbed lead.
    pub fn is_quiet(&self) -> bool {
        self.step.is_quiet
    }

    /// The state before it; none if it began the lead.
    pub fn from(&self) -> Option<State> {
        self.before.has(crate::tables::BEGUN).then_some(self.before.state)
    }

    /// The state after it.
    pub fn state(&self) -> State {
        self.row().state
    }

    /// Who had the lead before it.
    pub fn owner_before(&self) -> Code {
        self.before.owner
    }

    /// Who has the lead after it.
    pub fn owner(&self) -> Code {
        self.row().owner
    }

    /// The lead's round after it.
    pub fn cycle(&self) -> u32 {
        self.row().cycle
    }

    /// Whether the lead's round began with it.
    pub(crate) fn begins_round(&self) -> bool {
        self.row().cycle != self.before.cycle
    }

    /// Whether it raised a finding.
    pub(crate) fn has_findings(&self) -> bool {
        self.raised > 0
    }

    /// The touch, if it is one.
    #[inline]
    pub fn touch(&self) -> Option<Touch> {
        (self.kind() == Kind::Touched).then(|| Touch::of(self.step.facts, self.step.head))
    }

    /// Its amount in minor units, if it has one.
    pub fn amount(&self) -> Option<i64> {
        self.step.x()
    }

    /// The two names that its kind has, such as a consent's purpose and channel.
    pub(crate) fn codes(&self) -> (Code, Code) {
        (self.step.a(), self.step.b())
    }

    /// The time that it names, of the kinds that name one: when it is due, or ends.
    pub(crate) fn due(&self) -> Option<i64> {
        self.step.x()
    }

    /// The attributes that it gives: name and value.
    pub fn attributes(&self) -> impl Iterator<Item = (Code, Code)> + 'a {
        let attributes = self.step.details().filter(|(field, _)| *field == Field::Attribute);
        attributes.map(|(_, term)| (Code(term.a), Code(term.b)))
    }

    /// Whether the lead has begun: an event of a type that is not known begins none.
    pub(crate) fn has_begun(&self) -> bool {
        self.row().has(crate::tables::BEGUN)
    }

    /// The lead as the tables have it now; none where it has not begun, as by an event of a type
    /// that is not known.
    pub fn now(&self) -> Option<Lead<'a>> {
        self.tables.lead_at(self.step.lead, self.lead())
    }

    /// An opportunity of the tables.
    pub(crate) fn opportunity(&self, row: u32) -> &'a Opportunity {
        self.tables.rows.opportunities.at(row)
    }

    /// The lead's opportunities with their rows, newest first.
    pub(crate) fn opportunities(&self) -> impl Iterator<Item = (u32, &'a Opportunity)> + use<'a> {
        let opportunities = &self.tables.rows.opportunities;
        let rows = opportunities.chain_rows(self.row().opportunities);
        rows.map(|row| (row, opportunities.at(row)))
    }

    /// Whether nothing that belongs to the lead's life changed: state, owner and hand-offs are
    /// what they were, and nothing was found.
    pub(crate) fn is_uneventful(&self) -> bool {
        let row = self.row();
        (row.state, row.owner, row.handoffs)
            == (self.before.state, self.before.owner, self.before.handoffs)
            && !self.has_findings()
            && self.before.has(crate::tables::BEGUN)
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.before.has(WATCHED)
    }

    pub(crate) fn step(&self) -> &'a Step<'a> {
        self.step
    }

    pub(crate) fn row(&self) -> &'a LeadRow {
        self.row
    }

    /// Which of the lead's deals it meant, as they stood before it.
    pub(crate) fn deal(&self) -> Deal {
        self.deal
    }

    /// Whether it opened an opportunity, really or by implication.
    pub(crate) fn has_opened(&self) -> bool {
        self.row().opportunities != self.before.opportunities
    }

    /// The row of the hand-off that it offered, if it did.
    pub(crate) fn offered(&self) -> Option<u32> {
        let row = self.row().handoffs;
        (row != self.before.handoffs).then_some(row)
    }

    /// A hand-off of the tables.
    pub(crate) fn handoff(&self, row: u32) -> &'a Handoff {
        self.tables.rows.handoffs.at(row)
    }

    /// The state that the lead was in before it came into the one that the event found, if there
    /// is one. What was implied only went by.
    pub(crate) fn state_before_visit(&self) -> Option<State> {
        let mut visits = self.tables.rows.visits.chain(self.before.visits);
        visits.find(|visit| !visit.is_implied()).map(|visit| visit.state)
    }

    /// The findings that it raised, newest first.
    pub fn findings(&self) -> impl Iterator<Item = &'a crate::Finding> {
        let raised = self.raised;
        // The cold row is looked at only where there is one: most events raise none.
        let profile = || &self.tables.profiles[self.step.lead as usize];
        let newest = (raised > 0).then(|| self.tables.rows.rare(profile()).findings);
        self.tables.rows.findings.chain(newest.unwrap_or(NO_ROW)).take(raised)
    }
}
