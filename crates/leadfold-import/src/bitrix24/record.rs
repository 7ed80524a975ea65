//! What leads and deals have in common: where they came from, and who they are.

use serde_json::{Map, Value, json};

use super::row::Row;

/// The data of `captured`: where the record came from, as it says.
pub(super) fn capture(row: &Row) -> Value {
    let mut data = Map::new();
    let fields = [("source", "SOURCE_ID"), ("medium", "UTM_MEDIUM"), ("campaign", "UTM_CAMPAIGN")];
    fields.iter().for_each(|(name, field)| put(&mut data, name, row.text(field)));
    let mut attributes = Map::new();
    let fields =
        [("utm_source", "UTM_SOURCE"), ("utm_content", "UTM_CONTENT"), ("utm_term", "UTM_TERM")];
    fields.iter().for_each(|(name, field)| put(&mut attributes, name, row.text(field)));
    if row.text("IS_RETURN_CUSTOMER") == Some("Y") {
        attributes.insert("return_customer".into(), "Y".into());
    }
    if !attributes.is_empty() {
        data.insert("attributes".into(), attributes.into());
    }
    data.into()
}

/// Personal data, and the names of its fields; none where the record has none.
pub(super) fn profile(row: &Row) -> Option<(String, Value)> {
    let mut pii = Map::new();
    let names = ["NAME", "SECOND_NAME", "LAST_NAME"];
    let name: Vec<&str> = names.iter().filter_map(|field| row.text(field)).collect();
    put(&mut pii, "company", row.text("COMPANY_TITLE"));
    put(&mut pii, "email", first(row, "EMAIL"));
    put(&mut pii, "name", Some(name.join(" ").as_str()).filter(|name| !name.is_empty()));
    put(&mut pii, "phone", first(row, "PHONE"));
    // Portals write names into titles.
    put(&mut pii, "title", row.text("TITLE"));
    let fields = pii.keys().cloned().collect::<Vec<_>>().join(",");
    (!pii.is_empty()).then(|| (fields, json!({ "attributes": {}, "pii": pii })))
}

/// The first of several numbers or addresses.
fn first<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.value(field)?.as_array()?.iter().find_map(|entry| entry.get("VALUE")?.as_str())
}

fn put(object: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        object.insert(name.to_owned(), text.into());
    }
}
