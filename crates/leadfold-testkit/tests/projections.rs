//! Projections in memory keep the clauses of projections, and stores that break them are caught.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leadfold_store::{
    Advance, Checkpoint, MemoryProjections, ProjectionId, ProjectionState, ProjectionStore,
    Skipped, Step, StoreError, StoreErrorKind, Swap,
};
use leadfold_testkit::conformance::projections::{self, Crashing, Fuse, Medium};

/// Tables in memory that several handles share.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<MemoryProjections<Vec<u64>>>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, MemoryProjections<Vec<u64>>> {
        // What panics in it has changed nothing.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProjectionStore for Shared {
    type Batch<'t> = Vec<u64>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError> {
        self.lock().states(name)
    }
    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Vec<u64>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        self.lock().create(id, tables, make)
    }
    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut Vec<u64>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        self.lock().advance(id, from, work)
    }
    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Vec<u64>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.lock().reset(id, tables, make)
    }
    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError> {
        self.lock().promote(id)
    }
    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError> {
        self.lock().roll_back(id)
    }
    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError> {
        self.lock().remove(id)
    }
    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError> {
        self.lock().skipped(id)
    }
}

impl Shared {
    /// Waits, for a number of turns, until the first version has gone past a position.
    fn pass(&self, position: u64) {
        let id = ProjectionId::new("noted", 1).expect("a sound name");
        let has_passed = |_: &u32| {
            std::thread::yield_now();
            let states = self.lock().states(id.name()).expect("memory does not fail");
            states.iter().any(|state| state.checkpoint.position > position)
        };
        let _ = (0..5_000).find(has_passed);
    }

    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64> {
        let store = self.lock();
        let noted = match version {
            Some(id) => store.tables(id),
            None => store.live("noted"),
        };
        let mut noted = noted.cloned().unwrap_or_default();
        noted.sort_unstable();
        noted
    }
}

impl Medium for Shared {
    type Store = Crashing<Self>;

    fn open(&self, fuse: &Fuse) -> Crashing<Self> {
        Crashing::new(self.clone(), fuse)
    }
    fn make(_: &mut Vec<u64>) {}
    fn note(batch: &mut Vec<u64>, position: u64) {
        batch.push(position);
    }
    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64> {
        Self::noted(self, version)
    }
}

mod memory {
    leadfold_testkit::projection_tests!(|| Some(super::Shared::default()));
}

mod left_out {
    leadfold_testkit::projection_tests!(|| None::<super::Shared>);
}

/// What a store does otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    CheckpointBeforeEffect,
    EffectBeforeCheckpoint,
    EffectWithoutCheckpoint,
    CheckpointWithoutEffect,
    KeepsWhatFailed,
    LosesTheLastPage,
    AsksNobodyForTheTurn,
    ForgetsWhatIsSkipped,
    ShowsWhatIsBehind,
    ShowsTheNewest,
    RemovesWhatIsSeen,
    ResetsTheCheckpointOnly,
    ForgetsWhichLog,
    MakesWhatIsNotThere,
}

/// A medium whose stores have a fault.
struct Broken(Shared, Fault);

impl Medium for Broken {
    type Store = Faulty;

    fn open(&self, fuse: &Fuse) -> Faulty {
        let store = Crashing::new(self.0.clone(), fuse);
        Faulty { store, tables: self.0.clone(), fault: self.1 }
    }
    fn make(_: &mut Vec<u64>) {}
    fn note(batch: &mut Vec<u64>, position: u64) {
        batch.push(position);
    }
    fn noted(&self, version: Option<&ProjectionId>) -> Vec<u64> {
        self.0.noted(version)
    }
}

struct Faulty {
    store: Crashing<Shared>,
    tables: Shared,
    fault: Fault,
}

impl Faulty {
    /// Puts tables in the place of a version's, and a checkpoint behind another.
    fn put<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        to: Checkpoint,
        tables: Option<Vec<u64>>,
    ) -> Result<Advance, E> {
        self.store.advance(id, from, |batch| {
            *batch = tables.unwrap_or_else(|| std::mem::take(batch));
            Ok(Step { to, skipped: None })
        })
    }

    /// What work makes of the tables, without keeping it.
    fn rehearse<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        work: impl FnOnce(&mut Vec<u64>) -> Result<Step, E>,
    ) -> Result<(Vec<u64>, Step), E> {
        let mut tables = self.tables.noted(Some(id));
        let step = work(&mut tables)?;
        Ok((tables, step))
    }
}

impl ProjectionStore for Faulty {
    type Batch<'t> = Vec<u64>;

    fn states(&mut self, name: &str) -> Result<Vec<ProjectionState>, StoreError> {
        self.store.states(name)
    }

    fn create<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Vec<u64>) -> Result<(), E>,
    ) -> Result<Checkpoint, E> {
        let created = self.store.create(id, tables, make)?;
        if self.fault == Fault::ShowsTheNewest && created == Checkpoint::default() {
            self.store.roll_back(id)?;
        }
        let event = created.event.filter(|_| self.fault != Fault::ForgetsWhichLog);
        Ok(Checkpoint { event, ..created })
    }

    fn advance<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        from: Checkpoint,
        work: impl FnOnce(&mut Vec<u64>) -> Result<Step, E>,
    ) -> Result<Advance, E> {
        if self.fault == Fault::AsksNobodyForTheTurn {
            // So that every run shows it: until another runner has been here, too.
            self.tables.pass(from.position);
        }
        let state = self.store.states(id.name())?.into_iter().find(|state| state.id == *id);
        let found = state.ok_or_else(|| id.unknown())?.checkpoint;
        if self.fault == Fault::AsksNobodyForTheTurn {
            return self.store.advance(id, found, |batch| {
                let step = work(batch)?;
                let to = if step.to.position > found.position { step.to } else { found };
                Ok(Step { to, ..step })
            });
        }
        if found.position != from.position {
            return Ok(Advance::Moved(found));
        }
        match self.fault {
            Fault::CheckpointBeforeEffect => {
                let (tables, Step { to, .. }) = self.rehearse(id, work)?;
                self.put(id, found, to, None)?;
                self.put(id, to, to, Some(tables))
            }
            Fault::EffectBeforeCheckpoint => {
                let (tables, Step { to, .. }) = self.rehearse(id, work)?;
                self.put(id, found, found, Some(tables))?;
                self.put(id, found, to, None)
            }
            Fault::EffectWithoutCheckpoint => {
                let (tables, _) = self.rehearse(id, work)?;
                self.put(id, found, found, Some(tables))
            }
            Fault::CheckpointWithoutEffect => {
                let (_, Step { to, .. }) = self.rehearse(id, work)?;
                self.put(id, found, to, None)
            }
            Fault::KeepsWhatFailed => {
                let mut tables = self.tables.noted(Some(id));
                let done = work(&mut tables);
                let to = done.as_ref().map_or(found, |step| step.to);
                self.put::<E>(id, found, to, Some(tables))?;
                done.map(|_| Advance::Done)
            }
            Fault::LosesTheLastPage => self.store.advance(id, found, |batch| {
                let before = batch.clone();
                let step = work(batch)?;
                if step.to.position - found.position == 1 {
                    *batch = before;
                }
                Ok(step)
            }),
            Fault::ForgetsWhatIsSkipped => {
                self.store.advance(id, found, |batch| Ok(Step { skipped: None, ..work(batch)? }))
            }
            _ => self.store.advance(id, found, work),
        }
    }

    fn reset<E: From<StoreError>>(
        &mut self,
        id: &ProjectionId,
        tables: &[&str],
        make: impl FnOnce(&mut Vec<u64>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.tables.noted(Some(id));
        if self.fault == Fault::MakesWhatIsNotThere {
            self.store.create::<E>(id, tables, |_| Ok(()))?;
        }
        self.store.reset(id, tables, make)?;
        if self.fault == Fault::ResetsTheCheckpointOnly {
            let start = Checkpoint::default();
            self.put::<E>(id, start, start, Some(before))?;
        }
        Ok(())
    }

    fn promote(&mut self, id: &ProjectionId) -> Result<Swap, StoreError> {
        if self.fault == Fault::ShowsWhatIsBehind {
            return self.store.roll_back(id).map(|_| Swap::Done);
        }
        self.store.promote(id)
    }

    fn roll_back(&mut self, id: &ProjectionId) -> Result<Checkpoint, StoreError> {
        self.store.roll_back(id)
    }

    fn remove(&mut self, id: &ProjectionId) -> Result<(), StoreError> {
        match self.store.remove(id) {
            Err(error)
                if error.kind() == StoreErrorKind::InUse
                    && self.fault == Fault::RemovesWhatIsSeen =>
            {
                Ok(())
            }
            removed => removed,
        }
    }

    fn skipped(&mut self, id: &ProjectionId) -> Result<Vec<Skipped>, StoreError> {
        self.store.skipped(id)
    }
}

/// Whether a fault breaks a clause.
fn breaks(fault: Fault, clause: &str) -> bool {
    let run = || projections::run(clause, &Broken(Shared::default(), fault));
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

#[test]
fn store_without_a_fault_is_not_caught() {
    for (clause, _) in projections::CLAUSES {
        assert!(!breaks(Fault::None, clause), "{clause}");
    }
}

#[test]
fn every_broken_store_is_caught_at_the_clause_that_it_breaks() {
    for (fault, clause) in [
        (Fault::CheckpointBeforeEffect, "crash_between_any_two_steps_loses_and_repeats_nothing"),
        (Fault::EffectBeforeCheckpoint, "crash_between_any_two_steps_loses_and_repeats_nothing"),
        (Fault::CheckpointWithoutEffect, "every_event_is_taken_in_once_whatever_the_page"),
        (Fault::KeepsWhatFailed, "page_that_fails_leaves_nothing"),
        (Fault::LosesTheLastPage, "every_event_is_taken_in_once_whatever_the_page"),
        (Fault::AsksNobodyForTheTurn, "runners_of_one_version_take_turns"),
        (Fault::ForgetsWhatIsSkipped, "event_is_left_out_with_a_note_if_that_is_decided"),
        (Fault::ShowsWhatIsBehind, "new_version_is_built_beside_the_old_and_shown_at_once"),
        (Fault::ShowsTheNewest, "new_version_is_built_beside_the_old_and_shown_at_once"),
        (Fault::RemovesWhatIsSeen, "new_version_is_built_beside_the_old_and_shown_at_once"),
        (Fault::ResetsTheCheckpointOnly, "replay_begins_anew"),
        (Fault::ForgetsWhichLog, "tables_of_another_log_are_refused"),
        (Fault::MakesWhatIsNotThere, "version_that_is_not_there_is_not_found"),
    ] {
        assert!(breaks(fault, clause), "expected {clause} to catch {fault:?}");
    }
}

/// The two that only part effect and checkpoint are right as long as nothing breaks off.
#[test]
fn effect_apart_from_its_checkpoint_is_seen_by_crashes_only() {
    for fault in [Fault::CheckpointBeforeEffect, Fault::EffectBeforeCheckpoint] {
        assert!(!breaks(fault, "every_event_is_taken_in_once_whatever_the_page"), "{fault:?}");
    }
}

/// A runner that gets nowhere would go on for ever: the same page is given to it again.
#[test]
fn effect_without_a_checkpoint_is_repeated() {
    let mut store =
        Broken(Shared::default(), Fault::EffectWithoutCheckpoint).open(&Fuse::endless());
    let id = ProjectionId::new("noted", 1).expect("a sound name");
    let created = store.create::<StoreError>(&id, &["entry"], |_| Ok(())).expect("it is made");
    let to = Checkpoint { position: 1, event: None };
    for _ in 0..2 {
        let note = |batch: &mut Vec<u64>| {
            batch.push(1);
            Ok::<_, StoreError>(Step { to, skipped: None })
        };
        store.advance(&id, created, note).expect("it goes in");
    }
    assert_eq!(store.tables.noted(Some(&id)), [1, 1]);
}

#[test]
fn names_that_no_database_has_are_refused() {
    for name in ["", "1a", "A", "a-b", "a b", "abcdefghijklmnopqrstuvwxy", "a\"", "_a", "ä"] {
        assert!(ProjectionId::new(name, 1).is_err(), "{name}");
    }
    let longest = ProjectionId::new("abcdefghijklmnopqrstuvwx", u32::MAX).expect("24 are allowed");
    assert!(longest.table("abcdefghijklmnopqrstuvwx").len() <= 63 + 2, "with the quotes");
}
