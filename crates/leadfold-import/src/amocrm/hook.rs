//! What a webhook tells: the lead as it is after the change, and what of it was before.

use super::{
    Changes,
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
        sink::{Place, Sink},
    },
};

/// Takes the rows of a body in: every lead that it tells of.
pub(super) fn rows(
    body: &[u8],
    place: &Place,
    map: &StatusMap,
    changes: &mut Changes,
    sink: &mut Sink<'_>,
) {
    let items = match items(body) {
        Ok(items) => items,
        Err(fault) => return sink.row(place.clone(), Err(fault)),
    };
    for item in &items {
        let place = Place { path: item.path.clone(), ..place.clone() };
        let taken = match change(item, &place, map, &mut sink.left_out) {
            Ok(Some(change)) => changes.push(change),
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = taken {
            sink.row(place, Err(fault));
        }
    }
}

fn change(
    item: &Item,
    place: &Place,
    map: &StatusMap,
    left_out: &mut LeftOut,
) -> Result<Option<Change>, CrmFault> {
    let what = match (item.entity.as_str(), item.action.as_str()) {
        ("leads", "add") => Some((added(item, map)?, "date_create")),
        ("leads", "status") => Some((moved(item, map)?, "last_modified")),
        ("leads", "responsible") => Some((responsible(item)?, "last_modified")),
        ("leads", "update") => updated(item, map)?.map(|what| (what, "last_modified")),
        _ => None,
    };
    let Some((what, when)) = what else {
        left_out.count("webhook", &format!("{}.{}", item.entity, item.action));
        return Ok(None);
    };
    let lead = need(item, "id")?;
    let (at, actor) = (time(item, when)?, actor(item, &what)?);
    Ok(Some(Change { place: place.clone(), lead, at, actor, tie: String::new(), what }))
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
    Ok(What::Moved(Move { from, to, price: price(item, map)?, responsible }))
}

fn responsible(item: &Item) -> Result<What, CrmFault> {
    let field = "responsible_user_id";
    if item.field(field).is_none() {
        return Err(missing(field));
    }
    Ok(What::Responsible { from: id(item, "old_responsible_user_id")?, to: id(item, field)? })
}

/// An update says what the lead is like now, and not what of that is new: only the price counts.
fn updated(item: &Item, map: &StatusMap) -> Result<Option<What>, CrmFault> {
    let status = status(item, "status_id", "pipeline_id")?;
    Ok(price(item, map)?.map(|price| What::Priced { before: None, price, status }))
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
    price.map(|text| minor_units(text, map.currency, "price")).transpose()
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
