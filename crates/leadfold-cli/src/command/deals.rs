//! `deals`: won and lost opportunities, their cycle times and the reasons of the lost ones.

mod text;

use std::collections::BTreeMap;
use std::io::Write;

use leadfold_core::metrics::{
    CycleRow, DurationStat, KeyPart, LossRow, Period, Rate, WinRateQuery, WinRateRow, cycles,
    losses, win_rate,
};
use leadfold_core::{Currency, Money, State, Timestamp};
use leadfold_engine::Names;
use leadfold_store::block_on;
use serde::Serialize;

use crate::args::{PeriodOptions, ReadOptions, SplitOptions};
use crate::dimension::{Dimensions, Key};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::Reading;
use crate::zone::period;

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
    as_of: Option<Timestamp>,
    known_at: Option<Timestamp>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    rows: Vec<Row>,
    #[serde(skip)]
    heading: String,
}

#[derive(Serialize)]
struct Row {
    key: Key,
    won: Rate,
    open: u64,
    amounts: Vec<Amounts>,
    won_after: DurationStat,
    lost_after: DurationStat,
    lead_to_won: DurationStat,
    handoff_to_won: DurationStat,
    losses: Vec<Loss>,
}

#[derive(Serialize)]
struct Amounts {
    currency: Currency,
    won: i128,
    lost: i128,
    ratio: Option<f64>,
}

#[derive(Serialize)]
struct Loss {
    reason: Option<String>,
    count: u64,
    amounts: Vec<Money>,
    states: BTreeMap<State, u64>,
    open_for: DurationStat,
}

/// The three metrics of one key.
#[derive(Default)]
struct Parts {
    rate: WinRateRow,
    cycle: Option<CycleRow>,
    losses: Vec<LossRow>,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let reading = Reading::open(&options.read)?;
    let dimensions = Dimensions::find(&reading, &options.split.by)?;
    let period = period(options.period, reading.zone)?;
    let parts = parts(&reading, &dimensions, period);
    let mut names = reading.names(parts.keys())?;
    let reasons = parts.values().flat_map(|parts| &parts.losses).map(|loss| loss.reason);
    block_on(names.load(&reading.store, reasons))?;
    let rows = parts
        .into_iter()
        .map(|(key, parts)| Row::new(dimensions.key(&names, &key), parts, &names))
        .collect();
    output.print(&DealsReport {
        as_of: reading.as_of,
        known_at: reading.known_at,
        from: period.from,
        to: period.to,
        rows,
        heading: dimensions.heading(),
    })?;
    Ok(Outcome::Done)
}

/// The metrics by key; the total has the empty key, which comes first.
fn parts(
    reading: &Reading,
    dimensions: &Dimensions,
    period: Period,
) -> BTreeMap<Vec<KeyPart>, Parts> {
    let (tables, by) = (&reading.tables, &dimensions.by);
    let mut parts: BTreeMap<Vec<KeyPart>, Parts> = BTreeMap::new();
    let query = WinRateQuery { period, by_opening: false, by: by.clone() };
    for row in win_rate(tables, &query) {
        let key = row.key.clone();
        parts.entry(key).or_default().rate = row;
    }
    for row in cycles(tables, period, by) {
        let key = row.key.clone();
        parts.entry(key).or_default().cycle = Some(row);
    }
    let mut lost = losses(tables, period, &[]);
    if !dimensions.is_empty() {
        lost.extend(losses(tables, period, by));
    }
    for row in lost {
        parts.entry(row.key.clone()).or_default().losses.push(row);
    }
    parts
}

impl Row {
    fn new(key: Key, parts: Parts, names: &Names) -> Self {
        let Parts { rate, cycle, mut losses } = parts;
        losses.sort_by_key(|loss| std::cmp::Reverse(loss.count));
        let amounts = rate.amounts.iter().map(|amount| Amounts {
            currency: amount.currency,
            won: amount.won,
            lost: amount.lost,
            ratio: amount.ratio(),
        });
        let (lead_to_won, handoff_to_won) =
            cycle.map_or_else(Default::default, |row| (row.lead_to_won, row.handoff_to_won));
        Self {
            key,
            won: rate.rate,
            open: rate.open,
            amounts: amounts.collect(),
            won_after: rate.won_after,
            lost_after: rate.lost_after,
            lead_to_won,
            handoff_to_won,
            losses: losses.into_iter().map(|loss| Loss::new(loss, names)).collect(),
        }
    }
}

impl Loss {
    fn new(loss: LossRow, names: &Names) -> Self {
        Self {
            reason: names.string(loss.reason).map(str::to_owned),
            count: loss.count,
            amounts: loss.amounts,
            states: loss.stages.into_iter().collect(),
            open_for: loss.open_for,
        }
    }
}
