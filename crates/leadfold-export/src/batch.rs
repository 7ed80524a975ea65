//! Rows that become a row group.

use leadfold_core::{Code, LeadIndex};
use leadfold_engine::Names;
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{BoolType, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

use crate::cell::Cell;
use crate::schema::{Column, Kind, Table};

/// Rows in a row group, at most.
const ROWS_MAX: usize = 65_536;

/// Bytes of texts in a row group, about: the data of long events.
const BYTES_MAX: usize = 32 << 20;

/// Rows, by column.
#[derive(Debug)]
pub(crate) struct Batch {
    columns: Vec<Vec<Cell>>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(crate) fn new(table: &Table) -> Self {
        let columns = table.columns.iter().map(|_| Vec::new()).collect();
        Self { columns, rows: 0, bytes: 0 }
    }

    pub(crate) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column");
        self.rows += 1;
        self.bytes += row.iter().map(Cell::heap_bytes).sum::<usize>();
        self.columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows >= ROWS_MAX || self.bytes >= BYTES_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    pub(crate) fn clear(&mut self) {
        self.columns.iter_mut().for_each(Vec::clear);
        (self.rows, self.bytes) = (0, 0);
    }

    /// The strings that the rows need.
    pub(crate) fn codes(&self) -> impl Iterator<Item = Code> {
        self.columns.iter().flatten().flat_map(Cell::codes)
    }

    /// The leads whose names the rows need.
    pub(crate) fn leads(&self) -> impl Iterator<Item = LeadIndex> {
        self.columns.iter().flatten().filter_map(Cell::lead)
    }

    /// One column into its chunk of a row group.
    pub(crate) fn write_column(
        &self,
        index: usize,
        column: &Column,
        names: &Names,
        chunk: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let cells = &self.columns[index];
        match column.kind {
            Kind::Int | Kind::Time => {
                write(chunk.typed::<Int64Type>(), cells, column, Cell::as_number)
            }
            Kind::Flag => write(chunk.typed::<BoolType>(), cells, column, Cell::as_flag),
            Kind::Text => write(chunk.typed::<ByteArrayType>(), cells, column, |cell| {
                cell.to_text(names).map(Into::into)
            }),
        }
    }
}

/// A null has a level and no value.
fn write<T: DataType>(
    chunk: &mut ColumnWriterImpl<'_, T>,
    cells: &[Cell],
    column: &Column,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<Option<T::T>> = cells.iter().map(value).collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    chunk.write_batch(&values, column.is_optional.then_some(levels.as_slice()), None)?;
    Ok(())
}
