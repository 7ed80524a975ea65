//! P22 workload: what each owner has, against what they can have.

use std::collections::BTreeMap;

use super::Audit;
use super::roster::Seat;
use crate::metrics::{Fraction, Rate};
use crate::routing::jain;
use crate::{Code, DAY};

/// P22: one owner's workload at the instant of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRow {
    /// The owner; none for one of the playbook that the log does not name.
    pub owner: Code,
    /// The name that the playbook has for such a one.
    pub name: Option<String>,
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
    /// P22: the workload of everybody who has leads, and of all owners of the playbook who have not
    /// left: by the order in which the log first wrote their names, then those that it never did.
    pub fn workload(&self) -> Vec<LoadRow> {
        let mut rows: BTreeMap<Code, LoadRow> = BTreeMap::new();
        let seats = &self.ledger.book.roster.seats;
        for owner in seats.keys().filter(|owner| !seats[*owner].has_left(self.as_of)) {
            rows.insert(*owner, idle(*owner));
        }
        for (_, tenure, until) in self.turns() {
            let age = self.as_of.micros().saturating_sub(tenure.from_at);
            let is_open = tenure.is_work && until.is_none();
            let is_new = tenure.is_given && age < 30 * DAY;
            if !is_open && !is_new {
                continue;
            }
            let row = rows.entry(tenure.owner).or_insert_with(|| idle(tenure.owner));
            row.open += u64::from(is_open);
            row.assigned_month += u64::from(is_new);
            row.assigned_day += u64::from(is_new && age < DAY);
        }
        let of_log = rows.into_values().map(|row| {
            let seat = seats.get(&row.owner);
            with_limits(row, seat)
        });
        let unnamed = self.ledger.book.roster.unnamed.iter();
        let unnamed = unnamed.filter(|(_, seat)| !seat.has_left(self.as_of));
        let unnamed = unnamed.map(|(name, seat)| {
            let row = LoadRow { name: Some(name.clone()), ..idle(Code::NONE) };
            with_limits(row, Some(seat))
        });
        of_log.chain(unnamed).collect()
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

fn idle(owner: Code) -> LoadRow {
    let (name, remaining, utilisation) = (None, None, Rate::default());
    LoadRow { owner, name, open: 0, assigned_day: 0, assigned_month: 0, remaining, utilisation }
}

fn with_limits(row: LoadRow, seat: Option<&Seat>) -> LoadRow {
    let quota = seat.and_then(|seat| seat.day_quota);
    let most = seat.and_then(|seat| seat.open_max).unwrap_or(0);
    LoadRow {
        remaining: quota.map(|quota| quota as i64 - row.assigned_day as i64),
        utilisation: Rate { num: row.open, den: most.into() },
        ..row
    }
}
