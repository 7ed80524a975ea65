//! One event of an adversarial log as a handful of numbers, and the log that they make.

use leadfold_core::event::{Actor, ActorKind, Body, Event, NewEvent, Origin};
use leadfold_core::{EventId, LeadKey, Precision, Timestamp, ZonedTime};
use proptest::array::uniform;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use uuid::Uuid;

use super::dials::{DIALS, Dials};
use super::record::{self, Others};
use super::vocabulary::Vocabulary;
use super::words::{INSTANTS, instant, is_at_an_edge, json};
use super::{money, people, stage};
use crate::ids::event_id;

pub(super) const LEADS_MAX: usize = 5;

const ACTORS: [Option<ActorKind>; 4] =
    [None, Some(ActorKind::User), Some(ActorKind::Prospect), Some(ActorKind::Automation)];

/// Kinds of steps: the known types in the order of a lead's life, an unknown type, a version of
/// a known type that is unknown, and an event that is sent again.
const UNKNOWN_TYPE: usize = Body::TYPES.len();
const UNKNOWN_VERSION: usize = UNKNOWN_TYPE + 1;
const AGAIN: usize = UNKNOWN_TYPE + 2;
/// The types up to `won`, which make a story when they meet.
const COMMON: usize = 17;

/// What makes a log hard to read, and would be rare else.
fn record_kinds() -> Vec<usize> {
    let is_hard = |name: &str| ["merged", "unmerged", "corrected"].contains(&name);
    (0..Body::TYPES.len()).filter(|kind| is_hard(Body::TYPES[*kind])).collect()
}

/// What the rules of a playbook beside its state machine are about; touches more often.
const CONDUCT: [&str; 12] = [
    "touched",
    "touched",
    "touched",
    "touched",
    "consent_withdrawn",
    "consent_granted",
    "profile_updated",
    "handed_off",
    "assigned",
    "accepted",
    "rejected",
    "returned",
];

fn conduct_kinds() -> Vec<usize> {
    CONDUCT.iter().filter_map(place).collect()
}

/// What may come without a lead.
fn leadless_kinds() -> Vec<usize> {
    let known = ["corrected", "cost_recorded", "playbook_published"];
    known.iter().filter_map(place).chain([UNKNOWN_TYPE, UNKNOWN_VERSION]).collect()
}

fn place(name: &&str) -> Option<usize> {
    Body::TYPES.iter().position(|known| known == name)
}

/// What holds for the whole log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) leads: usize,
    pub(super) has_system: bool,
    pub(super) has_tenant: bool,
}

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Step {
    kind: usize,
    lead: usize,
    at: u8,
    /// Zero: it becomes known in its turn.
    recorded_at: u8,
    /// Choices about the envelope.
    envelope: [u8; DIALS],
    /// Choices about the body.
    body: [u8; DIALS],
}

impl Step {
    pub(super) fn strategy() -> impl Strategy<Value = Self> {
        Self::of_kind(prop_oneof![4 => 0..COMMON, 3 => 0..=AGAIN, 1 => select(record_kinds())])
    }

    /// A step that touches a rule of conduct more often than not.
    pub(super) fn of_conduct() -> impl Strategy<Value = Self> {
        Self::of_kind(prop_oneof![
            14 => select(conduct_kinds()),
            2 => 0..=AGAIN,
            1 => select(leadless_kinds()),
        ])
    }

    fn of_kind(kind: impl Strategy<Value = usize>) -> impl Strategy<Value = Self> {
        let instant = 0..INSTANTS.len() as u8;
        let recorded_at = prop_oneof![0..1_u8, 0..=INSTANTS.len() as u8];
        let envelope = prop_oneof![uniform(0..1_u8), uniform(any::<u8>())];
        (kind, 0..LEADS_MAX, instant, recorded_at, envelope, uniform(any::<u8>())).prop_map(
            |(kind, lead, at, recorded_at, envelope, body)| Self {
                kind,
                lead,
                at,
                recorded_at,
                envelope,
                body,
            },
        )
    }
}

/// The log of the steps, in the names of a vocabulary.
pub(super) fn write(setting: Setting, steps: &[Step], names: &Vocabulary) -> Vec<NewEvent> {
    let writer = Writer::new(setting, steps, names);
    let mut events: Vec<NewEvent> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        let before = usize::from(step.body[0]) % events.len().max(1);
        let event = match events.get(before) {
            Some(event) if step.kind == AGAIN => event.clone(),
            _ => writer.event(index, step),
        };
        events.push(event);
    }
    events
}

struct Writer<'a> {
    setting: Setting,
    names: &'a Vocabulary,
    keys: Vec<LeadKey>,
    /// The ids of each lead's events, and at last all of them.
    ids: Vec<Vec<EventId>>,
}

impl<'a> Writer<'a> {
    fn new(setting: Setting, steps: &[Step], names: &'a Vocabulary) -> Self {
        let mut ids = vec![Vec::new(); setting.leads + 1];
        for (index, step) in steps.iter().enumerate() {
            let id = event_id(instant(step.at), index as u64);
            ids[step.lead % setting.leads].push(id);
            ids[setting.leads].push(id);
        }
        Self { setting, names, keys: keys(setting.leads), ids }
    }

    fn event(&self, index: usize, step: &Step) -> NewEvent {
        let at = instant(step.at);
        let lead = step.lead % self.setting.leads;
        let mut event = Event::new(self.keys[lead].clone(), at, self.body(lead, step));
        if step.kind == UNKNOWN_VERSION {
            event.version = 2;
        }
        self.fill(&mut event, &mut Dials::new(&step.envelope, self.names));
        let in_turn = Timestamp::from_micros(1_720_000_000_000_000 + index as i64 * 60_000_000);
        let recorded_at = step.recorded_at.checked_sub(1).map_or(in_turn, instant);
        NewEvent { id: event_id(at, index as u64), recorded_at: Some(recorded_at), event }
    }

    fn body(&self, lead: usize, step: &Step) -> Body {
        let mut d = Dials::new(&step.body, self.names);
        if step.kind == UNKNOWN_VERSION {
            let known = d.pick(Body::TYPES).to_owned();
            return record::unknown(known, &mut d);
        }
        let kind = Body::TYPES.get(step.kind).copied().unwrap_or_default();
        let others = Others {
            leads: &self.keys,
            own: &self.ids[lead],
            all: &self.ids[self.setting.leads],
            none: event_id(Timestamp::from_micros(0), u64::MAX),
        };
        people::body(kind, &mut d)
            .or_else(|| stage::body(kind, &mut d))
            .or_else(|| money::body(kind, &mut d))
            .unwrap_or_else(|| record::body(kind, &mut d, &others))
    }

    /// The envelope: plain where all choices are zero.
    fn fill(&self, event: &mut Event, d: &mut Dials<'_>) {
        let needs_no_lead =
            matches!(event.body, Body::CostRecorded(_) | Body::Corrected(_) | Body::Other(_));
        let has_none = matches!(event.body, Body::PlaybookPublished(_));
        if has_none || needs_no_lead && d.next() % 3 == 1 {
            event.lead = None;
        }
        if !is_at_an_edge(event.occurred_at.at.micros()) {
            let offset_seconds = d.pick(&[0, 0, 3_600, -18_000, 20_700]);
            event.occurred_at = ZonedTime { offset_seconds, ..event.occurred_at };
        }
        event.precision = d.pick(&[Precision::Us, Precision::Ms, Precision::S, Precision::Day]);
        event.actor = d.maybe(&ACTORS).map(|kind| Actor {
            kind,
            id: Some("ann".into()),
            unknown: Vec::new(),
        });
        event.origin = self.origin(d.maybe_word(&["e1", "e2", ""]));
        event.tenant = self.setting.has_tenant.then(|| "acme".into());
        event.causation = d.maybe(&[Uuid::nil(), Uuid::max()]);
        event.correlation = d.maybe(&[Uuid::from_u128(7)]);
        event.unknown.extend(
            d.maybe(&["1", "{\"a\": [null]}", "null"]).map(|raw| ("x_field".into(), json(raw))),
        );
        if !matches!(event.body, Body::Other(_)) {
            let raw = d.maybe(&["true", "\"\\u0000\""]);
            event.unknown_data.extend(raw.map(|raw| ("x \"quoted\"".into(), json(raw))));
        }
    }

    /// The system is part of a lead's identity, so all events have it or none.
    fn origin(&self, id: Option<String>) -> Option<Origin> {
        let system = self.setting.has_system.then(|| "crm".to_owned());
        (system.is_some() || id.is_some()).then(|| Origin { system, id, unknown: Vec::new() })
    }
}

/// A short key, a UUID, what programs stumble over, and the longest one.
fn keys(count: usize) -> Vec<LeadKey> {
    let longest = "\u{e9}".repeat(LeadKey::BYTES_MAX / 2);
    let keys =
        ["L1", "L2", "018d6424-2a80-7000-8000-000000000001", " \"\\u{0}';--\u{1f980}", &longest];
    let parsed = keys.iter().map(|key| key.parse().expect("keys without control characters"));
    parsed.take(count).collect()
}
