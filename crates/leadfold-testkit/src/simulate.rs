//! The log of a company that does not exist: a year of B2B leads, from inquiry to renewal.
//!
//! One seed is one log, to the byte, on every machine. It is streamed: only the leads that are
//! being worked are in memory. By default the history is legal under the default playbook, late
//! and repeated events, merges and corrections included.

mod act;
mod arrival;
mod calendar;
mod company;
mod costs;
mod customer;
mod deal;
mod events;
mod marketing;
mod profile;
mod queue;
mod render;
pub(crate) mod rng;
mod sales;
mod script;
mod twin;

use std::io::{self, Write};

use leadfold_core::Timestamp;

pub use self::events::Events;

/// What to simulate. Rates are probabilities from 0 to 1. Offices are open from 9 to 18 UTC.
///
/// ```
/// use leadfold_testkit::simulate::Simulation;
///
/// let simulation = Simulation { days: 90, ..Simulation::new(1, 100) };
/// let events: Vec<_> = simulation.events().collect();
/// assert!(events.is_sorted_by_key(|event| event.recorded_at));
/// assert_eq!(events, simulation.events().collect::<Vec<_>>());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulation {
    /// Another seed, another log.
    pub seed: u64,
    /// Captured leads, duplicates included. They come over the whole window.
    pub leads: u32,
    /// Length of the window. Nothing happens after it: late leads stay open. Default 365.
    pub days: u32,
    /// The window's beginning, cut to the second. Default 2024-01-01T00:00:00Z, a Monday.
    pub start: Timestamp,
    /// Share of the events that reach the log one to eleven days after they happened, though
    /// never after the end of the window. Default 0.01.
    pub late: f64,
    /// Share of the events that reach the log twice, with the same id. Default 0.002.
    pub duplicates: f64,
    /// Share of the leads that turn out to be somebody who came before, and are merged into
    /// them within days; one merge in twenty is undone. Default 0.015.
    pub merges: f64,
    /// Share of the sales calls, and of the amended amounts, that are noted down wrongly and
    /// corrected later. Default 0.01.
    pub corrections: f64,
    /// Share of the captured events with (made up) personal data. Default 0.3.
    pub pii: f64,
    /// Share of the leads with an event that the rules forbid, right after their capture.
    /// Default 0.
    pub rule_breaks: f64,
    /// Share of the leads that nobody works: captured, touched once or twice at most, forgotten.
    /// Default 0.
    pub cold: f64,
    /// Whether a lead whose story has ended is taken up again some weeks later, until the end of
    /// the window, in whose last year alone deals are won: then a longer window means more events
    /// of the same leads in much the same mix. Default false.
    pub returning: bool,
}

impl Simulation {
    /// A year of a company, with the defaults.
    pub fn new(seed: u64, leads: u32) -> Self {
        Self {
            seed,
            leads,
            days: 365,
            start: Timestamp::from_micros(1_704_067_200_000_000),
            late: 0.01,
            duplicates: 0.002,
            merges: 0.015,
            corrections: 0.01,
            pii: 0.3,
            rule_breaks: 0.0,
            cold: 0.0,
            returning: false,
        }
    }

    /// The same company without anything that disturbs its log: no late or repeated events, no
    /// merges, no corrections, no broken rules.
    ///
    /// ```
    /// # use leadfold_testkit::simulate::Simulation;
    /// let orderly = Simulation::new(1, 100).orderly();
    /// assert_eq!((orderly.late, orderly.merges, orderly.leads), (0.0, 0.0, 100));
    /// ```
    #[must_use]
    pub fn orderly(self) -> Self {
        Self { late: 0.0, duplicates: 0.0, merges: 0.0, corrections: 0.0, rule_breaks: 0.0, ..self }
    }

    /// The events in their order of arrival, all leads interleaved.
    pub fn events(&self) -> Events {
        Events::new(*self)
    }

    /// Writes the log, one event a line, and returns the number of lines.
    ///
    /// ```
    /// # use leadfold_testkit::simulate::Simulation;
    /// let mut log = Vec::new();
    /// let lines = Simulation::new(1, 20).write_ndjson(&mut log)?;
    /// assert_eq!(log.iter().filter(|byte| **byte == b'\n').count() as u64, lines);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_ndjson(&self, out: &mut impl Write) -> io::Result<u64> {
        let mut lines = 0;
        for event in self.events() {
            event.write_line(out)?;
            out.write_all(b"\n")?;
            lines += 1;
        }
        Ok(lines)
    }

    /// First second of the window.
    fn from(&self) -> i64 {
        self.start.micros().div_euclid(1_000_000)
    }

    /// First second after the window.
    fn end(&self) -> i64 {
        self.from() + i64::from(self.days) * calendar::DAY
    }
}
