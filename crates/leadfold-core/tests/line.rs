//! What a line may be, and what is said of one that is none. The texts are pinned.

use leadfold_core::event::{EventLine, LINE_BYTES_MAX, LineCode};

fn line(data: &str) -> String {
    format!(r#"{{"lead":"L1","type":"won","occurred_at":"2024-02-01T09:00:00Z","data":{data}}}"#)
}

fn check(line: &str, code: LineCode, message: &str) {
    let error = EventLine::parse(line.as_bytes()).expect_err(line);
    assert_eq!((error.code, error.message.as_str()), (code, message), "{line}");
}

#[test]
fn errors_say_what_was_expected_what_was_found_and_what_to_do() {
    check("", LineCode::NotJson, "EOF while parsing a value, at column 0");
    check(
        r#"{"lead":"L1","type":"won"#,
        LineCode::NotJson,
        "EOF while parsing a string, at column 24",
    );
    check(
        "[]",
        LineCode::WrongType,
        "invalid type: sequence, expected an event: one JSON object, at column 0",
    );
    check(
        r#"{"lead":"L1","type":"won"}"#,
        LineCode::MissingField,
        "expected the field `occurred_at`, found none: add it",
    );
    check(
        r#"{"type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        LineCode::MissingField,
        "expected the field `lead`, found none: add it",
    );
    check(
        r#"{"lead":"L1","lead":"L2","type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        LineCode::DuplicateKey,
        "duplicate field `lead`, at column 19",
    );
    check(
        &line(r#"{"amount":-1,"currency":"EUR"}"#),
        LineCode::NegativeAmount,
        "expected an amount of 0 or more minor units, found -1: money that goes back is a \
         `refunded` event",
    );
    check(
        &line(r#"{"amount":9223372036854775808}"#),
        LineCode::WrongType,
        "invalid value: integer `9223372036854775808`, expected i64, at column 29",
    );
    check(
        &line(r#"{"currency":"eur"}"#),
        LineCode::WrongType,
        "bad currency: expected an ISO 4217 code of three capital letters, found \"eur\", at \
         column 17",
    );
    check(
        &line(r#"{"reason":"a","reason":"b"}"#),
        LineCode::DuplicateKey,
        "duplicate field `reason`",
    );
    check(
        r#"{"lead":"L1","type":"won","occurred_at":"2024-02-30T09:00:00Z"}"#,
        LineCode::BadTime,
        "bad time: expected RFC 3339 with an offset such as 2024-02-01T09:00:00Z, years 0 to \
         9999, found \"2024-02-30T09:00:00Z\"",
    );
    check(
        r#"{"lead":"","type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        LineCode::BadLead,
        "bad lead key: expected 1 to 200 bytes without control characters, found 0 bytes",
    );
    check(
        r#"{"id":"7","lead":"L1","type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        LineCode::BadId,
        "expected a UUID as `id`: leave it out to have one derived from the line",
    );
    check(
        r#"{"lead":"L1","type":"touched","occurred_at":"2024-02-01T09:00:00Z","data":{"side":"us"}}"#,
        LineCode::UnknownValue,
        "unknown variant `us`, expected one of `prospect`, `marketing`, `sales`, `system`, at \
         column 12",
    );
    check(
        r#"{"lead":"L1","type":"snapshot_imported","occurred_at":"2024-02-01T09:00:00Z","data":{"state":"merged","history_known_from":"2024-01-01"}}"#,
        LineCode::UnknownValue,
        "expected a state from new to lost in `state`, found merged: merge or erase the lead by \
         an event of its own",
    );
}

#[test]
fn what_is_too_long_too_deep_or_not_utf8_is_refused_unread() {
    let deep = line(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    check(
        &deep,
        LineCode::TooDeep,
        "expected at most 64 nested objects and lists, found more: flatten the event",
    );
    let long = line(&format!(r#"{{"reason":"{}"}}"#, "x".repeat(LINE_BYTES_MAX)));
    check(
        &long,
        LineCode::TooLong,
        "expected a line of at most 1048576 bytes, found a longer one: split it, or keep large \
         texts outside the log",
    );
    let error = EventLine::parse(b"{\"lead\":\"\xff\"}").expect_err("not UTF-8");
    assert_eq!(error.message, "expected UTF-8, found another byte at column 10: convert the file");
}

#[test]
fn the_years_0_to_9999_and_every_amount_up_to_the_largest_are_read() {
    for time in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"] {
        let line = format!(r#"{{"lead":"L1","type":"reopened","occurred_at":"{time}"}}"#);
        let event = EventLine::parse(line.as_bytes()).expect("a valid time").event;
        assert!(event.content().contains(time), "{}", event.content());
    }
    for time in [
        "-0001-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "9999-12-31T23:59:60Z",
    ] {
        let line = format!(r#"{{"lead":"L1","type":"reopened","occurred_at":"{time}"}}"#);
        let error = EventLine::parse(line.as_bytes()).expect_err(time);
        assert_eq!(error.code, LineCode::BadTime);
    }
    EventLine::parse(line(r#"{"amount":9223372036854775807,"currency":"EUR"}"#).as_bytes())
        .expect("the largest amount");
}

#[test]
fn personal_data_is_in_no_error_and_in_no_debug_output() {
    let marker = "ann@example.org";
    for pii in [
        format!(r#"{{"email":"{marker}","email":"{marker}"}}"#),
        format!(r#""{marker}""#),
        format!(r#"["{marker}"]"#),
    ] {
        let line = format!(
            r#"{{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z","data":{{"pii":{pii}}}}}"#
        );
        let error = EventLine::parse(line.as_bytes()).expect_err(&pii);
        assert!(!format!("{error} {error:?}").contains("ann@"), "{error}");
    }
    let line = format!(
        r#"{{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z","data":{{"pii":{{"email":"{marker}"}},"note":"{marker}"}}}}"#
    );
    let read = EventLine::parse(line.as_bytes()).expect("a valid line");
    assert!(!format!("{read:?}").contains("ann@"), "{read:?}");
    assert!(read.event.content().contains(marker), "it is kept all the same");
}

/// Each word of the format: its type, its field, another field that the type needs, and a word.
const WORDS: [(&str, &str, &str, &str); 14] = [
    ("captured", "origin", "", "inbound"),
    ("touched", "side", "", "sales"),
    ("touched", "direction", r#","side":"sales""#, "in"),
    ("touched", "result", r#","side":"sales""#, "reply"),
    ("qualified", "level", "", "mql"),
    ("disqualified", "class", r#","reason":"x""#, "junk"),
    ("rejected", "to", r#","reason":"x""#, "nurture"),
    ("returned", "to", r#","reason":"x""#, "mql"),
    ("assigned", "cause", "", "rule"),
    ("opportunity_opened", "kind", r#","opportunity":"D1""#, "new"),
    ("revenue_recorded", "kind", r#","amount":1,"currency":"EUR""#, "first"),
    ("refunded", "kind", r#","amount":1,"currency":"EUR""#, "renewal"),
    (
        "corrected",
        "action",
        r#","target":"018d6390-f5a0-7000-8000-000000000001","reason":"x""#,
        "retract",
    ),
    ("snapshot_imported", "state", r#","history_known_from":"2024-01-01""#, "customer"),
];

/// A line of each word with something else for the word, and the line with the word.
fn with_instead_of_words(value: &str) -> Vec<(String, String)> {
    let at = r#""occurred_at":"2024-02-01T09:00:00Z""#;
    let both = |line: &dyn Fn(&str) -> String, word: &str| {
        (line(&value.replace("WORD", word)), line(&format!("{word:?}")))
    };
    let in_data = WORDS.iter().map(|(kind, field, rest, word)| {
        let line = |value: &str| {
            format!(r#"{{"lead":"L1","type":"{kind}",{at},"data":{{"{field}":{value}{rest}}}}}"#)
        };
        both(&line, word)
    });
    let precision =
        |value: &str| format!(r#"{{"lead":"L1","type":"won",{at},"precision":{value}}}"#);
    let actor =
        |value: &str| format!(r#"{{"lead":"L1","type":"won",{at},"actor":{{"kind":{value}}}}}"#);
    in_data.chain([both(&precision, "ms"), both(&actor, "user")]).collect()
}

#[test]
fn a_word_is_a_string_and_nothing_else() {
    for value in ["7", "-1.5", "true", "[]", r#"["WORD"]"#, "{}", r#"{"WORD":null}"#, r#"{"a":1}"#]
    {
        for (wrong, right) in with_instead_of_words(value) {
            let error = EventLine::parse(wrong.as_bytes()).expect_err(&wrong);
            assert_eq!(error.code, LineCode::WrongType, "{wrong}: {error}");
            EventLine::parse(right.as_bytes()).expect(&right);
        }
    }
    for (wrong, _) in with_instead_of_words(r#""no_such_word""#) {
        let error = EventLine::parse(wrong.as_bytes()).expect_err(&wrong);
        assert_eq!(error.code, LineCode::UnknownValue, "{wrong}: {error}");
    }
}

#[test]
fn a_word_may_be_written_with_escapes() {
    let line = |word: &str| {
        let at = r#""occurred_at":"2024-02-01T09:00:00Z""#;
        format!(r#"{{"lead":"L1","type":"qualified",{at},"data":{{"level":{word}}}}}"#)
    };
    let read = EventLine::parse(line(r#""\u006dql""#).as_bytes()).expect("it reads");
    assert_eq!(read.event.content(), line(r#""mql""#));
}
