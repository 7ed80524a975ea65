//! Readers that go away, as `head` does: nobody hears the answer, and the exit status gives it.

use std::io;
use std::process::{Command, Stdio};

use rusqlite::Connection;

use crate::support::{Desk, SMALL};

/// The exit status of a command whose standard output nobody reads, and its messages.
fn unheard(desk: &Desk, args: &[&str]) -> (Option<i32>, String) {
    let output = command(desk, args).stderr(Stdio::piped()).output().expect("the binary runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("messages are UTF-8"))
}

fn command(desk: &Desk, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadfold"));
    command.current_dir(desk.path(".")).args(args).env("LEADFOLD_STORE", "leads.db");
    command.stdout(closed());
    command
}

/// The end of a pipe whose reader has gone away.
fn closed() -> Stdio {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn an_answer_of_no_is_no_whoever_listens() {
    let desk = Desk::with_log(SMALL);
    for args in [
        &["audit", "--deny", "all"][..],
        &["audit", "--deny", "all", "--json"],
        &["audit", "--deny", "all", "--lead", "L2"],
        &["audit", "--deny", "all", "--junit", "j.xml"],
    ] {
        let (status, err) = unheard(&desk, args);
        assert_eq!(status, Some(1), "{args:?}: {err}");
        assert!(err.contains(" denied\n") && !err.contains("error:"), "{err}");
    }
    assert!(desk.read("j.xml").contains("<failure"));
}

#[test]
fn refused_lines_are_refused_whoever_listens() {
    let desk = Desk::with_log(SMALL);
    desk.write("bad.ndjson", "no event\n");
    for args in [&["import", "bad.ndjson"][..], &["import", "bad.ndjson", "--json"]] {
        let (status, err) = unheard(&desk, args);
        assert_eq!(status, Some(3), "{err}");
        assert!(err.starts_with("refused: line 1: not_json"), "{err}");
    }
}

#[test]
fn damage_is_damage_whoever_listens() {
    let desk = Desk::with_log(SMALL);
    let file = Connection::open(desk.path("leads.db")).expect("it opens");
    file.execute_batch("UPDATE event SET body = replace(body, 'qualified', 'qualifies')")
        .expect("it runs");
    drop(file);
    assert_eq!(unheard(&desk, &["verify"]).0, Some(1));
    assert_eq!(unheard(&desk, &["verify", "--json"]).0, Some(1));
}

#[test]
fn whoever_has_read_enough_of_an_answer_is_no_failure() {
    let desk = Desk::new();
    let line = |n: u32| {
        format!(r#"{{"lead":"L{n}","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}}"#)
    };
    desk.write("log.ndjson", (0..20_000).map(line).collect::<Vec<_>>().join("\n"));
    desk.run(&["import", "log.ndjson"]).ok();
    for args in [&["export"][..], &["help"], &["help", "audit"], &["--version"]] {
        assert_eq!(unheard(&desk, args), (Some(0), String::new()), "{args:?}");
    }
    for args in [&["status", "--json"][..], &["report", "--out", "-"]] {
        assert_eq!(unheard(&desk, args).0, Some(0), "{args:?}");
    }
}

#[test]
fn messages_that_nobody_hears_change_nothing() {
    let desk = Desk::with_log(SMALL);
    for (args, expected) in [
        (&["status"][..], 0),
        (&["audit", "--deny", "all"], 1),
        (&["status", "--lead", "nobody"], 1),
        (&["status", "--what"], 2),
        (&["import", "nothing.ndjson"], 3),
    ] {
        let status = command(&desk, args).stderr(closed()).status().expect("the binary runs");
        assert_eq!(status.code(), Some(expected), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_a_failure() {
    let desk = Desk::new();
    for args in [&["help"][..], &["audit", "--help"], &["--version"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = command(&desk, args).stdout(full).stderr(Stdio::piped()).output();
        let output = output.expect("the binary runs");
        let err = String::from_utf8(output.stderr).expect("messages are UTF-8");
        assert_eq!(output.status.code(), Some(4), "{args:?}: {err}");
        assert!(err.starts_with("error: cannot write the output: "), "{err}");
    }
}
