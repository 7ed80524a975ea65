//! What a step has measured.

use std::fmt;
use std::time::Instant;

use crate::Result;

/// Seconds of each round, and the answer of all.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) seconds: Vec<f64>,
    /// How many events the seconds are for.
    pub(crate) events: u64,
    /// Bytes that an event takes in the form that was read.
    pub(crate) bytes_an_event: f64,
    pub(crate) answer: Vec<String>,
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
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds: Vec<String> = self.seconds.iter().map(|s| format!("{s:.6}")).collect();
        writeln!(f, "seconds {}", seconds.join(" "))?;
        writeln!(f, "events {}", self.events)?;
        writeln!(f, "bytes_an_event {:.1}", self.bytes_an_event)?;
        writeln!(f, "peak_kib {}\n", peak_kib())?;
        self.answer.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The most memory that this process has had, KiB; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
