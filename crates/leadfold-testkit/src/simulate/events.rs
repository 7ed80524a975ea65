//! The log as a stream: the lives of all leads, merged by the time of arrival.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use leadfold_core::event::NewEvent;

use super::Simulation;
use super::act::Act;
use super::arrival::arrive;
use super::calendar::Demand;
use super::costs::{self, NO_LEAD};
use super::profile::Profile;
use super::render::Pen;
use super::rng::{Purpose, Rng};
use super::script::Script;
use super::twin;

/// The events of a [`Simulation`], in their order of arrival.
#[derive(Debug)]
pub struct Events {
    simulation: Simulation,
    captures: Captures,
    next_lead: u32,
    working: BinaryHeap<Reverse<Life>>,
}

impl Events {
    pub(super) fn new(simulation: Simulation) -> Self {
        let mut working = BinaryHeap::new();
        if simulation.leads > 0 {
            let profile = Profile::draw(simulation.seed, NO_LEAD, 0.0);
            working.extend(Life::new(NO_LEAD, profile, costs::costs(&simulation)).map(Reverse));
        }
        Self { simulation, captures: Captures::new(&simulation), next_lead: 0, working }
    }

    /// How many leads are being worked: all that is in memory.
    ///
    /// ```
    /// # use leadfold_testkit::simulate::Simulation;
    /// let mut events = Simulation::new(1, 10_000).events();
    /// let most = std::iter::from_fn(|| events.next().map(|_| events.working())).max();
    /// assert!(most < Some(2_500));
    /// ```
    pub fn working(&self) -> usize {
        self.working.len()
    }

    /// Begins the lives of the leads that are captured before the next event that is known.
    fn admit(&mut self) {
        while self.next_lead < self.simulation.leads {
            let at = self.captures.at(self.next_lead);
            if self.working.peek().is_some_and(|Reverse(first)| first.arrives_at() < at) {
                return;
            }
            let lead = self.next_lead;
            self.next_lead += 1;
            let mut script = Script::new(&self.simulation, lead, at);
            match twin::original(&self.simulation, &self.captures, lead) {
                Some(original) => script.live_as_twin(original),
                None => script.live(),
            }
            let profile = script.profile;
            let acts = arrive(&self.simulation, lead, script.finish());
            self.working.extend(Life::new(lead, profile, acts).map(Reverse));
        }
    }
}

impl Iterator for Events {
    type Item = NewEvent;

    fn next(&mut self) -> Option<NewEvent> {
        self.admit();
        let mut first = self.working.peek_mut()?;
        let life = &mut first.0;
        let act = life.next;
        let (lead, profile) = (life.lead, life.profile);
        match life.rest.next() {
            Some(next) => life.next = next,
            None => drop(PeekMut::pop(first)),
        }
        Some(Pen { seed: self.simulation.seed, lead, profile }.write(&act))
    }
}

/// What is left of one lead's life.
#[derive(Debug)]
struct Life {
    lead: u32,
    profile: Profile,
    next: Act,
    rest: std::vec::IntoIter<Act>,
}

impl Life {
    fn new(lead: u32, profile: Profile, acts: Vec<Act>) -> Option<Self> {
        let mut rest = acts.into_iter();
        Some(Self { lead, profile, next: rest.next()?, rest })
    }

    fn arrives_at(&self) -> i64 {
        self.next.recorded_at
    }

    fn key(&self) -> (i64, u32) {
        (self.arrives_at(), self.lead)
    }
}

impl PartialEq for Life {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Life {}

impl PartialOrd for Life {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Life {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// When each lead is captured: never before the lead with the number before it.
#[derive(Debug)]
pub(super) struct Captures {
    demand: Demand,
    seed: u64,
    leads: u128,
    from: i64,
    total: u128,
}

impl Captures {
    fn new(simulation: &Simulation) -> Self {
        let demand = Demand::new();
        let from = demand.until(simulation.from());
        let total = (demand.until(simulation.end()) - from) as u128;
        Self { demand, seed: simulation.seed, leads: u128::from(simulation.leads), from, total }
    }

    /// The second of a lead's capture. Each lead has its own slice of the demand.
    pub(super) fn at(&self, lead: u32) -> i64 {
        let slice = |lead: u128| (self.total * lead / self.leads) as i64;
        let (low, high) = (slice(u128::from(lead)), slice(u128::from(lead) + 1));
        let width = (high - low).max(1) as u64;
        let within = Rng::new(self.seed, lead, Purpose::Capture).below(width) as i64;
        self.demand.when(self.from + low + within)
    }
}
