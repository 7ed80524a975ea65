//! What a change of a lead of amoCRM is in the words of the log.

use serde_json::{Map, Value, json};

use super::change::{Change, Move};
use crate::{
    StatusMap,
    crm::{actor::Actor, at::At, event::Happening, sink::Events, step::Step},
};

/// The events that a change is.
pub(super) struct Said<'a> {
    change: &'a Change,
    map: &'a StatusMap,
    /// When it happened.
    pub(super) at: At,
    pub(super) events: Events,
}

impl<'a> Said<'a> {
    pub(super) fn new(change: &'a Change, map: &'a StatusMap) -> Self {
        Self { change, map, at: change.at, events: Events::new() }
    }

    fn say(&mut self, name: &str, kind: &'static str, data: Value) {
        let Change { lead, actor, .. } = self.change;
        let name = format!("lead:{lead}:{name}");
        let lead = lead.to_string();
        let happening = Happening { name, lead: &lead, kind, at: self.at, actor, data };
        self.events.push(happening.event(&self.map.system));
    }

    pub(super) fn begun(&mut self, responsible: Option<u64>, price: Option<i64>) {
        self.say("captured", "captured", json!({}));
        if let Some(to) = responsible {
            let name = format!("responsible:{}::{to}", self.at.seconds());
            self.say(&name, "assigned", json!({ "to": to.to_string() }));
        }
        if !self.map.opens_late {
            let data = json!({ "opportunity": self.opportunity() });
            self.say("opened", "opportunity_opened", data);
            if let Some(price) = price.filter(|price| *price != 0) {
                self.priced(price);
            }
        }
    }

    fn opportunity(&self) -> String {
        self.change.lead.to_string()
    }

    pub(super) fn priced(&mut self, price: i64) {
        let mut data = json!({ "opportunity": self.opportunity() });
        self.put_price(&mut data, price);
        let name = format!("price:{}:{price}", self.at.seconds());
        self.say(&name, "opportunity_amended", data);
    }

    fn put_price(&self, data: &mut Value, price: i64) {
        data["amount"] = price.into();
        if let Some(currency) = &self.map.currency {
            data["currency"] = currency.as_str().into();
        }
    }

    pub(super) fn responsible(&mut self, from: Option<u64>, to: Option<u64>) {
        let mut data = Map::new();
        let keys = [("from", from), ("to", to)];
        for (name, key) in keys {
            if let Some(key) = key {
                data.insert(name.into(), key.to_string().into());
            }
        }
        let kind = match (from, to) {
            (_, None) => "unassigned",
            (None, Some(_)) => "assigned",
            (Some(_), Some(_)) => "reassigned",
        };
        let text = |key: Option<u64>| key.map_or_else(String::new, |key| key.to_string());
        let name = format!("responsible:{}:{}:{}", self.at.seconds(), text(from), text(to));
        self.say(&name, kind, data.into());
    }

    pub(super) fn touched(&mut self, side: &str, channel: &str) {
        let mut data = json!({ "side": side, "channel": channel });
        if side == "sales" {
            data["direction"] = "out".into();
            // Whether somebody was reached is not told.
            data["result"] = "attempt".into();
            if let Actor::User(by) = self.change.actor {
                data["by"] = by.to_string().into();
            }
        } else {
            data["direction"] = "in".into();
        }
        let name = format!("touched:{}", self.change.tie);
        self.say(&name, "touched", data);
    }

    pub(super) fn moved(&mut self, moved: &Move) {
        let steps = self.map.steps(moved.to.id);
        let was_closed = moved.from.is_some_and(|from| self.map.is_closed(from.id));
        let name = moved.name(self.at);
        if was_closed && !steps.iter().any(|step| step.is_closed()) {
            let data = json!({ "opportunity": self.opportunity() });
            self.say(&format!("{name}:reopened"), "opportunity_reopened", data);
        }
        for step in steps {
            self.stepped(step, moved, &format!("{name}:{}", step.word()));
        }
    }

    fn stepped(&mut self, step: Step, moved: &Move, name: &str) {
        let mut data = json!({ "opportunity": self.opportunity() });
        match step {
            Step::Opportunity => {
                data["stage"] = moved.to.id.to_string().into();
                put(&mut data, "pipeline", moved.to.pipeline);
                self.say(name, "opportunity_opened", data);
                if let Some(price) = moved.price.filter(|price| *price != 0) {
                    self.priced(price);
                }
            }
            Step::Stage => {
                data["to"] = moved.to.id.to_string().into();
                put(&mut data, "from", moved.from.map(|from| from.id));
                put(&mut data, "pipeline_to", moved.to.pipeline);
                put(&mut data, "pipeline_from", moved.pipeline_from());
                self.say(name, "opportunity_stage_changed", data);
            }
            // What it is worth has been said before, where it has been open.
            Step::Customer => match moved.price.filter(|_| self.map.opens_late) {
                Some(price) => {
                    self.put_price(&mut data, price);
                    self.say(&format!("{name}:{price}"), "won", data);
                }
                None => self.say(name, "won", data),
            },
            Step::Lost => match moved.reason {
                Some(reason) => {
                    data["reason"] = reason.to_string().into();
                    self.say(&format!("{name}:{reason}"), "lost", data);
                }
                None => self.say(name, "lost", data),
            },
            _ => {
                let to = self.map.recipient(moved.responsible);
                if let Some((kind, data)) = step.of_lead(&moved.to.id.to_string(), &to) {
                    self.say(name, kind, data);
                }
            }
        }
    }
}

impl Move {
    /// The pipeline that it left. One that stays is not named, since not every source names it.
    fn pipeline_from(&self) -> Option<u64> {
        self.from?.pipeline.filter(|from| Some(*from) != self.to.pipeline)
    }

    /// What tells it from every other move of the lead.
    fn name(&self, at: At) -> String {
        let mut name = format!("status:{}:", at.seconds());
        if let Some(pipeline) = self.pipeline_from() {
            name.push_str(&format!("{pipeline}/"));
        }
        if let Some(from) = self.from {
            name.push_str(&from.id.to_string());
        }
        format!("{name}:{}", self.to.id)
    }
}

fn put(data: &mut Value, name: &str, key: Option<u64>) {
    if let Some(key) = key {
        data[name] = key.to_string().into();
    }
}

impl StatusMap {
    /// The states that a status of amoCRM stands for; one without a meaning is a stage.
    fn steps(&self, status: u64) -> Vec<Step> {
        match self.deal.get(&status.to_string()) {
            Some(steps) => steps.clone(),
            None => vec![match status {
                WON => Step::Customer,
                LOST => Step::Lost,
                _ => Step::Stage,
            }],
        }
    }

    /// Whether a deal with this status is closed.
    pub(super) fn is_closed(&self, status: u64) -> bool {
        self.steps(status).iter().any(|step| step.is_closed())
    }
}

/// In every pipeline.
const WON: u64 = 142;
const LOST: u64 = 143;
