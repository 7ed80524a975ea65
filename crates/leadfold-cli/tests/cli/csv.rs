//! CSV files by a mapping.

use serde_json::json;

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
    for (args, expected) in [
        (
            &["import", "--map", "none.toml", "orders.csv"][..],
            "cannot read the mapping none.toml: ",
        ),
        (&["import", "--map", "bad.toml", "orders.csv"], "mapping bad.toml, line 1: "),
        (&["import", "--map", "map.toml", "orders.csv"], "map.toml, line "),
        (&["import", "--map", "map.toml", "none.csv"], "cannot read none.csv: "),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.status, 3, "{args:?}");
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    }
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
