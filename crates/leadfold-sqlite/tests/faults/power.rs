//! Loss of power. What a process writes is recorded; then the files are made as they may be on the
//! disk after any of its calls: what was synced is there, and of what was not, anything.

use std::collections::BTreeMap;
use std::path::Path;

use crate::child::Work;
use crate::dice::Dice;
use crate::strace::{have_strace, record};
use crate::trial::Trial;

/// One call, in the order in which calls were made.
#[derive(Debug)]
enum Call {
    Open(String),
    Write(String, usize, Vec<u8>),
    Truncate(String, usize),
    Unlink(String),
    Sync(String),
    Said(String),
}

/// The calls of a recording that concern a file, those beside it, and what was said.
fn calls(trace: &str, path: &Path) -> Vec<Call> {
    let prefix = path.display().to_string();
    let directory = path.parent().expect("it is in a directory").display().to_string();
    let is_ours =
        |file: &String| *file == directory || file.starts_with(&prefix) && !file.ends_with("-shm");
    // A call that another thread's interrupts is written in two lines; the second has its result.
    let calls = trace.lines().filter(|line| !line.contains("resumed>") && !line.contains("= -1"));
    calls
        .filter_map(|line| {
            let (name, arguments) = line.split_once(' ')?.1.trim_start().split_once('(')?;
            let file = || hex(arguments.split_once('<')?.1.split_once('>')?.0);
            let text = || Some(bytes(arguments.split_once('"')?.1.split_once('"')?.0));
            // The last argument: where it is written, or how long the file becomes.
            let last = || {
                let end = arguments.split(')').next()?.split(" <unfinished").next()?;
                end.rsplit(", ").next()?.parse().ok()
            };
            match name {
                "write" if arguments.starts_with("1<") => {
                    Some(Call::Said(String::from_utf8(text()?).ok()?))
                }
                "openat" if line.contains("O_CREAT") => {
                    Some(Call::Open(String::from_utf8(text()?).ok()?))
                }
                "unlink" => Some(Call::Unlink(String::from_utf8(text()?).ok()?)),
                "pwrite64" => Some(Call::Write(file()?, last()?, text()?)),
                "ftruncate" => Some(Call::Truncate(file()?, last()?)),
                "fsync" | "fdatasync" => Some(Call::Sync(file()?)),
                _ => None,
            }
        })
        .filter(|call| match call {
            Call::Open(file) | Call::Unlink(file) | Call::Sync(file) => is_ours(file),
            Call::Write(file, ..) | Call::Truncate(file, _) => is_ours(file),
            Call::Said(_) => true,
        })
        .collect()
}

/// What `-xx` makes of a text.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|byte| u8::from_str_radix(byte, 16).expect("two digits")).collect()
}

fn hex(text: &str) -> Option<String> {
    String::from_utf8(bytes(text)).ok()
}

/// A file: what is on the disk for certain, and what has happened since.
#[derive(Debug, Default)]
struct File {
    synced: Option<Vec<u8>>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Make,
    Write(usize, Vec<u8>),
    Truncate(usize),
    Unlink,
}

impl Change {
    fn apply(&self, file: &mut Option<Vec<u8>>) {
        match self {
            Self::Make => drop(file.get_or_insert_default()),
            Self::Write(at, bytes) => {
                let file = file.get_or_insert_default();
                file.resize(file.len().max(at + bytes.len()), 0);
                file[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Truncate(length) => file.get_or_insert_default().resize(*length, 0),
            Self::Unlink => *file = None,
        }
    }

    /// The first sectors of a write.
    fn torn(&self, dice: &mut Dice) -> Self {
        match self {
            Self::Write(at, bytes) => {
                let sectors = dice.below(bytes.len() as u64 / SECTOR + 1);
                Self::Write(*at, bytes[..(sectors * SECTOR) as usize].to_vec())
            }
            other => other.clone(),
        }
    }
}

const SECTOR: u64 = 512;

/// What the disk has of that which nobody waited for.
#[derive(Clone, Copy, Debug)]
enum Loses {
    Everything,
    Nothing,
    /// Any of it, in any order, and in the middle of it.
    Something,
}

/// A disk with the files of one directory.
#[derive(Debug, Default)]
struct Disk(BTreeMap<String, File>);

impl Disk {
    fn take(&mut self, call: &Call) {
        let (file, change) = match call {
            Call::Open(file) => (file, Change::Make),
            Call::Write(file, at, bytes) => (file, Change::Write(*at, bytes.clone())),
            Call::Truncate(file, length) => (file, Change::Truncate(*length)),
            Call::Unlink(file) => (file, Change::Unlink),
            Call::Sync(file) => return self.sync(file),
            Call::Said(_) => return,
        };
        self.0.entry(file.clone()).or_default().pending.push(change);
    }

    fn sync(&mut self, synced: &str) {
        if let Some(file) = self.0.get_mut(synced) {
            let File { synced, pending } = file;
            pending.drain(..).for_each(|change| change.apply(synced));
            return;
        }
        // The directory: what is in it and what not.
        for file in self.0.values_mut() {
            let File { synced, pending } = file;
            let is_entry = |change: &mut Change| matches!(change, Change::Make | Change::Unlink);
            pending.extract_if(.., is_entry).for_each(|change| change.apply(synced));
        }
    }

    /// Writes the files as they may be after a loss of power.
    fn restore(&self, path: &Path, into: &Path, loses: Loses, dice: &mut Dice) {
        for (name, file) in &self.0 {
            let mut left = file.synced.clone();
            for change in &file.pending {
                match (loses, dice.below(8)) {
                    (Loses::Everything, _) | (Loses::Something, 0..3) => {}
                    (Loses::Something, 3) => change.torn(dice).apply(&mut left),
                    (Loses::Something, _) | (Loses::Nothing, _) => change.apply(&mut left),
                }
            }
            let suffix = name.strip_prefix(&path.display().to_string()).expect("it is ours");
            let to = into.with_extension(format!("db{suffix}"));
            match left {
                Some(bytes) => std::fs::write(to, bytes).expect("writes"),
                None => drop(std::fs::remove_file(to)),
            }
        }
    }
}

/// Cuts the power after every call of a child that appends; what was lost of what it had said.
fn cut_after_every_call(name: &str, work: Work, is_sound: bool) -> u64 {
    let mut dice = Dice::of(name);
    let recorded = Trial::new();
    let calls = calls(&record(work, &recorded.path), &recorded.path);
    let (mut disk, mut said, mut lost) = (Disk::default(), Vec::new(), 0);
    let mut tally = crate::account::Tally::default();
    for call in &calls {
        disk.take(call);
        if let Call::Said(text) = call {
            said.extend(text.lines().filter_map(|line| line.strip_suffix(" .")).map(String::from));
        }
        for loses in [Loses::Everything, Loses::Nothing, Loses::Something, Loses::Something] {
            let mut trial = Trial::new();
            trial.enter(&said);
            disk.restore(&recorded.path, &trial.path, loses, &mut dice);
            let found = trial.judge(work);
            lost += found.lost;
            if is_sound {
                trial.check(&format!("{name}: {loses:?} after {call:?}"));
                tally += trial.tally;
            }
        }
    }
    let syncs = calls.iter().filter(|call| matches!(call, Call::Sync(_))).count();
    println!("{name}: {} calls, {syncs} of them syncs: {tally}", calls.len());
    assert!(syncs > 4 && said.iter().filter(|line| line.starts_with("acknowledged")).count() == 4);
    lost
}

#[test]
fn power_cut_after_any_call_loses_nothing_that_was_acknowledged() {
    if have_strace() {
        assert_eq!(cut_after_every_call("power cut", Work::AppendFew, true), 0);
    }
}

/// The same without waiting for the disk, which promises less.
#[test]
fn store_that_does_not_wait_for_the_disk_is_caught() {
    if have_strace() {
        let lost = cut_after_every_call("no sync", Work::AppendFewUnsafely, false);
        println!("no sync: {lost} acknowledged events were lost");
        assert!(lost > 0, "the account must notice what is lost");
    }
}
