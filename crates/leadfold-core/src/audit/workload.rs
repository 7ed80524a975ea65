//! P22 workload: what each owner has, against what they can have.

use std::collections::BTreeMap;

use super::Audit;
use crate::metrics::{Fraction, Rate};
use crate::routing::jain;
use crate::{Code, DAY};

/// P22: one owner's workload at the instant of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRow {
    /// The owner.
    pub owner: Code,
    /// Leads in the hands of sales.
    pub open: u64,
    /// Leads given in the last 24 hours.
    pub assigned_day: u64,
    /// Leads given in the last 30 days.
    pub assigned_month: u64,
    /// How many more may come in 24 hours; negative where more came. None without a capacity.
    pub remaining: Option<i64>,
    /// Open leads over the most that may be open; the denominator is 0 without such a limit.
    pub utilisation: Rate,
}

impl Audit<'_> {
    /// P22: the workload of everybody who has leads or a seat, by owner.
    pub fn workload(&self) -> Vec<LoadRow> {
        let mut rows: BTreeMap<Code, LoadRow> = BTreeMap::new();
        let seats = &self.ledger.book.roster.seats;
        for owner in seats.keys().filter(|owner| !seats[*owner].has_left(self.as_of)) {
            rows.insert(*owner, self.idle(*owner));
        }
        for (_, tenure, until) in self.turns() {
            let age = self.as_of.micros().saturating_sub(tenure.from_at);
            let is_open = tenure.is_work && until.is_none();
            let is_new = tenure.is_given && age < 30 * DAY;
            if !is_open && !is_new {
                continue;
            }
            let row = rows.entry(tenure.owner).or_insert_with(|| self.idle(tenure.owner));
            row.open += u64::from(is_open);
            row.assigned_month += u64::from(is_new);
            row.assigned_day += u64::from(is_new && age < DAY);
        }
        rows.into_values().map(|row| self.with_limits(row)).collect()
    }

    fn idle(&self, owner: Code) -> LoadRow {
        let utilisation = Rate::default();
        LoadRow { owner, open: 0, assigned_day: 0, assigned_month: 0, remaining: None, utilisation }
    }

    fn with_limits(&self, row: LoadRow) -> LoadRow {
        let seat = self.ledger.book.roster.seats.get(&row.owner);
        let quota = seat.and_then(|seat| seat.day_quota);
        let most = seat.and_then(|seat| seat.open_max).unwrap_or(0);
        LoadRow {
            remaining: quota.map(|quota| quota as i64 - row.assigned_day as i64),
            utilisation: Rate { num: row.open, den: most.into() },
            ..row
        }
    }

    /// P22: Jain's index of fairness over the open leads of the owners of [`Audit::workload`]. A
    /// queue is no owner, and whoever has left is one only while leads are open with them.
    pub fn fairness(&self) -> Fraction {
        self.fairness_of(&self.workload())
    }

    /// The same of a workload that is at hand.
    pub fn fairness_of(&self, workload: &[LoadRow]) -> Fraction {
        let roster = &self.ledger.book.roster;
        let has_left = |row: &LoadRow| {
            roster.seats.get(&row.owner).is_some_and(|seat| seat.has_left(self.as_of))
        };
        let is_owner = |row: &&LoadRow| {
            !roster.queues.contains(&row.owner) && (row.open > 0 || !has_left(row))
        };
        let owners = workload.iter().filter(is_owner);
        jain(owners.map(|row| u32::try_from(row.open).unwrap_or(u32::MAX)))
    }
}
