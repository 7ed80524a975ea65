//! The events that made a lead's deals what they are, for the evidence of what goes wrong with
//! them.

use crate::Code;
use crate::fold::{Deal, Seen};
use crate::tables::{Opportunity, parts_from, place_of, reserve};

/// A deal, by the positions of its events.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace {
    /// The event that opened it.
    pub(super) opened: u64,
    /// The event that put it into its pipeline.
    pub(super) piped: u64,
    /// That pipeline, and the one that the deal would be in without that event.
    pipeline: Code,
    pub(super) pipeline_before: Code,
    /// The event that made it as open, or as closed, as it is.
    pub(super) turned: u64,
    /// The last of its events that brought the lead into another state; 0 for none.
    pub(super) moved: u64,
    /// Which of the lead's closings that was; 0 while it is open.
    closing: u32,
}

/// The traces of deals, at the places that the deals have in the tables.
///
/// **Invariant:** a deal's trace is of all its events so far. That of a deal that is folded anew is
/// begun anew when the deal is; whose place nobody has is not looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Deals(
    /// Part by part, as the deals are.
    Vec<Vec<Trace>>,
);

impl Deals {
    pub(super) fn make_room(&mut self, times: usize) {
        if let Some(part) = self.0.last_mut() {
            reserve(part, part.len().saturating_mul(times));
        }
    }

    /// Takes over those of deals whose numbers have grown by so many.
    pub(super) fn append(&mut self, other: Self, grown: u32) {
        for (traces, first) in other.0.into_iter().zip(parts_from(grown)) {
            let (part, place) = place_of(first);
            let part = self.part(part);
            part.resize(place, Trace::default());
            if part.is_empty() { *part = traces } else { part.extend(traces) }
        }
    }

    fn part(&mut self, part: usize) -> &mut Vec<Trace> {
        if self.0.len() <= part {
            self.0.resize_with(part + 1, Vec::new);
        }
        &mut self.0[part]
    }

    pub(super) fn at(&self, row: u32) -> Option<&Trace> {
        let (part, place) = place_of(row);
        self.0.get(part)?.get(place)
    }

    /// The trace at a place, made if there is none.
    fn reach(&mut self, row: u32) -> &mut Trace {
        let (part, place) = place_of(row);
        let part = self.part(part);
        if part.len() <= place {
            part.resize(place + 1, Trace::default());
        }
        &mut part[place]
    }

    /// The trace of the deal that an event means, as the lead stood before it, unless none or
    /// several are meant.
    pub(super) fn meant(&self, deal: Deal) -> Option<&Trace> {
        match deal {
            Deal::Open(row) | Deal::Closed(row) => self.at(row),
            Deal::Ambiguous(_) | Deal::Absent => None,
        }
    }

    /// Follows an event about a deal.
    pub(super) fn follow(&mut self, seen: &Seen<'_>) {
        let row = match seen.deal() {
            Deal::Open(row) | Deal::Closed(row) | Deal::Ambiguous(row) => row,
            Deal::Absent if seen.has_opened() => self.begin(seen),
            Deal::Absent => return,
        };
        let trace = self.reach(row);
        trace.follow(seen.opportunity(row), seen.position());
        if seen.from() != Some(seen.state()) {
            trace.moved = seen.position();
        }
    }

    /// The lead's newest deal begins.
    fn begin(&mut self, seen: &Seen<'_>) -> u32 {
        let row = seen.row().opportunities;
        let pipeline = seen.opportunity(row).pipeline;
        let (opened, piped) = (seen.position(), seen.position());
        *self.reach(row) = Trace { opened, piped, pipeline, turned: opened, ..Trace::default() };
        row
    }
}

impl Trace {
    /// The event that closed it; 0 while it is open.
    pub(super) fn closed(&self) -> u64 {
        if self.closing == 0 { 0 } else { self.turned }
    }

    fn follow(&mut self, deal: &Opportunity, position: u64) {
        if deal.pipeline != self.pipeline {
            (self.pipeline_before, self.pipeline) = (self.pipeline, deal.pipeline);
            self.piped = position;
        }
        if deal.closing != self.closing {
            (self.closing, self.turned) = (deal.closing, position);
        }
    }
}
