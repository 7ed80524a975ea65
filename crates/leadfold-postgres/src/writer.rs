//! The thread that writes: it commits what waits for it together, and answers after the commit.

mod links;
mod log;
mod names;
mod pages;
mod pending;
mod rebuild;
mod streams;

use std::sync::mpsc::{Receiver, TryRecvError};

use leadfold_core::LOWERING;
use leadfold_store::adapter::{Draft, Reply};
use leadfold_store::{AppendError, Appended, StoreError, StoreErrorKind};

use self::log::Log;
use crate::connection::{Connection, Connector, Server};
use crate::error::{Result, unknown_fate};
use crate::schema;

/// One transaction takes further appends until it has this many events,
const GROUP_EVENTS_MAX: usize = 16_384;
/// or this many bytes of them.
const GROUP_BYTES_MAX: usize = 16 << 20;

/// What the thread is asked to do.
pub(crate) enum Order {
    Append(Box<Draft>, Reply<Result<Appended, AppendError>>),
    Rebuild(Reply<Result<()>>),
}

type Waiting = (Box<Draft>, Reply<Result<Appended, AppendError>>);

/// Opens the log, says how that went, and works until nobody can ask any more.
pub(crate) fn run(connector: &Connector, opened: Reply<Result<Server>>, orders: &Receiver<Order>) {
    let (connection, server) = match open(connector) {
        Ok(open) => open,
        Err(error) => return opened.send(Err(error)),
    };
    let mut writer = Writer { connector, connection: Some(connection), log: Log::default() };
    opened.send(writer.renew().map(|()| server));
    let mut next = orders.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Append(draft, reply) => {
                let (group, rest) = gather((draft, reply), orders);
                writer.append(group);
                next = rest;
            }
            Order::Rebuild(reply) => {
                let progress = &connector.options.progress;
                let rebuilt = writer.transact(|log, connection| log.rebuild(connection, progress));
                reply.send(rebuilt);
            }
        }
        next = next.or_else(|| orders.recv().ok());
    }
}

fn open(connector: &Connector) -> Result<(Connection, Server)> {
    let (mut connection, server) = connector.writer()?;
    schema::prepare(&mut connection, &connector.names, connector.options.creates)?;
    Ok((connection, server))
}

/// The appends that wait already, up to the bound, and the order behind them.
fn gather(first: Waiting, orders: &Receiver<Order>) -> (Vec<Waiting>, Option<Order>) {
    let (mut events, mut bytes) = size(&first.0);
    let mut group = vec![first];
    while events < GROUP_EVENTS_MAX && bytes < GROUP_BYTES_MAX {
        match orders.try_recv() {
            Ok(Order::Append(draft, reply)) => {
                let more = size(&draft);
                (events, bytes) = (events + more.0, bytes + more.1);
                group.push((draft, reply));
            }
            Ok(order) => return (group, Some(order)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    (group, None)
}

fn size(draft: &Draft) -> (usize, usize) {
    let events = &draft.batch.events;
    (events.len(), events.iter().map(|event| event.content.len()).sum())
}

struct Writer<'c> {
    connector: &'c Connector,
    /// None after it was cut.
    connection: Option<Connection>,
    log: Log,
}

impl Writer<'_> {
    /// Brings facts of an older leadfold up to date. A log with a damaged event stays as it is:
    /// it can be read and verified all the same.
    fn renew(&mut self) -> Result<()> {
        if let Some(connection) = &mut self.connection
            && schema::lowering(connection)? == LOWERING
        {
            return Ok(());
        }
        let progress = &self.connector.options.progress;
        match self.transact(|log, connection| log.renew(connection, progress)) {
            Err(error) if !error.is_corrupt() => Err(error),
            _ => Ok(()),
        }
    }

    fn append(&mut self, group: Vec<Waiting>) {
        let before = self.log.head();
        match self.commit(&group) {
            Ok(answers) => {
                group.into_iter().zip(answers).for_each(|((_, reply), answer)| reply.send(answer));
                if self.log.head() != before {
                    self.announce();
                }
            }
            // Perhaps only one of them is too large, or comes upon damage.
            Err(error) if (error.is_full() || error.is_corrupt()) && group.len() > 1 => {
                group.into_iter().for_each(|waiting| self.append(vec![waiting]));
            }
            Err(error) => {
                let refuse = |(_, reply): Waiting| reply.send(Err(error.clone().into()));
                group.into_iter().for_each(refuse);
            }
        }
    }

    /// One transaction. A refused append changes nothing and does not concern the others.
    fn commit(&mut self, group: &[Waiting]) -> Result<Vec<Result<Appended, AppendError>>> {
        self.transact(|log, connection| {
            let drafts: Vec<&Draft> = group.iter().map(|(draft, _)| &**draft).collect();
            log.prefetch(connection, &drafts)?;
            let mut answers = Vec::with_capacity(drafts.len());
            for draft in drafts {
                answers.push(match log.append(connection, draft) {
                    Err(AppendError::Store(error)) => return Err(error),
                    answer => answer,
                });
            }
            Ok(answers)
        })
    }

    /// Wakes who waits for events. After the commit, and not in it: the server lets only one
    /// transaction with a notification commit at a time, of all its databases. If it fails, those
    /// who wait look for themselves.
    fn announce(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let channel = self.connector.names.channel();
        let sql = format!("BEGIN; SET LOCAL synchronous_commit TO off; NOTIFY {channel}; COMMIT");
        if connection.execute_batch(&sql).is_err() {
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        self.connection = None;
        self.log = Log::default();
    }

    /// Runs a transaction. If the connection turns out to be cut before the commit, nothing has
    /// happened, and it runs once more on another connection.
    fn transact<T>(
        &mut self,
        mut work: impl FnMut(&mut Log, &mut Connection) -> Result<T>,
    ) -> Result<T> {
        let had_connection = self.connection.is_some();
        let done = self.work(&mut work);
        match done {
            Err(error) if had_connection && is_cut(&error) => self.work(&mut work),
            done => done,
        }
        .and_then(|value| self.end().map(|()| value))
    }

    /// Everything of a transaction but its end.
    fn work<T>(
        &mut self,
        work: &mut impl FnMut(&mut Log, &mut Connection) -> Result<T>,
    ) -> Result<T> {
        let Self { connector, connection: slot, log } = self;
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(connector.writer()?.0),
        };
        let done = connection
            .execute_batch(&format!("BEGIN; {}", connector.names.lock()))
            .and_then(|()| log.begin(connection))
            .and_then(|()| work(log, connection))
            .and_then(|value| log.finish(connection).map(|()| value));
        if let Err(error) = &done {
            *log = Log::default();
            if is_cut(error) || connection.execute_batch("ROLLBACK").is_err() {
                self.disconnect();
            }
        }
        done
    }

    fn end(&mut self) -> Result<()> {
        let Some(connection) = &mut self.connection else {
            return Err(leadfold_store::adapter::closed());
        };
        connection.execute_batch("COMMIT").map_err(|error| {
            let is_cut = is_cut(&error);
            self.disconnect();
            if is_cut { unknown_fate(&error) } else { error }
        })
    }
}

fn is_cut(error: &StoreError) -> bool {
    error.kind() == StoreErrorKind::Unreachable
}
