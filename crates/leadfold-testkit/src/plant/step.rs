//! The steps of a life, each with its usual fields, and the usual ways through several of them.
//!
//! A step returns the id of its event. A way returns the id of its last event but the attempts of
//! sales.

use leadfold_core::event::{
    Accepted, Actor, ActorKind, Attributes, Captured, ConsentGranted, ConsentWithdrawn,
    CorrectionAction, Direction, Disqualified, Erased, HandedOff, Level, Lost, Merged,
    OpportunityOpened, OpportunityStageChanged, ProfileUpdated, Qualified, Reassigned, Recycled,
    Refunded, Rejected, Reopened, Returned, RevenueRecorded, Side, SnapshotImported, TouchResult,
    Touched, Unassigned, Won,
};
use leadfold_core::{EventId, LeadKey, RawJson, State, Timestamp};

use super::life::Life;
use crate::story::steps::{corrected, eur, touched};

/// What sales needs to know of a lead.
const KNOWN: [&str; 2] = ["industry", "budget"];

impl Life {
    pub(super) fn captured_with(&mut self, source: Option<&str>, known: &[&str]) -> EventId {
        self.event(Captured {
            source: source.map(str::to_owned),
            medium: None,
            campaign: None,
            channel: None,
            origin: None,
            attributes: Some(attributes(known)),
            pii: None,
        })
    }

    /// With all that the gates ask for.
    pub(super) fn captured(&mut self) -> EventId {
        self.captured_with(Some("web"), &KNOWN)
    }

    pub(super) fn profile(&mut self, known: &[&str]) -> EventId {
        let attributes = attributes(known);
        self.event(ProfileUpdated { attributes, pii: None, verified: None })
    }

    pub(super) fn snapshot(&mut self, state: State) -> EventId {
        let history_known_from = self.in_days(0).into();
        self.event(SnapshotImported {
            state,
            history_known_from,
            owner: None,
            source: Some("crm".into()),
            medium: None,
            campaign: None,
            channel: None,
            attributes: Some(attributes(&KNOWN)),
            pii: None,
        })
    }

    /// The prospect did something.
    pub(super) fn visited(&mut self) -> EventId {
        self.event(touched(Side::Prospect))
    }

    /// Marketing wrote.
    pub(super) fn mailed(&mut self) -> EventId {
        self.campaign("email")
    }

    pub(super) fn campaign(&mut self, channel: &str) -> EventId {
        let (direction, channel) = (Some(Direction::Out), Some(channel.into()));
        self.event(Touched { direction, channel, ..touched(Side::Marketing) })
    }

    /// Sales tried to reach the lead.
    pub(super) fn called(&mut self, by: &str) -> EventId {
        let (by, result) = (Some(by.into()), Some(TouchResult::Attempt));
        self.event(Touched { by, result, ..touched(Side::Sales) })
    }

    /// Automation wrote in the name of sales.
    pub(super) fn called_by_automation(&mut self) -> EventId {
        let id = self.called("bot");
        let kind = Some(ActorKind::Automation);
        self.last().event.actor = Some(Actor { kind, id: None, unknown: Default::default() });
        id
    }

    pub(super) fn mql(&mut self) -> EventId {
        self.event(Qualified { level: Level::Mql, definition: None, by: None })
    }

    pub(super) fn sql(&mut self) -> EventId {
        self.event(Qualified { level: Level::Sql, definition: None, by: None })
    }

    pub(super) fn handed_off(&mut self, to: &str) -> EventId {
        self.handed_off_due(to, None, None)
    }

    pub(super) fn handed_off_due(
        &mut self,
        to: &str,
        decision_due: Option<Timestamp>,
        touch_due: Option<Timestamp>,
    ) -> EventId {
        self.event(HandedOff {
            to: to.into(),
            handoff: None,
            decision_due: decision_due.map(Into::into),
            touch_due: touch_due.map(Into::into),
            reason: None,
        })
    }

    pub(super) fn accepted(&mut self, by: &str) -> EventId {
        self.event(Accepted { by: Some(by.into()), handoff: None })
    }

    /// Nobody says who.
    pub(super) fn accepted_by_somebody(&mut self) -> EventId {
        self.event(Accepted { by: None, handoff: None })
    }

    pub(super) fn rejected(&mut self, by: &str, reason: &str) -> EventId {
        let (by, reason) = (Some(by.into()), reason.into());
        self.event(Rejected { reason, by, handoff: None, to: None })
    }

    pub(super) fn returned(&mut self, by: &str, reason: &str) -> EventId {
        let (by, reason) = (Some(by.into()), reason.into());
        self.event(Returned { reason, by, handoff: None, to: None })
    }

    pub(super) fn recycled(&mut self) -> EventId {
        self.event(Recycled { programme: None, until: None, reason: None })
    }

    pub(super) fn recycled_until(&mut self, until: Timestamp) -> EventId {
        self.event(Recycled { programme: None, until: Some(until.into()), reason: None })
    }

    pub(super) fn disqualified(&mut self, reason: &str) -> EventId {
        self.event(Disqualified { reason: reason.into(), class: None })
    }

    pub(super) fn reopened(&mut self) -> EventId {
        self.event(Reopened { reason: None })
    }

    pub(super) fn reassigned(&mut self, to: &str) -> EventId {
        self.event(Reassigned { to: Some(to.into()), from: None, cause: None })
    }

    pub(super) fn unassigned(&mut self) -> EventId {
        self.event(Unassigned { to: None, from: None, cause: None })
    }

    pub(super) fn opened(&mut self) -> EventId {
        self.opened_at("sales", "demo")
    }

    pub(super) fn opened_at(&mut self, pipeline: &str, stage: &str) -> EventId {
        self.event(OpportunityOpened {
            opportunity: "D1".into(),
            pipeline: Some(pipeline.into()),
            stage: Some(stage.into()),
            amount: Some(90_000),
            currency: Some(eur()),
            expected_close: None,
            probability: None,
            kind: None,
            product: None,
        })
    }

    pub(super) fn staged(&mut self, to: &str, pipeline: Option<&str>) -> EventId {
        self.event(OpportunityStageChanged {
            opportunity: "D1".into(),
            to: to.into(),
            from: None,
            pipeline_to: pipeline.map(str::to_owned),
            pipeline_from: None,
        })
    }

    pub(super) fn won(&mut self) -> EventId {
        self.won_for(90_000)
    }

    pub(super) fn won_for(&mut self, amount: i64) -> EventId {
        let (opportunity, amount) = (Some("D1".into()), Some(amount));
        self.event(Won { opportunity, amount, currency: Some(eur()), product: None })
    }

    pub(super) fn lost(&mut self, reason: Option<&str>) -> EventId {
        let (opportunity, reason) = (Some("D1".into()), reason.map(str::to_owned));
        self.event(Lost { opportunity, reason, competitor: None })
    }

    pub(super) fn paid(&mut self) -> EventId {
        let (margin, order, kind, product) = Default::default();
        let (amount, currency) = (90_000, eur());
        self.event(RevenueRecorded { amount, currency, margin, order, kind, product })
    }

    pub(super) fn refunded(&mut self) -> EventId {
        let (margin, order, kind, product) = Default::default();
        let (amount, currency) = (9_000, eur());
        self.event(Refunded { amount, currency, margin, order, kind, product })
    }

    pub(super) fn merged(&mut self, into: LeadKey) -> EventId {
        self.event(Merged { into })
    }

    pub(super) fn erased(&mut self) -> EventId {
        self.event(Erased { request: "R1".into(), basis: None })
    }

    pub(super) fn consented(&mut self, purpose: &str) -> EventId {
        let (channel, basis, expires_at) = Default::default();
        self.event(ConsentGranted { purpose: purpose.into(), channel, basis, expires_at })
    }

    pub(super) fn withdrew(&mut self, purpose: &str, channel: Option<&str>) -> EventId {
        let (purpose, channel) = (purpose.into(), channel.map(str::to_owned));
        self.event(ConsentWithdrawn { purpose, channel, basis: None, expires_at: None })
    }

    pub(super) fn retracted(&mut self, target: EventId) -> EventId {
        self.event(corrected(target, CorrectionAction::Retract, None))
    }

    pub(super) fn replaced(&mut self, target: EventId, data: &str) -> EventId {
        let data = RawJson::parse(data).expect("a plot replaces data by JSON");
        self.event(corrected(target, CorrectionAction::Replace, Some(data)))
    }
}

impl Life {
    pub(super) fn qualified(&mut self) -> EventId {
        self.captured();
        self.mql()
    }

    /// A few minutes after its capture it was offered.
    pub(super) fn offered(&mut self, to: &str) -> EventId {
        self.qualified();
        self.handed_off(to)
    }

    /// Accepted within the hour, and called.
    pub(super) fn taken(&mut self, by: &str) -> EventId {
        self.offered(by);
        self.hours(1);
        let acceptance = self.accepted(by);
        self.called(by);
        acceptance
    }

    /// A deal was opened the next day.
    pub(super) fn dealt(&mut self, by: &str) -> EventId {
        self.taken(by);
        self.days(1);
        self.sql();
        self.opened()
    }

    pub(super) fn bought(&mut self, by: &str) -> EventId {
        self.dealt(by);
        self.days(14);
        self.won()
    }
}

fn attributes(known: &[&str]) -> Attributes {
    known.iter().map(|name| (*name, "known")).collect()
}
