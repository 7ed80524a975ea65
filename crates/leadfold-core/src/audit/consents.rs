//! Consents that were withdrawn or have ended, and were not given again.
//!
//! One that has ended counts as withdrawn, by the event that gave it, at the last instant of its
//! time: so a touch after that is forbidden, and a grant from then on lifts it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::Code;

/// When a consent was withdrawn, and by which event.
type When = (i64, u64);

/// The first withdrawal that stands, and the first of the last instant in which there was one: a
/// grant in that instant lifts what was withdrawn before, and not what is withdrawn with it.
#[derive(Clone, Copy, Debug)]
struct Withdrawn {
    first: When,
    last: When,
}

/// Withdrawals by lead and channel; [`Code::NONE`] is every channel.
///
/// **Invariant:** every look-up either finds one that stands or removes what it steps over, and
/// what ends does so once, so that no history makes it slower than its length.
#[derive(Clone, Debug, Default)]
pub(super) struct Consents {
    withdrawn: BTreeMap<(u32, Code, Code), Withdrawn>,
    /// The same, each channel's oldest first: which one is told does not depend on the codes.
    by_time: BTreeSet<(u32, Code, When, Code)>,
    /// When a purpose was last granted on every channel.
    granted: BTreeMap<(u32, Code), i64>,
    /// By lead, purpose and channel: the last instant of a consent that ends, and its event.
    ending: BTreeMap<(u32, Code, Code), When>,
    /// The same, by lead and time.
    ending_by_time: BTreeSet<(u32, When, Code, Code)>,
}

const LAST: Code = Code(u32::MAX);
const EARLIEST: When = (i64::MIN, 0);
const LATEST: When = (i64::MAX, u64::MAX);

impl Consents {
    pub(super) fn withdraw(&mut self, lead: u32, purpose: Code, channel: Code, when: When) {
        let key = (lead, channel, purpose);
        self.lift(key);
        let known = self.withdrawn.get(&key).copied();
        let Withdrawn { first, last } = known.unwrap_or(Withdrawn { first: when, last: when });
        let order = |when: When| (when.0, Reverse(when.1));
        let last = if order(last) < order(when) { when } else { last };
        self.stand(key, Withdrawn { first: first.min(when), last });
    }

    fn stand(&mut self, key: (u32, Code, Code), withdrawn: Withdrawn) {
        self.remove(key);
        let (lead, channel, purpose) = key;
        self.withdrawn.insert(key, withdrawn);
        self.by_time.insert((lead, channel, withdrawn.first, purpose));
    }

    /// Withdraws what has ended before an instant. To be called before anything else that happens
    /// to the lead then.
    pub(super) fn pass(&mut self, lead: u32, at: i64) {
        let past =
            (lead, EARLIEST, Code::NONE, Code::NONE)..(lead, (at, 0), Code::NONE, Code::NONE);
        while let Some(&(_, when, purpose, channel)) =
            self.ending_by_time.range(past.clone()).next()
        {
            self.keep(lead, purpose, channel);
            self.withdraw(lead, purpose, channel, when);
        }
    }

    /// A grant lifts what was withdrawn before it, and takes the place of an earlier one that
    /// would have ended. At the same time the withdrawal counts.
    pub(super) fn grant(
        &mut self,
        lead: u32,
        purpose: Code,
        channel: Code,
        (at, position): When,
        ends_at: Option<i64>,
    ) {
        self.renew(lead, purpose, channel);
        if let Some(ends_at) = ends_at {
            let when = (ends_at.saturating_sub(1).max(at), position);
            self.ending.insert((lead, purpose, channel), when);
            self.ending_by_time.insert((lead, when, purpose, channel));
        }
        if !channel.is_some() {
            self.granted.insert((lead, purpose), at);
        }
        self.lift_before((lead, channel, purpose), at);
    }

    /// What would have ended does not any more: on that channel, or on all.
    fn renew(&mut self, lead: u32, purpose: Code, channel: Code) {
        if channel.is_some() {
            return self.keep(lead, purpose, channel);
        }
        let all = (lead, purpose, Code::NONE)..=(lead, purpose, LAST);
        let channels: Vec<_> = self.ending.range(all).map(|((.., channel), _)| *channel).collect();
        channels.into_iter().for_each(|channel| self.keep(lead, purpose, channel));
    }

    fn keep(&mut self, lead: u32, purpose: Code, channel: Code) {
        if let Some(when) = self.ending.remove(&(lead, purpose, channel)) {
            self.ending_by_time.remove(&(lead, when, purpose, channel));
        }
    }

    /// The event by which touches on a channel were forbidden first, if they are.
    pub(super) fn against(&mut self, lead: u32, channel: Code) -> Option<u64> {
        let of_all = self.standing(lead, Code::NONE);
        let of_it = channel.is_some().then(|| self.standing(lead, channel)).flatten();
        of_all.into_iter().chain(of_it).min().map(|(_, position)| position)
    }

    fn standing(&mut self, lead: u32, channel: Code) -> Option<When> {
        loop {
            let all = (lead, channel, EARLIEST, Code::NONE)..=(lead, channel, LATEST, LAST);
            let (_, _, when, purpose) = *self.by_time.range(all).next()?;
            if !self.is_lifted(lead, purpose, when) {
                return Some(when);
            }
            self.lift((lead, channel, purpose));
        }
    }

    fn is_lifted(&self, lead: u32, purpose: Code, (withdrawn_at, _): When) -> bool {
        let granted = self.granted.get(&(lead, purpose));
        granted.is_some_and(|granted_at| *granted_at > withdrawn_at)
    }

    /// Lifts what was withdrawn before the purpose was granted on every channel.
    fn lift(&mut self, key: (u32, Code, Code)) {
        let (lead, _, purpose) = key;
        if let Some(granted_at) = self.granted.get(&(lead, purpose)) {
            self.lift_before(key, *granted_at);
        }
    }

    fn lift_before(&mut self, key: (u32, Code, Code), granted_at: i64) {
        let Some(Withdrawn { first, last }) = self.withdrawn.get(&key).copied() else { return };
        if first.0 < granted_at {
            self.remove(key);
            if last.0 >= granted_at {
                self.stand(key, Withdrawn { first: last, last });
            }
        }
    }

    fn remove(&mut self, key: (u32, Code, Code)) {
        if let Some(withdrawn) = self.withdrawn.remove(&key) {
            let (lead, channel, purpose) = key;
            self.by_time.remove(&(lead, channel, withdrawn.first, purpose));
        }
    }

    /// Takes over those of other leads.
    pub(super) fn append(&mut self, mut other: Self) {
        self.withdrawn.append(&mut other.withdrawn);
        self.by_time.append(&mut other.by_time);
        self.granted.append(&mut other.granted);
        self.ending.append(&mut other.ending);
        self.ending_by_time.append(&mut other.ending_by_time);
    }

    pub(super) fn forget(&mut self, lead: u32) {
        let all = (lead, Code::NONE, Code::NONE)..=(lead, LAST, LAST);
        let keys: Vec<_> = self.withdrawn.range(all).map(|(key, _)| *key).collect();
        keys.into_iter().for_each(|key| self.remove(key));
        let purposes = (lead, Code::NONE)..=(lead, LAST);
        let keys: Vec<_> = self.granted.range(purposes).map(|(key, _)| *key).collect();
        for key in keys {
            self.granted.remove(&key);
        }
        let all = (lead, Code::NONE, Code::NONE)..=(lead, LAST, LAST);
        let keys: Vec<_> = self.ending.range(all).map(|(key, _)| *key).collect();
        keys.into_iter().for_each(|(lead, purpose, channel)| self.keep(lead, purpose, channel));
    }
}
