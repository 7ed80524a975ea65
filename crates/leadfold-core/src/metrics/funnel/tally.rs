//! One row of a funnel while it is counted.

use super::times::Times;
use super::{FunnelKind, FunnelQuery, FunnelRow, StageRow, SurvivalRow, Within};
use crate::metrics::{DurationStat, KaplanMeier, KeyPart, Observation, Rate};
use crate::tables::Visit;
use crate::{DAY, Lead, State, Timestamp};

/// States with a row in the funnel: those that a lead can leave.
const STAGES: usize = 10;

/// The days at which conversion in time is reported.
const SURVIVAL_DAYS: [u32; 9] = [0, 1, 7, 14, 30, 60, 90, 180, 365];

/// A row while it is counted: sums, and what medians are found in.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    sums: Sums,
    times: [Times; STAGES],
    to_won: Times,
    observed: Vec<Observation>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    captured: u64,
    won: u64,
    lost: u64,
    erased: u64,
    still_open: u64,
    negative: u64,
    in_window: Rate,
    entered: [u64; STAGES],
    /// Leads by the highest rung of the ladder that they stood on.
    highest: [u64; STAGES],
    visits: [u64; STAGES],
    open: [u64; STAGES],
}

impl Tally {
    /// Counts a lead that stands alone.
    pub(super) fn lead(&mut self, lead: &Lead<'_>, query: &FunnelQuery) {
        match query.kind {
            FunnelKind::Cohort => self.cohort(lead, query),
            FunnelKind::Period => self.period(lead, query),
        }
    }

    fn cohort(&mut self, lead: &Lead<'_>, query: &FunnelQuery) {
        let state = lead.state();
        self.sums.captured += 1;
        self.sums.won += u64::from(state == State::Customer);
        self.sums.lost += u64::from(matches!(state, State::Lost | State::Disqualified));
        self.sums.erased += u64::from(state == State::Erased);
        self.sums.still_open += u64::from(state.is_open());
        self.enter(lead.entered());
        self.sums.highest[lead.reached() as usize] += 1;
        let mut won_at = None;
        // The visit that lasts apart: to ask each whether it does takes longer.
        for visit in lead.closed_visits() {
            won_at = first_win(won_at, &visit);
            self.visit(&visit);
        }
        let open = lead.open_visit();
        won_at = first_win(won_at, &open);
        self.visit(&open);
        self.time_to_won(lead, won_at.filter(|_| state == State::Customer));
        self.convert(lead, won_at, query);
    }

    fn period(&mut self, lead: &Lead<'_>, query: &FunnelQuery) {
        let period = query.period;
        let is_captured = lead.captured_at().is_some_and(|at| period.contains(at));
        let mut entries = Entries::default();
        let mut won_at = None;
        for visit in visits(lead) {
            won_at = first_win(won_at, &visit);
            if !period.contains(visit.entered_at) {
                continue;
            }
            entries.add(&visit);
            if !visit.is_implied {
                self.visit(&visit);
            }
        }
        let gone = [State::Customer, State::Lost, State::Disqualified, State::Erased];
        let stays = is_captured && !gone.iter().any(|state| entries.has(*state));
        self.sums.captured += u64::from(is_captured);
        self.sums.won += u64::from(entries.has(State::Customer));
        self.sums.lost += u64::from(entries.has(State::Lost) || entries.has(State::Disqualified));
        self.sums.erased += u64::from(entries.has(State::Erased));
        self.sums.still_open += u64::from(stays);
        self.enter(entries.really);
        entries.highest.iter().for_each(|rung| self.sums.highest[*rung as usize] += 1);
        self.time_to_won(lead, won_at.filter(|at| period.contains(*at)));
        if is_captured {
            self.convert(lead, won_at, query);
        }
    }

    /// Counts the states that a lead really entered.
    fn enter(&mut self, states: u16) {
        // Each bit is added, set or not: a loop over those that are set ends where the processor
        // does not expect it.
        for (stage, entered) in self.sums.entered.iter_mut().enumerate() {
            *entered += u64::from(states >> stage & 1);
        }
    }

    #[inline(always)]
    fn visit(&mut self, visit: &Visit) {
        let stage = visit.state as usize;
        if stage < STAGES {
            let is_open = visit.left_at.is_none();
            self.sums.visits[stage] += u64::from(!visit.is_implied);
            self.sums.open[stage] += u64::from(is_open);
            visit.duration().into_iter().for_each(|micros| self.times[stage].push(micros));
        }
    }

    /// From capture to the first win; below 0 where the history says so.
    fn time_to_won(&mut self, lead: &Lead<'_>, won_at: Option<Timestamp>) {
        let captured_at = lead.captured_at();
        let Some((won_at, captured_at)) = won_at.zip(captured_at) else { return };
        let time = won_at.micros().saturating_sub(captured_at.micros());
        self.sums.negative += u64::from(time < 0);
        self.to_won.push(time.max(0));
    }

    /// Conversion of a lead that was captured in the period, within a window and in time.
    fn convert(&mut self, lead: &Lead<'_>, won_at: Option<Timestamp>, query: &FunnelQuery) {
        if query.within_days.is_none() && !query.survival {
            return;
        }
        let start = lead.captured_at().map_or(0, Timestamp::micros);
        let until = |end: Timestamp| end.micros().saturating_sub(start);
        // Starts whose window is over, and the wins within it: nobody is counted too early.
        let window = query.within_days.map(|days| i64::from(days).saturating_mul(DAY));
        if let Some(window) = window.filter(|window| until(query.as_of) >= *window) {
            self.sums.in_window.den += 1;
            self.sums.in_window.num +=
                u64::from(won_at.is_some_and(|won_at| until(won_at) <= window));
        }
        if query.survival {
            let end = if lead.state().is_open() { query.as_of } else { closed_at(lead) };
            let time = until(won_at.unwrap_or(end));
            self.observed.push(Observation { time, is_event: won_at.is_some() });
        }
    }
}

impl Sums {
    fn of(tallies: &[&Tally]) -> Self {
        let mut all = Self::default();
        tallies.iter().for_each(|tally| all.add(&tally.sums));
        all
    }

    fn add(&mut self, other: &Self) {
        self.captured += other.captured;
        self.won += other.won;
        self.lost += other.lost;
        self.erased += other.erased;
        self.still_open += other.still_open;
        self.negative += other.negative;
        self.in_window.num += other.in_window.num;
        self.in_window.den += other.in_window.den;
        for stage in 0..STAGES {
            self.entered[stage] += other.entered[stage];
            self.highest[stage] += other.highest[stage];
            self.visits[stage] += other.visits[stage];
            self.open[stage] += other.open[stage];
        }
    }

    /// On the ladder, whoever stood on the rung or above.
    fn reached(&self, stage: usize) -> u64 {
        let rung = State::ALL[stage].rung();
        rung.map_or(self.entered[stage], |rung| self.highest[rung as usize..].iter().sum())
    }
}

/// The row that tallies come to.
pub(super) fn row_of(key: Vec<KeyPart>, tallies: &[&Tally], query: &FunnelQuery) -> FunnelRow {
    let sums = Sums::of(tallies);
    let mut all = Vec::with_capacity(longest(tallies));
    let mut stat = |times: fn(&Tally, usize) -> &Times, stage: usize| {
        all.clear();
        tallies.iter().for_each(|tally| times(tally, stage).copy_to(&mut all));
        DurationStat::of(&mut all)
    };
    let stage = |index| StageRow {
        stage: State::ALL[index],
        entered: sums.entered[index],
        reached: sums.reached(index),
        visits: sums.visits[index],
        time: stat(|tally, stage| &tally.times[stage], index),
        open: sums.open[index],
    };
    let observed = || tallies.iter().flat_map(|tally| &tally.observed).copied().collect();
    FunnelRow {
        key,
        captured: sums.captured,
        stages: (0..STAGES).map(stage).collect(),
        won: Rate { num: sums.won, den: sums.captured },
        lost: sums.lost,
        erased: sums.erased,
        still_open: sums.still_open,
        days_to_won: stat(|tally, _| &tally.to_won, 0),
        negative: sums.negative,
        within: query.within_days.map(|days| Within { days, rate: sums.in_window }),
        survival: query.survival.then(|| survival_rows(observed())),
    }
}

/// The most durations that one statistic is of: room for them is made once.
fn longest(tallies: &[&Tally]) -> usize {
    let of = |times: &dyn Fn(&Tally) -> usize| tallies.iter().map(|tally| times(tally)).sum();
    let stages = (0..STAGES).map(|stage| of(&|tally| tally.times[stage].len()));
    stages.max().unwrap_or(0).max(of(&|tally| tally.to_won.len()))
}

/// All visits, the one that lasts among them.
fn visits<'a>(lead: &Lead<'a>) -> impl Iterator<Item = Visit> + use<'a> {
    lead.closed_visits().chain([lead.open_visit()])
}

/// When a lead was closed: what it was moved to after that, such as its erasure, does not keep it
/// at risk.
fn closed_at(lead: &Lead<'_>) -> Timestamp {
    let closed = lead.closed_visits().take_while(|visit| !visit.state.is_open());
    closed.last().map_or_else(|| lead.entered_at(), |visit| visit.entered_at)
}

/// When a lead first became a customer, one more visit considered.
fn first_win(so_far: Option<Timestamp>, visit: &Visit) -> Option<Timestamp> {
    if visit.state != State::Customer {
        return so_far;
    }
    Some(so_far.map_or(visit.entered_at, |at| at.min(visit.entered_at)))
}

fn survival_rows(observed: Vec<Observation>) -> Vec<SurvivalRow> {
    let is_empty = observed.is_empty();
    let estimate = KaplanMeier::of(observed);
    let converted = estimate.converted_by(SURVIVAL_DAYS.map(|days| i64::from(days) * DAY));
    let rows = SURVIVAL_DAYS.into_iter().zip(converted).map(|(days, converted)| SurvivalRow {
        days,
        converted: (!is_empty).then_some(converted),
        at_risk: estimate.at_risk(i64::from(days) * DAY),
    });
    rows.collect()
}

/// Which states some visits entered.
#[derive(Default)]
struct Entries {
    really: u16,
    highest: Option<u8>,
}

impl Entries {
    fn add(&mut self, visit: &Visit) {
        self.really |= if visit.is_implied { 0 } else { visit.state.bit() };
        self.highest = self.highest.max(visit.state.rung());
    }

    fn has(&self, state: State) -> bool {
        self.really & state.bit() != 0
    }
}
