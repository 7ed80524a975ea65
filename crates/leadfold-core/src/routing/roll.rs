//! Who was given which leads, read off a log: what a decision of routing begins with.

use std::collections::BTreeMap;

use super::{Given, Load, Routing};
use crate::event::AssignmentCause;
use crate::fold::{Glance, Observer, Seen, Sharded};
use crate::machine::Kind;
use crate::tables::{Chained, Grown, Tables};
use crate::{Code, LeadIndex, State, Timestamp};

/// The changes of owners in a log: an observer beside the tables, as the audit's ledger is.
///
/// The turns of a team are in the causes of `assigned` and `reassigned`, and nowhere else: a
/// product that routes by turns records its assignment with the cause that it was given, and then
/// the hand-off.
///
/// ```
/// # use leadfold_core::{Bounds, Fold, Playbook, Timestamp};
/// # use leadfold_core::routing::{Candidate, Roll, Routing, route};
/// # let routing: Routing = serde_json::from_str(r#"{
/// #     "version": "1", "otherwise": { "owner": "ann" }, "owners": [{ "name": "ann" }]
/// # }"#)?;
/// let fold = Fold::watched(Playbook::default(), Bounds::default(), Roll::default());
/// // ... pages of facts, as a view of the engine feeds them ...
/// let names: &[&str] = &[];
/// let load = fold.observer().load(&routing, fold.tables(), |code| {
///     names.get((code.0 as usize).checked_sub(1)?).copied()
/// });
/// let assignment = route(&routing, &load, &Candidate::default(), Timestamp::default());
/// assert_eq!(assignment.owner(), Some("ann"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Roll {
    rows: Chained<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    at: i64,
    position: u64,
    owner: Code,
    cause: Option<AssignmentCause>,
}

impl Observer for Roll {
    /// What changes an owner changes the tables: it comes anyway.
    fn wants(&self, _: Glance<'_>) -> bool {
        false
    }

    fn forget(&mut self, lead: LeadIndex) {
        self.rows.forget(lead);
    }

    fn absorbed(&mut self, _: LeadIndex) {}

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.owner() != seen.owner_before() && seen.owner().is_some() {
            self.push(seen);
        }
        false
    }
}

impl Sharded for Roll {
    fn shard(&self, first: LeadIndex) -> Self {
        Self { rows: Chained::from(first) }
    }

    fn append(&mut self, shard: Self, _: Grown) {
        self.rows.append(shard.rows);
    }
}

impl Roll {
    fn push(&mut self, seen: &Seen<'_>) {
        let is_assignment = matches!(seen.kind(), Kind::Assigned | Kind::Reassigned);
        let row = Row {
            at: seen.at().micros(),
            position: seen.position(),
            owner: seen.owner(),
            cause: is_assignment.then(|| AssignmentCause::from_code(seen.step().sub())).flatten(),
        };
        self.rows.push(seen.lead(), row);
    }

    /// The load at the end of what was folded. An owner has those leads open that are with sales,
    /// which are those that the audit counts against a capacity. `name` gives the string of a code.
    pub fn load<'n>(
        &self,
        routing: &Routing,
        tables: &Tables,
        name: impl Fn(Code) -> Option<&'n str>,
    ) -> Load {
        let is_own =
            |lead: LeadIndex| tables.lead(lead).is_some_and(|lead| lead.state() != State::Merged);
        // A merged lead's assignments are its survivor's, too.
        let rows = self.rows.iter().filter(|(lead, _)| is_own(*lead));
        let mut rows: Vec<Row> = rows.map(|(_, row)| *row).collect();
        rows.sort_unstable_by_key(|row| (row.at, row.position));
        let given = rows.iter().filter_map(|row| {
            let owner = name(row.owner)?.to_owned();
            Some(Given { at: Timestamp::from_micros(row.at), owner, cause: row.cause })
        });
        let mut open: BTreeMap<String, u32> = BTreeMap::new();
        for lead in tables.leads().filter(|lead| lead.state().is_with_sales()) {
            if let Some(owner) = name(lead.owner()) {
                *open.entry(owner.to_owned()).or_default() += 1;
            }
        }
        Load::replay(routing, given, open)
    }
}
