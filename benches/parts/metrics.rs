//! Metrics from tables. Each is held against a count of the leads one by one.

use divan::Bencher;
use divan::counter::ItemsCount;
use leadfold::core::metrics::{
    By, FunnelQuery, RevenueBasis, funnel, historic_value, quantile, status,
};
use leadfold::core::{DAY, Lead, State, Tables, Timestamp};

use crate::log::{disturbed, sizes};

fn tables(leads: u32) -> &'static Tables {
    &disturbed(leads).tables
}

fn as_of(tables: &Tables) -> Timestamp {
    tables.last_at().expect("a log has events")
}

/// The leads that a funnel counts.
fn captured(tables: &Tables) -> impl Iterator<Item = Lead<'_>> {
    let all = tables.leads().filter(|lead| lead.state() != State::Merged);
    all.filter(|lead| lead.captured_at().is_some())
}

/// How long the closed visits of a state lasted, in order.
fn durations(tables: &Tables, state: State) -> Vec<i64> {
    let visits = captured(tables).flat_map(|lead| lead.visits());
    let of_it = visits.filter(|visit| visit.state == state);
    let mut micros: Vec<i64> = of_it.filter_map(|visit| visit.duration()).collect();
    micros.sort_unstable();
    micros
}

/// The median of sorted durations, seconds.
fn middle(sorted: &[i64]) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some((sorted[last / 2] as f64 + sorted[last.div_ceil(2)] as f64) / 2e6)
}

#[divan::bench(args = sizes(), name = "status")]
fn status_of_all(bencher: Bencher<'_, '_>, leads: u32) {
    let tables = tables(leads);
    let counts = status(tables);
    for state in State::ALL {
        let plain = tables.leads().filter(|lead| lead.state() == state).count();
        assert_eq!(counts.of(state), plain as u64, "{state:?}");
    }
    bencher.counter(ItemsCount::new(tables.lead_count())).bench(|| status(tables));
}

/// The whole cohort, with the exact median of every stage.
#[divan::bench(args = sizes())]
fn funnel_with_medians(bencher: Bencher<'_, '_>, leads: u32) {
    let tables = tables(leads);
    let query = FunnelQuery::as_of(as_of(tables));
    let rows = funnel(tables, &query);
    assert_eq!(rows[0].captured, captured(tables).count() as u64);
    for stage in &rows[0].stages {
        let entered = captured(tables).filter(|lead| lead.has_entered(stage.stage)).count();
        assert_eq!(stage.entered, entered as u64, "{:?}", stage.stage);
        assert_eq!(stage.time.p50_s, middle(&durations(tables, stage.stage)), "{:?}", stage.stage);
    }
    bencher.counter(ItemsCount::new(tables.lead_count())).bench(|| funnel(tables, &query));
}

#[divan::bench(args = sizes())]
fn funnel_by_source(bencher: Bencher<'_, '_>, leads: u32) {
    let tables = tables(leads);
    let query = FunnelQuery { by: vec![By::Source], ..FunnelQuery::as_of(as_of(tables)) };
    let rows = funnel(tables, &query);
    let sum: u64 = rows[1..].iter().map(|row| row.captured).sum();
    assert!(rows.len() > 2 && sum == rows[0].captured, "each lead has one source");
    bencher.counter(ItemsCount::new(tables.lead_count())).bench(|| funnel(tables, &query));
}

/// Conversion from stage to stage, within thirty days, and in time.
#[divan::bench(args = sizes())]
fn conversions(bencher: Bencher<'_, '_>, leads: u32) {
    let tables = tables(leads);
    let as_of = as_of(tables);
    let (within_days, survival) = (Some(30), true);
    let query = FunnelQuery { within_days, survival, ..FunnelQuery::as_of(as_of) };
    let convert = || {
        let rows = funnel(tables, &query);
        let conversions = rows[0].conversions();
        (rows, conversions)
    };
    let (rows, conversions) = convert();
    for conversion in &conversions {
        let reached = |state: State| {
            let rung = state.rung().expect("conversions are of the ladder");
            captured(tables).filter(|lead| lead.reached() >= rung).count() as u64
        };
        let plain = (reached(conversion.to), reached(conversion.from));
        assert_eq!((conversion.reached.num, conversion.reached.den), plain, "{conversion:?}");
    }
    let is_old = |lead: &Lead<'_>| {
        lead.captured_at().is_some_and(|at| as_of.micros() - at.micros() >= 30 * DAY)
    };
    let within = rows[0].within.expect("it is asked for");
    assert_eq!(within.rate.den, captured(tables).filter(is_old).count() as u64);
    assert!(rows[0].survival.is_some(), "it is asked for");
    bencher.counter(ItemsCount::new(tables.lead_count())).bench(convert);
}

/// The exact median of how long all visits lasted.
#[divan::bench(args = sizes())]
fn median(bencher: Bencher<'_, '_>, leads: u32) {
    let visits = tables(leads).leads().flat_map(|lead| lead.visits());
    let micros: Vec<i64> = visits.filter_map(|visit| visit.duration()).collect();
    let mut sorted = micros.clone();
    sorted.sort_unstable();
    let median = |mut micros: Vec<i64>| quantile(&mut micros, 1, 2);
    for sorted in [&sorted[..], &sorted[1..]] {
        // One of them has no middle.
        assert_eq!(median(sorted.to_vec()).map(|micros| micros / 1e6), middle(sorted));
    }
    bencher
        .counter(ItemsCount::new(micros.len()))
        .with_inputs(|| micros.clone())
        .bench_values(median);
}

#[divan::bench(args = sizes())]
fn value(bencher: Bencher<'_, '_>, leads: u32) {
    let tables = tables(leads);
    let value = || historic_value(tables, &[], RevenueBasis::Recorded);
    let paid = |lead: Lead<'_>| {
        let revenue = lead.revenue();
        revenue.iter().filter(|row| !row.is_refund).map(|row| i128::from(row.amount)).sum::<i128>()
    };
    let plain: i128 = tables.leads().map(paid).sum();
    let revenue: i128 = value()[0].revenue.iter().map(|money| money.amount).sum();
    assert!(plain > 0 && plain == revenue, "expected {plain}, found {revenue}");
    bencher.counter(ItemsCount::new(tables.lead_count())).bench(value);
}
