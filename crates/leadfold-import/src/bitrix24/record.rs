//! What leads and deals have in common: where they came from, who they are, and how they moved last.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{kind::Kind, row::Row, terms::Terms};
use crate::{
    StatusMap,
    crm::{at::At, error::CrmFault},
};

/// A record, as far as it must be sound for its events and its moves.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) id: u64,
    pub(super) created: At,
    pub(super) modified: Option<At>,
    pub(super) responsible: Option<u64>,
    /// The status of a lead, the stage of a deal.
    pub(super) stage: Option<String>,
    pub(super) semantic: Option<String>,
    /// When it came there.
    pub(super) moved: Option<At>,
    /// When a lead was closed.
    pub(super) closed: Option<At>,
    /// The lead of a deal; none where the record does not say whether it has one.
    pub(super) lead: Option<Option<u64>>,
    pub(super) terms: Terms,
    /// The data of `captured`.
    pub(super) capture: Value,
}

/// What a record says, after when it was modified: of several records the last one counts.
pub(super) type Latest<T> = (Option<At>, T);

/// Which of several records says how the lead came: one that has its source before one that has
/// not, then the one that was modified last, then any, but the same in every import.
pub(super) type Rank = (bool, Option<At>, Uuid);

impl Seen {
    pub(super) fn of(kind: Kind, row: &Row, map: &StatusMap) -> Result<Self, CrmFault> {
        let is_deal = kind == Kind::Deal;
        let of = if is_deal { "a deal" } else { "a lead" };
        let (stage, semantic) = match is_deal {
            true => ("STAGE_ID", "STAGE_SEMANTIC_ID"),
            false => ("STATUS_ID", "STATUS_SEMANTIC_ID"),
        };
        Ok(Self {
            id: row.need_id("ID", of)?,
            created: row.need_time("DATE_CREATE", of)?,
            modified: row.time("DATE_MODIFY")?,
            responsible: row.id("ASSIGNED_BY_ID")?,
            stage: row.code(stage)?,
            semantic: row.code(semantic)?,
            moved: row.time("MOVED_TIME")?,
            closed: if is_deal { None } else { row.time("DATE_CLOSED")? },
            lead: if is_deal && row.has("LEAD_ID") { Some(row.id("LEAD_ID")?) } else { None },
            terms: if is_deal { Terms::of(row, map)? } else { Terms::default() },
            capture: capture(row),
        })
    }

    pub(super) fn rank(&self) -> Rank {
        let says = format!("{}|{}", self.created.text(), self.capture);
        let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, says.as_bytes());
        (self.capture.get("source").is_some(), self.modified, digest)
    }
}

/// The data of `captured`: where the record came from, as it says.
fn capture(row: &Row) -> Value {
    let mut data = Map::new();
    let fields = [("source", "SOURCE_ID"), ("medium", "UTM_MEDIUM"), ("campaign", "UTM_CAMPAIGN")];
    fields.iter().for_each(|(name, field)| put(&mut data, name, row.text(field)));
    let mut attributes = Map::new();
    let fields =
        [("utm_source", "UTM_SOURCE"), ("utm_content", "UTM_CONTENT"), ("utm_term", "UTM_TERM")];
    fields.iter().for_each(|(name, field)| put(&mut attributes, name, row.text(field)));
    if row.text("IS_RETURN_CUSTOMER") == Some("Y") {
        attributes.insert("return_customer".into(), "Y".into());
    }
    if !attributes.is_empty() {
        data.insert("attributes".into(), attributes.into());
    }
    data.into()
}

/// The name and the data of `assigned`.
pub(super) fn assigned((modified, user): Latest<u64>) -> (String, Value) {
    // Whoever gets back what another had is no longer the one who had it first.
    let name = match modified {
        Some(modified) => format!("assigned:{}:{user}", modified.seconds()),
        None => format!("assigned:{user}"),
    };
    (name, json!({ "to": user.to_string() }))
}

/// Personal data, and the names of its fields; none where the record has none.
pub(super) fn profile(row: &Row) -> Option<(String, Value)> {
    let mut pii = Map::new();
    let names = ["NAME", "SECOND_NAME", "LAST_NAME"];
    let name: Vec<&str> = names.iter().filter_map(|field| row.text(field)).collect();
    put(&mut pii, "company", row.text("COMPANY_TITLE"));
    put(&mut pii, "email", first(row, "EMAIL"));
    put(&mut pii, "name", Some(name.join(" ").as_str()).filter(|name| !name.is_empty()));
    put(&mut pii, "phone", first(row, "PHONE"));
    // Portals write names into titles.
    put(&mut pii, "title", row.text("TITLE"));
    let fields = pii.keys().cloned().collect::<Vec<_>>().join(",");
    (!pii.is_empty()).then(|| (fields, json!({ "attributes": {}, "pii": pii })))
}

/// The first of several numbers or addresses.
fn first<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.value(field)?.as_array()?.iter().find_map(|entry| entry.get("VALUE")?.as_str())
}

fn put(object: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        object.insert(name.to_owned(), text.into());
    }
}
