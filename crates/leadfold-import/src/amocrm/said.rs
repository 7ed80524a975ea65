//! What a change of a lead of amoCRM is in the words of the log.

use serde_json::{Map, Value, json};

use super::{
    change::{Change, Move, What},
    lead::Lead,
    status::{OPENED, rung_of},
};
use crate::{
    StatusMap,
    crm::{actor::Actor, event::Happening, sink::Events, step::Step},
};

/// The events that a change is, as far as the lead has come.
pub(super) fn events(change: &Change, lead: &mut Lead, map: &StatusMap) -> Events {
    let mut said = Said { change, lead, map, events: Events::new(), priced: None };
    said.all();
    said.events
}

struct Said<'a> {
    change: &'a Change,
    lead: &'a mut Lead,
    map: &'a StatusMap,
    events: Events,
    /// The price that has been said.
    priced: Option<i64>,
}

impl Said<'_> {
    fn all(&mut self) {
        match &self.change.what {
            What::Added { .. } => self.added(),
            // Both say that it came; a webhook, or the page of events, says who did it then.
            What::Seen(_) if self.lead.is_added() => {}
            What::Seen(_) => self.begun(),
            What::Moved(moved) => self.moved(moved),
            What::Responsible { from, to } => self.responsible(*from, *to),
            What::Priced { price, status, .. } => {
                (self.lead.price, self.lead.priced_at) = (Some(*price), Some(self.change.at));
                match self.lead.is_open(status.map(|status| status.id), self.map) {
                    true => self.priced(*price),
                    false => self.lead.held += 1,
                }
            }
            What::Touched { side, channel } => self.touched(side, channel),
            What::Shown { responsible, price, .. } => self.shown(*responsible, *price),
            What::Closed { status, price, reason } => self.closed(*status, *price, *reason),
        }
    }

    fn say(&mut self, name: &str, kind: &'static str, data: Value) {
        let Change { lead, actor, at, .. } = self.change;
        let name = format!("lead:{lead}:{name}");
        let lead = lead.to_string();
        let happening = Happening { name, lead: &lead, kind, at: *at, actor, data };
        self.events.push(happening.event(&self.map.system));
    }

    /// Data about the deal.
    fn deal(&self) -> Value {
        json!({ "opportunity": self.change.lead.to_string() })
    }

    fn seconds(&self) -> i64 {
        self.change.at.seconds()
    }

    fn added(&mut self) {
        self.begun();
        if let Some(to) = self.lead.first_status(self.map) {
            let responsible = self.lead.responsible;
            self.moved(&Move { from: None, to, price: None, responsible });
        }
    }

    fn begun(&mut self) {
        self.say("captured", "captured", json!({}));
        if let Some(to) = self.lead.first_responsible() {
            let name = format!("responsible:{}::{to}", self.seconds());
            self.say(&name, "assigned", json!({ "to": to.to_string() }));
        }
        if !self.map.opens_late {
            self.say("opened", "opportunity_opened", self.deal());
            if let Some(price) = self.lead.first_price().filter(|price| *price != 0) {
                self.priced(price);
            }
        }
    }

    /// Several rows may show one price in one second, and it is said by the first.
    fn priced(&mut self, price: i64) {
        let at = self.change.at;
        if (self.lead.said, self.lead.said_at) != (Some(price), Some(at)) {
            self.amended(&format!("price:{}:{price}", self.seconds()), price);
            self.lead.said_at = Some(at);
        }
        (self.lead.held, self.priced) = (0, Some(price));
    }

    fn amended(&mut self, name: &str, price: i64) {
        let mut data = self.deal();
        self.put_price(&mut data, price);
        self.say(name, "opportunity_amended", data);
        (self.lead.price, self.lead.said, self.lead.held) = (Some(price), Some(price), 0);
        self.priced = Some(price);
    }

    fn put_price(&self, data: &mut Value, price: i64) {
        data["amount"] = price.into();
        if let Some(currency) = self.map.currency {
            data["currency"] = currency.to_string().into();
        }
    }

    fn responsible(&mut self, from: Option<u64>, to: Option<u64>) {
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
        let name = self.change.what.name(self.change.at).unwrap_or_default();
        self.say(&name, kind, data.into());
        (self.lead.responsible, self.lead.owned_at) = (to, Some(self.change.at));
    }

    fn touched(&mut self, side: &str, channel: &str) {
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

    /// What a page of leads shows is named after the page's time, since it may be so again later.
    fn shown(&mut self, responsible: Option<u64>, price: Option<i64>) {
        let What::Shown { updated, .. } = self.change.what else { return };
        let name = format!("shown:{}", updated.seconds());
        if let Some(to) = responsible {
            let name = format!("{name}:responsible:{to}");
            self.say(&name, "assigned", json!({ "to": to.to_string() }));
        }
        if let Some(price) = price.filter(|price| self.lead.said != Some(*price)) {
            self.lead.price = Some(price);
            match self.lead.is_open(None, self.map) {
                true => self.amended(&format!("{name}:price:{price}"), price),
                false => self.lead.held += 1,
            }
        }
    }

    /// An outcome with its price: whether the log has it already is not known here, and said again
    /// like this it changes nothing.
    fn closed(&mut self, status: u64, price: Option<i64>, reason: Option<u64>) {
        let name = format!("closed:{}:{status}", self.seconds());
        for step in self.map.steps(status) {
            let mut data = self.deal();
            if let Some(price) = price.filter(|price| *price != 0) {
                self.put_price(&mut data, price);
            }
            let name = format!("{name}:{}", step.word());
            match step {
                Step::Customer => self.say(&name, "won", data),
                Step::Lost => self.lost(&name, data, reason),
                _ => self.of_lead(step, status, None, &name),
            }
        }
        (self.lead.status, self.lead.held) = (Some(status), 0);
    }

    fn lost(&mut self, name: &str, mut data: Value, reason: Option<u64>) {
        match reason {
            Some(reason) => {
                data["reason"] = reason.to_string().into();
                self.say(&format!("{name}:{reason}"), "lost", data);
            }
            None => self.say(name, "lost", data),
        }
    }

    fn moved(&mut self, moved: &Move) {
        // What a change of the same second has told counts over what the move shows.
        let (at, lead) = (Some(self.change.at), &self.lead);
        let responsible = if lead.owned_at == at { lead.responsible } else { moved.responsible };
        let price = if lead.priced_at == at { lead.price } else { moved.price };
        let moved = Move { responsible, price, ..*moved };
        self.lead.responsible = moved.responsible.or(self.lead.responsible);
        self.moved_on(&moved);
        self.lead.status = Some(moved.to.id);
        self.lead.price = moved.price.or(self.lead.price);
    }

    fn moved_on(&mut self, moved: &Move) {
        let name = moved.name(self.change.at);
        let before = moved.from.and_then(|from| self.map.outcome(from.id));
        let after = self.map.outcome(moved.to.id);
        let rung = self.lead.rung.or_else(|| self.map.rung_of(moved.from?.id));
        // What has ended so already is said.
        if before.is_some() && before == after {
            self.lead.rung = rung;
            return;
        }
        let rung = self.reopened(before, after, &name).or(rung);
        self.lead.rung = rung;
        for step in self.map.steps_from(rung, moved.to.id) {
            self.stepped(step, moved, &name);
            let is_known = rung.is_some() || step != Step::Stage;
            let farther = |its: u8| its.max(self.lead.rung.unwrap_or(0));
            self.lead.rung = is_known.then(|| rung_of(step).map_or(0, farther));
        }
    }

    /// Takes up again what had ended; how far the lead has come then.
    fn reopened(&mut self, before: Option<Step>, after: Option<Step>, name: &str) -> Option<u8> {
        let name = format!("{name}:reopened");
        match (before?, after) {
            // A lost lead can be disqualified once it is nurtured again, and not with an open deal.
            (Step::Disqualified, _) | (Step::Lost, Some(Step::Disqualified)) => {
                self.say(&name, "reopened", json!({}));
                Some(0)
            }
            _ => {
                self.say(&name, "opportunity_reopened", self.deal());
                if let Some(price) = self.lead.price.filter(|_| self.lead.held > 0) {
                    self.priced(price);
                }
                Some(OPENED)
            }
        }
    }

    fn stepped(&mut self, step: Step, moved: &Move, move_name: &str) {
        let name = format!("{move_name}:{}", step.word());
        let mut data = self.deal();
        match step {
            Step::Opportunity => {
                data["stage"] = moved.to.id.to_string().into();
                put(&mut data, "pipeline", moved.to.pipeline);
                self.say(&name, "opportunity_opened", data);
                self.priced_behind_opening(moved);
            }
            Step::Stage => {
                data["to"] = moved.to.id.to_string().into();
                put(&mut data, "from", moved.from.map(|from| from.id));
                put(&mut data, "pipeline_to", moved.to.pipeline);
                put(&mut data, "pipeline_from", moved.pipeline_from());
                self.say(&name, "opportunity_stage_changed", data);
            }
            Step::Customer => {
                self.before_the_end(moved, move_name);
                self.say(&name, "won", data);
            }
            Step::Lost => {
                self.before_the_end(moved, move_name);
                let reason = self.lead.reason(self.change.at, moved, self.map);
                self.lost(&name, data, reason);
            }
            _ => self.of_lead(step, moved.to.id, self.lead.responsible, &name),
        }
    }

    /// A step of the lead, and not of its deal.
    fn of_lead(&mut self, step: Step, status: u64, responsible: Option<u64>, name: &str) {
        let to = self.map.recipient(responsible);
        if let Some((kind, data)) = step.of_lead(&status.to_string(), &to) {
            self.say(name, kind, data);
        }
    }

    fn priced_behind_opening(&mut self, moved: &Move) {
        let price = moved.price.or(self.lead.price);
        if let Some(price) = price.filter(|price| *price != 0) {
            self.priced(price);
        }
    }

    /// What a deal has to have before it is closed: its opening, where that comes late, and what it
    /// is worth.
    fn before_the_end(&mut self, moved: &Move, move_name: &str) {
        if self.map.opens_late && self.lead.rung != Some(OPENED) {
            self.say(&format!("{move_name}:opened"), "opportunity_opened", self.deal());
            self.priced_behind_opening(moved);
        }
        let is_nothing = moved.price == Some(0) && self.lead.is_worth_nothing();
        let is_known = is_nothing || self.priced.is_some() && self.priced == moved.price;
        if let Some(price) = moved.price.filter(|_| !is_known) {
            self.priced(price);
        }
    }
}

fn put(data: &mut Value, name: &str, key: Option<u64>) {
    if let Some(key) = key {
        data[name] = key.to_string().into();
    }
}
