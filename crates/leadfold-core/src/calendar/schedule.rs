//! Working time by a wall clock that never changes: the calendar without its zone.

use std::collections::BTreeMap;

use super::{CalendarSpec, Hours};
use crate::DAY;

/// The hours of every day, and how much working time is behind each.
///
/// **Invariant:** local time is microseconds since 1970-01-01T00:00 of the wall clock, with days
/// of 24 hours. What a zone does to its clocks is not seen here.
#[derive(Debug)]
pub(super) struct Schedule {
    /// From Monday on.
    week: [Hours; 7],
    /// Working microseconds of a week before each of its days, and of all of it.
    week_before: [i64; 8],
    /// Days that differ from their weekday, in order.
    special: Vec<Special>,
}

#[derive(Debug)]
struct Special {
    day: i64,
    hours: Hours,
    /// Working microseconds that the special days so far, with this one, have more than their
    /// weekdays.
    excess: i64,
}

impl Schedule {
    pub(super) fn new(spec: &CalendarSpec) -> Self {
        let week = spec.week().map(Hours::clone);
        let mut week_before = [0; 8];
        for (index, hours) in week.iter().enumerate() {
            week_before[index + 1] = week_before[index] + hours.total();
        }
        let special = special(spec, &week);
        Self { week, week_before, special }
    }

    /// Working microseconds from a fixed Monday to a local time; negative before that.
    pub(super) fn passed(&self, local: i64) -> i64 {
        let (day, micros_of_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let n_behind = self.special.partition_point(|special| special.day < day);
        let (behind, ahead) = self.special.split_at(n_behind);
        let today = match ahead.first() {
            Some(special) if special.day == day => &special.hours,
            _ => &self.week[weekday(day)],
        };
        let excess = behind.last().map_or(0, |special| special.excess);
        self.by_weekdays(day) + excess + today.until(micros_of_day)
    }

    /// What the weekdays alone make of the time before a day.
    fn by_weekdays(&self, day: i64) -> i64 {
        (day + MONDAYS_BEHIND).div_euclid(7) * self.week_before[7] + self.week_before[weekday(day)]
    }
}

/// The days with hours of their own, in order.
fn special(spec: &CalendarSpec, week: &[Hours; 7]) -> Vec<Special> {
    let holidays = spec.holidays.iter().map(|date| (date.days(), Hours::default()));
    let exceptions = spec.exceptions.iter().map(|(date, hours)| (date.days(), hours.clone()));
    let days: BTreeMap<i64, Hours> = holidays.chain(exceptions).collect();
    let mut excess = 0;
    days.into_iter()
        .map(|(day, hours)| {
            excess += hours.total() - week[weekday(day)].total();
            Special { day, hours, excess }
        })
        .collect()
}

/// 1970-01-01 was a Thursday: the Monday of its week lies so many days before.
const MONDAYS_BEHIND: i64 = 3;

/// 0 for a Monday.
fn weekday(day: i64) -> usize {
    (day + MONDAYS_BEHIND).rem_euclid(7) as usize
}
