//! The answer as leadfold gives it: its tables, asked by its metrics.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};

use leadfold::core::metrics::{
    By, FunnelCount, FunnelQuery, FunnelRow, KeyPart, RevenueBasis, ValueRow, historic_value,
    status,
};
use leadfold::core::{Lead, LeadIndex, Money, State, Tables};

use crate::START_S;
use crate::flat::currency;

const MICROS: i64 = 1_000_000;
const ALL: Range<LeadIndex> = LeadIndex(0)..LeadIndex::NONE;
/// Leads that a thread counts before it asks for more.
const LEADS_A_STRETCH: u32 = 8_192;

/// The lines on which all systems have to agree, found by one thread, or by two.
pub(crate) fn answer_on(tables: &Tables, threads: usize) -> Vec<String> {
    let as_of = tables.last_at().unwrap_or_default();
    let query = FunnelQuery { by: vec![By::Source], ..FunnelQuery::as_of(as_of) };
    let (mut out, rows) = match threads {
        1 => (answer_but_stages(tables), FunnelCount::of(tables, &query, ALL).rows()),
        _ => side_by_side(tables, &query),
    };
    out.extend(rows.iter().flat_map(stages));
    out
}

/// The answer but the stages, and the funnel's rows, by two threads. Whoever has nothing else to do
/// counts the next leads; then one finds the medians of the total and the other one those of the
/// sources. It is the same two all the time: a thread that is begun may have to wait for a core.
fn side_by_side(tables: &Tables, query: &FunnelQuery) -> (Vec<String>, Vec<FunnelRow>) {
    let (next, whole) = (&AtomicU32::new(0), &OnceLock::new());
    std::thread::scope(|scope| {
        // Whoever panics drops its end of these, and the other one does not wait for ever.
        let (give, taken) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let total = scope.spawn(move || {
            let count = count_on(tables, query, next);
            let other = taken.recv().expect("the other one counts, too");
            let whole: &FunnelCount<'_> = whole.get_or_init(|| count.and(other));
            tell.send(whole).expect("it is awaited");
            whole.total()
        });
        let out = answer_but_stages(tables);
        give.send(count_on(tables, query, next)).expect("it is awaited");
        let sources = told.recv().expect("counting is total").groups();
        let total = total.join().expect("counting is total");
        (out, std::iter::once(total).chain(sources).collect())
    })
}

/// Counts stretches of leads that nobody else counts, until there are none.
fn count_on<'a>(tables: &Tables, query: &'a FunnelQuery, next: &AtomicU32) -> FunnelCount<'a> {
    let nothing = FunnelCount::of(tables, query, LeadIndex(0)..LeadIndex(0));
    let stretches = std::iter::from_fn(|| {
        let first = next.fetch_add(LEADS_A_STRETCH, Ordering::Relaxed);
        let is_there = (first as usize) < tables.lead_count();
        is_there.then_some(LeadIndex(first)..LeadIndex(first.saturating_add(LEADS_A_STRETCH)))
    });
    stretches.fold(nothing, |count, leads| count.with(tables, leads))
}

fn answer_but_stages(tables: &Tables) -> Vec<String> {
    let counts = status(tables);
    let value = historic_value(tables, &[By::Source], RevenueBasis::Recorded);
    let states = State::ALL.into_iter().filter(|state| counts.of(*state) > 0);
    let mut out: Vec<String> =
        states.map(|state| format!("status {} {}", state as u8, counts.of(state))).collect();
    out.extend(value.iter().skip(1).flat_map(money));
    out.extend(value.iter().skip(1).flat_map(costs));
    out.extend(leads(tables));
    out
}

/// The number of a row's source: -1 for the total, 0 for none.
fn source(key: &[KeyPart]) -> i64 {
    match key.first() {
        None => -1,
        Some(KeyPart::Name(code)) => i64::from(code.0),
        Some(_) => 0,
    }
}

fn stages(row: &FunnelRow) -> Vec<String> {
    let stage = |stage: &leadfold::core::metrics::StageRow| {
        let (time, n) = (&stage.time, stage.time.n);
        // The log's instants are whole seconds, so that the sum comes back exactly.
        let sum_s = (time.mean_s.unwrap_or(0.0) * n as f64).round();
        let twice_median = (time.p50_s.unwrap_or(0.0) * 2e6).round();
        format!(
            "stage {} {} {} {} {} {n} {sum_s} {twice_median}",
            source(&row.key),
            stage.stage as u8,
            stage.entered,
            stage.reached,
            stage.visits
        )
    };
    row.stages.iter().filter(|stage| stage.reached > 0).map(stage).collect()
}

fn amount_in(list: &[Money], of: &Money) -> i128 {
    list.iter().filter(|money| money.currency == of.currency).map(|money| money.amount).sum()
}

fn money(row: &ValueRow) -> Vec<String> {
    let line = |paid: &Money| {
        let back = amount_in(&row.refunds, paid);
        format!("value {} {} {} {back}", source(&row.key), currency(paid.currency), paid.amount)
    };
    let mut lines: Vec<_> = row.revenue.iter().map(|m| (currency(m.currency), line(m))).collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn costs(row: &ValueRow) -> Vec<String> {
    let line = |cost: &Money| {
        format!("cost {} {} {}", source(&row.key), currency(cost.currency), cost.amount)
    };
    row.cost.iter().map(line).collect()
}

/// What customers have bought, and where all leads are.
fn leads(tables: &Tables) -> [String; 2] {
    let (mut sums, mut count, mut places) = ([0; 4], 0, 0);
    tables.leads().for_each(|lead| {
        count += 1;
        places += weight(&lead) * place(&lead);
        if lead.state() == State::Customer {
            let parts = customer(&lead).unwrap_or_default();
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
    });
    let [n, purchases, recency_s, weighted] = sums;
    [format!("customers {n} {purchases} {recency_s} {weighted}"), format!("leads {count} {places}")]
}

/// One, purchases, recency and weighted net revenue of a lead that has bought.
fn customer(lead: &Lead<'_>) -> Option<[i64; 4]> {
    let bought = || lead.payments().filter(|paid| !paid.is_refund).map(|paid| paid.at.micros());
    let recency_s = (bought().max()? - bought().min()?) / MICROS;
    let sign = |is_refund| if is_refund { -1 } else { 1 };
    let net: i64 = lead.payments().map(|paid| sign(paid.is_refund) * paid.amount).sum();
    Some([1, bought().count() as i64, recency_s, weight(lead) * net])
}

fn weight(lead: &Lead<'_>) -> i64 {
    i64::from(lead.index().0) % 1009 + 1
}

fn place(lead: &Lead<'_>) -> i64 {
    lead.state() as i64 * 1_000_000_000 + lead.entered_at().micros() / MICROS - START_S
}
