//! Times of a scenario: what the clocks of a zone show.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use leadfold_core::{DAY, SECOND, Timestamp, When, Zone, ZonedTime};

/// Reads times on the clocks of a zone.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) zone: Zone,
}

impl Clock {
    /// A date, a date and a time of day in two words, or RFC 3339; and how many words it took.
    pub(super) fn read(&self, first: &str, second: Option<&str>) -> Option<(ZonedTime, usize)> {
        let Ok(date) = first.parse::<NaiveDate>() else {
            return ZonedTime::parse(first).ok().map(|time| (time, 1));
        };
        // The years that leadfold knows are asked for once.
        When::parse(first).ok()?;
        match second.and_then(time_of_day) {
            Some(time) => self.at(date.and_time(time)).map(|time| (time, 2)),
            None => self.at(date.and_time(NaiveTime::MIN)).map(|time| (time, 1)),
        }
    }

    /// The first instant at which the clocks show this; none where they skip it.
    fn at(&self, local: NaiveDateTime) -> Option<ZonedTime> {
        let shown = local.and_utc().timestamp_micros();
        // Clocks are never more than a day away from UTC.
        let around = [shown.saturating_sub(DAY), shown.saturating_add(DAY)];
        let offsets = around.map(|at| self.zone.offset_seconds(Timestamp::from_micros(at)));
        let instants = offsets.map(|offset_seconds| ZonedTime {
            at: Timestamp::from_micros(shown - i64::from(offset_seconds) * SECOND),
            offset_seconds,
        });
        let shows = |time: &ZonedTime| self.zone.offset_seconds(time.at) == time.offset_seconds;
        instants.into_iter().filter(shows).min_by_key(|time| time.at)
    }
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(first: &str, second: &str) -> Option<String> {
        let clock = Clock { zone: leadfold_playbook::zone("Europe/Berlin").expect("a zone") };
        clock.read(first, Some(second)).map(|(time, _)| time.to_string())
    }

    #[test]
    fn clocks_are_those_of_the_zone() {
        assert_eq!(read("2024-03-01", "18:00").as_deref(), Some("2024-03-01T18:00:00+01:00"));
        assert_eq!(read("2024-07-01", "18:00:30").as_deref(), Some("2024-07-01T18:00:30+02:00"));
        assert_eq!(read("2024-07-01", "L1").as_deref(), Some("2024-07-01T00:00:00+02:00"));
        assert_eq!(read("2024-07-01T18:00:00Z", "").as_deref(), Some("2024-07-01T18:00:00Z"));
        assert_eq!(read("2024-02-30", ""), None);
    }

    #[test]
    fn what_clocks_skip_is_no_time_and_what_they_show_twice_is_the_first() {
        assert_eq!(read("2024-03-31", "02:30"), None);
        assert_eq!(read("2024-10-27", "02:30").as_deref(), Some("2024-10-27T02:30:00+02:00"));
    }
}
