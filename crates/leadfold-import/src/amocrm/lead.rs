//! What a call knows of a lead: what its changes say of the time before them, and how far it has
//! come. What no change says, the page of leads may say, and else it stays unknown.

use super::{
    change::{Change, Move, Seen, Status, What},
    status::OPENED,
};
use crate::{
    StatusMap,
    crm::{actor::Actor, at::At, step::Step},
};

/// A lead, before its changes are told and while they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Lead {
    /// Whether the call has its creation, and so all that happened since.
    is_added: bool,
    /// Who was responsible before the first change that tells.
    owner: Option<Option<u64>>,
    /// What it was worth before the first change that tells.
    worth: Option<Option<i64>>,
    /// Who was responsible after the last change that tells.
    owner_now: Option<(At, Option<u64>)>,
    /// What it was worth after the last change that tells.
    worth_now: Option<(At, i64)>,
    /// When it first moved, and from where.
    first: Option<(At, Option<Status>)>,
    /// When it last moved, and where to.
    last: Option<(At, u64)>,
    /// In which status it came, as a webhook says.
    came: Option<Status>,
    /// The newest of the pages that show it.
    seen: Option<(Change, Seen)>,

    /// How far it has come on the ladder, as far as that is known.
    pub(super) rung: Option<u8>,
    pub(super) status: Option<u64>,
    pub(super) price: Option<i64>,
    pub(super) responsible: Option<u64>,
    /// The price that has been said last.
    pub(super) said: Option<i64>,
    /// When that was.
    pub(super) said_at: Option<At>,
    /// When a change of the one who is responsible, or of the price, was told last: what a move of
    /// the same second shows may be older.
    pub(super) owned_at: Option<At>,
    pub(super) priced_at: Option<At>,
    /// How many prices wait for the deal to be open.
    pub(super) held: u64,
}

impl Lead {
    /// Takes in what a change says of the time before it; changes come in the order of time.
    pub(super) fn learn(&mut self, change: &Change) {
        match change.what {
            What::Added { status, responsible, price } => {
                self.is_added = true;
                self.came = self.came.or(status);
                self.learn_terms(change.at, responsible, price);
            }
            What::Seen(seen) => {
                let is_newer =
                    self.seen.as_ref().is_none_or(|(_, known)| known.updated <= seen.updated);
                if is_newer {
                    self.seen = Some((change.clone(), seen));
                }
            }
            What::Moved(moved) => {
                self.learn_terms(change.at, moved.responsible, moved.price);
                self.learn_move(change.at, &moved);
            }
            What::Responsible { from, to } => {
                self.owner = self.owner.or(Some(from));
                self.owner_now = Some((change.at, to));
            }
            What::Priced { before, price, .. } => {
                self.worth = self.worth.or(Some(before));
                self.worth_now = Some((change.at, price));
            }
            What::Touched { .. } | What::Shown { .. } | What::Closed { .. } => {}
        }
    }

    fn learn_terms(&mut self, at: At, responsible: Option<u64>, price: Option<i64>) {
        if responsible.is_some() {
            self.owner = self.owner.or(Some(responsible));
            self.owner_now = Some((at, responsible));
        }
        if let Some(price) = price {
            self.worth = self.worth.or(Some(Some(price)));
            self.worth_now = Some((at, price));
        }
    }

    fn learn_move(&mut self, at: At, moved: &Move) {
        let id = |status: Option<Status>| status.map(|status| status.id);
        match &mut self.first {
            None => self.first = Some((at, moved.from)),
            // In one second, the first one is the one that leads to the other.
            Some((first, from)) if *first == at && id(*from) == Some(moved.to.id) => {
                *from = moved.from;
            }
            Some(_) => {}
        }
        match &mut self.last {
            Some((last, to)) if *last == at && id(moved.from) != Some(*to) => {}
            last => *last = Some((at, moved.to.id)),
        }
    }

    /// Begins to be told.
    pub(super) fn begin(&mut self, map: &StatusMap) {
        let seen = self.seen.as_ref().map(|(_, seen)| *seen);
        self.responsible = self.owner.unwrap_or_else(|| seen?.responsible);
        self.price = self.worth.unwrap_or_else(|| seen?.price);
        let first = self.first.and_then(|(_, from)| from);
        self.rung = match self.is_added {
            true => Some(0),
            false => first.and_then(|from| map.rung_of(from.id)),
        };
        self.status = first.map(|from| from.id);
    }

    /// Whether its status is known at any time from a change.
    pub(super) fn has_history(&self) -> bool {
        self.came.is_some() || self.last.is_some()
    }

    /// Whether the call has its creation.
    pub(super) fn is_added(&self) -> bool {
        self.is_added
    }

    /// In which status it came: the webhook says it, or its first move, or the page of leads where
    /// the call has its creation and no move.
    pub(super) fn first_status(&self, map: &StatusMap) -> Option<Status> {
        let first = || self.first.and_then(|(_, from)| from);
        let shown = || self.seen.as_ref().filter(|_| self.last.is_none())?.1.status;
        let shown = || shown().filter(|status| !map.is_closed(status.id));
        self.came.or_else(first).or_else(shown).filter(|_| self.is_added)
    }

    /// Who was responsible when it came, where the call tells.
    pub(super) fn first_responsible(&self) -> Option<u64> {
        self.responsible.filter(|_| self.owner.is_some() || self.is_added || self.is_unchanged())
    }

    /// What it was worth when it came, where the call tells.
    pub(super) fn first_price(&self) -> Option<i64> {
        self.price.filter(|_| self.worth.is_some() || self.is_added || self.is_unchanged())
    }

    /// Whether the page of leads shows it as it came.
    fn is_unchanged(&self) -> bool {
        let is_old = |(change, seen): &(Change, Seen)| {
            seen.updated.is_none_or(|updated| updated <= change.at)
        };
        self.seen.as_ref().is_some_and(is_old)
    }

    /// What the newest page of leads says and no change does.
    pub(super) fn shown(&self, map: &StatusMap) -> Vec<Change> {
        let Some((change, seen)) = &self.seen else { return Vec::new() };
        let mut more = Vec::new();
        let mut say = |at, what| {
            let actor = Actor::Unknown;
            more.push(Change { at, actor, what, ..change.clone() });
        };
        let closed = self.closed(seen, map);
        let updated = seen.updated.unwrap_or(change.at);
        let is_told = self.is_added || self.is_unchanged();
        // What is new of a closed deal may have changed after the close.
        let is_new = |at: At| at < updated && closed.is_none();
        let mut price = seen.price.filter(|price| match self.worth_now {
            Some((at, known)) => known != *price && is_new(at),
            None => !is_told,
        });
        if let (Some(status), Some(at)) = (seen.status, closed)
            && !self.has_history()
        {
            price = None;
            let (status, price, reason) = (status.id, seen.price, seen.reason);
            say(at, What::Closed { status, price, reason });
        }
        let responsible = seen.responsible.filter(|responsible| match self.owner_now {
            Some((at, known)) => known != Some(*responsible) && is_new(at),
            None => !is_told,
        });
        // Once it is closed nobody can be made responsible any more, so that is the second before.
        let at = closed.and_then(|at| At::unix(at.seconds() - 1)).unwrap_or(updated);
        if price.is_some() || responsible.is_some() {
            say(at.max(change.at), What::Shown { updated, responsible, price });
        }
        more
    }

    /// When it was won or lost, if the page of leads shows it so.
    fn closed(&self, seen: &Seen, map: &StatusMap) -> Option<At> {
        let is_closed = seen.status.is_some_and(|status| map.is_closed(status.id));
        let last = || self.last.map(|(at, _)| at);
        seen.closed.or_else(last).filter(|_| is_closed)
    }

    /// Whether the page of leads shows a status of which no time is known.
    pub(super) fn timeless_status(&self, map: &StatusMap) -> Option<u64> {
        let (_, seen) = self.seen.as_ref()?;
        let is_told = self.has_history() || self.first_status(map).is_some();
        let is_told = is_told || self.closed(seen, map).is_some();
        seen.status.filter(|_| !is_told).map(|status| status.id)
    }

    /// Why a move lost it: the page of leads says so of the last loss.
    pub(super) fn reason(&self, at: At, moved: &Move, map: &StatusMap) -> Option<u64> {
        let (_, seen) = self.seen.as_ref()?;
        let is_lost = seen.status.is_none_or(|it| map.outcome(it.id) == Some(Step::Lost));
        let is_last = self.last == Some((at, moved.to.id));
        seen.reason.filter(|_| seen.closed == Some(at) || is_lost && is_last)
    }

    /// Whether a price can be said of it now: whether it has an open deal.
    pub(super) fn is_open(&self, status: Option<u64>, map: &StatusMap) -> bool {
        let status = status.or(self.status);
        if status.is_some_and(|status| map.is_closed(status)) {
            return false;
        }
        let rung = self.rung.or_else(|| map.rung_of(status?));
        let is_stage = || status.is_some_and(|status| map.is_unlisted(status));
        !map.opens_late || rung.map_or_else(is_stage, |rung| rung == OPENED)
    }

    /// Whether nothing is a deal's worth still: it came without a price, and has got none.
    pub(super) fn is_worth_nothing(&self) -> bool {
        self.said == Some(0) || self.said.is_none() && self.is_added && self.price == Some(0)
    }
}
