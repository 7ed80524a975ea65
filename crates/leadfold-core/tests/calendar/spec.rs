//! What a calendar's text may be, and what is said of one that is none. The texts are pinned.

use leadfold_core::{CalendarError, CalendarSpec, Hours, LocalDate};
use serde_json::json;

fn wrong(field: &str, value: &serde_json::Value) -> String {
    let text = json!({ "zone": "UTC", field: value }).to_string();
    let error = serde_json::from_str::<CalendarSpec>(&text).expect_err(&text).to_string();
    error.split(" at line").next().expect("a split has a first part").to_owned()
}

#[test]
fn a_calendar_reads_as_it_writes() {
    let text = r#"{"zone":"Europe/Berlin","mon":["09:00-12:30","13:30-24:00"],"tue":[],"wed":[],"thu":[],"fri":["00:00-00:01"],"sat":[],"sun":[],"holidays":["0000-02-29","2024-12-25"],"exceptions":{"2024-12-24":["09:00-12:00"]}}"#;
    let spec: CalendarSpec = serde_json::from_str(text).expect("the calendar is sound");
    assert_eq!(serde_json::to_string(&spec).expect("it can be written"), text);
}

#[test]
fn what_is_left_out_is_free() {
    let spec: CalendarSpec = serde_json::from_str(r#"{"zone":"UTC"}"#).expect("a zone is enough");
    assert_eq!(spec, CalendarSpec::new("UTC"));
    let error = serde_json::from_str::<CalendarSpec>("{}").expect_err("a zone is needed");
    assert_eq!(error.to_string(), "missing field `zone` at line 1 column 2");
}

#[test]
fn an_unknown_day_is_an_error_that_names_the_known_ones() {
    assert_eq!(
        wrong("monday", &json!([])),
        "unknown field `monday`, expected one of `zone`, `mon`, `tue`, `wed`, `thu`, `fri`, \
         `sat`, `sun`, `holidays`, `exceptions`"
    );
}

#[test]
fn bad_hours() {
    for text in [
        "",
        "-",
        "9-12",
        "9:00-12:00",
        "09:00",
        "09:00-12:60",
        "09:00-24:01",
        "09:00 - 12:00",
        "09:00-25:00",
        "+9:00-12:00",
        "09:00-12:00-13:00",
        "09:00:00-12:00:00",
        "\u{664}9:00-12:00",
    ] {
        let expected = format!(
            "bad hours: expected HH:MM-HH:MM between 00:00 and 24:00, such as 09:00-12:30, found \
             {text:?}"
        );
        assert_eq!(wrong("mon", &json!([text])), expected);
    }
    let long = Hours::parse(&["x".repeat(1_000)]).expect_err("it is no hours");
    assert_eq!(long, CalendarError::BadHours { found: "x".repeat(40) });
}

#[test]
fn reversed_hours() {
    for text in ["18:00-09:00", "09:00-09:00", "24:00-24:00"] {
        let expected = format!(
            "reversed hours: expected an end later than the start, found {text}; write hours over \
             midnight as two, such as 22:00-24:00 and, on the next day, 00:00-06:00"
        );
        assert_eq!(wrong("sun", &json!([text])), expected);
    }
}

#[test]
fn overlapping_hours() {
    for spans in [["09:00-12:30", "12:00-18:00"], ["12:00-18:00", "09:00-12:30"]] {
        assert_eq!(
            wrong("fri", &json!(spans)),
            "overlapping hours: expected one to end before the next begins, found 09:00-12:30 and \
             12:00-18:00; join them or move one"
        );
    }
    assert!(Hours::parse(&["09:00-10:00", "09:00-10:00"]).is_err());
    assert!(Hours::parse(&["09:00-18:00", "10:00-11:00"]).is_err());
    assert!(Hours::parse(&["09:00-12:00", "12:00-18:00"]).is_ok());
}

#[test]
fn bad_dates() {
    for text in [
        "",
        "2024-02-30",
        "2023-02-29",
        "2024-1-1",
        "24-01-01",
        "2024- 1-01",
        "+2024-1-01",
        "10000-01-01",
        "+10000-01-01",
        "-0001-01-01",
        "2024-01-01T00:00:00Z",
    ] {
        let expected = format!(
            "bad date: expected a day such as 2024-12-25, years 0000 to 9999, found {text:?}"
        );
        assert_eq!(wrong("holidays", &json!([text])), expected);
        assert_eq!(wrong("exceptions", &json!({ text: [] })), expected);
    }
    let far = chrono::NaiveDate::MAX;
    let found = far.to_string();
    assert_eq!(LocalDate::try_from(far), Err(CalendarError::BadDate { found }));
}

#[test]
fn a_date_that_is_no_text_is_shown_how_to_write_it() {
    assert_eq!(
        wrong("holidays", &json!([20241225])),
        "invalid type: integer `20241225`, expected a date in quotes, such as \"2024-12-25\""
    );
}
