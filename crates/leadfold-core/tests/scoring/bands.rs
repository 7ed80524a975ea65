//! Grade by score, with and without hysteresis.

use leadfold_core::Timestamp;
use leadfold_core::scoring::{Band, Points, Score, ScoringModel};
use proptest::prelude::*;
use serde_json::json;

fn model(leave: Option<[i64; 3]>) -> ScoringModel {
    let mut spec = json!({
        "name": "m", "version": "1",
        "bands": { "fit": { "enter": [30, 20, 10] }, "behaviour": { "enter": [300, 200, 100] } },
    });
    if let Some(leave) = leave {
        spec["bands"]["fit"]["leave"] = json!(leave);
    }
    serde_json::from_value(spec).expect("a sound model")
}

fn score(fit: i64, behaviour: i64) -> Score<'static> {
    let (fit, behaviour) = (Points::from_millis(fit * 1000), Points::from_millis(behaviour * 1000));
    let (at, contributions) = (Timestamp::default(), Vec::new());
    Score { at, fit, behaviour, total: fit + behaviour, band: None, contributions }
}

fn sequence(model: &ScoringModel, fits: &[i64]) -> String {
    let scores: Vec<Score<'_>> = fits.iter().map(|fit| score(*fit, 0)).collect();
    let bands = model.bands().expect("the model has bands").sequence(&scores);
    bands.into_iter().map(Band::grade).collect()
}

#[test]
fn thresholds_belong_to_the_better_rung() {
    let model = model(None);
    let bands = model.bands().expect("the model has bands");
    let band = |fit, behaviour| bands.next(None, &score(fit, behaviour)).to_string();
    assert_eq!(band(30, 300), "A1");
    assert_eq!(band(29, 200), "B2");
    assert_eq!(band(10, 199), "C3");
    assert_eq!(band(9, -5), "D4");
}

#[test]
fn without_hysteresis_a_lead_flaps() {
    assert_eq!(sequence(&model(None), &[19, 20, 19, 20, 19]), "CBCBC");
}

#[test]
fn with_hysteresis_it_does_not() {
    let model = model(Some([25, 15, 5]));
    assert_eq!(sequence(&model, &[19, 20, 19, 20, 15, 14, 19]), "CBBBBCC");
    // From A it falls to the best rung that is not left yet: B until 15.
    assert_eq!(sequence(&model, &[30, 25, 24, 15, 14, 5, 4, 9, 10, 35]), "AABBCCDDCA");
}

#[test]
fn bands_are_ordered_in_both_parts() {
    let band = |text: &str| text.parse::<Band>().expect("a band");
    assert!(band("A1").is_at_least(band("D4")));
    assert!(!band("A4").is_at_least(band("B3")));
    assert!(!band("D1").is_at_least(band("C4")));
    for wrong in ["", "A", "A5", "E1", "a1", "A0", "A11", "1A"] {
        assert!(wrong.parse::<Band>().is_err(), "{wrong}");
    }
}

/// Each rung as a switch of its own: on from its entry, off below where it is left.
fn switches(enter: [i64; 3], leave: [i64; 3], fits: &[i64]) -> String {
    let mut on = [false; 3];
    let step = |fit: &i64| {
        for rung in 0..3 {
            on[rung] = *fit >= enter[rung] || (on[rung] && *fit >= leave[rung]);
        }
        on.iter().position(|on| *on).map_or('D', |rung| char::from(b'A' + rung as u8))
    };
    fits.iter().map(step).collect()
}

proptest! {
    #[test]
    fn a_ladder_is_three_switches(
        gaps in [0..9_i64, 0..9, 0..9],
        fits in proptest::collection::vec(-2..40_i64, 0..30),
    ) {
        let (enter, leave) = ([30, 20, 10], [30 - gaps[0], 20 - gaps[1], 10 - gaps[2]]);
        prop_assert_eq!(sequence(&model(Some(leave)), &fits), switches(enter, leave, &fits));
    }
}

#[test]
fn a_switch_that_is_left_where_it_is_entered_is_noticed() {
    let fits = [20, 19, 20];
    let found = sequence(&model(Some([25, 15, 5])), &fits);
    assert_ne!(found, switches([30, 20, 10], [30, 20, 10], &fits));
}
