//! What can be wrong with an export of a CRM. Messages name fields and shapes, never what stands
//! there: rows hold people's data.

use super::file::FILE_BYTES_MAX;
use crate::{decimal::DecimalError, record::RECORD_BYTES_MAX};

/// Why a row of an export, or a whole file, became no event.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrmFault {
    /// The file is too large to be a page.
    #[error(
        "expected a file of at most {FILE_BYTES_MAX} bytes, found a larger one; save fewer pages \
         in one file"
    )]
    FileTooLarge,
    /// The line is longer than a body of a webhook.
    #[error(
        "expected a line of at most {RECORD_BYTES_MAX} bytes, found a longer one; put one body on \
         each line"
    )]
    LineTooLong,
    /// There are more moves than are held in memory.
    #[error("expected at most {limit} changes of stage in one import, found more; import in parts")]
    TooManyMoves {
        /// The limit.
        limit: usize,
    },
    /// The text is not UTF-8.
    #[error("expected UTF-8, found other bytes; save the answer as it comes")]
    NotUtf8,
    /// The text is no JSON.
    #[error(
        "expected JSON, found text that is none at line {line}, column {column}; save the whole \
         answer as it comes"
    )]
    NotJson {
        /// The line of the file, 1-based.
        line: usize,
        /// The column in bytes, 1-based.
        column: usize,
    },
    /// JSON of which no kind of answer is known.
    #[error("expected {expected}, found something else; docs/CRM.md lists what can be imported")]
    UnknownKind {
        /// What is known there.
        expected: &'static str,
    },
    /// The system answered with an error.
    #[error("expected an answer with rows, found an error of the system; ask it again")]
    ErrorAnswer,
    /// A notification that says that something changed, and not what.
    #[error(
        "expected an answer with rows, found the notification `{event}`, which has an ID and no \
         change; fetch {instead} and import those"
    )]
    OnlyNotification {
        /// The name of the notification.
        event: String,
        /// What has the change.
        instead: &'static str,
    },
    /// A field that is needed is missing or empty.
    #[error("expected the field `{field}` of {of}, found none; fetch the rows with it")]
    MissingField {
        /// The field, as the system calls it.
        field: String,
        /// Of what.
        of: &'static str,
    },
    /// A field is there twice, and nobody knows which of them is meant.
    #[error("expected the field `{field}` once, found it twice; save the answer as it comes")]
    DuplicateField {
        /// The field, as the system calls it.
        field: &'static str,
    },
    /// A field that should be an ID is none.
    #[error(
        "expected an ID (a whole number from 1) in `{field}`, found something else; correct it"
    )]
    BadId {
        /// The field, as the system calls it.
        field: String,
    },
    /// A field that should be a code is none.
    #[error(
        "expected a code of at most {limit} bytes in `{field}`, found something else; correct it"
    )]
    BadCode {
        /// The field, as the system calls it.
        field: String,
        /// The most bytes that it may have.
        limit: usize,
    },
    /// A field that should be a time is none.
    #[error("expected {expected} in `{field}`, found something else; correct it")]
    BadTime {
        /// The field, as the system calls it.
        field: String,
        /// What is read there.
        expected: &'static str,
    },
    /// A field that should be money is none.
    #[error("expected {} in `{field}`, found something else; correct it", money(*fault))]
    BadMoney {
        /// The field, as the system calls it.
        field: String,
        /// What is wrong with it.
        fault: DecimalError,
    },
    /// Money below 0, for which the log has no word.
    #[error("expected an amount from 0 in `{field}`, found one below; correct it")]
    NegativeMoney {
        /// The field, as the system calls it.
        field: String,
    },
    /// A field that should be a currency is none.
    #[error("expected an ISO 4217 code such as EUR in `{field}`, found something else; correct it")]
    BadCurrency {
        /// The field, as the system calls it.
        field: String,
    },
    /// A row about a record that no file of the import has.
    #[error(
        "expected {what} {id} in one of the files, found only a row about it; import it together \
         with {instead} (a record that was deleted has none any more)"
    )]
    NoRecord {
        /// What it is about: a lead or a deal.
        what: &'static str,
        /// Its ID.
        id: u64,
        /// What has the record.
        instead: &'static str,
    },
    /// An answer to a merge, which names neither what was merged nor into what.
    #[error(
        "expected the request's `params` beside the answer of crm.entity.mergeBatch, found the \
         answer alone, which names neither the kind nor the survivor; docs/CRM.md says how to \
         save both"
    )]
    MergeWithoutRequest,
    /// A merge that did not take place, or whose request does not fit its answer.
    #[error(
        "expected a merge with `STATUS` SUCCESS whose request names all of `ENTITY_IDS` behind \
         the survivor, found another; leave it out, or save the request that belongs to it"
    )]
    NoMerge,
}

/// What an amount has to be that is none.
fn money(fault: DecimalError) -> String {
    match fault {
        DecimalError::TooManyDecimals { decimals } => {
            format!(
                "an amount with at most {decimals} decimals, as its currency has (none without \
                 one), since nothing is rounded,"
            )
        }
        DecimalError::TooLarge => "an amount of which the minor units fit 64 bits".to_owned(),
        DecimalError::NotDecimal { .. } => "an amount such as 1500 or 1500.00".to_owned(),
    }
}

impl CrmFault {
    /// The fault's name in snake case, for reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FileTooLarge => "file_too_large",
            Self::LineTooLong => "line_too_long",
            Self::TooManyMoves { .. } => "too_many_moves",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::UnknownKind { .. } => "unknown_kind",
            Self::ErrorAnswer => "error_answer",
            Self::OnlyNotification { .. } => "only_notification",
            Self::MissingField { .. } => "missing_field",
            Self::DuplicateField { .. } => "duplicate_field",
            Self::BadId { .. } => "bad_id",
            Self::BadCode { .. } => "bad_code",
            Self::BadTime { .. } => "bad_time",
            Self::BadMoney { .. } | Self::NegativeMoney { .. } => "bad_number",
            Self::BadCurrency { .. } => "bad_currency",
            Self::NoRecord { .. } => "no_record",
            Self::MergeWithoutRequest => "merge_without_request",
            Self::NoMerge => "no_merge",
        }
    }
}
