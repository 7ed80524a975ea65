//! The audit says what the second reading says.

use leadfold_core::audit::GroupBy;
use leadfold_core::metrics::By;
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::book::{Book, Week, any_book, config};
use super::draw::{Taste, legal, lives, strange};
use super::log::Log;
use super::naive::{self, Counts, Expected, Flaw, Reading};
use super::told::{Told, episodes, findings};

/// Fails where the two readings differ, with the difference alone.
pub(crate) fn compare(log: &Log, book: &Book, flaw: Option<Flaw>) -> TestCaseResult {
    let (tables, ledger) = log.audited(&book.playbook, book.bounds());
    let audit = book.audit(&tables, &ledger);
    let expected = naive::read(&log.exported(), book, flaw);
    same_findings(&findings(&audit, &log.names), &expected.findings)?;
    same_episodes(&episodes(&audit, &log.names), &expected)?;
    let counts = Counts::of(&audit.figures(None)[0].figures);
    prop_assert_eq!(&counts, &expected.counts);
    let by_source = audit.figures(Some(&GroupBy::Lead(By::Source)));
    let by_source = naive::told_by_source(&by_source, |source| log.names.text(source));
    prop_assert_eq!(&by_source, &expected.by_source);
    Ok(())
}

fn same_findings(found: &[Told], expected: &[Expected]) -> TestCaseResult {
    let bare = |told: &Told| Told { evidence: Vec::new(), ..told.clone() };
    let mut of_found: Vec<Told> = found.iter().map(bare).collect();
    let mut of_expected: Vec<Told> = expected.iter().map(|e| e.told.clone()).collect();
    of_found.sort();
    of_expected.sort();
    let odd = |some: &[Told], others: &[Told]| -> Vec<Told> {
        some.iter().filter(|told| !others.contains(told)).cloned().collect()
    };
    let (more, less) = (odd(&of_found, &of_expected), odd(&of_expected, &of_found));
    prop_assert!(more.is_empty() && less.is_empty(), "found {more:#?}, expected {less:#?}");
    prop_assert_eq!(of_found.len(), of_expected.len());
    for told in found {
        let of_it = expected.iter().filter(|expected| expected.told == bare(told));
        let mut proofs = of_it.filter_map(|expected| expected.proofs.as_ref());
        let is_proved = proofs.all(|proofs| proofs.contains(&told.evidence));
        prop_assert!(is_proved, "the evidence of {told:?} is none of {expected:#?}");
    }
    Ok(())
}

fn same_episodes(found: &[super::told::PlainEpisode], expected: &Reading) -> TestCaseResult {
    prop_assert_eq!(found.len(), expected.episodes.len());
    for (found, expected) in found.iter().zip(&expected.episodes) {
        prop_assert_eq!(found, expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn lives_read_alike(drawn in lives(Taste::ALL), book in any_book(false)) {
        compare(&Log::of(drawn.0), &book, None)?;
    }

    #[test]
    fn lives_with_queues_read_alike(drawn in lives(Taste::OF_QUEUES), book in any_book(true)) {
        compare(&Log::of(drawn.0), &book, None)?;
    }

    #[test]
    fn strange_logs_read_alike(drawn in strange(40), book in any_book(false)) {
        compare(&Log::of(drawn.0), &book, None)?;
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn legal_logs_read_alike(drawn in legal(1..20), book in any_book(false)) {
        compare(&Log::of(drawn.0), &book, None)?;
    }
}

/// A simulated company under its working week, with and without broken rules.
#[test]
fn a_company_reads_alike() {
    for (seed, rule_breaks) in [(1, 0.0), (2, 0.3)] {
        let company = Simulation { days: 120, rule_breaks, ..Simulation::new(seed, 60) };
        let log = Log::of(company.events().collect());
        let book = Book {
            playbook: leadfold_core::Playbook::default(),
            week: Week::Office,
            as_of: company.start.micros() + 120 * super::book::DAY,
        };
        compare(&log, &book, None).expect("the two readings agree");
    }
}
