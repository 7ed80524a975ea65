//! `playbook show`: the version in force.

use std::fmt;
use std::io::Write;

use leadfold_core::{Bounds, Playbook};
use leadfold_engine::in_force;
use leadfold_playbook::TimeZone;
use leadfold_store::block_on;
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::playbook;
use crate::store::{Access, open};
use crate::time::TimeArgument;

/// Options of `playbook show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// The version in force then; default: at the time of the log's last event
    #[arg(long, value_name = "TIME")]
    as_of: Option<TimeArgument>,
    /// As it was known by then; default: all that is known
    #[arg(long, value_name = "TIME")]
    known_at: Option<TimeArgument>,
    /// Time zone of dates
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    tz: TimeZone,
}

/// A playbook: one line for programs, indented for people.
#[derive(Serialize)]
#[serde(transparent)]
struct ShowReport(Playbook);

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let store = open(&options.store.store, Access::Read)?;
    let published = block_on(in_force(&store, options.bounds()?))?.ok_or_else(|| {
        CliError::Nothing(
            "no published playbook was in force within these bounds: the default one holds; \
             `playbook list` shows the published ones"
                .to_owned(),
        )
    })?;
    playbook::say(&published.playbook, published.publication);
    output.answer(&ShowReport(published.playbook))
}

impl Options {
    fn bounds(&self) -> Result<Bounds, CliError> {
        let instant = |at: Option<TimeArgument>| at.map(|at| at.in_zone(self.tz)).transpose();
        Ok(Bounds { as_of: instant(self.as_of)?, known_at: instant(self.known_at)? })
    }
}

impl fmt::Display for ShowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}
