//! One lead and its family, loaded from their events: what a command is decided on, and what
//! a person looks at.
//!
//! Loading is the same lowering and the same fold as for a whole log, into tables of one family
//! with codes of its own.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::audit::Ledger;
use crate::event::{Body, RecordedEvent};
use crate::fact::{Code, Facts, LeadIndex};
use crate::fold::{Bounds, Fold};
use crate::lower::{EarlyCorrection, Intern, Place, Target, lower};
use crate::{EventId, Lead, LeadId, LeadKey, Playbook, Tables};

/// A lead's family, folded.
///
/// ```
/// # use leadfold_core::{Bounds, Case, Playbook, State, Timestamp, event::*};
/// # let line = br#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z"}"#;
/// # let new = EventLine::parse(line)?.identify(|_| 0);
/// let event = RecordedEvent {
///     position: 1, sequence: 1, id: new.id, recorded_at: Timestamp::default(), event: new.event,
/// };
/// let case = Case::open(Playbook::default(), Bounds::default(), [&event]);
/// assert_eq!(case.lead(event.event.lead_id().unwrap()).unwrap().state(), State::New);
/// # Ok::<(), LineError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) fold: Fold<Ledger>,
    pub(crate) local: Local,
    pub(crate) facts: Facts,
    pub(crate) playbook: Playbook,
}

impl Case {
    /// Folds the events of a lead and of all leads that merges connect with it, in the order of
    /// their positions.
    pub fn open<'a>(
        playbook: Playbook,
        bounds: Bounds,
        events: impl IntoIterator<Item = &'a RecordedEvent>,
    ) -> Self {
        let mut local = Local::default();
        let mut facts = Facts::default();
        events.into_iter().for_each(|event| local.lower(event, &mut facts));
        let fold = fold_local(&playbook, bounds, &mut local, &facts);
        Self { fold, local, facts, playbook }
    }

    /// A lead of the family, if it has begun.
    pub fn lead(&self, id: LeadId) -> Option<Lead<'_>> {
        self.tables().lead(*self.local.leads.get(&id)?)
    }

    /// The leads that its events are of or name, whether they have begun or not.
    pub fn leads(&self) -> impl Iterator<Item = (LeadId, LeadIndex)> {
        self.local.leads.iter().map(|(id, index)| (*id, *index))
    }

    /// The tables of the family.
    pub fn tables(&self) -> &Tables {
        self.fold.tables()
    }

    /// What the hand-off audit keeps of the family.
    pub fn ledger(&self) -> &Ledger {
        self.fold.observer()
    }

    /// The key of a lead of the family.
    pub fn key(&self, index: LeadIndex) -> Option<&LeadKey> {
        self.local.keys.get(index.0 as usize)
    }

    /// The string behind a code; `None` for an absent one.
    pub fn name(&self, code: Code) -> Option<&str> {
        let index = (code.0 as usize).checked_sub(1)?;
        self.local.names.get(index).map(String::as_str)
    }
}

pub(crate) fn fold_local(
    playbook: &Playbook,
    bounds: Bounds,
    local: &mut Local,
    facts: &Facts,
) -> Fold<Ledger> {
    let mut fold = Fold::watched(playbook.clone(), bounds, Ledger::new(playbook.clone()));
    let Ok(()) = fold.learn(|name| Ok::<_, Infallible>(Some(local.code(name))));
    fold.apply(facts);
    let Ok(()) = fold.settle(|leads| {
        let mut history = Facts::default();
        history.extend_filtered(facts, |lead| leads.binary_search(&lead).is_ok());
        Ok::<_, Infallible>(history)
    });
    fold
}

/// Codes of one family.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local {
    codes: BTreeMap<String, Code>,
    names: Vec<String>,
    leads: BTreeMap<LeadId, LeadIndex>,
    keys: Vec<LeadKey>,
    /// Where each event is, by stream and id.
    targets: BTreeMap<(LeadIndex, EventId), Target>,
    early: BTreeMap<(LeadIndex, EventId), Vec<EarlyCorrection>>,
    /// The stream whose event is being lowered: corrections reach no other.
    stream: Option<LeadIndex>,
}

impl Local {
    pub(crate) fn code(&mut self, text: &str) -> Code {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        self.names.push(text.to_owned());
        let code = Code(self.names.len() as u32);
        self.codes.insert(text.to_owned(), code);
        code
    }

    /// Forgets the corrections that wait for an event.
    pub(crate) fn forget_early(&mut self, id: EventId) {
        self.early.retain(|(_, target), _| *target != id);
    }

    fn index(&mut self, id: LeadId, key: &LeadKey) -> LeadIndex {
        if let Some(index) = self.leads.get(&id) {
            return *index;
        }
        let index = LeadIndex(self.keys.len() as u32);
        self.keys.push(key.clone());
        self.leads.insert(id, index);
        index
    }

    pub(crate) fn lower(&mut self, recorded: &RecordedEvent, facts: &mut Facts) {
        let event = &recorded.event;
        let lead = match (event.lead_id(), &event.lead) {
            (Some(id), Some(key)) => self.index(id, key),
            _ => LeadIndex::NONE,
        };
        self.stream = Some(lead);
        let place =
            Place { position: recorded.position, recorded_at: recorded.recorded_at.micros(), lead };
        let early = self.early.remove(&(lead, recorded.id)).unwrap_or_default();
        let Ok(()) = lower(event, place, &early, self, facts);
        if let Body::Corrected(corrected) = &event.body
            && !self.targets.contains_key(&(lead, corrected.target))
        {
            let early = self.early.entry((lead, corrected.target)).or_default();
            early.push(EarlyCorrection {
                position: recorded.position,
                corrected: corrected.clone(),
            });
        }
        let target = Target::new(recorded.position, event);
        self.targets.insert((lead, recorded.id), target);
    }
}

impl Intern for Local {
    type Error = Infallible;

    fn string(&mut self, text: &str) -> Result<Code, Infallible> {
        Ok(self.code(text))
    }

    fn lead(&mut self, id: LeadId, key: &LeadKey) -> Result<LeadIndex, Infallible> {
        Ok(self.index(id, key))
    }

    fn target(&mut self, id: EventId) -> Result<Option<Target>, Infallible> {
        let stream = self.stream.unwrap_or(LeadIndex::NONE);
        Ok(self.targets.get(&(stream, id)).cloned())
    }
}
