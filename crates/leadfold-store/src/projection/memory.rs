//! Projections in memory: the port, executable and without I/O.

use std::collections::BTreeMap;

use super::{
    Advance, Checkpoint, ProjectionId, ProjectionState, ProjectionStore, Skipped, Step, Swap,
};
use crate::StoreError;

/// Projections that are forgotten when the store is dropped. The tables of a version are one
/// value; a transaction works on a copy of it, which takes its place at the commit.
#[derive(Clone, Debug, Default)]
pub struct MemoryProjections<T> {
    versions: BTreeMap<ProjectionId, Version<T>>,
    live: BTreeMap<String, ProjectionId>,
}

#[derive(Clone, Debug, Default)]
struct Version<T> {
    tables: T,
    checkpoint: Checkpoint,
    skipped: Vec<Skipped>,
}

impl<T> MemoryProjections<T> {
    /// What readers see of a projection.
    pub fn live(&self, name: &str) -> Option<&T> {
        self.tables(self.live.get(name)?)
    }

    /// The tables of a version.
    pub fn tables(&self, id: &ProjectionId) -> Option<&T> {
        Some(&self.versions.get(id)?.tables)
    }

    fn version(&self, id: &ProjectionId) -> Result<&Version<T>, StoreError> {
        self.versions.get(id).ok_or_else(|| id.unknown())
    }

    fn is_live(&self, id: &ProjectionId) -> bool {
        self.live.get(id.name()) == Some(id)
    }
}

impl<T: Default> MemoryProjections<T> {
    /// Makes the tables of a version, whatever was in their place.
    fn make<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<(), E> {
        super::check_tables(tables)?;
        let mut version = Version::default();
        make(&mut version.tables)?;
        self.versions.insert(id.clone(), version);
        Ok(())
    }
}

impl<T: Clone + Default> ProjectionStore for MemoryProjections<T> {
    type Batch<'t> = T;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError> {
        let of_name = self.versions.iter().filter(|(id, _)| id.name() == name);
        let state = |(id, version): (&ProjectionId, &Version<T>)| ProjectionState {
            id: id.clone(),
            checkpoint: version.checkpoint,
            is_live: self.is_live(id),
        };
        Ok(of_name.map(state).collect())
    }

    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        if let Some(version) = self.versions.get(id) {
            return Ok(version.checkpoint);
        }
        self.make(id, tables, make)?;
        self.live.entry(id.name().to_owned()).or_insert_with(|| id.clone());
        Ok(Checkpoint::default())
    }

    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut T) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        let version = self.versions.get_mut(id).ok_or_else(|| id.unknown())?;
        if version.checkpoint != from {
            return Ok(Advance::Moved(version.checkpoint));
        }
        let mut tables = version.tables.clone();
        let step = work(&mut tables)?;
        version.tables = tables;
        version.checkpoint = step.to;
        version.skipped.extend(step.skipped);
        Ok(Advance::Done)
    }

    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.version(id)?;
        self.make(id, tables, make)
    }

    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError> {
        let position = self.version(id)?.checkpoint.position;
        let live = self.live.get(id.name()).and_then(|live| self.versions.get(live));
        let live = live.map_or(0, |live| live.checkpoint.position);
        if position < live {
            return Ok(Swap::Behind { position, live });
        }
        self.live.insert(id.name().to_owned(), id.clone());
        Ok(Swap::Done)
    }

    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError> {
        let checkpoint = self.version(id)?.checkpoint;
        self.live.insert(id.name().to_owned(), id.clone());
        Ok(checkpoint)
    }

    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError> {
        self.version(id)?;
        if self.is_live(id) {
            return Err(id.in_use());
        }
        self.versions.remove(id);
        Ok(())
    }

    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError> {
        Ok(self.version(id)?.skipped.clone())
    }
}
