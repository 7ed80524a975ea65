//! The sentences of a scenario, and the event that each of them tells of.
//!
//! `docs/SCENARIOS.md` lists them; a test compares the list with this table.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::pattern::{Pattern, Reader};

/// A form of a sentence.
#[derive(Debug)]
struct Sentence {
    pattern: Pattern,
    kind: &'static str,
    /// Fields that all such sentences have, as JSON.
    fixed: &'static str,
}

/// What a sentence tells.
#[derive(Debug)]
pub(super) struct Told {
    /// The event's type.
    pub(super) kind: &'static str,
    /// The fields of `data`, and `lead`.
    pub(super) values: Map<String, Value>,
}

/// All forms, ready to be tried.
#[derive(Debug)]
pub(super) struct Sentences(Vec<Sentence>);

impl Sentences {
    pub(super) fn new() -> Self {
        let forms = TABLE.iter().map(|(pattern, kind, fixed, _)| Sentence {
            pattern: Pattern::new(pattern),
            kind,
            fixed,
        });
        Self(forms.collect())
    }

    /// What the first form says that fits; else the reader knows how far they came.
    pub(super) fn read(&self, reader: &mut Reader<'_>) -> Option<Told> {
        self.0.iter().find_map(|sentence| {
            let given = sentence.pattern.values(reader)?;
            let mut values: Map<String, Value> =
                serde_json::from_str(sentence.fixed).expect("the table holds JSON");
            values.extend(given);
            Some(Told { kind: sentence.kind, values })
        })
    }
}

/// The forms as a table of Markdown: `docs/SCENARIOS.md` has it.
pub fn draw() -> String {
    let mut out = "| sentence | event | example |\n| --- | --- | --- |\n".to_owned();
    for (pattern, kind, _, example) in TABLE {
        let pattern = without_kinds(pattern);
        writeln!(out, "| `{pattern}` | `{kind}` | {example} |").expect("a string takes all");
    }
    out
}

/// The examples of the sentences, with the type of the event that each of them tells of.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|(_, kind, _, example)| (*example, *kind))
}

/// A pattern as people read it: punctuation at its word, and the kinds of values left out.
fn without_kinds(pattern: &str) -> String {
    let kinds = [":time}", ":number}", ":money}", ":rest}", ":pairs}"];
    let plain = kinds.iter().fold(pattern.to_owned(), |text, kind| text.replace(kind, "}"));
    plain.replace(" , ", ", ").replace(" [, ", "[, ").replace(" [: ", "[: ")
}

/// A row: pattern, type of event, fields that are always so, example.
type Row = (&'static str, &'static str, &'static str, &'static str);

const CALL: &str = r#"{"side":"sales","direction":"out","channel":"phone","result":"attempt"}"#;
const TALK: &str = r#"{"side":"sales","direction":"out","channel":"phone","result":"contact"}"#;
const MEETING: &str = r#"{"side":"sales","result":"meeting"}"#;
const LETTER: &str = r#"{"side":"sales","direction":"out","result":"attempt"}"#;
const REPLY: &str = r#"{"side":"sales","direction":"in","result":"reply"}"#;
const CAMPAIGN: &str = r#"{"side":"marketing","direction":"out"}"#;
const VISIT: &str = r#"{"side":"prospect","direction":"in"}"#;
const NO_REASON: &str = r#"{"reason":""}"#;

const TABLE: &[Row] = &[
    (
        "{lead} is captured [from {source}] [by medium {medium}] [in campaign {campaign}] [on channel {channel}] [as {origin}] [with {attributes:pairs}]",
        "captured",
        "{}",
        "L1 is captured from webinar as inbound with industry software, size 50",
    ),
    (
        "{lead} is updated with {attributes:pairs}",
        "profile_updated",
        "{}",
        "L1 is updated with size 60",
    ),
    (
        "{lead} turns out to come from {source} [in campaign {campaign}]",
        "attribution_resolved",
        "{}",
        "L1 turns out to come from referral",
    ),
    ("{lead} visits {activity:rest}", "touched", VISIT, "L1 visits the price list"),
    (
        "marketing writes to {lead} [on {channel}] [in campaign {campaign}]",
        "touched",
        CAMPAIGN,
        "marketing writes to L1 on email in campaign spring",
    ),
    (
        "{lead} is scored {total:number} [as {band}] by {model} {model_version}",
        "scored",
        "{}",
        "L1 is scored 72 as A1 by b2b 3",
    ),
    (
        "{lead} is qualified as {level} [under {definition}] [by {by}]",
        "qualified",
        "{}",
        "L1 is qualified as mql under b2b/2",
    ),
    (
        "{lead} is handed off to {to} [as {handoff}] [, decision due {decision_due:time}] [, attempt due {touch_due:time}] [: {reason:rest}]",
        "handed_off",
        "{}",
        "L1 is handed off to ann, decision due 2024-03-04 12:00",
    ),
    ("{by} accepts {lead}", "accepted", "{}", "ann accepts L1"),
    ("{lead} is accepted", "accepted", "{}", "L1 is accepted"),
    (
        "{by} rejects {lead} [back to {to}] [: {reason:rest}]",
        "rejected",
        NO_REASON,
        "ann rejects L1 back to mql: not my region",
    ),
    (
        "{lead} is rejected [back to {to}] [: {reason:rest}]",
        "rejected",
        NO_REASON,
        "L1 is rejected: too small",
    ),
    (
        "{by} returns {lead} [back to {to}] [: {reason:rest}]",
        "returned",
        NO_REASON,
        "ann returns L1: not before summer",
    ),
    (
        "{lead} is returned [back to {to}] [: {reason:rest}]",
        "returned",
        NO_REASON,
        "L1 is returned back to nurture: no budget",
    ),
    (
        "{lead} is recycled [into {programme}] [until {until:time}] [: {reason:rest}]",
        "recycled",
        "{}",
        "L1 is recycled into newsletter until 2024-09-01",
    ),
    (
        "{lead} is disqualified [as {class}] [: {reason:rest}]",
        "disqualified",
        NO_REASON,
        "L1 is disqualified as no_budget: bankrupt",
    ),
    ("{lead} is assigned to {to}", "assigned", "{}", "L1 is assigned to ben"),
    ("{to} claims {lead}", "assigned", r#"{"cause":"pool_claim"}"#, "ben claims L1"),
    ("{lead} is reassigned to {to}", "reassigned", "{}", "L1 is reassigned to cleo"),
    ("{lead} is unassigned", "unassigned", "{}", "L1 is unassigned"),
    ("{by} calls {lead} , no answer", "touched", CALL, "ann calls L1, no answer"),
    ("{by} calls {lead} , reached", "touched", TALK, "ann calls L1, reached"),
    ("{by} writes to {lead} [on {channel}]", "touched", LETTER, "ann writes to L1 on email"),
    ("{lead} replies to {by} [on {channel}]", "touched", REPLY, "L1 replies to ann on email"),
    ("{by} meets {lead}", "touched", MEETING, "ann meets L1"),
    (
        "opportunity {opportunity} of {lead} is opened [in pipeline {pipeline}] [at {stage}] [over {money:money}] [for {product}] [as {kind}] [, closing {expected_close:time}]",
        "opportunity_opened",
        "{}",
        "opportunity D1 of L1 is opened at demo over 1200.50 EUR",
    ),
    (
        "opportunity {opportunity} of {lead} moves to {to}",
        "opportunity_stage_changed",
        "{}",
        "opportunity D1 of L1 moves to offer",
    ),
    (
        "opportunity {opportunity} of {lead} is amended to {money:money}",
        "opportunity_amended",
        "{}",
        "opportunity D1 of L1 is amended to 900 EUR",
    ),
    (
        "opportunity {opportunity} of {lead} is won [over {money:money}] [for {product}]",
        "won",
        "{}",
        "opportunity D1 of L1 is won over 900 EUR",
    ),
    (
        "opportunity {opportunity} of {lead} is lost [to {competitor}] [: {reason:rest}]",
        "lost",
        "{}",
        "opportunity D1 of L1 is lost to acme: price",
    ),
    (
        "opportunity {opportunity} of {lead} is reopened [: {reason:rest}]",
        "opportunity_reopened",
        "{}",
        "opportunity D1 of L1 is reopened",
    ),
    ("{lead} is won [over {money:money}] [for {product}]", "won", "{}", "L1 is won over 900 EUR"),
    (
        "{lead} is lost [to {competitor}] [: {reason:rest}]",
        "lost",
        "{}",
        "L1 is lost: nobody answers",
    ),
    ("{lead} is reopened [: {reason:rest}]", "reopened", "{}", "L1 is reopened"),
    (
        "{lead} pays {money:money} [for {product}] [as {kind}]",
        "revenue_recorded",
        "{}",
        "L1 pays 900 EUR as first",
    ),
    ("{lead} is refunded {money:money}", "refunded", "{}", "L1 is refunded 100 EUR"),
    ("{lead} churns [: {reason:rest}]", "churned", "{}", "L1 churns: moved to acme"),
    ("{lead} comes back [: {reason:rest}]", "reactivated", "{}", "L1 comes back"),
    (
        "{lead} consents to {purpose} [on {channel}] [until {expires_at:time}]",
        "consent_granted",
        "{}",
        "L1 consents to marketing on email",
    ),
    (
        "{lead} withdraws consent to {purpose} [on {channel}]",
        "consent_withdrawn",
        "{}",
        "L1 withdraws consent to marketing on email",
    ),
    (
        "follow-up {follow_up} of {lead} is promised [for {due:time}] [by {owner}]",
        "follow_up_scheduled",
        "{}",
        "follow-up F1 of L1 is promised for 2024-03-08 by ann",
    ),
    (
        "follow-up {follow_up} of {lead} is done [by {owner}]",
        "follow_up_done",
        "{}",
        "follow-up F1 of L1 is done by ann",
    ),
    ("{lead} is merged into {into}", "merged", "{}", "L2 is merged into L1"),
    ("{lead} is unmerged from {from}", "unmerged", "{}", "L2 is unmerged from L1"),
    (
        "{lead} is found as {state} [with {owner}] , known from {history_known_from:time}",
        "snapshot_imported",
        "{}",
        "L1 is found as accepted with ann, known from 2024-03-01",
    ),
    ("{lead} is erased on request {request}", "erased", "{}", "L1 is erased on request R1"),
    (
        "the {type} of {lead} at {at:time} did not happen [: {reason:rest}]",
        "corrected",
        r#"{"action":"retract","reason":""}"#,
        "the handed_off of L1 at 2024-03-01 18:00 did not happen: wrong lead",
    ),
];
