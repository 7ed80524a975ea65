//! The answer once more, from the flat log and as plainly as possible: the oracle of all others.
//!
//! It shares no code with the engine. It knows only what an orderly log needs.

use std::collections::BTreeMap;

use crate::START_S;
use crate::flat::{NO_LEAD, NO_MOVE, REOPENED, Row, Side};

const CUSTOMER: i8 = 6;
const DISQUALIFIED: i8 = 8;
const STAGES: i8 = 10;
/// The sources of all.
const TOTAL: i64 = -1;

#[derive(Default)]
struct Lead {
    source: i64,
    /// State, and when it was entered.
    visits: Vec<(i8, i64)>,
    /// Instants of purchases.
    bought: Vec<i64>,
    net: i64,
}

impl Lead {
    fn state(&self) -> i8 {
        self.visits.last().map_or(NO_MOVE, |visit| visit.0)
    }

    fn go(&mut self, target: i8, at: i64) {
        let to = match (self.state(), target) {
            (CUSTOMER, _) | (_, NO_MOVE) => return,
            (DISQUALIFIED, REOPENED) => 0,
            (_, REOPENED) => 7,
            (_, target) => target,
        };
        if to != self.state() {
            self.visits.push((to, at));
        }
    }

    fn has_reached(&self, stage: i8) -> bool {
        let is_far = |state: i8| state == stage || (stage < state && state <= CUSTOMER);
        self.visits.iter().any(|visit| is_far(visit.0))
    }

    fn durations(&self, stage: i8) -> impl Iterator<Item = i64> {
        let closed = self.visits.windows(2).filter(move |pair| pair[0].0 == stage);
        closed.map(|pair| pair[1].1 - pair[0].1)
    }
}

/// The lines on which all systems have to agree.
pub(crate) fn answer(rows: &[Row]) -> Vec<String> {
    let mut leads: BTreeMap<i64, Lead> = BTreeMap::new();
    let mut costs: BTreeMap<(u32, u16), i64> = BTreeMap::new();
    let mut money: BTreeMap<(i64, u16), [i64; 2]> = BTreeMap::new();
    for row in rows {
        if row.lead == NO_LEAD {
            *costs.entry((row.source, row.currency)).or_default() += row.amount;
            continue;
        }
        let lead = leads.entry(row.lead).or_default();
        lead.go(row.target, row.at);
        lead.source = if row.source > 0 { row.source.into() } else { lead.source };
        match row.side {
            Side::Revenue => (lead.net, _) = (lead.net + row.amount, lead.bought.push(row.at)),
            Side::Refund => lead.net -= row.amount,
            _ => {}
        }
    }
    for row in rows.iter().filter(|row| matches!(row.side, Side::Revenue | Side::Refund)) {
        let key = (leads[&row.lead].source, row.currency);
        money.entry(key).or_default()[usize::from(row.side == Side::Refund)] += row.amount;
    }
    let mut out = statuses(&leads);
    out.extend(funnels(&leads));
    out.extend(money.iter().map(|((s, c), [paid, back])| format!("value {s} {c} {paid} {back}")));
    out.extend(costs.iter().map(|((s, c), amount)| format!("cost {s} {c} {amount}")));
    out.extend([customers(&leads), last_states(&leads)]);
    out
}

fn statuses(leads: &BTreeMap<i64, Lead>) -> Vec<String> {
    let count = |state| leads.values().filter(|lead| lead.state() == state).count();
    let states = (0..STAGES).map(|state| (state, count(state)));
    states.filter(|(_, n)| *n > 0).map(|(state, n)| format!("status {state} {n}")).collect()
}

fn funnels(leads: &BTreeMap<i64, Lead>) -> Vec<String> {
    let mut by_source: BTreeMap<i64, Vec<&Lead>> = BTreeMap::new();
    by_source.insert(TOTAL, leads.values().collect());
    leads.values().for_each(|lead| by_source.entry(lead.source).or_default().push(lead));
    let stages = |(source, leads): (&i64, &Vec<&Lead>)| {
        (0..STAGES).filter_map(|stage| funnel(leads, *source, stage)).collect::<Vec<_>>()
    };
    by_source.iter().flat_map(stages).collect()
}

fn funnel(leads: &[&Lead], source: i64, stage: i8) -> Option<String> {
    let visits = |lead: &&&Lead| lead.visits.iter().filter(|visit| visit.0 == stage).count();
    let reached = leads.iter().filter(|lead| lead.has_reached(stage)).count();
    let entered = leads.iter().filter(|lead| visits(lead) > 0).count();
    let entries: usize = leads.iter().map(|lead| visits(&lead)).sum();
    let mut times: Vec<i64> = leads.iter().flat_map(|lead| lead.durations(stage)).collect();
    times.sort_unstable();
    let (n, sum_s) =
        (times.len(), times.iter().map(|time| i128::from(*time)).sum::<i128>() / 1_000_000);
    let twice_median = if n == 0 { 0 } else { times[(n - 1) / 2] + times[n / 2] };
    let line =
        format!("stage {source} {stage} {entered} {reached} {entries} {n} {sum_s} {twice_median}");
    (reached > 0).then_some(line)
}

fn customers(leads: &BTreeMap<i64, Lead>) -> String {
    let mut sums = [0; 4];
    for (number, lead) in leads.iter().filter(|(_, lead)| !lead.bought.is_empty()) {
        let (first, last) = (lead.bought.iter().min(), lead.bought.iter().max());
        let recency_s = (last.unwrap_or(&0) - first.unwrap_or(&0)) / 1_000_000;
        let weighted = (number % 1009 + 1) * lead.net;
        let parts = [1, lead.bought.len() as i64, recency_s, weighted];
        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }
    let [n, purchases, recency_s, weighted] = sums;
    format!("customers {n} {purchases} {recency_s} {weighted}")
}

fn last_states(leads: &BTreeMap<i64, Lead>) -> String {
    let place = |lead: &Lead| {
        let (state, at) = lead.visits.last().copied().unwrap_or_default();
        i64::from(state) * 1_000_000_000 + at / 1_000_000 - START_S
    };
    let weighted: i64 = leads.iter().map(|(number, lead)| (number % 1009 + 1) * place(lead)).sum();
    format!("leads {} {weighted}", leads.len())
}
