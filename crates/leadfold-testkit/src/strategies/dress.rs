//! A simulated company's events in the names of a playbook, so that its rules have a hold on them.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::Playbook;
use leadfold_core::event::{AttributeValue, Body, Captured, NewEvent};

/// Puts names of a playbook in the place of a company's own.
#[derive(Debug)]
pub(super) struct Dress {
    owners: Vec<String>,
    queues: Vec<String>,
    pipeline: Option<(String, Vec<String>)>,
    /// Fields that gates ask for.
    fields: BTreeSet<String>,
    /// Which leads are captured without them, one bit for each of 64.
    bare: u64,
}

impl Dress {
    pub(super) fn of(playbook: &Playbook, bare: u64) -> Self {
        let owners = playbook.routing.iter().flat_map(|routing| &routing.owners);
        let mut pipelines = playbook.pipelines.iter().filter(|known| !known.stages.is_empty());
        let mandatory = playbook.gates.values().flat_map(|gate| gate.mandatory.clone());
        Self {
            owners: owners.map(|owner| owner.name.clone()).collect(),
            queues: playbook.queues().map(str::to_owned).collect(),
            pipeline: pipelines.next().map(|known| (known.name.clone(), known.stages.clone())),
            fields: mandatory.collect(),
            bare,
        }
    }

    pub(super) fn dress(&self, mut new: NewEvent) -> NewEvent {
        let lead = new.event.lead.as_ref().map_or(0, |key| weigh(key.as_str()));
        people(&mut new.event.body).into_iter().for_each(|name| self.rename(name));
        match &mut new.event.body {
            Body::Captured(captured) => self.fill(captured, self.bare >> (lead % 64) & 1 == 0),
            Body::OpportunityOpened(opened) => {
                if let Some((name, stages)) = &self.pipeline {
                    opened.pipeline = Some(name.clone());
                    opened.stage = stages.first().cloned();
                }
            }
            Body::OpportunityStageChanged(changed) => {
                if let Some((_, stages)) = &self.pipeline {
                    changed.to = stages[weigh(&changed.to) % stages.len()].clone();
                    changed.from = None;
                }
            }
            _ => {}
        }
        new
    }

    /// Somebody is the same person of the playbook in every event.
    fn rename(&self, name: &mut String) {
        let is_queue = name.contains("queue") && !self.queues.is_empty();
        let others = if is_queue { &self.queues } else { &self.owners };
        if !others.is_empty() {
            *name = others[weigh(name) % others.len()].clone();
        }
    }

    /// Fills in what the gates ask for, or takes it out.
    fn fill(&self, captured: &mut Captured, is_filled: bool) {
        let known = || is_filled.then(|| "known".to_owned());
        let own = [
            ("source", &mut captured.source),
            ("medium", &mut captured.medium),
            ("campaign", &mut captured.campaign),
            ("channel", &mut captured.channel),
        ];
        let mut wanted = self.fields.clone();
        for (name, value) in own {
            if wanted.remove(name) {
                *value = value.take().filter(|_| is_filled).or_else(known);
            }
        }
        let attributes = captured.attributes.take().unwrap_or_default();
        let mut kept: BTreeMap<&str, AttributeValue> =
            attributes.iter().map(|(name, value)| (name, value.clone())).collect();
        for name in &wanted {
            kept.remove(name.as_str());
            kept.extend(known().map(|value| (name.as_str(), value.into())));
        }
        captured.attributes = Some(kept.into_iter().collect());
    }
}

/// The people that an event names.
fn people(body: &mut Body) -> Vec<&mut String> {
    match body {
        Body::HandedOff(b) => vec![&mut b.to],
        Body::Qualified(b) => b.by.iter_mut().collect(),
        Body::Accepted(b) => b.by.iter_mut().collect(),
        Body::Rejected(b) => b.by.iter_mut().collect(),
        Body::Returned(b) => b.by.iter_mut().collect(),
        Body::Touched(b) => b.by.iter_mut().collect(),
        Body::Assigned(b) => b.to.iter_mut().chain(&mut b.from).collect(),
        Body::Reassigned(b) => b.to.iter_mut().chain(&mut b.from).collect(),
        Body::Unassigned(b) => b.from.iter_mut().collect(),
        _ => Vec::new(),
    }
}

/// A number that depends on a name alone.
fn weigh(name: &str) -> usize {
    name.bytes().fold(0, |sum, byte| sum * 31 % 1_009 + usize::from(byte))
}
