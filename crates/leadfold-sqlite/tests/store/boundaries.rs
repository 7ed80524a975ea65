//! Facts by lead that are damaged at any boundary of any block: each byte of each packed part
//! changed, each length that a part could have been cut to, each number of the rows about them,
//! the pages of facts where their columns meet, and the file cut off at each of its pages.
//!
//! What is changed has to be told and never be served, and once the facts are rebuilt from the log
//! the tables have to be the same to the byte.

use std::path::{Path, PathBuf};

use leadfold_core::{Bounds, Facts, LeadFacts, LeadIndex, Playbook};
use leadfold_engine::replay;
use leadfold_sqlite::{Options, SqliteStore};
use leadfold_store::{Blocking, Damaged, StoreError, block_on};
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::clauses;

/// Bytes of a page of the file.
const PAGE: usize = 4_096;

/// A file with facts by lead in runs of two levels, and what it answers.
struct Sound {
    directory: TempDir,
    path: PathBuf,
    until: u64,
    by_lead: LeadFacts,
    facts: Facts,
    tables: Vec<u8>,
}

impl Sound {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        let store = open(&path).expect("a new file opens");
        clauses::support::fill(&store.0);
        let until = store.sealed().expect("reads");
        assert_eq!(until, 288, "18 runs: two of 8 merged, and two");
        let by_lead = by_lead(&store, until).expect("it is sound");
        let facts = store.facts(0, usize::MAX).expect("it is sound");
        let tables = tables(&store).expect("it is sound");
        Self { directory, path, until, by_lead, facts, tables }
    }

    /// A copy that is to be changed.
    fn copy(&self) -> PathBuf {
        let copy = self.directory.path().join("copy.db");
        for suffix in ["db-wal", "db-shm"] {
            // Nothing of the one before may be left.
            drop(std::fs::remove_file(copy.with_extension(suffix)));
        }
        std::fs::copy(&self.path, &copy).expect("copies");
        copy
    }
}

fn open(path: &Path) -> Result<Blocking<SqliteStore>, StoreError> {
    let options = Options { seal_events: 16, ..Options::default() };
    SqliteStore::open_with(path, &options).map(Blocking)
}

fn by_lead(store: &Blocking<SqliteStore>, until: u64) -> Result<LeadFacts, StoreError> {
    store.lead_facts(LeadIndex(0), 1..=until, usize::MAX)
}

/// What a rebuild makes of the file, which reads facts by lead.
fn tables(store: &Blocking<SqliteStore>) -> Result<Vec<u8>, StoreError> {
    let tables = block_on(replay(&store.0, Playbook::default(), Bounds::default(), |_, _| {}))?;
    Ok(tables.encode())
}

/// What became of changes.
#[derive(Debug, Default)]
struct Counts {
    told: u64,
    /// Changes after which the answer is the same: they say nothing.
    same: u64,
    /// Changes that are served as if they were facts.
    served: Vec<String>,
    untyped: Vec<String>,
}

impl Counts {
    fn count<T: PartialEq>(&mut self, what: &str, found: Result<T, StoreError>, expected: &T) {
        match found {
            Ok(found) if found == *expected => self.same += 1,
            Ok(_) => self.served.push(what.to_owned()),
            Err(error) if error.is_corrupt() => self.told += 1,
            Err(error) => self.untyped.push(format!("{what}: {error}")),
        }
    }

    fn assert_all_told(&self, least: u64) {
        assert_eq!(self.served, Vec::<String>::new());
        assert_eq!(self.untyped, Vec::<String>::new());
        assert_eq!(self.same, 0, "every change means something");
        assert!(self.told >= least, "{} changes", self.told);
    }
}

/// A packed part, as a row has it.
struct Part {
    segment: i64,
    run: i64,
    first: u32,
    last: u32,
    packed: Vec<u8>,
}

fn parts(file: &Connection) -> Vec<Part> {
    let sql = "SELECT segment, run, first_lead, last_lead, packed FROM segment";
    let mut select = file.prepare(sql).expect("sql");
    let part = |row: &rusqlite::Row<'_>| {
        let (segment, run, first) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Part { segment, run, first, last: row.get(3)?, packed: row.get(4)? })
    };
    let parts = select.query_map([], part).expect("sql");
    parts.collect::<Result<_, _>>().expect("rows")
}

fn put(file: &Connection, segment: i64, packed: &[u8]) {
    let sql = "UPDATE segment SET packed = ?2 WHERE segment = ?1";
    file.prepare_cached(sql)
        .and_then(|mut sql| sql.execute(params![segment, packed]))
        .expect("sql");
}

fn connect(path: &Path) -> Connection {
    let file = Connection::open(path).expect("it is SQLite");
    file.execute_batch("PRAGMA synchronous = OFF").expect("sql");
    file
}

/// All that a part can have become: each byte changed, cut to each length, and one byte more.
fn changes(packed: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    let flip = |at: usize| {
        let mut changed = packed.to_vec();
        changed[at] ^= 1 << (at % 8);
        (format!("byte {at}"), changed)
    };
    let cut = |length: usize| (format!("the first {length} bytes"), packed[..length].to_vec());
    let more = [(String::from("a byte more"), [packed, &[0]].concat())];
    let flips = (0..packed.len()).map(flip);
    flips.chain((0..packed.len()).map(cut)).chain(more)
}

/// Changes every part in every way. `sum` may write a checksum over what was changed.
fn change_all(sound: &Sound, sum: impl Fn(&Connection, &Part, &[u8])) -> Counts {
    let copy = sound.copy();
    let (store, file) = (open(&copy).expect("it opens"), connect(&copy));
    let mut counts = Counts::default();
    for part in parts(&file) {
        for (what, changed) in changes(&part.packed) {
            put(&file, part.segment, &changed);
            sum(&file, &part, &changed);
            let what = format!("segment {}: {what}", part.segment);
            counts.count(&what, by_lead(&store, sound.until), &sound.by_lead);
        }
        put(&file, part.segment, &part.packed);
        sum(&file, &part, &part.packed);
    }
    assert!(by_lead(&store, sound.until).is_ok_and(|found| found == sound.by_lead));
    counts
}

#[test]
fn every_byte_and_every_length_of_every_packed_part_is_guarded() {
    let counts = change_all(&Sound::new(), |_, _, _| {});
    println!("packed parts: {} changes told", counts.told);
    counts.assert_all_told(1_000);
}

/// The checksum of a part, as the store has it.
fn checksum(part: &Part, packed: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&part.run.to_le_bytes());
    hasher.update(&part.first.to_le_bytes());
    hasher.update(&part.last.to_le_bytes());
    hasher.update(packed);
    hasher.finalize()
}

/// As if nobody looked at checksums: then facts that never were are served, which the test above
/// has to notice; and `verify`, which compares them with the pages, still finds every one of them.
#[test]
fn parts_without_their_check_are_caught() {
    let sound = Sound::new();
    let forge = |file: &Connection, part: &Part, packed: &[u8]| {
        let sql = "UPDATE segment SET crc = ?2 WHERE segment = ?1";
        let row = (part.segment, checksum(part, packed));
        file.prepare_cached(sql).and_then(|mut sql| sql.execute(row)).expect("sql");
    };
    let counts = change_all(&sound, forge);
    println!("without a check: {} served, {} told", counts.served.len(), counts.told);
    assert!(counts.served.len() > 100, "the test has to notice facts that never were");
    assert_eq!(counts.untyped, Vec::<String>::new());

    let copy = sound.copy();
    let (store, file) = (open(&copy).expect("it opens"), connect(&copy));
    let part = parts(&file).remove(0);
    for at in (0..part.packed.len()).step_by(7) {
        let mut changed = part.packed.clone();
        changed[at] ^= 1;
        put(&file, part.segment, &changed);
        forge(&file, &part, &changed);
        if by_lead(&store, sound.until).is_ok_and(|found| found == sound.by_lead) {
            continue;
        }
        assert!(damages(&store).contains(&Damaged::Facts), "byte {at}");
    }
}

fn damages(store: &Blocking<SqliteStore>) -> Vec<Damaged> {
    let damages = store.verify(&mut |_, _| {}).expect("it can be read");
    damages.into_iter().map(|damage| damage.what).collect()
}

/// Damages a copy, sees that it is told and not served, rebuilds it, and sees that nothing else has
/// changed.
fn assert_mended(sound: &Sound, what: &str, damage: impl FnOnce(&Connection)) {
    let copy = sound.copy();
    damage(&connect(&copy));
    let store = open(&copy).expect("it opens");
    let mut counts = Counts::default();
    counts.count(what, tables(&store), &sound.tables);
    assert_eq!((counts.served, counts.untyped), (vec![], vec![]));
    // A number that cannot be one ends the reading: then it is the file's.
    let found = damages(&store);
    let is_told = |what: &Damaged| matches!(what, Damaged::Facts | Damaged::File);
    assert!(found.iter().any(is_told) && found.iter().all(is_told), "{what}: {found:?}");
    block_on(store.0.rebuild_facts()).expect("it rebuilds");
    assert_eq!(damages(&store), [], "{what}");
    assert!(by_lead(&store, sound.until).is_ok_and(|facts| facts == sound.by_lead), "{what}");
    assert!(store.facts(0, usize::MAX).is_ok_and(|facts| facts == sound.facts), "{what}");
    assert!(tables(&store).is_ok_and(|tables| tables == sound.tables), "{what}");
}

/// The first byte and the last, and cuts at both ends and in the middle, of every part.
#[test]
fn parts_that_are_damaged_at_their_ends_are_rebuilt() {
    let sound = Sound::new();
    let all = parts(&connect(&sound.path));
    assert!(all.len() >= 4, "{} parts", all.len());
    for part in all {
        let length = part.packed.len();
        let wanted = [0, 1, length / 2, length - 2, length - 1];
        for (number, (what, changed)) in changes(&part.packed).enumerate() {
            // Bytes first, then lengths.
            if wanted.contains(&(number % length)) {
                let what = format!("segment {}: {what}", part.segment);
                assert_mended(&sound, &what, |file| put(file, part.segment, &changed));
            }
        }
    }
}

/// Each number of each row of the two tables, more and less; and each row gone.
#[test]
fn the_rows_about_parts_and_runs_are_guarded() {
    let sound = Sound::new();
    let tables = [
        ("run", "run", &["run", "first", "last", "level", "leads_end", "crc"][..]),
        ("segment", "segment", &["run", "first_lead", "last_lead", "crc"]),
    ];
    for (table, key, columns) in tables {
        let file = connect(&sound.path);
        let mut select = file.prepare(&format!("SELECT {key} FROM {table}")).expect("sql");
        let keys = select.query_map([], |row| row.get::<_, Value>(0)).expect("sql");
        let keys: Vec<Value> = keys.collect::<Result<_, _>>().expect("rows");
        for (number, row) in (1..).zip(&keys) {
            let changes = columns.iter().flat_map(|column| {
                ["+ 1000", "- 100"].map(|by| format!("UPDATE {table} SET {column} = {column} {by}"))
            });
            // Without the last run its facts are read row by row: nothing is wrong then.
            let is_last_run = table == "run" && number == keys.len();
            let deletion = (!is_last_run).then(|| format!("DELETE FROM {table}"));
            for change in changes.chain(deletion) {
                let sql = format!("{change} WHERE {key} = ?1");
                assert_mended(&sound, &format!("{sql} {row:?}"), |file| {
                    file.execute(&sql, [row.clone()]).expect("sql");
                });
            }
        }
    }
}

/// Where the columns of a page of facts begin and end: a page of `n` facts has them at multiples of
/// `n`, whatever their widths are.
#[test]
fn pages_of_facts_are_guarded_where_their_columns_meet() {
    let sound = Sound::new();
    let copy = sound.copy();
    let (store, file) = (open(&copy).expect("it opens"), connect(&copy));
    let mut counts = Counts::default();
    let mut select = file.prepare("SELECT first, facts FROM fact_page").expect("sql");
    let pages = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("sql");
    let pages: Vec<(i64, Vec<u8>)> = pages.collect::<Result<_, _>>().expect("rows");
    let put = |first: i64, bytes: &[u8]| {
        let sql = "UPDATE fact_page SET facts = ?2 WHERE first = ?1";
        file.execute(sql, params![first, bytes]).expect("sql");
    };
    for (first, sound_bytes) in pages {
        let facts = sound_bytes.len() / Facts::FACT_BYTES;
        let edges = (0..=Facts::FACT_BYTES).map(|edge| edge * facts);
        let around = edges.flat_map(|edge| [edge.wrapping_sub(1), edge, edge + 1]);
        for at in around.filter(|at| *at < sound_bytes.len()) {
            let mut flipped = sound_bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            for (what, changed) in [("byte", &flipped[..]), ("cut", &sound_bytes[..at])] {
                put(first, changed);
                let what = format!("page {first}: {what} {at}");
                counts.count(&what, store.facts(0, usize::MAX), &sound.facts);
            }
        }
        put(first, &sound_bytes);
    }
    println!("pages of facts: {} changes told", counts.told);
    counts.assert_all_told(500);
}

/// A file that ends at one of its pages, or a byte before or behind, is refused: what is missing may
/// be events.
#[test]
fn files_cut_at_each_page_are_refused() {
    let sound = Sound::new();
    let bytes = std::fs::read(&sound.path).expect("reads");
    let ends = (PAGE..bytes.len()).step_by(PAGE).flat_map(|end| [end - 1, end, end + 1]);
    let ends: Vec<usize> = ends.collect();
    assert!(ends.len() > 60, "{} ends", ends.len());
    for end in ends {
        let copy = sound.copy();
        std::fs::write(&copy, &bytes[..end]).expect("writes");
        let error = open(&copy).expect_err("a part of a file is none");
        assert!(error.is_corrupt(), "{end} bytes: {error}");
    }
}
