//! Commands, decided one after the other.

use std::collections::BTreeSet;

use leadfold_core::audit::Audit;
use leadfold_core::event::{Event, NewEvent};
use leadfold_core::{Bounds, Calendar, Case, EventId, LeadId, Playbook, Refusal, Timestamp};
use leadfold_engine::load_case_for;
use leadfold_store::{MemoryStore, StoreError, block_on};

use super::is_refusable;
use crate::audit::AuditError;
use crate::ids::event_id;
use crate::log::Log;

/// A command as the event that it becomes, with or without the id that this one will have.
#[derive(Clone, Debug)]
pub struct Asked {
    id: Option<EventId>,
    event: Event,
}

impl From<Event> for Asked {
    fn from(event: Event) -> Self {
        Self { id: None, event }
    }
}

impl From<NewEvent> for Asked {
    fn from(NewEvent { id, event, .. }: NewEvent) -> Self {
        Self { id: Some(id), event }
    }
}

/// What came of commands.
#[derive(Debug)]
pub struct Decisions {
    /// What was recorded.
    pub log: Log,
    /// What was refused, in order.
    pub refusals: Vec<Refusal>,
    /// How many commands there was nothing to record for, because it was already so.
    pub already_so: u64,
}

/// Decides commands, and calls for an inspection of the log whenever the lead that one was to has
/// a finding for which commands are refused.
pub(crate) fn decide_all(
    playbook: &Playbook,
    door: impl Fn(&Case, Event) -> Result<Option<Event>, Refusal>,
    commands: impl IntoIterator<Item: Into<Asked>>,
    inspect: impl Fn(&Log) -> Result<(), AuditError>,
) -> Result<Decisions, AuditError> {
    let log = Log::of([]).expect("no events are a log");
    let mut decisions = Decisions { log, refusals: Vec::new(), already_so: 0 };
    let mut ids = BTreeSet::new();
    for (number, asked) in commands.into_iter().enumerate() {
        let Asked { id, event } = asked.into();
        let id = id.unwrap_or_else(|| event_id(event.occurred_at.at, number as u64));
        if !ids.insert(id) {
            continue;
        }
        let concerned = Concerned::by(&event);
        match door(&concerned.case(&decisions.log, playbook)?, event) {
            Ok(Some(event)) => {
                let new = NewEvent { id, recorded_at: None, event };
                decisions.log.append([new]).expect("an event that was decided is one");
                if concerned.is_suspect(&decisions.log, playbook)? {
                    inspect(&decisions.log)?;
                }
            }
            Ok(None) => decisions.already_so += 1,
            Err(refusal) => decisions.refusals.push(refusal),
        }
    }
    Ok(decisions)
}

/// The leads that a command is about.
struct Concerned {
    /// None for a cost, a playbook and what nobody knows.
    lead: Option<LeadId>,
    by: Event,
}

impl Concerned {
    fn by(event: &Event) -> Self {
        Self { lead: event.lead_id(), by: event.clone() }
    }

    fn case(&self, log: &Log<MemoryStore>, playbook: &Playbook) -> Result<Case, StoreError> {
        let (playbook, bounds) = (playbook.clone(), Bounds::default());
        let Some(lead) = self.lead else { return Ok(Case::open(playbook, bounds, [])) };
        let loaded = load_case_for(&log.store.0, lead, &self.by, playbook, bounds);
        Ok(block_on(loaded)?.case)
    }

    /// Whether there may be something for which commands are refused. No case shows events
    /// without a lead: only the whole log tells.
    fn is_suspect(&self, log: &Log<MemoryStore>, playbook: &Playbook) -> Result<bool, StoreError> {
        Ok(self.lead.is_none() || has_refusable(&self.case(log, playbook)?))
    }
}

fn has_refusable(case: &Case) -> bool {
    let end = Timestamp::from_micros(i64::MAX);
    let audit = Audit::of(case.tables(), case.ledger(), &Calendar::always(), end);
    audit.findings().iter().any(|finding| is_refusable(finding.code))
}
