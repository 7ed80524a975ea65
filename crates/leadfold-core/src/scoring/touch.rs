//! Which touches a rule is about.

use serde::{Deserialize, Serialize};

use crate::event::{Direction, Side, TouchResult, Touched};

/// A choice of touches: in each field one of the listed words. An empty list leaves the field open;
/// a touch that does not say is in no list.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TouchFilter {
    /// Who touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub side: Vec<Side>,
    /// Seen from the company.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub direction: Vec<Direction>,
    /// Mail, phone, web.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    /// What came of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub result: Vec<TouchResult>,
    /// Page, asset or event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub activity: Vec<String>,
    /// The campaign.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaign: Vec<String>,
}

impl TouchFilter {
    /// Whether a touch is one of them.
    pub fn holds(&self, touch: &Touched) -> bool {
        listed(&self.side, Some(&touch.side))
            && listed(&self.direction, touch.direction.as_ref())
            && listed(&self.channel, touch.channel.as_ref())
            && listed(&self.result, touch.result.as_ref())
            && listed(&self.activity, touch.activity.as_ref())
            && listed(&self.campaign, touch.campaign.as_ref())
    }
}

fn listed<T: PartialEq>(words: &[T], word: Option<&T>) -> bool {
    words.is_empty() || word.is_some_and(|word| words.contains(word))
}
