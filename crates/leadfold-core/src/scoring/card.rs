//! One lead's signals under a model, from which its score at any instant follows.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{BehaviourRule, ScoringModel};
use super::sheet::Sheet;
use super::{Cause, Contribution, Part, Profile, Score, Sign, Signal};
use crate::Timestamp;
use crate::event::Attributes;

/// When, and where in the log.
type Place = (Timestamp, u64);

/// The signals of one lead, folded. They may come in any order; the score at an instant depends
/// only on those up to it.
///
/// ```
/// # use leadfold_core::scoring::{Scorecard, ScoringModel, Sign, Signal};
/// # use leadfold_core::{Timestamp, event::Attributes};
/// let model: ScoringModel = serde_json::from_str(r#"{
///     "name": "b2b", "version": "1",
///     "fit": [{ "name": "industry", "points": 25,
///               "when": [{ "attribute": "industry", "equals": "software" }] }]
/// }"#)?;
/// let mut card = Scorecard::new(&model);
/// let (yesterday, today) = (Timestamp::from_micros(1), Timestamp::from_micros(2));
/// let what = Sign::Profile(Attributes::from_iter([("industry", "software")]));
/// card.apply(&Signal { at: today, position: 7, what });
/// assert_eq!(card.score(today).total.to_string(), "25");
/// assert_eq!(card.score(yesterday).total.to_string(), "0");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scorecard<'m> {
    pub(super) model: &'m ScoringModel,
    pub(super) profile: BTreeMap<Place, Attributes>,
    /// The touches that each behaviour rule is about, in the order of the rules.
    pub(super) touches: Vec<BTreeSet<Place>>,
}

impl<'m> Scorecard<'m> {
    /// A lead of which nothing is known.
    pub fn new(model: &'m ScoringModel) -> Self {
        let touches = vec![BTreeSet::new(); model.behaviour.len()];
        Self { model, profile: BTreeMap::new(), touches }
    }

    /// Takes a signal.
    pub fn apply(&mut self, signal: &Signal) {
        let place = (signal.at, signal.position);
        match &signal.what {
            Sign::Profile(changed) => {
                self.profile.entry(place).or_insert_with(|| changed.clone());
            }
            Sign::Touch(touch) => {
                let rules = self.touches.iter_mut().zip(&self.model.behaviour);
                for (places, _) in rules.filter(|(_, rule)| rule.on.holds(touch)) {
                    places.insert(place);
                }
            }
        }
    }

    /// What was known about the lead at an instant.
    pub fn profile(&self, at: Timestamp) -> Profile {
        let mut profile = Profile::default();
        self.profile.range(..=(at, u64::MAX)).for_each(|(_, changed)| profile.apply(changed));
        profile
    }

    /// The score at an instant.
    pub fn score(&self, at: Timestamp) -> Score<'m> {
        self.summed(at, &self.profile(at), |sheet| self.add_behaviour(at, sheet))
    }

    /// The score of a profile and of what `add_behaviour` adds.
    pub(super) fn summed(
        &self,
        at: Timestamp,
        profile: &Profile,
        add_behaviour: impl FnOnce(&mut Sheet<'m>),
    ) -> Score<'m> {
        let model = self.model;
        let mut sheet = Sheet::default();
        self.add_fit(profile, &mut sheet);
        sheet.limit_part(Part::Fit, &model.groups, &model.limits.fit);
        add_behaviour(&mut sheet);
        sheet.limit_part(Part::Behaviour, &model.groups, &model.limits.behaviour);
        sheet.limit_total(&model.limits.total);
        let (fit, behaviour) = (sheet.of_part(Part::Fit), sheet.of_part(Part::Behaviour));
        let total = sheet.total();
        let mut score = Score { at, fit, behaviour, total, band: None, contributions: sheet.lines };
        score.band = model.bands.as_ref().map(|bands| bands.next(None, &score));
        score
    }

    /// The instants at which the score's course can break, in order: the signals, the steps of
    /// decays and the ends of linear ones. Between two of them it only fades.
    pub fn edges(&self) -> Vec<Timestamp> {
        let mut edges: BTreeSet<Timestamp> = self.profile.keys().map(|(at, _)| *at).collect();
        for (rule, places) in self.model.behaviour.iter().zip(&self.touches) {
            for (at, _) in places {
                edges.insert(*at);
                edges.extend(rule.decay.edges().into_iter().filter_map(|age| later(*at, age)));
            }
        }
        edges.into_iter().collect()
    }

    fn add_fit(&self, profile: &Profile, sheet: &mut Sheet<'m>) {
        for rule in &self.model.fit {
            if rule.when.iter().all(|condition| condition.holds(profile)) {
                sheet.add(Contribution {
                    part: Part::Fit,
                    group: rule.group.as_deref(),
                    cause: Cause::Rule(&rule.name),
                    points: rule.points,
                    of: None,
                });
            }
        }
    }

    fn add_behaviour(&self, at: Timestamp, sheet: &mut Sheet<'m>) {
        for (rule, places) in self.model.behaviour.iter().zip(&self.touches) {
            for (touched, position) in counted(rule, places, at) {
                // A touch that is counted is not later than the instant.
                let age = at.micros().abs_diff(touched.micros());
                sheet.add(Contribution {
                    part: Part::Behaviour,
                    group: rule.group.as_deref(),
                    cause: Cause::Rule(&rule.name),
                    points: rule.decay.of(rule.points, age),
                    of: Some(position),
                });
            }
        }
    }
}

/// The touches of a rule that count at an instant: its latest ones, in order.
fn counted(rule: &BehaviourRule, places: &BTreeSet<Place>, at: Timestamp) -> Vec<Place> {
    let known = places.range(..=(at, u64::MAX)).rev();
    let mut latest: Vec<Place> = known.take(rule.counts_max).copied().collect();
    latest.reverse();
    latest
}

fn later(at: Timestamp, age: u64) -> Option<Timestamp> {
    at.micros().checked_add_unsigned(age).map(Timestamp::from_micros)
}
