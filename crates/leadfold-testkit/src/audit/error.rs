//! Why an audit did not come out as expected.

use leadfold_playbook::ZoneError;
use leadfold_store::StoreError;

use crate::unmet::Unmet;

/// Why an audit did not come out as expected, or did not come out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// What was expected is not so.
    #[error(transparent)]
    Unmet(#[from] Unmet),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The playbook's calendar is of no time zone.
    #[error("the playbook's calendar: {0}")]
    Zone(#[from] ZoneError),
}
