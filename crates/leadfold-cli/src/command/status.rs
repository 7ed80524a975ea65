//! `status`: leads by state, or one lead.

mod lead;

use std::fmt;
use std::io::Write;

use leadfold_core::metrics::{StatusCounts, status};
use leadfold_core::{State, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::args::ReadOptions;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::reading::Reading;
use crate::table::Table;
use crate::text::{as_of, count, counted};

/// Options of `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    read: ReadOptions,
    /// One lead: its key, or its UUID. It is shown as it is: --as-of has no default here
    #[arg(long, value_name = "KEY")]
    lead: Option<String>,
    /// The system of origin in which --lead is a key
    #[arg(long, value_name = "NAME", requires = "lead")]
    system: Option<String>,
    /// The tenant in which --lead is a key
    #[arg(long, value_name = "NAME", requires = "lead")]
    tenant: Option<String>,
}

/// Leads by state in the contract's shape.
#[derive(serde::Serialize)]
pub(super) struct StatusReport {
    as_of: Option<Timestamp>,
    leads: u64,
    states: States,
    #[serde(skip)]
    counts: StatusCounts,
}

/// All states with their counts, in the order of a lead's life.
struct States([u64; 12]);

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    match &options.lead {
        Some(key) => output.answer(&lead::load(options, key)?),
        None => output.answer(&counts(&Reading::open(&options.read)?)),
    }
}

/// The leads of a log by state.
pub(super) fn counts(reading: &Reading) -> StatusReport {
    let counts = status(&reading.tables);
    let states = States(counts.states);
    StatusReport { as_of: reading.as_of, leads: counts.leads, states, counts }
}

impl Serialize for States {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (state, n) in State::ALL.iter().zip(self.0) {
            map.serialize_entry(state, &n)?;
        }
        map.end()
    }
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_of = as_of(self.as_of);
        let pending = counted(self.counts.pending_handoffs, "hand-off", "hand-offs");
        writeln!(
            f,
            "{}{as_of}, {pending} pending, {}",
            counted(self.leads, "lead", "leads"),
            counted(self.counts.findings, "finding", "findings") + " in the histories",
        )?;
        writeln!(f)?;
        let mut table = Table::new(&["state", "leads"], 1);
        for (state, n) in State::ALL.iter().zip(self.states.0) {
            table.row([state.to_string(), count(n)]);
        }
        write!(f, "{table}")
    }
}
