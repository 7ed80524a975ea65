//! Deals: opened, moved from stage to stage, amended, won or lost.

use leadfold_core::event::{OpportunityKind, TouchResult};

use super::act::{Owner, What};
use super::company::{LOSS_REASONS, STAGES};
use super::script::Script;

/// The chance to lose a deal at each stage, of which there are four.
const LOSS_A_STAGE: f64 = 0.265;

/// A deal after the last that happened to it.
pub(super) struct Deal {
    number: u8,
    pub(super) amount: u32,
    pub(super) is_won: bool,
}

impl Script {
    /// The deal that may make a customer. Says whether the lead is back in nurture.
    pub(super) fn first_deal(&mut self, owner: Owner) -> bool {
        let owner = self.maybe_reassign(owner);
        let deal = self.deal(OpportunityKind::New, owner, 1.0);
        if deal.is_won {
            self.customer(owner, deal.amount);
            return false;
        }
        match self.pick(100) {
            0..=5 => {
                self.wait_office(20.0);
                self.act(What::OpportunityReopened { deal: deal.number });
                let deal = self.close(deal, owner, 0.5);
                if deal.is_won {
                    self.customer(owner, deal.amount);
                }
                false
            }
            6..=9 => {
                self.wait_office(30.0);
                self.act(What::Reopened);
                true
            }
            10..=29 => {
                self.wait(10.0);
                self.act(What::Recycled);
                true
            }
            _ => false,
        }
    }

    /// One deal from the beginning to the end, or to the end of the window.
    pub(super) fn deal(&mut self, kind: OpportunityKind, owner: Owner, share: f64) -> Deal {
        self.wait_office(1.0);
        let amount = round(self.rng.around(self.profile.worth() * share));
        let mut deal = Deal { number: self.next_deal(), amount, is_won: false };
        let close_in_days = 20 + self.pick(80);
        self.act(What::Opened { deal: deal.number, kind, amount, close_in_days });
        for stage in 1..STAGES.len() as u8 {
            if self.is_over() {
                return deal;
            }
            self.wait_office(6.0);
            if self.chance(0.45) {
                self.act(What::Sales { by: owner, result: TouchResult::Meeting });
                self.wait_office(0.5);
            }
            if self.chance(LOSS_A_STAGE) {
                return self.lose(deal);
            }
            self.act(What::Stage { deal: deal.number, to: stage });
            if self.chance(0.15) {
                deal = self.amend(deal);
            }
        }
        self.close(deal, owner, 1.0 - LOSS_A_STAGE)
    }

    /// The last step.
    fn close(&mut self, deal: Deal, owner: Owner, hope: f64) -> Deal {
        self.wait_office(7.0);
        if self.chance(0.5) {
            self.act(What::Sales { by: owner, result: TouchResult::Contact });
            self.wait_office(0.5);
        }
        if !self.chance(hope) || self.is_too_early_to_win() {
            return self.lose(deal);
        }
        self.act(What::Won { deal: deal.number, amount: deal.amount });
        Deal { is_won: true, ..deal }
    }

    fn lose(&mut self, deal: Deal) -> Deal {
        let reason = self.pick(LOSS_REASONS.len());
        self.act(What::Lost { deal: deal.number, reason });
        deal
    }

    /// The customer wants something else. The new amount may be noted down wrongly first.
    fn amend(&mut self, deal: Deal) -> Deal {
        let amount = round(f64::from(deal.amount) * (0.7 + 0.5 * self.rng.unit()));
        let wrong = What::Amended { deal: deal.number, amount: amount.saturating_mul(10) };
        let right = |number, ago| What::AmountReplaced { number, ago, deal: deal.number, amount };
        if !self.mistaken(wrong, right) {
            self.act(What::Amended { deal: deal.number, amount });
        }
        Deal { amount, ..deal }
    }

    fn maybe_reassign(&mut self, owner: Owner) -> Owner {
        if !self.chance(0.06) {
            return owner;
        }
        let owners = self.profile.region().owners.len();
        let to = (owner + 1 + self.pick(owners - 1)) % owners as u8;
        self.wait_office(0.5);
        self.act(What::Reassigned { from: owner, to });
        to
    }
}

/// Prices end in a round ten.
pub(super) fn round(amount: f64) -> u32 {
    ((amount / 1_000.0) as u32).clamp(1, 4_000_000) * 1_000
}
