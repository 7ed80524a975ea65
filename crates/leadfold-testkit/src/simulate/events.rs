//! The log as a stream: the lives of all leads, merged by the time of arrival.

use leadfold_core::event::NewEvent;

use super::Simulation;
use super::arrival::arrive;
use super::calendar::Demand;
use super::costs::{self, NO_LEAD};
use super::profile::Profile;
use super::queue::{Queue, Turn};
use super::render::Pen;
use super::rng::{Purpose, Rng};
use super::script::Script;
use super::twin;

/// The events of a [`Simulation`], in their order of arrival.
#[derive(Debug)]
pub struct Events {
    simulation: Simulation,
    captures: Captures,
    /// The next lead to be captured, and when.
    next_lead: Option<(u32, i64)>,
    working: Queue,
}

impl Events {
    pub(super) fn new(simulation: Simulation) -> Self {
        let captures = Captures::new(&simulation);
        let mut working = Queue::new(simulation.from());
        if simulation.leads > 0 {
            let profile = Profile::draw(simulation.seed, NO_LEAD, 0.0);
            let costs = Turn::first(NO_LEAD, profile, costs::costs(&simulation));
            costs.into_iter().for_each(|turn| working.push(turn));
        }
        let next_lead = captures.first();
        Self { simulation, captures, next_lead, working }
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
        while let Some((lead, at)) = self.next_lead {
            if self.working.next_at().is_some_and(|first| first < at) {
                return;
            }
            self.next_lead = self.captures.after(lead);
            let mut script = Script::new(&self.simulation, lead, at);
            match twin::original(&self.simulation, &self.captures, lead) {
                Some(original) => script.live_as_twin(original),
                None => script.live(),
            }
            let profile = script.profile;
            let acts = arrive(&self.simulation, lead, script.finish());
            if let Some(turn) = Turn::first(lead, profile, acts) {
                self.working.push(turn);
            }
        }
    }
}

impl Iterator for Events {
    type Item = NewEvent;

    fn next(&mut self) -> Option<NewEvent> {
        self.admit();
        let turn = self.working.pop()?;
        let (lead, profile) = (turn.lead, turn.profile);
        let (act, next) = turn.take()?;
        next.into_iter().for_each(|turn| self.working.push(turn));
        Some(Pen { seed: self.simulation.seed, lead, profile }.write(&act))
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

    /// The first lead and the second of its capture.
    fn first(&self) -> Option<(u32, i64)> {
        (self.leads > 0).then(|| (0, self.at(0)))
    }

    /// The lead after that one.
    fn after(&self, lead: u32) -> Option<(u32, i64)> {
        let next = lead + 1;
        (u128::from(next) < self.leads).then(|| (next, self.at(next)))
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
