//! A process that works on a file until it is killed: this binary, started again.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child as Process, ChildStdout, Command, Stdio};
use std::time::Duration;

use leadfold_core::{Bounds, Playbook};
use leadfold_engine::{Restored, Sample, View};
use leadfold_sqlite::{Durability, Options, SqliteStore};
use leadfold_store::{Append, AppendError, Blocking, Outcome, StoreError, block_on};
use leadfold_testkit::conformance::support::lost;

use crate::account::{Account, batch, batch_len, first_of};
use crate::project;

/// Tells the binary, started again, what to do with which file.
const CHILD: &str = "LEADFOLD_FAULT_CHILD";
/// A child that nobody kills ends all the same.
const STEPS_MAX: usize = 600;
/// So many appends of two mebibytes and more make the write-ahead log be copied in between.
const MUCH: usize = 32;

/// What a child does with the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    /// Appends batch after batch.
    Append,
    /// Appends one batch, waits to be let go on, and appends some more beside others who do, too.
    AppendSome,
    /// Appends four, goes on after errors, and closes the file.
    AppendFew,
    /// The same without waiting for the disk.
    AppendFewUnsafely,
    /// Repeats what the log has with each batch, and has events refused singly.
    Import,
    /// Seals every eight events, which merges runs of all levels, too.
    Seal,
    /// Appends four, seals with each of them, and closes the file.
    SealFew,
    /// Derives everything anew between two batches.
    Rebuild,
    /// Keeps a snapshot after every batch.
    Shelve,
    /// The same with four batches, and closes the file.
    ShelveFew,
    /// Opens the file, of whatever version, and closes it.
    Open,
    /// Appends so much that the write-ahead log is copied to the file in between.
    AppendMuch,
    /// Appends one batch and waits to be killed.
    AppendOne,
    /// The same with fourteen.
    AppendMany,
    /// Has a projection take in every batch.
    Project,
    /// Has a projection take in what others append.
    Follow,
    /// Builds, shows and deletes a new version of a projection after every batch.
    Promote,
    /// Broken: acknowledges before it appends.
    AcknowledgeTooSoon,
    /// Broken: commits a projection's checkpoint before its effect.
    CheckpointFirst,
    /// Broken: commits a projection's effect before its checkpoint.
    CheckpointLast,
    /// Broken: shows the tables of a new version one after the other.
    PromoteByHalves,
}

use Work::{
    AcknowledgeTooSoon, Append as Appends, AppendFew, AppendFewUnsafely, AppendMany, AppendMuch,
    AppendOne, AppendSome, CheckpointFirst, CheckpointLast, Follow, Import, Open, Project, Promote,
    PromoteByHalves, Rebuild, Seal, SealFew, Shelve, ShelveFew,
};

const ALL: [Work; 21] = [
    Appends,
    AppendSome,
    AppendFew,
    AppendFewUnsafely,
    Import,
    Seal,
    SealFew,
    Rebuild,
    Shelve,
    ShelveFew,
    Open,
    AppendMuch,
    AppendOne,
    AppendMany,
    Project,
    Follow,
    Promote,
    AcknowledgeTooSoon,
    CheckpointFirst,
    CheckpointLast,
    PromoteByHalves,
];

impl Work {
    pub(crate) fn options(self) -> Options {
        let mut options = Options { readers: 1, seal_events: 64, ..Options::default() };
        // Several processes take turns on a disk that may be slow.
        options.busy_timeout = Duration::from_secs(60);
        match self {
            Seal | SealFew => options.seal_events = 8,
            AppendFewUnsafely => {
                options.durability = Durability::UnsafeFasterMayLoseAcknowledgedEvents;
            }
            _ => {}
        }
        options
    }

    fn steps(self) -> usize {
        match self {
            Open | Follow => 0,
            AppendOne => 1,
            AppendFew | AppendFewUnsafely | SealFew | ShelveFew => 4,
            AppendMany => 14,
            AppendMuch => MUCH,
            AppendSome => 60,
            _ => STEPS_MAX,
        }
    }
}

/// The process itself. Every line ends with a full stop, so that half a line is none.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let mut told = told.splitn(3, ' ');
    let mut next = || told.next().expect("who it is, what to do, and with what");
    let (writer, work, path) = (next().parse().expect("a number"), next(), next());
    let work = ALL.into_iter().find(|one| format!("{one:?}") == work).expect("work it knows");
    println!("begins .");
    let store = match SqliteStore::open_with(path, &work.options()) {
        Ok(store) => Blocking(store),
        Err(error) => return println!("refused {:?} opening .", error.kind()),
    };
    println!("opened .");
    let head = store.head().expect("reads");
    // The first writer goes on where it was killed.
    let mut first = first_of(writer) + if writer == 0 && work != AppendSome { head } else { 0 };
    let mut is_to_wait = work == AppendSome;
    for _ in 0..work.steps() {
        // Its first batch may be refused, where others append theirs: then it tries again.
        if is_to_wait && first > first_of(writer) {
            is_to_wait = false;
            wait();
        }
        println!("tries {first} .");
        if work == AcknowledgeTooSoon {
            println!("acknowledged {first} {first} .");
        }
        match store.append(append(work, first)) {
            Ok(appended) => first = acknowledge(work, first, &appended.outcomes),
            Err(AppendError::Store(error)) => println!("refused {:?} appending .", error.kind()),
            Err(error) => panic!("{error}"),
        }
        derive(work, &store.0, Path::new(path));
    }
    if work == Follow {
        project::follow(&store.0, Path::new(path));
    }
    if matches!(work, AppendOne | AppendMany) {
        println!("waits .");
        wait();
    }
    drop(store);
    println!("closed .");
}

/// Until the parent lets go on, or kills.
fn wait() {
    std::io::stdin().read_to_end(&mut Vec::new()).expect("waits");
}

/// What is done between two batches.
fn derive(work: Work, store: &SqliteStore, path: &Path) {
    match work {
        Rebuild => {
            block_on(store.rebuild_facts()).expect("it rebuilds");
            println!("rebuilt .");
        }
        Shelve | ShelveFew => match shelve(store) {
            Ok(position) => println!("shelved {position} ."),
            Err(error) => println!("refused {:?} shelving .", error.kind()),
        },
        Project => project::catch_up(store, path),
        Promote | PromoteByHalves => project::promote(work, store, path),
        CheckpointFirst | CheckpointLast => project::catch_up_apart(work, store, path),
        _ => {}
    }
}

/// Goes on from the snapshot that is there, and keeps another one; says where.
fn shelve(store: &SqliteStore) -> Result<u64, StoreError> {
    let mut view = View::new(store, Playbook::default(), Bounds::default());
    let restored = block_on(view.restore(Sample::ALL))?;
    assert!(!matches!(restored, Restored::Refused(_)), "{restored:?}");
    block_on(view.catch_up(|_, _| {}))?;
    assert!(block_on(view.keep_snapshot())?, "the store keeps snapshots");
    Ok(view.position())
}

fn append(work: Work, first: u64) -> Append {
    let mut append = batch(first);
    if work == AppendMuch {
        // Such events are of no account: nobody asks for their content.
        append.events = vec![lost(first, "L1", &format!("{first:9} ").repeat(90_000))];
    }
    if work == Import {
        let known = first.saturating_sub(20).max(first_of(0))..first;
        append.events.splice(0..0, known.map(crate::account::numbered));
        return append.refusing_singly();
    }
    append
}

fn acknowledge(work: Work, first: u64, outcomes: &[Outcome]) -> u64 {
    let len = if work == AppendMuch { 1 } else { batch_len(first) };
    let (known, new) = outcomes.split_at(outcomes.len() - len as usize);
    assert!(known.iter().all(|outcome| matches!(outcome, Outcome::Duplicate { .. })));
    // A batch that failed may have been written all the same: then it is known already.
    let position = new[0].position().expect("it has a place");
    println!("acknowledged {first} {position} .");
    first + len
}

/// A child, as its parent sees it.
pub(crate) struct Child {
    process: Process,
    lines: BufReader<ChildStdout>,
    /// What it has said so far.
    pub(crate) said: Vec<String>,
}

/// A command that starts this binary as a child.
pub(crate) fn command(program: &mut Command, writer: u32, work: Work, path: &Path) -> Child {
    let mut process = program
        .args(["child::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{writer} {work:?} {}", path.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let lines = BufReader::new(process.stdout.take().expect("it is piped"));
    Child { process, lines, said: Vec::new() }
}

impl Child {
    pub(crate) fn start(work: Work, path: &Path) -> Self {
        Self::start_as(0, work, path)
    }

    /// One of several, which count their own numbers.
    pub(crate) fn start_as(writer: u32, work: Work, path: &Path) -> Self {
        let program = std::env::current_exe().expect("tests are programs");
        command(&mut Command::new(program), writer, work, path)
    }

    /// Waits for the next line; whether there is one.
    pub(crate) fn listen(&mut self) -> bool {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("a pipe reads") == 0 {
                return false;
            }
            // The test harness speaks, too, and does not end its line.
            let line = line.trim_end().strip_suffix(" .");
            if let Some(line) = line.map(|line| line.rsplit("... ").next().unwrap_or_default()) {
                self.said.push(line.to_owned());
                return true;
            }
        }
    }

    /// Waits until it has said something that begins so.
    pub(crate) fn hear(&mut self, start: &str) {
        while !self.said.last().is_some_and(|line| line.starts_with(start)) {
            assert!(self.listen(), "it never said {start}, but {:?}", self.said);
        }
    }

    /// Ends its wait.
    pub(crate) fn let_go(&mut self) {
        drop(self.process.stdin.take());
    }

    /// SIGKILL, and what it had said by then.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().expect("it can be killed");
        self.end()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Vec<String> {
        while self.listen() {}
        self.process.wait().expect("it ends");
        self.said
    }
}

/// Enters what a child has said.
pub(crate) fn enter(said: &[String], account: &mut Account) {
    for line in said {
        let words: Vec<_> = line.split(' ').collect();
        let number = |index: usize| words[index].parse().expect("a number");
        match words[0] {
            "tries" => account.tries(number(1)),
            "acknowledged" => drop(account.acknowledges(number(1), number(2))),
            _ => {}
        }
    }
}

/// The kinds of errors that a child was refused with.
pub(crate) fn refusals(said: &[String]) -> Vec<String> {
    let kind = |line: &String| Some(line.strip_prefix("refused ")?.split(' ').next()?.to_owned());
    said.iter().filter_map(kind).collect()
}
