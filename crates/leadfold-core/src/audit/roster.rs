//! The people and queues of a playbook, by their codes in a log.

use std::collections::{BTreeMap, BTreeSet};

use crate::routing::OwnerSpec;
use crate::{Code, DAY, Playbook, Timestamp};

/// An owner's limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Seat {
    /// How many leads may be open at a time.
    pub(super) open_max: Option<u32>,
    /// How many may come in any 24 hours: a thirtieth of the capacity, to the nearest.
    pub(super) day_quota: Option<u64>,
    left_at: Option<Timestamp>,
}

impl Seat {
    fn of(owner: &OwnerSpec) -> Self {
        let quota = |capacity: u32| (u64::from(capacity) + 15) / 30;
        Self {
            open_max: owner.open_max,
            day_quota: owner.capacity.map(quota),
            left_at: owner.left_at,
        }
    }

    pub(super) fn has_left(&self, at: Timestamp) -> bool {
        self.left_at.is_some_and(|left_at| left_at <= at)
    }

    pub(super) fn is_limited(&self) -> bool {
        self.open_max.is_some() || self.day_quota.is_some()
    }
}

/// The stretch in which a day's quota counts.
pub(super) const QUOTA_SPAN: i64 = DAY;

/// Seats, teams and queues by code.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    pub(super) seats: BTreeMap<Code, Seat>,
    /// Of owners that the log does not name yet, in the order of the playbook.
    pub(super) unnamed: Vec<(String, Seat)>,
    pub(super) teams: BTreeMap<Code, String>,
    pub(super) queues: BTreeSet<Code>,
}

impl Roster {
    /// The seats of a playbook's owners. Those that no event has named yet have no code.
    pub(super) fn of<E>(
        playbook: &Playbook,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<Self, E> {
        let mut roster = Self::default();
        let Some(routing) = &playbook.routing else { return Ok(roster) };
        for owner in &routing.owners {
            let Some(code) = code_of(&owner.name)? else {
                roster.unnamed.push((owner.name.clone(), Seat::of(owner)));
                continue;
            };
            roster.seats.insert(code, Seat::of(owner));
            roster.teams.extend(owner.team.clone().map(|team| (code, team)));
        }
        for queue in &routing.queues {
            let Some(code) = code_of(&queue.name)? else { continue };
            roster.queues.insert(code);
            roster.teams.extend(queue.team.clone().map(|team| (code, team)));
        }
        Ok(roster)
    }
}
