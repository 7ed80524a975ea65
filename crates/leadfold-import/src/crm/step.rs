//! What a status of a CRM stands for: the states of leadfold that a lead reaches with it.

use serde_json::{Value, json};

/// A state that a status stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// An inquiry still: nothing to say.
    New,
    Mql,
    HandedOff,
    Accepted,
    Sql,
    Nurturing,
    Disqualified,
    /// A deal is opened.
    Opportunity,
    /// A deal moves to this stage.
    Stage,
    /// A deal is won.
    Customer,
    /// A deal is lost.
    Lost,
}

impl Step {
    /// Its word in a mapping file, which tells the events of one row apart.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Mql => "mql",
            Self::HandedOff => "handed_off",
            Self::Accepted => "accepted",
            Self::Sql => "sql",
            Self::Nurturing => "nurturing",
            Self::Disqualified => "disqualified",
            Self::Opportunity => "opportunity",
            Self::Stage => "stage",
            Self::Customer => "customer",
            Self::Lost => "lost",
        }
    }

    /// Whether it is of a deal.
    pub(crate) fn is_of_deal(self) -> bool {
        matches!(self, Self::Opportunity | Self::Stage | Self::Customer | Self::Lost)
    }

    /// Whether a deal is closed, or a lead is, once it is there.
    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::Customer | Self::Lost | Self::Disqualified)
    }

    /// The event that leads a lead there: its type and data; none for a step of a deal, and where
    /// there is nothing to say.
    pub(crate) fn of_lead(self, status: &str, recipient: &str) -> Option<(&'static str, Value)> {
        Some(match self {
            Self::Mql => ("qualified", json!({ "level": "mql" })),
            Self::Sql => ("qualified", json!({ "level": "sql" })),
            Self::HandedOff => ("handed_off", json!({ "to": recipient })),
            Self::Accepted => ("accepted", json!({})),
            Self::Nurturing => ("recycled", json!({ "reason": status })),
            Self::Disqualified if status == "JUNK" => {
                ("disqualified", json!({ "reason": status, "class": "junk" }))
            }
            Self::Disqualified => ("disqualified", json!({ "reason": status })),
            Self::New | Self::Opportunity | Self::Stage | Self::Customer | Self::Lost => {
                return None;
            }
        })
    }
}
