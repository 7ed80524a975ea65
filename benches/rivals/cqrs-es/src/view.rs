//! What a lead's view keeps, and the answer from all of them.

use std::collections::{BTreeMap, HashMap};

use crate::{Event, NO_LEAD};

const CUSTOMER: i8 = 6;
const STAGES: usize = 10;
const TOTAL: i64 = -1;
const START_S: i64 = 1_704_067_200;

/// A lead.
#[derive(Debug, Default)]
pub struct View {
    source: i64,
    visits: Vec<(i8, i64)>,
    purchases: i64,
    first_last: Option<(i64, i64)>,
    /// Revenue and refunds by currency; for the view without a lead, costs by source.
    money: BTreeMap<(i64, u16), [i64; 2]>,
}

impl View {
    pub fn update(&mut self, event: &Event) {
        self.go(event.target, event.micros);
        if event.source > 0 {
            self.source = event.source.into();
        }
        if event.side == 0 {
            return;
        }
        let source = if event.side == 3 { event.source.into() } else { 0 };
        let money = self.money.entry((source, event.currency)).or_default();
        money[usize::from(event.side == 2)] += event.amount;
        if event.side == 1 {
            let (first, _) = self.first_last.unwrap_or((event.micros, 0));
            self.first_last = Some((first, event.micros));
            self.purchases += 1;
        }
    }

    fn state(&self) -> i8 {
        self.visits.last().map_or(-1, |visit| visit.0)
    }

    fn go(&mut self, target: i8, at: i64) {
        let to = match (self.state(), target) {
            (CUSTOMER, _) | (_, -1) => return,
            (8, 12) => 0,
            (_, 12) => 7,
            (_, target) => target,
        };
        if to != self.state() {
            self.visits.push((to, at));
        }
    }
}

#[derive(Default)]
struct Stage {
    entered: u64,
    reached: u64,
    visits: u64,
    times: Vec<i64>,
}

/// The lines on which all systems have to agree.
pub fn answer(views: &mut HashMap<i64, View>) -> Vec<String> {
    let costs = views.remove(&NO_LEAD).unwrap_or_default().money;
    let mut states = [0_u64; STAGES];
    let mut stages: BTreeMap<i64, [Stage; STAGES]> = BTreeMap::new();
    let mut value: BTreeMap<(i64, u16), [i64; 2]> = BTreeMap::new();
    let (mut customers, mut places) = ([0; 4], 0);
    for (lead, view) in views.iter() {
        let (state, at) = view.visits.last().copied().unwrap_or_default();
        states[state as usize] += 1;
        let weight = lead % 1009 + 1;
        places += weight * (i64::from(state) * 1_000_000_000 + at / 1_000_000 - START_S);
        count(view, stages.entry(TOTAL).or_default());
        count(view, stages.entry(view.source).or_default());
        let mut net = 0;
        for ((_, currency), [paid, back]) in &view.money {
            let sums = value.entry((view.source, *currency)).or_default();
            (sums[0], sums[1]) = (sums[0] + paid, sums[1] + back);
            net += paid - back;
        }
        if let Some((first, last)) = view.first_last {
            let parts = [1, view.purchases, (last - first) / 1_000_000, weight * net];
            customers.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
    }
    let mut out: Vec<String> = (0..STAGES)
        .filter(|state| states[*state] > 0)
        .map(|state| format!("status {state} {}", states[state]))
        .collect();
    for (source, stages) in &mut stages {
        out.extend(stages.iter_mut().enumerate().filter_map(|(i, s)| line(*source, i, s)));
    }
    out.extend(value.iter().map(|((s, c), [paid, back])| format!("value {s} {c} {paid} {back}")));
    out.extend(costs.iter().map(|((s, c), [amount, _])| format!("cost {s} {c} {amount}")));
    let [n, purchases, recency, net] = customers;
    out.push(format!("customers {n} {purchases} {recency} {net}"));
    out.push(format!("leads {} {places}", views.len()));
    out
}

fn count(view: &View, stages: &mut [Stage; STAGES]) {
    let bits = view.visits.iter().fold(0_u16, |bits, visit| bits | 1 << visit.0);
    let rung = view.visits.iter().map(|visit| visit.0).filter(|state| *state <= CUSTOMER).max();
    for (index, stage) in stages.iter_mut().enumerate() {
        let entered = bits >> index & 1;
        let is_far = rung.is_some_and(|rung| rung >= index as i8);
        stage.entered += u64::from(entered);
        stage.reached += if index <= 6 { u64::from(is_far) } else { u64::from(entered) };
    }
    for (index, visit) in view.visits.iter().enumerate() {
        let stage = &mut stages[visit.0 as usize];
        stage.visits += 1;
        stage.times.extend(view.visits.get(index + 1).map(|next| next.1 - visit.1));
    }
}

fn line(source: i64, index: usize, stage: &mut Stage) -> Option<String> {
    let n = stage.times.len();
    let sum = stage.times.iter().sum::<i64>() / 1_000_000;
    let mut rank = |rank| *stage.times.select_nth_unstable(rank).1;
    let twice_median = if n == 0 { 0 } else { rank((n - 1) / 2) + rank(n / 2) };
    let Stage { entered, reached, visits, .. } = stage;
    let line =
        format!("stage {source} {index} {entered} {reached} {visits} {n} {sum} {twice_median}");
    (*reached > 0).then_some(line)
}
