//! What a score is made from: changes of the profile and touches, each with time and position.

use crate::Timestamp;
use crate::event::{Attributes, Body, Touched};

/// One thing that can change a score.
///
/// Signals are ordered by (`at`, `position`). A position is that of one event in the log: a signal
/// that is applied a second time changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// When it happened.
    pub at: Timestamp,
    /// Where its event stands in the log.
    pub position: u64,
    /// What it is.
    pub what: Sign,
}

/// What a [`Signal`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum Sign {
    /// What is known about the lead changed.
    Profile(Attributes),
    /// One interaction.
    Touch(Touched),
}

impl Sign {
    /// What an event says to a score, if anything: the attributes of `captured`,
    /// `profile_updated` and `snapshot_imported`, and `touched`.
    ///
    /// Which events count, and when, is the fold's to say: pass effective ones.
    pub fn of(body: &Body) -> Option<Self> {
        match body {
            Body::Captured(captured) => captured.attributes.clone().map(Self::Profile),
            Body::ProfileUpdated(updated) => Some(Self::Profile(updated.attributes.clone())),
            Body::SnapshotImported(shown) => shown.attributes.clone().map(Self::Profile),
            Body::Touched(touched) => Some(Self::Touch(touched.clone())),
            _ => None,
        }
    }
}
