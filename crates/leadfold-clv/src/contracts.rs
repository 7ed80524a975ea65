//! From a log to how long customers by contract stayed.
//!
//! A contract begins when a lead becomes a customer or first pays, and again when one that churned
//! is reactivated. It ends with `churned`. Its renewals are due a term after another; how long a
//! term is, and after how many days of silence a customer would have been called churned, is the
//! business's to say. A contract whose beginning the log does not know (a snapshot had it) says
//! nothing of how long customers stay, and is left out.

use std::collections::BTreeMap;

use leadfold_core::machine::Kind;
use leadfold_core::{
    FindingCode, Glance, Grown, Illegal, LeadIndex, Observer, Seen, Sharded, State, Timestamp,
};

use crate::{Tenure, Term};

/// A customer's time as one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Contract {
    /// When it began.
    pub began: Timestamp,
    /// When it ended, or was seen last; none while it lasts.
    pub until: Option<Timestamp>,
    /// Whether the customer churned then. Otherwise what became of it is not known: the lead was
    /// erased, or taken back.
    pub is_churned: bool,
}

/// The contracts of a log's leads: an observer of the fold.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    illegal: Illegal,
    leads: BTreeMap<LeadIndex, OfLead>,
}

/// Those of one lead, oldest first.
#[derive(Clone, Debug, Default)]
struct OfLead {
    contracts: Vec<Contract>,
    /// Whether one lasts whose beginning is unknown.
    is_unknown: bool,
    /// Whether the last one ended with `churned`, known or not.
    has_churned: bool,
}

impl Contracts {
    /// For a fold that treats illegal events so: a skipped one says nothing.
    pub fn under(illegal: Illegal) -> Self {
        Self { illegal, ..Self::default() }
    }

    /// Those of a lead, oldest first; none where it was no customer, or nobody knows since when.
    pub fn of(&self, lead: LeadIndex) -> &[Contract] {
        self.leads.get(&lead).map_or(&[], |lead| &lead.contracts)
    }

    fn skips(&self, seen: &Seen<'_>) -> bool {
        let is_illegal =
            |code| matches!(code, FindingCode::Illegal | FindingCode::RevenueBeforeWon);
        self.illegal == Illegal::Skip && seen.findings().any(|one| is_illegal(one.code))
    }
}

impl OfLead {
    fn begin(&mut self, at: Timestamp) {
        self.has_churned = false;
        if !self.is_unknown && self.lasting().is_none() {
            self.contracts.push(Contract { began: at, until: None, is_churned: false });
        }
    }

    fn end(&mut self, at: Timestamp, is_churned: bool) {
        (self.is_unknown, self.has_churned) = (false, is_churned);
        if let Some(contract) = self.lasting() {
            (contract.until, contract.is_churned) = (Some(at), is_churned);
        }
    }

    fn lasting(&mut self) -> Option<&mut Contract> {
        self.contracts.last_mut().filter(|contract| contract.until.is_none())
    }

    /// A payment after the end does not begin another one: it may be late.
    fn pay(&mut self, at: Timestamp) {
        if self.contracts.is_empty() {
            self.begin(at);
        }
    }
}

impl Observer for Contracts {
    /// What makes a customer, or ends one, changes the tables: it comes anyway.
    fn wants(&self, _: Glance<'_>) -> bool {
        false
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.leads.remove(&lead);
    }

    fn absorbed(&mut self, _: LeadIndex) {}

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        let (was, is) = (seen.from() == Some(State::Customer), seen.state() == State::Customer);
        let (kind, at) = (seen.kind(), seen.at());
        let matters = was != is
            || seen.state() == State::Erased
            || matches!(kind, Kind::RevenueRecorded | Kind::Churned | Kind::Reactivated);
        // Whatever comes after an erasure has no effect.
        if !matters || seen.from() == Some(State::Erased) || self.skips(seen) {
            return false;
        }
        let lead = self.leads.entry(seen.lead()).or_default();
        match kind {
            Kind::Churned => lead.end(at, true),
            Kind::Reactivated if lead.has_churned => lead.begin(at),
            Kind::SnapshotImported if is => lead.is_unknown = lead.lasting().is_none(),
            _ if was && !is || seen.state() == State::Erased => lead.end(at, false),
            _ if is && !was => lead.begin(at),
            Kind::RevenueRecorded => lead.pay(at),
            _ => {}
        }
        false
    }
}

impl Sharded for Contracts {
    fn shard(&self, _: LeadIndex) -> Self {
        Self::under(self.illegal)
    }

    fn append(&mut self, mut shard: Self, _: Grown) {
        self.leads.append(&mut shard.leads);
    }
}

impl Contract {
    /// How often it was renewed by then, and whether it ended instead of the next renewal.
    ///
    /// Who churns before a renewal is due is lost at it, and counts once it is due and open no
    /// longer: not before the others whose renewal it is, or the losses of a renewal would stand
    /// without those who make it.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use leadfold_clv::{Contract, Tenure, Term};
    /// # use leadfold_core::Timestamp;
    /// let day = |n: i64| Timestamp::from_micros(n * 86_400_000_000);
    /// let contract = Contract { began: day(0), until: Some(day(95)), is_churned: true };
    /// let term = Term::of_days(const { NonZeroU32::new(30).unwrap() }).with_grace(7);
    /// // The third renewal, due on day 90, was not made; nobody said so for five days.
    /// assert_eq!(contract.tenure(day(400), term), Tenure { renewals: 2, is_lost: true });
    /// // Of the others it is not known before day 97 either.
    /// assert_eq!(contract.tenure(day(96), term), Tenure { renewals: 2, is_lost: false });
    /// assert_eq!(contract.tenure(day(70), term), Tenure { renewals: 2, is_lost: false });
    /// ```
    pub fn tenure(&self, now: Timestamp, term: Term) -> Tenure {
        let closed = term.closed(self.age(now));
        if self.has_churned(now) {
            // Who leaves within a term has not made the renewal at its end, nor the one of the
            // very instant.
            let made = self.until.map_or(0, |until| term.closed(self.age(until) - 1));
            return Tenure { renewals: made, is_lost: closed > made };
        }
        let until = self.until.map_or(now, |until| until.min(now));
        Tenure { renewals: term.closed(self.age(until)), is_lost: false }
    }

    /// Whether it had ended with `churned` by then.
    pub fn has_churned(&self, now: Timestamp) -> bool {
        self.is_churned && self.until.is_some_and(|until| until <= now)
    }

    /// The microseconds from its beginning.
    pub fn age(&self, at: Timestamp) -> i128 {
        i128::from(at.micros()) - i128::from(self.began.micros())
    }
}
