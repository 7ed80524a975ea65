//! Routing (P22): who gets a lead, and why nobody else did.
//!
//! [`Routing`] is data: rules that lead to an owner, a team or a queue, and how a team shares. The
//! first rule that holds decides. A decision is a function of the rules, of the [`Load`] (who has
//! what, folded from the assignments so far) and of the instant; equal logs give equal decisions.
//! An owner who has left, is absent or is full is never chosen.

mod assignment;
mod candidate;
mod check;
mod desk;
mod error;
mod leaver;
mod load;
mod pool;
mod roll;
mod share;
mod spec;
mod table;
mod workload;

pub use self::assignment::{Assignment, Considered, Outcome, Verdict};
pub use self::candidate::Candidate;
pub use self::desk::route;
pub use self::error::{RoutingError, RoutingErrors, RoutingFault};
pub use self::leaver::reassign;
pub use self::load::{Given, Load};
pub use self::pool::{Claim, claim};
pub use self::roll::Roll;
pub use self::spec::{
    AbsenceSpec, OwnerSpec, QueueSpec, RoutingSpec, RuleSpec, ShareMethod, Target, TeamSpec,
};
pub use self::table::Routing;
pub use self::workload::{Workload, jain, workload};
