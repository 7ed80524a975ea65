//! The metrics of domain 1.4 computed from an outcome, one lead after the other.
//! A merged lead is left out everywhere but in the status: its root stands for it.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::{
    shape::{Lead, Opportunity, Outcome, Visit},
    table::{self, STATES},
};

/// The dimensions of a row: what a lead is counted under.
pub type Key = Vec<Option<String>>;

/// One row of a funnel.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FunnelRow {
    /// Leads captured.
    pub captured: u64,
    /// The ten states from `new` to `lost`, all of them.
    pub stages: BTreeMap<String, StageRow>,
    /// Leads won.
    pub won: u64,
    /// Leads lost or disqualified.
    pub lost: u64,
    /// Leads erased.
    pub erased: u64,
    /// The rest of the captured.
    pub still_open: u64,
    /// Capture to first customer, in microseconds, sorted; never negative.
    pub days_to_won: Vec<i64>,
}

/// One state in a row of a funnel.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StageRow {
    /// Leads that really entered it.
    pub entered: u64,
    /// Leads that entered it or a later rung, implied or not; off the ladder as `entered`.
    pub reached: u64,
    /// Entries that are not implied.
    pub visits: u64,
    /// Leads that are in it.
    pub open: u64,
    /// Closed visits, neither implied nor of unknown length, in microseconds, sorted.
    pub durations: Vec<i64>,
}

impl FunnelRow {
    fn new() -> Self {
        let stages = STATES.iter().map(|state| ((*state).to_owned(), StageRow::default()));
        Self { stages: stages.collect(), ..Self::default() }
    }

    fn stage(&mut self, state: &str) -> &mut StageRow {
        self.stages.get_mut(state).expect("a new row has all ten states")
    }

    fn sort(&mut self) {
        self.days_to_won.sort_unstable();
        self.stages.values_mut().for_each(|stage| stage.durations.sort_unstable());
    }
}

/// P1: how many leads are in each state; states without a lead are left out.
#[must_use]
pub fn status_counts(outcome: &Outcome) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for lead in outcome.leads.values() {
        *counts.entry(lead.state.clone()).or_insert(0) += 1;
    }
    counts
}

/// P5: the leads captured in [from, to) and what became of them. The outcome must be read with
/// the same `as_of`; a capture after it is left out.
#[must_use]
pub fn cohort_funnel(
    outcome: &Outcome,
    as_of: i64,
    from: Option<i64>,
    to: Option<i64>,
    by: &dyn Fn(&Lead) -> Key,
) -> BTreeMap<Key, FunnelRow> {
    let mut rows = BTreeMap::new();
    for lead in standing_leads(outcome) {
        let Some(captured_at) = lead.captured_at else { continue };
        if captured_at <= as_of && is_within(captured_at, from, to) {
            let row = rows.entry(by(lead)).or_insert_with(FunnelRow::new);
            count_in_cohort(row, lead);
        }
    }
    rows.values_mut().for_each(FunnelRow::sort);
    rows
}

fn count_in_cohort(row: &mut FunnelRow, lead: &Lead) {
    row.captured += 1;
    match lead.state.as_str() {
        "customer" => {
            row.won += 1;
            row.days_to_won.extend(time_to_won(lead));
        }
        "lost" | "disqualified" => row.lost += 1,
        "erased" => row.erased += 1,
        _ => row.still_open += 1,
    }
    for state in STATES {
        let entered = lead.entered.contains(state);
        let reached = table::rung(state).map_or(entered, |rung| lead.reached >= rung);
        let stage = row.stage(state);
        stage.entered += u64::from(entered);
        stage.reached += u64::from(reached);
        stage.open += u64::from(lead.state == state);
        for visit in real_visits(lead).filter(|visit| visit.state == state) {
            stage.visits += 1;
            stage.durations.extend(known_duration(visit));
        }
    }
}

/// P4: what happened in [from, to), whenever the leads were captured. Everything is counted by
/// entries in the period; `open` and `durations` are those of the visits that began in it.
#[must_use]
pub fn period_funnel(
    outcome: &Outcome,
    as_of: i64,
    from: Option<i64>,
    to: Option<i64>,
    by: &dyn Fn(&Lead) -> Key,
) -> BTreeMap<Key, FunnelRow> {
    let inside = |at: i64| at <= as_of && is_within(at, from, to);
    let mut rows = BTreeMap::new();
    for lead in standing_leads(outcome) {
        let visits: Vec<&Visit> = lead.visits.iter().filter(|v| inside(v.entered_at)).collect();
        let captured = lead.captured_at.is_some_and(inside);
        if captured || !visits.is_empty() {
            let row = rows.entry(by(lead)).or_insert_with(FunnelRow::new);
            count_in_period(row, lead, captured, &visits);
        }
    }
    rows.values_mut().for_each(FunnelRow::sort);
    rows
}

fn count_in_period(row: &mut FunnelRow, lead: &Lead, captured: bool, visits: &[&Visit]) {
    let enters = |state: &str| visits.iter().any(|v| !v.implied && v.state == state);
    let highest = visits.iter().filter_map(|visit| table::rung(&visit.state)).max();
    let (won, lost, erased) =
        (enters("customer"), enters("lost") || enters("disqualified"), enters("erased"));
    row.captured += u64::from(captured);
    row.won += u64::from(won);
    row.lost += u64::from(lost);
    row.erased += u64::from(erased);
    row.still_open += u64::from(captured && !won && !lost && !erased);
    if let Some(first) = first_entry(lead, "customer")
        && visits.iter().any(|visit| visit.state == "customer" && visit.entered_at == first)
    {
        row.days_to_won.extend(time_to_won(lead));
    }
    for state in STATES {
        let entered = enters(state);
        let reached = table::rung(state).map_or(entered, |rung| highest >= Some(rung));
        let stage = row.stage(state);
        stage.entered += u64::from(entered);
        stage.reached += u64::from(reached);
        for visit in visits.iter().filter(|visit| !visit.implied && visit.state == state) {
            stage.visits += 1;
            stage.open += u64::from(visit.left_at.is_none());
            stage.durations.extend(known_duration(visit));
        }
    }
}

/// P3: the first visit (open: until `as_of`), the latest closed visit, the sum of the closed ones
/// and the open one. Visits of unknown length are left out; implied ones are zero long.
#[must_use]
pub fn stage_times(
    lead: &Lead,
    state: &str,
    as_of: i64,
) -> (Option<i64>, Option<i64>, i64, Option<i64>) {
    let visits: Vec<&Visit> =
        lead.visits.iter().filter(|visit| visit.state == state && !visit.unknown).collect();
    let closed: Vec<i64> = visits.iter().filter_map(|v| Some(v.left_at? - v.entered_at)).collect();
    let first = visits.first().map(|visit| visit.left_at.unwrap_or(as_of) - visit.entered_at);
    let open = visits.iter().find(|visit| visit.left_at.is_none());
    let open = open.map(|visit| as_of - visit.entered_at);
    (first, closed.last().copied(), closed.iter().sum(), open)
}

/// P10: opportunities closed in a period.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WinRate {
    /// How many were won.
    pub won: u64,
    /// How many were closed.
    pub closed: u64,
    /// Amounts (won, closed) by currency, of the opportunities that have one: the won as it is, the
    /// lost as it was at the loss.
    pub amounts: BTreeMap<String, (i128, i128)>,
}

/// P10: the opportunities whose last outcome fell in [from, to).
#[must_use]
pub fn win_rate(outcome: &Outcome, from: Option<i64>, to: Option<i64>) -> WinRate {
    let mut rate = WinRate::default();
    for opportunity in closed_opportunities(outcome, from, to) {
        let won = opportunity.outcome == "won";
        rate.closed += 1;
        rate.won += u64::from(won);
        let money = if won { money(opportunity) } else { lost_money(opportunity) };
        if let Some((currency, amount)) = money {
            let sums = rate.amounts.entry(currency).or_default();
            sums.0 += if won { amount } else { 0 };
            sums.1 += amount;
        }
    }
    rate
}

/// P29: what was lost for one reason.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Losses {
    /// How many opportunities.
    pub count: u64,
    /// Their amounts at the loss by currency.
    pub amounts: BTreeMap<String, i128>,
    /// How many by the state of the lead just before.
    pub states: BTreeMap<Option<String>, u64>,
    /// How many by the deal's own (pipeline, stage).
    pub stages: BTreeMap<(Option<String>, Option<String>), u64>,
    /// How long they were open, in microseconds, sorted; not of those opened by implication.
    pub open_for: Vec<i64>,
}

/// P29: opportunities lost in [from, to) by reason; no reason is a row of its own.
#[must_use]
pub fn loss_reasons(
    outcome: &Outcome,
    from: Option<i64>,
    to: Option<i64>,
) -> BTreeMap<Option<String>, Losses> {
    let mut rows: BTreeMap<Option<String>, Losses> = BTreeMap::new();
    for lost in closed_opportunities(outcome, from, to).filter(|o| o.outcome == "lost") {
        let row = rows.entry(lost.reason.clone()).or_default();
        row.count += 1;
        if let Some((currency, amount)) = lost_money(lost) {
            *row.amounts.entry(currency).or_default() += amount;
        }
        *row.states.entry(lost.stage_at_loss.clone()).or_default() += 1;
        *row.stages.entry((lost.pipeline.clone(), lost.stage.clone())).or_default() += 1;
        if !lost.implied {
            row.open_for.extend(lost.closed_at.map(|closed_at| closed_at - lost.opened_at));
        }
    }
    rows.values_mut().for_each(|row| row.open_for.sort_unstable());
    rows
}

/// P8: (time, at risk, events, survival) at every time with an event, of (duration, is an event).
/// Negative durations count as 0; at a tie events come before censorings.
#[must_use]
pub fn kaplan_meier(durations: &[(i64, bool)]) -> Vec<(i64, u64, u64, f64)> {
    let clipped: Vec<(i64, bool)> =
        durations.iter().map(|(t, event)| (*t.max(&0), *event)).collect();
    let mut times: Vec<i64> = clipped.iter().filter(|(_, event)| *event).map(|(t, _)| *t).collect();
    times.sort_unstable();
    times.dedup();
    let count = |n: usize| u64::try_from(n).expect("a count fits 64 bits");
    let mut survival = 1.0;
    let mut rows = Vec::new();
    for time in times {
        let at_risk = count(clipped.iter().filter(|(t, _)| *t >= time).count());
        let events = count(clipped.iter().filter(|(t, event)| *t == time && *event).count());
        survival *= 1.0 - events as f64 / at_risk as f64;
        rows.push((time, at_risk, events, survival));
    }
    rows
}

/// P7: of the leads captured at least `window` before `as_of`, those that became a customer
/// within it: (num, den).
#[must_use]
pub fn within(outcome: &Outcome, as_of: i64, window: i64) -> (u64, u64) {
    let (mut num, mut den) = (0, 0);
    for lead in standing_leads(outcome) {
        if lead.captured_at.is_some_and(|captured_at| as_of - captured_at >= window) {
            den += 1;
            num += u64::from(time_to_won(lead).is_some_and(|time| time <= window));
        }
    }
    (num, den)
}

/// Section 7: (revenue, refunds) by currency, over all leads.
#[must_use]
pub fn revenue(outcome: &Outcome) -> BTreeMap<String, (i128, i128)> {
    let mut totals: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for lead in standing_leads(outcome) {
        for (currency, (revenue, refunds)) in lead_revenue(lead) {
            let total = totals.entry(currency).or_default();
            total.0 += revenue;
            total.1 += refunds;
        }
    }
    totals
}

/// Section 7: (revenue, refunds) of one lead by currency. Where no money was recorded, the won
/// opportunities stand for it.
#[must_use]
pub fn lead_revenue(lead: &Lead) -> BTreeMap<String, (i128, i128)> {
    let mut totals: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for row in &lead.revenue {
        let total = totals.entry(row.currency.clone()).or_default();
        let side = if row.refund { &mut total.1 } else { &mut total.0 };
        *side += i128::from(row.amount);
    }
    if lead.revenue.is_empty() {
        let won = lead.opportunities.iter().filter(|opportunity| opportunity.outcome == "won");
        for (currency, amount) in won.filter_map(money) {
            totals.entry(currency).or_default().0 += amount;
        }
    }
    totals
}

/// The quantile of sorted values by linear interpolation (type 7); `None` of nothing.
#[must_use]
pub fn quantile(sorted: &[i64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * q;
    let below = place.floor();
    let (low, high) = (sorted[below as usize], sorted[place.ceil() as usize]);
    Some(low as f64 + (high as f64 - low as f64) * (place - below))
}

/// The month of an instant in UTC, as `2024-02`.
#[must_use]
pub fn month(at: i64) -> String {
    let time = DateTime::from_timestamp_micros(at).expect("a time in a log is within the calendar");
    time.format("%Y-%m").to_string()
}

/// Law 5: the visits follow one another without a gap, and their times sum to `as_of` minus the
/// beginning, which is the capture where the lead began with one.
#[must_use]
pub fn time_balances(lead: &Lead, as_of: i64) -> bool {
    let ends = |visit: &Visit| visit.left_at.unwrap_or(as_of);
    let total: i64 = lead.visits.iter().map(|visit| ends(visit) - visit.entered_at).sum();
    let joins = lead.visits.windows(2).all(|pair| pair[0].left_at == Some(pair[1].entered_at));
    let known_start = lead.visits.first().is_some_and(|first| !first.unknown);
    let last_is_open = lead.visits.last().is_some_and(|last| last.left_at.is_none());
    let begins_captured = !known_start || lead.captured_at.is_none_or(|at| at == lead.began_at);
    joins && last_is_open && begins_captured && total == as_of - lead.began_at
}

fn standing_leads(outcome: &Outcome) -> impl Iterator<Item = &Lead> {
    outcome.leads.values().filter(|lead| lead.state != "merged")
}

fn is_within(at: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)
}

fn real_visits(lead: &Lead) -> impl Iterator<Item = &Visit> {
    lead.visits.iter().filter(|visit| !visit.implied)
}

fn known_duration(visit: &Visit) -> Option<i64> {
    let left_at = visit.left_at.filter(|_| !visit.unknown)?;
    Some(left_at - visit.entered_at)
}

fn first_entry(lead: &Lead, state: &str) -> Option<i64> {
    real_visits(lead).find(|visit| visit.state == state).map(|visit| visit.entered_at)
}

/// Capture to first customer, at least 0.
fn time_to_won(lead: &Lead) -> Option<i64> {
    Some((first_entry(lead, "customer")? - lead.captured_at?).max(0))
}

fn closed_opportunities(
    outcome: &Outcome,
    from: Option<i64>,
    to: Option<i64>,
) -> impl Iterator<Item = &Opportunity> {
    let all = standing_leads(outcome).flat_map(|lead| &lead.opportunities);
    all.filter(move |opportunity| opportunity.closed_at.is_some_and(|at| is_within(at, from, to)))
}

fn money(opportunity: &Opportunity) -> Option<(String, i128)> {
    Some((opportunity.currency.clone()?, i128::from(opportunity.amount?)))
}

fn lost_money(lost: &Opportunity) -> Option<(String, i128)> {
    let (amount, currency) = lost.money_at_loss.clone()?;
    Some((currency, i128::from(amount)))
}
