//! Kaplan-Meier (P8): conversion in time without waiting for the last lead.
//!
//! Leads that have not converted are censored: they count as at risk up to their last instant.
//! At one instant, events come before censorings.

/// One observed lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Observation {
    /// How long it was observed, microseconds; below 0 is read as 0.
    pub time: i64,
    /// Whether it ended with the event; else it is censored.
    pub is_event: bool,
}

/// The estimate at one instant with events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalStep {
    /// Microseconds since the start.
    pub time: i64,
    /// Leads observed at least that long.
    pub at_risk: u64,
    /// Events at that instant.
    pub events: u64,
    /// The share that has not converted after it.
    pub survival: f64,
    /// Greenwood's sum of d / (n (n - d)) up to here.
    pub greenwood: f64,
}

/// The Kaplan-Meier estimate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KaplanMeier {
    /// The instants with events, in order.
    pub steps: Vec<SurvivalStep>,
    /// Observations with a negative time, read as 0.
    pub clipped: u64,
    times: Vec<i64>,
}

/// Observations to be estimated from, as they come: eight bytes each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observations {
    /// The time, and below it whether it is censored: at one instant, events come first.
    numbers: Vec<u64>,
    clipped: u64,
}

impl Observations {
    pub(crate) fn with_room(observations: usize) -> Self {
        Self { numbers: Vec::with_capacity(observations), clipped: 0 }
    }

    pub(crate) fn push(&mut self, Observation { time, is_event }: Observation) {
        self.clipped += u64::from(time < 0);
        self.numbers.push((time.max(0) as u64) << 1 | u64::from(!is_event));
    }

    /// The estimate.
    pub(crate) fn estimate(self) -> KaplanMeier {
        let Self { numbers: mut seen, clipped } = self;
        seen.sort_unstable();
        let time = |number: &u64| (number >> 1) as i64;
        let is_event = |number: &&u64| *number & 1 == 0;
        let n = seen.len();
        let instants = seen.chunk_by(|a, b| a == b).filter(|tied| is_event(&&tied[0])).count();
        let mut steps = Vec::with_capacity(instants);
        let (mut survival, mut greenwood, mut start) = (1.0, 0.0, 0);
        for tied in seen.chunk_by(|a, b| time(a) == time(b)) {
            let at_risk = (n - start) as u64;
            let events = tied.iter().take_while(is_event).count() as u64;
            if events > 0 {
                let (d, r) = (events as f64, at_risk as f64);
                survival *= 1.0 - d / r;
                greenwood += d / (r * (r - d));
                let time = time(&tied[0]);
                steps.push(SurvivalStep { time, at_risk, events, survival, greenwood });
            }
            start += tied.len();
        }
        let times = seen.into_iter().map(|number| time(&number)).collect();
        KaplanMeier { steps, clipped, times }
    }
}

impl KaplanMeier {
    /// Estimates from observations.
    ///
    /// ```
    /// # use leadfold_core::metrics::{KaplanMeier, Observation};
    /// let day = leadfold_core::DAY;
    /// let seen = [(1, true), (2, false), (3, true)];
    /// let km = KaplanMeier::of(seen.map(|(d, is_event)| Observation { time: d * day, is_event }));
    /// assert!((km.converted(day) - 1.0 / 3.0).abs() < 1e-12);
    /// assert_eq!(km.at_risk(3 * day), 1);
    /// assert_eq!(km.median(), Some(3 * day));
    /// ```
    pub fn of(observations: impl IntoIterator<Item = Observation>) -> Self {
        let mut observed = Observations::default();
        observations.into_iter().for_each(|observation| observed.push(observation));
        observed.estimate()
    }

    /// How long each was observed that ended with the event, in order, microseconds.
    pub fn event_times(&self) -> impl Iterator<Item = i64> + '_ {
        self.steps.iter().flat_map(|step| std::iter::repeat_n(step.time, step.events as usize))
    }

    fn step_at(&self, time: i64) -> Option<&SurvivalStep> {
        let behind = self.steps.partition_point(|step| step.time <= time);
        self.steps.get(behind.checked_sub(1)?)
    }

    /// The share converted by a time, 0 to 1.
    pub fn converted(&self, time: i64) -> f64 {
        self.step_at(time).map_or(0.0, |step| 1.0 - step.survival)
    }

    /// How many were observed at least that long.
    pub fn at_risk(&self, time: i64) -> u64 {
        (self.times.len() - self.times.partition_point(|other| *other < time)) as u64
    }

    /// When half has converted; `None` while that is not reached.
    pub fn median(&self) -> Option<i64> {
        // A product of many fractions that is a half is not always that to the last digit.
        const HALF: f64 = 0.5 + 1e-12;
        self.steps.iter().find(|step| step.survival <= HALF).map(|step| step.time)
    }

    /// The standard error of the converted share at a time, by Greenwood's formula; `None` where
    /// nobody is left.
    pub fn standard_error(&self, time: i64) -> Option<f64> {
        let Some(step) = self.step_at(time) else { return Some(0.0) };
        let error = step.survival * step.greenwood.sqrt();
        error.is_finite().then_some(error)
    }
}

#[cfg(test)]
mod tests {
    use super::{KaplanMeier, Observation};

    #[test]
    fn half_is_reached_at_the_one_that_makes_it() {
        for n in (2..500).step_by(2) {
            let all = (1..=n).map(|time| Observation { time, is_event: true });
            assert_eq!(KaplanMeier::of(all).median(), Some(n / 2), "{n}");
            let some = (1..=n).map(|time| Observation { time, is_event: time <= n / 2 });
            assert_eq!(KaplanMeier::of(some).median(), Some(n / 2), "{n}");
            let fewer = (1..=n).map(|time| Observation { time, is_event: time < n / 2 });
            assert_eq!(KaplanMeier::of(fewer).median(), None, "{n}");
        }
    }
}
