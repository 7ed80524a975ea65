use leadfold_core::{Playbook, Command, Reason, event::*};
use leadfold_testkit::{Log, given, story::Story, scenario::Scenario};
#[test]
fn show() {
    let text = std::fs::read_to_string("tests/scenarios/friday_evening.scenario").unwrap().replace("decision_late L2", "leaked L2");
    println!("{}", Scenario::parse(&text, "friday.scenario", Some("tests/scenarios".as_ref())).unwrap().check().unwrap_err());
    let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar").qualified_mql().handed_off("ann").hours(2).accepted("ann");
    let log = Log::of(story.clone()).unwrap();
    println!("{}", log.audit(&Playbook::default()).as_of("2024-03-05").check(leadfold_core::audit::AuditCode::PingPong, "L1").unwrap_err());
    println!("{}", log.audit(&Playbook::default()).as_of("2024-03-05").check_only(&[(leadfold_core::audit::AuditCode::PingPong, "L7")]).unwrap_err());
    let accept = Command::Accept(Accepted { by: Some("ann".into()), handoff: None });
    println!("{}", given(story).when(accept, "2024-03-05").check_refused(Reason::NoHandoff).unwrap_err());
}
