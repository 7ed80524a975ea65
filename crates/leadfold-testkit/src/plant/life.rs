//! A life while it is being told: a clock that nothing moves but the waits, and what has happened.

use leadfold_core::audit::AuditCode;
use leadfold_core::event::{Body, Event, NewEvent};
use leadfold_core::{DAY, EventId, LeadKey, SECOND, Timestamp};

use super::dice::Dice;
use super::{Fault, YEAR};
use crate::ids::event_id;

/// Lives begin in so many weeks of the year, so that each has time for its end.
const WEEKS: u32 = 38;
/// Between two events, unless a story says otherwise.
const BREATH: i64 = 60 * SECOND;

/// The life of a lead, and of those that have to do with it.
pub(super) struct Life {
    pub(super) events: Vec<NewEvent>,
    pub(super) faults: Vec<Fault>,
    pub(super) dice: Dice,
    number: u32,
    /// How many faults of this code were planted before.
    turn: u32,
    /// Beside the first.
    companions: u32,
    lead: LeadKey,
    now: i64,
}

impl Life {
    /// Nothing has happened yet. It is between 9:00 and 9:40 on a Monday.
    pub(super) fn begin(seed: u64, number: u32) -> Self {
        let mut dice = Dice::new(seed, number);
        let (week, second) = (dice.below(WEEKS), dice.below(40 * 60));
        let now = YEAR + i64::from(week) * 7 * DAY + (9 * 3600 + i64::from(second)) * SECOND;
        let (events, faults) = (Vec::new(), Vec::new());
        let lead = key(number);
        Self { events, faults, dice, number, turn: 0, companions: 0, lead, now }
    }

    /// The same, for a fault of which so many were planted before.
    pub(super) fn of_fault(seed: u64, number: u32, turn: u32) -> Self {
        Self { turn, ..Self::begin(seed, number) }
    }

    /// How many leads it is about.
    pub(super) fn leads(&self) -> u32 {
        1 + self.companions
    }

    /// Who it happens to.
    pub(super) fn lead(&self) -> LeadKey {
        self.lead.clone()
    }

    /// Goes on with another lead, and returns its key.
    pub(super) fn companion(&mut self) -> LeadKey {
        self.companions += 1;
        self.lead = key(self.number + self.companions);
        self.lead()
    }

    /// Goes on with this lead.
    pub(super) fn back_to(&mut self, lead: LeadKey) {
        self.lead = lead;
    }

    /// Moves the beginning to a day of its own, one for each turn.
    pub(super) fn on_a_day_of_its_own(&mut self) {
        let of_day = (self.now - YEAR).rem_euclid(DAY);
        self.now = YEAR + i64::from(self.turn) * DAY + of_day;
    }

    /// Which week of the year it is, from 0.
    pub(super) fn week(&self) -> i64 {
        (self.now - YEAR) / (7 * DAY)
    }

    pub(super) fn seconds(&mut self, seconds: i64) {
        self.now += seconds * SECOND;
    }

    pub(super) fn hours(&mut self, hours: i64) {
        self.seconds(hours * 3_600);
    }

    pub(super) fn days(&mut self, days: i64) {
        self.now += days * DAY;
    }

    /// So many seconds after an earlier event.
    pub(super) fn after(&mut self, event: EventId, seconds: i64) {
        let is_it = |earlier: &&NewEvent| earlier.id == event;
        let earlier = self.events.iter().find(is_it).expect("it has happened");
        self.now = earlier.event.occurred_at.at.micros() + seconds * SECOND;
    }

    /// The instant in so many days.
    pub(super) fn in_days(&self, days: i64) -> Timestamp {
        Timestamp::from_micros(self.now + days * DAY)
    }

    /// It happens now.
    pub(super) fn event(&mut self, body: impl Into<Body>) -> EventId {
        let at = Timestamp::from_micros(self.now);
        let unique = u64::from(self.number) << 32 | self.events.len() as u64;
        let id = event_id(at, unique);
        let event = Event::new(self.lead(), at, body);
        self.events.push(NewEvent { id, recorded_at: Some(at), event });
        self.now += BREATH;
        id
    }

    /// What happened last.
    pub(super) fn last(&mut self) -> &mut NewEvent {
        self.events.last_mut().expect("something has happened before it is changed")
    }

    /// What happened last became known so many seconds later.
    pub(super) fn known_after(&mut self, seconds: i64) {
        let last = self.last();
        let known = last.event.occurred_at.at.micros() + seconds * SECOND;
        last.recorded_at = Some(Timestamp::from_micros(known));
    }

    /// This is wrong with the lead, and these events prove it.
    pub(super) fn fault(&mut self, code: AuditCode, evidence: &[EventId]) {
        self.note(code, evidence, false);
    }

    /// This is wrong because something else is.
    pub(super) fn implied(&mut self, code: AuditCode, evidence: &[EventId]) {
        self.note(code, evidence, true);
    }

    fn note(&mut self, code: AuditCode, evidence: &[EventId], is_implied: bool) {
        let mut evidence = evidence.to_vec();
        evidence.sort_unstable();
        self.faults.push(Fault { code, lead: self.lead(), evidence, is_implied });
    }
}

fn key(number: u32) -> LeadKey {
    format!("P{number:06}").parse().expect("a letter and digits make a key")
}
