//! The options that several commands share.

use clap::Parser;
use leadfold_core::Bounds;
use leadfold_core::metrics::Period;
use leadfold_playbook::TimeZone;

use crate::command::Command;
use crate::error::CliError;
use crate::time::TimeArgument;

/// Reads a log of lead events: status, funnel, findings and customer value.
#[derive(Debug, Parser)]
#[command(
    name = "leadfold",
    version,
    after_help = "Exit status: 0 done; 1 the answer is \"no\"; 2 wrong usage; 3 bad input; \
                  4 the store failed, or the output."
)]
pub(crate) struct Args {
    /// Print one JSON document instead of a table
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which log.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct StoreOption {
    /// The log: `sqlite:leads.db`, a path, or `memory:`
    #[arg(long, value_name = "URL", env = "LEADFOLD_STORE")]
    pub(crate) store: String,
}

/// Which part of the log, and how it is read.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ReadOptions {
    #[command(flatten)]
    pub(crate) store: StoreOption,
    /// Count what had happened by then; default: the time of the log's last event
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<TimeArgument>,
    /// Count what was known by then; default: all that is known
    #[arg(long, value_name = "TIME")]
    pub(crate) known_at: Option<TimeArgument>,
    /// The rules to read the log under; default: the published ones in force, else the built-in
    /// ones
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) playbook: Option<std::path::PathBuf>,
    /// Time zone of dates and months: an IANA name or an offset such as +01:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    pub(crate) tz: TimeZone,
}

impl ReadOptions {
    /// Which events count.
    pub(crate) fn bounds(&self) -> Result<Bounds, CliError> {
        let instant = |at: Option<TimeArgument>| at.map(|at| at.in_zone(self.tz)).transpose();
        Ok(Bounds { as_of: instant(self.as_of)?, known_at: instant(self.known_at)? })
    }
}

/// How rows are split.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SplitOptions {
    /// Split by source, medium, campaign, channel, owner, product, cohort (month of capture), a
    /// captured attribute, or attr:NAME for one with such a name; several by commas
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
}

/// A half-open period of time.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct PeriodOptions {
    /// The period's beginning
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<TimeArgument>,
    /// The period's end, itself outside
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<TimeArgument>,
}

impl PeriodOptions {
    /// The period; a date is its first instant in the zone.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Result<Period, CliError> {
        let instant = |at: Option<TimeArgument>| at.map(|at| at.in_zone(zone)).transpose();
        let (from, to) = (instant(self.from)?, instant(self.to)?);
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(CliError::Usage(format!(
                "the period is empty: expected --from before --to, found {from} and {to}; swap them"
            ))),
            _ => Ok(Period { from, to }),
        }
    }
}
