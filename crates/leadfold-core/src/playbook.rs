//! The rules of a business, as data. A different playbook over the same log is a what-if.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::State;
use crate::audit::AuditCode;
use crate::calendar::CalendarSpec;
use crate::routing::RoutingSpec;
use crate::scoring::ScoringSpec;
use crate::word::read_from_strings;

/// The rules under which a log is read.
///
/// The outer programs read it from TOML; any serde format does.
///
/// ```
/// # use leadfold_core::Playbook;
/// let playbook = Playbook::default();
/// assert!(playbook.rules.implied_steps && !playbook.rules.hand_raiser);
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Playbook {
    /// What the business calls it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What is legal.
    pub rules: Rules,
    /// What marketing and sales promised each other.
    pub sla: Sla,
    /// The stages of deals; none means that any stage is known.
    pub pipelines: Vec<Pipeline>,
    /// When the business works. Promises in seconds are seconds of its working time; without a
    /// calendar all time is working time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarSpec>,
    /// How leads are scored, and what a qualified lead is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoring: Option<ScoringSpec>,
    /// The definition of `scoring` by which leads are handed off; left out, the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff_definition: Option<String>,
    /// Fields that a lead needs before it enters a state.
    pub gates: BTreeMap<State, Gate>,
    /// Who can own leads, and which lead goes to whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingSpec>,
    /// What marketing and sales may do to a lead.
    pub conduct: Conduct,
    /// What the audit looks for.
    pub audit: AuditRules,
}

impl Default for Playbook {
    fn default() -> Self {
        Self {
            name: "default".into(),
            version: "1".into(),
            rules: Rules::default(),
            sla: Sla::default(),
            pipelines: Vec::new(),
            calendar: None,
            scoring: None,
            handoff_definition: None,
            gates: BTreeMap::new(),
            routing: None,
            conduct: Conduct::default(),
            audit: AuditRules::default(),
        }
    }
}

impl Playbook {
    /// The audit looks at no more fields than that: the first of [`Playbook::audited_fields`].
    pub const AUDITED_FIELDS_MAX: usize = 64;

    /// The fields of gates that the audit looks at, each once: the mandatory ones of every state,
    /// and those that a lead should have when it is offered to sales.
    pub fn audited_fields(&self) -> Vec<&str> {
        let mandatory = self.gates.values().flat_map(|gate| &gate.mandatory);
        let offered = self.gates.get(&State::HandedOff).into_iter();
        let mut fields = Vec::new();
        for field in mandatory.chain(offered.flat_map(|gate| &gate.desirable)) {
            if !fields.contains(&field.as_str()) {
                fields.push(field.as_str());
            }
        }
        fields
    }

    /// The words whose codes a fold has to learn.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let stages = self.pipelines.iter().flat_map(|p| p.stages.iter().chain([&p.name]));
        let fields =
            self.gates.values().flat_map(|gate| gate.mandatory.iter().chain(&gate.desirable));
        let owners = self.routing.iter().flat_map(|routing| &routing.owners).map(|o| &o.name);
        stages.chain(fields).chain(owners).map(String::as_str).chain(self.queues())
    }

    /// Its queues: who accepts from one need not have been assigned first.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        let queues = self.routing.iter().flat_map(|routing| &routing.queues);
        queues.map(|queue| queue.name.as_str())
    }

    /// Whether the playbook's pipelines know a stage. A pipeline that is not described, and a
    /// playbook without pipelines, know every stage.
    pub fn knows_stage(&self, pipeline: Option<&str>, stage: &str) -> bool {
        let mut described =
            self.pipelines.iter().filter(|known| pipeline.is_none_or(|name| known.name == name));
        match described.next() {
            None => true,
            Some(first) => {
                std::iter::once(first).chain(described).any(|p| p.stages.iter().any(|s| s == stage))
            }
        }
    }
}

/// What is legal.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// What the fold does with history that breaks the rules; it is a finding either way.
    pub illegal: Illegal,
    /// A hand-off straight from `new` is legal.
    pub hand_raiser: bool,
    /// Acceptance, SQL and opportunity may be implied.
    pub implied_steps: bool,
    /// A lead that sales generated enters at SQL.
    pub sales_generated: bool,
    /// Losing, rejecting, returning and disqualifying need a reason.
    pub require_reasons: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            illegal: Illegal::Apply,
            hand_raiser: false,
            implied_steps: true,
            sales_generated: true,
            require_reasons: false,
        }
    }
}

/// What the fold does with history that breaks the rules.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Illegal {
    /// The source says that it happened, so it did.
    #[default]
    Apply,
    /// It is left out.
    Skip,
}

read_from_strings!(Illegal);

/// What marketing and sales promised each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sla {
    /// From offer to decision, seconds.
    pub decision_seconds: u64,
    /// From offer to the first attempt by sales, seconds.
    pub first_attempt_seconds: u64,
    /// What a reassignment does to the clock of the first attempt.
    pub on_reassignment: Clock,
}

/// What a reassignment does to a running clock.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Clock {
    /// It runs on: the prospect waits all the same.
    #[default]
    Keep,
    /// It starts anew for the new owner.
    Restart,
}

read_from_strings!(Clock);

impl Default for Sla {
    fn default() -> Self {
        Self {
            decision_seconds: 14_400,
            first_attempt_seconds: 86_400,
            on_reassignment: Clock::Keep,
        }
    }
}

/// A pipeline of deals.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Its stages, in order.
    pub stages: Vec<String>,
}

/// Fields that a lead needs before it enters a state: captured or updated attributes by name, or
/// `source`, `medium`, `campaign`, `channel`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    /// Without these the lead does not pass: `decide` refuses, the audit reports.
    pub mandatory: Vec<String>,
    /// Good to have: nothing is refused without them, and nothing reported.
    pub desirable: Vec<String>,
}

/// What marketing and sales may do to a lead.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// Marketing may touch customers. Prospects and customers are two bases.
    pub marketing_touches_customers: bool,
    /// Marketing may touch a lead whose opportunity is open.
    pub marketing_touches_opportunities: bool,
    /// Sales may try to reach a lead that was not handed off in its round.
    pub sales_touches_before_handoff: bool,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            marketing_touches_customers: true,
            marketing_touches_opportunities: true,
            sales_touches_before_handoff: false,
        }
    }
}

/// What the audit looks for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditRules {
    /// Findings that are not to be: `audit` answers "no" if there is one.
    pub deny: Vec<AuditCode>,
    /// From a recycling to the next touch, seconds. A recycling with an `until` has its own.
    pub forgotten_after_seconds: u64,
    /// From when a hand-off happened to when it was recorded, seconds. Left out, a hand-off may
    /// be recorded at any time, as an import does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_dated_seconds: Option<u64>,
}

impl Default for AuditRules {
    fn default() -> Self {
        Self { deny: Vec::new(), forgotten_after_seconds: 180 * 86_400, back_dated_seconds: None }
    }
}
