//! Histories that are not in order, or not all there.

use leadfold_core::audit::AuditCode;
use leadfold_core::event::{Body, Churned, Origin, Other, Unmerged};
use leadfold_core::{EventId, RawJson, State};

use super::fault::Plot;
use super::life::Life;

pub(super) const DUPLICATE_EXTERNAL_ID: &[Plot] = &[
    |life| {
        life.captured();
        let first = life.visited();
        life.hours(1);
        let second = life.visited();
        same_there(life, [first, second]);
    },
    |life| {
        let first = life.captured();
        life.mailed();
        let second = life.mql();
        same_there(life, [first, second]);
    },
];

/// All that is known of the lead is known from one system, and these two have one id there.
fn same_there(life: &mut Life, events: [EventId; 2]) {
    for event in &mut life.events {
        let id = events.contains(&event.id).then(|| "7".into());
        let system = Some("crm".into());
        event.event.origin = Some(Origin { system, id, unknown: Default::default() });
    }
    life.fault(AuditCode::DuplicateExternalId, &events);
}

pub(super) const HISTORY_GAP: &[Plot] = &[
    |life| {
        let first = life.visited();
        life.mailed();
        life.mql();
        life.fault(AuditCode::HistoryGap, &[first]);
    },
    |life| {
        let first = life.snapshot(State::Mql);
        life.mailed();
        life.fault(AuditCode::HistoryGap, &[first]);
    },
    // The middle is missing.
    |life| {
        life.captured();
        life.days(30);
        let snapshot = life.snapshot(State::Nurturing);
        life.mailed();
        life.fault(AuditCode::HistoryGap, &[snapshot]);
    },
    // All that is known of it is whose double it is.
    |life| {
        let survivor = life.lead();
        life.captured();
        life.companion();
        let first = life.merged(survivor);
        life.fault(AuditCode::HistoryGap, &[first]);
    },
];

pub(super) const OUT_OF_ORDER: &[Plot] = &[
    |life| {
        let first = life.visited();
        life.implied(AuditCode::HistoryGap, &[first]);
        life.mailed();
        let capture = life.captured();
        life.fault(AuditCode::OutOfOrder, &[first, capture]);
    },
    |life| {
        let first = life.snapshot(State::Mql);
        life.implied(AuditCode::HistoryGap, &[first]);
        life.days(1);
        let capture = life.captured();
        life.fault(AuditCode::OutOfOrder, &[first, capture]);
    },
];

pub(super) const NEGATIVE_DURATION: &[Plot] = &[
    |life| {
        let first = life.snapshot(State::Customer);
        life.implied(AuditCode::HistoryGap, &[first]);
        life.days(1);
        let capture = life.captured();
        life.implied(AuditCode::OutOfOrder, &[first, capture]);
        life.fault(AuditCode::NegativeDuration, &[first, capture]);
    },
    |life| {
        let first = life.snapshot(State::Mql);
        life.implied(AuditCode::HistoryGap, &[first]);
        life.handed_off("ann");
        life.accepted("ann");
        life.called("ann");
        life.sql();
        life.opened();
        let win = life.won();
        life.days(1);
        let capture = life.captured();
        life.implied(AuditCode::OutOfOrder, &[first, capture]);
        life.fault(AuditCode::NegativeDuration, &[win, capture]);
    },
];

pub(super) const UNKNOWN_TARGET: &[Plot] = &[
    |life| {
        life.captured();
        let nothing = EventId(uuid::Uuid::from_u128(7));
        let correction = life.retracted(nothing);
        life.fault(AuditCode::UnknownTarget, &[correction]);
    },
    |life| {
        life.captured();
        let visit = life.visited();
        let correction = life.replaced(visit, r#"{"side":"moon"}"#);
        life.fault(AuditCode::UnknownTarget, &[correction]);
    },
    // An event of another lead.
    |life| {
        let other = life.captured();
        life.companion();
        life.captured();
        let correction = life.retracted(other);
        life.fault(AuditCode::UnknownTarget, &[correction]);
    },
];

pub(super) const UNKNOWN_TYPE: &[Plot] = &[
    |life| {
        life.captured();
        let data = RawJson::parse(r#"{"to":"mars"}"#).ok();
        let other = Body::Other(Other { type_name: "teleported".into(), data });
        let event = life.event(other);
        life.fault(AuditCode::UnknownType, &[event]);
    },
    |life| {
        life.captured();
        let data = RawJson::parse("{}").ok();
        let event = life.event(Body::Other(Other { type_name: "won".into(), data }));
        life.last().event.version = 9;
        life.fault(AuditCode::UnknownType, &[event]);
    },
];

pub(super) const ILLEGAL: &[Plot] = &[
    |life| {
        let first = life.captured();
        life.visited();
        let second = life.captured();
        life.fault(AuditCode::Illegal, &[first, second]);
    },
    |life| {
        life.qualified();
        let event = life.event(Churned { reason: None });
        life.fault(AuditCode::Illegal, &[event]);
    },
    |life| {
        life.qualified();
        let event = life.reopened();
        life.fault(AuditCode::Illegal, &[event]);
    },
    |life| {
        life.captured();
        let erasure = life.erased();
        let visit = life.visited();
        life.fault(AuditCode::Illegal, &[erasure, visit]);
    },
    |life| {
        let offer = life.offered("ann");
        let recycling = life.recycled();
        life.mailed();
        life.fault(AuditCode::Illegal, &[offer, recycling]);
    },
    |life| {
        let first = life.offered("ann");
        let second = life.handed_off("ben");
        life.accepted("ben");
        life.called("ben");
        life.fault(AuditCode::Illegal, &[first, second]);
    },
    |life| {
        let opening = life.dealt("ann");
        let end = life.disqualified("no budget");
        life.fault(AuditCode::Illegal, &[opening, end]);
    },
    |life| {
        life.dealt("ann");
        let loss = life.lost(Some("price"));
        let step = life.staged("offer", None);
        life.fault(AuditCode::Illegal, &[loss, step]);
    },
    |life| {
        let first = life.bought("ann");
        let second = life.won_for(1);
        life.fault(AuditCode::Illegal, &[first, second]);
    },
    |life| {
        let win = life.bought("ann");
        let event = life.mql();
        life.fault(AuditCode::Illegal, &[win, event]);
    },
    |life| {
        let other = life.lead();
        life.captured();
        life.companion();
        life.captured();
        let event = life.event(Unmerged { from: other });
        life.fault(AuditCode::Illegal, &[event]);
    },
];
