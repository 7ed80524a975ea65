//! The anomaly audit (P32): history that breaks the rules, or that is not all there.

use std::collections::BTreeMap;

use crate::Timestamp;
use crate::fact::LeadIndex;
use crate::machine::Kind;
use crate::tables::{External, Finding, FindingCode, Tables};

/// A finding and the lead that it is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Anomaly {
    /// The lead; `None` for an event without one.
    pub lead: Option<LeadIndex>,
    /// The finding.
    pub finding: Finding,
    /// For a duplicate, the position of the first event with the same identity.
    pub double_of: Option<u64>,
}

/// All findings, in the order of their events in the log.
///
/// ```
#[doc = include_str!("../../doc/log.rs.txt")]
/// use leadfold_core::FindingCode;
/// use leadfold_core::metrics::anomalies;
///
/// let found: Vec<FindingCode> = anomalies(tables).iter().map(|it| it.finding.code).collect();
/// assert_eq!(found, [FindingCode::AcceptedWithoutHandoff, FindingCode::HistoryGap]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn anomalies(tables: &Tables) -> Vec<Anomaly> {
    let found = tables.rows.findings.iter().map(|(lead, finding)| Anomaly {
        lead: (lead != LeadIndex::NONE).then_some(lead),
        finding: *finding,
        double_of: None,
    });
    let mut all: Vec<Anomaly> = found.chain(duplicates(tables)).collect();
    all.sort_unstable_by_key(|a| (a.finding.position, a.finding.code, a.finding.reason, a.lead));
    all
}

/// Events of one stream with one identity in their system of origin: all but the first.
fn duplicates(tables: &Tables) -> Vec<Anomaly> {
    let mut externals: Vec<(LeadIndex, &External)> = tables.rows.externals.iter().collect();
    externals.sort_unstable_by_key(|(_, external)| (external.at, external.position));
    let mut first = BTreeMap::new();
    externals
        .into_iter()
        .filter_map(|(lead, external)| {
            let identity = (external.stream, external.system, external.hash);
            let first = *first.entry(identity).or_insert(external.position);
            let finding = duplicate(external);
            let double = Anomaly { lead: Some(lead), finding, double_of: Some(first) };
            (first != external.position).then_some(double)
        })
        .collect()
}

fn duplicate(external: &External) -> Finding {
    Finding {
        code: FindingCode::DuplicateExternalId,
        reason: None,
        kind: Kind::Other,
        from: None,
        at: Timestamp::from_micros(external.at),
        position: external.position,
    }
}
