//! `strace`, which makes system calls fail and writes down what they did.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{Child, Work, command};

/// With it set to 1 the tests that need strace are left out.
const SKIP: &str = "LEADFOLD_SKIP_STRACE";

/// Whether strace is here; the end of the test where it is to be left out.
///
/// # Panics
/// Where there is none, unless the tests are to be left out.
pub(crate) fn have_strace() -> bool {
    if std::env::var(SKIP).is_ok_and(|value| value == "1") {
        eprintln!("left out, because {SKIP}=1: this test needs strace");
        return false;
    }
    let is_there = Command::new("strace").arg("-V").output().is_ok();
    assert!(
        is_there,
        "expected strace in PATH, found none: apt-get install -y strace, or set {SKIP}=1"
    );
    true
}

/// A system call that goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) call: &'static str,
    /// What strace makes of it: `error=EIO`, `signal=KILL` ...
    pub(crate) how: &'static str,
}

/// What became of a child whose n-th call went wrong.
pub(crate) struct Injected {
    pub(crate) said: Vec<String>,
    /// How many calls went wrong: each thread counts its own.
    pub(crate) hits: usize,
    /// Whether something was acknowledged after one of them.
    pub(crate) is_acknowledged_after: bool,
}

/// Runs a child on a file and lets its n-th call of some kind fail.
pub(crate) fn inject(work: Work, path: &Path, fault: Fault, n: usize) -> Injected {
    let trace = path.with_extension("trace");
    let Fault { call, how } = fault;
    let mut strace = traced(&trace);
    strace.args(["-y", "-e", &format!("trace={call},write")]);
    strace.args(["-e", &format!("inject={call}:{how}:when={n}")]);
    if how.starts_with("error") {
        // Other calls do not stop then, which is faster; but nothing is killed either.
        strace.arg("--seccomp-bpf");
    }
    if matches!(call, "openat" | "mmap" | "unlink") {
        // Programs open and map other files, too. What is said is not seen then.
        for file in files(path) {
            strace.arg("-P").arg(file);
        }
    }
    let said = run(&mut strace, work, path);
    let trace = std::fs::read_to_string(&trace).expect("strace wrote it");
    let (hits, is_acknowledged_after) = follow(&trace, path);
    // A process that was killed has no end of its call.
    let is_killed = how.contains("KILL") && !said.iter().any(|line| line == "closed");
    Injected { said, hits: hits.max(usize::from(is_killed)), is_acknowledged_after }
}

/// How many calls of a recording went wrong, and whether something was acknowledged afterwards.
///
/// That a directory does not sync matters unless it does before the acknowledgement: leadfold sees
/// to that once when the file is open, and SQLite does it more often and ignores how it ends.
fn follow(trace: &str, path: &Path) -> (usize, bool) {
    let directory = format!("<{}>)", path.parent().expect("it is in a directory").display());
    let (mut hits, mut is_synced, mut is_acknowledged_after) = (0, false, false);
    let (mut has_failed, mut directory_has_failed) = (false, false);
    for line in trace.lines() {
        match (line.contains(&directory), line.contains("(INJECTED)")) {
            (true, true) => directory_has_failed |= !is_synced,
            (false, true) => has_failed = true,
            (true, false) if line.ends_with("= 0") => {
                (is_synced, directory_has_failed) = (true, false);
            }
            _ => {}
        }
        hits += usize::from(line.contains("(INJECTED)"));
        let said = line.contains(" write(1<");
        is_synced &= !(said && line.contains("\"opened"));
        let is_acknowledged = said && line.contains("\"acknowledged");
        is_acknowledged_after |= is_acknowledged && (has_failed || directory_has_failed);
    }
    (hits, is_acknowledged_after)
}

/// Writes down every call that changes files, whole.
pub(crate) fn record(work: Work, path: &Path) -> String {
    let trace = path.with_extension("trace");
    let mut strace = traced(&trace);
    strace.args(["-y", "-xx", "-s", "1000000", "-e"]);
    strace.arg("trace=openat,unlink,pwrite64,write,ftruncate,fsync,fdatasync");
    run(&mut strace, work, path);
    std::fs::read_to_string(&trace).expect("strace wrote it")
}

/// Writes down every sync, and of which file.
pub(crate) fn syncs(work: Work, path: &Path) -> String {
    let trace = path.with_extension("trace");
    run(traced(&trace).args(["-y", "-e", "trace=fsync"]), work, path);
    std::fs::read_to_string(&trace).expect("strace wrote it")
}

fn traced(trace: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(trace);
    strace
}

fn run(strace: &mut Command, work: Work, path: &Path) -> Vec<String> {
    let child: Child =
        command(strace.arg(std::env::current_exe().expect("a program")), 0, work, path);
    child.end()
}

/// The file and those beside it.
fn files(path: &Path) -> [PathBuf; 5] {
    let beside = |suffix: &str| path.with_extension(format!("db{suffix}"));
    let directory = path.parent().expect("it is in a directory").to_owned();
    [beside(""), beside("-wal"), beside("-shm"), beside("-journal"), directory]
}

#[test]
fn acknowledgement_after_a_failed_sync_is_noticed() {
    let file = "7 fsync(4</d/log.db-wal>) = -1 EIO (Input/output error) (INJECTED)";
    let directory = "7 fsync(5</d>) = -1 EIO (Input/output error) (INJECTED)";
    let synced = "7 fsync(5</d>)                   = 0";
    let said = "6 write(1<pipe:[1]>, \"acknowledged 1 1 .\\n\", 19) = 19";
    let follow = |lines: &[&str]| follow(&lines.join("\n"), Path::new("/d/log.db"));
    assert_eq!(follow(&[said, file]), (1, false));
    assert_eq!(follow(&[file, said]), (1, true));
    assert_eq!(follow(&[file, synced, said]), (1, true), "that is another thing");
    assert_eq!(follow(&[directory, said]), (1, true));
    assert_eq!(follow(&[directory, synced, said]), (1, false), "it was made good");
    assert_eq!(follow(&[synced, said, directory, said]), (1, false), "it had been synced");
}
