//! Where a field stands in a line.

use crate::event::place::{self, Step};

/// The field of a line at whose value serde found a fault: it had come to it, or to its end.
pub(super) fn field_at<'l>(line: &'l str, error: &serde_json::Error) -> Option<(String, &'l str)> {
    let rows = line.split_inclusive('\n').take(error.line().saturating_sub(1));
    let at = rows.map(str::len).sum::<usize>() + error.column();
    let is_before = |value: &str| offset(line, value) <= at;
    let (step, value) = place::parts(line).into_iter().rfind(|(_, value)| is_before(value))?;
    match step {
        Step::Key(name) if at <= offset(line, value) + value.len() => {
            Some((name.into_owned(), value))
        }
        _ => None,
    }
}

/// The value of a field of the line, or of a field in a field. If there are several, all but one
/// are `null`, or it is said of the last that it is there twice.
pub(super) fn find<'l>(line: &'l str, field: &str) -> Option<&'l str> {
    field.split('.').try_fold(line, |object, name| {
        values(object, name).find(|value| *value != "null").or_else(|| last(object, name))
    })
}

pub(super) fn last<'l>(object: &'l str, key: &str) -> Option<&'l str> {
    values(object, key).last()
}

/// The values under a key.
fn values<'l>(object: &'l str, key: &str) -> impl Iterator<Item = &'l str> {
    let parts = place::parts(object).into_iter();
    parts.filter(move |(step, _)| matches!(step, Step::Key(name) if name == key)).map(|(_, v)| v)
}

/// Line and column of a part of a text, both from 1.
pub(super) fn position(text: &str, part: &str) -> (u32, u32) {
    let before = &text.as_bytes()[..offset(text, part)];
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    (narrow(lines + 1), narrow(before.len() - begin + 1))
}

/// Where a part of a text begins, in bytes.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// A line is no longer than it may be.
pub(super) fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
