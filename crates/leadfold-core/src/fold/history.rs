//! From what a stream's log says to what counts: corrections applied, in effective order.

use std::collections::BTreeMap;

use crate::fact::{Code, Facts, Field};
use crate::lower::{BAD_REPLACEMENT, RETRACT};
use crate::machine::Kind;

/// An event that counts. Its facts are its own, or those that replace them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effective {
    pub(crate) at: i64,
    pub(crate) recorded_at: i64,
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
    start: usize,
    end: usize,
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

/// Reads the events of one stream, given by their numbers.
pub(crate) fn read_stream(
    facts: &Facts,
    events: &[(u32, u32)],
    as_of: Option<i64>,
    known_at: Option<i64>,
) -> Stream {
    let known = events
        .iter()
        .map(|(_, event)| facts.event(*event as usize))
        .filter(|(start, _)| known_at.is_none_or(|bound| facts.recorded_at[*start] <= bound))
        .map(|(start, end)| Raw { start, end });
    let (corrections, events): (Vec<Raw>, Vec<Raw>) =
        known.partition(|raw| facts.kind[raw.start] == Kind::Corrected);
    let mut corrections = Corrections::of(facts, &corrections);
    let changes = corrections.changes(facts, &events);
    let mut stream = Stream { events: Vec::with_capacity(events.len()), strays: Vec::new() };
    for raw in events {
        let at = facts.at[raw.start];
        if as_of.is_none_or(|bound| at <= bound) {
            let position = facts.position[raw.start];
            stream.events.extend(effective(facts, raw, changes.get(&position)));
        }
    }
    // Events of one microsecond keep the order of the log.
    stream.events.sort_by_key(|event| (event.at, event.position));
    stream.strays = corrections.strays(facts, as_of);
    stream
}

fn effective(facts: &Facts, raw: Raw, change: Option<&Change>) -> Option<Effective> {
    let own = Raw { start: raw.start, end: own_end(facts, raw) };
    let used = match change {
        Some(change) => change.facts?,
        None => own,
    };
    Some(Effective {
        at: facts.at[raw.start],
        recorded_at: facts.recorded_at[raw.start],
        position: facts.position[raw.start],
        stream: facts.lead[raw.start],
        head: used.start,
        end: used.end,
        external: external_of(facts, own),
    })
}

/// An event's facts without the replacements of corrections that came before it.
fn own_end(facts: &Facts, raw: Raw) -> usize {
    (raw.start..raw.end).find(|i| facts.kind[*i] == Kind::Amendment).unwrap_or(raw.end)
}

/// The event's identity in its system of origin. It stands right behind the head.
#[inline]
pub(crate) fn external_at(facts: &Facts, head: usize, end: usize) -> Option<(Code, i64)> {
    let detail = head + 1;
    let is_external = detail < end
        && facts.kind[detail] == Kind::Detail
        && facts.sub[detail] == Field::ExternalId as u8;
    is_external.then(|| (Code(facts.a[detail]), facts.x[detail]))
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
                let position = facts.position[raw.start];
                let target = facts.x[raw.start].cast_unsigned();
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
                let retracts = facts.sub[correction.raw.start] == RETRACT;
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
        let positions: Vec<u64> = events.iter().map(|raw| facts.position[raw.start]).collect();
        for correction in self.0.values_mut() {
            if let Ok(index) = positions.binary_search(&correction.target) {
                correction.has_target = true;
                let code = code_for(facts, facts.sub[correction.raw.start], events[index]);
                let replacement = replacement_behind(facts, correction.raw);
                change(&mut changes, correction, correction.target, code, replacement);
            }
        }
        for (raw, position) in events.iter().zip(positions) {
            for section in amendments(facts, *raw) {
                let by = facts.x[section.start].cast_unsigned();
                if let Some(correction) = self.0.get_mut(&by) {
                    correction.has_target = true;
                    let code = code_for(facts, facts.sub[section.start], *raw);
                    let replacement = Raw { start: section.start + 1, end: section.end };
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
                !correction.has_target || facts.sub[correction.raw.start] == BAD_REPLACEMENT
            })
            .map(|correction| Stray {
                at: facts.at[correction.raw.start],
                position: correction.position,
            })
            .filter(|stray| as_of.is_none_or(|bound| stray.at <= bound))
            .collect()
    }
}

/// What a correction does to this target: nobody can say what replaces data of an unknown type,
/// or of a version that is not known.
fn code_for(facts: &Facts, code: u8, target: Raw) -> u8 {
    let is_unknown = facts.kind[target.start] == Kind::Other;
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
    Raw { start: raw.start + 1 + skip, end: raw.end }
}

/// The sections that earlier corrections left behind an event: each begins with its marker.
fn amendments(facts: &Facts, raw: Raw) -> Vec<Raw> {
    let marks: Vec<usize> =
        (raw.start..raw.end).filter(|i| facts.kind[*i] == Kind::Amendment).collect();
    let ends = marks.iter().skip(1).copied().chain(std::iter::once(raw.end));
    marks.iter().zip(ends).map(|(start, end)| Raw { start: *start, end }).collect()
}
