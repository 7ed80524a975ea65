//! From a file to its rows, whatever answers it holds.

use serde_json::Value;

use super::{kind::Kind, row::Row};
use crate::{
    CrmFile, OpenError,
    crm::{
        error::CrmFault,
        file::{Document, Part},
        sink::Place,
        text::code,
    },
};

/// What stands at a place of a file.
pub(super) enum Found {
    Row(Kind, Row),
    Fault(CrmFault),
}

/// Shows every row of a file, until `show` says no.
pub(super) fn walk(
    n: usize,
    file: &CrmFile,
    mut show: impl FnMut(Place, Found) -> bool,
) -> Result<(), OpenError> {
    let bytes = file.read()?;
    let document = match &bytes {
        Some(bytes) => Document::new(n, bytes),
        None => Err(CrmFault::FileTooLarge),
    };
    let document = match document {
        Ok(document) => document,
        Err(fault) => {
            show(Document::start(n), Found::Fault(fault));
            return Ok(());
        }
    };
    Walk { document, show: &mut show }.all();
    Ok(())
}

struct Walk<'a, 'b> {
    document: Document<'a>,
    show: &'b mut dyn FnMut(Place, Found) -> bool,
}

impl Walk<'_, '_> {
    fn all(&mut self) {
        if let Some(event) = sent_event(self.document.text()) {
            let start = Document::start(self.document.file);
            (self.show)(start, Found::Fault(notification(&event)));
            return;
        }
        let mut values = self.document.values().peekable();
        if values.peek().is_none() {
            let fault = CrmFault::UnknownKind { expected: "the answer of a REST method" };
            (self.show)(Document::start(self.document.file), Found::Fault(fault));
        }
        for value in values {
            let is_open = match value {
                Ok(part) => self.answers(&part),
                Err(fault) => (self.show)(self.document.place_of(&fault), Found::Fault(fault)),
            };
            if !is_open {
                return;
            }
        }
    }

    /// One answer, or a list of them.
    fn answers(&mut self, part: &Part<'_>) -> bool {
        match part.each_item(&mut |item| self.answer(&item)) {
            Some(is_open) => is_open,
            None => self.answer(part),
        }
    }

    fn answer(&mut self, part: &Part<'_>) -> bool {
        let [event, result, error, params] =
            match part.named(["event", "result", "error", "params"]) {
                Some(Ok(fields)) => fields,
                Some(Err(fault)) => return self.fault(part, fault),
                None => {
                    let expected = "the answer of a REST method, an object with `result`";
                    return self.unknown(part, expected);
                }
            };
        if let Some(event) = event {
            let event: Value = serde_json::from_str(event.raw.get()).unwrap_or_default();
            return self.fault(part, notification(event.as_str().unwrap_or_default()));
        }
        let Some(result) = result else {
            return match error {
                Some(_) => self.fault(part, CrmFault::ErrorAnswer),
                None => self.unknown(part, "the answer of a REST method, with `result`"),
            };
        };
        if let Some(is_open) = self.rows(&result) {
            return is_open;
        }
        let names = ["ENTITY_IDS", "items", "item", "result", "result_error"];
        let [gone, items, item, batch, errors] = match result.named(names) {
            Some(Ok(fields)) => fields,
            Some(Err(fault)) => return self.fault(&result, fault),
            None => return self.unknown(&result, "rows, or one record, in `result`"),
        };
        if gone.is_some() {
            return self.merge(part, params.is_some());
        }
        if let Some(is_open) = items.and_then(|items| self.rows(&items)) {
            return is_open;
        }
        match (item, batch) {
            (Some(item), _) => self.row(&item),
            (None, Some(batch)) => self.batch(&batch, errors.as_ref()),
            (None, None) => self.row(&result),
        }
    }

    /// The rows of a list; none where it is no list.
    fn rows(&mut self, part: &Part<'_>) -> Option<bool> {
        part.each_item(&mut |row| self.row(&row))
    }

    /// What the commands of a batch answered, and those that failed.
    fn batch(&mut self, answers: &Part<'_>, errors: Option<&Part<'_>>) -> bool {
        let is_open = match answers.each_value(&mut |answer| self.batched(&answer)) {
            Some(is_open) => is_open,
            None => self.unknown(answers, "the answers of a batch"),
        };
        let mut tell = |error: Part<'_>| self.fault(&error, CrmFault::ErrorAnswer);
        is_open && errors.and_then(|errors| errors.each_value(&mut tell)).unwrap_or(true)
    }

    /// What one command of a batch answered.
    fn batched(&mut self, part: &Part<'_>) -> bool {
        if let Some(is_open) = self.rows(part) {
            return is_open;
        }
        let [items, item] = match part.named(["items", "item"]) {
            Some(Ok(fields)) => fields,
            Some(Err(fault)) => return self.fault(part, fault),
            None => [None, None],
        };
        if let Some(is_open) = items.and_then(|items| self.rows(&items)) {
            return is_open;
        }
        self.row(item.as_ref().unwrap_or(part))
    }

    fn row(&mut self, part: &Part<'_>) -> bool {
        if part.raw.get().len() > ROW_BYTES_MAX {
            return self.unknown(part, "a row of at most 4 MiB");
        }
        let Some(fields) = part.object() else {
            return self.unknown(part, "a row with fields, nested no deeper than 100");
        };
        match Kind::of(&fields) {
            Some(kind) => {
                let row = Row::new(fields, part);
                (self.show)(self.document.place(part), Found::Row(kind, row))
            }
            None => self.unknown(
                part,
                "a lead (with STATUS_ID), a deal (with STAGE_ID), a row of their stage history or an \
                 activity",
            ),
        }
    }

    fn merge(&mut self, part: &Part<'_>, has_request: bool) -> bool {
        match part.object() {
            Some(fields) if has_request => {
                let row = Row::new(fields, part);
                (self.show)(self.document.place(part), Found::Row(Kind::Merge, row))
            }
            _ => self.fault(part, CrmFault::MergeWithoutRequest),
        }
    }

    fn unknown(&mut self, part: &Part<'_>, expected: &'static str) -> bool {
        self.fault(part, CrmFault::UnknownKind { expected })
    }

    fn fault(&mut self, part: &Part<'_>, fault: CrmFault) -> bool {
        (self.show)(self.document.place(part), Found::Fault(fault))
    }
}

/// The notification that a body has as it is sent: `event=ONCRMLEADADD&...`.
fn sent_event(text: &str) -> Option<String> {
    let body = text.trim_start();
    if !body.starts_with("event=") {
        return None;
    }
    let (_, event) = form_urlencoded::parse(body.as_bytes()).next()?;
    Some(event.into_owned())
}

fn notification(event: &str) -> CrmFault {
    let instead = if event.to_ascii_uppercase().contains("DEAL") {
        "crm.deal.list and crm.stagehistory.list (entityTypeId 2)"
    } else if event.to_ascii_uppercase().contains("ACTIVITY") {
        "crm.activity.list"
    } else {
        "crm.lead.list and crm.stagehistory.list (entityTypeId 1)"
    };
    CrmFault::OnlyNotification { event: code(event), instead }
}

/// A row is held as a tree, which needs many times its bytes.
const ROW_BYTES_MAX: usize = 4 << 20;
