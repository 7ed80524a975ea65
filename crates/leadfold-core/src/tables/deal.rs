//! Deals, open, won and lost.

use crate::fact::{Code, NO_X};
use crate::{Currency, State, Timestamp};

/// A deal inside a lead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opportunity {
    /// Its key; none for the one that an outcome without key implied.
    pub key: Code,
    /// Which one of the lead's it is, from 0, by opening.
    pub ordinal: u32,
    /// Pipeline.
    pub pipeline: Code,
    /// Stage.
    pub stage: Code,
    /// Product.
    pub product: Code,
    /// Owner of the lead when it was last opened, reopened or closed.
    pub owner: Code,
    /// Reason of the loss.
    pub reason: Code,
    /// Who won instead.
    pub competitor: Code,
    /// Expected or agreed value as it was stated last, minor units.
    pub amount: Option<i64>,
    /// Dense code of the currency.
    pub(crate) currency: u16,
    /// Dense code of the currency at the loss; 0 while it is not lost.
    pub(crate) currency_at_loss: u16,
    /// The amount at the loss; [`NO_X`] without one, and while it is not lost.
    pub(crate) amount_at_loss: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed last; [`NO_X`] while it is open.
    pub(crate) closed_at: i64,
    /// Open, won or lost.
    pub outcome: Outcome,
    /// The lead's state before the loss.
    pub stage_at_loss: Option<State>,
    /// Nobody recorded its opening: an outcome implied it.
    pub is_implied: bool,
    /// The lead's round when it was opened.
    pub cycle: u32,
    /// How often it was reopened.
    pub reopened: u32,
    /// Which of the lead's closings closed it, from 1; 0 while open.
    pub(crate) closing: u32,
}

const _: () = assert!(size_of::<Opportunity>() == 96, "a deal takes no byte more than it has");

impl Opportunity {
    /// The currency of its amount.
    pub fn currency(&self) -> Currency {
        Currency::from_code(self.currency).unwrap_or(Currency::NONE)
    }

    /// When it was closed last, while it is closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        (self.closed_at != NO_X).then(|| Timestamp::from_micros(self.closed_at))
    }

    /// What it was worth when it was lost, minor units, while it is lost: an amendment after the
    /// loss changes its amount, and not this one.
    pub fn amount_at_loss(&self) -> Option<i64> {
        (self.amount_at_loss != NO_X).then_some(self.amount_at_loss)
    }

    /// The currency of its amount at the loss.
    pub fn currency_at_loss(&self) -> Currency {
        Currency::from_code(self.currency_at_loss).unwrap_or(Currency::NONE)
    }
}

/// How a deal stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Outcome {
    /// Open.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl Outcome {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}
