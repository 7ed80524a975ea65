//! Hand-off episodes: what came of each offer to sales, event by event.

use super::deals::Standing;
use crate::tables::NO_ROW;
use crate::{Code, Decision, State};

/// "Not yet" in a column of instants.
pub(super) const NEVER: i64 = i64::MAX;

/// Who has a lead, since when, and the event that gave it to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holding {
    pub(super) owner: Code,
    pub(super) at: i64,
    pub(super) by: u64,
    /// By accepting it.
    pub(super) is_accepted: bool,
}

/// What the audit keeps of a hand-off beside its row in the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct EpisodeRow {
    /// The hand-off in the tables.
    pub(super) handoff: u32,
    /// The definition by which the lead was qualified last.
    pub(super) definition: Code,
    /// What had brought the lead's last owner before the offer; 0 for none.
    pub(super) given: u64,
    /// That owner's turn, in the ledger; [`NO_ROW`] for none.
    pub(super) tenure: u32,
    /// Who has the lead, or had it when the episode ended.
    pub(super) held: Holding,
    /// The event that decided or closed it; 0 for none.
    pub(super) decided: u64,
    /// Who had the lead then.
    pub(super) decision_held: Holding,
    pub(super) attempt_at: i64,
    pub(super) attempt: u64,
    /// Who had the lead at the first attempt.
    pub(super) attempt_held: Holding,
    pub(super) contact_at: i64,
    pub(super) contact: u64,
    /// When sales had done with it.
    pub(super) ended_at: i64,
    pub(super) reassigned: u32,
    /// The decision as of the last event.
    pub(super) decision: Decision,
    /// Sales had done with it by giving it back.
    pub(super) is_returned: bool,
    pub(super) was_recycled: bool,
    pub(super) was_requalified: bool,
}

impl EpisodeRow {
    pub(super) fn offered(handoff: u32, trail: &Trail, held: Holding) -> Self {
        Self {
            handoff,
            definition: trail.definition,
            given: trail.owners[0].1,
            tenure: trail.tenures,
            held,
            decided: 0,
            decision_held: held,
            attempt_at: NEVER,
            attempt: 0,
            attempt_held: held,
            contact_at: NEVER,
            contact: 0,
            ended_at: NEVER,
            reassigned: 0,
            decision: Decision::Pending,
            is_returned: false,
            was_recycled: false,
            was_requalified: false,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.ended_at == NEVER
    }
}

/// Whether a lead in this state is in the hands of sales.
pub(super) fn is_with_sales(state: State) -> bool {
    state.is_with_sales()
}

/// An owner's turn at a lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tenure {
    pub(super) owner: Code,
    pub(super) from_at: i64,
    /// The event that began it.
    pub(super) from: u64,
    pub(super) until_at: i64,
    pub(super) until: u64,
    /// The lead was in the hands of sales: it counts against the owner's capacity.
    pub(super) is_work: bool,
    /// It began with a change of owner, not with a move of the lead.
    pub(super) is_given: bool,
}

/// Where a lead's life stands in the log. Every lead has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The event that began the lead.
    pub(super) began: u64,
    /// The event that brought it into its state; 0 if that is the one that began it.
    pub(super) entered: u64,
    /// Its trail; [`NO_ROW`] while there is nothing to tell.
    pub(super) trail: u32,
}

impl Default for Mark {
    fn default() -> Self {
        Self { began: 0, entered: 0, trail: NO_ROW }
    }
}

impl Mark {
    /// The event by which the lead came into its state.
    pub(super) fn came(&self) -> u64 {
        if self.entered == 0 { self.began } else { self.entered }
    }
}

/// What the audit knows of a lead that sales, or the law, has had to do with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    /// The first capture, if the lead began without one; else 0.
    pub(super) captured: u64,
    /// What first made it a customer, if it did not begin as one; else 0.
    pub(super) customer: u64,
    /// What brought it to rest, and what began its present round then; 0 in the first.
    pub(super) round: [u64; 2],
    pub(super) cycle: u32,
    pub(super) deals: Standing,
    /// The recycling since which it waits for a touch, 0 if it does not; and when it was to come
    /// back.
    pub(super) recycled: u64,
    pub(super) recycled_at: i64,
    pub(super) until_at: i64,
    /// The gate fields that are filled, one bit each.
    pub(super) fields: u64,
    pub(super) first_owned_at: i64,
    pub(super) first_attempt_at: i64,
    pub(super) definition: Code,
    /// The present owner and the two before, with the events that brought them.
    pub(super) owners: [(Code, u64); 3],
    pub(super) episodes: u32,
    pub(super) tenures: u32,
    pub(super) breaches: u32,
    /// Sales has touched it since the present owner has it.
    pub(super) is_touched: bool,
    /// An open episode waits for its first attempt, or its first contact.
    pub(super) is_awaited: bool,
    /// It was won.
    pub(super) was_won: bool,
    /// It has had deals.
    pub(super) has_deals: bool,
    /// It has withdrawn a consent, or given one that ends.
    pub(super) has_withdrawn: bool,
    /// It has been where the playbook forbids campaigns.
    pub(super) was_off_limits: bool,
    /// The round in which sales was found to work before a hand-off.
    pub(super) worked_early_in: u32,
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            captured: 0,
            customer: 0,
            round: [0; 2],
            cycle: 1,
            deals: Standing::default(),
            recycled: 0,
            recycled_at: NEVER,
            until_at: NEVER,
            fields: 0,
            first_owned_at: NEVER,
            first_attempt_at: NEVER,
            definition: Code::NONE,
            owners: [(Code::NONE, 0); 3],
            episodes: NO_ROW,
            tenures: NO_ROW,
            breaches: NO_ROW,
            is_touched: false,
            is_awaited: false,
            was_won: false,
            has_deals: false,
            has_withdrawn: false,
            was_off_limits: false,
            worked_early_in: 0,
        }
    }
}

impl Trail {
    /// Whether somebody waits for a touch, or none is allowed.
    pub(super) fn is_watched(&self) -> bool {
        self.recycled != 0 || self.has_withdrawn || self.was_off_limits
    }
}
