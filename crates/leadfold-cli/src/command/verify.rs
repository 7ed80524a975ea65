//! `verify`: is the store as it was written?

use std::fmt;
use std::io::Write;

use leadfold_store::{Damage, Damaged, Damages, EventStore, StoreError, block_on};
use serde::Serialize;

use crate::args::StoreOption;
use crate::error::{CliError, Outcome};
use crate::output::Output;
use crate::progress::Progress;
use crate::store::{Access, Store, open, rebuild};
use crate::text::counted;

/// Options of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    store: StoreOption,
    /// First derive anew whatever is derived from the events: facts, names, the index of ids
    #[arg(long)]
    rebuild: bool,
}

/// What is damaged. The list ends at a limit of the store.
#[derive(Serialize)]
struct Verified {
    events: u64,
    damaged: Vec<DamageReport>,
    /// Something of it is derived, and has not been derived anew.
    #[serde(skip)]
    may_be_rebuilt: bool,
}

#[derive(Serialize)]
struct DamageReport {
    what: String,
    first: Option<u64>,
    last: Option<u64>,
    detail: String,
    remedy: &'static str,
    #[serde(skip)]
    text: String,
}

pub(super) fn run(options: &Options, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let failed = if options.rebuild { failed_rebuild(&options.store.store)? } else { None };
    let (events, damaged) = match open(&options.store.store, Access::Read) {
        Ok(store) => verify(&store)?,
        // So badly damaged that it does not open: that is an answer too.
        Err(CliError::Store(error)) if error.is_corrupt() => return damaged_file(&error, output),
        Err(error) => return Err(error),
    };
    // It came upon damage, which is to be told with its place; if it is not, then as it was met.
    if let Some(error) = failed.filter(|_| damaged.is_empty()) {
        return Err(error.into());
    }
    let outcome = if damaged.is_empty() { Outcome::Done } else { Outcome::No };
    let is_derived =
        |damage: &Damage| matches!(damage.what, Damaged::Facts | Damaged::Ids | Damaged::Names);
    // A damaged event stands in the way.
    let is_read = damaged.iter().all(|damage| damage.what != Damaged::Event);
    let may_be_rebuilt = !options.rebuild && is_read && damaged.iter().any(is_derived);
    let damaged = damaged.into_iter().map(DamageReport::from).collect();
    output.print(&Verified { events, damaged, may_be_rebuilt })?;
    Ok(outcome)
}

/// The damage that a rebuild came upon, if it failed by that.
fn failed_rebuild(url: &str) -> Result<Option<StoreError>, CliError> {
    match rebuild(url) {
        Ok(()) => Ok(None),
        Err(CliError::Store(error)) if error.is_corrupt() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// How many events there are, and what is damaged.
fn verify(store: &Store) -> Result<(u64, Vec<Damage>), CliError> {
    let bar = Progress::of_events();
    let damaged = block_on(store.verify(&mut |done, of| bar.events(done, of)))?;
    bar.clear();
    match block_on(store.head()) {
        Err(error) if error.is_corrupt() && !damaged.is_empty() => Ok((0, damaged)),
        head => Ok((head?, damaged)),
    }
}

/// A file that does not open. The error says what to do itself.
fn damaged_file(error: &StoreError, output: &mut Output<impl Write>) -> Result<Outcome, CliError> {
    let damage = Damage::new(Damaged::File, 0, 0, error.to_string());
    let text = format!("{}: {}", damage.what, damage.detail);
    let damaged = vec![DamageReport { text, ..damage.into() }];
    output.print(&Verified { events: 0, damaged, may_be_rebuilt: false })?;
    Ok(Outcome::No)
}

impl From<Damage> for DamageReport {
    fn from(damage: Damage) -> Self {
        let text = damage.to_string();
        let position = |position: u64| (position > 0).then_some(position);
        Self {
            what: damage.what.to_string(),
            first: position(damage.first),
            last: position(damage.last),
            remedy: damage.what.remedy(),
            detail: damage.detail,
            text,
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = counted(self.events, "event", "events");
        match self.damaged.len() {
            0 => writeln!(f, "{events}, nothing damaged"),
            n => {
                let or_more = if n >= Damages::COUNT_MAX { " or more" } else { "" };
                let places = if n == 1 { "place" } else { "places" };
                writeln!(f, "{events}, damaged in {n}{or_more} {places}")?;
                self.damaged.iter().try_for_each(|damage| writeln!(f, "{}", damage.text))?;
                if self.may_be_rebuilt {
                    writeln!(
                        f,
                        "\n`verify --rebuild` derives anew what is derived from the events"
                    )?;
                }
                Ok(())
            }
        }
    }
}
