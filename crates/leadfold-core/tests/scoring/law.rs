//! What must hold for every model and every history.

use leadfold_core::Timestamp;
use leadfold_core::scoring::{
    BehaviourSpec, Contribution, DecaySpec, Part, Points, Score, Scorecard, ScoringModel,
    ScoringSpec, Signal,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::draw::{SMALL, Scale, WILD, decay, instant, model, signals, steps, touch};
use super::naive::{Flaw, Plain, plain_of, score};

type Case = (ScoringModel, Vec<Signal>, Timestamp);

fn case(scale: Scale) -> impl Strategy<Value = Case> {
    (model(scale), signals(scale), instant(scale))
}

/// The one comparison with the oracle, of whatever claims to score.
fn agrees((model, signals, at): &Case, found: &Plain) -> Result<(), TestCaseError> {
    prop_assert_eq!(found, &score(model.spec(), signals, *at, Flaw::None));
    Ok(())
}

/// Of whatever claims to be a score: the lines are the sum.
fn adds_up(plain: &Plain) -> Result<(), TestCaseError> {
    let sum: i128 = plain.lines.iter().map(|(_, points, _)| points).sum();
    prop_assert_eq!(sum, plain.total);
    Ok(())
}

fn part(score: &Score<'_>, part: Part) -> Points {
    let own = |line: &&Contribution<'_>| line.part == part;
    score.contributions.iter().filter(own).map(|line| line.points).sum()
}

#[test]
fn every_flaw_of_a_score_is_noticed() {
    for flaw in Flaw::ALL {
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let found = TestRunner::new(config)
            .run(&case(SMALL), |case| agrees(&case, &score(case.0.spec(), &case.1, case.2, flaw)));
        assert!(found.is_err(), "{flaw:?} went unnoticed");
    }
}

#[test]
fn a_sum_that_is_not_the_total_is_noticed() {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let found = TestRunner::new(config).run(&case(SMALL), |(model, signals, at)| {
        adds_up(&score(model.spec(), &signals, at, Flaw::SilentCap))
    });
    assert!(found.is_err());
}

proptest! {
    #[test]
    fn a_score_is_that_of_the_oracle(case in case(SMALL)) {
        let (model, signals, at) = &case;
        agrees(&case, &plain_of(&model.score(signals, *at)))?;
    }

    #[test]
    fn contributions_add_up_to_the_total_and_to_each_part((model, signals, at) in case(WILD)) {
        let score = model.score(&signals, at);
        adds_up(&plain_of(&score))?;
        prop_assert_eq!(part(&score, Part::Fit), score.fit);
        prop_assert_eq!(part(&score, Part::Behaviour), score.behaviour);
        prop_assert_eq!(score.fit + score.behaviour + part(&score, Part::Total), score.total);
        prop_assert!(score.contributions.iter().all(|line| line.points != Points::ZERO));
    }

    #[test]
    fn a_score_lies_within_its_limits((model, signals, at) in case(WILD)) {
        let (score, limits) = (model.score(&signals, at), &model.spec().limits);
        let sums = [score.fit, score.behaviour, score.total];
        for (sum, limit) in sums.into_iter().zip([limits.fit, limits.behaviour, limits.total]) {
            let end = |end: f64| Points::parse(end).expect("points of a model");
            prop_assert!(limit.cap.is_none_or(|cap| sum <= end(cap)));
            prop_assert!(limit.floor.is_none_or(|floor| sum >= end(floor)));
        }
    }

    #[test]
    fn what_comes_later_never_counts((model, signals, at) in case(SMALL)) {
        let known: Vec<&Signal> = signals.iter().filter(|signal| signal.at <= at).collect();
        prop_assert_eq!(model.score(known, at), model.score(&signals, at));
    }

    #[test]
    fn folded_and_recomputed_scores_are_the_same_at_every_instant(
        (model, signals, _) in case(SMALL),
        instants in proptest::collection::vec(instant(SMALL), 1..6),
    ) {
        let (mut card, mut arrived) = (Scorecard::new(&model), Vec::new());
        for signal in &signals {
            card.apply(signal);
            arrived.push(signal);
            for at in &instants {
                let recomputed = model.score(arrived.iter().rev().copied(), *at);
                prop_assert_eq!(card.score(*at), recomputed);
            }
        }
    }

    #[test]
    fn a_signal_that_comes_again_changes_nothing((model, signals, at) in case(SMALL)) {
        let twice = signals.iter().chain(&signals);
        prop_assert_eq!(model.score(twice, at), model.score(&signals, at));
    }

    #[test]
    fn between_edges_a_model_of_steps_stands_still((model, signals, _) in case(SMALL)) {
        let mut spec = model.spec().clone();
        let fades = |rule: &BehaviourSpec| {
            matches!(rule.decay, Some(DecaySpec::LinearToZero(_) | DecaySpec::HalfLife(_)))
        };
        spec.behaviour.iter_mut().filter(|rule| fades(rule)).for_each(|rule| rule.decay = None);
        let model = ScoringModel::new(spec).expect("still sound");
        let mut card = Scorecard::new(&model);
        signals.iter().for_each(|signal| card.apply(signal));
        for pair in card.edges().windows(2) {
            let before = Timestamp::from_micros(pair[1].micros() - 1);
            let (after, before) = (card.score(pair[0]), card.score(before));
            prop_assert_eq!(after.contributions, before.contributions);
        }
    }

    #[test]
    fn points_never_grow_with_age(
        decay in prop_oneof![decay(WILD), decay(SMALL), steps(SMALL)],
        millis in -WILD.millis..=WILD.millis,
        touch in touch(),
        ages in proptest::collection::vec(prop_oneof![0..1_000_i64, 0..=i64::MAX], 2),
    ) {
        let name = "touch".to_owned();
        let points = millis as f64 / 1000.0;
        let rule = BehaviourSpec { name, points, decay: Some(decay), ..BehaviourSpec::default() };
        let spec = ScoringSpec {
            name: "one".into(), version: "1".into(), behaviour: vec![rule], ..Default::default()
        };
        let model = ScoringModel::new(spec).expect("sound");
        let what = leadfold_core::scoring::Sign::Touch(touch);
        let signal = Signal { at: Timestamp::default(), position: 1, what };
        let size = |age: i64| {
            let total = model.score([&signal], Timestamp::from_micros(age)).total.millis();
            (total.abs(), total.signum())
        };
        let (young, old) = (ages[0].min(ages[1]), ages[0].max(ages[1]));
        prop_assert!(size(old).0 <= size(young).0);
        prop_assert!([0, i128::from(millis.signum())].contains(&size(old).1));
        prop_assert_eq!(size(0).0, i128::from(millis.abs()));
    }
}
