//! The agreed definition of a qualified lead, and what a lead lacks of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Band, Points, Profile, Score};

/// A definition of a qualified lead, as a playbook writes it. It asks for at least one thing.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionSpec {
    /// Its name, such as `mql`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The least total, in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_min: Option<f64>,
    /// The worst band: grade and level must both be as good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band_min: Option<Band>,
    /// Attributes that must be known.
    #[serde(default)]
    pub required: Vec<String>,
}

/// A definition of a qualified lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) points_min: Option<Points>,
    pub(super) band_min: Option<Band>,
    pub(super) required: Vec<String>,
}

impl Definition {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a lead with this score and profile meets the definition.
    ///
    /// # Errors
    /// [`Unmet`] lists all that is missing.
    pub fn meets(&self, score: &Score<'_>, profile: &Profile) -> Result<(), Unmet> {
        let points = self.points_min.filter(|least| score.total < *least);
        let band = self.band_min.filter(|least| !score.band.is_some_and(|b| b.is_at_least(*least)));
        let unknown = self.required.iter().filter(|name| profile.value(name).is_none());
        let lacks: Vec<Lack> = points
            .map(|expected| Lack::Points { expected, found: score.total })
            .into_iter()
            .chain(band.map(|expected| Lack::Band { expected, found: score.band }))
            .chain(unknown.map(|name| Lack::Attribute { name: name.clone() }))
            .collect();
        if lacks.is_empty() {
            return Ok(());
        }
        Err(Unmet { name: self.name.clone(), version: self.version.clone(), lacks })
    }
}

/// A lead does not meet a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    /// The definition's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// All that is missing, at least one thing.
    pub lacks: Vec<Lack>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lacks: Vec<String> = self.lacks.iter().map(ToString::to_string).collect();
        write!(f, "definition {:?}, version {:?}: ", self.name, self.version)?;
        f.write_str(&lacks.join("; "))
    }
}

impl std::error::Error for Unmet {}

/// One thing that a lead lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lack {
    /// Points.
    Points {
        /// The least.
        expected: Points,
        /// What there is.
        found: Points,
    },
    /// A better band.
    Band {
        /// The worst that would do.
        expected: Band,
        /// What there is; none where the model has no bands.
        found: Option<Band>,
    },
    /// An attribute that is not known.
    Attribute {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Points { expected, found } => {
                write!(f, "expected {expected} points or more, found {found}")
            }
            Self::Band { expected, found: Some(found) } => {
                write!(f, "expected band {expected} or better, found {found}")
            }
            Self::Band { expected, found: None } => {
                write!(f, "expected band {expected} or better, found none")
            }
            Self::Attribute { name } => {
                write!(f, "expected the attribute {name:?}, found none; record it first")
            }
        }
    }
}
