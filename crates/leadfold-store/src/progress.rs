//! How far a long piece of work has come.

use std::fmt;
use std::sync::Arc;

/// Whom a store tells how far it has come with what may take long when it is opened: so many
/// events are done, of so many. Nobody by default.
///
/// ```
/// # use std::sync::Mutex;
/// # use leadfold_store::Progress;
/// static TOLD: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());
/// let progress = Progress::to(|done, of| TOLD.lock().expect("no panic").push((done, of)));
/// progress.tell(16_384, 20_000);
/// assert_eq!(*TOLD.lock().expect("no panic"), [(16_384, 20_000)]);
/// Progress::default().tell(1, 2);
/// ```
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Tell>>);

type Tell = dyn Fn(u64, u64) + Send + Sync;

impl Progress {
    /// Tells a function, on whatever thread does the work.
    pub fn to(tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    /// So many events are done, of so many.
    pub fn tell(&self, done: u64, of: u64) {
        if let Some(tell) = &self.0 {
            tell(done, of);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.is_some()).finish()
    }
}

/// Two are equal if they tell the same function, or nobody.
impl PartialEq for Progress {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        }
    }
}

impl Eq for Progress {}
