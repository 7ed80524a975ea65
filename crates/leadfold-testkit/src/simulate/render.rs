//! From an act to the event that a company's systems would write.

use leadfold_core::event::{
    Accepted, Assigned, AssignmentCause, AttributionResolved, Body, Churned, ConsentGranted,
    ConsentWithdrawn, Disqualified, Event, FollowUpDone, FollowUpScheduled, HandedOff, Level,
    Merged, NewEvent, OpportunityReopened, Other, Qualified, Reactivated, Reassigned, Recycled,
    Rejected, Reopened, Returned, Scored, Unmerged,
};
use leadfold_core::{EventId, LeadKey, RawJson, Timestamp};

use super::act::{Act, Owner, What};
use super::calendar::{DAY, HOUR};
use super::company::{CHURN_REASONS, DISQUALIFICATIONS, RETURN_REASONS};
use super::costs::NO_LEAD;
use super::profile::Profile;
use super::rng::mix;
use crate::ids::event_id;

mod contact;
mod money;

/// Writes the events of one lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) seed: u64,
    pub(super) lead: u32,
    pub(super) profile: Profile,
}

impl Pen {
    /// The event of an act.
    pub(super) fn write(self, act: &Act) -> NewEvent {
        let (at, body) = (instant(act.at), self.body(act));
        let event = match self.lead {
            NO_LEAD => Event::without_lead(at, body),
            lead => Event::new(key(lead), at, body),
        };
        let recorded_at = Some(instant(act.recorded_at));
        NewEvent { id: self.id(act.number, act.at), recorded_at, event }
    }

    /// The id of the act of this lead with this number.
    fn id(self, number: u32, at: i64) -> EventId {
        let place = u64::from(self.lead) << 32 | u64::from(number);
        event_id(instant(at), mix(place ^ mix(self.seed)))
    }

    /// One line an act; whatever takes more has a function of its own.
    #[rustfmt::skip]
    fn body(self, act: &Act) -> Body {
        let by = |owner| Some(self.owner(owner));
        match act.what {
            What::Captured => self.captured(),
            What::ConsentGranted => ConsentGranted { purpose: "marketing".into(), channel: Some("email".into()), basis: Some("consent".into()), expires_at: None }.into(),
            What::ConsentWithdrawn => ConsentWithdrawn { purpose: "marketing".into(), channel: Some("email".into()), basis: None, expires_at: None }.into(),
            What::AttributionResolved => AttributionResolved { source: self.profile.source().name.into(), campaign: None, evidence: None }.into(),
            What::ProfileUpdated => self.profile_updated(),
            What::Visit { page } => contact::visit(page),
            What::Mailing { campaign } => contact::mailing(campaign),
            What::Sales { by, result } => contact::sales(self.owner(by), result),
            What::Scored { total } => scored(total),
            What::QualifiedMql => Qualified { level: Level::Mql, definition: None, by: None }.into(),
            What::QualifiedSql { by: owner } => Qualified { level: Level::Sql, definition: None, by: by(owner) }.into(),
            What::Disqualified { reason } => disqualified(reason),
            What::HandedOff { to } => handed_off(self.owner(to)),
            What::HandedToQueue => self.handed_to_queue(act.at),
            What::Accepted { by: owner } => Accepted { by: by(owner), handoff: None }.into(),
            What::Rejected { by: owner, reason, to } => Rejected { reason: word(&RETURN_REASONS, reason), by: by(owner), handoff: None, to }.into(),
            What::Returned { by: owner, reason } => Returned { reason: word(&RETURN_REASONS, reason), by: by(owner), handoff: None, to: None }.into(),
            What::Recycled => Recycled { programme: Some("nurture".into()), until: None, reason: None }.into(),
            What::Reopened => Reopened { reason: None }.into(),
            What::Assigned { to } => Assigned { to: by(to), from: None, cause: Some(AssignmentCause::RoundRobin) }.into(),
            What::Reassigned { from, to } => Reassigned { to: by(to), from: by(from), cause: Some(AssignmentCause::Manual) }.into(),
            What::FollowUpScheduled { number, by: owner, due_in_days } => FollowUpScheduled { follow_up: format!("F{number}"), due: Some(date(act.at + i64::from(due_in_days) * DAY)), kind: Some("recall".into()), owner: by(owner) }.into(),
            What::FollowUpDone { number, by: owner } => FollowUpDone { follow_up: format!("F{number}"), due: None, kind: None, owner: by(owner) }.into(),
            What::Opened { deal, kind, amount, close_in_days } => self.opened(deal, kind, amount, date(act.at + i64::from(close_in_days) * DAY)),
            What::Stage { deal, to } => money::stage(deal, to),
            What::Amended { deal, amount } => money::amended(deal, amount),
            What::Won { deal, amount } => self.won(deal, amount),
            What::Lost { deal, reason } => money::lost(deal, reason),
            What::OpportunityReopened { deal } => OpportunityReopened { opportunity: Some(money::deal_key(deal)), reason: None }.into(),
            What::Revenue { order, amount, kind } => self.revenue(order, amount, kind),
            What::Refunded { order, amount } => self.refunded(order, amount),
            What::Churned { reason } => Churned { reason: Some(word(&CHURN_REASONS, reason)) }.into(),
            What::Reactivated => Reactivated { reason: None }.into(),
            What::Merged { into } => Merged { into: key(into) }.into(),
            What::Unmerged { from } => Unmerged { from: key(from) }.into(),
            What::Retracted { number, at } => money::retracted(self.id(number, at)),
            What::AmountReplaced { number, at, deal, amount } => money::amount_replaced(self.id(number, at), deal, amount),
            What::Cost { source, amount } => money::cost(source, amount, act.at),
            What::Teleported => teleported(),
        }
    }

    fn owner(self, owner: Owner) -> String {
        self.profile.region().owners[usize::from(owner)].into()
    }

    /// A queue is slower than a person, so the offer says when an answer is due.
    fn handed_to_queue(self, at: i64) -> Body {
        let due = |hours: i64| Some(instant(at + hours * HOUR).into());
        let to = self.profile.region().queue.into();
        HandedOff { to, handoff: None, decision_due: due(24), touch_due: due(48), reason: None }
            .into()
    }
}

fn handed_off(to: String) -> Body {
    HandedOff { to, handoff: None, decision_due: None, touch_due: None, reason: None }.into()
}

fn scored(total: u8) -> Body {
    let band = match total {
        75.. => "A",
        50.. => "B",
        25.. => "C",
        _ => "D",
    };
    Scored {
        model: "b2b".into(),
        model_version: "3".into(),
        total: f64::from(total),
        fit: None,
        behaviour: None,
        band: Some(band.into()),
    }
    .into()
}

fn disqualified(reason: u8) -> Body {
    let (reason, class) = DISQUALIFICATIONS[usize::from(reason)];
    Disqualified { reason: reason.into(), class: Some(class) }.into()
}

fn teleported() -> Body {
    let data = RawJson::parse(r#"{"to":"nowhere"}"#).expect("the text is JSON");
    Body::Other(Other { type_name: "teleported".into(), data: Some(data) })
}

/// The key of a lead.
fn key(lead: u32) -> LeadKey {
    format!("L{}", u64::from(lead) + 1).parse().expect("letters and digits make a key")
}

fn word(words: &[&str], index: u8) -> String {
    words[usize::from(index)].into()
}

fn instant(at: i64) -> Timestamp {
    Timestamp::from_micros(at * 1_000_000)
}

fn date(at: i64) -> leadfold_core::When {
    leadfold_core::When::Date(super::costs::date(at))
}
