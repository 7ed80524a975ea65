//! The events that made a lead's deals what they are, for the evidence of what goes wrong with
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::Code;
use crate::fold::Seen;
use crate::machine::Kind;
use crate::tables::NO_ROW;

/// What an event's deal was before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meant {
    Absent,
    Open(Deal),
    /// Several are open and none is named.
    Ambiguous,
    Closed(Deal),
}

/// A deal, by positions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Deal {
    /// Its row in the tables.
    row: u32,
    /// How many the lead had before it.
    ordinal: u32,
    /// The event that opened it.
    pub(super) opened: u64,
    /// The event that put it into its pipeline.
    pub(super) piped: u64,
    /// That pipeline, and the one that the deal would be in without that event.
    pipeline: Code,
    pub(super) pipeline_before: Code,
    /// The event that closed it; 0 while it is open.
    pub(super) closed: u64,
}

/// How a lead's deals stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// The newest in the tables.
    newest: u32,
    open: u32,
    closings: u32,
    closed_last: Code,
}

impl Default for Standing {
    fn default() -> Self {
        Self { newest: NO_ROW, open: 0, closings: 0, closed_last: Code::NONE }
    }
}

/// Deals by lead and key. A look-up costs the same whatever a lead has had.
#[derive(Clone, Debug, Default)]
pub(super) struct Deals {
    by_key: BTreeMap<(u32, Code), Deal>,
    /// Lead, ordinal and key of those that are open: the last of a lead is the one opened last.
    open: BTreeSet<(u32, u32, Code)>,
}

impl Deals {
    /// Which deal an event means, as the lead stood before it.
    pub(super) fn meant(&self, seen: &Seen<'_>, standing: &Standing) -> Meant {
        let key = seen.step().a();
        let is_outcome = matches!(seen.kind(), Kind::Won | Kind::Lost);
        match (key.is_some(), seen.kind()) {
            (false, Kind::OpportunityReopened) => self.of_key(seen, standing.closed_last),
            (false, _) if is_outcome && standing.open > 1 => Meant::Ambiguous,
            (false, _) if is_outcome => self.of_key(seen, self.unnamed(seen, standing)),
            _ => self.of_key(seen, key),
        }
    }

    /// The only open deal, else the newest one.
    fn unnamed(&self, seen: &Seen<'_>, standing: &Standing) -> Code {
        let newest =
            || seen.tables().rows.opportunities.newest(standing.newest).map(|deal| deal.key);
        self.newest_open(seen.lead().0).or_else(newest).unwrap_or(Code::NONE)
    }

    fn newest_open(&self, lead: u32) -> Option<Code> {
        let all = (lead, 0, Code::NONE)..=(lead, u32::MAX, LAST);
        self.open.range(all).next_back().map(|(.., key)| *key)
    }

    fn of_key(&self, seen: &Seen<'_>, key: Code) -> Meant {
        match self.by_key.get(&(seen.lead().0, key)) {
            None => Meant::Absent,
            Some(deal) if deal.closed == 0 => Meant::Open(*deal),
            Some(deal) => Meant::Closed(*deal),
        }
    }

    /// Follows an event about a deal; `standing` is of before it, and of after it then.
    pub(super) fn follow(&mut self, seen: &Seen<'_>, standing: &mut Standing) {
        let (row, rare) = (seen.row(), seen.rare());
        let open_before = self.newest_open(seen.lead().0);
        if row.opportunities != standing.newest {
            self.add(seen);
        }
        if rare.n_closings != standing.closings {
            standing.closed_last = self.closed_by(seen, open_before);
            self.set_closed(seen.lead().0, standing.closed_last, seen.position());
        } else if seen.kind() == Kind::OpportunityReopened && rare.n_open > standing.open {
            self.set_closed(seen.lead().0, seen.step().a().or(standing.closed_last), 0);
        } else if seen.kind() == Kind::OpportunityStageChanged {
            self.follow_pipeline(seen);
        }
        standing.newest = row.opportunities;
        (standing.open, standing.closings) = (rare.n_open, rare.n_closings);
    }

    /// The lead's newest deal. One of its key that there was before is not meant any more.
    fn add(&mut self, seen: &Seen<'_>) {
        let (lead, row, position) = (seen.lead().0, seen.row().opportunities, seen.position());
        let newest = seen.tables().rows.opportunities.at(row);
        let deal = Deal {
            row,
            ordinal: newest.ordinal,
            opened: position,
            piped: position,
            pipeline: newest.pipeline,
            pipeline_before: Code::NONE,
            closed: 0,
        };
        if let Some(before) = self.by_key.insert((lead, newest.key), deal) {
            self.open.remove(&(lead, before.ordinal, newest.key));
        }
        self.open.insert((lead, deal.ordinal, newest.key));
    }

    /// The deal that the event has closed: the one that it names, or else would have meant, or
    /// implied.
    fn closed_by(&self, seen: &Seen<'_>, open_before: Option<Code>) -> Code {
        let (lead, deals) = (seen.lead().0, &seen.tables().rows.opportunities);
        let closings = seen.rare().n_closings;
        let is_it = |key: &Code| {
            let deal = self.by_key.get(&(lead, *key));
            deal.is_some_and(|deal| deals.at(deal.row).closing == closings)
        };
        let (named, newest) = (seen.step().a(), deals.newest(seen.row().opportunities));
        let candidates = [Some(named), open_before, newest.map(|deal| deal.key)];
        candidates.into_iter().flatten().find(is_it).unwrap_or(named)
    }

    /// Closes a deal at a position, or opens it again at 0.
    fn set_closed(&mut self, lead: u32, key: Code, closed: u64) {
        let Some(deal) = self.by_key.get_mut(&(lead, key)) else { return };
        deal.closed = closed;
        let open = (lead, deal.ordinal, key);
        if closed == 0 {
            self.open.insert(open);
        } else {
            self.open.remove(&open);
        }
    }

    /// An event that was skipped, or names the pipeline that the deal is in, moves it nowhere.
    fn follow_pipeline(&mut self, seen: &Seen<'_>) {
        let Some(deal) = self.by_key.get_mut(&(seen.lead().0, seen.step().a())) else { return };
        let pipeline = seen.tables().rows.opportunities.at(deal.row).pipeline;
        if pipeline != deal.pipeline {
            (deal.pipeline_before, deal.pipeline) = (deal.pipeline, pipeline);
            deal.piped = seen.position();
        }
    }

    pub(super) fn forget(&mut self, lead: u32) {
        let all = (lead, Code::NONE)..=(lead, LAST);
        let keys: Vec<_> = self.by_key.range(all).map(|(key, deal)| (*key, deal.ordinal)).collect();
        for ((lead, key), ordinal) in keys {
            self.by_key.remove(&(lead, key));
            self.open.remove(&(lead, ordinal, key));
        }
    }
}

const LAST: Code = Code(u32::MAX);
