//! The first figures, each from the command of its section.

use serde_json::Value;

use super::{Both, amounts, list, rate, same};

pub(super) fn glance(both: &Both<'_>) {
    let funnel = both.in_period(&["funnel"]);
    let (audit, due) = (both.now(&["audit"]), both.now(&["due"]));
    let (deals, value) = (both.in_period(&["deals"]), both.now(&["clv"]));
    let (handoffs, pipeline) = (&audit["handoffs"], &list(&deals["rows"])[0]["pipeline"]);
    let (won, days) = (&list(&funnel["rows"])[0]["won"], &list(&funnel["rows"])[0]["days_to_won"]);
    let is_error = |finding: &&Value| finding["severity"] == "error";
    let findings = list(&audit["findings"]);
    let counts = [findings.len(), findings.iter().filter(is_error).count()].map(Value::from);
    let tiles = [
        ("won", rate(won).to_vec()),
        ("days", vec![&days["p50_s"], &days["p90_s"]]),
        ("accepted", rate(&handoffs["acceptance_of_decided"]).to_vec()),
        ("tried", rate(&handoffs["attempt_in_time"]).to_vec()),
        (
            "leaked",
            joined(&rate(&handoffs["leaked"]), &amounts(&handoffs["leaked_amount"], "amount")),
        ),
        ("findings", counts.iter().collect()),
        ("overdue", vec![&due["overdue"]]),
        ("pipeline", joined(&[&pipeline["open"]], &amounts(&pipeline["amounts"], "expected"))),
        ("revenue", joined(&amounts(&value["revenue"], "amount"), &[&value["customers"]])),
    ];
    let found = both.page.find("glance").tagged("dl")[0].tagged("div");
    assert_eq!(found.len(), tiles.len());
    for (tile, (name, expected)) in found.iter().zip(tiles) {
        assert!(tile.get(&format!("glance-{name}")).is_some(), "{name}");
        same(&tile.data(), &expected, name);
    }
}

fn joined<'a>(first: &[&'a Value], then: &[&'a Value]) -> Vec<&'a Value> {
    [first, then].concat()
}
