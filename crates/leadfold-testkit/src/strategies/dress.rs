//! A simulated company's events in the names of a playbook, so that its rules have a hold on them.

use std::collections::BTreeMap;

use leadfold_core::Playbook;
use leadfold_core::event::{AttributeValue, Attributes, Body, Captured, NewEvent};

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
            Body::Captured(captured) if self.bare >> (lead % 64) & 1 == 0 => self.fill(captured),
            Body::Captured(captured) => self.strip(captured),
            Body::OpportunityOpened(opened) => {
                if let Some((name, stages)) = &self.pipeline {
                    opened.pipeline = Some(name.clone());
                    opened.stage = stages.first().cloned();
                }
            }
            Body::OpportunityStageChanged(changed) => {
                let stages = self.pipeline.as_ref().map_or(&[][..], |(_, stages)| stages);
                if let Some(stage) = one_of(stages, &changed.to) {
                    changed.to = stage.clone();
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
        if let Some(other) = one_of(others, name) {
            *name = other.clone();
        }
    }

    fn asks_for(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// With all that the gates ask for.
    fn fill(&self, captured: &mut Captured) {
        for (name, field) in own_fields(captured) {
            if self.asks_for(name) {
                field.get_or_insert_with(|| "web".to_owned());
            }
        }
        let known = captured.attributes.take().unwrap_or_default();
        let asked = self.fields.iter().filter(|name| !OWN_FIELDS.contains(&name.as_str()));
        let mut all: BTreeMap<String, AttributeValue> =
            asked.map(|name| (name.clone(), "known".into())).collect();
        all.extend(known.iter().map(|(name, value)| (name.to_owned(), value.clone())));
        captured.attributes = Some(all.into_iter().collect());
    }

    /// Without what the gates ask for.
    fn strip(&self, captured: &mut Captured) {
        for (name, field) in own_fields(captured) {
            field.take_if(|_| self.asks_for(name));
        }
        captured.attributes = captured.attributes.take().map(|known| self.bared(&known));
    }

    fn bared(&self, attributes: &Attributes) -> Attributes {
        let kept = attributes.iter().filter(|(name, _)| !self.asks_for(name));
        kept.map(|(name, value)| (name, value.clone())).collect()
    }
}

/// The fields of a capture that gates name as they name attributes.
const OWN_FIELDS: [&str; 4] = ["source", "medium", "campaign", "channel"];

fn own_fields(captured: &mut Captured) -> [(&'static str, &mut Option<String>); 4] {
    let Captured { source, medium, campaign, channel, .. } = captured;
    let [a, b, c, d] = OWN_FIELDS;
    [(a, source), (b, medium), (c, campaign), (d, channel)]
}

/// One of some names; which, depends on another name alone.
fn one_of<'n>(names: &'n [String], name: &str) -> Option<&'n String> {
    names.get(weigh(name).checked_rem(names.len())?)
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
