//! `cargo xtask bench`: leadfold and its rivals on one log, in one run, on one machine.
//!
//! Every row is measured in processes of its own, and the rows take turns, so that what else the
//! machine does hits all alike. All answers have to be one; if they are not, the run fails.

mod curves;
mod docs;
mod log;
mod measured;
mod plot;
mod results;
mod row;
pub(crate) mod stores;
mod table;
mod targets;
mod tools;

#[cfg(test)]
#[path = "bench/bench_test.rs"]
mod bench_test;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use self::log::{Kind, Log};
use self::measured::Measured;
use self::results::{Line, Results, Run};
use self::row::Row;
use self::tools::Tools;

/// The reason why a run failed, for people.
pub(crate) type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "[--log simulated|cold|bpic2012 | --curves | --kept] [--leads N] [--rivals] \
    [--without TEXT]... [--passes N] [--out DIR] [--keep] [--docs]";

/// What is asked for.
#[derive(Debug, Eq, PartialEq)]
struct Task {
    kind: Kind,
    /// The curves instead of the table.
    curves: bool,
    /// Nothing is measured: the tables of the runs that are kept.
    kept: bool,
    leads: u32,
    rivals: bool,
    /// Rows are left out in whose name such a text is.
    without: Vec<String>,
    passes: usize,
    docs: bool,
    keep: bool,
    out: PathBuf,
    /// As it was typed.
    command: String,
}

impl Task {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let all: Vec<String> = arguments.collect();
        let mut task = Self {
            kind: Kind::Simulated,
            curves: false,
            kept: false,
            leads: 0,
            rivals: false,
            without: Vec::new(),
            passes: 0,
            docs: false,
            keep: false,
            out: root().join("target/bench"),
            command: format!("cargo xtask bench {}", all.join(" ")),
        };
        let mut arguments = all.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("expected a value behind {argument}"));
            match argument.as_str() {
                "--log" => task.kind = value()?.parse()?,
                "--curves" => task.curves = true,
                "--kept" => task.kept = true,
                "--leads" => task.leads = number(&value()?)?.max(10),
                "--without" => task.without.push(value()?),
                "--passes" => task.passes = number(&value()?)?.max(1) as usize,
                "--out" => task.out = value()?.into(),
                "--rivals" => task.rivals = true,
                "--docs" => task.docs = true,
                "--keep" => task.keep = true,
                _ => return Err(format!("expected {USAGE}, found {argument}")),
            }
        }
        if task.leads == 0 {
            task.leads = task.kind.leads();
        }
        if task.passes == 0 {
            task.passes = passes(task.leads);
        }
        Ok(task)
    }

    /// Why a row is left out, if it is.
    fn left_out(&self, row: &Row, log: &Log) -> Option<String> {
        let free = table::free_bytes();
        self.unwanted(row).or_else(|| row.left_out(log.leads, log.events, free))
    }

    /// Whether it is left out by whoever asks for the run.
    fn unwanted(&self, row: &Row) -> Option<String> {
        let is_meant = |text: &&String| row.name().contains(text.as_str());
        let text = self.without.iter().find(is_meant)?;
        Some(format!("left out by `--without {text}`"))
    }
}

/// How often all rows are gone through if nobody says so: a run is to be over within minutes.
fn passes(leads: u32) -> usize {
    match leads {
        0..=200_000 => 3,
        200_001..=2_000_000 => 2,
        _ => 1,
    }
}

fn number(text: &str) -> Result<u32> {
    text.parse().map_err(|_| format!("expected a whole number, found {text:?}"))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| format!("{} is no UTF-8", path.display()))
}

/// Measures, prints the tables, and draws the curves.
///
/// # Errors
/// When a step fails, and when two systems answer differently.
pub(crate) fn bench(arguments: impl Iterator<Item = String>) -> Result<()> {
    let task = Task::parse(arguments)?;
    if !task.kept {
        let tools = Tools::make(&task.out, task.rivals)?;
        if task.curves {
            let before = table::machine();
            let growths = curves::measure_all(&tools, &task.out, task.leads, task.passes)?;
            let head = format!("`{}`. Machine before: {before}", task.command);
            results::keep_growths(&task.out, &head, &growths)?;
        } else {
            results::keep_run(&task.out, &measure_log(&task, &tools)?)?;
        }
    }
    tell(&task, &Results::read(&task.out)?)
}

/// The tables of all runs that are kept, and the drawing: printed, and where they are wanted put
/// into the pages.
fn tell(task: &Task, results: &Results) -> Result<()> {
    let docs = root().join("docs");
    let mut tables: Vec<(&str, String)> =
        results.runs.iter().map(|run| (run.name.as_str(), table::draw(run))).collect();
    if !results.growths.is_empty() {
        tables.push(("curves", curves::table(&results.growths_head, &results.growths)));
        let place = if task.docs { &docs } else { &task.out };
        write(&place.join("performance.svg"), &plot::draw(&results.growths))?;
    }
    tables.push(("targets", targets::table(results)));
    for (name, text) in tables {
        println!("{text}\n");
        if task.docs {
            docs::put(&docs.join("PERFORMANCE.md"), name, &text)?;
        }
    }
    Ok(())
}

/// The run on one log.
fn measure_log(task: &Task, tools: &Tools) -> Result<Run> {
    let (start, before) = (Instant::now(), table::machine());
    let mut all = row::all(task.kind, task.leads);
    all.retain(|row| tools.has(row));
    let wants_store = all.iter().any(|row| row.needs_store && task.unwanted(row).is_none());
    let log = Log::write(tools, &task.out, (task.kind, task.leads), wants_store)?;
    let (mut rows, mut left_out) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    for row in all {
        match task.left_out(&row, &log) {
            None => rows.push(row),
            Some(why) => left_out.entry(why).or_default().push(row.name()),
        }
    }
    let mut absent = tools.absent.clone();
    absent.extend(left_out.into_iter().map(|(why, mut names)| {
        names.dedup();
        format!("{}: {why}", names.join("; "))
    }));
    let measured = measure(tools, &log, &rows, task.passes)?;
    if !task.keep {
        log.remove()?;
    }
    Ok(Run {
        name: task.kind.to_string(),
        command: task.command.clone(),
        title: log.title(),
        events: log.events,
        leads: f64::from(log.leads),
        passes: task.passes,
        minutes: format!("{:.0}", start.elapsed().as_secs_f64() / 60.0),
        before,
        after: table::machine(),
        lines: rows.iter().zip(measured).map(|(row, measured)| Line::new(row, measured)).collect(),
        absent,
    })
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Goes through the rows in turn, so often, and puts their rounds together.
fn measure(tools: &Tools, log: &Log, rows: &[Row], passes: usize) -> Result<Vec<Measured>> {
    let mut all: Vec<Measured> = rows.iter().map(|_| Measured::default()).collect();
    for pass in 0..passes {
        for (row, sum) in rows.iter().zip(&mut all).filter(|(row, _)| pass == 0 || !row.once) {
            eprintln!("== pass {}: {} {} ({})", pass + 1, row.system, row.what, row.threads);
            let one = match &log.import {
                // It was measured when the store was made.
                Some(import) if row.is_import() && pass == 0 => import.clone(),
                _ => tools.run(row, log)?,
            };
            agree(row, &one.answer, &log.answer)?;
            sum.add(one);
        }
    }
    Ok(all)
}

/// Fails where an answer is not the oracle's, or the part of it that the row has.
fn agree(row: &Row, found: &[String], expected: &[String]) -> Result<()> {
    let expected = row.expected(expected);
    if found == expected {
        return Ok(());
    }
    let odd = |a: &[String], b: &[String]| a.iter().find(|line| !b.contains(line)).cloned();
    Err(format!(
        "{} {} does not do the same work: expected {:?}, found {:?} ({} lines and {})",
        row.system,
        row.what,
        odd(&expected, found),
        odd(found, &expected),
        expected.len(),
        found.len()
    ))
}
