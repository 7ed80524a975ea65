//! The numbers that a log's strings and leads get, without a store.

use std::convert::Infallible;

use leadfold::core::event::NewEvent;
use leadfold::core::{
    Code, EventId, Facts, Intern, LeadId, LeadIndex, LeadKey, Place, Target, lower,
};
use leadfold::store::adapter::Map;

use crate::Result;

/// The numbers of a log's strings and leads, as a store gives them, and hashed as there.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    strings: Map<String, Code>,
    leads: Map<LeadId, LeadIndex>,
    events: u64,
}

impl Numbers {
    /// Adds the facts of the next event of the log, which is orderly, and gives its place.
    pub(crate) fn lower(&mut self, event: &NewEvent, out: &mut Facts) -> Result<Place> {
        self.events += 1;
        let lead = match (event.event.lead_id(), &event.event.lead) {
            (Some(id), Some(key)) => {
                let Ok(lead) = self.lead(id, key);
                lead
            }
            _ => LeadIndex::NONE,
        };
        let recorded_at = event.recorded_at.ok_or("the log's events say when they became known")?;
        let place = Place { position: self.events, recorded_at: recorded_at.micros(), lead };
        let Ok(()) = lower(&event.event, place, &[], self, out);
        Ok(place)
    }

    /// The code of a string; 0 for one that the log has not had.
    pub(crate) fn code(&self, text: &str) -> u32 {
        self.strings.get(text).map_or(0, |code| code.0)
    }

    pub(crate) fn lead_count(&self) -> u32 {
        self.leads.len() as u32
    }
}

impl Intern for Numbers {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        if let Some(code) = self.strings.get(text) {
            return Ok(*code);
        }
        let next = Code(self.strings.len() as u32 + 1);
        self.strings.insert(text.to_owned(), next);
        Ok(next)
    }

    fn lead(&mut self, id: LeadId, _: &LeadKey) -> Result<LeadIndex, Infallible> {
        let next = LeadIndex(self.leads.len() as u32);
        Ok(*self.leads.entry(id).or_insert(next))
    }

    /// The log has no corrections.
    fn target(&mut self, _: EventId) -> Result<Option<Target>, Infallible> {
        Ok(None)
    }
}
