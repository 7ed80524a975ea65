//! What runs the rows: leadfold's own bench, and the rivals.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::log::Log;
use super::measured::Measured;
use super::row::{Program, Row};
use super::{Result, root, text};

/// What runs the rows.
#[derive(Debug)]
pub(crate) struct Tools {
    whole: PathBuf,
    python: Option<PathBuf>,
    has_cqrs: bool,
    /// Rivals that could not be had, and why.
    pub(crate) absent: Vec<String>,
}

/// For how long freed memory is kept, milliseconds.
const KEPT_MS: &str = "10000";

impl Tools {
    /// Makes the bench, and the rivals in a folder where they are wanted.
    pub(crate) fn make(out: &Path, rivals: bool) -> Result<Self> {
        std::fs::create_dir_all(out).map_err(|error| error.to_string())?;
        let (whole, absent) = (whole()?, Vec::new());
        let mut tools = Self { whole, python: None, has_cqrs: false, absent };
        if !rivals {
            tools.absent.push("all rivals: not asked for (`--rivals`)".into());
            return Ok(tools);
        }
        match python(out) {
            Ok(python) => tools.python = Some(python),
            Err(why) => tools.absent.push(format!("DuckDB, Polars, ClickHouse, SQLite SQL: {why}")),
        }
        match run(rival("cqrs-es").args(["build", "--release", "--quiet"])) {
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

    /// Runs leadfold's own bench. Memory that it frees stays with it: given back after each round, it
    /// would be cleared once more for the next.
    pub(crate) fn whole(&self, arguments: &[&str]) -> Result<String> {
        let mut whole = Command::new(&self.whole);
        run(whole.env("MIMALLOC_PURGE_DELAY", KEPT_MS).arg("--bench").args(arguments))
    }

    /// Writes a log as each rival likes it best.
    pub(crate) fn prepare_rivals(&self, dir: &Path) -> Result<()> {
        if let Some(python) = &self.python {
            run(script(python, "prepare").arg(dir))?;
        }
        Ok(())
    }

    /// Runs a row once.
    pub(crate) fn run(&self, row: &Row, log: &Log) -> Result<Measured> {
        let dir = &log.dir;
        if let Some(step) = row.after {
            self.whole(&[step, text(dir)?, "1", "1"])?;
        }
        if let Some(file) = row.cold {
            forget(&dir.join(file))?;
        }
        let rounds = row.rounds(log.leads);
        let (threads, asked) = (row.threads.to_string(), rounds.to_string());
        let report = match (row.program, &self.python) {
            (Program::Whole(step), _) => self.whole(&[step, text(dir)?, &threads, &asked])?,
            (Program::Python(name, layout), Some(python)) => {
                if name == "sqlite" {
                    run(script(python, name).arg(dir).args(["lead-load", "1", "1"]))?;
                }
                run(script(python, name).arg(dir).args([layout, &threads, &asked]))?
            }
            (Program::Python(..), None) => return Err("there is no Python to run it".into()),
            (Program::Cqrs, _) => {
                let program = rivals_target().join("release/rival-cqrs-es");
                run(Command::new(program).arg(dir).arg(&asked))?
            }
        };
        let mut measured = Measured::parse(&report)?;
        if rounds > 1 && measured.seconds.len() > 1 {
            measured.seconds.remove(0);
        }
        Ok(measured)
    }
}

/// Builds leadfold's own bench. It is run without cargo, which would look at every crate each time.
fn whole() -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["bench", "--quiet", "--package", "leadfold", "--bench", "whole", "--no-run"]);
    let told = run(build.arg("--message-format=json"))?;
    let of_bench = |line: &&str| line.contains("\"name\":\"whole\"");
    let path = told.lines().filter(of_bench).find_map(|line| {
        let (_, path) = line.split_once("\"executable\":\"")?;
        path.split('"').next()
    });
    path.map(PathBuf::from).ok_or_else(|| "cargo names no executable of the bench whole".into())
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
