//! What a webhook tells: the lead as it is after the change, and what of it was before.

use super::{
    body::{Item, items},
    change::{Change, Move, Status, What},
};
use crate::{
    LeftOut, StatusMap,
    crm::{
        actor::Actor,
        at::At,
        error::CrmFault,
        money::minor_units,
        sink::{Events, Place, Sink},
    },
};

/// The rows of a body: every lead that it tells of.
pub(super) fn rows(body: &[u8], place: &Place, map: &StatusMap, sink: &mut Sink<'_>) {
    let items = items(body);
    if items.is_empty() {
        let expected = "the body of a webhook such as leads[status][0][id]=31&...";
        sink.row(place.clone(), Err(CrmFault::UnknownKind { expected }));
    }
    for item in &items {
        let events = events(item, map, &mut sink.left_out);
        sink.row(Place { path: item.path.clone(), ..place.clone() }, events);
    }
}

fn events(item: &Item, map: &StatusMap, left_out: &mut LeftOut) -> Result<Events, CrmFault> {
    let what = match (item.entity.as_str(), item.action.as_str()) {
        ("leads", "add") => Some((added(item, map)?, "date_create")),
        ("leads", "status") => Some((moved(item, map)?, "last_modified")),
        ("leads", "responsible") => Some((responsible(item)?, "last_modified")),
        ("leads", "update") => updated(item, map)?.map(|what| (what, "last_modified")),
        _ => None,
    };
    let Some((what, when)) = what else {
        left_out.count("webhook", &format!("{}.{}", item.entity, item.action));
        return Ok(Events::new());
    };
    let lead = need(item, "id")?;
    let (at, actor) = (time(item, when)?, actor(item, &what)?);
    let change = Change { lead, at, actor, tie: String::new(), what };
    Ok(change.events(map, true, left_out))
}

fn added(item: &Item, map: &StatusMap) -> Result<What, CrmFault> {
    Ok(What::Added {
        status: status(item, "status_id", "pipeline_id")?,
        responsible: id(item, "responsible_user_id")?,
        price: price(item, map)?,
    })
}

fn moved(item: &Item, map: &StatusMap) -> Result<What, CrmFault> {
    need(item, "status_id")?;
    let to = status(item, "status_id", "pipeline_id")?;
    let from = status(item, "old_status_id", "old_pipeline_id")?;
    let to = to.ok_or_else(|| missing("status_id"))?;
    let responsible = id(item, "responsible_user_id")?;
    Ok(What::Moved(Move { from, to, price: price(item, map)?, responsible, reason: None }))
}

fn responsible(item: &Item) -> Result<What, CrmFault> {
    let to = id(item, "responsible_user_id")?;
    Ok(What::Responsible { from: id(item, "old_responsible_user_id")?, to })
}

/// An update says what the lead is like now, and not what of that is new: only the price counts, and
/// of a closed deal not even that.
fn updated(item: &Item, map: &StatusMap) -> Result<Option<What>, CrmFault> {
    let is_closed = id(item, "status_id")?.is_some_and(|status| map.is_closed(status));
    if is_closed {
        return Ok(None);
    }
    Ok(price(item, map)?.map(|price| What::Priced { price }))
}

fn actor(item: &Item, what: &What) -> Result<Actor, CrmFault> {
    let field = match what {
        What::Added { .. } => "created_user_id",
        _ => "modified_user_id",
    };
    Ok(match (item.field(field), id(item, field)?) {
        (None, _) => Actor::Unknown,
        (_, None) => Actor::Automation,
        (_, Some(user)) => Actor::User(user),
    })
}

fn status(item: &Item, status: &str, pipeline: &str) -> Result<Option<Status>, CrmFault> {
    let pipeline = id(item, pipeline)?;
    Ok(id(item, status)?.map(|id| Status { id, pipeline }))
}

fn price(item: &Item, map: &StatusMap) -> Result<Option<i64>, CrmFault> {
    let price = item.field("price");
    price.map(|text| minor_units(text, map.currency.as_deref(), "price")).transpose()
}

fn time(item: &Item, field: &str) -> Result<At, CrmFault> {
    let text = item.field(field).ok_or_else(|| missing(field))?;
    let at = text.parse().ok().and_then(At::unix);
    at.ok_or_else(|| CrmFault::BadTime { field: field.to_owned(), expected: SECONDS })
}

fn need(item: &Item, field: &str) -> Result<u64, CrmFault> {
    id(item, field)?.ok_or_else(|| missing(field))
}

/// An ID; 0 is none.
fn id(item: &Item, field: &str) -> Result<Option<u64>, CrmFault> {
    let Some(text) = item.field(field) else { return Ok(None) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|_| is_plain);
    let id: u64 = id.ok_or_else(|| CrmFault::BadId { field: field.to_owned() })?;
    Ok(Some(id).filter(|id| *id != 0))
}

fn missing(field: &str) -> CrmFault {
    CrmFault::MissingField { field: field.to_owned(), of: "a webhook of a lead" }
}

/// What a time is.
pub(super) const SECONDS: &str = "a time in whole seconds since 1970 such as 1456820780";
