//! `demo`: the two-minute tour.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use leadfold_core::Timestamp;
use leadfold_core::metrics::RevenueBasis;
use leadfold_playbook::TimeZone;
use leadfold_testkit::simulate::Simulation;
use serde::Serialize;

use super::import::{Summary, events_file, import};
use super::{audit, clv, funnel, status};
use crate::args::{ReadOptions, StoreOption};
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::Reading;
use crate::store::{Access, open};

/// Share of the simulated leads whose history breaks a rule, so that there is something to find.
const RULE_BREAKS: f64 = 0.02;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where to put the log and the store; default: a new temporary directory, which is kept
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How many leads the company gets in its year
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    leads: u32,
    /// Another seed, another year
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Everything that the tour shows.
#[derive(Serialize)]
struct Tour {
    dir: String,
    import: Summary,
    status: status::StatusReport,
    funnel: funnel::FunnelReport,
    audit: audit::AuditReport,
    clv: clv::ValueReport,
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    let dir = directory(options.dir.as_deref()).map_err(|error| {
        CliError::Input(format!(
            "cannot make the directory of the demo: {error}; give another --dir"
        ))
    })?;
    let log = dir.join("events.ndjson");
    simulate(options, &log)?;
    let path = dir.join("leads.db");
    let url = format!("sqlite:{}", path.display());
    let mut summary = Summary::default();
    {
        let store = open(&url, Access::Append)?;
        import(&store, events_file(&log)?, None, &mut summary, now)?;
    }
    let options = read_options(url);
    let reading = Reading::open(&options)?;
    let by_source = ["source".to_owned()];
    let tour = Tour {
        dir: dir.display().to_string(),
        import: summary,
        status: status::counts(&reading),
        funnel: funnel::whole(&reading, &by_source)?,
        audit: audit::audit(&options)?,
        clv: clv::historic(&reading, &by_source, RevenueBasis::default())?,
    };
    output.answer(&tour)
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

fn directory(given: Option<&Path>) -> io::Result<PathBuf> {
    if let Some(dir) = given {
        fs::create_dir_all(dir)?;
        return Ok(dir.to_owned());
    }
    let mut number = 1_u32;
    loop {
        let dir = std::env::temp_dir().join(format!("leadfold-demo-{number}"));
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| dir),
        }
    }
}

fn simulate(options: &Options, log: &Path) -> Result<(), CliError> {
    let simulation =
        Simulation { rule_breaks: RULE_BREAKS, ..Simulation::new(options.seed, options.leads) };
    let mut file = BufWriter::new(File::create(log)?);
    simulation.write_ndjson(&mut file)?;
    file.flush()?;
    Ok(())
}

impl std::fmt::Display for Tour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dir, import, status, funnel, audit, clv } = self;
        writeln!(f, "== a simulated year, in {dir}/events.ndjson ==\n")?;
        write!(f, "{import}")?;
        if import.appended == 0 {
            writeln!(f, "all of it was in the log already: an import adds nothing twice")?;
        }
        writeln!(f, "\n== status ==\n\n{status}")?;
        writeln!(f, "== funnel by source ==\n\n{funnel}")?;
        writeln!(f, "== hand-off audit ==\n\n{audit}")?;
        writeln!(f, "== customer value by source ==\n\n{clv}")?;
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
            writeln!(f, "{}", format!("leadfold {name} --store {dir}/leads.db {rest}").trim_end())?;
        }
        Ok(())
    }
}
