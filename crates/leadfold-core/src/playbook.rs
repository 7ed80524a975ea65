//! The rules of a business, as data. A different playbook over the same log is a what-if.

use serde::{Deserialize, Serialize};

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
}

impl Default for Playbook {
    fn default() -> Self {
        Self {
            name: "default".into(),
            version: "1".into(),
            rules: Rules::default(),
            sla: Sla::default(),
            pipelines: Vec::new(),
        }
    }
}

impl Playbook {
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
    /// Losing, rejecting and disqualifying need a reason.
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
#[serde(rename_all = "snake_case")]
pub enum Illegal {
    /// The source says that it happened, so it did.
    #[default]
    Apply,
    /// It is left out.
    Skip,
}

/// What marketing and sales promised each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sla {
    /// From offer to decision, seconds.
    pub decision_seconds: u64,
    /// From offer to the first attempt by sales, seconds.
    pub first_attempt_seconds: u64,
}

impl Default for Sla {
    fn default() -> Self {
        Self { decision_seconds: 14_400, first_attempt_seconds: 86_400 }
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
