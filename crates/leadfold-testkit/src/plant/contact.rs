//! Touches that were not to be.

use leadfold_core::State;
use leadfold_core::audit::AuditCode;

use super::fault::Plot;

pub(super) const MARKETING_TOUCH_TO_CUSTOMER: &[Plot] = &[
    |life| {
        let win = life.bought("ann");
        let touch = life.mailed();
        life.fault(AuditCode::MarketingTouchToCustomer, &[win, touch]);
    },
    |life| {
        let snapshot = life.snapshot(State::Customer);
        life.implied(AuditCode::HistoryGap, &[snapshot]);
        life.visited();
        let touch = life.mailed();
        life.fault(AuditCode::MarketingTouchToCustomer, &[snapshot, touch]);
    },
];

pub(super) const MARKETING_TOUCH_TO_OPPORTUNITY: &[Plot] = &[
    |life| {
        let opening = life.dealt("ann");
        let touch = life.mailed();
        life.fault(AuditCode::MarketingTouchToOpportunity, &[opening, touch]);
        life.days(1);
        life.won();
    },
    |life| {
        let opening = life.dealt("ann");
        life.staged("offer", None);
        life.visited();
        let touch = life.campaign("phone");
        life.fault(AuditCode::MarketingTouchToOpportunity, &[opening, touch]);
        life.lost(Some("price"));
    },
];

pub(super) const TOUCHED_AFTER_WITHDRAWAL: &[Plot] = &[
    |life| {
        life.captured();
        let withdrawal = life.withdrew("news", None);
        life.visited();
        let touch = life.mailed();
        life.fault(AuditCode::TouchedAfterWithdrawal, &[withdrawal, touch]);
    },
    |life| {
        life.captured();
        life.consented("news");
        life.mailed();
        let withdrawal = life.withdrew("news", Some("email"));
        life.campaign("phone");
        life.days(3);
        let touch = life.campaign("email");
        life.fault(AuditCode::TouchedAfterWithdrawal, &[withdrawal, touch]);
    },
    // A consent to something else lifts nothing.
    |life| {
        life.captured();
        let withdrawal = life.withdrew("news", None);
        life.consented("billing");
        let touch = life.mailed();
        life.fault(AuditCode::TouchedAfterWithdrawal, &[withdrawal, touch]);
    },
];

pub(super) const WORKED_BEFORE_HANDOFF: &[Plot] = &[
    |life| {
        life.captured();
        let touch = life.called("ann");
        life.mql();
        life.fault(AuditCode::WorkedBeforeHandoff, &[touch]);
    },
    // In the second round of the lead.
    |life| {
        life.taken("ann");
        life.days(7);
        let back = life.returned("ann", "no budget this year");
        life.recycled();
        life.days(14);
        life.mailed();
        let round = life.mql();
        let touch = life.called("ann");
        life.fault(AuditCode::WorkedBeforeHandoff, &[back, round, touch]);
    },
    |life| {
        life.taken("ann");
        life.days(7);
        let back = life.returned("ann", "no budget this year");
        life.days(14);
        let round = life.mql();
        let touch = life.called("ann");
        life.fault(AuditCode::WorkedBeforeHandoff, &[back, round, touch]);
    },
];
