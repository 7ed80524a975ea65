//! Bits that change and files that end too soon: `verify` says so or nothing has changed, and no
//! answer is ever another one.

use std::fmt;
use std::path::{Path, PathBuf};

use leadfold_core::{Code, LeadId, LeadIndex};
use leadfold_sqlite::SqliteStore;
use leadfold_store::{Blocking, Checkpoint, Damage, Damaged, Snapshot, StoreError, StoreErrorKind};
use tempfile::TempDir;

use crate::account::{Tally, batch, first_of, numbered};
use crate::child::{Child, Work};
use crate::dice::{Dice, rounds};
use crate::trial::Trial;

const PAGE: usize = 4_096;
const EVENTS: u64 = 300;

/// A file with something in every table, and the answers that it gives.
pub(crate) struct Sound {
    directory: TempDir,
    pub(crate) path: PathBuf,
    answers: Vec<String>,
}

impl Sound {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log.db");
        let store = open(&path).expect("a new file opens");
        fill(&store, EVENTS);
        assert!(store.keep_snapshot(snapshot()).expect("it is kept"), "there is a place for it");
        let answers = answers(&store).into_iter().map(|(_, answer)| answer.expect("it is sound"));
        let answers = answers.collect();
        drop(store);
        Self { directory, path, answers }
    }

    /// Another file, with these bytes.
    pub(crate) fn changed(&self, bytes: &[u8]) -> PathBuf {
        let copy = self.directory.path().join("copy.db");
        for suffix in ["db-wal", "db-shm", "db-journal"] {
            // Nothing of the one before may be left.
            drop(std::fs::remove_file(copy.with_extension(suffix)));
        }
        std::fs::write(&copy, bytes).expect("writes");
        copy
    }
}

/// Of several pages of the file.
pub(crate) fn snapshot() -> Snapshot {
    let part = |part: usize| (0..2 * PAGE + part).map(|n| (n % 253) as u8).collect();
    let at = Checkpoint { position: EVENTS, event: Some(numbered(EVENTS).id) };
    Snapshot { key: b"of these tests".to_vec(), at, parts: (0..3).map(part).collect() }
}

fn fill(store: &Blocking<SqliteStore>, events: u64) {
    let mut first = first_of(0);
    while first <= events {
        first = store.append(batch(first)).expect("it goes in").head + 1;
    }
}

pub(crate) fn open(path: &Path) -> Result<Blocking<SqliteStore>, StoreError> {
    SqliteStore::open_with(path, &Work::Append.options()).map(Blocking)
}

/// What is asked of an index by a name, and the answer when that finds nothing: a row that is there
/// and that a damaged index does not lead to cannot be told from one that never was. And a snapshot
/// that is gone is missed by nobody.
const NOTHING_FOUND: [(&str, &str); 4] =
    [("code", "None"), ("lead", "None"), ("leads_by_key", "[]"), ("snapshot", "None")];

/// Of the lead of the first event.
fn lead_id() -> LeadId {
    numbered(1).event.lead_id().expect("it has a lead")
}

type Answer = (&'static str, Result<String, StoreError>);

/// What a store says to every question.
fn answers(store: &Blocking<SqliteStore>) -> Vec<Answer> {
    fn text<T: fmt::Debug>(answer: Result<T, StoreError>) -> Result<String, StoreError> {
        answer.map(|answer| format!("{answer:?}"))
    }
    let leads = (0..61).map(LeadIndex).chain([LeadIndex::NONE]);
    let codes: Vec<_> = (1..=50).map(Code).collect();
    let mut answers = vec![
        ("head", text(store.head())),
        ("events", text(store.events(0, usize::MAX))),
        ("facts", text(store.facts(0, usize::MAX))),
        ("sealed", text(store.sealed())),
        ("lead_facts", text(store.lead_facts(LeadIndex(0), 1..=256, 1 << 20))),
        ("runs", text(store.runs())),
        ("linked", text(store.linked())),
        ("leads", text(store.leads(LeadIndex(0), usize::MAX))),
        ("lead", text(store.lead(lead_id()))),
        ("leads_by_key", text(store.leads_by_key(&"L7".parse().expect("a sound key")))),
        ("string_count", text(store.string_count())),
        ("strings", text(store.strings(&codes))),
        ("code", text(store.code("source 1"))),
        ("snapshot", text(kept(store))),
        ("event_ids", text(store.event_ids(&(1..=EVENTS).collect::<Vec<_>>()))),
    ];
    for lead in leads {
        answers.push(("lead_events", text(store.lead_events(lead))));
        answers.push(("history", text(store.history(&[lead]))));
        answers.push(("family", text(store.family(&[lead]))));
    }
    answers
}

/// All parts of the snapshot.
fn kept(store: &Blocking<SqliteStore>) -> Result<Option<Snapshot>, StoreError> {
    let Some(kept) = store.snapshot()? else { return Ok(None) };
    let parts = (0..kept.parts).map(|part| store.snapshot_part(kept.number, part));
    Ok(Some(Snapshot { key: kept.key, at: kept.at, parts: parts.collect::<Result<_, _>>()? }))
}

/// What verifies a store.
pub(crate) type Verify = fn(&Blocking<SqliteStore>) -> Result<Vec<Damage>, StoreError>;

pub(crate) fn verify(store: &Blocking<SqliteStore>) -> Result<Vec<Damage>, StoreError> {
    store.verify(&mut |_, _| {})
}

/// What became of changed files.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) files: u64,
    refused: u64,
    pub(crate) detected: u64,
    pub(crate) unchanged: u64,
    /// Some answer has changed or failed, and `verify` finds nothing.
    pub(crate) undetected: Vec<String>,
    /// An answer is another one, and no error.
    pub(crate) served: Vec<String>,
    /// A name has not been found in an index, and no error; `verify` has found it.
    missed: u64,
    /// An answer has failed.
    pub(crate) told: u64,
    /// An error that says nothing, or a panic.
    untyped: Vec<String>,
}

impl Counts {
    /// Looks at a changed file.
    pub(crate) fn look(&mut self, sound: &Sound, path: &Path, what: &str, verify: Verify) {
        self.files += 1;
        let store = match open(path) {
            Ok(store) => store,
            Err(error) => {
                self.refused += 1;
                return self.note(what, "open", &error);
            }
        };
        let found = answers(&store);
        let (mut is_same, mut is_told) = (true, false);
        for ((question, found), expected) in found.into_iter().zip(&sound.answers) {
            match found {
                Ok(found) if found == *expected => {}
                Ok(found) => {
                    is_same = false;
                    if NOTHING_FOUND.contains(&(question, found.as_str())) {
                        self.missed += 1;
                    } else {
                        self.served.push(format!("{what}: {question}"));
                    }
                }
                Err(error) => {
                    (is_same, is_told) = (false, true);
                    self.note(what, question, &error);
                }
            }
        }
        self.told += u64::from(is_told);
        let is_detected = match verify(&store) {
            Ok(found) => !found.is_empty(),
            Err(error) => {
                self.note(what, "verify", &error);
                true
            }
        };
        match (is_detected, is_same) {
            (true, _) => self.detected += 1,
            (false, true) => self.unchanged += 1,
            (false, false) => self.undetected.push(what.to_owned()),
        }
    }

    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.undetected, Vec::<String>::new());
        assert_eq!(self.served, Vec::<String>::new());
        assert_eq!(self.untyped, Vec::<String>::new());
    }

    fn note(&mut self, what: &str, question: &str, error: &StoreError) {
        if !is_typed(error) {
            self.untyped.push(format!("{what}: {question}: {error}"));
        }
    }
}

/// A thread that panicked, or a bug, would show as one of these.
fn is_typed(error: &StoreError) -> bool {
    !matches!(error.kind(), StoreErrorKind::Closed | StoreErrorKind::Other)
}

/// Flips a few bits of every page, one after the other.
fn flip_all(sound: &Sound, flips: u64, verify: Verify) -> Counts {
    let bytes = std::fs::read(&sound.path).expect("reads");
    let mut dice = Dice::of("flips");
    let mut counts = Counts::default();
    for page in 0..bytes.len() / PAGE {
        for flip in 0..flips {
            // The heads of pages are small, and say most.
            let bound = if flip % 4 == 0 { 100 } else { PAGE as u64 };
            let (at, bit) = (page * PAGE + dice.below(bound) as usize, dice.below(8));
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let what = format!("page {}, byte {}, bit {bit}", page + 1, at % PAGE);
            counts.look(sound, &sound.changed(&changed), &what, verify);
        }
    }
    counts
}

/// Every page is changed; with more rounds, in more places.
#[test]
fn flipped_bits_are_detected_and_never_served() {
    let sound = Sound::new();
    let counts = flip_all(&sound, rounds(1).max(8), verify);
    println!("flipped bits: {counts:?}");
    counts.assert_clean();
    assert!(counts.detected > counts.files / 4, "most of the file means something");
}

#[test]
fn files_that_end_too_soon_are_detected_and_never_served() {
    let sound = Sound::new();
    let bytes = std::fs::read(&sound.path).expect("reads");
    let mut counts = Counts::default();
    // At the end of each page, and in the middle of it.
    for end in (0..bytes.len()).step_by(PAGE / 2).skip(1) {
        let what = format!("the first {end} bytes");
        counts.look(&sound, &sound.changed(&bytes[..end]), &what, verify);
    }
    println!("files that end too soon: {counts:?}");
    counts.assert_clean();
    assert_eq!(counts.unchanged, 0, "every page means something");
}

/// One that looks at events only, as if the tables beside them could not be damaged.
fn skips_tables(store: &Blocking<SqliteStore>) -> Result<Vec<Damage>, StoreError> {
    let mut found = verify(store)?;
    found.retain(|damage| damage.what == Damaged::Event);
    Ok(found)
}

#[test]
fn verification_that_skips_tables_is_caught() {
    let counts = flip_all(&Sound::new(), 8, skips_tables);
    println!("verification that skips tables: {} files undetected", counts.undetected.len());
    assert!(!counts.undetected.is_empty(), "the test must notice what is not detected");
}

/// Changes every frame of the write-ahead log that a killed process has left. What comes behind it
/// is lost: that has to be told, unless the frame is of the last commit, which looks as if it had
/// never been finished.
#[test]
fn damaged_frames_of_the_write_ahead_log_are_told() {
    let killed = Killed::new();
    let mut dice = Dice::of("frames");
    let (mut refused, mut cut) = (0, 0);
    for frame in 0..=killed.frames() {
        for _ in 0..rounds(1).div_ceil(4) {
            let at = Killed::range(frame);
            let at = at.start + dice.below(at.len() as u64) as usize;
            match killed.open_changed(at, 1 << dice.below(8)) {
                None => refused += 1,
                Some(lost) => {
                    assert!(lost == 0 || frame > killed.last_but_one, "frame {frame}: {lost}");
                    cut += u64::from(lost > 0);
                }
            }
        }
    }
    println!("frames: {killed}, {refused} refused, {cut} cut off the last commit");
    assert!(refused > cut);
}

/// Salts are in no checksum. A frame with others is the end of the log to SQLite, as one of an older
/// log is.
#[test]
fn damaged_salts_of_the_write_ahead_log_are_told() {
    let killed = Killed::new();
    let mut refused = 0;
    for frame in 1..=killed.frames() {
        let salts = Killed::range(frame).skip(8).take(8);
        for (at, bit) in salts.zip(0..) {
            match killed.open_changed(at, 1 << bit) {
                None => refused += 1,
                Some(lost) => {
                    assert!(frame > killed.last_but_one && lost > 0, "frame {frame}: {lost}");
                }
            }
        }
    }
    println!("salts: {killed}, {refused} refused");
    assert_eq!(refused, 8 * killed.last_but_one);
}

/// SQLite alone, before the store has looked.
#[test]
fn recovery_that_nobody_looked_at_before_is_caught() {
    let killed = Killed::new();
    let middle = Killed::range(killed.last_but_one / 2);
    for at in [middle.start + 8, middle.end - 1] {
        let trial = killed.changed(at, 1);
        trial.sql("SELECT count(*) FROM event");
        let lost = Killed::judge(&trial);
        println!("recovery that nobody looked at before: {lost} lost");
        assert!(lost > 0, "the account must notice what is lost");
    }
}

const HEADER: usize = 32;
const FRAME: usize = 24 + PAGE;

/// What a process has left that was killed after some commits.
struct Killed {
    trial: Trial,
    wal: Vec<u8>,
    commits: usize,
    /// The frame that ends the last commit but one.
    last_but_one: usize,
}

impl Killed {
    fn new() -> Self {
        let mut trial = Trial::new();
        let mut child = Child::start(Work::AppendMany, &trial.path);
        child.hear("waits");
        trial.enter(&child.kill());
        let wal = std::fs::read(trial.path.with_extension("db-wal")).expect("reads");
        let commits = commits(&wal);
        assert!(commits.len() > 5, "{commits:?}");
        let last_but_one = commits[commits.len() - 2];
        Self { trial, wal, commits: commits.len(), last_but_one }
    }

    fn frames(&self) -> usize {
        (self.wal.len() - HEADER) / FRAME
    }

    /// Where a frame is, counted from 1; 0 is the header.
    fn range(frame: usize) -> std::ops::Range<usize> {
        if frame == 0 { 0..HEADER } else { HEADER + (frame - 1) * FRAME..HEADER + frame * FRAME }
    }

    /// The same files with other bits in a byte of the log.
    fn changed(&self, at: usize, bits: u8) -> Trial {
        let trial = self.trial.copy();
        let mut changed = self.wal.clone();
        changed[at] ^= bits;
        std::fs::write(trial.path.with_extension("db-wal"), changed).expect("writes");
        trial
    }

    /// How much of what was acknowledged is lost then, and nothing else is wrong; none if the store
    /// refuses to open the file.
    fn open_changed(&self, at: usize, bits: u8) -> Option<u64> {
        let trial = self.changed(at, bits);
        match open(&trial.path) {
            Ok(store) => {
                drop(store);
                Some(Self::judge(&trial))
            }
            Err(error) => {
                assert!(error.is_corrupt(), "{error}");
                assert!(error.to_string().contains("damaged in the middle"), "{error}");
                None
            }
        }
    }

    fn judge(trial: &Trial) -> u64 {
        let tally = trial.judge(Work::Append);
        let lost = tally.lost;
        assert!(Tally { lost: 0, ..tally }.is_clean(), "{tally}");
        lost
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} commits", self.frames(), self.commits)
    }
}

/// Which frames of a write-ahead log, counted from 1, end a commit.
fn commits(wal: &[u8]) -> Vec<usize> {
    let frames = wal[HEADER..].chunks_exact(FRAME);
    let ends = (1..).zip(frames).filter(|(_, frame)| frame[4..8] != [0; 4]);
    ends.map(|(number, _)| number).collect()
}
