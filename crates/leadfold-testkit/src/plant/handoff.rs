//! Hand-offs and answers that break a rule.

use leadfold_core::audit::AuditCode;

use super::fault::Plot;
use super::life::Life;

pub(super) const ACCEPTED_BY_OTHER: &[Plot] = &[
    |life| {
        let offer = life.offered("ann");
        let acceptance = life.accepted("ben");
        life.called("ben");
        life.fault(AuditCode::AcceptedByOther, &[offer, acceptance]);
    },
    |life| {
        let offer = life.offered("ann");
        life.called("ann");
        let taken = life.reassigned("cleo");
        let acceptance = life.accepted("ben");
        life.fault(AuditCode::AcceptedByOther, &[offer, taken, acceptance]);
    },
];

pub(super) const ACCEPTED_WITHOUT_HANDOFF: &[Plot] = &[
    |life| {
        life.qualified();
        let acceptance = life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::AcceptedWithoutHandoff, &[acceptance]);
    },
    |life| {
        life.captured();
        let acceptance = life.accepted("ann");
        life.fault(AuditCode::AcceptedWithoutHandoff, &[acceptance]);
    },
    // A second acceptance, when sales has gone on already.
    |life| {
        life.taken("ann");
        let sql = life.sql();
        let acceptance = life.accepted("ann");
        life.fault(AuditCode::AcceptedWithoutHandoff, &[sql, acceptance]);
    },
];

pub(super) const GATE_NOT_MET: &[Plot] = &[
    |life| {
        life.captured_with(None, &["industry"]);
        let offer = answered(life);
        life.fault(AuditCode::GateNotMet, &[offer]);
    },
    |life| {
        life.captured_with(Some("web"), &[]);
        let offer = answered(life);
        life.profile(&["industry"]);
        life.fault(AuditCode::GateNotMet, &[offer]);
    },
    |life| {
        life.captured_with(Some("web"), &["industry"]);
        answered(life);
        let sql = life.sql();
        life.fault(AuditCode::GateNotMet, &[sql]);
    },
];

/// Offered to ann, accepted and called at once. Returns the offer.
fn answered(life: &mut Life) -> leadfold_core::EventId {
    life.mql();
    let offer = life.handed_off("ann");
    life.accepted("ann");
    life.called("ann");
    offer
}

pub(super) const HANDED_OFF_UNQUALIFIED: &[Plot] = &[
    |life| {
        life.captured();
        let offer = life.handed_off("ann");
        life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::HandedOffUnqualified, &[offer]);
    },
    |life| {
        life.qualified();
        let recycling = life.recycled();
        life.mailed();
        let offer = life.handed_off("ann");
        life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::HandedOffUnqualified, &[recycling, offer]);
    },
    |life| {
        life.qualified();
        let end = life.disqualified("no budget");
        let offer = life.handed_off("ann");
        life.accepted("ann");
        life.called("ann");
        life.fault(AuditCode::HandedOffUnqualified, &[end, offer]);
    },
];

pub(super) const REJECTED_WITHOUT_REASON: &[Plot] = &[
    |life| {
        life.offered("ann");
        let rejection = life.rejected("ann", "");
        life.fault(AuditCode::RejectedWithoutReason, &[rejection]);
    },
    |life| {
        life.taken("ann");
        let back = life.returned("ann", "");
        life.fault(AuditCode::RejectedWithoutReason, &[back]);
    },
];
