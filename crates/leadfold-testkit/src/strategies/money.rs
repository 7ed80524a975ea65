//! Random bodies about deals, payments and costs.

use leadfold_core::event::{
    Body, Churned, CostRecorded, Lost, OpportunityAmended, OpportunityKind, OpportunityOpened,
    OpportunityReopened, OpportunityStageChanged, Reactivated, Refunded, RevenueKind,
    RevenueRecorded, Scope, Won,
};

use super::dials::Dials;
use super::words::{
    self, AMOUNTS, CAMPAIGNS, DEALS, FRACTIONS, MARGINS, PRODUCTS, REASONS, SOURCES,
};

const KINDS: [RevenueKind; 3] = [RevenueKind::First, RevenueKind::Repeat, RevenueKind::Renewal];

/// The body of a type of this group.
pub(super) fn body(kind: &str, d: &mut Dials<'_>) -> Option<Body> {
    Some(match kind {
        "opportunity_opened" => opened(d),
        "opportunity_stage_changed" => stage_changed(d),
        "opportunity_amended" => amended(d),
        "won" => won(d),
        "lost" => Lost {
            opportunity: d.maybe_word(&DEALS),
            reason: d.maybe_word(&REASONS),
            competitor: d.maybe_word(&["acme"]),
        }
        .into(),
        "opportunity_reopened" => {
            let (opportunity, reason) = (d.maybe_word(&DEALS), d.maybe_word(&REASONS));
            OpportunityReopened { opportunity, reason }.into()
        }
        "revenue_recorded" => revenue(d),
        "refunded" => refunded(d),
        "cost_recorded" => cost(d),
        "churned" => Churned { reason: d.maybe_word(&REASONS) }.into(),
        "reactivated" => Reactivated { reason: d.maybe_word(&REASONS) }.into(),
        _ => return None,
    })
}

fn opened(d: &mut Dials<'_>) -> Body {
    OpportunityOpened {
        opportunity: d.word(&DEALS),
        pipeline: d.maybe_pipeline(),
        stage: d.maybe_stage(),
        amount: d.maybe(&AMOUNTS),
        currency: words::maybe_currency(d),
        expected_close: words::maybe_when(d),
        probability: d.maybe(&FRACTIONS),
        kind: d.maybe(&[
            OpportunityKind::New,
            OpportunityKind::Expansion,
            OpportunityKind::Renewal,
        ]),
        product: d.maybe_word(&PRODUCTS),
    }
    .into()
}

fn stage_changed(d: &mut Dials<'_>) -> Body {
    OpportunityStageChanged {
        opportunity: d.word(&DEALS),
        to: d.stage(),
        from: d.maybe_stage(),
        pipeline_to: d.maybe_pipeline(),
        pipeline_from: d.maybe_pipeline(),
    }
    .into()
}

fn amended(d: &mut Dials<'_>) -> Body {
    OpportunityAmended {
        opportunity: d.word(&DEALS),
        amount: d.maybe(&AMOUNTS),
        currency: words::maybe_currency(d),
        expected_close: words::maybe_when(d),
        probability: d.maybe(&FRACTIONS),
    }
    .into()
}

fn won(d: &mut Dials<'_>) -> Body {
    Won {
        opportunity: d.maybe_word(&DEALS),
        amount: d.maybe(&AMOUNTS),
        currency: words::maybe_currency(d),
        product: d.maybe_word(&PRODUCTS),
    }
    .into()
}

fn revenue(d: &mut Dials<'_>) -> Body {
    RevenueRecorded {
        amount: d.pick(&AMOUNTS),
        currency: words::currency(d),
        margin: d.maybe(&MARGINS),
        order: d.maybe_word(&["R1", "R2"]),
        kind: d.maybe(&KINDS),
        product: d.maybe_word(&PRODUCTS),
    }
    .into()
}

fn refunded(d: &mut Dials<'_>) -> Body {
    Refunded {
        amount: d.pick(&AMOUNTS),
        currency: words::currency(d),
        margin: d.maybe(&MARGINS),
        order: d.maybe_word(&["R1", "R2"]),
        kind: d.maybe(&KINDS),
        product: d.maybe_word(&PRODUCTS),
    }
    .into()
}

fn cost(d: &mut Dials<'_>) -> Body {
    let scopes: [&[(&str, &str)]; 4] = [
        &[],
        &[("source", SOURCES[0])],
        &[("source", SOURCES[1]), ("campaign", CAMPAIGNS[2])],
        &[("programme", ""), ("x_unknown", "y")],
    ];
    CostRecorded {
        amount: d.pick(&AMOUNTS),
        currency: words::currency(d),
        scope: Scope::from_iter(d.pick(&scopes).iter().copied()),
        from: words::when(d),
        to: words::when(d),
        kind: d.maybe_word(&["media"]),
    }
    .into()
}
