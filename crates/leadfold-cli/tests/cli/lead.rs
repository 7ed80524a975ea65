//! One lead, by any of its names.

use serde_json::{Value, json};

use crate::support::{Desk, SMALL};

fn captured(lead: &str, system: &str) -> String {
    format!(
        r#"{{"lead":"{lead}","type":"captured","occurred_at":"2024-02-01T09:00:00Z","origin":{{"system":"{system}"}}}}"#
    )
}

#[test]
fn a_key_of_another_system_is_found_where_it_is_the_only_one() {
    let log = [captured("17", "amocrm"), captured("17", "bitrix24"), captured("18", "amocrm")];
    let desk = Desk::with_log(&log.join("\n"));
    let only = desk.json(&["status", "--lead", "18"]);
    assert_eq!((&only["key"], &only["state"]), (&json!("18"), &json!("new")));
    let uuid = only["lead"].as_str().expect("a UUID");
    assert_eq!(desk.json(&["status", "--lead", uuid]), only);
    assert_eq!(desk.json(&["status", "--lead", "18", "--system", "amocrm"]), only);

    let both = desk.run(&["status", "--lead", "17"]);
    assert_eq!(both.status, 2);
    let start = "error: the key `17` means 2 leads of different origins; give --system or --tenant, \
                 or one of their UUIDs: ";
    assert!(both.err.starts_with(start), "{}", both.err);
    let one = desk.json(&["status", "--lead", "17", "--system", "bitrix24"]);
    assert_eq!(one["key"], "17");

    let none = desk.run(&["status", "--lead", "99"]);
    assert_eq!(none.status, 1);
    assert_eq!(
        none.err,
        "error: no lead `99` in the log; give its key as the source writes it, or its UUID\n"
    );
    assert_eq!(desk.run(&["status", "--lead", "18", "--system", "nobody"]).status, 1);
}

/// Each option leaves out the leads that are of another system or tenant.
#[test]
fn one_option_is_enough_where_one_lead_is_left() {
    let line = |key: &str, system: &str, tenant: &str| {
        let origin = format!(r#""origin":{{"system":"{system}"}},"tenant":"{tenant}""#);
        format!(
            r#"{{"lead":"{key}","type":"captured","occurred_at":"2024-02-01T09:00:00Z",{origin}}}"#
        )
    };
    let log = [
        line("17", "amo", "south"),
        line("17", "bitrix", "north"),
        line("18", "amo", "south"),
        line("18", "amo", "north"),
    ];
    let desk = Desk::with_log(&log.join("\n"));
    let id = |key: &str, args: &[&str]| {
        desk.json(&[&["status", "--lead", key], args].concat())["lead"].clone()
    };
    let north = id("17", &["--system", "bitrix", "--tenant", "north"]);
    assert_eq!(id("17", &["--tenant", "north"]), north);
    assert_eq!(id("17", &["--system", "bitrix"]), north);
    assert_ne!(id("17", &["--tenant", "south"]), north);
    assert_ne!(id("18", &["--tenant", "south"]), id("18", &["--tenant", "north"]));

    let both = desk.run(&["status", "--lead", "18", "--system", "amo"]);
    assert_eq!(both.status, 2);
    let start = "error: the key `18` means 2 leads of different origins; give --system and \
                 --tenant, or one of their UUIDs: ";
    assert!(both.err.starts_with(start), "{}", both.err);
    for args in [&["--tenant", "west"][..], &["--system", "amo", "--tenant", "north"]] {
        let none = desk.run(&[&["status", "--lead", "17"], args].concat());
        assert_eq!(none.status, 1);
        assert!(none.err.contains("no lead `17` of that origin"), "{}", none.err);
    }
}

#[test]
fn bounds_hold_for_one_lead_too() {
    let desk = Desk::with_log(SMALL);
    let state = |args: &[&str]| -> Value {
        desk.json(&[&["status", "--lead", "L1"], args].concat())["state"].clone()
    };
    assert_eq!(state(&[]), "customer");
    assert_eq!(state(&["--as-of", "2024-02-02"]), "new");
    assert_eq!(state(&["--as-of", "2024-02-02T09:00:00Z"]), "mql");
    assert_eq!(state(&["--known-at", "2024-02-03"]), "handed_off");
    let before = desk.run(&["status", "--lead", "L1", "--as-of", "2024-01-01"]);
    assert_eq!(before.status, 1);
    assert!(before.err.contains("no history within these bounds"), "{}", before.err);
}

#[test]
fn personal_data_is_never_shown() {
    let desk = Desk::with_log(SMALL);
    for args in [
        &["status", "--lead", "L1"][..],
        &["status", "--lead", "L1", "--json"],
        &["audit"],
        &["audit", "--json"],
        &["funnel", "--by", "industry"],
    ] {
        let ran = desk.run(args).ok();
        assert!(!(ran.out + &ran.err).contains("ann@"), "{args:?}");
    }
    assert!(desk.run(&["export"]).ok().out.contains("ann@example.org"));
}
