//! The rows of the table.

use super::log::Kind;

/// Of more leads, a minute is too long for an answer, and a round is left out.
const QUICK_LEADS_MAX: u32 = 2_000_000;
/// Of more leads, what takes a second or more an answer is asked fewer times.
const PATIENT_LEADS_MAX: u32 = 200_000;
/// What cqrs-es needs for its serialized events in memory.
const CQRS_BYTES_AN_EVENT: f64 = 1_300.0;

/// What is run for a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    /// A step of leadfold's own bench.
    Whole(&'static str),
    /// A script and its layout.
    Python(&'static str, &'static str),
    Cqrs,
}

/// What a row answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answers {
    All,
    /// The lines about money and customers.
    Part,
    Nothing,
}

/// The beginnings of the lines of [`Answers::Part`].
const PART: [&str; 3] = ["cost ", "customers ", "value "];

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) system: &'static str,
    pub(crate) what: &'static str,
    pub(crate) program: Program,
    pub(crate) threads: usize,
    /// The file that is dropped from the system's memory before each process.
    pub(crate) cold: Option<&'static str>,
    /// The step that makes what it reads, run before and not measured.
    pub(crate) after: Option<&'static str>,
    /// Measured once in a run: it takes long, and its spread changes nothing.
    pub(crate) once: bool,
    pub(crate) answers: Answers,
    /// It reads the store, or the lines that the store is made of.
    pub(crate) needs_store: bool,
    /// Bytes an event of the memory that it needs, where that is more than there may be.
    memory: f64,
}

const fn row(system: &'static str, what: &'static str, program: Program, threads: usize) -> Row {
    let answers = Answers::All;
    let (cold, after, once, needs_store, memory) = (None, None, false, false, 0.0);
    Row { system, what, program, threads, cold, after, once, answers, needs_store, memory }
}

const fn leadfold(what: &'static str, step: &'static str, threads: usize) -> Row {
    row("leadfold", what, Program::Whole(step), threads)
}

impl Row {
    const fn cold(self, file: &'static str) -> Self {
        Self { cold: Some(file), ..self }
    }

    const fn after(self, step: &'static str) -> Self {
        Self { after: Some(step), ..self }
    }

    const fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }

    const fn answering(self, answers: Answers) -> Self {
        Self { answers, ..self }
    }

    const fn in_store(self) -> Self {
        Self { needs_store: true, ..self }
    }

    /// Rounds of a process. The first of several warms it and is left out.
    pub(crate) fn rounds(&self, leads: u32) -> usize {
        match self.program {
            Program::Whole("import" | "lines") => 1,
            _ if self.cold.is_some() || self.once => 1,
            _ if leads > QUICK_LEADS_MAX => 3,
            _ => 4,
        }
    }

    /// What `--without` looks at.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.system, self.what)
    }

    pub(crate) fn is_import(&self) -> bool {
        self.program == Program::Whole("import")
    }

    /// The lines of an answer that the row has to give.
    pub(crate) fn expected(&self, answer: &[String]) -> Vec<String> {
        let is_wanted = |line: &&String| match self.answers {
            Answers::All => true,
            Answers::Part => PART.iter().any(|part| line.starts_with(part)),
            Answers::Nothing => false,
        };
        answer.iter().filter(is_wanted).cloned().collect()
    }

    /// Why it is left out for a log of so many leads and events, if it is.
    pub(crate) fn left_out(&self, leads: u32, events: f64, free_bytes: f64) -> Option<String> {
        if self.system == "SQLite SQL" && leads > QUICK_LEADS_MAX {
            return Some("it would take more than a minute an answer".into());
        }
        let needed = self.memory * events;
        let too_large = format!(
            "it needs {:.0} GiB of memory, and {:.0} are free",
            needed / GIB,
            free_bytes / GIB
        );
        (needed > free_bytes).then_some(too_large)
    }
}

const GIB: f64 = 1_073_741_824.0;

/// A program that is written for the questions of the table: what the machine allows.
pub(crate) const BY_HAND: &str = "by hand";
pub(crate) const BY_HAND_BY_LEAD: &str = "these questions and no others, in memory, by lead";
pub(crate) const BY_HAND_LOG_ORDER: &str =
    "these questions and no others, in memory, in the order of the log";

/// Threads that share nothing out: what two cores of the machine do.
pub(crate) const APART: &str = "facts in memory, by lead, each thread all of it by itself";

/// A cold start while the audit's ledger watches, with all findings and figures.
pub(crate) const COLD_AUDITED: &str = "cold start from SQLite, and the hand-off audit";

/// All rows for a log.
pub(crate) fn all(kind: Kind, leads: u32) -> Vec<Row> {
    let is_large = leads > PATIENT_LEADS_MAX;
    let mut rows = vec![
        leadfold("facts in memory, in the order of the log", "log-order", 1),
        leadfold("facts in memory, by lead", "by-lead", 1),
        leadfold("facts in memory, by lead", "by-lead", 2),
        leadfold(APART, "by-lead-apart", 2),
        leadfold("cold start from SQLite", "cold", 1).cold("log.db").in_store(),
        leadfold("cold start from SQLite", "cold", 2).cold("log.db").in_store(),
        leadfold("cold start from a snapshot in SQLite", "snapshot", 1)
            .cold("log.db")
            .in_store()
            .after("keep"),
        leadfold("cold start from a snapshot in SQLite", "snapshot", 2)
            .cold("log.db")
            .in_store()
            .after("keep"),
    ];
    rows.extend([
        row(BY_HAND, BY_HAND_BY_LEAD, Program::Whole("by-hand"), 1),
        row(BY_HAND, BY_HAND_LOG_ORDER, Program::Whole("by-hand-log-order"), 1),
    ]);
    rows.extend(rivals());
    rows.extend([
        leadfold("facts in memory, by lead, and the hand-off audit", "by-lead-audit", 1),
        leadfold(
            "facts in memory, in the order of the log, and the hand-off audit",
            "log-order-audit",
            1,
        ),
        leadfold(COLD_AUDITED, "cold-audit", 1).cold("log.db").in_store(),
        leadfold(COLD_AUDITED, "cold-audit", 2).cold("log.db").in_store(),
        leadfold("catch-up of 10,000 new events", "catch-up", 1),
        leadfold("facts row by row from SQLite, folded", "tail", 1).in_store(),
        leadfold("a fold of one's own from SQLite, from facts", "own-facts", 1)
            .in_store()
            .answering(Answers::Part),
        leadfold("a fold of one's own from SQLite, from rich events", "own-events", 1)
            .in_store()
            .once(is_large)
            .answering(Answers::Part),
        leadfold("a durable projection from SQLite, a row an event", "projection", 1)
            .in_store()
            .once(is_large)
            .answering(Answers::Nothing),
        leadfold("NDJSON to facts in memory", "lines", 1)
            .in_store()
            .once(is_large)
            .answering(Answers::Nothing),
        leadfold("import of NDJSON into SQLite, durable", "import", 1)
            .in_store()
            .once(is_large)
            .answering(Answers::Nothing),
        leadfold("status of 1,000 leads from the store", "status", 1)
            .in_store()
            .answering(Answers::Nothing),
    ]);
    // Events that share their instants leave it open which of them is late.
    if kind != Kind::Bpic2012 {
        rows.push(leadfold("1,000 late events onto the full state", "late", 1));
    }
    rows
}

/// The rows of the others.
fn rivals() -> Vec<Row> {
    use Program::{Cqrs, Python};
    let layouts = [
        ("Parquet in the order of the log, cold", "log-file", Some("events.parquet")),
        ("Parquet by lead, cold", "lead-file", Some("by_lead.parquet")),
        ("in memory, in the order of the log", "log-memory", None),
        ("in memory, by lead", "lead-memory", None),
    ];
    let mut rows = Vec::new();
    for (system, script) in [("DuckDB", "duckdb_"), ("Polars", "polars_"), ("ClickHouse", "chdb_")]
    {
        for (what, layout, cold) in layouts {
            // A MergeTree table is always in the order of its key.
            if (script, layout) != ("chdb_", "log-memory") {
                let rows_of =
                    |threads| Row { cold, ..row(system, what, Python(script, layout), threads) };
                rows.extend([rows_of(1), rows_of(2)]);
            }
        }
    }
    rows.push(
        row("SQLite SQL", "typed columns by lead", Python("sqlite", "lead-file"), 1).once(true),
    );
    let cqrs = row("cqrs-es", "replay with a view, in memory", Cqrs, 1).once(true);
    rows.push(Row { memory: CQRS_BYTES_AN_EVENT, ..cqrs });
    rows
}
