//! The thread that writes: it commits what waits for it together, and answers after the commit.

mod cache;
mod filter;
mod group;
mod ids;
mod log;
mod names;
mod rebuild;
mod streams;
mod upgrade;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use leadfold_store::adapter::{Bell, Draft, Reply};
use leadfold_store::{AppendError, Appended, Progress, Snapshot, StoreError, StoreErrorKind};
use rusqlite::Connection;

use self::group::{Group, Waiting};
use self::log::Log;
pub(crate) use self::upgrade::upgrade;
use crate::error::Result;
use crate::snapshot;

/// What the thread is asked to do.
pub(crate) enum Order {
    Append(Box<Draft>, Reply<Result<Appended, AppendError>>),
    Rebuild(Reply<Result<()>>),
    /// A snapshot to be kept, or none: the one that is there is dropped.
    Shelve(Option<Box<Snapshot>>, Reply<Result<bool>>),
}

/// Works until nobody can ask any more.
pub(crate) fn run(
    connection: &Connection,
    seal_events: u64,
    progress: &Progress,
    has_failed: &AtomicBool,
    orders: &Receiver<Order>,
    bell: &Bell,
) {
    let log = Log::new(connection, seal_events);
    let mut writer = Writer { log, bell, is_linked: false, has_failed };
    let mut next = orders.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Append(draft, reply) => {
                next = writer.append(Group::of_all((draft, reply), orders));
            }
            Order::Rebuild(reply) => {
                let rebuilt = writer.transact(Log::begin_anew, |log| log.rebuild(progress));
                reply.send(rebuilt);
            }
            Order::Shelve(snapshot, reply) => reply.send(writer.shelve(snapshot)),
        }
        next = next.or_else(|| orders.recv().ok());
    }
}

struct Writer<'c> {
    log: Log<'c>,
    bell: &'c Bell,
    /// The directory is known to have the file and its write-ahead log on the disk.
    is_linked: bool,
    /// The medium failed under a write: what it holds is not known, so nothing more is written.
    has_failed: &'c AtomicBool,
}

impl<'c> Writer<'c> {
    /// Writes a group; returns the order behind it.
    fn append(&mut self, mut group: Group<'_>) -> Option<Order> {
        let answers = self.commit(&mut group);
        let (group, rest) = group.into_parts();
        match answers {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|((_, reply), answer)| reply.send(answer));
                self.bell.ring(self.log.head());
            }
            Err(error) if self.may_pass_singly(&error, group.len()) => {
                for waiting in group {
                    self.append(Group::of_one(waiting));
                }
            }
            Err(error) => {
                let refuse = |(_, reply): Waiting| reply.send(Err(error.clone().into()));
                group.into_iter().for_each(refuse);
            }
        }
        rest
    }

    /// Whether so many appends that have failed together may go in one by one: perhaps only one of
    /// them is too large, or comes upon damage, or there was no room for what was to be sealed.
    fn may_pass_singly(&mut self, error: &StoreError, appends: usize) -> bool {
        let can_do_without = error.is_full() && self.log.put_off_seal();
        can_do_without || (error.is_full() || error.is_corrupt()) && appends > 1
    }

    /// One transaction. A refused append changes nothing and does not concern the others.
    fn commit(&mut self, group: &mut Group<'_>) -> Result<Vec<Result<Appended, AppendError>>> {
        self.transact(Log::begin, |log| {
            let mut answers = Vec::new();
            while let Some(draft) = group.next() {
                answers.push(match log.append(draft) {
                    Err(AppendError::Store(error)) => return Err(error),
                    answer => answer,
                });
            }
            Ok(answers)
        })
    }

    /// Keeps a snapshot in the place of the one that is there, or drops that; says whether there is
    /// one now, or was one.
    fn shelve(&mut self, kept: Option<Box<Snapshot>>) -> Result<bool> {
        self.transact(Log::begin, |log| match kept {
            Some(kept) => snapshot::keep(log.connection(), *kept).map(|()| true),
            None => snapshot::discard(log.connection()),
        })
    }

    /// Once, before anything is acknowledged: SQLite syncs the directory of what it makes, but keeps
    /// it to itself when that fails.
    fn link(&mut self) -> Result<()> {
        if !self.is_linked
            && let Some(path) = self.log.connection().path()
        {
            sync_directory_of(Path::new(path))?;
            self.is_linked = true;
        }
        Ok(())
    }

    /// What was committed is on the medium, but nothing is acknowledged that a failure has followed.
    fn check_medium(&self) -> Result<()> {
        if !self.has_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(StoreError::new(
            StoreErrorKind::Io,
            "expected to copy the write-ahead log to the file, found that the system refuses: \
             check the disk, then open the store again",
        ))
    }

    fn transact<T>(
        &mut self,
        begin: impl FnOnce(&mut Log<'c>) -> Result<()>,
        work: impl FnOnce(&mut Log<'c>) -> Result<T>,
    ) -> Result<T> {
        if self.has_failed.load(Ordering::Relaxed) {
            return Err(poisoned());
        }
        let done = self.link().and_then(|()| begin(&mut self.log));
        let done = done.and_then(|()| work(&mut self.log));
        let done = done.and_then(|value| self.log.commit().map(|()| value));
        let done = done.and_then(|value| self.check_medium().map(|()| value));
        if let Err(error) = &done {
            self.has_failed.fetch_or(is_fatal(error), Ordering::Relaxed);
            self.log.roll_back();
        }
        done
    }
}

/// Waits until the entries of a directory are on the disk.
#[cfg(unix)]
fn sync_directory_of(file: &Path) -> Result<()> {
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty());
    let directory = std::fs::File::open(directory.unwrap_or_else(|| Path::new(".")));
    directory.and_then(|directory| directory.sync_all()).map_err(|error| {
        let message = "expected the directory of the file to reach the disk, found that the system \
                       refuses: check the disk, then open the store again";
        StoreError::new(StoreErrorKind::Io, message).because(error)
    })
}

/// Elsewhere directories cannot be waited for.
#[cfg(not(unix))]
fn sync_directory_of(_: &Path) -> Result<()> {
    Ok(())
}

/// After a failed write to the medium a later success proves nothing.
fn is_fatal(error: &StoreError) -> bool {
    matches!(error.kind(), StoreErrorKind::Io)
}

fn poisoned() -> StoreError {
    StoreError::new(
        StoreErrorKind::Closed,
        "expected a store whose writes have reached the disk, found that one has failed: open the \
         store again, and repeat what was not acknowledged",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::channel;

    use leadfold_core::event::NewEvent;
    use leadfold_store::adapter::ticket;
    use leadfold_store::{Append, Batch, Blocking, block_on};
    use leadfold_testkit::conformance::support::{NOW, captured};

    use super::*;
    use crate::SqliteStore;

    /// What a writer answers to appends of one event each that wait when it begins.
    fn answers(path: &Path, events: Vec<NewEvent>) -> Vec<Result<Appended, AppendError>> {
        let (orders, queue) = channel();
        let ask = |event| {
            let append = Append::new(vec![event], NOW);
            let (batch, events) = Batch::prepare(append).expect("it is sound");
            let (reply, ticket) = ticket();
            let draft = Box::new(Draft::new(batch, &events));
            orders.send(Order::Append(draft, reply)).expect("it is open");
            ticket
        };
        let tickets: Vec<_> = events.into_iter().map(ask).collect();
        drop(orders);
        let connection = Connection::open(path).expect("the file opens");
        let (bell, has_failed) = (Bell::default(), AtomicBool::new(false));
        run(&connection, 100, &Progress::default(), &has_failed, &queue, &bell);
        tickets.into_iter().map(|ticket| block_on(ticket).expect("it answers")).collect()
    }

    #[test]
    fn append_that_comes_upon_damage_keeps_no_other_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        let store = Blocking(SqliteStore::open(&path).expect("a new file opens"));
        for n in 1..=2 {
            let append = Append::new(vec![captured(n, &format!("L{n}"), "x")], NOW);
            store.append(append).expect("it goes in");
        }
        drop(store);
        let damage = "UPDATE stream SET crc = crc + 1 WHERE lead = 0";
        let file = Connection::open(&path).expect("the file opens");
        file.execute_batch(damage).expect("the statement runs");
        let events = [(3, "L2"), (4, "L1"), (5, "L2"), (6, "L1")];
        let events = events.map(|(n, lead)| captured(n, lead, "x"));
        let heads: Vec<_> = answers(&path, events.to_vec())
            .into_iter()
            .map(|answer| match answer {
                Ok(appended) => Some(appended.head),
                Err(AppendError::Store(error)) if error.is_corrupt() => None,
                Err(error) => panic!("{error}"),
            })
            .collect();
        assert_eq!(heads, [Some(3), None, Some(4), None]);
    }
}
