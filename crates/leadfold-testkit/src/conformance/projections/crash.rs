//! A store that breaks off between any two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use leadfold_store::{
    Advance, Checkpoint, ProjectionId, ProjectionState, ProjectionStore, Skipped, Step, StoreError,
    StoreErrorKind, Swap,
};

/// How many steps are left until everything breaks off. Clones burn together.
#[derive(Clone, Debug)]
pub struct Fuse(Arc<AtomicU64>);

impl Fuse {
    /// One that lasts for so many steps.
    pub fn of(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    /// One that never ends.
    pub fn endless() -> Self {
        Self::of(u64::MAX)
    }

    /// Whether nothing works any more.
    pub fn is_burnt(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }

    fn burn(&self) -> Result<(), StoreError> {
        let less = |left: u64| left.checked_sub(1);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) {
            Ok(2..) => Ok(()),
            _ => Err(StoreError::new(StoreErrorKind::Closed, "the fuse has burnt down")),
        }
    }
}

/// A store whose every transaction has three places to break off at: before it, at its end, and
/// behind its commit, where the answer is lost.
#[derive(Debug)]
pub struct Crashing<S> {
    inner: S,
    fuse: Fuse,
}

impl<S> Crashing<S> {
    /// A store on a fuse.
    pub fn new(inner: S, fuse: &Fuse) -> Self {
        Self { inner, fuse: fuse.clone() }
    }

    fn around<T, E: From<StoreError>>(
        &mut self,
        call: impl FnOnce(&mut S, &Fuse) -> Result<T, E>,
    ) -> Result<T, E> {
        self.fuse.burn()?;
        let answer = call(&mut self.inner, &self.fuse)?;
        self.fuse.burn()?;
        Ok(answer)
    }
}

/// What a projection's part of a transaction comes to, if the fuse lasts.
fn at_the_end<T, E: From<StoreError>>(answer: Result<T, E>, fuse: &Fuse) -> Result<T, E> {
    let answer = answer?;
    fuse.burn()?;
    Ok(answer)
}

impl<S: ProjectionStore> ProjectionStore for Crashing<S> {
    type Batch<'t> = S::Batch<'t>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError> {
        self.around(|inner, _| inner.states(name))
    }
    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut S::Batch<'_>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        self.around(|inner, fuse| inner.create(id, tables, |batch| at_the_end(make(batch), fuse)))
    }
    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut S::Batch<'_>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        self.around(|inner, fuse| inner.advance(id, from, |batch| at_the_end(work(batch), fuse)))
    }
    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut S::Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.around(|inner, fuse| inner.reset(id, tables, |batch| at_the_end(make(batch), fuse)))
    }
    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError> {
        self.around(|inner, _| inner.promote(id))
    }
    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError> {
        self.around(|inner, _| inner.roll_back(id))
    }
    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError> {
        self.around(|inner, _| inner.remove(id))
    }
    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError> {
        self.around(|inner, _| inner.skipped(id))
    }
    fn own_failure(&self, error: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        self.inner.own_failure(error)
    }
}
