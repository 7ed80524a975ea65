//! What led to a refusal beside the state.

use super::desk::Desk;
use crate::event::CaptureOrigin;
use crate::fact::Code;
use crate::machine::{Cell, Kind};
use crate::playbook::Rules;
use crate::{Lead, LeadKey, Reason, State, Timestamp};

/// What led to a refusal beside the state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Detail {
    /// Nothing.
    None,
    /// The states in which it is legal.
    States(Vec<State>),
    /// Who owns the lead.
    Owner(Option<String>),
    /// The key of the hand-off that is pending, where another was named.
    Handoff(String),
    /// To whom the pending hand-off was made.
    Recipient(Option<String>),
    /// The opportunities that the lead has, with their outcomes.
    Opportunities(Vec<String>),
    /// The lead that it is part of.
    Survivor(LeadKey),
    /// A stage that no pipeline has.
    Stage(String),
    /// Fields that a gate demands.
    Missing(Vec<String>),
    /// The last event of the lead, and the time of the command.
    Time {
        /// Time of the last event.
        last: Timestamp,
        /// Time of the command.
        found: Timestamp,
    },
}

impl Desk<'_> {
    pub(super) fn detail(&self, kind: Kind, lead: &Lead<'_>, reason: Reason) -> Detail {
        match reason {
            Reason::NotOwner => Detail::Owner(self.case.name(lead.owner()).map(str::to_owned)),
            Reason::HandoffPending => {
                let to = lead.pending_handoff().map_or(Code::NONE, |pending| pending.to);
                Detail::Recipient(self.case.name(to).map(str::to_owned))
            }
            Reason::NoHandoff if lead.state() == State::HandedOff => {
                let key = lead.pending_handoff().map_or(Code::NONE, |pending| pending.key);
                Detail::Handoff(self.case.name(key).unwrap_or_default().to_owned())
            }
            Reason::UnknownOpportunity | Reason::OpportunityClosed => {
                let deals = lead.opportunities();
                let names = deals.iter().map(|deal| {
                    let key = self.case.name(deal.key).unwrap_or("(implied)");
                    format!("{key} {}", deal.outcome.name())
                });
                Detail::Opportunities(names.collect())
            }
            _ => Detail::States(legal_states(kind, &self.case.playbook.rules, lead)),
        }
    }
}

/// The states in which the table lets a kind of event through, on some condition at least.
fn legal_states(kind: Kind, rules: &Rules, lead: &Lead<'_>) -> Vec<State> {
    let is_sales_generated = lead.origin() == Some(CaptureOrigin::SalesGenerated);
    let is_legal = |state: &State| match kind.cell(*state) {
        Cell::No(_) => false,
        Cell::If(shortcut, ..) => shortcut.is_open(rules, is_sales_generated),
        _ => true,
    };
    State::ALL.into_iter().filter(is_legal).collect()
}
