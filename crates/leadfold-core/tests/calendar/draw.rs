//! Random plans, and intervals about the days on which the clocks of their zone change.

use std::sync::LazyLock;

use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use leadfold_core::{DAY, SECOND, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::plan::{Plan, Spans};

/// A plan and an interval.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) plan: Plan,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// Zones in which clocks do strange things.
const ZONES: [Tz; 17] = [
    chrono_tz::UTC,
    Tz::Africa__Casablanca,   // back for Ramadan
    Tz::Africa__Monrovia,     // 44 minutes and a half, 1972
    Tz::America__Caracas,     // half an hour, for ever
    Tz::America__New_York,    //
    Tz::America__Sao_Paulo,   // midnight is skipped
    Tz::America__St_Johns,    // one minute past midnight
    Tz::Antarctica__Troll,    // two hours
    Tz::Asia__Beirut,         // midnight is skipped
    Tz::Asia__Kathmandu,      // +05:45
    Tz::Asia__Pyongyang,      // half an hour, there and back
    Tz::Australia__Lord_Howe, // half an hour, each year
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::Pacific__Apia,      // 2011-12-30 is skipped
    Tz::Pacific__Chatham,   // +12:45, +13:45
    Tz::Pacific__Kwajalein, // 1993-08-21 is skipped
];

/// When clocks have changed: zone and second since the epoch, 1970 to 2038.
static CHANGES: LazyLock<Vec<(Tz, i64)>> = LazyLock::new(|| {
    let quarters = || (0..2_150_000_000i64).step_by(3_600);
    let is_change = |zone: Tz, second: i64| offset(zone, second) != offset(zone, second + 3_600);
    let of_zone =
        |zone| quarters().filter(move |at| is_change(zone, *at)).map(move |at| (zone, at));
    ZONES.into_iter().flat_map(of_zone).collect()
});

/// Seconds ahead of UTC.
pub(crate) fn offset(zone: Tz, second: i64) -> i32 {
    let utc = DateTime::from_timestamp(second, 0).expect("tests stay within the years of chrono");
    zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
}

/// A plan with holidays and exceptions near the interval, which lies near a change of clocks.
pub(crate) fn question(days_max: i64) -> impl Strategy<Value = Question> {
    let length = prop_oneof![
        2 => 0..=SECOND,
        4 => 0..=DAY,
        3 => 0..=4 * DAY,
        1 => 0..=days_max * DAY,
    ];
    let change = prop_oneof![9 => select(CHANGES.as_slice()), 1 => still()];
    (change, length).prop_flat_map(|((zone, second), length)| {
        let from = second * SECOND - length - DAY..=second * SECOND + DAY;
        (plan(zone, second), from.prop_map(Timestamp::from_micros)).prop_map(move |(plan, from)| {
            let to = Timestamp::from_micros(from.micros() + length);
            Question { plan, from, to }
        })
    })
}

/// Any instant of any zone: most often the clocks do nothing.
fn still() -> impl Strategy<Value = (Tz, i64)> {
    (select(ZONES.as_slice()), -5_000_000_000..5_000_000_000i64)
}

fn plan(zone: Tz, second: i64) -> impl Strategy<Value = Plan> {
    let week = proptest::array::uniform7(spans());
    let exceptions = vec((near(second), spans()), 0..4);
    (week, vec(near(second), 0..4), exceptions).prop_map(move |(week, holidays, mut exceptions)| {
        exceptions.sort();
        exceptions.dedup_by_key(|(date, _)| *date);
        Plan { zone, week, holidays, exceptions }
    })
}

/// A date near an instant.
fn near(second: i64) -> impl Strategy<Value = NaiveDate> {
    let utc = DateTime::from_timestamp(second, 0).expect("tests stay within the years of chrono");
    let first = utc.date_naive() - Days::new(6);
    (0..12u64).prop_map(move |days| first + Days::new(days))
}

/// The hours of a day, often at the hours at which clocks change.
fn spans() -> impl Strategy<Value = Spans> {
    let minute = prop_oneof![
        0..=1_440u32,
        (0..=24u32).prop_map(|hour| hour * 60),
        (0..=8u32).prop_map(|halves| halves * 30),
        Just(1_440),
    ];
    vec(minute, 0..6).prop_map(|mut minutes| {
        minutes.sort_unstable();
        minutes.dedup();
        minutes.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}
