//! Hand-off episodes: what came of each offer to sales, event by event.

use super::ledger::Chains;
use crate::fold::Seen;
use crate::machine::Kind;
use crate::tables::{NO_ROW, moved};
use crate::{Code, Decision, Handoff};

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

impl Holding {
    /// Whoever it was offered to.
    pub(super) fn offered(handoff: &Handoff) -> Self {
        let (at, by) = (handoff.offered_at.micros(), handoff.position);
        Self { owner: handoff.to, at, by, is_accepted: false }
    }

    pub(super) fn of(tenure: &Tenure) -> Self {
        let Tenure { owner, from_at: at, from: by, is_accepted, .. } = *tenure;
        Self { owner, at, by, is_accepted }
    }
}

/// What the audit keeps of a hand-off beside its row in the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct EpisodeRow {
    /// The hand-off in the tables.
    pub(super) handoff: u32,
    /// The definition by which the lead was qualified last.
    pub(super) definition: Code,
    /// The turn of the lead's last owner before the offer; [`NO_ROW`] for none.
    pub(super) given: u32,
    /// The newest turn before the offer; [`NO_ROW`] for none.
    pub(super) tenure: u32,
    /// The turn of whoever has the lead, or had it when the episode ended; [`NO_ROW`] for whoever
    /// it was offered to, from the offer on.
    pub(super) held: u32,
    /// The same when it was decided.
    pub(super) decision_held: u32,
    /// The same at the first attempt.
    pub(super) attempt_held: u32,
    pub(super) reassigned: u32,
    /// The lead's deals that were opened while it lasted: the ordinal of the first one, and how
    /// many.
    pub(super) deals: [u32; 2],
    /// The fields that the lead had when it was offered, one bit each.
    pub(super) fields: u64,
    /// The event that decided or closed it; 0 for none.
    pub(super) decided: u64,
    pub(super) attempt_at: i64,
    pub(super) attempt: u64,
    pub(super) contact_at: i64,
    /// When sales had done with it.
    pub(super) ended_at: i64,
    /// The decision as of the last event.
    pub(super) decision: Decision,
    /// Sales had done with it by giving it back.
    pub(super) is_returned: bool,
    pub(super) was_recycled: bool,
    /// It was qualified after sales gave it back: what comes then has nothing to do with that.
    pub(super) is_settled: bool,
    /// Its lead has been merged into another, which has an episode like it. Kept here, since to
    /// look at every lead took as long as to judge every episode.
    pub(super) is_absorbed: bool,
}

impl EpisodeRow {
    pub(super) fn offered(handoff: u32, trail: &Trail, fields: u64) -> Self {
        Self {
            handoff,
            definition: trail.definition,
            given: trail.owners[0],
            tenure: trail.tenures,
            held: NO_ROW,
            decision_held: NO_ROW,
            attempt_held: NO_ROW,
            reassigned: 0,
            deals: [0; 2],
            fields,
            decided: 0,
            attempt_at: NEVER,
            attempt: 0,
            contact_at: NEVER,
            ended_at: NEVER,
            decision: Decision::Pending,
            is_returned: false,
            was_recycled: false,
            is_settled: false,
            is_absorbed: false,
        }
    }

    /// Whether sales has declined it, or given it back.
    pub(super) fn was_given_back(&self) -> bool {
        matches!(self.decision, Decision::Rejected | Decision::Returned)
    }

    /// Whether it was qualified again after marketing took it up: what is settled is not taken up
    /// any more.
    pub(super) fn was_requalified(&self) -> bool {
        self.was_recycled && self.is_settled
    }

    pub(super) fn is_open(&self) -> bool {
        self.ended_at == NEVER
    }

    /// Goes by the numbers that its hand-off and the turns at its lead have now.
    pub(super) fn move_by(&mut self, handoffs: u32, tenures: u32) {
        self.handoff = moved(self.handoff, handoffs);
        for turn in [
            &mut self.given,
            &mut self.tenure,
            &mut self.held,
            &mut self.decision_held,
            &mut self.attempt_held,
        ] {
            *turn = moved(*turn, tenures);
        }
    }
}

/// An owner's turn at a lead, or nobody's after one. It ends where the lead's next one begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tenure {
    /// [`Code::NONE`] where it is nobody's.
    pub(super) owner: Code,
    pub(super) from_at: i64,
    /// The event that began it.
    pub(super) from: u64,
    /// The lead was in the hands of sales: it counts against the owner's capacity.
    pub(super) is_work: bool,
    /// It began with a change of owner, not with a move of the lead.
    pub(super) is_given: bool,
    /// It began with the owner's acceptance.
    pub(super) is_accepted: bool,
    /// Its lead has been merged into another, which has a turn like it.
    pub(super) is_absorbed: bool,
}

impl Tenure {
    /// The turn of whoever the event gave the lead to.
    pub(super) fn begun(seen: &Seen<'_>, is_work: bool, is_given: bool) -> Self {
        Self {
            owner: seen.owner(),
            from_at: seen.step().at,
            from: seen.position(),
            is_work,
            is_given,
            is_accepted: seen.kind() == Kind::Accepted,
            is_absorbed: false,
        }
    }

    /// Nobody's turn, which ends an owner's.
    pub(super) fn of_nobody(seen: &Seen<'_>) -> Self {
        Self { owner: Code::NONE, is_accepted: false, ..Self::begun(seen, false, false) }
    }

    /// Whether it counts against one of its owner's limits.
    pub(super) fn counts(&self) -> bool {
        self.is_work || self.is_given
    }
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Trail {
    pub(super) first_attempt_at: i64,
    pub(super) definition: Code,
    /// The newest turns of the present owner and of the one before; queues are none.
    pub(super) owners: [u32; 2],
    pub(super) episodes: u32,
    pub(super) tenures: u32,
    pub(super) breaches: u32,
    /// The recycling since which it waits for a touch; [`NO_ROW`] if it does not.
    pub(super) rest: u32,
    /// What few leads have had; [`NO_ROW`] for nothing of it.
    pub(super) past: u32,
    /// Sales has touched it since the present owner has it.
    pub(super) is_touched: bool,
    /// Nobody waits for an attempt, and none would be too early: one more changes nothing.
    pub(super) is_worked: bool,
    /// An open episode waits for its first attempt, or its first contact.
    pub(super) is_awaited: bool,
    /// It was won.
    pub(super) was_won: bool,
    /// It has withdrawn a consent, or given one that ends.
    pub(super) has_withdrawn: bool,
    /// It has been where the playbook forbids campaigns.
    pub(super) was_off_limits: bool,
}

const _: () = assert!(
    size_of::<Mark>() == 24
        && size_of::<Trail>() == 48
        && size_of::<EpisodeRow>() == 96
        && size_of::<Tenure>() == 24,
    "every byte of a row is memory that the system has to clear"
);

impl Default for Trail {
    fn default() -> Self {
        Self {
            first_attempt_at: NEVER,
            definition: Code::NONE,
            owners: [NO_ROW; 2],
            episodes: NO_ROW,
            tenures: NO_ROW,
            breaches: NO_ROW,
            rest: NO_ROW,
            past: NO_ROW,
            is_touched: false,
            is_worked: false,
            is_awaited: false,
            was_won: false,
            has_withdrawn: false,
            was_off_limits: false,
        }
    }
}

impl Trail {
    /// Goes by the numbers that its rows have now.
    pub(super) fn move_by(&mut self, chains: &Chains) {
        for turn in self.owners.iter_mut().chain([&mut self.tenures]) {
            *turn = moved(*turn, chains.tenures);
        }
        self.episodes = moved(self.episodes, chains.episodes);
        self.breaches = moved(self.breaches, chains.breaches);
        self.rest = moved(self.rest, chains.rests);
        self.past = moved(self.past, chains.pasts);
    }

    /// Whether somebody waits for a touch, or none is allowed.
    pub(super) fn is_watched(&self) -> bool {
        self.rest != NO_ROW || self.has_withdrawn || self.was_off_limits
    }
}

/// A lead that was recycled and waits for a touch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// The recycling.
    pub(super) by: u64,
    pub(super) at: i64,
    /// When it was to come back; [`NEVER`] if that was not said.
    pub(super) until_at: i64,
}

/// What few leads have had.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    /// The first capture, if the lead began without one; else 0.
    pub(super) captured: u64,
    /// What first made it a customer, if it did not begin as one; else 0.
    pub(super) customer: u64,
    /// What brought it to rest, and what began its present round then; 0 in the first.
    pub(super) round: [u64; 2],
    /// The gate fields that are filled, one bit each.
    pub(super) fields: u64,
    /// The round in which sales was found to work before a hand-off.
    pub(super) worked_early_in: u32,
}
