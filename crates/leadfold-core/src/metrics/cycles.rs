//! Cycle times (P9): from capture, and from hand-off, to the first win.

use std::collections::BTreeMap;

use super::split::{KeyPart, key};
use super::{By, DurationStat, Period, first_entries, stands_alone};
use crate::State;
use crate::tables::Tables;

/// Cycle times of the leads that first won in the period. Won-only, so biased short: read them
/// beside the conversion in time.
#[derive(Clone, Debug, PartialEq)]
pub struct CycleRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Capture to first win; below 0 is left out, and is a finding.
    pub lead_to_won: DurationStat,
    /// The last hand-off before the win, to the win.
    pub handoff_to_won: DurationStat,
}

/// Cycle times. The first row is the total.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::metrics::{Period, cycles};
///
/// let rows = cycles(tables, Period::default(), &[]);
/// assert_eq!(rows[0].lead_to_won.p50_s, Some(20.0 * 86_400.0));
/// assert_eq!(rows[0].handoff_to_won.p50_s, Some(18.0 * 86_400.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cycles(tables: &Tables, period: Period, by: &[By]) -> Vec<CycleRow> {
    let first_won = first_entries(tables, State::Customer);
    let mut groups: BTreeMap<Vec<KeyPart>, (Vec<i64>, Vec<i64>)> = BTreeMap::new();
    groups.entry(Vec::new()).or_default();
    for lead in tables.leads().filter(stands_alone) {
        let won = first_won[lead.index().0 as usize];
        if won == i64::MAX || !period.contains(crate::Timestamp::from_micros(won)) {
            continue;
        }
        let from_capture =
            lead.captured_at().map(|at| won.saturating_sub(at.micros())).filter(|time| *time >= 0);
        let offered = lead.handoffs().iter().map(|handoff| handoff.offered_at.micros()).collect();
        let from_handoff = last_before(offered, won).map(|at| won - at);
        let mut keys = vec![Vec::new()];
        keys.extend((!by.is_empty()).then(|| key(&lead, by)));
        for key in keys {
            let (leads, handoffs) = groups.entry(key).or_default();
            leads.extend(from_capture);
            handoffs.extend(from_handoff);
        }
    }
    groups
        .into_iter()
        .map(|(key, (mut leads, mut handoffs))| CycleRow {
            key,
            lead_to_won: DurationStat::of(&mut leads),
            handoff_to_won: DurationStat::of(&mut handoffs),
        })
        .collect()
}

fn last_before(times: Vec<i64>, end: i64) -> Option<i64> {
    times.into_iter().filter(|at| *at <= end).max()
}
