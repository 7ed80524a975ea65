//! `handoffs`: a row an offer.

use serde_json::{Value, json};

use crate::support::Desk;

fn line(lead: &str, kind: &str, at: &str, data: Value) -> String {
    let at = format!("2024-03-{at}Z");
    json!({"lead": lead, "type": kind, "occurred_at": at, "recorded_at": at, "data": data})
        .to_string()
}

/// A lead that is worked, reassigned, won and given back; one that nobody touches.
fn log() -> String {
    let events = [
        ("A", "captured", "01T09:00:00", json!({"source": "fair"})),
        ("A", "qualified", "01T10:00:00", json!({"level": "mql", "definition": "b2b"})),
        ("A", "handed_off", "01T12:00:00", json!({"to": "ann"})),
        ("A", "accepted", "01T13:30:00", json!({"by": "ann"})),
        ("A", "reassigned", "02T08:00:00", json!({"to": "ben", "cause": "manual"})),
        ("A", "touched", "02T13:00:00", json!({"side": "sales", "result": "attempt"})),
        ("A", "touched", "02T14:00:00", json!({"side": "sales", "result": "meeting"})),
        ("A", "opportunity_opened", "03T09:00:00", json!({"opportunity": "D"})),
        ("A", "won", "04T09:00:00", json!({"opportunity": "D", "amount": 5, "currency": "EUR"})),
        ("B", "captured", "01T09:00:00", json!({"attributes": {"size": "9"}})),
        ("B", "qualified", "01T10:00:00", json!({"level": "mql"})),
        ("B", "handed_off", "05T09:00:00", json!({"to": "ann"})),
        ("B", "accepted", "05T10:00:00", json!({"by": "ann"})),
        ("B", "returned", "09T10:00:00", json!({"reason": "no budget"})),
    ];
    let lines = events.map(|(lead, kind, at, data)| line(lead, kind, at, data));
    lines.join("\n")
}

const PLAYBOOK: &str = "
[gates.handed_off]
mandatory = [\"source\"]
desirable = [\"size\"]
";

#[test]
fn a_row_tells_what_was_due_and_done_and_what_came_of_it() {
    let desk = Desk::with_log(&log());
    desk.write("gate.toml", PLAYBOOK);
    let told = desk.json(&["handoffs", "--playbook", "gate.toml"]);
    assert_eq!(told["as_of"], "2024-03-09T10:00:00Z");
    let [won, returned] = told["rows"].as_array().expect("rows").as_slice() else { panic!("two") };
    let of = |row: &Value, fields: &[&str]| {
        fields.iter().map(|field| row[*field].clone()).collect::<Vec<_>>()
    };
    let fields =
        ["key", "definition", "fields", "missing", "owner", "reassigned", "outcome", "ended_at"];
    assert_eq!(
        of(won, &fields),
        [
            json!("A"),
            json!("b2b"),
            json!(["source"]),
            json!(["size"]),
            json!("ben"),
            json!(1),
            json!("won"),
            json!("2024-03-04T09:00:00Z")
        ]
    );
    assert_eq!(
        won["decision"],
        json!({"due": "2024-03-01T16:00:00Z", "at": "2024-03-01T13:30:00Z", "after_s": 5400.0,
            "kept": "in_time"})
    );
    assert_eq!(
        won["attempt"],
        json!({"due": "2024-03-02T12:00:00Z", "at": "2024-03-02T13:00:00Z", "after_s": 90000.0,
            "kept": "late"})
    );
    assert_eq!(won["contacted_at"], "2024-03-02T14:00:00Z");
    assert_eq!(won["handoff"]["to"], "ann");
    assert_eq!((&won["position"], &won["cycle"]), (&json!(3), &json!(1)));
    assert_eq!(
        of(returned, &fields),
        [
            json!("B"),
            Value::Null,
            json!(["size"]),
            json!(["source"]),
            json!("ann"),
            json!(0),
            Value::Null,
            json!("2024-03-09T10:00:00Z")
        ]
    );
    assert_eq!(returned["returned_at"], "2024-03-09T10:00:00Z");
    assert_eq!(returned["attempt"]["kept"], "missed");
    assert_eq!(returned["handoff"]["reason"], "no budget");
}

#[test]
fn a_period_is_that_of_the_offers() {
    let desk = Desk::with_log(&log());
    let keys = |args: &[&str]| {
        let told = desk.json(&[&["handoffs"], args].concat());
        let rows = told["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["key"].as_str().expect("a key").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&["--from", "2024-03-02"]), ["B"]);
    assert_eq!(keys(&["--to", "2024-03-02"]), ["A"]);
    assert_eq!(keys(&["--as-of", "2024-03-02"]), ["A"]);
    assert_eq!(keys(&["--from", "2024-03-02", "--to", "2024-03-05"]), [""; 0]);
}

#[test]
fn people_see_the_last_fifty() {
    let offers = (0..53).map(|n| {
        let lead = format!("L{n}");
        let at = format!("01T{:02}:{:02}:00", n / 60, n % 60);
        let [captured, qualified] = [json!({}), json!({"level": "mql"})];
        [
            line(&lead, "captured", &at, captured),
            line(&lead, "qualified", &at, qualified),
            line(&lead, "handed_off", &at, json!({"to": "ann"})),
        ]
        .join("\n")
    });
    let desk = Desk::with_log(&offers.collect::<Vec<_>>().join("\n"));
    let told = desk.run(&["handoffs"]).ok().out;
    assert!(told.starts_with("53 hand-offs as of 2024-03-01T00:52:00Z\n"), "{told}");
    assert!(told.ends_with("\nand 3 before these; --json lists all\n"), "{told}");
    let leads: Vec<&str> = told.lines().filter_map(|row| row.split_whitespace().nth(1)).collect();
    let listed: Vec<&str> = leads.into_iter().filter(|lead| lead.starts_with('L')).collect();
    assert_eq!((listed.len(), listed[0], listed[49]), (50, "L3", "L52"));
    assert_eq!(desk.json(&["handoffs"])["rows"].as_array().expect("rows").len(), 53);
}

#[test]
fn an_empty_log_has_none() {
    let desk = Desk::with_log("");
    assert_eq!(desk.run(&["handoffs"]).ok().out, "0 hand-offs\n");
    assert_eq!(desk.json(&["handoffs"])["rows"], json!([]));
}
