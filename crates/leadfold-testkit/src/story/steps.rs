//! The steps of a story, in the order of a lead's life, each with its usual fields.

use leadfold_core::event::{
    Accepted, Assigned, Body, Captured, Churned, Corrected, CorrectionAction, CostRecorded,
    Disqualified, Erased, HandedOff, Level, Lost, Merged, OpportunityOpened,
    OpportunityStageChanged, Qualified, Recycled, Refunded, Rejected, Reopened, ReturnTarget,
    Returned, RevenueRecorded, Scope, Scored, Side, TouchResult, Touched, Unmerged, Won,
};
use leadfold_core::{Currency, EventId, RawJson};

use super::{Story, instant, lead_key};

/// The steps. Money is in minor units of EUR.
impl Story {
    /// The lead came from this source.
    pub fn captured(self, source: &str) -> Self {
        self.event(Captured {
            source: Some(source.into()),
            medium: None,
            campaign: None,
            channel: None,
            origin: None,
            attributes: None,
            pii: None,
        })
    }

    /// The prospect did something.
    pub fn visited(self, activity: &str) -> Self {
        self.event(Touched { activity: Some(activity.into()), ..touched(Side::Prospect) })
    }

    /// Sales tried to reach the lead, and perhaps did.
    pub fn called(self, by: &str, result: TouchResult) -> Self {
        let (by, result) = (Some(by.into()), Some(result));
        self.event(Touched { by, result, ..touched(Side::Sales) })
    }

    /// A model weighed the lead.
    pub fn scored(self, total: f64) -> Self {
        self.event(Scored {
            model: "story".into(),
            model_version: "1".into(),
            total,
            fit: None,
            behaviour: None,
            band: None,
        })
    }

    /// It meets marketing's definition.
    pub fn qualified_mql(self) -> Self {
        self.event(Qualified { level: Level::Mql, definition: None, by: None })
    }

    /// It was offered to sales.
    pub fn handed_off(self, to: &str) -> Self {
        self.event(HandedOff {
            to: to.into(),
            handoff: None,
            decision_due: None,
            touch_due: None,
            reason: None,
        })
    }

    /// It got an owner.
    pub fn assigned(self, to: &str) -> Self {
        self.event(Assigned { to: Some(to.into()), from: None, cause: None })
    }

    /// Sales took it.
    pub fn accepted(self, by: &str) -> Self {
        self.event(Accepted { by: Some(by.into()), handoff: None })
    }

    /// Sales declined it.
    pub fn rejected(self, reason: &str, to: Option<ReturnTarget>) -> Self {
        self.event(Rejected { reason: reason.into(), by: None, handoff: None, to })
    }

    /// Sales gave it back.
    pub fn returned(self, reason: &str) -> Self {
        self.event(Returned { reason: reason.into(), by: None, handoff: None, to: None })
    }

    /// It went into nurture.
    pub fn recycled(self) -> Self {
        self.event(Recycled { programme: None, until: None, reason: None })
    }

    /// It does not fit.
    pub fn disqualified(self, reason: &str) -> Self {
        self.event(Disqualified { reason: reason.into(), class: None })
    }

    /// It is open again.
    pub fn reopened(self) -> Self {
        self.event(Reopened { reason: None })
    }

    /// It meets sales' definition.
    pub fn qualified_sql(self) -> Self {
        self.event(Qualified { level: Level::Sql, definition: None, by: None })
    }

    /// A deal began.
    pub fn opened(self, opportunity: &str, amount: i64) -> Self {
        self.event(OpportunityOpened {
            opportunity: opportunity.into(),
            pipeline: None,
            stage: None,
            amount: Some(amount),
            currency: Some(eur()),
            expected_close: None,
            probability: None,
            kind: None,
            product: None,
        })
    }

    /// A deal moved on.
    pub fn stage(self, opportunity: &str, to: &str) -> Self {
        self.event(OpportunityStageChanged {
            opportunity: opportunity.into(),
            to: to.into(),
            from: None,
            pipeline_to: None,
            pipeline_from: None,
        })
    }

    /// A deal was won, for what was expected.
    pub fn won(self, opportunity: &str) -> Self {
        let opportunity = Some(opportunity.into());
        self.event(Won { opportunity, amount: None, currency: None, product: None })
    }

    /// A deal was lost.
    pub fn lost(self, opportunity: &str, reason: &str) -> Self {
        let (opportunity, reason) = (Some(opportunity.into()), Some(reason.into()));
        self.event(Lost { opportunity, reason, competitor: None })
    }

    /// They paid.
    pub fn revenue(self, amount: i64) -> Self {
        self.event(RevenueRecorded {
            amount,
            currency: eur(),
            margin: None,
            order: None,
            kind: None,
            product: None,
        })
    }

    /// They got money back.
    pub fn refunded(self, amount: i64) -> Self {
        self.event(Refunded {
            amount,
            currency: eur(),
            margin: None,
            order: None,
            kind: None,
            product: None,
        })
    }

    /// They stopped being a customer.
    pub fn churned(self) -> Self {
        self.event(Churned { reason: None })
    }

    /// The lead is part of another from now on.
    pub fn merged(self, into: &str) -> Self {
        self.event(Merged { into: lead_key(into) })
    }

    /// It is no part of the other after all.
    pub fn unmerged(self, from: &str) -> Self {
        self.event(Unmerged { from: lead_key(from) })
    }

    /// That did not happen.
    pub fn retract(self, target: EventId) -> Self {
        self.event(corrected(target, CorrectionAction::Retract, None))
    }

    /// That happened otherwise: `data` is the whole data of the event, as JSON.
    pub fn replace(self, target: EventId, data: &str) -> Self {
        let data = RawJson::parse(data).expect("a story replaces data by JSON");
        self.event(corrected(target, CorrectionAction::Replace, Some(data)))
    }

    /// The person asked to be forgotten.
    pub fn erased(self) -> Self {
        self.event(Erased { request: "R1".into(), basis: None })
    }

    /// Money was spent on a source from the one day to the other. It happens to no lead.
    pub fn cost(mut self, source: &str, amount: i64, from: &str, to: &str) -> Self {
        let lead = self.lead.take();
        let story = self.event(CostRecorded {
            amount,
            currency: eur(),
            scope: Scope::from_iter([("source", source)]),
            from: instant(from).into(),
            to: instant(to).into(),
            kind: None,
        });
        Self { lead, ..story }
    }
}

pub(crate) fn touched(side: Side) -> Touched {
    Touched {
        side,
        direction: None,
        channel: None,
        result: None,
        by: None,
        campaign: None,
        activity: None,
    }
}

pub(crate) fn corrected(target: EventId, action: CorrectionAction, data: Option<RawJson>) -> Body {
    Corrected { target, action, reason: "mistake".into(), data, by: None }.into()
}

pub(crate) fn eur() -> Currency {
    "EUR".parse().expect("EUR is an ISO 4217 code")
}
