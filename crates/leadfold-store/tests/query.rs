//! Texts in the data of events, beside what is kept to the letter and cannot be read as a value.

use leadfold_core::event::{Event, EventLine};
use leadfold_store::Query;
use serde_json::Value;

fn danced(data: &str) -> Event {
    let line = format!(
        "{{\"lead\":\"L1\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\"type\":\"danced\",\
         \"data\":{data}}}"
    );
    EventLine::parse(line.as_bytes()).expect("a sound line").event
}

fn has(data: &str, pointer: &str, text: &str) -> bool {
    Query::of_all_tenants().with(pointer, text).matches(&danced(data))
}

#[test]
fn text_is_found_beside_what_cannot_be_read() {
    for beside in ["1e400", r#""\ud800""#, r#"{"\ud800":1}"#, r#"[{"x":-1e999}]"#] {
        let data =
            format!("{{\"x\":{beside},\"in\":[{beside},{{\"by\":\"ann\",\"y\":{beside}}}]}}");
        assert!(has(&data, "/in/1/by", "ann"), "{data}");
        assert!(!has(&data, "/in/1/by", "bob"), "{data}");
        assert!(!has(&data, "/in/1/no", "ann"), "{data}");
    }
}

#[test]
fn what_cannot_be_read_on_the_way_may_be_a_match_and_at_its_end_is_none() {
    assert!(has(r#"{"x":{"\ud800":1,"by":"ann"}}"#, "/x/by", "bob"));
    assert!(!has(r#"{"x":1e400}"#, "/x", "1e400"));
    assert!(!has(r#"{"x":"\ud800"}"#, "/x", "ann"));
}

/// The oracle is the pointer of `serde_json` on data that it can read.
#[test]
fn pointers_lead_where_those_of_values_lead() {
    let data = r#"{"":"empty","a/b":"slash","m~n":"tilde","~1":"both","l":["0",["1\u0041"]," "],
                   "o":{"0":"zero","":{"":"deep"}},"n":null,"i":1,"s":"text","s":"last"}"#;
    let value: Value = serde_json::from_str(data).expect("JSON");
    let texts = ["empty", "slash", "tilde", "both", "0", "1A", " ", "zero", "deep", "text", "last"];
    let pointers = [
        "", "/", "s", "/s", "/s/", "/s/0", "/a~1b", "/m~0n", "/~01", "/l", "/l/0", "/l/1/0",
        "/l/01", "/l/+1/0", "/l/2", "/l/3", "/l/-", "/l/", "/l/00", "/o/0", "/o//", "/o/", "/n",
        "/n/0", "/i", "/i/0", "/none",
    ];
    let mut found = 0;
    for pointer in pointers {
        for text in texts {
            let expected = value.pointer(pointer).and_then(Value::as_str) == Some(text);
            assert_eq!(has(data, pointer, text), expected, "{pointer} {text}");
            found += u32::from(expected);
        }
    }
    assert_eq!(found, 10);
    assert!(has("\"x\"", "", "x") && !has("\"x\"", "/", "x"));
}
