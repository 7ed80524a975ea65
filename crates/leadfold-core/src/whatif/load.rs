//! What hand-offs ask of sales, week by week.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{LeadTrial, Question};
use crate::metrics::{Fraction, Rate};
use crate::{DAY, LocalDate, Playbook, SECOND, Timestamp, Zone};

/// The hand-offs by week. Weeks begin on Mondays in the zone of the question; they run from the
/// one in which the first lead began to the one of the as-of, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct HandoffLoad {
    /// Hand-offs over weeks: the mean of a week.
    pub per_week: Rate,
    /// The week with the most; none without hand-offs.
    pub busiest: Option<BusiestWeek>,
    /// What of the owners' capacity that takes; none where the playbook's routing gives nobody one.
    pub capacity: Option<CapacityUse>,
}

/// The week with the most hand-offs; of several, the first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BusiestWeek {
    /// Its Monday; none before the year 0.
    pub monday: Option<LocalDate>,
    /// How many.
    pub handed_off: u64,
}

/// The hand-offs over the capacity of the owners who had not left by the as-of. A capacity is one
/// for 30 days; a week has seven of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CapacityUse {
    /// Leads in 30 days, all owners together.
    pub in_30_days: u64,
    /// Hand-offs over the capacity of all weeks.
    pub used: Fraction,
    /// Weeks with more hand-offs than capacity, of all weeks.
    pub weeks_over: Rate,
}

impl HandoffLoad {
    pub(super) fn of(
        leads: &[LeadTrial],
        began_at: Option<Timestamp>,
        playbook: &Playbook,
        question: &Question,
    ) -> Self {
        let mut weeks: BTreeMap<i64, u64> = BTreeMap::new();
        for at in leads.iter().filter_map(|lead| lead.handed_off_at) {
            *weeks.entry(week_of(at, &question.zone)).or_default() += 1;
        }
        let last = week_of(question.as_of, &question.zone);
        let span = began_at.map_or(0, |first| last - week_of(first, &question.zone) + 1);
        let n_weeks = u64::try_from(span).unwrap_or(0);
        let busiest = weeks.iter().max_by_key(|(week, n)| (**n, Reverse(**week)));
        Self {
            per_week: Rate { num: weeks.values().sum(), den: n_weeks },
            busiest: busiest.map(|(week, n)| BusiestWeek { monday: monday(*week), handed_off: *n }),
            capacity: capacity(playbook, question.as_of)
                .map(|capacity| CapacityUse::of(&weeks, n_weeks, capacity)),
        }
    }
}

impl CapacityUse {
    fn of(weeks: &BTreeMap<i64, u64>, n_weeks: u64, in_30_days: u64) -> Self {
        let in_week = 7 * u128::from(in_30_days);
        let handed_off: u64 = weeks.values().sum();
        let over = weeks.values().filter(|n| 30 * u128::from(**n) > in_week).count();
        Self {
            in_30_days,
            used: Fraction { num: 30 * u128::from(handed_off), den: in_week * u128::from(n_weeks) },
            weeks_over: Rate { num: over as u64, den: n_weeks },
        }
    }
}

/// Leads that the owners take in 30 days, if any of them has a capacity.
fn capacity(playbook: &Playbook, as_of: Timestamp) -> Option<u64> {
    let owners = playbook.routing.iter().flat_map(|routing| &routing.owners);
    let staying = owners.filter(|owner| owner.left_at.is_none_or(|left_at| as_of < left_at));
    let capacities: Vec<u64> = staying.filter_map(|owner| owner.capacity.map(u64::from)).collect();
    (!capacities.is_empty()).then(|| capacities.into_iter().sum())
}

/// The first day of the epoch was a Thursday: week 0 begins three days before it.
const MONDAY: i64 = 3;

/// The week of an instant, counted from that of the epoch.
fn week_of(at: Timestamp, zone: &Zone) -> i64 {
    let local = at.micros().saturating_add(i64::from(zone.offset_seconds(at)) * SECOND);
    (local.div_euclid(DAY) + MONDAY).div_euclid(7)
}

fn monday(week: i64) -> Option<LocalDate> {
    let days = i32::try_from(week * 7 - MONDAY).ok()?;
    NaiveDate::from_epoch_days(days)?.try_into().ok()
}
