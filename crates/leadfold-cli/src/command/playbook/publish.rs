//! `playbook publish`: a playbook file becomes an event.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use leadfold_core::event::{Event, EventLine, NewEvent, PlaybookPublished};
use leadfold_core::{Playbook, Timestamp};
use leadfold_engine::versions;
use leadfold_playbook::TimeZone;
use leadfold_store::{Append, EventStore, Outcome as Appended, block_on};
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::playbook::{load, title};
use crate::store::{Access, Store, open};
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

/// What corrections do to a publication.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Corrected {
    /// It does not count any more.
    TakenBack,
    /// Another playbook counts from its time on.
    Exchanged,
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
    /// What corrections have made of it, if they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<Corrected>,
    #[serde(skip)]
    title: String,
}

pub(super) fn run(
    options: &Options,
    output: &mut Output<impl Write>,
    now: fn() -> Timestamp,
) -> Result<Outcome, CliError> {
    let from = options.at.in_zone(options.tz)?;
    let playbook = load(&options.file)?;
    let new = publication(&playbook, from);
    // A playbook is published to a log that is there: another path is a slip.
    let store = open(&options.store.store, Access::Read)?;
    let appended = block_on(store.append(Append::new(vec![new], now())))?;
    let (position, appended) = match appended.outcomes.first() {
        Some(Appended::Appended { position, .. }) => (*position, true),
        Some(Appended::Duplicate { position, .. }) => (*position, false),
        _ => unreachable!("all or nothing answers each event or fails"),
    };
    let corrected = if appended { None } else { corrected(&store, position, &playbook)? };
    let title = title(&playbook);
    let Playbook { name, version, .. } = playbook;
    output.print(&PublishReport { name, version, from, position, appended, corrected, title })?;
    Ok(if corrected.is_some() { Outcome::No } else { Outcome::Done })
}

/// What became of a publication that the log has had before.
fn corrected(
    store: &Store,
    position: u64,
    playbook: &Playbook,
) -> Result<Option<Corrected>, CliError> {
    let versions = block_on(versions(store, None))?;
    let mut counting = versions.all().iter();
    let own = counting.find(|version| version.publication.position == position);
    Ok(match own {
        None => Some(Corrected::TakenBack),
        Some(own) if own.publication.text_at != position && own.playbook != *playbook => {
            Some(Corrected::Exchanged)
        }
        Some(_) => None,
    })
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
        let word = match self.corrected {
            Some(Corrected::TakenBack) => "taken back",
            Some(Corrected::Exchanged) => "exchanged",
            None => {
                let what = if self.appended { "published" } else { "in the log already" };
                return writeln!(
                    f,
                    "playbook {title}, in force from {from}: {what} [event {position}]"
                );
            }
        };
        writeln!(
            f,
            "playbook {title}, from {from}: in the log already, but {word} by a correction; \
             publish it from another time on [event {position}]"
        )
    }
}
