//! Every expectation holds where it should and fails where it should.

use leadfold_core::audit::AuditCode::{self, DecisionMissing, Leaked, PingPong};
use leadfold_core::{Calendar, CalendarSpec, Hours, Playbook};
use leadfold_playbook::zone;
use leadfold_testkit::audit::AuditError;
use leadfold_testkit::story::Story;
use leadfold_testkit::{Log, Unmet};

/// Handed off on a Friday evening and accepted two hours later; nobody calls.
fn log() -> Log {
    let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
    Log::of(story.qualified_mql().handed_off("ann").hours(2).accepted("ann")).expect("a log")
}

fn unmet(result: Result<(), AuditError>) -> String {
    match result {
        Err(AuditError::Unmet(unmet)) => unmet.to_string(),
        other => panic!("expected a failed expectation, found {other:?}"),
    }
}

#[test]
fn what_is_so_is_met() {
    let (log, playbook) = (log(), Playbook::default());
    let audit = log.audit(&playbook).as_of("2024-03-05");
    audit.expect(Leaked, "L1").expect_none(DecisionMissing).expect_only(&[(Leaked, "L1")]);
    log.audit(&playbook).as_of("2024-03-05").allow(Leaked).expect_clean().expect_only(&[]);
    log.audit(&playbook).as_of("2024-03-02").expect_clean();
    assert_eq!(audit.figures().leaked.num, 1);
    assert_eq!(audit.core().expect("memory").episodes().count(), 1);
}

#[test]
fn what_is_not_so_is_unmet() {
    let (log, playbook) = (log(), Playbook::default());
    let audit = log.audit(&playbook).as_of("2024-03-05");
    unmet(audit.check_clean());
    unmet(audit.check(PingPong, "L1"));
    unmet(audit.check(Leaked, "L2"));
    unmet(audit.check_none(Leaked));
    unmet(audit.check_only(&[(PingPong, "L1")]));
    unmet(audit.check_only(&[(Leaked, "L1"), (Leaked, "L1")]));
    unmet(log.audit(&playbook).as_of("2024-03-05").allow(Leaked).check(Leaked, "L1"));
}

#[test]
fn the_audit_is_of_the_last_event_unless_an_instant_is_given() {
    let story = |days| {
        let story = Story::new().at("2024-03-01T09:00:00Z").lead("L1").captured("webinar");
        story.qualified_mql().handed_off("ann").accepted("ann").days(days).visited("pricing")
    };
    let playbook = Playbook::default();
    Log::of(story(0)).expect("a log").audit(&playbook).expect_clean();
    Log::of(story(2)).expect("a log").audit(&playbook).expect_only(&[(Leaked, "L1")]);
    Log::of([]).expect("a log").audit(&playbook).expect_clean();
}

#[test]
fn what_becomes_known_later_can_be_left_out() {
    let story = Story::new().at("2024-03-01T09:00:00Z").lead("L1").captured("webinar");
    let story = story.qualified_mql().handed_off("ann").accepted("ann");
    let called = story.called("ann", leadfold_core::event::TouchResult::Contact);
    let log = Log::of(called.recorded("2024-03-04T00:00:00Z")).expect("a log");
    let audit = || log.audit(&Playbook::default()).as_of("2024-03-08");
    audit().expect_clean();
    audit().known_at("2024-03-03").expect_only(&[(Leaked, "L1")]);
}

/// Fridays from nine to five, Mondays likewise, in Berlin.
fn berlin() -> Calendar {
    let hours = Hours::parse(&["09:00-17:00"]).expect("hours");
    let spec =
        CalendarSpec { mon: hours.clone(), fri: hours, ..CalendarSpec::new("Europe/Berlin") };
    Calendar::new(&spec, zone("Europe/Berlin").expect("a zone"))
}

#[test]
fn another_calendar_counts_other_time() {
    let (log, playbook) = (log(), Playbook::default());
    let audit = log.audit(&playbook).as_of("2024-03-05").calendar(berlin());
    // 24 working hours from Friday evening are over on the third working day.
    audit.expect_clean();
    let late = log.audit(&playbook).as_of("2024-03-12").calendar(berlin());
    assert!(unmet(late.check_clean()).contains("due Mon 2024-03-11 17:00; evidence 3"));
}

/// No working day has 24 hours: working time is told in hours.
#[test]
fn what_is_over_by_working_time_says_so() {
    let (log, playbook) = (log(), Playbook::default());
    let sentence = |calendar| {
        let audit = log.audit(&playbook).as_of("2024-03-25").calendar(calendar);
        audit.findings().iter().find(|found| found.code == Leaked).expect("it is").sentence.clone()
    };
    let all = sentence(Calendar::always());
    assert!(all.contains("and 22 d 6 h after an attempt was due"), "{all}");
    let worked = sentence(berlin());
    assert!(worked.contains("and 24 h 0 min of working time after an attempt"), "{worked}");
}

#[test]
fn a_calendar_of_no_zone_is_an_error_and_no_finding() {
    let calendar = Some(CalendarSpec::new("Europe/Berln"));
    let playbook = Playbook { calendar, ..Playbook::default() };
    let error = log().audit(&playbook).check_clean().expect_err("it is wrong");
    assert!(matches!(error, AuditError::Zone(_)));
    assert!(error.to_string().contains("did you mean Europe/Berlin?"), "{error}");
}

#[test]
fn the_message_has_all_that_is_known_of_the_finding() {
    let expected = "\
expected no leaked, found 1 finding
(playbook \"default\", as of Tue 2024-03-05 00:00, times in UTC)

1. error leaked: Lead L1 leaked: it was with ann, and 2 d 6 h after an attempt was due, nobody in sales had tried to reach it.
   owner ann; due Sat 2024-03-02 17:55; evidence 3 (018dfb27-b520-74f0-8000-000000000002)
   what to do: Call it now, or return it to marketing.
      1  Fri 2024-03-01 17:55  captured    source webinar  -> new
      2  Fri 2024-03-01 17:55  qualified   level mql       new -> mql
   >> 3  Fri 2024-03-01 17:55  handed_off  to ann          mql -> handed_off
      4  Fri 2024-03-01 19:55  accepted    by ann          handed_off -> accepted
    --   Sat 2024-03-02 17:55  due
";
    let log = log();
    let audit = log.audit(&Playbook::default()).as_of("2024-03-05");
    assert_eq!(unmet(audit.check_none(Leaked)), expected);
    // Tests that return errors print the `Debug` of them.
    let Err(AuditError::Unmet(error)) = audit.check_none(Leaked) else { panic!("it is unmet") };
    assert_eq!(format!("{error:?}"), expected);
    let _: &Unmet = &error;
}

#[test]
fn a_missing_finding_is_told_with_the_life_of_its_lead() {
    let log = log();
    let audit = log.audit(&Playbook::default());
    let message = unmet(audit.check(Leaked, "L1"));
    assert!(message.starts_with("expected leaked of lead L1, found 0 findings\n"), "{message}");
    assert!(message.contains("\nlead L1:\n      1  Fri 2024-03-01 17:55  captured"), "{message}");
    let message = unmet(audit.check_only(&[(Leaked, "L9")]));
    assert!(message.contains("missing: leaked L9"), "{message}");
    assert!(message.ends_with("lead L9 is not in the log\n"), "{message}");
}

#[test]
fn many_findings_are_counted_and_not_all_told_in_full() {
    let story = (0..60).fold(Story::new().at("2024-03-01"), |story, n| {
        story.lead(&format!("L{n}")).captured("web").handed_off("ann").accepted("ann")
    });
    let log = Log::of(story).expect("a log");
    let message = unmet(log.audit(&Playbook::default()).check_clean());
    assert!(message.contains("found 60 findings"), "{message}");
    assert_eq!(message.matches("what to do:").count(), 5);
    assert_eq!(message.matches("handed_off_unqualified: Lead L").count(), 40);
    assert!(message.ends_with("\nand 20 more\n"), "{message}");
}

#[test]
fn a_finding_without_a_lead_is_of_the_lead_dash() {
    let line = br#"{"type":"teleported","occurred_at":"2024-03-01T17:55:00Z"}"#;
    let log = Log::read(line, "x").expect("a log");
    log.audit(&Playbook::default()).expect_only(&[(AuditCode::UnknownType, "-")]);
    let message = unmet(log.audit(&Playbook::default()).check_clean());
    assert!(message.contains("An event without a lead has"), "{message}");
}
