//! The record of a deal, and its moves.

use serde_json::{Value, json};

use super::{
    Portal,
    kind::Kind,
    moves::Told,
    record::{self, Seen},
    row::Row,
    terms::Terms,
};
use crate::{
    LeftOut,
    crm::{
        actor::Actor,
        error::CrmFault,
        event::Happening,
        sink::{Events, Place},
        step::Step,
    },
};

/// The events of a record. Its last move is one among those of the history, which may tell it, too.
pub(super) fn events(
    row: &Row,
    place: &Place,
    portal: &Portal<'_>,
    told: &mut Told,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let seen = Seen::of(Kind::Deal, row, portal.map)?;
    let Seen { id, created, .. } = seen;
    if portal.index.lacks_lead(id) {
        return Err(row.missing("LEAD_ID", "a deal"));
    }
    let lead = portal.index.lead_of_deal(id)?;
    match (&seen.stage, seen.moved) {
        (Some(stage), Some(at)) => told.push(Kind::Deal, &seen, stage, at, place)?,
        (Some(stage), None) if !portal.moves.has(true, id) => {
            left_out.count("deal_stage_without_time", stage);
        }
        _ => {}
    }
    let mut events = Events::new();
    let mut say = |name: &str, kind, data| {
        let name = format!("deal:{id}:{name}");
        let at = created;
        let happening = Happening { name, lead: &lead, kind, at, actor: &Actor::Unknown, data };
        events.push(happening.event(&portal.map.system));
    };
    if !portal.index.is_leading(Kind::Deal, &seen) {
        return Ok(events);
    }
    if portal.index.is_own_lead(id) {
        say("captured", "captured", seen.capture);
    }
    if let Some(latest) = portal.index.responsible_for_deal(id) {
        let (name, data) = record::assigned(latest);
        say(&name, "assigned", data);
    }
    if !portal.map.opens_late {
        say("opened", "opportunity_opened", json!({ "opportunity": id.to_string() }));
        if let Some(terms) = portal.index.terms(id) {
            say(&terms.name(), "opportunity_amended", terms.data(id));
        }
    }
    Ok(events)
}

/// What takes up again a deal that had ended.
pub(super) const REOPENED: &str = "opportunity_reopened";

/// A deal that has moved to a stage.
pub(super) struct Moved<'a> {
    pub(super) id: u64,
    pub(super) stage: &'a str,
    pub(super) steps: Vec<Step>,
    /// What the stage before stood for; none where the call does not have it.
    pub(super) before: Option<Vec<Step>>,
    /// Whether the deal may have been closed before this move, its first one in the call.
    pub(super) may_be_closed: bool,
    /// Where a move opens the deal.
    pub(super) terms: Option<&'a Terms>,
}

impl Moved<'_> {
    /// What that is in the words of the log: a word for the event's name, its type and data.
    pub(super) fn events(&self, recipient: &str) -> Vec<(String, &'static str, Value)> {
        let mut events = Vec::new();
        let opportunity = self.id.to_string();
        let was_disqualified =
            self.before.as_ref().is_some_and(|steps| steps.contains(&Step::Disqualified));
        if was_disqualified && !self.steps.contains(&Step::Disqualified) {
            events.push(("lead_reopened".to_owned(), "reopened", json!({})));
        }
        if self.reopens() {
            let data = json!({ "opportunity": opportunity });
            events.push(("reopened".to_owned(), REOPENED, data));
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
            if let (Step::Opportunity, Some(terms)) = (step, self.terms) {
                events.push((terms.name(), "opportunity_amended", terms.data(self.id)));
            }
        }
        events
    }

    /// Whether the move wins or loses it.
    pub(super) fn ends(&self) -> bool {
        outcome(&self.steps).is_some()
    }

    /// Whether the deal is opened again, be it to close otherwise. Of one that is open already that
    /// says nothing, so it is said as well where nobody knows.
    fn reopens(&self) -> bool {
        match &self.before {
            Some(before) => outcome(before).is_some_and(|was| outcome(&self.steps) != Some(was)),
            None => self.may_be_closed,
        }
    }

    fn opened(&self, opportunity: &str) -> Value {
        let pipeline = pipeline(self.stage);
        json!({ "opportunity": opportunity, "stage": self.stage, "pipeline": pipeline })
    }

    fn stage(&self, opportunity: &str) -> Value {
        let pipeline = pipeline(self.stage);
        json!({ "opportunity": opportunity, "to": self.stage, "pipeline_to": pipeline })
    }
}

/// How a deal ends.
fn outcome(steps: &[Step]) -> Option<Step> {
    let is_outcome = |step: &Step| matches!(step, Step::Customer | Step::Lost);
    steps.iter().copied().rfind(is_outcome)
}

/// The pipeline of a stage: `C1:NEW` is of the pipeline 1, and `NEW` of the first one, which is 0.
/// Rows name it, too, but not all of them, and one name has one content.
fn pipeline(stage: &str) -> &str {
    let prefix = stage.strip_prefix('C').and_then(|rest| rest.split_once(':'));
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    prefix.map(|(id, _)| id).filter(|id| is_number(id)).unwrap_or("0")
}
