//! Files that commands write: whole or not there, and never the store.

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use crate::support::{Desk, SMALL};

fn bytes(desk: &Desk, name: &str) -> Vec<u8> {
    std::fs::read(desk.path(name)).expect("the file is there")
}

fn files(desk: &Desk) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path(".")).expect("the folder is there");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> =
        entries.map(|entry| name(entry).into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

fn sql(desk: &Desk, text: &str) {
    let file = Connection::open(desk.path("leads.db")).expect("it opens");
    file.execute_batch(text).expect("it runs");
}

/// The commands that write a file, each with a file that it is to write.
fn writing(file: &str) -> [Vec<&str>; 4] {
    let clv = ["clv", "--model", "bgnbd", "--currency", "EUR", "--calibrate-to", "2024-02-10"];
    [
        vec!["export", "--out", file],
        vec!["audit", "--junit", file],
        vec!["report", "--out", file],
        [&clv[..], &["--svg", file]].concat(),
    ]
}

#[test]
fn no_output_takes_the_place_of_the_store() {
    let desk = Desk::with_log(SMALL);
    #[cfg(unix)]
    std::os::unix::fs::symlink("leads.db", desk.path("link.db")).expect("a link");
    let before = bytes(&desk, "leads.db");
    let whole = desk.path("leads.db");
    let mut names = vec!["leads.db", "./leads.db", "leads.db-wal", whole.to_str().expect("UTF-8")];
    if cfg!(unix) {
        names.push("link.db");
    }
    for name in names {
        for args in writing(name) {
            let ran = desk.run(&args);
            assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
            assert!(ran.err.contains("is the store: give another"), "{}", ran.err);
            assert!(bytes(&desk, "leads.db") == before, "{args:?}");
        }
    }
    desk.run(&["verify"]).ok();
}

#[test]
fn what_cannot_be_written_is_no_fault_of_the_input() {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", "."]).ok();
    let clv = ["clv", "--model", "bgnbd", "--currency", "EUR", "--calibrate-to", "2024-07-01"];
    for (args, option) in [
        (vec!["export", "--out", "no/x"], "--out"),
        (vec!["audit", "--junit", "no/x"], "--junit"),
        (vec!["report", "--out", "no/x"], "--out"),
        ([&clv[..], &["--svg", "no/x"]].concat(), "--svg"),
    ] {
        let ran = desk.run(&args);
        assert_eq!(ran.status, 4, "{args:?}: {}", ran.err);
        let expected = format!("give another {option}");
        assert!(ran.err.contains("error: cannot write no/x: "), "{}", ran.err);
        assert!(ran.err.contains(&expected), "{}", ran.err);
    }
}

#[test]
fn an_export_replaces_the_one_before_when_it_is_whole() {
    let desk = Desk::with_log(SMALL);
    desk.write("out.ndjson", "what was before");
    let export = desk.run(&["export"]).ok().out;
    desk.run(&["export", "--out", "out.ndjson"]).ok();
    assert_eq!(desk.read("out.ndjson"), export);
    assert_eq!(files(&desk), ["leads.db", "log.ndjson", "out.ndjson"]);
}

/// An export may hold personal data, and be for few eyes.
#[cfg(unix)]
#[test]
fn who_may_read_a_file_may_read_the_next_one() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let desk = Desk::with_log(SMALL);
    desk.write("out.ndjson", "");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(desk.path("out.ndjson"), private).expect("they can be set");
    symlink("out.ndjson", desk.path("link")).expect("a link");
    desk.run(&["export", "--out", "link"]).ok();
    let is_link = desk.path("link").symlink_metadata().expect("it is there").is_symlink();
    assert!(is_link, "the file behind a link is replaced, and not the link");
    let mode = desk.path("out.ndjson").metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(desk.read("out.ndjson").lines().count(), 8);
}

/// A file that there will be is behind the link as well.
#[cfg(unix)]
#[test]
fn a_link_to_what_is_not_there_yet_stays_a_link() {
    let desk = Desk::with_log(SMALL);
    std::fs::create_dir(desk.path("elsewhere")).expect("a folder");
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, desk.path(name)).expect("a link");
    };
    link("elsewhere/second", "first");
    link("../out.ndjson", "elsewhere/second");
    desk.run(&["export", "--out", "first"]).ok();
    for name in ["first", "elsewhere/second"] {
        assert!(desk.path(name).symlink_metadata().expect("it is there").is_symlink(), "{name}");
    }
    assert_eq!(desk.read("out.ndjson").lines().count(), 8);
    // One that leads back to itself leads nowhere.
    link("round", "round");
    assert_eq!(desk.run(&["export", "--out", "round"]).status, 4);
}

/// What a process that was killed has left behind, when the next one has its number.
#[cfg(unix)]
#[test]
fn a_part_that_was_left_behind_is_in_nobodys_way() {
    let desk = Desk::with_log(SMALL);
    let script = "echo theirs > out.ndjson.$$.part; echo theirs > out.ndjson.$$-1.part; \
                  exec \"$0\" export --out out.ndjson";
    let ran = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_leadfold")])
        .current_dir(desk.path("."))
        .env("LEADFOLD_STORE", "leads.db")
        .output()
        .expect("a shell starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(desk.read("out.ndjson").lines().count(), 8);
    let left: Vec<_> = files(&desk).into_iter().filter(|name| name.ends_with(".part")).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().all(|name| desk.read(name) == "theirs\n"), "{left:?}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_written_where_they_are() {
    let desk = Desk::with_log(SMALL);
    let export = desk.run(&["export"]).ok().out;
    assert_eq!(desk.run(&["export", "--out", "/dev/stdout"]).ok().out, export);
    desk.run(&["export", "--out", "/dev/null"]).ok();
    let script = "echo first > all; \"$0\" export --out /dev/stdout >> all; \
                  mkfifo pipe; \"$0\" export --out pipe & cat pipe > piped; wait $!";
    let ran = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_leadfold")])
        .current_dir(desk.path("."))
        .env("LEADFOLD_STORE", "leads.db")
        .status();
    assert!(ran.expect("a shell starts").success());
    assert_eq!(desk.read("all"), format!("first\n{export}"));
    assert_eq!(desk.read("piped"), export);
    assert!(!desk.path("pipe").metadata().expect("it is there").is_file());
    assert!(Path::new("/dev/null").metadata().is_ok_and(|file| !file.is_file()));
}

/// 3,000 events, of which each says its position.
fn numbered() -> Desk {
    let line = |n: u32| {
        format!(
            "{{\"lead\":\"L{}\",\"type\":\"touched\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\
             \"recorded_at\":\"2024-02-01T09:00:00Z\",\"data\":{{\"side\":\"sales\"}}}}\n",
            n % 7
        )
    };
    Desk::with_log(&(1..=3_000).map(line).collect::<String>())
}

#[test]
fn an_export_saves_all_but_what_is_damaged() {
    let desk = numbered();
    let sound = desk.run(&["export"]).ok().out;
    desk.run(&["export", "--out", "out.ndjson"]).ok();
    sql(
        &desk,
        "UPDATE event SET body = replace(body, 'sales', 'salad') WHERE position IN (10, 1500, 1501);
         DELETE FROM event WHERE position = 1502;",
    );
    let is_left = |n: usize| !matches!(n, 10 | 1500..=1502);
    let left: String = (1..)
        .zip(sound.lines())
        .filter(|(n, _)| is_left(*n))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let ran = desk.run(&["export"]);
    assert_eq!(ran.status, 4);
    assert!(ran.out == left, "{} lines", ran.out.lines().count());
    for place in ["left out: event 10: ", "left out: events 1500 to 1502: "] {
        assert_eq!(ran.err.matches(place).count(), 1, "{}", ran.err);
    }
    assert!(ran.err.contains("error: 4 events are damaged"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 3, "{}", ran.err);
    // What is whole is not replaced by what is not.
    let ran = desk.run(&["export", "--out", "out.ndjson"]);
    assert_eq!(ran.status, 4);
    assert!(ran.err.contains("out.ndjson.incomplete"), "{}", ran.err);
    assert!(desk.read("out.ndjson") == sound);
    assert!(desk.read("out.ndjson.incomplete") == left);
    assert_eq!(files(&desk), ["leads.db", "log.ndjson", "out.ndjson", "out.ndjson.incomplete"]);
}

/// A position may be damaged, too: then the log seems to be longer than anybody could read.
#[test]
fn an_export_of_a_log_with_a_damaged_position_ends() {
    let desk = numbered();
    let sound = desk.run(&["export"]).ok().out;
    sql(&desk, "UPDATE event SET position = position + (1 << 50) WHERE position = 3000");
    let ran = desk.run(&["export", "--out", "out.ndjson"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.err.contains("left out: all events behind "), "{}", ran.err);
    let left: Vec<_> = sound.lines().take(2_999).collect();
    assert!(desk.read("out.ndjson.incomplete").lines().eq(left));
}

#[test]
fn an_export_is_not_given_up_for_a_gap_of_some_length() {
    let desk = numbered();
    let sound = desk.run(&["export"]).ok().out;
    sql(&desk, "UPDATE event SET position = position + 40000 WHERE position > 2000");
    let ran = desk.run(&["export"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.out.lines().eq(sound.lines().take(2_000)), "what has moved is damaged");
    assert!(ran.err.contains("left out: events 2001 to 43000: "), "{}", ran.err);
}

#[test]
fn a_dash_is_standard_output() {
    let desk = Desk::with_log(SMALL);
    let export = desk.run(&["export"]).ok().out;
    assert_eq!(desk.run(&["export", "--out", "-"]).ok().out, export);
    assert_eq!(desk.run(&["export", "--out", "-", "--json"]).status, 2);
    assert_eq!(files(&desk), ["leads.db", "log.ndjson"]);
}

#[test]
fn an_export_to_a_file_answers_in_one_document() {
    let desk = Desk::with_log(SMALL);
    let answer = desk.json(&["export", "--out", "out.ndjson"]);
    assert_eq!(answer, serde_json::json!({"file": "out.ndjson", "events": 8}));
    assert_eq!(desk.read("out.ndjson").lines().count(), 8);
}

#[test]
fn what_is_in_the_way_of_an_output_is_said() {
    let desk = Desk::with_log(SMALL);
    std::fs::create_dir(desk.path("folder")).expect("a folder");
    for (args, expected) in [
        (&["audit", "--junit", "no/x"][..], "; make its folder first, or give another --junit\n"),
        (&["report", "--out", "folder"], "; name a file in this folder, or give another --out\n"),
        (
            &["report", "--out", "log.ndjson/x"],
            "; move the file away that stands where a folder should be, or give another --out\n",
        ),
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.status, 4, "{args:?}");
        assert!(ran.err.ends_with(expected), "{}", ran.err);
    }
}
