//! Rows by the values of some dimensions.

use std::cmp::Reverse;

use maud::{Markup, html};

use crate::cell::{clean, count, counted};

/// The values of a row's dimensions, in their order; `None` where a lead has none.
pub type Label = Vec<Option<String>>;

/// What a metric counted: for all, and for the values of some dimensions.
#[derive(Clone, Debug, Default)]
pub struct Split<T> {
    /// What the dimensions are called.
    pub by: Vec<String>,
    /// For all.
    pub total: T,
    /// For each value.
    pub rows: Vec<(Label, T)>,
}

impl<T> Split<T> {
    /// What the rows are called by, as a heading.
    pub(crate) fn heading(&self) -> String {
        self.by.join(" / ")
    }

    /// The largest rows, as many as a table has at most; equals stay in their order.
    pub(crate) fn largest<K: Ord>(
        &self,
        rows_max: usize,
        size: impl Fn(&T) -> K,
    ) -> Shown<'_, (Label, T)> {
        let mut rows: Vec<&(Label, T)> = self.rows.iter().collect();
        rows.sort_by_key(|(_, row)| Reverse(size(row)));
        Shown::first(rows, self.rows.len(), rows_max)
    }
}

/// The rows of a table, and how many there are in all.
pub(crate) struct Shown<'a, T> {
    pub(crate) rows: Vec<&'a T>,
    all: usize,
}

impl<'a, T> Shown<'a, T> {
    /// The first of some rows, which may be fewer than there are.
    pub(crate) fn first(mut rows: Vec<&'a T>, all: usize, rows_max: usize) -> Self {
        if rows_max > 0 {
            rows.truncate(rows_max);
        }
        Self { rows, all }
    }

    /// A sentence about what is left out; nothing where all is shown. `which` rows are shown, such as
    /// the largest; `command` has all.
    pub(crate) fn left_out(&self, which: &str, command: &str) -> Markup {
        let shown = self.rows.len();
        let more = self.all.saturating_sub(shown) as u64;
        html! {
            @if more > 0 {
                p.note {
                    (counted(more, "row is", "rows are")) " left out: of "
                    (count(self.all as u64)) " the " (count(shown as u64)) " " (which)
                    " are shown. " (has_all(command))
                }
            }
        }
    }
}

/// A sentence about the command that has all of something. Without the bounds of the report, it
/// would have something else.
pub(crate) fn has_all(command: &str) -> Markup {
    html! {
        code { (clean(command)) } " has them all, within the same bounds and under the same rules."
    }
}

/// A row's name: its values, or that it has none.
pub(crate) fn label(label: &[Option<String>]) -> Markup {
    html! {
        @for (index, value) in label.iter().enumerate() {
            @if index > 0 { " / " }
            (name(value.as_deref()))
        }
    }
}

/// A name of the log. It may be written from right to left, which is then no matter of its
/// neighbours; that there is none is written so that no name can look like it.
pub(crate) fn name(name: Option<&str>) -> Markup {
    html! {
        @match name {
            Some(name) => bdi { (clean(name)) }
            None => span.none { "(none)" }
        }
    }
}
