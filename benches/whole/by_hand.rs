//! The same questions, asked of the rivals' rows by a program that is written for them and nothing
//! else: what this machine allows.
//!
//! It believes the log: nothing is judged, late, corrected or merged, and the state that an event
//! asks for is worked out beforehand. So it is a measure and no alternative.

mod log_order;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use crate::flat::{self, NO_LEAD, NO_MOVE, REOPENED, Row, Side};
use crate::report::Report;
use crate::{Result, START_S};

const STATES: usize = 10;
const CUSTOMER: usize = 6;
/// No state yet, in [`Moves`].
const NOWHERE: usize = STATES;
/// All that an event can ask for, from [`NO_MOVE`] on.
const TARGETS: usize = (REOPENED - NO_MOVE) as usize + 1;
/// Read once to see how fast memory is: more than any cache has.
const PROBE_WORDS: usize = 1 << 26;

/// Where an event takes a lead, by where it is and what is asked for.
type Moves = [[u8; TARGETS]; STATES + 1];

/// An event in 16 bytes.
#[derive(Clone, Copy)]
struct Event {
    at: i64,
    lead: u32,
    source: u16,
    target: i8,
    side: Side,
}

const _: () = assert!(size_of::<Event>() == 16);

#[derive(Clone, Copy)]
struct Amount {
    amount: i64,
    currency: u16,
}

impl Event {
    /// Its place in a row of [`Moves`].
    #[inline(always)]
    fn asked(&self) -> usize {
        (self.target - NO_MOVE) as usize
    }
}

/// A log, events apart from the few amounts.
struct Columns {
    /// How many leads there are.
    leads: usize,
    events: Vec<Event>,
    /// One for each event that has a side, in the same order.
    amounts: Vec<Amount>,
    costs: Vec<(u32, Amount)>,
}

impl Columns {
    fn of(rows: Vec<Row>) -> Result<Self> {
        let leads = rows.iter().map(|row| row.lead).max().map_or(0, |lead| lead + 1);
        let mut columns = Self {
            leads: usize::try_from(leads)?,
            events: Vec::new(),
            amounts: Vec::new(),
            costs: Vec::new(),
        };
        for Row { lead, at, target, source, side, amount, currency, .. } in rows {
            let amount = Amount { amount, currency };
            if lead == NO_LEAD {
                columns.costs.push((source, amount));
                continue;
            }
            let (lead, source) = (u32::try_from(lead)?, u16::try_from(source)?);
            columns.events.push(Event { at, lead, source, target, side });
            if side != Side::None {
                columns.amounts.push(amount);
            }
        }
        Ok(columns)
    }

    fn cost_lines(&self) -> impl Iterator<Item = String> {
        let mut costs: BTreeMap<(u32, u16), i64> = BTreeMap::new();
        for (source, Amount { amount, currency }) in &self.costs {
            *costs.entry((*source, *currency)).or_default() += amount;
        }
        costs.into_iter().map(|((s, c), amount)| format!("cost {s} {c} {amount}"))
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.events[..])
            + size_of_val(&self.amounts[..])
            + size_of_val(&self.costs[..])
    }
}

/// The funnel of a stage.
#[derive(Default)]
struct Stage {
    entered: u64,
    reached: u64,
    visits: u64,
    times: Vec<i64>,
}

type Funnel = [Stage; STATES];

impl Stage {
    #[inline(always)]
    fn end(&mut self, time: i64) {
        self.visits += 1;
        self.times.push(time);
    }
}

/// What is known of the lead at hand.
#[derive(Default)]
struct Lead {
    state: u8,
    entered_at: i64,
    source: u16,
    /// Ended visits: the state and how long.
    ended: Vec<(u8, i64)>,
    paid: Vec<(Side, Amount)>,
    bought: Option<[i64; 2]>,
}

#[derive(Default)]
struct Answer {
    /// State, and when it was entered, of every lead.
    last: Vec<(u8, i64)>,
    /// By source.
    funnels: Vec<Funnel>,
    /// What was paid, and what was paid back.
    money: BTreeMap<(u16, u16), [i64; 2]>,
    customers: [i64; 4],
}

/// The log by lead, as fast as a program of this page is.
pub(crate) fn by_lead(dir: &Path, rounds: usize) -> Result<Report> {
    let mut rows = flat::read(&dir.join("events.csv"))?;
    rows.sort_by_key(|row| row.lead);
    Ok(measured(rows, rounds, answer)?.figure("read_gb_a_second", read_rate()))
}

/// The same in the order of the log.
pub(crate) fn log_order(dir: &Path, rounds: usize) -> Result<Report> {
    measured(flat::read(&dir.join("events.csv"))?, rounds, log_order::answer)
}

fn measured(
    rows: Vec<Row>,
    rounds: usize,
    answer: fn(&Columns, &Moves) -> Vec<String>,
) -> Result<Report> {
    let events = rows.len() as u64;
    let (columns, moves) = (Columns::of(rows)?, moves());
    let report = Report::rounds(rounds, || Ok(()), |()| Ok(answer(&columns, &moves)))?;
    let bytes_an_event = columns.bytes() as f64 / events as f64;
    Ok(Report { events, bytes_an_event, ..report })
}

fn moves() -> Moves {
    std::array::from_fn(|from| {
        std::array::from_fn(|asked| {
            let to = match (from, asked as i8 + NO_MOVE) {
                (CUSTOMER, _) | (_, NO_MOVE) => from,
                (8, REOPENED) => 0,
                (_, REOPENED) => 7,
                (_, target) => target as usize,
            };
            to as u8
        })
    })
}

fn answer(columns: &Columns, moves: &Moves) -> Vec<String> {
    let (mut all, mut lead) = (Answer::default(), Lead::default());
    let mut amounts = columns.amounts.iter();
    for events in columns.events.chunk_by(|a, b| a.lead == b.lead) {
        lead.begin();
        for event in events {
            lead.take(event, moves);
            if event.side != Side::None {
                lead.pay(event, *amounts.next().expect("one for each side"));
            }
        }
        all.end(&lead);
    }
    let mut out = all.lines();
    out.extend(columns.cost_lines());
    out
}

impl Lead {
    fn begin(&mut self) {
        (self.state, self.entered_at, self.source, self.bought) = (NOWHERE as u8, 0, 0, None);
        self.ended.clear();
        self.paid.clear();
    }

    #[inline(always)]
    fn take(&mut self, event: &Event, moves: &Moves) {
        if event.source > 0 {
            self.source = event.source;
        }
        let to = moves[usize::from(self.state)][event.asked()];
        if to != self.state {
            self.ended.push((self.state, event.at - self.entered_at));
            (self.state, self.entered_at) = (to, event.at);
        }
    }

    fn pay(&mut self, event: &Event, amount: Amount) {
        self.paid.push((event.side, amount));
        if event.side == Side::Revenue {
            let [first, _] = self.bought.unwrap_or([event.at; 2]);
            self.bought = Some([first, event.at]);
        }
    }
}

impl Answer {
    #[inline(always)]
    fn end(&mut self, lead: &Lead) {
        self.last.push((lead.state, lead.entered_at));
        // What is left first is no state.
        let ended = lead.ended.get(1..).unwrap_or_default();
        let entered = ended.iter().fold(1 << lead.state, |all, (state, _)| all | 1 << state);
        let funnel = self.enter(lead, entered);
        ended.iter().for_each(|(state, time)| funnel[usize::from(*state)].end(*time));
        if !lead.paid.is_empty() {
            self.pay(lead);
        }
    }

    /// Counts the states that a lead has entered.
    #[inline(always)]
    fn enter(&mut self, lead: &Lead, entered: u32) -> &mut Funnel {
        let source = usize::from(lead.source);
        if source >= self.funnels.len() {
            self.funnels.resize_with(source + 1, Funnel::default);
        }
        let funnel = &mut self.funnels[source];
        let entered = entered & ((1 << STATES) - 1);
        if let Some(stage) = funnel.get_mut(usize::from(lead.state)) {
            stage.visits += 1;
        }
        let rungs = entered & ((1 << (CUSTOMER + 1)) - 1);
        let reached = entered | ((1 << (u32::BITS - rungs.leading_zeros())) - 1);
        for (state, stage) in funnel.iter_mut().enumerate() {
            stage.entered += u64::from(entered >> state & 1);
            stage.reached += u64::from(reached >> state & 1);
        }
        funnel
    }

    fn pay(&mut self, lead: &Lead) {
        let (mut net, mut purchases) = (0, 0);
        for (side, paid) in &lead.paid {
            let is_refund = *side == Side::Refund;
            self.add(lead.source, *side, *paid);
            net += if is_refund { -paid.amount } else { paid.amount };
            purchases += i64::from(!is_refund);
        }
        if let Some(bought) = lead.bought {
            self.buy(bought, purchases, net);
        }
    }

    fn add(&mut self, source: u16, side: Side, Amount { amount, currency }: Amount) {
        let sums = self.money.entry((source, currency)).or_default();
        sums[usize::from(side == Side::Refund)] += amount;
    }

    /// Counts the lead at hand as one that has bought.
    fn buy(&mut self, [first, last]: [i64; 2], purchases: i64, net: i64) {
        let weight = (self.last.len() as i64 - 1) % 1009 + 1;
        let parts = [1, purchases, (last - first) / 1_000_000, weight * net];
        self.customers.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }

    fn lines(mut self) -> Vec<String> {
        let mut statuses = [0; STATES];
        let mut weighted = 0;
        for (lead, (state, at)) in self.last.iter().enumerate() {
            statuses[usize::from(*state)] += 1;
            let place = i64::from(*state) * 1_000_000_000 + at / 1_000_000 - START_S;
            weighted += (lead as i64 % 1009 + 1) * place;
        }
        let statuses = statuses.iter().enumerate().filter(|(_, n)| **n > 0);
        let mut out: Vec<String> = statuses.map(|(s, n)| format!("status {s} {n}")).collect();
        out.push(format!("leads {} {weighted}", self.last.len()));
        let [n, purchases, recency_s, net] = self.customers;
        out.push(format!("customers {n} {purchases} {recency_s} {net}"));
        let money = &self.money;
        out.extend(
            money.iter().map(|((s, c), [paid, back])| format!("value {s} {c} {paid} {back}")),
        );
        let total = self.total();
        out.extend(stages(-1, total));
        out.extend((0..).zip(self.funnels).flat_map(|(source, funnel)| stages(source, funnel)));
        out
    }

    fn total(&mut self) -> Funnel {
        std::array::from_fn(|state| {
            let stages = || self.funnels.iter().map(|funnel| &funnel[state]);
            let mut times = Vec::with_capacity(stages().map(|stage| stage.times.len()).sum());
            stages().for_each(|stage| times.extend_from_slice(&stage.times));
            Stage {
                entered: stages().map(|stage| stage.entered).sum(),
                reached: stages().map(|stage| stage.reached).sum(),
                visits: stages().map(|stage| stage.visits).sum(),
                times,
            }
        })
    }
}

fn stages(source: i64, funnel: Funnel) -> Vec<String> {
    let is_reached = |(_, stage): &(usize, Stage)| stage.reached > 0;
    let line = |(state, Stage { entered, reached, visits, mut times }): (usize, Stage)| {
        let (n, sum) = (times.len(), times.iter().map(|time| i128::from(*time)).sum::<i128>());
        let (sum_s, median) = (sum / 1_000_000, twice_median(&mut times));
        format!("stage {source} {state} {entered} {reached} {visits} {n} {sum_s} {median}")
    };
    funnel.into_iter().enumerate().filter(is_reached).map(line).collect()
}

fn twice_median(times: &mut [i64]) -> i64 {
    if times.is_empty() {
        return 0;
    }
    let middle = times.len() / 2;
    let is_even = times.len().is_multiple_of(2);
    let (below, upper, _) = times.select_nth_unstable(middle);
    let upper = *upper;
    let lower = below.iter().max().copied().filter(|_| is_even).unwrap_or(upper);
    lower + upper
}

/// How fast one thread reads memory, 10^9 bytes a second: the best of three.
fn read_rate() -> f64 {
    let words = vec![1_u64; PROBE_WORDS];
    let seconds = (0..3).map(|_| {
        let start = Instant::now();
        let sum = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word));
        assert_eq!(std::hint::black_box(sum), PROBE_WORDS as u64);
        start.elapsed().as_secs_f64()
    });
    size_of_val(&words[..]) as f64 / seconds.fold(f64::INFINITY, f64::min) / 1e9
}
