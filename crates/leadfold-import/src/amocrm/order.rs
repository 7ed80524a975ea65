//! The order in which changes can have happened: amoCRM dates them to the second.

use super::change::{Change, What};
use crate::StatusMap;

/// Puts changes in the order of time, those of one lead and one second together.
pub(super) fn sort(changes: &mut [Change]) {
    changes.sort_by(|one, other| key(one).cmp(&key(other)));
}

fn key(change: &Change) -> (crate::crm::at::At, u64, u8, &str) {
    (change.at, change.lead, rank(&change.what), &change.tie)
}

fn rank(what: &What) -> u8 {
    match what {
        // A webhook says more than the page of events.
        What::Added { status: Some(_), .. } => 0,
        What::Added { status: None, .. } => 1,
        What::Seen(_) => 2,
        What::Touched { .. } => LAST_OF_BIRTHS,
        What::Responsible { .. } => 4,
        What::Shown { .. } => 5,
        What::Priced { .. } => 6,
        What::Moved(_) => 7,
        What::Closed { .. } => 8,
    }
}

/// Puts the changes of one lead and one second in order. What is said of a deal is said while it is
/// open: before the move that closes it, and behind the one that opens it again.
pub(super) fn arrange(group: Vec<Change>, status: Option<u64>, map: &StatusMap) -> Vec<Change> {
    if group.len() < 2 || group.len() > TIES_MAX {
        return group;
    }
    let is_move = |change: &Change| matches!(change.what, What::Moved(_));
    let (moves, others): (Vec<_>, Vec<_>) = group.into_iter().partition(is_move);
    let mut moves = chain(moves, status).into_iter().peekable();
    let reopens = |change: &Change| match &change.what {
        What::Moved(moved) => moved.from.is_some_and(|from| map.is_closed(from.id)),
        _ => false,
    };
    let is_birth = |change: &Change| rank(&change.what) <= LAST_OF_BIRTHS;
    let is_end = |change: &Change| matches!(change.what, What::Closed { .. });
    let (births, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_birth);
    let (ends, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_end);
    let is_price = |change: &Change| matches!(change.what, What::Priced { .. });
    let (prices, owners): (Vec<_>, Vec<_>) = others.into_iter().partition(is_price);

    let mut arranged = births;
    while let Some(moved) = moves.next_if(reopens) {
        arranged.push(moved);
    }
    arranged.extend(chain(owners, None));
    arranged.extend(chain(prices, None));
    arranged.extend(moves);
    arranged.extend(ends);
    arranged
}

/// Puts changes so that each begins where the one before ended, as far as that can be; those that
/// are told twice stand together.
fn chain(mut rest: Vec<Change>, mut end: Option<u64>) -> Vec<Change> {
    let mut chained = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let goes_on = |it: &Change| end.is_some() && ends(it).0 == end;
        let is_first = |it: &Change| {
            let mut others = rest.iter().filter(|other| ends(other) != ends(it));
            !others.any(|other| ends(other).1 == ends(it).0)
        };
        let next = rest.iter().position(goes_on).or_else(|| rest.iter().position(is_first));
        let next = ends(&rest[next.unwrap_or(0)]);
        let (mut same, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|it| ends(it) == next);
        // The webhook says more.
        same.sort_by_key(|it| matches!(&it.what, What::Moved(moved) if moved.price.is_none()));
        chained.extend(same);
        (rest, end) = (others, next.1);
    }
    chained
}

/// From what to what.
fn ends(change: &Change) -> (Option<u64>, Option<u64>) {
    let amount = |price: i64| u64::try_from(price).ok();
    match &change.what {
        What::Moved(moved) => (moved.from.map(|from| from.id), Some(moved.to.id)),
        What::Responsible { from, to } => (*from, *to),
        What::Priced { before, price, .. } => (before.and_then(amount), amount(*price)),
        _ => (None, None),
    }
}

/// The last rank of what may stand before all else.
const LAST_OF_BIRTHS: u8 = 3;
/// More of one lead and one second are no history.
const TIES_MAX: usize = 64;
