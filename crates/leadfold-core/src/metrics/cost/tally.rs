//! A row of costs under construction.

use std::collections::BTreeMap;

use super::figures::{CostFigures, Sums};
use super::receipt::Receipt;
use super::{CostForm, CostRow};
use crate::metrics::split::KeyPart;
use crate::{Currency, State};

#[derive(Default)]
pub(super) struct Tally {
    pub(super) inquiries: u64,
    mql: u64,
    sal: u64,
    sql: u64,
    won: u64,
    new_customers: u64,
    customer_time: i128,
    money: BTreeMap<Currency, Sums>,
}

impl Tally {
    pub(super) fn spend(&mut self, currency: Currency, amount: i128) {
        *self.money.entry(currency).or_default().cost.get_or_insert(0) += amount;
    }

    pub(super) fn receive(&mut self, receipt: &Receipt) {
        let sums = self.money.entry(receipt.currency).or_default();
        sums.revenue += receipt.amount;
        if let Some(margin) = receipt.margin {
            *sums.margin.get_or_insert(0) += margin;
        }
    }

    /// A lead came as far as a rung of the ladder.
    pub(super) fn reach(&mut self, rung: u8) {
        let is_at = |state: State| u64::from(state.rung().is_some_and(|at| at <= rung));
        self.mql += is_at(State::Mql);
        self.sal += is_at(State::Accepted);
        self.sql += is_at(State::Sql);
    }

    pub(super) fn win(&mut self, is_new: bool) {
        self.won += 1;
        self.new_customers += u64::from(is_new);
    }

    /// A customer was one from an instant to another.
    pub(super) fn be_customer(&mut self, from: i64, to: i64) {
        self.customer_time += (i128::from(to) - i128::from(from)).max(0);
    }

    pub(super) fn into_row(self, key: Vec<KeyPart>, form: CostForm) -> CostRow {
        let mut row = CostRow {
            key,
            inquiries: self.inquiries,
            mql: self.mql,
            sal: self.sal,
            sql: self.sql,
            won: self.won,
            new_customers: self.new_customers,
            customer_time: self.customer_time,
            money: Vec::new(),
        };
        let money = self.money.into_iter();
        row.money = money.map(|(code, sums)| CostFigures::of(&row, form, code, sums)).collect();
        row
    }
}
