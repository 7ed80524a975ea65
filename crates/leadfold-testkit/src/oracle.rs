//! The naive oracle: `docs/LIFECYCLE.md` read a second time, slowly and literally, on JSON lines.
//! It shares no code with the real fold, so that a property test that compares the two can fail.
//! Every reading is a full recomputation; nothing here is incremental, columnar or clever.
//! A lead is identified by the text of its `lead` field alone (one tenant, one source system).

mod correction;
mod deal;
mod event;
mod family;
mod fold;
mod handoff;
pub mod metrics;
mod schema;
mod shape;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use self::shape::{
    Bounds, Cost, Finding, Handoff, Illegal, Lead, Opportunity, Outcome, Revenue, Rules, Visit,
};
use self::{
    event::Event,
    family::Families,
    fold::{Role, Step},
};

/// Reads an exported log: `lines` are its JSON objects in position order.
///
/// # Panics
///
/// When a line is not one that a log can hold (no type, no time, a time that does not parse).
#[must_use]
pub fn read(lines: &[Value], rules: &Rules, bounds: Bounds) -> Outcome {
    let streams = streams(lines, bounds);
    let families = Families::walk(streams.values().flatten());
    let mut outcome = Outcome::default();
    for (key, events) in &streams {
        outcome.costs.extend(events.iter().filter(|event| event.is("cost_recorded")).map(cost));
        if key.is_none() {
            outcome.findings.extend(events.iter().filter_map(leadless_finding));
        }
    }
    outcome.costs.sort_by_key(|cost| (cost.at, cost.position));
    for key in keys(&streams, &families) {
        let steps = steps(&key, &streams, &families);
        let (lead, findings) = fold::fold(&key, &steps, rules);
        outcome.leads.extend(lead.map(|lead| (key.clone(), lead)));
        outcome.findings.extend(findings);
    }
    outcome
        .findings
        .sort_by_key(|found| (found.position, found.code.clone(), found.reason.clone()));
    outcome
}

/// The effective events of every stream (`None`: the lines without a lead), bounded and in order.
/// Corrections without effect stay in, as the place of their finding.
fn streams(lines: &[Value], bounds: Bounds) -> BTreeMap<Option<String>, Vec<Event>> {
    let mut streams: BTreeMap<Option<String>, Vec<Event>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let event = Event::read(line, index);
        if bounds.known_at.is_none_or(|known_at| event.recorded_at <= known_at) {
            streams.entry(event.lead.clone()).or_default().push(event);
        }
    }
    for events in streams.values_mut() {
        *events = correction::effective(events);
        events.retain(|event| bounds.as_of.is_none_or(|as_of| event.at <= as_of));
        events.sort_by_key(Event::order);
        event::mark_duplicates(events);
    }
    streams
}

/// Every lead that may have a row: those with a stream, and those that are only named by a merge.
fn keys(streams: &BTreeMap<Option<String>, Vec<Event>>, families: &Families) -> BTreeSet<String> {
    let own = streams.keys().flatten().cloned();
    own.chain(families.parents.values().map(|merge| merge.into.clone())).collect()
}

/// What the row of one lead is folded from: a merged lead from its own past, a root from all.
fn steps<'a>(
    key: &str,
    streams: &'a BTreeMap<Option<String>, Vec<Event>>,
    families: &Families,
) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for (owner, events) in streams {
        let Some(owner) = owner else { continue };
        let merge = families.parents.get(owner).map(|merge| merge.order);
        for event in events {
            let before_merge = merge.is_none_or(|merge| event.order() < merge);
            let role = if owner == key {
                own_role(event, before_merge, merge, families)
            } else if families.root(owner) == key {
                member_role(event, before_merge)
            } else {
                None
            };
            steps.extend(role.map(|role| Step { event, role }));
        }
    }
    steps.sort_by_key(|step| step.event.order());
    steps
}

/// The part that an event plays in the row of the lead that it was written on.
fn own_role(
    event: &Event,
    before_merge: bool,
    merge: Option<(i64, u64)>,
    families: &Families,
) -> Option<Role> {
    if event.without_target {
        return Some(Role::Note(Some(("unknown_target", None))));
    }
    if event.is("merged") || event.is("unmerged") {
        if merge == Some(event.order()) {
            return Some(Role::Merge);
        }
        let refusal = families.refusals.get(&event.position);
        return Some(Role::Note(refusal.map(|reason| ("illegal", Some(*reason)))));
    }
    before_merge.then_some(if event.is("cost_recorded") { Role::Note(None) } else { Role::Act })
}

/// The part that an event plays in the row of its root: quiet while its own lead still stood.
fn member_role(event: &Event, before_merge: bool) -> Option<Role> {
    let stays = event.without_target || event.is("merged") || event.is("unmerged");
    match (event.is("cost_recorded"), before_merge) {
        _ if stays => None,
        (true, true) => None,
        (true, false) => Some(Role::Note(None)),
        (false, true) => Some(Role::Quiet),
        (false, false) => Some(Role::Act),
    }
}

fn cost(event: &Event) -> Cost {
    let scope = event.data.get("scope").and_then(Value::as_object);
    let mut scope = scope.map(event::texts).unwrap_or_default();
    scope.retain(|part, _| ["source", "campaign", "channel", "programme"].contains(&part.as_str()));
    Cost {
        position: event.position,
        at: event.at,
        amount: event.integer("amount").unwrap_or(0),
        currency: event.owned("currency").unwrap_or_else(|| "XXX".to_owned()),
        scope,
        from: event.time("from"),
        to: event.time("to"),
        kind: event.owned("kind"),
    }
}

/// A line without a lead can only be found to be of an unknown type, or to miss its target.
fn leadless_finding(event: &Event) -> Option<Finding> {
    let code = match (event.without_target, event.known) {
        (true, _) => "unknown_target",
        (_, false) => "unknown_type",
        _ => return None,
    };
    Some(Finding {
        code: code.to_owned(),
        reason: None,
        lead: None,
        position: event.position,
        at: event.at,
        from: None,
    })
}

#[cfg(test)]
mod oracle_test;
