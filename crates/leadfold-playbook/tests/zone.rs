//! Zones by name, and where their days begin.

use chrono::{DateTime, NaiveDate, Offset, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use leadfold_core::Timestamp;
use leadfold_playbook::{TimeZone, zone};
use proptest::prelude::*;

#[test]
fn every_name_of_the_data_base_is_known() {
    for known in TZ_VARIANTS {
        let found = zone(known.name()).expect("it is known");
        assert_eq!(found.name(), known.name());
    }
    for offset in ["+01:00", "-03:30", "+00:00"] {
        assert_eq!(zone(offset).expect("an offset").name(), offset);
    }
}

#[test]
fn the_nearest_name_is_suggested() {
    for (given, expected) in [
        ("Europe/Belin", Some("Europe/Berlin")),
        ("europe/berlin", Some("Europe/Berlin")),
        ("Berlin", Some("Europe/Berlin")),
        ("America/New York", Some("America/New_York")),
        ("Sao Paulo", Some("America/Sao_Paulo")),
        ("utc", Some("UTC")),
        ("Mars/Base", None),
        ("", None),
        ("+1:00", None),
        ("01:00", None),
        ("+24:00", None),
        ("+01:00 ", None),
    ] {
        let error = zone(given).expect_err(given);
        assert_eq!(error.nearest, expected, "{given}");
    }
}

#[test]
fn an_unknown_zone_is_told_in_full() {
    let said = |given: &str| zone(given).expect_err(given).to_string();
    assert_eq!(
        said("Europe/Belin"),
        "expected an IANA name such as Europe/Berlin or an offset such as +01:00, found \
         \"Europe/Belin\"; did you mean Europe/Berlin?"
    );
    assert_eq!(
        said("Mars/\u{1b}"),
        "expected an IANA name such as Europe/Berlin or an offset such as +01:00, found \
         \"Mars/\\u{1b}\"; correct it"
    );
}

type FirstInstant = fn(Tz, NaiveDate) -> Timestamp;

fn first_instant(zone: Tz, date: NaiveDate) -> Timestamp {
    zone.name().parse::<TimeZone>().expect("it is known").first_instant_of(date)
}

/// The date that the clocks of a zone show, from the offset alone.
fn shown(zone: Tz, micros: i64) -> NaiveDate {
    let utc = DateTime::from_timestamp_micros(micros).expect("an instant of these centuries");
    let offset = zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc();
    let local = utc + chrono::TimeDelta::seconds(offset.into());
    local.date_naive()
}

/// Whether the date, or where the zone skipped it a later one, begins then: not a microsecond
/// before.
fn is_first(first: FirstInstant, zone: Tz, date: NaiveDate) -> bool {
    let at = first(zone, date).micros();
    shown(zone, at) >= date && shown(zone, at - 1) < date
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_day_begins_with_its_first_instant(
        zone in 0..TZ_VARIANTS.len(), year in 1850_i32..2100, day in 1_u32..=365,
    ) {
        let date = NaiveDate::from_yo_opt(year, day).expect("a day of the year");
        let zone = TZ_VARIANTS[zone];
        prop_assert!(is_first(first_instant, zone, date), "{} {}", zone, date);
    }
}

#[test]
fn days_begin_where_clocks_skip_midnight() {
    for (zone, day, expected) in [
        (Tz::UTC, "2024-02-01", "2024-02-01T00:00:00Z"),
        (Tz::Europe__Berlin, "2024-07-01", "2024-06-30T22:00:00Z"),
        // Midnight was skipped.
        (Tz::America__Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"),
        // Midnight came twice.
        (Tz::America__Havana, "2024-11-03", "2024-11-03T04:00:00Z"),
        // The whole day was skipped.
        (Tz::Pacific__Apia, "2011-12-30", "2011-12-30T10:00:00Z"),
    ] {
        let day = date(day);
        assert_eq!(first_instant(zone, day).to_string(), expected, "{zone}");
        assert!(is_first(first_instant, zone, day), "{zone}");
    }
    let offset: TimeZone = "-03:30".parse().expect("an offset");
    assert_eq!(offset.first_instant_of(date("2024-02-01")).to_string(), "2024-02-01T03:30:00Z");
}

#[test]
fn a_wrong_first_instant_is_noticed() {
    let broken: [FirstInstant; 3] = [
        |_, date| first_instant(Tz::UTC, date),
        |zone, date| Timestamp::from_micros(first_instant(zone, date).micros() + 1),
        |zone, date| Timestamp::from_micros(first_instant(zone, date).micros() - 1),
    ];
    for (index, broken) in broken.into_iter().enumerate() {
        assert!(!is_first(broken, Tz::Europe__Berlin, date("2024-07-01")), "{index}");
    }
}
