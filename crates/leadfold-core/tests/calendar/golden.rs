//! Hand-offs whose working time and due time were worked out by hand.

use leadfold_core::{Calendar, CalendarSpec, Hours, LocalDate, SECOND, Timestamp, Zone};

use chrono_tz::Tz;

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn hours(spans: &[&str]) -> Hours {
    Hours::parse(spans).expect("the hours are sound")
}

fn in_zone(zone: Tz, spec: &CalendarSpec) -> Calendar {
    Calendar::new(spec, Zone::of(zone.name(), zone))
}

/// Monday to Thursday 8 hours with a lunch break, Friday 6; Christmas off, Christmas Eve short.
fn office() -> Calendar {
    let day = hours(&["09:00-12:30", "13:30-18:00"]);
    let (mon, tue, wed, thu) = (day.clone(), day.clone(), day.clone(), day);
    let fri = hours(&["09:00-15:00"]);
    let mut spec = CalendarSpec { mon, tue, wed, thu, fri, ..CalendarSpec::new("Europe/Berlin") };
    for date in ["2024-12-24", "2024-12-25", "2024-12-26"] {
        spec.holidays.insert(date.parse().expect(date));
    }
    let eve = "2024-12-24".parse().expect("a date");
    spec.exceptions.insert(eve, hours(&["09:00-12:00"]));
    in_zone(Tz::Europe__Berlin, &spec)
}

/// The same hours on each day of the week.
fn daily(zone: Tz, spans: &[&str]) -> Calendar {
    in_zone(zone, &daily_spec(spans))
}

fn daily_spec(spans: &[&str]) -> CalendarSpec {
    let [mon, tue, wed, thu, fri, sat, sun] = [(); 7].map(|()| hours(spans));
    CalendarSpec { mon, tue, wed, thu, fri, sat, sun, ..CalendarSpec::new("a zone") }
}

/// Hours of Sundays alone, when the clocks of most zones change.
fn sundays(zone: Tz, spans: &[&str]) -> Calendar {
    in_zone(zone, &CalendarSpec { sun: hours(spans), ..CalendarSpec::new("a zone") })
}

/// Working time between two instants, and that it falls due at the second or at `due`.
fn check(calendar: &Calendar, [from, to]: [&str; 2], working: i64, due: &str) {
    assert_eq!(calendar.working(at(from), at(to)), working, "{from} to {to}");
    let found = calendar.due(at(from), working).map(|due| due.to_string());
    assert_eq!(found.as_deref(), Some(due), "{from} and {working} us");
}

fn intervals(calendar: &Calendar, from: &str, to: &str) -> Vec<String> {
    let show = |at: std::ops::Range<Timestamp>| format!("{} {}", at.start, at.end);
    calendar.intervals(at(from), at(to)).map(show).collect()
}

#[test]
fn handed_off_on_friday_evening() {
    // Friday 17:00 of Berlin is after the end of work; Monday 09:00 to 10:15 is 75 minutes.
    let weekend = ["2024-03-01T17:00:00+01:00", "2024-03-04T10:15:00+01:00"];
    check(&office(), weekend, 75 * MINUTE, "2024-03-04T09:15:00Z");
    // Four hours: 3:30 until lunch, and 0:30 from 13:30: 14:00.
    let due = office().due(at(weekend[0]), 4 * HOUR);
    assert_eq!(due, Some(at("2024-03-04T14:00:00+01:00")));
}

#[test]
fn due_at_the_end_of_a_day_is_not_due_the_next_morning() {
    // Thursday 17:00 to 18:00 is one hour; Friday morning adds nothing until 09:00.
    let night = ["2024-02-29T17:00:00+01:00", "2024-03-01T09:00:00+01:00"];
    check(&office(), night, HOUR, "2024-02-29T17:00:00Z");
    assert!(!office().is_working(at("2024-02-29T18:00:00+01:00")));
    assert!(office().is_working(at("2024-02-29T17:59:59.999999+01:00")));
    assert!(office().is_working(at("2024-03-01T09:00:00+01:00")));
    assert!(!office().is_working(at("2024-03-01T08:59:59.999999+01:00")));
}

#[test]
fn handed_off_over_a_holiday() {
    // Monday 17:00 to 18:00, Christmas Eve 09:00 to 12:00, two days off, Friday 09:00 to 10:00.
    let christmas = ["2024-12-23T17:00:00+01:00", "2024-12-27T10:00:00+01:00"];
    check(&office(), christmas, 5 * HOUR, "2024-12-27T09:00:00Z");
    assert_eq!(
        intervals(&office(), christmas[0], christmas[1]),
        [
            "2024-12-23T16:00:00Z 2024-12-23T17:00:00Z",
            "2024-12-24T08:00:00Z 2024-12-24T11:00:00Z",
            "2024-12-27T08:00:00Z 2024-12-27T09:00:00Z",
        ]
    );
}

#[test]
fn handed_off_over_a_weekend_on_which_clocks_change() {
    // Friday 14:00 to 15:00 and Monday 09:00 to 10:00, by summer time and by winter time.
    let spring = ["2024-03-29T14:00:00+01:00", "2024-04-01T10:00:00+02:00"];
    check(&office(), spring, 2 * HOUR, "2024-04-01T08:00:00Z");
    let autumn = ["2024-10-25T14:00:00+02:00", "2024-10-28T10:00:00+01:00"];
    check(&office(), autumn, 2 * HOUR, "2024-10-28T09:00:00Z");
}

#[test]
fn a_day_on_which_clocks_change_has_23_or_25_hours() {
    let never_closed = daily(Tz::Europe__Berlin, &["00:00-24:00"]);
    let spring = ["2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"];
    check(&never_closed, spring, 23 * HOUR, "2024-03-31T22:00:00Z");
    let autumn = ["2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00"];
    check(&never_closed, autumn, 25 * HOUR, "2024-10-27T23:00:00Z");
}

#[test]
fn hours_that_the_clocks_skip_do_not_happen() {
    // Berlin jumps from 02:00 to 03:00 at 01:00Z.
    let sunday = ("2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00");
    let of = |spans| intervals(&sundays(Tz::Europe__Berlin, spans), sunday.0, sunday.1).join(", ");
    assert_eq!(of(&["01:00-02:30"]), "2024-03-31T00:00:00Z 2024-03-31T01:00:00Z");
    assert_eq!(of(&["02:30-04:00"]), "2024-03-31T01:00:00Z 2024-03-31T02:00:00Z");
    assert_eq!(of(&["02:15-02:45"]), "");
    // Two spans that the jump makes touch are one stretch of work.
    assert_eq!(of(&["01:00-02:15", "02:45-04:00"]), "2024-03-31T00:00:00Z 2024-03-31T02:00:00Z");
}

#[test]
fn hours_that_the_clocks_repeat_happen_twice() {
    // Berlin goes from 03:00 back to 02:00 at 01:00Z.
    let sunday = ("2024-10-27T00:00:00+02:00", "2024-10-28T00:00:00+01:00");
    let of = |spans| intervals(&sundays(Tz::Europe__Berlin, spans), sunday.0, sunday.1);
    assert_eq!(
        of(&["01:00-02:30"]),
        ["2024-10-26T23:00:00Z 2024-10-27T00:30:00Z", "2024-10-27T01:00:00Z 2024-10-27T01:30:00Z"]
    );
    assert_eq!(
        of(&["02:30-04:00"]),
        ["2024-10-27T00:30:00Z 2024-10-27T01:00:00Z", "2024-10-27T01:30:00Z 2024-10-27T03:00:00Z"]
    );
    // The repeated hour as a whole, twice on end.
    assert_eq!(of(&["02:00-03:00"]), ["2024-10-27T00:00:00Z 2024-10-27T02:00:00Z"]);
}

#[test]
fn handed_off_to_another_zone() {
    let new_york = daily(Tz::America__New_York, &["09:00-17:00"]);
    // 16:00 of Berlin is 10:00 of New York: 7 hours to go.
    check(
        &new_york,
        ["2024-03-05T16:00:00+01:00", "2024-03-06T00:00:00Z"],
        7 * HOUR,
        "2024-03-05T22:00:00Z",
    );
    // A week later New York has summer time and Berlin has not: 11:00, 6 hours to go.
    check(
        &new_york,
        ["2024-03-12T16:00:00+01:00", "2024-03-13T00:00:00Z"],
        6 * HOUR,
        "2024-03-12T21:00:00Z",
    );
}

#[test]
fn zones_that_are_no_whole_hours_from_utc() {
    // 09:00 of Kathmandu (+05:45) is 03:15Z; of Kolkata (+05:30) 03:30Z.
    let hour = ["2024-03-05T03:00:00Z", "2024-03-05T04:00:00Z"];
    let kathmandu = daily(Tz::Asia__Kathmandu, &["09:00-17:00"]);
    check(&kathmandu, hour, 45 * MINUTE, "2024-03-05T04:00:00Z");
    let kolkata = daily(Tz::Asia__Kolkata, &["09:00-17:00"]);
    check(&kolkata, hour, 30 * MINUTE, "2024-03-05T04:00:00Z");
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    // 2024-04-07: from 02:00 (+11:00) back to 01:30 (+10:30), at 15:00Z of the 6th.
    let back = ["2024-04-06T13:00:00Z", "2024-04-07T13:00:00Z"];
    let one_to_two = sundays(Tz::Australia__Lord_Howe, &["01:00-02:00"]);
    check(&one_to_two, back, 90 * MINUTE, "2024-04-06T15:30:00Z");
    // 2024-10-06: from 02:00 (+10:30) on to 02:30 (+11:00), at 15:30Z of the 5th.
    let on = ["2024-10-05T13:30:00Z", "2024-10-06T13:00:00Z"];
    let two_to_three = sundays(Tz::Australia__Lord_Howe, &["02:00-03:00"]);
    check(&two_to_three, on, 30 * MINUTE, "2024-10-05T16:00:00Z");
}

#[test]
fn a_day_that_begins_at_one_in_the_morning() {
    // Sao Paulo, 2018-11-04: from 00:00 (-03:00) to 01:00 (-02:00), at 03:00Z.
    let night = sundays(Tz::America__Sao_Paulo, &["00:00-08:00"]);
    let sunday = ["2018-11-04T00:00:00Z", "2018-11-05T00:00:00Z"];
    check(&night, sunday, 7 * HOUR, "2018-11-04T10:00:00Z");
}

#[test]
fn a_date_that_a_zone_skips_has_no_hours() {
    // Apia went from Thursday 2011-12-29 (-10:00) to Saturday the 31st (+14:00).
    let mut spec = daily_spec(&["09:00-17:00"]);
    spec.exceptions.insert("2011-12-30".parse().expect("a date"), hours(&["00:00-24:00"]));
    let apia = in_zone(Tz::Pacific__Apia, &spec);
    // Thursday 12:00 to 17:00, Saturday 09:00 to 12:00: 8 hours within 24.
    let skip = ["2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"];
    check(&apia, skip, 8 * HOUR, "2011-12-30T22:00:00Z");
    assert_eq!(Calendar::always().working(at(skip[0]), at(skip[1])), 24 * HOUR);
}

#[test]
fn a_date_that_a_zone_repeats_has_its_hours_twice() {
    // Sitka, 1867: from the 19th, 15:30 (+14:58:47) back to the 18th, 15:30 (-09:01:13).
    // The 18th 8:00; the 19th 6:30 and at once the rest of the 18th again, 1:30; the 19th 8:00.
    let sitka = daily(Tz::America__Sitka, &["09:00-17:00"]);
    let dates = ["1867-10-17T09:01:13Z", "1867-10-20T09:01:13Z"];
    check(&sitka, dates, 24 * HOUR, "1867-10-20T02:01:13Z");
    assert_eq!(intervals(&sitka, dates[0], dates[1]).len(), 3);
}

#[test]
fn nothing_passes_in_no_time_or_backwards() {
    let (noon, later) = (at("2024-03-05T12:00:00Z"), at("2024-03-05T13:00:00Z"));
    for calendar in [office(), Calendar::always()] {
        assert_eq!(calendar.working(noon, noon), 0);
        assert_eq!(calendar.working(later, noon), 0);
        assert_eq!(calendar.intervals(noon, noon).count(), 0);
        assert_eq!(calendar.intervals(later, noon).count(), 0);
        assert_eq!(calendar.due(noon, 0), Some(noon));
        assert_eq!(calendar.due(noon, i64::MIN), Some(noon));
    }
}

#[test]
fn an_interval_may_be_open_to_the_end_of_time() {
    // From Friday 14:00 of Berlin: an hour, then on Monday until lunch.
    let (friday, last) = (at("2024-03-01T13:00:00Z"), at("9999-12-31T23:59:59.999999Z"));
    let office = office();
    let ends: Vec<_> = office.intervals(friday, last).take(2).map(|at| at.end).collect();
    assert_eq!(ends, [at("2024-03-01T14:00:00Z"), at("2024-03-04T11:30:00Z")]);
    assert_eq!(office.due(friday, i64::MAX), None);
}

#[test]
fn the_years_0_and_9999() {
    // 10,000 years are 25 times 146,097 days.
    let utc = daily(chrono_tz::UTC, &["09:00-17:00"]);
    let all = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"];
    check(&utc, all, 3_652_425 * 8 * HOUR, "9999-12-31T17:00:00Z");
    assert_eq!(utc.due(at("9999-12-31T16:00:00Z"), HOUR + 1), None);
    assert_eq!(Calendar::always().due(at("9999-12-31T23:59:59.999998Z"), 1), Some(at(all[1])));
    assert_eq!(Calendar::always().due(at(all[1]), 1), None);
    // The year 0 began on a Saturday; the clocks of Berlin were 53:28 ahead of UTC.
    let begin = ["0000-01-01T00:00:00Z", "0000-01-03T09:06:32Z"];
    check(&office(), begin, HOUR, "0000-01-03T09:06:32Z");
    // The year 9999 ends on a Friday.
    let end = ["9999-12-31T12:00:00+01:00", "9999-12-31T23:59:59Z"];
    check(&office(), end, 3 * HOUR, "9999-12-31T14:00:00Z");
}

#[test]
fn outside_the_years_0_to_9999_nothing_is_worked() {
    let (long_ago, far) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
    for calendar in [office(), Calendar::always()] {
        assert!(!calendar.is_working(long_ago) && !calendar.is_working(far));
        assert_eq!(calendar.due(far, 1), None);
        let all = calendar.working(at("0000-01-01"), at("9999-12-31T23:59:59.999999Z"));
        let is_last_worked = calendar.is_working(at("9999-12-31T23:59:59.999999Z"));
        assert_eq!(calendar.working(long_ago, far), all + i64::from(is_last_worked));
    }
    assert_eq!(office().due(long_ago, HOUR), Some(at("0000-01-03T09:06:32Z")));
}

#[test]
fn a_calendar_without_hours_never_falls_due() {
    let closed = daily(Tz::Europe__Berlin, &[]);
    let years = [at("0000-01-01"), at("9999-12-31")];
    assert_eq!(closed.working(years[0], years[1]), 0);
    assert_eq!(closed.due(years[0], 1), None);
    assert_eq!(closed.intervals(years[0], years[1]).count(), 0);
}

#[test]
fn a_year_of_holidays_is_skipped() {
    let mut spec = daily_spec(&["09:00-17:00"]);
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
    let days = first.iter_days().take(366).map(LocalDate::try_from);
    spec.holidays = days.collect::<Result<_, _>>().expect("the year is 2024");
    let calendar = in_zone(chrono_tz::UTC, &spec);
    let year = ["2024-01-01T00:00:00Z", "2025-01-01T10:00:00Z"];
    check(&calendar, year, HOUR, "2025-01-01T10:00:00Z");
}

#[test]
fn a_calendar_that_never_closes_is_the_wall_clock() {
    let open = daily(Tz::Europe__Berlin, &["00:00-12:00", "12:00-24:00"]);
    let years = (at("0000-01-01"), at("9999-12-31"));
    for calendar in [open, Calendar::always()] {
        assert_eq!(calendar.intervals(years.0, years.1).collect::<Vec<_>>(), [years.0..years.1]);
        let micros = years.1.micros() - years.0.micros();
        assert_eq!(calendar.working(years.0, years.1), micros);
        assert_eq!(calendar.due(years.0, micros), Some(years.1));
        assert!(calendar.is_working(years.0));
    }
}

#[test]
fn a_calendar_says_whose_clock_it_reads() {
    assert_eq!(office().zone().map(Zone::name), Some("Europe/Berlin"));
    assert!(Calendar::default().zone().is_none());
    let shown = format!("{:?} {:?}", office(), Calendar::always());
    assert_eq!(shown, "Calendar(Europe/Berlin) Calendar(always)");
}

#[test]
fn a_calendar_goes_where_threads_go() {
    fn goes<T: Clone + Send + Sync + 'static>(_: &T) {}
    goes(&office());
}
