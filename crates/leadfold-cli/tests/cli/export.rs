//! `export --format parquet`.

use serde_json::{Value, json};

use crate::support::{Desk, SMALL};

const PARQUET: [&str; 5] = ["export", "--format", "parquet", "--tables", "tables"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    PARQUET.iter().copied().chain(more.iter().copied()).collect()
}

fn rows(report: &Value) -> Vec<(&str, u64)> {
    let row = |table: &'static str| (table, 0);
    let tables = "events leads visits handoffs opportunities revenue costs findings episodes \
                  audit_findings";
    let mut rows: Vec<_> = tables.split_ascii_whitespace().map(row).collect();
    for (found, (table, n)) in report["tables"].as_array().expect("tables").iter().zip(&mut rows) {
        assert_eq!(found["table"], *table);
        assert_eq!(found["file"], format!("tables/{table}.parquet"));
        *n = found["rows"].as_u64().expect("a number");
    }
    rows
}

#[test]
fn tables_are_written_and_counted() {
    let desk = Desk::with_log(SMALL);
    let report = desk.json(&PARQUET);
    assert_eq!(report["as_of"], "2024-02-14T10:00:00Z");
    assert_eq!(report["known_at"], Value::Null);
    let rows = rows(&report);
    assert_eq!(rows[..2], [("events", 8), ("leads", 2)]);
    assert_eq!(rows[4..6], [("opportunities", 1), ("revenue", 2)]);
    for (table, _) in rows {
        let bytes = std::fs::read(desk.path(&format!("tables/{table}.parquet"))).expect("a file");
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{table}");
    }
}

#[test]
fn bounds_and_playbook_are_those_of_every_reading() {
    let desk = Desk::with_log(SMALL);
    let early = desk.json(&with(&["--as-of", "2024-02-03"]));
    assert_eq!(rows(&early)[..3], [("events", 3), ("leads", 1), ("visits", 3)]);
    let known = desk.json(&with(&["--known-at", "2024-02-15"]));
    assert_eq!(known["known_at"], "2024-02-15T00:00:00Z");
    assert_eq!(rows(&known)[0], ("events", 7));
    desk.write("strict.toml", "[rules]\nillegal = \"skip\"\nimplied_steps = false\n");
    let strict = desk.json(&with(&["--playbook", "strict.toml"]));
    let default = desk.json(&PARQUET);
    assert_ne!(rows(&strict)[2], rows(&default)[2]);
}

#[test]
fn personal_data_is_exported_only_on_request() {
    let desk = Desk::with_log(SMALL);
    let has_mail = || {
        let bytes = std::fs::read(desk.path("tables/events.parquet")).expect("a file");
        bytes.windows(15).any(|window| window == b"ann@example.org")
    };
    desk.run(&PARQUET).ok();
    assert!(!has_mail());
    desk.run(&with(&["--include-personal-data"])).ok();
    assert!(has_mail());
}

#[test]
fn what_cannot_be_written_is_exit_status_4() {
    let desk = Desk::with_log(SMALL);
    desk.write("tables", "no directory");
    let ran = desk.run(&PARQUET);
    assert_eq!(ran.status, 4);
    assert!(ran.err.contains("error: cannot write tables: "), "{}", ran.err);
    let advice =
        "move the file away that stands where a folder should be, or give another --tables";
    assert!(ran.err.contains(advice), "{}", ran.err);
}

#[test]
fn options_of_the_other_format_are_wrong_usage() {
    let desk = Desk::with_log(SMALL);
    for (args, wanted, option, found) in [
        (with(&["--out", "x"]), "ndjson", "--out", "parquet"),
        (vec!["export", "--as-of", "2024-03-01"], "parquet", "--as-of", "ndjson"),
        (vec!["export", "--playbook", "p.toml"], "parquet", "--playbook", "ndjson"),
        (vec!["export", "--tables", "x"], "parquet", "--tables", "ndjson"),
        (vec!["export", "--include-personal-data"], "parquet", "--include-personal-data", "ndjson"),
    ] {
        let ran = desk.run(&args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}");
        let expected = format!(
            "error: expected --format {wanted} with {option}, found --format {found}; leave one of \
             them out\n"
        );
        assert_eq!(ran.err, expected);
    }
    let ran = desk.run(&["export", "--format", "parquet"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--tables <DIR>"), "{}", ran.err);
}

#[test]
fn an_empty_log_has_empty_tables() {
    let desk = Desk::with_log("");
    let report = desk.json(&PARQUET);
    assert_eq!(report["as_of"], json!(null));
    assert!(rows(&report).iter().all(|(_, n)| *n == 0));
}
