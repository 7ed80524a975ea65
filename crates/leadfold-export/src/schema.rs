//! What the files hold: tables, columns and their types.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

use crate::table::{
    audit_findings, costs, episodes, events, findings, handoffs, leads, opportunities, revenue,
    visits,
};

/// All tables, in the order in which they are written. The last two are those of an export with
/// its hand-off audit: [`Export::audited`](crate::Export::audited).
///
/// ```
/// let names: Vec<&str> = leadfold_export::TABLES.iter().map(|table| table.name).collect();
/// assert_eq!(names[..3], ["events", "leads", "visits"]);
/// ```
pub const TABLES: [&Table; 10] = [
    &events::TABLE,
    &leads::TABLE,
    &visits::TABLE,
    &handoffs::TABLE,
    &opportunities::TABLE,
    &revenue::TABLE,
    &costs::TABLE,
    &findings::TABLE,
    &episodes::TABLE,
    &audit_findings::TABLE,
];

/// One file: `NAME.parquet`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Table {
    /// The name, without `.parquet`.
    pub name: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
}

/// One column of a table.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// Whether a row may have none.
    pub is_optional: bool,
}

/// The types of columns. There are few, so that all readers agree about them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `INT64`: a count, an index, a position, or money in minor units.
    Int,
    /// `INT64`, `TIMESTAMP(MICROS, UTC)`: microseconds since 1970-01-01T00:00:00Z.
    Time,
    /// `BYTE_ARRAY`, `STRING`: UTF-8.
    Text,
    /// `BOOLEAN`.
    Flag,
}

impl Kind {
    /// The name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Time => "time",
            Self::Text => "text",
            Self::Flag => "flag",
        }
    }
}

impl Table {
    /// The schema of the file.
    pub(crate) fn schema(&self) -> Result<TypePtr, ParquetError> {
        let fields = self.columns.iter().map(Column::field).collect::<Result<_, _>>()?;
        Type::group_type_builder(self.name).with_fields(fields).build().map(Arc::new)
    }
}

impl Column {
    pub(crate) const fn int(name: &'static str) -> Self {
        Self { name, kind: Kind::Int, is_optional: false }
    }

    pub(crate) const fn time(name: &'static str) -> Self {
        Self { name, kind: Kind::Time, is_optional: false }
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, kind: Kind::Text, is_optional: false }
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self { name, kind: Kind::Flag, is_optional: false }
    }

    pub(crate) const fn or_null(self) -> Self {
        Self { is_optional: true, ..self }
    }

    fn field(&self) -> Result<TypePtr, ParquetError> {
        let (physical, logical) = match self.kind {
            Kind::Int => (PhysicalType::INT64, None),
            Kind::Time => {
                (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Flag => (PhysicalType::BOOLEAN, None),
        };
        let repetition = if self.is_optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        Type::primitive_type_builder(self.name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    }
}
