//! One event of the log: what happened, to whom, when, and how we know.

mod attribute;
mod body;
mod fault;
mod line;
mod line_error;
mod part;
mod place;
mod reads_back;
mod shape;
mod word;
mod written_playbook;

use std::io::Write;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::attribute::{AttributeValue, Attributes, Scope, Version};
pub use self::body::{
    Accepted, Assigned, AttributionResolved, Body, Captured, Churned, ConsentGranted,
    ConsentWithdrawn, Corrected, CostRecorded, Disqualified, Erased, FollowUpDone,
    FollowUpScheduled, HandedOff, Lost, Merged, OpportunityAmended, OpportunityOpened,
    OpportunityReopened, OpportunityStageChanged, Other, PlaybookPublished, ProfileUpdated,
    Qualified, Reactivated, Reassigned, Recycled, Refunded, Rejected, Reopened, Returned,
    RevenueRecorded, Scored, SnapshotImported, Touched, Unassigned, Unmerged, Won,
};
pub use self::line::{EventLine, LINE_BYTES_MAX};
pub use self::line_error::{LineCode, LineError};
pub use self::word::{
    AssignmentCause, CaptureOrigin, CorrectionAction, Direction, DisqualifiedClass, Level,
    OpportunityKind, ReturnTarget, RevenueKind, Side, TouchResult,
};
pub use self::written_playbook::WrittenPlaybook;
use crate::id::EVENT_NAMESPACE;
use crate::json::Unknown;
use crate::word::read_from_strings;
use crate::{EventId, LeadId, LeadKey, Precision, RawJson, Timestamp, ZonedTime};

/// What happened, before a log gave it a place.
///
/// ```
/// # use leadfold_core::event::{Captured, Event};
/// let event = Event::new("L1".parse()?, "2024-02-01T09:00:00Z".parse()?, Captured {
///     source: Some("referral".into()),
///     medium: None, campaign: None, channel: None, origin: None, attributes: None, pii: None,
/// });
/// assert_eq!(event.body.type_name(), "captured");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The lead that it happened to; absent for `cost_recorded`, corrections of costs,
    /// `playbook_published` and unknown types without one.
    pub lead: Option<LeadKey>,
    /// When it happened.
    pub occurred_at: ZonedTime,
    /// How exactly that is known.
    pub precision: Precision,
    /// Who caused it.
    pub actor: Option<Actor>,
    /// Where it is known from.
    pub origin: Option<Origin>,
    /// Whose log it is, `default` if absent.
    pub tenant: Option<String>,
    /// The event that caused it.
    pub causation: Option<Uuid>,
    /// The conversation that it belongs to.
    pub correlation: Option<Uuid>,
    /// Schema version of its type in which it is written.
    pub version: u32,
    /// What happened.
    pub body: Body,
    /// Unknown fields of the event, kept.
    pub unknown: Unknown,
    /// Unknown fields of its `data`, kept.
    pub unknown_data: Unknown,
    /// Its `data` in the version of its type in which it is written, where that is older than the
    /// one of `body`. It is what [`content`](Self::content) says, to the end of the log's days;
    /// `body` is what it means today.
    pub as_written: Option<RawJson>,
}

impl Event {
    /// An event with nothing but the necessary.
    pub fn new(lead: LeadKey, occurred_at: Timestamp, body: impl Into<Body>) -> Self {
        Self { lead: Some(lead), ..Self::without_lead(occurred_at, body) }
    }

    /// An event that concerns no single lead, such as a cost or a playbook.
    pub fn without_lead(occurred_at: Timestamp, body: impl Into<Body>) -> Self {
        let body = body.into();
        Self {
            lead: None,
            occurred_at: occurred_at.into(),
            precision: Precision::Us,
            actor: None,
            origin: None,
            tenant: None,
            causation: None,
            correlation: None,
            version: body.version().unwrap_or(1),
            body,
            unknown: Vec::new(),
            unknown_data: Vec::new(),
            as_written: None,
        }
    }

    /// The identity of the lead, if the event has one.
    pub fn lead_id(&self) -> Option<LeadId> {
        self.lead.as_ref().map(|key| self.lead_id_of(key))
    }

    /// The identity behind another lead's key that this event names (`into`, `from`).
    pub fn lead_id_of(&self, key: &LeadKey) -> LeadId {
        LeadId::of(self.tenant(), self.system(), key)
    }

    /// The tenant, `default` if none is given.
    pub fn tenant(&self) -> &str {
        self.tenant.as_deref().unwrap_or("default")
    }

    /// The system of origin, empty if none is given.
    pub fn system(&self) -> &str {
        self.origin.as_ref().and_then(|origin| origin.system.as_deref()).unwrap_or("")
    }

    /// The canonical JSON of everything but `id`, `recorded_at`, `position` and `sequence`: what
    /// a store keeps, and what makes two events with one id the same or a conflict.
    pub fn content(&self) -> String {
        let mut out = Vec::with_capacity(256);
        self.write_content(&mut out).expect("an event is made of what JSON can say");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    /// The canonical JSON of its `data`, unknown fields included; none for an unknown type that
    /// has none.
    ///
    /// ```
    /// # use leadfold_core::event::{Event, Reactivated};
    /// let at = "2024-02-01T09:00:00Z".parse()?;
    /// let event = Event::new("L1".parse()?, at, Reactivated { reason: Some("price".into()) });
    /// assert_eq!(event.data().as_deref(), Some(r#"{"reason":"price"}"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data(&self) -> Option<String> {
        if matches!(&self.body, Body::Other(Other { data: None, .. })) {
            return None;
        }
        let mut out = Vec::new();
        self.write_data(&mut out).expect("an event is made of what JSON can say");
        Some(String::from_utf8(out).expect("JSON is UTF-8"))
    }

    fn write_data(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        match &self.as_written {
            Some(data) => {
                out.extend_from_slice(data.as_str().as_bytes());
                Ok(())
            }
            None => self.body.write(&self.unknown_data, out),
        }
    }

    fn write_content(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.push(b'{');
        if let Some(lead) = &self.lead {
            write_field("lead", lead, out)?;
        }
        write_field("type", self.body.type_name(), out)?;
        if self.version != 1 {
            write_field("v", &self.version, out)?;
        }
        write_field("occurred_at", &self.occurred_at, out)?;
        if self.precision != Precision::Us {
            write_field("precision", &self.precision, out)?;
        }
        if let Some(actor) = &self.actor {
            write_field("actor", actor, out)?;
            write_unknown(&actor.unknown, out)?;
        }
        if let Some(origin) = &self.origin {
            write_field("origin", origin, out)?;
            write_unknown(&origin.unknown, out)?;
        }
        write_optional("tenant", self.tenant.as_ref(), out)?;
        write_optional("causation", self.causation.as_ref(), out)?;
        write_optional("correlation", self.correlation.as_ref(), out)?;
        if !matches!(&self.body, Body::Other(Other { data: None, .. })) {
            write_name("data", out)?;
            self.write_data(out)?;
        }
        out.push(b'}');
        write_unknown(&self.unknown, out)
    }
}

fn write_name(name: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    serde_json::to_writer(&mut *out, name)?;
    out.push(b':');
    Ok(())
}

fn write_field(
    name: &str,
    value: &(impl Serialize + ?Sized),
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    write_name(name, out)?;
    serde_json::to_writer(out, value)
}

fn write_optional(
    name: &str,
    value: Option<&impl Serialize>,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    value.map_or(Ok(()), |value| write_field(name, value, out))
}

/// Opens the object that `out` ends with once more and appends fields to it.
pub(crate) fn write_unknown(unknown: &Unknown, out: &mut Vec<u8>) -> serde_json::Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let closed = out.pop();
    debug_assert_eq!(closed, Some(b'}'), "unknown fields belong to an object");
    for (name, raw) in unknown {
        write_name(name, out)?;
        out.extend_from_slice(raw.as_str().as_bytes());
    }
    out.push(b'}');
    Ok(())
}

/// Who caused an event: a kind and a key, never a name.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Actor {
    /// What kind of actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ActorKind>,
    /// The key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Fields that leadfold does not know, kept.
    #[serde(skip)]
    pub unknown: Unknown,
}

/// What kind of actor.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum ActorKind {
    /// A person of the company.
    User,
    /// A rule or a program.
    Automation,
    /// An import.
    Import,
    /// The lead.
    Prospect,
    /// Nobody knows.
    Unknown,
}

read_from_strings!(ActorKind);

/// Where an event is known from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Origin {
    /// The system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The event's id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Fields that leadfold does not know, kept.
    #[serde(skip)]
    pub unknown: Unknown,
}

/// An event with its identity, ready to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// The idempotency key.
    pub id: EventId,
    /// When it became known; the time of the append if absent.
    pub recorded_at: Option<Timestamp>,
    /// What happened.
    pub event: Event,
}

impl NewEvent {
    /// The event as a line of the log format, without the line break.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_line(&self, out: &mut impl Write) -> std::io::Result<()> {
        write!(out, "{{\"id\":\"{}\",", self.id)?;
        if let Some(recorded_at) = self.recorded_at {
            write!(out, "\"recorded_at\":\"{recorded_at}\",")?;
        }
        out.write_all(&self.event.content().as_bytes()[1..])
    }
}

/// An event at its place in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// Its place in the log, from 1, without gaps.
    pub position: u64,
    /// Its place in its lead's stream, from 1, without gaps; 0 without a lead.
    pub sequence: u64,
    /// The idempotency key.
    pub id: EventId,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl RecordedEvent {
    /// The event as a line of an exported log, without the line break.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_line(&self, out: &mut impl Write) -> std::io::Result<()> {
        write!(out, "{{\"position\":{}", self.position)?;
        if self.event.lead.is_some() {
            write!(out, ",\"sequence\":{}", self.sequence)?;
        }
        write!(out, ",\"id\":\"{}\",\"recorded_at\":\"{}\",", self.id, self.recorded_at)?;
        out.write_all(&self.event.content().as_bytes()[1..])
    }
}

/// The identity of an event that came without one: a UUIDv5 of when it was recorded, of its
/// content, and of how many identical lines came before it in the same import.
pub(crate) fn derived_id(line: &str, ordinal: u64) -> EventId {
    let name = format!("{ordinal}|{line}");
    EventId(Uuid::new_v5(&EVENT_NAMESPACE, name.as_bytes()))
}

/// The raw replacement that a correction carries, if it carries one.
impl Corrected {
    /// The replacement read as data of the target's type, in the version in which the target is
    /// written. A correction cannot be replaced: it is retracted, and another one is made.
    pub(crate) fn replacement(&self, type_name: &str, version: u32) -> Option<Body> {
        if type_name == "corrected" {
            return None;
        }
        let data = self.data.as_ref().map(RawJson::as_str)?;
        let read = |data: &str| Body::read(type_name, version, data);
        let is_no_word = |data: &str| match read(data) {
            Some(Err(error)) => place::is_object_for_word(&error.to_string()),
            _ => false,
        };
        let read = match read(data)? {
            Err(_) => read(&place::with_words(data, &is_no_word))?,
            read => read,
        };
        let body = read.ok()?.body;
        line::check_body(&body).is_ok().then_some(body)
    }
}
