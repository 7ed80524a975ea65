//! The hand-offs, counted from the files in SQL, are those that the audit counts.

use std::collections::BTreeMap;

use leadfold_core::Outcome;
use leadfold_core::audit::Figures;
use leadfold_testkit::simulate::Simulation;

use crate::sql::{self, Handoffs};
use crate::support::Log;

fn counted(log: &Log) -> Handoffs {
    let audit = log.audit();
    let figures: Figures = audit.figures(None).remove(0).figures;
    let mut found = BTreeMap::new();
    for finding in audit.findings() {
        *found.entry(finding.code.name().to_owned()).or_default() += 1;
    }
    let won = audit.episodes().filter(|episode| episode.outcome() == Some(Outcome::Won));
    Handoffs {
        offered: figures.offered,
        accepted: figures.accepted,
        rejected: figures.rejected,
        decided_in_time: (figures.decision_in_time.num, figures.decision_in_time.den),
        leaked: figures.leaked.num,
        returned: figures.returned,
        recycled: figures.recycled,
        reached: figures.time_to_first_contact.n,
        won: won.count() as u64,
        found,
    }
}

#[test]
fn a_company_has_its_handoffs() {
    let log = Log::of(Simulation { rule_breaks: 0.02, ..Simulation::new(17, 3_000) }.events());
    let expected = counted(&log);
    assert!(expected.won > 100 && expected.leaked > 50 && expected.found.len() > 5, "{expected:?}");
    let sound = log.exported();
    assert_eq!(sql::handoffs(&sound), expected);
    for table in ["episodes", "audit_findings"] {
        let mut broken = sound.clone();
        broken.get_mut(table).expect("the table is there").remove(0);
        assert_ne!(sql::handoffs(&broken), expected, "{table}");
    }
}
