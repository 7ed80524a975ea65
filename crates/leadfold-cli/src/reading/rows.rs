//! The rows of an answer, each under its key.

use leadfold_core::Code;
use leadfold_core::metrics::{By, KeyPart};
use leadfold_engine::Names;
use leadfold_store::block_on;
use serde::Serialize;

use super::Reading;
use crate::dimension::{Dimensions, Key};
use crate::error::CliError;
use crate::table::Table;

/// A reading, and what its rows are split by.
pub(crate) struct Split<'a> {
    reading: &'a Reading,
    dimensions: Dimensions,
}

/// A row of an answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row<T> {
    pub(crate) key: Key,
    #[serde(flatten)]
    pub(crate) values: T,
}

/// The rows of an answer, in the order of the metric.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Rows<T> {
    pub(crate) all: Vec<Row<T>>,
    /// What the keys are called; empty without a split.
    #[serde(skip)]
    heading: String,
}

/// What a metric counted for one key.
pub(crate) trait Keyed {
    /// The values of the dimensions.
    fn key(&self) -> &[KeyPart];

    /// Strings of the log that the row needs beside its key.
    fn codes(&self) -> Vec<Code> {
        Vec::new()
    }
}

impl Reading {
    /// Splits by the words of `--by`.
    pub(crate) fn split(&self, words: &[String]) -> Result<Split<'_>, CliError> {
        Ok(Split { reading: self, dimensions: Dimensions::find(self, words)? })
    }
}

impl Split<'_> {
    /// The dimensions, as the metrics take them.
    pub(crate) fn by(&self) -> &[By] {
        &self.dimensions.by
    }

    /// What a metric counted, under the names of the log.
    pub(crate) fn rows<R: Keyed, T>(
        &self,
        counted: Vec<R>,
        values: impl Fn(R, &Names) -> T,
    ) -> Result<Rows<T>, CliError> {
        let names = self.names(&counted)?;
        let row = |row: R| Row {
            key: self.dimensions.key(&names, row.key()),
            values: values(row, &names),
        };
        Ok(Rows { all: counted.into_iter().map(row).collect(), heading: self.dimensions.heading() })
    }

    fn names(&self, counted: &[impl Keyed]) -> Result<Names, CliError> {
        let of_key = |part: &KeyPart| match part {
            KeyPart::Name(code) => Some(*code),
            KeyPart::Month(..) | KeyPart::Missing => None,
        };
        let codes = counted.iter().flat_map(|row| {
            let mut codes = row.codes();
            codes.extend(row.key().iter().filter_map(of_key));
            codes
        });
        let mut names = Names::default();
        block_on(names.load(&self.reading.store, codes))?;
        Ok(names)
    }
}

impl<T> Rows<T> {
    /// What the keys are called; empty without a split.
    pub(crate) fn heading(&self) -> &str {
        &self.heading
    }

    /// Whether there is anything beside the total.
    pub(crate) fn is_split(&self) -> bool {
        !self.heading.is_empty()
    }

    /// Some of the rows for people, each behind its key; `cells` are numbers.
    pub(crate) fn table<'a>(
        &self,
        rows: impl IntoIterator<Item = &'a Row<T>>,
        headings: &[&str],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Table
    where
        T: 'a,
    {
        let headings: Vec<&str> = [self.heading.as_str()].iter().chain(headings).copied().collect();
        let mut table = Table::new(&headings, 1);
        for row in rows {
            let key = std::iter::once(row.key.to_string());
            table.cells(key.chain(cells(&row.values)).collect());
        }
        table
    }

    /// All rows for people, where none is the total: without a split there is no key to show.
    /// The first of the `cells` is a text.
    pub(crate) fn table_without_total(
        &self,
        headings: &[&str],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Table {
        let key = self.is_split().then_some(self.heading.as_str());
        let headings: Vec<&str> = key.iter().chain(headings).copied().collect();
        let mut table = Table::new(&headings, 1 + key.iter().len());
        for row in &self.all {
            let key = key.map(|_| row.key.to_string());
            table.cells(key.into_iter().chain(cells(&row.values)).collect());
        }
        table
    }
}

/// Rows for people, the largest first; equals stay in the order of their keys, and so do months:
/// they are read as a course.
pub(crate) fn largest_first<T>(rows: &[Row<T>], size: impl Fn(&T) -> u64) -> Vec<&Row<T>> {
    let mut rows: Vec<&Row<T>> = rows.iter().collect();
    if rows.iter().all(|row| row.key.begins_with("cohort")) {
        return rows;
    }
    rows.sort_by_key(|row| std::cmp::Reverse(size(&row.values)));
    rows
}
