//! Workload and fairness (P22).

use serde::Serialize;

use super::Load;
use super::table::Routing;
use crate::Timestamp;
use crate::metrics::{Fraction, Rate};

/// One owner's workload at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Workload<'r> {
    /// The owner.
    pub owner: &'r str,
    /// Open leads.
    pub open: u32,
    /// Leads given in the last 24 hours.
    pub assigned_day: u64,
    /// Leads given in the last 30 days.
    pub assigned_month: u64,
    /// `round(capacity / 30)`, half upwards, minus those of the last 24 hours; negative where more
    /// were given. None without a capacity.
    pub remaining: Option<i64>,
    /// Open leads over capacity. The denominator is 0 without a capacity, and for one of 0.
    pub utilisation: Rate,
}

/// The workload of every owner who has not left by an instant, in the order of the routing.
pub fn workload<'r>(routing: &'r Routing, load: &Load, at: Timestamp) -> Vec<Workload<'r>> {
    let owners = routing.owners.iter().filter(|owner| !owner.has_left(at));
    let row = |owner: &'r super::table::Owner| {
        let (open, assigned_day) = (load.open(&owner.name), load.assigned_day(&owner.name, at));
        Workload {
            owner: &owner.name,
            open,
            assigned_day,
            assigned_month: load.assigned_month(&owner.name, at),
            remaining: owner.day_quota().map(|quota| quota as i64 - assigned_day as i64),
            utilisation: Rate { num: open.into(), den: owner.capacity.unwrap_or_default().into() },
        }
    };
    owners.map(row).collect()
}

/// Jain's index of fairness, `(sum x)^2 / (n * sum x^2)`: 1 when all have alike, `1 / n` when one
/// has all (R. Jain, D. Chiu, W. Hawe, 1984). The denominator is 0 for nobody, and where nobody
/// has anything.
///
/// ```
/// # use leadfold_core::routing::jain;
/// assert_eq!(jain([3, 3, 3]).ratio(), Some(1.0));
/// assert_eq!((jain([4, 2]).num, jain([4, 2]).den), (36, 40));
/// assert_eq!(jain([]).ratio(), None);
/// ```
pub fn jain(loads: impl IntoIterator<Item = u32>) -> Fraction {
    let (mut n, mut sum, mut squares) = (0_u128, 0_u128, 0_u128);
    for load in loads {
        n += 1;
        sum += u128::from(load);
        squares += u128::from(load) * u128::from(load);
    }
    Fraction { num: sum * sum, den: n * squares }
}
