//! At the same time a withdrawal counts, and a grant lifts what was withdrawn before.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode::TouchedAfterWithdrawal;
use serde_json::{Value, json};

use super::life::log;

/// The evidence of touches by mail after a withdrawal on the second, one on the third, and a grant
/// after that.
fn found(channels: [&str; 3], granted_at: &str) -> Vec<Vec<u64>> {
    let on = |channel: &str| -> Value { json!({"purpose": "news", "channel": channel}) };
    let [first, second, third] = channels.map(on);
    let touch = json!({"side": "marketing", "direction": "out", "channel": "mail"});
    let log = log(&[
        ("L1", "01T09:00", "captured", json!({})),
        ("L1", "02T09:00", "consent_withdrawn", first),
        ("L1", "03T09:00", "consent_withdrawn", second),
        ("L1", granted_at, "consent_granted", third),
        ("L1", "05T09:00", "touched", touch),
    ]);
    let playbook = Playbook::default();
    let audit = log.audit(&playbook);
    let found = audit.findings().iter().filter(|found| found.code == TouchedAfterWithdrawal);
    found.map(|found| found.evidence.to_vec()).collect()
}

#[test]
fn a_grant_leaves_what_is_withdrawn_with_it() {
    for channels in [["mail", "mail", "mail"], ["mail", "mail", ""], ["", "", ""]] {
        assert_eq!(found(channels, "03T09:00"), [[3, 5]], "{channels:?}");
        assert_eq!(found(channels, "04T09:00"), [[0_u64; 0]; 0], "{channels:?}");
    }
    assert_eq!(found(["", "", "mail"], "04T09:00"), [[2, 5]], "the other channels' is not lifted");
}
