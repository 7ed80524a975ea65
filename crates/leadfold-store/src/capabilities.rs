//! What stores differ in, as they say it themselves.

/// What a store can do beyond what all can.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// What an acknowledged append survives.
    pub survives: Survives,
    /// How appends of others to the same log end a [`wait_for`](crate::EventStore::wait_for).
    pub notices: Notices,
    /// Whether it keeps facts lead by lead, so that [`sealed`](crate::EventStore::sealed) may be
    /// more than 0.
    pub reads_by_lead: bool,
    /// Whether it [keeps snapshots](crate::EventStore::keep_snapshot).
    pub keeps_snapshots: bool,
}

/// What an acknowledged append survives; each includes those before it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Survives {
    /// Nothing: the log ends with its store.
    Nothing,
    /// The death of the process.
    Process,
    /// The loss of power, if the medium keeps what it has said to have kept.
    Power,
}

/// How appends of others are noticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notices {
    /// There are none: one store has the log to itself.
    Alone,
    /// Somebody looks now and then.
    Looks,
    /// The medium tells of them.
    Told,
}

impl Capabilities {
    /// Of a log that ends with its store; the others are set from here.
    pub const fn of_memory() -> Self {
        let (survives, notices) = (Survives::Nothing, Notices::Alone);
        Self { survives, notices, reads_by_lead: true, keeps_snapshots: false }
    }

    /// The same with another answer to what an append survives.
    #[must_use]
    pub const fn surviving(mut self, survives: Survives) -> Self {
        self.survives = survives;
        self
    }

    /// The same for a log that others write to as well.
    #[must_use]
    pub const fn noticing(mut self, notices: Notices) -> Self {
        self.notices = notices;
        self
    }

    /// The same with snapshots.
    #[must_use]
    pub const fn keeping_snapshots(mut self) -> Self {
        self.keeps_snapshots = true;
        self
    }

    /// The same without facts lead by lead.
    #[must_use]
    pub const fn in_log_order_only(mut self) -> Self {
        self.reads_by_lead = false;
        self
    }
}
