//! A store on a new log, and how that log is opened again.

use std::fmt;

use leadfold_store::EventStore;

/// A store on a new log, for one clause.
///
/// A store alone is a subject; what must survive the store is not asked of it. A log that
/// outlives its store is made by [`reopening`](Self::reopening):
///
/// ```
/// # use std::sync::Arc;
/// # use leadfold_store::MemoryStore;
/// # use leadfold_testkit::conformance::{self, Subject};
/// // Instead of a file: a log that lives as long as the closure that opens it.
/// let make = || {
///     let log = Arc::new(MemoryStore::new());
///     Subject::reopening(move || Arc::clone(&log))
/// };
/// conformance::run("acknowledged_events_survive_reopening", make);
/// ```
pub struct Subject {
    /// Before `open`: a store goes before what its log is kept in.
    store: Option<Box<dyn EventStore>>,
    open: Option<Box<dyn Fn() -> Box<dyn EventStore>>>,
}

impl Subject {
    /// A new log that outlives its store. `open` opens this same log each time, after the store
    /// that it gave before has been dropped; it may own what the log is kept in, such as a
    /// directory.
    pub fn reopening<S: EventStore + 'static>(open: impl Fn() -> S + 'static) -> Self {
        let open: Box<dyn Fn() -> Box<dyn EventStore>> = Box::new(move || Box::new(open()));
        Self { store: Some(open()), open: Some(open) }
    }

    /// Nothing: the clause is left out, because what the store needs is not there.
    pub fn left_out() -> Self {
        Self { store: None, open: None }
    }

    pub(super) fn is_left_out(&self) -> bool {
        self.store.is_none()
    }

    pub(super) fn can_reopen(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn store(&self) -> &dyn EventStore {
        self.store.as_deref().expect("only a subject that is left out has no store")
    }

    /// Closes the store and opens its log again.
    pub(super) fn reopen(&mut self) -> &dyn EventStore {
        let open = self.open.as_ref().expect("a clause that reopens is given what can reopen");
        self.store = None;
        self.store = Some(open());
        self.store()
    }
}

impl<S: EventStore + 'static> From<S> for Subject {
    fn from(store: S) -> Self {
        Self { store: Some(Box::new(store)), open: None }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("can_reopen", &self.can_reopen()).finish_non_exhaustive()
    }
}
