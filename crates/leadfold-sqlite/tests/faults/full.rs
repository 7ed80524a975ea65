//! A disk that gets full at every step, and has room again later.

use std::path::{Path, PathBuf};
use std::process::Command;

use leadfold_sqlite::SqliteStore;
use leadfold_store::{AppendError, Blocking, StoreError, StoreErrorKind};

use crate::account::{Account, Tally, batch, batch_len, first_of};
use crate::child::Work;

/// Tells the binary, started again, where its small disk is.
const DISK: &str = "LEADFOLD_FAULT_DISK";
const DISK_BYTES: u64 = 2 << 20;
const PAGE: u64 = 4_096;
/// So many pages are left at the last step: by then everything fits.
const PAGES: u64 = 300;
/// Appends of a step.
const STEPS: usize = 12;

/// Every amount of room, page by page.
#[test]
fn disk_that_is_full_at_any_step_loses_nothing_and_has_room_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let script = "mount -t tmpfs -o size=$1 tmpfs \"$2\" && shift 2 && exec \"$@\"";
    let program = std::env::current_exe().expect("tests are programs");
    // Mounted for that process alone: it goes when the process ends.
    let mut small = Command::new("unshare");
    small.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    small.arg(DISK_BYTES.to_string()).arg(directory.path()).arg(program);
    small.args(["full::on_a_small_disk", "--exact", "--nocapture"]).env(DISK, directory.path());
    let Ok(output) = small.output() else {
        return println!("left out: there is no unshare to mount a small disk with");
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if !said.contains("running 1 test") {
        let why = String::from_utf8_lossy(&output.stderr);
        return println!("left out: this system does not let a test mount a small disk ({why})");
    }
    println!("{said}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn on_a_small_disk() {
    let Some(disk) = std::env::var_os(DISK).map(PathBuf::from) else { return };
    let mut counts = Counts::default();
    for pages in 0..PAGES {
        let directory = disk.join(pages.to_string());
        std::fs::create_dir(&directory).expect("an entry needs no room");
        counts.run(&disk.join("filler"), &directory.join("log.db"), pages);
        std::fs::remove_dir_all(&directory).expect("it is ours");
    }
    let Counts { tally, refused_opening, full, failed, whole } = counts;
    println!(
        "full disk: {tally}; {refused_opening} times no room to open, {full} appends refused for \
         lack of room, {failed} handles done with, {whole} times room for all"
    );
    assert!(refused_opening > 0 && full > 0 && whole > 0, "every step was seen");
}

#[derive(Default)]
struct Counts {
    tally: Tally,
    refused_opening: u64,
    full: u64,
    failed: u64,
    whole: u64,
}

impl Counts {
    /// Leaves so many pages of room, fills them, makes room, and goes on.
    fn run(&mut self, filler: &Path, path: &Path, pages: u64) {
        let mut account = Account::default();
        leave_room(filler, path.parent().expect("it has one"), pages * PAGE);
        let mut first = first_of(0);
        let store = open(path);
        match &store {
            Ok(store) => first = self.fill(store, &mut account, first),
            Err(error) => {
                assert!(is_for_lack_of_room(error.kind()), "{error}");
                self.refused_opening += 1;
            }
        }
        std::fs::remove_file(filler).expect("it is there");
        let mut store = store;
        if self.append(&store, &mut account, &mut first).is_err() {
            // Only an error of the disk itself ends a handle.
            drop(store);
            store = open(path);
            self.append(&store, &mut account, &mut first).expect("there is room");
        }
        let store = store.expect("it has opened");
        let tally = account.judge(&store.events(0, usize::MAX).expect("reads"));
        assert!(tally.is_clean(), "{pages} pages: {tally}");
        assert_eq!(tally.acknowledged, tally.found, "{pages} pages");
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), [], "{pages} pages");
        self.tally += tally;
    }

    /// Appends until there is no room.
    fn fill(&mut self, store: &Blocking<SqliteStore>, account: &mut Account, first: u64) -> u64 {
        let mut first = first;
        for _ in 0..STEPS {
            account.tries(first);
            match store.append(batch(first)) {
                Ok(appended) => first = account.acknowledges(first, position(&appended, first)),
                Err(AppendError::Store(error)) => {
                    assert!(is_for_lack_of_room(error.kind()), "{error}");
                    self.full += u64::from(error.is_full());
                    return first;
                }
                Err(error) => panic!("{error}"),
            }
        }
        self.whole += 1;
        first
    }

    /// Repeats what was refused.
    fn append(
        &mut self,
        store: &Result<Blocking<SqliteStore>, StoreError>,
        account: &mut Account,
        first: &mut u64,
    ) -> Result<(), ()> {
        let Ok(store) = store else { return Err(()) };
        account.tries(*first);
        match store.append(batch(*first)) {
            Ok(appended) => {
                *first = account.acknowledges(*first, position(&appended, *first));
                Ok(())
            }
            Err(AppendError::Store(error)) => {
                assert_eq!(error.kind(), StoreErrorKind::Closed, "{error}");
                self.failed += 1;
                Err(())
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn position(appended: &leadfold_store::Appended, first: u64) -> u64 {
    assert_eq!(appended.outcomes.len() as u64, batch_len(first));
    appended.outcomes[0].position().expect("it has a place")
}

/// SQLite has no room for the map of its log's index where it says that input and output failed.
fn is_for_lack_of_room(kind: StoreErrorKind) -> bool {
    matches!(kind, StoreErrorKind::Full | StoreErrorKind::Io)
}

fn open(path: &Path) -> Result<Blocking<SqliteStore>, StoreError> {
    SqliteStore::open_with(path, &Work::Append.options()).map(Blocking)
}

/// Fills the disk but for some bytes.
fn leave_room(filler: &Path, directory: &Path, bytes: u64) {
    let free = free_bytes(directory);
    let file = vec![0; free.saturating_sub(bytes) as usize];
    std::fs::write(filler, file).expect("that much is free");
}

fn free_bytes(directory: &Path) -> u64 {
    let output = Command::new("stat").args(["-f", "-c", "%a %S"]).arg(directory).output();
    let output = String::from_utf8(output.expect("there is stat").stdout).expect("numbers");
    output.split_whitespace().map(|number| number.parse::<u64>().expect("a number")).product()
}
