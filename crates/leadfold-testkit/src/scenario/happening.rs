//! A line of a scenario as an event of the log.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{EventId, Timestamp, ZonedTime};
use serde_json::{Map, Value, json};

use super::clock::Clock;
use super::error::{Fault, Line, ScenarioFault};
use super::pattern::Reader;
use super::sentence::{Sentences, Told};
use super::token::{Token, tokens};
use crate::ids::event_id;
use crate::text::short;

/// Reads lines one after the other.
#[derive(Debug)]
pub(super) struct Narrator<'a> {
    pub(super) file: &'a str,
    pub(super) clock: &'a Clock,
    sentences: Sentences,
    told: Vec<NewEvent>,
}

/// What stands before the sentence of a line, and behind it.
struct Frame<'a> {
    at: ZonedTime,
    known_at: Option<Timestamp>,
    /// The sentence, and the byte of the line where it begins.
    rest: &'a str,
    begin: usize,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(file: &'a str, clock: &'a Clock) -> Self {
        Self { file, clock, sentences: Sentences::new(), told: Vec::new() }
    }

    /// What the lines tell, in their order.
    pub(super) fn tell(mut self, lines: &[Line<'_>]) -> Result<Vec<NewEvent>, ScenarioFault> {
        for line in lines {
            let event = self.event(line).map_err(|fault| fault.in_line(self.file, line))?;
            self.told.push(event);
        }
        Ok(self.told)
    }

    fn event(&self, line: &Line<'_>) -> Result<NewEvent, Fault> {
        let frame = self.frame(line.text)?;
        let mut fields = match json_of(&frame) {
            Some((lead, json)) => generic(&frame, lead, json)?,
            None => self.sentence(&frame, line.text)?,
        };
        fields.insert("occurred_at".into(), frame.at.to_string().into());
        let text = Value::Object(fields).to_string();
        let event = EventLine::parse(text.as_bytes()).map_err(|error| {
            // Its column is one of a text that nobody sees.
            let found = format!("one that is none: {}", error.message);
            let fault = Fault::new(frame.begin, "an event", found);
            fault.advice("docs/EVENTS.md says what its fields may be")
        })?;
        Ok(NewEvent {
            id: event.id.unwrap_or_else(|| event_id(frame.at.at, line.number as u64)),
            recorded_at: frame.known_at.or(event.recorded_at).or(Some(frame.at.at)),
            event: event.event,
        })
    }

    /// Splits off the time in front, and `(known TIME)` at the end.
    fn frame<'l>(&self, line: &'l str) -> Result<Frame<'l>, Fault> {
        let (sentence, known) = match line.rfind("(known ") {
            Some(at) if line.trim_end().ends_with(')') => (&line[..at], Some(at)),
            _ => (line, None),
        };
        let known_at = known.map(|at| self.known(line, at)).transpose()?;
        let (first, behind_date) = word(sentence);
        let (second, behind_time) = word(behind_date);
        let Some((at, length)) = self.clock.read(first, Some(second)) else {
            let wanted = "a time that the clocks show, such as 2024-03-01 18:00, or a header";
            let margin = sentence.len() - sentence.trim_start().len();
            return Err(Fault::new(margin, wanted, format!("`{}`", short(first))));
        };
        let rest = if length == 2 { behind_time } else { behind_date }.trim_start();
        let begin = sentence.len() - rest.len();
        Ok(Frame { at, known_at, rest: rest.trim_end(), begin })
    }

    fn known(&self, line: &str, at: usize) -> Result<Timestamp, Fault> {
        let begin = at + "(known ".len();
        let inside = line[begin..].trim_end().trim_end_matches(')');
        moment(self.clock, inside).map(|time| time.at).ok_or_else(|| {
            Fault::new(begin, "a time such as 2024-03-01 18:00", format!("`{}`", short(inside)))
        })
    }

    fn sentence(&self, frame: &Frame<'_>, line: &str) -> Result<Map<String, Value>, Fault> {
        let line = &line[..frame.begin + frame.rest.len()];
        let words: Vec<Token<'_>> = tokens(line, frame.begin)?;
        let mut reader = Reader::new(line, words, self.clock);
        let Some(told) = self.sentences.read(&mut reader) else {
            return Err(reader.fault());
        };
        let Told { kind, mut values } = told;
        let lead = values.remove("lead").unwrap_or_default();
        if kind == "corrected" {
            let target = self.target(&lead, &mut values).ok_or_else(|| {
                let wanted = "an event that an earlier line tells, by its type, lead and time";
                Fault::new(frame.begin, wanted, "none such").advice("see docs/EVENTS.md for types")
            })?;
            values.insert("target".into(), target.to_string().into());
        }
        let fields = json!({"lead": lead, "type": kind, "data": values});
        Ok(fields.as_object().cloned().unwrap_or_default())
    }

    /// The event of an earlier line that a correction means.
    fn target(&self, lead: &Value, values: &mut Map<String, Value>) -> Option<EventId> {
        let (kind, at) = (values.remove("type")?, values.remove("at")?);
        let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok())?;
        let is_meant = |told: &&NewEvent| {
            let event = &told.event;
            let key = event.lead.as_ref().map(|key| key.as_str());
            kind == event.body.type_name() && key == lead.as_str() && event.occurred_at.at == at
        };
        self.told.iter().find(is_meant).map(|told| told.id)
    }
}

/// The first word of a text, and what is behind it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// A time and nothing else.
pub(super) fn moment(clock: &Clock, text: &str) -> Option<ZonedTime> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, second) = (words.first()?, words.get(1).copied());
    let (time, length) = clock.read(first, second)?;
    (length == words.len()).then_some(time)
}

/// `LEAD {...}`, or `{...}` for an event without a lead.
fn json_of<'l>(frame: &Frame<'l>) -> Option<(Option<&'l str>, &'l str)> {
    if frame.rest.starts_with('{') {
        return Some((None, frame.rest));
    }
    let (lead, rest) = frame.rest.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    rest.starts_with('{').then_some((Some(lead), rest))
}

fn generic(frame: &Frame<'_>, lead: Option<&str>, json: &str) -> Result<Map<String, Value>, Fault> {
    let wanted = "an event as JSON, with `type` and `data`";
    let fields = serde_json::from_str::<Map<String, Value>>(json);
    let mut fields = fields.map_err(|error| Fault::new(frame.begin, wanted, error.to_string()))?;
    if let Some(name) = ["lead", "occurred_at"].iter().find(|name| fields.contains_key(**name)) {
        let found = format!("`{name}` in it");
        return Err(
            Fault::new(frame.begin, wanted, found).advice("the line says it already: leave it out")
        );
    }
    if let Some(lead) = lead {
        fields.insert("lead".into(), lead.into());
    }
    Ok(fields)
}
