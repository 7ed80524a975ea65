//! A business calendar as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Hours, LocalDate};

/// When a business works: hours by weekday, less its holidays. A day that is left out is free.
///
/// In a playbook:
///
/// ```toml
/// [calendar]
/// zone = "Europe/Berlin"
/// mon = ["09:00-12:30", "13:30-18:00"]
/// fri = ["09:00-15:00"]
/// holidays = ["2024-12-25", "2024-12-26"]
///
/// [calendar.exceptions]
/// 2024-12-24 = ["09:00-12:00"]
/// ```
///
/// Any serde format does:
///
/// ```
/// # use leadfold_core::{CalendarSpec, Hours};
/// let spec: CalendarSpec = serde_json::from_str(
///     r#"{ "zone": "Europe/Berlin", "mon": ["09:00-12:30"], "holidays": ["2024-12-25"] }"#,
/// )?;
/// assert_eq!(spec.mon, Hours::parse(&["09:00-12:30"])?);
/// assert_eq!(spec.tue, Hours::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSpec {
    /// The name of the zone whose wall clock the hours mean. The core does not look it up.
    pub zone: String,
    /// Hours of a Monday.
    #[serde(default)]
    pub mon: Hours,
    /// Hours of a Tuesday.
    #[serde(default)]
    pub tue: Hours,
    /// Hours of a Wednesday.
    #[serde(default)]
    pub wed: Hours,
    /// Hours of a Thursday.
    #[serde(default)]
    pub thu: Hours,
    /// Hours of a Friday.
    #[serde(default)]
    pub fri: Hours,
    /// Hours of a Saturday.
    #[serde(default)]
    pub sat: Hours,
    /// Hours of a Sunday.
    #[serde(default)]
    pub sun: Hours,
    /// Days that are free whatever weekday they are.
    #[serde(default)]
    pub holidays: BTreeSet<LocalDate>,
    /// Days with hours of their own. They outrank both weekday and holiday.
    #[serde(default)]
    pub exceptions: BTreeMap<LocalDate, Hours>,
}

impl CalendarSpec {
    /// A calendar of a zone without any working hours, to be filled in.
    pub fn new(zone: &str) -> Self {
        let [mon, tue, wed, thu, fri, sat, sun]: [Hours; 7] = Default::default();
        let (holidays, exceptions) = Default::default();
        Self { zone: zone.to_owned(), mon, tue, wed, thu, fri, sat, sun, holidays, exceptions }
    }

    /// Hours by weekday, from Monday on.
    pub(super) fn week(&self) -> [&Hours; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }
}
