//! `playbook list`: the versions and when they are in force.

use std::fmt;
use std::io::Write;

use leadfold_core::{Published, Timestamp};
use leadfold_engine::versions;
use leadfold_playbook::TimeZone;
use leadfold_store::block_on;
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::store::{Access, open};
use crate::table::Table;
use crate::time::TimeArgument;

/// Options of `playbook list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// List what was known by then; default: all that is known
    #[arg(long, value_name = "TIME")]
    known_at: Option<TimeArgument>,
    /// Time zone of a date in --known-at
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    tz: TimeZone,
}

/// The versions of a log, by the time from which they are in force.
#[derive(Serialize)]
struct ListReport {
    known_at: Option<Timestamp>,
    versions: Vec<VersionReport>,
}

#[derive(Serialize)]
struct VersionReport {
    version: String,
    name: String,
    from: Timestamp,
    /// None for the last one.
    until: Option<Timestamp>,
    recorded_at: Timestamp,
    position: u64,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let store = open(&options.store.store, Access::Read)?;
    let known_at = options.known_at.map(|at| at.in_zone(options.tz)).transpose()?;
    let versions = block_on(versions(&store, known_at))?;
    let versions = versions.spans().map(VersionReport::new).collect();
    output.answer(&ListReport { known_at, versions })
}

impl VersionReport {
    fn new((published, until): (&Published, Option<Timestamp>)) -> Self {
        let Published { publication, playbook } = published;
        Self {
            version: playbook.version.clone(),
            name: playbook.name.clone(),
            from: publication.from,
            until,
            recorded_at: publication.recorded_at,
            position: publication.position,
        }
    }
}

impl fmt::Display for ListReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.versions.is_empty() {
            return match self.known_at {
                Some(known_at) => writeln!(f, "no published playbook was known by {known_at}"),
                None => writeln!(f, "no published playbook: none ever was, or all were taken back"),
            };
        }
        let mut table = Table::new(&["version", "name", "in force from", "until", "event"], 4);
        for row in &self.versions {
            table.row([
                row.version.clone(),
                row.name.clone(),
                row.from.to_string(),
                row.until.map_or_else(|| "-".to_owned(), |until| until.to_string()),
                row.position.to_string(),
            ]);
        }
        write!(f, "{table}")
    }
}
