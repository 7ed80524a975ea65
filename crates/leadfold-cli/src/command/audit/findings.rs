//! The findings of an audit, and which of them are not to be.

use std::collections::{BTreeMap, BTreeSet};

use leadfold_core::Playbook;
use leadfold_core::audit::{AuditCode, AuditFinding, Severity};
use serde::{Serialize, Serializer};

use super::deny::Deny;
use crate::error::CliError;
use crate::finding::{FindingReport, Glossary};

/// Findings shown in text; JSON has all of them.
const SHOWN_MAX: usize = 50;

/// Which findings are shown, and need their names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    All,
    /// In text.
    Worst,
}

/// Findings that get their names one by one where they are written: with them each takes half a
/// kilobyte, and a large log has hundreds of thousands.
#[derive(Debug)]
pub(super) struct Findings {
    found: Vec<AuditFinding>,
    names: Glossary,
    /// What is not to be; none if nothing was said of that.
    denied: Option<BTreeSet<AuditCode>>,
}

impl Findings {
    /// Findings with what `names_of` calls those of them that are shown.
    pub(super) fn new(
        found: Vec<AuditFinding>,
        shown: Shown,
        names_of: impl FnOnce(&[&AuditFinding]) -> Result<Glossary, CliError>,
    ) -> Result<Self, CliError> {
        let names = match shown {
            Shown::All => names_of(&found.iter().collect::<Vec<_>>())?,
            Shown::Worst => names_of(&worst(&found).take(SHOWN_MAX).collect::<Vec<_>>())?,
        };
        Ok(Self { found, names, denied: None })
    }

    /// Takes note of what is not to be, if anything is said of that.
    pub(super) fn deny(&mut self, deny: &[Deny], playbook: &Playbook) {
        let rules = &playbook.audit.deny;
        let is_denied = |code: &AuditCode| {
            rules.contains(code) || deny.iter().any(|denied| denied.means(*code))
        };
        if !deny.is_empty() || !rules.is_empty() {
            self.denied = Some(AuditCode::ALL.iter().copied().filter(is_denied).collect());
        }
    }

    /// How many are not to be.
    pub(super) fn denied(&self) -> u64 {
        let Some(denied) = &self.denied else { return 0 };
        self.found.iter().filter(|found| denied.contains(&found.code)).count() as u64
    }

    /// Whether a finding is a failure: it is not to be, or nothing was said of what is not to be.
    pub(super) fn fails(&self, finding: &AuditFinding) -> bool {
        self.denied.as_ref().is_none_or(|denied| denied.contains(&finding.code))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AuditFinding> {
        self.found.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// How many there are of each code.
    pub(super) fn counts(&self) -> BTreeMap<AuditCode, u64> {
        let mut counts = BTreeMap::new();
        self.found.iter().for_each(|found| *counts.entry(found.code).or_default() += 1);
        counts
    }

    /// All of them with their names, in the order of the events that they are about.
    pub(super) fn named(&self) -> impl Iterator<Item = (&AuditFinding, FindingReport)> {
        self.found.iter().map(|found| (found, self.names.report(found)))
    }

    /// Those that text shows.
    pub(super) fn worst(&self) -> impl Iterator<Item = (&AuditFinding, FindingReport)> {
        worst(&self.found).take(SHOWN_MAX).map(|found| (found, self.names.report(found)))
    }
}

/// All of them, the worst first.
fn worst(found: &[AuditFinding]) -> impl Iterator<Item = &AuditFinding> {
    let of = move |severity| found.iter().filter(move |found| found.code.severity() == severity);
    Severity::ALL.into_iter().rev().flat_map(of)
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.named().map(|(_, report)| report))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use leadfold_core::audit::Detail;
    use leadfold_core::{Code, Timestamp};

    use super::*;

    fn found(position: u64, code: AuditCode) -> AuditFinding {
        AuditFinding {
            code,
            lead: None,
            handoff: None,
            owner: Code::NONE,
            at: Timestamp::default(),
            position,
            evidence: [position].into_iter().collect(),
            detail: Detail::None,
        }
    }

    /// Which of a warning and an error in turns get their names.
    fn named(shown: Shown) -> Vec<u64> {
        let codes = [AuditCode::AttemptLate, AuditCode::Leaked];
        let all = (1..=70).zip(codes.into_iter().cycle());
        let asked = RefCell::new(Vec::new());
        let findings =
            Findings::new(all.map(|(n, code)| found(n, code)).collect(), shown, |some| {
                asked.borrow_mut().extend(some.iter().map(|found| found.position));
                Ok(Glossary::default())
            });
        let findings = findings.expect("nothing fails");
        assert_eq!(
            (findings.len(), findings.named().count(), findings.worst().count()),
            (70, 70, 50)
        );
        assert!(findings.worst().map(|(found, _)| found.position).eq(worst_50()));
        asked.into_inner()
    }

    /// All errors, then the first of the warnings.
    fn worst_50() -> impl Iterator<Item = u64> {
        (2..=70).step_by(2).chain((1..=70).step_by(2)).take(SHOWN_MAX)
    }

    #[test]
    fn what_is_not_shown_gets_no_name() {
        assert!(named(Shown::All).into_iter().eq(1..=70));
        assert!(named(Shown::Worst).into_iter().eq(worst_50()));
    }

    #[test]
    fn what_is_denied_fails_and_everything_does_where_nothing_is_said() {
        let all = vec![found(1, AuditCode::AttemptLate), found(2, AuditCode::Leaked)];
        let name = |_: &[&AuditFinding]| Ok(Glossary::default());
        let mut findings = Findings::new(all, Shown::All, name).expect("nothing fails");
        let failing = |findings: &Findings| {
            findings.iter().filter(|found| findings.fails(found)).map(|f| f.position).collect()
        };
        let fails: Vec<u64> = failing(&findings);
        assert_eq!((fails, findings.denied()), (vec![1, 2], 0));
        findings.deny(&[Deny::From(Severity::Error)], &Playbook::default());
        let fails: Vec<u64> = failing(&findings);
        assert_eq!((fails, findings.denied()), (vec![2], 1));
    }
}
