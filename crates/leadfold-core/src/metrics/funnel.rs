//! The funnel by cohort and by period (P4, P5), with conversion (P6), conversion within a window
//! (P7) and in time (P8).

use serde::Serialize;

use super::split::{Groups, KeyPart};
use super::{
    By, DurationStat, KaplanMeier, Observation, Period, Rate, first_entries, stands_alone,
};
use crate::tables::{Tables, Visit};
use crate::{DAY, Lead, State, Timestamp};

/// States with a row in the funnel: those that a lead can leave.
const STAGES: usize = 10;

/// The days at which conversion in time is reported.
const SURVIVAL_DAYS: [u32; 9] = [0, 1, 7, 14, 30, 60, 90, 180, 365];

/// Which leads and visits a funnel counts. The two kinds answer different questions and are never
/// mixed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FunnelKind {
    /// What became of the leads captured in the period, up to the as-of.
    #[default]
    Cohort,
    /// What happened in the period, whenever the leads were captured.
    Period,
}

/// What to count.
#[derive(Clone, Debug)]
pub struct FunnelQuery {
    /// By cohort or by period.
    pub kind: FunnelKind,
    /// The period.
    pub period: Period,
    /// The dimensions of the rows.
    pub by: Vec<By>,
    /// A conversion window, days.
    pub within_days: Option<u32>,
    /// Whether to estimate conversion in time.
    pub survival: bool,
    /// The instant of the tables.
    pub as_of: Timestamp,
}

impl FunnelQuery {
    /// The whole cohort funnel as of an instant, without a split.
    pub fn as_of(as_of: Timestamp) -> Self {
        Self {
            kind: FunnelKind::Cohort,
            period: Period::default(),
            by: Vec::new(),
            within_days: None,
            survival: false,
            as_of,
        }
    }
}

/// One row of a funnel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelRow {
    /// The values of the dimensions; empty for the total.
    pub key: Vec<KeyPart>,
    /// Leads captured in the period.
    pub captured: u64,
    /// The states from new to lost.
    pub stages: Vec<StageRow>,
    /// Cohort: customers now, of the captured. Period: those that became customers in the period, over
    /// captured.
    pub won: Rate,
    /// Lost or disqualified.
    pub lost: u64,
    /// Erased.
    pub erased: u64,
    /// The captured that are none of these.
    pub still_open: u64,
    /// From capture to the first win (period: where that is in it). Below 0 is read as 0.
    pub days_to_won: DurationStat,
    /// Of these, the ones that were won before they were captured: counted with 0 days.
    pub negative: u64,
    /// Conversion within the window.
    pub within: Option<Within>,
    /// Conversion in time, cause-specific: a lead that was lost, disqualified or erased is
    /// censored then.
    pub survival: Option<Vec<SurvivalRow>>,
}

/// One state in a funnel's row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StageRow {
    /// The state.
    pub stage: State,
    /// Leads that really entered it.
    pub entered: u64,
    /// Leads that entered it or any later stage of the ladder, implied steps included.
    pub reached: u64,
    /// Entries, without implied ones.
    pub visits: u64,
    /// How long the visits that have ended lasted.
    pub time: DurationStat,
    /// Leads that are in it.
    pub open: u64,
}

/// Conversion within a window: of the leads whose window is over, who won in time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Within {
    /// The window.
    pub days: u32,
    /// Won within it, of those captured at least that long ago.
    pub rate: Rate,
}

/// Conversion by a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurvivalRow {
    /// Days since the capture.
    pub days: u32,
    /// The estimated share that has won by then; `None` without leads.
    pub converted: Option<f64>,
    /// Leads observed at least that long.
    pub at_risk: u64,
}

/// Conversion from a stage of the ladder to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// In the reached form: never above 1.
    pub reached: Rate,
    /// In the entered form: above 1 where leads skip the stage.
    pub entered: Rate,
}

impl FunnelRow {
    /// Stage-to-stage conversion (P6).
    pub fn conversions(&self) -> Vec<Conversion> {
        self.stages
            .windows(2)
            .filter(|pair| pair[1].stage.rung().is_some())
            .map(|pair| Conversion {
                from: pair[0].stage,
                to: pair[1].stage,
                reached: Rate { num: pair[1].reached, den: pair[0].reached },
                entered: Rate { num: pair[1].entered, den: pair[0].entered },
            })
            .collect()
    }
}

/// Counts a funnel. The first row is the total; the others follow in the order of their keys.
pub fn funnel(tables: &Tables, query: &FunnelQuery) -> Vec<FunnelRow> {
    let first_won = first_entries(tables, State::Customer);
    match query.kind {
        FunnelKind::Cohort => {
            let is_member = |lead: &Lead<'_>| {
                stands_alone(lead) && lead.captured_at().is_some_and(|at| query.period.contains(at))
            };
            let mut count = Count::new(tables, query, is_member);
            count.cohort(&first_won);
            count.rows(&first_won)
        }
        FunnelKind::Period => {
            let mut count = Count::new(tables, query, stands_alone);
            count.period(&first_won);
            let mut rows = count.rows(&first_won);
            let total = rows.remove(0);
            // A group without anything in the period is no row.
            let has_entries = |row: &FunnelRow| row.stages.iter().any(|stage| stage.reached > 0);
            rows.retain(|row| row.captured > 0 || row.erased > 0 || has_entries(row));
            rows.insert(0, total);
            rows
        }
    }
}

/// A row while it is counted.
#[derive(Clone, Default)]
struct Tally {
    captured: u64,
    entered: [u64; STAGES],
    reached: [u64; STAGES],
    visits: [u64; STAGES],
    open: [u64; STAGES],
    times: [Vec<i64>; STAGES],
    won: u64,
    lost: u64,
    erased: u64,
    still_open: u64,
    to_won: Vec<i64>,
    negative: u64,
}

struct Count<'a> {
    tables: &'a Tables,
    query: &'a FunnelQuery,
    groups: Groups,
    tallies: Vec<Tally>,
}

impl<'a> Count<'a> {
    fn new(
        tables: &'a Tables,
        query: &'a FunnelQuery,
        is_member: impl Fn(&Lead<'_>) -> bool,
    ) -> Self {
        let groups = Groups::of(tables, &query.by, is_member);
        let tallies = vec![Tally::default(); groups.keys.len()];
        Self { tables, query, groups, tallies }
    }

    fn tally(&mut self, lead: &Lead<'_>, mut add: impl FnMut(&mut Tally)) {
        for group in self.groups.groups_of(lead.index().0) {
            add(&mut self.tallies[group]);
        }
    }

    fn cohort(&mut self, first_won: &[i64]) {
        for lead in self.tables.leads() {
            let state = lead.state();
            let to_won = time_to_won(&lead, first_won).filter(|_| state == State::Customer);
            self.tally(&lead, |tally| {
                tally.captured += 1;
                tally.won += u64::from(state == State::Customer);
                tally.lost += u64::from(matches!(state, State::Lost | State::Disqualified));
                tally.erased += u64::from(state == State::Erased);
                tally.still_open += u64::from(state.is_open());
                tally.time_to_won(to_won);
                tally.standing(&lead);
                if !lead.open_visit().is_implied {
                    tally.visit(&lead.open_visit());
                }
            });
        }
        let Self { tables, groups, tallies, .. } = self;
        tables.each_closed_visit(
            |visit| !visit.is_implied(),
            |lead, visit| {
                for group in groups.groups_of(lead) {
                    tallies[group].visit(&visit);
                }
            },
        );
    }

    fn period(&mut self, first_won: &[i64]) {
        let period = self.query.period;
        for lead in self.tables.leads() {
            let captured = lead.captured_at().is_some_and(|at| period.contains(at));
            let won_at = Timestamp::from_micros(first_won[lead.index().0 as usize]);
            let first = won_at.micros() != i64::MAX && period.contains(won_at);
            let to_won = time_to_won(&lead, first_won).filter(|_| first);
            let visits: Vec<Visit> =
                lead.visits().into_iter().filter(|v| period.contains(v.entered_at)).collect();
            let entries = Entries::of(&visits);
            let won = entries.has(State::Customer);
            let gone = [State::Customer, State::Lost, State::Disqualified, State::Erased];
            let stays = captured && !gone.iter().any(|state| entries.has(*state));
            self.tally(&lead, |tally| {
                tally.captured += u64::from(captured);
                tally.won += u64::from(won);
                tally.time_to_won(to_won);
                let lost = entries.has(State::Lost) || entries.has(State::Disqualified);
                tally.lost += u64::from(lost);
                tally.erased += u64::from(entries.has(State::Erased));
                tally.still_open += u64::from(stays);
                tally.entries(&entries);
                visits.iter().filter(|visit| !visit.is_implied).for_each(|visit| {
                    tally.visit(visit);
                    if let Some(open) = tally.open.get_mut(visit.state as usize) {
                        *open += u64::from(visit.left_at.is_none());
                    }
                });
            });
        }
    }

    fn rows(self, first_won: &[i64]) -> Vec<FunnelRow> {
        let windows = self.query.within_days.map(|days| self.within(days, first_won));
        let survivals = self.query.survival.then(|| self.survivals(first_won));
        let keys = self.groups.keys.into_iter().enumerate();
        keys.zip(self.tallies)
            .map(|((group, key), tally)| FunnelRow {
                within: windows.as_ref().map(|windows| windows[group]),
                survival: survivals.as_ref().map(|survivals| survivals[group].clone()),
                ..tally.into_row(key)
            })
            .collect()
    }

    /// Starts whose window is over, and the wins within it: nobody is counted too early.
    fn within(&self, days: u32, first_won: &[i64]) -> Vec<Within> {
        let window = i64::from(days) * DAY;
        let as_of = self.query.as_of.micros();
        let mut windows = vec![Within { days, rate: Rate::default() }; self.groups.keys.len()];
        for lead in self.captured() {
            let Some(start) = lead.captured_at().map(Timestamp::micros) else { continue };
            if as_of.saturating_sub(start) < window {
                continue;
            }
            let won = first_won[lead.index().0 as usize];
            let in_time = won != i64::MAX && won.saturating_sub(start) <= window;
            for group in self.groups.groups_of(lead.index().0) {
                windows[group].rate.den += 1;
                windows[group].rate.num += u64::from(in_time);
            }
        }
        windows
    }

    fn captured(&self) -> impl Iterator<Item = Lead<'a>> {
        let period = self.query.period;
        let is_captured =
            move |lead: &Lead<'_>| lead.captured_at().is_some_and(|at| period.contains(at));
        self.tables.leads().filter(is_captured)
    }

    fn survivals(&self, first_won: &[i64]) -> Vec<Vec<SurvivalRow>> {
        let mut observed = vec![Vec::new(); self.groups.keys.len()];
        for lead in self.captured() {
            let observation = observe(&lead, first_won, self.query.as_of);
            for group in self.groups.groups_of(lead.index().0) {
                observed[group].push(observation);
            }
        }
        observed.into_iter().map(survival_rows).collect()
    }
}

/// From capture to the first win; below 0 where the history says so.
fn time_to_won(lead: &Lead<'_>, first_won: &[i64]) -> Option<i64> {
    let won = first_won[lead.index().0 as usize];
    let captured = lead.captured_at()?.micros();
    (won != i64::MAX).then(|| won.saturating_sub(captured))
}

fn observe(lead: &Lead<'_>, first_won: &[i64], as_of: Timestamp) -> Observation {
    let start = lead.captured_at().map_or(0, Timestamp::micros);
    let won = first_won[lead.index().0 as usize];
    if won != i64::MAX {
        return Observation { time: won.saturating_sub(start), is_event: true };
    }
    let end = if lead.state().is_open() { as_of } else { lead.entered_at() };
    Observation { time: end.micros().saturating_sub(start), is_event: false }
}

fn survival_rows(observed: Vec<Observation>) -> Vec<SurvivalRow> {
    let is_empty = observed.is_empty();
    let estimate = KaplanMeier::of(observed);
    SURVIVAL_DAYS
        .into_iter()
        .map(|days| SurvivalRow {
            days,
            converted: (!is_empty).then(|| estimate.converted(i64::from(days) * DAY)),
            at_risk: estimate.at_risk(i64::from(days) * DAY),
        })
        .collect()
}

/// Which states some visits entered.
struct Entries {
    really: u16,
    highest: Option<u8>,
}

impl Entries {
    fn of(visits: &[Visit]) -> Self {
        let bits = |is_counted: fn(&&Visit) -> bool| {
            visits.iter().filter(is_counted).fold(0, |bits, visit| bits | visit.state.bit())
        };
        Self {
            really: bits(|visit| !visit.is_implied),
            highest: visits.iter().filter_map(|visit| visit.state.rung()).max(),
        }
    }

    fn has(&self, state: State) -> bool {
        self.really & state.bit() != 0
    }
}

impl Tally {
    /// A lead as it stands: what it entered and reached, and where it is.
    fn standing(&mut self, lead: &Lead<'_>) {
        for (index, state) in State::ALL.into_iter().take(STAGES).enumerate() {
            let entered = lead.has_entered(state);
            self.entered[index] += u64::from(entered);
            let reached = state.rung().map_or(entered, |rung| lead.reached() >= rung);
            self.reached[index] += u64::from(reached);
            self.open[index] += u64::from(lead.state() == state);
        }
    }

    fn entries(&mut self, entries: &Entries) {
        for (index, state) in State::ALL.into_iter().take(STAGES).enumerate() {
            let entered = entries.has(state);
            self.entered[index] += u64::from(entered);
            let reached = match state.rung() {
                Some(rung) => entries.highest.is_some_and(|highest| highest >= rung),
                None => entered,
            };
            self.reached[index] += u64::from(reached);
        }
    }

    fn time_to_won(&mut self, time: Option<i64>) {
        self.negative += u64::from(time.is_some_and(|time| time < 0));
        self.to_won.extend(time.map(|time| time.max(0)));
    }

    fn visit(&mut self, visit: &Visit) {
        let index = visit.state as usize;
        if index < STAGES {
            self.visits[index] += 1;
            self.times[index].extend(visit.duration());
        }
    }

    fn into_row(mut self, key: Vec<KeyPart>) -> FunnelRow {
        let stages = (0..STAGES)
            .map(|index| StageRow {
                stage: State::ALL[index],
                entered: self.entered[index],
                reached: self.reached[index],
                visits: self.visits[index],
                time: DurationStat::of(&mut self.times[index]),
                open: self.open[index],
            })
            .collect();
        FunnelRow {
            key,
            captured: self.captured,
            stages,
            won: Rate { num: self.won, den: self.captured },
            lost: self.lost,
            erased: self.erased,
            still_open: self.still_open,
            days_to_won: DurationStat::of(&mut self.to_won),
            negative: self.negative,
            within: None,
            survival: None,
        }
    }
}
