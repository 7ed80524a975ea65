//! `decide`: the strict door. A command becomes an event, or a refusal that says why not.
//!
//! It asks the same judge as the fold, so what it lets through the fold never reports.

mod desk;
mod detail;
mod refusal;
mod stage;
mod trial;

pub use self::detail::Detail;
pub use self::refusal::Refusal;

use self::desk::Desk;
use self::trial::trial;
use crate::Reason;
use crate::case::{Case, Local};
use crate::event::{Body, Event};
use crate::fact::Facts;

/// Decides an event that a product wants to record: `Ok(None)` if it is already so and nothing
/// is to be stored.
///
/// The event's time is the time of the decision. Nothing is read but the case and the event.
///
/// Without a lead a command may record a cost or a playbook. A correction of a cost is refused:
/// no case shows the events that it is about.
///
/// # Errors
/// [`Refusal`]: what was expected, what was found, what to do.
///
/// ```
#[doc = include_str!("../doc/log.rs.txt")]
/// use leadfold_core::event::{Event, Level, Qualified};
/// use leadfold_core::{Command, Reason, decide};
///
/// let qualify = |lead: &str| {
///     let mql = Qualified { level: Level::Mql, by: None, definition: None };
///     let body = Command::Qualify(mql).into_body();
///     Ok::<_, leadfold_core::KeyError>(Event::new(lead.parse()?, as_of, body))
/// };
/// assert!(decide(&case, qualify("L2")?).is_ok_and(|event| event.is_some()));
/// let refused = decide(&case, qualify("L1")?).unwrap_err();
/// assert_eq!(refused.reason, Reason::IsCustomer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide(case: &Case, event: Event) -> Result<Option<Event>, Refusal> {
    let Some(key) = event.lead.clone() else { return decide_without_lead(event).map(Some) };
    let desk = Desk { case, event: &event, key: &key };
    Ok(desk.decide()?.then_some(event))
}

fn decide_without_lead(event: Event) -> Result<Event, Refusal> {
    let reason = match &event.body {
        Body::CostRecorded(_) | Body::PlaybookPublished(_) => return Ok(event),
        Body::Corrected(_) | Body::Other(_) => Reason::NotACommand,
        _ => Reason::NotCaptured,
    };
    let mut facts = Facts::default();
    Local::default().lower(&trial(event, 1), &mut facts);
    let kind = facts.row(0).kind;
    Err(Refusal { reason, kind, lead: None, state: None, detail: Detail::None })
}
