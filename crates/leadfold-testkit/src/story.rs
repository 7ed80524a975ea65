//! Short histories by hand: what happened, one step a line, in words that read like the story.
//!
//! A story has a clock and a lead. Steps happen to the lead at the clock; nothing moves the clock
//! but [`Story::at`] and the waits. A step that is not here is written with [`Story::event`].

pub(crate) mod steps;

use leadfold_core::event::{Body, Event, NewEvent};
use leadfold_core::{DAY, EventId, LeadKey, Precision, SECOND, Timestamp, ZonedTime};

use crate::ids::event_id;

/// A history that is being written.
///
/// ```
/// use leadfold_testkit::story::Story;
///
/// let story = Story::new().at("2024-02-01T09:00:00Z").lead("L1").captured("paid_search");
/// let story = story.hours(25).qualified_mql().handed_off("ann").hours(1).accepted("ann");
/// let offer = story.id();
/// let events = story.days(2).retract(offer).recorded("2024-02-09T00:00:00Z").events();
/// assert_eq!(events.len(), 5);
/// assert_eq!(events[3].event.occurred_at.to_string(), "2024-02-02T11:00:00Z");
/// assert_eq!(events[4].recorded_at, Some("2024-02-09T00:00:00Z".parse()?));
/// # Ok::<(), leadfold_core::TimeError>(())
/// ```
///
/// # Panics
///
/// Where a time or a key is not one: a story is part of a test, and wrong stories fail it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Story {
    events: Vec<NewEvent>,
    now: Timestamp,
    lead: Option<LeadKey>,
}

impl Default for Story {
    fn default() -> Self {
        Self::new()
    }
}

impl Story {
    /// Nothing has happened. The clock shows 2024-01-01T00:00:00Z.
    pub fn new() -> Self {
        let now = Timestamp::from_micros(1_704_067_200 * SECOND);
        Self { events: Vec::new(), now, lead: None }
    }

    /// Sets the clock, backwards if need be.
    pub fn at(self, time: &str) -> Self {
        Self { now: instant(time), ..self }
    }

    /// Seconds pass.
    pub fn seconds(self, seconds: i64) -> Self {
        Self { now: Timestamp::from_micros(self.now.micros() + seconds * SECOND), ..self }
    }

    /// Hours pass.
    pub fn hours(self, hours: i64) -> Self {
        self.seconds(hours * 3_600)
    }

    /// Days pass.
    pub fn days(self, days: i64) -> Self {
        self.seconds(days * (DAY / SECOND))
    }

    /// The steps that follow happen to this lead.
    pub fn lead(self, key: &str) -> Self {
        Self { lead: Some(lead_key(key)), ..self }
    }

    /// Anything happens. Without a lead so far, it happens to none.
    pub fn event(mut self, body: impl Into<Body>) -> Self {
        let event = match &self.lead {
            Some(lead) => Event::new(lead.clone(), self.now, body),
            None => Event::without_lead(self.now, body),
        };
        let id = event_id(self.now, self.events.len() as u64);
        self.events.push(NewEvent { id, recorded_at: Some(self.now), event });
        self
    }

    /// What happened last became known then. Otherwise it was known at once.
    pub fn recorded(mut self, time: &str) -> Self {
        self.last().recorded_at = Some(instant(time));
        self
    }

    /// What happened last is known to the day only.
    pub fn to_the_day(mut self) -> Self {
        let last = &mut self.last().event;
        let midnight = last.occurred_at.at.micros().div_euclid(DAY) * DAY;
        last.occurred_at = ZonedTime::from(Timestamp::from_micros(midnight));
        last.precision = Precision::Day;
        self
    }

    /// What happened last happens to be sent once more, with the same id.
    pub fn again(mut self) -> Self {
        let last = self.last().clone();
        self.events.push(last);
        self
    }

    /// The id of what happened last.
    pub fn id(&self) -> EventId {
        self.events.last().expect("something has happened before it is referred to").id
    }

    /// The whole history.
    pub fn events(self) -> Vec<NewEvent> {
        self.events
    }

    fn last(&mut self) -> &mut NewEvent {
        self.events.last_mut().expect("something has happened before it is changed")
    }
}

/// A story is its events: [`Log::of`](crate::Log::of) and [`given`](fn@crate::given) take it as it
/// is.
impl IntoIterator for Story {
    type Item = NewEvent;
    type IntoIter = std::vec::IntoIter<NewEvent>;

    fn into_iter(self) -> Self::IntoIter {
        self.events.into_iter()
    }
}

fn instant(time: &str) -> Timestamp {
    time.parse().expect("a story has times in RFC 3339, or dates")
}

fn lead_key(key: &str) -> LeadKey {
    key.parse().expect("a story has valid lead keys")
}
