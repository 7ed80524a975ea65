//! A projection whose tables tell of every event that it was given twice, or never.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use leadfold_core::event::RecordedEvent;
use leadfold_engine::Projection;
use leadfold_sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold_store::{Blocking, Checkpoint, EventStore, ProjectionState, ProjectionStore};
use rusqlite::Connection;

pub(crate) const NAME: &str = "counted";
pub(crate) const TABLES: &[&str] = &["entry", "total"];

/// A row an event with how often it was taken in, and sums that are only ever added to. Each
/// version makes other numbers of the same events.
pub(crate) struct Counting<const VERSION: u32> {
    /// Is told of a position in the middle of a page.
    pub(crate) says: fn(u64),
}

impl<const VERSION: u32> Projection<SqliteProjections> for Counting<VERSION> {
    type Page = Vec<RecordedEvent>;
    type Error = rusqlite::Error;
    const NAME: &'static str = NAME;
    const VERSION: u32 = VERSION;
    const TABLES: &'static [&'static str] = TABLES;

    fn create(&self, batch: &mut SqliteBatch<'_>) -> rusqlite::Result<()> {
        let (entry, total) = (batch.table("entry"), batch.table("total"));
        batch.sql().execute_batch(&format!(
            "CREATE TABLE {entry} (position INTEGER PRIMARY KEY, number INTEGER, times INTEGER);
             CREATE TABLE {total} (digit INTEGER PRIMARY KEY, events INTEGER, numbers INTEGER);"
        ))
    }

    fn apply(
        &self,
        page: &Vec<RecordedEvent>,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> rusqlite::Result<()> {
        let (entry, total) = (batch.table("entry"), batch.table("total"));
        let mut enter = batch.sql().prepare_cached(&format!(
            "INSERT INTO {entry} VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET times = times + 1"
        ))?;
        let mut add = batch.sql().prepare_cached(&format!(
            "INSERT INTO {total} VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET \
             events = events + 1, numbers = numbers + excluded.numbers"
        ))?;
        for (index, event) in page.iter().enumerate() {
            let number = number(VERSION, event);
            enter.execute([event.position, number].map(u64::cast_signed))?;
            add.execute([number % 10, number].map(u64::cast_signed))?;
            if index == page.len() / 2 {
                (self.says)(event.position);
            }
        }
        Ok(())
    }
}

/// What a version makes of an event.
fn number(version: u32, event: &RecordedEvent) -> u64 {
    event.id.0.as_u64_pair().1 * u64::from(version)
}

/// Pairs of numbers by another.
type Pairs = BTreeMap<u64, (u64, u64)>;

/// What the tables of a version have, or should have.
#[derive(Debug, Default, Eq, PartialEq)]
struct Counts {
    entries: Pairs,
    totals: Pairs,
}

impl Counts {
    /// Counts events without any database.
    fn of(version: u32, events: &[RecordedEvent]) -> Self {
        let mut counts = Self::default();
        for event in events {
            let number = number(version, event);
            counts.entries.insert(event.position, (number, 1));
            let (events, numbers) = counts.totals.entry(number % 10).or_default();
            (*events, *numbers) = (*events + 1, *numbers + number);
        }
        counts
    }

    fn read(sql: &Connection, table: impl Fn(&str) -> String) -> Self {
        let [entries, totals] = ["entry", "total"].map(|name| pairs(sql, &table(name)));
        Self { entries, totals }
    }
}

fn pairs(sql: &Connection, table: &str) -> Pairs {
    let mut select = sql.prepare(&format!("SELECT * FROM {table}")).expect("the table is there");
    let number = |row: &rusqlite::Row<'_>, column| row.get(column).map(i64::cast_unsigned);
    let rows =
        select.query_map([], |row| Ok((number(row, 0)?, (number(row, 1)?, number(row, 2)?))));
    rows.expect("it reads").map(|row| row.expect("it reads")).collect()
}

/// What projections are found to have done: everything but the first two has to be 0.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Effects {
    /// How often the tables of a version were looked at.
    pub(crate) looks: u64,
    /// Events up to the checkpoint, over all looks.
    pub(crate) taken_in: u64,
    /// Up to the checkpoint, and not in the table.
    pub(crate) skipped: u64,
    /// Once more than once.
    pub(crate) applied_twice: u64,
    /// In the table, and beyond the checkpoint or with another number.
    pub(crate) ahead: u64,
    /// Sums that are not those of the events.
    pub(crate) wrong_sums: u64,
    /// Checkpoints that stand behind no event of the log.
    pub(crate) astray: u64,
    /// Looks at which readers did not see exactly one version, all of it.
    pub(crate) half_seen: u64,
}

impl Effects {
    pub(crate) fn is_clean(&self) -> bool {
        let Self { skipped, applied_twice, ahead, wrong_sums, astray, half_seen, .. } = self;
        skipped + applied_twice + ahead + wrong_sums + astray + half_seen == 0
    }

    fn compare(&mut self, expected: &Counts, found: &Counts) {
        self.looks += 1;
        self.taken_in += expected.entries.len() as u64;
        for position in expected.entries.keys() {
            match found.entries.get(position) {
                None => self.skipped += 1,
                Some((_, times)) => self.applied_twice += times - 1,
            }
        }
        let is_ahead = |(position, (number, _)): &(&u64, &(u64, u64))| {
            expected.entries.get(position).is_none_or(|expected| expected.0 != *number)
        };
        self.ahead += found.entries.iter().filter(is_ahead).count() as u64;
        self.wrong_sums += u64::from(found.totals != expected.totals);
    }
}

impl AddAssign for Effects {
    fn add_assign(&mut self, other: Self) {
        self.looks += other.looks;
        self.taken_in += other.taken_in;
        self.skipped += other.skipped;
        self.applied_twice += other.applied_twice;
        self.ahead += other.ahead;
        self.wrong_sums += other.wrong_sums;
        self.astray += other.astray;
        self.half_seen += other.half_seen;
    }
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { looks, taken_in, skipped, applied_twice, .. } = self;
        let Self { ahead, wrong_sums, astray, half_seen, .. } = self;
        write!(
            f,
            "{looks} looks at a version, {taken_in} events taken in: skipped {skipped}, applied \
             twice {applied_twice}, ahead {ahead}, wrong sums {wrong_sums}, astray {astray}, half \
             seen {half_seen}"
        )
    }
}

/// A version as it is at one moment.
struct Snapshot {
    state: ProjectionState,
    tables: Counts,
    /// What readers see, if it is this version that they are to see.
    view: Option<Counts>,
}

/// Compares every version with a recount of the log up to its checkpoint, and what readers see
/// with the version that is live. Others may be writing meanwhile.
pub(crate) fn look(tables: &mut SqliteProjections, log: &Blocking<SqliteStore>) -> Effects {
    let snapshots = snapshots(tables);
    // Afterwards: a log only grows.
    let events = log.events(0, usize::MAX).expect("the events read");
    let mut effects = Effects::default();
    for Snapshot { state, tables, view } in &snapshots {
        let Checkpoint { position, event } = state.checkpoint;
        let before = &events[..events.len().min(position as usize)];
        effects.astray += u64::from(
            before.last().map(|last| (last.position, Some(last.id)))
                != (position > 0).then_some((position, event)),
        );
        let expected = Counts::of(state.id.version(), before);
        effects.compare(&expected, tables);
        effects.half_seen += u64::from(view.as_ref().is_some_and(|view| *view != expected));
    }
    let n_live = snapshots.iter().filter(|snapshot| snapshot.view.is_some()).count();
    effects.half_seen += u64::from(n_live != usize::from(!snapshots.is_empty()));
    effects
}

/// All versions in one transaction.
fn snapshots(tables: &mut SqliteProjections) -> Vec<Snapshot> {
    tables.sql().execute_batch("BEGIN").expect("it reads");
    let states = tables.states(NAME).expect("it reads");
    let sql = tables.sql();
    let snapshots = states.into_iter().map(|state| Snapshot {
        tables: Counts::read(sql, |table| state.id.table(table)),
        view: state.is_live.then(|| Counts::read(sql, |table| state.id.view(table))),
        state,
    });
    let snapshots = snapshots.collect();
    sql.execute_batch("COMMIT").expect("it reads");
    snapshots
}
