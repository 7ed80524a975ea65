//! From the mapping file as written to one that can be run; every fault is found here, once.

mod rules;

use std::sync::Arc;

use chrono_tz::Tz;
use toml::Spanned;

use super::{
    Input, Join, Mapping,
    raw::{RawJoin, RawMapping, RawTime},
};
use crate::{
    MappingError,
    column::{Columns, Slot},
    data::Readers,
    record::Dialect,
    template::Template,
    time::{DEFAULT_FORMATS, Format, TimeReader},
};

pub(super) fn compile(text: &str, file_name: &str) -> Result<Mapping, MappingError> {
    let mut compiler = Compiler { file: file_name.into(), text, columns: Columns::default() };
    crate::format::expect(FORMAT, text, &compiler.file)?;
    let raw: RawMapping = toml::from_str(text).map_err(|error| compiler.unreadable(&error))?;
    if raw.format.get_ref() != FORMAT {
        let found = raw.format.get_ref();
        let message =
            format!("expected format `{FORMAT}`, found `{found}`; use a leadfold that knows it");
        return Err(compiler.error(&raw.format, message));
    }
    if raw.event.is_empty() {
        let message = "expected at least one [[event]], found none; add a rule";
        return Err(compiler.error(&raw.format, message));
    }
    if raw.system.get_ref().is_empty() {
        return Err(
            compiler.error(&raw.system, "expected a name for the source, found none; name it")
        );
    }
    let time = compiler.time(&raw.time)?;
    Ok(Mapping {
        lead: compiler.lead(&raw.lead)?,
        input: compiler.input(&raw)?,
        joins: compiler.joins(&raw)?,
        replace: raw
            .replace
            .iter()
            .map(|(name, texts)| (compiler.slot(name), texts.clone()))
            .collect(),
        ignore: raw
            .ignore
            .iter()
            .map(|ignore| compiler.ignore(ignore))
            .collect::<Result<_, _>>()?,
        rules: compiler.rules(&raw, &time)?,
        readers: Readers { decimal_mark: compiler.decimal_mark(&raw)?, time },
        unmatched: raw.unmatched,
        system: raw.system.into_inner(),
        name: compiler.file,
        columns: compiler.columns,
    })
}

struct Compiler<'a> {
    file: Arc<str>,
    text: &'a str,
    columns: Columns,
}

impl Compiler<'_> {
    fn time(&self, raw: &RawTime) -> Result<TimeReader, MappingError> {
        let zone =
            match &raw.zone {
                None => Tz::UTC,
                Some(name) => name.get_ref().parse().map_err(|_| {
                    let found = name.get_ref();
                    self.error(name, format!(
                    "expected an IANA time zone such as `Europe/Amsterdam`, found `{found}`; \
                     correct its name"
                ))
                })?,
            };
        let formats = match &raw.formats {
            None => DEFAULT_FORMATS.into_iter().filter_map(Format::parse).collect(),
            Some(formats) => {
                let formats = formats.iter().map(|format| self.format(format));
                formats.collect::<Result<_, _>>()?
            }
        };
        Ok(TimeReader { zone, ambiguous: raw.ambiguous, formats })
    }

    fn format(&self, raw: &Spanned<String>) -> Result<Format, MappingError> {
        Format::parse(raw.get_ref()).ok_or_else(|| {
            let found = raw.get_ref();
            self.error(
                raw,
                format!(
                    "expected a strftime format that tells at least a date, found `{found}`; write \
                 one such as `%Y-%m-%d %H:%M:%S`"
                ),
            )
        })
    }

    fn lead(&mut self, raw: &Spanned<String>) -> Result<Template, MappingError> {
        let template = self.template(raw.get_ref(), raw)?;
        match template.constant() {
            None => Ok(template),
            Some(_) => Err(self.error(raw, format!(
                "expected a lead key with a column such as `{{id}}`, found `{}`; every row would \
                 be one lead",
                raw.get_ref()
            ))),
        }
    }

    fn input(&self, raw: &RawMapping) -> Result<Input, MappingError> {
        let input = &raw.input;
        Ok(Input {
            file: input.file.get_ref().clone(),
            dialect: self.dialect(input.delimiter.as_ref())?,
            columns: input.columns.clone(),
        })
    }

    fn dialect(&self, raw: Option<&Spanned<String>>) -> Result<Dialect, MappingError> {
        let Some(raw) = raw else { return Ok(Dialect::Delimited(b',')) };
        match raw.get_ref().as_bytes() {
            b"whitespace" => Ok(Dialect::Whitespace),
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(Dialect::Delimited(*byte)),
            _ => Err(self.error(raw, format!(
                "expected a delimiter of one ASCII character or `whitespace`, found {:?}; quotes \
                 and line ends cannot delimit",
                raw.get_ref()
            ))),
        }
    }

    fn decimal_mark(&self, raw: &RawMapping) -> Result<char, MappingError> {
        match &raw.input.decimal_mark {
            None => Ok('.'),
            Some(mark) => match mark.get_ref().as_str() {
                "." => Ok('.'),
                "," => Ok(','),
                found => {
                    let message = format!(
                        "expected the decimal mark `.` or `,`, found `{found}`; correct it"
                    );
                    Err(self.error(mark, message))
                }
            },
        }
    }

    fn joins(&mut self, raw: &RawMapping) -> Result<Vec<Join>, MappingError> {
        raw.join.iter().map(|(name, join)| self.join(name, join)).collect()
    }

    fn join(&mut self, name: &Spanned<String>, raw: &RawJoin) -> Result<Join, MappingError> {
        if name.get_ref().is_empty() || name.get_ref().contains('.') {
            let message =
                format!("expected a join name without dots, found `{}`; rename it", name.get_ref());
            return Err(self.error(name, message));
        }
        Ok(Join {
            name: name.get_ref().clone(),
            file: raw.file.clone(),
            dialect: self.dialect(raw.delimiter.as_ref())?,
            key: raw.key.get_ref().clone(),
            key_line: self.line(&raw.key),
            on: self.slot(raw.on.as_ref().unwrap_or(&raw.key)),
            missing: raw.missing,
        })
    }

    fn template<T>(&mut self, text: &str, at: &Spanned<T>) -> Result<Template, MappingError> {
        let line = self.line(at);
        Template::parse(text, line, &mut self.columns).map_err(|message| self.error(at, message))
    }

    fn slot(&mut self, name: &Spanned<String>) -> Slot {
        let line = self.line(name);
        self.columns.slot(name.get_ref().trim(), line)
    }

    fn line<T>(&self, at: &Spanned<T>) -> u64 {
        line_of(self.text, at.span().start)
    }

    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> MappingError {
        MappingError::new(&self.file, self.line(at), message)
    }

    fn unreadable(&self, error: &toml::de::Error) -> MappingError {
        unreadable(&self.file, self.text, error, "docs/MAPPING.md")
    }
}

/// What the parser of TOML says, with the line and the page that helps.
pub(crate) fn unreadable(
    file: &Arc<str>,
    text: &str,
    error: &toml::de::Error,
    page: &str,
) -> MappingError {
    let start = error.span().map_or(0, |span| span.start);
    let message = error.message().trim_end().replace('\n', "; ");
    MappingError::new(file, line_of(text, start), format!("{message}; correct it as {page} says"))
}

pub(crate) fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|&&byte| byte == b'\n').count() as u64 + 1
}

const FORMAT: &str = "leadfold-mapping/1";
