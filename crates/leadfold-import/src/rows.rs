//! The rows of a file as event lines, one row in memory at a time.

use std::{borrow::Cow, collections::VecDeque, fmt, io::BufRead, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    Census, Mapping, RowError, RowErrorKind,
    condition::describe_compared,
    lookup::{Lookup, Table},
    mapping::{Missing, Place, Unmatched},
    record::{Outcome, Record, Records},
};

/// One event, and the row that it comes from. Events of one row have one line: who refuses one of
/// them leaves out the others too, and the row is whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The source file.
    pub file: Arc<str>,
    /// The line on which the row begins, 1-based.
    pub line: u64,
    /// An object in the log format, without an id.
    pub event: Map<String, Value>,
}

/// The events of all rows, in order; a row that is refused is one error, and the next row follows.
pub struct Rows<'a, C> {
    mapping: &'a Mapping,
    file: Arc<str>,
    records: Records<Box<dyn BufRead + 'a>>,
    places: Vec<Place>,
    lookups: Vec<Lookup>,
    census: C,
    ready: VecDeque<Line>,
    bytes_total: Option<u64>,
    ended: bool,
}

impl<'a, C: Census> Rows<'a, C> {
    pub(crate) fn new(
        mapping: &'a Mapping,
        table: Table<'a>,
        places: Vec<Place>,
        lookups: Vec<Lookup>,
        census: C,
        bytes_total: Option<u64>,
    ) -> Self {
        Self {
            mapping,
            file: table.name.into(),
            records: table.records,
            places,
            lookups,
            census,
            ready: VecDeque::new(),
            bytes_total,
            ended: false,
        }
    }

    /// How many bytes of the file have been read.
    pub fn bytes_read(&self) -> u64 {
        self.records.bytes_read()
    }

    /// How many bytes the file has, where that is known.
    pub fn bytes_total(&self) -> Option<u64> {
        self.bytes_total
    }

    /// All events of one row, or none and the reason.
    fn events(&mut self) -> Result<Vec<Map<String, Value>>, RowErrorKind> {
        let mapping = self.mapping;
        let record = self.records.record();
        let (values, not_joined) = values(mapping, &self.places, &self.lookups, record);
        if mapping.ignore.iter().any(|when| when.holds(&values)) {
            return Ok(Vec::new());
        }
        if let Some(not_joined) = not_joined {
            return Err(not_joined);
        }
        let mut matching = mapping.rules.iter().filter(|rule| rule.when.holds(&values)).peekable();
        if matching.peek().is_none() {
            return match mapping.unmatched {
                Unmatched::Ignore => Ok(Vec::new()),
                Unmatched::Refuse => {
                    let all = mapping.rules.iter().map(|rule| &rule.when);
                    let seen = describe_compared(all, &mapping.columns, &values);
                    Err(RowErrorKind::Unmatched { seen })
                }
            };
        }
        let lead = mapping
            .lead
            .render(&values)
            .ok_or_else(|| RowErrorKind::NoLead { template: mapping.lead.source().to_owned() })?;
        let mut firsts = Firsts { census: &mut self.census, lead: &lead, known: Vec::new() };
        let mut speaking = Vec::new();
        // Counted before anything can be refused: which row is a lead's first is a matter of the
        // file's order, so that mending a row and importing again adds just that row's events.
        for rule in matching {
            match rule.once {
                Some(group) if !firsts.is_first(group).map_err(RowErrorKind::Census)? => {}
                _ => speaking.push(rule),
            }
        }
        let events = speaking
            .iter()
            .map(|rule| rule.event(&mapping.system, &lead, &values, &mapping.readers));
        events.collect()
    }

    fn read(&mut self) -> Option<RowError> {
        let kind = match self.records.read() {
            Ok(Outcome::End) => {
                self.ended = true;
                return None;
            }
            Ok(Outcome::Broken(kind)) => kind,
            Err(error) => RowErrorKind::Read(error),
            Ok(Outcome::Record) => match self.events() {
                Ok(events) => {
                    let line = self.records.record().line();
                    let file = &self.file;
                    let lines = events.into_iter();
                    let lines = lines.map(|event| Line { file: file.clone(), line, event });
                    self.ready.extend(lines);
                    return None;
                }
                Err(kind) => kind,
            },
        };
        let error = RowError { file: self.file.clone(), line: self.records.record().line(), kind };
        self.ended = error.is_fatal();
        Some(error)
    }
}

impl<C: Census> Iterator for Rows<'_, C> {
    type Item = Result<Line, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(Ok(line));
            }
            if self.ended {
                return None;
            }
            if let Some(error) = self.read() {
                return Some(Err(error));
            }
        }
    }
}

impl<C> fmt::Debug for Rows<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Asks the census about the lead of one row, once for each group of rules.
struct Firsts<'a, C> {
    census: &'a mut C,
    lead: &'a Cow<'a, str>,
    known: Vec<(u32, bool)>,
}

impl<C: Census> Firsts<'_, C> {
    fn is_first(&mut self, group: u32) -> std::io::Result<bool> {
        if let Some(&(_, first)) = self.known.iter().find(|(known, _)| *known == group) {
            return Ok(first);
        }
        let key = [&group.to_le_bytes(), self.lead.as_bytes()].concat();
        let first = self.census.count(&key)? == 0;
        self.known.push((group, first));
        Ok(first)
    }
}

/// The cells that the mapping uses, corrected; and the lookup that failed, if one did.
fn values<'a>(
    mapping: &'a Mapping,
    places: &[Place],
    lookups: &'a [Lookup],
    record: &'a Record,
) -> (Vec<&'a str>, Option<RowErrorKind>) {
    let mut values: Vec<&str> = places
        .iter()
        .map(|place| match *place {
            Place::Main(idx) => record.cell(idx),
            Place::Joined { .. } => "",
        })
        .collect();
    // Keys are corrected before they are looked up, and what is found is corrected after.
    replace(mapping, &mut values, |place| matches!(place, Place::Main(_)), places);
    let not_joined = join(mapping, places, lookups, &mut values);
    replace(mapping, &mut values, |place| matches!(place, Place::Joined { .. }), places);
    (values, not_joined)
}

fn replace<'a>(
    mapping: &'a Mapping,
    values: &mut [&'a str],
    is_due: impl Fn(&Place) -> bool,
    places: &[Place],
) {
    for (slot, texts) in &mapping.replace {
        let value = &mut values[slot.idx()];
        if let Some(text) = texts.get(*value).filter(|_| is_due(&places[slot.idx()])) {
            *value = text;
        }
    }
}

fn join<'a>(
    mapping: &Mapping,
    places: &[Place],
    lookups: &'a [Lookup],
    values: &mut [&'a str],
) -> Option<RowErrorKind> {
    let mut not_joined = None;
    let found = mapping.joins.iter().zip(lookups).map(|(join, lookup)| {
        let key = join.on.of(values);
        let row = lookup.row(key);
        if row.is_none() && !key.is_empty() && join.missing == Missing::Refuse {
            not_joined.get_or_insert_with(|| RowErrorKind::NotJoined {
                file: join.file.clone(),
                column: mapping.columns.column(join.on).name.clone(),
            });
        }
        row
    });
    let found: Vec<_> = found.collect();
    for (value, place) in values.iter_mut().zip(places) {
        if let Place::Joined { join, cell } = *place {
            *value = found[join].map_or("", |cells| &cells[cell]);
        }
    }
    not_joined
}
