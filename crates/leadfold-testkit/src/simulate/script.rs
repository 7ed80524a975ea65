//! The life of one lead while it is being planned: a clock that only goes forward, and what has
//! happened so far.
//!
//! Acts are added at the clock, so a life reads like a story. What lies after the end of the
//! window is not added, so a lead that comes late stays open.

use super::Simulation;
use super::act::{Act, What};
use super::calendar::{DAY, office};
use super::profile::Profile;
use super::rng::{Purpose, Rng};

/// The life of one lead.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) profile: Profile,
    pub(super) rng: Rng,
    acts: Vec<Act>,
    now: i64,
    end: i64,
    /// Deals and follow-ups so far: their keys are numbers.
    deals: u8,
    follow_ups: u8,
    mistakes: Rng,
    mistake_rate: f64,
    pub(super) is_cold: bool,
    pub(super) is_returning: bool,
}

impl Script {
    /// An empty life that begins at that second.
    pub(super) fn new(simulation: &Simulation, lead: u32, at: i64) -> Self {
        Self {
            profile: Profile::draw(simulation.seed, lead, simulation.pii),
            rng: Rng::new(simulation.seed, lead, Purpose::Life),
            acts: Vec::with_capacity(12),
            now: at,
            end: simulation.end(),
            deals: 0,
            follow_ups: 0,
            mistakes: Rng::new(simulation.seed, lead, Purpose::Mistakes),
            mistake_rate: simulation.corrections,
            is_cold: Rng::new(simulation.seed, lead, Purpose::Cold).chance(simulation.cold),
            is_returning: simulation.returning,
        }
    }

    /// The acts, by their time.
    pub(super) fn finish(mut self) -> Vec<Act> {
        self.acts.sort_by_key(|act| act.at);
        self.acts
    }

    /// It happens now. No two acts of a story share a second, so their order is never in doubt.
    pub(super) fn act(&mut self, what: What) {
        self.add(self.now, what);
        self.now += 1;
    }

    /// It happens at some other time; for what may happen in any state.
    pub(super) fn add(&mut self, at: i64, what: What) {
        if at < self.end {
            let number = self.acts.len() as u32;
            self.acts.push(Act { at, recorded_at: at, number, what });
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.now
    }

    pub(super) fn is_customer(&self) -> bool {
        self.acts.iter().any(|act| matches!(act.what, What::Won { .. }))
    }

    /// Customers are not taken up again: in a long window all would be customers soon.
    pub(super) fn is_too_early_to_win(&self) -> bool {
        self.is_returning && self.now + 365 * DAY < self.end
    }

    /// The last act that says where the lead is, but for its deals.
    pub(super) fn last_turn(&self) -> Option<What> {
        let is_turn = |what: &What| {
            matches!(
                what,
                What::HandedOff { .. }
                    | What::HandedToQueue
                    | What::Accepted { .. }
                    | What::Rejected { .. }
                    | What::Returned { .. }
                    | What::Recycled
                    | What::QualifiedMql
                    | What::Disqualified { .. }
                    | What::Lost { .. }
                    | What::Reopened
            )
        };
        self.acts.iter().rev().map(|act| act.what).find(is_turn)
    }

    /// The window is over: nothing more can happen.
    pub(super) fn is_over(&self) -> bool {
        self.now >= self.end
    }

    /// Time passes: half of the time less than that many days.
    pub(super) fn wait(&mut self, days: f64) {
        let seconds = self.rng.around(days * DAY as f64);
        self.now += seconds as i64 + 1;
    }

    /// Time passes until exactly so many days later.
    pub(super) fn wait_exactly(&mut self, days: i64) {
        self.now += days * DAY;
    }

    /// Time passes, and then until somebody is in the office.
    pub(super) fn wait_office(&mut self, days: f64) {
        self.wait(days);
        self.now = office(self.now, &mut self.rng);
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.rng.chance(probability)
    }

    /// The index of one of so many things.
    pub(super) fn pick(&mut self, bound: usize) -> u8 {
        self.rng.below(bound as u64) as u8
    }

    /// The number of a new deal.
    pub(super) fn next_deal(&mut self) -> u8 {
        self.deals += 1;
        self.deals
    }

    /// The number of a new follow-up.
    pub(super) fn next_follow_up(&mut self) -> u8 {
        self.follow_ups += 1;
        self.follow_ups
    }

    /// Something now that may turn out to be a mistake: the correction then comes a few days
    /// later. `wrong` is what was noted down; `right` makes the correction, from the number of
    /// the mistake and how many seconds ago it was. Says whether a mistake was made.
    pub(super) fn mistaken(&mut self, wrong: What, right: impl FnOnce(u32, u32) -> What) -> bool {
        let mistaken = self.mistakes.chance(self.mistake_rate);
        if mistaken && !self.is_over() {
            let (number, at) = (self.acts.len() as u32, self.now);
            self.act(wrong);
            let ago = (1 + self.mistakes.below(5)) * DAY as u64 + 1;
            self.add(at + ago as i64, right(number, ago as u32));
        }
        mistaken
    }
}
