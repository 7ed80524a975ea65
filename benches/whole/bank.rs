//! The application log of BPI 2012 repeated: real cases of a bank, as many times as are wanted.
//!
//! Each copy is of leads of its own and begins a day after the one before, so that applications
//! of many copies are worked side by side. The mapping is that of `docs/CASE_BPI2012.md`; a won
//! application has its deal opened at that instant too, which no system then has to imply, and
//! instants are whole seconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

use leadfold::core::event::{Body, Event, EventLine, NewEvent, OpportunityOpened};
use leadfold::core::{DAY, EventId, LeadKey, SECOND, Timestamp};
use leadfold_import::{Mapping, MemoryCensus};
use uuid::Uuid;

use crate::Result;

const MAPPING: &str = "bpic2012_handoffs.toml";
/// Cases of the original.
pub(crate) const CASES: u32 = 13_087;

/// Where the reference data is, if it is to be had.
pub(crate) fn folder() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    let root = std::env::var("LEADFOLD_DATA").unwrap_or_else(|_| default.into());
    Some(PathBuf::from(root).join("bpic2012")).filter(|folder| folder.is_dir())
}

/// The events of so many leads at least, in the order of time.
pub(crate) fn events(leads: u32) -> Result<impl Iterator<Item = NewEvent>> {
    let folder = folder().ok_or("no BPI 2012 to be had: set LEADFOLD_DATA")?;
    let original = original(&folder)?;
    let copies = leads.div_ceil(CASES);
    let at = |copy: u32, index: usize, events: &[Event]| {
        let event = events.get(index)?;
        let later = event.occurred_at.at.micros() + i64::from(copy) * DAY;
        Some(Reverse((later, copy, index)))
    };
    let mut next: BinaryHeap<_> = (0..copies).filter_map(|copy| at(copy, 0, &original)).collect();
    Ok(std::iter::from_fn(move || {
        let Reverse((micros, copy, index)) = next.pop()?;
        next.extend(at(copy, index + 1, &original));
        Some(copy_of(&original[index], copy, index, Timestamp::from_micros(micros)))
    }))
}

fn copy_of(event: &Event, copy: u32, index: usize, at: Timestamp) -> NewEvent {
    let key: Option<LeadKey> = event.lead.as_ref().map(|lead| {
        format!("{lead}-{copy}").parse().expect("a key stays one with a number behind it")
    });
    let mut copied = match key {
        Some(key) => Event::new(key, at, event.body.clone()),
        None => Event::without_lead(at, event.body.clone()),
    };
    copied.version = event.version;
    let id = EventId(Uuid::from_u64_pair(u64::from(copy) + 1, index as u64));
    NewEvent { id, recorded_at: Some(at), event: copied }
}

/// The log itself, in the order of time.
fn original(folder: &Path) -> Result<Vec<Event>> {
    let file = format!("{}/examples/{MAPPING}", env!("CARGO_MANIFEST_DIR"));
    let mapping = Mapping::parse(&std::fs::read_to_string(&file)?, &file)?;
    let mut events = Vec::new();
    for row in mapping.open(folder, MemoryCensus::default())? {
        let line = serde_json::to_vec(&row?.event)?;
        let mut event = EventLine::parse(&line)?.event;
        let micros = event.occurred_at.at.micros();
        event.occurred_at.at = Timestamp::from_micros(micros - micros.rem_euclid(SECOND));
        if matches!(event.body, Body::Won(_)) {
            events.push(Event { body: deal(), ..event.clone() });
        }
        events.push(event);
    }
    // Stable: what a case has at one instant stays in order.
    events.sort_by_key(|event| event.occurred_at.at);
    Ok(events)
}

fn deal() -> Body {
    OpportunityOpened {
        opportunity: "loan".into(),
        kind: None,
        pipeline: None,
        stage: None,
        amount: None,
        currency: None,
        product: None,
        expected_close: None,
        probability: None,
    }
    .into()
}
