//! Tables for people: as wide as their content, never as the terminal.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// A table under construction.
#[derive(Debug)]
pub(crate) struct Table {
    table: comfy_table::Table,
    columns: usize,
}

impl Table {
    /// A table with these headings. The first `texts` columns hold texts, the others numbers.
    pub(crate) fn new(headings: &[&str], texts: usize) -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(headings.iter().copied());
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if index >= texts {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table, columns: headings.len() }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.cells(cells.into());
    }

    /// Adds a row of so many cells as there are headings.
    pub(crate) fn cells(&mut self, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns, "a cell for each heading");
        self.table.add_row(cells.iter().map(|cell| one_line(cell)));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

/// Texts of a log may hold anything; a terminal must not act on it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
