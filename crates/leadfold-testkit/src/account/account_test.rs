//! Every kind of wrong is counted, and as what it is.

use leadfold_core::event::RecordedEvent;
use leadfold_store::{Append, Blocking, MemoryStore};

use super::*;

/// A log of two writers, all acknowledged but the last batch of the first.
fn sound() -> (Account, Vec<RecordedEvent>) {
    let store = Blocking(MemoryStore::new());
    let mut account = Account::default();
    let mut firsts = [first_of(0), first_of(1)];
    for turn in 0..12 {
        let first = &mut firsts[turn % 2];
        account.tries(*first);
        let head = store.append(batch(*first)).expect("memory takes it").head;
        *first = account.acknowledges(*first, head + 1 - batch_len(*first));
    }
    account.tries(firsts[0]);
    (account, store.events(0, usize::MAX).expect("memory reads"))
}

fn judged(change: impl FnOnce(&mut Vec<RecordedEvent>)) -> Tally {
    let (account, mut events) = sound();
    change(&mut events);
    account.judge(&events)
}

/// Positions without gaps again, so that only one thing is wrong.
fn number_anew(events: &mut [RecordedEvent]) {
    (1..).zip(events).for_each(|(position, event)| event.position = position);
}

#[test]
fn sound_log_is_clean() {
    let tally = judged(|_| {});
    assert!(tally.is_clean(), "{tally}");
    assert!(tally.acknowledged == tally.found && tally.found > 50, "{tally}");
    // What was tried and not acknowledged may be there.
    let (account, mut events) = sound();
    let rest = account.tried[&first_of(0)];
    let first = (1..=rest).rev().find(|first| first + batch_len(*first) - 1 == rest);
    let head = events.len() as u64;
    for (number, position) in (first.expect("a batch was tried")..=rest).zip(head + 1..) {
        let template = events[0].clone();
        let NewEvent { id, event, .. } = numbered(number);
        events.push(RecordedEvent { position, id, event, ..template });
    }
    let tally = account.judge(&events);
    assert!(tally.is_clean(), "{tally}");
}

#[test]
fn what_is_missing_at_the_end_is_lost() {
    let (account, events) = sound();
    let kept = events.len() - 1;
    let tally = account.judge(&events[..kept]);
    assert_eq!((tally.lost, tally.skipped), (1, 0), "{tally}");
}

#[test]
fn gap_is_skipped_and_half_a_batch_is_torn() {
    let tally = judged(|events| drop(events.remove(3)));
    assert_eq!((tally.lost, tally.skipped, tally.torn), (1, 1, 1), "{tally}");
}

#[test]
fn other_content_and_unknown_numbers_are_invented() {
    let tally = judged(|events| events[5].event = numbered(5).event);
    assert_eq!((tally.invented, tally.lost), (1, 1), "{tally}");
    let tally = judged(|events| {
        let NewEvent { id, event, .. } = numbered(first_of(7));
        events.push(RecordedEvent {
            id,
            event,
            position: events.len() as u64 + 1,
            ..events[0].clone()
        });
    });
    assert_eq!((tally.invented, tally.lost), (1, 0), "{tally}");
    let tally = judged(|events| events[5].id = event_id(0));
    assert_eq!((tally.invented, tally.lost), (1, 1), "{tally}");
}

#[test]
fn what_is_there_once_more_is_applied_twice() {
    let tally = judged(|events| {
        events.push(events[4].clone());
        number_anew(events);
    });
    assert_eq!((tally.applied_twice, tally.invented, tally.skipped), (1, 0, 0), "{tally}");
}

#[test]
fn exchanged_events_are_reordered() {
    let tally = judged(|events| {
        events.swap(0, 20);
        number_anew(events);
    });
    assert!(tally.reordered >= 2 && tally.lost == 0 && tally.skipped == 0, "{tally}");
}

#[test]
fn store_that_takes_half_a_batch_is_caught() {
    let store = Blocking(MemoryStore::new());
    let mut account = Account::default();
    let first = (1..).find(|first| batch_len(*first) > 3).expect("there are longer ones");
    account.tries(first);
    let Append { mut events, recorded_at, .. } = batch(first);
    events.truncate(2);
    store.append(Append::new(events, recorded_at)).expect("memory takes it");
    let tally = account.judge(&store.events(0, usize::MAX).expect("memory reads"));
    assert!(tally.torn >= 1 && tally.lost == 0, "{tally}");
}
