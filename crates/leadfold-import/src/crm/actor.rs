//! Who did it, as far as a CRM tells.

use serde_json::{Value, json};

/// Who caused an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Actor {
    /// The system does not tell.
    Unknown,
    /// A user, by the id that the system has for them.
    User(u64),
    /// A robot of the system.
    Automation,
}

impl Actor {
    /// The envelope's `actor`.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Unknown => json!({ "kind": "unknown" }),
            Self::User(id) => json!({ "kind": "user", "id": id.to_string() }),
            Self::Automation => json!({ "kind": "automation" }),
        }
    }
}
