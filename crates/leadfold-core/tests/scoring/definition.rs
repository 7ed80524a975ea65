//! What a qualified lead is, and what a lead lacks of it.

use leadfold_core::Timestamp;
use leadfold_core::scoring::{Lack, Profile, Scorecard, ScoringModel, Unmet};
use serde_json::{Value, json};

use super::golden::{model, profile};

fn lacks(model: &ScoringModel, fields: Value) -> Result<(), Unmet> {
    let mut card = Scorecard::new(model);
    card.apply(&profile(0, 1, fields));
    let at = Timestamp::default();
    let definition = model.definition("mql").expect("the model defines it");
    definition.meets(&card.score(at), &card.profile(at))
}

#[test]
fn all_that_is_missing_is_listed() {
    let unmet = lacks(&model(), json!({ "phone": "known" })).expect_err("an empty lead");
    assert_eq!(
        unmet.to_string(),
        "definition \"mql\", version \"2\": expected 40 points or more, found 0; expected band B3 \
         or better, found C4; expected the attribute \"industry\", found none; record it first"
    );
    assert_eq!(unmet.lacks.len(), 3);
}

#[test]
fn a_band_must_do_in_both_parts() {
    let unmet = lacks(&model(), json!({ "industry": "software", "phone": "known" }));
    let unmet = unmet.expect_err("nothing was done yet");
    let band = |lack: &Lack| {
        matches!(lack, Lack::Band { found: Some(found), .. }
        if found.to_string() == "B4")
    };
    assert!(unmet.lacks.iter().any(band), "{unmet}");
}

#[test]
fn a_lead_that_has_all_meets_it() {
    let mut spec = super::golden::spec();
    spec["definitions"][0]["points_min"] = json!(35);
    spec["definitions"][0]["band_min"] = json!("A4");
    let model: ScoringModel = serde_json::from_value(spec).expect("a sound model");
    let fields = json!({ "industry": "software", "employees": 50, "phone": "known" });
    assert_eq!(lacks(&model, fields), Ok(()));
}

#[test]
fn a_definition_may_ask_for_attributes_only() {
    let model: ScoringModel = serde_json::from_value(json!({
        "name": "m", "version": "1",
        "definitions": [{ "name": "card", "version": "1", "required": ["company", "phone"] }],
    }))
    .expect("a sound model");
    let definition = &model.definitions()[0];
    assert_eq!((definition.name(), definition.version()), ("card", "1"));
    let unmet = definition.meets(&model.score([], Timestamp::default()), &Profile::default());
    assert_eq!(unmet.expect_err("nothing is known").lacks.len(), 2);
}
