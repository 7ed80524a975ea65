//! One rule: which rows, which event, when, for whom, with which data.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    RowErrorKind,
    condition::When,
    data::{Fields, Readers, to_object},
    template::Template,
    time::Moment,
};

/// Makes one event of every row that it matches.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: String,
    pub(crate) when: When,
    pub(crate) at: At,
    /// The rules with this number speak once for each lead: on the first row that they match.
    pub(crate) once: Option<u32>,
    pub(crate) actor: Option<Actor>,
    pub(crate) origin_id: Option<Template>,
    pub(crate) data: Fields,
}

/// When an event happened.
#[derive(Debug)]
pub(crate) enum At {
    Constant(Moment),
    /// The first that is not empty.
    Cells(Vec<Template>),
}

/// Who did it.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) kind: String,
    pub(crate) id: Option<Template>,
}

impl Rule {
    /// The event that a row makes, in the log format.
    pub(crate) fn event(
        &self,
        system: &str,
        lead: &str,
        values: &[&str],
        readers: &Readers,
    ) -> Result<Map<String, Value>, RowErrorKind> {
        let at = self.moment(values, readers)?;
        let text = |template: &Option<Template>| {
            let rendered = template.as_ref().and_then(|template| template.render(values));
            rendered.map(Cow::into_owned)
        };
        let mut event = Map::new();
        event.insert("lead".into(), lead.into());
        event.insert("type".into(), self.kind.as_str().into());
        if let Some(precision) = at.precision.name() {
            event.insert("precision".into(), precision.into());
        }
        event.insert("occurred_at".into(), at.text.into());
        if let Some(actor) = &self.actor {
            event.insert("actor".into(), with_id("kind", &actor.kind, text(&actor.id)));
        }
        event.insert("origin".into(), with_id("system", system, text(&self.origin_id)));
        event.insert("data".into(), to_object(&self.data, values, readers)?.into());
        Ok(event)
    }

    fn moment(&self, values: &[&str], readers: &Readers) -> Result<Moment, RowErrorKind> {
        let templates = match &self.at {
            At::Constant(moment) => return Ok(moment.clone()),
            At::Cells(templates) => templates,
        };
        for template in templates {
            if let Some(text) = template.render(values) {
                return readers.time.read(&text).map_err(|fault| RowErrorKind::BadTime {
                    template: template.source().to_owned(),
                    fault,
                });
            }
        }
        let sources: Vec<_> = templates.iter().map(Template::source).collect();
        Err(RowErrorKind::NoTime { event: self.kind.clone(), template: sources.join("`, `") })
    }
}

fn with_id(name: &str, value: &str, id: Option<String>) -> Value {
    let mut object = Map::new();
    object.insert(name.into(), value.into());
    if let Some(id) = id {
        object.insert("id".into(), id.into());
    }
    object.into()
}
