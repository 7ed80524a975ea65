//! Two observers of one fold: each sees what it would by itself.

use std::collections::BTreeMap;

use leadfold_core::audit::Ledger;
use leadfold_core::{Glance, Grown, LeadIndex, Observer, Seen, Sharded, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::book::{Book, any_book, config};
use super::draw::{Taste, lives, strange};
use super::log::{Log, Pace};
use super::replay::{said, whole};

/// Notes all that it is told of each lead. It wants every event and watches every lead, or no more
/// than it is shown anyway.
#[derive(Clone, Debug, Default, PartialEq)]
struct Witness {
    wants: bool,
    told: BTreeMap<LeadIndex, Vec<String>>,
}

impl Witness {
    fn note(&mut self, lead: LeadIndex, what: String) {
        self.told.entry(lead).or_default().push(what);
    }

    fn wanting(wants: bool) -> Self {
        Self { wants, ..Self::default() }
    }
}

impl Observer for Witness {
    fn wants(&self, _: Glance<'_>) -> bool {
        self.wants
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.told.remove(&lead);
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        self.note(lead, format!("refused {at} {position} {because}"));
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        self.note(lead, "absorbed".to_owned());
    }

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        let what = (seen.position(), seen.kind(), seen.from(), seen.state());
        self.note(seen.lead(), format!("{what:?}"));
        self.wants
    }
}

impl Sharded for Witness {
    fn shard(&self, _: LeadIndex) -> Self {
        Self::wanting(self.wants)
    }

    fn append(&mut self, mut shard: Self, _: Grown) {
        self.told.append(&mut shard.told);
    }
}

/// Either way round, the audit says the same as by itself, and who wants everything is told of
/// everything that it is by itself.
fn sees_as_by_itself(log: &Log, book: &Book) -> TestCaseResult {
    let expected = whole(log, book);
    for pace in [Pace::Pages(3), Pace::Steps(2), Pace::Leads(5), Pace::Shards(2)] {
        let ledger = || Ledger::new(book.playbook.clone());
        let alone = Witness::wanting(true);
        let (_, alone) = log.watch(&book.playbook, book.bounds(), alone, pace);
        for wants in [true, false] {
            let pair = (ledger(), Witness::wanting(wants));
            let (tables, (first, witness)) = log.watch(&book.playbook, book.bounds(), pair, pace);
            prop_assert_eq!(&said(log, book, &tables, &first), &expected, "{:?}", pace);
            let pair = (Witness::wanting(wants), ledger());
            let (tables, (other, second)) = log.watch(&book.playbook, book.bounds(), pair, pace);
            prop_assert_eq!(&said(log, book, &tables, &second), &expected, "{:?}", pace);
            prop_assert_eq!(&witness, &other, "{:?}", pace);
            if wants {
                prop_assert_eq!(&witness, &alone, "{:?}", pace);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn two_observers_see_as_each_by_itself(drawn in lives(Taste::ALL), book in any_book(true)) {
        sees_as_by_itself(&Log::of(drawn.0), &book)?;
    }

    #[test]
    fn two_observers_see_strange_logs_as_each_by_itself(
        drawn in strange(40), book in any_book(true),
    ) {
        sees_as_by_itself(&Log::of(drawn.0), &book)?;
    }
}
