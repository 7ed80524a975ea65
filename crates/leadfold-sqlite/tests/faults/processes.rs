//! Several processes on one file: all of them append, and somebody reads as the log grows.

use leadfold_core::event::RecordedEvent;

use crate::child::{Child, Work};
use crate::trial::Trial;

const WRITERS: u32 = 4;

/// Reads on until all that was appended has been read; what it saw, in order.
fn follow(trial: &Trial, children: &mut [Child]) -> Vec<u64> {
    let store = trial.open();
    let mut seen = Vec::new();
    let mut is_over = false;
    loop {
        let events = store.events(seen.len() as u64, 50).expect("the events read");
        if is_over && events.is_empty() {
            return seen;
        }
        seen.extend(events.iter().map(|event| event.position));
        let head = store.head().expect("reads");
        assert!(head >= seen.len() as u64, "what was read is there");
        // In turn, so that nobody waits for a pipe that is full.
        is_over = true;
        for child in children.iter_mut() {
            is_over &= !child.listen();
        }
    }
}

#[test]
fn processes_that_share_a_file_lose_repeat_and_skip_nothing() {
    let mut trial = Trial::new();
    drop(trial.open());
    let start = |writer| Child::start_as(writer, Work::AppendSome, &trial.path);
    let mut children: Vec<_> = (0..WRITERS).map(start).collect();
    // Each has appended once before any goes on: however they are scheduled, they take turns.
    children.iter_mut().for_each(|child| child.hear("acknowledged"));
    children.iter_mut().for_each(Child::let_go);
    let seen = follow(&trial, &mut children);
    for child in children {
        trial.enter(&child.end());
    }
    let store = trial.open();
    let events = store.events(0, usize::MAX).expect("the events read");
    let tally = trial.judge(Work::Append);
    println!("{WRITERS} processes: {tally}");
    assert!(tally.is_clean(), "{tally}");
    assert_eq!(tally.acknowledged, tally.found, "nobody died");
    assert!(seen.iter().copied().eq(1..=tally.found), "a reader has seen every event once");
    assert!(turns(&events) >= 2 * u64::from(WRITERS) - 1, "they took turns");
    assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
}

/// How often another writer than before had the log.
fn turns(events: &[RecordedEvent]) -> u64 {
    let writer = |number: u64| number >> 32;
    let writers = events.iter().map(|event| writer(event.id.0.as_u64_pair().1));
    let mut before = None;
    writers.filter(|writer| before.replace(*writer) != Some(*writer)).count() as u64
}
