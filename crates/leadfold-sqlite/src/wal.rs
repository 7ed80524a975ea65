//! The write-ahead log that a process left behind, looked at before SQLite recovers from it.
//!
//! SQLite ends its recovery at the first frame whose checksum or whose salts are others. After a
//! crash that is where the log ends: what is behind it belongs to an older log, which had other
//! salts, or to commits that were never finished. But a damaged frame in the middle would cut off
//! commits that were acknowledged, and nobody would hear of it.
//!
//! With `synchronous = FULL` a commit is on the disk before the next one is begun, and the checksums
//! of a frame go on from those of the one before it. So a frame of this log that goes on from the
//! end of a commit proves that all before it was there once, and nothing else does: of a commit that
//! was never finished a disk may keep any frames, the last one, too, and behind them those of
//! another one that a crash has cut off before. Neither goes on from the other.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use leadfold_store::{StoreError, StoreErrorKind};

use crate::error::{Result, corrupt};
use crate::schema::{APPLICATION_ID, PAGE_BYTES};

/// Of SQLite's header, up to the application id.
const SQLITE_HEADER: usize = 72;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The last bit says in which order the bytes of the checksums' words are.
const MAGIC: u32 = 0x377f_0682;
/// A log of one frame has nothing that could follow it.
const PAGE_MAX: usize = 65_536;

/// Refuses a file whose write-ahead log is damaged in the middle, or that has none and ends in the
/// middle of a page: SQLite would take what is missing for zeros.
pub(crate) fn check(file: &Path) -> Result<()> {
    // SQLite follows links, and keeps the log beside the file itself. There may be no file yet.
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let path = beside(file, "-wal");
    match look_twice(|| look(&path))? {
        Wal::Missing => check_length(file),
        Wal::Sound => Ok(()),
        Wal::Damaged(_) => Err(damaged(&path)),
    }
}

/// Nothing is locked, and a living process may be writing the log: it overwrites a frame of an older
/// log in two writes, and between them the frame looks damaged. Both are done before the next commit
/// is begun, which is what damage is told by. So what a second look does not find as the first did
/// has been written meanwhile, by a process that has recovered the log already.
fn look_twice(mut look: impl FnMut() -> Result<Wal>) -> Result<Wal> {
    match look()? {
        Wal::Damaged(damage) if look()? != Wal::Damaged(damage) => Ok(Wal::Sound),
        found => Ok(found),
    }
}

/// What there is of a write-ahead log.
#[derive(Debug, Eq, PartialEq)]
enum Wal {
    Missing,
    Sound,
    Damaged(Damage),
}

/// Where a log is damaged, and the last frame that was looked at; 0 is the header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Damage {
    header: [u8; HEADER],
    first: u64,
    seen: u64,
}

fn look(path: &Path) -> Result<Wal> {
    let mut wal = match File::open(path) {
        Ok(wal) => wal,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Wal::Missing),
        Err(error) => return Err(unreadable(error)),
    };
    let Some(header) = read::<HEADER>(&mut wal)? else { return Ok(Wal::Missing) };
    let Some((first, seen)) = find_damage(&header, &mut wal)? else { return Ok(Wal::Sound) };
    // The header of a log is written before its frames: this one was not begun anew meanwhile.
    wal.rewind().map_err(unreadable)?;
    let is_same = read::<HEADER>(&mut wal)? == Some(header);
    Ok(if is_same { Wal::Damaged(Damage { header, first, seen }) } else { Wal::Sound })
}

/// The first damaged frame, and the one behind the end of a commit that tells it from the end of the
/// log.
fn find_damage(header: &[u8; HEADER], wal: &mut File) -> Result<Option<(u64, u64)>> {
    let Some(mut log) = Log::begin(header) else {
        return Ok(is_followed(wal)?.then_some((0, 1)));
    };
    while let Some(frame) = log.next(wal)? {
        if let Some(first) = log.take(&frame) {
            return Ok(Some((first, log.frames)));
        }
    }
    Ok(None)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// A process that died while it made the file has left a journal that undoes what it did. Files of
/// others may have pages of another size.
fn check_length(file: &Path) -> Result<()> {
    let length = std::fs::metadata(file).map_or(0, |file| file.len());
    let is_whole = length.is_multiple_of(PAGE_BYTES as u64);
    if is_whole || !is_ours(file)? || beside(file, "-journal").exists() {
        return Ok(());
    }
    Err(corrupt(format!(
        "expected whole pages of {PAGE_BYTES} bytes, found a file of {length} bytes: restore it \
         from a backup"
    )))
}

/// Whether the header of the file says so.
fn is_ours(file: &Path) -> Result<bool> {
    let mut file = File::open(file).map_err(unreadable)?;
    let header = read::<SQLITE_HEADER>(&mut file)?;
    Ok(header.is_some_and(|header| word(&header, 68) == APPLICATION_ID as u32))
}

/// A header is written whole and synced before its frames.
fn is_followed(wal: &mut File) -> Result<bool> {
    Ok(read::<FRAME_HEADER>(wal)?.is_some_and(|frame| frame != [0; FRAME_HEADER]))
}

/// What is known of a log while it is read.
struct Log {
    is_big_endian: bool,
    salts: [u8; 8],
    /// What the next frame may go on from: what the last one says of itself, and what it comes to.
    /// Where it is damaged, one of them is mostly right still.
    sums: [Sum; 2],
    frame: Vec<u8>,
    /// How many were taken.
    frames: u64,
    /// The last one was the end of a commit.
    is_after_commit: bool,
    /// The first that is damaged, or behind the end of the log.
    damaged: Option<u64>,
}

type Sum = (u32, u32);

struct Frame {
    is_of_this_log: bool,
    /// Its checksum goes on from the frame before it. Salts are in none.
    goes_on: bool,
    is_commit: bool,
    sums: [Sum; 2],
}

impl Log {
    /// The log of a header; none if the header is damaged.
    fn begin(header: &[u8; HEADER]) -> Option<Self> {
        let magic = word(header, 0);
        let page = word(header, 8) as usize;
        let is_big_endian = magic & 1 == 1;
        let sum = sum(is_big_endian, (0, 0), &header[..24]);
        let is_sound = magic & !1 == MAGIC && sum == (word(header, 24), word(header, 28));
        (is_sound && page <= PAGE_MAX).then(|| Self {
            is_big_endian,
            salts: header[16..24].try_into().unwrap_or_default(),
            sums: [sum; 2],
            frame: vec![0; FRAME_HEADER + page],
            frames: 0,
            is_after_commit: false,
            damaged: None,
        })
    }

    fn next(&mut self, wal: &mut File) -> Result<Option<Frame>> {
        if !fill(wal, &mut self.frame)? {
            return Ok(None);
        }
        let stored = (word(&self.frame, 16), word(&self.frame, 20));
        let [said, found] = self.sums;
        let mut after = self.sum_after(said);
        if after != stored && found != said {
            after = self.sum_after(found);
        }
        let is_of_this_log = self.frame[8..16] == self.salts;
        let goes_on = after == stored;
        let may_have_lost = is_of_this_log && !goes_on && self.damaged.is_none();
        let is_commit =
            word(&self.frame, 4) != 0 || (may_have_lost && self.has_lost_its_end(said, stored));
        Ok(Some(Frame { is_of_this_log, goes_on, is_commit, sums: [stored, after] }))
    }

    /// Whether the frame was the end of a commit, but for one bit: of a database whose number of
    /// pages is a power of two, one bit says so.
    fn has_lost_its_end(&mut self, before: Sum, stored: Sum) -> bool {
        (0..32).any(|bit| {
            let (at, mask) = (4 + bit / 8, 1 << (bit % 8));
            self.frame[at] ^= mask;
            let was_so = self.sum_after(before) == stored;
            self.frame[at] ^= mask;
            was_so
        })
    }

    /// What the frame comes to.
    fn sum_after(&self, before: Sum) -> Sum {
        let after = sum(self.is_big_endian, before, &self.frame[..8]);
        sum(self.is_big_endian, after, &self.frame[FRAME_HEADER..])
    }

    /// The first damaged frame, if this one proves that it is.
    fn take(&mut self, frame: &Frame) -> Option<u64> {
        self.frames += 1;
        let is_sound = frame.is_of_this_log && frame.goes_on;
        let proven = self.damaged.filter(|_| is_sound && self.is_after_commit);
        if !is_sound && self.damaged.is_none() {
            self.damaged = Some(self.frames);
        }
        self.sums = frame.sums;
        self.is_after_commit = frame.is_commit;
        proven
    }
}

/// The checksum of SQLite's log: over pairs of words, going on from what came before.
fn sum(is_big_endian: bool, before: Sum, bytes: &[u8]) -> Sum {
    let word = |bytes: [u8; 4]| {
        if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    let (words, _) = bytes.as_chunks::<4>();
    words.as_chunks::<2>().0.iter().fold(before, |(first, second), [left, right]| {
        let first = first.wrapping_add(word(*left)).wrapping_add(second);
        (first, second.wrapping_add(word(*right)).wrapping_add(first))
    })
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_be_bytes(*word))
}

fn read<const N: usize>(wal: &mut File) -> Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    Ok(fill(wal, &mut bytes)?.then_some(bytes))
}

/// Whether there was as much left.
fn fill(wal: &mut File, bytes: &mut [u8]) -> Result<bool> {
    match wal.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(unreadable(error)),
    }
}

fn damaged(path: &Path) -> StoreError {
    let name = path.file_name().unwrap_or_default().display();
    corrupt(format!(
        "expected a sound write-ahead log, found {name} damaged in the middle: opening the file \
         would lose what was acknowledged after that; with no other process open, restore both \
         files from a backup, or move {name} away to go on with what the file alone has; if it was \
         written with UnsafeFasterMayLoseAcknowledgedEvents, open it with that to go on"
    ))
}

fn unreadable(error: std::io::Error) -> StoreError {
    let message = "expected to read the file and its write-ahead log, found that the system \
                   refuses: check their rights and the disk";
    StoreError::new(StoreErrorKind::Io, message).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = FRAME_HEADER + PAGE_BYTES as usize;

    /// A database that nobody closes, and so its log.
    struct Db {
        directory: tempfile::TempDir,
        connection: rusqlite::Connection,
    }

    impl Db {
        fn new() -> Self {
            let db = Self::open(tempfile::tempdir().expect("a directory"));
            db.run("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
            db
        }

        fn open(directory: tempfile::TempDir) -> Self {
            let connection = rusqlite::Connection::open(directory.path().join("log.db"));
            let db = Self { directory, connection: connection.expect("it opens") };
            db.run("PRAGMA wal_autocheckpoint = 0");
            db
        }

        fn run(&self, statements: &str) {
            self.connection.execute_batch(statements).expect("the statements run");
        }

        /// A commit of a frame for each page, and of another one or two.
        fn commit(&self, pages: u64) {
            let bytes = pages * PAGE_BYTES as u64;
            self.run(&format!("INSERT INTO t VALUES (randomblob({bytes}))"));
        }

        fn wal(&self) -> Vec<u8> {
            std::fs::read(self.path()).expect("reads")
        }

        fn path(&self) -> PathBuf {
            self.directory.path().join("log.db-wal")
        }

        /// Another one that goes on from the same state.
        fn copy(&self) -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            for name in ["log.db", "log.db-wal"] {
                let from = self.directory.path().join(name);
                std::fs::copy(from, directory.path().join(name)).expect("copies");
            }
            Self::open(directory)
        }
    }

    /// The path of a log of three commits.
    fn log() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let db = Db::new();
        db.run("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
        let (path, bytes) = (db.path(), db.wal());
        assert!(bytes.len() > HEADER + 3 * FRAME);
        drop(db.connection);
        (db.directory, path, bytes)
    }

    fn damage(bytes: &[u8], frame: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[HEADER + frame * FRAME - 1] ^= 1;
        bytes
    }

    /// What is found if the log has other bytes at each look.
    fn found<const N: usize>(path: &Path, looks: [&[u8]; N]) -> (Wal, usize) {
        let mut count = 0;
        let found = look_twice(|| {
            std::fs::write(path, looks[count]).expect("writes");
            count += 1;
            look(path)
        });
        (found.expect("reads"), count)
    }

    #[test]
    fn frame_that_is_being_written_is_no_damage() {
        let (_directory, path, sound) = log();
        let torn = damage(&sound, 1);
        assert!(matches!(look(&path), Ok(Wal::Missing)), "the last connection tidies up");
        assert_eq!(found(&path, [&sound]), (Wal::Sound, 1));
        assert_eq!(found(&path, [&torn, &sound]), (Wal::Sound, 2));
        assert_eq!(found(&path, [&torn, &damage(&sound, 2)]), (Wal::Sound, 2));
        let (Wal::Damaged(damage), 2) = found(&path, [&torn, &torn]) else { panic!("it is") };
        assert_eq!(damage.first, 1);
    }

    /// The next log has other salts in its header.
    #[test]
    fn log_that_was_begun_anew_is_another() {
        let (_directory, path, sound) = log();
        let torn = damage(&sound, 1);
        let mut anew = torn.clone();
        anew[16] ^= 1;
        assert_eq!(found(&path, [&torn, &anew]), (Wal::Sound, 2));
    }

    #[test]
    fn header_that_is_being_written_is_no_damage() {
        let (_directory, path, sound) = log();
        let mut torn = sound.clone();
        torn[20] ^= 1;
        assert_eq!(found(&path, [&torn, &sound]), (Wal::Sound, 2));
        assert!(matches!(found(&path, [&torn, &torn]), (Wal::Damaged(_), 2)));
    }

    /// What is found in a log of these bytes.
    fn find(path: &Path, bytes: &[u8]) -> Wal {
        std::fs::write(path, bytes).expect("writes");
        look(path).expect("reads")
    }

    /// Behind which frame each commit ends.
    fn commits(wal: &[u8]) -> Vec<usize> {
        let frames = wal[HEADER..].chunks_exact(FRAME);
        let ends = (1..).zip(frames).filter(|(_, frame)| frame[4..8] != [0; 4]);
        ends.map(|(number, _)| number).collect()
    }

    /// Salts are in no checksum, and say which log a frame is of.
    #[test]
    fn every_byte_counts_until_the_last_commit() {
        let (_directory, path, sound) = log();
        let commits = commits(&sound);
        let last_but_one = commits[commits.len() - 2];
        for (frame, begin) in (1_usize..).zip((HEADER..sound.len()).step_by(FRAME)) {
            for at in (0..FRAME_HEADER).chain((FRAME_HEADER..FRAME).step_by(97)) {
                // Every bit of a header: one of them alone may say that a commit ends here.
                let bits = if at < FRAME_HEADER { 0..8 } else { at % 8..at % 8 + 1 };
                for bit in bits {
                    let mut changed = sound.clone();
                    changed[begin + at] ^= 1 << bit;
                    match find(&path, &changed) {
                        Wal::Damaged(damage) => assert_eq!(damage.first, frame as u64, "byte {at}"),
                        found => assert!(frame > last_but_one, "{found:?}: {frame}, byte {at}"),
                    }
                }
            }
        }
    }

    /// Replaces what a commit has written, in all ways, by what was there before: as a disk may that
    /// loses power before it has synced. There are `before.len()` bytes, more than it has written.
    fn assert_torn_is_no_damage(before: &[u8], after: &[u8]) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("torn-wal");
        let after = [after, &before[after.len()..]].concat();
        let halves: Vec<_> = (HEADER..before.len())
            .step_by(FRAME)
            // A frame's header, with a little of the page, and the rest of it.
            .flat_map(|begin| [begin..begin + 480, begin + 480..begin + FRAME])
            .filter(|half| before[half.clone()] != after[half.clone()])
            .collect();
        assert!((4..=12).contains(&halves.len()), "{}", halves.len());
        for lost in 0..1_u32 << halves.len() {
            let mut torn = after.clone();
            for (_, half) in halves.iter().enumerate().filter(|(n, _)| lost & 1 << n != 0) {
                torn[half.clone()].copy_from_slice(&before[half.clone()]);
            }
            assert_eq!(find(&path, &torn), Wal::Sound, "lost: {lost:b}");
        }
    }

    /// Frames of an older log follow each other, too, and end commits.
    #[test]
    fn commit_that_is_torn_over_an_older_log_is_no_damage() {
        let db = Db::new();
        (0..9).for_each(|_| db.commit(1));
        let older = commits(&db.wal()).len();
        db.run("PRAGMA wal_checkpoint(RESTART)");
        db.commit(1);
        let before = db.wal();
        assert!(commits(&before).len() > older - 3, "the older log is there still");
        db.commit(3);
        assert_eq!(db.wal().len(), before.len(), "over the older log");
        assert_torn_is_no_damage(&before, &db.wal());
    }

    /// A crash has cut off a commit, all of which but one frame was on the disk; and another one
    /// cuts off what was written over it.
    #[test]
    fn commit_that_is_torn_over_a_torn_one_is_no_damage() {
        let db = Db::new();
        let cut_off = db.copy();
        cut_off.commit(12);
        db.commit(1);
        let before = [db.wal(), cut_off.wal().split_off(db.wal().len())].concat();
        db.commit(3);
        assert!(commits(&before).last() > commits(&db.wal()).last(), "it ends behind the other");
        assert_torn_is_no_damage(&before, &db.wal());
    }
}
