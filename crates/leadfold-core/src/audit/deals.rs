//! The events that made a lead's deals what they are, for the evidence of what goes wrong with
//! them.

use std::collections::BTreeMap;

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
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Deal {
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

/// Deals by lead and key.
#[derive(Clone, Debug, Default)]
pub(super) struct Deals(BTreeMap<(u32, Code), Deal>);

/// An outcome without a key is looked for among so many of a lead's newest deals.
const LOOK_BACK: usize = 64;

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
        let deals = &seen.tables().rows.opportunities;
        let of = |key: Code| self.0.get(&(seen.lead().0, key));
        let is_open = |key: &Code| of(*key).is_some_and(|deal| deal.closed == 0);
        let mut keys = deals.chain(standing.newest).take(LOOK_BACK).map(|deal| deal.key);
        let open = keys.find(|key| standing.open > 0 && is_open(key));
        open.or_else(|| deals.newest(standing.newest).map(|deal| deal.key)).unwrap_or(Code::NONE)
    }

    fn of_key(&self, seen: &Seen<'_>, key: Code) -> Meant {
        match self.0.get(&(seen.lead().0, key)) {
            None => Meant::Absent,
            Some(deal) if deal.closed == 0 => Meant::Open(*deal),
            Some(deal) => Meant::Closed(*deal),
        }
    }

    /// Follows an event about a deal; `standing` is of before it, and of after it then.
    pub(super) fn follow(&mut self, seen: &Seen<'_>, standing: &mut Standing) {
        let (lead, position) = (seen.lead().0, seen.position());
        let (row, profile) = (seen.row(), &seen.tables().profiles[lead as usize]);
        let deals = &seen.tables().rows.opportunities;
        if row.opportunities != standing.newest {
            let newest = deals.at(row.opportunities);
            let (opened, piped, pipeline) = (position, position, newest.pipeline);
            let deal = Deal { opened, piped, pipeline, ..Deal::default() };
            self.0.insert((lead, newest.key), deal);
        }
        if profile.n_closings != standing.closings {
            let mut newest = deals.chain(row.opportunities).take(LOOK_BACK);
            let closed = newest.find(|deal| deal.closing == profile.n_closings);
            standing.closed_last = closed.map_or_else(|| seen.step().a(), |deal| deal.key);
            self.0.entry((lead, standing.closed_last)).or_default().closed = position;
        } else if seen.kind() == Kind::OpportunityReopened && profile.n_open > standing.open {
            let key = seen.step().a().or(standing.closed_last);
            self.0.entry((lead, key)).or_default().closed = 0;
        } else if seen.kind() == Kind::OpportunityStageChanged {
            self.follow_pipeline(seen);
        }
        standing.newest = row.opportunities;
        (standing.open, standing.closings) = (profile.n_open, profile.n_closings);
    }

    /// An event that was skipped, or names the pipeline that the deal is in, moves it nowhere.
    fn follow_pipeline(&mut self, seen: &Seen<'_>) {
        let key = seen.step().a();
        let Some(deal) = self.0.get_mut(&(seen.lead().0, key)) else { return };
        let deals = seen.tables().rows.opportunities.chain(seen.row().opportunities);
        let row = deals.take(LOOK_BACK).find(|row| row.key == key);
        if let Some(row) = row.filter(|row| row.pipeline != deal.pipeline) {
            (deal.pipeline_before, deal.pipeline) = (deal.pipeline, row.pipeline);
            deal.piped = seen.position();
        }
    }

    pub(super) fn forget(&mut self, lead: u32) {
        let all = (lead, Code::NONE)..=(lead, Code(u32::MAX));
        let keys: Vec<_> = self.0.range(all).map(|(key, _)| *key).collect();
        for key in keys {
            self.0.remove(&key);
        }
    }
}
