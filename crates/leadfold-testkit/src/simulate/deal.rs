//! Deals: opened, moved from stage to stage, amended, won or lost.

use leadfold_core::event::{OpportunityKind, TouchResult};

use super::act::{Owner, What};
use super::company::{LOSS_REASONS, STAGES};
use super::script::Script;

/// The chance to lose a deal at each stage, which leaves a third of them.
const LOSS_A_STAGE: f64 = 0.245;

impl Script {
    /// The deal that may make a customer. Says whether the lead is back in nurture.
    pub(super) fn first_deal(&mut self, owner: Owner) -> bool {
        let owner = self.maybe_reassign(owner);
        let Some(mut amount) = self.deal(1, OpportunityKind::New, owner, 1.0) else {
            match self.pick(100) {
                0..=5 => {
                    self.wait_office(20.0);
                    self.act(What::OpportunityReopened { deal: 1 });
                }
                6..=9 => {
                    self.wait_office(30.0);
                    self.act(What::Reopened);
                    return true;
                }
                10..=29 => {
                    self.wait(10.0);
                    self.act(What::Recycled);
                    return true;
                }
                _ => return false,
            }
            match self.close(1, owner, 0.5, 300_000) {
                Some(won) => amount = won,
                None => return false,
            }
            self.customer(owner, amount);
            return false;
        };
        self.customer(owner, amount);
        false
    }

    /// One deal from the beginning to the end. The amount if it is won.
    pub(super) fn deal(
        &mut self,
        deal: u8,
        kind: OpportunityKind,
        owner: Owner,
        share: f64,
    ) -> Option<u32> {
        self.wait_office(1.0);
        let mut amount = round(self.rng.around(self.profile.worth() * share));
        let close_in_days = 20 + self.pick(80);
        self.act(What::Opened { deal, kind, amount, close_in_days });
        for stage in 1..STAGES.len() as u8 {
            if self.is_over() {
                return None;
            }
            self.wait_office(6.0);
            if self.chance(0.45) {
                self.act(What::Sales { by: owner, result: TouchResult::Meeting });
                self.wait_office(0.5);
            }
            if self.chance(LOSS_A_STAGE) {
                return self.lose(deal);
            }
            self.act(What::Stage { deal, to: stage });
            if self.chance(0.15) {
                amount = self.amend(deal, amount);
            }
        }
        self.close(deal, owner, 1.0 - LOSS_A_STAGE, amount)
    }

    /// The last step. The amount if the deal is won.
    fn close(&mut self, deal: u8, owner: Owner, hope: f64, amount: u32) -> Option<u32> {
        self.wait_office(7.0);
        if self.chance(0.5) {
            self.act(What::Sales { by: owner, result: TouchResult::Contact });
            self.wait_office(0.5);
        }
        if !self.chance(hope) {
            return self.lose(deal);
        }
        self.act(What::Won { deal, amount });
        Some(amount)
    }

    fn lose(&mut self, deal: u8) -> Option<u32> {
        let reason = self.pick(LOSS_REASONS.len());
        self.act(What::Lost { deal, reason });
        None
    }

    /// The customer wants something else; the new amount, which may be noted down wrongly first.
    fn amend(&mut self, deal: u8, amount: u32) -> u32 {
        let amount = round(f64::from(amount) * (0.7 + 0.5 * self.rng.unit()));
        let wrong = What::Amended { deal, amount: amount.saturating_mul(10) };
        let right = |number, at| What::AmountReplaced { number, at, deal, amount };
        if !self.mistaken(wrong, right) {
            self.act(What::Amended { deal, amount });
        }
        amount
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
    (amount / 1_000.0) as u32 * 1_000
}
