//! `deals`: won and lost opportunities, their cycle times and the reasons of the lost ones.

mod pipeline;
mod text;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::Write;

use leadfold_core::metrics::{
    AmountRate, By, CycleRow, DealTrail, DurationStat, KeyPart, LossRow, Period, PipelineRow, Rate,
    WinRateQuery, WinRateRow, cycles, losses, pipeline, win_rate,
};
use leadfold_core::{Code, Currency, Money, State, Tables};
use leadfold_engine::Names;
use serde::Serialize;

use self::pipeline::Pipeline;
use crate::args::{PeriodOptions, ReadOptions, SplitOptions};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::{Keyed, Log, Reading, Rows, Scope};

/// Options of `deals`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    split: SplitOptions,
    #[command(flatten)]
    period: PeriodOptions,
}

/// What became of opportunities that were closed in a period.
#[derive(Serialize)]
struct DealsReport {
    #[serde(flatten)]
    scope: Scope,
    rows: Rows<Deals>,
}

#[derive(Serialize)]
struct Deals {
    won: Rate,
    open: u64,
    amounts: Vec<Amounts>,
    won_after: DurationStat,
    lost_after: DurationStat,
    lead_to_won: DurationStat,
    handoff_to_won: DurationStat,
    losses: Vec<Loss>,
    pipeline: Pipeline,
}

#[derive(Serialize)]
struct Amounts {
    currency: Currency,
    won: i128,
    lost: i128,
    ratio: Option<f64>,
}

/// Deals that were lost for one reason.
#[derive(Serialize)]
struct Loss {
    reason: Option<String>,
    count: u64,
    amounts: Vec<Money>,
    states: BTreeMap<State, u64>,
    stages: Vec<LostAt>,
    open_for: DurationStat,
}

/// Where deals stood in a pipeline when they were lost.
#[derive(Serialize)]
struct LostAt {
    pipeline: Option<String>,
    stage: Option<String>,
    count: u64,
}

/// The metrics of one key.
#[derive(Default)]
pub(super) struct Parts {
    key: Vec<KeyPart>,
    pub(super) rate: WinRateRow,
    pub(super) cycle: Option<CycleRow>,
    pub(super) losses: Vec<LossRow>,
    pub(super) pipeline: PipelineRow,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let log = Log::open(&options.read)?;
    let trail = DealTrail::under(log.playbook.rules.illegal);
    let (reading, trail) = Reading::watched(log, &options.read, trail)?;
    let split = reading.split(&options.split.by)?;
    let period = reading.period(options.period)?;
    let counted = parts(&reading.tables, &trail, split.by(), period);
    let rows = split.rows(counted, Deals::new)?;
    output.answer(&DealsReport { scope: reading.scope(period), rows })
}

/// The metrics by key; the total has the empty key, which comes first.
pub(super) fn parts(tables: &Tables, trail: &DealTrail, by: &[By], period: Period) -> Vec<Parts> {
    let mut parts: BTreeMap<Vec<KeyPart>, Parts> = BTreeMap::new();
    let query = WinRateQuery { period, by_opening: false, by: by.to_vec() };
    for row in win_rate(tables, &query) {
        let part = parts.entry(row.key.clone()).or_default();
        part.rate = row;
    }
    for row in cycles(tables, period, by) {
        let part = parts.entry(row.key.clone()).or_default();
        part.cycle = Some(row);
    }
    for row in pipeline(tables, trail, by) {
        let part = parts.entry(row.key.clone()).or_default();
        part.pipeline = row;
    }
    let mut lost = losses(tables, period, &[]);
    if !by.is_empty() {
        lost.extend(losses(tables, period, by));
    }
    for row in lost {
        parts.entry(row.key.clone()).or_default().losses.push(row);
    }
    parts.into_iter().map(|(key, parts)| Parts { key, ..parts }).collect()
}

impl Keyed for Parts {
    fn key(&self) -> &[KeyPart] {
        &self.key
    }

    fn codes(&self) -> Vec<Code> {
        let of_loss = |loss: &LossRow| {
            let stages = loss.stages.iter().flat_map(|at| [at.pipeline, at.stage]);
            std::iter::once(loss.reason).chain(stages).collect::<Vec<_>>()
        };
        self.losses.iter().flat_map(of_loss).collect()
    }
}

impl Deals {
    fn new(parts: Parts, names: &Names) -> Self {
        let Parts { rate, cycle, mut losses, pipeline, .. } = parts;
        losses.sort_by_key(|loss| Reverse(loss.count));
        let (lead_to_won, handoff_to_won) =
            cycle.map_or_else(Default::default, |row| (row.lead_to_won, row.handoff_to_won));
        Self {
            won: rate.rate,
            open: rate.open,
            amounts: rate.amounts.into_iter().map(Amounts::from).collect(),
            won_after: rate.won_after,
            lost_after: rate.lost_after,
            lead_to_won,
            handoff_to_won,
            losses: losses.into_iter().map(|loss| Loss::new(loss, names)).collect(),
            pipeline: pipeline.into(),
        }
    }
}

impl From<AmountRate> for Amounts {
    fn from(amount: AmountRate) -> Self {
        let AmountRate { currency, won, lost, .. } = amount;
        Self { currency, won, lost, ratio: amount.ratio() }
    }
}

impl Loss {
    fn new(loss: LossRow, names: &Names) -> Self {
        let name = |code| names.string(code).map(str::to_owned);
        let mut stages: Vec<LostAt> = loss
            .stages
            .iter()
            .map(|at| LostAt {
                pipeline: name(at.pipeline),
                stage: name(at.stage),
                count: at.count,
            })
            .collect();
        stages.sort_by_key(|at| Reverse(at.count));
        Self {
            reason: name(loss.reason),
            count: loss.count,
            amounts: loss.amounts,
            states: loss.states.into_iter().collect(),
            stages,
            open_for: loss.open_for,
        }
    }
}
