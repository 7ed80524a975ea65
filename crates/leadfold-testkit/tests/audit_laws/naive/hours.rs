//! Working time, added up span by span.

use crate::audit_laws::book::Shift;

/// A week's working hours, or all time.
#[derive(Debug)]
pub(crate) struct Hours {
    /// Spans of a week, microseconds from its Monday.
    spans: Option<Vec<(i64, i64)>>,
}

const HOUR: i64 = 3_600_000_000;
const WEEK: i64 = 7 * 24 * HOUR;
/// 1969-12-29, a Monday.
const MONDAY: i64 = -3 * 24 * HOUR;
/// The years 0 to 9999.
const BEGIN: i64 = -62_167_219_200_000_000;
const END: i64 = 253_402_300_800_000_000;

impl Hours {
    pub(crate) fn of(shifts: Option<&[Shift]>) -> Self {
        let span = |(day, from, to): &Shift| {
            let midnight = *day as i64 * 24 * HOUR;
            (midnight + i64::from(*from) * HOUR, midnight + i64::from(*to) * HOUR)
        };
        Self { spans: shifts.map(|shifts| shifts.iter().map(span).collect()) }
    }

    /// Working microseconds between two instants.
    pub(crate) fn working(&self, from: i64, to: i64) -> i64 {
        (self.passed(to.clamp(BEGIN, END)) - self.passed(from.clamp(BEGIN, END))).max(0)
    }

    fn passed(&self, at: i64) -> i64 {
        let Some(spans) = &self.spans else { return at };
        let (weeks, rest) = ((at - MONDAY).div_euclid(WEEK), (at - MONDAY).rem_euclid(WEEK));
        let of_week: i64 = spans.iter().map(|(from, to)| to - from).sum();
        let of_rest = spans.iter().map(|(from, to)| (rest.min(*to) - from).max(0));
        weeks * of_week + of_rest.sum::<i64>()
    }

    /// When so much working time has passed.
    pub(crate) fn due(&self, from: i64, need: i64) -> Option<i64> {
        if need <= 0 {
            return Some(from);
        }
        let from = from.clamp(BEGIN, END);
        let due = match &self.spans {
            None => from.checked_add(need),
            Some(spans) => walk(spans, from, need),
        };
        due.filter(|due| *due < END)
    }
}

fn walk(spans: &[(i64, i64)], from: i64, need: i64) -> Option<i64> {
    let of_week: i64 = spans.iter().map(|(from, to)| to - from).sum();
    let weeks = (need - 1) / of_week;
    let mut at = from.checked_add(weeks.checked_mul(WEEK)?)?;
    let mut rest = need - weeks * of_week;
    let mut monday = MONDAY + (at - MONDAY).div_euclid(WEEK) * WEEK;
    loop {
        for (start, end) in spans {
            let (start, end) = ((monday + start).max(at), monday + end);
            if end <= start {
                continue;
            }
            if rest <= end - start {
                return Some(start + rest);
            }
            rest -= end - start;
            at = end;
        }
        monday += WEEK;
    }
}
