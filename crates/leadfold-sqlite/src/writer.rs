//! The thread that writes: it commits what waits for it together, and answers after the commit.

mod filter;
mod ids;
mod log;
mod names;
mod rebuild;
mod streams;
mod upgrade;

use std::sync::mpsc::{Receiver, TryRecvError};

use leadfold_store::adapter::{Bell, Draft, Reply};
use leadfold_store::{AppendError, Appended, Progress, StoreError, StoreErrorKind};
use rusqlite::Connection;

use self::log::Log;
pub(crate) use self::upgrade::upgrade;
use crate::error::{Result, closed};

/// One transaction takes further appends until it has this many events.
const GROUP_EVENTS_MAX: usize = 16_384;

/// What the thread is asked to do.
pub(crate) enum Order {
    Append(Box<Draft>, Reply<Result<Appended, AppendError>>),
    Rebuild(Reply<Result<()>>),
}

type Waiting = (Box<Draft>, Reply<Result<Appended, AppendError>>);

/// Works until nobody can ask any more.
pub(crate) fn run(
    connection: &Connection,
    seal_events: u64,
    progress: &Progress,
    orders: &Receiver<Order>,
    bell: &Bell,
) {
    let mut writer = Writer { log: Log::new(connection, seal_events), bell, has_failed: false };
    let mut next = orders.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Append(draft, reply) => {
                let (group, rest) = gather((draft, reply), orders);
                writer.append(group);
                next = rest;
            }
            Order::Rebuild(reply) => {
                let rebuilt = writer.transact(|log| log.rebuild(progress));
                reply.send(rebuilt);
            }
        }
        next = next.or_else(|| orders.recv().ok());
    }
}

/// The appends that wait already, up to the bound, and the order behind them.
fn gather(first: Waiting, orders: &Receiver<Order>) -> (Vec<Waiting>, Option<Order>) {
    let mut events = first.0.batch.events.len();
    let mut group = vec![first];
    while events < GROUP_EVENTS_MAX {
        match orders.try_recv() {
            Ok(Order::Append(draft, reply)) => {
                events += draft.batch.events.len();
                group.push((draft, reply));
            }
            Ok(order) => return (group, Some(order)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    (group, None)
}

struct Writer<'c> {
    log: Log<'c>,
    bell: &'c Bell,
    /// The medium failed under a write: what it holds is not known, so nothing more is written.
    has_failed: bool,
}

impl Writer<'_> {
    fn append(&mut self, group: Vec<Waiting>) {
        match self.commit(group.iter().map(|(draft, _)| &**draft)) {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|((_, reply), answer)| reply.send(answer));
                self.bell.ring(self.log.head());
            }
            // Perhaps only one of them is too large.
            Err(error) if error.is_full() && group.len() > 1 => {
                group.into_iter().for_each(|waiting| self.append(vec![waiting]));
            }
            Err(error) => {
                let refuse = |(_, reply): Waiting| reply.send(Err(error.clone().into()));
                group.into_iter().for_each(refuse);
            }
        }
    }

    /// One transaction. A refused append changes nothing and does not concern the others.
    fn commit<'d>(
        &mut self,
        drafts: impl Iterator<Item = &'d Draft>,
    ) -> Result<Vec<Result<Appended, AppendError>>> {
        self.transact(|log| {
            drafts
                .map(|draft| match log.append(draft) {
                    Err(AppendError::Store(error)) => Err(error),
                    answer => Ok(answer),
                })
                .collect()
        })
    }

    fn transact<T>(&mut self, work: impl FnOnce(&mut Log<'_>) -> Result<T>) -> Result<T> {
        if self.has_failed {
            return Err(closed());
        }
        let done = self.log.begin().and_then(|()| work(&mut self.log));
        let done = done.and_then(|value| self.log.commit().map(|()| value));
        if let Err(error) = &done {
            self.has_failed = is_fatal(error);
            self.log.roll_back();
        }
        done
    }
}

/// After a failed write to the medium a later success proves nothing.
fn is_fatal(error: &StoreError) -> bool {
    matches!(error.kind(), StoreErrorKind::Io)
}
