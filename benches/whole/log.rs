//! The log, written once: as lines and as facts for leadfold, and flat for the rivals.
//!
//! All logs are orderly: events are in order and nothing is corrected or merged, so that a rival
//! needs no more than a window function to mean the same.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

use leadfold::core::LeadIndex;
use leadfold::core::event::NewEvent;
use leadfold_testkit::simulate::Simulation;

use crate::facts::{Pages, write_by_lead};
use crate::flat::{HEADER, NO_LEAD, Row};
use crate::numbers::Numbers;
use crate::{Result, bank};

const SEED: u64 = 1;
/// Share of the leads of a cold log that nobody works.
const COLD: f64 = 0.82;

/// What log it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A simulated year: some ten events a lead.
    Simulated,
    /// The same, of leads most of which nobody works: some three events a lead.
    Cold,
    /// So many years in which leads are taken up again and again: ten years have ten times the
    /// events of one, of the same leads and in the same mix.
    Years(u32),
    /// BPI 2012, repeated.
    Bpic2012,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let years = name.strip_prefix("years-").and_then(|years| years.parse().ok());
        match name {
            "simulated" => Ok(Self::Simulated),
            "cold" => Ok(Self::Cold),
            "bpic2012" => Ok(Self::Bpic2012),
            _ => years.map(Self::Years).ok_or_else(|| {
                format!("expected simulated, cold, years-N or bpic2012, found {name:?}")
            }),
        }
    }
}

type Events = Box<dyn Iterator<Item = NewEvent>>;

fn events(kind: Kind, leads: u32) -> Result<Events> {
    let year = Simulation::new(SEED, leads).orderly();
    Ok(match kind {
        Kind::Simulated => Box::new(year.events()),
        Kind::Cold => Box::new(Simulation { cold: COLD, ..year }.events()),
        Kind::Years(years) => {
            let years = Simulation { days: 365 * years, returning: true, ..year };
            Box::new(years.events())
        }
        Kind::Bpic2012 => Box::new(bank::events(leads)?),
    })
}

/// Writes `events.csv`, the facts in both orders, and, where they are wanted, `log.ndjson`.
pub(crate) fn write(dir: &Path, kind: Kind, leads: u32, wants_lines: bool) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    let create = |name: &str| File::create(dir.join(name)).map(BufWriter::new);
    let mut lines = wants_lines.then(|| create("log.ndjson")).transpose()?;
    let (mut flat, mut line) = (create("events.csv")?, String::new());
    flat.write_all(HEADER.as_bytes())?;
    let (mut numbers, mut pages) = (Numbers::default(), Pages::create(dir)?);
    for event in events(kind, leads)? {
        let place = pages.add(&event, &mut numbers)?;
        let lead = if place.lead == LeadIndex::NONE { NO_LEAD } else { place.lead.0.into() };
        let row = Row::of(&event.event, |text| numbers.code(text));
        line.clear();
        Row { position: place.position, lead, ..row }.write(&mut line);
        flat.write_all(line.as_bytes())?;
        if let Some(lines) = &mut lines {
            event.write_line(lines)?;
            lines.write_all(b"\n")?;
        }
    }
    flat.flush()?;
    lines.map(|mut lines| lines.flush()).transpose()?;
    pages.finish()?;
    std::fs::write(dir.join("leads"), numbers.lead_count().to_string())?;
    write_by_lead(dir, numbers.lead_count())
}
