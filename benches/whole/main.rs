//! The whole work on one log, measured row by row, each row in a process of its own.
//!
//! `cargo xtask bench` calls it: `whole STEP DIR [THREADS] [ROUNDS]`. Steps that make the log are
//! `log`, `import` and `flat`; the others measure (`docs/PERFORMANCE.md` says what). A step prints
//! a head of `name value...` lines, an empty line, and its answer: what all systems have to agree
//! on, line for line. Without arguments of its own it runs every step on a small log.

mod answer;
mod flat;
mod log;
mod naive;
mod report;
mod row;

use std::path::Path;

use self::report::Report;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Steps that answer, and so have to agree.
const ANSWERING: [&str; 5] = ["naive", "log-order", "by-lead", "cold", "catch-up"];

/// The rivals bring allocators of their own, too (`docs/DESIGN.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let all: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` says so; `cargo test`, whatever its filter, only wants to see that it runs.
    let is_test = !all.iter().any(|arg| arg == "--bench");
    let given = all.iter().filter(|arg| *arg != "--bench" && !is_test);
    match given.map(String::as_str).collect::<Vec<_>>()[..] {
        ["log", dir, leads, touches] => {
            log::write(Path::new(dir), leads.parse()?, touches.parse()?)
        }
        ["flat", dir] => log::write_flat(Path::new(dir)),
        [step, dir, threads, rounds] => {
            print!("{}", measure(step, Path::new(dir), threads.parse()?, rounds.parse()?)?);
            Ok(())
        }
        [] => rehearse(),
        _ => Err("usage: whole log DIR LEADS TOUCHES | flat DIR | STEP DIR THREADS ROUNDS".into()),
    }
}

fn measure(step: &str, dir: &Path, threads: usize, rounds: usize) -> Result<Report> {
    match step {
        "import" => row::import(dir),
        "naive" => row::naive(dir, rounds),
        "log-order" => row::log_order(dir, rounds),
        "by-lead" => row::by_lead(dir, threads, rounds),
        "cold" => row::cold(dir, threads, rounds),
        "catch-up" => row::catch_up(dir, rounds),
        "status" => row::status(dir, rounds),
        _ => Err(format!("unknown step {step}: expected import, status or {ANSWERING:?}").into()),
    }
}

/// Every step once on a small log, so that none of them rots: all answers have to be one.
fn rehearse() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let dir = dir.path();
    log::write(dir, 300, 1)?;
    measure("import", dir, 1, 1)?;
    log::write_flat(dir)?;
    measure("status", dir, 1, 1)?;
    let expected = measure("naive", dir, 1, 1)?.answer;
    assert!(expected.len() > 100, "the answer has stages, sources, money and customers");
    for (step, threads) in ANSWERING.iter().flat_map(|step| [(step, 1), (step, 2)]) {
        let answer = measure(step, dir, threads, 2)?.answer;
        assert_eq!(answer, expected, "{step} on {threads} threads disagrees with the oracle");
    }
    assert_canary(dir, &expected)
}

/// A log without its last win has another answer: the comparison is not blind.
fn assert_canary(dir: &Path, expected: &[String]) -> Result<()> {
    let mut rows = flat::read(&dir.join("events.csv"))?;
    let last = rows.iter().rposition(|row| row.target == 6).ok_or("nobody won")?;
    rows[last].target = flat::NO_MOVE;
    assert_ne!(naive::answer(&rows), expected, "a missing win has to show");
    Ok(())
}
