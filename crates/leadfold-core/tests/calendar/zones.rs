//! Every zone of the data base: noon is noon.

use chrono::{DateTime, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};
use leadfold_core::{Calendar, CalendarSpec, Hours, SECOND, Timestamp, Zone};

/// 1840-01-01 and 2101-01-01, seconds since the epoch.
const YEARS: std::ops::Range<i64> = -4_102_444_800..4_133_980_800;
/// Short of a day, so that it wanders through the day; and a calendar that misses a change is
/// wrong until the next one.
const STEP: usize = 5 * 86_400 - 1_000;

fn mornings(zone: Tz) -> Calendar {
    let [mon, tue, wed, thu, fri, sat, sun] =
        [(); 7].map(|()| Hours::parse(&["00:00-12:00"]).expect("the hours are sound"));
    let spec = CalendarSpec { mon, tue, wed, thu, fri, sat, sun, ..CalendarSpec::new("zone") };
    Calendar::new(&spec, Zone::of(zone.name(), zone))
}

fn local_second(zone: Tz, second: i64) -> i64 {
    let utc = DateTime::from_timestamp(second, 0).expect("the years are within chrono's");
    i64::from(utc.with_timezone(&zone).time().num_seconds_from_midnight())
}

#[test]
fn noon_is_noon_in_every_zone() {
    for zone in TZ_VARIANTS {
        let calendar = mornings(zone);
        for second in YEARS.step_by(STEP) {
            let noon = second - local_second(zone, second) + 43_200;
            for second in [noon - 1, noon] {
                let is_working = calendar.is_working(Timestamp::from_micros(second * SECOND));
                assert_eq!(is_working, local_second(zone, second) < 43_200, "{zone} {second}");
            }
        }
    }
}
