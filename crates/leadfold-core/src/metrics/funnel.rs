//! The funnel by cohort and by period (P4, P5), with conversion (P6), conversion within a window
//! (P7) and in time (P8).

mod count;
mod tally;
mod times;

use serde::Serialize;

pub use self::count::FunnelCount;
use super::split::KeyPart;
use super::{By, DurationStat, Period, Rate};
use crate::tables::Tables;
use crate::{LeadIndex, State, Timestamp};

/// Which leads and visits a funnel counts. The two kinds answer different questions and are never
/// mixed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FunnelKind {
    /// What became of the leads captured in the period, up to the as-of.
    #[default]
    Cohort,
    /// What happened in the period, whenever the leads were captured.
    Period,
}

/// What to count.
#[derive(Clone, Debug)]
pub struct FunnelQuery {
    /// By cohort or by period.
    pub kind: FunnelKind,
    /// The period.
    pub period: Period,
    /// The dimensions of the rows.
    pub by: Vec<By>,
    /// A conversion window, days.
    pub within_days: Option<u32>,
    /// Whether to estimate conversion in time.
    pub survival: bool,
    /// The instant of the tables.
    pub as_of: Timestamp,
}

impl FunnelQuery {
    /// The whole cohort funnel as of an instant, without a split.
    pub fn as_of(as_of: Timestamp) -> Self {
        Self {
            kind: FunnelKind::Cohort,
            period: Period::default(),
            by: Vec::new(),
            within_days: None,
            survival: false,
            as_of,
        }
    }
}

/// One row of a funnel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Leads captured in the period.
    pub captured: u64,
    /// The states from new to lost.
    pub stages: Vec<StageRow>,
    /// Cohort: customers now, of the captured. Period: those that became customers in the period, over
    /// captured.
    pub won: Rate,
    /// Lost or disqualified.
    pub lost: u64,
    /// Erased.
    pub erased: u64,
    /// The captured that are none of these.
    pub still_open: u64,
    /// From capture to the first win (period: where that is in it). Below 0 is read as 0.
    pub days_to_won: DurationStat,
    /// Of these, the ones that were won before they were captured: counted with 0 days.
    pub negative: u64,
    /// Conversion within the window.
    pub within: Option<Within>,
    /// Conversion in time, cause-specific: a lead that was lost, disqualified or erased is
    /// censored then.
    pub survival: Option<Vec<SurvivalRow>>,
}

/// One state in a funnel's row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StageRow {
    /// The state.
    pub stage: State,
    /// Leads that really entered it.
    pub entered: u64,
    /// Leads that entered it or any later stage of the ladder, implied steps included.
    pub reached: u64,
    /// Entries, without implied ones.
    pub visits: u64,
    /// How long the visits that have ended lasted.
    pub time: DurationStat,
    /// Leads that are in it.
    pub open: u64,
}

/// Conversion within a window: of the leads whose window is over, who won in time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Within {
    /// The window.
    pub days: u32,
    /// Won within it, of those captured at least that long ago.
    pub rate: Rate,
}

/// Conversion by a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurvivalRow {
    /// Days since the capture.
    pub days: u32,
    /// The estimated share that has won by then; `None` without leads.
    pub converted: Option<f64>,
    /// Leads observed at least that long.
    pub at_risk: u64,
}

/// Conversion from a stage of the ladder to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// In the reached form: never above 1.
    pub reached: Rate,
    /// In the entered form: above 1 where leads skip the stage.
    pub entered: Rate,
}

impl FunnelRow {
    /// Stage-to-stage conversion (P6).
    pub fn conversions(&self) -> Vec<Conversion> {
        self.stages
            .windows(2)
            .filter(|pair| pair[1].stage.rung().is_some())
            .map(|pair| Conversion {
                from: pair[0].stage,
                to: pair[1].stage,
                reached: Rate { num: pair[1].reached, den: pair[0].reached },
                entered: Rate { num: pair[1].entered, den: pair[0].entered },
            })
            .collect()
    }
}

/// Counts a funnel. The first row is the total; the others follow in the order of their keys.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::metrics::{FunnelQuery, Rate, funnel};
///
/// // A cohort is of leads that were captured, so L3 is in none.
/// let rows = funnel(tables, &FunnelQuery::as_of(as_of));
/// assert_eq!((rows[0].captured, rows[0].won), (2, Rate { num: 1, den: 2 }));
/// assert_eq!(rows[0].days_to_won.p50_s, Some(20.0 * 86_400.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn funnel(tables: &Tables, query: &FunnelQuery) -> Vec<FunnelRow> {
    FunnelCount::of(tables, query, LeadIndex(0)..LeadIndex::NONE).rows()
}
