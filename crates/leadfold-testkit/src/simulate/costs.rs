//! What the leads cost: a line a source and calendar month, noted on the first of the next one.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime};

use super::Simulation;
use super::act::{Act, What};
use super::calendar::{DAY, HOUR};
use super::company::SOURCES;
use super::rng::{Purpose, Rng};

/// The number that costs have in place of a lead's.
pub(super) const NO_LEAD: u32 = u32::MAX;

/// The costs of the whole window, by time.
pub(super) fn costs(simulation: &Simulation) -> Vec<Act> {
    let mut rng = Rng::new(simulation.seed, NO_LEAD, Purpose::Life);
    let mut acts: Vec<Act> = Vec::new();
    let (mut from, end) = (simulation.from(), simulation.end());
    while from < end {
        let next_month = midnight(month_after(date(from)));
        let leads = f64::from(simulation.leads) * (next_month.min(end) - from) as f64
            / (i64::from(simulation.days) * DAY) as f64;
        let at = (next_month + 6 * HOUR).min(end - 1);
        let paid = SOURCES.iter().enumerate().filter(|(_, source)| source.cost > 0);
        for (index, source) in paid {
            let share = leads * f64::from(source.weight) / 100.0;
            let amount = (share * f64::from(source.cost) * (0.85 + 0.3 * rng.unit())) as u32;
            let ago = (at - from) as u32;
            let what = What::Cost { source: index as u8, amount, ago };
            acts.push(Act { at, recorded_at: at, number: acts.len() as u32, what });
        }
        from = next_month;
    }
    acts
}

/// The first and the last day of the month of that second.
pub(super) fn month(at: i64) -> (NaiveDate, NaiveDate) {
    let first = date(at).with_day(1).expect("every month has a first day");
    (first, month_after(first).pred_opt().expect("a window lies within the calendar"))
}

fn month_after(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).expect("every month has a first day");
    first.checked_add_months(Months::new(1)).expect("a window lies within the calendar")
}

/// The day of that second.
pub(super) fn date(at: i64) -> NaiveDate {
    let time = DateTime::from_timestamp(at, 0).expect("a window lies within the calendar");
    time.date_naive()
}

fn midnight(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp()
}
