//! The business calendar: how much of a stretch of time is working time, and when a promise that
//! is counted in working time falls due.

mod date;
mod error;
mod hours;
mod schedule;
mod spec;
mod timeline;

pub use self::date::LocalDate;
pub use self::error::CalendarError;
pub use self::hours::Hours;
pub use self::spec::CalendarSpec;

use std::fmt;
use std::iter::from_fn;
use std::ops::Range;
use std::sync::Arc;

use self::schedule::Schedule;
use self::timeline::Timeline;
use crate::bisect::first;
use crate::{SECOND, Timestamp, Zone};

/// 0000-01-01T00:00:00Z, microseconds since the epoch.
const BEGIN: i64 = -62_167_219_200 * SECOND;
/// 10000-01-01T00:00:00Z, microseconds since the epoch.
const END: i64 = 253_402_300_800 * SECOND;

/// Working time: that of a business, or all of time.
///
/// An instant is working time when the wall clock of the calendar's zone, read at that instant,
/// shows a time within the hours of the date that it shows. Everything else follows:
///
/// - A local time that the clocks skip never comes. Hours that begin inside the gap begin when the
///   clocks have jumped, hours that end inside it end when they jump, and hours that lie inside it
///   do not happen on that day. A date that a zone skips has none of its hours.
/// - A local time that the clocks repeat passes twice and counts twice. Where 02:00 to 03:00 is
///   repeated, hours to 02:30 end at the first 02:30, begin again when the clocks have gone back,
///   and end at the second 02:30; hours from 02:30 begin at the first, stop when the clocks go
///   back, and begin again at the second. A date that a zone repeats has its hours twice.
/// - Hours go up to their end, and without it: at 18:00 sharp, 09:00-18:00 is over.
///
/// The calendar knows the years 0 to 9999; what lies outside is no working time.
///
/// A clone costs a reference count. A query costs the same for a minute and for 10,000 years: all
/// are differences or inversions of one function, the working time that has passed at an instant.
///
/// ```
/// # use leadfold_core::{Calendar, CalendarSpec, Hours, SECOND, Zone};
/// const HOUR: i64 = 3_600 * SECOND;
/// let hours = Hours::parse(&["09:00-17:00"])?;
/// let spec = CalendarSpec { fri: hours.clone(), mon: hours, ..CalendarSpec::new("UTC") };
/// let calendar = Calendar::new(&spec, Zone::utc());
///
/// let friday = "2024-03-01T16:00:00Z".parse()?;
/// let monday = "2024-03-04T10:00:00Z".parse()?;
/// assert_eq!(calendar.working(friday, monday), 2 * HOUR);
/// assert_eq!(calendar.due(friday, 2 * HOUR), Some(monday));
/// assert_eq!(Calendar::always().working(friday, monday), 66 * HOUR);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Calendar {
    /// None when all time is working time.
    timeline: Option<Arc<Timeline>>,
}

impl Calendar {
    /// The wall clock: all time is working time.
    pub fn always() -> Self {
        Self { timeline: None }
    }

    /// The calendar of a business, in the zone that its spec names; the caller has looked it up.
    ///
    /// The zone is asked for its changes of the clocks here, once (some 4 ms), and not again. Up to
    /// 100,000 changes are found, where an offset lasts 3 days at least; outside the years 1800 to
    /// 2200, 56 days. The shortest of the IANA data base lasts a week.
    pub fn new(spec: &CalendarSpec, zone: Zone) -> Self {
        let timeline = Timeline::new(Schedule::new(spec), zone);
        Self { timeline: Some(Arc::new(timeline)) }
    }

    /// The zone of its hours; `None` for [`Calendar::always`].
    pub fn zone(&self) -> Option<&Zone> {
        self.timeline.as_ref().map(|timeline| &timeline.zone)
    }

    /// Whether an instant is working time.
    pub fn is_working(&self, at: Timestamp) -> bool {
        self.passed(at.micros().saturating_add(1)) > self.passed(at.micros())
    }

    /// Working microseconds in `[from, to)`; 0 when `to` is not after `from`.
    pub fn working(&self, from: Timestamp, to: Timestamp) -> i64 {
        (self.passed(to.micros()) - self.passed(from.micros())).max(0)
    }

    /// The earliest instant at which so many working microseconds have passed since `from`: at the
    /// end of a working day, that end and not the next morning. For none, or less, `from` itself.
    ///
    /// `None` when the calendar has not that much before the end of the year 9999.
    pub fn due(&self, from: Timestamp, working_micros: i64) -> Option<Timestamp> {
        if working_micros <= 0 {
            return Some(from);
        }
        let target = self.passed(from.micros()).saturating_add(working_micros);
        if self.timeline.is_none() {
            return (target < END).then_some(Timestamp::from_micros(target));
        }
        let seconds = within(from.micros()).div_euclid(SECOND)..END / SECOND + 1;
        let reached = first(seconds, |second| self.passed(second * SECOND) >= target);
        if reached > END / SECOND {
            return None;
        }
        let before = (reached - 1) * SECOND;
        let due = before + (target - self.passed(before));
        (due < END).then_some(Timestamp::from_micros(due))
    }

    /// The stretches of working time in `[from, to)`, in order, each as long as it can be.
    ///
    /// ```
    /// # use leadfold_core::{Calendar, CalendarSpec, Hours, Zone};
    /// let mut spec = CalendarSpec::new("UTC");
    /// spec.mon = Hours::parse(&["09:00-12:00", "13:00-24:00"])?;
    /// spec.tue = Hours::parse(&["00:00-02:00"])?;
    /// let calendar = Calendar::new(&spec, Zone::utc());
    /// let week = ("2024-03-04".parse()?, "2024-03-11".parse()?);
    /// let ends: Vec<_> =
    ///     calendar.intervals(week.0, week.1).map(|working| working.end.to_string()).collect();
    /// assert_eq!(ends, ["2024-03-04T12:00:00Z", "2024-03-05T02:00:00Z"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn intervals(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = Range<Timestamp>> {
        let mut at = within(from.micros());
        let to = within(to.micros()).max(at);
        from_fn(move || {
            let working = self.next_interval(at..to);
            at = working.end;
            let instant = Timestamp::from_micros;
            (!working.is_empty()).then(|| instant(working.start)..instant(working.end))
        })
    }

    /// The first stretch of working time in a range; empty if there is none.
    fn next_interval(&self, Range { start, end }: Range<i64>) -> Range<i64> {
        let worked = self.passed(start);
        let begin = first_instant(start..end, |then| self.passed(then) > worked);
        let idled = begin - self.passed(begin);
        begin..first_instant(begin..end, |then| then - self.passed(then) > idled)
    }

    /// Working microseconds from a fixed instant to this one.
    ///
    /// **Invariant:** within a second of the clock it either stands still or runs with time, since
    /// hours and offsets are whole seconds. So queries look for a second, not for a microsecond.
    fn passed(&self, at: i64) -> i64 {
        let at = within(at);
        self.timeline.as_ref().map_or(at, |timeline| timeline.passed(at))
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.zone().map_or("always", Zone::name);
        write!(f, "Calendar({name})")
    }
}

/// The nearest instant within the years 0 to 9999.
fn within(micros: i64) -> i64 {
    micros.clamp(BEGIN, END)
}

/// The first instant of a range in, or at the beginning of, a second at whose end something holds.
fn first_instant(Range { start, end }: Range<i64>, holds: impl Fn(i64) -> bool) -> i64 {
    let seconds = start.div_euclid(SECOND)..end.div_euclid(SECOND) + 1;
    let second = first(seconds, |second| holds((second + 1) * SECOND));
    (second * SECOND).clamp(start, end)
}
