//! Tables as they stood at a position, kept beside the log so that a start need not fold all of it.

use crate::Checkpoint;

/// A snapshot to be kept: parts of bytes, what they are of, and where in the log.
///
/// To the store all of it is bytes. Whoever reads one compares the key with its own and the
/// checkpoint with the log, and is on its guard all the same: a snapshot is derived, and never the
/// truth.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Snapshot {
    /// Of what it is: `leadfold_core::snapshot_key`.
    pub key: Vec<u8>,
    /// The last event that it has seen.
    pub at: Checkpoint,
    /// The bytes, about a mebibyte each.
    pub parts: Vec<Vec<u8>>,
}

/// A snapshot that a store keeps, without its parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptSnapshot {
    /// Which: none has the number of another one.
    pub number: u64,
    /// Of what it is.
    pub key: Vec<u8>,
    /// The last event that it has seen.
    pub at: Checkpoint,
    /// How many parts it has.
    pub parts: u32,
}
