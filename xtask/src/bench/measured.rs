//! What a process has measured.

use super::Result;

/// Seconds of all rounds of a row, and what it answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) seconds: Vec<f64>,
    pub(crate) events: f64,
    pub(crate) bytes_an_event: f64,
    pub(crate) peak_kib: f64,
    pub(crate) answer: Vec<String>,
}

impl Measured {
    /// Reads a report: a head of `name value...` lines, an empty line, and the answer, sorted.
    pub(crate) fn parse(report: &str) -> Result<Self> {
        let (head, answer) = report.split_once("\n\n").ok_or("expected a report, found none")?;
        let numbers = |name: &str| -> Result<Vec<f64>> {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            let line = line.ok_or_else(|| format!("a report lacks {name}"))?;
            let number = |word: &str| word.parse().map_err(|_| format!("{name}: found {word:?}"));
            line.split_whitespace().map(number).collect()
        };
        let number = |name: &str| Ok::<_, String>(numbers(name)?.first().copied().unwrap_or(0.0));
        let mut answer: Vec<String> = answer.lines().map(str::to_owned).collect();
        answer.sort_unstable();
        Ok(Self {
            seconds: numbers("seconds ")?,
            events: number("events ")?,
            bytes_an_event: number("bytes_an_event ")?,
            peak_kib: number("peak_kib ")?,
            answer,
        })
    }

    /// Adds the rounds of another process.
    pub(crate) fn add(&mut self, other: Self) {
        self.seconds.extend(&other.seconds);
        let (seconds, peak_kib) = (std::mem::take(&mut self.seconds), self.peak_kib);
        *self = Self { seconds, peak_kib: peak_kib.max(other.peak_kib), ..other };
    }

    /// Least, middle and greatest seconds.
    pub(crate) fn spread(&self) -> [f64; 3] {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        let at = |index: usize| seconds.get(index).copied().unwrap_or(f64::NAN);
        [at(0), at(seconds.len() / 2), at(seconds.len().saturating_sub(1))]
    }

    /// FNV-1a of the answer, for people to compare.
    pub(crate) fn digest(&self) -> u64 {
        let bytes = self.answer.iter().flat_map(|line| line.bytes().chain([b'\n']));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}
