//! Some leads folded once more, apart from all others, and compared with what the tables have.

use super::{Bounds, Fold};
use crate::fact::{Facts, LeadIndex, Term};
use crate::machine::Kind;

/// [`Fold::first_lie`]. The leads are numbered from 0, so that the tables of the shadow are as
/// small as their number.
pub(super) fn first_lie(fold: &Fold, leads: &[LeadIndex], history: &Facts) -> Option<LeadIndex> {
    let (leads, has_none) = match leads.split_last() {
        Some((&LeadIndex::NONE, leads)) => (leads, true),
        _ => (leads, false),
    };
    let shadow = shadow(fold, leads, history);
    let name = |number: u32| leads.get(number as usize).map_or(LeadIndex::NONE.0, |lead| lead.0);
    let [mut told, mut found] = [Vec::new(), Vec::new()];
    for (number, lead) in (0..).zip(leads) {
        told.clear();
        found.clear();
        fold.write_record(lead.0, &|lead| lead, &mut told);
        shadow.write_record(number, &name, &mut found);
        if told != found {
            return Some(*lead);
        }
    }
    let is_same = !has_none || leadless(fold) == leadless(&shadow);
    (!is_same).then_some(LeadIndex::NONE)
}

fn leadless(fold: &Fold) -> (bool, Vec<u8>) {
    let mut rows = Vec::new();
    fold.tables().write_no_lead(&mut rows);
    (fold.is_no_lead_complex, rows)
}

/// The fold of some leads' facts, under the same rules.
fn shadow(fold: &Fold, leads: &[LeadIndex], history: &Facts) -> Fold {
    let mut facts = history.clone();
    // A lead that is not among them gets the number behind theirs: nothing is compared with it.
    let number = |lead: u32| {
        let found = leads.binary_search(&LeadIndex(lead));
        found.unwrap_or(leads.len()) as u32
    };
    // The marks stay as they are: pages in the order of the log are not asked where leads begin.
    let streams = facts.lead.iter_mut().filter(|lead| **lead != LeadIndex::NONE.0);
    streams.for_each(|lead| *lead = number(*lead));
    let is_merge = |term: &&mut Term| matches!(term.kind, Kind::Merged | Kind::Unmerged);
    facts.terms.iter_mut().filter(is_merge).for_each(|term| term.a = number(term.a));
    let mut shadow =
        Fold { law: fold.law.clone(), ..Fold::new(fold.playbook.clone(), Bounds::default()) };
    shadow.apply(&facts);
    let Ok(()) = shadow.settle(|_| Ok::<_, std::convert::Infallible>(facts));
    shadow
}
