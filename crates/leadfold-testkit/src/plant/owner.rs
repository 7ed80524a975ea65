//! Owners who had no room, or had left, or passed the lead around.

use leadfold_core::EventId;
use leadfold_core::audit::AuditCode;

use super::fault::Plot;
use super::life::Life;

/// So many leads are too many for dora at a time, and for eve in a day.
const TOO_MANY: usize = 3;

pub(super) const OVER_CAPACITY: &[Plot] = &[
    |life| {
        let offers = crowded(life, "dora");
        life.fault(AuditCode::OverCapacity, &offers);
    },
    |life| {
        let offers = crowded(life, "eve");
        life.fault(AuditCode::OverCapacity, &offers);
    },
];

/// Leads for one owner on a day of its own. Returns their offers.
fn crowded(life: &mut Life, owner: &str) -> Vec<EventId> {
    life.on_a_day_of_its_own();
    let mut offers = Vec::new();
    let mut leads = Vec::new();
    while offers.len() < TOO_MANY {
        if !leads.is_empty() {
            life.companion();
        }
        leads.push(life.lead());
        offers.push(life.offered(owner));
    }
    for lead in leads {
        life.back_to(lead);
        life.accepted(owner);
        life.called(owner);
        life.disqualified("no budget");
    }
    offers
}

pub(super) const OWNER_GONE: &[Plot] = &[|life| {
    // The owner left in the tenth week.
    life.days(9 * 7);
    let offer = life.offered("gus");
    life.accepted("gus");
    life.called("gus");
    life.fault(AuditCode::OwnerGone, &[offer]);
}];

pub(super) const PING_PONG: &[Plot] = &[
    |life| {
        let to = life.offered("ann");
        life.called("ann");
        let away = life.reassigned("ben");
        life.called("ben");
        let back = life.reassigned("ann");
        life.accepted("ann");
        life.fault(AuditCode::PingPong, &[to, away, back]);
    },
    // In three rounds.
    |life| {
        let to = life.offered("ann");
        life.rejected("ann", "too early");
        let away = again(life, "ben");
        life.rejected("ben", "too early");
        let back = again(life, "ann");
        life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::PingPong, &[to, away, back]);
    },
];

fn again(life: &mut Life, to: &str) -> EventId {
    life.days(21);
    life.mql();
    life.handed_off(to)
}

pub(super) const REASSIGNED_WITHOUT_TOUCH: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        let taken = life.reassigned("ben");
        life.accepted("ben");
        life.called("ben");
        life.fault(AuditCode::ReassignedWithoutTouch, &[offer, taken]);
    },
    |life| {
        let offer = life.offered("ann");
        life.accepted("ann");
        let taken = life.unassigned();
        life.called("ann");
        life.fault(AuditCode::ReassignedWithoutTouch, &[offer, taken]);
    },
    // The second owner did not touch it; the first one had.
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        let given = life.reassigned("ben");
        let taken = life.reassigned("cleo");
        life.accepted("cleo");
        life.fault(AuditCode::ReassignedWithoutTouch, &[offer, given, taken]);
    },
];
