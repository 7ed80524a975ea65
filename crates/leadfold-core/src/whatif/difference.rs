//! Which leads two playbooks would have treated alike.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Trial;
use crate::{LeadIndex, Timestamp};

/// The leads that two trials of one log would have handed off, in the order of the log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Difference {
    /// Under both, with the instants.
    pub both: Vec<(LeadIndex, Timestamp, Timestamp)>,
    /// Under the first only.
    pub only_first: Vec<(LeadIndex, Timestamp)>,
    /// Under the second only.
    pub only_second: Vec<(LeadIndex, Timestamp)>,
}

impl Difference {
    /// The difference of two trials.
    pub fn of(first: &Trial, second: &Trial) -> Self {
        let (first, second) = (handoffs(first), handoffs(second));
        let only = |of: &BTreeMap<LeadIndex, Timestamp>, other: &BTreeMap<LeadIndex, Timestamp>| {
            let is_only = |(lead, _): &(&LeadIndex, &Timestamp)| !other.contains_key(*lead);
            of.iter().filter(is_only).map(|(lead, at)| (*lead, *at)).collect()
        };
        let both = first.iter().filter_map(|(lead, at)| Some((*lead, *at, *second.get(lead)?)));
        Self {
            both: both.collect(),
            only_first: only(&first, &second),
            only_second: only(&second, &first),
        }
    }

    /// How many leads the second would have handed off earlier, at the same instant and later.
    pub fn order(&self) -> [u64; 3] {
        let count = |order: Ordering| {
            self.both.iter().filter(|(_, first, second)| second.cmp(first) == order).count() as u64
        };
        [Ordering::Less, Ordering::Equal, Ordering::Greater].map(count)
    }
}

fn handoffs(trial: &Trial) -> BTreeMap<LeadIndex, Timestamp> {
    let handed_off = trial.leads.iter();
    handed_off.filter_map(|lead| Some((lead.lead, lead.handed_off_at?))).collect()
}
