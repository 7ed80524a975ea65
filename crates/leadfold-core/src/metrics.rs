//! Metrics: pure functions of tables and a query.
//!
//! The numbers in brackets (P1 to P32) are those of the definitions in `docs/METRICS.md`. Every
//! query is given its instant; every rate keeps numerator and denominator; every duration is
//! counted in whole microseconds and summed exactly.

mod aging;
mod anomalies;
mod cost;
mod cycles;
mod funnel;
mod losses;
mod pipeline;
mod quality;
mod rate;
mod split;
mod stages;
mod stat;
mod status;
mod survival;
mod value;
mod win_rate;

pub use self::aging::{Aging, AgingRow, aging};
pub use self::anomalies::{Anomaly, anomalies};
pub use self::cost::{CostFigures, CostForm, CostQuery, CostRow, Returns, cost_metrics};
pub use self::cycles::{CycleRow, cycles};
pub use self::funnel::{
    Conversion, FunnelCount, FunnelKind, FunnelQuery, FunnelRow, StageRow, SurvivalRow, Within,
    funnel,
};
pub use self::losses::{LossRow, StageAtLoss, losses};
pub use self::pipeline::{
    DealTrail, PipelineAmount, PipelinePart, PipelineRow, ProbabilityOrigin, pipeline,
};
pub use self::quality::{
    CalibrationBin, Fraction, Judged, Unmeasured, auc, brier, calibration_by_quantile,
    calibration_by_width, lift, log_loss,
};
pub use self::rate::Rate;
pub use self::split::{By, KeyPart, key};
pub use self::stages::{StageTime, stage_time};
pub(crate) use self::stat::InOrder;
pub use self::stat::{DurationStat, quantile};
pub use self::status::{StatusCounts, status};
pub(crate) use self::survival::Observations;
pub use self::survival::{KaplanMeier, Observation, SurvivalStep};
pub use self::value::{RevenueBasis, ValueRow, historic_value};
pub use self::win_rate::{AmountRate, WinRateQuery, WinRateRow, win_rate};
pub use crate::zone::Zone;

use crate::tables::{ClosedVisit, Tables};
use crate::{Lead, State, Timestamp};

/// A half-open stretch of time, `[from, to)`; an absent end is unbounded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Period {
    /// The first instant inside.
    pub from: Option<Timestamp>,
    /// The first instant behind.
    pub to: Option<Timestamp>,
}

impl Period {
    /// Whether an instant lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// Whether a lead stands for itself in metrics: it has begun, and is not part of another.
fn stands_alone(lead: &Lead<'_>) -> bool {
    lead.state() != State::Merged
}

/// When each lead first entered a state, by lead index; [`i64::MAX`] for never.
fn first_entries(tables: &Tables, state: State) -> Vec<i64> {
    let mut first: Vec<i64> = tables
        .leads
        .iter()
        .map(|row| if row.state == state { row.entered_at } else { i64::MAX })
        .collect();
    let is_of_it = |visit: &ClosedVisit| visit.state == state;
    tables.each_closed_visit(is_of_it, |lead, visit| {
        let first = &mut first[lead as usize];
        *first = (*first).min(visit.entered_at.micros());
    });
    first
}

/// Whether the lead is a customer: by its state, by an opportunity that is won, or by money.
fn is_customer(lead: &Lead<'_>) -> bool {
    lead.state() == State::Customer || lead.has_payments() || lead.has_won_deal()
}
