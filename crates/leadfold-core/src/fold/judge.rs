//! Is this event legal now? The table's cell, and the few questions that a cell leaves open.
//!
//! `decide` and the fold both ask here, so what one allows the other never reports.

use super::deals::{Deal, Deals, Owned};
use super::law::Law;
use super::step::Step;
use crate::event::CaptureOrigin;
use crate::fact::Code;
use crate::machine::{Cell, Kind};
use crate::tables::{AllRows, CAPTURED_ITSELF, LeadRow, Outcome, Profile, Tables};
use crate::{Currency, Reason, State};

/// What an event means for the lead as it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Already so.
    Nop,
    /// Legal: the state to go to, if the table says one, and whether steps before it are implied.
    Legal { to: Option<State>, implies: bool, deal: Deal },
    /// Refused.
    Illegal { reason: Reason, deal: Deal },
}

impl Verdict {
    const STAY: Self = Self::Legal { to: None, implies: false, deal: Deal::Absent };

    fn go(to: State) -> Self {
        Self::Legal { to: Some(to), implies: false, deal: Deal::Absent }
    }

    fn no(reason: Reason) -> Self {
        Self::Illegal { reason, deal: Deal::Absent }
    }
}

/// What a judgement is made from.
#[derive(Clone, Copy)]
pub(crate) struct Court<'a> {
    pub(crate) row: &'a LeadRow,
    pub(crate) profile: &'a Profile,
    pub(crate) rows: &'a AllRows,
    pub(crate) deals: &'a Deals,
    pub(crate) law: &'a Law,
}

impl<'a> Court<'a> {
    /// The court of a lead in the tables.
    pub(crate) fn of(lead: u32, tables: &'a Tables, deals: &'a Deals, law: &'a Law) -> Self {
        let (row, profile) = (&tables.leads[lead as usize], &tables.profiles[lead as usize]);
        Self { row, profile, rows: &tables.rows, deals, law }
    }

    fn owned(&self, step: &Step<'_>) -> Owned<'a> {
        let Self { row, profile, rows, .. } = *self;
        let rare = rows.rare(profile);
        Owned { lead: step.lead, row, rare, opportunities: &rows.opportunities }
    }

    #[inline]
    pub(crate) fn judge(&self, step: &Step<'_>) -> Verdict {
        let row = self.row;
        let kind = step.kind();
        let cell = kind.cell(row.state);
        // Most events do as the table says, whatever else is known of the lead; but an opening may
        // name a deal that it has.
        if kind != Kind::OpportunityOpened {
            match cell {
                Cell::To(to) => return Verdict::go(to),
                Cell::Stay => return Verdict::STAY,
                _ => {}
            }
        }
        if matches!(row.state, State::Erased | State::Merged) {
            return plain(cell);
        }
        match kind {
            // A merge brings captures together: each of the leads may have its own.
            Kind::Captured if !row.has(CAPTURED_ITSELF) || step.stream != step.lead => {
                Verdict::STAY
            }
            Kind::OpportunityOpened => self.opening(step, cell),
            Kind::OpportunityStageChanged | Kind::OpportunityAmended => self.change(step, cell),
            Kind::Won | Kind::Lost => self.outcome(step, cell),
            Kind::OpportunityReopened => self.reopening(step, cell),
            _ => self.move_of(step, cell),
        }
    }

    fn move_of(&self, step: &Step<'_>, cell: Cell) -> Verdict {
        match cell {
            Cell::If(shortcut, to, reason) => {
                if shortcut.is_open(&self.law.rules, self.is_sales_generated()) {
                    Verdict::Legal { to: Some(to), implies: true, deal: Deal::Absent }
                } else {
                    Verdict::no(reason)
                }
            }
            Cell::Pending => match self.rows.pending_handoff(self.row) {
                Some(pending) if pending.to == step.a() => Verdict::Nop,
                Some(_) => Verdict::no(Reason::HandoffPending),
                None => Verdict::go(State::HandedOff),
            },
            Cell::Owner(to) => self.acceptance(step, to),
            Cell::Route => Verdict::go(step.route()),
            _ => plain(cell),
        }
    }

    fn is_sales_generated(&self) -> bool {
        CaptureOrigin::from_code(self.profile.origin) == Some(CaptureOrigin::SalesGenerated)
    }

    fn acceptance(&self, step: &Step<'_>, to: State) -> Verdict {
        let differ = |a: Code, b: Code| a.is_some() && b.is_some() && a != b;
        let key = self.rows.pending_handoff(self.row).map_or(Code::NONE, |pending| pending.key);
        if differ(step.a(), self.row.owner) && !self.law.queues.contains(&self.row.owner) {
            Verdict::no(Reason::NotOwner)
        } else if differ(step.b(), key) {
            Verdict::no(Reason::NoHandoff)
        } else {
            Verdict::go(to)
        }
    }

    fn opening(&self, step: &Step<'_>, cell: Cell) -> Verdict {
        match self.deals.named(&self.owned(step), step.a()) {
            Deal::Open(_) => Verdict::Nop,
            deal @ Deal::Closed(_) => Verdict::Illegal { reason: Reason::OpportunityClosed, deal },
            Deal::Absent | Deal::Ambiguous(_) => self.move_of(step, cell),
        }
    }

    fn change(&self, step: &Step<'_>, cell: Cell) -> Verdict {
        match self.deals.named(&self.owned(step), step.a()) {
            deal @ Deal::Open(_) if cell == Cell::Deal => {
                Verdict::Legal { to: None, implies: false, deal }
            }
            deal @ Deal::Closed(_) => Verdict::Illegal { reason: Reason::OpportunityClosed, deal },
            deal => Verdict::Illegal { reason: Reason::UnknownOpportunity, deal },
        }
    }

    fn outcome(&self, step: &Step<'_>, cell: Cell) -> Verdict {
        let deal = self.deal_of_outcome(step);
        let may_imply = match cell {
            Cell::If(shortcut, ..) => shortcut.is_open(&self.law.rules, false),
            _ => false,
        };
        match deal {
            Deal::Closed(at) if self.is_same_outcome(step, at) => Verdict::Nop,
            Deal::Closed(_) => Verdict::Illegal { reason: Reason::OpportunityClosed, deal },
            Deal::Open(_) if cell == Cell::Deal => {
                Verdict::Legal { to: None, implies: false, deal }
            }
            Deal::Open(_) | Deal::Absent if may_imply => {
                debug_assert!(
                    self.row.state < State::Opportunity,
                    "only earlier steps are implied"
                );
                Verdict::Legal { to: None, implies: true, deal }
            }
            _ => Verdict::Illegal { reason: Reason::UnknownOpportunity, deal },
        }
    }

    fn deal_of_outcome(&self, step: &Step<'_>) -> Deal {
        if step.a().is_some() {
            self.deals.named(&self.owned(step), step.a())
        } else {
            self.deals.unnamed(&self.owned(step))
        }
    }

    fn is_same_outcome(&self, step: &Step<'_>, row: u32) -> bool {
        let deal = self.rows.opportunities.at(row);
        let currency = Currency::from_code(step.currency()).unwrap_or(Currency::NONE);
        match (step.kind(), deal.outcome) {
            (Kind::Lost, Outcome::Lost) => true,
            (Kind::Won, Outcome::Won) => {
                let same_currency = step.currency() == 0 || currency == deal.currency();
                step.x().is_none_or(|amount| deal.amount == Some(amount) && same_currency)
            }
            _ => false,
        }
    }

    fn reopening(&self, step: &Step<'_>, cell: Cell) -> Verdict {
        let deal = if step.a().is_some() {
            self.deals.named(&self.owned(step), step.a())
        } else {
            self.deals.closed_last(&self.owned(step))
        };
        match deal {
            Deal::Open(_) => Verdict::Nop,
            Deal::Closed(_) if cell == Cell::Deal => {
                Verdict::Legal { to: None, implies: false, deal }
            }
            _ => Verdict::Illegal { reason: Reason::UnknownOpportunity, deal },
        }
    }
}

/// The verdict of a cell that leaves no question open.
fn plain(cell: Cell) -> Verdict {
    match cell {
        Cell::To(state) => Verdict::go(state),
        Cell::Nop => Verdict::Nop,
        Cell::No(reason) => Verdict::no(reason),
        Cell::Stay | Cell::Deal | Cell::If(..) | Cell::Owner(_) | Cell::Pending | Cell::Route => {
            Verdict::STAY
        }
    }
}
