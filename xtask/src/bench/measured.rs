//! What processes have measured of a row.

use super::Result;

/// Seconds of all rounds of a row, and what it answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) seconds: Vec<f64>,
    pub(crate) events: f64,
    pub(crate) bytes_an_event: f64,
    pub(crate) peak_kib: f64,
    /// What else the head of the report says.
    pub(crate) figures: Vec<(String, f64)>,
    pub(crate) answer: Vec<String>,
}

/// What every report has.
const USUAL: [&str; 4] = ["seconds", "events", "bytes_an_event", "peak_kib"];

impl Measured {
    /// Reads a report: a head of `name value...` lines, an empty line, and the answer, sorted.
    pub(crate) fn parse(report: &str) -> Result<Self> {
        let (head, answer) = report.split_once("\n\n").ok_or("expected a report, found none")?;
        let mut lines = Vec::new();
        for line in head.lines() {
            let (name, values) = line.split_once(' ').unwrap_or((line, ""));
            let number = |word: &str| word.parse().map_err(|_| format!("{name}: found {word:?}"));
            lines
                .push((name, values.split_whitespace().map(number).collect::<Result<Vec<f64>>>()?));
        }
        let numbers = |wanted: &str| {
            let line = lines.iter().find(|(name, _)| *name == wanted);
            line.map(|(_, values)| values.clone()).ok_or_else(|| format!("a report lacks {wanted}"))
        };
        let [seconds, events, bytes_an_event, peak_kib] = USUAL.map(numbers);
        let first = |values: &[f64]| values.first().copied().unwrap_or(0.0);
        let others = lines.iter().filter(|(name, _)| !USUAL.contains(name));
        let mut answer: Vec<String> = answer.lines().map(str::to_owned).collect();
        answer.sort_unstable();
        Ok(Self {
            seconds: seconds?,
            events: first(&events?),
            bytes_an_event: first(&bytes_an_event?),
            peak_kib: first(&peak_kib?),
            figures: others.map(|(name, values)| ((*name).to_owned(), first(values))).collect(),
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
        let last = seconds.len().saturating_sub(1);
        [at(0), f64::midpoint(at(last / 2), at(last.div_ceil(2))), at(last)]
    }

    /// Median seconds.
    pub(crate) fn median(&self) -> f64 {
        self.spread()[1]
    }

    /// Millions of events in a second, by the median.
    pub(crate) fn rate(&self) -> f64 {
        self.events / self.median() / 1e6
    }

    pub(crate) fn figure(&self, wanted: &str) -> Option<f64> {
        self.figures.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value)
    }

    /// FNV-1a of the answer, for people to compare; none where there is none.
    pub(crate) fn digest(&self) -> Option<u64> {
        let bytes = self.answer.iter().flat_map(|line| line.bytes().chain([b'\n']));
        let digest = bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (!self.answer.is_empty()).then_some(digest)
    }
}
