//! What a store of a test leaves to the one that it stands before.

/// Passes the reads of a store on, all of them or `but pages` of facts and events, or
/// `but lead_events`: `pass_on!(self => self.inner)`.
macro_rules! pass_on {
    ($this:ident => $inner:expr) => {
        pass_on!($this => $inner; but lead_events);
        pass_on! { $this => $inner;
            lead_events(lead: leadfold_core::LeadIndex)
                -> Vec<leadfold_core::event::RecordedEvent>;
        }
    };
    ($this:ident => $inner:expr; but lead_events) => {
        pass_on!($this => $inner; but both);
        pass_on! { $this => $inner;
            facts(after: u64, events_max: usize) -> leadfold_core::Facts;
            events(after: u64, events_max: usize) -> Vec<leadfold_core::event::RecordedEvent>;
        }
    };
    ($this:ident => $inner:expr; but pages) => {
        pass_on!($this => $inner; but both);
        pass_on! { $this => $inner;
            lead_events(lead: leadfold_core::LeadIndex)
                -> Vec<leadfold_core::event::RecordedEvent>;
        }
    };
    ($this:ident => $inner:expr; but both) => {
        pass_on! { $this => $inner;
            head() -> u64;
            wait_for(position: u64) -> u64;
            lead(id: leadfold_core::LeadId) -> Option<leadfold_store::LeadEntry>;
            leads(from: leadfold_core::LeadIndex, leads_max: usize)
                -> Vec<leadfold_store::LeadEntry>;
            leads_by_key(key: &'a leadfold_core::LeadKey) -> Vec<leadfold_store::LeadEntry>;
            history(leads: &'a [leadfold_core::LeadIndex]) -> leadfold_core::Facts;
            family(leads: &'a [leadfold_core::LeadIndex]) -> Vec<leadfold_core::LeadIndex>;
            strings(codes: &'a [leadfold_core::Code]) -> Vec<String>;
            string_count() -> u32;
            code(text: &'a str) -> Option<leadfold_core::Code>;
            event_ids(positions: &'a [u64]) -> Vec<leadfold_core::EventId>;
            verify(progress: &'a mut (dyn FnMut(u64, u64) + Send)) -> Vec<leadfold_store::Damage>;
        }
    };
    ($this:ident => $inner:expr; $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(
            fn $name<'a>(
                &'a $this $(, $argument: $type)*
            ) -> leadfold_store::StoreFuture<'a, $answer> {
                $inner.$name($($argument),*)
            }
        )*
    };
}
