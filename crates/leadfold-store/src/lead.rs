//! A lead as a store knows it.

use leadfold_core::{LeadId, LeadIndex, LeadKey};

/// A lead of a log: its names and the length of its stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeadEntry {
    /// Its dense index in this log.
    pub index: LeadIndex,
    /// Its identity.
    pub id: LeadId,
    /// Its key as it was first written.
    pub key: LeadKey,
    /// Sequence of its last event; 0 for a lead that other events name and that has none.
    pub sequence: u64,
}
