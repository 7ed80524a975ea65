//! Where the rows of an export go: whole, one after the other, until nobody takes them any more.

use serde_json::{Map, Value};

use super::{error::CrmFault, left_out::LeftOut};

/// The events of one row, or why it became none.
#[derive(Clone, Debug)]
pub struct CrmRow {
    /// Which of the files.
    pub file: usize,
    /// The line on which the row begins, 1-based.
    pub line: u64,
    /// Where in the line's JSON it is; empty where the row is the line.
    pub path: String,
    /// Objects in the log format with ids of their own, all of them or none.
    pub outcome: Result<Vec<Map<String, Value>>, CrmFault>,
}

/// Takes rows, and counts what is left out.
pub(crate) struct Sink<'a> {
    take: &'a mut dyn FnMut(CrmRow) -> bool,
    is_open: bool,
    pub(crate) left_out: LeftOut,
}

/// Where a row stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) line: u64,
    pub(crate) path: String,
}

/// The events of a row.
pub(crate) type Events = Vec<Map<String, Value>>;

impl<'a> Sink<'a> {
    pub(crate) fn new(take: &'a mut dyn FnMut(CrmRow) -> bool) -> Self {
        Self { take, is_open: true, left_out: LeftOut::default() }
    }

    /// Whether rows are still taken.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Hands a row on; one without events is not worth it.
    pub(crate) fn row(&mut self, place: Place, outcome: Result<Events, CrmFault>) {
        if self.is_open && outcome.as_ref().map_or(true, |events| !events.is_empty()) {
            let Place { file, line, path } = place;
            self.is_open = (self.take)(CrmRow { file, line, path, outcome });
        }
    }
}
