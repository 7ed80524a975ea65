//! One log, read in many ways.

use leadfold_core::audit::{Audit, AuditFinding, Ledger};
use leadfold_core::{Bounds, Calendar, Fold, Playbook, Timestamp};
use leadfold_store::{EventStore, StoreError};

use crate::audit::AuditError;
use crate::log::Log;
use crate::unmet::Unmet;

/// Sizes of pages, the last one larger than any log.
const PAGES: [usize; 4] = [1, 2, 7, usize::MAX];

/// How a log is read.
#[derive(Clone, Copy, Debug)]
struct Manner {
    events_max: usize,
    /// After each page what came late is put in its place, not only at the end.
    is_stepwise: bool,
}

pub(super) fn check<S: EventStore>(log: &Log<S>, playbook: &Playbook) -> Result<(), AuditError> {
    let whole = Manner { events_max: usize::MAX, is_stepwise: false };
    let expected = read(log, playbook, whole)?;
    for events_max in PAGES {
        for is_stepwise in [false, true] {
            let manner = Manner { events_max, is_stepwise };
            compare(&expected, &read(log, playbook, manner)?, manner)?;
        }
    }
    Ok(())
}

/// The findings, once the log is read. All time is working time here: of the calendar no reading
/// knows anything.
fn read<S: EventStore>(
    log: &Log<S>,
    playbook: &Playbook,
    manner: Manner,
) -> Result<Vec<AuditFinding>, StoreError> {
    let ledger = Ledger::new(playbook.clone());
    let mut fold = Fold::watched(playbook.clone(), Bounds::default(), ledger);
    let head = log.store.head()?;
    while fold.position() < head {
        fold.learn(|word| log.store.code(word))?;
        fold.apply(&log.store.facts(fold.position(), manner.events_max)?);
        if manner.is_stepwise {
            settle(log, &mut fold)?;
        }
    }
    settle(log, &mut fold)?;
    let end = Timestamp::from_micros(i64::MAX);
    let (tables, ledger) = fold.into_parts();
    Ok(Audit::of(&tables, &ledger, &Calendar::always(), end).findings())
}

/// Settles a fold with the history that it has come to.
fn settle<S: EventStore>(log: &Log<S>, fold: &mut Fold<Ledger>) -> Result<(), StoreError> {
    let position = fold.position();
    fold.settle(|leads| {
        let mut history = log.store.history(leads)?;
        history.keep_until(position);
        Ok(history)
    })
}

fn compare(expected: &[AuditFinding], found: &[AuditFinding], manner: Manner) -> Result<(), Unmet> {
    if expected == found {
        return Ok(());
    }
    let differ = |at: &usize| expected.get(*at) != found.get(*at);
    let first = (0..expected.len().max(found.len())).find(differ).unwrap_or_default();
    let told = |findings: &[AuditFinding]| match findings.get(first) {
        Some(finding) => format!("{finding:?}"),
        None => "no more findings".to_owned(),
    };
    Err(Unmet::new(format!(
        "expected the same findings in every reading, found another one in {manner:?}\n\
         in one page: {}\nthere:       {}\n",
        told(expected),
        told(found)
    )))
}
