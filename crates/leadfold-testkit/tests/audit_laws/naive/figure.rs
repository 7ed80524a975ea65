//! The figures of all hand-offs, from the episodes of the second reading: P14, P15, P17, P18, P20.

use std::collections::BTreeMap;

use leadfold_core::Code;
use leadfold_core::audit::{AuditCode, Bands, Figures, FiguresRow, GroupKey};
use leadfold_core::metrics::{KeyPart, Rate};
use leadfold_testkit::oracle::metrics::{kaplan_meier, quantile};

use super::episode::Episode;
use super::row::Row;
use super::{Desk, Expected};

/// Seconds, as good as equal if they round alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(f64);

impl PartialEq for Seconds {
    fn eq(&self, other: &Self) -> bool {
        (self.0 - other.0).abs() <= 1e-9 * self.0.abs().max(1.0)
    }
}

fn seconds(micros: f64) -> Seconds {
    Seconds(micros / 1e6)
}

/// Figures in plain numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// Episodes; accepted, rejected, pending, closed, returned, recycled.
    pub(crate) episodes: [u64; 7],
    /// Of decided, of offered, decided in time, attempted in time, leaked, given back,
    /// recycled of given back, qualified again.
    pub(crate) rates: [(u64, u64); 8],
    /// Ping-pongs, changes of hands, changes of hands without a touch.
    pub(crate) turns: [u64; 3],
    /// Sorted times to decision, attempt, own attempt, contact: count, median, 95th percentile,
    /// the longest; seconds.
    pub(crate) times: [(u64, Option<Seconds>, Option<Seconds>); 4],
    pub(crate) p95: [Option<Seconds>; 2],
    pub(crate) bands: [[u64; 4]; 2],
    /// Steps of the two survivals: time, at risk, events.
    pub(crate) survivals: [Vec<(i64, u64, u64)>; 2],
    pub(crate) leaked_amounts: BTreeMap<String, i128>,
}

pub(crate) fn count(
    episodes: &[Episode<'_>],
    rows: &[Row],
    findings: &[Expected],
    desk: &Desk<'_>,
) -> Counts {
    let plain = || episodes.iter().map(|episode| &episode.plain);
    let decisions =
        |names: &[&str]| plain().filter(|e| names.contains(&e.decision.as_str())).count() as u64;
    let offered = episodes.len() as u64;
    let accepted = decisions(&["accepted", "returned"]);
    let (rejected, returned) = (decisions(&["rejected"]), decisions(&["returned"]));
    let is_erased = |episode: &&Episode<'_>| episode.is_of_erased();
    let of_erased = episodes.iter().filter(is_erased).map(|episode| &episode.plain);
    // Nobody will decide any more.
    let erased = of_erased.filter(|e| e.decision == "pending").count() as u64;
    let recycled = plain().filter(|e| e.was_recycled).count() as u64;
    let requalified = plain().filter(|e| e.was_requalified).count() as u64;
    let in_time = |kept: &[&str]| {
        let of = |name: &str| kept.iter().filter(|kept| **kept == name).count() as u64;
        (of("in time"), kept.len() as u64 - of("open"))
    };
    let decision_kept: Vec<&str> = plain().map(|e| e.kept_decision).collect();
    let attempt_kept: Vec<&str> = plain().map(|e| e.kept_attempt).collect();
    let matured = plain().filter(|e| {
        let is_due = e.attempt_due.is_some_and(|due| due <= desk.book.as_of);
        e.decision != "rejected" && is_due && e.kept_attempt != "open"
    });
    let matured: Vec<bool> = matured.map(|e| e.kept_attempt == "missed").collect();
    let leaked = matured.iter().filter(|is_leaked| **is_leaked).count() as u64;
    let told = |code| findings.iter().filter(|found| found.told.code == code).count() as u64;
    let times = times(episodes, desk);
    Counts {
        episodes: [
            offered,
            accepted,
            rejected,
            decisions(&["pending"]) - erased,
            decisions(&["closed", "superseded"]) + erased,
            returned,
            recycled,
        ],
        rates: [
            (accepted, accepted + rejected),
            (accepted, offered),
            in_time(&decision_kept),
            in_time(&attempt_kept),
            (leaked, matured.len() as u64),
            (rejected + returned, accepted + rejected),
            (recycled, rejected + returned),
            (requalified, recycled),
        ],
        turns: [
            told(AuditCode::PingPong),
            plain().map(|e| u64::from(e.reassigned)).sum(),
            told(AuditCode::ReassignedWithoutTouch),
        ],
        p95: [&times[1], &times[3]].map(|sorted| quantile(sorted, 0.95).map(seconds)),
        bands: [&times[1], &times[3]].map(|sorted| bands(sorted)),
        times: times.map(|sorted| {
            let longest = sorted.last().map(|longest| seconds(*longest as f64));
            (sorted.len() as u64, quantile(&sorted, 0.5).map(seconds), longest)
        }),
        survivals: survivals(episodes, desk),
        leaked_amounts: leaked_amounts(episodes, rows),
    }
}

/// Hand-offs, changes of hands, those without a touch, and ping-pongs, by the source of the lead
/// that stands for theirs.
pub(crate) type BySource = BTreeMap<Option<String>, [u64; 4]>;

pub(crate) fn by_source(episodes: &[Episode<'_>], rows: &[Row], findings: &[Expected]) -> BySource {
    let source = |lead: &str| {
        let own = rows.iter().find(|row| row.lead == lead)?;
        let root = rows.iter().find(|row| row.lead == own.root)?;
        root.last()?.source.clone().filter(|source| !source.is_empty())
    };
    let mut turns = BySource::new();
    for episode in episodes.iter().map(|episode| &episode.plain) {
        let of_source = turns.entry(source(&episode.lead)).or_default();
        of_source[0] += 1;
        of_source[1] += u64::from(episode.reassigned);
    }
    for told in findings.iter().map(|found| &found.told) {
        let number = match told.code {
            AuditCode::ReassignedWithoutTouch => 2,
            AuditCode::PingPong => 3,
            _ => continue,
        };
        turns.entry(source(told.lead.as_deref().unwrap_or_default())).or_default()[number] += 1;
    }
    turns
}

/// The same of the core's figures.
pub(crate) fn told_by_source(
    figures: &[FiguresRow],
    name: impl Fn(Code) -> Option<String>,
) -> BySource {
    let of_group = |row: &FiguresRow| {
        let source = match row.key {
            Some(GroupKey::Part(KeyPart::Name(source))) => name(source),
            _ => None,
        };
        let f = &row.figures;
        (source, [f.offered, f.reassigned, f.reassigned_without_touch, f.ping_pong])
    };
    // The first row is of all.
    figures[1..].iter().map(of_group).collect()
}

fn times(episodes: &[Episode<'_>], desk: &Desk<'_>) -> [Vec<i64>; 4] {
    let hours = desk.hours;
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for episode in episodes {
        let plain = &episode.plain;
        let since = |at: i64| hours.working(plain.offered_at, at);
        let is_answered = ["accepted", "rejected", "returned"].contains(&plain.decision.as_str());
        times[0].extend(plain.decided_at.filter(|_| is_answered).map(since));
        times[1].extend(plain.attempted_at.map(since));
        let own = plain.attempted_at.zip(episode.tried_since());
        times[2].extend(own.map(|(at, held_at)| hours.working(held_at, at)));
        times[3].extend(plain.contacted_at.map(since));
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    times
}

/// Below 5, 15 and 60 minutes, and above.
fn bands(times: &[i64]) -> [u64; 4] {
    const MINUTE: i64 = 60_000_000;
    let within =
        |from: i64, to: i64| times.iter().filter(|time| (from..to).contains(*time)).count() as u64;
    [
        within(0, 5 * MINUTE),
        within(5 * MINUTE, 15 * MINUTE),
        within(15 * MINUTE, 60 * MINUTE),
        within(60 * MINUTE, i64::MAX),
    ]
}

fn survivals(episodes: &[Episode<'_>], desk: &Desk<'_>) -> [Vec<(i64, u64, u64)>; 2] {
    let of = |done: fn(&Episode<'_>) -> Option<i64>| {
        let seen: Vec<(i64, bool)> = episodes
            .iter()
            .map(|episode| {
                let plain = &episode.plain;
                let until = plain.ended_at.unwrap_or(desk.book.as_of).min(desk.book.as_of);
                let at = done(episode);
                let time = desk.hours.working(plain.offered_at, at.unwrap_or(until));
                (time, at.is_some())
            })
            .collect();
        let steps = kaplan_meier(&seen).into_iter();
        steps.map(|(time, at_risk, events, _)| (time, at_risk, events)).collect()
    };
    [of(|episode| episode.plain.attempted_at), of(|episode| episode.plain.contacted_at)]
}

/// The opportunities of the rounds in which an episode leaked, each once.
fn leaked_amounts(episodes: &[Episode<'_>], rows: &[Row]) -> BTreeMap<String, i128> {
    let mut amounts = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.is_merged) {
        let leaked = episodes.iter().map(|episode| &episode.plain);
        let leaked = leaked.filter(|e| e.lead == row.lead && e.kept_attempt == "missed");
        let rounds: Vec<u32> = leaked.map(|e| e.cycle).collect();
        for deal in row.last().map_or(&[][..], |lead| &lead.opportunities) {
            if let Some(amount) = deal.amount.filter(|_| rounds.contains(&deal.cycle)) {
                let currency = deal.currency.clone().unwrap_or_else(|| "XXX".into());
                *amounts.entry(currency).or_default() += i128::from(amount);
            }
        }
    }
    amounts
}

impl Counts {
    /// The core's figures in the same numbers.
    pub(crate) fn of(figures: &Figures) -> Self {
        let f = figures;
        let rate = |rate: Rate| (rate.num, rate.den);
        let bands = |b: Bands| [b.under_5_min, b.under_15_min, b.under_60_min, b.over_60_min];
        let stats = [
            f.time_to_decision,
            f.time_to_first_attempt,
            f.own_time_to_first_attempt,
            f.time_to_first_contact,
        ];
        let survivals = [&f.attempt_survival, &f.contact_survival];
        let amounts = f.leaked_amount.iter();
        let amounts = amounts.map(|(currency, amount)| (currency.to_string(), *amount)).collect();
        Self {
            episodes: [
                f.offered, f.accepted, f.rejected, f.pending, f.closed, f.returned, f.recycled,
            ],
            rates: [
                rate(f.acceptance_of_decided),
                rate(f.acceptance_of_offered),
                rate(f.decision_in_time),
                rate(f.attempt_in_time),
                rate(f.leaked),
                rate(f.given_back),
                rate(f.recycled_of_given_back),
                rate(f.requalified_of_recycled),
            ],
            turns: [f.ping_pong, f.reassigned, f.reassigned_without_touch],
            times: stats.map(|stat| (stat.n, stat.p50_s.map(Seconds), stat.max_s.map(Seconds))),
            p95: [f.first_attempt_p95_s, f.first_contact_p95_s].map(|p95| p95.map(Seconds)),
            bands: [bands(f.attempt_bands), bands(f.contact_bands)],
            survivals: survivals.map(|survival| {
                let steps = survival.steps();
                steps.map(|step| (step.time, step.at_risk, step.events)).collect()
            }),
            leaked_amounts: amounts,
        }
    }
}
