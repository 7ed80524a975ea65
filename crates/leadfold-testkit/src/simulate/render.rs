//! From an act to the event that a company's systems would write.

mod contact;
mod money;
mod stage;

use leadfold_core::event::{
    Body, Event, Level, Merged, NewEvent, Other, Reactivated, Reopened, Unmerged,
};
use leadfold_core::{EventId, LeadKey, RawJson, Timestamp, When};

use super::act::{Act, Owner, What};
use super::calendar::DAY;
use super::costs::{self, NO_LEAD};
use super::profile::Profile;
use super::rng::mix;
use crate::ids::event_id;

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
    fn body(self, act: &Act) -> Body {
        match act.what {
            What::Captured => self.captured(),
            What::ConsentGranted => contact::consent_granted(),
            What::ConsentWithdrawn => contact::consent_withdrawn(),
            What::AttributionResolved => self.attribution_resolved(),
            What::ProfileUpdated => self.profile_updated(),
            What::Visit { page } => contact::visit(page),
            What::Mailing { campaign } => contact::mailing(campaign),
            What::Sales { by, result } => contact::sales(self.owner(by), result),
            What::Scored { total } => stage::scored(total),
            What::QualifiedMql => stage::qualified(Level::Mql, None),
            What::QualifiedSql { by } => stage::qualified(Level::Sql, Some(self.owner(by))),
            What::Disqualified { reason } => stage::disqualified(reason),
            What::HandedOff { to } => stage::handed_off(self.owner(to)),
            What::HandedToQueue => self.handed_to_queue(act.at),
            What::Accepted { by } => stage::accepted(self.owner(by)),
            What::Rejected { by, reason, to } => stage::rejected(self.owner(by), reason, to),
            What::Returned { by, reason } => stage::returned(self.owner(by), reason),
            What::Recycled => stage::recycled(),
            What::Reopened => Reopened { reason: None }.into(),
            What::Assigned { to } => stage::assigned(self.owner(to)),
            What::Reassigned { from, to } => stage::reassigned(self.owner(from), self.owner(to)),
            What::FollowUpScheduled { number, by, due_in_days } => {
                let due = date(act.at + i64::from(due_in_days) * DAY);
                contact::follow_up_scheduled(number, self.owner(by), due)
            }
            What::FollowUpDone { number, by } => contact::follow_up_done(number, self.owner(by)),
            What::Opened { deal, kind, amount, close_in_days } => {
                let expected_close = date(act.at + i64::from(close_in_days) * DAY);
                self.opened(deal, kind, amount, expected_close)
            }
            What::Stage { deal, to } => money::stage(deal, to),
            What::Amended { deal, amount } => money::amended(deal, amount),
            What::Won { deal, amount } => self.won(deal, amount),
            What::Lost { deal, reason } => money::lost(deal, reason),
            What::OpportunityReopened { deal } => money::reopened(deal),
            What::Revenue { order, amount, kind } => self.revenue(order, amount, kind),
            What::Refunded { order, amount } => self.refunded(order, amount),
            What::Churned { reason } => money::churned(reason),
            What::Reactivated => Reactivated { reason: None }.into(),
            What::Merged { into } => Merged { into: key(into) }.into(),
            What::Unmerged { from } => Unmerged { from: key(from) }.into(),
            What::Retracted { number, ago } => {
                money::retracted(self.id(number, act.at - i64::from(ago)))
            }
            What::AmountReplaced { number, ago, deal, amount } => {
                let target = self.id(number, act.at - i64::from(ago));
                money::amount_replaced(target, deal, amount)
            }
            What::Cost { source, amount, ago } => {
                money::cost(source, amount, act.at - i64::from(ago))
            }
            What::Teleported => teleported(),
        }
    }

    fn owner(self, owner: Owner) -> String {
        self.profile.region().owners[usize::from(owner)].into()
    }
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

fn date(at: i64) -> When {
    When::Date(costs::date(at))
}
