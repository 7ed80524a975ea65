//! A line of the log format (`leadfold-events/1`) to an event, or to an error that says what to do.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::fault::Fault;
use super::line_error::{LineCode, LineError};
use super::part::{Nullable, Part, Pass};
use super::reads_back::{breaks, count, opens};
use super::shape::Read;
use super::{Actor, Body, CorrectionAction, Event, NewEvent, Origin, Other, derived_id};
use crate::json::{self, RawJson, Source, Text, Unknown};
use crate::{EventId, LeadKey, Precision, State, Timestamp, ZonedTime};

/// A longer line is refused unread, so that memory is bounded whatever the file.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// A line as it was read: an event that may have brought its id.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLine {
    /// The idempotency key, if the line has one.
    pub id: Option<EventId>,
    /// When it became known, if the line says so.
    pub recorded_at: Option<Timestamp>,
    /// What happened.
    pub event: Event,
}

impl EventLine {
    /// Reads one line.
    ///
    /// ```
    /// # use leadfold_core::event::EventLine;
    /// let line = br#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#;
    /// assert_eq!(EventLine::parse(line)?.event.body.type_name(), "captured");
    ///
    /// let error = EventLine::parse(br#"{"lead":"L1","type":"captured"}"#).unwrap_err();
    /// assert_eq!(error.code.as_str(), "missing_field");
    /// # Ok::<(), leadfold_core::event::LineError>(())
    /// ```
    ///
    /// # Errors
    /// [`LineError`] with a code, the column where there is one, and what was expected.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        if line.len() > LINE_BYTES_MAX {
            return Err(LineError::too_long());
        }
        let text = std::str::from_utf8(line).map_err(|error| LineError::not_utf8(&error))?;
        // Few brackets cannot nest deep, and are counted faster than followed.
        if count(line, opens) > json::DEPTH_MAX && json::is_too_deep(line) {
            return Err(LineError::too_deep());
        }
        if count(line, breaks) == 0 {
            return read_line(text);
        }
        read_line(text)?;
        // Values that are kept to the letter must not break the line of an export. As the text is
        // JSON, a bare line break in it is white space.
        read_line(&text.replace(['\n', '\r'], " "))
    }

    /// Gives the event its identity: its own, or one derived from its content.
    /// `ordinal` is how often the same text came before in the same import; the text is all that
    /// the line says, in canonical form.
    pub fn identify(self, ordinal: impl FnOnce(&str) -> u64) -> NewEvent {
        let id = self.id.unwrap_or_else(|| {
            let recorded_at = self.recorded_at.map_or_else(String::new, |at| at.to_string());
            let line = format!("{recorded_at}|{}", self.event.content());
            derived_id(&line, ordinal(&line))
        });
        NewEvent { id, recorded_at: self.recorded_at, event: self.event }
    }
}

/// Reads each byte once if all is well. If not, the parts are read apart, and what is wrong with
/// the event itself is told first.
fn read_line(text: &str) -> Result<EventLine, LineError> {
    Envelope::read(text, Pass::AtOnce).or_else(|_| Envelope::read(text, Pass::Apart)).map_err(
        |no_event| match no_event {
            NoEvent::Line(error) => Fault::of_line(text, &error).told(text),
            NoEvent::Fault(fault) => fault.told(text),
        },
    )
}

/// Why there is no event.
#[derive(Debug)]
enum NoEvent<'l> {
    /// What the parser says of the line and its fields.
    Line(serde_json::Error),
    /// What is wrong with a field that could be read.
    Fault(Box<Fault<'l>>),
}

impl From<serde_json::Error> for NoEvent<'_> {
    fn from(error: serde_json::Error) -> Self {
        Self::Line(error)
    }
}

impl<'l> From<Box<Fault<'l>>> for NoEvent<'l> {
    fn from(fault: Box<Fault<'l>>) -> Self {
        Self::Fault(fault)
    }
}

#[derive(Default)]
struct Envelope<'a> {
    pass: Pass,
    id: Option<Cow<'a, str>>,
    lead: Option<Cow<'a, str>>,
    type_name: Option<Cow<'a, str>>,
    version: Option<u32>,
    occurred_at: Option<Cow<'a, str>>,
    precision: Option<Precision>,
    recorded_at: Option<Cow<'a, str>>,
    actor: Option<Part<'a, (Actor, Unknown)>>,
    origin: Option<Part<'a, (Origin, Unknown)>>,
    tenant: Option<String>,
    causation: Option<Uuid>,
    correlation: Option<Uuid>,
    data: Option<Part<'a, Read<Body>>>,
    unknown: Unknown,
}

impl<'de> de::Visitor<'de> for &mut Envelope<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object: one event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            self.read_field(key, &mut map)?;
        }
        Ok(())
    }
}

impl<'de> Envelope<'de> {
    fn read(text: &'de str, pass: Pass) -> Result<EventLine, NoEvent<'de>> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let mut envelope = Self { pass, ..Self::default() };
        deserializer.deserialize_map(&mut envelope)?;
        deserializer.end()?;
        envelope.into_line()
    }

    fn read_field<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match &*key {
            "id" => set_text(&mut self.id, "id", map),
            "lead" => set_text(&mut self.lead, "lead", map),
            "type" => set_text(&mut self.type_name, "type", map),
            "v" if matches!(self.data, Some(Part::Read(_))) => Err(too_late()),
            "v" => set(&mut self.version, "v", map),
            "occurred_at" => set_text(&mut self.occurred_at, "occurred_at", map),
            "precision" => set(&mut self.precision, "precision", map),
            "recorded_at" => set_text(&mut self.recorded_at, "recorded_at", map),
            "actor" => set_part(&mut self.actor, "actor", self.pass.fields(), map),
            "origin" => set_part(&mut self.origin, "origin", self.pass.fields(), map),
            "tenant" => set(&mut self.tenant, "tenant", map),
            "causation" => set(&mut self.causation, "causation", map),
            "correlation" => set(&mut self.correlation, "correlation", map),
            "data" => {
                let data = self.pass.data(self.type_name.as_deref(), self.version.unwrap_or(1));
                set_part(&mut self.data, "data", data, map)
            }
            // A log assigns these anew.
            "position" | "sequence" => map.next_value::<IgnoredAny>().map(drop),
            _ if self.unknown.iter().any(|(name, _)| *name == *key) => Err(duplicate(&key)),
            _ => {
                let raw = map.next_value::<&RawValue>()?;
                self.unknown.push((key.into_owned(), RawJson::from(raw)));
                Ok(())
            }
        }
    }

    fn into_line(self) -> Result<EventLine, NoEvent<'de>> {
        let type_name = self.type_name.ok_or_else(|| Fault::missing("type"))?;
        let occurred_at = self.occurred_at.ok_or_else(|| Fault::missing("occurred_at"))?;
        let version = self.version.unwrap_or(1);
        let Read { body, unknown: unknown_data, as_written } = match self.data {
            Some(Part::Read(read)) => {
                check_body(&read.body)?;
                read
            }
            Some(Part::Raw(data)) => read_body(&type_name, version, Some(data))?,
            None => read_body(&type_name, version, None)?,
        };
        let lead = self.lead.map(|key| key.parse::<LeadKey>()).transpose();
        let lead = lead.map_err(|error| wrong("lead", &error))?;
        if lead.is_none() && needs_lead(&body) {
            return Err(Fault::missing("lead").into());
        }
        if lead.is_some() && matches!(body, Body::PlaybookPublished(_)) {
            return Err(Fault::needless_lead().into());
        }
        let recorded_at = self.recorded_at.map(|text| text.parse::<Timestamp>()).transpose();
        let recorded_at = recorded_at.map_err(|error| wrong("recorded_at", &error))?;
        let occurred_at = ZonedTime::parse(&occurred_at);
        Ok(EventLine {
            id: self.id.map(|text| parse_id(&text)).transpose()?,
            recorded_at,
            event: Event {
                lead,
                occurred_at: occurred_at.map_err(|error| wrong("occurred_at", &error))?,
                precision: self.precision.unwrap_or_default(),
                actor: self.actor.map(read_actor).transpose()?,
                origin: self.origin.map(read_origin).transpose()?,
                tenant: self.tenant,
                causation: self.causation,
                correlation: self.correlation,
                version,
                body,
                unknown: self.unknown,
                unknown_data,
                as_written,
            },
        })
    }
}

fn set<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    field: &mut Option<T>,
    name: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    if field.is_some() {
        return Err(duplicate(name));
    }
    *field = map.next_value::<Option<T>>()?;
    Ok(())
}

fn set_text<'de, A: MapAccess<'de>>(
    field: &mut Option<Cow<'de, str>>,
    name: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    let mut text = None;
    if field.is_some() {
        return Err(duplicate(name));
    }
    set::<A, Text<'de>>(&mut text, name, map)?;
    *field = text.map(|Text(text)| text);
    Ok(())
}

fn set_part<'de, S: DeserializeSeed<'de>, A: MapAccess<'de>>(
    field: &mut Option<S::Value>,
    name: &str,
    part: S,
    map: &mut A,
) -> Result<(), A::Error> {
    if field.is_some() {
        return Err(duplicate(name));
    }
    *field = map.next_value_seed(Nullable(part))?;
    Ok(())
}

/// The version tells how `data` is to be read.
fn too_late<E: de::Error>() -> E {
    E::custom("expected `v` before `data`")
}

fn duplicate<E: de::Error>(name: &str) -> E {
    E::custom(format_args!("duplicate field `{name}`"))
}

/// What one of our own types says of a field.
fn wrong<'l>(field: &str, error: &dyn fmt::Display) -> Box<Fault<'l>> {
    Fault::of_text(&error.to_string(), field.to_owned(), None)
}

/// `data` as what it means today, whatever version of its type it was written in.
fn read_body<'l>(
    type_name: &str,
    version: u32,
    data: Option<&'l RawValue>,
) -> Result<Read<Body>, Box<Fault<'l>>> {
    let text = data.map_or("{}", RawValue::get);
    let Some(read) = Body::read(type_name, version, text) else {
        if type_name.is_empty() {
            return Err(Fault::missing("type"));
        }
        let data = data.map(RawJson::from);
        let body = Body::Other(Other { type_name: type_name.to_owned(), data });
        return Ok(Read { body, unknown: Vec::new(), as_written: None });
    };
    let fault_of = |other: &str| Body::read(type_name, version, other)?.err();
    let checked = read.map_err(|error| Fault::of_part("data", text, &error, &fault_of));
    let checked = checked.and_then(|read| check_body(&read.body).map(|()| read));
    let current = Body::version_of(type_name).unwrap_or(version);
    checked.map_err(|fault| fault.of_type(type_name, version, current))
}

fn read_actor(part: Part<'_, (Actor, Unknown)>) -> Result<Actor, Box<Fault<'_>>> {
    let (actor, unknown) = with_unknown("actor", part)?;
    Ok(Actor { unknown, ..actor })
}

fn read_origin(part: Part<'_, (Origin, Unknown)>) -> Result<Origin, Box<Fault<'_>>> {
    let (origin, unknown) = with_unknown("origin", part)?;
    Ok(Origin { unknown, ..origin })
}

fn with_unknown<'l, T: DeserializeOwned>(
    name: &str,
    part: Part<'l, (T, Unknown)>,
) -> Result<(T, Unknown), Box<Fault<'l>>> {
    let raw = match part {
        Part::Read(read) => return Ok(read),
        Part::Raw(raw) => raw.get(),
    };
    let fault_of = |other: &str| other.with_unknown::<T>().err();
    raw.with_unknown().map_err(|error| Fault::of_part(name, raw, &error, &fault_of))
}

pub(super) fn needs_lead(body: &Body) -> bool {
    !matches!(
        body,
        Body::CostRecorded(_) | Body::Corrected(_) | Body::PlaybookPublished(_) | Body::Other(_)
    )
}

/// What serde's types cannot say about a body.
pub(super) fn check_body(body: &Body) -> Result<(), Box<Fault<'static>>> {
    match body {
        Body::HandedOff(b) => not_empty("data.to", &b.to),
        Body::OpportunityOpened(b) => {
            not_empty("data.opportunity", &b.opportunity)?;
            not_negative(b.amount)
        }
        Body::OpportunityStageChanged(b) => not_empty("data.opportunity", &b.opportunity),
        Body::OpportunityAmended(b) => {
            not_empty("data.opportunity", &b.opportunity)?;
            not_negative(b.amount)
        }
        Body::Won(b) => not_negative(b.amount),
        Body::RevenueRecorded(b) => not_negative(Some(b.amount)),
        Body::Refunded(b) => not_negative(Some(b.amount)),
        Body::CostRecorded(b) => not_negative(Some(b.amount)),
        Body::Corrected(b) if b.action == CorrectionAction::Replace && b.data.is_none() => {
            Err(Fault::missing("data.data"))
        }
        Body::SnapshotImported(b) if matches!(b.state, State::Merged | State::Erased) => {
            let advice = "merge or erase the lead by an event of its own";
            let expected = "a state from `new` to `lost`";
            Err(Fault::value(LineCode::UnknownValue, "data.state", expected, advice))
        }
        _ => Ok(()),
    }
}

/// An empty string says no more than an absent field.
fn not_empty(field: &str, text: &str) -> Result<(), Box<Fault<'static>>> {
    if text.is_empty() { Err(Fault::missing(field)) } else { Ok(()) }
}

fn not_negative(amount: Option<i64>) -> Result<(), Box<Fault<'static>>> {
    match amount {
        Some(..0) => {
            let advice = "money that goes back is a `refunded` event";
            let expected = "an amount of 0 or more minor units";
            Err(Fault::value(LineCode::NegativeAmount, "data.amount", expected, advice))
        }
        _ => Ok(()),
    }
}

fn parse_id<'l>(text: &str) -> Result<EventId, Box<Fault<'l>>> {
    Uuid::try_parse(text).map(EventId).map_err(|_| {
        let advice = "leave it out to have one derived from the line";
        Fault::value(LineCode::BadId, "id", "a UUID", advice)
    })
}

#[cfg(test)]
#[path = "line_test.rs"]
mod line_test;
