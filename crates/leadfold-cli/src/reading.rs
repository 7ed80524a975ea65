//! A log, folded for a command.

use leadfold_core::metrics::KeyPart;
use leadfold_core::{Bounds, Tables, Timestamp};
use leadfold_engine::{Names, replay};
use leadfold_store::block_on;

use crate::args::ReadOptions;
use crate::error::CliError;
use crate::playbook;
use crate::progress::Progress;
use crate::store::{Access, Store, open};
use crate::zone::TimeZone;

/// The tables of a log within bounds, and the instant for which they stand.
pub(crate) struct Reading {
    pub(crate) store: Store,
    pub(crate) tables: Tables,
    /// None for an empty log that nobody asked an instant of.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) known_at: Option<Timestamp>,
    pub(crate) zone: TimeZone,
}

impl Reading {
    /// Folds the log that the options mean, and says so where the as-of is the log's own.
    pub(crate) fn open(options: &ReadOptions) -> Result<Self, CliError> {
        let bounds = bounds(options);
        let playbook = playbook::load(options.playbook.as_deref())?;
        let store = open(&options.store.store, Access::Read)?;
        let bar = Progress::of_events();
        let tables = block_on(replay(&store, playbook, bounds, |n, of| bar.events(n, of)))?;
        bar.clear();
        let as_of = bounds.as_of.or_else(|| tables.last_at());
        match (bounds.as_of, as_of) {
            (None, Some(last)) => {
                eprintln!("as of {last}, the last event of the log; --as-of asks of another time");
            }
            (None, None) => eprintln!("the log is empty"),
            (Some(_), _) => {}
        }
        Ok(Self { store, tables, as_of, known_at: bounds.known_at, zone: options.tz })
    }

    /// The instant for metrics that need one; an empty log is as empty at any.
    pub(crate) fn instant(&self) -> Timestamp {
        self.as_of.unwrap_or_default()
    }

    /// The strings of some rows' keys.
    pub(crate) fn names<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a Vec<KeyPart>>,
    ) -> Result<Names, CliError> {
        let mut names = Names::default();
        let codes = keys.into_iter().flatten().filter_map(|part| match part {
            KeyPart::Name(code) => Some(*code),
            KeyPart::Month(..) | KeyPart::Missing => None,
        });
        block_on(names.load(&self.store, codes))?;
        Ok(names)
    }
}

/// The bounds that the options mean.
pub(crate) fn bounds(options: &ReadOptions) -> Bounds {
    let instant = |at: Option<crate::zone::TimeArgument>| at.map(|at| at.in_zone(options.tz));
    Bounds { as_of: instant(options.as_of), known_at: instant(options.known_at) }
}
