//! The figures of the hand-offs: P14 acceptance, P15 decisions in time, P17 time to first attempt
//! and contact, P18 leakage, P19 returns, P20 ping-pong.

use std::collections::BTreeMap;

use serde::Serialize;

use super::breach::Breach;
use super::group::Groups;
use super::{Audit, AuditCode, Episode, Kept};
use crate::metrics::{
    By, DurationStat, InOrder, KaplanMeier, KeyPart, Observation, Observations, Rate,
};
use crate::tables::Tables;
use crate::{Code, Currency, Decision, LeadIndex, Outcome, SECOND, State, Timestamp};

/// A dimension to split the figures by.
#[derive(Clone, Debug)]
pub enum GroupBy {
    /// To whom the lead was offered.
    Owner,
    /// The team of whom it was offered to, as the playbook has it.
    Team,
    /// The definition by which the lead was qualified.
    Definition,
    /// A dimension of the lead.
    Lead(By),
}

/// A value of a dimension.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum GroupKey {
    /// A value of the log.
    Part(KeyPart),
    /// A team; `None` for an owner without one.
    Team(Option<String>),
}

/// The figures of one group.
#[derive(Clone, Debug)]
pub struct FiguresRow {
    /// The group; `None` for the total, which is the first row.
    pub key: Option<GroupKey>,
    /// Its figures.
    pub figures: Figures,
}

/// How many durations lie in which band.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Bands {
    /// Below 5 minutes.
    pub under_5_min: u64,
    /// From 5 to below 15 minutes.
    pub under_15_min: u64,
    /// From 15 to below 60 minutes.
    pub under_60_min: u64,
    /// 60 minutes and more.
    pub over_60_min: u64,
}

impl Bands {
    fn of(times: InOrder<'_>) -> Self {
        let [of_5, of_15, of_60] = [5, 15, 60].map(|minutes| times.below(minutes * 60 * SECOND));
        Self {
            under_5_min: of_5,
            under_15_min: of_15 - of_5,
            under_60_min: of_60 - of_15,
            over_60_min: times.0.len() as u64 - of_60,
        }
    }
}

/// The hand-offs of one group in figures. All times are working time of the calendar.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Episodes.
    pub offered: u64,
    /// Accepted, whatever became of them later.
    pub accepted: u64,
    /// Rejected.
    pub rejected: u64,
    /// Waiting for a decision.
    pub pending: u64,
    /// Closed without a decision: superseded by another hand-off, recycled, disqualified or erased.
    pub closed: u64,
    /// Given back after acceptance.
    pub returned: u64,
    /// Given back (rejected or returned) and then recycled.
    pub recycled: u64,
    /// P14: accepted of decided.
    pub acceptance_of_decided: Rate,
    /// P14, second form: accepted of all offered.
    pub acceptance_of_offered: Rate,
    /// P15: decided in time, of those decided or past due.
    pub decision_in_time: Rate,
    /// First attempt in time, of those attempted or past due.
    pub attempt_in_time: Rate,
    /// From offer to decision, of those decided.
    pub time_to_decision: DurationStat,
    /// P17: from offer to the first attempt, of those attempted.
    pub time_to_first_attempt: DurationStat,
    /// The same from when whoever had the lead at the attempt had got it. By owner and by team it
    /// is theirs, whoever the lead was offered to.
    pub own_time_to_first_attempt: DurationStat,
    /// P17: from offer to the first contact, of those reached.
    pub time_to_first_contact: DurationStat,
    /// 95th percentile of the time to the first attempt, seconds.
    pub first_attempt_p95_s: Option<f64>,
    /// 95th percentile of the time to the first contact, seconds.
    pub first_contact_p95_s: Option<f64>,
    /// Times to the first attempt in bands.
    pub attempt_bands: Bands,
    /// Times to the first contact in bands.
    pub contact_bands: Bands,
    /// P8 over all episodes: the share attempted in time.
    pub attempt_survival: KaplanMeier,
    /// P8 over all episodes: the share reached in time.
    pub contact_survival: KaplanMeier,
    /// P18: matured episodes without an attempt, of those not rejected.
    pub leaked: Rate,
    /// P18 in money: the opportunities of the leaked episodes' rounds, by currency.
    pub leaked_amount: BTreeMap<Currency, i128>,
    /// P19: rejected or returned, of decided.
    pub given_back: Rate,
    /// P19: recycled, of rejected or returned.
    pub recycled_of_given_back: Rate,
    /// P19: qualified again, of recycled.
    pub requalified_of_recycled: Rate,
    /// P20: how often a lead came back to the owner before the last.
    pub ping_pong: u64,
    /// How often an open episode changed hands.
    pub reassigned: u64,
    /// How often that was before the owner had touched the lead.
    pub reassigned_without_touch: u64,
}

/// What is collected of a group while the episodes go by.
#[derive(Default)]
struct Collected {
    figures: Figures,
    decision: Vec<i64>,
    own_attempt: Vec<i64>,
    attempt_seen: Observations,
    contact_seen: Observations,
    /// The rounds in which an episode leaked: of which lead, and which one.
    leaked: Vec<(LeadIndex, u32)>,
}

impl Audit<'_> {
    /// The figures of all hand-offs, and of each group if a dimension is given.
    pub fn figures(&self, by: Option<&GroupBy>) -> Vec<FiguresRow> {
        let mut total = Collected::with_room(self.ledger.rows.episodes.len());
        let mut groups: BTreeMap<GroupKey, Collected> = BTreeMap::new();
        let mut dimension = by.map(|by| Groups::new(self, by));
        for episode in self.episodes() {
            let own = self.own_attempt(&episode);
            self.collect(&mut total, &episode);
            total.own_attempt.extend(own.map(|(_, time)| time));
            if let Some(dimension) = &mut dimension {
                let key = dimension.of_episode(&episode);
                self.collect(groups.entry(key).or_default(), &episode);
                if let Some((owner, time)) = own {
                    let key = dimension.of_attempt(&episode, owner);
                    groups.entry(key).or_default().own_attempt.push(time);
                }
            }
        }
        self.count_breaches(&mut total, &mut groups, dimension);
        let groups = groups.into_iter().map(|(key, collected)| (Some(key), collected));
        let row = |(key, collected): (_, Collected)| FiguresRow {
            key,
            figures: collected.done(self.tables),
        };
        std::iter::once((None, total)).chain(groups).map(row).collect()
    }

    fn collect(&self, into: &mut Collected, episode: &Episode<'_>) {
        let offered_at = episode.handoff.offered_at;
        let since = |at: Timestamp| self.calendar.working(offered_at, at);
        into.figures.count(episode, self.decision_on(episode), self.as_of);
        if let Some(at) = episode.handoff.decided_at.filter(|_| episode.is_decided()) {
            into.decision.push(since(at));
        }
        let watched_until = episode.ended_at.unwrap_or(self.as_of).min(self.as_of);
        let observe = |done: Option<Timestamp>| Observation {
            time: since(done.unwrap_or(watched_until)),
            is_event: done.is_some(),
        };
        into.attempt_seen.push(observe(episode.attempted_at));
        into.contact_seen.push(observe(episode.contacted_at));
        if episode.is_matured(self.as_of) && episode.is_leaked() {
            into.leaked.push((episode.lead, episode.handoff.cycle));
        }
    }

    /// Who had the lead at the first attempt, and how long they had had it by then.
    fn own_attempt(&self, episode: &Episode<'_>) -> Option<(Code, i64)> {
        let held = episode.attempt_held();
        let time = |at| self.calendar.working(Timestamp::from_micros(held.at), at);
        episode.attempted_at.map(|at| (held.owner, time(at)))
    }

    /// What became of an offer. Nobody decides about an erased lead any more.
    fn decision_on(&self, episode: &Episode<'_>) -> Decision {
        let lead = || self.tables.lead(episode.lead);
        match episode.handoff.decision {
            Decision::Pending if lead().is_some_and(|lead| lead.state() == State::Erased) => {
                Decision::Closed
            }
            decision => decision,
        }
    }

    fn count_breaches(
        &self,
        total: &mut Collected,
        groups: &mut BTreeMap<GroupKey, Collected>,
        mut dimension: Option<Groups<'_>>,
    ) {
        let counts = [AuditCode::PingPong, AuditCode::ReassignedWithoutTouch];
        let breaches = self.ledger.rows.breaches.iter();
        let is_counted = |lead: LeadIndex, breach: &Breach| {
            !breach.is_context && counts.contains(&breach.code) && self.is_of(lead)
        };
        for (lead, breach) in breaches.filter(|(lead, breach)| is_counted(*lead, breach)) {
            total.figures.count_breach(breach.code);
            // Whoever had a lead without having been offered one is a group, too.
            if let Some(key) = dimension.as_mut().and_then(|groups| groups.of_breach(lead, breach))
            {
                groups.entry(key).or_default().figures.count_breach(breach.code);
            }
        }
    }

    /// P19: leads won in a later round, of those that entered one.
    pub fn recycled_win_rate(&self) -> Rate {
        let mut rate = Rate::default();
        for lead in self.leads().filter(|lead| lead.cycle() >= 2) {
            let mut deals = lead.opportunities().into_iter();
            rate.den += 1;
            rate.num += u64::from(deals.any(|d| d.outcome == Outcome::Won && d.cycle >= 2));
        }
        rate
    }
}

impl Figures {
    fn count(&mut self, episode: &Episode<'_>, decision: Decision, as_of: Timestamp) {
        self.offered += 1;
        match decision {
            Decision::Pending => self.pending += 1,
            Decision::Accepted => self.accepted += 1,
            Decision::Returned => {
                self.accepted += 1;
                self.returned += 1;
            }
            Decision::Rejected => self.rejected += 1,
            Decision::Superseded | Decision::Closed => self.closed += 1,
        }
        tally(&mut self.decision_in_time, episode.decision());
        tally(&mut self.attempt_in_time, episode.attempt());
        let is_matured = episode.is_matured(as_of);
        self.leaked.den += u64::from(is_matured);
        self.leaked.num += u64::from(is_matured && episode.is_leaked());
        self.recycled += u64::from(episode.was_recycled);
        self.requalified_of_recycled.num += u64::from(episode.was_requalified);
        self.reassigned += u64::from(episode.reassigned);
    }

    fn count_breach(&mut self, code: AuditCode) {
        match code {
            AuditCode::PingPong => self.ping_pong += 1,
            AuditCode::ReassignedWithoutTouch => self.reassigned_without_touch += 1,
            _ => {}
        }
    }
}

/// What the opportunities of some rounds are worth. Each round counts once, however often it is
/// named.
fn amount_of(tables: &Tables, mut rounds: Vec<(LeadIndex, u32)>) -> BTreeMap<Currency, i128> {
    rounds.sort_unstable();
    rounds.dedup();
    let mut amount: BTreeMap<Currency, i128> = BTreeMap::new();
    for (lead, cycle) in rounds {
        let deals = tables.lead(lead).into_iter().flat_map(|lead| lead.deals());
        for deal in deals.filter(|deal| deal.cycle == cycle) {
            if let Some(stated) = deal.amount {
                *amount.entry(deal.currency()).or_default() += i128::from(stated);
            }
        }
    }
    amount
}

fn tally(rate: &mut Rate, kept: Kept) {
    rate.den += u64::from(kept != Kept::Open);
    rate.num += u64::from(kept == Kept::InTime);
}

impl Collected {
    /// For so many episodes.
    fn with_room(episodes: usize) -> Self {
        Self {
            decision: Vec::with_capacity(episodes),
            own_attempt: Vec::with_capacity(episodes),
            attempt_seen: Observations::with_room(episodes),
            contact_seen: Observations::with_room(episodes),
            ..Self::default()
        }
    }

    fn done(mut self, tables: &Tables) -> Figures {
        let mut figures = self.figures;
        figures.leaked_amount = amount_of(tables, self.leaked);
        let decided = figures.accepted + figures.rejected;
        let given_back = figures.rejected + figures.returned;
        figures.acceptance_of_decided = Rate { num: figures.accepted, den: decided };
        figures.acceptance_of_offered = Rate { num: figures.accepted, den: figures.offered };
        figures.given_back = Rate { num: given_back, den: decided };
        figures.recycled_of_given_back = Rate { num: figures.recycled, den: given_back };
        figures.requalified_of_recycled.den = figures.recycled;
        figures.time_to_decision = DurationStat::of(&mut self.decision);
        figures.own_time_to_first_attempt = DurationStat::of(&mut self.own_attempt);
        figures.attempt_survival = self.attempt_seen.estimate();
        figures.contact_survival = self.contact_seen.estimate();
        let mut room = Vec::with_capacity(figures.offered as usize);
        let times = times_of(&figures.attempt_survival, &mut room);
        figures.attempt_bands = Bands::of(times);
        figures.first_attempt_p95_s = times.quantile(19, 20).map(seconds);
        figures.time_to_first_attempt = times.stat();
        let times = times_of(&figures.contact_survival, &mut room);
        figures.contact_bands = Bands::of(times);
        figures.first_contact_p95_s = times.quantile(19, 20).map(seconds);
        figures.time_to_first_contact = times.stat();
        figures
    }
}

/// The times of an estimate, in the room of those before.
fn times_of<'a>(survival: &KaplanMeier, room: &'a mut Vec<i64>) -> InOrder<'a> {
    room.clear();
    room.extend(survival.event_times());
    InOrder(room)
}

fn seconds(micros: f64) -> f64 {
    micros / SECOND as f64
}
