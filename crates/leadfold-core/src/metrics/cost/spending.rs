//! A cost spread over its days.

use std::iter::successors;
use std::ops::Range;

use crate::bisect::first;
use crate::metrics::split::KeyPart;
use crate::metrics::{By, Period, Zone};
use crate::tables::Cost;
use crate::{Currency, DAY, Timestamp};

/// A cost and its days, counted since 1970-01-01. Days that were written as instants are those of
/// UTC; days in the wrong order are taken in the right one.
pub(super) struct Spending<'a> {
    cost: &'a Cost,
    days: Range<i64>,
}

impl<'a> Spending<'a> {
    pub(super) fn of(cost: &'a Cost) -> Self {
        let day = |at: Timestamp| at.micros().div_euclid(DAY);
        let (from, to) = (day(cost.from), day(cost.to));
        Self { cost, days: from.min(to)..from.max(to) + 1 }
    }

    pub(super) fn currency(&self) -> Currency {
        self.cost.currency
    }

    /// The days of it that begin within the period, in a zone.
    pub(super) fn days_within(&self, period: Period, zone: &Zone) -> Range<i64> {
        let clip = |bound: Option<Timestamp>, open: i64| {
            bound.map_or(open, |at| first_day(at, zone)).clamp(self.days.start, self.days.end)
        };
        clip(period.from, self.days.start)..clip(period.to, self.days.end)
    }

    /// Some of its days, in one part a month if a dimension asks for months.
    pub(super) fn by_month(&self, days: Range<i64>, by: &[By]) -> Vec<Range<i64>> {
        let utc = By::CohortMonth(Zone::utc());
        let months = by.iter().any(|by| matches!(by, By::CohortMonth(_)));
        let by: &[By] = if months { &[utc] } else { &[] };
        let parts = by_month(days.start * DAY..days.end * DAY, by);
        parts.into_iter().map(|part| part.start / DAY..part.end / DAY).collect()
    }

    /// What of the amount falls on some of its days: so much as is spent by their end, less what
    /// is spent by their beginning. Both are rounded down, so that parts add up exactly.
    pub(super) fn amount_of(&self, days: &Range<i64>) -> i128 {
        let n = i128::from(self.days.end - self.days.start);
        let by = |day: i64| i128::from(self.cost.amount) * i128::from(day - self.days.start) / n;
        by(days.end) - by(days.start)
    }

    /// The key of what is spent on a day.
    pub(super) fn key(&self, day: i64, by: &[By]) -> Vec<KeyPart> {
        let part = |by: &By| match by {
            By::Source => KeyPart::of(self.cost.source),
            By::Campaign => KeyPart::of(self.cost.campaign),
            By::Channel => KeyPart::of(self.cost.channel),
            By::CohortMonth(_) => month(&Zone::utc(), Timestamp::from_micros(day * DAY)),
            _ => KeyPart::Missing,
        };
        by.iter().map(part).collect()
    }
}

/// The first day that begins at an instant or after it: the one behind the day just before. Where
/// clocks skip midnight a day begins later than at 0 o'clock.
fn first_day(at: Timestamp, zone: &Zone) -> i64 {
    let before = Timestamp::from_micros(at.micros().saturating_sub(1));
    let ahead = i64::from(zone.offset_seconds(before)) * crate::SECOND;
    before.micros().saturating_add(ahead).div_euclid(DAY) + 1
}

fn month(zone: &Zone, at: Timestamp) -> KeyPart {
    let (year, month) = zone.month(at);
    KeyPart::Month(year, month)
}

/// Puts the month of an instant where a key has a month.
pub(super) fn set_month(key: &mut [KeyPart], by: &[By], at: Timestamp) {
    for (part, by) in key.iter_mut().zip(by) {
        if let By::CohortMonth(zone) = by {
            *part = month(zone, at);
        }
    }
}

/// Some time, microseconds, in one part a month if a dimension asks for months; no empty parts.
pub(super) fn by_month(time: Range<i64>, by: &[By]) -> Vec<Range<i64>> {
    let zone = by.iter().find_map(|by| match by {
        By::CohortMonth(zone) => Some(zone),
        _ => None,
    });
    let end = |start: i64| match zone {
        None => time.end,
        Some(zone) => {
            let of = |at: i64| zone.month(Timestamp::from_micros(at));
            first(start..time.end, |at| of(at) != of(start))
        }
    };
    let begin = Some(time.start).filter(|start| *start < time.end);
    let starts = successors(begin, |start| Some(end(*start)).filter(|next| *next < time.end));
    starts.map(|start| start..end(start)).collect()
}
