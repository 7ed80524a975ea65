//! Fields that leadfold does not know: they change no fact, and they come back from every place.

use leadfold_core::event::{Body, EventLine, NewEvent, RecordedEvent};
use leadfold_core::{RawJson, Timestamp};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Append, Blocking, EventStore, MemoryStore};
use leadfold_testkit::strategies::adversarial_log;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

type Extra = (String, RawJson);

/// One that a later leadfold might know, with a value that no number and no map would keep.
fn extra() -> impl Strategy<Value = Extra> {
    const NAMES: &[&str] = &["certainty", "due", "later", "of \"later\"", "Ω", "v2"];
    const VALUES: &[&str] = &["null", "1.10", "1e400", r#"{"b":1,"a":[ 2]}"#, r#""\u0041""#, "[]"];
    (prop::sample::select(NAMES), prop::sample::select(VALUES))
        .prop_map(|(name, value)| (name.to_owned(), RawJson::parse(value).expect("it is JSON")))
}

/// The same event with fields more, wherever it may have some. Two of one id stay two of one id.
fn with_extra(new: &NewEvent, extras: &[Extra]) -> NewEvent {
    let mut new = new.clone();
    let extra = &extras[(new.id.0.as_u128() % extras.len() as u128) as usize];
    let add = |to: &mut Vec<Extra>| {
        if to.iter().all(|(name, _)| *name != extra.0) {
            to.push(extra.clone());
        }
    };
    let event = &mut new.event;
    add(&mut event.unknown);
    event.actor.iter_mut().for_each(|actor| add(&mut actor.unknown));
    event.origin.iter_mut().for_each(|origin| add(&mut origin.unknown));
    // Beside the fields of this type no field of that name is known.
    if !matches!(event.body, Body::Other(_)) && !known_names(&event.body).contains(&extra.0) {
        add(&mut event.unknown_data);
    }
    new
}

fn known_names(body: &Body) -> Vec<String> {
    match body {
        Body::FollowUpScheduled(_) | Body::FollowUpDone(_) => vec!["due".to_owned()],
        _ => Vec::new(),
    }
}

fn append<S: EventStore>(store: &Blocking<S>, events: Vec<NewEvent>) {
    let append = Append::new(events, Timestamp::default()).refusing_singly();
    store.append(append).expect("the store takes what is sound");
}

fn export<S: EventStore>(store: &Blocking<S>, write: Write) -> Vec<Vec<u8>> {
    store.events(0, usize::MAX).expect("reads").into_iter().map(write).collect()
}

fn facts<S: EventStore>(store: &Blocking<S>) -> Vec<String> {
    let facts = store.facts(0, usize::MAX).expect("reads");
    (0..facts.len()).map(|row| format!("{:?}", facts.row(row))).collect()
}

type Write = fn(RecordedEvent) -> Vec<u8>;

fn written(event: RecordedEvent) -> Vec<u8> {
    let mut line = Vec::new();
    event.write_line(&mut line).expect("memory does not fail");
    line
}

/// Through memory, an export, SQLite and another export.
fn survive(log: &[NewEvent], extras: &[Extra], write: Write) -> Result<(), TestCaseError> {
    let [plain, strange] = [(); 2].map(|()| Blocking(MemoryStore::new()));
    append(&plain, log.to_vec());
    let events: Vec<_> = log.iter().map(|event| with_extra(event, extras)).collect();
    append(&strange, events.clone());
    prop_assert_eq!(facts(&strange), facts(&plain), "tables are made of facts alone");

    let exported = export(&strange, write);
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = SqliteStore::open(directory.path().join("log.db")).expect("a new file opens");
    let sqlite = Blocking(sqlite);
    let parse = |line: &Vec<u8>| EventLine::parse(line).expect("an export reads").identify(|_| 0);
    append(&sqlite, exported.iter().map(parse).collect());
    prop_assert_eq!(facts(&sqlite), facts(&plain));
    prop_assert_eq!(export(&sqlite, write), exported);
    for recorded in sqlite.events(0, usize::MAX).expect("reads") {
        let kept = events.iter().any(|new| new.id == recorded.id && new.event == recorded.event);
        prop_assert!(kept, "{:?}", recorded.event.content());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn fields_more_change_no_table_and_come_back(
        log in adversarial_log(40),
        extras in prop::collection::vec(extra(), 1..4),
    ) {
        survive(&log, &extras, written)?;
    }
}

#[test]
fn an_export_that_leaves_unknown_fields_out_is_noticed() {
    fn forgetful(mut event: RecordedEvent) -> Vec<u8> {
        event.event.unknown_data.clear();
        written(event)
    }
    let mut runner = TestRunner::deterministic();
    let log = adversarial_log(40).new_tree(&mut runner).expect("it draws").current();
    let extras = [("later".to_owned(), RawJson::parse("1.10").expect("it is JSON"))];
    survive(&log, &extras, written).expect("it is kept");
    survive(&log, &extras, forgetful).expect_err("it is not kept");
}
