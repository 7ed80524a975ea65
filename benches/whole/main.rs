//! The whole work on one log, measured row by row, each row in a process of its own.
//!
//! `cargo xtask bench` calls it: `whole STEP DIR [THREADS] [ROUNDS]`. Steps that make the log are
//! `log` and `import`; the others measure (`docs/PERFORMANCE.md` says what). A step prints a head
//! of `name value...` lines, an empty line, and its answer: what all systems have to agree on,
//! line for line. Without arguments of its own it runs every step on small logs of every kind.

mod answer;
mod audited;
mod bank;
mod by_hand;
mod facts;
mod flat;
#[path = "../shared/held_back.rs"]
mod held_back;
#[path = "../../crates/leadfold-testkit/tests/laws/idle.rs"]
mod idle;
mod in_memory;
mod in_store;
#[path = "../../crates/leadfold-sqlite/examples/projection_rate/last_seen.rs"]
mod last_seen;
mod log;
mod naive;
#[path = "../shared/numbers.rs"]
mod numbers;
mod own;
#[path = "../shared/pages.rs"]
mod pages;
mod report;

use std::path::Path;

use self::log::Kind;
use self::report::Report;

/// What instants are counted from, seconds.
const START_S: i64 = 1_704_067_200;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Steps that need no store, and answer.
const IN_MEMORY: [&str; 10] = [
    "naive",
    "by-hand",
    "by-hand-log-order",
    "log-order",
    "by-lead",
    "by-lead-apart",
    "log-order-audit",
    "by-lead-audit",
    "catch-up",
    "late",
];
/// Steps that read the store and answer.
const IN_STORE: [&str; 4] = ["cold", "cold-audit", "snapshot", "tail"];
/// Steps that answer a part.
const OWN: [&str; 2] = ["own-facts", "own-events"];
/// Steps that check themselves.
const MUTE: [&str; 5] = ["import", "keep", "lines", "projection", "status"];

/// The rivals bring allocators of their own, too (`docs/DESIGN.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let all: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` says so; `cargo test`, whatever its filter, only wants to see that it runs.
    let is_test = !all.iter().any(|arg| arg == "--bench");
    let given = all.iter().filter(|arg| *arg != "--bench" && !is_test);
    match given.map(String::as_str).collect::<Vec<_>>()[..] {
        ["log", dir, kind, leads, lines @ ("lines" | "no-lines")] => {
            log::write(Path::new(dir), kind.parse()?, leads.parse()?, lines == "lines")
        }
        [step, dir, threads, rounds] => {
            print!("{}", measure(step, Path::new(dir), threads.parse()?, rounds.parse()?)?);
            Ok(())
        }
        [] => rehearse(),
        _ => Err("usage: whole log DIR KIND LEADS lines|no-lines | STEP DIR THREADS ROUNDS".into()),
    }
}

fn measure(step: &str, dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    match step {
        "naive" => in_memory::naive(dir, rounds),
        "by-hand" => by_hand::by_lead(dir, rounds),
        "by-hand-log-order" => by_hand::log_order(dir, rounds),
        "log-order" => in_memory::log_order(dir, rounds),
        "by-lead" => in_memory::by_lead(dir, threads, rounds),
        "by-lead-apart" => in_memory::apart(dir, threads, rounds),
        "log-order-audit" => audited::log_order(dir, rounds),
        "by-lead-audit" => audited::by_lead(dir, rounds),
        "catch-up" => in_memory::catch_up(dir, rounds),
        "late" => in_memory::late(dir, rounds),
        "lines" => in_memory::lines(dir),
        "import" => in_store::import(dir),
        "cold" => in_store::cold(dir, threads, rounds),
        "cold-audit" => audited::cold(dir, threads, rounds),
        "snapshot" => in_store::from_snapshot(dir, threads, rounds),
        "keep" => in_store::keep(dir),
        "tail" => in_store::tail(dir, rounds),
        "own-facts" => in_store::own_facts(dir, rounds),
        "own-events" => in_store::own_events(dir, rounds),
        "projection" => in_store::projection(dir, rounds),
        "status" => in_store::status(dir, rounds),
        _ => {
            let known = [&IN_MEMORY[..], &IN_STORE, &OWN, &MUTE].concat();
            Err(format!("expected one of the steps {known:?}, found {step:?}").into())
        }
    }
}

/// Every step once on small logs, so that none of them rots: all answers to a log have to be one.
fn rehearse() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let sizes = [(Kind::Simulated, 300), (Kind::Cold, 300), (Kind::Years(2), 60)];
    for (kind, leads) in sizes {
        let dir = dir.path().join(format!("{kind:?}"));
        let answer = rehearse_on(&dir, kind, leads)?;
        assert!(answer.len() > 80, "the answer has stages, sources, money and customers");
        assert_canary(&dir, &answer)?;
    }
    if bank::folder().is_some() {
        let dir = dir.path().join("bank");
        let answer = rehearse_on(&dir, Kind::Bpic2012, 2 * bank::CASES)?;
        assert!(answer.contains(&format!("status 6 {}", 2 * 2_246)), "activated applications");
    } else {
        println!("skipped: no BPI 2012; set LEADFOLD_DATA");
    }
    Ok(())
}

/// The answer of all steps.
fn rehearse_on(dir: &Path, kind: Kind, leads: u32) -> Result<Vec<String>> {
    log::write(dir, kind, leads, true)?;
    for step in MUTE {
        measure(step, dir, 1, 1)?;
    }
    let expected = measure("naive", dir, 1, 1)?.answer;
    for step in IN_MEMORY.iter().chain(&IN_STORE) {
        for threads in [1, 2] {
            let answer = measure(step, dir, threads, 2)?.answer;
            assert_eq!(answer, expected, "{kind:?}: {step} on {threads} threads");
        }
    }
    let is_part = |line: &&String| own::PART.iter().any(|part| line.starts_with(part));
    let part: Vec<String> = expected.iter().filter(is_part).cloned().collect();
    for step in OWN {
        assert_eq!(measure(step, dir, 1, 2)?.answer, part, "{kind:?}: {step}");
    }
    Ok(expected)
}

/// A log without its last win has another answer: the comparison is not blind.
fn assert_canary(dir: &Path, expected: &[String]) -> Result<()> {
    let mut rows = flat::read(&dir.join("events.csv"))?;
    let last = rows.iter().rposition(|row| row.target == 6).ok_or("nobody won")?;
    rows[last].target = flat::NO_MOVE;
    assert_ne!(naive::answer(&rows), expected, "a missing win has to show");
    Ok(())
}
