//! What somebody has to see to.

use serde_json::{Value, json};

use crate::support::Desk;

const LOG: &str = r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}
{"lead":"L1","type":"follow_up_scheduled","occurred_at":"2024-02-02T09:00:00Z","data":{"follow_up":"call","due":"2024-02-05","owner":"ann"}}
{"lead":"L1","type":"follow_up_scheduled","occurred_at":"2024-02-02T09:00:00Z","data":{"follow_up":"visit","due":"2024-02-12"}}
{"lead":"L2","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}
{"lead":"L2","type":"consent_granted","occurred_at":"2024-02-01T09:00:00Z","data":{"purpose":"news","channel":"email","expires_at":"2024-02-11"}}
"#;

fn tasks(report: &Value) -> Vec<&Value> {
    report["rows"].as_array().expect("rows").iter().map(|row| &row["task"]).collect()
}

#[test]
fn what_is_due_is_listed_by_time() {
    let desk = Desk::with_log(LOG);
    let now = desk.json(&["due", "--as-of", "2024-02-06"]);
    assert_eq!((&now["overdue"], tasks(&now)), (&json!(1), vec![&json!("follow_up")]));
    let row = &now["rows"][0];
    assert_eq!((&row["key"], &row["owner"]), (&json!("L1"), &json!("ann")));
    assert_eq!((&row["follow_up"], &row["overdue_s"]), (&json!("call"), &json!(86_400.0)));
    let week = desk.json(&["due", "--as-of", "2024-02-06", "--within", "7"]);
    let expected = [json!("follow_up"), json!("renew_consent"), json!("follow_up")];
    assert_eq!(tasks(&week), expected.iter().collect::<Vec<_>>());
    assert_eq!(week["rows"][1]["purpose"], "news");
    assert_eq!(week["rows"][2]["overdue_s"], Value::Null);
    let edge = desk.json(&["due", "--as-of", "2024-02-06", "--within", "5"]);
    assert_eq!(edge["rows"].as_array().map(Vec::len), Some(2), "until the end, itself inside");
}

#[test]
fn nothing_is_due_in_an_empty_log_and_before() {
    let desk = Desk::with_log(LOG);
    let before = desk.run(&["due", "--as-of", "2024-02-04"]).ok();
    assert_eq!(before.out, "due as of 2024-02-04T00:00:00Z\n0 things, 0 overdue\n");
    assert_eq!(desk.run(&["due", "--within", "-1"]).status, 2);
}
