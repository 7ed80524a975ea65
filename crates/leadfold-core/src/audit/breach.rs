//! What an event breaks when it happens, with the events that prove it.

use super::AuditCode;
use super::evidence::Proof;
use crate::tables::NO_ROW;
use crate::{Code, Timestamp};

/// A rule that an event broke, or what made one of the fold's findings so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breach {
    pub(super) code: AuditCode,
    pub(super) at: Timestamp,
    /// The event.
    pub(super) position: u64,
    pub(super) proof: Proof,
    pub(super) owner: Code,
    /// The hand-off in the tables, if it is about one.
    pub(super) handoff: u32,
    /// Gate fields that were missing, one bit each.
    pub(super) missing: u64,
    /// It only says more about a finding of the fold.
    pub(super) is_context: bool,
}

impl Breach {
    pub(super) fn new(code: AuditCode, at: Timestamp, position: u64, before: &[u64]) -> Self {
        let mut positions = [0; 4];
        let n = before.len().min(3);
        positions[..n].copy_from_slice(&before[..n]);
        positions[n] = position;
        Self {
            code,
            at,
            position,
            proof: Proof::of(&positions),
            owner: Code::NONE,
            handoff: NO_ROW,
            missing: 0,
            is_context: false,
        }
    }
}
