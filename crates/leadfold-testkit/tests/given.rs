//! Given a history, when a command comes, then.

use leadfold_core::event::{
    Accepted, Captured, Event, HandedOff, Level, Merged, NewEvent, Origin, Qualified,
};
use leadfold_core::{Command, Playbook, Reason, Rules};
use leadfold_testkit::story::Story;
use leadfold_testkit::{Log, given};

fn accept(by: &str) -> Command {
    Command::Accept(Accepted { by: Some(by.into()), handoff: None })
}

fn hand_off(to: &str) -> Command {
    let to = to.into();
    Command::HandOff(HandedOff {
        to,
        handoff: None,
        decision_due: None,
        touch_due: None,
        reason: None,
    })
}

fn capture() -> Command {
    Command::Capture(Captured {
        source: None,
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes: None,
        pii: None,
    })
}

fn offered() -> Story {
    let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
    story.qualified_mql().handed_off("ann")
}

#[test]
fn a_command_is_recorded_refused_or_nothing() {
    let given = given(offered());
    let given = given.when(accept("bob"), "2024-03-04").then_refused(Reason::NotOwner);
    let given = given.when(accept("ann"), "2024-03-04").then_recorded("accepted");
    let given = given.when(accept("ann"), "2024-03-05").then_nothing();
    assert_eq!(given.log().events().expect("memory does not fail").len(), 4);
}

#[test]
fn a_history_may_be_empty_and_then_names_its_lead() {
    given([]).lead("L1").when(capture(), "2024-03-01").then_recorded("captured");
    given([]).lead("L1").when(accept("ann"), "2024-03-01").then_refused(Reason::NotCaptured);
}

#[test]
fn the_playbook_decides() {
    let story = || Story::new().lead("L1").captured("web");
    given(story()).when(hand_off("ann"), "2024-03-01").then_refused(Reason::NotQualified);
    let rules = Rules { hand_raiser: true, ..Rules::default() };
    let given = given(story()).under(Playbook { rules, ..Playbook::default() });
    given.when(hand_off("ann"), "2024-03-01").then_recorded("handed_off");
}

#[test]
fn a_lead_is_known_by_its_tenant_and_its_system_too() {
    let origin = Origin { system: Some("crm".into()), id: Some("7".into()), unknown: Vec::new() };
    let of_tenant = |new: NewEvent| NewEvent {
        event: Event { tenant: Some("acme".into()), origin: Some(origin.clone()), ..new.event },
        ..new
    };
    let mut events = offered().events();
    events.truncate(2);
    let events: Vec<NewEvent> = events.into_iter().take(1).map(of_tenant).collect();
    let qualify = Command::Qualify(Qualified { level: Level::Mql, definition: None, by: None });
    given(events).when(qualify, "2024-03-04").then_recorded("qualified");
}

#[test]
fn a_merge_is_decided_on_both_leads() {
    let story = Story::new().lead("L2").captured("web").lead("L1").captured("fair");
    let merge = |into: &str| Command::Merge(Merged { into: into.parse().expect("a key") });
    let given = given(story).when(merge("L1"), "2024-03-01").then_refused(Reason::MergeCycle);
    given.when(merge("L2"), "2024-03-01").then_recorded("merged");
}

#[test]
fn a_log_is_copied_and_not_written_to() {
    let log = Log::of(offered()).expect("a log");
    let given = given::Given::of(&log).expect("memory does not fail");
    given.when(accept("ann"), "2024-03-04").then_recorded("accepted");
    assert_eq!(log.events().expect("memory does not fail").len(), 3);
}

#[test]
fn what_was_expected_in_vain_is_told_with_the_lead_s_life() {
    let unmet = given(offered()).when(accept("bob"), "2024-03-04").check_recorded("accepted");
    let expected = "\
expected `accepted` to be recorded, found a refusal: cannot record `accepted` for lead L1: expected its owner ann, found another (not_owner): assign the lead to whoever accepts it
(playbook \"default\")

lead L1:
      1  Fri 2024-03-01 17:55  captured    source webinar  -> new
      2  Fri 2024-03-01 17:55  qualified   level mql       new -> mql
      3  Fri 2024-03-01 17:55  handed_off  to ann          mql -> handed_off
   >> 4  Mon 2024-03-04 00:00  accepted    by bob          <- the command
";
    assert_eq!(unmet.expect_err("it is wrong").to_string(), expected);
}

/// The canary of the three outcomes: each is told from the two others.
#[test]
fn no_outcome_passes_for_another() {
    let recorded = || given(offered()).when(accept("ann"), "2024-03-04");
    let refused = || given(offered()).when(accept("bob"), "2024-03-04");
    let nothing = || given(offered()).when(hand_off("ann"), "2024-03-04");
    assert!(recorded().check_recorded("accepted").is_ok());
    assert!(recorded().check_recorded("rejected").is_err());
    assert!(recorded().check_refused(Reason::NotOwner).is_err());
    assert!(recorded().check_nothing().is_err());
    assert!(refused().check_recorded("accepted").is_err());
    assert!(refused().check_refused(Reason::NotOwner).is_ok());
    assert!(refused().check_refused(Reason::NoHandoff).is_err());
    assert!(refused().check_nothing().is_err());
    assert!(nothing().check_recorded("handed_off").is_err());
    assert!(nothing().check_refused(Reason::HandoffPending).is_err());
    assert!(nothing().check_nothing().is_ok());
    assert!(matches!(nothing().decision(), Ok(None)));
}
