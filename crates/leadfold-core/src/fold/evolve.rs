//! `evolve`: folds one effective event into the tables, and shows it to who watches.

use super::deals::{Deal, Deals};
use super::desk::Desk;
use super::law::Law;
use super::observer::{Before, Observer, Seen};
use super::step::Step;
use crate::tables::{Tables, WATCHED};

/// The tables in the hands of the fold.
pub(crate) struct Evolve<'a, O> {
    pub(crate) tables: &'a mut Tables,
    pub(crate) deals: &'a mut Deals,
    pub(crate) law: &'a Law,
    pub(crate) observer: &'a mut O,
    /// The lead that the tables begin with.
    pub(crate) base: u32,
}

impl<O: Observer> Evolve<'_, O> {
    // Inlined with what it calls: a struct that is passed through memory is read in other pieces
    // than it was just written in, and the processor waits (by samples, 1.4 ns an event of a watched
    // fold).
    #[inline(always)]
    pub(crate) fn apply(&mut self, step: &Step<'_>) {
        if !O::WATCHES {
            self.desk(step).fold(step);
            return;
        }
        let before = Before::of(&self.tables.leads[step.lead as usize]);
        let findings = self.tables.rows.findings.len();
        let deal = self.desk(step).fold(step);
        let raised = self.tables.rows.findings.len() - findings;
        self.tell(step, before, raised, deal);
    }

    /// Shows the observer an event that does nothing to the tables.
    #[inline(always)]
    pub(crate) fn show(&mut self, step: &Step<'_>) {
        let row = &mut self.tables.leads[step.lead as usize];
        row.last_at = row.last_at.max(step.at);
        let before = Before::of(row);
        self.tell(step, before, 0, Deal::Absent);
    }

    #[inline(always)]
    fn tell(&mut self, step: &Step<'_>, before: Before, raised: usize, deal: Deal) {
        let tables = &*self.tables;
        let (kind, row) = (step.kind(), &tables.leads[step.lead as usize]);
        let seen = Seen { step, kind, before, row, raised, deal, tables, base: self.base };
        let is_watched = self.observer.saw(&seen);
        if is_watched != before.has(WATCHED) {
            self.tables.leads[step.lead as usize].flags ^= WATCHED;
        }
    }

    #[inline(always)]
    fn desk(&mut self, step: &Step<'_>) -> Desk<'_> {
        let lead = step.lead as usize;
        Desk {
            row: &mut self.tables.leads[lead],
            profile: &mut self.tables.profiles[lead],
            rows: &mut self.tables.rows,
            deals: self.deals,
            law: self.law,
        }
    }
}
