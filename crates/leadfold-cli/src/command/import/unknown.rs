//! Types of events that leadfold does not know: kept in the log, and perhaps a slip.

use leadfold_core::event::{Body, NewEvent};

use crate::message::tell;
use crate::table::one_line;
use crate::text::counted;

/// So many names are told.
const NAMES_MAX: usize = 3;
/// So much of a name is told.
const NAME_CHARS_MAX: usize = 40;

/// How many events have such types, and the first of these.
#[derive(Debug, Default)]
pub(super) struct UnknownTypes {
    events: u64,
    names: Vec<String>,
}

impl UnknownTypes {
    /// Counts those of some events.
    pub(super) fn count(&mut self, events: &[NewEvent]) {
        for event in events {
            let Body::Other(other) = &event.event.body else { continue };
            self.events += 1;
            if self.names.len() < NAMES_MAX && !self.names.contains(&other.type_name) {
                self.names.push(other.type_name.clone());
            }
        }
    }

    /// Says that they are there.
    pub(super) fn warn(&self) {
        if self.events == 0 {
            return;
        }
        let events = counted(self.events, "event has a type", "events have types");
        let name = |name: &String| {
            let shown: String = name.chars().take(NAME_CHARS_MAX).collect();
            format!("`{}`", one_line(&shown))
        };
        let names: Vec<String> = self.names.iter().map(name).collect();
        tell(format_args!(
            "unknown type: {events} that leadfold does not know, such as {}; the log keeps them \
             and nothing counts them: correct the type if it is a slip",
            names.join(", ")
        ));
    }
}
