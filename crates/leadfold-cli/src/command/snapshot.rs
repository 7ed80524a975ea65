//! `snapshot`: tables as they stand now, kept in the store so that the next reading begins there.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use leadfold_core::Bounds;
use leadfold_engine::View;
use leadfold_store::{EventStore, block_on};
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::playbook;
use crate::reading::catch_up;
use crate::store::{Access, open};
use crate::text::counted;

/// Options of `snapshot`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    act: Act,
}

/// What to do with the snapshot.
#[derive(Debug, Subcommand)]
enum Act {
    /// Keep the tables as they stand now, in the place of the snapshot that is there
    Take(Take),
    /// Drop the snapshot: readings fold the log from its beginning
    Drop(Drop),
}

/// Options of `snapshot take`.
#[derive(Debug, clap::Args)]
struct Take {
    #[command(flatten)]
    store: StoreOption,
    /// The rules for which it is; default: the published ones in force, else the built-in ones
    #[arg(long, value_name = "FILE.toml")]
    playbook: Option<PathBuf>,
}

/// Options of `snapshot drop`.
#[derive(Debug, clap::Args)]
struct Drop {
    #[command(flatten)]
    store: StoreOption,
}

/// Where the snapshot stands.
#[derive(Serialize)]
struct Taken {
    events: u64,
    leads: u64,
}

/// Whether there was one.
#[derive(Serialize)]
struct Dropped {
    dropped: bool,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    match &options.act {
        Act::Take(options) => take(options, output),
        Act::Drop(options) => {
            let store = open(&options.store.store, Access::Read)?;
            let dropped = block_on(store.drop_snapshot())?;
            output.answer(&Dropped { dropped })
        }
    }
}

fn take(options: &Take, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let given = options.playbook.as_deref().map(playbook::load).transpose()?;
    let store = open(&options.store.store, Access::Read)?;
    let bounds = Bounds::default();
    let playbook = playbook::find(&store, given, bounds)?.playbook;
    if !store.capabilities().keeps_snapshots {
        return Err(CliError::Usage(
            "expected a store that keeps snapshots, found one that keeps none: give a SQLite file"
                .to_owned(),
        ));
    }
    // From the log itself: a snapshot that was wrong would be wrong for ever.
    let mut view = View::new(&store, playbook, bounds);
    catch_up(&mut view)?;
    block_on(view.keep_snapshot())?;
    let tables = view.tables().expect("what has come through is current");
    let leads = tables.leads().count() as u64;
    output.answer(&Taken { events: view.position(), leads })
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = counted(self.events, "event", "events");
        let leads = counted(self.leads, "lead", "leads");
        writeln!(f, "snapshot of {leads} taken behind {events}")
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.dropped { "snapshot dropped\n" } else { "no snapshot to drop\n" })
    }
}
