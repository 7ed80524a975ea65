//! The mapping file of a CRM: which state each of a business's own statuses stands for.

use std::{collections::BTreeMap, sync::Arc};

use leadfold_core::Currency;
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use toml::Spanned;

use super::step::Step;
use crate::{
    MappingError,
    mapping::{OneOrMany, line_of, unreadable},
};

/// A CRM whose exports are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrmSystem {
    /// amoCRM, called Kommo elsewhere.
    Amocrm,
    /// Bitrix24.
    Bitrix24,
}

impl CrmSystem {
    /// The name, which is `origin.system` unless the mapping file has another.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amocrm => "amocrm",
            Self::Bitrix24 => "bitrix24",
        }
    }

    fn format(self) -> &'static str {
        match self {
            Self::Amocrm => "leadfold-amocrm/1",
            Self::Bitrix24 => "leadfold-bitrix24/1",
        }
    }

    /// The statuses of the system itself.
    fn statuses(self) -> Statuses {
        let list: &[(&str, Step)] = match self {
            // Its leads are deals.
            Self::Amocrm => &[],
            Self::Bitrix24 => &[
                ("NEW", Step::New),
                ("PROCESSED", Step::Mql),
                ("CONVERTED", Step::Sql),
                ("JUNK", Step::Disqualified),
            ],
        };
        list.iter().map(|(status, step)| ((*status).to_owned(), vec![*step])).collect()
    }
}

/// Which states the statuses of a CRM stand for; `docs/CRM.md` says what may stand in the file.
///
/// ```
/// use leadfold_import::{CrmSystem, StatusMap};
///
/// let text = "format = \"leadfold-bitrix24/1\"\nlead.PROCESSED = [\"mql\", \"handed_off\"]";
/// assert!(StatusMap::parse(text, "portal.toml", CrmSystem::Bitrix24).is_ok());
///
/// let error = StatusMap::parse(text, "portal.toml", CrmSystem::Amocrm).unwrap_err();
/// assert_eq!(error.line(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct StatusMap {
    pub(crate) system: String,
    /// To whom leads are handed off, whoever is responsible.
    handed_off_to: Option<String>,
    /// Of amounts that come without one.
    pub(crate) currency: Option<Currency>,
    pub(crate) lead: Statuses,
    pub(crate) deal: Statuses,
    /// Whether a status opens a deal, so that its creation does not.
    pub(crate) opens_late: bool,
}

pub(crate) type Statuses = BTreeMap<String, Vec<Step>>;

impl StatusMap {
    /// The map of a system's own statuses, without a file.
    pub fn of(system: CrmSystem) -> Self {
        Self {
            system: system.name().to_owned(),
            handed_off_to: None,
            currency: None,
            lead: system.statuses(),
            deal: Statuses::new(),
            opens_late: false,
        }
    }

    /// Reads a mapping file's text; `file_name` is what messages call it.
    ///
    /// # Errors
    ///
    /// When it is no TOML, has a key that these files do not have, or is of another system.
    pub fn parse(text: &str, file_name: &str, system: CrmSystem) -> Result<Self, MappingError> {
        let file: Arc<str> = file_name.into();
        crate::format::expect(system.format(), text, &file)?;
        let raw: RawMap =
            toml::from_str(text).map_err(|error| unreadable(&file, text, &error, PAGE))?;
        let reader = Reader { file, text };
        reader.format(&raw.format, system)?;
        let mut map = Self::of(system);
        if let Some(name) = &raw.system {
            map.system = reader.name(name, "the system")?;
        }
        if let Some(to) = &raw.handed_off_to {
            map.handed_off_to = Some(reader.name(to, "the recipient of hand-offs")?);
        }
        map.currency = raw.currency.as_ref().map(|code| reader.currency(code)).transpose()?;
        if system == CrmSystem::Amocrm
            && let Some((status, _)) = raw.lead.first_key_value()
        {
            let message = "expected [deal], found [lead]: what amoCRM calls a lead is a deal \
                           here; put its statuses into [deal]";
            return Err(reader.error(status, message));
        }
        for (status, words) in &raw.lead {
            let steps = reader.steps(words, |step| !step.is_of_deal(), LEAD_WORDS)?;
            map.lead.insert(status.get_ref().clone(), steps);
        }
        for (status, words) in &raw.deal {
            if system == CrmSystem::Amocrm {
                reader.status_id(status)?;
            }
            let steps = reader.steps(words, |_| true, DEAL_WORDS)?;
            map.opens_late |= steps.contains(&Step::Opportunity);
            map.deal.insert(status.get_ref().clone(), steps);
        }
        Ok(map)
    }

    /// The name of the foreign system, which becomes `origin.system`.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// To whom a lead is handed off for whom this user is responsible.
    pub(crate) fn recipient(&self, responsible: Option<u64>) -> String {
        match (&self.handed_off_to, responsible) {
            (Some(to), _) => to.clone(),
            (None, Some(user)) => user.to_string(),
            (None, None) => HANDED_OFF_TO.to_owned(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMap {
    format: Spanned<String>,
    system: Option<Spanned<String>>,
    handed_off_to: Option<Spanned<String>>,
    currency: Option<Spanned<String>>,
    #[serde(default)]
    lead: BTreeMap<Spanned<String>, Spanned<OneOrMany>>,
    #[serde(default)]
    deal: BTreeMap<Spanned<String>, Spanned<OneOrMany>>,
}

struct Reader<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl Reader<'_> {
    fn format(&self, raw: &Spanned<String>, system: CrmSystem) -> Result<(), MappingError> {
        let (expected, found) = (system.format(), raw.get_ref());
        if found == expected {
            return Ok(());
        }
        let message = format!(
            "expected format `{expected}`, found `{found}`; use a file of this format, or the \
             --format that the file is for"
        );
        Err(self.error(raw, message))
    }

    fn name(&self, raw: &Spanned<String>, of: &str) -> Result<String, MappingError> {
        let name = raw.get_ref();
        if (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(char::is_control) {
            return Ok(name.clone());
        }
        let message = format!(
            "expected a name of {of} of 1 to {NAME_BYTES_MAX} bytes, found another text; correct it"
        );
        Err(self.error(raw, message))
    }

    /// A status of amoCRM as it is looked up: its ID, written as amoCRM writes it.
    fn status_id(&self, raw: &Spanned<String>) -> Result<(), MappingError> {
        let key = raw.get_ref();
        if key.parse::<u64>().is_ok_and(|id| id != 0 && id.to_string() == *key) {
            return Ok(());
        }
        let message = format!(
            "expected the ID of a status (a whole number from 1), found `{key}`; write the ID that \
             amoCRM gives it"
        );
        Err(self.error(raw, message))
    }

    fn currency(&self, raw: &Spanned<String>) -> Result<Currency, MappingError> {
        let code = raw.get_ref();
        code.parse().map_err(|_| {
            let message = format!(
                "expected an ISO 4217 code such as `EUR`, found `{code}`; write such a code"
            );
            self.error(raw, message)
        })
    }

    fn steps(
        &self,
        raw: &Spanned<OneOrMany>,
        is_right: impl Fn(Step) -> bool,
        words: &str,
    ) -> Result<Vec<Step>, MappingError> {
        let OneOrMany(found) = raw.get_ref();
        let step = |word: &String| {
            let read = Step::deserialize(StrDeserializer::<Error>::new(word)).ok();
            read.filter(|step| is_right(*step)).ok_or_else(|| {
                let message = format!("expected {words}, found `{word}`; write one of these words");
                self.error(raw, message)
            })
        };
        found.iter().map(step).collect()
    }

    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> MappingError {
        MappingError::new(&self.file, line_of(self.text, at.span().start), message)
    }
}

const PAGE: &str = "docs/CRM.md";
/// To whom a lead is handed off where nobody is known.
const HANDED_OFF_TO: &str = "sales";
const NAME_BYTES_MAX: usize = 200;
const LEAD_WORDS: &str =
    "`new`, `mql`, `handed_off`, `accepted`, `sql`, `nurturing` or `disqualified`";
const DEAL_WORDS: &str = "`new`, `mql`, `handed_off`, `accepted`, `sql`, `nurturing`, \
                          `disqualified`, `opportunity`, `stage`, `customer` or `lost`";
