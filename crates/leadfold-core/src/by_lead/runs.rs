//! Runs of a log side by side: each has facts by lead of its own positions, and a rebuild wants
//! every lead whole.

use std::ops::Range;

use super::{Decoder, LeadFacts, LeadPage};
use crate::fact::{DecodeError, LeadIndex};

/// Facts of leads that are in several runs, put together before they are handed on.
const TOGETHER_FACTS: usize = 4_096;
/// Behind the last lead.
const END: u64 = u64::MAX;

/// Runs that are read side by side, a page of each at a time, and merged by lead.
///
/// A lead that only one run has is handed on where it lies; the others are copied together.
///
/// ```
/// # use leadfold_core::{LeadFacts, LeadIndex, LeadPage, LeadRuns};
/// let mut runs = LeadRuns::new(1);
/// while let Some((run, from)) = runs.wanted() {
///     let page = LeadFacts::default(); // what a store has of that run from that lead on
///     runs.feed(run, LeadPage::Facts(page))?;
///     assert!(runs.next().is_none(), "there is no lead");
/// }
/// # Ok::<(), leadfold_core::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LeadRuns {
    runs: Vec<Run>,
    /// Of each run, the lead that comes next.
    leads: Vec<u64>,
    together: LeadFacts,
    decoder: Decoder,
    first: u32,
    last: u32,
}

#[derive(Clone, Debug, Default)]
struct Run {
    page: LeadFacts,
    /// The event of the page that comes next.
    event: usize,
    /// From which lead on the next page has to be; none behind the last page.
    from: Option<LeadIndex>,
}

impl LeadRuns {
    /// So many runs, the earlier in the log first.
    pub fn new(runs: usize) -> Self {
        Self::within(runs, LeadIndex(0), LeadIndex::NONE)
    }

    /// Only the leads from one up to another.
    pub fn within(runs: usize, first: LeadIndex, last: LeadIndex) -> Self {
        let run = Run { from: Some(first), ..Run::default() };
        Self {
            runs: vec![run; runs],
            leads: vec![END; runs],
            last: last.0,
            first: first.0,
            ..Self::default()
        }
    }

    /// The last lead that is wanted.
    pub fn last(&self) -> LeadIndex {
        LeadIndex(self.last)
    }

    /// Whether every lead has been handed on.
    pub fn is_done(&self) -> bool {
        self.runs.iter().all(|run| run.is_done() && run.from.is_none())
    }

    /// A run whose next page has to be [fed](Self::feed) before the merge can go on, and the lead
    /// from which on that page has to be.
    pub fn wanted(&self) -> Option<(usize, LeadIndex)> {
        let wants = |run: &Run| run.from.filter(|_| run.is_done());
        self.runs.iter().enumerate().find_map(|(number, run)| Some((number, wants(run)?)))
    }

    /// From which lead on the page behind the last one of a run has to be; none behind its end.
    pub fn next_from(&self, number: usize) -> Option<LeadIndex> {
        self.runs[number].from
    }

    /// Takes the next page of a run; an empty one is behind its last lead.
    ///
    /// # Errors
    /// When the page is damaged; it is wanted as before then.
    pub fn feed(&mut self, number: usize, page: LeadPage) -> Result<(), DecodeError> {
        let run = &mut self.runs[number];
        run.event = 0;
        if let Err(error) = run.page.take(page, &mut self.decoder) {
            run.page.clear();
            return Err(error);
        }
        let last = run.page.last_lead().map_or(u32::MAX, |lead| lead.0);
        if let Some(from) = run.from.filter(|from| last < from.0) {
            // It would be wanted again for ever.
            run.page.clear();
            return Err(DecodeError::Leads { from: from.0, last });
        }
        let is_end = last >= self.last;
        run.from = if is_end { None } else { last.checked_add(1).map(LeadIndex) };
        run.page.keep_leads(LeadIndex(self.first), LeadIndex(self.last));
        self.leads[number] = run.lead();
        Ok(())
    }

    /// The next whole leads: some events of a page. None while a run wants its next page, and
    /// when there are no more.
    #[expect(clippy::should_implement_trait, reason = "what it hands out lies in the runs")]
    pub fn next(&mut self) -> Option<(&LeadFacts, Range<usize>)> {
        self.together.clear();
        while self.wanted().is_none() && self.together.len() < TOGETHER_FACTS {
            let (first, second) = self.least_two();
            if first.1 == END {
                break;
            }
            if first.1 == second {
                self.put_together(second);
            } else if self.together.is_empty() {
                let run = &mut self.runs[first.0];
                let events = run.event..run.page.events_before(run.event, second);
                run.event = events.end;
                self.leads[first.0] = run.lead();
                return Some((&self.runs[first.0].page, events));
            } else {
                break;
            }
        }
        let events = 0..self.together.event_count();
        (!events.is_empty()).then_some((&self.together, events))
    }

    /// The run with the least lead, and the lead behind which another one has to be looked at.
    fn least_two(&self) -> ((usize, u64), u64) {
        let (mut least, mut second) = ((0, END), END);
        for (number, lead) in self.leads.iter().copied().enumerate() {
            if lead < least.1 {
                (least, second) = ((number, lead), least.1);
            } else {
                second = second.min(lead);
            }
        }
        (least, second)
    }

    /// Copies a lead together, in the order of the log.
    fn put_together(&mut self, lead: u64) {
        for (run, next) in self.runs.iter_mut().zip(&mut self.leads) {
            if *next == lead {
                let events = run.event..run.page.events_before(run.event, lead + 1);
                run.event = events.end;
                *next = run.lead();
                self.together.append_events(&run.page, events);
            }
        }
    }
}

impl Run {
    fn is_done(&self) -> bool {
        self.event >= self.page.event_count()
    }

    fn lead(&self) -> u64 {
        self.page.lead_of(self.event).map_or(END, u64::from)
    }
}
