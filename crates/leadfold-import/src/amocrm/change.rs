//! One change of a lead of amoCRM, whoever told it.

use crate::crm::{actor::Actor, at::At, sink::Place};

/// A change of a lead, and the row that tells it.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) place: Place,
    pub(super) lead: u64,
    pub(super) at: At,
    pub(super) actor: Actor,
    /// Tells changes of one second apart, as the pages have them in order.
    pub(super) tie: String,
    pub(super) what: What,
}

/// What changed.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// It came; a webhook says as what.
    Added { status: Option<Status>, responsible: Option<u64>, price: Option<i64> },
    /// It is there, as a page of leads shows it now.
    Seen(Seen),
    /// It moved.
    Moved(Move),
    /// Another is responsible.
    Responsible { from: Option<u64>, to: Option<u64> },
    /// It is expected to be worth this; a webhook says in which status, and not what it was before.
    Priced { before: Option<i64>, price: i64, status: Option<Status> },
    /// Somebody called or wrote.
    Touched { side: &'static str, channel: &'static str },
    /// What a page of leads shows, and nobody knows since when.
    Shown { updated: At, responsible: Option<u64>, price: Option<i64> },
    /// It was won or lost, as a page of leads shows it, and no change tells it.
    Closed { status: u64, price: Option<i64>, reason: Option<u64> },
}

/// A move of a lead; a webhook says what it was worth then, and who was responsible.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) from: Option<Status>,
    pub(super) to: Status,
    pub(super) price: Option<i64>,
    pub(super) responsible: Option<u64>,
}

/// A lead as a page of leads shows it now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) status: Option<Status>,
    pub(super) responsible: Option<u64>,
    pub(super) price: Option<i64>,
    /// When it was like this.
    pub(super) updated: Option<At>,
    /// When it was won or lost.
    pub(super) closed: Option<At>,
    /// Why it was lost.
    pub(super) reason: Option<u64>,
}

/// A status, and the pipeline that it is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Status {
    pub(super) id: u64,
    pub(super) pipeline: Option<u64>,
}

impl Move {
    /// The pipeline that it left. One that stays is not named, since not every source names it.
    pub(super) fn pipeline_from(&self) -> Option<u64> {
        self.from?.pipeline.filter(|from| Some(*from) != self.to.pipeline)
    }

    /// What tells it from every other move of the lead.
    pub(super) fn name(&self, at: At) -> String {
        let mut name = format!("status:{}:", at.seconds());
        if let Some(pipeline) = self.pipeline_from() {
            name.push_str(&format!("{pipeline}/"));
        }
        if let Some(from) = self.from {
            name.push_str(&from.id.to_string());
        }
        format!("{name}:{}", self.to.id)
    }
}

impl What {
    /// What tells it from the lead's other changes of this second, if a webhook and a page of events
    /// may both tell it.
    pub(super) fn name(&self, at: At) -> Option<String> {
        Some(match self {
            Self::Added { .. } => "captured".to_owned(),
            Self::Moved(moved) => moved.name(at),
            Self::Responsible { from, to } => {
                let text = |key: &Option<u64>| key.map_or_else(String::new, |key| key.to_string());
                format!("responsible:{}:{}:{}", at.seconds(), text(from), text(to))
            }
            Self::Priced { price, .. } => format!("price:{}:{price}", at.seconds()),
            Self::Seen(_) | Self::Touched { .. } | Self::Shown { .. } | Self::Closed { .. } => {
                return None;
            }
        })
    }
}
