//! The hand-off audit: what marketing and sales promised each other, and what became of it.
//!
//! A [`Ledger`] watches the fold and keeps what the tables do not need: episodes event by event,
//! owners' turns, rules that were broken. An [`Audit`] reads tables and ledger at an instant, under
//! a calendar: [`Audit::findings`] with the events that prove them, [`Audit::figures`] of P14 to
//! P20, [`Audit::workload`] of P22.
//!
//! ```
//! # use leadfold_core::{Bounds, Calendar, Case, Playbook, event::*};
//! # use leadfold_core::audit::{Audit, AuditCode};
//! # let mut events = Vec::new();
//! # for (n, line) in [
//! #     r#"{"lead":"L1","type":"captured","occurred_at":"2024-02-01T00:00:00Z"}"#,
//! #     r#"{"lead":"L1","type":"qualified","occurred_at":"2024-02-02T00:00:00Z","data":{"level":"mql"}}"#,
//! #     r#"{"lead":"L1","type":"handed_off","occurred_at":"2024-02-03T00:00:00Z","data":{"to":"ann"}}"#,
//! # ].into_iter().enumerate() {
//! #     let new = EventLine::parse(line.as_bytes())?.identify(|_| 0);
//! #     events.push(RecordedEvent { position: n as u64 + 1, sequence: n as u64 + 1, id: new.id,
//! #         recorded_at: Default::default(), event: new.event });
//! # }
//! // Three events: captured, qualified(mql), handed_off to ann on 3 February.
//! let case = Case::open(Playbook::default(), Bounds::default(), &events);
//! let audit = Audit::of(case.tables(), case.ledger(), &Calendar::always(), "2024-02-10".parse()?);
//! let codes: Vec<AuditCode> = audit.findings().iter().map(|found| found.code).collect();
//! assert_eq!(codes, [AuditCode::DecisionMissing, AuditCode::Leaked]);
//! assert_eq!(audit.findings()[1].evidence, [3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod breach;
mod code;
mod consents;
mod deals;
mod desk;
mod episode;
mod evidence;
mod fields;
mod figures;
mod finding;
mod group;
mod ledger;
mod load;
mod promise;
mod roster;
mod sentence;
mod speed;
mod workload;

use std::collections::BTreeSet;

pub use self::code::{AuditCode, Severity, UnknownCode, draw};
pub use self::evidence::Evidence;
pub use self::figures::{Bands, Figures, FiguresRow, GroupBy, GroupKey};
pub use self::finding::{AuditFinding, Detail};
pub use self::ledger::Ledger;
pub use self::promise::{Episode, Kept};
pub use self::speed::SpeedToLead;
pub use self::workload::LoadRow;

use crate::tables::Tables;
use crate::{Calendar, Lead, LeadIndex, State, Timestamp};

/// A reading of the hand-offs at an instant.
#[derive(Clone, Debug)]
pub struct Audit<'a> {
    tables: &'a Tables,
    ledger: &'a Ledger,
    calendar: Calendar,
    as_of: Timestamp,
    /// Of which leads it speaks; of all if none are named.
    only: Option<BTreeSet<LeadIndex>>,
}

impl<'a> Audit<'a> {
    /// The audit of a fold's tables and of the ledger that watched it. `calendar` is the one that
    /// the playbook names; promises in seconds are seconds of its working time.
    pub fn of(
        tables: &'a Tables,
        ledger: &'a Ledger,
        calendar: &Calendar,
        as_of: Timestamp,
    ) -> Self {
        Self { tables, ledger, calendar: calendar.clone(), as_of, only: None }
    }

    /// The same of some leads alone: their hand-offs in the figures, and their findings. How much
    /// an owner has to do stays a matter of all leads, and so does a hand-off that was too many.
    #[must_use]
    pub fn only(self, leads: BTreeSet<LeadIndex>) -> Self {
        Self { only: Some(leads), ..self }
    }

    /// Whether the audit speaks of a lead.
    fn is_of(&self, lead: LeadIndex) -> bool {
        self.only.as_ref().is_none_or(|leads| leads.contains(&lead))
    }

    /// The leads that it speaks of and that stand for themselves.
    fn leads(&self) -> impl Iterator<Item = Lead<'a>> {
        let leads = self.tables.leads();
        leads.filter(|lead| lead.state() != State::Merged && self.is_of(lead.index()))
    }
}
