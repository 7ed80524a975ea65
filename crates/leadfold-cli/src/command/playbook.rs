//! `playbook`: the versions of the playbook that a log has.

mod list;
mod publish;
mod show;

use std::io::Write;

use clap::Subcommand;
use leadfold_core::Timestamp;

use crate::error::{CliError, Outcome};
use crate::output::Output;

/// Options of `playbook`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    act: Act,
}

/// What to do with the versions.
#[derive(Debug, Subcommand)]
enum Act {
    /// Put a version in force from a time on; what is in the log already is left out
    Publish(publish::Options),
    /// List the versions and when they are in force
    List(list::Options),
    /// Print the version in force, as JSON
    Show(show::Options),
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    match &options.act {
        Act::Publish(options) => publish::run(options, output, now),
        Act::List(options) => list::run(options, output),
        Act::Show(options) => show::run(options, output),
    }
}
