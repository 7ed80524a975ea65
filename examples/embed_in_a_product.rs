//! How do I run leadfold inside my product?
//!
//! The product sends commands. The engine decides each of them on the lead's own history, and
//! records the event or says why not. A request keeps its id when it is sent again, so a retry
//! never records anything twice.

use leadfold::core::event::{Accepted, Captured, Event, HandedOff, Level, Qualified};
use leadfold::core::{Bounds, Command, EventId, LeadId, Playbook, Reason, State, Timestamp};
use leadfold::engine::{Attempt, Engine, HandleError, Handled, load_case};
use leadfold::sqlite::SqliteStore;
use leadfold::store::block_on;
use uuid::Uuid;

const LEAD: &str = "L1";

/// A request of the product: its id, when it came, and what it wants.
struct Request(u128, &'static str, Command);

fn send(engine: &Engine<SqliteStore>, request: &Request) -> Result<Handled, HandleError> {
    let Request(id, at, command) = request;
    let at: Timestamp = at.parse().expect("the requests have valid times");
    let lead = LEAD.parse().expect("the lead has a valid key");
    let attempt = Attempt {
        id: EventId(Uuid::from_u128(*id)),
        event: Event::new(lead, at, command.clone().into_body()),
        recorded_at: at,
    };
    let handled = block_on(engine.handle(attempt));
    match &handled {
        Ok(handled) => println!("{id} {:8} {handled:?}", command.name()),
        Err(error) => println!("{id} {:8} refused: {error}", command.name()),
    }
    handled
}

fn refusal(handled: Result<Handled, HandleError>) -> Option<Reason> {
    match handled {
        Err(HandleError::Refused(refusal)) => Some(refusal.reason),
        _ => None,
    }
}

fn capture() -> Command {
    Command::Capture(Captured {
        source: Some("web_form".into()),
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes: None,
        pii: None,
    })
}

fn hand_off(to: &str) -> Command {
    Command::HandOff(HandedOff {
        to: to.into(),
        handoff: None,
        decision_due: None,
        touch_due: None,
        reason: None,
    })
}

fn accept(by: &str) -> Command {
    Command::Accept(Accepted { by: Some(by.into()), handoff: None })
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("leads.db"))?;
    let engine = Engine::new(store, Playbook::default());
    let send = |id, at, command| send(&engine, &Request(id, at, command));

    let captured = send(1, "2024-02-01T09:00:00Z", capture())?;
    let too_early = send(2, "2024-02-01T10:00:00Z", hand_off("ann"));
    let qualify = Qualified { level: Level::Mql, definition: None, by: None };
    send(3, "2024-02-01T11:00:00Z", Command::Qualify(qualify))?;
    let offered = send(4, "2024-02-01T12:00:00Z", hand_off("ann"))?;
    // The answer was lost on its way, and the product sends the same request again.
    let retried = send(4, "2024-02-01T12:00:00Z", hand_off("ann"))?;
    // Somebody presses the button a second time: another request, and nothing to record.
    let pressed = send(5, "2024-02-01T12:01:00Z", hand_off("ann"))?;
    let not_hers = send(6, "2024-02-01T13:00:00Z", accept("bob"));
    send(7, "2024-02-01T14:00:00Z", accept("ann"))?;

    // What the product shows: one lead, at the cost of its own events.
    let id = LeadId::of("default", "", &LEAD.parse()?);
    let loaded =
        block_on(load_case(engine.store(), id, &[], Playbook::default(), Bounds::default()))?;
    let lead = loaded.case.lead(id).ok_or("the lead has begun")?;
    let owner = loaded.case.name(lead.owner());
    println!("lead {LEAD}: {}, owner {}", lead.state(), owner.unwrap_or("nobody"));
    for visit in lead.visits() {
        let left_at = visit.left_at.map_or_else(|| "now".to_owned(), |at| at.to_string());
        println!("  {:10} {} to {left_at}", visit.state.name(), visit.entered_at);
    }

    assert_eq!(captured, Handled::Executed { position: 1, sequence: 1 });
    assert_eq!(refusal(too_early), Some(Reason::NotQualified));
    assert_eq!(offered, Handled::Executed { position: 3, sequence: 3 });
    assert_eq!(retried, Handled::AlreadyApplied { position: 3 });
    assert_eq!(pressed, Handled::AlreadySo);
    assert_eq!(refusal(not_hers), Some(Reason::NotOwner));
    assert_eq!((lead.state(), owner), (State::Accepted, Some("ann")));
    assert_eq!(loaded.events.len(), 4, "captured, qualified, handed off, accepted");
    Ok(())
}
