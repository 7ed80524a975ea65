//! A product with leads in it: people send requests, and the log keeps what came of them.
//!
//! The product decides nothing about hand-offs itself. Its requests become leadfold's commands,
//! its rules are `playbook.toml`, and its tests (`tests/guard.rs`) hold its log to them.

mod request;

use leadfold_core::{EventId, Playbook, Timestamp};
use leadfold_engine::{Attempt, Engine, HandleError, Handled};
use leadfold_store::{MemoryStore, block_on};
use uuid::Uuid;

pub use self::request::Request;

/// What marketing and sales of this company have agreed on.
///
/// ```
/// assert_eq!(handoff_guard::playbook().sla.decision_seconds, 7_200);
/// ```
///
/// # Panics
/// Never: a test reads the file that is compiled in.
pub fn playbook() -> Playbook {
    leadfold_playbook::read(include_str!("../playbook.toml"), "playbook.toml")
        .expect("the playbook that is compiled in is valid")
}

/// The product. A real one keeps its log in a file; this one forgets it.
///
/// ```
/// use handoff_guard::{Crm, Request};
/// use uuid::Uuid;
///
/// let crm = Crm::new();
/// let at = "2024-03-01T10:00:00Z".parse()?;
/// crm.handle(Uuid::from_u128(1), &Request::sign_up("L1", "webinar", Some(40)), at)?;
/// let refused = crm.handle(Uuid::from_u128(2), &Request::take("L1", "ann"), at);
/// assert!(refused.unwrap_err().to_string().contains("no_handoff"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Crm {
    engine: Engine<MemoryStore>,
}

impl Default for Crm {
    fn default() -> Self {
        Self::new()
    }
}

impl Crm {
    /// A product that nobody has used.
    pub fn new() -> Self {
        Self { engine: Engine::new(MemoryStore::new(), playbook()) }
    }

    /// Handles a request. The same number again is the same request, and does nothing more.
    ///
    /// # Errors
    /// [`HandleError`]: the playbook says no, or the log could not be written.
    pub fn handle(
        &self,
        number: Uuid,
        request: &Request,
        at: Timestamp,
    ) -> Result<Handled, HandleError> {
        let attempt = Attempt { id: EventId(number), event: request.event(at), recorded_at: at };
        block_on(self.engine.handle(attempt))
    }

    /// The log of the product.
    pub fn store(&self) -> &MemoryStore {
        self.engine.store()
    }
}
