//! What leads and customers cost.

use serde_json::{Value, json};

use crate::support::Desk;

fn line(lead: Option<&str>, at: &str, kind: &str, data: Value) -> String {
    let at = format!("{at}T00:00:00Z");
    let mut line = json!({"type": kind, "occurred_at": at, "recorded_at": at, "data": data});
    if let Some(lead) = lead {
        line["lead"] = json!(lead);
    }
    format!("{line}\n")
}

/// Two leads of the web, one of them won in February; a cost that runs over two months.
fn log() -> String {
    let captured = json!({"source": "web", "origin": "sales_generated"});
    let euros = |amount: i64| json!({"amount": amount, "currency": "EUR", "margin": amount / 2});
    let cost = json!({
        "amount": 1_000, "currency": "EUR", "scope": {"source": "web"},
        "from": "2024-01-30", "to": "2024-02-01",
    });
    let dollars = json!({
        "amount": 700, "currency": "USD", "scope": {}, "from": "2024-01-01", "to": "2024-01-01",
    });
    [
        line(None, "2024-01-01", "cost_recorded", cost),
        line(None, "2024-01-01", "cost_recorded", dollars),
        line(Some("a"), "2024-01-10", "captured", captured.clone()),
        line(Some("b"), "2024-01-20", "captured", captured),
        line(Some("a"), "2024-01-21", "qualified", json!({"level": "sql"})),
        line(Some("a"), "2024-02-10", "won", json!({})),
        line(Some("a"), "2024-02-11", "revenue_recorded", euros(4_000)),
        line(Some("a"), "2024-03-11", "refunded", euros(1_000)),
    ]
    .concat()
}

fn money<'a>(row: &'a Value, currency: &str) -> &'a Value {
    let money = row["money"].as_array().expect("a list");
    money.iter().find(|money| money["currency"] == currency).expect("the currency is there")
}

#[test]
fn a_cohorts_costs_stand_against_all_that_became_of_it() {
    let desk = Desk::with_log(&log());
    let answer = desk.json(&["cost", "--by", "source"]);
    assert_eq!(
        (&answer["kind"], &answer["as_of"]),
        (&json!("cohort"), &json!("2024-03-11T00:00:00Z"))
    );
    let web = &answer["rows"][1];
    assert_eq!(web["key"], json!({"source": "web"}));
    let counts = ["inquiries", "mql", "sal", "sql", "won", "new_customers"].map(|key| &web[key]);
    assert_eq!(counts.map(|count| count.as_u64().expect("a count")), [2, 1, 1, 1, 1, 1]);
    let euros = money(web, "EUR");
    let found = ["cost", "revenue", "margin"].map(|key| euros[key].as_i64().expect("an amount"));
    assert_eq!(found, [1_000, 3_000, 1_500]);
    assert_eq!((&euros["cost_per_inquiry"], &euros["cac"]), (&json!(500.0), &json!(1_000.0)));
    assert_eq!(euros["by_revenue"]["roi"], json!(2.0));
    assert_eq!(euros["by_margin"]["clv_to_cac"], json!(1.5));
    // 30 days as a customer, 3,000 in that time: 1,000 take 10 days.
    let months = euros["by_revenue"]["payback_months"].as_f64().expect("a number");
    assert!((months - 10.0 / 30.436_875).abs() < 1e-12, "{months}");
    // What was spent in dollars has brought nothing in dollars, and is nobody's source.
    let none = &answer["rows"][2];
    assert_eq!(
        (&none["key"], &money(none, "USD")["cost"]),
        (&json!({"source": null}), &json!(700))
    );
    assert!(money(none, "USD")["cost_per_inquiry"].is_null());
}

#[test]
fn a_cost_is_shared_out_over_its_days() {
    let desk = Desk::with_log(&log());
    let answer = desk.json(&["cost", "--kind", "period", "--by", "cohort"]);
    let rows = answer["rows"].as_array().expect("rows");
    let found: Vec<(&Value, i64)> = rows[1..]
        .iter()
        .filter_map(|row| Some((&row["key"]["cohort"], money(row, "EUR")["cost"].as_i64()?)))
        .collect();
    assert_eq!(found, [(&json!("2024-01"), 666), (&json!("2024-02"), 334)]);
    let february = rows.iter().find(|row| row["key"]["cohort"] == "2024-02").expect("a row");
    assert_eq!((&february["won"], &money(february, "EUR")["revenue"]), (&json!(1), &json!(4_000)));
    assert!(money(february, "EUR")["by_revenue"]["clv_to_cac"].is_null(), "a cohort's figure");
    let args = ["cost", "--kind", "period", "--from", "2024-02-01", "--json"];
    let late = desk.run(&args).ok().json();
    assert_eq!(money(&late["rows"][0], "EUR")["cost"], 334);
}

#[test]
fn people_see_both_tables() {
    let desk = Desk::with_log(&log());
    let shown = desk.run(&["cost", "--by", "source"]).ok().out;
    for part in [
        "costs of the period against the leads captured in it as of 2024-03-11",
        "2 leads, 1 won, 1 new customer",
        "10.00 EUR",
        "total (USD)",
        "margin",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let empty = Desk::with_log("").run(&["cost"]).ok().out;
    assert!(empty.contains("no costs and no revenue"), "{empty}");
}

#[test]
fn costs_have_few_dimensions() {
    let desk = Desk::with_log(&log());
    let ran = desk.run(&["cost", "--by", "source,owner"]);
    assert_eq!(ran.status, 2);
    let expected = "costs cannot be split by `owner`: expected source, campaign, channel, cohort";
    assert!(ran.err.contains(expected), "{}", ran.err);
}

/// In Paraguay 1 October 2023 began at one o'clock.
#[test]
fn a_day_without_midnight_is_of_the_period_that_it_begins() {
    let spent = |day: &str, amount: i64| {
        let scope =
            json!({"amount": amount, "currency": "USD", "scope": {}, "from": day, "to": day});
        line(None, day, "cost_recorded", scope)
    };
    let days = [("2023-09-30", 100), ("2023-10-01", 10_000), ("2023-10-02", 5)];
    let desk = Desk::with_log(&days.map(|(day, amount)| spent(day, amount)).concat());
    let cost = |from: &str, to: &str, tz: &str| {
        let args = ["--from", from, "--to", to, "--tz", tz, "--as-of", "2024-01-01"];
        let answer = desk.json(&[&["cost", "--kind", "period"][..], &args].concat());
        money(&answer["rows"][0], "USD")["cost"].clone()
    };
    for tz in ["America/Asuncion", "-03:00"] {
        assert_eq!(cost("2023-09-01", "2023-10-01", tz), 100, "{tz}");
        assert_eq!(cost("2023-10-01", "2023-11-01", tz), 10_005, "{tz}");
        assert_eq!(cost("2023-10-01", "2023-10-02", tz), 10_000, "{tz}");
    }
}
