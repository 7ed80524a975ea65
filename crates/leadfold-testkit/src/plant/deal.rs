//! Deals and money that do not fit the history.

use leadfold_core::State;
use leadfold_core::audit::AuditCode;

use super::fault::Plot;

pub(super) const MISSING_REASON: &[Plot] = &[
    |life| {
        life.dealt("ann");
        let loss = life.lost(None);
        life.fault(AuditCode::MissingReason, &[loss]);
    },
    |life| {
        life.captured();
        let end = life.disqualified("");
        life.fault(AuditCode::MissingReason, &[end]);
    },
];

pub(super) const REVENUE_BEFORE_WON: &[Plot] = &[
    |life| {
        life.dealt("ann");
        let money = life.paid();
        life.fault(AuditCode::RevenueBeforeWon, &[money]);
        life.won();
    },
    |life| {
        life.captured();
        let money = life.refunded();
        life.fault(AuditCode::RevenueBeforeWon, &[money]);
    },
];

pub(super) const UNKNOWN_STAGE: &[Plot] = &[
    |life| {
        life.taken("ann");
        let opening = life.opened_at("sales", "closing");
        life.fault(AuditCode::UnknownStage, &[opening]);
    },
    |life| {
        let opening = life.dealt("ann");
        let step = life.staged("closing", None);
        life.fault(AuditCode::UnknownStage, &[opening, step]);
    },
    |life| {
        let opening = life.dealt("ann");
        let step = life.staged("closing", Some("sales"));
        life.fault(AuditCode::UnknownStage, &[opening, step]);
    },
    // A stage of the pipeline in which the deal was before.
    |life| {
        life.taken("ann");
        let opening = life.opened_at("renewal", "review");
        let piped = life.staged("demo", Some("sales"));
        let step = life.staged("review", None);
        life.fault(AuditCode::UnknownStage, &[opening, piped, step]);
    },
    // A stage of neither.
    |life| {
        life.taken("ann");
        let opening = life.opened_at("renewal", "review");
        life.staged("demo", Some("sales"));
        let step = life.staged("closing", None);
        life.fault(AuditCode::UnknownStage, &[opening, step]);
    },
];

pub(super) const WON_WITHOUT_HANDOFF: &[Plot] = &[
    |life| {
        let snapshot = life.snapshot(State::Sql);
        life.implied(AuditCode::HistoryGap, &[snapshot]);
        life.opened();
        let win = life.won();
        life.fault(AuditCode::WonWithoutHandoff, &[win]);
    },
    |life| {
        life.qualified();
        let win = life.won();
        life.implied(AuditCode::Illegal, &[win]);
        life.fault(AuditCode::WonWithoutHandoff, &[win]);
        life.paid();
    },
    |life| {
        life.qualified();
        let acceptance = life.accepted_by_somebody();
        life.implied(AuditCode::AcceptedWithoutHandoff, &[acceptance]);
        life.called("ann");
        life.sql();
        life.opened();
        life.days(7);
        let win = life.won();
        life.fault(AuditCode::WonWithoutHandoff, &[win]);
    },
];
