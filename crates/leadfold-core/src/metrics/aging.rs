//! Aging (P21): how long open leads have been where they are.

use std::collections::BTreeMap;

use super::split::{KeyPart, key};
use super::{By, DurationStat, stands_alone};
use crate::tables::Tables;
use crate::{DAY, State, Timestamp};

/// The upper ends of the age buckets, days; the last bucket is open.
const BUCKET_DAYS: [i64; 4] = [1, 7, 30, 90];

/// Ages of the open leads in one state, for one value of the split.
#[derive(Clone, Debug, PartialEq)]
pub struct AgingRow {
    /// The values of the dimensions.
    pub key: Vec<KeyPart>,
    /// The state.
    pub state: State,
    /// Leads younger than 1, 7, 30 and 90 days, and older ones.
    pub buckets: [u64; 5],
    /// The ages.
    pub age: DurationStat,
    /// Leads that came there nobody knows when: in no bucket.
    pub unknown: u64,
}

/// The rows of an aging report.
pub type Aging = Vec<AgingRow>;

/// Ages of open leads by state and by the dimensions, as of an instant.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::State;
/// use leadfold_core::metrics::aging;
///
/// let rows = aging(tables, as_of, &[]);
/// let new = rows.iter().find(|row| row.state == State::New).ok_or("no row")?;
/// assert_eq!((new.buckets, new.age.p50_s), ([0, 0, 1, 0, 0], Some(24.0 * 86_400.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn aging(tables: &Tables, as_of: Timestamp, by: &[By]) -> Aging {
    let mut groups: BTreeMap<(Vec<KeyPart>, State), (Vec<i64>, u64)> = BTreeMap::new();
    for lead in tables.leads().filter(stands_alone).filter(|lead| lead.state().is_open()) {
        let (ages, unknown) = groups.entry((key(&lead, by), lead.state())).or_default();
        if lead.open_visit().is_unknown {
            *unknown += 1;
        } else {
            ages.push(as_of.micros().saturating_sub(lead.entered_at().micros()));
        }
    }
    groups
        .into_iter()
        .map(|((key, state), (mut ages, unknown))| AgingRow {
            key,
            state,
            buckets: buckets(&ages),
            age: DurationStat::of(&mut ages),
            unknown,
        })
        .collect()
}

fn buckets(ages: &[i64]) -> [u64; 5] {
    let mut buckets = [0; 5];
    for age in ages {
        buckets[BUCKET_DAYS.iter().filter(|days| *age >= **days * DAY).count()] += 1;
    }
    buckets
}
