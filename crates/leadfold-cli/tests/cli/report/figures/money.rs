//! Deals, customer value and costs.

use serde_json::Value;

use super::super::reader::Row;
use super::{Both, amounts, list, of_key, rate, same_cells, told};

pub(super) fn deals(both: &Both<'_>) {
    let deals = both.in_period(&["deals", "--by", "owner"]);
    let rows = list(&deals["rows"]);
    let total = &rows[0];
    if total["won"]["den"] == 0 && total["open"] == 0 {
        let told = both.page.find("deals").text();
        assert!(told.contains("No opportunity was closed ") && told.contains("none is open"));
        assert!(["deals-by", "pipeline", "losses"].iter().all(|id| both.page.get(id).is_none()));
        return;
    }
    let found = both.page.rows("deals-by");
    assert_eq!(found.len(), rows.len());
    for row in rows {
        let is_total = row["key"].as_object().expect("a key").is_empty();
        let row_found =
            if is_total { &found[found.len() - 1] } else { of_key(&found, &row["key"]["owner"]) };
        let won = amounts(&row["amounts"], "won").into_iter().filter(|won| **won != 0);
        let open = &row["pipeline"]["amounts"];
        let expected = [
            rate(&row["won"]).to_vec(),
            won.collect(),
            vec![&row["won_after"]["p50_s"]],
            vec![&row["lost_after"]["p50_s"]],
            vec![&row["lead_to_won"]["p50_s"]],
            vec![&row["handoff_to_won"]["p50_s"]],
            vec![&row["open"]],
            amounts(open, "amount"),
            amounts(open, "expected"),
        ];
        same_cells(row_found, &expected);
    }
    pipeline(both, list(&total["pipeline"]["by_probability"]));
    losses(both, list(&total["losses"]));
}

fn pipeline(both: &Both<'_>, parts: &[Value]) {
    let rows = rows(both, "pipeline", parts.len());
    for (row, part) in rows.iter().zip(parts) {
        let name = match told(&part["origin"]) {
            "own" => "of its own",
            "stage_history" => "of its stage's win rate",
            _ => "of none that is known",
        };
        assert_eq!(row.name, name);
        let expected = [
            vec![&part["count"]],
            vec![&part["without_amount"]],
            amounts(&part["amounts"], "amount"),
            amounts(&part["amounts"], "expected"),
        ];
        same_cells(row, &expected);
    }
}

fn losses(both: &Both<'_>, losses: &[Value]) {
    let rows = rows(both, "losses", losses.len());
    for (row, loss) in rows.iter().zip(losses) {
        assert_eq!(row.name, told(&loss["reason"]));
        let expected = [
            vec![],
            vec![&loss["count"]],
            vec![&loss["open_for"]["p50_s"]],
            amounts(&loss["amounts"], "amount"),
        ];
        same_cells(row, &expected);
    }
}

/// The rows of a table that is there if it has any: so many.
fn rows(both: &Both<'_>, table: &str, count: usize) -> Vec<Row> {
    let rows = both.page.get(table).map_or_else(Vec::new, |_| both.page.rows(table));
    assert_eq!(rows.len(), count, "{table}");
    rows
}

pub(super) fn value(both: &Both<'_>) {
    let value = both.now(&["clv", "--by", "source"]);
    if both.page.get("value-by").is_none() {
        assert_eq!((&value["customers"], list(&value["cost"]).len()), (&Value::from(0), 0));
        return;
    }
    let found = both.page.rows("value-by");
    let rows = list(&value["rows"]);
    assert_eq!(found.len(), rows.len() + 1);
    let check = |found: &Row, row: &Value| {
        let mut expected = vec![vec![&row["customers"]], vec![&row["purchases"]]];
        let money = ["revenue", "refunds", "margin", "cost", "mean_value"];
        expected.extend(money.map(|name| amounts(&row[name], "amount")));
        same_cells(found, &expected);
    };
    check(&found[found.len() - 1], &value);
    for row in rows {
        check(of_key(&found, &row["key"]["source"]), row);
    }
}

pub(super) fn costs(both: &Both<'_>) {
    let costs = both.in_period(&["cost", "--by", "source"]);
    let rows = list(&costs["rows"]);
    let has_cost = list(&rows[0]["money"]).iter().any(|money| !money["cost"].is_null());
    if !has_cost {
        assert!(both.page.get("costs-by").is_none());
        return;
    }
    let found = both.page.rows("costs-by");
    let expected = rows.iter().flat_map(|row| {
        let key = &row["key"];
        let name = if key.as_object().is_some_and(serde_json::Map::is_empty) {
            "all"
        } else {
            told(&key["source"])
        };
        list(&row["money"]).iter().map(move |money| (name, money))
    });
    let expected: Vec<_> = expected.collect();
    let bare = rows.iter().filter(|row| list(&row["money"]).is_empty()).count();
    assert_eq!(found.len(), expected.len() + bare);
    for (name, money) in expected {
        let currency = money["currency"].as_str().expect("a code");
        let name = format!("{name} {currency}");
        let row = found.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no {name}"));
        let back = if money["by_margin"].is_null() { "by_revenue" } else { "by_margin" };
        let by = Value::Null;
        let expected = [
            &money["cost"],
            &money["cost_per_inquiry"],
            &money["cost_per_mql"],
            &money["cost_per_sql"],
            &money["cac"],
            &money["revenue"],
            &money["cost_share"],
            &by,
            &money[back]["roi"],
            &money[back]["clv_to_cac"],
            &money[back]["payback_months"],
        ];
        same_cells(row, &expected.map(|value| vec![value]));
        assert_eq!(row.texts[7], back.trim_start_matches("by_"));
    }
}
