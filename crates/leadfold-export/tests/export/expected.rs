//! What the files should hold, by the library's own answers about each lead.

use leadfold_core::audit::{Audit, AuditFinding, Detail, Episode};
use leadfold_core::machine::Kind;
use leadfold_core::metrics::anomalies;
use leadfold_core::{Code, Lead, LeadIndex, Timestamp};
use serde_json::Map;

use crate::support::{Found, Log, Row, Value};

fn row<const N: usize>(cells: [(&str, Value); N]) -> Row {
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

fn int(n: impl Into<i64>) -> Value {
    Value::Int(n.into())
}

fn time(at: Timestamp) -> Value {
    Value::Time(at.micros())
}

fn optional<T>(value: Option<T>, into: impl Fn(T) -> Value) -> Value {
    value.map_or(Value::Null, into)
}

fn position(position: u64) -> Value {
    Value::Int(i64::try_from(position).expect("a small log"))
}

/// A word by the name that JSON has for it.
fn word(value: serde_json::Value) -> Value {
    value.as_str().map_or(Value::Null, text)
}

fn json(value: impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("JSON")
}

/// All tables but the events.
pub(crate) fn tables(log: &Log) -> Found {
    let mut found = Found::new();
    let mut add = |table: &str, lead: Option<LeadIndex>, mut row: Row| {
        row.insert("lead_index".into(), optional(lead, |lead| int(lead.0)));
        row.insert("lead".into(), optional(lead, |lead| text(log.entry(lead).key)));
        found.entry(table.to_owned()).or_default().push(row);
    };
    for lead in log.tables.leads() {
        let index = Some(lead.index());
        add("leads", index, of_lead(log, &lead));
        visits(&lead).into_iter().for_each(|row| add("visits", index, row));
        handoffs(log, &lead).into_iter().for_each(|row| add("handoffs", index, row));
        deals(log, &lead).into_iter().for_each(|row| add("opportunities", index, row));
        revenue(log, &lead).into_iter().for_each(|row| add("revenue", index, row));
    }
    costs(log).into_iter().for_each(|(lead, row)| add("costs", lead, row));
    findings(log).into_iter().for_each(|(lead, row)| add("findings", lead, row));
    let audit = log.audit();
    episodes(log, &audit).into_iter().for_each(|(lead, row)| add("episodes", Some(lead), row));
    let audited = audit.findings().into_iter();
    audited.for_each(|found| add("audit_findings", found.lead, audit_finding(log, &found)));
    found
}

fn of_lead(log: &Log, lead: &Lead<'_>) -> Row {
    let merged = lead.merged_into();
    let string = |code: Code| log.store.strings(&[code]).expect("a code").remove(0);
    let attributes: Map<String, serde_json::Value> = lead
        .attributes()
        .into_iter()
        .map(|(name, value)| (string(name), string(value).into()))
        .collect();
    let attributes = Some(attributes).filter(|all| !all.is_empty());
    row([
        ("lead_id", text(log.entry(lead.index()).id)),
        ("state", text(lead.state())),
        ("state_entered_at", time(lead.entered_at())),
        ("reached", int(lead.reached())),
        ("cycle", int(lead.cycle())),
        ("owner", log.name(lead.owner())),
        ("captured_at", optional(lead.captured_at(), time)),
        ("began_at", time(lead.began_at())),
        ("is_churned", Value::Flag(lead.is_churned())),
        ("merged_into_index", optional(merged, |root| int(root.0))),
        ("merged_into", optional(merged, |root| text(log.entry(root).key))),
        ("source", log.name(lead.source())),
        ("medium", log.name(lead.medium())),
        ("campaign", log.name(lead.campaign())),
        ("channel", log.name(lead.channel())),
        ("product", log.name(lead.product())),
        ("origin", word(json(lead.origin()))),
        ("disqualified_reason", log.name(lead.disqualified_for())),
        ("attributes", optional(attributes, |all| text(serde_json::Value::Object(all)))),
    ])
}

fn visits(lead: &Lead<'_>) -> Vec<Row> {
    let visit = |visit: leadfold_core::Visit| {
        row([
            ("state", text(visit.state)),
            ("valid_from", time(visit.entered_at)),
            ("valid_to", optional(visit.left_at, time)),
            ("cycle", int(visit.cycle)),
            ("is_implied", Value::Flag(visit.is_implied)),
            ("is_unknown", Value::Flag(visit.is_unknown)),
        ])
    };
    lead.visits().into_iter().map(visit).collect()
}

fn handoffs(log: &Log, lead: &Lead<'_>) -> Vec<Row> {
    let handoff = |(index, handoff): (usize, leadfold_core::Handoff)| {
        row([
            ("number", Value::Int(index as i64 + 1)),
            ("handoff", log.name(handoff.key)),
            ("cycle", int(handoff.cycle)),
            ("offered_to", log.name(handoff.to)),
            ("offered_at", time(handoff.offered_at)),
            ("decision", text(handoff.decision.name())),
            ("decided_at", optional(handoff.decided_at, time)),
            ("decided_by", log.name(handoff.by)),
            ("reason", log.name(handoff.reason)),
            ("decision_due", optional(handoff.decision_due, time)),
            ("touch_due", optional(handoff.touch_due, time)),
            ("is_implied", Value::Flag(handoff.is_implied)),
            ("position", position(handoff.position)),
        ])
    };
    lead.handoffs().into_iter().enumerate().map(handoff).collect()
}

fn deals(log: &Log, lead: &Lead<'_>) -> Vec<Row> {
    let deal = |deal: leadfold_core::Opportunity| {
        row([
            ("number", int(deal.ordinal + 1)),
            ("opportunity", log.name(deal.key)),
            ("cycle", int(deal.cycle)),
            ("outcome", text(deal.outcome.name())),
            ("opened_at", time(deal.opened_at)),
            ("closed_at", optional(deal.closed_at(), time)),
            ("amount_minor", optional(deal.amount, Value::Int)),
            ("currency", text(deal.currency())),
            ("pipeline", log.name(deal.pipeline)),
            ("stage", log.name(deal.stage)),
            ("product", log.name(deal.product)),
            ("owner", log.name(deal.owner)),
            ("reason", log.name(deal.reason)),
            ("competitor", log.name(deal.competitor)),
            ("state_at_loss", optional(deal.stage_at_loss, text)),
            ("amount_at_loss_minor", optional(deal.amount_at_loss(), Value::Int)),
            (
                "currency_at_loss",
                optional(deal.amount_at_loss(), |_| text(deal.currency_at_loss())),
            ),
            ("n_reopened", int(deal.reopened)),
            ("is_implied", Value::Flag(deal.is_implied)),
        ])
    };
    lead.opportunities().into_iter().map(deal).collect()
}

fn revenue(log: &Log, lead: &Lead<'_>) -> Vec<Row> {
    let revenue = |revenue: leadfold_core::Revenue| {
        row([
            ("at", time(revenue.at)),
            ("is_refund", Value::Flag(revenue.is_refund)),
            ("amount_minor", Value::Int(revenue.amount)),
            ("margin_minor", optional(revenue.margin, Value::Int)),
            ("currency", text(revenue.currency)),
            ("kind", word(json(revenue.kind))),
            ("product", log.name(revenue.product)),
        ])
    };
    lead.revenue().into_iter().map(revenue).collect()
}

fn costs(log: &Log) -> Vec<(Option<LeadIndex>, Row)> {
    let cost = |(lead, cost): (Option<LeadIndex>, leadfold_core::Cost)| {
        let cells = row([
            ("at", time(cost.at)),
            ("valid_from", time(cost.from)),
            ("valid_to", time(cost.to)),
            ("amount_minor", Value::Int(cost.amount)),
            ("currency", text(cost.currency)),
            ("source", log.name(cost.source)),
            ("campaign", log.name(cost.campaign)),
            ("channel", log.name(cost.channel)),
            ("programme", log.name(cost.programme)),
            ("kind", log.name(cost.kind)),
        ]);
        (lead, cells)
    };
    let by_lead: Vec<_> = log.tables.costs_by_lead().collect();
    let sum = |costs: &mut dyn Iterator<Item = i64>| costs.map(i128::from).sum::<i128>();
    let all = sum(&mut log.tables.costs().map(|cost| cost.amount));
    assert_eq!(sum(&mut by_lead.iter().map(|(_, cost)| cost.amount)), all);
    by_lead.into_iter().map(cost).collect()
}

fn is_known(kind: &Kind) -> bool {
    kind.name() != "unknown type"
}

fn findings(log: &Log) -> Vec<(Option<LeadIndex>, Row)> {
    let finding = |anomaly: leadfold_core::metrics::Anomaly| {
        let finding = anomaly.finding;
        let cells = row([
            ("position", position(finding.position)),
            ("at", time(finding.at)),
            ("code", text(finding.code.name())),
            ("reason", optional(finding.reason, |reason| text(reason.name()))),
            ("kind", optional(Some(finding.kind).filter(is_known), |kind| text(kind.name()))),
            ("state_before", optional(finding.from, text)),
            ("double_of", optional(anomaly.double_of, position)),
        ]);
        (anomaly.lead, cells)
    };
    anomalies(&log.tables).into_iter().map(finding).collect()
}

fn episodes(log: &Log, audit: &Audit<'_>) -> Vec<(LeadIndex, Row)> {
    let mut episodes: Vec<Episode<'_>> = audit.episodes().collect();
    episodes.sort_by_key(|e| (e.lead, e.handoff.offered_at, e.handoff.position));
    let episode = |episode: &Episode<'_>| {
        let cells = row([
            ("position", position(episode.handoff.position)),
            ("offered_at", time(episode.handoff.offered_at)),
            ("definition", log.name(episode.definition)),
            ("fields", text(json(episode.fields()))),
            ("missing", text(json(episode.missing()))),
            ("decision_due", optional(episode.decision_due, time)),
            ("decision_kept", text(episode.decision().name())),
            ("attempt_due", optional(episode.attempt_due, time)),
            ("attempted_at", optional(episode.attempted_at, time)),
            ("attempt_kept", text(episode.attempt().name())),
            ("contacted_at", optional(episode.contacted_at, time)),
            ("owner", log.name(episode.holder())),
            ("reassigned", int(episode.reassigned)),
            ("returned_at", optional(episode.returned_at(), time)),
            ("is_recycled", Value::Flag(episode.was_recycled)),
            ("is_requalified", Value::Flag(episode.was_requalified)),
            ("ended_at", optional(episode.ended_at, time)),
            ("outcome", optional(episode.outcome(), |outcome| text(outcome.name()))),
        ]);
        (episode.lead, cells)
    };
    episodes.iter().map(episode).collect()
}

fn audit_finding(log: &Log, found: &AuditFinding) -> Row {
    let (mut reason, mut due, mut by, mut missing) = Default::default();
    match &found.detail {
        Detail::Move { reason: why, .. } => reason = *why,
        Detail::Overdue { due: at, by: micros, .. } => (due, by) = (Some(*at), Some(*micros)),
        Detail::Missing { fields } => missing = Some(json(fields)),
        _ => {}
    }
    row([
        ("position", position(found.position)),
        ("at", time(found.at)),
        ("code", text(found.code.name())),
        ("severity", text(found.code.severity().name())),
        ("handoff", optional(found.handoff, position)),
        ("owner", log.name(found.owner)),
        ("reason", optional(reason, |reason: leadfold_core::Reason| text(reason.name()))),
        ("due", optional(due, time)),
        ("overdue_us", optional(by, Value::Int)),
        ("missing", optional(missing, text)),
        ("evidence", text(json(found.evidence.to_vec()))),
    ])
}

/// The events, as an export of lines would have them: from their own JSON.
pub(crate) fn events(log: &Log, has_personal_data: bool) -> Vec<Row> {
    let events = log.store.events(0, usize::MAX).expect("memory does not fail");
    events.iter().map(|event| of_event(log, event, has_personal_data)).collect()
}

fn of_event(
    log: &Log,
    recorded: &leadfold_core::event::RecordedEvent,
    has_personal_data: bool,
) -> Row {
    let mut line = Vec::new();
    recorded.write_line(&mut line).expect("memory takes lines");
    let line: serde_json::Value = serde_json::from_slice(&line).expect("a line is JSON");
    let field = |path: &str| line.pointer(path).and_then(|value| value.as_str()).map(text);
    let field = |path: &str| field(path).unwrap_or(Value::Null);
    let number = |name: &str| line[name].as_i64().map_or(Value::Null, Value::Int);
    let lead = recorded.event.lead_id();
    let lead = lead.map(|id| log.store.lead(id).expect("memory").expect("the event names it"));
    let or = |value: Value, other: Value| if value == Value::Null { other } else { value };
    row([
        ("lead_index", optional(lead, |entry| int(entry.index.0))),
        ("lead", field("/lead")),
        ("position", number("position")),
        ("sequence", number("sequence")),
        ("id", field("/id")),
        ("tenant", or(field("/tenant"), text("default"))),
        ("type", field("/type")),
        ("version", or(number("v"), Value::Int(1))),
        ("occurred_at", time(recorded.event.occurred_at.at)),
        ("occurred_offset_s", int(recorded.event.occurred_at.offset_seconds)),
        ("precision", or(field("/precision"), text("us"))),
        ("recorded_at", time(recorded.recorded_at)),
        ("actor_kind", field("/actor/kind")),
        ("actor_id", field("/actor/id")),
        ("origin_system", field("/origin/system")),
        ("origin_id", field("/origin/id")),
        ("causation", field("/causation")),
        ("correlation", field("/correlation")),
        ("data", optional(recorded.event.data().filter(|_| has_personal_data), text)),
    ])
}
