//! The lead lifecycle as pure functions.
//!
//! A log of [`event::Event`]s is lowered once to [`Facts`], folded into [`Tables`], and read by
//! [`metrics`]. [`decide`] is the strict door for commands; the fold is the total door for
//! history. Nothing here does I/O, reads a clock, draws a random number or waits.

pub mod audit;
mod bisect;
mod by_lead;
mod calendar;
mod case;
mod command;
mod decide;
pub mod due;
pub mod event;
mod fact;
mod fold;
mod id;
mod json;
mod lower;
pub mod machine;
pub mod metrics;
mod money;
mod pack;
mod pii;
mod playbook;
mod refusal;
pub mod routing;
pub mod scoring;
mod state;
pub mod tables;
mod time;
mod versions;
pub mod whatif;
mod word;
mod zone;

pub use self::by_lead::{LeadFacts, LeadPage, LeadRuns, NotByLead};
pub use self::calendar::{Calendar, CalendarError, CalendarSpec, Hours, LocalDate};
pub use self::case::Case;
pub use self::command::Command;
pub use self::decide::{Detail, Refusal, decide};
pub use self::fact::{Code, DecodeError, Fact, Facts, LeadIndex};
pub use self::fold::{
    Apart, Bounds, FOLD, Fold, Glance, LeadSet, Observer, Restore, RestoreError, Seen, Shard,
    Sharded, Touch, fold_leads, fold_leads_watched, fold_pages, snapshot_key,
};
pub use self::id::{EventId, KeyError, LeadId, LeadKey};
pub use self::json::{RawJson, Unknown};
pub use self::lower::{EarlyCorrection, Intern, LOWERING, Place, Target, lower};
pub use self::money::{Currency, CurrencyError, Money};
pub use self::pii::Pii;
pub use self::playbook::{
    AuditRules, Clock, Conduct, Gate, Illegal, Pipeline, Playbook, Rules, Sla,
};
pub use self::refusal::Reason;
pub use self::state::State;
pub use self::tables::{
    Cost, Decision, Finding, FindingCode, Grown, Handoff, Lead, Opportunity, Outcome, Revenue,
    Tables, Visit,
};
pub use self::time::{DAY, Precision, SECOND, TimeError, Timestamp, When, ZonedTime};
pub use self::versions::{Publication, Published, Versions};
pub use self::zone::Zone;
