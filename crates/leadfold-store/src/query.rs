//! Which events, for reads and for the conditions of appends.

use std::collections::BTreeMap;
use std::fmt;

use leadfold_core::LeadId;
use leadfold_core::event::{Event, RecordedEvent};
use serde_json::value::RawValue;

/// Which events: those that everything holds for that is asked.
///
/// A query says whose events it is about. A log of one tenant, as most are, is asked for that
/// tenant or, in so many words, for all.
///
/// It looks at events as they were written. A correction is an event of its own: a rule for which
/// corrections matter asks for the type `corrected`, too.
///
/// ```
/// # use leadfold_core::{Timestamp, event::{Accepted, Event}};
/// # use leadfold_store::Query;
/// let query = Query::of_all_tenants().of_type("accepted").with("/by", "ann");
/// let event = |by: &str| {
///     let accepted = Accepted { by: Some(by.to_owned()), handoff: None };
///     Ok::<_, leadfold_core::KeyError>(Event::new("L1".parse()?, Timestamp::from_micros(0), accepted))
/// };
/// assert!(query.matches(&event("ann")?));
/// assert!(!query.matches(&event("bob")?));
/// assert!(!Query::of_tenant("other").matches(&event("ann")?));
/// # Ok::<(), leadfold_core::KeyError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Query {
    /// Whose; none: everybody's. Events that name no tenant are of `default`.
    tenant: Option<String>,
    /// Of any of these leads; none: of all, and without a lead.
    leads: Vec<LeadId>,
    /// Of any of these types; none: of all.
    types: Vec<String>,
    /// With these texts in their data.
    data: Vec<(String, String)>,
}

/// The tenant of events that name none.
const DEFAULT_TENANT: &str = "default";

impl Query {
    /// The events of one tenant.
    pub fn of_tenant(tenant: impl Into<String>) -> Self {
        Self { tenant: Some(tenant.into()), ..Self::of_all_tenants() }
    }

    /// The events of everybody whose events are in the log.
    pub fn of_all_tenants() -> Self {
        Self { tenant: None, leads: Vec::new(), types: Vec::new(), data: Vec::new() }
    }

    /// Of this lead, or of another that is asked for.
    #[must_use]
    pub fn of_lead(mut self, lead: LeadId) -> Self {
        self.leads.push(lead);
        self
    }

    /// Of this type, or of another that is asked for.
    #[must_use]
    pub fn of_type(mut self, type_name: impl Into<String>) -> Self {
        self.types.push(type_name.into());
        self
    }

    /// And with this text in their `data`, at a JSON pointer (RFC 6901) such as `/by` or
    /// `/attributes/region`.
    ///
    /// An object on the way there of which a name cannot be read, such as `"\ud800"`, counts as
    /// one that has the text: a condition refuses too much rather than overlook somebody.
    #[must_use]
    pub fn with(mut self, pointer: impl Into<String>, text: impl Into<String>) -> Self {
        self.data.push((pointer.into(), text.into()));
        self
    }

    /// Whether an event is one of them.
    pub fn matches(&self, event: &Event) -> bool {
        self.has_tenant(event)
            && self.has_lead(event)
            && self.has_type(event)
            && self.has_data(event)
    }

    fn has_tenant(&self, event: &Event) -> bool {
        let tenant = event.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
        self.tenant.as_deref().is_none_or(|asked| asked == tenant)
    }

    fn has_lead(&self, event: &Event) -> bool {
        self.leads.is_empty() || event.lead_id().is_some_and(|lead| self.leads.contains(&lead))
    }

    fn has_type(&self, event: &Event) -> bool {
        let name = event.body.type_name();
        self.types.is_empty() || self.types.iter().any(|asked| asked == name)
    }

    /// The dearest question is asked last, and of few events.
    fn has_data(&self, event: &Event) -> bool {
        if self.data.is_empty() {
            return true;
        }
        let Some(data) = event.data() else { return false };
        self.data.iter().all(|(pointer, text)| may_have(&data, pointer, text))
    }
}

/// Whether JSON has a text at a pointer, or may have it for all that can be read.
///
/// Nothing but the way there is read. What stands beside it is kept to the letter, and may be what
/// nobody reads as a value: `1e400`.
fn may_have(mut json: &str, pointer: &str, text: &str) -> bool {
    let Some(way) = pointer.strip_prefix('/') else {
        return pointer.is_empty() && is_text(json, text);
    };
    for name in way.split('/') {
        match member(json, &name.replace("~1", "/").replace("~0", "~")) {
            Ok(Some(found)) => json = found.get(),
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
    is_text(json, text)
}

/// What an object has under a name, or an array at an index.
fn member<'a>(json: &'a str, name: &str) -> serde_json::Result<Option<&'a RawValue>> {
    match json.as_bytes().first() {
        Some(b'{') => Ok(serde_json::from_str::<BTreeMap<String, _>>(json)?.remove(name)),
        Some(b'[') => {
            let items: Vec<_> = serde_json::from_str(json)?;
            Ok(index(name).and_then(|index| items.get(index).copied()))
        }
        _ => Ok(None),
    }
}

/// An index as RFC 6901 writes it: without a sign and without zeros before it.
fn index(name: &str) -> Option<usize> {
    let is_plain = name == "0" || !name.starts_with(['0', '+']);
    name.parse().ok().filter(|_| is_plain)
}

/// A string that cannot be read, such as `"\ud800"`, is no text, and so not this one.
fn is_text(json: &str, text: &str) -> bool {
    serde_json::from_str::<String>(json).is_ok_and(|found| found == text)
}

/// The texts are left out: they may be personal data.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointers: Vec<_> = self.data.iter().map(|(pointer, _)| pointer).collect();
        f.debug_struct("Query")
            .field("tenant", &self.tenant)
            .field("leads", &self.leads)
            .field("types", &self.types)
            .field("data", &pointers)
            .finish()
    }
}

/// The condition that nothing has happened which a decision depends on: no event that matches a
/// query has a position beyond one.
///
/// It is what a rule needs that spans leads: read what matches, note the head, decide, and append
/// unless somebody else has appended a match since.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unless {
    /// What would change the decision.
    pub matching: Query,
    /// The head of the log when it was read. One that the log has not reached is a conflict.
    pub after: u64,
}

/// Some of the events that match a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// All that match up to `through`, in order.
    pub events: Vec<RecordedEvent>,
    /// Where to read on after: the position up to which the log was looked through.
    pub through: u64,
}
