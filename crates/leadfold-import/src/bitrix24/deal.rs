//! The record of a deal, and its moves.

use serde_json::{Map, Value, json};

use super::{Portal, moves::is_closed, record, row::Row};
use crate::{
    LeftOut, StatusMap,
    crm::{actor::Actor, error::CrmFault, event::Happening, sink::Events, step::Step},
};

/// The events of a record.
pub(super) fn events(
    row: &Row,
    portal: &Portal<'_>,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let id = row.need_id("ID", "a deal")?;
    let created = row.need_time("DATE_CREATE", "a deal")?;
    let lead = portal.index.lead_of_deal(id)?;
    let mut events = Events::new();
    let mut say = |name: String, kind, at, actor: &Actor, data| {
        let name = format!("deal:{id}:{name}");
        let happening = Happening { name, lead: &lead, kind, at, actor, data };
        events.push(happening.event(&portal.map.system));
    };
    let nobody = &Actor::Unknown;
    if portal.index.is_own_lead(id) {
        say("captured".into(), "captured", created, nobody, record::capture(row));
    }
    let responsible = row.id("ASSIGNED_BY_ID")?;
    if let Some(owner) = responsible {
        let data = json!({ "to": owner.to_string() });
        say(format!("assigned:{owner}"), "assigned", created, nobody, data);
    }
    if !portal.map.opens_late {
        let data = json!({ "opportunity": id.to_string() });
        say("opened".into(), "opportunity_opened", created, nobody, data);
        if let Some(terms) = Terms::of(row, id, portal.map)? {
            say(terms.name, "opportunity_amended", created, nobody, terms.data);
        }
    }
    if let Some(stage) = row.code("STAGE_ID")? {
        let last = portal.moves.last(true, id);
        match row.time("MOVED_TIME")? {
            None if last.is_none() => left_out.count("deal_stage_without_time", &stage),
            Some(at) if !last.is_some_and(|last| last.tells(&stage, at)) => {
                let actor = row.id("MOVED_BY_ID")?.map_or(Actor::Unknown, Actor::User);
                let before = last.map(|last| portal.deal_steps(last.stage, last.semantic));
                let moved = Moved {
                    id,
                    stage: &stage,
                    pipeline: row.code("CATEGORY_ID")?,
                    steps: portal.deal_steps(&stage, row.code("STAGE_SEMANTIC_ID")?.as_deref()),
                    was_closed: before.is_some_and(is_closed),
                    terms: portal.index.terms(id),
                };
                for (word, kind, data) in moved.events(&portal.map.recipient(responsible)) {
                    let name = format!("moved:{}:{stage}:{word}", at.seconds());
                    say(name, kind, at, &actor, data);
                }
            }
            _ => {}
        }
    }
    Ok(events)
}

/// Amount, expected close and probability of a deal, as its record has them now.
#[derive(Debug)]
pub(super) struct Terms {
    /// Tells them from what another page says.
    name: String,
    data: Value,
}

impl Terms {
    pub(super) fn of(row: &Row, id: u64, map: &StatusMap) -> Result<Option<Self>, CrmFault> {
        let currency = row.currency(map.currency.as_deref())?;
        let mut data = Map::new();
        let mut name = String::from("terms");
        if let Some(amount) = row.amount(currency.as_deref())? {
            data.insert("amount".into(), amount.into());
            name.push_str(&format!(":{amount}"));
            if let Some(currency) = currency {
                name.push_str(&currency);
                data.insert("currency".into(), currency.into());
            }
        }
        if let Some(close) = row.time("CLOSEDATE")? {
            data.insert("expected_close".into(), close.text().into());
            name.push_str(&format!(":{}", close.seconds()));
        }
        let percent = row.code("PROBABILITY")?.and_then(|text| text.parse::<u8>().ok());
        if let Some(percent) = percent.filter(|percent| *percent <= 100) {
            data.insert("probability".into(), (f64::from(percent) / 100.0).into());
            name.push_str(&format!(":{percent}%"));
        }
        if data.is_empty() {
            return Ok(None);
        }
        data.insert("opportunity".into(), id.to_string().into());
        Ok(Some(Self { name, data: data.into() }))
    }
}

/// A deal that has moved to a stage.
pub(super) struct Moved<'a> {
    pub(super) id: u64,
    pub(super) stage: &'a str,
    pub(super) pipeline: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) was_closed: bool,
    /// Where a move opens the deal.
    pub(super) terms: Option<&'a Terms>,
}

impl Moved<'_> {
    /// What that is in the words of the log: a word for the event's name, its type and data.
    pub(super) fn events(&self, recipient: &str) -> Vec<(String, &'static str, Value)> {
        let mut events = Vec::new();
        let opportunity = self.id.to_string();
        if self.was_closed && !self.steps.iter().any(|step| step.is_closed()) {
            let data = json!({ "opportunity": opportunity });
            events.push(("reopened".to_owned(), "opportunity_reopened", data));
        }
        for step in &self.steps {
            let event = match step {
                Step::Opportunity => Some(("opportunity_opened", self.opened(&opportunity))),
                Step::Stage => Some(("opportunity_stage_changed", self.stage(&opportunity))),
                Step::Customer => Some(("won", json!({ "opportunity": opportunity }))),
                Step::Lost => {
                    Some(("lost", json!({ "opportunity": opportunity, "reason": self.stage })))
                }
                _ => step.of_lead(self.stage, recipient),
            };
            events.extend(event.map(|(kind, data)| (step.word().to_owned(), kind, data)));
            if let (Step::Opportunity, Some(Terms { name, data })) = (step, self.terms) {
                events.push((name.clone(), "opportunity_amended", data.clone()));
            }
        }
        events
    }

    fn opened(&self, opportunity: &str) -> Value {
        let mut data = json!({ "opportunity": opportunity, "stage": self.stage });
        if let Some(pipeline) = &self.pipeline {
            data["pipeline"] = pipeline.as_str().into();
        }
        data
    }

    fn stage(&self, opportunity: &str) -> Value {
        let mut data = json!({ "opportunity": opportunity, "to": self.stage });
        if let Some(pipeline) = &self.pipeline {
            data["pipeline_to"] = pipeline.as_str().into();
        }
        data
    }
}
