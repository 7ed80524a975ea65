//! Laws of trials, on random logs.

use leadfold_core::Zone;
use leadfold_core::metrics::Rate;
use leadfold_core::whatif::{Difference, Question};
use proptest::prelude::*;

use super::desk::{Desk, playbook};
use super::draw::{book, log, when};
use super::naive::{read, rows};

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

#[test]
fn an_empty_log_has_no_figures() {
    let (desk, book) = (Desk::of(&[]), playbook(&super::golden::scored()));
    let trial = desk.try_out(&book, &super::desk::question("2024-01-01", 90)).trial;
    assert_eq!(trial.effect().base, Rate { num: 0, den: 0 });
    assert_eq!(trial.load.per_week, Rate { num: 0, den: 0 });
    let quality = trial.score_quality().expect("there is a model");
    assert!(quality.auc.is_err() && quality.lift_of_best.is_err());
}
