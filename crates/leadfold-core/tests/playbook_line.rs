//! `playbook_published` as a line of the log: what is kept, and what is refused with which words.

use leadfold_core::audit::AuditCode;
use leadfold_core::event::{Body, Event, EventLine, LineError, PlaybookPublished};
use leadfold_core::machine::Kind;
use leadfold_core::routing::ShareMethod;
use leadfold_core::{Clock, Illegal, Playbook};

fn line(rest: &str) -> String {
    format!(r#"{{"type":"playbook_published","occurred_at":"2024-03-01T00:00:00Z",{rest}}}"#)
}

fn read(rest: &str) -> Result<Event, LineError> {
    EventLine::parse(line(rest).as_bytes()).map(|line| line.event)
}

fn refused(rest: &str) -> (&'static str, String) {
    let error = read(rest).expect_err(rest);
    (error.code.as_str(), error.message)
}

#[test]
fn text_and_unknown_fields_are_kept_to_the_letter() {
    let rest =
        r#""data":{"playbook":{"sla":{"decision_seconds":10}, "version":"\u0032"},"m":1.10}"#;
    let event = read(rest).expect("it reads");
    assert_eq!(event.content(), line(rest));
    let Body::PlaybookPublished(body) = &event.body else { panic!("{event:?}") };
    assert_eq!(body.playbook.playbook().version, "2");
}

#[test]
fn what_is_wrong_is_said_with_its_key() {
    let expected = [
        (
            r#""data":{"playbook":{"rules":{"illegel":"skip"}}}"#,
            "unknown_value",
            "expected as a key one of `illegal`, `hand_raiser`,",
            "in `data.playbook.rules` of `playbook_published`, found `illegel`: correct the key, or \
             leave it out",
        ),
        (
            r#""data":{"playbook":{"sla":{"decision_seconds":"soon"}}}"#,
            "wrong_type",
            "expected a whole number, 0 or more in `data.playbook.sla.decision_seconds` of",
            "found \"soon\": write it without",
        ),
        (
            r#""data":{"playbook":{"calendar":{"mon":[]}}}"#,
            "missing_field",
            "expected the field `data.playbook.calendar.zone` of `playbook_published`",
            "found none: add it",
        ),
        (
            r#""data":{"playbook":{"name":"a","name":"b"}}"#,
            "duplicate_key",
            "expected the field `data.playbook.name` of `playbook_published` once",
            "found it twice",
        ),
        (
            r#""data":{"playbook":{"sla":[1,2,"keep"]}}"#,
            "wrong_type",
            "expected an object in `data.playbook.sla` of `playbook_published`",
            "found a list",
        ),
        (
            r#""data":{"playbook":{"calendar":{"zone":"Europe/Berlin","mon":["9 to 5"]}}}"#,
            "wrong_type",
            "expected ",
            "in `data.playbook.calendar.mon[0]` of `playbook_published`",
        ),
        (
            r#""data":{"playbook":{"sla":{"decision_seconds":1e400}}}"#,
            "wrong_type",
            "expected a number up to 1.8e308",
            "in `data.playbook",
        ),
        (
            r#""data":{"playbook":null}"#,
            "missing_field",
            "expected the field `data.playbook` of `playbook_published`",
            "found null: give it a value",
        ),
        (
            r#""data":{}"#,
            "missing_field",
            "expected the field `data.playbook` of `playbook_published`",
            "found none: add it",
        ),
        (r#""lead":"L1","data":{"playbook":{}}"#, "bad_lead", "expected no `lead`", "leave it out"),
    ];
    for (rest, code, begin, end) in expected {
        let (found, message) = refused(rest);
        assert_eq!(found, code, "{message}");
        assert!(message.starts_with(begin), "{message}");
        assert!(message.contains(end), "{message}");
    }
}

/// A word was taken as an object once, and the text of a playbook is kept to the letter.
#[test]
fn a_playbook_that_a_log_has_with_a_word_as_an_object_is_read_for_ever() {
    let rest = r#""data":{"playbook":{"rules":{"illegal":{"skip":null}},"sla":{"on_reassignment":{"restart":null}},"audit":{"deny":[{"leaked":null},"ping_pong"]},"routing":{"version":"1","teams":[{"name":"a","share":{"weighted":null}}]}}}"#;
    let event = read(rest).expect("it reads");
    assert_eq!(event.content(), line(rest));
    let Body::PlaybookPublished(body) = &event.body else { panic!("{event:?}") };
    let playbook = body.playbook.playbook();
    assert_eq!(playbook.rules.illegal, Illegal::Skip);
    assert_eq!(playbook.sla.on_reassignment, Clock::Restart);
    assert_eq!(playbook.audit.deny, [AuditCode::Leaked, AuditCode::PingPong]);
    let share = playbook.routing.as_ref().map(|routing| routing.teams[0].share);
    assert_eq!(share, Some(ShareMethod::Weighted));

    for not_a_word in [
        r#"{"rules":{"illegal":{"skipped":null}}}"#,
        r#"{"rules":{"illegal":{"skip":1}}}"#,
        r#"{"name":{"skip":null}}"#,
        r#"{"rules":{"illegal":{"skip":null},"hand_raiser":{"true":null}}}"#,
    ] {
        read(&format!(r#""data":{{"playbook":{not_a_word}}}"#)).expect_err(not_a_word);
    }
}

#[test]
fn a_version_of_tomorrow_is_kept_whatever_it_holds() {
    let rest = r#""v":2,"data":{"playbook":{"rulez":[1.50]}}"#;
    let of_tomorrow = format!(
        r#"{{"type":"playbook_published","v":2,"occurred_at":"2024-03-01T00:00:00Z",{}}}"#,
        &rest[6..]
    );
    assert_eq!(read(rest).expect("it is kept").content(), of_tomorrow);
}

#[test]
fn a_playbook_that_a_program_made_reads_back() {
    let playbook = Playbook { name: "b2b".into(), ..Playbook::default() };
    let at = "2024-03-01T00:00:00Z".parse().expect("a time");
    let event = Event::without_lead(at, PlaybookPublished { playbook: playbook.clone().into() });
    let read = EventLine::parse(event.content().as_bytes()).expect("it reads").event;
    assert_eq!(read, event);
    let Body::PlaybookPublished(body) = read.body else { panic!("{event:?}") };
    assert_eq!(body.playbook.into_playbook(), playbook);
}

/// Stores hold facts with these codes.
#[test]
fn codes_of_kinds_are_their_places_and_new_ones_come_last() {
    for (code, kind) in Kind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, code, "{}", kind.name());
    }
    assert_eq!(Kind::Amendment as u8, 39);
    assert_eq!(Kind::PlaybookPublished as u8, 40);
    assert!(!Kind::MOVES.contains(&Kind::PlaybookPublished));
}
