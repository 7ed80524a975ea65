//! Error texts say what was expected, what was found and what to do. The kinds are API; the texts
//! are pinned so that a change of them is seen.

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::{EventId, LeadId, Timestamp};
use leadfold_store::{
    Append, Batch, Blocking, Damage, Damaged, Damages, IdempotencyConflict, InvalidEvent,
    MemoryStore, StoreError, StoreErrorKind, VersionConflict,
};
use uuid::Uuid;

#[test]
fn texts_tell_a_stranger_what_to_do() {
    let lead = LeadId(Uuid::from_u128(1));
    let id = EventId(Uuid::from_u128(2));
    let texts = [
        VersionConflict { lead, expected: 7, actual: 9 }.to_string(),
        IdempotencyConflict { index: 3, id, position: Some(4) }.to_string(),
        IdempotencyConflict { index: 3, id, position: None }.to_string(),
        InvalidEvent { index: 0, id, reason: None }.to_string(),
        Damage::new(Damaged::Facts, 1, 9, "expected a page, found none").to_string(),
        Damage::new(Damaged::Event, 5, 5, "expected another checksum").to_string(),
        Damage::new(Damaged::File, 0, 0, "a page is missing").to_string(),
    ];
    let expected = [
        "lead 00000000-0000-0000-0000-000000000001 has moved: expected 7 events, found 9; \
         read the lead again, decide again, and append with expected = 9",
        "event 00000000-0000-0000-0000-000000000002 (index 3 of the append) differs from the \
         event with the same id at position 4: send the same content for a retry, or give the \
         event an id of its own",
        "event 00000000-0000-0000-0000-000000000002 (index 3 of the append) differs from the \
         event with the same id earlier in the same append: send the same content for a retry, \
         or give the event an id of its own",
        "event 00000000-0000-0000-0000-000000000002 (index 0 of the append) is not valid: \
         expected its JSON to read as the same event, found another; give known types version 1 \
         and known data, and unknown fields names that the format does not have",
        "damaged facts at positions 1 to 9: expected a page, found none; \
         rebuild what is derived from the events",
        "damaged event at position 5: expected another checksum; \
         restore from a backup, or export what is readable",
        "damaged file: a page is missing; restore from a backup, or export what is readable",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn kinds_tell_a_program_what_to_do() {
    let error = |kind| StoreError::new(kind, "text");
    assert!(error(StoreErrorKind::Busy).is_retryable());
    assert!(error(StoreErrorKind::Unreachable).is_retryable());
    assert!(!error(StoreErrorKind::Full).is_retryable());
    assert!(error(StoreErrorKind::Full).is_full());
    assert!(error(StoreErrorKind::Corrupt).is_corrupt());
}

#[test]
fn debug_shows_no_personal_data() {
    let line = br#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z",
        "data":{"source":"ads","pii":{"name":"MARKER","email":"MARKER@example.org"}}}"#;
    let event = EventLine::parse(line).expect("a sound line").event;
    let new = NewEvent { id: EventId(Uuid::from_u128(2)), recorded_at: None, event };
    let append = Append::new(vec![new.clone(), new], Timestamp::from_micros(0));
    let store = Blocking(MemoryStore::new());
    let appended = store.append(append.clone());
    let batch = Batch::prepare(append.clone());
    let shown = format!("{append:?} {batch:?} {appended:?} {store:?}");
    assert!(!shown.contains("MARKER"), "{shown}");
}

#[test]
fn list_of_damages_has_an_end() {
    let mut damages = Damages::default();
    for position in 0..5_000 {
        damages.push(Damage::new(Damaged::Event, position, position, "x"));
    }
    assert!(damages.is_full());
    assert_eq!(damages.into_vec().len(), Damages::COUNT_MAX);
}
