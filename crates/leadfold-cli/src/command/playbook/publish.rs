//! `playbook publish`: a playbook file becomes an event.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use leadfold_core::event::{Event, EventLine, NewEvent, PlaybookPublished};
use leadfold_core::{Playbook, Timestamp};
use leadfold_playbook::TimeZone;
use leadfold_store::{Append, EventStore, Outcome as Appended, block_on};
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::playbook::{load, title};
use crate::store::{Access, open};
use crate::time::TimeArgument;

/// Options of `playbook publish`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// From when on it is in force
    #[arg(long, value_name = "TIME")]
    at: TimeArgument,
    /// Time zone of a date in --at
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true)]
    tz: TimeZone,
    /// The playbook file
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
}

/// What became of a publication.
#[derive(Serialize)]
struct PublishReport {
    name: String,
    version: String,
    from: Timestamp,
    position: u64,
    /// False if the log has it already.
    appended: bool,
    #[serde(skip)]
    title: String,
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    let from = in_force_from(options)?;
    let playbook = load(&options.file)?;
    let new = publication(&playbook, from);
    let store = open(&options.store.store, Access::Append)?;
    let appended = block_on(store.append(Append::new(vec![new], now())))?;
    let (position, appended) = match appended.outcomes.first() {
        Some(Appended::Appended { position, .. }) => (*position, true),
        Some(Appended::Duplicate { position, .. }) => (*position, false),
        _ => unreachable!("all or nothing answers each event or fails"),
    };
    let title = title(&playbook);
    let Playbook { name, version, .. } = playbook;
    output.answer(&PublishReport { name, version, from, position, appended, title })
}

/// A zone may lead out of the years that an event can be in.
fn in_force_from(options: &Options) -> Result<Timestamp, CliError> {
    let from = options.at.in_zone(options.tz);
    match from.to_string().parse() {
        Ok(from) => Ok(from),
        Err(_) => Err(CliError::Usage(format!(
            "--at: expected an instant in the years 0 to 9999 of UTC, found {from}: \
             give another date or another zone"
        ))),
    }
}

/// Its id is derived from what it says, so that it is the same event the next time.
fn publication(playbook: &Playbook, from: Timestamp) -> NewEvent {
    let playbook = playbook.clone().into();
    let event = Event::without_lead(from, PlaybookPublished { playbook });
    EventLine { id: None, recorded_at: None, event }.identify(|_| 0)
}

impl fmt::Display for PublishReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, from, position, .. } = self;
        let what = if self.appended { "published" } else { "in the log already" };
        writeln!(f, "playbook {title}, in force from {from}: {what} [event {position}]")
    }
}
