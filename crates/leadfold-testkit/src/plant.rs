//! Faults planted into a year of exemplary leads, each with the events that have to prove it: an
//! audit is right that finds them all and nothing else.
//!
//! The exemplary leads keep every promise and break no rule of [`Plant::playbook`], by which every
//! check of the audit is on. They are won, lost, given back and handed off again, merged,
//! corrected, erased; some of their events arrive late. Faults stand in leads of their own, as
//! often as asked for every [`AuditCode`], in all the ways that the code has
//! ([`Plant::variants`]). One seed is one log, to the byte.
//!
//! An absence is proven by the events that started the clock: a missing decision by the hand-off,
//! a forgotten lead by its recycling.
//!
//! ```
//! use leadfold_testkit::{Log, plant::Plant};
//!
//! let planted = Plant { seed: 1, leads: 300, each: 3 }.grow();
//! let log = Log::of(planted.events.clone())?;
//! let audit = log.audit(&Plant::playbook()).as_of(Plant::as_of());
//! planted.check(audit.try_findings()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod contact;
mod deal;
mod dice;
mod exemplary;
mod fault;
mod handoff;
mod history;
mod life;
mod owner;
mod promise;
mod step;

use leadfold_core::audit::AuditCode;
use leadfold_core::event::NewEvent;
use leadfold_core::{DAY, Playbook, Timestamp};

pub use self::fault::Fault;
use self::life::Life;
use crate::audit::Found;
use crate::unmet::Unmet;

/// The first instant of the year: 2024-01-01T00:00:00Z, a Monday, in microseconds.
const YEAR: i64 = 1_704_067_200_000_000;

/// What to plant.
///
/// ```
/// use leadfold_core::audit::AuditCode;
/// use leadfold_testkit::plant::Plant;
///
/// let planted = Plant { seed: 1, leads: 300, each: 2 }.grow();
/// let leaks = planted.faults.iter().filter(|fault| fault.code == AuditCode::Leaked);
/// assert_eq!(leaks.filter(|leak| !leak.is_implied).count(), 2);
/// assert!(planted.events.is_sorted_by_key(|event| event.recorded_at));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plant {
    /// Another seed, another log.
    pub seed: u64,
    /// All leads, those with faults included; more, if the faults need more.
    pub leads: u32,
    /// Faults of every code, beside those that others imply; at most [`Plant::EACH_MAX`].
    pub each: u32,
}

/// A log, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The events in their order of arrival, all leads interleaved.
    pub events: Vec<NewEvent>,
    /// All that is wrong, sorted.
    pub faults: Vec<Fault>,
}

impl Plant {
    /// The most faults of a code. An overload takes its owner for a day.
    pub const EACH_MAX: u32 = 280;

    /// The rules that the exemplary leads keep.
    pub fn playbook() -> Playbook {
        let text = include_str!("plant/playbook.toml");
        leadfold_playbook::read(text, "playbook.toml")
            .expect("the file beside this one is a playbook")
    }

    /// When to audit: the first instant of 2025, when all lives have come to their end.
    pub fn as_of() -> Timestamp {
        Timestamp::from_micros(YEAR + 366 * DAY)
    }

    /// In how many ways a fault of a code is planted.
    pub fn variants(code: AuditCode) -> u32 {
        fault::plots(code).len() as u32
    }

    /// Makes the log.
    pub fn grow(&self) -> Planted {
        let turns = 0..self.each.min(Self::EACH_MAX);
        let planted =
            AuditCode::ALL.iter().flat_map(|code| turns.clone().map(move |turn| (*code, turn)));
        self.plant(planted)
    }

    /// Makes a log with one fault, in one of its [`Plant::variants`], whatever `each` is; a higher
    /// number begins again with the first of them.
    ///
    /// ```
    /// # use leadfold_core::audit::AuditCode;
    /// # use leadfold_testkit::plant::Plant;
    /// let plant = Plant { seed: 1, leads: 5, each: 0 };
    /// let planted = plant.grow_one(AuditCode::PingPong, 0);
    /// assert_eq!((planted.faults.len(), planted.faults[0].evidence.len()), (1, 3));
    /// ```
    pub fn grow_one(&self, code: AuditCode, variant: u32) -> Planted {
        self.plant(std::iter::once((code, variant)))
    }

    fn plant(&self, faults: impl Iterator<Item = (AuditCode, u32)>) -> Planted {
        let mut planted = Planted { events: Vec::new(), faults: Vec::new() };
        let mut leads = 0;
        for (code, turn) in faults {
            leads += planted.take(Life::of_fault(self.seed, leads, turn), fault::plot(code, turn));
        }
        while leads < self.leads {
            let room = self.leads - leads;
            leads += planted.take(Life::begin(self.seed, leads), exemplary::plot(room));
        }
        planted.events.sort_by_key(|event| (event.recorded_at, event.id));
        planted.faults.sort();
        planted
    }
}

impl Planted {
    /// Compares what an audit found with what was planted.
    ///
    /// # Errors
    /// [`Unmet`] names what was planted and not found, and what was found and not planted.
    pub fn check(&self, found: &[Found]) -> Result<(), Unmet> {
        fault::compare(&self.faults, found)
    }

    /// Lets a life happen, and returns how many leads it took.
    fn take(&mut self, mut life: Life, plot: impl Fn(&mut Life)) -> u32 {
        plot(&mut life);
        let leads = life.leads();
        self.events.extend(life.events);
        self.faults.extend(life.faults);
        leads
    }
}
