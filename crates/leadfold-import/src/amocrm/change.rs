//! One change of a lead of amoCRM, whoever told it.

use super::said::Said;
use crate::{
    LeftOut, StatusMap,
    crm::{actor::Actor, at::At, sink::Events},
};

/// A change of a lead.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) lead: u64,
    pub(super) at: At,
    pub(super) actor: Actor,
    /// Tells changes of one second apart, as the pages have them in order.
    pub(super) tie: String,
    pub(super) what: What,
}

/// What changed.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// It came.
    Added { status: Option<Status>, responsible: Option<u64>, price: Option<i64> },
    /// It is there, as a page of leads shows it now.
    Seen(Seen),
    /// It moved.
    Moved(Move),
    /// Another is responsible.
    Responsible { from: Option<u64>, to: Option<u64> },
    /// It is expected to be worth this.
    Priced { price: i64 },
    /// Somebody called or wrote.
    Touched { side: &'static str, channel: &'static str },
}

/// A move of a lead; a webhook says what it was worth then, and who was responsible.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) from: Option<Status>,
    pub(super) to: Status,
    pub(super) price: Option<i64>,
    pub(super) responsible: Option<u64>,
    /// Why it was lost, where a page of leads says so.
    pub(super) reason: Option<u64>,
}

/// A lead as a page of leads shows it now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) status: Option<Status>,
    pub(super) responsible: Option<u64>,
    pub(super) price: Option<i64>,
    /// When it was won or lost.
    pub(super) closed: Option<At>,
    /// Why it was lost.
    pub(super) reason: Option<u64>,
}

/// A status, and the pipeline that it is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Status {
    pub(super) id: u64,
    pub(super) pipeline: Option<u64>,
}

impl Change {
    /// Whether it is a lead's beginning, and no change of one.
    pub(super) fn is_record(&self) -> bool {
        matches!(self.what, What::Seen(_) | What::Added { .. })
    }

    /// The order of what happened.
    pub(super) fn order(&self) -> (At, &str) {
        (self.at, &self.tie)
    }

    /// The lead as a page of leads shows it, if this is one.
    pub(super) fn seen(&self) -> Option<(u64, Seen)> {
        match self.what {
            What::Seen(seen) => Some((self.lead, seen)),
            _ => None,
        }
    }

    /// Fills in what a move does not say, and a page of leads does.
    pub(super) fn complete(&mut self, seen: &Seen) {
        let at = self.at;
        if let What::Moved(moved) = &mut self.what {
            moved.responsible = moved.responsible.or(seen.responsible);
            // Only of its last loss the page knows the reason.
            moved.reason = seen.reason.filter(|_| seen.closed == Some(at));
        }
    }

    /// The lead, if this is a move of it.
    pub(super) fn moved_lead(&self) -> Option<u64> {
        matches!(self.what, What::Moved(_)).then_some(self.lead)
    }

    /// The events; a record's status is one only where no history tells of it.
    pub(super) fn events(
        &self,
        map: &StatusMap,
        has_history: bool,
        left_out: &mut LeftOut,
    ) -> Events {
        let mut said = Said::new(self, map);
        match &self.what {
            What::Added { status, responsible, price } => {
                let (price, responsible) = (*price, *responsible);
                said.begun(responsible, price);
                if let Some(to) = *status {
                    said.moved(&Move { from: None, to, price, responsible, reason: None });
                }
            }
            What::Seen(seen) => {
                let Seen { status, responsible, price, closed, reason } = *seen;
                said.begun(responsible, price);
                match (status, closed) {
                    (Some(to), Some(at)) if !has_history && map.is_closed(to.id) => {
                        said.at = at;
                        said.moved(&Move { from: None, to, price, responsible, reason });
                    }
                    (Some(to), _) if !has_history => {
                        left_out.count("lead_status_without_time", &to.id.to_string());
                    }
                    _ => {}
                }
            }
            What::Moved(moved) => {
                // Before the deal is closed, and not where it may not be open yet.
                let is_known = !map.opens_late && map.is_closed(moved.to.id);
                if let Some(price) = moved.price.filter(|price| is_known && *price != 0) {
                    said.priced(price);
                }
                said.moved(moved);
            }
            What::Responsible { from, to } => said.responsible(*from, *to),
            What::Priced { price } => said.priced(*price),
            What::Touched { side, channel } => said.touched(side, channel),
        }
        said.events
    }
}
