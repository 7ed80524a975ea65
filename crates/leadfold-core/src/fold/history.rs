//! From what a stream's log says to what counts: corrections applied, in effective order.

use std::collections::BTreeMap;

use crate::fact::{Code, Facts};
use crate::lower::{BAD_REPLACEMENT, RETRACT};
use crate::machine::Kind;

/// An event that counts. Its facts are its own, or those that replace them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effective {
    /// Its number among the events.
    pub(crate) event: usize,
    pub(crate) at: i64,
    pub(crate) position: u64,
    pub(crate) stream: u32,
    pub(crate) head: usize,
    pub(crate) end: usize,
    pub(crate) external: Option<(Code, i64)>,
}

/// A correction that corrects nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stray {
    pub(crate) at: i64,
    pub(crate) position: u64,
}

/// One stream, read: its effective events in order, and its stray corrections.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) events: Vec<Effective>,
    pub(crate) strays: Vec<Stray>,
}

/// An event of the stream as the log has it.
#[derive(Clone, Copy)]
struct Raw {
    stream: u32,
    event: usize,
    start: usize,
    end: usize,
}

impl Raw {
    fn of(facts: &Facts, stream: u32, event: usize) -> Self {
        let (start, end) = facts.event(event);
        Self { stream, event, start, end }
    }
}

/// A known correction.
#[derive(Clone, Copy)]
struct Correction {
    raw: Raw,
    position: u64,
    target: u64,
    is_active: bool,
    has_target: bool,
}

/// What an active correction makes of its target: nothing, or other facts.
#[derive(Clone, Copy)]
struct Change {
    by: u64,
    facts: Option<Raw>,
}

/// Reads the events of one stream, given by the place of its lead in the tables and their numbers.
pub(crate) fn read_stream(
    facts: &Facts,
    events: &[(u32, u32)],
    as_of: Option<i64>,
    known_at: Option<i64>,
) -> Stream {
    let known = events
        .iter()
        .map(|(stream, event)| (*stream, *event as usize))
        .filter(|(_, event)| known_at.is_none_or(|bound| facts.recorded_at[*event] <= bound))
        .map(|(stream, event)| Raw::of(facts, stream, event));
    let (corrections, events): (Vec<Raw>, Vec<Raw>) =
        known.partition(|raw| facts.terms[raw.start].kind == Kind::Corrected);
    let mut corrections = Corrections::of(facts, &corrections);
    let changes = corrections.changes(facts, &events);
    let mut stream = Stream { events: Vec::with_capacity(events.len()), strays: Vec::new() };
    for raw in events {
        let at = facts.at[raw.event];
        if as_of.is_none_or(|bound| at <= bound) {
            let position = facts.position[raw.event];
            stream.events.extend(effective(facts, raw, changes.get(&position)));
        }
    }
    // Events of one microsecond keep the order of the log.
    stream.events.sort_by_key(|event| (event.at, event.position));
    stream.strays = corrections.strays(facts, as_of);
    stream
}

fn effective(facts: &Facts, raw: Raw, change: Option<&Change>) -> Option<Effective> {
    let own = Raw { end: own_end(facts, raw), ..raw };
    let used = match change {
        Some(change) => change.facts?,
        None => own,
    };
    Some(Effective {
        event: raw.event,
        at: facts.at[raw.event],
        position: facts.position[raw.event],
        stream: raw.stream,
        head: used.start,
        end: used.end,
        external: external_of(facts, own),
    })
}

/// An event's facts without the replacements of corrections that came before it.
fn own_end(facts: &Facts, raw: Raw) -> usize {
    (raw.start..raw.end).find(|i| facts.terms[*i].kind == Kind::Amendment).unwrap_or(raw.end)
}

/// The event's identity in its system of origin. It stands right behind the head.
#[inline]
pub(crate) fn external_at(facts: &Facts, head: usize, end: usize) -> Option<(Code, i64)> {
    let detail = head + 1;
    let external =
        facts.terms[detail..end.max(detail)].first().filter(|term| term.is_external())?;
    Some((Code(external.a), external.x))
}

fn external_of(facts: &Facts, own: Raw) -> Option<(Code, i64)> {
    external_at(facts, own.start, own.end)
}

/// The known corrections of a stream, by position.
struct Corrections(BTreeMap<u64, Correction>);

impl Corrections {
    fn of(facts: &Facts, raws: &[Raw]) -> Self {
        let mut corrections: BTreeMap<u64, Correction> = raws
            .iter()
            .map(|raw| {
                let position = facts.position[raw.event];
                let target = { facts.terms[raw.start].x }.cast_unsigned();
                let correction =
                    Correction { raw: *raw, position, target, is_active: true, has_target: false };
                (position, correction)
            })
            .collect();
        // The later takes back the earlier, so the last one is decided first.
        let positions: Vec<u64> = corrections.keys().copied().rev().collect();
        for position in positions {
            let correction = corrections[&position];
            if let Some(target) = corrections.get_mut(&correction.target) {
                let retracts = facts.terms[correction.raw.start].sub == RETRACT;
                if correction.is_active && retracts {
                    target.is_active = false;
                }
                if let Some(correction) = corrections.get_mut(&position) {
                    correction.has_target = true;
                }
            }
        }
        Self(corrections)
    }

    /// What becomes of the events that active corrections name.
    fn changes(&mut self, facts: &Facts, events: &[Raw]) -> BTreeMap<u64, Change> {
        let mut changes = BTreeMap::new();
        if self.0.is_empty() {
            return changes;
        }
        let positions: Vec<u64> = events.iter().map(|raw| facts.position[raw.event]).collect();
        for correction in self.0.values_mut() {
            if let Ok(index) = positions.binary_search(&correction.target) {
                correction.has_target = true;
                let code = code_for(facts, facts.terms[correction.raw.start].sub, events[index]);
                let replacement = replacement_behind(facts, correction.raw);
                change(&mut changes, correction, correction.target, code, replacement);
            }
        }
        for (raw, position) in events.iter().zip(positions) {
            for section in amendments(facts, *raw) {
                let by = { facts.terms[section.start].x }.cast_unsigned();
                if let Some(correction) = self.0.get_mut(&by) {
                    correction.has_target = true;
                    let code = code_for(facts, facts.terms[section.start].sub, *raw);
                    let replacement = Raw { start: section.start + 1, ..section };
                    change(&mut changes, correction, position, code, replacement);
                }
            }
        }
        changes
    }

    /// The active corrections that correct nothing, as far as they happened by then.
    fn strays(&self, facts: &Facts, as_of: Option<i64>) -> Vec<Stray> {
        self.0
            .values()
            .filter(|correction| correction.is_active)
            .filter(|correction| {
                !correction.has_target || facts.terms[correction.raw.start].sub == BAD_REPLACEMENT
            })
            .map(|correction| Stray {
                at: facts.at[correction.raw.event],
                position: correction.position,
            })
            .filter(|stray| as_of.is_none_or(|bound| stray.at <= bound))
            .collect()
    }
}

/// What a correction does to this target: nobody can say what replaces data of an unknown type,
/// or of a version that is not known.
fn code_for(facts: &Facts, code: u8, target: Raw) -> u8 {
    let is_unknown = facts.terms[target.start].kind == Kind::Other;
    if is_unknown && code != RETRACT { BAD_REPLACEMENT } else { code }
}

/// Enters an active correction's change, unless a later correction changes the same event.
fn change(
    changes: &mut BTreeMap<u64, Change>,
    correction: &mut Correction,
    target: u64,
    code: u8,
    replacement: Raw,
) {
    if code == BAD_REPLACEMENT {
        // The correction's own head could not know it: its target had not come.
        correction.has_target = false;
        return;
    }
    if !correction.is_active {
        return;
    }
    let change =
        Change { by: correction.position, facts: (code != RETRACT).then_some(replacement) };
    let latest = changes.entry(target).or_insert(change);
    if latest.by < change.by {
        *latest = change;
    }
}

/// The facts behind a correction's head and its own external id: the replacement.
fn replacement_behind(facts: &Facts, raw: Raw) -> Raw {
    let skip = usize::from(external_at(facts, raw.start, raw.end).is_some());
    Raw { start: raw.start + 1 + skip, ..raw }
}

/// The sections that earlier corrections left behind an event: each begins with its marker.
fn amendments(facts: &Facts, raw: Raw) -> Vec<Raw> {
    let marks: Vec<usize> =
        (raw.start..raw.end).filter(|i| facts.terms[*i].kind == Kind::Amendment).collect();
    let ends = marks.iter().skip(1).copied().chain(std::iter::once(raw.end));
    marks.iter().zip(ends).map(|(start, end)| Raw { start: *start, end, ..raw }).collect()
}
