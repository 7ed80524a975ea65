//! The shape of an event's `data`: constants, templates and typed values in nested objects.

use serde_json::{Map, Value};

use crate::{
    RowErrorKind,
    decimal::{DecimalError, parse_integer, parse_money, parse_number},
    template::{Filter, Template},
    time::{TimeReader, shape},
};

/// One value of `data`.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Constant(Value),
    Text(Template),
    Typed(Template, Filter),
    List(Vec<Self>),
    Object(Fields),
}

/// The named values of an object.
pub(crate) type Fields = Vec<(String, Data)>;

/// How cells are read as numbers and times.
#[derive(Debug)]
pub(crate) struct Readers {
    pub(crate) decimal_mark: char,
    pub(crate) time: TimeReader,
}

/// Makes an object of those fields that have a value in this row.
pub(crate) fn to_object(
    fields: &Fields,
    values: &[&str],
    readers: &Readers,
) -> Result<Map<String, Value>, RowErrorKind> {
    let mut object = Map::new();
    for (name, data) in fields {
        if let Some(value) = data.value(values, readers)? {
            object.insert(name.clone(), value);
        }
    }
    Ok(object)
}

impl Data {
    /// The value; none when its cells, or all of its parts, are empty.
    fn value(&self, values: &[&str], readers: &Readers) -> Result<Option<Value>, RowErrorKind> {
        match self {
            Self::Constant(value) => Ok(Some(value.clone())),
            Self::Text(template) => {
                Ok(template.render(values).map(|text| Value::String(text.into_owned())))
            }
            Self::Typed(template, filter) => match template.render(values) {
                Some(text) => typed(*filter, template, &text, readers).map(Some),
                None => Ok(None),
            },
            Self::List(items) => {
                let items = items.iter().filter_map(|item| item.value(values, readers).transpose());
                let items = items.collect::<Result<Vec<_>, _>>()?;
                Ok(Some(items).filter(|items| !items.is_empty()).map(Value::Array))
            }
            Self::Object(fields) => {
                let object = to_object(fields, values, readers)?;
                Ok(Some(object).filter(|object| !object.is_empty()).map(Value::Object))
            }
        }
    }
}

fn typed(
    filter: Filter,
    template: &Template,
    text: &str,
    readers: &Readers,
) -> Result<Value, RowErrorKind> {
    let template = || template.source().to_owned();
    let bad_number = |fault: DecimalError| RowErrorKind::BadNumber {
        template: template(),
        fault,
        found: shape(text),
    };
    let bad_time = |fault| RowErrorKind::BadTime { template: template(), fault };
    let mark = readers.decimal_mark;
    match filter {
        Filter::Integer => parse_integer(text, mark).map(Value::from).map_err(bad_number),
        Filter::Number => parse_number(text, mark).map_err(bad_number),
        Filter::Money(decimals) => {
            parse_money(text, decimals, mark).map(Value::from).map_err(bad_number)
        }
        Filter::Time => readers.time.read(text).map(|moment| moment.text.into()).map_err(bad_time),
        Filter::Date => {
            readers.time.read(text).map(|at| at.date.to_string().into()).map_err(bad_time)
        }
    }
}
