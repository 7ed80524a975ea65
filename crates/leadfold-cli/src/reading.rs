//! From the options of a command to a log that is folded, and to the rows of an answer.
//!
//! A command that counts reads as: options, reading, split, metric, rows, print.

mod rows;

use std::ops::ControlFlow;

use leadfold_core::metrics::Period;
use leadfold_core::{Bounds, Playbook, Publication, Sharded, Tables, Timestamp};
use leadfold_engine::{Distrust, Resolved, Restored, Sample, View};
use leadfold_playbook::TimeZone;
use leadfold_store::block_on;
use serde::Serialize;

pub(crate) use self::rows::{Keyed, Row, Rows, Split, largest_first};
use crate::args::{PeriodOptions, ReadOptions};
use crate::cores;
use crate::error::CliError;
use crate::message::tell;
use crate::playbook;
use crate::progress::Progress;
use crate::store::{Access, Store, open};

/// What the options say of a log: where it is, and how it is to be read.
pub(crate) struct Log {
    pub(crate) store: Store,
    pub(crate) playbook: Playbook,
    /// Where the log has the playbook, if it is from there.
    pub(crate) publication: Option<Publication>,
    pub(crate) bounds: Bounds,
}

impl Log {
    /// Opens the log that the options mean. Nothing is read yet but which playbook is in force,
    /// where none is given.
    pub(crate) fn open(options: &ReadOptions) -> Result<Self, CliError> {
        let given = options.playbook.as_deref().map(playbook::load).transpose()?;
        let bounds = options.bounds()?;
        let store = open(&options.store.store, Access::Read)?;
        let Resolved { playbook, publication } = playbook::find(&store, given, bounds)?;
        Ok(Self { store, playbook, publication, bounds })
    }
}

/// The tables of a log within bounds, and the instant for which they stand.
pub(crate) struct Reading {
    pub(crate) store: Store,
    pub(crate) tables: Tables,
    /// Position of the last event in the tables.
    pub(crate) position: u64,
    /// None for an empty log that nobody asked an instant of.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) known_at: Option<Timestamp>,
    /// The log may have more than the tables.
    pub(crate) is_bounded: bool,
    pub(crate) zone: TimeZone,
}

/// Of which part of the log an answer speaks, as reports begin.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Scope {
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) known_at: Option<Timestamp>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

impl Reading {
    /// Folds the log that the options mean, and says so where the as-of is the log's own.
    pub(crate) fn open(options: &ReadOptions) -> Result<Self, CliError> {
        let Log { store, playbook, bounds, .. } = Log::open(options)?;
        let view = caught_up(&store, playbook, bounds)?;
        let position = view.position();
        let (tables, ()) = view.into_parts().expect("what has come through is current");
        Ok(Self::of(store, tables, position, bounds, options))
    }

    /// Folds a log while an observer watches.
    pub(crate) fn watched<O: Sharded + Send>(
        log: Log,
        options: &ReadOptions,
        observer: O,
    ) -> Result<(Self, O), CliError> {
        let Log { store, playbook, bounds, .. } = log;
        let mut view = View::watched(&store, playbook, bounds, observer);
        catch_up(&mut view)?;
        let position = view.position();
        let (tables, observer) = view.into_parts().expect("what has come through is current");
        Ok((Self::of(store, tables, position, bounds, options), observer))
    }

    fn of(
        store: Store,
        tables: Tables,
        position: u64,
        bounds: Bounds,
        options: &ReadOptions,
    ) -> Self {
        let as_of = bounds.as_of.or_else(|| tables.last_at());
        if bounds.as_of.is_none() {
            say_as_of(as_of, bounds.known_at, position > 0);
        }
        let (known_at, is_bounded) = (bounds.known_at, bounds != Bounds::default());
        Self { store, tables, position, as_of, known_at, is_bounded, zone: options.tz }
    }

    /// The instant for metrics that need one; an empty log is as empty at any.
    pub(crate) fn instant(&self) -> Timestamp {
        self.as_of.unwrap_or_default()
    }

    /// The period that the options mean.
    pub(crate) fn period(&self, options: PeriodOptions) -> Result<Period, CliError> {
        options.in_zone(self.zone)
    }

    /// Of what an answer about a period speaks.
    pub(crate) fn scope(&self, period: Period) -> Scope {
        let Period { from, to } = period;
        Scope { as_of: self.as_of, known_at: self.known_at, from, to }
    }
}

/// A view of all that its bounds let through. It begins with the snapshot of the store, where that
/// has one of this playbook, and the whole log is asked for; a snapshot that is of no use is told of.
pub(crate) fn caught_up(
    store: &Store,
    playbook: Playbook,
    bounds: Bounds,
) -> Result<View<&Store>, CliError> {
    let mut view = View::new(store, playbook, bounds);
    let mut restored = block_on(view.restore(Sample::default()))?;
    if matches!(restored, Restored::Refused(Distrust::Replaced)) {
        restored = block_on(view.restore(Sample::default()))?;
    }
    if let Restored::Refused(why) = restored {
        tell(format_args!("the snapshot in the store is left out: {why}"));
    }
    catch_up(&mut view)?;
    Ok(view)
}

/// Folds all that is new to a view, on all cores.
pub(crate) fn catch_up<O: Sharded + Send>(view: &mut View<&Store, O>) -> Result<(), CliError> {
    let bar = Progress::of_events();
    let watch = |done, all| {
        bar.events(done, all);
        ControlFlow::Continue(())
    };
    // Nobody breaks it off but with the process.
    let _ = view.catch_up_on(cores::count(), &watch)?;
    bar.clear();
    Ok(())
}

/// An as-of that nobody gave is not to be guessed at.
pub(crate) fn say_as_of(last_at: Option<Timestamp>, known_at: Option<Timestamp>, has_events: bool) {
    match (last_at, known_at) {
        (Some(last), _) => {
            tell(format_args!(
                "as of {last}, the last event of the log; --as-of asks of another time"
            ));
        }
        (None, Some(known_at)) => tell(format_args!("nothing of the log was known by {known_at}")),
        // A publication may be made ahead of its time, so it is no last event.
        (None, None) if has_events => {
            tell(format_args!("the log has published playbooks alone; import what happened"));
        }
        (None, None) => tell(format_args!("the log is empty")),
    }
}
