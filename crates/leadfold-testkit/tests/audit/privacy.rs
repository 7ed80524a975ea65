//! No message holds personal data, or what acts on a terminal.

use leadfold_core::event::{Captured, NewEvent, Other, TouchResult};
use leadfold_core::{Pii, Playbook, RawJson};
use leadfold_testkit::Log;
use leadfold_testkit::audit::AuditError;
use leadfold_testkit::story::Story;
use leadfold_testkit::strategies::adversarial_log;
use proptest::prelude::*;

const SECRET: &str = "ann@example.org";

fn message(events: Vec<NewEvent>) -> String {
    let log = Log::of(events).expect("a log");
    match log.audit(&Playbook::default()).check_clean() {
        Err(AuditError::Unmet(unmet)) => unmet.to_string(),
        Ok(()) => String::new(),
        Err(error) => panic!("{error}"),
    }
}

fn secret() -> RawJson {
    RawJson::parse(&format!("\"{SECRET}\"")).expect("JSON")
}

#[test]
fn personal_data_is_in_no_message() {
    let captured = Captured {
        source: Some("webinar".into()),
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes: Some([("mail", SECRET)].into_iter().collect()),
        pii: Some(Pii::from([("email".to_owned(), SECRET.into())])),
    };
    let unknown = Other { type_name: "mailed".into(), data: Some(secret()) };
    let story = Story::new().lead("L1").event(captured).handed_off("ann");
    let story = story.event(leadfold_core::event::Body::Other(unknown));
    let first = story.events()[0].id;
    let story = Story::new().lead("L1");
    let story = story.replace(first, &format!(r#"{{"pii":{{"email":"{SECRET}"}}}}"#));
    let mut events = story.called("ann", TouchResult::Attempt).accepted("ann").events();
    events[1].event.unknown_data.push(("mail".into(), secret()));
    events[1].event.unknown.push(("mail".into(), secret()));
    let message = message(events);
    assert!(message.contains("accepted_without_handoff"), "{message}");
    assert!(!message.contains(SECRET), "{message}");
    // Of attributes only the names are shown.
    let story = Story::new().lead("L1").event(captured_with_secret()).handed_off("ann");
    let message = self::message(story.events());
    assert!(message.contains("attributes mail") && !message.contains(SECRET), "{message}");
}

fn captured_with_secret() -> Captured {
    Captured {
        source: None,
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes: Some([("mail", SECRET)].into_iter().collect()),
        pii: Some(Pii::from([("email".to_owned(), SECRET.into())])),
    }
}

proptest! {
    #![proptest_config(super::property::config(64))]

    #[test]
    fn messages_of_any_log_are_plain_lines(events in adversarial_log(40)) {
        let message = message(events);
        let is_plain = |c: char| c == '\n' || !c.is_control();
        prop_assert!(message.chars().all(is_plain));
        prop_assert!(!message.contains('\u{202e}'), "a mark that turns the text around");
        prop_assert!(!message.contains("nobody@lead.invalid") && !message.contains("Dy\""));
    }
}
