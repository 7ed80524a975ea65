//! Where stores may be, and what is said of a place where there can be none.

use crate::support::{Desk, SMALL};

#[test]
fn a_path_with_a_colon_is_a_path() {
    let desk = Desk::new();
    desk.write("log.ndjson", SMALL);
    std::fs::create_dir(desk.path("2024-01-01T12:30")).expect("a folder");
    for store in ["log 12:30.db", "./ftp:x", "2024-01-01T12:30/leads.db", "sqlite:ftp:y", "L:1"] {
        desk.run(&["import", "log.ndjson", "--store", store]).ok();
        desk.run(&["status", "--store", store]).ok();
        let file = desk.path(store.strip_prefix("sqlite:").unwrap_or(store));
        assert!(file.is_file(), "{store}");
    }
}

#[test]
fn what_looks_like_a_scheme_and_is_none_says_how_to_name_the_file() {
    let desk = Desk::new();
    desk.write("log.ndjson", SMALL);
    let ran = desk.run(&["import", "log.ndjson", "--store", "ftp:x"]);
    assert_eq!(ran.status, 2);
    let advised = ran.err.split("write ").nth(1).and_then(|rest| rest.split(' ').next());
    desk.run(&["import", "log.ndjson", "--store", advised.expect("advice")]).ok();
}

#[test]
fn a_store_that_cannot_be_made_says_what_is_in_its_way() {
    let desk = Desk::new();
    desk.write("log.ndjson", SMALL);
    std::fs::create_dir(desk.path("folder")).expect("a folder");
    for (store, expected) in [
        (
            "none/x.db",
            "error: expected a folder none for the store none/x.db, found none: make it, or check \
             the path\n",
        ),
        (
            "folder",
            "error: expected a file for the store, found the folder folder: name a file in it, \
             such as folder/leads.db\n",
        ),
    ] {
        for command in [&["import", "log.ndjson"][..], &["status"]] {
            let ran = desk.run(&[command, &["--store", store]].concat());
            assert_eq!((ran.status, ran.err.as_str()), (4, expected), "{command:?}");
        }
    }
}

#[test]
fn a_file_that_is_no_store_any_more_is_named_and_its_remedy_told_once() {
    let desk = Desk::with_log(SMALL);
    let whole = std::fs::read(desk.path("leads.db")).expect("it is there");
    desk.write("cut.db", &whole[..5_000]);
    let ran = desk.run(&["status", "--store", "cut.db"]);
    assert_eq!(ran.status, 4);
    assert!(ran.err.starts_with("error: cut.db: expected whole pages"), "{}", ran.err);
    let ran = desk.run(&["verify", "--store", "cut.db"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.out.matches("restore").count(), 1, "{}", ran.out);
}

/// What is derived can be derived again, and the answer says how.
#[test]
fn what_is_damaged_and_derived_is_rebuilt() {
    let desk = Desk::with_log(SMALL);
    let before = desk.json(&["status"]);
    let file = rusqlite::Connection::open(desk.path("leads.db")).expect("it opens");
    file.execute("UPDATE total SET leads = leads + 1", []).expect("it runs");
    drop(file);
    let ran = desk.run(&["verify"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.ends_with("\n`verify --rebuild` derives anew what is derived from the events\n"),
        "{}",
        ran.out
    );
    assert_eq!(desk.run(&["verify", "--rebuild"]).ok().out, "8 events, nothing damaged\n");
    assert_eq!(desk.json(&["status"]), before);
    desk.run(&["verify"]).ok();
}

/// What a rebuild would have to read does not read: that is the answer, with its place, and nobody
/// is sent round in a circle.
#[test]
fn what_stands_in_the_way_of_a_rebuild_is_told() {
    let desk = Desk::with_log(SMALL);
    let file = rusqlite::Connection::open(desk.path("leads.db")).expect("it opens");
    file.execute("UPDATE total SET leads = leads + 1", []).expect("it runs");
    file.execute("UPDATE event SET body = '{}' WHERE position = 3", []).expect("it runs");
    drop(file);
    for command in [&["verify"][..], &["verify", "--rebuild"]] {
        let ran = desk.run(command);
        assert_eq!(ran.status, 1, "{command:?}: {}", ran.err);
        assert!(ran.out.contains("event at position 3"), "{command:?}: {}", ran.out);
        assert!(!ran.out.contains("verify --rebuild"), "{command:?}: {}", ran.out);
        let found = desk.run(&[command, &["--json"]].concat());
        assert_eq!(found.status, 1, "{command:?}: {}", found.err);
        assert!(found.out.contains(r#""first":3"#), "{command:?}: {}", found.out);
    }
}
