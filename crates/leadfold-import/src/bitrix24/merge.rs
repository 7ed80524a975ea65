//! A merge of leads: the answer names who is gone, and only the request who is left.

use serde_json::{Value, json};

use super::{Portal, index::lead_key, row::Row};
use crate::{
    LeftOut,
    crm::{actor::Actor, at::At, error::CrmFault, event::Happening, sink::Events},
};

/// The events of a merge, one for each lead that is gone.
pub(super) fn events(
    row: &Row,
    portal: &Portal<'_>,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let request = row.value("params").ok_or(CrmFault::MergeWithoutRequest)?;
    // Libraries wrap what the method calls `params` once more.
    let request = request.get("params").unwrap_or(request);
    let kind = request.get("entityTypeId").and_then(id).ok_or(CrmFault::MergeWithoutRequest)?;
    if kind != LEADS {
        left_out.count("merge_of_type", &kind.to_string());
        return Ok(Events::new());
    }
    let asked = ids(request.get("entityIds"))?;
    let result = row.value("result").ok_or(CrmFault::NoMerge)?;
    let gone = ids(result.get("ENTITY_IDS"))?;
    let (survivor, others) = asked.split_first().ok_or(CrmFault::NoMerge)?;
    let is_done = result.get("STATUS").and_then(Value::as_str) == Some("SUCCESS");
    if !is_done || gone.is_empty() || !gone.iter().all(|id| others.contains(id)) {
        return Err(CrmFault::NoMerge);
    }
    let at = finished(row)?;
    let merged = |id: &u64| {
        let lead = lead_key(*id);
        let name = format!("lead:{id}:merged:{survivor}");
        let data = json!({ "into": lead_key(*survivor) });
        let actor = &Actor::Unknown;
        Happening { name, lead: &lead, kind: "merged", at, actor, data }.event(&portal.map.system)
    };
    Ok(gone.iter().map(merged).collect())
}

fn finished(row: &Row) -> Result<At, CrmFault> {
    let of = "the answer to a merge";
    let field = || "time.date_finish".to_owned();
    let text = row.value("time").and_then(|time| time.get("date_finish")?.as_str());
    let text = text.ok_or_else(|| CrmFault::MissingField { field: field(), of })?;
    At::rfc3339(text).ok_or_else(|| CrmFault::BadTime {
        field: field(),
        expected: "a time with an offset such as 2024-05-23T18:18:25+03:00",
    })
}

fn ids(list: Option<&Value>) -> Result<Vec<u64>, CrmFault> {
    let list = list.and_then(Value::as_array).ok_or(CrmFault::NoMerge)?;
    list.iter().map(|value| id(value).ok_or(CrmFault::NoMerge)).collect()
}

fn id(value: &Value) -> Option<u64> {
    let id = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    id.filter(|id| *id != 0)
}

/// `entityTypeId` of leads.
const LEADS: u64 = 1;
