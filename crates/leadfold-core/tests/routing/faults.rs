//! What is wrong with routing is told with the owner, team, queue or rule that has it.

use leadfold_core::routing::{Routing, RoutingSpec};
use serde_json::{Value, json};

use super::draw::hour;
use super::golden::spec;

/// The golden routing with one value changed, named by a JSON pointer.
fn faults(pointer: &str, value: Value) -> Vec<String> {
    let mut spec = spec();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match spec.pointer_mut(parent).expect("the golden routing has it") {
        Value::Array(list) => list[key.parse::<usize>().expect("an index")] = value,
        other => other[key] = value,
    }
    let spec: RoutingSpec = serde_json::from_value(spec).expect("a spec");
    match Routing::new(spec) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
    }
}

fn check(pointer: &str, value: Value, expected: &str) {
    assert_eq!(faults(pointer, value), [expected], "{pointer}");
}

#[test]
fn the_golden_routing_is_sound() {
    assert_eq!(faults("/version", json!("3")), Vec::<String>::new());
}

#[test]
fn names() {
    let taken = "expected a name of its own, found one that is taken; rename one of the two";
    check("/queues/1/name", json!("ann"), &format!("queue \"ann\" (`queues[1].name`): {taken}"));
    check("/owners/2/name", json!("ann"), &format!("owner \"ann\" (`owners[2].name`): {taken}"));
    check("/rules/2/name", json!("big"), &format!("rule \"big\" (`rules[2].name`): {taken}"));
    check(
        "/version",
        json!(""),
        "version of the routing (`version`): expected a name, found an empty text; name it",
    );
}

#[test]
fn owners() {
    check(
        "/owners/0/capacity",
        json!(14),
        "owner \"ann\" (`owners[0].capacity`): expected a capacity of 0, or of 15 leads in 30 days \
         or more, found 14, which rounds to none a day; raise it, or write `open_max` instead",
    );
    check(
        "/owners/4/capacity",
        Value::Null,
        "owner \"emil\" (`owners[4].capacity`): expected a capacity, as the team shares by load, \
         found none; write one",
    );
    check(
        "/owners/0/weight",
        json!(0),
        "owner \"ann\" (`owners[0].weight`): expected a weight from 1 to 1000000, found 0; change \
         it",
    );
    check(
        "/owners/1/absences",
        json!([{ "from": hour(1), "to": hour(1) }]),
        &format!(
            "owner \"bob\" (`owners[1].absences`): expected the absence to end after {0}, found \
                  {0}; exchange the two",
            hour(1)
        ),
    );
    check(
        "/owners/5/team",
        json!("south"),
        "owner \"finn\" (`owners[5].team`): expected one of the teams, found \"south\"; add it to \
         `teams`",
    );
}

#[test]
fn teams_queues_and_rules() {
    check(
        "/teams",
        json!([
            { "name": "dach", "share": "weighted" },
            { "name": "key accounts", "share": "weighted" },
            { "name": "south", "share": "weighted" },
        ]),
        "team \"south\" (`teams[2].name`): expected at least one owner in the team, found none; \
         give one this team",
    );
    check(
        "/queues/0/team",
        json!("south"),
        "queue \"triage\" (`queues[0].team`): expected one of the teams, found \"south\"; add it \
         to `teams`",
    );
    check(
        "/rules/2/to",
        json!({ "owner": "gus" }),
        "rule \"partner fair\" (`rules[2].to`): expected a target that is listed, found owner \
         \"gus\"; add it to the list",
    );
    check(
        "/otherwise",
        json!({ "team": "gus" }),
        "routing of the rest (`otherwise`): expected a target that is listed, found team \"gus\"; \
         add it to the list",
    );
    check(
        "/rules/0",
        json!({ "name": "all", "to": { "queue": "open" } }),
        "rule \"all\" (`rules[0].when`): expected the rule to ask for something, found nothing; \
         use `otherwise` for the rest",
    );
    check(
        "/rules/0/when",
        json!([{ "attribute": "size" }]),
        "rule \"big\" (`rules[0].when`): expected `equals`, `one_of`, `present` or a bound, found \
         none; write one of them",
    );
}

#[test]
fn unknown_keys_are_refused() {
    let error = serde_json::from_value::<Routing>(json!({ "version": "1", "owner": [] }));
    let error = error.expect_err("a slip").to_string();
    assert!(error.starts_with("unknown field `owner`"), "{error}");
}
