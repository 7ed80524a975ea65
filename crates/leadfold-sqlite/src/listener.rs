//! Those who wait for events: a commit of our own wakes them at once, and for commits of others a
//! thread looks now and then, because SQLite tells nobody.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use leadfold_store::adapter::{Bell, spawn};

use crate::error::Result;
use crate::schema::open_reader;
use crate::{Options, read};

#[derive(Debug)]
pub(crate) struct Listener {
    path: PathBuf,
    options: Options,
    bell: Arc<Bell>,
    /// Started by the first who waits for what is not there yet.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    pub(crate) fn new(path: &Path, options: &Options) -> Self {
        let (path, options) = (path.to_owned(), options.clone());
        Self { path, options, bell: Arc::default(), thread: Mutex::default() }
    }

    /// What the writer rings after a commit.
    pub(crate) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Has the thread look for commits of others, too.
    pub(crate) fn listen(&self) -> Result<()> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            *thread = Some(self.start()?);
        }
        Ok(())
    }

    fn start(&self) -> Result<JoinHandle<()>> {
        let connection = open_reader(&self.path, &self.options)?;
        let (bell, interval) = (Arc::clone(&self.bell), self.options.poll_interval);
        spawn("leadfold-listener", move || {
            while bell.is_needed_after(interval) {
                match read::head(&connection) {
                    Ok(head) => bell.ring(head),
                    // It may be there again the next time.
                    Err(error) if error.is_retryable() => {}
                    Err(error) => bell.fail(&error),
                }
            }
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.bell.close();
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // It only reads.
            drop(thread.join());
        }
    }
}
