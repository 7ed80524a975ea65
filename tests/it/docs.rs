//! docs/EVENTS.md against the code: each of its tables and each of its examples.

use std::collections::BTreeSet;

use leadfold::core::event::{Body, Event, EventLine, LINE_BYTES_MAX, LineCode, LineError};
use leadfold::core::metrics::{self, FunnelRow};
use leadfold::core::{FindingCode, Lead, LeadId, LeadKey, State};
use leadfold::store::{Append, Blocking, MemoryStore};
use serde_json::{Value, json};
use uuid::Uuid;

const EVENTS: &str = include_str!("../../docs/EVENTS.md");
const GLOSSARY: &str = include_str!("../../docs/GLOSSARY.md");
const METRICS: &str = include_str!("../../docs/METRICS.md");

/// A row of a table of fields.
struct Row {
    field: String,
    is_required: bool,
    kind: String,
}

/// What the page says about one type.
struct Section {
    name: String,
    needs_lead: bool,
    rows: Vec<Row>,
    example: String,
}

fn sections() -> Vec<Section> {
    let types = EVENTS.split("\n## ").find(|part| part.starts_with("Types\n"));
    let types = types.expect("the page has a chapter Types");
    types.split("\n### ").skip(1).map(section).collect()
}

fn section(text: &str) -> Section {
    let (title, rest) = text.split_once('\n').expect("a section has a title and a text");
    Section {
        name: title.trim_matches('`').to_owned(),
        needs_lead: !rest.contains("needs no `lead`"),
        rows: rows(rest),
        example: fence(rest, "json").to_owned(),
    }
}

/// The rows of all tables in a text whose first cell is code.
fn rows(text: &str) -> Vec<Row> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Row {
            field: cells[1].trim_matches('`').to_owned(),
            is_required: cells[2] != "no",
            kind: cells[3].to_owned(),
        }
    })
    .collect()
}

/// The first block with that info string.
fn fence<'a>(text: &'a str, info: &str) -> &'a str {
    let start = format!("```{info}\n");
    let (_, block) = text.split_once(&start).unwrap_or_else(|| panic!("no block {info}"));
    block.split_once("\n```").expect("the block ends").0
}

fn words(kind: &str) -> BTreeSet<&str> {
    kind.split('`').skip(1).step_by(2).collect()
}

fn read(line: &Value) -> Result<Event, LineError> {
    EventLine::parse(line.to_string().as_bytes()).map(|line| line.event)
}

fn with_data(line: &Value, field: &str, value: Value) -> Value {
    let mut line = line.clone();
    line["data"][field] = value;
    line
}

fn without(line: &Value, field: &str) -> Value {
    let mut line = line.clone();
    line.as_object_mut().expect("an object").remove(field);
    line
}

/// A value that a field of that type does not take, and the code of the refusal.
fn wrong_value(kind: &str) -> Option<(Value, LineCode)> {
    Some(match kind {
        "text" => (json!(7), LineCode::WrongType),
        "text or number" | "attributes" => (json!([true]), LineCode::WrongType),
        "lead key" => (json!(""), LineCode::BadLead),
        "event id" | "minor units" | "number" | "names" | "pii" => {
            (json!("x"), LineCode::WrongType)
        }
        "playbook" => (json!({ "rulez": {} }), LineCode::UnknownValue),
        "scope" => (json!({ "source": 1 }), LineCode::WrongType),
        "amount" => (json!(-1), LineCode::NegativeAmount),
        "currency" => (json!("eur"), LineCode::WrongType),
        "time" => (json!("soon"), LineCode::BadTime),
        "any JSON" => return None,
        kind if kind.starts_with("one of ") => (json!("no_such_word"), LineCode::UnknownValue),
        kind => panic!("the page does not explain the type {kind:?}"),
    })
}

#[test]
fn every_type_has_a_section_with_exactly_its_fields() {
    let sections = sections();
    let names: Vec<&str> = sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, Body::TYPES);
    assert!(EVENTS.contains(&format!("The {} types", names.len())));
    for Section { name, rows, example, .. } in &sections {
        let event = EventLine::parse(example.as_bytes()).expect(name).event;
        assert_eq!(event.body.type_name(), name);
        assert!(event.unknown_data.is_empty(), "{name}: {:?}", event.unknown_data);
        // Nothing is lost, nothing is in another order, and nothing that the code has is absent.
        assert_eq!(&event.content(), example);
        assert!(!format!("{:?}", event.body).contains("None"), "{name}: {:?}", event.body);
        let data = serde_json::from_str::<Value>(example).expect("JSON")["data"].take();
        let fields: BTreeSet<&String> = data.as_object().expect("an object").keys().collect();
        assert_eq!(fields, rows.iter().map(|row| &row.field).collect(), "{name}");
    }
}

#[test]
fn required_and_optional_fields_are_as_the_page_says() {
    for Section { name, needs_lead, rows, example } in &sections() {
        let line: Value = serde_json::from_str(example).expect("JSON");
        for Row { field, is_required, .. } in rows {
            let mut less = line.clone();
            less["data"] = without(&line["data"], field);
            let code = read(&less).err().map(|error| error.code);
            assert_eq!(code, is_required.then_some(LineCode::MissingField), "{name}.{field}");
        }
        assert_eq!(read(&without(&line, "lead")).is_err(), *needs_lead, "{name}");
    }
}

#[test]
fn fields_take_the_type_and_the_words_that_the_page_says() {
    for Section { name, rows, example, .. } in &sections() {
        let line: Value = serde_json::from_str(example).expect("JSON");
        for Row { field, kind, .. } in rows {
            let Some((value, code)) = wrong_value(kind) else { continue };
            let error = read(&with_data(&line, field, value)).expect_err(field);
            assert_eq!(error.code, code, "{name}.{field}: {error}");
            if kind == "minor units" {
                read(&with_data(&line, field, json!(-1))).expect(name);
            }
            if code == LineCode::UnknownValue {
                let (_, expected) = error.message.split_once("expected ").expect("the words");
                let is_taken = |word: &&str| read(&with_data(&line, field, json!(word))).is_ok();
                let taken: BTreeSet<&str> = words(expected).into_iter().filter(is_taken).collect();
                assert_eq!(words(kind), taken, "{name}.{field}");
            }
        }
    }
}

#[test]
fn empty_texts_count_as_missing_exactly_where_the_page_says_so() {
    let types = EVENTS.lines().filter(|line| line.starts_with("| `"));
    let mut says = types.filter(|line| line.contains("empty one counts as missing")).count();
    for Section { name, rows, example, .. } in &sections() {
        let line: Value = serde_json::from_str(example).expect("JSON");
        for Row { field, .. } in rows.iter().filter(|row| row.kind == "text") {
            if read(&with_data(&line, field, json!(""))).is_err() {
                let row = format!("| `{field}` | yes | text |");
                assert!(
                    EVENTS.lines().any(|l| l.starts_with(&row) && l.contains("empty")),
                    "{name}"
                );
                says -= 1;
            }
        }
    }
    assert_eq!(says, 0);
}

#[test]
fn the_envelope_has_exactly_the_fields_of_the_table() {
    let chapter = EVENTS.split("\n## ").find(|part| part.starts_with("The envelope"));
    let rows =
        rows(chapter.and_then(|text| text.split("A line with all").next()).expect("a table"));
    let example = fence(EVENTS, "json envelope");
    let line = EventLine::parse(example.as_bytes()).expect("a valid line");
    assert!(line.event.unknown.is_empty());
    let mut written = Vec::new();
    line.identify(|_| 0).write_line(&mut written).expect("memory does not fail");
    assert_eq!(String::from_utf8(written).expect("JSON is UTF-8"), example);
    let value: Value = serde_json::from_str(example).expect("JSON");
    let fields: BTreeSet<&String> = value.as_object().expect("an object").keys().collect();
    assert_eq!(fields, rows.iter().map(|row| &row.field).collect());
    for Row { field, is_required, .. } in rows.iter().filter(|row| row.field != "data") {
        let code = read(&without(&value, field)).err().map(|error| error.code);
        assert_eq!(code, is_required.then_some(LineCode::MissingField), "{field}");
    }
}

#[test]
fn a_line_is_exported_as_the_page_shows() {
    let line = EventLine::parse(fence(EVENTS, "json read").as_bytes()).expect("a valid line");
    let new = line.identify(|_| 0);
    let store = Blocking(MemoryStore::new());
    let exported = fence(EVENTS, "json exported").replace("ID", &new.id.to_string());
    store.append(Append::new(vec![new], "2024-03-01".parse().expect("a date"))).expect("valid");
    let mut out = Vec::new();
    let events = store.events(0, 1).expect("memory does not fail");
    events[0].write_line(&mut out).expect("memory does not fail");
    assert_eq!(String::from_utf8(out).expect("JSON is UTF-8"), exported);
}

#[test]
fn what_is_unknown_is_kept_by_letter_or_by_value_as_the_page_says() {
    let at = r#""occurred_at":"2024-02-01T09:00:00Z""#;
    let content = |line: String| EventLine::parse(line.as_bytes()).expect(&line).event.content();
    for kept in [
        format!(r#"{{"type":"beamed_up",{at},"data":[1.10, 2],"x":{{ }}}}"#),
        format!(r#"{{"type":"won","v":2,{at},"data":{{"amount":-1.50}}}}"#),
        format!(r#"{{"type":"beamed_up",{at}}}"#),
    ] {
        assert_eq!(content(kept.clone()), kept);
    }
    let line = |inside: &str| format!(r#"{{"lead":"L1","type":"captured",{at},{inside}}}"#);
    for (read, written) in [
        (
            r#""actor":{"z":1.10, "id":"ann","b":2},"data":{}"#,
            r#""actor":{"id":"ann","z":1.10,"b":2},"data":{}"#,
        ),
        (r#""data":{"pii":{"z":1.10, "a":[1, 2]}}"#, r#""data":{"pii":{"a":[1, 2],"z":1.10}}"#),
        (r#""data":null,"tenant":null"#, r#""data":{}"#),
    ] {
        assert_eq!(content(line(read)), line(written));
    }
    for inside in [r#""data":{"pii":{"a":1,"a":2}}"#, r#""data":{"attributes":{"a":[]}}"#] {
        let error = EventLine::parse(line(inside).as_bytes()).expect_err(inside);
        assert_eq!(error.code, LineCode::WrongType);
    }
}

#[test]
fn derived_identities_are_made_as_the_page_says() {
    let mut namespaces = EVENTS.split("namespace `").skip(1).map(|rest| &rest[..36]);
    let mut v5 = |name: &str| {
        let namespace = namespaces.next().and_then(|text| Uuid::try_parse(text).ok());
        Uuid::new_v5(&namespace.expect("a namespace"), name.as_bytes())
    };
    let content = r#"{"lead":"L1","type":"won","occurred_at":"2024-01-01T00:00:00Z","data":{}}"#;
    let line = format!(r#"{{"recorded_at":"2024-02-01T01:00:00+01:00",{}"#, &content[1..]);
    let read = EventLine::parse(line.as_bytes()).expect("a valid line");
    let expected = format!("2|2024-02-01T00:00:00Z|{content}");
    let identified = read.identify(|text| {
        assert_eq!(format!("2|{text}"), expected);
        2
    });
    assert_eq!(identified.id.0, v5(&expected));
    let key: LeadKey = "17".parse().expect("a key");
    assert_eq!(LeadId::of("north", "crm", &key).0, v5("5:north3:crm17"));
    let uuid = "018d6390-f5a0-7000-8000-000000000001";
    let key: LeadKey = uuid.parse().expect("a key");
    assert_eq!(LeadId::of("north", "crm", &key).to_string(), uuid);
}

/// All codes. The match breaks the build when one is added: it needs a line on the page.
fn codes() -> BTreeSet<&'static str> {
    use LineCode::{
        BadId, BadLead, BadTime, DuplicateKey, MissingField, NegativeAmount, NotJson, NotUtf8,
        TooDeep, TooLong, UnknownValue, WrongType,
    };
    let all = [
        BadId,
        BadLead,
        BadTime,
        DuplicateKey,
        MissingField,
        NegativeAmount,
        NotJson,
        NotUtf8,
        TooDeep,
        TooLong,
        UnknownValue,
        WrongType,
    ];
    all.map(|code| match code {
        BadId | BadLead | BadTime | DuplicateKey | MissingField | NegativeAmount | NotJson
        | NotUtf8 | TooDeep | TooLong | UnknownValue | WrongType => code.as_str(),
    })
    .into()
}

#[test]
fn every_refusal_has_a_line_that_gets_it() {
    let chapter = EVENTS.split("\n## ").find(|part| part.starts_with("Refusals\n"));
    let chapter = chapter.expect("the page has a chapter Refusals");
    let table = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(table.collect::<BTreeSet<_>>(), codes());
    let mut seen = BTreeSet::new();
    for line in fence(chapter, "text refused").lines() {
        let (code, line) = line.split_once(' ').expect("a code and a line");
        let blanks = line.strip_prefix('<').and_then(|n| n.strip_suffix(" blanks>"));
        let line =
            blanks.map_or_else(|| line.to_owned(), |n| " ".repeat(n.parse().expect("a number")));
        if blanks.is_some() {
            assert_eq!(line.len(), LINE_BYTES_MAX + 1);
        }
        let mut bytes = line.into_bytes();
        if let Some(at) = bytes.windows(4).position(|window| window == br"\xff") {
            bytes.splice(at..at + 4, [0xff]);
        }
        assert_eq!(EventLine::parse(&bytes).expect_err(code).code.as_str(), code);
        seen.insert(code);
    }
    assert_eq!(seen, codes());
    assert!(EVENTS.contains(&format!("{LINE_BYTES_MAX} bytes | `LINE_BYTES_MAX`")));
    assert!(EVENTS.contains(&format!("{} bytes | `LeadKey::BYTES_MAX`", LeadKey::BYTES_MAX)));
}

#[test]
fn what_is_said_of_a_line_is_as_the_page_shows() {
    let lines: Vec<&str> = fence(EVENTS, "text messages").lines().collect();
    for pair in lines.chunks(2) {
        let error = EventLine::parse(pair[0].as_bytes()).expect_err(pair[0]);
        assert_eq!(error.to_string(), pair[1]);
    }
}

#[test]
fn the_glossary_has_every_state_and_the_metrics_have_every_finding() {
    for state in State::ALL {
        assert!(GLOSSARY.contains(&format!("`{state}`")), "{state}");
    }
    for code in FindingCode::ALL {
        assert!(METRICS.contains(&format!("| `{}` |", code.name())), "{}", code.name());
    }
}

/// The names of functions that exist.
macro_rules! names {
    ($($path:path,)*) => {{
        $( let _ = $path; )*
        [$( stringify!($path), )*]
    }};
}

#[test]
fn the_page_of_metrics_names_the_functions_that_compute_them() {
    let names = names![
        metrics::quantile,
        metrics::status,
        metrics::stage_time,
        metrics::funnel,
        metrics::cycles,
        metrics::win_rate,
        metrics::aging,
        metrics::historic_value,
        metrics::losses,
        metrics::anomalies,
        Lead::visits,
        Lead::findings,
        FunnelRow::conversions,
    ];
    for name in names {
        let name = name.replace(' ', "");
        assert!(METRICS.contains(&format!("`{name}`")), "{name}");
    }
}
