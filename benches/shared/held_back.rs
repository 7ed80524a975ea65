//! An orderly log of which some events come late.

use std::collections::HashSet;

use leadfold::core::{Fact, Facts, LeadFacts, LeadIndex};

/// A log by lead, and events that were held back from it.
pub(crate) struct HeldBack {
    pub(crate) on_time: Vec<LeadFacts>,
    /// At the positions behind the log, as if they had come after it.
    pub(crate) late: Vec<Fact>,
    /// How many of them there are.
    pub(crate) events: usize,
}

impl HeldBack {
    /// Holds back one event each of so many leads at most, all over the log.
    pub(crate) fn of(parts: &[LeadFacts], wanted: usize) -> Self {
        let held = positions(parts, wanted);
        let is_late = |fact: &Fact| held.contains(&fact.position);
        let all = || parts.iter().map(|part| part.facts().rows());
        let mut late: Vec<Fact> = all().flatten().filter(is_late).collect();
        let on_time = all().map(|rows| by_lead(rows.filter(|fact| !is_late(fact)))).collect();
        let head = parts.iter().map(LeadFacts::event_count).sum::<usize>();
        put_behind(head as u64, &mut late);
        Self { on_time, late, events: held.len() }
    }
}

fn by_lead(rows: impl Iterator<Item = Fact>) -> LeadFacts {
    let mut facts = Facts::default();
    rows.for_each(|fact| facts.push(fact));
    LeadFacts::try_from_facts(facts).expect("what is left of leads is in their order")
}

/// Positions of events that would be late if they came last: neither a lead's first nor its last
/// nor one that shares its instant.
fn positions(parts: &[LeadFacts], wanted: usize) -> HashSet<u64> {
    let mut found = Vec::new();
    for part in parts {
        let rows = part.facts().rows();
        let mut heads: Vec<_> = rows.map(|fact| (fact.lead, fact.position, fact.at)).collect();
        heads.dedup();
        for lead in heads.chunk_by(|a, b| a.0 == b.0).filter(|lead| lead[0].0 != LeadIndex::NONE) {
            let late =
                lead.windows(3).find(|three| three[0].2 < three[1].2 && three[1].2 < three[2].2);
            found.extend(late.map(|three| three[1].1));
        }
    }
    let step = (found.len() / wanted.max(1)).max(1);
    found.into_iter().step_by(step).take(wanted).collect()
}

/// Gives events the positions behind the log.
fn put_behind(head: u64, late: &mut [Fact]) {
    let events = late.chunk_by_mut(|a, b| a.position == b.position);
    for (position, event) in (head + 1..).zip(events) {
        event.iter_mut().for_each(|fact| fact.position = position);
    }
}
