//! The week: when prospects show up, and when sales is at work. All in UTC.

use super::rng::Rng;

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// The epoch was a Thursday; weeks begin on a Monday.
const MONDAY: i64 = -3 * DAY;

const OPENING: i64 = 9 * HOUR;
const CLOSING: i64 = 18 * HOUR;

/// The same instant if the office is open then, else one in the morning of the next working day.
pub(super) fn office(at: i64, rng: &mut Rng) -> i64 {
    let second = at.rem_euclid(DAY);
    let is_working_day = |midnight: i64| (midnight - MONDAY).rem_euclid(WEEK) < 5 * DAY;
    let mut midnight = at - second;
    if is_working_day(midnight) && (OPENING..CLOSING).contains(&second) {
        return at;
    }
    if second >= CLOSING {
        midnight += DAY;
    }
    while !is_working_day(midnight) {
        midnight += DAY;
    }
    midnight + OPENING + rng.below(3 * HOUR as u64) as i64
}

/// How many prospects show up in an hour of the week, relative to the quietest.
fn demand(hour_of_week: i64) -> i64 {
    let (day, hour) = (hour_of_week / 24, hour_of_week % 24);
    match (day < 5, hour) {
        (true, 9..=17) => 8,
        (true, 7..=8 | 18..=21) => 4,
        (true, 22..=23) | (false, 9..=21) => 2,
        _ => 1,
    }
}

/// Demand summed up over time, and its inverse: spreads leads over a window as they would come.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// Demand of the week until each of its hours, in units of a second of the quietest hour.
    until_hour: [i64; 169],
}

impl Demand {
    pub(super) fn new() -> Self {
        let mut until_hour = [0; 169];
        for hour in 0..168 {
            until_hour[hour + 1] = until_hour[hour] + demand(hour as i64) * HOUR;
        }
        Self { until_hour }
    }

    /// Demand from the first Monday until then.
    pub(super) fn until(&self, at: i64) -> i64 {
        let since = at - MONDAY;
        let (hour, second) = (since.rem_euclid(WEEK) / HOUR, since.rem_euclid(HOUR));
        since.div_euclid(WEEK) * self.until_hour[168]
            + self.until_hour[hour as usize]
            + second * demand(hour)
    }

    /// The second at which demand reached that much.
    pub(super) fn when(&self, demanded: i64) -> i64 {
        let rest = demanded.rem_euclid(self.until_hour[168]);
        let hour = self.until_hour.partition_point(|until| *until <= rest) as i64 - 1;
        let second = (rest - self.until_hour[hour as usize]) / demand(hour);
        MONDAY + demanded.div_euclid(self.until_hour[168]) * WEEK + hour * HOUR + second
    }
}

#[cfg(test)]
mod tests {
    use super::super::rng::Purpose;
    use super::*;

    #[test]
    fn demand_is_inverted() {
        let demand = Demand::new();
        for at in (-2 * WEEK..2 * WEEK).step_by(777) {
            assert_eq!(demand.when(demand.until(at)), at);
        }
    }

    #[test]
    fn the_office_is_closed_at_night_and_at_weekends() {
        let mut rng = Rng::new(1, 0, Purpose::Life);
        for at in (0..2 * WEEK).step_by(1_777) {
            let open = office(at, &mut rng);
            assert!(open >= at && open - at < 4 * DAY);
            assert!((OPENING..CLOSING).contains(&open.rem_euclid(DAY)));
            assert!((open - MONDAY).rem_euclid(WEEK) < 5 * DAY);
        }
    }
}
