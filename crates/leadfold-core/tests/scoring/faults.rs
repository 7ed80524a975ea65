//! What is wrong with a model is told with the rule that has it.

use leadfold_core::scoring::{ScoringFault, ScoringModel, ScoringSpec};
use serde_json::{Value, json};

use super::golden::spec;

/// The golden model with one value changed, named by a JSON pointer.
fn faults(changes: &[(&str, Value)]) -> Vec<String> {
    let mut spec = spec();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = spec.pointer_mut(parent).expect("the golden model has it");
        match parent {
            Value::Array(list) => list[key.parse::<usize>().expect("an index")] = value.clone(),
            other => other[key] = value.clone(),
        }
    }
    let spec: ScoringSpec = serde_json::from_value(spec).expect("a spec");
    match ScoringModel::new(spec) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
    }
}

fn check(pointer: &str, value: Value, expected: &str) {
    assert_eq!(faults(&[(pointer, value)]), [expected], "{pointer}");
}

#[test]
fn the_golden_model_is_sound() {
    assert_eq!(faults(&[]), Vec::<String>::new());
}

#[test]
fn names() {
    check(
        "/name",
        json!(""),
        "name of the model (`name`): expected a name, found an empty text; name it",
    );
    check(
        "/fit/1/name",
        json!("industry"),
        "fit rule \"industry\" (`fit[1].name`): expected a name of its own, found one that is \
         taken; rename one of the two",
    );
    check(
        "/definitions/0/version",
        json!(""),
        "definition \"mql\" (`definitions[0].version`): expected a name, found an empty text; name \
         it",
    );
}

#[test]
fn points() {
    let points = "expected points from -1000000 to 1000000 with at most three decimals";
    check(
        "/fit/0/points",
        json!(0.0005),
        &format!(
            "fit rule \"industry\" (`fit[0].points`): {points}, found 0.0005; write such a number"
        ),
    );
    check(
        "/behaviour/2/points",
        json!(1e7),
        &format!(
            "behaviour rule \"meeting\" (`behaviour[2].points`): {points}, found 10000000; write \
             such a number"
        ),
    );
    check(
        "/limits/total/cap",
        json!(2e6),
        &format!(
            "limits of the total (`limits.total`): {points}, found 2000000; write such a number"
        ),
    );
}

#[test]
fn points_that_are_no_number() {
    let mut spec: ScoringSpec = serde_json::from_value(spec()).expect("a spec");
    spec.fit[0].points = f64::NAN;
    spec.behaviour[1].points = f64::NEG_INFINITY;
    let errors = ScoringModel::new(spec).expect_err("no points").0;
    let parts: Vec<(&str, bool)> = errors
        .iter()
        .map(|error| (&*error.part, matches!(error.fault, ScoringFault::Points { .. })))
        .collect();
    assert_eq!(parts, [("fit rule \"industry\"", true), ("behaviour rule \"form\"", true)]);
}

#[test]
fn limits_and_groups() {
    check(
        "/limits/total/floor",
        json!(80),
        "limits of the total (`limits.total`): expected a cap not below the floor, found cap 70 \
         and floor 80; change one",
    );
    check(
        "/groups/0/floor",
        json!(12.5),
        "group \"web\" (`groups[0].cap`): expected a cap not below the floor, found cap 12 and \
         floor 12.5; change one",
    );
    check(
        "/behaviour/2/group",
        json!("wed"),
        "behaviour rule \"meeting\" (`behaviour[2].group`): expected one of the model's groups, \
         found \"wed\"; add it to `groups`",
    );
    check(
        "/fit/0/group",
        json!("web"),
        "group \"web\" (`groups[0].name`): expected rules of fit or of behaviour in the group, \
         found both; make it two groups",
    );
    let found = faults(&[("/behaviour/0/group", Value::Null), ("/behaviour/1/group", Value::Null)]);
    assert_eq!(
        found,
        ["group \"web\" (`groups[0].name`): expected a rule in the group, found none; \
                        name the group in a rule or remove it"]
    );
}

#[test]
fn conditions() {
    let rule = "fit rule \"industry\" (`fit[0].when`)";
    let condition = |test: Value, expected: &str| {
        check("/fit/0/when", json!([test]), &format!("{rule}: {expected}"));
    };
    check(
        "/fit/0/when",
        json!([]),
        &format!("{rule}: expected at least one condition, found none; write one in `when`"),
    );
    condition(
        json!({ "attribute": "", "equals": 1 }),
        "expected the name of an attribute, found an empty text; name it",
    );
    condition(
        json!({ "attribute": "x" }),
        "expected `equals`, `one_of`, `present` or a bound, found none; write one of them",
    );
    condition(
        json!({ "attribute": "x", "equals": 1, "below": 3 }),
        "expected one test, found several; write a condition for each",
    );
    condition(
        json!({ "attribute": "x", "equals": "" }),
        "expected a value, found an empty text, which none has; write `present = false`",
    );
    condition(
        json!({ "attribute": "x", "one_of": [] }),
        "expected at least one value in `one_of`, found an empty list; list the values",
    );
    condition(
        json!({ "attribute": "x", "below": 3, "at_most": 3 }),
        "expected one bound a side, found two; keep the one that is meant",
    );
    condition(
        json!({ "attribute": "x", "above": 3, "at_most": 3 }),
        "expected a range with numbers in it, found one from 3 to 3; exchange the bounds",
    );
}

#[test]
fn a_bound_that_is_no_number() {
    let mut spec: ScoringSpec = serde_json::from_value(spec()).expect("a spec");
    spec.fit[1].when[0].at_least = Some(f64::NAN);
    assert_eq!(
        ScoringModel::new(spec).expect_err("no number").to_string(),
        "fit rule \"mid-size\" (`fit[1].when`): expected a finite number as bound, found NaN; \
         write one, or leave it out"
    );
}

#[test]
fn decays() {
    let rule = "behaviour rule \"page\" (`behaviour[0].decay`)";
    let decay = |decay: Value, expected: &str| {
        check("/behaviour/0/decay", decay, &format!("{rule}: {expected}"));
    };
    let zero = "expected a length of time above 0, found 0; write one such as 14d";
    decay(json!({ "half_life": "0d" }), zero);
    decay(json!({ "linear_to_zero": "0s" }), zero);
    decay(json!({ "steps": [{ "after": "0d", "keeps": 0.5 }] }), zero);
    decay(
        json!({ "steps": [] }),
        "expected at least one step, found none; write one, or leave the decay out",
    );
    decay(
        json!({ "steps": [{ "after": "7d", "keeps": 0.5 }, { "after": "3d", "keeps": 0.1 }] }),
        "expected steps in the order of their ages, found 3d behind 1w; sort them",
    );
    decay(
        json!({ "steps": [{ "after": "3d", "keeps": 0.5 }, { "after": "7d", "keeps": 0.6 }] }),
        "expected each step to keep no more than the one before, found 0.6; lower it",
    );
    decay(
        json!({ "steps": [{ "after": "3d", "keeps": 1.5 }] }),
        "expected a share from 0 to 1 with at most six decimals, found 1.5; write one",
    );
    check(
        "/behaviour/0/counts_max",
        json!(0),
        "behaviour rule \"page\" (`behaviour[0].counts_max`): expected `counts_max` to be 1 or \
         more, found 0; raise it, or remove the rule",
    );
}

#[test]
fn bands_and_definitions() {
    check(
        "/bands/fit/enter",
        json!([30, 30, 0]),
        "bands of fit (`bands.fit`): expected thresholds from the highest to the lowest, found 30 \
         behind 30",
    );
    check(
        "/bands/behaviour/leave",
        json!([40, 20, 11]),
        "bands of behaviour (`bands.behaviour`): expected no rung to be left above its entry at \
         10, found 11; lower it",
    );
    check(
        "/bands",
        Value::Null,
        "definition \"mql\" (`definitions[0].band_min`): expected `bands` in the model, found none \
         to hold B3 against; write them",
    );
    check(
        "/definitions/0",
        json!({ "name": "mql", "version": "2" }),
        "definition \"mql\" (`definitions[0]`): expected at least one requirement, found none; ask \
         for points, a band or attributes",
    );
}

#[test]
fn every_fault_is_told() {
    let found = faults(&[
        ("/name", json!("")),
        ("/fit/0/points", json!(0.0001)),
        ("/behaviour/0/decay", json!({ "half_life": "0d" })),
    ]);
    assert_eq!(found.len(), 3);
    let error = serde_json::from_value::<ScoringModel>(json!({ "name": "", "version": "" }));
    let error = error.expect_err("two faults").to_string();
    assert_eq!(error.matches("; also ").count(), 1, "{error}");
}
