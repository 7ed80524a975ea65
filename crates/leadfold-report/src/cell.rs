//! What stands in a cell: a figure for people, and the exact number for programs.

use std::borrow::Cow;

use leadfold_core::metrics::Rate;
use leadfold_core::{Currency, Money, Timestamp};
use maud::{Markup, html};

use crate::figure::{self, Amount};

/// A count.
pub(crate) fn count(n: u64) -> Markup {
    html! { data value=(n) { (figure::count(n)) } }
}

/// A count and its noun.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> Markup {
    html! { (count(n)) " " @if n == 1 { (one) } @else { (many) } }
}

/// A share as a percentage; "none" where there is nothing that it could be a share of.
pub(crate) fn share(share: Option<f64>) -> Markup {
    number(share, figure::share)
}

/// A rate as a percentage.
pub(crate) fn percent(rate: Rate) -> Markup {
    share(rate.ratio())
}

/// A rate with what it was made of.
pub(crate) fn rate(rate: Rate) -> Markup {
    html! { (percent(rate)) " " span.of { (count(rate.num)) " of " (count(rate.den)) } }
}

/// The same where the table has much beside it: "none" alone where it is of nothing.
pub(crate) fn rate_of_any(of: Rate) -> Markup {
    if of.den > 0 { rate(of) } else { none() }
}

/// A duration, in seconds for programs.
pub(crate) fn span(seconds: Option<f64>) -> Markup {
    number(seconds, figure::duration)
}

/// The same of something promised: working time under a calendar.
pub(crate) fn promised(seconds: Option<f64>, is_working_time: bool) -> Markup {
    number(seconds, |seconds| figure::promised(seconds, is_working_time))
}

/// A number with one digit behind the point.
pub(crate) fn decimal(value: Option<f64>) -> Markup {
    number(value, |value| value.map_or_else(String::new, |value| format!("{value:.1}")))
}

fn number(value: Option<f64>, shown: impl Fn(Option<f64>) -> String) -> Markup {
    html! {
        @match value {
            Some(exact) => data value=(exact) { (shown(value)) }
            None => (none())
        }
    }
}

/// Nothing could be said.
pub(crate) fn none() -> Markup {
    html! { span.none { "none" } }
}

/// An amount, in minor units for programs.
pub(crate) fn amount(money: Money) -> Markup {
    html! { data.money value=(money.amount) { (told(money)) } }
}

/// An amount for people, who do not know what ISO 4217 calls none.
fn told(money: Money) -> String {
    let amount = Amount(money).to_string();
    if money.currency == Currency::NONE {
        amount.replace(&Currency::NONE.to_string(), "(no currency)")
    } else {
        amount
    }
}

/// Amounts of several currencies, each for itself.
pub(crate) fn amounts(amounts: impl IntoIterator<Item = Money>) -> Markup {
    let mut amounts = amounts.into_iter().peekable();
    html! {
        @if amounts.peek().is_none() { (none()) }
        @for (index, money) in amounts.enumerate() {
            @if index > 0 { br; }
            (amount(money))
        }
    }
}

/// Fractional minor units, told in whole ones.
pub(crate) fn mean_amount(currency: Currency, value: Option<f64>) -> Markup {
    number(value, |value| {
        let money = value.map(|value| figure::rounded(currency, value));
        money.map_or_else(String::new, told)
    })
}

/// An instant of a row, to the minute of UTC.
pub(crate) fn at(at: Timestamp) -> Markup {
    // Of RFC 3339 the hours and minutes.
    instant(at, |time| time.get(..5).unwrap_or(time))
}

/// An instant that bounds something, in UTC and to its last digit: cut, it would bound something
/// else. Seconds that are 0 are left out.
pub(crate) fn bound(at: Timestamp) -> Markup {
    let shown = instant(at, |time| {
        let time = time.strip_suffix('Z').unwrap_or(time);
        if time.len() == "hh:mm:ss".len() { time.strip_suffix(":00").unwrap_or(time) } else { time }
    });
    html! { (shown) " UTC" }
}

/// Date and time of RFC 3339, and of the time as much as is to be shown.
fn instant(at: Timestamp, shown: impl Fn(&str) -> &str) -> Markup {
    let exact = at.to_string();
    let (date, time) = exact.split_once('T').unwrap_or((&exact, ""));
    html! { time datetime=(exact) { (date) " " (shown(time)) } }
}

/// A text of the log that shows all that it has: control characters are seen, and do nothing. So
/// are those that turn the direction of what follows, which would show it in another order.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) {
        text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
    } else {
        Cow::Borrowed(text)
    }
}

fn is_hidden(c: char) -> bool {
    let is_turner = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    is_turner || c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A bar as long as its share of the longest one. The number that it draws stands beside it.
pub(crate) fn bar(n: u64, most: u64) -> Markup {
    fraction(n as f64, most as f64)
}

/// The same of shares.
pub(crate) fn fraction(share: f64, most: f64) -> Markup {
    let length = if most > 0.0 { (share / most).clamp(0.0, 1.0) } else { 0.0 };
    let width = format!("width:{:.1}%", length * 100.0);
    html! { span.bar aria-hidden="true" { span style=(width) {} } }
}
