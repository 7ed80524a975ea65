//! The life of one lead on the page: every event, what it said, and what it did to the lead.
//!
//! No personal data is shown: neither `pii` nor fields that leadfold does not know, and of
//! attributes only the names.

mod fields;
mod moves;

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use leadfold_core::event::{Body, Event, RecordedEvent};
use leadfold_core::{Bounds, LeadIndex, Playbook, State, Timestamp, Zone};
use leadfold_store::{EventStore, StoreError};

use self::fields::fields;
use self::moves::{Move, moves};
use crate::log::Log;
use crate::moment::shown;
use crate::text::short;

/// The events of a lead, and of those that it absorbed, in the order in which they count.
///
/// `Display` writes one a line: position, time, type, main fields, state before and after.
#[derive(Clone, Debug)]
pub struct Timeline {
    rows: Vec<Row>,
    /// The key of the lead that it is part of at the end.
    merged_into: Option<String>,
    zone: Zone,
}

/// One event.
#[derive(Clone, Debug)]
struct Row {
    at: Timestamp,
    position: u64,
    /// The lead in whose stream it is, where it is another.
    of: String,
    kind: String,
    fields: String,
    effect: Effect,
}

/// What an event did to the lead.
#[derive(Clone, Copy, Debug)]
enum Effect {
    /// Brought it into a state, or left it in one.
    Moved(Move),
    /// It counts for something else: it is a cost, a correction, a merge.
    Elsewhere,
    /// It does not count: it was taken back, or belongs to the survivor.
    None,
    /// It is only asked for.
    Asked,
}

/// More rows than that are cut down to those around the marked ones.
const ROWS_MAX: usize = 60;
/// Rows before and after a marked one that are shown of a long timeline.
const AROUND: usize = 8;

impl Timeline {
    pub(crate) fn of<S: EventStore>(
        log: &Log<S>,
        playbook: &Playbook,
        bounds: Bounds,
        lead: LeadIndex,
    ) -> Result<Self, StoreError> {
        let family = log.store.family(&[lead])?;
        let (moves, merged_into) = moves(log, playbook, bounds, &family, lead)?;
        let survivor = merged_into.map(|lead| log.key_of(lead)).transpose()?.flatten();
        let merged_into = survivor.map(|key| short(key.as_str()));
        let mut rows = Vec::new();
        for member in family {
            let of = match log.key_of(member)? {
                Some(key) if member != lead => short(key.as_str()),
                _ => String::new(),
            };
            let events = log.store.lead_events(member)?.into_iter();
            let events = events.filter(|event| is_within(event, bounds));
            rows.extend(events.filter_map(|event| {
                let moved = moves.get(&event.position).copied();
                (member == lead || moved.is_some()).then(|| Row::of(&event, &of, moved))
            }));
        }
        rows.sort_by_key(|row| (row.at, row.position));
        Ok(Self { rows, merged_into, zone: Zone::utc() })
    }

    /// The times on the clocks of a zone.
    #[must_use]
    pub fn in_zone(self, zone: &Zone) -> Self {
        Self { zone: zone.clone(), ..self }
    }

    /// Of a lead that the log does not have.
    pub(crate) fn empty() -> Self {
        Self { rows: Vec::new(), merged_into: None, zone: Zone::utc() }
    }

    /// An event that somebody asks for, at its place.
    pub(crate) fn asked(mut self, event: &Event, position: u64) -> Self {
        let (at, of, effect) = (event.occurred_at.at, String::new(), Effect::Asked);
        let (kind, fields) = (kind(event), fields(event));
        self.rows.push(Row { at, position, of, kind, fields, effect });
        self
    }

    /// The lines, with `>>` at some events, and a line for what was due.
    pub(crate) fn marked(&self, evidence: &[u64], due: Option<Timestamp>) -> String {
        let (shown, widths) = (self.near(evidence), self.widths());
        let mut out = String::new();
        let mut left_out = 0;
        let mut due = due;
        for (index, row) in self.rows.iter().enumerate() {
            if let Some(at) = due.filter(|due| *due < row.at) {
                self.write_due(at, &mut out);
                due = None;
            }
            if !shown.contains(&index) {
                left_out += 1;
                continue;
            }
            write_gap(&mut left_out, &mut out);
            self.write_row(row, evidence.contains(&row.position), widths, &mut out);
        }
        write_gap(&mut left_out, &mut out);
        due.into_iter().for_each(|at| self.write_due(at, &mut out));
        if let Some(survivor) = &self.merged_into {
            writeln!(out, " --   merged: part of {survivor} from then on")
                .expect("a string takes all");
        }
        out
    }

    /// The rows to show: all, or of a long timeline its beginning and what is near a mark.
    fn near(&self, evidence: &[u64]) -> BTreeSet<usize> {
        let all = 0..self.rows.len();
        if all.len() <= ROWS_MAX {
            return all.collect();
        }
        let is_marked = |index: &usize| evidence.contains(&self.rows[*index].position);
        let marks: Vec<usize> = all.clone().filter(is_marked).collect();
        let is_near = |index: &usize| marks.iter().any(|mark| mark.abs_diff(*index) <= AROUND);
        let is_end = |index: &usize| *index < AROUND || index + AROUND >= self.rows.len();
        all.filter(|index| is_near(index) || is_end(index)).collect()
    }

    fn write_row(&self, row: &Row, is_marked: bool, widths: [usize; 4], out: &mut String) {
        let mark = if is_marked { ">>" } else { "" };
        let time = shown(row.at, &self.zone);
        let [times, of, kinds, fields] = widths;
        let Row { position, kind, .. } = row;
        write!(
            out,
            "{mark:2}{position:>2}  {time:times$}  {:of$}{kind:kinds$}  {:fields$}  {}",
            row.of, row.fields, row.effect
        )
        .expect("a string takes all");
        out.truncate(out.trim_end().len());
        out.push('\n');
    }

    fn write_due(&self, at: Timestamp, out: &mut String) {
        writeln!(out, " --   {}  due", shown(at, &self.zone)).expect("a string takes all");
    }

    /// The widths of the columns: time, other lead, type, fields.
    fn widths(&self) -> [usize; 4] {
        let widest = |width: &dyn Fn(&Row) -> usize| self.rows.iter().map(width).max().unwrap_or(0);
        let of = widest(&|row| row.of.chars().count());
        [
            widest(&|row| shown(row.at, &self.zone).len()),
            if of > 0 { of + 2 } else { 0 },
            widest(&|row| row.kind.chars().count()),
            widest(&|row| row.fields.chars().count()),
        ]
    }
}

impl Row {
    fn of(event: &RecordedEvent, of: &str, moved: Option<Move>) -> Self {
        let effect = match (moved, &event.event.body) {
            (Some(moved), _) => Effect::Moved(moved),
            (None, Body::Merged(_) | Body::Unmerged(_)) => Effect::Elsewhere,
            (None, Body::Corrected(_) | Body::CostRecorded(_) | Body::PlaybookPublished(_)) => {
                Effect::Elsewhere
            }
            (None, _) => Effect::None,
        };
        Self {
            at: event.event.occurred_at.at,
            position: event.position,
            of: of.to_owned(),
            kind: kind(&event.event),
            fields: fields(&event.event),
            effect,
        }
    }
}

/// A correction is knowledge, and not something that happened: as-of does not bound it.
fn is_within(event: &RecordedEvent, bounds: Bounds) -> bool {
    let is_correction = matches!(event.event.body, Body::Corrected(_));
    let happened = bounds.as_of.is_none_or(|as_of| event.event.occurred_at.at <= as_of);
    let is_known = bounds.known_at.is_none_or(|known_at| event.recorded_at <= known_at);
    (happened || is_correction) && is_known
}

fn kind(event: &Event) -> String {
    short(event.body.type_name())
}

fn write_gap(left_out: &mut usize, out: &mut String) {
    if std::mem::take(left_out) > 0 {
        out.push_str("      ...\n");
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.marked(&[], None))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = State::name;
        match self {
            Self::Moved((None, to)) => write!(f, "-> {}", name(*to)),
            Self::Moved((Some(from), to)) if from == to => f.write_str(name(*to)),
            Self::Moved((Some(from), to)) => write!(f, "{} -> {}", name(*from), name(*to)),
            Self::Elsewhere => Ok(()),
            Self::None => f.write_str("does not count"),
            Self::Asked => f.write_str("<- the command"),
        }
    }
}
