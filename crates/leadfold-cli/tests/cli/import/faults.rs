//! Imports that are killed, or that find no room, and files that are no stores any more.

use std::io::Write;
use std::process::{Command, Stdio};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::support::{Desk, Ran, SMALL};

const N_LINES: u32 = 40_000;

/// A log without ids and with lines that say the same, so that a second import has to count as
/// the first one did.
fn log() -> String {
    let line = |n: u32| {
        format!(
            "{{\"lead\":\"L{}\",\"type\":\"touched\",\"occurred_at\":\"2024-02-01T09:00:00Z\",\
             \"recorded_at\":\"2024-02-02T09:00:00Z\",\"data\":{{\"side\":\"sales\",\
             \"activity\":\"call {}\"}}}}\n",
            n % 700,
            n % 30_000
        )
    };
    (0..N_LINES).map(line).collect()
}

/// What an import that nothing disturbs makes of it.
fn undisturbed(log: &str) -> String {
    Desk::with_log(log).run(&["export"]).ok().out
}

/// The position of the last event that readers see.
fn head(desk: &Desk) -> u64 {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = Connection::open_with_flags(desk.path("leads.db"), flags);
    let sql = "SELECT coalesce(max(position), 0) FROM event";
    let head = file.and_then(|file| file.query_row(sql, [], |row| row.get::<_, i64>(0)));
    head.unwrap_or(0).cast_unsigned()
}

/// Kills an import once so many events are in. It never sees the end of its input.
fn kill_at(desk: &Desk, log: &str, events: u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leadfold"))
        .args(["import", "-", "--store"])
        .arg(desk.path("leads.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    let most = &log.as_bytes()[..log.len() / 10 * 9];
    std::thread::scope(|scope| {
        // The pipe breaks when the import is killed, and stays open until then.
        let feeder = scope.spawn(move || (stdin.write_all(most).is_ok(), stdin));
        while head(desk) < events {
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "it ends before it can be killed: {ended:?}");
            std::thread::yield_now();
        }
        child.kill().expect("it can be killed");
        drop(feeder.join());
    });
    assert!(!child.wait().expect("it ends").success());
}

#[test]
fn a_killed_import_goes_on_where_it_was_and_comes_to_the_same_log() {
    let log = log();
    let desk = Desk::new();
    desk.write("log.ndjson", &log);
    let mut before = 0;
    for events in [1, 9_000, 22_000] {
        kill_at(&desk, &log, events);
        desk.run(&["verify"]).ok();
        let now = head(&desk);
        assert!(now >= events.max(before) && now < u64::from(N_LINES), "{now}");
        before = now;
    }
    let summary = desk.json(&["import", "log.ndjson"]);
    assert_eq!(summary["duplicates"], before);
    assert_eq!(summary["appended"], u64::from(N_LINES) - before);
    assert_eq!(desk.run(&["export"]).ok().out, undisturbed(&log));
    desk.run(&["verify"]).ok();
}

/// Runs an import whose files cannot grow beyond so many blocks of 512 bytes.
#[cfg(unix)]
fn import_with_room_for(desk: &Desk, blocks: u32) -> Ran {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" import log.ndjson");
    let output = Command::new("sh")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_leadfold")])
        .current_dir(desk.path("."))
        .env("LEADFOLD_STORE", "leads.db")
        .output()
        .expect("a shell starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let status = output.status.code().expect("an exit status");
    Ran { status, out: text(output.stdout), err: text(output.stderr) }
}

#[cfg(unix)]
#[test]
fn an_import_without_room_fails_as_the_store_and_loses_nothing_that_it_counted() {
    let log = log();
    let desk = Desk::new();
    desk.write("log.ndjson", &log);
    let ran = import_with_room_for(&desk, 16_384);
    assert_eq!((ran.status, ran.out.as_str()), (4, ""), "{}", ran.err);
    assert!(ran.err.contains("the same import again goes on there"), "{}", ran.err);
    let counted = ran.err.split(' ').next().expect("a number").replace(',', "");
    let counted: u64 = counted.parse().expect("a number");
    let kept = head(&desk);
    assert!((1..u64::from(N_LINES)).contains(&counted) && kept >= counted, "{counted}, {kept}");
    desk.run(&["verify"]).ok();

    let summary = desk.json(&["import", "log.ndjson"]);
    assert_eq!((&summary["duplicates"], &summary["read"]), (&kept.into(), &N_LINES.into()));
    assert_eq!(desk.run(&["export"]).ok().out, undisturbed(&log));
}

#[test]
fn refusals_are_listed_in_the_order_of_their_lines() {
    // Some are refused when they are read, and some only by the store, later.
    let line = |n: u32| match n % 1_500 {
        700 => "no JSON".to_owned(),
        id => format!(
            "{{\"id\":\"018d6390-f5a0-7000-8000-{:012}\",\"lead\":\"L\",\"type\":\"reopened\",\
             \"occurred_at\":\"2024-02-01T09:00:00Z\",\"data\":{{\"reason\":\"{n}\"}}}}",
            if id == 900 { 1 } else { n }
        ),
    };
    let log: Vec<String> = (1..=20_000).map(line).collect();
    let desk = Desk::new();
    desk.write("log.ndjson", log.join("\n"));
    let summary = desk.json(&["import", "log.ndjson"]);
    let refused = summary["refused"].as_array().expect("refusals");
    let found: Vec<(u64, &str)> = refused
        .iter()
        .map(|refused| (refused["line"].as_u64().expect("a line"), &refused["code"]))
        .map(|(line, code)| (line, code.as_str().expect("a word")))
        .collect();
    let pair = |n: u64| [(n * 1_500 + 700, "not_json"), (n * 1_500 + 900, "idempotency_conflict")];
    let expected: Vec<(u64, &str)> = (0..13).flat_map(pair).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_no_store_any_more_is_damage_and_no_failure() {
    let desk = Desk::with_log(SMALL);
    let sound = std::fs::read(desk.path("leads.db")).expect("reads");
    let mut changed = sound.clone();
    changed[..16].fill(0);
    for bytes in [b"a letter".as_slice(), &[0x5a; 5_000], &sound[..50], &sound[..600], &changed] {
        desk.write("leads.db", bytes);
        let ran = desk.run(&["verify", "--json"]);
        assert_eq!(ran.status, 1, "{} bytes: {}", bytes.len(), ran.err);
        let found: Value = ran.json();
        assert_eq!(found["damaged"][0]["what"], "damaged file");
        assert_eq!(std::fs::read(desk.path("leads.db")).expect("reads"), bytes);
        // Anything but `verify` wants an answer from the log, and there is none.
        assert_eq!(desk.run(&["status"]).status, 4);
    }
    desk.write("leads.db", &sound);
    desk.run(&["verify"]).ok();
}

#[test]
fn a_file_without_a_byte_is_no_store_to_read() {
    let desk = Desk::new();
    desk.write("leads.db", "");
    for command in ["status", "verify", "export"] {
        let ran = desk.run(&[command]);
        assert_eq!((ran.status, ran.out.as_str()), (4, ""), "{}", ran.err);
        assert!(ran.err.contains("no store to read: "), "{}", ran.err);
        assert_eq!(desk.read("leads.db"), "");
    }
    desk.write("log.ndjson", SMALL);
    desk.run(&["import", "log.ndjson"]).ok();
    desk.run(&["verify"]).ok();
}
