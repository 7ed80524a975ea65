//! The log, written once: as lines for leadfold and flat for the rivals.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use leadfold::core::event::{Body, Event, NewEvent, Side, Touched};
use leadfold::core::{EventId, LeadKey};
use leadfold::sqlite::SqliteStore;
use leadfold::store::Blocking;
use leadfold_testkit::simulate::Simulation;
use uuid::Uuid;

use crate::Result;
use crate::flat::{HEADER, NO_LEAD, Row};

const SEED: u64 = 1;

/// Events are in order and nothing is corrected or merged, so that a rival needs no more than a
/// window function to mean the same. Behind each event of a lead come so many touches: the same
/// leads with more events.
fn events(leads: u32, touches: u32) -> impl Iterator<Item = NewEvent> {
    let simulated = Simulation::new(SEED, leads).orderly().events();
    simulated.zip(0..).flat_map(move |(event, number)| {
        let lead = event.event.lead.as_ref();
        let touch = |lead| (0..touches).map(|nth| touch(lead, &event, number, nth)).collect();
        let touched: Vec<_> = lead.map(touch).unwrap_or_default();
        std::iter::once(event).chain(touched)
    })
}

fn touch(lead: &LeadKey, event: &NewEvent, number: u64, nth: u32) -> NewEvent {
    let touched = Touched {
        side: Side::Prospect,
        direction: None,
        channel: None,
        result: None,
        by: None,
        campaign: None,
        activity: Some("pricing".into()),
    };
    let id = EventId(Uuid::from_u64_pair(number + 1, u64::from(nth) + 1));
    let event_of = Event::new(lead.clone(), event.event.occurred_at.at, Body::from(touched));
    NewEvent { id, recorded_at: event.recorded_at, event: event_of }
}

/// Writes `log.ndjson`.
pub(crate) fn write(dir: &Path, leads: u32, touches: u32) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("size"), format!("{leads} {touches}"))?;
    let mut out = BufWriter::new(File::create(dir.join("log.ndjson"))?);
    for event in events(leads, touches) {
        event.write_line(&mut out)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Writes `events.csv`, from the same simulation and with the store's numbers of strings.
pub(crate) fn write_flat(dir: &Path) -> Result<()> {
    let size = std::fs::read_to_string(dir.join("size"))?;
    let (leads, touches) = size.split_once(' ').ok_or("the file size is damaged")?;
    let store = Blocking(SqliteStore::open(dir.join("log.db"))?);
    let codes = codes(&store)?;
    let mut numbers = HashMap::new();
    let mut out = BufWriter::new(File::create(dir.join("events.csv"))?);
    out.write_all(HEADER.as_bytes())?;
    let mut line = String::new();
    for (position, event) in (1..).zip(events(leads.parse()?, touches.parse()?)) {
        let next = numbers.len() as i64;
        let lead = event.event.lead.clone();
        let lead = lead.map_or(NO_LEAD, |key| *numbers.entry(key).or_insert(next));
        let row = Row::of(&event.event, |text| codes.get(text).copied().unwrap_or(0));
        line.clear();
        Row { position, lead, ..row }.write(&mut line);
        out.write_all(line.as_bytes())?;
    }
    Ok(out.flush()?)
}

fn codes(store: &Blocking<SqliteStore>) -> Result<HashMap<String, u32>> {
    let codes: Vec<_> = (1..=store.string_count()?).map(leadfold::core::Code).collect();
    let strings = store.strings(&codes)?;
    Ok(strings.into_iter().zip(codes).map(|(text, code)| (text, code.0)).collect())
}
