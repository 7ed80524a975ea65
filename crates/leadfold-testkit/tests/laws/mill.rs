//! Facts without a store, for histories too long to be kept twice.

use std::collections::HashMap;
use std::convert::Infallible;

use leadfold_core::event::{Body, EventLine};
use leadfold_core::{
    Code, EarlyCorrection, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, SECOND,
    Target, Timestamp, lower,
};
use serde_json::Value;

/// Lowers event after event. The event at position `p` has the id that ends with `p`.
#[derive(Default)]
pub(crate) struct Mill {
    pub(crate) facts: Facts,
    numbers: Numbers,
    early: HashMap<EventId, Vec<EarlyCorrection>>,
}

#[derive(Default)]
struct Numbers {
    strings: HashMap<String, Code>,
    leads: HashMap<LeadId, LeadIndex>,
    targets: Vec<Target>,
}

impl Mill {
    pub(crate) fn id(position: usize) -> String {
        format!("00000000-0000-0000-0000-{position:012x}")
    }

    /// The code of a word, if an event has named it.
    pub(crate) fn code(&self, word: &str) -> Option<Code> {
        self.numbers.strings.get(word).copied()
    }

    /// An event of a lead, so many seconds after the beginning.
    pub(crate) fn add(&mut self, lead: &str, second: i64, kind: &str, data: &Value) {
        let line = format!(
            r#"{{"lead":"{lead}","type":"{kind}","occurred_at":"2024-01-01T00:00:00Z","data":{data}}}"#
        );
        self.add_line(&line, second);
    }

    pub(crate) fn add_line(&mut self, line: &str, second: i64) {
        let parsed = EventLine::parse(line.as_bytes()).expect("the line is an event");
        let mut event = parsed.event;
        event.occurred_at = Timestamp::from_micros((1_700_000_000 + second) * SECOND).into();
        let key = event.lead.clone().expect("the mill is fed with leads");
        let Ok(lead) = self.numbers.lead(event.lead_id().expect("a key has an identity"), &key);
        let position = self.numbers.targets.len() as u64 + 1;
        let id = EventId(Self::id(position as usize).parse().expect("an id is a UUID"));
        let early = self.early.remove(&id).unwrap_or_default();
        let place = Place { position, recorded_at: 0, lead };
        let Ok(()) = lower(&event, place, &early, &mut self.numbers, &mut self.facts);
        if let Body::Corrected(corrected) = &event.body
            && let Ok(None) = self.numbers.target(corrected.target)
        {
            let early = EarlyCorrection { position, corrected: corrected.clone() };
            self.early.entry(corrected.target).or_default().push(early);
        }
        self.numbers.targets.push(Target::new(position, &event));
    }
}

impl Intern for Numbers {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        let next = Code(self.strings.len() as u32 + 1);
        Ok(*self.strings.entry(text.to_owned()).or_insert(next))
    }

    fn lead(&mut self, id: LeadId, _: &LeadKey) -> Result<LeadIndex, Infallible> {
        let next = LeadIndex(self.leads.len() as u32);
        Ok(*self.leads.entry(id).or_insert(next))
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>, Infallible> {
        let position = id.0.as_u128() as u64;
        Ok(self.targets.get(position as usize - 1).cloned())
    }
}
