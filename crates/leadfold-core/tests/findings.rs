//! Every finding code has its page, drawn from the code.

use std::collections::BTreeSet;

use leadfold_core::audit::{AuditCode, Severity, draw};

const INTRODUCTION: &str = "# Findings of the audit

Drawn from the code by `cargo xtask fix`.

`leadfold audit` reports what marketing and sales promised each other and did not keep, and what \
in a history breaks the rules or is not there.
Each finding names the lead, the hand-off, who had the lead, when it came about, and its evidence: \
the ids of exactly the events that prove it.
Without any one of them the finding would not stand as it does.

Severities: `error` for a promise or a rule that was broken, `warning` for a promise at risk or a \
history that is not all there, `info` for what is worth knowing.
`--deny` and the playbook's `[audit] deny` name the codes that answer \"no\" (exit status 1).

";

/// `LEADFOLD_UPDATE=1` redraws it.
#[test]
fn the_page_in_the_docs_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/FINDINGS.md");
    let drawn = format!("{INTRODUCTION}{}", draw());
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        std::fs::write(path, &drawn).expect("the docs can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == drawn, "docs/FINDINGS.md is stale: run `cargo xtask fix`");
}

#[test]
fn every_code_is_told_in_full_sentences() {
    for code in AuditCode::ALL {
        for text in [code.meaning(), code.matter(), code.advice()] {
            assert!(text.ends_with('.') && text.len() > 5, "{code}: {text:?}");
            assert!(text.starts_with(char::is_uppercase), "{code}: {text:?}");
        }
        assert!(!code.proof().is_empty(), "{code}");
    }
}

#[test]
fn names_are_unique_sorted_and_read_back() {
    let names: Vec<&str> = AuditCode::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(names.is_sorted());
    for code in AuditCode::ALL {
        assert_eq!(code.name().parse(), Ok(*code));
        let json = serde_json::to_string(code).expect("a code is JSON");
        assert_eq!(json, format!("{:?}", code.name()));
    }
    let error = "leak".parse::<AuditCode>().expect_err("it is none");
    assert!(
        error.to_string().starts_with("expected a finding code, found \"leak\"; the codes are")
    );
    assert!(Severity::Info < Severity::Error);
}
