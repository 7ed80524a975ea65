//! One event of the log, named after the row that it comes from.

use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use super::{actor::Actor, at::At};

/// What a row says happened to a lead.
#[derive(Clone, Debug)]
pub(crate) struct Happening<'a> {
    /// The event's name in the foreign system, which makes its id: no other event has it.
    pub(crate) name: String,
    pub(crate) lead: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) at: At,
    pub(crate) actor: &'a Actor,
    pub(crate) data: Value,
}

impl Happening<'_> {
    /// The object in the log format. The same row has the same id in every import.
    pub(crate) fn event(self, system: &str) -> Map<String, Value> {
        let mut event = Map::new();
        let id = Uuid::new_v5(&NAMESPACE, format!("{system}|{}", self.name).as_bytes());
        event.insert("id".into(), id.to_string().into());
        event.insert("lead".into(), self.lead.into());
        event.insert("type".into(), self.kind.into());
        event.insert("occurred_at".into(), self.at.text().into());
        if let Some(precision) = self.at.precision() {
            event.insert("precision".into(), precision.into());
        }
        event.insert("actor".into(), self.actor.value());
        event.insert("origin".into(), json!({ "system": system, "id": self.name }));
        event.insert("data".into(), self.data);
        event
    }
}

/// `leadfold/row`, in the namespace's own bytes.
const NAMESPACE: Uuid = uuid!("6c656164-666f-6c64-2f72-6f7700000001");
