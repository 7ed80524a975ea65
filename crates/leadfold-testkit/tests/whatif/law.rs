//! Laws of trials, on random logs.

use leadfold_core::audit::{Audit, GroupBy, Ledger};
use leadfold_core::metrics::{Judged, Rate, brier, log_loss};
use leadfold_core::whatif::{Difference, Question, Trial};
use leadfold_core::{Calendar, LeadIndex, Zone};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::desk::{Desk, Tried, playbook};
use super::draw::{book, log, when};
use super::naive::{read, rows, stated};

/// So many cases, unless PROPTEST_CASES says otherwise. Nothing is written to the tree.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_given = std::env::var_os("PROPTEST_CASES").is_some();
    if is_given { default } else { ProptestConfig { cases, max_shrink_iters: 20_000, ..default } }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn a_trial_is_what_a_slow_reading_of_the_events_says(
        log in log(), book in book(), (as_of, within_days) in when(),
    ) {
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let trial = desk.try_out(&book, &question).trial;
        let expected = read(&desk.exported(), &book, &question, None);
        prop_assert_eq!(rows(&desk, &trial), expected);
    }

    #[test]
    fn probabilities_are_those_that_the_events_state(
        log in log(), book in book(), (as_of, within_days) in when(),
    ) {
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let found = desk.try_out(&book, &question).trial.stated;
        let expected = stated(&desk.exported(), &book, &question);
        let is_certain = |score: f64| score == 0.0 || score == 1.0;
        let given = || expected.iter().filter_map(|(score, is_won)| Some(((*score)?, *is_won)));
        let judged = given().filter(|(score, _)| !is_certain(*score));
        let judged: Vec<Judged> =
            judged.map(|(score, is_won)| Judged { score, is_won }).collect();
        prop_assert_eq!(found.closed, expected.len() as u64);
        prop_assert_eq!(found.certain, given().filter(|(score, _)| is_certain(*score)).count() as u64);
        prop_assert_eq!(found.stated, judged.len() as u64);
        prop_assert_eq!(found.brier, brier(&judged));
        prop_assert_eq!(found.log_loss, log_loss(&judged));
    }

    #[test]
    fn the_figures_add_up(log in log(), book in book(), (as_of, within_days) in when()) {
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let trial = desk.try_out(&book, &question).trial;
        let effect = trial.effect();
        prop_assert_eq!(effect.precision.num, effect.recall.num);
        prop_assert_eq!(effect.base.num, effect.recall.den);
        prop_assert!(effect.precision.den <= trial.handed_off());
        prop_assert_eq!(trial.load.per_week.num, trial.handed_off());
        prop_assert!(trial.load.busiest.is_none_or(|week| week.handed_off <= trial.handed_off()));
        prop_assert_eq!(trial.load.busiest.is_none(), trial.handed_off() == 0);
        prop_assert!(trial.stated.stated + trial.stated.certain <= trial.stated.closed);
        for lead in &trial.leads {
            prop_assert!(lead.handed_off_at.is_none_or(|at| at <= as_of));
            prop_assert!(lead.matured.is_none_or(|row| row.decided_at <= as_of));
        }
    }

    #[test]
    fn equal_playbooks_make_no_difference_however_the_log_is_read(
        log in log(), book in book(), (as_of, within_days) in when(), page in 1_usize..9,
    ) {
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let whole = desk.try_out(&book, &question).trial;
        let in_pages = desk.try_in_pages(&book, &question, page).trial;
        let difference = Difference::of(&whole, &in_pages);
        prop_assert_eq!(difference.order(), [0, whole.handed_off(), 0]);
        prop_assert!(difference.only_first.is_empty() && difference.only_second.is_empty());
        prop_assert_eq!(&whole.leads, &in_pages.leads);
        prop_assert_eq!(whole.load, in_pages.load);
        prop_assert_eq!(whole.stated, in_pages.stated);
    }

    #[test]
    fn ranges_of_leads_make_the_whole_trial(
        log in log(), book in book(), (as_of, within_days) in when(), cut in 0_u32..8,
    ) {
        let (desk, question) =
            (Desk::of(&log), Question { as_of, within_days, zone: Zone::utc() });
        let Tried { trial, tables, watch } = desk.try_out(&playbook(&book), &question);
        let ranges = [LeadIndex(0)..LeadIndex(cut), LeadIndex(cut)..LeadIndex::NONE];
        let of = |leads| {
            Trial::of_leads(&tables, &watch, |code| desk.name(code), &question, leads)
        };
        let together = Trial::with(&tables, &watch, &question, ranges.into_iter().flat_map(of).collect());
        prop_assert_eq!(format!("{together:?}"), format!("{trial:?}"));
    }

    #[test]
    fn a_difference_parts_the_leads(
        log in log(), books in (book(), book()), (as_of, within_days) in when(),
    ) {
        let desk = Desk::of(&log);
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let [first, second] =
            [books.0, books.1].map(|book| desk.try_out(&playbook(&book), &question).trial);
        let difference = Difference::of(&first, &second);
        let both = difference.both.len() as u64;
        prop_assert_eq!(both + difference.only_first.len() as u64, first.handed_off());
        prop_assert_eq!(both + difference.only_second.len() as u64, second.handed_off());
        prop_assert_eq!(difference.order().iter().sum::<u64>(), both);
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn the_audit_is_what_it_is_without_the_trial(
        log in log(), book in book(), (as_of, within_days) in when(),
    ) {
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let tried = desk.try_out(&book, &question);
        let alone = desk.watch(&book, &question, Ledger::new(book.clone()));
        let audit = |tables, ledger| {
            let audit = Audit::of(tables, ledger, &Calendar::always(), as_of);
            format!("{:?} {:?}", audit.figures(Some(&GroupBy::Owner)), audit.findings())
        };
        prop_assert_eq!(
            audit(&tried.tables, tried.watch.ledger()),
            audit(&alone.0, &alone.1),
        );
        prop_assert_eq!(tried.tables.encode(), alone.0.encode());
    }
}

/// How often random cases have something to say, so that the laws are not about nothing.
#[test]
fn the_random_logs_have_something_to_say() {
    const CASES: u32 = 400;
    let mut runner = TestRunner::deterministic();
    let [mut by_score, mut by_hand, mut both_outcomes, mut stated] = [0_u32; 4];
    for _ in 0..CASES {
        let mut draw = |strategy: BoxedStrategy<_>| {
            strategy.new_tree(&mut runner).expect("nothing is filtered").current()
        };
        let case = draw((log(), book(), when()).boxed());
        let (log, book, (as_of, within_days)) = case;
        let (desk, book) = (Desk::of(&log), playbook(&book));
        let question = Question { as_of, within_days, zone: Zone::utc() };
        let tried = desk.try_out(&book, &question);
        let has_definition = tried.watch.rule().definition().is_some();
        by_score += u32::from(has_definition && tried.trial.handed_off() > 0);
        by_hand += u32::from(!has_definition && tried.trial.handed_off() > 0);
        let effect = tried.trial.effect();
        both_outcomes += u32::from((1..effect.base.den).contains(&effect.base.num));
        stated += u32::from(tried.trial.stated.stated > 0);
    }
    let found = [by_score, by_hand, both_outcomes, stated];
    assert!(found.iter().all(|count| *count >= CASES / 40), "{found:?} of {CASES}");
}

#[test]
fn an_empty_log_has_no_figures() {
    let (desk, book) = (Desk::of(&[]), playbook(&super::golden::scored()));
    let trial = desk.try_out(&book, &super::desk::question("2024-01-01", 90)).trial;
    assert_eq!(trial.effect().base, Rate { num: 0, den: 0 });
    assert_eq!(trial.load.per_week, Rate { num: 0, den: 0 });
    let quality = trial.score_quality().expect("there is a model");
    assert!(quality.auc.is_err() && quality.lift_of_best.is_err());
}
