//! A merge that is refused names the merge that stands in its way.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode::{self, Illegal};
use leadfold_testkit::Log;

/// Four leads, captured at 09:01 to 09:04, and what happens to them from 10:00 on.
fn found(events: &[(&str, &str, &str)]) -> Vec<(AuditCode, Vec<u64>)> {
    let captured = ["A", "B", "C", "D"].map(|lead| (lead, "captured", "{}"));
    let lines: Vec<String> = captured
        .iter()
        .chain(events)
        .zip(1..)
        .map(|((lead, kind, data), n)| {
            let at = format!("2024-03-01T09:{n:02}:00Z");
            format!(r#"{{"lead":"{lead}","type":"{kind}","occurred_at":"{at}","data":{data}}}"#)
        })
        .collect();
    let log = Log::read(lines.join("\n").as_bytes(), "merges").expect("a log");
    let audit = log.audit(&Playbook::default());
    audit.findings().iter().map(|found| (found.code, found.evidence.to_vec())).collect()
}

#[test]
fn a_second_merge_names_the_first() {
    let events = [("A", "merged", r#"{"into":"B"}"#), ("A", "merged", r#"{"into":"C"}"#)];
    assert_eq!(found(&events), [(Illegal, vec![5, 6])]);
    assert_eq!(found(&events[1..]), []);
}

#[test]
fn a_ring_names_the_merge_that_it_would_close() {
    let events = [
        ("A", "merged", r#"{"into":"B"}"#),
        ("B", "merged", r#"{"into":"C"}"#),
        ("C", "merged", r#"{"into":"A"}"#),
    ];
    assert_eq!(found(&events), [(Illegal, vec![5, 7])]);
    assert_eq!(found(&events[1..]), []);
    let alone = [("D", "merged", r#"{"into":"D"}"#)];
    assert_eq!(found(&alone), [(Illegal, vec![5])], "nothing else is to blame");
}

#[test]
fn what_was_taken_back_is_not_named() {
    let events = [
        ("A", "merged", r#"{"into":"B"}"#),
        ("A", "unmerged", r#"{"from":"B"}"#),
        ("A", "merged", r#"{"into":"C"}"#),
        ("A", "merged", r#"{"into":"D"}"#),
        ("A", "unmerged", r#"{"from":"B"}"#),
    ];
    assert_eq!(found(&events), [(Illegal, vec![7, 8]), (Illegal, vec![9])]);
}
