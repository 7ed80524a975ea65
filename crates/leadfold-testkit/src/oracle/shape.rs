//! What goes into a reading (rules and bounds) and what comes out of it, as plain data.
//! States, codes and decisions are their names, so that a difference prints as one reads it.

use std::collections::{BTreeMap, BTreeSet};

/// What a reading does with an event that breaks the rules (a finding either way).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Illegal {
    /// It has its effects all the same.
    #[default]
    Apply,
    /// It has no effect at all.
    Skip,
}

/// The rules of the playbook that a reading follows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rules {
    /// What to do with illegal events.
    pub illegal: Illegal,
    /// A hand-off straight from `new` is legal.
    pub hand_raiser: bool,
    /// Missing steps are implied.
    pub implied_steps: bool,
    /// `qualified(sql)` at `new` is legal for leads that sales generated.
    pub sales_generated: bool,
    /// A missing reason is a finding.
    pub require_reasons: bool,
    /// The stages of each pipeline that the playbook lists.
    pub pipelines: Vec<(String, Vec<String>)>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            illegal: Illegal::Apply,
            hand_raiser: false,
            implied_steps: true,
            sales_generated: true,
            require_reasons: false,
            pipelines: Vec::new(),
        }
    }
}

/// The bounds of a reading, in microseconds since the epoch; both are inclusive.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Bounds {
    /// Only what happened by then.
    pub as_of: Option<i64>,
    /// Only what was known by then.
    pub known_at: Option<i64>,
}

/// All that a reading says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Outcome {
    /// The leads that have begun, by key.
    pub leads: BTreeMap<String, Lead>,
    /// The costs, in order.
    pub costs: Vec<Cost>,
    /// The findings, by position, code and reason.
    pub findings: Vec<Finding>,
}

/// One lead at the bounds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lead {
    /// The state, by name.
    pub state: String,
    /// The round, from 1.
    pub cycle: u32,
    /// Whose it is.
    pub owner: Option<String>,
    /// When it was first captured.
    pub captured_at: Option<i64>,
    /// When its first visit began.
    pub began_at: i64,
    /// The highest rung of the ladder ever entered (0 `new` to 6 `customer`).
    pub reached: u8,
    /// The states entered other than by implication.
    pub entered: BTreeSet<String>,
    /// The source.
    pub source: Option<String>,
    /// The medium.
    pub medium: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The first product that an opportunity, a win or a payment named.
    pub product: Option<String>,
    /// The origin (`inbound`, `sales_generated`, ...).
    pub origin: Option<String>,
    /// The attributes that came with a capture; numbers as their JSON text.
    pub attributes: BTreeMap<String, String>,
    /// The visits of states, in order; only the last may be open.
    pub visits: Vec<Visit>,
    /// The hand-offs, in order of the offer.
    pub handoffs: Vec<Handoff>,
    /// The opportunities, in order of opening.
    pub opportunities: Vec<Opportunity>,
    /// The rows of money, in order.
    pub revenue: Vec<Revenue>,
    /// The direct parent of a merged lead.
    pub merged_into: Option<String>,
    /// Whether the customer has gone.
    pub churned: bool,
}

/// One stay in a state.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Visit {
    /// The state.
    pub state: String,
    /// When it was entered.
    pub entered_at: i64,
    /// When it was left; `None` while it lasts.
    pub left_at: Option<i64>,
    /// An implied step, of no length.
    pub implied: bool,
    /// The true length is not known (an unknown start, or ended by a snapshot).
    pub unknown: bool,
    /// The round of the lead at the entry.
    pub cycle: u32,
}

/// One offer of the lead to sales, and what was decided.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Handoff {
    /// To whom.
    pub to: String,
    /// When it was offered.
    pub offered_at: i64,
    /// When it was decided or closed.
    pub decided_at: Option<i64>,
    /// `pending`, `accepted`, `rejected`, `superseded`, `closed` or `returned`.
    pub decision: String,
    /// Who decided.
    pub by: Option<String>,
    /// The acceptance is implied.
    pub implied: bool,
    /// The key of the episode, if it was given.
    pub key: Option<String>,
    /// Why it was rejected or returned.
    pub reason: Option<String>,
    /// The lead's cycle when it was offered.
    pub cycle: u32,
}

/// One deal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Opportunity {
    /// Its key, where there is one.
    pub key: Option<String>,
    /// When it was first opened.
    pub opened_at: i64,
    /// Opened by implication.
    pub implied: bool,
    /// `open`, `won` or `lost`.
    pub outcome: String,
    /// When it was closed, unless it is open.
    pub closed_at: Option<i64>,
    /// Minor units.
    pub amount: Option<i64>,
    /// ISO 4217, `XXX` for an amount of no currency.
    pub currency: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// Why it was lost.
    pub reason: Option<String>,
    /// To whom it was lost.
    pub competitor: Option<String>,
    /// The stage of the pipeline.
    pub stage: Option<String>,
    /// The pipeline.
    pub pipeline: Option<String>,
    /// The lead's cycle when it was opened.
    pub cycle: u32,
    /// How often it was reopened.
    pub reopened: u32,
    /// The lead's owner when it was last opened, reopened or closed.
    pub owner: Option<String>,
    /// The lead's state just before the loss, before any implied steps.
    pub stage_at_loss: Option<String>,
    /// Minor units and ISO 4217, as they were just at the loss.
    pub money_at_loss: Option<(i64, String)>,
}

/// One row of money.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Revenue {
    /// When.
    pub at: i64,
    /// Minor units, never negative.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The margin, where it is known.
    pub margin: Option<i64>,
    /// `first`, `repeat` or `renewal`.
    pub kind: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// Money given back.
    pub refund: bool,
}

/// One `cost_recorded`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cost {
    /// Its position in the log.
    pub position: u64,
    /// When it occurred.
    pub at: i64,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What it was spent on.
    pub scope: BTreeMap<String, String>,
    /// The first instant of the first day.
    pub from: Option<i64>,
    /// The first instant of the last day.
    pub to: Option<i64>,
    /// The kind of cost.
    pub kind: Option<String>,
}

/// Something in the history that is not as it should be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Finding {
    /// What it is.
    pub code: String,
    /// The refusal, for moves that are not allowed.
    pub reason: Option<String>,
    /// The lead whose row shows it.
    pub lead: Option<String>,
    /// The position of the event.
    pub position: u64,
    /// The time of the event.
    pub at: i64,
    /// The lead's state before it; `None` before the lead began, and for what is no matter of
    /// states (`duplicate_external_id`, `unknown_target`).
    pub from: Option<String>,
}
