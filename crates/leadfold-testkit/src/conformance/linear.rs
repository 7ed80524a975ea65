//! Whether one order of appends explains what all callers were told, and the log that came of it.
//!
//! The positions are the order, so none has to be searched for. An append that added nothing has
//! no place in it; then some moment between its beginning and its end has to explain the answer.

#[cfg(test)]
mod linear_test;

use std::ops::RangeInclusive;

use leadfold_core::LeadId;
use leadfold_core::event::RecordedEvent;
use leadfold_store::{Append, Appended, Expected, Outcome, VersionConflict};

/// An append as its caller saw it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) append: Append,
    /// Ticks of a clock that all callers share: what ended at a smaller tick was before.
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) answer: Result<Appended, VersionConflict>,
}

/// Says what no order explains.
pub(super) fn check(calls: &[Call], log: &[RecordedEvent]) -> Result<(), String> {
    let history = History { calls, log };
    history.check_places()?;
    history.check_owners()?;
    for call in calls {
        let checked = match &call.answer {
            Ok(appended) => history.check_appended(call, appended),
            Err(conflict) => history.check_conflict(call, *conflict),
        };
        checked.map_err(|error| format!("{error}: {call:?}"))?;
    }
    Ok(())
}

struct History<'a> {
    calls: &'a [Call],
    log: &'a [RecordedEvent],
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl History<'_> {
    /// No gaps in the positions, none in the sequences.
    fn check_places(&self) -> Result<(), String> {
        for (event, position) in self.log.iter().zip(1..) {
            let lead = event.event.lead_id();
            let sequence = lead.map_or(0, |lead| self.sequence_at(lead, position));
            require((event.position, event.sequence) == (position, sequence), || {
                format!("expected position {position}, sequence {sequence}, found {event:?}")
            })?;
        }
        Ok(())
    }

    /// Every event of the log was acknowledged as new to one caller, and to no other.
    fn check_owners(&self) -> Result<(), String> {
        let mut told: Vec<_> = self.calls.iter().flat_map(Call::new_positions).collect();
        told.sort_unstable();
        require(told.iter().copied().eq(1..=self.head()), || {
            format!("expected 1 to {} acknowledged once each, found {told:?}", self.head())
        })
    }

    fn check_appended(&self, call: &Call, appended: &Appended) -> Result<(), String> {
        for (event, outcome) in call.append.events.iter().zip(&appended.outcomes) {
            let (Outcome::Appended { position, sequence }
            | Outcome::Duplicate { position, sequence }) = *outcome
            else {
                return Err(format!("expected a place, found {outcome:?}"));
            };
            let found = self.at(position).filter(|found| found.sequence == sequence);
            require(found.is_some_and(|found| found.id == event.id), || {
                format!("expected event {} at position {position}, found {found:?}", event.id)
            })?;
        }
        let (n_events, n_outcomes) = (call.append.events.len(), appended.outcomes.len());
        require(n_events == n_outcomes, || format!("{n_outcomes} outcomes, {n_events} events"))?;
        self.check_order(call, appended)
    }

    /// New events stand together, between what was before the call and what came after it.
    fn check_order(&self, call: &Call, appended: &Appended) -> Result<(), String> {
        let (new, window) = (call.new_positions(), self.window(call));
        let (before, after) = (*window.start(), *window.end());
        require(new.windows(2).all(|pair| pair[0] + 1 == pair[1]), || format!("torn: {new:?}"))?;
        require(new.iter().all(|position| *position > before), || {
            format!("expected positions beyond {before}, which was there before, found {new:?}")
        })?;
        let told = appended.outcomes.iter().filter_map(Outcome::position);
        let last = told.max().unwrap_or(before);
        require(
            (last..=self.head()).contains(&appended.head) && window.contains(&appended.head),
            || {
                format!(
                    "expected a head of {before} to {after}, at least {last}, found {}",
                    appended.head
                )
            },
        )?;
        let Some(first) = new.first() else { return Ok(()) };
        require(call.append.expected.iter().all(|expected| self.held(*expected, first - 1)), || {
            format!("expected {:?} at position {first}", call.append.expected)
        })
    }

    fn held(&self, expected: Expected, at: u64) -> bool {
        self.sequence_at(expected.lead, at) == expected.sequence
    }

    /// There was a moment at which the lead was as the conflict says, and nothing was written.
    fn check_conflict(&self, call: &Call, conflict: VersionConflict) -> Result<(), String> {
        let VersionConflict { lead, expected, actual } = conflict;
        let asked = call.append.expected.contains(&Expected { lead, sequence: expected });
        let mut moments = self.window(call);
        let was_so = moments.any(|moment| self.sequence_at(lead, moment) == actual);
        require(asked && expected != actual && was_so, || "a conflict without a reason".into())?;
        let ids: Vec<_> = call.append.events.iter().map(|event| event.id).collect();
        require(self.log.iter().all(|event| !ids.contains(&event.id)), || {
            "an event of a refused append is in the log".into()
        })
    }

    /// The heads that the log can have had during a call.
    fn window(&self, call: &Call) -> RangeInclusive<u64> {
        let before = self.calls.iter().filter(|other| other.ended < call.began);
        let after = self.calls.iter().filter(|other| other.began > call.ended);
        let least = before.filter_map(|other| Some(other.answer.as_ref().ok()?.head)).max();
        let most = after.filter_map(|other| Some(other.new_positions().first()? - 1)).min();
        least.unwrap_or(0)..=most.unwrap_or_else(|| self.head())
    }

    fn head(&self) -> u64 {
        self.log.len() as u64
    }

    fn at(&self, position: u64) -> Option<&RecordedEvent> {
        self.log.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// How many events a lead had when the log ended at a position.
    fn sequence_at(&self, lead: LeadId, position: u64) -> u64 {
        let log = self.log.iter().take(usize::try_from(position).unwrap_or(usize::MAX));
        log.filter(|event| event.event.lead_id() == Some(lead)).count() as u64
    }
}

impl Call {
    fn new_positions(&self) -> Vec<u64> {
        let outcomes = self.answer.iter().flat_map(|appended| &appended.outcomes);
        let is_new = |outcome: &&Outcome| matches!(outcome, Outcome::Appended { .. });
        outcomes.filter(is_new).filter_map(Outcome::position).collect()
    }
}
