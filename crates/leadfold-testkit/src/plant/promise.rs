//! Promises that time breaks.

use leadfold_core::audit::AuditCode;

use super::fault::Plot;
use super::life::Life;

/// Working time from an offer to the decision: the offices are open, so all time counts.
const DECISION: i64 = 4 * 3_600;
/// Three working days of eight hours each, and no weekend in between.
const ATTEMPT: i64 = 3 * 86_400;
/// When the record of a hand-off is late.
const BACK_DATED: i64 = 3 * 86_400;

pub(super) const ATTEMPT_LATE: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        life.accepted("ann");
        life.after(offer, ATTEMPT + 1);
        let attempt = life.called("ann");
        life.fault(AuditCode::AttemptLate, &[offer, attempt]);
        life.called("ann");
    },
    |life| {
        let offer = life.offered("triage");
        let acceptance = life.accepted("ben");
        life.mailed();
        life.called_by_automation();
        life.days(10);
        let attempt = life.called("ben");
        life.fault(AuditCode::AttemptLate, &[offer, acceptance, attempt]);
    },
    |life| {
        let offer = life.offered("ann");
        life.accepted("ann");
        life.days(2);
        let taken = life.reassigned("cleo");
        life.implied(AuditCode::ReassignedWithoutTouch, &[offer, taken]);
        life.days(10);
        let attempt = life.called("cleo");
        life.fault(AuditCode::AttemptLate, &[offer, taken, attempt]);
    },
    |life| {
        life.qualified();
        let due = life.in_days(1);
        let offer = life.handed_off_due("ann", None, Some(due));
        life.accepted("ann");
        life.after(offer, 86_401);
        let attempt = life.called("ann");
        life.fault(AuditCode::AttemptLate, &[offer, attempt]);
    },
];

pub(super) const BACK_DATED_HANDOFF: &[Plot] =
    &[|life| back_dated(life, BACK_DATED + 1), |life| back_dated(life, 40 * 86_400)];

fn back_dated(life: &mut Life, seconds: i64) {
    let offer = life.offered("ann");
    life.known_after(seconds);
    life.accepted("ann");
    life.called("ann");
    life.fault(AuditCode::BackDatedHandoff, &[offer]);
}

pub(super) const DECISION_LATE: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        life.after(offer, DECISION + 1);
        let decision = life.accepted("ann");
        life.fault(AuditCode::DecisionLate, &[offer, decision]);
    },
    |life| {
        let offer = life.offered("ann");
        life.days(5);
        let decision = life.rejected("ann", "too small");
        life.fault(AuditCode::DecisionLate, &[offer, decision]);
    },
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        life.days(1);
        let taken = life.reassigned("cleo");
        life.days(1);
        let decision = life.accepted_by_somebody();
        life.fault(AuditCode::DecisionLate, &[offer, taken, decision]);
    },
    |life| {
        life.qualified();
        let due = life.in_days(0);
        let offer = life.handed_off_due("ann", Some(due), None);
        let decision = life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::DecisionLate, &[offer, decision]);
    },
];

pub(super) const DECISION_MISSING: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        life.fault(AuditCode::DecisionMissing, &[offer]);
    },
    |life| {
        let offer = life.offered("ann");
        life.fault(AuditCode::DecisionMissing, &[offer]);
        life.implied(AuditCode::Leaked, &[offer]);
    },
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        life.days(1);
        let taken = life.reassigned("ben");
        life.fault(AuditCode::DecisionMissing, &[offer, taken]);
    },
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        life.days(5);
        life.disqualified("nobody answers");
        life.fault(AuditCode::DecisionMissing, &[offer]);
    },
];

pub(super) const LEAKED: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        life.accepted("ann");
        life.fault(AuditCode::Leaked, &[offer]);
    },
    |life| {
        let offer = life.offered("ann");
        life.accepted("ann");
        let taken = life.reassigned("ben");
        life.implied(AuditCode::ReassignedWithoutTouch, &[offer, taken]);
        life.fault(AuditCode::Leaked, &[offer, taken]);
    },
    // What automation, marketing and the prospect do is no attempt of sales.
    |life| {
        let offer = life.offered("triage");
        let acceptance = life.accepted("ben");
        life.called_by_automation();
        life.mailed();
        life.visited();
        life.fault(AuditCode::Leaked, &[offer, acceptance]);
    },
    |life| {
        let offer = life.offered("ann");
        let acceptance = life.accepted("ann");
        life.days(10);
        life.returned("ann", "not now");
        life.fault(AuditCode::Leaked, &[offer, acceptance]);
    },
];

pub(super) const RECYCLED_AND_FORGOTTEN: &[Plot] = &[
    |life| {
        life.qualified();
        life.mailed();
        let recycling = life.recycled();
        life.fault(AuditCode::RecycledAndForgotten, &[recycling]);
    },
    |life| {
        life.captured();
        let until = life.in_days(30);
        let recycling = life.recycled_until(until);
        life.fault(AuditCode::RecycledAndForgotten, &[recycling]);
    },
    |life| {
        life.taken("ann");
        life.days(7);
        life.returned("ann", "no budget this year");
        let recycling = life.recycled();
        life.fault(AuditCode::RecycledAndForgotten, &[recycling]);
    },
];
