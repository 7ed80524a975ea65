//! Facts by lead as few bytes: each column as the differences that are small in this order.
//!
//! Of an event: how far its lead is from the one before, how many facts it has, how far its
//! position and its time are from those of the lead's event before, and how much later it became
//! known. Of a fact: what class it is of (its kind or field, and whether it has a number), and,
//! class by class, for likes are alike, its small word, currency, codes and number. What all
//! facts of an event share is written once.

use super::{LeadFacts, NotByLead};
use crate::fact::{DecodeError, Facts, NO_X};
use crate::machine::Kind;
use crate::pack::{pack, read_varint, unpack, varint};

/// The layout that this version writes.
const LAYOUT: u8 = 1;

/// Columns of the events while they are written or read.
#[derive(Default)]
struct Events {
    leads: Vec<i64>,
    facts: Vec<i64>,
    positions: Vec<i64>,
    times: Vec<i64>,
    delays: Vec<i64>,
}

/// Columns of the facts. All but the classes are in the order of the classes.
#[derive(Default)]
struct Details {
    classes: Vec<i64>,
    subs: Vec<i64>,
    currencies: Vec<i64>,
    a: Vec<i64>,
    b: Vec<i64>,
    x: Vec<i64>,
}

/// The event before: what the differences are to. A lead's first event is told from 0 and from
/// the time of the first event of the lead before.
#[derive(Clone, Copy, Default)]
struct Before {
    lead: u32,
    position: u64,
    at: i64,
    first_at: i64,
}

impl Before {
    fn of_lead(self, lead: u32) -> Self {
        if lead == self.lead { self } else { Self { lead, position: 0, at: self.first_at, ..self } }
    }

    fn then(self, is_first: bool, position: u64, at: i64) -> Self {
        Self { position, at, first_at: if is_first { at } else { self.first_at }, ..self }
    }
}

impl LeadFacts {
    /// The facts as bytes: see `benches/README.md` for how many.
    pub fn encode(&self) -> Vec<u8> {
        let facts = self.facts();
        let mut out = vec![LAYOUT];
        varint(facts.event_count() as u64, &mut out);
        varint(facts.len() as u64, &mut out);
        Events::of(facts).columns().into_iter().for_each(|column| pack(column, &mut out));
        Details::of(facts).columns().into_iter().for_each(|column| pack(column, &mut out));
        out
    }

    /// Reads what [`LeadFacts::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are nothing of the kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let damaged = || DecodeError::Length { bytes: bytes.len() };
        let (&layout, mut rest) = bytes.split_first().ok_or_else(damaged)?;
        if layout != LAYOUT {
            return Err(DecodeError::Layout { layout });
        }
        let (events, details) = read(&mut rest).ok_or_else(damaged)?;
        if !rest.is_empty() {
            return Err(damaged());
        }
        together(&events, &details, damaged)
    }
}

fn read(bytes: &mut &[u8]) -> Option<(Events, Details)> {
    let events = usize::try_from(read_varint(bytes)?).ok()?;
    let facts = usize::try_from(read_varint(bytes)?).ok()?;
    let mut columns = (Events::default(), Details::default());
    for column in columns.0.columns() {
        unpack(bytes, events, column)?;
    }
    for column in columns.1.columns() {
        unpack(bytes, facts, column)?;
    }
    Some(columns)
}

impl Events {
    fn of(facts: &Facts) -> Self {
        let mut columns = Self::default();
        let mut before = Before::default();
        for (start, end) in facts.events() {
            let (lead, position) = (facts.lead[start], facts.position[start]);
            let at = facts.at[start];
            columns.leads.push(i64::from(lead - before.lead));
            columns.facts.push((end - start) as i64);
            let from = before.of_lead(lead);
            columns.positions.push(position.wrapping_sub(from.position).cast_signed());
            columns.times.push(at.wrapping_sub(from.at));
            columns.delays.push(facts.recorded_at[start].wrapping_sub(at));
            before = from.then(lead != before.lead, position, at);
        }
        columns
    }

    fn columns(&mut self) -> [&mut Vec<i64>; 5] {
        let Self { leads, facts, positions, times, delays } = self;
        [leads, facts, positions, times, delays]
    }
}

impl Details {
    fn of(facts: &Facts) -> Self {
        let class = |index| class_of(facts.kind[index], facts.sub[index], facts.x[index]);
        let classes: Vec<i64> = (0..facts.len()).map(class).collect();
        let mut order: Vec<usize> = (0..facts.len()).collect();
        order.sort_by_key(|index| classes[*index]);
        let column =
            |value: &dyn Fn(usize) -> i64| order.iter().map(|index| value(*index)).collect();
        Self {
            subs: column(&|index| i64::from(facts.sub[index])),
            currencies: column(&|index| i64::from(facts.currency[index])),
            a: column(&|index| i64::from(facts.a[index])),
            b: column(&|index| i64::from(facts.b[index])),
            x: column(&|index| facts.x[index]),
            classes,
        }
    }

    fn columns(&mut self) -> [&mut Vec<i64>; 6] {
        let Self { classes, subs, currencies, a, b, x } = self;
        [classes, subs, currencies, a, b, x]
    }

    /// Where each class begins in the other columns.
    fn places(&self) -> Option<Vec<usize>> {
        let mut counts = vec![0; CLASSES];
        for class in &self.classes {
            *counts.get_mut(usize::try_from(*class).ok()?)? += 1;
        }
        let mut next = 0;
        counts.iter_mut().for_each(|count| next += std::mem::replace(count, next));
        Some(counts)
    }
}

/// One more than the highest class: kinds, then fields, each without and with a number.
const CLASSES: usize = 4 * 256;

/// What facts are like each other.
fn class_of(kind: Kind, sub: u8, x: i64) -> i64 {
    let name = if kind == Kind::Detail { 256 + i64::from(sub) } else { kind as i64 };
    2 * name + i64::from(x != NO_X)
}

/// The kind of a class's facts.
fn kind_of(class: i64) -> Result<Kind, DecodeError> {
    let code = if class >= 512 { Kind::Detail as u8 } else { (class / 2) as u8 };
    Kind::from_code(code).ok_or(DecodeError::Kind { code })
}

/// The rows of the facts, from the columns of their events and of their classes.
fn together(
    events: &Events,
    details: &Details,
    damaged: impl Fn() -> DecodeError,
) -> Result<LeadFacts, DecodeError> {
    let mut places = details.places().ok_or_else(&damaged)?;
    let mut facts = Facts::default();
    facts.reserve(details.classes.len());
    spread(events, details.classes.len(), &mut facts).ok_or_else(&damaged)?;
    for class in &details.classes {
        facts.kind.push(kind_of(*class)?);
    }
    let place = |class: &i64| {
        let next = &mut places[*class as usize];
        *next += 1;
        *next - 1
    };
    let places: Vec<usize> = details.classes.iter().map(place).collect();
    facts.sub.extend(places.iter().map(|place| details.subs[*place] as u8));
    facts.currency.extend(places.iter().map(|place| details.currencies[*place] as u16));
    facts.a.extend(places.iter().map(|place| details.a[*place] as u32));
    facts.b.extend(places.iter().map(|place| details.b[*place] as u32));
    facts.x.extend(places.iter().map(|place| details.x[*place]));
    facts.note_events(0);
    LeadFacts::try_from_facts(facts).map_err(|NotByLead { .. }| damaged())
}

/// What the facts of each event share, of so many facts in all.
fn spread(events: &Events, count: usize, facts: &mut Facts) -> Option<()> {
    let mut before = Before::default();
    let mut end = 0_usize;
    for event in 0..events.leads.len() {
        let lead = u32::try_from(i64::from(before.lead).wrapping_add(events.leads[event])).ok()?;
        let from = before.of_lead(lead);
        let position = from.position.wrapping_add(events.positions[event].cast_unsigned());
        let at = from.at.wrapping_add(events.times[event]);
        before = from.then(lead != before.lead, position, at);
        let new = usize::try_from(events.facts[event]).ok().filter(|new| *new > 0)?;
        end = end.checked_add(new).filter(|end| *end <= count)?;
        facts.position.resize(end, position);
        facts.recorded_at.resize(end, at.wrapping_add(events.delays[event]));
        facts.at.resize(end, at);
        facts.lead.resize(end, lead);
    }
    (end == count).then_some(())
}
