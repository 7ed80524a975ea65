//! By what a playbook hands leads off, checked.

use crate::Playbook;
use crate::scoring::{Definition, ScoringErrors, ScoringModel};

/// By what a playbook hands leads off: one of the definitions of its scoring or, where it has
/// none, whatever was really handed off.
///
/// ```
/// # use leadfold_core::{Playbook, whatif::HandoffRule};
/// let playbook: Playbook = serde_json::from_str(r#"{
///     "handoff_definition": "warm",
///     "scoring": { "name": "b2b", "version": "1", "definitions": [
///         { "name": "hot", "version": "1", "points_min": 50 },
///         { "name": "warm", "version": "1", "points_min": 20 }
///     ] }
/// }"#)?;
/// let rule = HandoffRule::of(&playbook)?;
/// assert_eq!(rule.definition().map(|definition| definition.name()), Some("warm"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HandoffRule {
    model: Option<ScoringModel>,
    /// Which of the model's definitions.
    definition: Option<usize>,
}

impl HandoffRule {
    /// The rule of a playbook: the definition that `handoff_definition` names, else the first.
    ///
    /// # Errors
    /// When the scoring cannot be meant, or has no definition of that name.
    pub fn of(playbook: &Playbook) -> Result<Self, HandoffRuleError> {
        let model = playbook.scoring.clone().map(ScoringModel::new).transpose()?;
        let definitions = model.as_ref().map_or(&[][..], ScoringModel::definitions);
        let definition = match &playbook.handoff_definition {
            None => (!definitions.is_empty()).then_some(0),
            Some(name) => Some(place_of(name, definitions)?),
        };
        Ok(Self { model, definition })
    }

    /// The scoring model, if the playbook has one.
    pub fn model(&self) -> Option<&ScoringModel> {
        self.model.as_ref()
    }

    /// The definition that hands off; none where the real hand-offs count.
    pub fn definition(&self) -> Option<&Definition> {
        self.model.as_ref()?.definitions().get(self.definition?)
    }
}

fn place_of(name: &str, definitions: &[Definition]) -> Result<usize, HandoffRuleError> {
    let place = definitions.iter().position(|definition| definition.name() == name);
    place.ok_or_else(|| HandoffRuleError::UnknownDefinition {
        found: name.to_owned(),
        known: definitions.iter().map(|definition| definition.name().to_owned()).collect(),
    })
}

/// Why a playbook does not say by what it hands off.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HandoffRuleError {
    /// The scoring cannot be meant.
    #[error(transparent)]
    Scoring(#[from] ScoringErrors),
    /// `handoff_definition` names a definition that the scoring does not have.
    #[error(
        "expected {}, found {found:?}; add it to `scoring.definitions`, or leave the key out",
        listed(.known)
    )]
    UnknownDefinition {
        /// The name.
        found: String,
        /// The names of those that there are.
        known: Vec<String>,
    },
}

fn listed(known: &[String]) -> String {
    if known.is_empty() {
        return "the name of a definition, of which the scoring has none".to_owned();
    }
    let quoted: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    format!("one of the scoring's definitions {}", quoted.join(", "))
}
