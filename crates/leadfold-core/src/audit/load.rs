//! Who had how many leads when: hand-offs to owners without room.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::episode::{NEVER, Tenure};
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
struct Desk {
    /// The events by which the open leads came.
    open: BTreeSet<(u64, u32)>,
    /// The leads of the last day, whether sales has had them or not.
    recent: VecDeque<Arrival>,
    /// How many of these a lead is.
    recent_of: BTreeMap<u32, u64>,
}

/// A lead that came to an owner: when, and by which event.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: i64,
    lead: u32,
    got: u64,
}

impl Audit<'_> {
    /// The turns of owners at leads that stand for themselves.
    pub(super) fn tenures(&self) -> impl Iterator<Item = (LeadIndex, &Tenure)> {
        self.ledger.rows.tenures.iter().filter(|(_, tenure)| !tenure.is_absorbed)
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
            let mut desk = Desk::default();
            for change in changes {
                let is_offer = offers.get(&(change.lead, change.position)) == Some(&owner);
                if change.is_more && change.is_work && is_offer {
                    found.extend(desk.overload(&seat, &change).map(|(detail, mut evidence)| {
                        evidence.push(change.position);
                        evidence.sort_unstable();
                        self.overload(owner, &change, detail, evidence)
                    }));
                }
                desk.apply(&change);
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
        for (lead, tenure) in self.tenures().filter(|(_, tenure)| tenure.counts()) {
            if self.limit_of(tenure.owner).is_none() {
                continue;
            }
            let (lead, got) = (lead.0, tenure.from);
            let (is_given, is_work) = (tenure.is_given, tenure.is_work);
            let of_owner = changes.entry(tenure.owner).or_default();
            let (at, position, is_more) = (tenure.from_at, tenure.from, true);
            of_owner.push(Change { at, position, is_more, lead, got, is_given, is_work });
            if is_work && tenure.until_at != NEVER {
                let (at, position, is_more) = (tenure.until_at, tenure.until, false);
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

impl Desk {
    /// Whether one lead more is too many, and which leads fill the limit.
    fn overload(&mut self, seat: &Seat, change: &Change) -> Option<(Detail, Vec<u64>)> {
        self.forget_old(change.at);
        let open = self.open.len() as u64;
        if let Some(limit) = seat.open_max.map(u64::from).filter(|limit| open >= *limit) {
            let filling = self.open.iter().map(|(got, _)| *got);
            return Some((Detail::Open { open, limit }, fill(limit, open, filling)));
        }
        // Whoever was given the lead before the hand-off does not get one more by it.
        let own = self.recent_of.get(&change.lead).copied().unwrap_or_default();
        let given = self.recent.len() as u64 - own;
        let limit = seat.day_quota.filter(|limit| given >= *limit)?;
        let others = self.recent.iter().filter(|arrival| arrival.lead != change.lead);
        let filling = others.map(|arrival| arrival.got);
        Some((Detail::Given { given, limit }, fill(limit, given, filling)))
    }

    fn forget_old(&mut self, at: i64) {
        while let Some(oldest) = self.recent.front().copied() {
            if at.saturating_sub(oldest.at) < QUOTA_SPAN {
                return;
            }
            self.recent.pop_front();
            self.forget_one(oldest.lead);
        }
    }

    fn forget_one(&mut self, lead: u32) {
        if let Some(times) = self.recent_of.get_mut(&lead) {
            *times -= 1;
            if *times == 0 {
                self.recent_of.remove(&lead);
            }
        }
    }

    fn apply(&mut self, change: &Change) {
        let Change { at, lead, got, .. } = *change;
        if !change.is_more {
            self.open.remove(&(got, lead));
            return;
        }
        if change.is_work {
            self.open.insert((got, lead));
        }
        if change.is_given {
            self.recent.push_back(Arrival { at, lead, got });
            *self.recent_of.entry(lead).or_default() += 1;
        }
    }
}

/// The events that fill a limit. Where there are more than that already, no single one of them
/// makes it so; and no evidence names more than [`FILLING_MAX`], so that findings do not cost the
/// square of an owner's leads.
fn fill(limit: u64, count: u64, filling: impl Iterator<Item = u64>) -> Vec<u64> {
    if count == limit && limit <= FILLING_MAX { filling.collect() } else { Vec::new() }
}
