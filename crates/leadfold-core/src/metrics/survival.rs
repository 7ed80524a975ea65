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

impl SurvivalStep {
    /// The share that has converted, 0 to 1.
    pub fn converted(&self) -> f64 {
        1.0 - self.survival
    }
}

/// The Kaplan-Meier estimate.
///
/// It keeps the observations in order, eight bytes each, and no steps: those are five times as
/// large, and one walk counts them as fast as they could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KaplanMeier {
    /// Observations with a negative time, read as 0.
    pub clipped: u64,
    seen: Vec<Seen>,
}

/// Observations to be estimated from, as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observations {
    seen: Vec<Seen>,
    clipped: u64,
}

/// The time, and below it whether it is censored: at one instant, events come first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Seen(u64);

impl Seen {
    fn new(time: i64, is_event: bool) -> Self {
        Self((time.max(0) as u64) << 1 | u64::from(!is_event))
    }

    fn time(self) -> i64 {
        (self.0 >> 1) as i64
    }

    fn is_event(self) -> bool {
        self.0 & 1 == 0
    }
}

impl Observations {
    pub(crate) fn with_room(observations: usize) -> Self {
        Self { seen: Vec::with_capacity(observations), clipped: 0 }
    }

    pub(crate) fn push(&mut self, Observation { time, is_event }: Observation) {
        self.clipped += u64::from(time < 0);
        self.seen.push(Seen::new(time, is_event));
    }

    /// The estimate.
    pub(crate) fn estimate(self) -> KaplanMeier {
        let Self { mut seen, clipped } = self;
        seen.sort_unstable();
        KaplanMeier { clipped, seen }
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

    /// The instants with events, in order.
    pub fn steps(&self) -> impl Iterator<Item = SurvivalStep> + '_ {
        let (mut survival, mut greenwood, mut left) = (1.0, 0.0, self.seen.len() as u64);
        self.seen.chunk_by(|a, b| a.time() == b.time()).filter_map(move |tied| {
            let (time, at_risk) = (tied[0].time(), left);
            left -= tied.len() as u64;
            let events = tied.iter().take_while(|seen| seen.is_event()).count() as u64;
            let (d, r) = (events as f64, at_risk as f64);
            if events > 0 {
                survival *= 1.0 - d / r;
                greenwood += d / (r * (r - d));
            }
            (events > 0).then_some(SurvivalStep { time, at_risk, events, survival, greenwood })
        })
    }

    /// What holds at each of some times, which are in order: the last step until then; `None`
    /// before the first. One walk for all of them.
    pub fn at<const N: usize>(&self, times: [i64; N]) -> [Option<SurvivalStep>; N] {
        let (mut steps, mut last) = (self.steps().peekable(), None);
        times.map(|time| {
            while let Some(step) = steps.next_if(|step| step.time <= time) {
                last = Some(step);
            }
            last
        })
    }

    /// The shares converted by each of some times, which are in order, 0 to 1.
    pub fn converted_by<const N: usize>(&self, times: [i64; N]) -> [f64; N] {
        self.at(times).map(|step| step.map_or(0.0, |step| step.converted()))
    }

    /// The share converted by a time, 0 to 1.
    pub fn converted(&self, time: i64) -> f64 {
        let [converted] = self.converted_by([time]);
        converted
    }

    /// How long each was observed that ended with the event, in order, microseconds.
    pub fn event_times(&self) -> impl Iterator<Item = i64> + '_ {
        self.seen.iter().filter(|seen| seen.is_event()).map(|seen| seen.time())
    }

    /// How many were observed at least that long.
    pub fn at_risk(&self, time: i64) -> u64 {
        (self.seen.len() - self.seen.partition_point(|seen| seen.time() < time)) as u64
    }

    /// When half has converted; `None` while that is not reached.
    pub fn median(&self) -> Option<i64> {
        // A product of many fractions that is a half is not always that to the last digit.
        const HALF: f64 = 0.5 + 1e-12;
        self.steps().find(|step| step.survival <= HALF).map(|step| step.time)
    }

    /// The standard error of the converted share at a time, by Greenwood's formula; `None` where
    /// nobody is left.
    pub fn standard_error(&self, time: i64) -> Option<f64> {
        let [Some(step)] = self.at([time]) else { return Some(0.0) };
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
