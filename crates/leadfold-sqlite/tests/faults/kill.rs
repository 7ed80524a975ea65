//! SIGKILL at random points.

use crate::child::{Child, Work};
use crate::dice::{Dice, rounds};
use crate::trial::Trial;

/// Kills children that do some work on one file after another, and looks at the file each time.
fn kill(name: &str, work: Work, percent: u64) {
    let mut dice = Dice::of(name);
    let mut trial = Trial::new();
    let mut opening = 0;
    for round in 0..rounds(percent) {
        trial = trial.go_on();
        let lines = 1 + dice.below(12);
        let said = kill_after(Child::start(work, &trial.path), lines, &mut dice);
        trial.enter(&said);
        // Now and then the next one, which finds what the last one left behind, dies as well.
        if dice.below(3) == 0 {
            kill_after(Child::start(Work::Open, &trial.path), 1 + dice.below(2), &mut dice);
            opening += 1;
        }
        trial.check(&format!("{name}, round {round}"));
    }
    trial.compare_all();
    println!(
        "{name}: {}, {opening} killed again while opening, {} times more there than acknowledged",
        trial.tally, trial.committed_in_doubt
    );
}

/// Kills a child when it has said so many lines, or a little later.
pub(crate) fn kill_after(mut child: Child, lines: u64, dice: &mut Dice) -> Vec<String> {
    let mut heard = 0;
    while heard < lines && child.listen() {
        heard += 1;
    }
    dice.linger();
    child.kill()
}

#[test]
fn killed_while_appending() {
    kill("killed while appending", Work::Append, 20);
}

#[test]
fn killed_while_importing() {
    kill("killed while importing", Work::Import, 10);
}

#[test]
fn killed_while_sealing() {
    kill("killed while sealing", Work::Seal, 15);
}

#[test]
fn killed_while_rebuilding() {
    kill("killed while rebuilding", Work::Rebuild, 10);
}

/// The old snapshot is there, or the new one, whole: no older than the last that was told.
#[test]
fn killed_while_a_snapshot_is_kept() {
    let mut dice = Dice::of("killed while a snapshot is kept");
    let mut trial = Trial::new();
    let (mut told, mut found, mut in_doubt) = (0, 0, 0);
    for round in 0..rounds(10) {
        trial = trial.go_on();
        if !trial.path.exists() {
            told = 0;
        }
        let lines = 2 + dice.below(12);
        let said = kill_after(Child::start(Work::Shelve, &trial.path), lines, &mut dice);
        trial.enter(&said);
        let what = format!("killed while a snapshot is kept, round {round}");
        trial.check(&what);
        let mut lines = said.iter().rev();
        let shelved = lines.find_map(|line| line.strip_prefix("shelved ")?.parse().ok());
        told = shelved.unwrap_or(told);
        let position = trial.check_snapshot(&what).unwrap_or(0);
        assert!(position >= told, "{what}: told at {told}, found at {position}");
        found += u64::from(position > 0);
        in_doubt += u64::from(position > told);
        told = position;
    }
    println!(
        "killed while a snapshot is kept: {}, {found} times one was there, {in_doubt} of them \
         newer than told",
        trial.tally
    );
    assert!(found > 0, "there must be something to look at");
}

/// The file is of an older version each time: the child brings it to this one, or dies.
#[test]
fn killed_while_upgrading() {
    let mut dice = Dice::of("killed while upgrading");
    let mut trial = Trial::new();
    let mut upgraded = 0;
    for round in 0..rounds(15) {
        trial = trial.go_on();
        if trial.path.exists() {
            trial.age(1 + dice.below(2) as u32);
        }
        let lines = 1 + dice.below(2);
        let said = kill_after(Child::start(Work::Append, &trial.path), lines, &mut dice);
        upgraded += u64::from(said.iter().any(|line| line == "opened"));
        trial.enter(&said);
        trial.check(&format!("killed while upgrading, round {round}"));
        // The next one has something more to bring forward.
        let more = kill_after(Child::start(Work::Append, &trial.path), 8, &mut dice);
        trial.enter(&more);
        trial.check(&format!("killed after upgrading, round {round}"));
    }
    trial.compare_all();
    println!("killed while upgrading: {}, {upgraded} had opened the file", trial.tally);
}

/// Rounds in which a broken store may hide what it does.
pub(crate) const CANARY_ROUNDS_MAX: u64 = 200;

#[test]
fn store_that_acknowledges_too_soon_is_caught() {
    let mut dice = Dice::of("acknowledges too soon");
    let lost = (1..=CANARY_ROUNDS_MAX).find(|_| {
        let mut trial = Trial::new();
        let mut child = Child::start(Work::AcknowledgeTooSoon, &trial.path);
        let lines = 4 + 2 * dice.below(4);
        (0..lines).for_each(|_| assert!(child.listen(), "it goes on"));
        trial.enter(&child.kill());
        trial.judge(Work::Append).lost > 0
    });
    println!("acknowledges too soon: caught in round {lost:?}");
    assert!(lost.is_some(), "the account must notice what is lost");
}

/// The last page of the write-ahead log is cut off, as by a recovery that is too careful.
#[test]
fn recovery_that_drops_the_last_page_is_caught() {
    let mut trial = Trial::new();
    let mut child = Child::start(Work::AppendOne, &trial.path);
    while child.said.last().is_none_or(|line| !line.starts_with("acknowledged")) {
        assert!(child.listen(), "it acknowledges");
    }
    trial.enter(&child.kill());
    let wal = trial.path.with_extension("db-wal");
    let length = std::fs::metadata(&wal).expect("it is there").len();
    let file = std::fs::OpenOptions::new().write(true).open(&wal).expect("opens");
    file.set_len(length - 4_096).expect("cuts");
    let tally = trial.judge(Work::Append);
    assert!(tally.lost > 0 && tally.found == 0, "{tally}");
}
