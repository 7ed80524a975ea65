//! What a product tests of its hand-offs: its log, its decisions, a scenario, and the laws.

use handoff_guard::{Crm, Request, playbook};
use leadfold_core::audit::AuditCode::{AttemptLate, Leaked};
use leadfold_core::{DAY, Reason, SECOND, Timestamp};
use leadfold_engine::{HandleError, Handled};
use leadfold_testkit::story::Story;
use leadfold_testkit::{Log, Moment, given, laws, scenario};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// Handles requests at their times, one number each.
fn handle(crm: &Crm, requests: &[(Timestamp, Request)]) -> Vec<Result<Handled, HandleError>> {
    let numbered = requests.iter().zip(1..);
    numbered.map(|((at, request), n)| crm.handle(Uuid::from_u128(n), request, *at)).collect()
}

/// A lead that goes as it should. The times are UTC, an hour behind the office.
fn a_good_week() -> Vec<(Timestamp, Request)> {
    vec![
        ("2024-03-04T08:00:00Z".instant(), Request::sign_up("L1", "webinar", Some(40))),
        ("2024-03-04T08:30:00Z".instant(), Request::promote("L1")),
        ("2024-03-04T08:31:00Z".instant(), Request::pass_on("L1", "ann")),
        ("2024-03-04T09:00:00Z".instant(), Request::take("L1", "ann")),
        ("2024-03-04T09:05:00Z".instant(), Request::call("L1", "ann", true)),
        ("2024-03-05T09:00:00Z".instant(), Request::newsletter("L1")),
    ]
}

#[test]
fn what_the_product_writes_is_clean() {
    let crm = Crm::new();
    assert!(handle(&crm, &a_good_week()).iter().all(Result::is_ok));
    let audit = Log::of_store(crm.store());
    let audit = audit.audit(&playbook()).as_of("2024-03-08");
    assert_eq!(audit.expect_clean().figures().attempt_in_time.num, 1);
}

#[test]
fn a_lead_that_nobody_calls_is_found() {
    let crm = Crm::new();
    let mut week = a_good_week();
    week.remove(4);
    handle(&crm, &week);
    let log = Log::of_store(crm.store());
    let audit = log.audit(&playbook()).as_of("2024-03-08");
    audit.expect_only(&[(Leaked, "L1")]).expect_none(AttemptLate);
    let message = audit.check_clean().expect_err("it is not clean").to_string();
    assert!(message.contains("owner ann; due Mon 2024-03-04 13:31"), "{message}");
}

fn handed_off() -> Story {
    let story = Story::new().at("2024-03-04T08:00:00Z").lead("L1").captured("webinar");
    story.qualified_mql().handed_off("ann")
}

#[test]
fn only_its_owner_takes_a_lead() {
    given(handed_off())
        .under(playbook())
        .when(Request::take("L1", "ben").command(), "2024-03-04T09:00:00Z")
        .then_refused(Reason::NotOwner)
        .when(Request::take("L1", "ann").command(), "2024-03-04T09:00:00Z")
        .then_recorded("accepted");
}

#[test]
fn a_card_without_the_number_of_employees_stays_with_marketing() {
    let sign_up = |employees| Request::sign_up("L1", "webinar", employees).command();
    let pass_on = || Request::pass_on("L1", "ann").command();
    let signed_up = |employees| {
        let new = given([]).under(playbook()).lead("L1").when(sign_up(employees), "2024-03-04");
        let new = new.then_recorded("captured");
        new.when(Request::promote("L1").command(), "2024-03-05").then_recorded("qualified")
    };
    signed_up(None).when(pass_on(), "2024-03-06").then_refused(Reason::GateFailed);
    signed_up(Some(3)).when(pass_on(), "2024-03-06").then_recorded("handed_off");
}

#[test]
fn nobody_who_wants_no_mail_gets_the_newsletter() {
    given(handed_off())
        .under(playbook())
        .when(Request::opt_out("L1").command(), "2024-03-05")
        .then_recorded("consent_withdrawn")
        .when(Request::newsletter("L1").command(), "2024-03-06")
        .then_refused(Reason::ConsentWithdrawn);
}

#[test]
fn the_weekend_goes_as_the_scenario_says() {
    scenario::check("tests/weekend.scenario");
}

/// Anything that anybody may ask of the product.
fn any_request() -> impl Strategy<Value = Request> {
    let lead = || select(vec!["L1", "L2", "L3"]);
    let person = || select(vec!["ann", "ben", "somebody"]);
    prop_oneof![
        2 => (lead(), any::<Option<u32>>())
            .prop_map(|(lead, employees)| Request::sign_up(lead, "webinar", employees)),
        2 => lead().prop_map(Request::promote),
        2 => (lead(), person()).prop_map(|(lead, to)| Request::pass_on(lead, to)),
        2 => (lead(), person()).prop_map(|(lead, by)| Request::take(lead, by)),
        1 => (lead(), person(), select(vec!["no budget", ""]))
            .prop_map(|(lead, by, reason)| Request::give_back(lead, by, reason)),
        1 => (lead(), person(), any::<bool>())
            .prop_map(|(lead, by, is_reached)| Request::call(lead, by, is_reached)),
        1 => lead().prop_map(Request::newsletter),
        1 => lead().prop_map(Request::opt_out),
    ]
}

/// Requests one after the other, over some weeks.
fn any_requests() -> impl Strategy<Value = Vec<(Timestamp, Request)>> {
    let begin = "2024-03-04T08:00:00Z".instant().micros();
    let pause = select(vec![0, 1, 3_600 * SECOND, DAY]);
    vec((pause, any_request()), 0..40).prop_map(move |requests| {
        let mut now = begin;
        let at = |(pause, request)| {
            now += pause;
            (Timestamp::from_micros(now), request)
        };
        requests.into_iter().map(at).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_asked_of_the_product_its_log_keeps_the_rules(requests in any_requests()) {
        let crm = Crm::new();
        handle(&crm, &requests);
        let log = Log::of_store(crm.store());
        laws::nothing_refusable_is_recorded(&log, &playbook());
        laws::replays_agree(&log, &playbook());
    }

    #[test]
    fn the_commands_of_the_product_keep_the_law(requests in any_requests()) {
        let events = requests.iter().map(|(at, request)| request.event(*at));
        laws::decided_commands_are_clean(&playbook(), events);
    }
}
