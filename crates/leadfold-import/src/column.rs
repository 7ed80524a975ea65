//! The columns that a mapping uses, numbered: a row is looked at through these slots only.

/// A column's place among those that the mapping uses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Slot(usize);

impl Slot {
    pub(crate) fn of<'a>(self, values: &[&'a str]) -> &'a str {
        values[self.0]
    }

    pub(crate) fn idx(self) -> usize {
        self.0
    }
}

/// Every column that a mapping uses, once, in order of first use.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    used: Vec<Column>,
}

/// A column, and the line of the mapping file that uses it first.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) line: u64,
}

impl Columns {
    pub(crate) fn slot(&mut self, name: &str, line: u64) -> Slot {
        let known = self.used.iter().position(|column| column.name == name);
        Slot(known.unwrap_or_else(|| {
            self.used.push(Column { name: name.to_owned(), line });
            self.used.len() - 1
        }))
    }

    pub(crate) fn column(&self, slot: Slot) -> &Column {
        &self.used[slot.0]
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.used.iter()
    }
}
