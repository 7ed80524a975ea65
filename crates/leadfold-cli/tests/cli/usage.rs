//! Wrong usage: exit status 2 and a text that says what to do.

use crate::support::{Desk, SMALL};

#[test]
fn wrong_usage_says_what_is_right() {
    let desk = Desk::with_log(SMALL);
    for (args, expected) in [
        (
            &["funnel", "--by", "colour"][..],
            "error: unknown dimension `colour`: expected source, medium, campaign, channel, owner, \
             product, cohort; or a captured attribute: industry, size\n",
        ),
        (
            &["funnel", "--by", "attr:source"],
            "error: unknown dimension `attr:source`: expected source, medium, campaign, channel, \
             owner, product, cohort; or a captured attribute: industry, size\n",
        ),
        (
            &["funnel", "--by", "source,source"],
            "error: expected each dimension once, found `source` twice; leave one out\n",
        ),
        (
            &["funnel", "--from", "2024-03-01", "--to", "2024-02-01"],
            "error: the period is empty: expected --from before --to, found 2024-03-01T00:00:00Z \
             and 2024-02-01T00:00:00Z; swap them\n",
        ),
        (
            &["status", "--store", "postgres://db/leads"],
            "error: the store postgres://... is not built in: expected sqlite:PATH, a path or \
             memory:; build the command with --features postgres\n",
        ),
        (
            &["status", "--store", "ftp:x"],
            "error: unknown kind of store: expected sqlite:PATH, a path or memory:, found `ftp:`; \
             write sqlite:ftp:x for a file of that name\n",
        ),
        (
            &["status", "--store", "sqlite://leads.db"],
            "error: expected sqlite:PATH, found sqlite://leads.db: a file has no host, write \
             sqlite:leads.db\n",
        ),
        (
            &["import", "--store", "sqlite:///srv/leads.db", "log.ndjson"],
            "error: expected sqlite:PATH, found sqlite:///srv/leads.db: a file has no host, write \
             sqlite:/srv/leads.db\n",
        ),
        (
            &["audit", "--by", "nope"],
            "error: unknown dimension `nope`: expected owner, team, definition, source, medium, \
             campaign, channel, product, cohort; or a captured attribute: industry, size\n",
        ),
        (
            &["import", "--format", "csv", "log.ndjson"],
            "error: CSV needs a mapping: expected --map MAP.toml, found none; docs/MAPPING.md says \
             how to write one\n",
        ),
        (
            &["import", "--format", "events", "--map", "m.toml", "log.ndjson"],
            "error: --map is for CSV: expected --format csv with it, found --format events; leave \
             one of them out\n",
        ),
        (
            &["status", "--as-of", "soon"],
            "error: invalid value 'soon' for '--as-of <TIME>': bad time: expected RFC 3339 with an \
             offset such as 2024-02-01T09:00:00Z, or a date such as 2024-02-01, years 0 to 9999, \
             found \"soon\"\n\nFor more information, try '--help'.\n",
        ),
        (
            &["funnel", "--from", "2024-13-01"],
            "error: invalid value '2024-13-01' for '--from <TIME>': bad time: expected RFC 3339 \
             with an offset such as 2024-02-01T09:00:00Z, or a date such as 2024-02-01, years 0 to \
             9999, found \"2024-13-01\"\n\nFor more information, try '--help'.\n",
        ),
        (
            &["funnel", "--within", "x"],
            "error: invalid value 'x' for '--within <DAYS>': expected a whole number from 0 to \
             4294967295, found \"x\"; correct it\n\nFor more information, try '--help'.\n",
        ),
        (
            &["clv", "--horizon", "36526"],
            "error: invalid value '36526' for '--horizon <DAYS>': expected a whole number from 0 \
             to 36525, found \"36526\"; correct it\n\nFor more information, try '--help'.\n",
        ),
        (
            &["status", "--as-of", "0000-01-01", "--tz", "Asia/Tokyo"],
            "error: expected an instant in the years 0 to 9999 of UTC, found \
             -0001-12-31T14:41:01Z: give another date or another zone\n",
        ),
        (
            &["export", "--json"],
            "error: expected one JSON document on standard output, found --json with an export, \
             which is one for each event: leave --json out, or give --out FILE\n",
        ),
        (
            &["audit", "--junit", "-"],
            "error: expected a file with --junit, found -, which would be a file of that name: \
             name a file, or /dev/stdout\n",
        ),
        (
            &["funnel", "--tz", "Mars/Base"],
            "error: invalid value 'Mars/Base' for '--tz <ZONE>': expected an IANA name such as \
             Europe/Berlin or an offset such as +01:00, found \"Mars/Base\"; correct it\n\nFor more \
             information, try '--help'.\n",
        ),
        (
            &["export", "--tz", "Europe/Belin"],
            "error: invalid value 'Europe/Belin' for '--tz <ZONE>': expected an IANA name such as \
             Europe/Berlin or an offset such as +01:00, found \"Europe/Belin\"; did you mean \
             Europe/Berlin?\n\nFor more information, try '--help'.\n",
        ),
        (
            &["audit", "--deny", "sloth"],
            "error: invalid value 'sloth' for '--deny <CODE>...': expected all, info, warning, \
             error or one of accepted_by_other, accepted_without_handoff, attempt_late, \
             back_dated_handoff, decision_late, decision_missing, duplicate_external_id, \
             gate_not_met, handed_off_unqualified, history_gap, illegal, leaked, \
             marketing_touch_to_customer, marketing_touch_to_opportunity, missing_reason, \
             negative_duration, out_of_order, over_capacity, owner_gone, ping_pong, \
             reassigned_without_touch, recycled_and_forgotten, rejected_without_reason, \
             revenue_before_won, touched_after_withdrawal, unknown_stage, unknown_target, \
             unknown_type, won_without_handoff, worked_before_handoff\n\nFor more information, try '--help'.\n",
        ),
    ] {
        let ran = desk.run(args);
        let err = ran.err.lines().filter(|line| !line.starts_with("as of "));
        let err: String = err.map(|line| format!("{line}\n")).collect();
        assert_eq!((ran.status, err.as_str()), (2, expected), "{args:?}");
        assert_eq!(ran.out, "");
    }
}

#[test]
fn what_the_parser_refuses_is_wrong_usage_too() {
    let desk = Desk::with_log(SMALL);
    for args in [
        &[][..],
        &["fold"],
        &["status", "--jason"],
        &["import"],
        &["funnel", "--kind", "volume"],
        &["funnel", "--within", "-1"],
        &["clv", "--model", "oracle"],
        &["status", "--system", "amocrm"],
        &["demo", "--leads", "0"],
    ] {
        let ran = desk.run(args);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
    let ran = desk.run_bare(&["status"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--store <URL>"), "{}", ran.err);
    for args in [&["--help"][..], &["--version"], &["funnel", "--help"]] {
        assert_eq!(desk.run(args).ok().err, "");
    }
}

#[test]
fn files_that_cannot_be_used_are_bad_input() {
    let desk = Desk::with_log(SMALL);
    desk.write("typo.toml", "name = \"x\"\n\n[rules]\nillegel = \"skip\"\n");
    desk.write("word.toml", "[rules]\nillegal = \"maybe\"\n");
    for (args, expected) in [
        (
            &["status", "--playbook", "typo.toml"][..],
            "error: playbook typo.toml, line 4, column 1, key `rules.illegel`: expected one of \
             `illegal`, `hand_raiser`, `implied_steps`, `sales_generated`, `require_reasons`, found \
             `illegel`; did you mean `illegal`?\n",
        ),
        (
            &["status", "--playbook", "word.toml"],
            "error: playbook word.toml, line 2, column 11, key `rules.illegal`: expected `apply` or \
             `skip`, found \"maybe\"; correct it as docs/PLAYBOOK.md says\n",
        ),
        (
            &["status", "--playbook", "none.toml"],
            "error: cannot read the playbook none.toml: No such file or directory (os error 2); \
             check the path\n",
        ),
        (
            &["import", "none.ndjson"],
            "error: cannot read none.ndjson: No such file or directory (os error 2); check the \
             path\n",
        ),
        (&["import", "."], "error: cannot read .: is a directory; check the path\n"),
    ] {
        let ran = desk.run(args);
        assert_eq!((ran.status, ran.err.as_str()), (3, expected), "{args:?}");
    }
}

#[test]
fn the_as_of_is_said_where_nobody_gave_it() {
    let desk = Desk::with_log(SMALL);
    assert_eq!(
        desk.run(&["status"]).ok().err,
        "as of 2024-02-14T10:00:00Z, the last event of the log; --as-of asks of another time\n"
    );
    assert_eq!(desk.run(&["status", "--as-of", "2024-03-01"]).ok().err, "");
}

#[test]
fn dates_and_months_begin_in_the_zone() {
    let desk =
        Desk::with_log(r#"{"lead":"L1","type":"captured","occurred_at":"2024-01-31T23:30:00Z"}"#);
    let cohort = |tz: &str| {
        let funnel = desk.json(&["funnel", "--by", "cohort", "--tz", tz, "--as-of", "2025-01-01"]);
        (funnel["rows"][1]["key"]["cohort"].clone(), funnel["as_of"].clone())
    };
    let expected = |month: &str, as_of: &str| (month.into(), as_of.into());
    assert_eq!(cohort("UTC"), expected("2024-01", "2025-01-01T00:00:00Z"));
    assert_eq!(cohort("Europe/Berlin"), expected("2024-02", "2024-12-31T23:00:00Z"));
    assert_eq!(cohort("+05:30"), expected("2024-02", "2024-12-31T18:30:00Z"));
    assert_eq!(cohort("-03:00"), expected("2024-01", "2025-01-01T03:00:00Z"));
}

#[test]
fn help_says_what_is_written_and_of_when_a_lead_is_shown() {
    let desk = Desk::new();
    let help = |args: &[&str]| desk.run_bare(args).ok().out;
    let export = help(&["help", "export"]);
    assert!(export.starts_with("Write the log as NDJSON, or with its tables as Parquet files\n"));
    assert!(help(&["status", "-h"]).contains("--as-of has no default here"));
}

#[test]
fn the_help_of_costs_names_what_a_cost_has() {
    let help = Desk::new().run_bare(&["cost", "--help"]).ok().out;
    let by = help.split("--by").nth(1).and_then(|rest| rest.split("--").next()).expect("--by");
    assert!(by.contains("channel") && !by.contains("medium") && !by.contains("owner"), "{by}");
}
