//! Threads that read, each with its own connection.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use leadfold_store::adapter::{Reply, Ticket, spawn, ticket};
use rusqlite::Connection;

use crate::Options;
use crate::error::{Result, sqlite};
use crate::schema::open_reader;

type Job = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Debug)]
pub(crate) struct Pool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut pool = Self { jobs: Some(jobs), threads: Vec::new() };
        for _ in 0..options.readers.max(1) {
            let connection = open_reader(path, options)?;
            let waiting = Arc::clone(&waiting);
            pool.threads.push(spawn("leadfold-reader", move || work(&connection, &waiting))?);
        }
        Ok(pool)
    }

    /// Has a thread read from one snapshot.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection, &Reply<Result<T>>) -> Result<T> + Send + 'static,
    ) -> Ticket<Result<T>> {
        let (reply, ticket) = ticket();
        let job: Job = Box::new(move |connection| {
            let answer = snapshot(connection, |connection| read(connection, &reply));
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

fn work(connection: &Connection, waiting: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, not while working.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(connection),
            Err(_) => return,
        }
    }
}

fn snapshot<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let transaction = connection.unchecked_transaction().map_err(sqlite)?;
    let answer = read(&transaction);
    // Nothing was written: ending it cannot lose anything.
    drop(transaction);
    answer
}
