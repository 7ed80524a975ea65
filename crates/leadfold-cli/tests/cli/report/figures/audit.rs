//! Hand-offs and findings, as the audit tells them.

use std::cmp::Reverse;

use leadfold_core::Timestamp;
use serde_json::Value;

use super::super::reader::Row;
use super::{Both, amounts, list, minute, of_key, rate, rate_of_any, same, same_cells, told};

pub(super) fn handoffs(both: &Both<'_>) {
    let audit = both.now(&["audit"]);
    findings(both, &audit);
    let total = &audit["handoffs"];
    if total["offered"] == 0 {
        return;
    }
    let names = ["offered", "accepted", "rejected", "pending", "closed", "returned", "recycled"];
    same_cells(&both.page.rows("answers")[0], &names.map(|name| vec![&total[name]]));
    leaks(both, total);
    let promises = both.page.rows("promises");
    let row = |name: &str| {
        let row = promises.iter().find(|row| row.name.starts_with(name));
        row.unwrap_or_else(|| panic!("no row {name}"))
    };
    for (name, of) in [
        ("accepted, of those decided", &total["acceptance_of_decided"]),
        ("accepted, of all", &total["acceptance_of_offered"]),
        ("decided in time", &total["decision_in_time"]),
        ("first attempt in time", &total["attempt_in_time"]),
        ("leaked", &total["leaked"]),
        ("given back", &total["given_back"]),
        ("won in a later round, of those that entered one", &audit["recycled_win_rate"]),
    ] {
        same(&row(name).data[0], &rate(of), name);
    }
    for (name, time) in [
        ("decided in time", &total["time_to_decision"]),
        ("first attempt in time", &total["time_to_first_attempt"]),
        ("prospect reached", &total["time_to_first_contact"]),
        ("from capture", &audit["speed_to_lead"]["total"]),
    ] {
        let expected = [&time["p50_s"], &time["mean_s"], &time["p90_s"]];
        same(&row(name).data[1..].concat(), &expected, name);
    }
    let found = both.page.rows("owners");
    assert_eq!(found.len(), list(&audit["by_owner"]).len() + 1);
    for owner in list(&audit["by_owner"]) {
        let row = of_key(&found, &owner["owner"]);
        let load = list(&audit["workload"]).iter().find(|load| load["owner"] == owner["owner"]);
        let open = load.map_or_else(|| Value::from(0), |load| load["open"].clone());
        same_cells(row, &cells(owner, Some(&open)));
    }
    same_cells(&found[found.len() - 1], &cells(total, None));
}

fn cells<'a>(figures: &'a Value, open: Option<&'a Value>) -> [Vec<&'a Value>; 9] {
    [
        vec![&figures["offered"]],
        vec![&figures["accepted"]],
        vec![&figures["rejected"]],
        vec![&figures["pending"]],
        rate_of_any(&figures["decision_in_time"]),
        vec![&figures["time_to_first_attempt"]["p50_s"]],
        vec![&figures["time_to_first_contact"]["p50_s"]],
        rate_of_any(&figures["leaked"]),
        open.into_iter().collect(),
    ]
}

fn leaks(both: &Both<'_>, total: &Value) {
    let mut expected = amounts(&total["leaked_amount"], "amount");
    expected.extend([&total["ping_pong"], &total["reassigned_without_touch"]]);
    same(&both.page.find("handoffs").tagged("dl")[0].data(), &expected, "leaks");
}

fn instant(finding: &Value) -> Timestamp {
    finding["at"].as_str().expect("an instant").parse().expect("an instant")
}

fn example(row: &Row) -> [&str; 4] {
    [&row.name, &row.texts[0], &row.texts[1], &row.texts[2]]
}

fn findings(both: &Both<'_>, audit: &Value) {
    let counts = audit["counts"].as_object().expect("counts");
    let all = list(&audit["findings"]);
    if counts.is_empty() {
        return;
    }
    let codes = both.page.rows("codes");
    assert_eq!(codes.len(), counts.len());
    for row in &codes {
        same(&row.data[2], &[&counts[&row.name]], &row.name);
        let of_code = all.iter().filter(|finding| finding["code"] == row.name.as_str());
        let mut of_code: Vec<&Value> = of_code.collect();
        assert!(of_code.iter().all(|finding| finding["severity"] == row.texts[0].as_str()));
        of_code.sort_by_key(|finding| Reverse((instant(finding), finding["position"].as_u64())));
        let examples = both.page.rows(&format!("finding-{}", row.name));
        let found: Vec<[&str; 4]> = examples.iter().map(example).collect();
        let minutes: Vec<String> = of_code.iter().map(|finding| minute(&finding["at"])).collect();
        let expected = of_code.iter().zip(&minutes).map(|(finding, at)| {
            [told(&finding["key"]), told(&finding["owner"]), at.as_str(), told(&finding["message"])]
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
}
