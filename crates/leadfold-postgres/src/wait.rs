//! Waiting for events: a thread that listens, and looks for itself underneath.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use leadfold_store::adapter::{Reply, Ticket, spawn, ticket};
use postgres::fallible_iterator::FallibleIterator;

use crate::connection::{Connection, Connector};
use crate::error::Result;
use crate::read;

/// Somebody who waits until the log has a position.
struct Waiter {
    position: u64,
    reply: Reply<Result<u64>>,
}

/// The thread, which is started by the first who waits.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<Option<Thread>>);

#[derive(Debug)]
struct Thread {
    waiters: Option<Sender<Waiter>>,
    thread: Option<JoinHandle<()>>,
}

impl Bell {
    /// The head of the log once it has reached a position.
    pub(crate) fn wait(&self, connector: &Connector, position: u64) -> Result<Ticket<Result<u64>>> {
        let (reply, ticket) = ticket();
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = match &mut *slot {
            Some(thread) => thread,
            none => none.insert(Thread::start(connector)?),
        };
        if let Some(waiters) = &thread.waiters {
            // If nobody takes it the reply is dropped, and the ticket says so.
            drop(waiters.send(Waiter { position, reply }));
        }
        Ok(ticket)
    }
}

impl Thread {
    fn start(connector: &Connector) -> Result<Self> {
        let (waiters, waiting) = channel();
        let listener = Listener { connector: connector.clone(), connection: None };
        let thread = spawn("leadfold-listener", move || run(listener, &waiting))?;
        Ok(Self { waiters: Some(waiters), thread: Some(thread) })
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.waiters = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Nobody can wake a thread that listens to a server: so often it looks who else waits.
const LOOK_AROUND: Duration = Duration::from_millis(20);

/// The server keeps what it has to tell until all who listen have taken it, so nobody listens for
/// longer than this for nobody.
const REST: Duration = Duration::from_secs(60);

/// Works until nobody can wait any more. While nobody waits, it does nothing.
fn run(mut listener: Listener, waiting: &Receiver<Waiter>) {
    let mut waiters: Vec<Waiter> = Vec::new();
    while next(&mut waiters, waiting, REST, || listener.connection = None) {
        let head = listener.head();
        answer(&mut waiters, &head);
        let (began, interval) = (Instant::now(), listener.connector.options.poll_interval);
        let count = waiters.len();
        while let Some(left) = interval.checked_sub(began.elapsed())
            && waiters.len() == count
            && count > 0
        {
            if listener.hears(left.min(LOOK_AROUND)) || !add(&mut waiters, waiting) {
                break;
            }
        }
    }
}

/// Adds those who have come since; if nobody waits, the next one, and rests where that takes longer
/// than a time. Whether anybody can come.
fn next<T>(
    waiters: &mut Vec<T>,
    waiting: &Receiver<T>,
    time: Duration,
    rest: impl FnOnce(),
) -> bool {
    if waiters.is_empty() {
        let next = waiting.recv_timeout(time).or_else(|_| {
            rest();
            waiting.recv()
        });
        waiters.extend(next.ok());
    }
    !waiters.is_empty() && add(waiters, waiting)
}

/// Adds those who have come since. Whether anybody can come.
fn add<T>(waiters: &mut Vec<T>, waiting: &Receiver<T>) -> bool {
    loop {
        match waiting.try_recv() {
            Ok(waiter) => waiters.push(waiter),
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
    }
}

/// A connection that is told of appends.
struct Listener {
    connector: Connector,
    /// None before it is needed and after it was cut.
    connection: Option<Connection>,
}

impl Listener {
    /// The head of the log. Listens before it reads, so that nothing comes between.
    fn head(&mut self) -> Result<u64> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            slot => {
                let mut connection = self.connector.reader()?;
                let listen = format!("LISTEN {}", self.connector.names.channel());
                connection.execute_batch(&listen)?;
                slot.insert(connection)
            }
        };
        let head = read::head(connection);
        self.connection.take_if(|_| head.is_err());
        head
    }

    /// Waits for a notification, so long at the most; whether the log is to be looked at.
    fn hears(&mut self, time: Duration) -> bool {
        let Some(connection) = &mut self.connection else {
            std::thread::park_timeout(time);
            return false;
        };
        let heard = hear(connection, time);
        self.connection.take_if(|_| heard.is_err());
        heard.unwrap_or(true)
    }
}

/// Takes what has come until then, or the first that comes; all say the same. Whether one came.
fn hear(connection: &mut Connection, time: Duration) -> Result<bool, postgres::Error> {
    let mut notifications = connection.client().notifications();
    let is_heard = notifications.timeout_iter(time).next()?.is_some();
    if is_heard {
        while notifications.iter().next()?.is_some() {}
    }
    Ok(is_heard)
}

/// Answers those whose position has come, and all if nothing will come any more. While the server
/// does not answer they wait on; those who have gone away are forgotten.
fn answer(waiters: &mut Vec<Waiter>, head: &Result<u64>) {
    let is_over = |waiter: &mut Waiter| match head {
        Ok(head) => *head >= waiter.position,
        Err(error) => !error.is_retryable(),
    };
    let done: Vec<_> = waiters.extract_if(.., is_over).collect();
    waiters.retain(|waiter| waiter.reply.is_wanted());
    done.into_iter().for_each(|waiter| waiter.reply.send(head.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listener_rests_while_nobody_waits() {
        let (waiters, waiting) = channel();
        let mut found = Vec::new();
        // Nobody is there, so the time is over at once; somebody comes while it rests.
        let rests = || waiters.send(1).expect("it listens");
        assert!(next(&mut found, &waiting, Duration::ZERO, rests));
        waiters.send(2).expect("it listens");
        // Who waits keeps it awake.
        assert!(next(&mut found, &waiting, Duration::ZERO, || panic!("somebody waits")));
        assert_eq!(found, [1, 2]);
        drop(waiters);
        assert!(!next(&mut Vec::new(), &waiting, Duration::ZERO, || {}), "nobody can come");
    }
}
