//! The log as the rivals get it: one flat row an event, numbers only.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use leadfold::core::event::{Body, Event, Level, ReturnTarget};
use leadfold::core::{Currency, State};

use crate::Result;

/// The event moves nobody.
pub(crate) const NO_MOVE: i8 = -1;
/// The event moves back to where the lead was worked: `new` after `disqualified`, else
/// `nurturing`.
pub(crate) const REOPENED: i8 = 12;
/// The lead of costs.
pub(crate) const NO_LEAD: i64 = -1;

/// What an event says about money.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Side {
    #[default]
    None,
    Revenue,
    Refund,
    Cost,
}

/// One event. Codes are those of the store, so that answers need no names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Row {
    pub(crate) position: u64,
    pub(crate) lead: i64,
    /// Microseconds.
    pub(crate) at: i64,
    /// The state that the event asks for; [`NO_MOVE`], [`REOPENED`].
    pub(crate) target: i8,
    /// 0 for none.
    pub(crate) source: u32,
    pub(crate) side: Side,
    /// Minor units.
    pub(crate) amount: i64,
    /// Letters in base 26, plus one; 0 for none.
    pub(crate) currency: u16,
}

pub(crate) const HEADER: &str = "pos,lead,micros,target,source,side,amount,currency\n";

impl Row {
    pub(crate) fn of(event: &Event, code: impl Fn(&str) -> u32) -> Self {
        let row = Self { at: event.occurred_at.at.micros(), ..Self::default() };
        let row = Self { target: target(&event.body), ..row };
        let money =
            |side, amount, to: Currency| Self { side, amount, currency: currency(to), ..row };
        match &event.body {
            Body::Captured(captured) => {
                Self { source: captured.source.as_deref().map_or(0, code), ..row }
            }
            Body::AttributionResolved(resolved) => Self { source: code(&resolved.source), ..row },
            Body::RevenueRecorded(paid) => money(Side::Revenue, paid.amount, paid.currency),
            Body::Refunded(back) => money(Side::Refund, back.amount, back.currency),
            Body::CostRecorded(cost) => {
                let source = cost.scope.part("source").map_or(0, code);
                Self { source, ..money(Side::Cost, cost.amount, cost.currency) }
            }
            _ => row,
        }
    }

    pub(crate) fn write(&self, out: &mut String) {
        let Self { position, lead, at, target, source, side, amount, currency } = self;
        let side = *side as u8;
        writeln!(out, "{position},{lead},{at},{target},{source},{side},{amount},{currency}")
            .expect("a string takes all");
    }

    fn parse(line: &str) -> Result<Self> {
        let mut fields = line.split(',').map(str::parse::<i64>);
        let mut next = || fields.next().ok_or_else(|| format!("a field is missing in {line:?}"));
        Ok(Self {
            position: next()??.try_into()?,
            lead: next()??,
            at: next()??,
            target: next()??.try_into()?,
            source: next()??.try_into()?,
            side: match next()?? {
                0 => Side::None,
                1 => Side::Revenue,
                2 => Side::Refund,
                _ => Side::Cost,
            },
            amount: next()??,
            currency: next()??.try_into()?,
        })
    }
}

/// Reads a flat log.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>> {
    let lines = BufReader::new(File::open(path)?).lines();
    lines.skip(1).map(|line| Row::parse(&line?)).collect()
}

/// Letters in base 26, plus one.
pub(crate) fn currency(currency: Currency) -> u16 {
    let letters = currency.to_string();
    letters.bytes().fold(0, |code, letter| code * 26 + u16::from(letter - b'A')) + 1
}

/// Where a legal event asks its lead to go.
fn target(body: &Body) -> i8 {
    let state = match body {
        Body::Captured(_) => State::New,
        Body::Qualified(qualified) if qualified.level == Level::Mql => State::Mql,
        Body::Qualified(_) => State::Sql,
        Body::HandedOff(_) => State::HandedOff,
        Body::Accepted(_) => State::Accepted,
        Body::Rejected(rejected) => returned_to(rejected.to),
        Body::Returned(returned) => returned_to(returned.to),
        Body::OpportunityOpened(_) | Body::OpportunityReopened(_) => State::Opportunity,
        Body::Won(_) => State::Customer,
        Body::Lost(_) => State::Lost,
        Body::Recycled(_) => State::Nurturing,
        Body::Disqualified(_) => State::Disqualified,
        Body::Reopened(_) => return REOPENED,
        _ => return NO_MOVE,
    };
    state as i8
}

fn returned_to(to: Option<ReturnTarget>) -> State {
    match to {
        None | Some(ReturnTarget::Nurture) => State::Nurturing,
        Some(ReturnTarget::Mql) => State::Mql,
        Some(ReturnTarget::Disqualified) => State::Disqualified,
    }
}
