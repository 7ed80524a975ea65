//! Money from customers, and money spent on getting leads.

use crate::event::RevenueKind;
use crate::fact::Code;
use crate::{Currency, Timestamp};

/// Money from a customer, or back to one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revenue {
    /// When.
    pub at: Timestamp,
    /// Minor units, 0 or more.
    pub amount: i64,
    /// What of it is margin.
    pub margin: Option<i64>,
    /// The product.
    pub product: Code,
    /// The currency.
    pub currency: Currency,
    /// First, repeat or renewal.
    pub kind: Option<RevenueKind>,
    /// Money back.
    pub is_refund: bool,
}

/// Money spent on getting leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    /// When it was recorded as having occurred.
    pub at: Timestamp,
    /// Minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// On which source.
    pub source: Code,
    /// On which campaign.
    pub campaign: Code,
    /// On which channel.
    pub channel: Code,
    /// On which programme.
    pub programme: Code,
    /// Kind of cost.
    pub kind: Code,
    /// First day.
    pub from: Timestamp,
    /// Last day.
    pub to: Timestamp,
}
