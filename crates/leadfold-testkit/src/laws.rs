//! Laws that hold under any playbook, ready to be tried on a product's own commands.
//!
//! 1. What `decide` records, the audit never reports under a code for which commands are refused:
//!    [`decided_commands_are_clean`], and [`nothing_refusable_is_recorded`] for a log that a
//!    product wrote through a door of its own.
//! 2. A log means the same however it is read: in pages of any size, at once or step by step:
//!    [`replays_agree`].
//!
//! ```
//! use leadfold_core::Playbook;
//! use leadfold_testkit::{laws, strategies::commands_under};
//! use proptest::prelude::*;
//!
//! // In a product's tests this has a #[test] above it, and the product's playbook.
//! let playbook = Playbook::default();
//! proptest!(|(commands in commands_under(&playbook, 20))| {
//!     let decisions = laws::decided_commands_are_clean(&playbook, commands);
//!     laws::replays_agree(&decisions.log, &playbook);
//! });
//! ```

mod door;
mod pages;

use leadfold_core::audit::AuditCode;
use leadfold_core::event::Event;
use leadfold_core::{Case, FindingCode, Playbook, Refusal, decide};
use leadfold_store::EventStore;

pub(crate) use self::door::decide_all;
pub use self::door::{Asked, Decisions};
use crate::audit::AuditError;
use crate::log::Log;
use crate::unmet::demand;

/// Decides commands one after the other, and demands after each that the audit finds nothing for
/// which a command is refused.
///
/// # Panics
/// When it finds something; the message is the audit's.
#[track_caller]
pub fn decided_commands_are_clean(
    playbook: &Playbook,
    commands: impl IntoIterator<Item: Into<Asked>>,
) -> Decisions {
    demand(check_decided_commands(playbook, decide, commands))
}

/// Checks what [`decided_commands_are_clean`] demands, of any door: `decide` itself, or what a
/// product has in its place.
///
/// ```
/// use leadfold_core::{Playbook, Reason, decide};
/// use leadfold_testkit::{laws, story::Story};
///
/// let story = || Story::new().lead("L1").captured("web").handed_off("ann");
/// let decided = laws::check_decided_commands(&Playbook::default(), decide, story())?;
/// assert_eq!(decided.refusals[0].reason, Reason::NotQualified);
///
/// // A door that lets everything through does not keep the law.
/// let careless = laws::check_decided_commands(&Playbook::default(), |_, e| Ok(Some(e)), story());
/// assert!(careless.unwrap_err().to_string().contains("handed_off_unqualified"));
/// # Ok::<(), leadfold_testkit::audit::AuditError>(())
/// ```
///
/// # Errors
/// [`AuditError::Unmet`] with the audit's message.
pub fn check_decided_commands(
    playbook: &Playbook,
    door: impl Fn(&Case, Event) -> Result<Option<Event>, Refusal>,
    commands: impl IntoIterator<Item: Into<Asked>>,
) -> Result<Decisions, AuditError> {
    let decisions =
        decide_all(playbook, door, commands, |log| check_nothing_refusable(log, playbook))?;
    check_nothing_refusable(&decisions.log, playbook)?;
    Ok(decisions)
}

/// Demands that the audit of a log finds nothing for which a command is refused: so it is where
/// every event came in by a command.
///
/// # Panics
/// When it finds something; the message is the audit's.
#[track_caller]
pub fn nothing_refusable_is_recorded<S: EventStore>(log: &Log<S>, playbook: &Playbook) {
    demand(check_nothing_refusable(log, playbook));
}

/// Checks what [`nothing_refusable_is_recorded`] demands.
///
/// # Errors
/// [`AuditError::Unmet`] with the audit's message.
pub fn check_nothing_refusable<S: EventStore>(
    log: &Log<S>,
    playbook: &Playbook,
) -> Result<(), AuditError> {
    let expected = "expected nothing for which a command is refused";
    log.audit(playbook).check_none_of(expected, is_refusable)
}

/// Whether commands are refused where the audit would report this: broken rules of the state
/// machine (P32), gates, conduct, consents. Promises that time breaks are no ground to refuse
/// what happened.
///
/// ```
/// use leadfold_core::audit::AuditCode;
/// use leadfold_testkit::laws::is_refusable;
///
/// assert!(is_refusable(AuditCode::GateNotMet) && !is_refusable(AuditCode::Leaked));
/// ```
pub fn is_refusable(code: AuditCode) -> bool {
    let is_of_history = FindingCode::ALL.iter().any(|found| found.name() == code.name());
    // These two are illegal moves under a more telling name.
    let is_illegal = matches!(code, AuditCode::AcceptedByOther | AuditCode::HandedOffUnqualified);
    is_of_history || is_illegal || code.refusal().is_some()
}

/// Demands that a log's findings are the same however it is read: in pages of 1, 2 and 7 events
/// and in one, settled at the end or after each page.
///
/// # Panics
/// When two readings differ.
#[track_caller]
pub fn replays_agree<S: EventStore>(log: &Log<S>, playbook: &Playbook) {
    demand(check_replays(log, playbook));
}

/// Checks what [`replays_agree`] demands.
///
/// # Errors
/// [`AuditError::Unmet`] names the pages and the first finding that differs.
pub fn check_replays<S: EventStore>(log: &Log<S>, playbook: &Playbook) -> Result<(), AuditError> {
    pages::check(log, playbook)
}
