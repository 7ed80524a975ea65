//! Which kind of row a row is, told by its fields: nothing else in an answer says so.

use serde_json::{Map, Value};

/// A kind of row.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    /// Of `crm.lead.list`, `crm.lead.get`, or `crm.item.list` of leads.
    Lead,
    /// Of `crm.deal.list`, `crm.deal.get`, or `crm.item.list` of deals.
    Deal,
    /// Of `crm.stagehistory.list`: a lead's row has a `STATUS_ID`, a deal's a `STAGE_ID`.
    Move,
    /// Of `crm.activity.list`.
    Activity,
    /// A merge, with its request.
    Merge,
    /// Of `crm.status.list` or `crm.status.entity.types`: names, and nothing that happened.
    Directory,
}

impl Kind {
    /// The kind of a row with these fields; none where several fit, or none.
    pub(super) fn of(row: &Map<String, Value>) -> Option<Self> {
        let has = |field: &str| row.contains_key(field);
        let has_any = |fields: &[&str]| fields.iter().any(|field| has(field));
        if has("OWNER_ID") && has("CREATED_TIME") && has_any(&["STATUS_ID", "STAGE_ID"]) {
            return Some(Self::Move);
        }
        if has_any(&["OWNER_TYPE_ID", "PROVIDER_ID", "COMMUNICATIONS", "FILES"]) {
            return Some(Self::Activity);
        }
        if has("ENTITY_ID") && has("STATUS_ID") || has("SEMANTIC_INFO") || is_named_list(row) {
            return Some(Self::Directory);
        }
        // Quotes and invoices have statuses and stages, too.
        if has_any(&["QUOTE_NUMBER", "ACCOUNT_NUMBER", "quoteNumber", "accountNumber"]) {
            return None;
        }
        if has("ID") {
            let is_deal = has_any(&["STAGE_ID", "STAGE_SEMANTIC_ID"]);
            let is_lead = has_any(&["STATUS_ID", "STATUS_SEMANTIC_ID"]);
            return one(is_lead, is_deal);
        }
        if !has("id") || !has("stageId") {
            return None;
        }
        match row.get("entityTypeId").and_then(Value::as_u64) {
            Some(1) => Some(Self::Lead),
            Some(2) => Some(Self::Deal),
            Some(_) => None,
            None => {
                let is_deal = has_any(&["categoryId", "closedate", "leadId", "isNew"]);
                let is_lead = has_any(&["name", "lastName", "honorific", "statusDescription"]);
                one(is_lead, is_deal)
            }
        }
    }
}

fn one(is_lead: bool, is_deal: bool) -> Option<Kind> {
    match (is_lead, is_deal) {
        (true, false) => Some(Kind::Lead),
        (false, true) => Some(Kind::Deal),
        _ => None,
    }
}

/// Lists of a portal have names for IDs.
fn is_named_list(row: &Map<String, Value>) -> bool {
    let id = row.get("ID").and_then(Value::as_str);
    row.contains_key("NAME") && id.is_some_and(|id| !id.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_by_their_fields() {
        for (row, kind) in [
            (r#"{"ID": "1", "STATUS_ID": "NEW", "NAME": null}"#, Some(Kind::Lead)),
            (r#"{"ID": "1", "STAGE_ID": "NEW", "LEAD_ID": "2"}"#, Some(Kind::Deal)),
            (r#"{"id": 1, "stageId": "NEW", "lastName": null}"#, Some(Kind::Lead)),
            (r#"{"id": 1, "stageId": "NEW", "categoryId": 0}"#, Some(Kind::Deal)),
            (r#"{"id": 1, "stageId": "NEW", "entityTypeId": 2}"#, Some(Kind::Deal)),
            (r#"{"id": 1, "stageId": "NEW", "entityTypeId": 31}"#, None),
            (r#"{"id": 1, "stageId": "NEW"}"#, None),
            // A contact, a quote, an invoice.
            (r#"{"ID": "1", "NAME": "A", "LEAD_ID": "2", "CATEGORY_ID": "0"}"#, None),
            (r#"{"ID": "1", "STATUS_ID": "DRAFT", "QUOTE_NUMBER": "1"}"#, None),
            (r#"{"ID": "1", "STATUS_ID": "P", "ACCOUNT_NUMBER": "1"}"#, None),
            (r#"{"ID": 1, "OWNER_ID": 2, "CREATED_TIME": "", "STAGE_ID": "X"}"#, Some(Kind::Move)),
            (r#"{"ID": "1", "OWNER_ID": "2", "OWNER_TYPE_ID": "1"}"#, Some(Kind::Activity)),
            (r#"{"ID": "1", "ENTITY_ID": "STATUS", "STATUS_ID": "NEW"}"#, Some(Kind::Directory)),
            (r#"{"ID": "SOURCE", "NAME": "Sources"}"#, Some(Kind::Directory)),
            ("{}", None),
        ] {
            let fields = serde_json::from_str(row).expect("an object");
            assert_eq!(Kind::of(&fields), kind, "{row}");
        }
    }
}
