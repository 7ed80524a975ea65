//! Models and histories at random: small ones, in which everything collides, and wild ones.

use leadfold_core::Timestamp;
use leadfold_core::event::{AttributeValue, Attributes, Direction, Side, TouchResult, Touched};
use leadfold_core::scoring::{
    Age, BehaviourSpec, ConditionSpec, DecaySpec, FitSpec, GroupSpec, LimitSpec, LimitsSpec,
    Points, ScoringModel, ScoringSpec, Sign, Signal, StepSpec, TouchFilter,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// How far things go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// Points, thousandths.
    pub(super) millis: i64,
    /// Lengths of time, microseconds.
    pub(super) age: u64,
    /// Instants, microseconds.
    pub(super) times: (i64, i64),
}

pub(super) const SMALL: Scale = Scale { millis: 20_000, age: 30, times: (0, 60) };
pub(super) const WILD: Scale =
    Scale { millis: 1000 * Points::MODEL_MAX as i64, age: u64::MAX, times: (i64::MIN, i64::MAX) };

pub(super) fn model(scale: Scale) -> impl Strategy<Value = ScoringModel> {
    spec(scale).prop_map(|spec| ScoringModel::new(spec).expect("only sound specs are drawn"))
}

fn spec(scale: Scale) -> impl Strategy<Value = ScoringSpec> {
    let rules = (vec(fit(scale), 0..4), vec(behaviour(scale), 0..4));
    let limits = (limit(scale), limit(scale), limit(scale), limit(scale), limit(scale));
    (rules, limits).prop_map(|((mut fit, mut behaviour), limits)| {
        fit.iter_mut().enumerate().for_each(|(n, rule)| rule.name = format!("f{n}"));
        behaviour.iter_mut().enumerate().for_each(|(n, rule)| rule.name = format!("b{n}"));
        let group = |name: &str, LimitSpec { cap, floor }| {
            let name = name.to_owned();
            GroupSpec { name, cap, floor }
        };
        let mut groups = Vec::new();
        if behaviour.iter().any(|rule| rule.group.is_some()) {
            groups.push(group("did", limits.0));
        }
        if fit.iter().any(|rule| rule.group.is_some()) {
            groups.push(group("are", limits.1));
        }
        let limits = LimitsSpec { fit: limits.2, behaviour: limits.3, total: limits.4 };
        let (name, version) = ("drawn".into(), "1".into());
        ScoringSpec { name, version, groups, fit, behaviour, limits, ..ScoringSpec::default() }
    })
}

fn points(scale: Scale) -> impl Strategy<Value = f64> {
    (-scale.millis..=scale.millis).prop_map(|millis| millis as f64 / 1000.0)
}

fn limit(scale: Scale) -> impl Strategy<Value = LimitSpec> {
    (option::of(points(scale)), option::of(points(scale))).prop_map(|ends| match ends {
        (Some(cap), Some(floor)) if cap < floor => LimitSpec { cap: Some(floor), floor: Some(cap) },
        (cap, floor) => LimitSpec { cap, floor },
    })
}

fn fit(scale: Scale) -> impl Strategy<Value = FitSpec> {
    let group = option::of(Just("are".to_owned()));
    (group, vec(condition(), 1..3), points(scale)).prop_map(|(group, when, points)| FitSpec {
        name: String::new(),
        group,
        when,
        points,
    })
}

fn behaviour(scale: Scale) -> impl Strategy<Value = BehaviourSpec> {
    let group = option::of(Just("did".to_owned()));
    let rule = (group, filter(), points(scale), option::of(1..4_u32), option::of(decay(scale)));
    rule.prop_map(|(group, on, points, counts_max, decay)| {
        let name = String::new();
        BehaviourSpec { name, group, on, points, counts_max, decay }
    })
}

fn filter() -> impl Strategy<Value = TouchFilter> {
    let side = vec(select(vec![Side::Prospect, Side::Sales]), 0..2);
    let direction = rarely(Direction::In);
    let result = vec(select(vec![TouchResult::Attempt, TouchResult::Meeting]), 0..2);
    let texts = (rarely("x".to_owned()), vec(word(), 0..2), rarely("y".to_owned()));
    (side, direction, result, texts).prop_map(|(side, direction, result, texts)| {
        let (channel, activity, campaign) = texts;
        TouchFilter { side, direction, channel, result, activity, campaign }
    })
}

fn rarely<T: Clone + std::fmt::Debug>(word: T) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![4 => Just(Vec::new()), 1 => Just(vec![word])]
}

fn word() -> impl Strategy<Value = String> {
    select(vec!["x".to_owned(), "y".to_owned()])
}

pub(super) fn decay(scale: Scale) -> impl Strategy<Value = DecaySpec> {
    let age = move || (1..=scale.age).prop_map(Age::from_micros);
    prop_oneof![
        age().prop_map(DecaySpec::LinearToZero),
        age().prop_map(DecaySpec::HalfLife),
        steps(scale),
    ]
}

pub(super) fn steps(scale: Scale) -> impl Strategy<Value = DecaySpec> {
    vec((1..=scale.age, 0..=1000_u32), 1..4).prop_map(|drawn| {
        let (mut ages, mut shares): (Vec<u64>, Vec<u32>) = drawn.into_iter().unzip();
        ages.sort_unstable();
        ages.dedup();
        shares.sort_unstable_by(|a, b| b.cmp(a));
        let step = |(age, share): (u64, u32)| StepSpec {
            after: Age::from_micros(age),
            keeps: f64::from(share) / 1000.0,
        };
        DecaySpec::Steps(ages.into_iter().zip(shares).map(step).collect())
    })
}

fn name() -> impl Strategy<Value = String> {
    select(vec!["size".to_owned(), "kind".to_owned()])
}

fn value() -> impl Strategy<Value = AttributeValue> {
    let texts = ["a", "b", "2", "2.0"].map(AttributeValue::from).to_vec();
    prop_oneof![(-1..4_i64).prop_map(AttributeValue::from), select(texts)]
}

fn condition() -> impl Strategy<Value = ConditionSpec> {
    let number = || option::of((-1..4_i8).prop_map(f64::from));
    let of = |attribute, test: ConditionSpec| ConditionSpec { attribute, ..test };
    let range = (number(), number()).prop_map(|(low, high)| match (low, high) {
        (Some(low), Some(high)) if low >= high => {
            ConditionSpec { at_least: Some(high), at_most: Some(low), ..ConditionSpec::default() }
        }
        (None, None) => ConditionSpec { above: Some(1.0), ..ConditionSpec::default() },
        (above, below) => ConditionSpec { above, below, ..ConditionSpec::default() },
    });
    let test = prop_oneof![
        value().prop_map(|value| ConditionSpec { equals: Some(value), ..Default::default() }),
        vec(value(), 1..3)
            .prop_map(|values| ConditionSpec { one_of: Some(values), ..Default::default() }),
        any::<bool>()
            .prop_map(|present| ConditionSpec { present: Some(present), ..Default::default() }),
        range,
    ];
    (name(), test).prop_map(move |(name, test)| of(name, test))
}

pub(super) fn touch() -> impl Strategy<Value = Touched> {
    let side = select(vec![Side::Prospect, Side::Sales, Side::Marketing]);
    let direction = option::of(select(vec![Direction::In, Direction::Out]));
    let result = option::of(select(vec![TouchResult::Attempt, TouchResult::Meeting]));
    let texts = (option::of(word()), option::of(word()), option::of(word()));
    (side, direction, result, texts).prop_map(|(side, direction, result, texts)| {
        let (channel, activity, campaign) = texts;
        Touched { side, direction, channel, result, activity, campaign, by: None }
    })
}

fn sign() -> impl Strategy<Value = Sign> {
    let told = prop_oneof![4 => value(), 1 => Just(AttributeValue::from(""))];
    let changed = vec((name(), told), 1..3).prop_map(Attributes::from_iter);
    prop_oneof![1 => changed.prop_map(Sign::Profile), 2 => touch().prop_map(Sign::Touch)]
}

pub(super) fn instant(scale: Scale) -> impl Strategy<Value = Timestamp> {
    let (from, to) = scale.times;
    (from..=to).prop_map(Timestamp::from_micros)
}

/// Signals in any order, with positions of their own.
pub(super) fn signals(scale: Scale) -> impl Strategy<Value = Vec<Signal>> {
    vec((instant(scale), sign()), 0..20).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        numbered.map(|(n, (at, what))| Signal { at, position: n as u64 * 37 % 101, what }).collect()
    })
}
