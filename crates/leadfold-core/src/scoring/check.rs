//! From what a playbook writes to what it means. Every fault is found, not only the first.

use std::collections::BTreeSet;

use super::band::Ladder;
use super::condition::Condition;
use super::decay::Decay;
use super::limits::{Limits, points};
use super::model::{BehaviourRule, FitRule, Group, PartLimits};
use super::{
    Bands, BehaviourSpec, Definition, DefinitionSpec, FitSpec, GroupSpec, LimitSpec, Part,
    ScoringError, ScoringErrors, ScoringFault, ScoringSpec,
};

/// A spec under examination. What has a fault is left out of what the methods return.
#[derive(Debug)]
pub(super) struct Check<'s> {
    spec: &'s ScoringSpec,
    errors: Vec<ScoringError>,
}

/// A part of the spec: what it is, and where.
struct Spot {
    part: String,
    key: String,
}

impl Spot {
    fn new(what: &str, name: &str, list: &str, at: usize) -> Self {
        Self { part: format!("{what} {name:?}"), key: format!("{list}[{at}]") }
    }
}

type Parsed<T> = Result<T, ScoringFault>;

impl<'s> Check<'s> {
    pub(super) fn new(spec: &'s ScoringSpec) -> Self {
        Self { spec, errors: Vec::new() }
    }

    pub(super) fn done(self) -> Result<(), ScoringErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(ScoringErrors(self.errors)) }
    }

    pub(super) fn model(&mut self) {
        let spec = self.spec;
        for (key, text) in [("name", &spec.name), ("version", &spec.version)] {
            let spot = Spot { part: format!("{key} of the model"), key: key.to_owned() };
            self.take(&spot, "", named(text));
        }
    }

    pub(super) fn groups(&mut self) -> Vec<Group> {
        let groups = &self.spec.groups;
        self.names("group", "groups", groups.iter().map(|group| &*group.name));
        let groups = groups.iter().enumerate();
        groups.filter_map(|(at, group)| self.group(at, group)).collect()
    }

    pub(super) fn limits(&mut self) -> PartLimits {
        let limits = &self.spec.limits;
        PartLimits {
            fit: self.limit("fit", &limits.fit),
            behaviour: self.limit("behaviour", &limits.behaviour),
            total: self.limit("total", &limits.total),
        }
    }

    pub(super) fn fit(&mut self) -> Vec<FitRule> {
        let rules = &self.spec.fit;
        self.names("fit rule", "fit", rules.iter().map(|rule| &*rule.name));
        let rules = rules.iter().enumerate();
        rules.filter_map(|(at, rule)| self.fit_rule(at, rule)).collect()
    }

    pub(super) fn behaviour(&mut self) -> Vec<BehaviourRule> {
        let rules = &self.spec.behaviour;
        self.names("behaviour rule", "behaviour", rules.iter().map(|rule| &*rule.name));
        let rules = rules.iter().enumerate();
        rules.filter_map(|(at, rule)| self.behaviour_rule(at, rule)).collect()
    }

    pub(super) fn bands(&mut self) -> Option<Bands> {
        let spec = self.spec.bands.as_ref()?;
        let spot = |part: &str| Spot { part: format!("bands of {part}"), key: "bands".into() };
        let fit = self.take(&spot("fit"), "fit", Ladder::parse(&spec.fit));
        let behaviour = Ladder::parse(&spec.behaviour);
        let behaviour = self.take(&spot("behaviour"), "behaviour", behaviour);
        Some(Bands { fit: fit?, behaviour: behaviour? })
    }

    pub(super) fn definitions(&mut self) -> Vec<Definition> {
        let definitions = &self.spec.definitions;
        self.names("definition", "definitions", definitions.iter().map(|d| &*d.name));
        let definitions = definitions.iter().enumerate();
        definitions.filter_map(|(at, spec)| self.definition(at, spec)).collect()
    }

    fn group(&mut self, at: usize, spec: &GroupSpec) -> Option<Group> {
        let spot = Spot::new("group", &spec.name, "groups", at);
        let part = self.take(&spot, "name", self.part_of(&spec.name));
        let limits = self.take(&spot, "cap", Limits::parse(spec.cap, spec.floor));
        Some(Group { name: spec.name.clone(), part: part?, limits: limits? })
    }

    /// A group belongs to the part that its rules belong to.
    fn part_of(&self, group: &str) -> Parsed<Part> {
        let names = |of: &Option<String>| of.as_deref() == Some(group);
        let fit = self.spec.fit.iter().any(|rule| names(&rule.group));
        let behaviour = self.spec.behaviour.iter().any(|rule| names(&rule.group));
        match (fit, behaviour) {
            (true, false) => Ok(Part::Fit),
            (false, true) => Ok(Part::Behaviour),
            (true, true) => Err(ScoringFault::MixedGroup),
            (false, false) => Err(ScoringFault::EmptyGroup),
        }
    }

    fn limit(&mut self, part: &str, spec: &LimitSpec) -> Limits {
        let spot = Spot { part: format!("limits of the {part}"), key: "limits".into() };
        self.take(&spot, part, Limits::parse(spec.cap, spec.floor)).unwrap_or_default()
    }

    fn fit_rule(&mut self, at: usize, spec: &FitSpec) -> Option<FitRule> {
        let spot = Spot::new("fit rule", &spec.name, "fit", at);
        let group = self.take(&spot, "group", self.known_group(&spec.group));
        let conditions: Result<Vec<_>, _> = spec.when.iter().map(Condition::parse).collect();
        let conditions = conditions.map_err(ScoringFault::from).and_then(|when| {
            if when.is_empty() { Err(ScoringFault::NoCondition) } else { Ok(when) }
        });
        let when = self.take(&spot, "when", conditions);
        let points = self.take(&spot, "points", points(spec.points));
        Some(FitRule { name: spec.name.clone(), group: group?, when: when?, points: points? })
    }

    fn behaviour_rule(&mut self, at: usize, spec: &BehaviourSpec) -> Option<BehaviourRule> {
        let spot = Spot::new("behaviour rule", &spec.name, "behaviour", at);
        let group = self.take(&spot, "group", self.known_group(&spec.group));
        let points = self.take(&spot, "points", points(spec.points));
        let counts_max = self.take(&spot, "counts_max", count(spec.counts_max));
        let decay = self.take(&spot, "decay", Decay::parse(spec.decay.as_ref()));
        Some(BehaviourRule {
            name: spec.name.clone(),
            group: group?,
            on: spec.on.clone(),
            points: points?,
            counts_max: counts_max?,
            decay: decay?,
        })
    }

    fn known_group(&self, group: &Option<String>) -> Parsed<Option<String>> {
        let unknown = |name: &&String| self.spec.groups.iter().all(|group| group.name != **name);
        match group.as_ref().filter(unknown) {
            Some(found) => Err(ScoringFault::UnknownGroup { found: found.clone() }),
            None => Ok(group.clone()),
        }
    }

    fn definition(&mut self, at: usize, spec: &DefinitionSpec) -> Option<Definition> {
        let spot = Spot::new("definition", &spec.name, "definitions", at);
        self.take(&spot, "version", named(&spec.version));
        self.take(&spot, "required", spec.required.iter().try_for_each(|name| named(name)));
        self.take(&spot, "band_min", self.can_band(spec));
        self.take(&spot, "", asks(spec));
        let points = self.take(&spot, "points_min", spec.points_min.map(points).transpose());
        Some(Definition {
            name: spec.name.clone(),
            version: spec.version.clone(),
            points_min: points?,
            band_min: spec.band_min,
            required: spec.required.clone(),
        })
    }

    fn can_band(&self, spec: &DefinitionSpec) -> Parsed<()> {
        match spec.band_min {
            Some(found) if self.spec.bands.is_none() => Err(ScoringFault::NoBands { found }),
            _ => Ok(()),
        }
    }

    /// Each thing of a list has a name, and one of its own.
    fn names<'n>(&mut self, what: &str, list: &str, names: impl Iterator<Item = &'n str>) {
        let mut taken = BTreeSet::new();
        for (at, name) in names.enumerate() {
            let own = if taken.insert(name) { Ok(()) } else { Err(ScoringFault::TakenName) };
            self.take(&Spot::new(what, name, list, at), "name", named(name).and(own));
        }
    }

    /// Keeps the fault of one key, or hands on what was parsed.
    fn take<T>(&mut self, spot: &Spot, key: &str, parsed: Parsed<T>) -> Option<T> {
        let dot = if key.is_empty() { "" } else { "." };
        let error = |fault| {
            let key = format!("{}{dot}{key}", spot.key);
            ScoringError { part: spot.part.clone(), key, fault }
        };
        parsed.map_err(|fault| self.errors.push(error(fault))).ok()
    }
}

fn named(name: &str) -> Parsed<()> {
    if name.is_empty() { Err(ScoringFault::NoName) } else { Ok(()) }
}

fn count(counts_max: Option<u32>) -> Parsed<usize> {
    match counts_max {
        Some(0) => Err(ScoringFault::ZeroCount),
        Some(count) => Ok(count as usize),
        None => Ok(usize::MAX),
    }
}

fn asks(spec: &DefinitionSpec) -> Parsed<()> {
    let asks_points = spec.points_min.is_some() || spec.band_min.is_some();
    if asks_points || !spec.required.is_empty() { Ok(()) } else { Err(ScoringFault::NoRequirement) }
}
