//! The words of the log format: what a field may say where it may not say anything.

use serde::{Deserialize, Serialize};

use crate::word::read_from_strings;

/// Declares an enum of the log format: snake_case in the log, a small number in a fact.
macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$vdoc:meta])* $variant:ident, )* } )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
            #[serde(remote = "Self", rename_all = "snake_case")]
            pub enum $name { $( $(#[$vdoc])* $variant, )* }

            read_from_strings!($name);

            impl $name {
                const ALL: &'static [Self] = &[$( Self::$variant, )*];

                /// The number in a fact; zero means that the field was absent.
                #[allow(dead_code, reason = "some words choose the kind of a fact instead")]
                pub(crate) fn code(this: Option<Self>) -> u8 {
                    this.map_or(0, |word| word as u8 + 1)
                }

                /// The word of such a number.
                #[allow(dead_code, reason = "not every word is read back by a table yet")]
                pub(crate) fn from_code(code: u8) -> Option<Self> {
                    Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
                }
            }
        )*
    };
}

words! {
    /// Which side began.
    CaptureOrigin {
        /// They came.
        Inbound,
        /// We asked.
        Outbound,
        /// Sales found it.
        SalesGenerated,
        /// A partner brought it.
        Partner,
        /// A list.
        Import,
    }
    /// Who touched.
    Side {
        /// The prospect.
        Prospect,
        /// Marketing.
        Marketing,
        /// Sales.
        Sales,
        /// A system.
        System,
    }
    /// Seen from the company.
    Direction {
        /// Inwards.
        In,
        /// Outwards.
        Out,
    }
    /// What came of a touch.
    TouchResult {
        /// Nobody was reached.
        Attempt,
        /// Somebody was reached.
        Contact,
        /// They met.
        Meeting,
        /// They answered.
        Reply,
    }
    /// Whose definition of a lead.
    Level {
        /// Marketing's.
        Mql,
        /// Sales'.
        Sql,
    }
    /// What kind of reason disqualified a lead.
    DisqualifiedClass {
        /// No person, no company.
        Junk,
        /// Not our customer.
        NoFit,
        /// No money.
        NoBudget,
        /// They work for a competitor.
        Competitor,
        /// Known already.
        Duplicate,
        /// Nobody answers.
        Unreachable,
        /// Something else.
        Other,
    }
    /// Where a rejected or returned lead goes.
    ReturnTarget {
        /// Into nurture.
        Nurture,
        /// To be offered to somebody else.
        Mql,
        /// Out.
        Disqualified,
    }
    /// What decided an assignment.
    AssignmentCause {
        /// A routing rule.
        Rule,
        /// Whose turn it was.
        RoundRobin,
        /// Somebody took it from the pool.
        PoolClaim,
        /// By hand.
        Manual,
        /// The owner left.
        Leaver,
        /// The owner had too many.
        Capacity,
    }
    /// What a deal is to the relation.
    OpportunityKind {
        /// The first.
        New,
        /// More.
        Expansion,
        /// Again.
        Renewal,
    }
    /// What a payment is to the relation.
    RevenueKind {
        /// The first purchase.
        First,
        /// A later one.
        Repeat,
        /// A renewal.
        Renewal,
    }
    /// What a correction does to its target.
    CorrectionAction {
        /// It did not happen.
        Retract,
        /// It happened otherwise.
        Replace,
    }
}
