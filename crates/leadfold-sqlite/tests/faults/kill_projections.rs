//! SIGKILL while a projection runs.

use rusqlite::Connection;

use crate::child::{Child, Work};
use crate::counting::{Effects, look};
use crate::dice::{Dice, rounds};
use crate::kill::{CANARY_ROUNDS_MAX, kill_after};
use crate::project::{open_tables, path_of_tables, resume};
use crate::trial::Trial;

/// A log, and what a projection has made of it.
struct Projected {
    trial: Trial,
    effects: Effects,
    /// Times when a process was killed that went on where another one was killed.
    killed_again: u64,
    /// Rounds after which there were two versions.
    with_two: u64,
}

impl Projected {
    fn new() -> Self {
        Self { trial: Trial::new(), effects: Effects::default(), killed_again: 0, with_two: 0 }
    }

    /// Now and then the next process goes on in peace; what there is has to be whole in any case.
    fn check(&mut self, what: &str, dice: &mut Dice) {
        self.trial.check(what);
        if dice.below(4) == 0 {
            self.resume(what);
        }
        self.recount(what);
    }

    fn resume(&self, what: &str) {
        let log = self.trial.open();
        let position = resume(&log.0, &self.trial.path);
        assert_eq!(position, log.head().expect("reads"), "{what}");
    }

    fn recount(&mut self, what: &str) {
        let found = self.look();
        assert!(found.is_clean(), "{what}: {found}");
        self.with_two += u64::from(found.looks > 1);
        self.effects += found;
    }

    fn look(&self) -> Effects {
        // The first process may have died before it has made the file.
        if !path_of_tables(&self.trial.path).exists() {
            return Effects::default();
        }
        look(&mut open_tables(&self.trial.path), &self.trial.open())
    }

    /// Goes on to the end in peace, and says what was seen.
    fn end(&mut self, name: &str) {
        self.resume(name);
        self.recount(name);
        self.trial.compare_all();
        let Self { trial, effects, killed_again, with_two } = self;
        println!(
            "{name}: {}; {effects}; {killed_again} killed again while resuming, {with_two} times \
             two versions",
            trial.tally
        );
    }
}

/// Kills processes that go on one after another, every third time the next one, too.
fn kill(name: &str, percent: u64, mut once: impl FnMut(&mut Projected, &mut Dice)) {
    let mut dice = Dice::of(name);
    let mut projected = Projected::new();
    for round in 0..rounds(percent) {
        projected.trial = projected.trial.go_on();
        once(&mut projected, &mut dice);
        if dice.below(3) == 0 {
            once(&mut projected, &mut dice);
            projected.killed_again += 1;
        }
        projected.check(&format!("{name}, round {round}"), &mut dice);
    }
    projected.end(name);
}

/// The projection takes in what its own process appends.
#[test]
fn killed_while_projecting() {
    kill("killed while projecting", 15, |projected, dice| {
        let said = kill_anywhere(Work::Project, &projected.trial, dice);
        projected.trial.enter(&said);
    });
}

/// The projection takes in what another process appends, into the file of a product, which keeps a
/// journal that is rolled back. First the one dies, then the other.
#[test]
fn killed_while_following() {
    kill("killed while following", 5, |projected, dice| {
        let path = &projected.trial.path;
        let product = Connection::open(path_of_tables(path)).expect("a file");
        product.execute_batch("CREATE TABLE IF NOT EXISTS own (x)").expect("it is SQLite");
        drop(product);
        let appends = Child::start(Work::Append, path);
        kill_after(Child::start(Work::Follow, path), 1 + dice.below(12), dice);
        let said = appends.kill();
        projected.trial.enter(&said);
    });
}

/// A version is built beside the one that readers see, shown to them and taken away.
#[test]
fn killed_while_promoting() {
    let mut beside = Effects::default();
    kill("killed while promoting", 10, |projected, dice| {
        let said = kill_promoting(Work::Promote, &projected.trial, &mut beside, dice);
        projected.trial.enter(&said);
    });
    println!("killed while promoting, as readers saw it meanwhile: {beside}");
    assert!(beside.is_clean(), "{beside}");
}

/// Kills a child mostly when it is about to show the new version; now and then somebody reads
/// beside it.
fn kill_promoting(work: Work, trial: &Trial, beside: &mut Effects, dice: &mut Dice) -> Vec<String> {
    let mut child = Child::start(work, &trial.path);
    let kind = dice.below(4);
    if kind == 0 {
        return kill_after(child, 1 + dice.below(24), dice);
    }
    while child.said.last().is_none_or(|line| line != "promotes") {
        assert!(child.listen(), "it promotes");
    }
    if kind == 1 {
        *beside += look(&mut open_tables(&trial.path), &trial.open());
    }
    kill_after(child, dice.below(3), dice)
}

/// Kills children that do broken work until their tables are wrong.
fn is_caught(
    name: &str,
    is_wrong: impl Fn(&Effects) -> bool,
    mut once: impl FnMut(&Trial, &mut Dice),
) {
    let mut dice = Dice::of(name);
    let projected = Projected::new();
    let caught = (1..=CANARY_ROUNDS_MAX).find(|_| {
        once(&projected.trial, &mut dice);
        is_wrong(&projected.look())
    });
    println!("{name}: caught in round {caught:?}");
    assert!(caught.is_some(), "the recount must notice it");
}

/// Kills a child somewhere.
fn kill_anywhere(work: Work, trial: &Trial, dice: &mut Dice) -> Vec<String> {
    kill_after(Child::start(work, &trial.path), 1 + dice.below(24), dice)
}

#[test]
fn checkpoint_before_its_effect_is_caught() {
    is_caught(
        "checkpoint first",
        |found| found.skipped > 0,
        |trial, dice| {
            kill_anywhere(Work::CheckpointFirst, trial, dice);
        },
    );
}

#[test]
fn checkpoint_after_its_effect_is_caught() {
    is_caught(
        "checkpoint last",
        |found| found.applied_twice > 0,
        |trial, dice| {
            kill_anywhere(Work::CheckpointLast, trial, dice);
        },
    );
}

#[test]
fn promotion_by_halves_is_caught() {
    is_caught(
        "promotion by halves",
        |found| found.half_seen > 0,
        |trial, dice| {
            kill_promoting(Work::PromoteByHalves, trial, &mut Effects::default(), dice);
        },
    );
}
