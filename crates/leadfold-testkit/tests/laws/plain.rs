//! Tables in the oracle's words, so that the two can be compared.

use std::collections::BTreeMap;

use leadfold_core::metrics::{self, Anomaly};
use leadfold_core::{
    Code, Cost, Handoff, Lead, LeadIndex, Opportunity, Revenue, State, Tables, Timestamp, Visit,
};
use leadfold_testkit::oracle;
use serde::Serialize;
use serde_json::Value;

use super::log::Log;

/// The names behind a log's numbers.
pub(crate) struct Names {
    strings: Vec<String>,
    leads: Vec<String>,
}

impl Names {
    pub(crate) fn of(log: &Log) -> Self {
        let count = log.store.string_count().expect("a memory counts");
        let codes: Vec<Code> = (1..=count).map(Code).collect();
        let strings = log.store.strings(&codes).expect("a memory has strings");
        let leads = log.store.leads(LeadIndex(0), usize::MAX).expect("a memory has leads");
        Self { strings, leads: leads.iter().map(|lead| lead.key.to_string()).collect() }
    }

    pub(crate) fn text(&self, code: Code) -> Option<String> {
        let index = (code.0 as usize).checked_sub(1)?;
        Some(self.strings[index].clone())
    }

    pub(crate) fn lead(&self, index: LeadIndex) -> String {
        self.leads[index.0 as usize].clone()
    }
}

/// All that the tables say.
pub(crate) fn outcome(log: &Log, tables: &Tables) -> oracle::Outcome {
    let names = Names::of(log);
    let lead = |lead: Lead<'_>| (names.lead(lead.index()), plain_lead(&names, &lead));
    let findings = metrics::anomalies(tables);
    let mut outcome = oracle::Outcome {
        leads: tables.leads().map(lead).collect(),
        costs: tables.costs().map(|cost| plain_cost(&names, cost)).collect(),
        findings: findings.iter().map(|found| finding(&names, found)).collect(),
    };
    settle(&mut outcome);
    outcome
}

/// What the oracle says of the same log, brought into the same order.
pub(crate) fn expected(
    lines: &[Value],
    rules: &oracle::Rules,
    bounds: oracle::Bounds,
) -> oracle::Outcome {
    let mut outcome = oracle::read(lines, rules, bounds);
    // The tables keep no position of a cost.
    outcome.costs.iter_mut().for_each(|cost| cost.position = 0);
    settle(&mut outcome);
    outcome
}

/// The order of the rows is no matter, and no currency of no amount says nothing.
fn settle(outcome: &mut oracle::Outcome) {
    outcome.costs.sort_by_key(|cost| format!("{cost:?}"));
    outcome.findings.sort_by(|a, b| {
        let key =
            |f: &oracle::Finding| (f.position, f.code.clone(), f.reason.clone(), f.lead.clone());
        key(a).cmp(&key(b))
    });
    let deals = outcome.leads.values_mut().flat_map(|lead| &mut lead.opportunities);
    for deal in deals.filter(|deal| deal.amount.is_none()) {
        deal.currency = deal.currency.take().filter(|currency| currency != "XXX");
    }
}

fn plain_lead(names: &Names, lead: &Lead<'_>) -> oracle::Lead {
    let attribute = |(name, value)| Some((names.text(name)?, names.text(value)?));
    oracle::Lead {
        state: lead.state().name().to_owned(),
        cycle: lead.cycle(),
        owner: names.text(lead.owner()),
        captured_at: lead.captured_at().map(Timestamp::micros),
        began_at: lead.began_at().micros(),
        reached: lead.reached(),
        entered: State::ALL
            .into_iter()
            .filter(|state| lead.has_entered(*state))
            .map(|state| state.name().to_owned())
            .collect(),
        source: names.text(lead.source()),
        medium: names.text(lead.medium()),
        campaign: names.text(lead.campaign()),
        channel: names.text(lead.channel()),
        product: names.text(lead.product()),
        origin: lead.origin().map(word),
        attributes: lead.attributes().into_iter().filter_map(attribute).collect(),
        visits: lead.visits().iter().map(visit).collect(),
        handoffs: lead.handoffs().iter().map(|row| handoff(names, row)).collect(),
        opportunities: lead.opportunities().iter().map(|row| deal(names, row)).collect(),
        revenue: lead.revenue().iter().map(|row| revenue(names, row)).collect(),
        merged_into: lead.merged_into().map(|into| names.lead(into)),
        churned: lead.is_churned(),
    }
}

/// A word of the format as it is written.
fn word(word: impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(Value::String(text)) => text,
        other => panic!("expected a word, found {other:?}"),
    }
}

fn visit(visit: &Visit) -> oracle::Visit {
    oracle::Visit {
        state: visit.state.name().to_owned(),
        entered_at: visit.entered_at.micros(),
        left_at: visit.left_at.map(Timestamp::micros),
        implied: visit.is_implied,
        unknown: visit.is_unknown,
        cycle: visit.cycle,
    }
}

fn handoff(names: &Names, row: &Handoff) -> oracle::Handoff {
    oracle::Handoff {
        to: names.text(row.to).unwrap_or_default(),
        offered_at: row.offered_at.micros(),
        decided_at: row.decided_at.map(Timestamp::micros),
        decision: row.decision.name().to_owned(),
        by: names.text(row.by),
        implied: row.is_implied,
        key: names.text(row.key),
        reason: names.text(row.reason),
        cycle: row.cycle,
    }
}

fn deal(names: &Names, row: &Opportunity) -> oracle::Opportunity {
    oracle::Opportunity {
        key: names.text(row.key),
        opened_at: row.opened_at.micros(),
        implied: row.is_implied,
        outcome: row.outcome.name().to_owned(),
        closed_at: row.closed_at().map(Timestamp::micros),
        amount: row.amount,
        currency: Some(row.currency().to_string()),
        product: names.text(row.product),
        reason: names.text(row.reason),
        competitor: names.text(row.competitor),
        stage: names.text(row.stage),
        pipeline: names.text(row.pipeline),
        cycle: row.cycle,
        reopened: row.reopened,
        owner: names.text(row.owner),
        stage_at_loss: row.stage_at_loss.map(|state| state.name().to_owned()),
        money_at_loss: row.amount_at_loss().zip(Some(row.currency_at_loss().to_string())),
    }
}

fn revenue(names: &Names, row: &Revenue) -> oracle::Revenue {
    oracle::Revenue {
        at: row.at.micros(),
        amount: row.amount,
        currency: row.currency.to_string(),
        margin: row.margin,
        kind: row.kind.map(word),
        product: names.text(row.product),
        refund: row.is_refund,
    }
}

fn plain_cost(names: &Names, cost: &Cost) -> oracle::Cost {
    let scope = [
        ("source", cost.source),
        ("campaign", cost.campaign),
        ("channel", cost.channel),
        ("programme", cost.programme),
    ];
    let part = |(part, code): (&str, Code)| Some((part.to_owned(), names.text(code)?));
    oracle::Cost {
        position: 0,
        at: cost.at.micros(),
        amount: cost.amount,
        currency: cost.currency.to_string(),
        scope: scope.into_iter().filter_map(part).collect::<BTreeMap<_, _>>(),
        from: Some(cost.from.micros()),
        to: Some(cost.to.micros()),
        kind: names.text(cost.kind),
    }
}

fn finding(names: &Names, found: &Anomaly) -> oracle::Finding {
    let finding = &found.finding;
    oracle::Finding {
        code: finding.code.name().to_owned(),
        reason: finding.reason.map(|reason| reason.name().to_owned()),
        lead: found.lead.map(|lead| names.lead(lead)),
        position: finding.position,
        at: finding.at.micros(),
        from: finding.from.map(|state| state.name().to_owned()),
    }
}
