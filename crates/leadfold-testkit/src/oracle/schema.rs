//! The types of events and what their data must look like: what decides whether a replacement
//! "reads as data of the target's type". Written off the table of the contract, section 1.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};

/// Whether this is a type that the format knows.
pub(super) fn is_known(kind: &str) -> bool {
    FIELDS.iter().any(|(name, _)| *name == kind)
}

/// Whether `data` reads as the data of this type. What the format does not know, it lets be.
pub(super) fn reads_as(kind: &str, data: &Map<String, Value>) -> bool {
    let Some((_, fields)) = FIELDS.iter().find(|(name, _)| *name == kind) else { return true };
    fields.split_whitespace().all(|field| {
        let (name, form) = field.split_once(':').expect("a field is written name:form");
        let (form, required) = match form.strip_suffix('?') {
            Some(form) => (form, false),
            None => (form, true),
        };
        match data.get(name) {
            None | Some(Value::Null) => !required,
            Some(value) => has_form(value, form),
        }
    })
}

fn has_form(value: &Value, form: &str) -> bool {
    match form {
        "any" => true,
        "text" => value.is_string(),
        "name" => value.as_str().is_some_and(|text| !text.is_empty()),
        "amount" => value.as_i64().is_some_and(|amount| amount >= 0),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "version" => value.is_string() || value.is_number(),
        "object" => value.is_object(),
        "playbook" => {
            value.as_object().is_some_and(|o| o.keys().all(|key| SECTIONS.contains(&key.as_str())))
        }
        "values" => {
            value.as_object().is_some_and(|o| o.values().all(|v| v.is_string() || v.is_number()))
        }
        "texts" => value.as_object().is_some_and(|o| o.values().all(Value::is_string)),
        "names" => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        "time" => value.as_str().is_some_and(is_time),
        "currency" => value.as_str().is_some_and(is_currency),
        one_of => value.as_str().is_some_and(|text| one_of.split('|').any(|name| name == text)),
    }
}

fn is_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<NaiveDate>().is_ok()
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What a playbook is made of; what is in them is not looked at.
const SECTIONS: [&str; 12] = [
    "name",
    "version",
    "rules",
    "sla",
    "pipelines",
    "calendar",
    "scoring",
    "handoff_definition",
    "gates",
    "routing",
    "conduct",
    "audit",
];

/// Type, and its fields as `name:form`, `?` for optional; `a|b` is one of these words.
const FIELDS: [(&str, &str); 37] = [
    (
        "captured",
        "source:text? medium:text? campaign:text? channel:text? attributes:values? pii:object? \
         origin:inbound|outbound|sales_generated|partner|import?",
    ),
    ("profile_updated", "attributes:values pii:object? verified:names?"),
    (
        "touched",
        "side:prospect|marketing|sales|system direction:in|out? channel:text? by:text? \
         result:attempt|contact|meeting|reply? campaign:text? activity:text?",
    ),
    (
        "scored",
        "model:text model_version:version fit:number? behaviour:number? total:number band:text?",
    ),
    ("qualified", "level:mql|sql definition:text? by:text?"),
    (
        "disqualified",
        "reason:text class:junk|no_fit|no_budget|competitor|duplicate|unreachable|other?",
    ),
    ("handed_off", "to:name handoff:text? decision_due:time? touch_due:time? reason:text?"),
    ("accepted", "by:text? handoff:text?"),
    ("rejected", "reason:text by:text? handoff:text? to:nurture|mql|disqualified?"),
    ("returned", "reason:text by:text? handoff:text? to:nurture|mql|disqualified?"),
    ("recycled", "programme:text? until:time? reason:text?"),
    ("assigned", "to:text? from:text? cause:rule|round_robin|pool_claim|manual|leaver|capacity?"),
    ("reassigned", "to:text? from:text? cause:rule|round_robin|pool_claim|manual|leaver|capacity?"),
    ("unassigned", "to:text? from:text? cause:rule|round_robin|pool_claim|manual|leaver|capacity?"),
    (
        "opportunity_opened",
        "opportunity:name pipeline:text? stage:text? amount:amount? currency:currency? \
         expected_close:time? probability:number? kind:new|expansion|renewal? product:text?",
    ),
    (
        "opportunity_stage_changed",
        "opportunity:name to:text from:text? pipeline_to:text? pipeline_from:text?",
    ),
    (
        "opportunity_amended",
        "opportunity:name amount:amount? currency:currency? expected_close:time? \
         probability:number?",
    ),
    ("won", "opportunity:text? amount:amount? currency:currency? product:text?"),
    ("lost", "opportunity:text? reason:text? competitor:text?"),
    ("opportunity_reopened", "opportunity:text? reason:text?"),
    ("reopened", "reason:text?"),
    (
        "revenue_recorded",
        "amount:amount currency:currency margin:integer? order:text? \
         kind:first|repeat|renewal? product:text?",
    ),
    (
        "refunded",
        "amount:amount currency:currency margin:integer? order:text? \
         kind:first|repeat|renewal? product:text?",
    ),
    ("cost_recorded", "amount:amount currency:currency scope:texts from:time to:time kind:text?"),
    ("merged", "into:name"),
    ("unmerged", "from:name"),
    ("consent_granted", "purpose:text channel:text? basis:text? expires_at:time?"),
    ("consent_withdrawn", "purpose:text channel:text? basis:text? expires_at:time?"),
    ("attribution_resolved", "source:text campaign:text? evidence:any?"),
    ("follow_up_scheduled", "follow_up:text due:time? kind:text? owner:text?"),
    ("follow_up_done", "follow_up:text due:time? kind:text? owner:text?"),
    ("corrected", "target:text action:retract|replace data:object? reason:text by:text?"),
    ("erased", "request:text basis:text?"),
    (
        "snapshot_imported",
        "state:new|mql|handed_off|accepted|sql|opportunity|customer|nurturing|disqualified|lost \
         history_known_from:time owner:text? source:text? medium:text? campaign:text? channel:text? \
         attributes:values? pii:object?",
    ),
    ("churned", "reason:text?"),
    ("reactivated", "reason:text?"),
    ("playbook_published", "playbook:playbook"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reads(kind: &str, data: &Value) -> bool {
        reads_as(kind, data.as_object().expect("tests give objects"))
    }

    #[test]
    fn required_fields_and_forms_are_checked() {
        assert!(reads("qualified", &json!({"level": "mql", "colour": 7})));
        assert!(!reads("qualified", &json!({})));
        assert!(!reads("qualified", &json!({"level": "best"})));
        assert!(reads("won", &json!({"amount": 0, "currency": "EUR", "product": null})));
        assert!(!reads("won", &json!({"amount": -1})));
        assert!(!reads("won", &json!({"currency": "eur"})));
        assert!(!reads("captured", &json!({"attributes": {"deep": {}}})));
        assert!(reads("a_type_of_tomorrow", &json!({"anything": []})));
    }
}
