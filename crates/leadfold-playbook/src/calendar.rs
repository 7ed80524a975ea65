//! A playbook's calendar, in the zone that it names.

use leadfold_core::{Calendar, Playbook};

use crate::zone::{ZoneError, zone};

/// The calendar by which a playbook counts time; without one, all time is working time.
///
/// # Errors
///
/// When there is no such zone: not for a playbook that [`read`](crate::read) has read.
///
/// ```
/// let text = "[calendar]\nzone = \"Europe/Berlin\"\nfri = [\"09:00-17:00\"]";
/// let playbook = leadfold_playbook::read(text, "b2b.toml")?;
/// let calendar = leadfold_playbook::calendar(&playbook)?;
/// assert!(calendar.is_working("2024-03-01T08:00:00Z".parse()?));
/// assert!(!calendar.is_working("2024-03-02T08:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calendar(playbook: &Playbook) -> Result<Calendar, ZoneError> {
    let spec = playbook.calendar.as_ref();
    spec.map_or(Ok(Calendar::always()), |spec| Ok(Calendar::new(spec, zone(&spec.zone)?)))
}
