//! What every store must do, clause by clause: a store is done when all of them pass.
//!
//! Each [`Clause`] gets a store on a new log and panics where the store breaks the contract of
//! [`EventStore`]. [`conformance_tests!`](crate::conformance_tests) makes one test of each clause,
//! so that a new clause is run by every store without anybody's doing:
//!
//! ```
//! # use leadfold_store::MemoryStore;
//! leadfold_testkit::conformance_tests!(MemoryStore::new);
//! # fn main() {}
//! ```
//!
//! A store that outlives its process also says how its log is opened again; see [`Subject`].
//! What no clause can see from outside (power loss, a full disk, damage) is the adapter's to test.
//! For a property test against the store in memory there are [`same::any_append`] and
//! [`same::assert_same`].

mod appending;
mod conditions;
mod correcting;
mod dropping;
mod hostile;
mod limits;
mod linear;
mod list;
mod paging;
pub mod projections;
mod reading;
mod reopening;
pub mod same;
mod sharing;
mod snapshots;
mod subject;
pub mod support;
mod waiting;

use std::fmt::Write;

use leadfold_store::EventStore;

pub use self::subject::Subject;
pub use self::waiting::with_patience;

/// One thing that every store must do.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// Its name, which is the name of its test.
    pub name: &'static str,
    /// What it is about.
    pub topic: &'static str,
    /// What it demands, in a sentence.
    pub what: &'static str,
    check: Check,
}

/// What a clause needs.
#[derive(Clone, Copy, Debug)]
enum Check {
    /// A store on a new log.
    Store(fn(&dyn EventStore)),
    /// A new log that can be opened again. Left out where it cannot.
    Log(fn(&mut Subject)),
}

impl Clause {
    /// Holds the clause against a store on a new log.
    ///
    /// # Panics
    /// Where the store breaks the clause.
    pub fn run(&self, subject: impl Into<Subject>) {
        let mut subject = subject.into();
        match self.check {
            _ if subject.is_left_out() => {}
            Check::Store(check) => check(subject.store()),
            Check::Log(check) if subject.can_reopen() => check(&mut subject),
            Check::Log(_) => {}
        }
    }
}

macro_rules! clauses {
    ($($topic:ident $kind:ident: $($name:ident $what:literal)*;)*) => {
        &[$($(Clause {
            name: stringify!($name),
            topic: stringify!($topic),
            what: $what,
            check: Check::$kind($topic::$name),
        },)*)*]
    };
}

/// All clauses.
pub const CLAUSES: &[Clause] = crate::__conformance_clauses!([clauses]);

/// Holds one clause against a store on a new log: what each test of
/// [`conformance_tests!`](crate::conformance_tests) does.
///
/// ```
/// # use leadfold_store::MemoryStore;
/// # use leadfold_testkit::conformance;
/// conformance::run("empty_log_has_nothing", MemoryStore::new);
/// ```
///
/// # Panics
/// Where the store breaks the clause, and where there is no clause of the name.
pub fn run<S: Into<Subject>>(name: &str, make: impl FnOnce() -> S) {
    let clause = CLAUSES.iter().find(|clause| clause.name == name);
    clause.unwrap_or_else(|| panic!("expected the name of a clause, found {name}")).run(make());
}

/// Holds all clauses against stores of one kind, each against one on a log of its own.
///
/// # Panics
/// Where a store breaks a clause.
pub fn run_all<S: Into<Subject>>(mut make: impl FnMut() -> S) {
    for clause in CLAUSES {
        println!("clause {}", clause.name);
        clause.run(make());
    }
}

/// The clauses as a list in Markdown, for `docs/STORES.md`.
pub fn draw() -> String {
    let mut out = String::new();
    let mut topic = "";
    for clause in CLAUSES {
        if clause.topic != topic {
            topic = clause.topic;
            let _ = write!(out, "\nThe clauses of {topic}:\n\n");
        }
        let _ = writeln!(out, "- `{}`: {}", clause.name, clause.what);
    }
    out.push_str("\nThe clauses of projections, for a `ProjectionStore`:\n\n");
    for (name, what) in projections::CLAUSES {
        let _ = writeln!(out, "- `{name}`: {what}");
    }
    out.push('\n');
    out
}
