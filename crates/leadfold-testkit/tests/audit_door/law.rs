//! The law, on adversarial commands and on a company's.

use leadfold_testkit::Log;
use leadfold_testkit::laws::{
    decided_commands_are_clean, nothing_refusable_is_recorded, replays_agree,
};
use leadfold_testkit::strategies::{adversarial_log_under, commands_under, valid_log_under};
use proptest::prelude::*;

use super::book::{any_playbook, config};

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn decide_never_records_what_the_audit_would_refuse(
        (playbook, commands) in any_playbook().prop_flat_map(|playbook| {
            let commands = commands_under(&playbook, 80);
            (Just(playbook), commands)
        }),
    ) {
        let decisions = decided_commands_are_clean(&playbook, commands);
        replays_agree(&decisions.log, &playbook);
    }

    #[test]
    fn any_log_is_audited_the_same_in_any_pages(
        (playbook, events) in any_playbook().prop_flat_map(|playbook| {
            let events = adversarial_log_under(&playbook, 50);
            (Just(playbook), events)
        }),
    ) {
        replays_agree(&Log::of(events).expect("a log"), &playbook);
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn a_company_under_a_playbook_keeps_its_rules(
        (playbook, events) in any_playbook().prop_flat_map(|playbook| {
            let events = valid_log_under(&playbook, 1..12, 0..1_000_000);
            (Just(playbook), events)
        }),
    ) {
        let log = Log::of(events).expect("a log");
        nothing_refusable_is_recorded(&log, &playbook);
        replays_agree(&log, &playbook);
    }
}
