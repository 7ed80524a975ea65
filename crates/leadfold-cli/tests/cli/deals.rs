//! Lost deals: why, and where in their pipelines.

use serde_json::{Value, json};

use crate::support::Desk;

/// A lead with a deal for each (pipeline, stage), all lost for one reason.
fn log(deals: &[(Option<&str>, Option<&str>)]) -> String {
    let event = |day: usize, kind: &str, data: Value| {
        json!({
            "lead": "L1", "type": kind, "data": data,
            "occurred_at": format!("2024-03-{:02}T00:00:00Z", day + 1),
        })
    };
    let mut lines = vec![
        event(0, "captured", json!({"origin": "sales_generated"})),
        event(1, "qualified", json!({"level": "sql"})),
    ];
    for (number, (pipeline, stage)) in deals.iter().enumerate() {
        let opened =
            json!({"opportunity": number.to_string(), "pipeline": pipeline, "stage": stage});
        lines.push(event(2, "opportunity_opened", opened));
    }
    for number in 0..deals.len() {
        let lost = json!({"opportunity": number.to_string(), "reason": "price"});
        lines.push(event(3 + number, "lost", lost));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

const NEW: Option<&str> = Some("new");

#[test]
fn losses_are_told_by_stage_the_most_frequent_first() {
    let offer = Some("offer");
    let desk = Desk::with_log(&log(&[
        (NEW, offer),
        (None, None),
        (NEW, Some("demo")),
        (NEW, Some("demo")),
        (None, offer),
        (NEW, Some("demo")),
        (Some("renewals"), offer),
        (NEW, offer),
    ]));
    let losses = &desk.json(&["deals"])["rows"][0]["losses"];
    let stages = json!([
        {"pipeline": "new", "stage": "demo", "count": 3},
        {"pipeline": "new", "stage": "offer", "count": 2},
        {"pipeline": null, "stage": null, "count": 1},
        {"pipeline": null, "stage": "offer", "count": 1},
        {"pipeline": "renewals", "stage": "offer", "count": 1},
    ]);
    assert_eq!(losses[0]["stages"], stages);
    assert_eq!((&losses[0]["reason"], &losses[0]["count"]), (&json!("price"), &json!(8)));
    let shown = desk.run(&["deals"]).ok().out;
    let line = shown.lines().find(|line| line.starts_with("price")).expect("a reason");
    let expected = "new / demo 3, new / offer 2, (none) 1, elsewhere 2";
    assert!(line.contains(expected), "{line}");
}

#[test]
fn a_stage_changed_before_the_loss_is_the_one_that_counts() {
    let moved = r#"{"lead":"L1","type":"opportunity_stage_changed","occurred_at":"2024-03-03T12:00:00Z","data":{"opportunity":"0","to":"contract","pipeline_to":"renewals"}}"#;
    let desk = Desk::with_log(&(log(&[(NEW, Some("demo"))]) + moved));
    let losses = &desk.json(&["deals", "--by", "owner"])["rows"][1]["losses"];
    let stages = json!([{"pipeline": "renewals", "stage": "contract", "count": 1}]);
    assert_eq!(losses[0]["stages"], stages);
}

/// Two deals of a stage are closed, one is open there; another says itself what it is worth.
#[test]
fn open_deals_are_weighted() {
    let mut lines = log(&[(NEW, Some("offer")), (NEW, Some("offer"))]);
    let open = |key: &str, stage: Option<&str>, money: Value| {
        let mut data = json!({"opportunity": key});
        if let Some(stage) = stage {
            data["pipeline"] = json!("new");
            data["stage"] = json!(stage);
        }
        let fields = data.as_object_mut().expect("an object");
        fields.extend(money.as_object().expect("an object").clone());
        ("opportunity_opened", data)
    };
    let offer = Some("offer");
    let stated = json!({"amount": 100, "currency": "EUR", "probability": 0.25});
    let events = [
        ("reopened", json!({})),
        open("x", offer, json!({"amount": 900, "currency": "EUR"})),
        open("y", None, stated),
        open("z", Some("demo"), json!({"amount": 70, "currency": "USD"})),
        open("v", offer, json!({})),
        open("w", offer, json!({})),
        ("won", json!({"opportunity": "w"})),
    ];
    for (day, (kind, data)) in (10..).zip(events) {
        let at = format!("2024-03-{day}T00:00:00Z");
        let event = json!({"lead": "L1", "type": kind, "occurred_at": at, "data": data});
        lines.push_str(&format!("{event}\n"));
    }
    let desk = Desk::with_log(&lines);
    let pipeline = &desk.json(&["deals"])["rows"][0]["pipeline"];
    let expected = json!({
        "open": 4,
        "amounts": [
            {"currency": "EUR", "amount": 1_000, "expected": 325},
            {"currency": "USD", "amount": 70, "expected": null},
        ],
        "by_probability": [
            {"origin": "own", "count": 1, "without_amount": 0,
             "amounts": [{"currency": "EUR", "amount": 100, "expected": 25}]},
            {"origin": "stage_history", "count": 2, "without_amount": 1,
             "amounts": [{"currency": "EUR", "amount": 900, "expected": 300}]},
            {"origin": "unknown", "count": 1, "without_amount": 0,
             "amounts": [{"currency": "USD", "amount": 70, "expected": null}]},
        ],
    });
    assert_eq!(pipeline, &expected);
    let shown = desk.run(&["deals"]).ok().out;
    let line = "of its stage's win rate      2               1  9.00 EUR  3.00 EUR";
    assert!(shown.contains(line), "{shown}");
}

/// A lead that was lost is at risk of converting until then, whenever it is erased.
#[test]
fn an_erasure_later_on_changes_no_conversion_in_time() {
    let event = |lead: &str, day: u32, kind: &str, data: Value| {
        let at = format!("2024-{:02}-{:02}T00:00:00Z", 1 + day / 28, 1 + day % 28);
        format!("{}\n", json!({"lead": lead, "type": kind, "data": data, "occurred_at": at}))
    };
    let captured = |lead: &str| event(lead, 0, "captured", json!({"origin": "sales_generated"}));
    let won = (0..3).map(|i| format!("won{i}"));
    let won = won.map(|lead| {
        let sql = event(&lead, 1, "qualified", json!({"level": "sql"}));
        captured(&lead) + &sql + &event(&lead, 20, "won", json!({}))
    });
    let out: Vec<String> = (0..9).map(|i| format!("out{i}")).collect();
    let gone = out
        .iter()
        .map(|lead| captured(lead) + &event(lead, 1, "disqualified", json!({"reason": "student"})));
    let log: String = won.chain(gone).collect();
    let erased: String =
        out.iter().map(|lead| event(lead, 200, "erased", json!({"request": "R1"}))).collect();
    let curve = |log: &str| {
        let desk = Desk::with_log(&(log.to_owned() + &captured("open")));
        desk.json(&["funnel", "--survival", "--as-of", "2024-12-01"])["rows"][0]["survival"].clone()
    };
    let before = curve(&log);
    assert_eq!(before[2]["at_risk"], 4, "{before}");
    assert_eq!(curve(&(log + &erased)), before);
}

/// Nothing can close an erased lead's deal any more: it is not open business.
#[test]
fn an_erased_leads_open_deals_are_no_pipeline() {
    let event = |lead: &str, day: u8, kind: &str, data: Value| {
        let at = format!("2024-03-{day:02}T00:00:00Z");
        format!("{}\n", json!({"lead": lead, "type": kind, "data": data, "occurred_at": at}))
    };
    let opened = json!({
        "opportunity": "D", "stage": "demo", "amount": 1_000, "currency": "USD", "probability": 0.5,
    });
    let story = |lead: &str| {
        event(lead, 1, "captured", json!({"origin": "sales_generated"}))
            + &event(lead, 2, "qualified", json!({"level": "sql"}))
            + &event(lead, 3, "opportunity_opened", opened.clone())
    };
    let log = story("L1") + &story("L2") + &event("L2", 4, "erased", json!({"request": "R1"}));
    let row = &Desk::with_log(&log).json(&["deals"])["rows"][0];
    assert_eq!((&row["open"], &row["pipeline"]["open"]), (&json!(1), &json!(1)), "{row}");
}
