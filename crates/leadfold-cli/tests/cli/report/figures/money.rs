//! Deals, customer value and costs.

use serde_json::Value;

use super::super::reader::Row;
use super::{Both, amounts, list, of_key, rate, same};

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
        for (found, expected) in row_found.data.iter().zip(expected) {
            same(found, &expected, &row_found.name);
        }
    }
    for loss in list(&total["losses"]) {
        let losses = both.page.rows("losses");
        let row = of_key(&losses, &loss["reason"]);
        let mut expected = vec![&loss["count"], &loss["open_for"]["p50_s"]];
        expected.extend(amounts(&loss["amounts"], "amount"));
        same(&row.data.concat(), &expected, &row.name);
    }
}

pub(super) fn value(both: &Both<'_>) {
    let value = both.now(&["clv", "--by", "source"]);
    same(
        &both.page.find("glance-revenue").data(),
        &amounts(&value["revenue"], "amount"),
        "revenue",
    );
    if both.page.get("value-by").is_none() {
        assert_eq!((&value["customers"], list(&value["cost"]).len()), (&Value::from(0), 0));
        return;
    }
    let found = both.page.rows("value-by");
    let rows = list(&value["rows"]);
    assert_eq!(found.len(), rows.len() + 1);
    let check = |found: &Row, row: &Value| {
        let mut expected = vec![&row["customers"], &row["purchases"]];
        for name in ["revenue", "refunds", "margin", "cost", "mean_value"] {
            expected.extend(amounts(&row[name], "amount"));
        }
        same(&found.data.concat(), &expected, &found.name);
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
            key["source"].as_str().unwrap_or("(none)")
        };
        list(&row["money"]).iter().map(move |money| (name, money))
    });
    for (name, money) in expected {
        let currency = money["currency"].as_str().expect("a code");
        let name = format!("{name} {currency}");
        let row = found.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no {name}"));
        let back = if money["by_margin"].is_null() { "by_revenue" } else { "by_margin" };
        let expected = [
            &money["cost"],
            &money["cost_per_inquiry"],
            &money["cost_per_mql"],
            &money["cost_per_sql"],
            &money["cac"],
            &money["revenue"],
            &money["cost_share"],
            &money[back]["roi"],
            &money[back]["clv_to_cac"],
            &money[back]["payback_months"],
        ];
        same(&row.data.concat(), &expected, &name);
    }
}
