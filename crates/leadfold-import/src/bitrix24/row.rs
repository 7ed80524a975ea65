//! The fields of a row by their old names, whichever of the two spellings an answer has.

use leadfold_core::Currency;
use serde_json::{Map, Value};

use crate::crm::{at::At, error::CrmFault, file::Part, money::minor_units, text::CODE_BYTES_MAX};

/// A row of an answer.
#[derive(Clone, Debug)]
pub(super) struct Row {
    fields: Map<String, Value>,
    /// `crm.item.*` writes `assignedById` for `ASSIGNED_BY_ID`.
    is_camel: bool,
    /// Numbers to the letter, since money is never a float.
    numbers: Vec<(String, String)>,
}

impl Row {
    pub(super) fn new(fields: Map<String, Value>, part: &Part<'_>) -> Self {
        let is_camel = fields.contains_key("id") && !fields.contains_key("ID");
        let mut numbers = Vec::new();
        if ["OPPORTUNITY", "opportunity"]
            .iter()
            .any(|name| fields.get(*name).is_some_and(Value::is_number))
        {
            let texts = part.fields().unwrap_or_default().into_iter();
            let texts = texts.filter(|(name, _)| name.eq_ignore_ascii_case("OPPORTUNITY"));
            numbers.extend(texts.map(|(name, part)| (name, part.raw.get().to_owned())));
        }
        Self { fields, is_camel, numbers }
    }

    /// A field's name as this row has it.
    pub(super) fn name(&self, field: &str) -> String {
        if !self.is_camel {
            return field.to_owned();
        }
        let known = match field {
            "DATE_CREATE" => "createdTime",
            "DATE_MODIFY" => "updatedTime",
            "MOVED_BY_ID" => "movedBy",
            "STATUS_ID" => "stageId",
            "STATUS_SEMANTIC_ID" => "stageSemanticId",
            _ => return camel(field),
        };
        known.to_owned()
    }

    /// Whether the row has a field, if only to say that it is empty.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(&self.name(field))
    }

    /// What a field has; empty texts and nulls are nothing.
    pub(super) fn value(&self, field: &str) -> Option<&Value> {
        let value = self.fields.get(&self.name(field))?;
        match value {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            _ => Some(value),
        }
    }

    /// A text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.value(field)?.as_str().map(str::trim)
    }

    /// An ID; 0 is none.
    pub(super) fn id(&self, field: &str) -> Result<Option<u64>, CrmFault> {
        let id = match self.value(field) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => {
                let digits = text.trim();
                let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
                is_plain.then(|| digits.parse().ok()).flatten()
            }
            Some(_) => None,
        };
        let id = id.ok_or_else(|| CrmFault::BadId { field: self.name(field) })?;
        Ok(Some(id).filter(|id| *id != 0))
    }

    /// An ID that must be there.
    pub(super) fn need_id(&self, field: &str, of: &'static str) -> Result<u64, CrmFault> {
        self.id(field)?.ok_or_else(|| self.missing(field, of))
    }

    /// A code, such as a status.
    pub(super) fn code(&self, field: &str) -> Result<Option<String>, CrmFault> {
        let code = match self.value(field) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => String::new(),
        };
        let is_code =
            (1..=CODE_BYTES_MAX).contains(&code.len()) && !code.contains(char::is_control);
        let bad = || CrmFault::BadCode { field: self.name(field), limit: CODE_BYTES_MAX };
        if is_code { Ok(Some(code)) } else { Err(bad()) }
    }

    /// A code that must be there.
    pub(super) fn need_code(&self, field: &str, of: &'static str) -> Result<String, CrmFault> {
        self.code(field)?.ok_or_else(|| self.missing(field, of))
    }

    /// A time.
    pub(super) fn time(&self, field: &str) -> Result<Option<At>, CrmFault> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let at = value.as_str().and_then(|text| At::rfc3339(text.trim()));
        let bad = || CrmFault::BadTime {
            field: self.name(field),
            expected: "a time with an offset such as 2024-05-23T18:18:25+03:00",
        };
        at.map(Some).ok_or_else(bad)
    }

    /// A time that must be there.
    pub(super) fn need_time(&self, field: &str, of: &'static str) -> Result<At, CrmFault> {
        self.time(field)?.ok_or_else(|| self.missing(field, of))
    }

    /// The currency, by the row or else by the mapping.
    pub(super) fn currency(
        &self,
        otherwise: Option<Currency>,
    ) -> Result<Option<Currency>, CrmFault> {
        let Some(code) = self.text("CURRENCY_ID") else { return Ok(otherwise) };
        let bad = |_| CrmFault::BadCurrency { field: self.name("CURRENCY_ID") };
        code.parse().map(Some).map_err(bad)
    }

    /// The expected value in minor units.
    pub(super) fn amount(&self, currency: Option<Currency>) -> Result<Option<i64>, CrmFault> {
        let name = self.name("OPPORTUNITY");
        let text = match self.value("OPPORTUNITY") {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim(),
            Some(_) => {
                let number = self.numbers.iter().rfind(|(number, _)| *number == name);
                number.map_or("", |(_, text)| text)
            }
        };
        minor_units(text, currency, &name).map(Some)
    }

    pub(super) fn missing(&self, field: &str, of: &'static str) -> CrmFault {
        CrmFault::MissingField { field: self.name(field), of }
    }
}

/// `ASSIGNED_BY_ID` as `assignedById`.
fn camel(field: &str) -> String {
    let mut words = field.split('_').map(str::to_ascii_lowercase);
    let mut name = words.next().unwrap_or_default();
    for word in words {
        let (first, rest) = word.split_at(1.min(word.len()));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}
