//! What a line may be, and what is said of one that is none. The texts are pinned.

use leadfold_core::event::{EventLine, LINE_BYTES_MAX, LineCode};

fn line(data: &str) -> String {
    format!(r#"{{"lead":"L1","type":"won","occurred_at":"2024-02-01T09:00:00Z","data":{data}}}"#)
}

fn check(line: &str, code: LineCode, message: &str) {
    let error = EventLine::parse(line.as_bytes()).expect_err(line);
    assert_eq!((error.code, error.to_string().as_str()), (code, message), "{line}");
}

const AT: &str = r#""occurred_at":"2024-02-01T09:00:00Z""#;

/// What is said of lines of a lead at a time, by what else is in them. Columns are marked with `^`
/// in front of the value that they tell.
const OF_FIELDS: &[(&str, LineCode, &str, &str)] = &[
    // The envelope.
    (
        r#""type":^7"#,
        LineCode::WrongType,
        "type",
        "expected a text in `type`, found 7: put it in quotes",
    ),
    (
        r#""type":"won","v":^"1""#,
        LineCode::WrongType,
        "v",
        "expected a whole number from 0 to 4294967295 in `v`, found \"1\": write it without a \
         point and without quotes",
    ),
    (
        r#""type":"won","v":^-1"#,
        LineCode::WrongType,
        "v",
        "expected a whole number from 0 to 4294967295 in `v`, found -1: write it without a point \
         and without quotes",
    ),
    (
        r#""type":"won","precision":^"min""#,
        LineCode::UnknownValue,
        "precision",
        "expected one of `us`, `ms`, `s`, `day` in `precision`, found \"min\": write one of these \
         words",
    ),
    (
        r#""type":"won","precision":^{"s":null}"#,
        LineCode::WrongType,
        "precision",
        "expected one of `us`, `ms`, `s`, `day` in `precision`, found an object: write the word \
         alone, in quotes",
    ),
    (
        r#""type":"won","actor":^"ann""#,
        LineCode::WrongType,
        "actor",
        "expected an object in `actor`, found a text: write its fields in braces",
    ),
    (
        r#""type":"won","actor":^["user","ann"]"#,
        LineCode::WrongType,
        "actor",
        "expected an object in `actor`, found a list: write its fields in braces",
    ),
    (
        r#""type":"won","actor":{"id":"ann", "kind": ^7}"#,
        LineCode::WrongType,
        "actor.kind",
        "expected one of `user`, `automation`, `import`, `prospect`, `unknown` in `actor.kind`, \
         found 7: write the word alone, in quotes",
    ),
    (
        r#""type":"won","actor":{"id":"ann","id":^"bob"}"#,
        LineCode::DuplicateKey,
        "actor.id",
        "expected the field `actor.id` once, found it twice: leave one of them out",
    ),
    (
        r#""type":"won","causation":^"7""#,
        LineCode::WrongType,
        "causation",
        "expected a UUID in `causation`, found \"7\": write it as 8-4-4-4-12 hexadecimal digits in \
         quotes",
    ),
    (
        r#""type":"won","x":1,"x":^2"#,
        LineCode::DuplicateKey,
        "x",
        "expected the field `x` once, found it twice: leave one of them out",
    ),
    (
        r#""type":"won","id":^"7""#,
        LineCode::BadId,
        "id",
        "expected a UUID in `id`, found \"7\": leave it out to have one derived from the line",
    ),
    (
        r#""type":"won","recorded_at":^"2024-02-30""#,
        LineCode::BadTime,
        "recorded_at",
        "expected RFC 3339 with an offset such as 2024-02-01T09:00:00Z, or a date such as \
         2024-02-01, years 0 to 9999 in `recorded_at`, found \"2024-02-30\": write the time so",
    ),
    (r#""type":^null"#, LineCode::MissingField, "type", TYPE_IS_NULL),
    (
        r#""type":"won","tenant":null,"tenant":^7,"tenant":8"#,
        LineCode::WrongType,
        "tenant",
        "expected a text in `tenant`, found 7: put it in quotes",
    ),
    // What data is.
    (
        r#""type":"handed_off","data":^[]"#,
        LineCode::WrongType,
        "data",
        "expected an object in `data` of `handed_off`, found a list: write its fields in braces",
    ),
    (
        r#""type":"won","data":^"{\"pii\":1}""#,
        LineCode::WrongType,
        "data",
        "expected an object in `data` of `won`, found a text: write its fields in braces",
    ),
    // What is missing.
    (
        r#""type":"handed_off""#,
        LineCode::MissingField,
        "data.to",
        "expected the field `data.to` of `handed_off`, found none: add it",
    ),
    (
        r#""type":"handed_off","data":{"to":^null}"#,
        LineCode::MissingField,
        "data.to",
        "expected the field `data.to` of `handed_off`, found null: give it a value",
    ),
    (
        r#""type":"handed_off","data":{"to":^""}"#,
        LineCode::MissingField,
        "data.to",
        "expected the field `data.to` of `handed_off`, found \"\": give it a value",
    ),
    (
        r#""type":"qualified","data":{"level":^null}"#,
        LineCode::MissingField,
        "data.level",
        "expected the field `data.level` of `qualified`, found null: give it a value",
    ),
    (
        r#""type":"refunded","data":{"currency":"EUR","amount":^null}"#,
        LineCode::MissingField,
        "data.amount",
        "expected the field `data.amount` of `refunded`, found null: give it a value",
    ),
    (
        r#""type":"cost_recorded","data":{"scope":^null,"scope":{}}"#,
        LineCode::MissingField,
        "data.scope",
        "expected the field `data.scope` of `cost_recorded`, found null: give it a value",
    ),
    (
        r#""type":"merged","data":{"into":^null}"#,
        LineCode::MissingField,
        "data.into",
        "expected the field `data.into` of `merged`, found null: give it a value",
    ),
    (
        r#""type":"profile_updated","data":{"attributes":^null}"#,
        LineCode::MissingField,
        "data.attributes",
        "expected the field `data.attributes` of `profile_updated`, found null: give it a value",
    ),
    (
        r#""type":"corrected","data":{"target":^null,"action":"retract","reason":"x"}"#,
        LineCode::MissingField,
        "data.target",
        "expected the field `data.target` of `corrected`, found null: give it a value",
    ),
    // What is of the wrong type.
    (
        r#""type":"won","data":{"amount":^1.5}"#,
        LineCode::WrongType,
        "data.amount",
        "expected a whole number in `data.amount` of `won`, found 1.5: write minor units, such as \
         cents, without a point and without quotes",
    ),
    (
        r#""type":"won","v":0,"data":{"amount":^1.5}"#,
        LineCode::WrongType,
        "data.amount",
        "expected a whole number in `data.amount` of version 0 of `won`, found 1.5: write minor \
         units, such as cents, without a point and without quotes",
    ),
    (
        r#""data":{"x":1.5, "amount" : ^1.5, "y":"}"},"type":"won""#,
        LineCode::WrongType,
        "data.amount",
        "expected a whole number in `data.amount` of `won`, found 1.5: write minor units, such as \
         cents, without a point and without quotes",
    ),
    (
        r#""type":"won","data":{"amount":^9223372036854775808}"#,
        LineCode::WrongType,
        "data.amount",
        "expected a whole number from -9223372036854775808 to 9223372036854775807 in \
         `data.amount` of `won`, found 9223372036854775808: write minor units, such as cents, \
         without a point and without quotes",
    ),
    (
        r#""type":"scored","data":{"model":"m","model_version":^[1],"total":1}"#,
        LineCode::WrongType,
        "data.model_version",
        "expected a text or a number in `data.model_version` of `scored`, found a list: write \
         it so",
    ),
    (
        r#""type":"scored","data":{"model":"m","model_version":1,"total":^1e400}"#,
        LineCode::WrongType,
        "data.total",
        "expected a number up to 1.8e308 in `data.total` of `scored`, found 1e400: correct it",
    ),
    (
        r#""type":"captured","data":{"source":^7}"#,
        LineCode::WrongType,
        "data.source",
        "expected a text in `data.source` of `captured`, found 7: put it in quotes",
    ),
    (
        r#""type":"captured","data":{"attributes":{"size":1,"tags":^["a"]}}"#,
        LineCode::WrongType,
        "data.attributes.tags",
        "expected a text or a number in `data.attributes.tags` of `captured`, found a list: write \
         it so",
    ),
    (
        r#""type":"captured","data":{"attributes":{"size":1,"size":^2}}"#,
        LineCode::DuplicateKey,
        "data.attributes.size",
        "expected the field `data.attributes.size` of `captured` once, found it twice: leave one \
         of them out",
    ),
    (
        r#""type":"captured","data":{"pii":^"ann@example.org"}"#,
        LineCode::WrongType,
        "data.pii",
        "expected an object of distinct personal data fields in `data.pii` of `captured`, found a \
         text: write its fields in braces, each of them once",
    ),
    (
        r#""type":"captured","data":{"pii":^{"email":"a","email":"b"}}"#,
        LineCode::WrongType,
        "data.pii",
        "expected an object of distinct personal data fields in `data.pii` of `captured`, found \
         another one: write its fields in braces, each of them once",
    ),
    (
        r#""type":"profile_updated","data":{"attributes":{},"verified":["a",^1]}"#,
        LineCode::WrongType,
        "data.verified[1]",
        "expected a text in `data.verified[1]` of `profile_updated`, found 1: put it in quotes",
    ),
    (
        r#""type":"corrected","data":{"target":^"7","action":"retract","reason":"x"}"#,
        LineCode::WrongType,
        "data.target",
        "expected a UUID in `data.target` of `corrected`, found \"7\": write it as 8-4-4-4-12 \
         hexadecimal digits in quotes",
    ),
    // What is not as its field has it.
    (
        r#""type":"won","data":{"currency":^"eur"}"#,
        LineCode::WrongType,
        "data.currency",
        "expected an ISO 4217 code of three capital letters in `data.currency` of `won`, found \
         \"eur\": write it so",
    ),
    (
        r#""type":"handed_off","data":{"to":"ann","decision_due":^"soon"}"#,
        LineCode::BadTime,
        "data.decision_due",
        "expected RFC 3339 with an offset such as 2024-02-01T09:00:00Z, or a date such as \
         2024-02-01, years 0 to 9999 in `data.decision_due` of `handed_off`, found \"soon\": write the time so",
    ),
    (
        r#""type":"merged","data":{"into":^""}"#,
        LineCode::BadLead,
        "data.into",
        "expected 1 to 200 bytes without control characters in `data.into` of `merged`, found 0 \
         bytes: correct the key",
    ),
    (
        r#""type":"touched","data":{"side":^"us"}"#,
        LineCode::UnknownValue,
        "data.side",
        "expected one of `prospect`, `marketing`, `sales`, `system` in `data.side` of `touched`, \
         found \"us\": write one of these words",
    ),
    (
        r#""type":"touched","data":{"side":^5}"#,
        LineCode::WrongType,
        "data.side",
        "expected one of `prospect`, `marketing`, `sales`, `system` in `data.side` of `touched`, \
         found 5: write the word alone, in quotes",
    ),
    (
        r#""type":"snapshot_imported","data":{"history_known_from":"2024-01-01","state":^"merged"}"#,
        LineCode::UnknownValue,
        "data.state",
        "expected a state from `new` to `lost` in `data.state` of `snapshot_imported`, found \
         \"merged\": merge or erase the lead by an event of its own",
    ),
    (
        r#""type":"won","data":{"amount":^-1,"currency":"EUR"}"#,
        LineCode::NegativeAmount,
        "data.amount",
        "expected an amount of 0 or more minor units in `data.amount` of `won`, found -1: money \
         that goes back is a `refunded` event",
    ),
    (
        r#""type":"won","data":{"reason":"a","reason":^"b"}"#,
        LineCode::DuplicateKey,
        "data.reason",
        "expected the field `data.reason` of `won` once, found it twice: leave one of them out",
    ),
    (
        r#""type":"won","data":{"amount":1,"amount":^2}"#,
        LineCode::DuplicateKey,
        "data.amount",
        "expected the field `data.amount` of `won` once, found it twice: leave one of them out",
    ),
    (
        r#""type":"captured","data":{"source":^"\ud800"}"#,
        LineCode::NotJson,
        "data.source",
        "expected sound JSON in `data.source` of `captured`, found something else (unexpected end \
         of hex escape): the line is damaged or cut off; write it anew",
    ),
];

const TYPE_IS_NULL: &str = "expected the field `type`, found null: give it a value";

#[test]
fn a_refusal_names_the_field_and_the_column_of_the_line_at_which_its_value_begins() {
    for (rest, code, field, message) in OF_FIELDS {
        let marked = format!(r#"{{"lead":"X",{AT},{rest}}}"#);
        let line = marked.replacen('^', "", 1);
        let message = match marked.find('^') {
            Some(at) => format!("column {}: {message}", at + 1),
            None => (*message).to_owned(),
        };
        check(&line, *code, &message);
        let error = EventLine::parse(line.as_bytes()).expect_err(&line);
        assert_eq!(error.field.as_deref(), Some(*field), "{line}");
        assert_eq!(error.column().map(|column| column as usize - 1), marked.find('^'), "{line}");
    }
}

#[test]
fn errors_say_what_was_expected_what_was_found_and_what_to_do() {
    check(
        "",
        LineCode::NotJson,
        "column 0: expected sound JSON, found something else (EOF while parsing a value): write \
         one event a line, an object in braces; a CSV file needs `import --map`",
    );
    check(
        r#"{"lead":"L1","type":"won"#,
        LineCode::NotJson,
        "column 24: expected sound JSON, found something else (EOF while parsing a string): the \
         line is damaged, cut off or goes on below; write one event a line",
    );
    check(
        r#"{"lead":"L1","type":{"won"#,
        LineCode::WrongType,
        "column 20: expected a text, found something else: put it in quotes",
    );
    check(
        " []",
        LineCode::WrongType,
        "column 2: expected an object: one event, found a list: write one object a line, \
         without brackets and commas between them",
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
        "column 21: expected the field `lead` once, found it twice: leave one of them out",
    );
    check(
        r#"{"lead":"L1","type":"won","occurred_at":"2024-02-30T09:00:00Z"}"#,
        LineCode::BadTime,
        "column 41: expected RFC 3339 with an offset such as 2024-02-01T09:00:00Z, years 0 to 9999 \
         in `occurred_at`, found \"2024-02-30T09:00:00Z\": write the time so",
    );
    check(
        r#"{"lead":"","type":"won","occurred_at":"2024-02-01T09:00:00Z"}"#,
        LineCode::BadLead,
        "column 9: expected 1 to 200 bytes without control characters in `lead`, found 0 bytes: \
         correct the key",
    );
    check(
        "{\n\"lead\": \"L1\",\r\n \"type\": 7}",
        LineCode::WrongType,
        "line 3, column 10: expected a text in `type`, found 7: put it in quotes",
    );
    let long = format!(r#"{{"lead":"L1","type":"won",{AT},"v":"{}"}}"#, "é\u{1b}".repeat(1000));
    let error = EventLine::parse(long.replace('\u{1b}', "\\u001b").as_bytes()).expect_err("a text");
    let shown = "é\\u{1b}".repeat(20);
    assert!(error.message.contains(&format!("found \"{shown}...\"")), "{error}");
}

/// What is no event tells its kind: it may be a row of somebody's customers.
#[test]
fn a_line_that_is_no_object_tells_no_text() {
    const ROW: &str =
        "write one event a line, an object in braces; a CSV file needs `import --map`";
    const LIST: &str = "write one object a line, without brackets and commas between them";
    let no_json = |what: &str, advice: &str| {
        format!("column 1: expected sound JSON, found something else ({what}): {advice}")
    };
    for line in ["17,Ann Smith,ann@example.org", "true,ann@example.org", "-5 Ann", "\"Ann\",7"] {
        check(line, LineCode::NotJson, &no_json("trailing characters", ROW));
    }
    check("\"lead\": \"L1\",", LineCode::NotJson, &no_json("trailing characters", ROW));
    check("}", LineCode::NotJson, &no_json("expected value", ROW));
    check("[", LineCode::NotJson, &no_json("EOF while parsing a list", LIST));
    check("]", LineCode::NotJson, &no_json("expected value", LIST));
    check(
        r#"{"lead":"L1"},"#,
        LineCode::NotJson,
        &format!(
            "column 14: expected sound JSON, found something else (trailing characters): {LIST}"
        ),
    );
    check(
        "4930123",
        LineCode::WrongType,
        "column 1: expected an object: one event, found a number: write its fields in braces",
    );
    for data in [r#"{"pii":4930123}"#, "12345", r#"{"pii":[4930123]}"#, "-4.5"] {
        let line = format!(r#"{{"lead":"L1","type":"captured",{AT},"data":{data}}}"#);
        let error = EventLine::parse(line.as_bytes()).expect_err(data);
        assert_eq!(error.code, LineCode::WrongType, "{error}");
        let found = error.message.split_once("found ").expect("it tells").1;
        assert!(found.starts_with("a number:") || found.starts_with("a list:"), "{error}");
    }
}

/// The first of two required fields, alone, misses the second one, too.
#[test]
fn a_missing_field_is_named_where_it_should_be() {
    for (rest, field) in [
        (r#""type":"revenue_recorded","data":{"amount":5}"#, "data.currency"),
        (r#""type":"refunded","data":{"amount":5}"#, "data.currency"),
        (r#""type":"cost_recorded","data":{"amount":5}"#, "data.currency"),
        (r#""type":"scored","data":{"model":"m"}"#, "data.model_version"),
        (r#""type":"opportunity_stage_changed","data":{"opportunity":"O"}"#, "data.to"),
    ] {
        let line = format!(r#"{{"lead":"L1",{AT},{rest}}}"#);
        let error = EventLine::parse(line.as_bytes()).expect_err(rest);
        assert_eq!((error.code, error.field.as_deref()), (LineCode::MissingField, Some(field)));
    }
}

/// A required field that is `null` is missing, and an optional one is absent.
#[test]
fn null_counts_as_absent_in_each_field_of_each_type() {
    let data = |kind: &str, fields: &str| {
        EventLine::parse(
            format!(r#"{{"lead":"L1","type":"{kind}",{AT},"data":{{{fields}}}}}"#).as_bytes(),
        )
    };
    for (kind, fields) in REQUIRED {
        let fields: Vec<&str> = fields.split(' ').collect();
        let all = |null: usize| {
            let of = |(n, field): (usize, &&str)| {
                let (name, value) = field.split_once(':').expect("a name and a value");
                format!("\"{name}\":{}", if n == null { "null" } else { value })
            };
            fields.iter().enumerate().map(of).collect::<Vec<_>>().join(",")
        };
        data(kind, &all(usize::MAX)).expect(kind);
        for (null, field) in fields.iter().enumerate() {
            let error = data(kind, &all(null)).expect_err(field);
            assert_eq!(error.code, LineCode::MissingField, "{kind}.{field}: {error}");
        }
    }
    for (kind, fields) in [
        ("touched", r#""side":"sales","direction":null,"result":null,"by":null"#),
        ("captured", r#""origin":null,"attributes":null,"pii":null"#),
        ("won", r#""amount":null,"currency":null"#),
    ] {
        data(kind, fields).expect(kind);
    }
}

/// The types with required fields, and a value for each.
const REQUIRED: &[(&str, &str)] = &[
    ("profile_updated", r#"attributes:{}"#),
    ("touched", r#"side:"sales""#),
    ("scored", r#"model:"m" model_version:1 total:1"#),
    ("qualified", r#"level:"mql""#),
    ("disqualified", r#"reason:"x""#),
    ("handed_off", r#"to:"ann""#),
    ("rejected", r#"reason:"x""#),
    ("opportunity_stage_changed", r#"opportunity:"D1" to:"x""#),
    ("revenue_recorded", r#"amount:1 currency:"EUR""#),
    ("cost_recorded", r#"amount:1 currency:"EUR" scope:{} from:"2024-01-01" to:"2024-01-02""#),
    ("merged", r#"into:"L2""#),
    ("unmerged", r#"from:"L2""#),
    ("consent_granted", r#"purpose:"x""#),
    ("attribution_resolved", r#"source:"x""#),
    ("follow_up_done", r#"follow_up:"x""#),
    ("corrected", r#"target:"018d6390-f5a0-7000-8000-000000000001" action:"retract" reason:"x""#),
    ("erased", r#"request:"x""#),
    ("snapshot_imported", r#"state:"new" history_known_from:"2024-01-01""#),
];

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
