//! The events that made a lead's deals what they are, for the evidence of what goes wrong with
//! them.

use crate::Code;
use crate::fold::{Deal, Seen};
use crate::tables::{Opportunity, reserve};

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
    /// The event that closed it; 0 while it is open.
    pub(super) closed: u64,
    /// Which of the lead's closings that was; 0 while it is open.
    closing: u32,
}

/// The traces of deals, at the places that the deals have in the tables.
///
/// **Invariant:** a deal's trace is of all its events so far. That of a deal that is folded anew is
/// begun anew when the deal is; whose place nobody has is not looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Deals(Vec<Trace>);

impl Deals {
    pub(super) fn make_room(&mut self, times: usize) {
        let wanted = self.0.len().saturating_mul(times);
        reserve(&mut self.0, wanted);
    }

    /// The trace of the deal that an event means, as the lead stood before it, unless none or
    /// several are meant.
    pub(super) fn meant(&self, deal: Deal) -> Option<&Trace> {
        match deal {
            Deal::Open(row) | Deal::Closed(row) => self.0.get(row as usize),
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
        let deal = seen.tables().rows.opportunities.at(row);
        self.0[row as usize].follow(deal, seen.position());
    }

    /// The lead's newest deal begins.
    fn begin(&mut self, seen: &Seen<'_>) -> u32 {
        let row = seen.row().opportunities;
        if self.0.len() <= row as usize {
            self.0.resize(row as usize + 1, Trace::default());
        }
        let pipeline = seen.tables().rows.opportunities.at(row).pipeline;
        let (opened, piped) = (seen.position(), seen.position());
        self.0[row as usize] = Trace { opened, piped, pipeline, ..Trace::default() };
        row
    }
}

impl Trace {
    fn follow(&mut self, deal: &Opportunity, position: u64) {
        if deal.pipeline != self.pipeline {
            (self.pipeline_before, self.pipeline) = (self.pipeline, deal.pipeline);
            self.piped = position;
        }
        if deal.closing != self.closing {
            self.closing = deal.closing;
            self.closed = if deal.closing == 0 { 0 } else { position };
        }
    }
}
