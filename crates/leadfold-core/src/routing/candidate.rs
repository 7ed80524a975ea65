//! What routing looks at in a lead.

use crate::event::Captured;
use crate::scoring::Profile;

/// A lead that needs an owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    /// Its attributes.
    pub profile: Profile,
    /// Where it came from.
    pub source: Option<String>,
    /// The medium.
    pub medium: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// The channel.
    pub channel: Option<String>,
}

impl From<&Captured> for Candidate {
    fn from(captured: &Captured) -> Self {
        Self {
            profile: captured.attributes.as_ref().map(Profile::from).unwrap_or_default(),
            source: captured.source.clone(),
            medium: captured.medium.clone(),
            campaign: captured.campaign.clone(),
            channel: captured.channel.clone(),
        }
    }
}
