//! The rules of a mapping file: which rows, when, and which data.

use toml::Spanned;

use super::Compiler;
use crate::{
    MappingError,
    condition::{Test, When},
    data::{Data, Fields},
    mapping::raw::{
        Once, OneOrMany, RawActor, RawData, RawEvent, RawIgnore, RawMapping, RawTest, RawWhen,
    },
    rule::{Actor, At, Rule},
    template::Template,
    time::TimeReader,
};

impl Compiler<'_> {
    pub(super) fn rules(
        &mut self,
        raw: &RawMapping,
        time: &TimeReader,
    ) -> Result<Vec<Rule>, MappingError> {
        let mut rules: Vec<Rule> = Vec::new();
        for event in &raw.event {
            let event = event.get_ref();
            let when = self.when(&event.when);
            let alike = rules.iter().find(|rule| rule.once.is_some() && rule.when == when);
            let group = alike.and_then(|rule| rule.once).unwrap_or(rules.len() as u32);
            let once = event.once.map(|Once::Lead| group);
            rules.push(Rule {
                kind: self.kind(&event.kind)?,
                at: self.at(event, time)?,
                actor: self.actor(event.actor.as_ref().or(raw.actor.as_ref()))?,
                origin_id: match &event.origin_id {
                    Some(id) => Some(self.template(id.get_ref(), id)?),
                    None => None,
                },
                data: self.fields(event.data.as_ref())?,
                when,
                once,
            });
        }
        Ok(rules)
    }

    fn kind(&self, raw: &Spanned<String>) -> Result<String, MappingError> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        match raw.get_ref() {
            kind if !kind.is_empty() && kind.chars().all(is_name) => Ok(kind.clone()),
            found => Err(self.error(
                raw,
                format!("expected an event type in snake_case such as `captured`, found `{found}`; correct it"),
            )),
        }
    }

    fn at(&mut self, event: &RawEvent, time: &TimeReader) -> Result<At, MappingError> {
        let OneOrMany(sources) = event.at.get_ref();
        let templates = sources.iter().map(|source| self.template(source, &event.at));
        let templates = templates.collect::<Result<Vec<_>, _>>()?;
        match templates.iter().position(|template| template.constant().is_some()) {
            None if !templates.is_empty() => Ok(At::Cells(templates)),
            Some(0) if templates.len() == 1 => match time.read_constant(&sources[0]) {
                Ok(moment) => Ok(At::Constant(moment)),
                Err(_) => Err(self.error(&event.at, format!(
                    "expected RFC 3339, a date, or a column in braces, found `{0}`; a column is \
                     written `{{{0}}}`",
                    sources[0]
                ))),
            },
            _ => {
                let message = "expected a constant alone, or a list of columns in braces, found \
                               neither; say when the event happened";
                Err(self.error(&event.at, message))
            }
        }
    }

    fn actor(&mut self, raw: Option<&Spanned<RawActor>>) -> Result<Option<Actor>, MappingError> {
        let Some(raw) = raw else { return Ok(None) };
        let RawActor { kind, id } = raw.get_ref();
        let id = match id {
            Some(id) => Some(self.template(id, raw)?),
            None => None,
        };
        Ok(Some(Actor { kind: kind.clone(), id }))
    }

    fn when(&mut self, raw: &RawWhen) -> When {
        let tests = raw.iter().map(|(name, test)| {
            let test = match test {
                RawTest::OneOf(texts) => Test::OneOf(texts.clone()),
                RawTest::Present(present) => Test::Present(*present),
            };
            (self.slot(name), test)
        });
        When::new(tests.collect())
    }

    pub(super) fn ignore(&mut self, raw: &Spanned<RawIgnore>) -> Result<When, MappingError> {
        let when = self.when(&raw.get_ref().when);
        if when.is_empty() {
            let message = "expected a condition, found none, which would ignore every row; add one";
            return Err(self.error(raw, message));
        }
        Ok(when)
    }

    fn fields(&mut self, raw: Option<&Spanned<RawData>>) -> Result<Fields, MappingError> {
        let Some(raw) = raw else { return Ok(Fields::new()) };
        match self.data(raw)? {
            Data::Object(fields) => Ok(fields),
            _ => {
                let message = "expected a table as `data`, found a value; write \
                               `data = { name = \"{column}\" }`";
                Err(self.error(raw, message))
            }
        }
    }

    fn data(&mut self, raw: &Spanned<RawData>) -> Result<Data, MappingError> {
        match raw.get_ref() {
            RawData::Constant(value) => Ok(Data::Constant(value.clone())),
            RawData::List(items) => {
                let items = items.iter().map(|item| self.data(item));
                items.collect::<Result<_, _>>().map(Data::List)
            }
            RawData::Object(fields) => {
                let fields = fields.iter().map(|(name, data)| Ok((name.clone(), self.data(data)?)));
                fields.collect::<Result<_, _>>().map(Data::Object)
            }
            RawData::Text(text) => {
                let line = self.line(raw);
                let parsed = Template::parse_filtered(text, line, &mut self.columns);
                let (template, filter) = parsed.map_err(|message| self.error(raw, message))?;
                Ok(match (filter, template.constant()) {
                    (Some(filter), _) => Data::Typed(template, filter),
                    (None, Some(constant)) => Data::Constant(constant.into()),
                    (None, None) => Data::Text(template),
                })
            }
        }
    }
}
