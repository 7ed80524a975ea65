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
        match part.items() {
            Some(items) => items.iter().all(|item| self.answer(item)),
            None => self.answer(part),
        }
    }

    fn answer(&mut self, part: &Part<'_>) -> bool {
        let Some(fields) = part.fields() else {
            return self.unknown(part, "the answer of a REST method, an object with `result`");
        };
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, at)| at);
        if let Some(event) = field("event") {
            let event: Value = serde_json::from_str(event.raw.get()).unwrap_or_default();
            return self.fault(part, notification(event.as_str().unwrap_or_default()));
        }
        let Some(result) = field("result") else {
            return match field("error") {
                Some(_) => self.fault(part, CrmFault::ErrorAnswer),
                None => self.unknown(part, "the answer of a REST method, with `result`"),
            };
        };
        if let Some(rows) = result.items() {
            return rows.iter().all(|row| self.row(row));
        }
        let Some(inner) = result.fields() else {
            return self.unknown(result, "rows, or one record, in `result`");
        };
        let inside = |name: &str| inner.iter().find(|(field, _)| field == name).map(|(_, at)| at);
        if inside("ENTITY_IDS").is_some() {
            return self.merge(part, field("params").is_some());
        }
        if let Some(rows) = inside("items").and_then(Part::items) {
            return rows.iter().all(|row| self.row(row));
        }
        if let Some(item) = inside("item") {
            return self.row(item);
        }
        match inside("result").and_then(|batch| batch.fields().or_else(|| Some(numbered(batch)))) {
            Some(answers) => answers.iter().all(|(_, answer)| self.batched(answer)),
            None => self.row(result),
        }
    }

    /// What one command of a batch answered.
    fn batched(&mut self, part: &Part<'_>) -> bool {
        if let Some(rows) = part.items() {
            return rows.iter().all(|row| self.row(row));
        }
        let items = part.fields().unwrap_or_default();
        match items.iter().find(|(name, _)| name == "items").and_then(|(_, items)| items.items()) {
            Some(rows) => rows.iter().all(|row| self.row(row)),
            None => self.row(part),
        }
    }

    fn row(&mut self, part: &Part<'_>) -> bool {
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

/// A batch whose commands have numbers instead of names.
fn numbered<'a>(batch: &Part<'a>) -> Vec<(String, Part<'a>)> {
    let items = batch.items().unwrap_or_default();
    items.into_iter().map(|part| (String::new(), part)).collect()
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
