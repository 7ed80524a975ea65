//! What happens when logs are foreign, newer or damaged, and when servers promise too little.

use leadfold_core::LeadIndex;
use leadfold_postgres::{Durability, Options, PostgresStore};
use leadfold_store::{
    Append, AppendError, Blocking, Damaged, EventStore, StoreError, StoreErrorKind, block_on,
};

use crate::clauses::support::{self, captured};
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::contract::{key, open};

fn open_error(cluster: &Cluster, log: &str) -> StoreError {
    PostgresStore::open(&cluster.url(), log).expect_err("the log must be refused")
}

fn filled(cluster: &Cluster) -> (String, PostgresStore) {
    let log = fresh_log();
    let store = open(cluster, &log);
    support::fill(&store);
    (log, store)
}

#[test]
fn newer_log_is_refused() {
    let cluster = shared_or_skip!();
    let (log, store) = filled(cluster);
    cluster.sql(&log, "UPDATE leadfold SET version = 3");
    let error = open_error(cluster, &log);
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    assert_eq!(
        error.to_string(),
        "expected a log of version 2 or older, found version 3: open it with a newer leadfold"
    );
    // A writer that had opened it before writes nothing more.
    let append = Append::new(vec![captured(999, "A", "x")], support::NOW);
    let error = Blocking(&store).append(append).expect_err("it is newer");
    assert!(error.to_string().contains("open it with a newer leadfold"), "{error}");
}

#[test]
fn foreign_schemas_and_names_are_refused() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    cluster
        .sql("public", &format!("CREATE SCHEMA \"{log}\"; CREATE TABLE \"{log}\".theirs (x int)"));
    assert_eq!(open_error(cluster, &log).kind(), StoreErrorKind::Foreign);
    for name in ["", "pg_mine", "a\0b", "$user", &"x".repeat(64)] {
        assert_eq!(open_error(cluster, name).kind(), StoreErrorKind::Foreign, "{name:?}");
    }
    let odd = "so \"called\"; DROP SCHEMA public";
    support::fill(&open(cluster, odd));
    assert_eq!(Blocking(open(cluster, odd)).head().expect("reads"), 293);
}

#[test]
fn log_that_is_not_there_is_made_only_where_that_is_asked_for() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let options = Options { creates: false, ..Options::default() };
    let open_it = || PostgresStore::open_with(&cluster.url(), &log, &options);
    for _ in 0..2 {
        let error = open_it().expect_err("nobody has made it");
        assert_eq!(error.kind(), StoreErrorKind::NotFound, "{error}");
    }
    drop(open(cluster, &log));
    assert_eq!(Blocking(open_it().expect("it is there")).head().expect("reads"), 0);
}

#[test]
fn two_that_make_one_log_make_it_once() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    std::thread::scope(|scope| {
        for id in 1..5 {
            let log = &log;
            scope.spawn(move || {
                let append = Append::new(vec![captured(id, "A", "x")], support::NOW);
                Blocking(open(cluster, log)).append(append).expect("it goes in")
            });
        }
    });
    assert_eq!(Blocking(open(cluster, &log)).head().expect("reads"), 4);
}

#[test]
fn server_that_does_not_answer_is_unreachable() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("host={} user=leadfold password=MARKER", directory.path().display());
    let error = PostgresStore::open(&url, "log").expect_err("nobody is there");
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    let error = PostgresStore::open("MARKER", "log").expect_err("no connection string");
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
    assert!(!format!("{error:?}").contains("MARKER"));
}

#[test]
fn server_that_does_not_wait_for_its_disk_is_refused_unless_asked_for() {
    let cluster = shared_or_skip!();
    let url = format!("{} options='-c synchronous_commit=off'", cluster.url());
    let error = PostgresStore::open(&url, &fresh_log()).expect_err("it promises too little");
    assert_eq!(error.kind(), StoreErrorKind::Io);
    assert!(error.to_string().contains("UnsafeFasterMayLoseAcknowledgedEvents"), "{error}");

    let durability = Durability::UnsafeFasterMayLoseAcknowledgedEvents;
    let options = Options { durability, ..Options::default() };
    let store = PostgresStore::open_with(&cluster.url(), &fresh_log(), &options);
    let store = store.expect("the log opens");
    assert_eq!(store.server().synchronous_commit, "off");
    support::fill(&store);

    let store = open(cluster, &fresh_log());
    assert_eq!(store.server().synchronous_commit, "on");
    assert!(!store.server().fsync, "the server of these tests does without, and it is told");
}

/// What `verify` finds after a statement has changed the tables behind the store's back.
fn damages_after(cluster: &Cluster, statement: &str) -> Vec<(Damaged, u64, u64)> {
    let (log, store) = filled(cluster);
    cluster.sql(&log, statement);
    damages(&store)
}

fn damages(store: &PostgresStore) -> Vec<(Damaged, u64, u64)> {
    let damages = Blocking(store).verify(&mut |_, _| {}).expect("it can be read");
    damages.iter().map(|damage| (damage.what, damage.first, damage.last)).collect()
}

#[test]
fn damage_is_named_with_its_place() {
    use Damaged::{Event, Facts, Names};
    let cluster = shared_or_skip!();
    let cases: [(&str, (Damaged, u64, u64)); 22] = [
        ("UPDATE event SET body = replace(body, 'L7', 'L8') WHERE position = 1", (Event, 1, 1)),
        ("UPDATE event SET sequence = 9 WHERE position = 5", (Event, 5, 5)),
        ("UPDATE event SET recorded_at = 0 WHERE position = 6", (Event, 6, 6)),
        ("UPDATE event SET id = gen_random_uuid() WHERE position = 7", (Event, 7, 7)),
        ("UPDATE event SET lead = 3 WHERE position = 1", (Event, 1, 1)),
        ("DELETE FROM event WHERE position = 100", (Event, 100, 100)),
        ("DELETE FROM event WHERE position = 293", (Event, 293, 293)),
        (
            "UPDATE fact_page SET facts = set_byte(facts, 70, get_byte(facts, 70) # 1) \
             WHERE first = 1",
            (Facts, 1, 164),
        ),
        ("UPDATE fact_page SET last = 165 WHERE first = 1", (Facts, 1, 165)),
        ("DELETE FROM fact_page WHERE first = 1", (Facts, 1, 164)),
        ("UPDATE stream SET last = 3 WHERE lead = 0", (Names, 241, 241)),
        ("DELETE FROM lead WHERE lead = 0", (Names, 1, 1)),
        ("DELETE FROM lead WHERE lead = (SELECT max(lead) FROM lead)", (Names, 292, 292)),
        ("UPDATE lead SET key = 'other' WHERE lead = 0", (Names, 1, 1)),
        ("UPDATE lead SET key = 'other' WHERE key = 'ELSEWHERE'", (Names, 292, 292)),
        ("DELETE FROM link", (Names, 291, 291)),
        ("INSERT INTO link VALUES (0, 1)", (Names, 0, 0)),
        ("DELETE FROM early_correction WHERE position = 284", (Names, 284, 284)),
        ("UPDATE early_correction SET lead = 0 WHERE position = 284", (Names, 284, 284)),
        (
            "INSERT INTO early_correction SELECT id, 1, lead FROM event WHERE position = 2",
            (Names, 0, 0),
        ),
        ("DELETE FROM string WHERE code = 1", (Names, 1, 1)),
        ("UPDATE string SET text = 'other' WHERE code = 1", (Names, 1, 1)),
    ];
    for (statement, expected) in cases {
        let found = damages_after(cluster, statement);
        assert!(found.contains(&expected), "{statement}: {found:?}");
    }
    assert_eq!(damages_after(cluster, "SELECT 1"), [], "nothing is damaged");
}

#[test]
fn one_damaged_event_is_one_damage() {
    let cluster = shared_or_skip!();
    for (change, position) in [
        ("SET body = replace(body, 'captured', 'else')", 1),
        ("SET sequence = sequence + 7", 2),
        ("SET lead = 1", 4),
        ("SET lead = NULL, previous = 0", 38),
        ("SET crc = crc + 1", 40),
    ] {
        let log = fresh_log();
        let store = open(cluster, &log);
        let event = |n| match n % 2 {
            0 => support::cost(n),
            _ => captured(n, if n % 3 == 0 { "L1" } else { "L2" }, "x"),
        };
        support::append(&store, (1..=40).map(event).collect());
        cluster.sql(&log, &format!("UPDATE event {change} WHERE position = {position}"));
        assert_eq!(damages(&store), [(Damaged::Event, position, position)], "{change}");
    }
}

/// Neither are those that correct it, nor those that it has corrected.
#[test]
fn one_damaged_event_among_corrections_is_one_damage() {
    let cluster = shared_or_skip!();
    for position in 1..=12 {
        for change in [
            "UPDATE event SET crc = crc + 1",
            "UPDATE event SET id = gen_random_uuid()",
            "UPDATE event SET lead = NULL, crc = 0",
            "DELETE FROM event",
        ] {
            for events in [support::corrected().len(), 1] {
                let log = fresh_log();
                let store = open(cluster, &log);
                for chunk in support::corrected().chunks(events) {
                    support::append(&store, chunk.to_vec());
                }
                let change = format!("{change} WHERE position = {position}");
                cluster.sql(&log, &change);
                let found = damages(&store);
                assert_eq!(found, [(Damaged::Event, position, position)], "{change} of {events}");
            }
        }
    }
}

/// A key that is a UUID may be spelled in several ways; the event that did so first is damaged.
#[test]
fn lead_whose_first_event_is_damaged_is_not_misnamed() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let store = open(cluster, &log);
    let spelled = [support::UUID.to_owned(), support::UUID.to_lowercase()];
    for (n, key) in (1..).zip(spelled) {
        support::append(&store, vec![captured(n, &key, "x")]);
    }
    cluster.sql(&log, "UPDATE event SET crc = crc + 1 WHERE position = 1");
    assert_eq!(damages(&store), [(Damaged::Event, 1, 1)]);
}

#[test]
fn id_of_an_event_that_is_gone_is_told_as_damage() {
    let cluster = shared_or_skip!();
    let (log, store) = filled(cluster);
    cluster.sql(
        &log,
        "DELETE FROM event WHERE position = 2; UPDATE event SET crc = 0 WHERE position = 3",
    );
    let store = Blocking(&store);
    let kind = |position| store.event_ids(&[1, position]).expect_err("it is not there").kind();
    assert_eq!([2, 3].map(kind), [StoreErrorKind::Corrupt; 2]);
    assert_eq!([0, 294, u64::MAX].map(kind), [StoreErrorKind::NotFound; 3]);
    assert_eq!(store.event_ids(&[4, 1, 4]).expect("they are there").len(), 3);
}

/// Without it nobody can say what the event means now.
#[test]
fn early_correction_that_is_gone_is_damage_to_who_needs_it() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let store = open(cluster, &log);
    let stray = support::retracted(2, "L1", 1);
    let early = support::retracted(3, "L1", 9);
    for event in [captured(1, "L2", "x"), stray, early, captured(4, "L2", "x")] {
        support::append(&store, vec![event]);
    }
    cluster.sql(&log, "DELETE FROM event WHERE position IN (2, 3)");
    let target = Append::new(vec![captured(9, "L1", "x")], support::NOW);
    let error = block_on(store.append(target)).expect_err("a row is gone");
    assert!(matches!(&error, AppendError::Store(error) if error.is_corrupt()), "{error}");
    support::append(&store, vec![captured(5, "L2", "x")]);
    assert_eq!(damages(&store), [(Damaged::Event, 2, 3)]);
}

/// Appends that wait for the writer are committed together.
#[test]
fn append_that_comes_upon_damage_keeps_no_other_out() {
    let cluster = shared_or_skip!();
    let log = fresh_log();
    let store = open(cluster, &log);
    support::append(&store, vec![captured(1, "L1", "x")]);
    cluster.sql(&log, "UPDATE event SET crc = crc + 1 WHERE position = 1");
    let mut client = cluster.client();
    let hold = format!("BEGIN; SELECT pg_advisory_xact_lock(1818651748, {})", key(&log));
    client.batch_execute(&hold).expect("nobody has it");
    let events = [
        captured(2, "L2", "x"),
        captured(1, "L1", "x"),
        captured(3, "L1", "x"),
        support::retracted(4, "L1", 1),
        captured(5, "L2", "x"),
    ];
    let answers = events.map(|event| store.append(Append::new(vec![event], support::NOW)));
    client.batch_execute("COMMIT").expect("it is ours");
    let heads = answers.map(|answer| match block_on(answer) {
        Ok(appended) => Some(appended.head),
        Err(AppendError::Store(error)) if error.is_corrupt() => None,
        Err(error) => panic!("{error}"),
    });
    assert_eq!(heads, [Some(2), None, Some(3), None, Some(4)]);
}

/// Pages of facts that are gone or damaged stay what they are, whatever comes behind them, until
/// they are rebuilt, and keep no event out.
#[test]
fn damaged_pages_of_facts_stay_as_they_are() {
    let cluster = shared_or_skip!();
    for change in [
        "DELETE FROM fact_page WHERE first = 3",
        "UPDATE fact_page SET facts = set_byte(facts, 9, get_byte(facts, 9) # 16) WHERE first = 3",
    ] {
        let log = fresh_log();
        let store = open(cluster, &log);
        (1..=3).for_each(|n| drop(support::append(&store, vec![captured(n, "L", "x")])));
        cluster.sql(&log, change);
        (4..=40).for_each(|n| drop(support::append(&store, vec![captured(n, "L", "x")])));
        assert_eq!(damages(&store), [(Damaged::Facts, 3, 3)], "{change}");
        block_on(store.rebuild_facts()).expect("it rebuilds");
        assert_eq!(damages(&store), [], "{change}");
    }
}

#[test]
fn damage_is_never_served_as_data() {
    let cluster = shared_or_skip!();
    let (log, store) = filled(cluster);
    let store = Blocking(&store);
    let flip = "UPDATE event SET body = overlay(body placing '7' from 30 for 1) WHERE position = 7";
    cluster.sql(&log, flip);
    let lead = store.leads(LeadIndex(0), 99).expect("reads");
    let lead =
        lead.iter().find(|lead| lead.sequence > 0 && { store.lead_events(lead.index).is_err() });
    let lead = lead.expect("the event has a lead").index;
    assert!(store.events(0, 10).expect_err("it is damaged").is_corrupt());
    assert_eq!(store.events(7, 10).expect("those behind it read").len(), 10);
    assert!(store.lead_events(lead).expect_err("it is damaged").is_corrupt());
    assert!(block_on(store.0.rebuild_facts()).expect_err("an event is damaged").is_corrupt());

    cluster.sql(
        &log,
        "UPDATE fact_page SET facts = set_byte(facts, 9, get_byte(facts, 9) # 16) WHERE first = 1",
    );
    assert!(store.facts(0, 10).expect_err("it is damaged").is_corrupt());
    assert!(store.history(&[LeadIndex(0), LeadIndex(1)]).is_err_and(|error| error.is_corrupt()));
}

#[test]
fn rebuilding_heals_everything_but_events() {
    let cluster = shared_or_skip!();
    for table in ["fact_page", "lead", "stream", "string", "link", "early_correction"] {
        let (log, store) = filled(cluster);
        let before = support::rows(&Blocking(&store).facts(0, usize::MAX).expect("reads"));
        cluster.sql(&log, &format!("DELETE FROM {table}"));
        block_on(store.rebuild_facts()).expect("it rebuilds");
        assert_eq!(Blocking(&store).verify(&mut |_, _| {}).expect("reads"), [], "{table}");
        let after = support::rows(&Blocking(&store).facts(0, usize::MAX).expect("reads"));
        assert_eq!(before, after, "{table}");
        support::append(&store, vec![captured(1_000, "L1", "source 1")]);
    }
}
