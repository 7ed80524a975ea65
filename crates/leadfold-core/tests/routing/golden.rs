//! A business as it would be written, and its decisions worked out by hand.

use leadfold_core::Timestamp;
use leadfold_core::event::{AssignmentCause, Attributes, EventLine};
use leadfold_core::routing::{
    Candidate, Claim, Given, Load, Outcome, Routing, Verdict, claim, reassign, route,
};
use leadfold_core::scoring::Profile;
use serde_json::{Value, json};

use super::draw::hour;

pub(super) fn spec() -> Value {
    json!({
        "version": "2",
        "otherwise": { "queue": "triage" },
        "teams": [
            { "name": "dach", "share": "round_robin" },
            { "name": "key accounts", "share": "least_loaded" },
        ],
        "owners": [
            { "name": "ann", "team": "dach", "capacity": 30 },
            { "name": "bob", "team": "dach",
              "absences": [{ "from": hour(10), "to": hour(20) }] },
            { "name": "cleo", "team": "dach", "left_at": hour(30) },
            { "name": "dora", "team": "key accounts", "capacity": 90 },
            { "name": "emil", "team": "key accounts", "capacity": 60, "open_max": 2 },
            { "name": "finn" },
        ],
        "queues": [{ "name": "triage", "team": "dach" }, { "name": "open" }],
        "rules": [
            { "name": "big", "when": [{ "attribute": "size", "at_least": 500 }],
              "to": { "team": "key accounts" } },
            { "name": "german speaking",
              "when": [{ "attribute": "country", "one_of": ["DE", "AT", "CH"] }],
              "to": { "team": "dach" } },
            { "name": "partner fair", "source": ["partner"], "campaign": ["fair"],
              "to": { "owner": "finn" } },
        ],
    })
}

pub(super) fn routing() -> Routing {
    serde_json::from_value(spec()).expect("a sound routing")
}

fn lead(attributes: Value) -> Candidate {
    let attributes: Attributes = serde_json::from_value(attributes).expect("attributes");
    Candidate { profile: Profile::from(&attributes), ..Candidate::default() }
}

fn german() -> Candidate {
    lead(json!({ "country": "DE" }))
}

/// Routes and applies, and says who got it.
fn next(routing: &Routing, load: &mut Load, lead: &Candidate, at: Timestamp) -> String {
    let assignment = route(routing, load, lead, at);
    assignment.given(at).iter().for_each(|given| load.apply(routing, given));
    assignment.owner().unwrap_or("-").to_owned()
}

fn explained(routing: &Routing, load: &Load, lead: &Candidate, at: Timestamp) -> Vec<String> {
    let assignment = route(routing, load, lead, at);
    assignment.considered.iter().map(ToString::to_string).collect()
}

#[test]
fn the_first_rule_decides() {
    let (routing, load) = (routing(), Load::default());
    let rule = |lead: Candidate| {
        let assignment = route(&routing, &load, &lead, hour(0));
        (assignment.rule.map(str::to_owned), super::naive::named(assignment.to))
    };
    let some = |rule: &str, to: &str| (Some(rule.to_owned()), to.to_owned());
    assert_eq!(rule(lead(json!({ "country": "DE", "size": 500 }))), some("big", "dora"));
    assert_eq!(rule(german()), some("german speaking", "ann"));
    let (source, campaign) = (Some("partner".into()), Some("fair".into()));
    let partner = Candidate { source, campaign, ..Candidate::default() };
    assert_eq!(rule(partner.clone()), some("partner fair", "finn"));
    assert_eq!(rule(Candidate { campaign: None, ..partner }), (None, "triage".into()));
}

#[test]
fn turns_pass_over_whoever_is_not_free() {
    let (routing, mut load) = (routing(), Load::default());
    let owners: Vec<String> =
        (0..6).map(|hours| next(&routing, &mut load, &german(), hour(hours))).collect();
    // Ann takes one a day.
    assert_eq!(owners, ["ann", "bob", "cleo", "bob", "cleo", "bob"]);
    assert_eq!(
        explained(&routing, &load, &german(), hour(12)),
        [
            "ann: full for the day, got 1 of 1 in the last 24 h".to_owned(),
            format!("bob: absent until {}", hour(20)),
            "cleo: chosen".to_owned(),
        ]
    );
    // 24 hours later she is free again; behind bob it is cleo's turn, then hers.
    assert_eq!(
        explained(&routing, &load, &german(), hour(24)),
        ["ann: free, another's turn", "bob: free, another's turn", "cleo: chosen"]
    );
    assert_eq!(next(&routing, &mut load, &german(), hour(20)), "cleo");
    assert_eq!(next(&routing, &mut load, &german(), hour(31)), "ann");
    assert_eq!(next(&routing, &mut load, &german(), hour(32)), "bob");
    assert_eq!(
        explained(&routing, &load, &german(), hour(33))[2],
        format!("cleo: left at {}", hour(30))
    );
}

#[test]
fn nobody_free_is_an_outcome_with_a_reason_for_each() {
    let routing = routing();
    let given = |owner: &str| Given { at: hour(11), owner: owner.into(), cause: None };
    let load = Load::replay(
        &routing,
        [given("dora"); 1].into_iter().cycle().take(3),
        [("emil".to_owned(), 2)],
    );
    let assignment = route(&routing, &load, &lead(json!({ "size": 900 })), hour(12));
    assert_eq!((assignment.to, assignment.cause), (Outcome::NobodyFree, None));
    let verdicts: Vec<Verdict> = assignment.considered.iter().map(|c| c.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::DayFull { quota: 3, assigned: 3 }, Verdict::OpenFull { open_max: 2, open: 2 },]
    );
    assert_eq!(assignment.considered[1].to_string(), "emil: full, has 2 of 2 open leads");
    assert_eq!(assignment.given(hour(12)), None);
}

#[test]
fn the_least_loaded_has_the_smallest_part_of_the_capacity_open() {
    let routing = routing();
    let big = lead(json!({ "size": 900 }));
    let owner = |dora: u32, emil: u32| {
        let open = [("dora".to_owned(), dora), ("emil".to_owned(), emil)];
        let load = Load::replay(&routing, [], open);
        let assignment = route(&routing, &load, &big, hour(0));
        assert_eq!(assignment.cause, Some(AssignmentCause::Rule));
        assignment.owner().unwrap_or("-").to_owned()
    };
    assert_eq!(owner(0, 0), "dora");
    assert_eq!(owner(1, 0), "emil");
    // 1 of 90 is less than 1 of 60.
    assert_eq!(owner(1, 1), "dora");
    assert_eq!(owner(2, 1), "emil");
}

#[test]
fn without_a_rule_and_without_the_rest_a_lead_goes_nowhere() {
    let mut spec = spec();
    spec["otherwise"] = Value::Null;
    let routing: Routing = serde_json::from_value(spec).expect("a sound routing");
    let assignment = route(&routing, &Load::default(), &Candidate::default(), hour(0));
    assert_eq!((assignment.to, assignment.rule, assignment.cause), (Outcome::NoRule, None, None));
}

fn claimed(claims: &[(&str, i64, u64)], queue: &str) -> Option<(String, Vec<String>)> {
    let of = |(owner, at, position): &(&str, i64, u64)| Claim {
        owner: (*owner).into(),
        at: hour(*at),
        position: *position,
    };
    let claims: Vec<Claim> = claims.iter().map(of).collect();
    let (routing, load) = (routing(), Load::default());
    let decision = claim(&routing, &load, queue, &claims)?;
    let why = decision.considered.iter().map(ToString::to_string).collect();
    Some((super::naive::named(decision.to), why))
}

#[test]
fn the_earliest_claim_of_somebody_who_may_wins() {
    let (to, why) = claimed(
        &[("cleo", 12, 9), ("ann", 12, 5), ("bob", 11, 1), ("dora", 10, 2), ("gus", 10, 3)],
        "triage",
    )
    .expect("the queue is listed");
    assert_eq!(to, "ann");
    assert_eq!(
        why,
        [
            "dora: not in the team of the queue".to_owned(),
            "gus: not listed as an owner".to_owned(),
            format!("bob: absent until {}", hour(20)),
            "ann: chosen".to_owned(),
            "cleo: claimed after another".to_owned(),
        ]
    );
}

#[test]
fn without_a_valid_claim_a_lead_stays_in_its_queue() {
    assert_eq!(claimed(&[("cleo", 30, 1)], "triage").map(|(to, _)| to), Some("triage".into()));
    assert_eq!(claimed(&[], "open"), Some(("open".into(), vec![])));
    assert_eq!(claimed(&[("finn", 0, 1)], "open").map(|(to, _)| to), Some("finn".into()));
    assert_eq!(claimed(&[], "nowhere"), None);
}

#[test]
fn a_leaver_is_passed_over_even_while_still_there() {
    let routing = routing();
    let leads = vec![german(), lead(json!({ "size": 700 })), german(), german()];
    let assignments = reassign(&routing, &Load::default(), "bob", &leads, hour(0));
    let owners: Vec<&str> = assignments.iter().map(|a| a.owner().unwrap_or("-")).collect();
    assert_eq!(owners, ["ann", "dora", "cleo", "cleo"]);
    assert!(assignments.iter().all(|a| a.cause == Some(AssignmentCause::Leaver)));
    assert_eq!(assignments[0].considered[1].verdict, Verdict::Left { at: hour(0) });
}

#[test]
fn a_day_is_half_open() {
    let routing = routing();
    let given = |at| Given { at, owner: "ann".into(), cause: None };
    let at = |micros: i64| Timestamp::from_micros(hour(24).micros() + micros);
    let load = Load::replay(&routing, [given(hour(0))], []);
    let assigned = |micros| load.assigned_day("ann", at(micros));
    assert_eq!([-1, 0, 1].map(assigned), [1, 0, 0]);
    assert_eq!(load.assigned_day("ann", hour(0)), 1);
    assert_eq!(load.assigned_day("ann", Timestamp::from_micros(hour(0).micros() - 1)), 0);
    assert_eq!(load.assigned_month("ann", hour(24)), 1);
    assert_eq!(load.assigned_day("ann", Timestamp::from_micros(i64::MIN)), 0);
}

#[test]
fn manual_assignments_are_no_turn() {
    let routing = routing();
    let given = |owner: &str, cause| Given { at: hour(0), owner: owner.into(), cause };
    let turn = given("ann", Some(AssignmentCause::RoundRobin));
    let manual = given("cleo", Some(AssignmentCause::Manual));
    let load = Load::replay(&routing, [turn, manual], []);
    assert_eq!(route(&routing, &load, &german(), hour(1)).owner(), Some("bob"));
}

#[test]
fn a_candidate_is_what_was_captured() {
    let line = json!({
        "lead": "L1", "type": "captured", "occurred_at": "2024-02-01T09:00:00Z",
        "data": { "source": "partner", "campaign": "fair", "attributes": { "country": "DE" } },
    });
    let event = EventLine::parse(line.to_string().as_bytes()).expect("an event").identify(|_| 0);
    let leadfold_core::event::Body::Captured(captured) = event.event.body else {
        panic!("a captured event");
    };
    let candidate = Candidate::from(&captured);
    assert_eq!(candidate.profile, german().profile);
    assert_eq!(
        (candidate.source, candidate.campaign),
        (Some("partner".into()), Some("fair".into()))
    );
}

#[test]
fn a_decision_and_a_routing_are_written() {
    let routing = routing();
    let assignment = route(&routing, &Load::default(), &german(), hour(30));
    assert_eq!(
        serde_json::to_value(&assignment).expect("writes"),
        json!({
            "rule": "german speaking",
            "to": { "owner": "ann" },
            "cause": "round_robin",
            "considered": [
                { "owner": "ann", "verdict": "chosen" },
                { "owner": "bob", "verdict": "passed" },
                { "owner": "cleo", "verdict": { "left": { "at": hour(30).to_string() } } },
            ],
        })
    );
    let text = serde_json::to_string(&routing).expect("writes");
    assert_eq!(serde_json::from_str::<Routing>(&text).expect("reads"), routing);
}
