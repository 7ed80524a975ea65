//! Events about deals, payments and costs, and the corrections of them.

use leadfold_core::event::{
    Body, Churned, Corrected, CorrectionAction, CostRecorded, Lost, OpportunityAmended,
    OpportunityKind, OpportunityOpened, OpportunityReopened, OpportunityStageChanged, Refunded,
    RevenueKind, RevenueRecorded, Scope, Won,
};
use leadfold_core::{Currency, EventId, RawJson, When};

use super::super::company::{CHURN_REASONS, COMPETITORS, LOSS_REASONS, PIPELINE, SOURCES, STAGES};
use super::super::costs::month;
use super::{Pen, word};

impl Pen {
    fn currency(self) -> Currency {
        currency(self.profile.region().currency)
    }

    pub(super) fn opened(
        self,
        deal: u8,
        kind: OpportunityKind,
        amount: u32,
        expected_close: When,
    ) -> Body {
        OpportunityOpened {
            opportunity: deal_key(deal),
            pipeline: Some(PIPELINE.into()),
            stage: Some(STAGES[0].into()),
            amount: Some(amount.into()),
            currency: Some(self.currency()),
            expected_close: Some(expected_close),
            probability: None,
            kind: Some(kind),
            product: Some(self.profile.product().into()),
        }
        .into()
    }

    pub(super) fn won(self, deal: u8, amount: u32) -> Body {
        Won {
            opportunity: Some(deal_key(deal)),
            amount: Some(amount.into()),
            currency: Some(self.currency()),
            product: None,
        }
        .into()
    }

    pub(super) fn revenue(self, order: u16, amount: u32, kind: RevenueKind) -> Body {
        RevenueRecorded {
            amount: amount.into(),
            currency: self.currency(),
            margin: Some(i64::from(amount) * 7 / 10),
            order: Some(order_key(order)),
            kind: Some(kind),
            product: Some(self.profile.product().into()),
        }
        .into()
    }

    pub(super) fn refunded(self, order: u16, amount: u32) -> Body {
        Refunded {
            amount: amount.into(),
            currency: self.currency(),
            margin: None,
            order: Some(order_key(order)),
            kind: None,
            product: None,
        }
        .into()
    }
}

fn deal_key(deal: u8) -> String {
    format!("D{deal}")
}

fn order_key(order: u16) -> String {
    format!("R{order}")
}

fn currency(code: &str) -> Currency {
    code.parse().expect("the company's tables hold ISO 4217 codes")
}

pub(super) fn stage(deal: u8, to: u8) -> Body {
    OpportunityStageChanged {
        opportunity: deal_key(deal),
        to: word(&STAGES, to),
        from: Some(word(&STAGES, to - 1)),
        pipeline_to: None,
        pipeline_from: None,
    }
    .into()
}

pub(super) fn amended(deal: u8, amount: u32) -> Body {
    OpportunityAmended {
        opportunity: deal_key(deal),
        amount: Some(amount.into()),
        currency: None,
        expected_close: None,
        probability: None,
    }
    .into()
}

pub(super) fn lost(deal: u8, reason: u8) -> Body {
    let reason = word(&LOSS_REASONS, reason);
    let competitor = COMPETITORS[usize::from(deal) % COMPETITORS.len()];
    let competitor = (reason == "competitor").then(|| competitor.into());
    Lost { opportunity: Some(deal_key(deal)), reason: Some(reason), competitor }.into()
}

pub(super) fn reopened(deal: u8) -> Body {
    OpportunityReopened { opportunity: Some(deal_key(deal)), reason: None }.into()
}

pub(super) fn churned(reason: u8) -> Body {
    Churned { reason: Some(word(&CHURN_REASONS, reason)) }.into()
}

pub(super) fn retracted(target: EventId) -> Body {
    Corrected {
        target,
        action: CorrectionAction::Retract,
        reason: "wrong lead".into(),
        data: None,
        by: None,
    }
    .into()
}

/// A correction exchanges the whole data, so the deal is named again.
pub(super) fn amount_replaced(target: EventId, deal: u8, amount: u32) -> Body {
    let data = format!(r#"{{"opportunity":"{}","amount":{amount}}}"#, deal_key(deal));
    Corrected {
        target,
        action: CorrectionAction::Replace,
        reason: "typing error".into(),
        data: Some(RawJson::parse(&data).expect("keys of deals need no escapes")),
        by: None,
    }
    .into()
}

pub(super) fn cost(source: u8, amount: u32, at: i64) -> Body {
    let (from, to) = month(at);
    CostRecorded {
        amount: amount.into(),
        currency: currency("EUR"),
        scope: Scope::from_iter([("source", SOURCES[usize::from(source)].name)]),
        from: When::Date(from),
        to: When::Date(to),
        kind: Some("media".into()),
    }
    .into()
}
