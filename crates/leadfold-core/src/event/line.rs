//! A line of the log format (`leadfold-events/1`) to an event, or to an error that says what to do.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::line_error::{LineCode, LineError};
use super::part::{Nullable, Part, Pass};
use super::reads_back::{breaks, count, opens};
use super::shape::Read;
use super::{Actor, Body, CorrectionAction, Event, NewEvent, Origin, Other, derived_id};
use crate::json::{self, RawJson, Text, Unknown};
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
/// the event itself is told first, and what is wrong with a part in columns of its own.
fn read_line(text: &str) -> Result<EventLine, LineError> {
    Envelope::read(text, Pass::AtOnce).or_else(|_| Envelope::read(text, Pass::Apart))
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
        f.write_str("an event: one JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            self.read_field(key, &mut map)?;
        }
        Ok(())
    }
}

impl<'de> Envelope<'de> {
    fn read(text: &'de str, pass: Pass) -> Result<EventLine, LineError> {
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

    fn into_line(self) -> Result<EventLine, LineError> {
        let type_name = self.type_name.ok_or_else(|| LineError::missing("type"))?;
        let occurred_at = self.occurred_at.ok_or_else(|| LineError::missing("occurred_at"))?;
        let version = self.version.unwrap_or(1);
        let Read { body, unknown: unknown_data, as_written } = match self.data {
            Some(Part::Read(read)) => {
                check_body(&read.body)?;
                read
            }
            Some(Part::Raw(data)) => read_body(&type_name, version, Some(data))?,
            None => read_body(&type_name, version, None)?,
        };
        let lead = self.lead.map(|key| key.parse::<LeadKey>()).transpose()?;
        if lead.is_none() && needs_lead(&body) {
            return Err(LineError::missing("lead"));
        }
        if lead.is_some() && matches!(body, Body::PlaybookPublished(_)) {
            return Err(LineError::needless_lead());
        }
        let recorded_at = self.recorded_at.map(|text| text.parse::<Timestamp>()).transpose()?;
        Ok(EventLine {
            id: self.id.map(|text| parse_id(&text)).transpose()?,
            recorded_at,
            event: Event {
                lead,
                occurred_at: ZonedTime::parse(&occurred_at)?,
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

/// `data` as what it means today, whatever version of its type it was written in.
pub(super) fn read_body(
    type_name: &str,
    version: u32,
    data: Option<&RawValue>,
) -> Result<Read<Body>, LineError> {
    match Body::read(type_name, version, data.map_or("{}", RawValue::get)) {
        Some(read) => {
            let checked = read.map_err(LineError::from).and_then(|read| {
                check_body(&read.body)?;
                Ok(read)
            });
            checked.map_err(|error| match Body::version_of(type_name) {
                Some(current) if version.max(1) < current => {
                    error.in_old_version(type_name, version, current)
                }
                _ => error,
            })
        }
        None if type_name.is_empty() => Err(LineError::missing("type")),
        None => {
            let data = data.map(RawJson::from);
            let body = Body::Other(Other { type_name: type_name.to_owned(), data });
            Ok(Read { body, unknown: Vec::new(), as_written: None })
        }
    }
}

fn read_actor(part: Part<'_, (Actor, Unknown)>) -> Result<Actor, LineError> {
    let (actor, unknown) = part.with_unknown()?;
    Ok(Actor { unknown, ..actor })
}

fn read_origin(part: Part<'_, (Origin, Unknown)>) -> Result<Origin, LineError> {
    let (origin, unknown) = part.with_unknown()?;
    Ok(Origin { unknown, ..origin })
}

pub(super) fn needs_lead(body: &Body) -> bool {
    !matches!(
        body,
        Body::CostRecorded(_) | Body::Corrected(_) | Body::PlaybookPublished(_) | Body::Other(_)
    )
}

/// What serde's types cannot say about a body.
pub(super) fn check_body(body: &Body) -> Result<(), LineError> {
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
            Err(LineError::missing("data.data"))
        }
        Body::SnapshotImported(b) if matches!(b.state, State::Merged | State::Erased) => {
            Err(LineError::new(
                LineCode::UnknownValue,
                format!(
                    "expected a state from new to lost in `state`, found {}: merge or erase the \
                     lead by an event of its own",
                    b.state
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// An empty string says no more than an absent field.
fn not_empty(field: &str, text: &str) -> Result<(), LineError> {
    if text.is_empty() { Err(LineError::missing(field)) } else { Ok(()) }
}

fn not_negative(amount: Option<i64>) -> Result<(), LineError> {
    match amount {
        Some(amount) if amount < 0 => Err(LineError::new(
            LineCode::NegativeAmount,
            format!(
                "expected an amount of 0 or more minor units, found {amount}: \
                 money that goes back is a `refunded` event"
            ),
        )),
        _ => Ok(()),
    }
}

fn parse_id(text: &str) -> Result<EventId, LineError> {
    Uuid::try_parse(text).map(EventId).map_err(|_| {
        LineError::new(
            LineCode::BadId,
            "expected a UUID as `id`: leave it out to have one derived from the line".to_owned(),
        )
    })
}

#[cfg(test)]
#[path = "line_test.rs"]
mod line_test;
