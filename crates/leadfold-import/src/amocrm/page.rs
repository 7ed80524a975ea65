//! Pages of the API: what happened (`_embedded.events`), and leads as they are now
//! (`_embedded.leads`).

use serde_json::{Map, Value};

use super::{
    Changes,
    change::{Change, Move, Seen, Status, What},
    hook::SECONDS,
};
use crate::{
    CrmFile, LeftOut, OpenError, StatusMap,
    crm::{
        actor::Actor,
        at::At,
        error::CrmFault,
        file::{Document, Part},
        money::minor_units,
        sink::{Place, Sink},
    },
};

/// Takes the rows of a file in.
pub(super) fn read(
    n: usize,
    file: &CrmFile,
    map: &StatusMap,
    changes: &mut Changes,
    sink: &mut Sink<'_>,
) -> Result<(), OpenError> {
    let bytes = file.read()?;
    let document = match &bytes {
        Some(bytes) => Document::new(n, bytes),
        None => Err(CrmFault::FileTooLarge),
    };
    match document {
        Ok(document) => Reader { document, map, changes, sink }.all(),
        Err(fault) => sink.row(Document::start(n), Err(fault)),
    }
    Ok(())
}

struct Reader<'a, 'b, 'c> {
    document: Document<'a>,
    map: &'b StatusMap,
    changes: &'b mut Changes,
    sink: &'b mut Sink<'c>,
}

impl Reader<'_, '_, '_> {
    fn all(&mut self) {
        for value in self.document.values() {
            match value {
                Ok(part) => {
                    let is_list = part.each_item(&mut |answer| {
                        self.answer(&answer);
                        self.sink.is_open()
                    });
                    if is_list.is_none() {
                        self.answer(&part);
                    }
                }
                Err(fault) => self.sink.row(self.document.place_of(&fault), Err(fault)),
            }
        }
    }

    fn answer(&mut self, part: &Part<'_>) {
        let embedded = part.field("_embedded");
        let of = |name: &str| embedded.as_ref()?.field(name);
        let mut rows = |list: Option<Part<'_>>, read: Read| {
            list?.each_item(&mut |row| {
                self.row(&row, read);
                self.sink.is_open()
            })
        };
        if [rows(of("events"), event), rows(of("leads"), lead)] == [None, None] {
            let place = self.document.place(part);
            self.sink.row(place, Err(no_answer(part)));
        }
    }

    fn row(&mut self, part: &Part<'_>, read: Read) {
        let place = self.document.place(part);
        let unknown = CrmFault::UnknownKind { expected: "a row with fields" };
        let row = part.object().map(|fields| Row { fields, prices: Prices::of(part) });
        let change = row
            .ok_or(unknown)
            .and_then(|row| read(&row, &place, self.map, &mut self.sink.left_out));
        let taken = match change {
            Ok(Some(change)) => self.changes.push(change),
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = taken {
            self.sink.row(place, Err(fault));
        }
    }
}

/// Makes the change of a row; none where it is left out.
type Read = fn(&Row, &Place, &StatusMap, &mut LeftOut) -> Result<Option<Change>, CrmFault>;

/// Why an answer without rows is none.
fn no_answer(part: &Part<'_>) -> CrmFault {
    let has = |name: &str| part.field(name).is_some();
    if has("title") && has("status") || has("error") || has("validation-errors") {
        return CrmFault::ErrorAnswer;
    }
    let expected = match has("leads") || has("contacts") {
        true => "the body of a webhook as amoCRM sends it (urlencoded, and not JSON)",
        false => "an answer with `_embedded.events` or `_embedded.leads`",
    };
    CrmFault::UnknownKind { expected }
}

/// The amounts of a row, to the letter: money is never a float.
struct Prices {
    now: Option<String>,
    before: Option<String>,
}

impl Prices {
    fn of(part: &Part<'_>) -> Self {
        let text = |part: Part<'_>| part.raw.get().trim_matches('"').to_owned();
        let sale = |list: &str| {
            let entry = part.field(list)?.first_item()?;
            entry.field("sale_field_value")?.field("sale").map(text)
        };
        let now = part.field("price").map(text).or_else(|| sale("value_after"));
        Self { now, before: sale("value_before") }
    }
}

struct Row {
    fields: Map<String, Value>,
    prices: Prices,
}

fn event(
    row: &Row,
    place: &Place,
    map: &StatusMap,
    left_out: &mut LeftOut,
) -> Result<Option<Change>, CrmFault> {
    let kind = row.text("type").ok_or_else(|| row.missing("type"))?;
    let of = row.text("entity_type").unwrap_or("lead");
    if of != "lead" {
        left_out.count("event_of", of);
        return Ok(None);
    }
    let what = match kind {
        "lead_added" => What::Added { status: None, responsible: None, price: None },
        "lead_status_changed" => What::Moved(Move {
            from: row.status("value_before")?,
            to: row.status("value_after")?.ok_or_else(|| row.missing("value_after"))?,
            price: None,
            responsible: None,
        }),
        "entity_responsible_changed" => What::Responsible {
            from: row.responsible("value_before")?.flatten(),
            to: row.responsible("value_after")?.ok_or_else(|| row.missing("value_after"))?,
        },
        "sale_field_changed" => What::Priced {
            before: row.price(&row.prices.before, map)?,
            price: row.price(&row.prices.now, map)?.ok_or_else(|| row.missing("value_after"))?,
            status: None,
        },
        "outgoing_call" => What::Touched { side: "sales", channel: "phone" },
        "incoming_call" => What::Touched { side: "prospect", channel: "phone" },
        "outgoing_chat_message" => What::Touched { side: "sales", channel: "chat" },
        "incoming_chat_message" => What::Touched { side: "prospect", channel: "chat" },
        "outgoing_sms" => What::Touched { side: "sales", channel: "sms" },
        "incoming_sms" => What::Touched { side: "prospect", channel: "sms" },
        _ => {
            left_out.count("event", kind);
            return Ok(None);
        }
    };
    let lead = row.need_id("entity_id")?;
    let id = row.text("id").filter(|id| !id.is_empty());
    // Only its ID tells one call from another.
    if id.is_none() && matches!(what, What::Touched { .. }) {
        return Err(row.missing("id"));
    }
    let tie = id.unwrap_or_default().chars().take(TIE_CHARS_MAX).collect();
    Ok(Some(Change {
        place: place.clone(),
        lead,
        at: row.time("created_at")?,
        actor: row.actor("created_by")?,
        tie,
        what,
    }))
}

fn lead(
    row: &Row,
    place: &Place,
    map: &StatusMap,
    _: &mut LeftOut,
) -> Result<Option<Change>, CrmFault> {
    let lead = row.need_id("id")?;
    let pipeline = row.id("pipeline_id")?;
    let time = |field: &str| row.value(field).map(|_| row.time(field)).transpose();
    let what = What::Seen(Seen {
        status: row.id("status_id")?.map(|id| Status { id, pipeline }),
        responsible: row.id("responsible_user_id")?,
        price: row.price(&row.prices.now, map)?,
        updated: time("updated_at")?,
        closed: time("closed_at")?,
        reason: row.id("loss_reason_id")?,
    });
    let (at, actor) = (row.time("created_at")?, row.actor("created_by")?);
    Ok(Some(Change { place: place.clone(), lead, at, actor, tie: String::new(), what }))
}

impl Row {
    fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.value(field)?.as_str()
    }

    fn id(&self, field: &str) -> Result<Option<u64>, CrmFault> {
        id_of(self.value(field), field)
    }

    fn need_id(&self, field: &str) -> Result<u64, CrmFault> {
        self.id(field)?.ok_or_else(|| self.missing(field))
    }

    fn time(&self, field: &str) -> Result<At, CrmFault> {
        let value = self.value(field).ok_or_else(|| self.missing(field))?;
        let at = value.as_i64().and_then(At::unix);
        at.ok_or_else(|| CrmFault::BadTime { field: field.to_owned(), expected: SECONDS })
    }

    fn actor(&self, field: &str) -> Result<Actor, CrmFault> {
        Ok(match (self.value(field), self.id(field)?) {
            (None, _) => Actor::Unknown,
            (_, None) => Actor::Automation,
            (_, Some(user)) => Actor::User(user),
        })
    }

    fn price(&self, text: &Option<String>, map: &StatusMap) -> Result<Option<i64>, CrmFault> {
        let text = text.as_deref().filter(|text| *text != "null");
        text.map(|text| minor_units(text, map.currency, "price")).transpose()
    }

    /// What stands in the first entry of a list of values.
    fn entry(&self, list: &str, field: &str) -> Option<&Value> {
        self.value(list)?.get(0)?.get(field)
    }

    fn status(&self, list: &str) -> Result<Option<Status>, CrmFault> {
        let Some(status) = self.entry(list, "lead_status") else { return Ok(None) };
        let pipeline = id_of(status.get("pipeline_id"), "pipeline_id")?;
        Ok(id_of(status.get("id"), "lead_status.id")?.map(|id| Status { id, pipeline }))
    }

    /// The user whom a list of values names, or nobody; none where it does not say.
    fn responsible(&self, list: &str) -> Result<Option<Option<u64>>, CrmFault> {
        let user = self.entry(list, "responsible_user").and_then(|user| user.get("id"));
        let user = user.filter(|id| !id.is_null());
        user.map(|id| id_of(Some(id), "responsible_user.id")).transpose()
    }

    fn missing(&self, field: &str) -> CrmFault {
        CrmFault::MissingField { field: field.to_owned(), of: "a row of amoCRM" }
    }
}

/// An ID; 0 is none.
fn id_of(value: Option<&Value>, field: &str) -> Result<Option<u64>, CrmFault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(id) => Ok(Some(id).filter(|id| *id != 0)),
            None => Err(CrmFault::BadId { field: field.to_owned() }),
        },
    }
}

/// Longer is no ULID.
const TIE_CHARS_MAX: usize = 32;
