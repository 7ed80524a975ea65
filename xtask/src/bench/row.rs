//! The rows of the table, and what runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Measured, Result, root, text};

/// Rivals that would take hours, or more memory than there is, stop here.
const SLOW_LEADS_MAX: u32 = 200_000;
/// Rounds of a process with its data in memory. The first one warms it and is left out.
const WARM_ROUNDS: usize = 4;

/// What is run for a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    /// A step of leadfold's own bench.
    Whole(&'static str),
    /// A script and its layout.
    Python(&'static str, &'static str),
    Cqrs,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) system: &'static str,
    pub(crate) what: &'static str,
    pub(crate) program: Program,
    pub(crate) threads: usize,
    /// The file that is dropped from the system's memory before each process.
    pub(crate) cold: Option<&'static str>,
    /// Measured once in a run: it takes long, and its spread changes nothing.
    pub(crate) once: bool,
    pub(crate) answers: bool,
}

const fn row(system: &'static str, what: &'static str, program: Program, threads: usize) -> Row {
    Row { system, what, program, threads, cold: None, once: false, answers: true }
}

impl Row {
    const fn cold(self, file: &'static str) -> Self {
        Self { cold: Some(file), ..self }
    }

    const fn once(self) -> Self {
        Self { once: true, ..self }
    }

    const fn mute(self) -> Self {
        Self { answers: false, ..self }
    }

    fn rounds(&self) -> usize {
        match self.program {
            Program::Whole("import") => 1,
            _ if self.cold.is_some() || self.once => 1,
            _ => WARM_ROUNDS,
        }
    }
}

/// All rows for a log of so many leads.
pub(crate) fn all(leads: u32) -> Vec<Row> {
    use Program::{Cqrs, Python, Whole};
    let mut rows = vec![
        row("leadfold", "facts in memory, in the order of the log", Whole("log-order"), 1),
        row("leadfold", "facts in memory, by lead", Whole("by-lead"), 1),
        row("leadfold", "facts in memory, by lead", Whole("by-lead"), 2),
        row("leadfold", "cold start from SQLite", Whole("cold"), 1).cold("log.db"),
        row("leadfold", "cold start from SQLite", Whole("cold"), 2).cold("log.db"),
    ];
    let layouts = [
        ("Parquet in the order of the log, cold", "log-file", Some("events.parquet")),
        ("Parquet by lead, cold", "lead-file", Some("by_lead.parquet")),
        ("in memory, in the order of the log", "log-memory", None),
        ("in memory, by lead", "lead-memory", None),
    ];
    for (system, script) in [("DuckDB", "duckdb_"), ("Polars", "polars_"), ("ClickHouse", "chdb_")]
    {
        for (what, layout, cold) in layouts {
            // A MergeTree table is always in the order of its key.
            if (script, layout) != ("chdb_", "log-memory") {
                let rows_of =
                    |threads| Row { cold, ..row(system, what, Python(script, layout), threads) };
                rows.extend([rows_of(1), rows_of(2)]);
            }
        }
    }
    if leads <= SLOW_LEADS_MAX {
        rows.push(
            row("SQLite SQL", "typed columns by lead", Python("sqlite", "lead-file"), 1).once(),
        );
        rows.push(row("cqrs-es", "replay with a view, in memory", Cqrs, 1).once());
    }
    rows.extend([
        row("leadfold", "catch-up of 10,000 new events", Whole("catch-up"), 1),
        row("leadfold", "status of 1,000 leads from the store", Whole("status"), 1).mute(),
        row("leadfold", "import of NDJSON into SQLite, durable", Whole("import"), 1).mute(),
    ]);
    rows
}

/// What runs the rows.
#[derive(Debug)]
pub(crate) struct Tools {
    python: Option<PathBuf>,
    has_cqrs: bool,
    /// Rivals that could not be had, and why.
    pub(crate) absent: Vec<String>,
}

impl Tools {
    /// Makes the rivals ready in a folder, where they are wanted.
    pub(crate) fn make(out: &Path, rivals: bool) -> Result<Self> {
        std::fs::create_dir_all(out).map_err(|error| error.to_string())?;
        let mut tools = Self { python: None, has_cqrs: false, absent: Vec::new() };
        if !rivals {
            tools.absent.push("all rivals: not asked for (`--rivals`)".into());
            return Ok(tools);
        }
        match python(out) {
            Ok(python) => tools.python = Some(python),
            Err(why) => tools.absent.push(format!("DuckDB, Polars, ClickHouse, SQLite SQL: {why}")),
        }
        match run(cqrs().args(["build", "--release", "--quiet"])) {
            Ok(_) => tools.has_cqrs = true,
            Err(why) => tools.absent.push(format!("cqrs-es: {why}")),
        }
        Ok(tools)
    }

    /// Whether a row can be run.
    pub(crate) fn has(&self, row: &Row) -> bool {
        match row.program {
            Program::Whole(_) => true,
            Program::Python(..) => self.python.is_some(),
            Program::Cqrs => self.has_cqrs,
        }
    }

    /// Runs leadfold's own bench.
    pub(crate) fn whole(&self, arguments: &[&str]) -> Result<String> {
        let mut command = cargo();
        command.args(["bench", "--quiet", "--package", "leadfold", "--bench", "whole", "--"]);
        run(command.args(arguments))
    }

    /// Writes a log as each rival likes it best.
    pub(crate) fn prepare_rivals(&self, dir: &Path) -> Result<()> {
        if let Some(python) = &self.python {
            run(script(python, "prepare").arg(dir))?;
        }
        Ok(())
    }

    /// Runs a row once.
    pub(crate) fn run(&self, row: &Row, dir: &Path) -> Result<Measured> {
        if let Some(file) = row.cold {
            forget(&dir.join(file))?;
        }
        let (threads, rounds) = (row.threads.to_string(), row.rounds().to_string());
        let report = match (row.program, &self.python) {
            (Program::Whole(step), _) => self.whole(&[step, text(dir)?, &threads, &rounds])?,
            (Program::Python(name, layout), Some(python)) => {
                if name == "sqlite" {
                    run(script(python, name).arg(dir).args(["load", "1", "1"]))?;
                }
                run(script(python, name).arg(dir).args([layout, &threads, &rounds]))?
            }
            (Program::Python(..), None) => return Err("there is no Python to run it".into()),
            (Program::Cqrs, _) => {
                run(cqrs().args(["run", "--release", "--quiet", "--"]).arg(dir).arg(&rounds))?
            }
        };
        let mut measured = Measured::parse(&report)?;
        if row.rounds() > 1 {
            measured.seconds.remove(0);
        }
        Ok(measured)
    }
}

/// A virtual environment with the pinned rivals.
fn python(out: &Path) -> Result<PathBuf> {
    let (home, python) = (out.join("venv"), out.join("venv/bin/python"));
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(home))?;
    }
    let wanted = root().join("benches/rivals/requirements.txt");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(wanted))?;
    Ok(python)
}

fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(root().join(format!("benches/rivals/{name}.py")));
    command
}

pub(super) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// cqrs-es in its own workspace.
fn cqrs() -> Command {
    rival("cqrs-es")
}

/// A rival in its own workspace: cargo finds the manifest by the folder.
pub(super) fn rival(name: &str) -> Command {
    let mut command = cargo();
    let folder = root().join("benches/rivals").join(name);
    command.current_dir(folder).env("CARGO_TARGET_DIR", rivals_target());
    command
}

/// Where rivals are built.
pub(super) fn rivals_target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target/rivals"), |target| PathBuf::from(target).join("rivals"))
}

/// Drops a file from the system's memory, so that it comes from the disk once more.
fn forget(path: &Path) -> Result<()> {
    // What is not on the disk yet cannot be dropped.
    run(Command::new("sync").arg(path))?;
    let input = format!("if={}", text(path)?);
    run(Command::new("dd").args([&input, "of=/dev/null", "iflag=nocache", "count=0"])).map(drop)
}

/// The output of a command.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let named = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot start {named}: {error}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = told.lines().rev().take(8).collect();
        let told: Vec<&str> = lines.into_iter().rev().collect();
        return Err(format!("{named} failed ({}):\n{}", output.status, told.join("\n")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
