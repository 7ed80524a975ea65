//! The targets, and what the runs say to each.

use std::fmt::Write;

use super::curves::Curve;
use super::measured::Measured;
use super::results::{Line, Results, Run};
use super::row::{APART, BY_HAND, BY_HAND_BY_LEAD, BY_HAND_LOG_ORDER, COLD_AUDITED};
use super::table::rounded;

/// What is said to a target, and whether it is met.
type Found = Option<(String, bool)>;

const BY_LEAD: &str = "facts in memory, by lead";
const BY_LEAD_AUDITED: &str = "facts in memory, by lead, and the hand-off audit";
const LOG_ORDER_AUDITED: &str = "facts in memory, in the order of the log, and the hand-off audit";
const COLD_START: &str = "cold start from SQLite";
const OWN_FACTS: &str = "a fold of one's own from SQLite, from facts";
const OWN_EVENTS: &str = "a fold of one's own from SQLite, from rich events";
const TAIL: &str = "facts row by row from SQLite, folded";
const CATCH_UP: &str = "catch-up of 10,000 new events";
const LATE: &str = "1,000 late events onto the full state";
/// Systems whose layouts compete for the best rival.
const ANALYTIC: [&str; 3] = ["DuckDB", "Polars", "ClickHouse"];
/// What leads x10 cost an event more in a hand-written fold: from 87 to 46 million events a second.
const CACHE_MISSES: f64 = 87.0 / 46.0;

impl Run {
    fn leadfold(&self, what: &str, threads: usize) -> Option<&Measured> {
        self.line("leadfold", what, threads).map(|line| &line.measured)
    }

    fn line(&self, system: &str, what: &str, threads: usize) -> Option<&Line> {
        let is_it = |line: &&Line| {
            (line.system.as_str(), line.what.as_str(), line.threads) == (system, what, threads)
        };
        self.lines.iter().find(is_it)
    }

    /// The fastest of some rows of the others.
    fn best(&self, is_wanted: impl Fn(&Line) -> bool) -> Option<&Line> {
        let rivals = self.lines.iter().filter(|line| ANALYTIC.contains(&line.system.as_str()));
        let wanted = rivals.filter(|line| is_wanted(line));
        wanted.max_by(|a, b| a.measured.rate().total_cmp(&b.measured.rate()))
    }
}

/// The table of all targets.
pub(crate) fn table(results: &Results) -> String {
    let (year, cold) = (results.run("simulated"), results.run("cold"));
    let mut out = String::from("| what | target | here | |\n| --- | --- | --- | --- |\n");
    let mut say = |what: &str, target: &str, found: Found| {
        let (here, is_met) = found.unwrap_or_else(|| ("not measured".into(), false));
        let word = if here == "not measured" { "" } else { ["missed", "met"][usize::from(is_met)] };
        writeln!(out, "| {what} | {target} | {here} | {word} |").expect("a string takes all");
    };
    for (what, target, found) in memory(year, cold) {
        say(what, target, found);
    }
    for (what, target, found) in audit(year) {
        say(what, target, found);
    }
    for (what, target, found) in store(year) {
        say(what, target, found);
    }
    for (what, target, found) in upkeep(year, cold) {
        say(what, target, found);
    }
    for (what, target, found) in growth(results) {
        say(what, target, found);
    }
    for run in [year, cold].into_iter().flatten() {
        writeln!(out, "\n\"{}\" is {}.", run.name, run.title).expect("a string takes all");
    }
    out
}

type Rows<const N: usize> = [(&'static str, &'static str, Found); N];

fn memory(year: Option<&Run>, cold: Option<&Run>) -> Rows<9> {
    [
        (
            "whole work from memory against the best of DuckDB, Polars and ClickHouse, simulated",
            "20 times",
            year.and_then(|run| against_best(run, 20.0)),
        ),
        ("its rate", "60 M events/s where a core reads 13 GB/s", year.and_then(in_memory)),
        (
            "the same against a program by hand, which reads the log in its order",
            "half of its speed",
            against_hand(year, BY_HAND_LOG_ORDER),
        ),
        (
            "the same against one that reads it by lead, too",
            "half of its speed",
            against_hand(year, BY_HAND_BY_LEAD),
        ),
        (
            "the same against the best of them, cold",
            "12 times",
            cold.and_then(|run| against_best(run, 12.0)),
        ),
        (
            "memory of the tables, cold",
            "160 bytes a lead",
            cold.and_then(|run| table_bytes(run, 160.0)),
        ),
        ("peak of a rebuild from SQLite, simulated", "O(leads) and a page", year.and_then(peak)),
        ("two threads against one, in memory", "1.7 times", threads_in_memory(year)),
        ("two threads against one, in memory, cold", "1.7 times", threads_in_memory(cold)),
    ]
}

fn audit(year: Option<&Run>) -> Rows<3> {
    let on_top = |what| {
        let row = year?.leadfold(what, 1)?;
        let percent = row.figure("audit_percent")?;
        let watched = row
            .figure("watched_percent")
            .map(|percent| format!("; watched by somebody who keeps nothing, {percent:.0} %"));
        Some((format!("{percent:.0} %{}", watched.unwrap_or_default()), percent <= 25.0))
    };
    [
        ("the audit on top of the fold, in memory by lead", "25 %", on_top(BY_LEAD_AUDITED)),
        ("the same in the order of the log", "25 %", on_top(LOG_ORDER_AUDITED)),
        ("the same on top of a cold start from SQLite", "25 %", year.and_then(cold_audit)),
    ]
}

fn store(year: Option<&Run>) -> Rows<9> {
    [
        ("cold start from SQLite, whole answer", "40 M events/s", rate(year, COLD_START, 40.0)),
        ("two threads against one, from SQLite", "1.7 times", threads(year, COLD_START)),
        ("cold start against DuckDB's from Parquet", "25 times", year.and_then(against_parquet)),
        (
            "facts by lead in the file",
            "8 bytes an event",
            year.and_then(|run| {
                let cold = run.leadfold(COLD_START, 1)?;
                let bytes = cold.figure("segment_bytes_an_event")?;
                Some((format!("{bytes:.1}"), bytes <= 8.0))
            }),
        ),
        ("facts row by row through the store, folded", "2.5 M events/s", rate(year, TAIL, 2.5)),
        ("rich events through the store, folded", "0.8 M events/s", rate(year, OWN_EVENTS, 0.8)),
        (
            "a fold of one's own against the built-in one",
            "half of its speed",
            year.and_then(own_fold),
        ),
        ("NDJSON to facts", "0.9 M events/s of 191 bytes", year.and_then(lines)),
        (
            "import of NDJSON, durable and idempotent",
            "0.15 M events/s",
            rate(year, "import of NDJSON into SQLite, durable", 0.15),
        ),
    ]
}

fn upkeep(year: Option<&Run>, cold: Option<&Run>) -> Rows<7> {
    let projection = "a durable projection from SQLite, a row an event";
    [
        (
            "durable projection with its checkpoint in the transaction",
            "0.2 M events/s",
            rate(year, projection, 0.2),
        ),
        ("catch-up of 10,000 events, simulated", "5 ms", millis(year, CATCH_UP, 5.0)),
        ("the same, cold", "5 ms", millis(cold, CATCH_UP, 5.0)),
        ("1,000 late events, simulated", "their leads' events: 5 ms", millis(year, LATE, 5.0)),
        ("the same, cold", "their leads' events: 5 ms", millis(cold, LATE, 5.0)),
        (
            "one lead's history and state from the store",
            "1 ms",
            year.and_then(|run| {
                let measured = run.leadfold("status of 1,000 leads from the store", 1)?;
                let ms = measured.median() / measured.events * 1e3;
                Some((
                    format!("{ms:.3} ms of {} events", super::log::grouped(run.events)),
                    ms <= 1.0,
                ))
            }),
        ),
        (
            "against cqrs-es's replay with a view",
            "300 times",
            year.and_then(|run| {
                let theirs = &run.line("cqrs-es", "replay with a view, in memory", 1)?.measured;
                let times = run.leadfold(BY_LEAD, 1)?.rate() / theirs.rate();
                Some((format!("{times:.0} times"), times >= 300.0))
            }),
        ),
    ]
}

fn growth(results: &Results) -> Rows<2> {
    let curve = |growth: &str| {
        let growth = results.growths.iter().find(|found| found.name.starts_with(growth))?;
        growth.curves.iter().find(|curve| curve.name == format!("leadfold: {BY_LEAD}"))
    };
    let grown = |curve: Option<&Curve>, is_met: fn(f64) -> bool| {
        let (events, cost) = curve?.growth()?;
        let text = format!("events x{events:.1}: {cost:.2} times the cost of an event");
        Some((text, is_met(cost)))
    };
    [
        (
            "events x10 of the same leads, by lead",
            "time x10 +- 15 %",
            grown(curve("the same leads"), |cost| (0.85..=1.15).contains(&cost)),
        ),
        (
            "leads x10, by lead",
            "no worse than cache misses make a hand-written fold: 1.9 times",
            grown(curve("more leads"), |cost| cost <= CACHE_MISSES),
        ),
    ]
}

/// Against the fastest layout of the others, on one thread and on as many as they like.
fn against_best(run: &Run, target: f64) -> Found {
    let ours = |threads| run.leadfold(BY_LEAD, threads).map(Measured::rate);
    let one = run.best(|line| line.threads == 1)?;
    let any = run.best(|_| true)?;
    let times = ours(1)? / one.measured.rate();
    let most = ours(1)?.max(ours(2).unwrap_or(0.0)) / any.measured.rate();
    let text = format!(
        "{times:.1} times on one thread ({} {}), {most:.1} the best of one and two",
        one.system, one.what
    );
    Some((text, times >= target))
}

fn in_memory(run: &Run) -> Found {
    let rate = run.leadfold(BY_LEAD, 1)?.rate();
    let read = by_hand(run, BY_HAND_BY_LEAD)?.figure("read_gb_a_second")?;
    Some((format!("{} M events/s; a core reads {read:.0} GB/s", rounded(rate)), rate >= 60.0))
}

/// Against a program that does nothing else, and believes the log.
fn against_hand(run: Option<&Run>, what: &str) -> Found {
    let run = run?;
    let (ours, theirs) = (run.leadfold(BY_LEAD, 1)?.rate(), by_hand(run, what)?.rate());
    let share = ours / theirs;
    Some((format!("{share:.2} of its {} M events/s", rounded(theirs)), share >= 0.5))
}

fn by_hand<'r>(run: &'r Run, what: &str) -> Option<&'r Measured> {
    let line = run.lines.iter().find(|line| line.system == BY_HAND && line.what == what)?;
    Some(&line.measured)
}

fn cold_audit(run: &Run) -> Found {
    let (plain, audited) = (run.leadfold(COLD_START, 1)?, run.leadfold(COLD_AUDITED, 1)?);
    let percent = (audited.median() / plain.median() - 1.0) * 100.0;
    Some((format!("{percent:.0} %"), percent <= 25.0))
}

fn against_parquet(run: &Run) -> Found {
    let ours = run.leadfold(COLD_START, 1)?.rate();
    let theirs = |order: &str| {
        run.best(|line| line.system == "DuckDB" && line.threads == 1 && line.what.contains(order))
    };
    let log = ours / theirs("Parquet in the order of the log")?.measured.rate();
    let by_lead = ours / theirs("Parquet by lead")?.measured.rate();
    let text = format!("{log:.1} times (in the order of the log), {by_lead:.1} (sorted by lead)");
    Some((text, by_lead >= 25.0))
}

/// Against the fold of the same facts, and against the built-in one from segments, which is the
/// faster way.
fn own_fold(run: &Run) -> Found {
    let own = run.leadfold(OWN_FACTS, 1)?.rate();
    let times = own / run.leadfold(COLD_START, 1)?.rate();
    let same_facts = own / run.leadfold(TAIL, 1)?.rate();
    let text = format!(
        "{times:.1} times its speed from segments, {same_facts:.1} over the same pages ({} M \
         events/s; it keeps less)",
        rounded(own)
    );
    Some((text, times >= 0.5))
}

fn rate(run: Option<&Run>, what: &str, target: f64) -> Found {
    let rate = run?.leadfold(what, 1)?.rate();
    Some((format!("{} M events/s", rounded(rate)), rate >= target))
}

/// What a line costs is what its bytes cost: the target is of shorter ones.
fn lines(run: &Run) -> Found {
    const BYTES: f64 = 191.0;
    let measured = run.leadfold("NDJSON to facts in memory", 1)?;
    let (rate, bytes) = (measured.rate(), measured.bytes_an_event);
    let alike = rate * bytes / BYTES;
    let text = format!(
        "{} M events/s of {bytes:.0} bytes: as many bytes as {alike:.2} M of {BYTES}",
        rounded(rate)
    );
    Some((text, alike >= 0.9))
}

fn millis(run: Option<&Run>, what: &str, target: f64) -> Found {
    let run = run?;
    let ms = run.leadfold(what, 1)?.median() * 1e3;
    let all = super::log::grouped(run.events);
    Some((format!("{ms:.2} ms onto {all} events"), ms <= target))
}

fn threads(run: Option<&Run>, what: &str) -> Found {
    let times = run?.leadfold(what, 2)?.rate() / run?.leadfold(what, 1)?.rate();
    Some((format!("{times:.2} times"), times >= 1.7))
}

/// Beside what the machine gives to two threads that share nothing out.
fn threads_in_memory(run: Option<&Run>) -> Found {
    let (text, is_met) = threads(run, BY_LEAD)?;
    let Some(apart) = run?.leadfold(APART, 2) else { return Some((text, is_met)) };
    let times = apart.rate() / run?.leadfold(BY_LEAD, 1)?.rate();
    Some((format!("{text}; two folds of all of it, each by itself, {times:.2}"), is_met))
}

fn table_bytes(run: &Run, target: f64) -> Found {
    let row = run.leadfold(BY_LEAD, 1)?;
    let (asked, all) = (row.figure("asked_bytes_a_lead")?, row.figure("table_bytes_a_lead")?);
    let text = format!("{asked:.0} bytes a lead; with all other tables {all:.0}");
    Some((text, asked <= target))
}

/// What the process takes that has no facts but those of a page: its tables, and little more.
fn peak(run: &Run) -> Found {
    let cold = run.leadfold(COLD_START, 1)?;
    let (peak, tables) = (cold.peak_kib * 1024.0, cold.figure("table_bytes_a_lead")? * run.leads);
    let rest = (peak - tables) / 1_048_576.0;
    let text = format!("{:.0} MiB: the tables and {rest:.0} MiB", peak / 1_048_576.0);
    Some((text, rest <= 256.0))
}
