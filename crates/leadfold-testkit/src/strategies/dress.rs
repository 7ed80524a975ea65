//! A simulated company's events in the names of a playbook, so that its rules have a hold on them.

use std::collections::BTreeMap;

use leadfold_core::Playbook;
use leadfold_core::event::{AttributeValue, Attributes, Body, NewEvent};

/// Puts names of a playbook in the place of a company's own.
#[derive(Debug)]
pub(super) struct Dress {
    owners: Vec<String>,
    queues: Vec<String>,
    pipeline: Option<(String, Vec<String>)>,
    /// Fields that gates ask for.
    fields: Vec<String>,
    /// Which leads are captured without them, one bit for each of 64.
    bare: u64,
}

impl Dress {
    pub(super) fn of(playbook: &Playbook, bare: u64) -> Self {
        let owners = playbook.routing.iter().flat_map(|routing| &routing.owners);
        let pipelines = playbook.pipelines.iter();
        let mandatory = playbook.gates.values().flat_map(|gate| gate.mandatory.clone());
        Self {
            owners: owners.map(|owner| owner.name.clone()).collect(),
            queues: playbook.queues().map(str::to_owned).collect(),
            pipeline: pipelines.map(|p| (p.name.clone(), p.stages.clone())).next(),
            fields: mandatory.collect(),
            bare,
        }
    }

    pub(super) fn dress(&self, mut new: NewEvent) -> NewEvent {
        let lead = new.event.lead.as_ref().map_or(0, |key| weigh(key.as_str()));
        people(&mut new.event.body).into_iter().for_each(|name| self.rename(name));
        match &mut new.event.body {
            Body::Captured(captured) if self.bare >> (lead % 64) & 1 == 0 => {
                captured.source.get_or_insert_with(|| "web".to_owned());
                captured.attributes = Some(self.filled(captured.attributes.take()));
            }
            Body::Captured(captured) => {
                captured.attributes = captured.attributes.take().map(|known| self.bared(&known));
            }
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

    fn filled(&self, attributes: Option<Attributes>) -> Attributes {
        let known = attributes.unwrap_or_default();
        let mut all: BTreeMap<String, AttributeValue> =
            self.fields.iter().map(|name| (name.clone(), "known".into())).collect();
        all.extend(known.iter().map(|(name, value)| (name.to_owned(), value.clone())));
        all.into_iter().collect()
    }

    /// Without what the gates ask for.
    fn bared(&self, attributes: &Attributes) -> Attributes {
        let kept = attributes.iter().filter(|(name, _)| !self.fields.iter().any(|f| f == name));
        kept.map(|(name, value)| (name, value.clone())).collect()
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
