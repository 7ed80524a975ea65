//! Commands that are decided while somebody else appends to the family: what was decided on stale
//! knowledge is decided anew. The store itself puts the other append between, so that every run is
//! the same.

#[macro_use]
#[path = "shared/pass_on.rs"]
mod pass_on;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use leadfold_core::event::{Body, Event, EventLine, NewEvent, RecordedEvent};
use leadfold_core::{Bounds, EventId, LeadIndex, Playbook, Reason, Timestamp};
use leadfold_engine::{Attempt, Engine, HandleError, Handled, load_case_for};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{
    Append, AppendError, Appended, Blocking, Capabilities, EventStore, MemoryStore, Query,
    StoreFuture, Unless, block_on,
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_micros(1_710_000_000_000_000);

/// A store into which somebody else appends just before the next append.
struct Interrupted<S> {
    inner: S,
    other: Mutex<Option<Append>>,
    appends: AtomicU32,
    /// As a store did that knew no expectation of a family.
    overlooks_families: bool,
}

impl<S: EventStore> Interrupted<S> {
    fn new(inner: S) -> Self {
        let (other, appends) = (Mutex::default(), AtomicU32::default());
        Self { inner, other, appends, overlooks_families: false }
    }

    fn interrupt(&self, lines: &[&str]) {
        let append = Append::new(events(lines), NOW);
        *self.other.lock().expect("nobody panics with it") = Some(append);
    }
}

impl<S: EventStore> EventStore for Interrupted<S> {
    fn append(&self, mut append: Append) -> StoreFuture<'_, Appended, AppendError> {
        if let Some(other) = self.other.lock().expect("nobody panics with it").take() {
            block_on(self.inner.append(other)).expect("the other append is sound");
        }
        self.appends.fetch_add(1, Ordering::Relaxed);
        append.family.take_if(|_| self.overlooks_families);
        self.inner.append(append)
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    pass_on!(self => self.inner);
}

/// Events from the parts of their lines behind the time, with ids of their own.
fn events(lines: &[&str]) -> Vec<NewEvent> {
    let line = |rest: &&str| format!("{{\"occurred_at\":\"2024-02-01T09:00:00Z\",{rest}}}");
    let parse = |line: String| EventLine::parse(line.as_bytes()).expect("a sound line");
    lines.iter().map(line).map(|line| parse(line).identify(|_| 0)).collect()
}

fn handle<S: EventStore>(
    engine: &Engine<Interrupted<S>>,
    lead: &str,
    body: Body,
) -> Result<Handled, HandleError> {
    let at = "2024-03-01T09:00:00Z".parse().expect("a time");
    let event = Event::new(lead.parse().expect("a key"), at, body);
    let id = EventId(Uuid::from_u128(7));
    block_on(engine.handle(Attempt { id, event, recorded_at: NOW }))
}

#[test]
fn command_on_a_condition_is_recorded_only_if_it_holds() {
    let store = MemoryStore::new();
    block_on(store.append(Append::new(events(&[CAPTURED_A]), NOW))).expect("it goes in");
    let engine = Engine::new(store, Playbook::default());
    let handle = |after| {
        let matching = Query::of_tenant("default").of_type("captured");
        let at = "2024-03-01T09:00:00Z".parse().expect("a time");
        let event = Event::new("A".parse().expect("a key"), at, body(QUALIFIED));
        let attempt = Attempt { id: EventId(Uuid::from_u128(7)), event, recorded_at: NOW };
        block_on(engine.handle_unless(attempt, &[Unless { matching, after }]))
    };
    let error = handle(0).expect_err("somebody has been captured since");
    let HandleError::UnlessConflict(conflict) = error else { panic!("{error}") };
    assert_eq!((conflict.position, conflict.head), (Some(1), 1));
    assert_eq!(Blocking(engine.store()).head().expect("reads"), 1);
    assert!(matches!(handle(1), Ok(Handled::Executed { position: 2, .. })));
    assert!(matches!(handle(0), Ok(Handled::AlreadyApplied { position: 2 })), "a retry");
}

fn body(data: &str) -> Body {
    let line = format!("\"lead\":\"any\",{data}");
    events(&[&line]).remove(0).event.body
}

const CAPTURED_A: &str = r#""lead":"A","type":"captured""#;
const CUSTOMER_X: [&str; 2] =
    [r#""lead":"X","type":"captured""#, r#""lead":"X","type":"won","data":{"amount":1}"#];
const MERGED_X: &str = r#""lead":"X","type":"merged","data":{"into":"A"}"#;
const QUALIFIED: &str = r#""type":"qualified","data":{"level":"mql"}"#;

/// A is new, and may be qualified; a customer that is merged into it makes it one, which may not.
fn qualify_while_a_customer_is_merged_in<S: EventStore>(
    store: Interrupted<S>,
) -> (Result<Handled, HandleError>, u64) {
    block_on(store.inner.append(Append::new(events(&[CAPTURED_A]), NOW))).expect("it goes in");
    block_on(store.inner.append(Append::new(events(&CUSTOMER_X), NOW))).expect("it goes in");
    store.interrupt(&[MERGED_X]);
    let engine = Engine::new(store, Playbook::default());
    let handled = handle(&engine, "A", body(QUALIFIED));
    (handled, Blocking(engine.store()).head().expect("reads"))
}

fn command_is_refused<S: EventStore>(store: S) {
    let (handled, head) = qualify_while_a_customer_is_merged_in(Interrupted::new(store));
    let error = handled.expect_err("it was decided before the merge");
    let HandleError::Refused(refusal) = error else { panic!("{error}") };
    assert_eq!(refusal.reason, Reason::IsCustomer);
    assert_eq!(head, 4, "two captures, a win and the merge");
}

fn sqlite() -> (tempfile::TempDir, SqliteStore) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(directory.path().join("log.db")).expect("a new file opens");
    (directory, store)
}

#[test]
fn command_on_a_family_that_another_lead_joins_is_decided_anew_in_memory() {
    command_is_refused(MemoryStore::new());
}

#[test]
fn command_on_a_family_that_another_lead_joins_is_decided_anew_in_sqlite() {
    let (_directory, store) = sqlite();
    command_is_refused(store);
}

#[test]
fn without_the_expectation_the_stale_command_goes_in() {
    let store = Interrupted { overlooks_families: true, ..Interrupted::new(MemoryStore::new()) };
    let (handled, head) = qualify_while_a_customer_is_merged_in(store);
    assert!(matches!(handled, Ok(Handled::Executed { position: 5, .. })), "{handled:?}");
    assert_eq!(head, 5, "so the test above sees the race");
}

/// What the others append, and how often the command is tried then.
fn tries(before: &[&str], other: &str) -> u32 {
    let store = Interrupted::new(MemoryStore::new());
    block_on(store.inner.append(Append::new(events(before), NOW))).expect("it goes in");
    store.interrupt(&[other]);
    let engine = Engine::new(store, Playbook::default());
    handle(&engine, "A", body(QUALIFIED)).expect("it stays legal");
    engine.store().appends.load(Ordering::Relaxed)
}

#[test]
fn whatever_happens_to_the_family_is_noticed_and_what_does_not_is_not() {
    let touched = |lead: &str| {
        format!(r#""lead":"{lead}","type":"touched","data":{{"side":"sales","direction":"out"}}"#)
    };
    let joined = [CAPTURED_A, r#""lead":"B","type":"merged","data":{"into":"A"}"#];
    assert_eq!(tries(&[CAPTURED_A], &touched("A")), 2, "the lead itself");
    assert_eq!(tries(&joined, &touched("B")), 2, "a member of its family");
    let named = [CAPTURED_A, r#""lead":"C","type":"unmerged","data":{"from":"A"}"#];
    assert_eq!(tries(&named, &touched("C")), 2, "a former member");
    let unmerged = r#""lead":"D","type":"unmerged","data":{"from":"A"}"#;
    assert_eq!(tries(&[CAPTURED_A], unmerged), 2, "one that only says it had been a member");
    assert_eq!(tries(&joined, &touched("Z")), 1, "a stranger");
}

/// A store into which somebody else appends just before events of a lead are read once more.
struct ReadInPieces {
    inner: MemoryStore,
    other: Mutex<Option<Append>>,
    /// So many reads come before that.
    reads_before: u32,
    reads: AtomicU32,
}

impl EventStore for ReadInPieces {
    fn append(&self, append: Append) -> StoreFuture<'_, Appended, AppendError> {
        self.inner.append(append)
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn lead_events(&self, lead: LeadIndex) -> StoreFuture<'_, Vec<RecordedEvent>> {
        let is_now = self.reads.fetch_add(1, Ordering::Relaxed) == self.reads_before;
        let mut other = self.other.lock().expect("nobody panics with it");
        if let Some(other) = other.take_if(|_| is_now) {
            block_on(self.inner.append(other)).expect("the other append is sound");
        }
        self.inner.lead_events(lead)
    }

    pass_on!(self => self.inner; but lead_events);
}

/// What comes of a new opportunity of A, after how many reads, if that is appended meanwhile.
fn open(before: &[&str], reads_before: u32, other: &[&str]) -> (Result<Handled, HandleError>, u32) {
    let inner = MemoryStore::new();
    block_on(inner.append(Append::new(events(before), NOW))).expect("it goes in");
    let (other, reads) = (Mutex::new(Some(Append::new(events(other), NOW))), AtomicU32::default());
    let store = ReadInPieces { inner, other, reads_before, reads };
    let engine = Engine::new(store, Playbook::default());
    let at = "2024-03-01T09:00:00Z".parse().expect("a time");
    let event = Event::new("A".parse().expect("a key"), at, body(&opened("third")));
    let attempt = Attempt { id: EventId(Uuid::from_u128(7)), event, recorded_at: NOW };
    (block_on(engine.handle(attempt)), engine.store().reads.load(Ordering::Relaxed))
}

fn opened(key: &str) -> String {
    format!(r#""type":"opportunity_opened","data":{{"opportunity":"{key}"}}"#)
}

/// B is part of A, whose only opportunity is lost in B's stream once another one is open: a lead
/// without one was never there.
#[test]
fn refusal_of_what_was_read_in_pieces_is_of_one_moment() {
    let offered = r#""lead":"A","type":"handed_off","data":{"to":"ann"}"#;
    let first = format!(r#""lead":"A",{}"#, opened("first"));
    let second = format!(r#""lead":"A",{}"#, opened("second"));
    let lost = r#""lead":"B","type":"lost","data":{"opportunity":"first","reason":"price"}"#;
    let captured_b = r#""lead":"B","type":"captured""#;
    let merged_b = r#""lead":"B","type":"merged","data":{"into":"A"}"#;
    let before = [CAPTURED_A, offered, &*first, captured_b, merged_b];
    let (handled, reads) = open(&before, 1, &[&*second, lost]);
    assert!(matches!(handled, Ok(Handled::Executed { position: 8, .. })), "{handled:?}");
    assert_eq!(reads, 4, "A and B, and both again");
}

#[test]
fn refusal_is_not_decided_anew_for_what_happens_elsewhere() {
    let (handled, reads) = open(&[CAPTURED_A], 0, &[r#""lead":"Z","type":"captured""#]);
    let error = handled.expect_err("nobody in sales has it");
    assert!(matches!(error, HandleError::Refused(_)), "{error}");
    assert_eq!(reads, 1);
}

const MERGED_A: &str = r#""lead":"A","type":"merged","data":{"into":"B"}"#;
const QUALIFIED_A: &str = r#""lead":"A","type":"qualified","data":{"level":"mql"}"#;

/// What comes of a correction that has A merged into X after all: the merge into B was taken back,
/// and A has been qualified since. X is captured, and what else it is given.
fn merge_by_correction(x: &[&str], meanwhile: Option<&str>) -> (Result<Handled, HandleError>, u32) {
    let store = Interrupted::new(MemoryStore::new());
    let merge = events(&[MERGED_A]).remove(0);
    let correct = |rest: &str| {
        format!(r#""lead":"A","type":"corrected","data":{{"target":"{}",{rest}}}"#, merge.id)
    };
    let retract = correct(r#""action":"retract","reason":"mistake""#);
    let replace = correct(r#""action":"replace","reason":"it was X","data":{"into":"X"}"#);
    let mut before = events(x);
    before.extend(events(&[CAPTURED_A]));
    before.push(merge);
    before.extend(events(&[&retract, QUALIFIED_A]));
    block_on(store.inner.append(Append::new(before, NOW))).expect("it goes in");
    if let Some(line) = meanwhile {
        store.interrupt(&[line]);
    }
    let engine = Engine::new(store, Playbook::default());
    let correction = events(&[&replace]).remove(0).event.body;
    let handled = handle(&engine, "A", correction);
    (handled, engine.store().appends.load(Ordering::Relaxed))
}

/// What a correction puts in the place of a merge is decided as a merge is: with the other lead.
#[test]
fn correction_that_merges_is_decided_with_the_other_lead() {
    let (handled, _) = merge_by_correction(&CUSTOMER_X[..1], None);
    assert!(matches!(handled, Ok(Handled::Executed { .. })), "{handled:?}");
    let (handled, _) = merge_by_correction(&CUSTOMER_X, None);
    let error = handled.expect_err("a customer is not qualified");
    let HandleError::Refused(refusal) = error else { panic!("{error}") };
    assert_eq!(refusal.reason, Reason::BreaksHistory);
}

#[test]
fn correction_that_merges_is_decided_anew_if_something_happens_to_the_other_lead() {
    let touched = r#""lead":"X","type":"touched","data":{"side":"sales","direction":"out"}"#;
    let (handled, tries) = merge_by_correction(&CUSTOMER_X[..1], Some(touched));
    assert!(matches!(handled, Ok(Handled::Executed { .. })), "{handled:?}");
    assert_eq!(tries, 2);
}

/// What stands in the place of a merge names leads as the merge did, whoever corrects it.
#[test]
fn what_a_correction_merges_with_is_of_the_system_of_the_merge() {
    const LEAD: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let merged = r#""type":"merged","data":{"into":"17"},"origin":{"system":"crm","id":"m"}"#;
    let merge = events(&[&format!(r#""lead":"{LEAD}",{merged}"#)]).remove(0);
    let replace = format!(
        r#""lead":"{LEAD}","type":"corrected","data":{{"target":"{}","action":"replace","reason":"typo","data":{{"into":"18"}}}}"#,
        merge.id
    );
    let correction = events(&[&replace]).remove(0).event;
    let (lead, other) = (correction.lead_id().expect("it has one"), "18".parse().expect("a key"));
    let expected = merge.event.lead_id_of(&other);
    assert_ne!(expected, correction.lead_id_of(&other), "the correction is of no system");
    let store = MemoryStore::new();
    block_on(store.append(Append::new(vec![merge], NOW))).expect("it goes in");
    let loaded =
        block_on(load_case_for(&store, lead, &correction, Playbook::default(), Bounds::default()));
    assert_eq!(loaded.expect("memory does not fail").of, [lead, expected]);
}
