//! Why the log refuses an event that a row became, without what the row's cells say: rows hold
//! people's data.

use leadfold_core::event::{LineCode, LineError};
use serde_json::Value;

use super::source::{Maker, Refusal};

/// What would be right where nothing more is known of it.
const ANYTHING: &str = "a value that the log has there";

/// The refusal of an event, as it was made of the row. The event's columns are of a line that
/// nobody sees.
pub(super) fn refusal(event: &[u8], error: &LineError, maker: Maker) -> Refusal {
    let remedy = match maker {
        Maker::Export => "correct the row, or leave it out",
        Maker::Cells | Maker::Nobody => "correct the cell, or the rule of the mapping",
    };
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    let kind = event["type"].as_str().unwrap_or_default();
    let message = match error.code {
        // These have no text of a cell.
        LineCode::BadLead | LineCode::MissingField | LineCode::TooDeep | LineCode::TooLong => {
            format!("event `{kind}`: {}", error.message)
        }
        _ => {
            let expected = error.expected.as_deref().unwrap_or(ANYTHING);
            let field = error.field.as_ref();
            let field = field.map_or_else(String::new, |field| format!("`{field}` of "));
            format!(
                "expected {expected} in {field}the event `{kind}`, found something else: {remedy}"
            )
        }
    };
    Refusal { code: error.code.as_str(), message }
}
