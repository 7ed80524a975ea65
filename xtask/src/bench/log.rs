//! The logs that are measured.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::measured::Measured;
use super::tools::Tools;
use super::{Result, text};

/// What log it is; `benches/whole/log.rs` says what is in each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Simulated,
    Cold,
    Bpic2012,
    Years(u32),
}

impl Kind {
    /// How many leads it has if nobody says so.
    pub(crate) fn leads(self) -> u32 {
        match self {
            Self::Simulated => 100_000,
            Self::Cold => 10_000_000,
            // A hundred times.
            Self::Bpic2012 => 1_308_700,
            Self::Years(_) => 10_000,
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "simulated" => Ok(Self::Simulated),
            "cold" => Ok(Self::Cold),
            "bpic2012" => Ok(Self::Bpic2012),
            _ => Err(format!("expected the log simulated, cold or bpic2012, found {name:?}")),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("simulated"),
            Self::Cold => f.write_str("cold"),
            Self::Bpic2012 => f.write_str("bpic2012"),
            Self::Years(years) => write!(f, "years-{years}"),
        }
    }
}

/// A log in all forms, in a folder.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) leads: u32,
    pub(crate) events: f64,
    /// What its import measured, if it is in a store, too.
    pub(crate) import: Option<Measured>,
    /// What all have to answer: the naive oracle's lines.
    pub(crate) answer: Vec<String>,
}

impl Log {
    /// Writes a log, and a store of it if one is wanted.
    pub(crate) fn write(
        tools: &Tools,
        out: &Path,
        (kind, leads): (Kind, u32),
        wants_store: bool,
    ) -> Result<Self> {
        let dir = out.join(format!("{kind}-{leads}"));
        std::fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        eprintln!("== the log {kind} of {leads} leads");
        let lines = if wants_store { "lines" } else { "no-lines" };
        tools.whole(&["log", text(&dir)?, &kind.to_string(), &leads.to_string(), lines])?;
        let import = || Measured::parse(&tools.whole(&["import", text(&dir)?, "1", "1"])?);
        eprintln!("== its import, its Parquet files, and its answer by the oracle");
        let import = if wants_store { Some(import()?) } else { None };
        tools.prepare_rivals(&dir)?;
        let naive = Measured::parse(&tools.whole(&["naive", text(&dir)?, "1", "1"])?)?;
        Ok(Self { dir, kind, leads, events: naive.events, import, answer: naive.answer })
    }

    /// What it is, for people.
    pub(crate) fn title(&self) -> String {
        format!("{}: {} events of {} leads", self.kind, grouped(self.events), grouped(self.leads))
    }

    /// Removes it from the disk.
    pub(crate) fn remove(&self) -> Result<()> {
        let dir = &self.dir;
        std::fs::remove_dir_all(dir)
            .map_err(|error| format!("cannot remove {}: {error}", dir.display()))
    }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(number: impl Into<f64>) -> String {
    let digits = format!("{:.0}", number.into());
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
