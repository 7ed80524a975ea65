//! Facts in pages, as a follower of the log reads them.

use leadfold::core::{Fact, Facts};

/// The facts in pages of so many events.
pub(crate) fn pages_of(facts: &[Fact], events_a_page: usize) -> Vec<Facts> {
    let events: Vec<_> = facts.chunk_by(|a, b| a.position == b.position).collect();
    let page = |events: &[&[Fact]]| {
        let mut page = Facts::default();
        events.iter().copied().flatten().for_each(|fact| page.push(*fact));
        page
    };
    events.chunks(events_a_page).map(page).collect()
}
