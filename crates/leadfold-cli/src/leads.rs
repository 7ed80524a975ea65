//! Leads by what people call them, and what the log calls those that a report names.

use leadfold_core::event::RecordedEvent;
use leadfold_core::{Bounds, LeadId, LeadIndex, LeadKey};
use leadfold_engine::Names;
use leadfold_store::{EventStore, LeadEntry, StoreError, block_on};

use crate::error::CliError;
use crate::store::Store;

/// What the log calls some leads.
pub(crate) fn named(
    store: &Store,
    wanted: impl IntoIterator<Item = LeadIndex>,
) -> Result<Names, StoreError> {
    let mut names = Names::default();
    block_on(names.load_leads(store, wanted))?;
    Ok(names)
}

/// Nothing that happened to a lead lies within bounds.
pub(crate) fn no_history(key: &str, bounds: Bounds) -> CliError {
    if bounds == Bounds::default() {
        return CliError::Nothing(format!(
            "lead `{key}` has no events of its own; look at what other leads say of it"
        ));
    }
    CliError::Nothing(format!(
        "lead `{key}` has no history within these bounds; ask of a later --as-of or --known-at"
    ))
}

/// The lead that a key means: a UUID, a key of the given origin, or else the only lead with that
/// key, of any origin that was not ruled out.
pub(crate) fn find(
    store: &Store,
    key: &str,
    system: Option<&str>,
    tenant: Option<&str>,
) -> Result<LeadId, CliError> {
    let parsed: LeadKey =
        key.parse().map_err(|error: leadfold_core::KeyError| CliError::Usage(error.to_string()))?;
    let id = LeadId::of(tenant.unwrap_or("default"), system.unwrap_or(""), &parsed);
    if block_on(store.lead(id))?.is_some() {
        return Ok(id);
    }
    let same_key = block_on(store.leads_by_key(&parsed))?;
    let mut meant: Vec<LeadId> = Vec::new();
    for entry in same_key {
        if is_of(store, &entry, system, tenant)? {
            meant.push(entry.id);
        }
    }
    match meant.as_slice() {
        [] if system.is_some() || tenant.is_some() => Err(CliError::Nothing(format!(
            "no lead `{key}` of that origin in the log; leave --system and --tenant out to look \
             for the key everywhere"
        ))),
        [] => Err(CliError::Nothing(format!(
            "no lead `{key}` in the log; give its key as the source writes it, or its UUID"
        ))),
        [only] => Ok(*only),
        several => {
            let one_more = if system.is_none() && tenant.is_none() { "or" } else { "and" };
            Err(CliError::Usage(format!(
                "the key `{key}` means {} leads of different origins; give --system {one_more} \
                 --tenant, or one of their UUIDs: {}",
                several.len(),
                several.iter().take(8).map(LeadId::to_string).collect::<Vec<_>>().join(", ")
            )))
        }
    }
}

/// Whether a lead is of a system and of a tenant, where these are given. The identity of a lead
/// does not tell them, its events do, and those of leads that were merged into it.
fn is_of(
    store: &Store,
    entry: &LeadEntry,
    system: Option<&str>,
    tenant: Option<&str>,
) -> Result<bool, CliError> {
    if system.is_none() && tenant.is_none() {
        return Ok(true);
    }
    let is_meant = |event: &RecordedEvent| {
        let event = &event.event;
        // Another tenant's event may name the lead by its UUID.
        event.lead_id_of(&entry.key) == entry.id
            && system.is_none_or(|system| event.system() == system)
            && tenant.is_none_or(|tenant| event.tenant() == tenant)
    };
    for member in block_on(store.family(&[entry.index]))? {
        if block_on(store.lead_events(member))?.iter().any(is_meant) {
            return Ok(true);
        }
    }
    Ok(false)
}
