//! Consents that were withdrawn, and not given again.

use std::collections::BTreeMap;

use crate::Code;

/// A withdrawal that stands.
#[derive(Clone, Copy, Debug)]
struct Withdrawal {
    at: i64,
    position: u64,
}

/// Withdrawals by lead, channel and purpose; [`Code::NONE`] is every channel.
///
/// **Invariant:** every look-up either finds one that stands or removes what it steps over, so
/// that no history makes it slower than its length.
#[derive(Clone, Debug, Default)]
pub(super) struct Consents {
    withdrawn: BTreeMap<(u32, Code, Code), Withdrawal>,
    /// When a purpose was last granted on every channel.
    granted: BTreeMap<(u32, Code), i64>,
}

const LAST: Code = Code(u32::MAX);

impl Consents {
    pub(super) fn withdraw(
        &mut self,
        lead: u32,
        purpose: Code,
        channel: Code,
        at: i64,
        position: u64,
    ) {
        let withdrawal = Withdrawal { at, position };
        let granted = self.granted.get(&(lead, purpose)).copied();
        let first = self.withdrawn.entry((lead, channel, purpose)).or_insert(withdrawal);
        if granted.is_some_and(|granted| granted > first.at) {
            *first = withdrawal;
        }
    }

    /// A grant lifts what was withdrawn before it. At the same time the withdrawal counts.
    pub(super) fn grant(&mut self, lead: u32, purpose: Code, channel: Code, at: i64) {
        if !channel.is_some() {
            self.granted.insert((lead, purpose), at);
        }
        let key = (lead, channel, purpose);
        if self.withdrawn.get(&key).is_some_and(|withdrawal| withdrawal.at < at) {
            self.withdrawn.remove(&key);
        }
    }

    /// The event by which touches on a channel were forbidden, if they are.
    pub(super) fn against(&mut self, lead: u32, channel: Code) -> Option<u64> {
        let of_all = self.standing(lead, Code::NONE);
        of_all.or_else(|| channel.is_some().then(|| self.standing(lead, channel)).flatten())
    }

    fn standing(&mut self, lead: u32, channel: Code) -> Option<u64> {
        loop {
            let all = (lead, channel, Code::NONE)..=(lead, channel, LAST);
            let (key, withdrawal) = self.withdrawn.range(all).next()?;
            let granted = self.granted.get(&(lead, key.2));
            if granted.is_none_or(|granted| *granted <= withdrawal.at) {
                return Some(withdrawal.position);
            }
            let key = *key;
            self.withdrawn.remove(&key);
        }
    }

    pub(super) fn forget(&mut self, lead: u32) {
        if self.withdrawn.is_empty() && self.granted.is_empty() {
            return;
        }
        let all = (lead, Code::NONE, Code::NONE)..=(lead, LAST, LAST);
        let keys: Vec<_> = self.withdrawn.range(all).map(|(key, _)| *key).collect();
        for key in keys {
            self.withdrawn.remove(&key);
        }
        let purposes = (lead, Code::NONE)..=(lead, LAST);
        let keys: Vec<_> = self.granted.range(purposes).map(|(key, _)| *key).collect();
        for key in keys {
            self.granted.remove(&key);
        }
    }
}
