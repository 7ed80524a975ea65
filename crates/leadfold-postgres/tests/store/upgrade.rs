//! Logs of older versions, and facts of older leadfolds.

use std::sync::{Arc, Mutex};

use leadfold_core::{EventId, LOWERING, LeadIndex, Timestamp};
use leadfold_postgres::{Options, PostgresStore};
use leadfold_store::adapter::{EventRow, Placed};
use leadfold_store::{
    Append, Blocking, Damaged, EventStore, MemoryStore, Progress, StoreErrorKind, block_on,
};

use crate::clauses::support::{self, captured, renumbered};
use crate::cluster::{Cluster, fresh_log, shared_or_skip};
use crate::contract::open;
use crate::same::assert_same;

/// What an older leadfold might have left: facts that say nothing, derived in a way that is marked
/// as older than ours.
const DERIVED_OTHERWISE: &str = "DELETE FROM fact_page; DELETE FROM string; DELETE FROM link; \
    UPDATE leadfold SET lowering = lowering - 1";

fn filled(cluster: &Cluster) -> String {
    let log = fresh_log();
    support::fill(&open(cluster, &log));
    log
}

/// Opens a log, and says what it told of a rebuild.
fn open_told(cluster: &Cluster, log: &str) -> (PostgresStore, Vec<(u64, u64)>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let progress = Progress::to(move |done, of| telling.lock().expect("no panic").push((done, of)));
    let options = Options { progress, ..Options::default() };
    let store = PostgresStore::open_with(&cluster.url(), log, &options).expect("it opens");
    let told = told.lock().expect("no panic").clone();
    (store, told)
}

fn assert_marked(cluster: &Cluster, log: &str, version: i32, lowering: u32) {
    cluster.sql(
        log,
        &format!(
            "DO $$ BEGIN ASSERT (SELECT (version, lowering) = ({version}, {lowering}) \
             FROM leadfold); END $$"
        ),
    );
}

#[test]
fn log_of_version_1_has_the_facts_of_the_first_lowering() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    cluster.sql(&log, "ALTER TABLE leadfold DROP COLUMN lowering; UPDATE leadfold SET version = 1");
    let (store, told) = open_told(cluster, &log);
    assert_eq!(told.is_empty(), LOWERING == 1);
    assert_marked(cluster, &log, 2, LOWERING);
    assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

#[test]
fn facts_of_an_older_lowering_are_derived_anew() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    let memory = MemoryStore::new();
    support::fill(&memory);
    cluster.sql(&log, DERIVED_OTHERWISE);
    let (store, told) = open_told(cluster, &log);
    assert_eq!(told, [(293, 293)]);
    assert_marked(cluster, &log, 2, LOWERING);
    assert_same(&memory, &store);
    drop(store);
    assert_eq!(open_told(cluster, &log).1, [], "once is enough");
}

/// The mark is what tells: without it nobody would look.
#[test]
fn facts_that_are_not_marked_as_older_stay_and_are_damage() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    cluster.sql(&log, DERIVED_OTHERWISE);
    cluster.sql(&log, "UPDATE leadfold SET lowering = lowering + 1");
    let (store, told) = open_told(cluster, &log);
    assert_eq!(told, []);
    assert_ne!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

#[test]
fn rebuild_is_whole_or_not_there() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    cluster.sql(&log, DERIVED_OTHERWISE);
    cluster.sql(&log, "UPDATE event SET sequence = 9 WHERE position = 5");
    open_told(cluster, &log);
    assert_marked(cluster, &log, 2, LOWERING - 1);
}

/// What could not be derived anew takes no more: facts of two lowerings would stand side by side.
#[test]
fn facts_of_an_older_lowering_take_no_more() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    let store = open(cluster, &log);
    cluster.sql(&log, "UPDATE leadfold SET lowering = lowering - 1");
    let append = || Append::new(vec![captured(90_001, "A", "x")], support::NOW);
    let error = Blocking(&store).append(append()).expect_err("the facts are older");
    assert!(error.to_string().contains("open the log again"), "{error}");
    assert_eq!(Blocking(&store).head().expect("it reads"), 293);
    block_on(store.rebuild_facts()).expect("it rebuilds");
    assert_marked(cluster, &log, 2, LOWERING);
    assert_eq!(Blocking(&store).append(append()).expect("it goes in").head, 294);
}

/// An open store, too: its facts would stand beside those of a newer leadfold.
#[test]
fn facts_of_a_newer_lowering_are_refused() {
    let cluster = shared_or_skip!();
    let log = filled(cluster);
    let store = Blocking(open(cluster, &log));
    cluster.sql(&log, "UPDATE leadfold SET lowering = lowering + 1");
    let append = || Append::new(vec![captured(90_001, "A", "x")], support::NOW);
    let error = store.append(append()).expect_err("a newer leadfold was here");
    assert!(error.to_string().contains("newer leadfold"), "{error}");
    let error = PostgresStore::open(&cluster.url(), &log).expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    cluster.sql(&log, "UPDATE leadfold SET lowering = lowering - 1");
    assert_eq!(store.append(append()).expect("the same as before").head, 294);
}

/// A log in which `C`, and the leads behind it, have another number than today.
fn numbered_otherwise(cluster: &Cluster) -> String {
    let log = fresh_log();
    support::append(&open(cluster, &log), renumbered());
    let mut client = cluster.client();
    client.batch_execute(&format!("SET search_path TO \"{log}\"")).expect("it is a schema");
    let sql = "SELECT position, sequence, previous, recorded_at, id, body, lead FROM event WHERE lead > 2";
    let rows = client.query(sql, &[]).expect("rows");
    assert!(rows.len() > 19_990, "{}", rows.len());
    let mut changes = String::new();
    for row in rows {
        let [position, sequence, previous] = [0, 1, 2].map(|n| row.get::<_, i64>(n));
        let [at, before] = [position, previous].map(i64::cast_unsigned);
        let lead = LeadIndex(row.get::<_, i64>(6) as u32 + 1);
        let sequence = sequence.cast_unsigned();
        let placed = Placed { position: at, lead, sequence, previous: before };
        let recorded_at = Timestamp::from_micros(row.get(3));
        let mut crc = crc32fast::Hasher::new();
        let feed = |bytes: &[u8]| crc.update(bytes);
        EventRow::feed(placed, recorded_at, EventId(row.get(4)), row.get(5), feed);
        let crc = crc.finalize();
        let change = format!("SET lead = lead + 1, crc = {crc} WHERE position = {position}");
        changes += &format!("UPDATE event {change};");
    }
    cluster.sql(&log, &changes);
    log
}

/// Another lowering names other leads, so those that come behind them have other numbers.
#[test]
fn leads_that_an_older_lowering_numbered_otherwise_get_their_numbers() {
    let cluster = shared_or_skip!();
    let log = numbered_otherwise(cluster);
    cluster.sql(&log, "UPDATE leadfold SET lowering = 1");
    let (store, _) = open_told(cluster, &log);
    assert_marked(cluster, &log, 2, LOWERING);
    let memory = MemoryStore::new();
    support::append(&memory, renumbered());
    assert_same(&memory, &store);
    support::append(&store, vec![captured(90_001, "C", "x")]);
    assert_eq!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

/// The same number in a log of ours is that of an event that does not fit the ones before it.
#[test]
fn leads_of_this_lowering_keep_their_numbers() {
    let cluster = shared_or_skip!();
    let log = numbered_otherwise(cluster);
    let (store, _) = open_told(cluster, &log);
    assert!(block_on(store.rebuild_facts()).expect_err("an event is damaged").is_corrupt());
    assert_ne!(block_on(store.verify(&mut |_, _| {})).expect("reads"), []);
}

/// What an older leadfold has derived, in its way, is no damage: the event is.
#[test]
fn facts_of_an_older_lowering_are_not_compared_with_ours() {
    let cluster = shared_or_skip!();
    let (log, other) = (fresh_log(), fresh_log());
    let (store, others) = (open(cluster, &log), open(cluster, &other));
    for n in 1..=12 {
        support::append(&store, vec![captured(n, "L", "x")]);
        support::append(&others, vec![captured(n, &format!("L{}", n % 2), "x")]);
    }
    let exchange = format!(
        "DELETE FROM fact_page; INSERT INTO fact_page SELECT * FROM \"{other}\".fact_page;
         UPDATE event SET crc = crc + 1 WHERE position = 12;
         UPDATE leadfold SET lowering = lowering - 1"
    );
    cluster.sql(&log, &exchange);
    let store = Blocking(open(cluster, &log));
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    let found: Vec<_> = damages.iter().map(|damage| (damage.what, damage.first)).collect();
    assert_eq!(found, [(Damaged::Event, 12), (Damaged::Names, 0)], "{damages:?}");
}
