//! What a step has measured.

use std::fmt;
use std::time::Instant;

use leadfold::core::{Facts, Tables};

use crate::Result;
use crate::answer::answer_on;

/// Seconds of each round, and the answer of all.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) seconds: Vec<f64>,
    /// How many events the seconds are for.
    pub(crate) events: u64,
    /// Bytes that an event takes in the form that was read.
    pub(crate) bytes_an_event: f64,
    pub(crate) answer: Vec<String>,
    /// What else there is to say: a name and a number.
    pub(crate) figures: Vec<(&'static str, f64)>,
}

/// How much room tables took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    bytes: usize,
    /// Of the tables that states, funnel and customers' value read.
    asked: usize,
    leads: usize,
}

impl Room {
    pub(crate) fn of(tables: &Tables) -> Self {
        let by_table = tables.memory_by_table();
        let asked = ["leads", "profiles", "visits", "revenue", "rares", "costs"];
        let asked = by_table.iter().filter(|(name, _)| asked.contains(name));
        let asked = asked.map(|(_, bytes)| bytes).sum();
        Self { bytes: tables.memory(), asked, leads: tables.lead_count() }
    }

    /// What tables answer; and takes note of their room.
    pub(crate) fn answer(&mut self, tables: &Tables) -> Vec<String> {
        self.answer_on(tables, 1)
    }

    /// The same on so many threads.
    pub(crate) fn answer_on(&mut self, tables: &Tables, threads: usize) -> Vec<String> {
        *self = Self::of(tables);
        answer_on(tables, threads)
    }
}

impl Report {
    /// Measures rounds of work whose answers have to be one. `prepare` is not measured.
    pub(crate) fn rounds<T>(
        rounds: usize,
        mut prepare: impl FnMut() -> Result<T>,
        mut work: impl FnMut(T) -> Result<Vec<String>>,
    ) -> Result<Self> {
        let mut report = Self::default();
        for round in 0..rounds {
            let prepared = prepare()?;
            let start = Instant::now();
            let mut answer = work(prepared)?;
            report.seconds.push(start.elapsed().as_secs_f64());
            // Systems need not agree on an order.
            answer.sort_unstable();
            if round > 0 && answer != report.answer {
                return Err("two rounds have two answers: the work is not deterministic".into());
            }
            report.answer = answer;
        }
        Ok(report)
    }

    /// With what tables answer, which is not measured, and their room.
    pub(crate) fn answered(mut self, tables: &Tables) -> Self {
        self.answer = answer_on(tables, 1);
        self.answer.sort_unstable();
        self.of_tables(Room::of(tables))
    }

    pub(crate) fn of_tables(self, room: Room) -> Self {
        let a_lead = |bytes| bytes as f64 / room.leads.max(1) as f64;
        self.figure("table_bytes_a_lead", a_lead(room.bytes))
            .figure("asked_bytes_a_lead", a_lead(room.asked))
    }

    /// With the bytes of facts that lie in memory as they are.
    pub(crate) fn of_facts<'a>(self, pages: impl IntoIterator<Item = &'a Facts>) -> Self {
        let bytes: usize = pages.into_iter().map(Facts::bytes).sum();
        let bytes_an_event = bytes as f64 / self.events as f64;
        Self { bytes_an_event, ..self }
    }

    pub(crate) fn figure(mut self, name: &'static str, value: f64) -> Self {
        self.figures.push((name, value));
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds: Vec<String> = self.seconds.iter().map(|s| format!("{s:.6}")).collect();
        writeln!(f, "seconds {}", seconds.join(" "))?;
        writeln!(f, "events {}", self.events)?;
        writeln!(f, "bytes_an_event {:.1}", self.bytes_an_event)?;
        writeln!(f, "peak_kib {}", peak_kib())?;
        self.figures.iter().try_for_each(|(name, value)| writeln!(f, "{name} {value:.1}"))?;
        writeln!(f)?;
        self.answer.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The most memory that this process has had, KiB; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
