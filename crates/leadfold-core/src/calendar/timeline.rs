//! Working time along UTC: a schedule under the clocks of a zone.

use super::schedule::Schedule;
use super::{BEGIN, END};
use crate::{SECOND, Zone};

/// More changes of the clocks than any zone has: Morocco's four a year make 40,000 in 10,000
/// years.
const STRETCHES_MAX: usize = 100_000;

/// How much working time has passed at each instant.
///
/// While the offset stays, working time runs as in the schedule. So a table of the changes of the
/// clocks is enough, some hundred of them in a real zone, and the length of a query does not
/// matter.
#[derive(Debug)]
pub(super) struct Timeline {
    pub(super) zone: Zone,
    schedule: Schedule,
    /// **Invariant:** in order, and the first is from [`BEGIN`].
    stretches: Vec<Stretch>,
}

/// A time over which the clocks of the zone do not change.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Its first instant, microseconds.
    from: i64,
    /// Microseconds by which the clocks are ahead of UTC.
    offset: i64,
    /// What to add to the schedule's working time, so that it goes on from the stretch before.
    base: i64,
}

impl Timeline {
    pub(super) fn new(schedule: Schedule, zone: Zone) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        let seconds = BEGIN / SECOND..END / SECOND;
        for (second, offset_seconds) in zone.stretches(seconds).take(STRETCHES_MAX) {
            let (from, offset) = (second * SECOND, i64::from(offset_seconds) * SECOND);
            let before = stretches.last().map_or(0, |stretch| stretch.passed(&schedule, from));
            let base = before - schedule.passed(from + offset);
            stretches.push(Stretch { from, offset, base });
        }
        Self { zone, schedule, stretches }
    }

    /// Working microseconds from [`BEGIN`] to an instant that is not before it.
    pub(super) fn passed(&self, at: i64) -> i64 {
        let n_begun = self.stretches.partition_point(|stretch| stretch.from <= at);
        self.stretches[n_begun - 1].passed(&self.schedule, at)
    }
}

impl Stretch {
    fn passed(&self, schedule: &Schedule, at: i64) -> i64 {
        self.base + schedule.passed(at + self.offset)
    }
}
