//! The projection of the clauses: it notes down the position of every event that it is given.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use leadfold_core::Facts;
use leadfold_core::event::RecordedEvent;
use leadfold_engine::{Decision, Failure, Page, Projection};
use leadfold_store::{Blocking, EventStore, ProjectionStore};

use super::Medium;

/// Pages whose events can be told.
pub(super) trait Positions: Page {
    fn positions(&self) -> BTreeSet<u64>;
}

impl Positions for Facts {
    fn positions(&self) -> BTreeSet<u64> {
        (0..self.len()).map(|index| self.row(index).position).collect()
    }
}

impl Positions for Vec<RecordedEvent> {
    fn positions(&self) -> BTreeSet<u64> {
        self.iter().map(|event| event.position).collect()
    }
}

/// Why a position was not noted down.
#[derive(Debug, thiserror::Error)]
#[error("it does not take in position {0}")]
pub(super) struct Refused(pub(super) u64);

/// Notes positions down, but not the one that it refuses, and that only when it has noted others
/// of the page.
pub(super) struct Noting<M, G, const VERSION: u32> {
    pub(super) refuses: Option<u64>,
    /// What becomes of an event, by how often it was tried.
    pub(super) decides: fn(u32) -> Decision,
    what: PhantomData<fn() -> (M, G)>,
}

impl<M, G, const VERSION: u32> Noting<M, G, VERSION> {
    pub(super) fn all() -> Self {
        Self { refuses: None, decides: |_| Decision::Stop, what: PhantomData }
    }

    pub(super) fn deciding(decides: fn(u32) -> Decision) -> Self {
        Self { decides, ..Self::all() }
    }

    pub(super) fn refusing(self, position: u64) -> Self {
        Self { refuses: Some(position), ..self }
    }
}

impl<M: Medium, G: Positions, const VERSION: u32> Projection<M::Store> for Noting<M, G, VERSION> {
    type Page = G;
    type Error = Refused;
    const NAME: &'static str = "noted";
    const VERSION: u32 = VERSION;
    const TABLES: &'static [&'static str] = &["entry"];

    fn create(&self, batch: &mut <M::Store as ProjectionStore>::Batch<'_>) -> Result<(), Refused> {
        M::make(batch);
        Ok(())
    }

    fn apply(
        &self,
        page: &G,
        _: Blocking<&dyn EventStore>,
        batch: &mut <M::Store as ProjectionStore>::Batch<'_>,
    ) -> Result<(), Refused> {
        let positions = page.positions();
        positions.iter().for_each(|position| M::note(batch, *position));
        match self.refuses.filter(|refused| positions.contains(refused)) {
            Some(refused) => Err(Refused(refused)),
            None => Ok(()),
        }
    }

    fn decide(&self, failure: &Failure<Refused>) -> Decision {
        (self.decides)(failure.attempt)
    }
}
