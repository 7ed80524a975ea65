//! Hand-offs and findings, as the audit tells them.

use serde_json::Value;

use super::{Both, list, of_key, rate, rate_of_any, same};

pub(super) fn handoffs(both: &Both<'_>) {
    let audit = both.now(&["audit"]);
    findings(both, &audit);
    let total = &audit["handoffs"];
    same(&both.page.find("glance-leaked").data(), &[&total["leaked"]["ratio"]], "leaked");
    if total["offered"] == 0 {
        return;
    }
    let answers = &both.page.rows("answers")[0];
    for (found, name) in answers
        .data
        .iter()
        .zip(["offered", "accepted", "rejected", "pending", "closed", "returned", "recycled"])
    {
        same(found, &[&total[name]], name);
    }
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
        let mut expected = vec![
            &owner["offered"],
            &owner["accepted"],
            &owner["rejected"],
            &owner["pending"],
        ];
        expected.extend(rate_of_any(&owner["decision_in_time"]));
        expected.push(&owner["time_to_first_attempt"]["p50_s"]);
        expected.push(&owner["time_to_first_contact"]["p50_s"]);
        expected.extend(rate_of_any(&owner["leaked"]));
        expected.push(&open);
        same(&row.data.concat(), &expected, &row.name);
    }
}

fn findings(both: &Both<'_>, audit: &Value) {
    let counts = audit["counts"].as_object().expect("counts");
    let all = list(&audit["findings"]);
    assert_eq!(both.page.find("glance-findings").data(), [all.len().to_string()]);
    if counts.is_empty() {
        return;
    }
    let codes = both.page.rows("codes");
    assert_eq!(codes.len(), counts.len());
    for row in &codes {
        same(&row.data[2], &[&counts[&row.name]], &row.name);
        let of_code = || all.iter().filter(|finding| finding["code"] == row.name.as_str());
        assert!(of_code().all(|finding| finding["severity"] == row.texts[0].as_str()));
        let mut told: Vec<String> = both
            .page
            .rows(&format!("finding-{}", row.name))
            .iter()
            .map(|row| row.texts[2].clone())
            .collect();
        let message = |finding: &Value| finding["message"].as_str().expect("text").to_owned();
        let mut expected: Vec<String> = of_code().map(message).collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected);
    }
}
