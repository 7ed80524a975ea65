//! What a calendar asks of its zone: a bounded number of questions at first, and none afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::offset::LocalResult;
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, TimeZone};
use leadfold_core::{Calendar, CalendarSpec, DAY, Hours, SECOND, Timestamp, Zone};

const HOUR: i64 = 3_600 * SECOND;

/// A summer that is just long enough to be found in any century.
const SUMMER_SECONDS: i64 = 57 * 86_400;
const YEAR_SECONDS: i64 = 365 * 86_400;

/// A zone that is an hour ahead for a part of each period, for ever, and counts how often it is
/// asked.
#[derive(Clone)]
struct Pendulum {
    ahead_seconds: i64,
    period_seconds: i64,
    n_asked: Arc<AtomicU32>,
}

impl Pendulum {
    fn new(ahead_seconds: i64, period_seconds: i64) -> Self {
        Self { ahead_seconds, period_seconds, n_asked: Arc::default() }
    }

    fn n_asked(&self) -> u32 {
        self.n_asked.load(Ordering::Relaxed)
    }

    fn is_ahead(&self, second: i64) -> bool {
        second.rem_euclid(self.period_seconds) < self.ahead_seconds
    }

    /// Noon to midnight, each day.
    fn calendar(&self) -> Calendar {
        let [mon, tue, wed, thu, fri, sat, sun] =
            [(); 7].map(|()| Hours::parse(&["12:00-24:00"]).expect("the hours are sound"));
        let spec = CalendarSpec { mon, tue, wed, thu, fri, sat, sun, ..CalendarSpec::new("p") };
        Calendar::new(&spec, Zone::of("pendulum", self.clone()))
    }
}

impl TimeZone for Pendulum {
    type Offset = FixedOffset;

    fn from_offset(_: &FixedOffset) -> Self {
        Self::new(1, 2)
    }

    fn offset_from_local_date(&self, _: &NaiveDate) -> LocalResult<FixedOffset> {
        LocalResult::None
    }

    fn offset_from_local_datetime(&self, _: &NaiveDateTime) -> LocalResult<FixedOffset> {
        LocalResult::None
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> FixedOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
        self.n_asked.fetch_add(1, Ordering::Relaxed);
        let is_ahead = self.is_ahead(utc.and_utc().timestamp());
        FixedOffset::east_opt(if is_ahead { 3_600 } else { 0 }).expect("an hour is an offset")
    }
}

#[test]
fn a_query_does_not_ask_the_zone() {
    let zone = Pendulum::new(SUMMER_SECONDS, YEAR_SECONDS);
    let calendar = zone.calendar();
    let n_asked = zone.n_asked();
    assert!(n_asked < 1_500_000, "{n_asked}");
    let (from, to) = ("0000-01-01".parse(), "9999-12-31".parse());
    let (from, to) = (from.expect("a date"), to.expect("a date"));
    assert!(calendar.working(from, to) > 0 && calendar.due(from, DAY).is_some());
    assert_eq!(calendar.intervals(from, to).take(1_000).count(), 1_000);
    assert_eq!(zone.n_asked(), n_asked);
}

#[test]
fn clocks_that_never_rest_are_followed_to_the_year_9999() {
    let zone = Pendulum::new(SUMMER_SECONDS, YEAR_SECONDS);
    let calendar = zone.calendar();
    for day in (-719_000..2_932_000).step_by(17) {
        // Noon by the clock without its hour ahead.
        let noon = Timestamp::from_micros(day * DAY + 12 * HOUR);
        let second = day * 86_400 + 43_200;
        let an_hour_before = Timestamp::from_micros(noon.micros() - HOUR);
        assert!(calendar.is_working(noon));
        assert_eq!(calendar.is_working(an_hour_before), zone.is_ahead(second - 3_600), "{noon}");
    }
}

#[test]
fn a_zone_that_is_none_is_given_up_in_the_end() {
    let zone = Pendulum::new(7_001, 14_002);
    let calendar = zone.calendar();
    let n_asked = zone.n_asked();
    assert!(n_asked < 5_000_000, "{n_asked}");
    assert!(
        calendar.working("2024-01-01".parse().expect("a date"), Timestamp::from_micros(i64::MAX))
            > 0
    );
}
