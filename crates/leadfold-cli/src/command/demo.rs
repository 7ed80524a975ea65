//! `demo`: the two-minute tour.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use leadfold_core::Timestamp;
use leadfold_core::metrics::RevenueBasis;
use leadfold_playbook::TimeZone;
use leadfold_testkit::simulate::Simulation;
use serde::Serialize;

use super::import::{Summary, events_file, import};
use super::{audit, clv, funnel, report, status};
use crate::args::{ReadOptions, StoreOption};
use crate::error::{CliError, Outcome};
use crate::number;
use crate::output::Output;
use crate::reading::Reading;
use crate::store::{Access, open};
use crate::target::{Target, Written};
use crate::time::TimeArgument;

/// Share of the simulated leads whose history breaks a rule, so that there is something to find.
const RULE_BREAKS: f64 = 0.02;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where to put `events.ndjson`, `leads.db` and `report.html`; default: a new temporary
    /// directory, which is kept
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How many leads the company gets in its year
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = number::whole::<1, { u32::MAX }>)]
    leads: u32,
    /// Another seed, another year
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::any)]
    seed: u64,
}

/// Everything that the tour shows.
#[derive(Serialize)]
struct Tour {
    #[serde(skip)]
    program: String,
    dir: String,
    import: Summary,
    status: status::StatusReport,
    funnel: funnel::FunnelReport,
    audit: audit::AuditReport,
    clv: clv::ValueReport,
    report: report::Answer,
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    let dir = directory(options.dir.as_deref())?;
    let (log, path) = (dir.join("events.ndjson"), dir.join("leads.db"));
    let page = dir.join("report.html");
    simulate(options, &log, &[&path, &page])?;
    let url = format!("sqlite:{}", path.display());
    let mut summary = Summary::default();
    {
        let store = open(&url, Access::Append)?;
        import(&store, events_file(&log)?, Vec::new(), &mut summary, now)?;
    }
    let options = read_options(url);
    let reading = Reading::open(&options)?;
    let by_source = ["source".to_owned()];
    // It has been said what that is.
    let audited = ReadOptions { as_of: reading.as_of.map(TimeArgument::from), ..options };
    let tour = Tour {
        program: program(),
        dir: dir.display().to_string(),
        import: summary,
        status: status::counts(&reading),
        funnel: funnel::whole(&reading, &by_source)?,
        audit: audit::audit(&audited, output)?,
        clv: clv::historic(&reading, &by_source, RevenueBasis::default())?,
        report: report::whole(&audited, &page, "--dir")?,
    };
    tour.import.warn();
    output.print(&tour)?;
    Ok(tour.import.outcome())
}

fn read_options(store: String) -> ReadOptions {
    ReadOptions {
        store: StoreOption { store },
        as_of: None,
        known_at: None,
        playbook: None,
        tz: TimeZone::UTC,
    }
}

fn directory(given: Option<&Path>) -> Result<PathBuf, CliError> {
    let not_made =
        |path: &Path, source| CliError::File { path: path.to_owned(), option: "--dir", source };
    if let Some(dir) = given {
        fs::create_dir_all(dir).map_err(|error| not_made(dir, error))?;
        // Of its parts alone: what begins with two slashes is no path of a store's URL.
        return Ok(dir.components().collect());
    }
    let mut number = 1_u32;
    loop {
        let dir = std::env::temp_dir().join(format!("leadfold-demo-{number}"));
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(not_made(&dir, error)),
            Ok(()) => return Ok(dir),
        }
    }
}

/// Writes the log, unless it is there already. Their names are those that somebody's own files
/// may have.
fn simulate(options: &Options, log: &Path, others: &[&Path; 2]) -> Result<(), CliError> {
    let simulation =
        Simulation { rule_breaks: RULE_BREAKS, ..Simulation::new(options.seed, options.leads) };
    if log.exists() {
        return is_written(&simulation, log).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => not_ours(log),
            _ => CliError::Input(format!(
                "cannot read {}: {error}; give another --dir",
                log.display()
            )),
        });
    }
    if let Some(other) = others.iter().find(|other| other.exists()) {
        return Err(not_ours(other));
    }
    let [store, _] = others;
    let url = format!("sqlite:{}", store.display());
    Target::new(log, "--dir", &url)?.write(|mut out| {
        simulation.write_ndjson(&mut out)?;
        Ok(Written::Whole)
    })
}

fn not_ours(path: &Path) -> CliError {
    CliError::Usage(format!(
        "expected a directory without other logs, found {}, which this demo has not written: give \
         another --dir",
        path.display()
    ))
}

/// Reads a log that is there, to its end: it has to be the one that would be written.
fn is_written(simulation: &Simulation, log: &Path) -> io::Result<()> {
    let mut same = BufWriter::new(Same(File::open(log)?));
    simulation.write_ndjson(&mut same)?;
    same.flush()?;
    match same.get_mut().0.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Takes what comes next in a file, and nothing else.
struct Same<R>(R);

impl<R: Read> Write for Same<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut found = vec![0; bytes.len()];
        match self.0.read_exact(&mut found) {
            Ok(()) if found == bytes => Ok(bytes.len()),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Display for Tour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { program, dir, import, status, funnel, audit, clv, report } = self;
        writeln!(f, "== a simulated year, in {dir}/events.ndjson ==\n")?;
        write!(f, "{import}")?;
        if import.appended == 0 {
            writeln!(f, "all of it was in the log already: an import adds nothing twice")?;
        }
        writeln!(f, "\n== status ==\n\n{status}")?;
        writeln!(f, "== funnel by source ==\n\n{funnel}")?;
        writeln!(f, "== hand-off audit ==\n\n{audit}")?;
        writeln!(f, "== customer value by source ==\n\n{clv}")?;
        writeln!(f, "== report ==\n\n{report}to be opened in any browser\n")?;
        writeln!(f, "== next ==\n")?;
        for command in [
            "status --lead L1",
            "funnel --by cohort --tz Europe/Berlin",
            "funnel --by industry --within 90",
            "deals --by owner",
            "aging",
            "audit --deny error",
            "export | head -3",
        ] {
            let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
            let store = in_shell(&format!("{dir}/leads.db"));
            let program = in_shell(program);
            writeln!(f, "{}", format!("{program} {name} --store {store} {rest}").trim_end())?;
        }
        Ok(())
    }
}

/// A word as a shell takes it, quoted where that is needed.
fn in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=\\".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// This program as it was started, so that a command can be copied: it may not be where commands
/// are looked for.
fn program() -> String {
    let started = std::env::args_os().next();
    started.map_or_else(|| "leadfold".to_owned(), |path| path.to_string_lossy().into_owned())
}
