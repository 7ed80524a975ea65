//! Which fields a version of a type has.

use std::fmt::Write;

use leadfold_core::event::EventLine;
use serde_json::Value;

/// The fields of each line's data, in their order, `?` behind what may be absent.
pub(super) fn shapes(lines: &str) -> String {
    let mut out = String::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).expect("the corpus is JSON");
        let (kind, version) =
            (&value["type"], value.get("v").map_or(1, |v| v.as_u64().unwrap_or(0)));
        let kind = kind.as_str().expect("a type is text");
        write!(out, "{kind} {version}:").expect("a text takes all");
        for field in fields(line) {
            let optional = if reads_without(&value, &field) { "?" } else { "" };
            write!(out, " {field}{optional}").expect("a text takes all");
        }
        out.push('\n');
    }
    out
}

/// In the order in which they are written: a map would sort them.
fn fields(line: &str) -> Vec<String> {
    let event = EventLine::parse(line.as_bytes()).expect("the corpus reads").event;
    let data = event.data().expect("a known type has data");
    let value: Value = serde_json::from_str(&data).expect("data is JSON");
    let names = value.as_object().expect("data is an object").keys().cloned();
    let mut names: Vec<String> = names.collect();
    names.sort_by_key(|name| data.find(&format!("\"{name}\":")));
    names
}

fn reads_without(line: &Value, field: &str) -> bool {
    let mut line = line.clone();
    line["data"].as_object_mut().expect("data is an object").remove(field);
    EventLine::parse(line.to_string().as_bytes()).is_ok()
}
