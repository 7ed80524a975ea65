//! What holds of the expectations on any log.

use leadfold_core::Playbook;
use leadfold_core::audit::AuditCode;
use leadfold_testkit::Log;
use leadfold_testkit::audit::AuditError;
use leadfold_testkit::strategies::adversarial_log;
use proptest::prelude::*;

/// So many cases, unless PROPTEST_CASES says otherwise.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_given = std::env::var_os("PROPTEST_CASES").is_some();
    if is_given { default } else { ProptestConfig { cases, ..default } }
}

fn is_unmet(result: &Result<(), AuditError>) -> bool {
    matches!(result, Err(AuditError::Unmet(_)))
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn expectations_say_what_the_findings_are(events in adversarial_log(40)) {
        let log = Log::of(events).expect("a log");
        let audit = log.audit(&Playbook::default());
        let found: Vec<(AuditCode, &str)> =
            audit.findings().iter().map(|found| (found.code, found.lead())).collect();
        audit.expect_only(&found);
        prop_assert_eq!(is_unmet(&audit.check_clean()), !found.is_empty());
        for code in AuditCode::ALL {
            let is_there = found.iter().any(|(found, _)| found == code);
            prop_assert_eq!(is_unmet(&audit.check_none(*code)), is_there);
            prop_assert_eq!(audit.check(*code, "L1").is_ok(), found.contains(&(*code, "L1")));
        }
        if let Some((_, rest)) = found.split_first() {
            prop_assert!(is_unmet(&audit.check_only(rest)));
        }
    }

    #[test]
    fn what_is_allowed_is_not_missed(events in adversarial_log(40)) {
        let log = Log::of(events).expect("a log");
        let all = AuditCode::ALL.iter();
        all.fold(log.audit(&Playbook::default()), |audit, code| audit.allow(*code)).expect_clean();
    }
}
