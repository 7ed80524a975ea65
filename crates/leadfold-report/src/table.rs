//! A table with its caption, its headings, and a box in which it scrolls where it is too wide.

use maud::{Markup, Render, html};

use crate::cell::clean;

/// A table under construction.
pub(crate) struct Table {
    id: String,
    caption: String,
    headings: Vec<String>,
    /// So many columns hold texts; the others hold numbers.
    texts: usize,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<Markup>,
    is_total: bool,
}

impl Table {
    /// A table with these headings. The first `texts` columns hold texts, the others numbers; the
    /// first of all names its row.
    pub(crate) fn new(id: &str, caption: &str, headings: &[&str], texts: usize) -> Self {
        Self {
            id: id.to_owned(),
            caption: caption.to_owned(),
            headings: headings.iter().copied().map(str::to_owned).collect(),
            texts,
            rows: Vec::new(),
        }
    }

    /// Adds a row of so many cells as there are headings.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Markup; N]) {
        self.add(cells.into(), false);
    }

    /// Adds the row of all.
    pub(crate) fn total<const N: usize>(&mut self, cells: [Markup; N]) {
        self.add(cells.into(), true);
    }

    fn add(&mut self, cells: Vec<Markup>, is_total: bool) {
        debug_assert_eq!(cells.len(), self.headings.len(), "a cell for each heading");
        self.rows.push(Row { cells, is_total });
    }

    fn class(&self, column: usize) -> Option<&'static str> {
        (column >= self.texts).then_some("n")
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        let caption = format!("{}-caption", self.id);
        html! {
            // It can be scrolled by keys, too: so it can be reached by them, and has a name.
            div.scroll role="region" tabindex="0" aria-labelledby=(caption) {
                table id=(self.id) {
                    caption id=(caption) { (clean(&self.caption)) }
                    thead {
                        tr {
                            @for (column, heading) in self.headings.iter().enumerate() {
                                th scope="col" class=[self.class(column)] { (clean(heading)) }
                            }
                        }
                    }
                    tbody {
                        @for row in &self.rows {
                            tr.total[row.is_total] {
                                @for (column, cell) in row.cells.iter().enumerate() {
                                    @if column == 0 {
                                        th scope="row" { (cell) }
                                    } @else {
                                        td class=[self.class(column)] { (cell) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
