//! Who had how many leads when: hand-offs to owners without room.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::episode::Tenure;
use super::roster::{QUOTA_SPAN, Seat};
use super::{Audit, AuditCode, AuditFinding, Detail};
use crate::{Code, LeadIndex, Timestamp};

/// The highest limit of an owner whose open leads are evidence of one lead too many.
const FILLING_MAX: u64 = 256;

/// A change of an owner's load.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Change {
    at: i64,
    position: u64,
    /// Leads go before leads come, where one event does both.
    is_more: bool,
    lead: u32,
    /// The event by which the owner got the lead.
    got: u64,
    is_given: bool,
    /// The lead is in the hands of sales.
    is_work: bool,
}

/// An owner's load while the changes go by.
#[derive(Default)]
struct OwnerLoad {
    /// The events by which the open leads came.
    open: BTreeSet<(u64, u32)>,
    /// When the leads of the last day came, whether sales has had them or not.
    recent: VecDeque<(i64, u32)>,
    /// How each of these leads came, and came again.
    arrivals: BTreeMap<u32, VecDeque<Arrival>>,
}

/// A lead that came to an owner: by which event, and what was there before it.
#[derive(Clone, Debug)]
struct Arrival {
    got: u64,
    /// The other leads that had come in the 24 hours before.
    others: u64,
    /// The events by which they came, where they fill the quota.
    filling: Vec<u64>,
}

impl Audit<'_> {
    /// The turns at leads that stand for themselves, with the time and the event that ended them.
    pub(super) fn turns(&self) -> impl Iterator<Item = (LeadIndex, &Tenure, Option<(i64, u64)>)> {
        self.ledger.turns().filter(|(_, tenure, _)| !tenure.is_absorbed)
    }

    /// Hand-offs to owners who had no room.
    pub(super) fn overloads(&self) -> Vec<AuditFinding> {
        let mut found = Vec::new();
        let changes = self.changes();
        if changes.is_empty() {
            return found;
        }
        let offers: BTreeMap<(u32, u64), Code> = self.limited_offers().collect();
        for (owner, mut changes) in changes {
            changes.sort_unstable();
            let seat = self.ledger.book.roster.seats[&owner];
            let mut load = OwnerLoad::default();
            for change in changes {
                load.receive(&seat, &change);
                let is_offer = offers.get(&(change.lead, change.position)) == Some(&owner);
                if change.is_more && change.is_work && is_offer {
                    found.extend(load.overload(&seat, &change).map(|(detail, mut evidence)| {
                        evidence.push(change.position);
                        evidence.sort_unstable();
                        self.overload(owner, &change, detail, evidence)
                    }));
                }
                load.apply(&change);
            }
        }
        found
    }

    fn limited_offers(&self) -> impl Iterator<Item = ((u32, u64), Code)> {
        let offer = |episode: super::Episode<'_>| {
            ((episode.lead.0, episode.handoff.position), episode.handoff.to)
        };
        self.episodes().map(offer).filter(|(_, to)| self.limit_of(*to).is_some())
    }

    fn limit_of(&self, owner: Code) -> Option<&Seat> {
        self.ledger.book.roster.seats.get(&owner).filter(|seat| seat.is_limited())
    }

    fn changes(&self) -> BTreeMap<Code, Vec<Change>> {
        let mut changes: BTreeMap<Code, Vec<Change>> = BTreeMap::new();
        if !self.ledger.book.roster.seats.values().any(Seat::is_limited) {
            return changes;
        }
        for (lead, tenure, until) in self.turns().filter(|(_, tenure, _)| tenure.counts()) {
            if self.limit_of(tenure.owner).is_none() {
                continue;
            }
            let (lead, got) = (lead.0, tenure.from);
            let (is_given, is_work) = (tenure.is_given, tenure.is_work);
            let of_owner = changes.entry(tenure.owner).or_default();
            let (at, position, is_more) = (tenure.from_at, tenure.from, true);
            of_owner.push(Change { at, position, is_more, lead, got, is_given, is_work });
            if let Some((at, position)) = until.filter(|_| is_work) {
                let is_more = false;
                of_owner.push(Change { at, position, is_more, lead, got, is_given, is_work });
            }
        }
        changes
    }

    fn overload(
        &self,
        owner: Code,
        change: &Change,
        detail: Detail,
        evidence: Vec<u64>,
    ) -> AuditFinding {
        AuditFinding {
            code: AuditCode::OverCapacity,
            lead: Some(LeadIndex(change.lead)),
            handoff: Some(change.position),
            owner,
            at: Timestamp::from_micros(change.at),
            position: change.position,
            evidence: evidence.into(),
            detail,
        }
    }
}

impl Arrival {
    /// Whether the same leads fill the quota.
    fn is_like(&self, other: &Self) -> bool {
        (self.others, &self.filling) == (other.others, &other.filling)
    }
}

impl OwnerLoad {
    /// Whether one lead more is too many, and which leads fill the limit.
    fn overload(&mut self, seat: &Seat, change: &Change) -> Option<(Detail, Vec<u64>)> {
        self.forget_old(change.at);
        let open = self.open.len() as u64;
        if let Some(limit) = seat.open_max.map(u64::from).filter(|limit| open >= *limit) {
            let filling = self.open.iter().map(|(got, _)| *got);
            return Some((Detail::Open { open, limit }, fill(limit, open, filling)));
        }
        // It counts from when it first came, and not at all where that was more than a day ago.
        let arrivals = self.arrivals.get(&change.lead)?;
        let first = arrivals.front()?;
        let limit = seat.day_quota.filter(|limit| first.others >= *limit)?;
        let mut evidence = first.filling.clone();
        // Without that it would have come with what came next.
        let is_else = match arrivals.get(1) {
            Some(next) => !first.is_like(next),
            None => !first.is_like(&self.arrival(seat, change)),
        };
        if is_else && first.got != change.position {
            evidence.push(first.got);
        }
        Some((Detail::Given { given: first.others, limit }, evidence))
    }

    /// Takes note of a lead that is given to the owner.
    fn receive(&mut self, seat: &Seat, change: &Change) {
        if change.is_more && change.is_given {
            self.forget_old(change.at);
            let arrival = self.arrival(seat, change);
            self.recent.push_back((change.at, change.lead));
            self.arrivals.entry(change.lead).or_default().push_back(arrival);
        }
    }

    /// A lead that comes now.
    fn arrival(&self, seat: &Seat, change: &Change) -> Arrival {
        let Change { lead, got, .. } = *change;
        let others = (self.arrivals.len() - usize::from(self.arrivals.contains_key(&lead))) as u64;
        let first = self.arrivals.iter().filter(|(other, _)| **other != lead);
        let first = first.filter_map(|(_, arrivals)| arrivals.front()).map(|arrival| arrival.got);
        let filling = seat.day_quota.map_or_else(Vec::new, |quota| fill(quota, others, first));
        Arrival { got, others, filling }
    }

    fn forget_old(&mut self, now: i64) {
        while let Some((at, lead)) = self.recent.front().copied() {
            if now.saturating_sub(at) < QUOTA_SPAN {
                return;
            }
            self.recent.pop_front();
            self.forget_one(lead);
        }
    }

    fn forget_one(&mut self, lead: u32) {
        if let Some(arrivals) = self.arrivals.get_mut(&lead) {
            arrivals.pop_front();
            if arrivals.is_empty() {
                self.arrivals.remove(&lead);
            }
        }
    }

    fn apply(&mut self, change: &Change) {
        if !change.is_more {
            self.open.remove(&(change.got, change.lead));
        } else if change.is_work {
            self.open.insert((change.got, change.lead));
        }
    }
}

/// The events that fill a limit. Where there are more than that already, no single one of them
/// makes it so; and no evidence names more than [`FILLING_MAX`], so that findings do not cost the
/// square of an owner's leads.
fn fill(limit: u64, count: u64, filling: impl Iterator<Item = u64>) -> Vec<u64> {
    if count == limit && limit <= FILLING_MAX { filling.collect() } else { Vec::new() }
}
