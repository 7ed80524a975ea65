//! `cargo xtask bench`: leadfold and its rivals on one log, in one run, on one machine.
//!
//! Every row is measured in processes of its own, and the rows take turns, so that what else the
//! machine does hits all alike. All answers have to be one; if they are not, the run fails.

mod curves;
mod measured;
mod plot;
mod row;
pub(crate) mod stores;
mod table;

#[cfg(test)]
#[path = "bench/bench_test.rs"]
mod bench_test;

use std::path::{Path, PathBuf};

use self::measured::Measured;
use self::row::{Row, Tools};

/// The reason why a run failed, for people.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// How often all rows are gone through.
const PASSES: usize = 3;

/// What is asked for.
#[derive(Debug, Eq, PartialEq)]
struct Task {
    leads: u32,
    rivals: bool,
    passes: usize,
    docs: bool,
    out: PathBuf,
}

impl Task {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let out = root().join("target/bench");
        let mut task = Self { leads: 100_000, rivals: false, passes: PASSES, docs: false, out };
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("expected a value behind {argument}"));
            match argument.as_str() {
                "--leads" => task.leads = number(&value()?)?.max(10),
                "--passes" => task.passes = number(&value()?)?.max(1) as usize,
                "--out" => task.out = value()?.into(),
                "--rivals" => task.rivals = true,
                "--docs" => task.docs = true,
                _ => {
                    return Err(format!(
                        "expected [--leads N] [--rivals] [--passes N] [--out DIR] [--docs], \
                         found {argument}"
                    ));
                }
            }
        }
        Ok(task)
    }
}

fn number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| format!("expected a whole number, found {text:?}"))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Runs everything, prints the table, and draws the curves.
///
/// # Errors
/// When a step fails, and when two systems answer differently.
pub(crate) fn bench(arguments: impl Iterator<Item = String>) -> Result<()> {
    let task = Task::parse(arguments)?;
    let tools = Tools::make(&task.out, task.rivals)?;
    let before = table::machine();
    let log = Log::write(&tools, &task.out, task.leads, 0)?;
    let rows: Vec<Row> = row::all(task.leads).into_iter().filter(|row| tools.has(row)).collect();
    let measured = measure(&tools, &log, &rows, task.passes)?;
    let text = table::draw(&rows, &measured, &before, &tools.absent);
    println!("{text}");
    write(&task.out.join("table.md"), &text)?;
    let curves = curves::measure_all(&tools, &task.out, task.leads, task.passes)?;
    let (text, svg) = (curves::table(&curves), plot::draw(&curves));
    println!("{text}");
    write(&task.out.join("curves.md"), &text)?;
    let place = if task.docs { root().join("docs") } else { task.out };
    write(&place.join("performance.svg"), &svg)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// A log in all forms, in a folder.
#[derive(Debug)]
struct Log {
    dir: PathBuf,
    /// What all have to answer: the naive oracle's lines.
    answer: Vec<String>,
}

impl Log {
    fn write(tools: &Tools, out: &Path, leads: u32, touches: u32) -> Result<Self> {
        let dir = out.join(format!("{leads}-leads-{touches}-touches"));
        std::fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        eprintln!("== the log of {leads} leads, {touches} more touches an event");
        tools.whole(&["log", text(&dir)?, &leads.to_string(), &touches.to_string()])?;
        tools.whole(&["import", text(&dir)?, "1", "1"])?;
        tools.whole(&["flat", text(&dir)?])?;
        tools.prepare_rivals(&dir)?;
        let answer = Measured::parse(&tools.whole(&["naive", text(&dir)?, "1", "1"])?)?.answer;
        Ok(Self { dir, answer })
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| format!("{} is no UTF-8", path.display()))
}

/// Goes through the rows in turn, so often, and puts their rounds together.
fn measure(tools: &Tools, log: &Log, rows: &[Row], passes: usize) -> Result<Vec<Measured>> {
    let mut all: Vec<Measured> = rows.iter().map(|_| Measured::default()).collect();
    for pass in 0..passes {
        for (row, sum) in rows.iter().zip(&mut all).filter(|(row, _)| pass == 0 || !row.once) {
            eprintln!("== pass {}: {} {}", pass + 1, row.system, row.what);
            let one = tools.run(row, &log.dir)?;
            agree(row, &one.answer, &log.answer)?;
            sum.add(one);
        }
    }
    Ok(all)
}

/// Fails where an answer is not the oracle's. Rows without an answer have nothing to say.
fn agree(row: &Row, found: &[String], expected: &[String]) -> Result<()> {
    if !row.answers || found == expected {
        return Ok(());
    }
    let odd = |a: &[String], b: &[String]| a.iter().find(|line| !b.contains(line)).cloned();
    Err(format!(
        "{} {} does not do the same work: expected {:?}, found {:?} ({} lines and {})",
        row.system,
        row.what,
        odd(expected, found),
        odd(found, expected),
        expected.len(),
        found.len()
    ))
}
