//! Threads that read, each with its own connection.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use leadfold_store::StoreErrorKind;
use leadfold_store::adapter::{Reply, Ticket, spawn, ticket};

use crate::connection::{Connection, Connector};
use crate::error::Result;

type Job = Box<dyn FnOnce(&mut Reader) + Send>;

#[derive(Debug)]
pub(crate) struct Pool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(crate) fn new(connector: &Connector) -> Result<Self> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut pool = Self { jobs: Some(jobs), threads: Vec::new() };
        for _ in 0..connector.options.readers.max(1) {
            let waiting = Arc::clone(&waiting);
            let mut reader = Reader { connector: connector.clone(), connection: None };
            pool.threads.push(spawn("leadfold-reader", move || work(&mut reader, &waiting))?);
        }
        Ok(pool)
    }

    /// Has a thread read. If its connection turns out to be cut, it reads once more on another.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        mut read: impl FnMut(&mut Connection, &Reply<Result<T>>) -> Result<T> + Send + 'static,
    ) -> Ticket<Result<T>> {
        let (reply, ticket) = ticket();
        let job: Job = Box::new(move |reader| {
            let answer = reader.read(|connection| read(connection, &reply));
            reply.send(answer);
        });
        if let Some(jobs) = &self.jobs {
            // If nobody takes it the reply is dropped, and the ticket says so.
            drop(jobs.send(job));
        }
        ticket
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A reader that panicked has nothing to clean up.
            drop(thread.join());
        }
    }
}

fn work(reader: &mut Reader, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, not while working.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(reader),
            Err(_) => return,
        }
    }
}

/// A connection that is made when it is needed, and anew when it was cut.
struct Reader {
    connector: Connector,
    connection: Option<Connection>,
}

impl Reader {
    fn read<T>(&mut self, mut read: impl FnMut(&mut Connection) -> Result<T>) -> Result<T> {
        let had_connection = self.connection.is_some();
        match self.try_read(&mut read) {
            Err(error) if had_connection && error.kind() == StoreErrorKind::Unreachable => {
                self.try_read(&mut read)
            }
            answer => answer,
        }
    }

    fn try_read<T>(&mut self, read: &mut impl FnMut(&mut Connection) -> Result<T>) -> Result<T> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            slot => slot.insert(self.connector.reader()?),
        };
        let answer = read(connection);
        if answer.is_err() && connection.is_closed()
            || matches!(&answer, Err(error) if error.kind() == StoreErrorKind::Unreachable)
        {
            self.connection = None;
        }
        answer
    }
}
