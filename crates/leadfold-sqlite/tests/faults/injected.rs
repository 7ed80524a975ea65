//! Every system call that writes goes wrong once: with an error, with no room, and as the place
//! where the process dies.

use std::process::Command;

use leadfold_store::StoreErrorKind;

use crate::account::Tally;
use crate::child::{Child, Work, command, refusals};
use crate::strace::{Fault, Injected, have_strace, inject, syncs};
use crate::trial::Trial;

/// The calls by which SQLite writes.
const CALLS: [&str; 6] = ["pwrite64", "fsync", "fdatasync", "ftruncate", "openat", "unlink"];
/// No work makes more calls of a kind in one thread.
const CALLS_MAX: usize = 2_000;

/// How a trial begins that a fault is to meet.
#[derive(Clone, Copy, Debug)]
enum Begin {
    /// No file.
    New,
    /// Events that a process left in the write-ahead log when it was killed.
    Killed,
    /// Events in a file of version 1.
    Aged,
}

impl Begin {
    fn trial(self) -> Trial {
        let mut trial = Trial::new();
        if let Self::New = self {
            return trial;
        }
        let mut child = Child::start(Work::AppendMany, &trial.path);
        child.hear("waits");
        trial.enter(&child.kill());
        if let Self::Aged = self {
            trial.check("before it is aged");
            trial.age(1);
        }
        trial
    }
}

/// What was counted of a kind of fault.
#[derive(Debug, Default)]
struct Counts {
    runs: u64,
    refused: u64,
    /// Runs in which the call's failure was made good without anybody's notice.
    unnoticed: u64,
    violations: Vec<String>,
}

/// Lets the first, the second ... call fail, until the work is done without that.
fn every_call(begin: Begin, work: Work, fault: Fault) -> Counts {
    let mut counts = Counts::default();
    let sound = begin.trial();
    for n in 1..CALLS_MAX {
        let mut trial = sound.copy();
        let injected = inject(work, &trial.path, fault, n);
        trial.enter(&injected.said);
        let what = format!("{begin:?} {work:?} {fault:?} {n}");
        trial.check(&what);
        trial.check_snapshot(&what);
        if injected.hits == 0 {
            let is_done = injected.said.last().is_some_and(|line| line == "closed");
            assert!(is_done, "{what}: {:?}", injected.said);
            assert!(work != Work::SealFew || trial.unsealed() < 8, "{what}: it has not sealed");
            return counts;
        }
        counts.runs += 1;
        counts.look(&what, fault, &injected);
    }
    panic!("{begin:?} {work:?} {fault:?}: more than {CALLS_MAX} calls")
}

impl Counts {
    fn look(&mut self, what: &str, fault: Fault, injected: &Injected) {
        let refused = refusals(&injected.said);
        self.refused += u64::from(!refused.is_empty());
        self.unnoticed += u64::from(refused.is_empty());
        if refused.iter().any(|kind| kind == "Other") {
            self.violations.push(format!("{what}: an error of no kind"));
        }
        if is_acknowledged_after(&injected.said, StoreErrorKind::Io) {
            self.violations.push(format!("{what}: acknowledged after a failed write"));
        }
        let is_sync = fault.call.ends_with("sync") && fault.how.starts_with("error=");
        if is_sync && injected.is_acknowledged_after {
            self.violations.push(format!("{what}: acknowledged after a failed sync"));
        }
    }
}

/// Whether a handle acknowledged something after it had refused something for this reason.
fn is_acknowledged_after(said: &[String], kind: StoreErrorKind) -> bool {
    let refused = ["appending", "shelving"].map(|what| format!("refused {kind:?} {what}"));
    let mut later = said.iter().skip_while(|line| !refused.contains(line));
    later.any(|line| line.starts_with("acknowledged") || line.starts_with("shelved"))
}

fn every_write(name: &str, how: &'static str, works: &[(Begin, Work)]) {
    if !have_strace() {
        return;
    }
    let mut sum = Counts::default();
    for (begin, work) in works {
        for call in CALLS {
            let counts = every_call(*begin, *work, Fault { call, how });
            println!("{name}: {begin:?} {work:?} {call}: {counts:?}");
            sum.runs += counts.runs;
            sum.violations.extend(counts.violations);
        }
    }
    println!("{name}: {} calls went wrong", sum.runs);
    assert!(sum.runs > 50, "{sum:?}");
    assert_eq!(sum.violations, Vec::<String>::new());
}

const WORKS: [(Begin, Work); 5] = [
    (Begin::New, Work::AppendFew),
    (Begin::Killed, Work::AppendFew),
    (Begin::Killed, Work::SealFew),
    (Begin::Killed, Work::ShelveFew),
    (Begin::Aged, Work::Open),
];

#[test]
fn every_write_fails_once() {
    every_write("EIO", "error=EIO", &WORKS);
}

#[test]
fn every_write_finds_no_room_once() {
    every_write("ENOSPC", "error=ENOSPC", &WORKS);
}

#[test]
fn every_write_is_the_last_once() {
    every_write("SIGKILL", "signal=KILL", &WORKS);
}

/// SQLite does it again.
#[test]
fn every_write_is_interrupted_once() {
    every_write("EINTR", "error=EINTR", &WORKS[..1]);
}

/// The file and its write-ahead log cannot grow beyond a size: the write that reaches it is cut
/// short, and the next one fails. The size grows by a little less than a page each time.
#[test]
fn every_write_is_cut_short_once() {
    let script = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let program = std::env::current_exe().expect("tests are programs");
    let mut counts = Counts::default();
    let mut tally = Tally::default();
    for bytes in (100..).step_by(3_989) {
        let mut trial = Trial::new();
        let mut limited = Command::new("prlimit");
        limited.args([&format!("--fsize={bytes}"), "sh", "-c", script]).arg(&program);
        let said = command(&mut limited, 0, Work::AppendFew, &trial.path).end();
        trial.enter(&said);
        let what = format!("files of {bytes} bytes");
        trial.check(&what);
        tally += trial.tally;
        if refusals(&said).is_empty() {
            break;
        }
        counts.runs += 1;
        counts.look(&what, SHORT, &Injected { said, hits: 1, is_acknowledged_after: false });
    }
    println!("cut short: {} writes, {tally}", counts.runs);
    assert!(counts.runs > 20, "{counts:?}");
    assert_eq!(counts.violations, Vec::<String>::new());
}

const SHORT: Fault = Fault { call: "pwrite64", how: "short" };

/// SQLite copies the write-ahead log to the file now and then, in the middle of an append, and
/// keeps to itself that a sync of this failed. The handle must be done for all the same.
#[test]
fn failed_sync_of_a_checkpoint_is_no_secret() {
    if !have_strace() {
        return;
    }
    let trial = Trial::new();
    let syncs = syncs_of_checkpoint(&syncs(Work::AppendMuch, &trial.path));
    println!("failed sync of a checkpoint: the syncs {syncs:?} of the writer");
    for n in syncs {
        let trial = Trial::new();
        let fault = Fault { call: "fsync", how: "error=EIO" };
        let injected = inject(Work::AppendMuch, &trial.path, fault, n);
        let refused = refusals(&injected.said);
        assert_eq!((injected.hits, refused[0].as_str(), refused[1].as_str()), (1, "Io", "Closed"));
        assert!(!injected.is_acknowledged_after, "acknowledged after a failed sync");
        let is_acknowledged = |line: &&String| line.starts_with("acknowledged");
        let acknowledged = injected.said.iter().filter(is_acknowledged).count() as u64;
        let store = trial.open();
        // The append that came upon it is there: only its acknowledgement is not.
        assert_eq!(store.head().expect("reads"), acknowledged + 1);
        assert_eq!(store.verify(&mut |_, _| {}).expect("reads"), []);
    }
}

/// Which syncs of the thread that writes are those of the first checkpoint, counted from 1.
fn syncs_of_checkpoint(trace: &str) -> Vec<usize> {
    let writer = trace.lines().find(|line| line.contains("log.db-wal>"));
    let writer = writer.and_then(|line| line.split(' ').next()).expect("somebody writes");
    let syncs: Vec<_> = trace.lines().filter(|line| line.starts_with(writer)).collect();
    let file = syncs.iter().position(|line| line.contains("log.db>")).expect("it is copied");
    assert!(syncs[file - 1].contains("log.db-wal>"), "first what is copied");
    vec![file, file + 1]
}

/// One that acknowledges what its medium then refuses.
#[test]
fn store_that_does_not_wait_for_its_medium_is_caught() {
    if !have_strace() {
        return;
    }
    let mut trial = Trial::new();
    drop(trial.open());
    let fault = Fault { call: "fsync", how: "error=EIO" };
    let injected = inject(Work::AcknowledgeTooSoon, &trial.path, fault, 5);
    trial.enter(&injected.said);
    let tally = trial.judge(Work::Append);
    println!("does not wait for its medium: {tally}");
    assert!(tally.lost > 0, "the account must notice what is lost");
    assert!(injected.is_acknowledged_after, "and the recording that it was acknowledged");
}
