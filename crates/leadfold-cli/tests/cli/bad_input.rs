//! What is no event is refused with its line and a code; the other lines go in.

use serde_json::Value;

use crate::support::Desk;

/// A good line; each one another event.
fn good(n: u32) -> String {
    format!(r#"{{"lead":"G{n}","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}}"#)
}

fn line(fields: &str) -> Vec<u8> {
    format!(r#"{{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z",{fields}}}"#)
        .into_bytes()
}

fn at(time: &str) -> Vec<u8> {
    format!(r#"{{"lead":"L1","type":"captured","occurred_at":"{time}"}}"#).into_bytes()
}

fn revenue(amount: &str) -> Vec<u8> {
    format!(
        r#"{{"lead":"L1","type":"revenue_recorded","occurred_at":"2024-02-01T09:00:00Z","data":{{"amount":{amount},"currency":"EUR"}}}}"#
    )
    .into_bytes()
}

/// Imports a good line, the bytes, and another good line, and returns what was refused.
fn refusals(bytes: &[u8]) -> (i32, Value) {
    let desk = Desk::new();
    let input = [good(1).as_bytes(), bytes, good(2).as_bytes(), b""].join(&b'\n');
    desk.write("log.ndjson", input);
    let ran = desk.run(&["import", "log.ndjson", "--json"]);
    let summary = ran.json();
    let count = |name: &str| summary[name].as_u64().expect("a count");
    let refused = summary["refused"].as_array().expect("a list").len() as u64;
    assert_eq!(count("read"), count("appended") + count("duplicates") + refused);
    assert_eq!(count("appended"), count("read") - refused, "{summary}");
    (ran.status, summary["refused"].clone())
}

#[test]
fn a_bad_line_is_refused_alone() {
    let mut cut = good(3);
    cut.truncate(40);
    let too_long = [b"{\"lead\":\"", vec![b'x'; 10 << 20].as_slice(), b"\"}"].concat();
    let bomb = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let nested_bomb = [br#"{"lead":"L1","x":"#.to_vec(), b"[".repeat(100_000)].concat();
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("cut off", cut.into_bytes(), "not_json"),
        ("no JSON", b"hello".to_vec(), "not_json"),
        ("NUL bytes", b"\0\0\0\0".to_vec(), "not_json"),
        ("a NUL in a text", line("\"mood\":\"\0\""), "not_json"),
        ("a list", b"[]".to_vec(), "wrong_type"),
        ("not UTF-8", b"{\"lead\":\"\xff\xfe\"}".to_vec(), "not_utf8"),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec(), "not_utf8"),
        ("10 MB", too_long, "too_long"),
        ("a depth bomb", bomb, "too_deep"),
        ("a depth bomb inside", nested_bomb, "too_deep"),
        ("a key twice", line(r#""lead":"L2""#), "duplicate_key"),
        ("a key of data twice", line(r#""data":{"source":"a","source":"b"}"#), "duplicate_key"),
        (
            "no type",
            br#"{"lead":"L1","occurred_at":"2024-02-01T09:00:00Z"}"#.to_vec(),
            "missing_field",
        ),
        ("no time", br#"{"lead":"L1","type":"captured"}"#.to_vec(), "missing_field"),
        (
            "no lead",
            br#"{"type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#.to_vec(),
            "missing_field",
        ),
        ("a number for a text", line(r#""data":{"source":7}"#), "wrong_type"),
        ("a text for an object", line(r#""data":"x""#), "wrong_type"),
        (
            "a lead key of 201 bytes",
            format!(
                r#"{{"lead":"{}","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}}"#,
                "x".repeat(201)
            )
            .into_bytes(),
            "bad_lead",
        ),
        ("an id that is no UUID", line(r#""id":"7""#), "bad_id"),
        ("a time without an offset", at("2024-02-01T09:00:00"), "bad_time"),
        ("a date for a time", at("2024-02-01"), "bad_time"),
        ("words for a time", at("yesterday"), "bad_time"),
        ("a 13th month", at("2024-13-01T00:00:00Z"), "bad_time"),
        ("before the year 0", at("-0001-12-31T23:59:59Z"), "bad_time"),
        ("after the year 9999 of UTC", at("9999-12-31T23:59:59-01:00"), "bad_time"),
        ("the leap second after the year 9999", at("9999-12-31T23:59:60Z"), "bad_time"),
        ("an unknown word", line(r#""precision":"year""#), "unknown_value"),
        ("money below 0", revenue("-1"), "negative_amount"),
        ("money of 2^63", revenue("9223372036854775808"), "wrong_type"),
        ("money with a fraction", revenue("1.5"), "wrong_type"),
        ("money without an end", revenue("1e400"), "wrong_type"),
        ("a currency of two letters", revenue("1").replace_all(b"EUR", b"EU"), "wrong_type"),
    ];
    for (name, bytes, code) in cases {
        let (status, refused) = refusals(bytes);
        assert_eq!(refused[0]["code"], *code, "{name}: {refused}");
        assert_eq!(refused[0]["line"], 2, "{name}");
        assert_eq!(refused.as_array().map(Vec::len), Some(1), "{name}");
        assert_eq!(status, 3, "{name}");
        let message = refused[0]["message"].as_str().expect("a message");
        assert!(message.len() < 400, "{name}: {message}");
    }
}

#[test]
fn what_is_strange_but_sound_goes_in() {
    let cases: &[(&str, Vec<u8>)] = &[
        ("the year 0", at("0000-01-01T00:00:00Z")),
        ("the year 9999", at("9999-12-31T23:59:59.999999Z")),
        ("an unknown type", line(r#""v":1"#).replace_all(b"captured", b"teleported")),
        ("an unknown field", line(r#""mood":{"a":[1,2]}"#)),
        ("a newer version", line(r#""v":9"#)),
        ("the largest amount", revenue("9223372036854775807")),
        ("no amount", revenue("0")),
        ("blank lines", b"\n  \n\t".to_vec()),
    ];
    for (name, bytes) in cases {
        let (status, refused) = refusals(bytes);
        assert_eq!((status, refused.to_string().as_str()), (0, "[]"), "{name}");
    }
}

#[test]
fn nothing_a_mark_and_dos_line_ends_are_no_faults() {
    let (one, two) = (good(1), good(2));
    for (name, input, read) in [
        ("empty", String::new(), 0),
        ("blank", "\n\r\n".to_owned(), 0),
        ("byte order mark", format!("\u{feff}{one}\n{two}\n"), 2),
        ("CRLF", format!("{one}\r\n{two}\r\n"), 2),
        ("no last line end", format!("{one}\n{two}"), 2),
    ] {
        let desk = Desk::new();
        let ran = desk.run_with(&["import", "-", "--json"], input.as_bytes());
        let summary = ran.json();
        assert_eq!((ran.status, &summary["appended"]), (0, &Value::from(read)), "{name}");
        assert_eq!(summary["refused"], Value::Array(Vec::new()), "{name}");
    }
}

#[test]
fn a_file_cut_anywhere_loses_its_last_line_only() {
    let log = format!("{}\n{}\n", good(1), good(2));
    let first = good(1).len() + 1;
    for cut in [first, first + 1, first + 30, log.len() - 2, log.len() - 1] {
        let desk = Desk::new();
        let ran = desk.run_with(&["import", "-", "--json"], &log.as_bytes()[..cut]);
        let summary = ran.json();
        let whole = cut == first || cut == log.len() - 1;
        assert_eq!(ran.status, if whole { 0 } else { 3 }, "{cut}: {summary}");
        let appended = 1 + u64::from(cut == log.len() - 1);
        assert_eq!(summary["appended"], appended, "{cut}");
    }
}

#[test]
fn one_id_of_two_events_is_refused_once() {
    let id = "7d0e6f0a-33a1-4c4e-9d3e-0f6d8a1b2c3d";
    let event = |lead: &str| {
        format!(
            r#"{{"id":"{id}","lead":"{lead}","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}}"#
        )
    };
    let desk = Desk::new();
    desk.write("log.ndjson", [event("A"), event("B"), event("A"), good(1)].join("\n"));
    let ran = desk.run(&["import", "log.ndjson", "--json"]);
    let summary = ran.json();
    assert_eq!(ran.status, 3);
    assert_eq!((&summary["appended"], &summary["duplicates"]), (&2.into(), &1.into()));
    let refused = &summary["refused"][0];
    assert_eq!((&refused["line"], &refused["code"]), (&2.into(), &"idempotency_conflict".into()));
    assert_eq!(
        refused["message"],
        "expected a new id or the same content, found that id \
         7d0e6f0a-33a1-4c4e-9d3e-0f6d8a1b2c3d belongs to another event at position 1: give this \
         event an id of its own"
    );
}

#[test]
fn totals_are_wider_than_their_parts_and_never_mix_currencies() {
    let mut log = vec![
        r#"{"lead":"L1","type":"snapshot_imported","occurred_at":"2024-01-01T00:00:00Z","data":{"state":"customer","history_known_from":"2024-01-01"}}"#.to_owned(),
    ];
    for (order, currency) in [(1, "EUR"), (2, "EUR"), (3, "USD")] {
        log.push(format!(
            r#"{{"lead":"L1","type":"revenue_recorded","occurred_at":"2024-02-01T09:00:00Z","data":{{"amount":9223372036854775807,"currency":"{currency}","order":"{order}"}}}}"#
        ));
    }
    let desk = Desk::with_log(&log.join("\n"));
    let clv = desk.run(&["clv", "--json"]).ok();
    let revenue = r#""revenue":[{"currency":"EUR","amount":18446744073709551614},{"currency":"USD","amount":9223372036854775807}]"#;
    assert!(clv.out.contains(revenue), "{}", clv.out);
}

#[test]
fn refusals_past_a_thousand_are_counted_and_not_listed() {
    let desk = Desk::new();
    desk.write("log.ndjson", "x\n".repeat(1_234) + &good(1));
    let summary = desk.json(&["import", "log.ndjson"]);
    assert_eq!(summary["refused"].as_array().map(Vec::len), Some(1_000));
    assert_eq!((&summary["refused_total"], &summary["appended"]), (&1_234.into(), &1.into()));
    assert_eq!(summary["read"], 1_235);
}

#[test]
fn texts_that_would_act_on_a_terminal_do_not() {
    let desk = Desk::with_log(
        &String::from_utf8(line(r#""data":{"source":"\u001b[31mred\nx"}"#)).expect("UTF-8"),
    );
    let funnel = desk.run(&["funnel", "--by", "source"]).ok();
    assert!(funnel.out.contains("\u{fffd}[31mred\u{fffd}x"), "{}", funnel.out);
    assert!(!funnel.out.contains('\u{1b}'));
}

/// Replaces text in bytes.
trait Bytes {
    fn replace_all(self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Bytes for Vec<u8> {
    fn replace_all(self, from: &[u8], to: &[u8]) -> Self {
        let (from, to) = (str::from_utf8(from), str::from_utf8(to));
        let text = String::from_utf8(self).expect("UTF-8");
        text.replace(from.expect("UTF-8"), to.expect("UTF-8")).into_bytes()
    }
}

/// A pipe says that it is empty, and may never end.
#[cfg(unix)]
#[test]
fn rules_from_a_pipe_are_bounded() {
    let desk = Desk::with_log(&good(1));
    let endless = vec![b'#'; 2 << 20];
    for args in
        [&["audit", "--playbook", "/dev/stdin"][..], &["import", "rows.csv", "--map", "/dev/stdin"]]
    {
        let ran = desk.run_with(args, &endless);
        assert_eq!(ran.status, 3);
        assert!(ran.err.contains("expected at most 1048576 bytes, found more"), "{}", ran.err);
    }
}

/// A CSV file without its mapping: every line is somebody.
#[test]
fn a_row_is_no_json_and_is_not_repeated() {
    let desk = Desk::new();
    desk.write("people.csv", "17,Ann Smith,ann@example.org\ntrue,ann@example.org\n");
    let ran = desk.run(&["import", "people.csv"]);
    assert_eq!(ran.status, 3);
    for text in ["Ann", "example.org", "17", "true"] {
        assert!(!ran.err.contains(text), "{}", ran.err);
    }
    assert_eq!(ran.err.matches("not_json").count(), 2, "{}", ran.err);
    assert_eq!(ran.err.matches("`import --map`").count(), 2, "{}", ran.err);
}

#[test]
fn an_event_over_several_lines_is_told_to_be_on_one() {
    let (_, refused) = refusals(b"{\n  \"lead\": \"L1\",\n  \"type\": \"captured\"\n}");
    let refused = refused.as_array().expect("a list");
    assert_eq!(refused.len(), 4);
    for line in refused {
        assert_eq!(line["code"], "not_json", "{line}");
        let message = line["message"].as_str().expect("a message");
        assert!(message.contains("write one event a line"), "{message}");
    }
}

/// What is no text is refused as a whole, and there is no store afterwards.
#[test]
fn a_file_of_another_kind_is_told_by_its_first_bytes() {
    let utf16 = |text: &str, mark: &[u8]| -> Vec<u8> {
        mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let cases: [(&[u8], &str); 5] = [
        (b"\x1f\x8b\x08\0rest", "found gzip: unpack it first"),
        (b"PK\x03\x04rest", "found a ZIP archive"),
        (b"\x28\xb5\x2f\xfdrest", "found Zstandard: unpack it first"),
        (&utf16(&good(1), b"\xff\xfe"), "found UTF-16: convert it to UTF-8"),
        (&utf16(&good(1), b""), "found UTF-16: convert it to UTF-8"),
    ];
    for (bytes, expected) in cases {
        let desk = Desk::new();
        desk.write("log", bytes);
        for ran in [desk.run(&["import", "log"]), desk.run_with(&["import", "-"], bytes)] {
            assert_eq!((ran.status, ran.out.as_str()), (3, ""), "{expected}");
            assert!(ran.err.contains(expected) && ran.err.lines().count() == 1, "{}", ran.err);
        }
        assert!(!desk.path("leads.db").exists());
    }
}

#[test]
fn bytes_of_rules_that_are_no_utf_8_have_a_line() {
    let desk = Desk::with_log(&good(1));
    desk.write("latin.toml", b"name = \"b2b\"\n# f\xfcr uns\n");
    let ran = desk.run(&["status", "--playbook", "latin.toml"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("expected UTF-8, found another byte on line 2"), "{}", ran.err);
}
