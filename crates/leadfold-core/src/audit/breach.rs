//! What an event breaks when it happens, with the events that prove it.

use super::AuditCode;
use crate::tables::NO_ROW;
use crate::{Code, Timestamp};

/// Positions of the events that prove a finding, oldest first, the last one being the event that
/// it is about.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Proof {
    positions: [u64; 4],
}

impl Proof {
    /// Positions without the absent ones (0) and without repetitions.
    pub(super) fn of(positions: &[u64]) -> Self {
        let mut proof = Self::default();
        let mut n = 0;
        for position in positions {
            if *position != 0 && !proof.positions.contains(position) {
                proof.positions[n] = *position;
                n += 1;
            }
        }
        proof.positions.sort_unstable();
        proof
    }

    pub(super) fn positions(&self) -> Vec<u64> {
        // The absent ones come first.
        let absent = self.positions.partition_point(|position| *position == 0);
        self.positions[absent..].to_vec()
    }
}

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
