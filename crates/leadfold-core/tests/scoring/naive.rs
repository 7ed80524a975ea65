//! The oracle: a score from the spec itself, by going through everything again for every question.
//! It can be told to have a flaw, to see whether the comparison would notice.

use leadfold_core::Timestamp;
use leadfold_core::event::{AttributeValue, Touched};
use leadfold_core::scoring::{
    BehaviourSpec, Cause, ConditionSpec, DecaySpec, Part, Score, ScoringSpec, Sign, Signal,
};

/// A score in plain numbers: thousandths of points, and each line as (what, points, position).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plain {
    pub(super) fit: i128,
    pub(super) behaviour: i128,
    pub(super) total: i128,
    pub(super) lines: Vec<(String, i128, Option<u64>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flaw {
    None,
    /// What comes after the instant counts.
    Future,
    /// The first touches count, not the last.
    Oldest,
    /// Halves are cut off.
    Cut,
    /// A step begins one microsecond late.
    LateStep,
    /// A cap does its work without a line of its own.
    SilentCap,
    /// A group is limited after its part.
    GroupLast,
    /// An empty text forgets what was known.
    Forget,
}

impl Flaw {
    pub(super) const ALL: [Self; 7] = [
        Self::Future,
        Self::Oldest,
        Self::Cut,
        Self::LateStep,
        Self::SilentCap,
        Self::GroupLast,
        Self::Forget,
    ];
}

pub(super) fn plain_of(score: &Score<'_>) -> Plain {
    let lines = score.contributions.iter().map(|line| {
        let place = line.group.unwrap_or(match line.part {
            Part::Fit => "fit",
            Part::Behaviour => "behaviour",
            Part::Total => "total",
        });
        let what = match line.cause {
            Cause::Rule(rule) => rule.to_owned(),
            Cause::Cap => format!("cap {place}"),
            Cause::Floor => format!("floor {place}"),
        };
        (what, line.points.millis(), line.of)
    });
    Plain {
        fit: score.fit.millis(),
        behaviour: score.behaviour.millis(),
        total: score.total.millis(),
        lines: lines.collect(),
    }
}

/// What a group's rules brought, by name of the group.
type OfGroups = Vec<(Option<String>, i128)>;

pub(super) fn score(spec: &ScoringSpec, signals: &[Signal], at: Timestamp, flaw: Flaw) -> Plain {
    let mut known: Vec<&Signal> =
        signals.iter().filter(|signal| signal.at <= at || flaw == Flaw::Future).collect();
    known.sort_by_key(|signal| (signal.at, signal.position));
    let mut plain = Plain::default();

    let mut of_groups = OfGroups::new();
    for rule in &spec.fit {
        if rule.when.iter().all(|condition| holds(condition, &known, flaw)) {
            let points = millis(rule.points);
            add(&mut plain, &rule.name, points, None);
            of_groups.push((rule.group.clone(), points));
        }
    }
    let limits = (spec.limits.fit.cap, spec.limits.fit.floor);
    plain.fit = limit_part(spec, &mut plain, "fit", limits, of_groups, flaw);

    let mut of_groups = OfGroups::new();
    for rule in &spec.behaviour {
        for (touched, position) in counted(rule, &known, flaw) {
            let age = (i128::from(at.micros()) - i128::from(touched.micros())).max(0);
            let points = fade(millis(rule.points), rule.decay.as_ref(), age, flaw);
            add(&mut plain, &rule.name, points, Some(position));
            of_groups.push((rule.group.clone(), points));
        }
    }
    let limits = (spec.limits.behaviour.cap, spec.limits.behaviour.floor);
    plain.behaviour = limit_part(spec, &mut plain, "behaviour", limits, of_groups, flaw);

    let limits = (spec.limits.total.cap, spec.limits.total.floor);
    let sum = plain.fit + plain.behaviour;
    plain.total = limit(&mut plain, "total", limits, sum, flaw);
    plain
}

fn limit_part(
    spec: &ScoringSpec,
    plain: &mut Plain,
    part: &str,
    limits: (Option<f64>, Option<f64>),
    of_groups: OfGroups,
    flaw: Flaw,
) -> i128 {
    let mut sum: i128 = of_groups.iter().map(|(_, points)| points).sum();
    if flaw == Flaw::GroupLast {
        sum = limit(plain, part, limits, sum, flaw);
    }
    for group in &spec.groups {
        let rules = if part == "fit" { names(spec, true) } else { names(spec, false) };
        if rules.contains(&Some(&group.name)) {
            let own = of_groups.iter().filter(|(name, _)| name.as_ref() == Some(&group.name));
            let before = own.map(|(_, points)| points).sum();
            let limits = (group.cap, group.floor);
            sum += limit(plain, &group.name, limits, before, flaw) - before;
        }
    }
    if flaw == Flaw::GroupLast { sum } else { limit(plain, part, limits, sum, flaw) }
}

fn names(spec: &ScoringSpec, is_fit: bool) -> Vec<Option<&String>> {
    if is_fit {
        spec.fit.iter().map(|rule| rule.group.as_ref()).collect()
    } else {
        spec.behaviour.iter().map(|rule| rule.group.as_ref()).collect()
    }
}

fn limit(
    plain: &mut Plain,
    place: &str,
    (cap, floor): (Option<f64>, Option<f64>),
    sum: i128,
    flaw: Flaw,
) -> i128 {
    let low = floor.map_or(i128::MIN, millis);
    let high = cap.map_or(i128::MAX, millis);
    let within = sum.max(low).min(high);
    if within < sum && flaw != Flaw::SilentCap {
        add(plain, &format!("cap {place}"), within - sum, None);
    }
    if within > sum {
        add(plain, &format!("floor {place}"), within - sum, None);
    }
    within
}

fn add(plain: &mut Plain, what: &str, points: i128, of: Option<u64>) {
    if points != 0 {
        plain.lines.push((what.to_owned(), points, of));
    }
}

/// By way of the decimal writing.
fn millis(points: f64) -> i128 {
    format!("{points:.3}").replace('.', "").parse().expect("a decimal number")
}

fn counted(rule: &BehaviourSpec, known: &[&Signal], flaw: Flaw) -> Vec<(Timestamp, u64)> {
    let mut touches: Vec<(Timestamp, u64)> = Vec::new();
    for signal in known {
        if let Sign::Touch(touch) = &signal.what
            && is_about(rule, touch)
        {
            touches.push((signal.at, signal.position));
        }
    }
    let most = rule.counts_max.map_or(touches.len(), |most| most as usize);
    while touches.len() > most {
        let out = if flaw == Flaw::Oldest { touches.len() - 1 } else { 0 };
        touches.remove(out);
    }
    touches
}

fn is_about(rule: &BehaviourSpec, touch: &Touched) -> bool {
    let on = &rule.on;
    let text = |list: &[String], word: &Option<String>| {
        list.is_empty() || list.iter().any(|listed| Some(listed) == word.as_ref())
    };
    (on.side.is_empty() || on.side.contains(&touch.side))
        && (on.direction.is_empty() || on.direction.iter().any(|d| Some(*d) == touch.direction))
        && (on.result.is_empty() || on.result.iter().any(|r| Some(*r) == touch.result))
        && text(&on.channel, &touch.channel)
        && text(&on.activity, &touch.activity)
        && text(&on.campaign, &touch.campaign)
}

fn fade(points: i128, decay: Option<&DecaySpec>, age: i128, flaw: Flaw) -> i128 {
    let micros = |age: &leadfold_core::scoring::Age| i128::from(age.micros());
    match decay {
        None => points,
        Some(DecaySpec::LinearToZero(end)) if age >= micros(end) => 0,
        Some(DecaySpec::LinearToZero(end)) => {
            round(points * (micros(end) - age), micros(end), flaw)
        }
        Some(DecaySpec::HalfLife(half)) => {
            let left = points as f64 * (-(age as f64) / micros(half) as f64).exp2();
            if flaw == Flaw::Cut { left as i128 } else { left.round() as i128 }
        }
        Some(DecaySpec::Steps(steps)) => {
            let late = i128::from(flaw == Flaw::LateStep);
            let step = steps.iter().rfind(|step| micros(&step.after) + late <= age);
            let share = step.map_or(1000, |step| millis(step.keeps));
            round(points * share, 1000, flaw)
        }
    }
}

fn round(num: i128, den: i128, flaw: Flaw) -> i128 {
    let (whole, rest) = (num / den, num % den);
    let is_up = 2 * rest.abs() >= den && flaw != Flaw::Cut;
    if is_up { whole + num.signum() } else { whole }
}

fn holds(condition: &ConditionSpec, known: &[&Signal], flaw: Flaw) -> bool {
    let text = |value: &AttributeValue| value.to_string();
    let mut value: Option<String> = None;
    for signal in known {
        if let Sign::Profile(changed) = &signal.what {
            for (_, new) in changed.iter().filter(|(name, _)| *name == condition.attribute) {
                match text(new) {
                    empty if empty.is_empty() => value = value.filter(|_| flaw != Flaw::Forget),
                    new => value = Some(new),
                }
            }
        }
    }
    let is = |wanted: &AttributeValue| {
        let (wanted, value) = (text(wanted), value.clone().unwrap_or_default());
        match (wanted.parse::<f64>(), value.parse::<f64>()) {
            (Ok(wanted), Ok(value)) => wanted == value,
            _ => wanted == value,
        }
    };
    let number = value.as_deref().and_then(|value| value.parse::<f64>().ok());
    let bound = |bound: Option<f64>, holds: fn(f64, f64) -> bool| {
        bound.is_none_or(|bound| number.is_some_and(|number| holds(number, bound)))
    };
    condition.equals.iter().all(is)
        && condition.one_of.iter().all(|list| list.iter().any(is))
        && condition.present.is_none_or(|present| present == value.is_some())
        && bound(condition.at_least, |number, bound| number >= bound)
        && bound(condition.above, |number, bound| number > bound)
        && bound(condition.at_most, |number, bound| number <= bound)
        && bound(condition.below, |number, bound| number < bound)
}
