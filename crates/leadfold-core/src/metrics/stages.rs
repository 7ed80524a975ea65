//! Stage intervals and time in stage (P2, P3) of one lead.

use crate::{Lead, State, Timestamp};

/// How long a lead was in a state, microseconds. Visits with an unknown start are left out, and
/// implied visits last nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StageTime {
    /// The first visit; up to the instant asked for while it lasts.
    pub first: Option<i64>,
    /// The last visit that has ended. It keeps its value while a later visit lasts.
    pub latest_closed: Option<i64>,
    /// The sum of the visits that have ended.
    pub cumulative: i64,
    /// The visit that lasts, up to the instant asked for.
    pub open: Option<i64>,
}

impl StageTime {
    /// Ended and lasting visits together.
    pub fn total(&self) -> i64 {
        self.cumulative + self.open.unwrap_or(0)
    }
}

/// The time in a state as of an instant.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::{DAY, State, metrics::stage_time};
///
/// let leads: Vec<_> = tables.leads().collect();
/// assert_eq!(stage_time(&leads[0], State::Mql, as_of).total(), DAY);
/// assert_eq!(stage_time(&leads[1], State::New, as_of).open, Some(24 * DAY));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stage_time(lead: &Lead<'_>, state: State, as_of: Timestamp) -> StageTime {
    let mut time = StageTime::default();
    for visit in lead.visits().iter().filter(|visit| visit.state == state && !visit.is_unknown) {
        let end = visit.left_at.unwrap_or(as_of);
        let lasted = end.micros() - visit.entered_at.micros();
        time.first = time.first.or(Some(lasted));
        if visit.left_at.is_some() {
            time.latest_closed = Some(lasted);
            time.cumulative += lasted;
        } else {
            time.open = Some(lasted);
        }
    }
    time
}
