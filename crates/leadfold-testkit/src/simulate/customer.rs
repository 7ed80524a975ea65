//! The rest of a life: payments, renewals, more business, refunds, and the end of it.

use leadfold_core::event::{OpportunityKind, RevenueKind};

use super::act::{Owner, What};
use super::calendar::DAY;
use super::company::CHURN_REASONS;
use super::deal::round;
use super::script::Script;

/// Days between two payments by contract.
const TERMS: [i64; 4] = [30, 30, 91, 365];

/// How a customer pays.
struct Habit {
    /// By contract, every so many days; else now and then.
    term: Option<i64>,
    /// Mean days between two orders of this customer.
    pace: f64,
    /// The chance that a payment was the last one.
    leaves: f64,
}

impl Script {
    /// What happens from the first deal on.
    pub(super) fn customer(&mut self, owner: Owner, amount: u32) {
        let habit = self.habit();
        // The deal is worth a year; a contract is paid in parts of it.
        let payment =
            habit.term.map_or(amount, |days| round(f64::from(amount) * days as f64 / 365.0));
        self.wait_office(6.0);
        self.pay(1, payment, RevenueKind::First);
        let mut order = 1;
        while !self.is_over() {
            if self.chance(habit.leaves) && !self.leave() {
                return;
            }
            if self.chance(0.05) {
                order = self.expand(owner, order);
            }
            self.until_next(&habit);
            order += 1;
            let kind =
                if habit.term.is_some() { RevenueKind::Renewal } else { RevenueKind::Repeat };
            self.pay(order, payment, kind);
        }
    }

    fn habit(&mut self) -> Habit {
        let is_contract = self.chance(0.6);
        let term = TERMS[usize::from(self.pick(TERMS.len()))];
        Habit {
            term: is_contract.then_some(term),
            pace: self.rng.around(45.0),
            leaves: 0.02 + 0.16 * self.rng.unit(),
        }
    }

    fn until_next(&mut self, habit: &Habit) {
        match habit.term {
            Some(days) => self.wait_exactly(days),
            None => {
                let days = self.rng.exponential(habit.pace);
                self.wait_exactly(0.max((days - 0.5) as i64));
                self.wait_office(0.3);
            }
        }
    }

    fn pay(&mut self, order: u16, amount: u32, kind: RevenueKind) {
        self.act(What::Revenue { order, amount, kind });
        if self.chance(0.03) {
            let part = if self.chance(0.5) { amount } else { amount / 2 };
            let days = 1 + i64::from(self.pick(12));
            self.add(self.now() + days * DAY, What::Refunded { order, amount: part });
        }
    }

    /// The customer stops paying. Says whether it comes back.
    fn leave(&mut self) -> bool {
        self.wait_office(30.0);
        let reason = self.pick(CHURN_REASONS.len());
        self.act(What::Churned { reason });
        let comes_back = self.chance(0.12);
        if comes_back {
            self.wait_office(40.0);
            self.act(What::Reactivated);
        }
        comes_back
    }

    /// More business: a deal of its own, paid at once when won. The number of the last order.
    fn expand(&mut self, owner: Owner, order: u16) -> u16 {
        let deal = self.deal(OpportunityKind::Expansion, owner, 0.4);
        if !deal.is_won {
            return order;
        }
        self.wait_office(5.0);
        self.pay(order + 1, deal.amount, RevenueKind::Repeat);
        order + 1
    }
}
