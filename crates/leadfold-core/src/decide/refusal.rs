//! Why a command is not recorded: what was expected, what was found, what to do.

use std::fmt;

use super::Detail;
use crate::machine::Kind;
use crate::{LeadKey, Reason, State};

/// A command that the business says no to.
///
/// ```
/// # use leadfold_core::{Bounds, Case, Playbook, Reason, decide, event::*};
/// let case = Case::open(Playbook::default(), Bounds::default(), []);
/// let event = Event::new("L1".parse()?, "2024-02-01".parse()?, Accepted { by: None, handoff: None });
/// let refusal = decide(&case, event).unwrap_err();
/// assert_eq!(refusal.reason, Reason::NotCaptured);
/// assert_eq!(
///     refusal.to_string(),
///     "cannot record `accepted` for lead L1: expected a captured lead, found none \
///      (not_captured): capture the lead first"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What was to be recorded.
    pub kind: Kind,
    /// For which lead; none for an event without one.
    pub lead: Option<LeadKey>,
    /// The state in which it is; none if it has not begun.
    pub state: Option<State>,
    /// What else led to it.
    pub detail: Detail,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot record `{}` ", self.kind.name())?;
        match &self.lead {
            Some(lead) => write!(f, "for lead {lead}: ")?,
            None => f.write_str("without a lead: ")?,
        }
        self.write_expected_and_found(f)?;
        write!(f, " ({}): {}", self.reason, self.advice())
    }
}

impl Refusal {
    fn advice(&self) -> &'static str {
        match self.detail {
            Detail::Handoff(_) => "name the hand-off that is pending, or none",
            _ => self.reason.advice(),
        }
    }

    fn write_expected_and_found(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "nobody".into());
        if let Detail::Missing(fields) = &self.detail {
            return write!(f, "expected {}, found none of that", fields.join(", "));
        }
        let Some(state) = self.state else {
            let expected = match self.reason {
                Reason::NotACommand => "expected an event that a command may record, found history",
                Reason::DuplicateExternalId => {
                    "expected an event that is new, found its origin known"
                }
                _ => "expected a captured lead, found none",
            };
            return f.write_str(expected);
        };
        match &self.detail {
            Detail::States(states) => {
                let states: Vec<&str> = states.iter().map(|state| state.name()).collect();
                let states = if states.is_empty() { "no state" } else { &states.join(" or ") };
                write!(f, "expected {states}, found {state}")
            }
            Detail::Owner(owner) => write!(f, "expected its owner {}, found another", name(owner)),
            Detail::Handoff(key) => write!(f, "expected the pending hand-off {key}, found another"),
            Detail::Recipient(to) => {
                write!(f, "expected no pending hand-off, found one to {}", name(to))
            }
            Detail::Opportunities(deals) if deals.is_empty() => {
                write!(f, "expected an opportunity, found none in state {state}")
            }
            Detail::Opportunities(deals) => {
                write!(f, "expected one open opportunity that it names, found {}", deals.join(", "))
            }
            Detail::Survivor(key) if self.reason == Reason::ErasedLead => {
                write!(f, "expected a survivor that is there, found {key} erased")
            }
            Detail::Survivor(key) => write!(f, "expected the survivor {key}, found a merged lead"),
            Detail::Stage(stage) => {
                write!(f, "expected a stage of the playbook's pipelines, found {stage:?}")
            }
            Detail::Time { last, found } => {
                write!(f, "expected a time from {last} on, found {found}")
            }
            Detail::None if self.reason == Reason::ErasedLead => {
                f.write_str("expected a lead that is there, found an erased one")
            }
            Detail::None | Detail::Missing(_) => {
                write!(f, "expected a history that allows it, found a lead in {state}")
            }
        }
    }
}
