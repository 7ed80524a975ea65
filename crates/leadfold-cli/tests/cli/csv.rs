//! CSV files by a mapping.

use serde_json::{Value, json};

use crate::support::{Desk, data};

const MAP: &str = r#"
format = "leadfold-mapping/1"
system = "shop"
lead = "{customer}"
input.file = "orders.csv"

[[event]]
type = "captured"
once = "lead"
at = "{day}"

[[event]]
type = "revenue_recorded"
at = "{day}"
data = { amount = "{paid | money 2}", currency = "EUR" }
"#;

fn desk(csv: &str) -> Desk {
    let desk = Desk::new();
    desk.write("map.toml", MAP);
    desk.write("orders.csv", csv);
    desk
}

#[test]
fn rows_become_events_and_bad_rows_are_refused_by_line() {
    let desk = desk("customer,day,paid\nanna,2024-05-01,19.90\nboris,maj,1\nanna,2024-05-02,5\n");
    let ran = desk.run(&["import", "--map", "map.toml", "orders.csv", "--json"]);
    let summary = ran.json();
    assert_eq!(ran.status, 3);
    assert_eq!((&summary["read"], &summary["appended"]), (&json!(4), &json!(3)));
    assert_eq!(summary["refused"][0]["line"], 3);
    assert_eq!(summary["refused"][0]["code"], "bad_time");
    let clv = desk.json(&["clv"]);
    assert_eq!(clv["revenue"], json!([{"currency": "EUR", "amount": 2490}]));
    assert_eq!(desk.json(&["import", "--map", "map.toml", "orders.csv"])["appended"], 0);
}

#[test]
fn a_folder_and_standard_input_are_sources_too() {
    let csv = "customer,day,paid\nanna,2024-05-01,19.90\n";
    let desk = desk(csv);
    assert_eq!(desk.json(&["import", "--map", "map.toml", "."])["appended"], 2);
    let ran = desk.run_with(&["import", "--map", "map.toml", "-", "--json"], csv.as_bytes()).ok();
    assert_eq!(ran.json()["duplicates"], 2);
}

#[test]
fn what_is_wrong_with_a_mapping_or_its_file_is_bad_input() {
    let desk = desk("customer,day\nanna,2024-05-01\n");
    desk.write("bad.toml", "format = 'leadfold-mapping/9'");
    std::fs::create_dir(desk.path("folder")).expect("a folder");
    for (args, expected) in [
        (
            &["import", "--map", "none.toml", "orders.csv"][..],
            "cannot read the mapping none.toml: ",
        ),
        (&["import", "--map", "bad.toml", "orders.csv"], "mapping bad.toml, line 1: "),
        (&["import", "--map", "map.toml", "orders.csv"], "map.toml, line "),
        (&["import", "--map", "map.toml", "none.csv"], "cannot read none.csv: "),
        (&["import", "--map", "map.toml", "folder"], "cannot read folder/orders.csv: "),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.status, 3, "{args:?}");
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    }
}

/// A row of two events, of which the log can refuse the second alone.
const TWO: &str = r#"
format = "leadfold-mapping/1"
system = "shop"
lead = "{customer}"
input.file = "orders.csv"

[[event]]
type = "captured"
at = "{day}"
data = { source = "{channel}" }

[[event]]
type = "touched"
at = "{day}"
data = { side = "{side}", channel = "{channel}", by = "{customer}" }

[[event]]
type = "revenue_recorded"
at = "{day}"
when = { paid = { present = true } }
data = { amount = "{paid | number}", currency = "EUR" }
"#;

const TWO_HEADER: &str = "customer,day,side,channel,paid\n";

fn of_two(rows: &str) -> Desk {
    let desk = desk(&format!("{TWO_HEADER}{rows}"));
    desk.write("map.toml", TWO);
    desk
}

fn imported(desk: &Desk) -> Value {
    desk.json(&["import", "--map", "map.toml", "orders.csv"])
}

fn types(desk: &Desk) -> Vec<String> {
    let export = desk.run(&["export"]).ok().out;
    let event = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    export.lines().map(|line| event(line)["type"].as_str().expect("a type").to_owned()).collect()
}

#[test]
fn a_row_is_whole_or_not_at_all() {
    let desk = of_two(
        "anna,2024-05-01,sales,web,1\nboris,2024-05-02,nobody,web,-1\ncara,2024-05-03,sales,web,\n",
    );
    let summary = imported(&desk);
    assert_eq!((&summary["read"], &summary["appended"]), (&json!(6), &json!(5)), "{summary}");
    let refused = summary["refused"].as_array().expect("a list");
    assert_eq!(refused.len(), 1, "{summary}");
    assert_eq!((&refused[0]["line"], &refused[0]["code"]), (&json!(3), &json!("unknown_value")));
    // Mended, it comes in the order of its rules.
    let row = ["captured", "touched", "revenue_recorded"];
    desk.write("orders.csv", format!("{TWO_HEADER}boris,2024-05-02,sales,web,1\n"));
    assert_eq!(imported(&desk)["appended"], 3);
    assert_eq!(types(&desk), [&row[..], &row[..2], &row].concat());
}

/// However rows fall into the parts in which a file is read.
#[test]
fn rows_are_whole_wherever_a_file_is_divided() {
    let row = |n: u32| {
        let (side, paid) = if n % 5 == 3 { ("nobody", "1") } else { ("sales", "") };
        let paid = if n.is_multiple_of(3) { "1" } else { paid };
        format!("c{n},2024-05-01,{side},web,{paid}\n")
    };
    let desk = of_two(&(0..5_000).map(row).collect::<String>());
    let summary = imported(&desk);
    let sound = (0..5_000_u64).filter(|n| n % 5 != 3);
    let events: u64 = sound.map(|n| if n.is_multiple_of(3) { 3 } else { 2 }).sum();
    assert_eq!((&summary["appended"], &summary["refused_total"]), (&json!(events), &Value::Null));
    assert_eq!(summary["refused"].as_array().map(Vec::len), Some(1_000));
    assert_eq!(summary["read"], events + 1_000);
    let lines: Vec<u64> = summary["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|refused| refused["line"].as_u64().expect("a line"))
        .collect();
    assert_eq!(lines, (0..5_000).filter(|n| n % 5 == 3).map(|n| n + 2).collect::<Vec<u64>>());
}

#[test]
fn a_refusal_names_the_field_and_not_what_the_cell_says() {
    let long = "x".repeat(201);
    for (row, code, expected) in [
        (
            "anna,2024-05-01,Anna Secret +49 30 1234,web,",
            "unknown_value",
            "expected one of `prospect`, `marketing`, `sales`, `system` in `data.side` of the event `touched`, \
             found something else: correct the cell, or the rule of the mapping",
        ),
        (
            "web,2024-05-01,web,web,",
            "unknown_value",
            "expected one of `prospect`, `marketing`, `sales`, `system` in `data.side` of the event `touched`, \
             found something else: correct the cell, or the rule of the mapping",
        ),
        (
            "anna,2024-05-01,sales,web,1234.5",
            "wrong_type",
            "expected a whole number in `data.amount` of the event `revenue_recorded`, found \
             something else: correct the cell, or the rule of the mapping",
        ),
        (
            "anna,2024-05-01,sales,web,-1234",
            "negative_amount",
            "expected an amount of 0 or more minor units in `data.amount` of the event `revenue_recorded`, found \
             something else: correct the cell, or the rule of the mapping",
        ),
        (
            "anna,2024-05-01,,web,",
            "missing_field",
            "event `touched`: expected the field `data.side` of `touched`, found none: add it",
        ),
        (
            &format!("{long},2024-05-01,sales,web,"),
            "bad_lead",
            "event `captured`: expected 1 to 200 bytes without control characters in `lead`, found \
             201 bytes: correct the key",
        ),
    ] {
        let summary = imported(&of_two(&format!("{row}\n")));
        let refused = &summary["refused"][0];
        assert_eq!((&refused["code"], &refused["message"]), (&json!(code), &json!(expected)));
        let ran = of_two(&format!("{row}\n")).run(&["import", "--map", "map.toml", "orders.csv"]);
        assert_eq!(ran.status, 3);
        for secret in ["Anna Secret", "1234", "column"] {
            assert!(!ran.err.contains(secret), "{}", ran.err);
        }
    }
}

/// Where the mapping says it, and not a cell.
#[test]
fn a_currency_of_small_letters_is_told_what_it_should_be() {
    let desk = desk("customer,day,paid\nanna,2024-05-01,19.90\n");
    desk.write("map.toml", MAP.replace("EUR", "eur"));
    let refused = imported(&desk)["refused"][0].clone();
    let expected = "expected an ISO 4217 code of three capital letters in `data.currency` of the \
                    event `revenue_recorded`, found something else: correct the cell, or the rule \
                    of the mapping";
    assert_eq!((&refused["code"], &refused["message"]), (&json!("wrong_type"), &json!(expected)));
}

#[test]
fn the_examples_read_the_public_data() {
    for (example, folder) in
        [("maven_crm.toml", "maven_crm"), ("cdnow.toml", "cdnow"), ("bpic2012.toml", "bpic2012")]
    {
        let Some(folder) = data(folder) else { continue };
        let map = format!("{}/../../examples/{example}", env!("CARGO_MANIFEST_DIR"));
        let desk = Desk::new();
        let folder = folder.to_str().expect("a UTF-8 path");
        let summary = desk.json(&["import", "--map", &map, folder]);
        assert_eq!(summary["refused"], json!([]), "{example}");
        assert_eq!(summary["read"], summary["appended"], "{example}");
        let again = desk.json(&["import", "--map", &map, folder]);
        assert_eq!(again["appended"], 0, "{example}");
        desk.run(&["verify"]).ok();
    }
}

/// The first row of a file without a header is somebody.
#[test]
fn a_file_without_a_header_shows_shapes_and_leaves_no_store() {
    let desk = desk("17,Ann Smith,ann@example.org\n18,Bob,bob@example.org\n");
    let ran = desk.run(&["import", "--map", "map.toml", "orders.csv"]);
    assert_eq!(
        (ran.status, ran.err.as_str()),
        (
            3,
            "error: map.toml, line 4: expected one column `customer` in orders.csv, found 0; its \
             first line has 3 cells shaped like: 99, aaa aaaaa, aaa@aaaaaaa.aaa; if that is a row, \
             list the names as `columns` in [input], or give the file a header line\n"
        )
    );
    assert!(!desk.path("leads.db").exists());
}

#[test]
fn a_mapping_of_another_kind_says_which_option_it_is_for() {
    let desk = desk("customer,day,paid\n");
    desk.write("crm.toml", "format = \"leadfold-amocrm/1\"\n\n[deal]\n142 = \"customer\"\n");
    let expected = |found: &str, wanted: &str, option: &str| {
        format!(
            "expected format `{wanted}`, found `{found}`; use a file of this format, or import \
             with {option}\n"
        )
    };
    for (args, expected) in [
        (
            &["import", "orders.csv", "--format", "amocrm", "--map", "map.toml"][..],
            expected("leadfold-mapping/1", "leadfold-amocrm/1", "--format csv"),
        ),
        (
            &["import", "orders.csv", "--map", "crm.toml"],
            expected("leadfold-amocrm/1", "leadfold-mapping/1", "--format amocrm"),
        ),
        (
            &["import", "orders.csv", "--format", "bitrix24", "--map", "crm.toml"],
            expected("leadfold-amocrm/1", "leadfold-bitrix24/1", "--format amocrm"),
        ),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.status, 3, "{args:?}");
        assert!(ran.err.ends_with(&expected), "{}", ran.err);
    }
}
