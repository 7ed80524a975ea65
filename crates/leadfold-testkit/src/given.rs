//! Given a history, when a command comes, then it is recorded, refused, or nothing.
//!
//! ```
//! use leadfold_core::{Command, Reason, event::Accepted};
//! use leadfold_testkit::{given, story::Story};
//!
//! let story = Story::new().at("2024-03-01T17:55:00Z").lead("L1").captured("webinar");
//! let accept = Command::Accept(Accepted { by: Some("ann".into()), handoff: None });
//! given(story.clone())
//!     .when(accept.clone(), "2024-03-04T10:00:00Z")
//!     .then_refused(Reason::NoHandoff);
//! given(story.qualified_mql().handed_off("ann"))
//!     .when(accept.clone(), "2024-03-04T10:00:00Z")
//!     .then_recorded("accepted")
//!     .when(accept, "2024-03-04T10:05:00Z")
//!     .then_nothing();
//! ```

use std::fmt::Write;

use leadfold_core::event::{Event, NewEvent, Origin};
use leadfold_core::{Bounds, Case, Command, LeadKey, Playbook, Reason, Refusal, decide};
use leadfold_store::{EventStore, StoreError};

use crate::ids::event_id;
use crate::log::{Log, LogError};
use crate::moment::Moment;
use crate::text::{indented, short};
use crate::timeline::Timeline;
use crate::unmet::{Unmet, demand};

/// Begins with what has happened: a [`Story`](crate::story::Story), events, or `[]`. Commands are
/// decided under the default playbook, unless [`Given::under`] gives another.
///
/// # Panics
/// Where the events make no log; [`Given::of`] takes a log that is one already.
#[track_caller]
pub fn given(history: impl IntoIterator<Item = NewEvent>) -> Given {
    match Given::new(history) {
        Ok(given) => given,
        Err(error) => panic!("the given history is no log: {error}"),
    }
}

/// A history to which commands come.
#[derive(Debug)]
pub struct Given {
    log: Log,
    playbook: Playbook,
    lead: Option<LeadKey>,
}

impl Given {
    fn new(history: impl IntoIterator<Item = NewEvent>) -> Result<Self, LogError> {
        let events: Vec<NewEvent> = history.into_iter().collect();
        let lead = events.iter().rev().find_map(|new| new.event.lead.clone());
        Ok(Self { log: Log::of(events)?, playbook: Playbook::default(), lead })
    }

    /// The history of a log: a copy, so that commands do not reach the log itself.
    ///
    /// # Errors
    /// When the log's store fails.
    pub fn of<S: EventStore>(log: &Log<S>) -> Result<Self, StoreError> {
        let events = log.events()?.into_iter().map(|recorded| NewEvent {
            id: recorded.id,
            recorded_at: Some(recorded.recorded_at),
            event: recorded.event,
        });
        Ok(Self::new(events).expect("what a store holds is a log"))
    }

    /// Decides under this playbook.
    #[must_use]
    pub fn under(self, playbook: Playbook) -> Self {
        Self { playbook, ..self }
    }

    /// The commands that follow are to this lead. Without it they are to the lead of the last
    /// event.
    ///
    /// # Panics
    /// Where the text is no lead key.
    #[must_use]
    #[track_caller]
    pub fn lead(self, key: &str) -> Self {
        match key.parse() {
            Ok(key) => Self { lead: Some(key), ..self },
            Err(error) => panic!("{error}"),
        }
    }

    /// A command comes, and is decided.
    ///
    /// # Panics
    /// Where no lead is named: neither by an event nor by [`Given::lead`].
    #[must_use = "say what is expected of it: then_recorded, then_refused or then_nothing"]
    #[track_caller]
    pub fn when(self, command: Command, at: impl Moment) -> Decided {
        let Some(lead) = self.lead.clone() else {
            panic!("expected a lead that the command is to, found none; name it by `lead`")
        };
        let event = Event::new(lead, at.instant(), command.into_body());
        let event = self.as_of_the_leads_origin(event);
        self.when_event(event)
    }

    /// The same for an event with an envelope of its own: tenant, origin, actor.
    #[must_use = "say what is expected of it: then_recorded, then_refused or then_nothing"]
    pub fn when_event(self, event: Event) -> Decided {
        let case = Case::open(self.playbook.clone(), Bounds::default(), &self.events());
        let decision = decide(&case, event.clone());
        Decided { given: self, event, decision }
    }

    /// The history, with what was recorded since.
    pub fn log(&self) -> &Log {
        &self.log
    }

    fn events(&self) -> Vec<leadfold_core::event::RecordedEvent> {
        self.log.events().expect("memory does not fail")
    }

    /// A lead's identity is of its tenant and its system of origin too.
    fn as_of_the_leads_origin(&self, event: Event) -> Event {
        let events = self.events().into_iter().rev();
        let last = events.map(|recorded| recorded.event).find(|known| known.lead == event.lead);
        let Some(last) = last else { return event };
        let origin = last.origin.map(|origin| Origin { id: None, unknown: Vec::new(), ..origin });
        Event { tenant: last.tenant, origin, ..event }
    }

    fn record(self, event: Event) -> Self {
        let unique = self.events().len() as u64 + 0x1000_0000;
        let id = event_id(event.occurred_at.at, unique);
        let lead = event.lead.clone().or(self.lead);
        let new = NewEvent { id, recorded_at: None, event };
        self.log.append([new]).expect("an event that was decided is one");
        Self { lead, ..self }
    }
}

/// A command and what was decided.
#[derive(Debug)]
pub struct Decided {
    given: Given,
    event: Event,
    decision: Result<Option<Event>, Refusal>,
}

impl Decided {
    /// The decision: an event to record, nothing to record, or a refusal.
    pub fn decision(&self) -> &Result<Option<Event>, Refusal> {
        &self.decision
    }

    /// Demands that an event of this type is recorded, and goes on from there.
    ///
    /// # Panics
    /// When it is not; the message has the refusal and the lead's life.
    #[track_caller]
    pub fn then_recorded(self, type_name: &str) -> Given {
        demand(self.check_recorded(type_name))
    }

    /// Demands that the command is refused for this reason, and goes on as before.
    ///
    /// # Panics
    /// When it is not; the message has the decision and the lead's life.
    #[track_caller]
    pub fn then_refused(self, reason: Reason) -> Given {
        demand(self.check_refused(reason))
    }

    /// Demands that there is nothing to record because it is already so, and goes on as before.
    ///
    /// # Panics
    /// When there is; the message has the decision and the lead's life.
    #[track_caller]
    pub fn then_nothing(self) -> Given {
        demand(self.check_nothing())
    }

    /// Checks what [`Decided::then_recorded`] demands.
    ///
    /// # Errors
    /// [`Unmet`] with the same message.
    pub fn check_recorded(self, type_name: &str) -> Result<Given, Unmet> {
        match &self.decision {
            Ok(Some(event)) if event.body.type_name() == type_name => {
                let event = event.clone();
                Ok(self.given.record(event))
            }
            _ => Err(self.unmet(&format!("expected `{type_name}` to be recorded"))),
        }
    }

    /// Checks what [`Decided::then_refused`] demands.
    ///
    /// # Errors
    /// [`Unmet`] with the same message.
    pub fn check_refused(self, reason: Reason) -> Result<Given, Unmet> {
        match &self.decision {
            Err(refusal) if refusal.reason == reason => Ok(self.given),
            _ => Err(self.unmet(&format!("expected the refusal {reason}"))),
        }
    }

    /// Checks what [`Decided::then_nothing`] demands.
    ///
    /// # Errors
    /// [`Unmet`] with the same message.
    pub fn check_nothing(self) -> Result<Given, Unmet> {
        match &self.decision {
            Ok(None) => Ok(self.given),
            _ => Err(self.unmet("expected nothing to be recorded")),
        }
    }

    fn unmet(&self, expected: &str) -> Unmet {
        let found = match &self.decision {
            Ok(Some(event)) => format!("`{}` was recorded", event.body.type_name()),
            Ok(None) => "it is already so, and nothing was recorded".to_owned(),
            Err(refusal) => format!("a refusal: {refusal}"),
        };
        let lead = self.event.lead.as_ref().map_or("-", LeadKey::as_str);
        let mut message = format!("{expected}, found {found}\n");
        writeln!(message, "(playbook {:?})\n\nlead {}:", self.given.playbook.name, short(lead))
            .expect("a string takes all");
        message.push_str(&indented(&self.timeline(), 3));
        Unmet::new(message)
    }

    /// The lead's life, and the command at the end of it.
    fn timeline(&self) -> String {
        let Given { log, playbook, .. } = &self.given;
        let lead = self.event.lead_id().and_then(|id| {
            let entry = log.store.lead(id).expect("memory does not fail");
            entry.map(|entry| entry.index)
        });
        let timeline = lead.map(|lead| {
            Timeline::of(log, playbook, Bounds::default(), lead).expect("memory does not fail")
        });
        let next = self.given.events().len() as u64 + 1;
        timeline.unwrap_or_else(Timeline::empty).asked(&self.event, next).marked(&[next], None)
    }
}
