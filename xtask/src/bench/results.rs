//! What runs have measured, kept in files: the targets are of several logs, and so of several runs.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Result;
use super::curves::{Curve, Growth};
use super::measured::Measured;
use super::row::Row;

/// A run on one log.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Run {
    /// The kind of the log.
    pub(crate) name: String,
    /// What has to be typed to run it again.
    pub(crate) command: String,
    /// The log, for people.
    pub(crate) title: String,
    pub(crate) events: f64,
    pub(crate) leads: f64,
    pub(crate) passes: usize,
    pub(crate) minutes: String,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) lines: Vec<Line>,
    /// What was not run, and why.
    pub(crate) absent: Vec<String>,
}

/// What a row has measured, without its answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) system: String,
    pub(crate) what: String,
    pub(crate) threads: usize,
    pub(crate) measured: Measured,
    pub(crate) digest: Option<u64>,
}

impl Line {
    pub(crate) fn new(row: &Row, measured: Measured) -> Self {
        let digest = measured.digest();
        let measured = Measured { answer: Vec::new(), ..measured };
        let (system, what) = (row.system.to_owned(), row.what.to_owned());
        Self { system, what, threads: row.threads, measured, digest }
    }

    fn write(&self) -> String {
        let Measured { seconds, events, bytes_an_event, peak_kib, figures, .. } = &self.measured;
        let seconds: Vec<String> = seconds.iter().map(f64::to_string).collect();
        let figures: Vec<String> = figures.iter().map(|(name, v)| format!("{name}={v}")).collect();
        [
            self.system.clone(),
            self.what.clone(),
            self.threads.to_string(),
            seconds.join(" "),
            events.to_string(),
            bytes_an_event.to_string(),
            peak_kib.to_string(),
            figures.join(" "),
            self.digest.map_or_else(String::new, |digest| digest.to_string()),
        ]
        .join("\t")
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.split('\t');
        let (system, what) = (fields.next()?.to_owned(), fields.next()?.to_owned());
        let threads = fields.next()?.parse().ok()?;
        let seconds = fields.next()?.split_whitespace().map(|s| s.parse().ok());
        let seconds = seconds.collect::<Option<_>>()?;
        let mut number = || fields.next()?.parse::<f64>().ok();
        let (events, bytes_an_event, peak_kib) = (number()?, number()?, number()?);
        let figure = |text: &str| {
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        let figures = fields.next()?.split_whitespace().map(figure).collect::<Option<_>>()?;
        let digest = fields.next()?.parse().ok();
        let answer = Vec::new();
        let measured = Measured { seconds, events, bytes_an_event, peak_kib, figures, answer };
        Some(Self { system, what, threads, measured, digest })
    }
}

impl Run {
    fn write(&self) -> String {
        let mut out = String::new();
        let (events, leads) = (self.events.to_string(), self.leads.to_string());
        let passes = self.passes.to_string();
        for (name, value) in [
            ("name", &self.name),
            ("command", &self.command),
            ("title", &self.title),
            ("events", &events),
            ("leads", &leads),
            ("passes", &passes),
            ("minutes", &self.minutes),
            ("before", &self.before),
            ("after", &self.after),
        ] {
            writeln!(out, "{name}\t{value}").expect("a string takes all");
        }
        for text in &self.absent {
            writeln!(out, "absent\t{}", text.replace('\n', " ")).expect("a string takes all");
        }
        for line in &self.lines {
            writeln!(out, "row\t{}", line.write()).expect("a string takes all");
        }
        out
    }

    fn read(text: &str) -> Option<Self> {
        let mut run = Self::default();
        for line in text.lines() {
            let (name, value) = line.split_once('\t')?;
            let owned = value.to_owned();
            match name {
                "name" => run.name = owned,
                "command" => run.command = owned,
                "title" => run.title = owned,
                "events" => run.events = value.parse().ok()?,
                "leads" => run.leads = value.parse().ok()?,
                "passes" => run.passes = value.parse().ok()?,
                "minutes" => run.minutes = owned,
                "before" => run.before = owned,
                "after" => run.after = owned,
                "absent" => run.absent.push(owned),
                "row" => run.lines.push(Line::read(value)?),
                _ => return None,
            }
        }
        Some(run)
    }
}

/// All runs whose files are in a folder.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) runs: Vec<Run>,
    pub(crate) growths: Vec<Growth>,
    /// How the growths were measured, and on what machine.
    pub(crate) growths_head: String,
}

impl Results {
    /// Reads what is there.
    pub(crate) fn read(out: &Path) -> Result<Self> {
        let mut results = Self::default();
        for name in ["simulated", "cold", "bpic2012"] {
            if let Some(text) = read(&file(out, name))? {
                let run = Run::read(&text).ok_or_else(|| damaged(&file(out, name)))?;
                results.runs.push(run);
            }
        }
        if let Some(text) = read(&file(out, "curves"))? {
            let (head, text) = text.split_once('\n').unwrap_or_default();
            results.growths_head = head.to_owned();
            results.growths = read_growths(text).ok_or_else(|| damaged(&file(out, "curves")))?;
        }
        Ok(results)
    }

    pub(crate) fn run(&self, name: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.name == name)
    }
}

/// Keeps a run, instead of the one before of that log.
pub(crate) fn keep_run(out: &Path, run: &Run) -> Result<()> {
    keep(&file(out, &run.name), &run.write())
}

/// Keeps curves, with a line that says how they were measured.
pub(crate) fn keep_growths(out: &Path, head: &str, growths: &[Growth]) -> Result<()> {
    let mut text = format!("{head}\n");
    for growth in growths {
        for curve in &growth.curves {
            let point = |(events, cost): &(f64, f64)| format!("{events}={cost}");
            let points: Vec<String> = curve.points.iter().map(point).collect();
            writeln!(text, "{}\t{}\t{}", growth.name, curve.name, points.join(" "))
                .expect("a string takes all");
        }
    }
    keep(&file(out, "curves"), &text)
}

fn read_growths(text: &str) -> Option<Vec<Growth>> {
    let mut growths: Vec<Growth> = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (growth, name, points) = (fields.next()?, fields.next()?, fields.next()?);
        let point = |text: &str| {
            let (events, cost) = text.split_once('=')?;
            Some((events.parse().ok()?, cost.parse().ok()?))
        };
        let points = points.split(' ').map(point).collect::<Option<_>>()?;
        if growths.last().is_none_or(|last| last.name != growth) {
            growths.push(Growth { name: growth.to_owned(), curves: Vec::new() });
        }
        growths.last_mut()?.curves.push(Curve { name: name.to_owned(), points });
    }
    Some(growths)
}

fn file(out: &Path, name: &str) -> PathBuf {
    out.join("results").join(format!("{name}.tsv"))
}

fn damaged(path: &Path) -> String {
    format!("{} is not what a run has written: delete it and run again", path.display())
}

fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        Ok(text) => Ok(Some(text)),
    }
}

fn keep(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
