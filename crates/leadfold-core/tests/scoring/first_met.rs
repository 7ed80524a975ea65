//! The first instant at which a definition is met: what asking at each instant would find.

use leadfold_core::event::Touched;
use leadfold_core::scoring::{
    Band, BandsSpec, Definition, DefinitionSpec, LadderSpec, Points, Score, Scorecard,
    ScoringModel, Sign, Signal,
};
use leadfold_core::{SECOND, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::draw::{SMALL, Scale, WILD, instant, model, signals};

/// A model with one definition, close to what the lead has at some instant.
#[derive(Clone, Debug)]
struct Case {
    model: ScoringModel,
    signals: Vec<Signal>,
    instants: Vec<Timestamp>,
}

fn case(scale: Scale) -> impl Strategy<Value = Case> {
    let instants = vec(instant(scale), 1..12);
    let near = (any::<prop::sample::Index>(), -1_i64..2, prop::option::of("[A-D][1-4]"));
    (model(scale), signals(scale), instants, near).prop_map(
        |(model, signals, mut instants, (near, nudge, band))| {
            instants.sort_unstable();
            let score = model.score(&signals, *near.get(&instants));
            let (fit, behaviour) = (score.fit, score.behaviour);
            let points_min = writable(score.total, nudge);
            let mut spec = model.spec().clone();
            spec.bands = Some(BandsSpec { fit: ladder(fit), behaviour: ladder(behaviour) });
            let band_min = band.map(|band| band.parse::<Band>().expect("a band"));
            let (name, version, required) = ("d".into(), "1".into(), Vec::new());
            let points_min = Some(points_min);
            spec.definitions =
                vec![DefinitionSpec { name, version, points_min, band_min, required }];
            let model = ScoringModel::new(spec).expect("only sound specs are drawn");
            Case { model, signals, instants }
        },
    )
}

/// Points close to these that a model can write.
fn writable(points: Points, nudge: i64) -> f64 {
    let most = 1_000 * i128::from(Points::MODEL_MAX) - 10;
    (points.millis().clamp(-most, most) + i128::from(nudge)) as f64 / 1_000.0
}

fn ladder(points: Points) -> LadderSpec {
    LadderSpec {
        enter: [writable(points, 1), writable(points, 0), writable(points, -1)],
        leave: None,
    }
}

type Search = fn(&Scorecard<'_>, &Definition, &[Timestamp]) -> Option<Timestamp>;

fn agrees(case: &Case, search: Search) -> Result<(), TestCaseError> {
    let mut card = Scorecard::new(&case.model);
    case.signals.iter().for_each(|signal| card.apply(signal));
    let definition = &case.model.definitions()[0];
    let meets = |at: &Timestamp| definition.meets(&card.score(*at), &card.profile(*at)).is_ok();
    let expected = case.instants.iter().copied().find(meets);
    prop_assert_eq!(search(&card, definition, &case.instants), expected);
    Ok(())
}

fn search(card: &Scorecard<'_>, definition: &Definition, at: &[Timestamp]) -> Option<Timestamp> {
    card.first_met(definition, at.iter().copied())
}

/// A case whose points only fade, with rungs that are kept for a while.
fn kept() -> impl Strategy<Value = Case> {
    let kept = ([0_i64..3_000, 0..3_000], "[A-D][1-4]");
    (case(SMALL), kept).prop_map(|(case, (gaps, band))| {
        let mut spec = case.model.spec().clone();
        spec.fit.iter_mut().for_each(|rule| rule.points = rule.points.abs());
        spec.behaviour.iter_mut().for_each(|rule| rule.points = rule.points.abs());
        let bands = spec.bands.as_mut().expect("the model has bands");
        for (ladder, gap) in [&mut bands.fit, &mut bands.behaviour].into_iter().zip(gaps) {
            let left = |points: f64| ((points * 1_000.0).round() - gap as f64) / 1_000.0;
            ladder.leave = Some(ladder.enter.map(left));
        }
        let definition = &mut spec.definitions[0];
        (definition.points_min, definition.band_min) = (None, band.parse().ok());
        Case { model: ScoringModel::new(spec).expect("it is as sound as before"), ..case }
    })
}

/// The band at each microsecond after the one before.
fn follows(case: &Case, search: Search) -> Result<(), TestCaseError> {
    let mut card = Scorecard::new(&case.model);
    case.signals.iter().for_each(|signal| card.apply(signal));
    let (definition, bands) = (&case.model.definitions()[0], case.model.bands().expect("bands"));
    let mut band = None;
    let meets = |at: &Timestamp| {
        let score = card.score(*at);
        band = Some(bands.next(band, &score));
        definition.meets(&Score { band, ..score }, &card.profile(*at)).is_ok()
    };
    let last = case.instants.last().expect("there is one").micros();
    let met: Vec<Timestamp> = (-1..=last).map(Timestamp::from_micros).filter(meets).collect();
    let expected = met.into_iter().find(|at| case.instants.contains(at));
    prop_assert_eq!(search(&card, definition, &case.instants), expected);
    Ok(())
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(1_024) })]

    #[test]
    fn a_rung_is_kept_until_it_is_left(case in kept()) {
        follows(&case, search)?;
    }

    #[test]
    fn it_is_the_first_where_everything_collides(case in case(SMALL)) {
        agrees(&case, search)?;
    }

    #[test]
    fn it_is_the_first_where_nothing_is_near(case in case(WILD)) {
        agrees(&case, search)?;
    }
}

/// Twenty touches of which half a thousandth is left, which is rounded up each time.
#[test]
fn what_rounding_adds_up_to_counts() {
    for decay in [r#"{"half_life":"10s"}"#, r#"{"linear_to_zero":"20s"}"#] {
        let model = format!(
            r#"{{"name":"m","version":"1",
                "behaviour":[{{"name":"b","points":0.001,"decay":{decay}}}],
                "definitions":[{{"name":"d","version":"1","points_min":0.02}}]}}"#
        );
        let model: ScoringModel = serde_json::from_str(&model).expect("a model");
        let mut card = Scorecard::new(&model);
        let touch: Touched = serde_json::from_str(r#"{"side":"sales"}"#).expect("a touch");
        for position in 0..20 {
            let what = Sign::Touch(touch.clone());
            card.apply(&Signal { at: Timestamp::default(), position, what });
        }
        let later = Timestamp::from_micros(10 * SECOND);
        let met = card.first_met(&model.definitions()[0], [later]);
        assert_eq!(met, Some(later), "{decay}");
    }
}

#[test]
fn a_search_that_jumps_over_an_instant_is_noticed() {
    let jumps: [Search; 2] = [
        |card, definition, at| card.first_met(definition, at.iter().copied().skip(1)),
        |card, definition, at| card.first_met(definition, at.iter().copied().rev()),
    ];
    for jump in jumps {
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let found = TestRunner::new(config).run(&case(SMALL), |case| agrees(&case, jump));
        assert!(found.is_err());
    }
}

/// As if each band were that of its instant alone.
#[test]
fn a_band_that_forgets_is_noticed() {
    let forgets: Search = |card, definition, at| {
        let met = |at: &Timestamp| definition.meets(&card.score(*at), &card.profile(*at)).is_ok();
        at.iter().copied().find(met)
    };
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let found = TestRunner::new(config).run(&kept(), |case| follows(&case, forgets));
    assert!(found.is_err());
}
