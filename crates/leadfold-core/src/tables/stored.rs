//! The rows as bytes and back: every field of every row, listed once for both directions.
//!
//! A row that gets a field does not compile until the field is listed here; then
//! [`FOLD`](crate::FOLD) has to be counted up, and the corpus says so.

use super::{
    Attribute, ClosedVisit, Cost, Decision, External, Finding, FindingCode, Handoff, LeadRow,
    NO_ROW, Opportunity, Outcome, Profile, Rare, Revenue,
};
use crate::event::RevenueKind;
use crate::fact::Code;
use crate::machine::Kind;
use crate::{Currency, Reason, State, Timestamp};

/// What has a form of so many bytes, whatever its value.
pub(super) trait Stored: Sized {
    const BYTES: usize;

    fn write(self, out: &mut Vec<u8>);

    /// Takes itself off the front of some bytes; none if they are too few, or no such value.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            const BYTES: usize = size_of::<Self>();

            #[inline]
            fn write(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let (number, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(Self::from_le_bytes(*number))
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i64);

/// What is stored as something else.
macro_rules! stored_as {
    ($($name:ty: $inner:ty, |$value:ident| $to:expr, |$number:ident| $from:expr;)*) => {$(
        impl Stored for $name {
            const BYTES: usize = <$inner>::BYTES;

            #[inline]
            fn write(self, out: &mut Vec<u8>) {
                let $value = self;
                <$inner>::write($to, out);
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let $number = <$inner>::read(bytes)?;
                $from
            }
        }
    )*};
}

/// The variant of a number in a list that is in the order of the numbers.
fn of<T: Copy>(all: &[T], number: u8) -> Option<T> {
    all.get(usize::from(number)).copied()
}

/// The same where the last number of all stands for none.
#[expect(clippy::option_option, reason = "none is a value, and not every number is one")]
fn some_of<T: Copy>(all: &[T], number: u8) -> Option<Option<T>> {
    if number == NONE { Some(None) } else { of(all, number).map(Some) }
}

const NONE: u8 = u8::MAX;

const DECISIONS: [Decision; 6] = [
    Decision::Pending,
    Decision::Accepted,
    Decision::Rejected,
    Decision::Returned,
    Decision::Superseded,
    Decision::Closed,
];
const OUTCOMES: [Outcome; 3] = [Outcome::Open, Outcome::Won, Outcome::Lost];

stored_as! {
    bool: u8, |value| u8::from(value), |number| (number < 2).then_some(number == 1);
    Code: u32, |code| code.0, |number| Some(Self(number));
    Timestamp: i64, |at| at.micros(), |number| Some(Self::from_micros(number));
    State: u8, |state| state as u8, |number| of(&Self::ALL, number);
    Option<State>: u8, |state| state.map_or(NONE, |state| state as u8),
        |number| some_of(&State::ALL, number);
    Kind: u8, |kind| kind as u8, |number| Kind::from_code(number);
    Reason: u8, |reason| reason as u8, |number| of(Self::ALL, number);
    Option<Reason>: u8, |reason| reason.map_or(NONE, |reason| reason as u8),
        |number| some_of(Reason::ALL, number);
    FindingCode: u8, |code| code as u8, |number| of(&Self::ALL, number);
    Decision: u8, |decision| decision as u8, |number| of(&DECISIONS, number);
    Outcome: u8, |outcome| outcome as u8, |number| of(&OUTCOMES, number);
    Currency: u16, |currency| currency.code(), |number| Self::from_code(number);
    Option<RevenueKind>: u8, |kind| RevenueKind::code(kind), |number| match number {
        0 => Some(None),
        _ => RevenueKind::from_code(number).map(Some),
    };
}

/// A flag, and the value or its default.
impl<T: Stored + Default> Stored for Option<T>
where
    T: Spacious,
{
    const BYTES: usize = 1 + T::BYTES;

    #[inline]
    fn write(self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        self.unwrap_or_default().write(out);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let is_some = bool::read(bytes)?;
        let value = T::read(bytes)?;
        Some(is_some.then_some(value))
    }
}

/// What has no value to spare for none.
pub(super) trait Spacious {}
impl Spacious for i64 {}
impl Spacious for Timestamp {}

/// Rows by their fields. Chains are not stored: who reads a row adds its rows anew.
macro_rules! rows {
    ($($row:ident { $($field:ident: $kind:ty,)* } [$($chain:ident),*])*) => {$(
        impl Stored for $row {
            const BYTES: usize = 0 $(+ <$kind>::BYTES)*;

            #[inline]
            fn write(self, out: &mut Vec<u8>) {
                $(self.$field.write(out);)*
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                // One look at the length for all fields.
                let (mut row, rest) = bytes.split_at_checked(Self::BYTES)?;
                *bytes = rest;
                let row = &mut row;
                Some(Self { $($field: <$kind>::read(row)?,)* $($chain: NO_ROW,)* })
            }
        }
    )*};
}

rows! {
    LeadRow {
        last_at: i64,
        entered_at: i64,
        captured_at: i64,
        began_at: i64,
        owner: Code,
        cycle: u32,
        entered: u16,
        flags: u16,
        state: State,
        reached: u8,
    } [visits, handoffs, opportunities, revenue]
    Profile {
        source: Code,
        medium: Code,
        campaign: Code,
        channel: Code,
        product: Code,
        origin: u8,
    } [attributes, rare]
    Rare {
        merged_into: u32,
        n_opportunities: u32,
        n_open: u32,
        n_won: u32,
        n_closings: u32,
        disqualified: Code,
    } [findings, costs, externals]
    ClosedVisit {
        left_at: i64,
        cycle: u32,
        state: State,
        flags: u8,
    } []
    Handoff {
        to: Code,
        key: Code,
        offered_at: Timestamp,
        decided_at: Option<Timestamp>,
        decision_due: Option<Timestamp>,
        touch_due: Option<Timestamp>,
        decision: Decision,
        by: Code,
        reason: Code,
        is_implied: bool,
        cycle: u32,
        position: u64,
    } []
    Opportunity {
        key: Code,
        ordinal: u32,
        pipeline: Code,
        stage: Code,
        product: Code,
        owner: Code,
        reason: Code,
        competitor: Code,
        amount: Option<i64>,
        currency: u16,
        currency_at_loss: u16,
        amount_at_loss: i64,
        opened_at: Timestamp,
        closed_at: i64,
        outcome: Outcome,
        stage_at_loss: Option<State>,
        is_implied: bool,
        cycle: u32,
        reopened: u32,
        closing: u32,
    } []
    Revenue {
        at: Timestamp,
        amount: i64,
        margin: Option<i64>,
        product: Code,
        currency: Currency,
        kind: Option<RevenueKind>,
        is_refund: bool,
    } []
    Attribute {
        name: Code,
        value: Code,
    } []
    Cost {
        at: Timestamp,
        amount: i64,
        currency: Currency,
        source: Code,
        campaign: Code,
        channel: Code,
        programme: Code,
        kind: Code,
        from: Timestamp,
        to: Timestamp,
    } []
    Finding {
        code: FindingCode,
        reason: Option<Reason>,
        kind: Kind,
        from: Option<State>,
        at: Timestamp,
        position: u64,
    } []
    External {
        stream: u32,
        system: Code,
        hash: i64,
        at: i64,
        position: u64,
    } []
}
