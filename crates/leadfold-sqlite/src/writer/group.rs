//! Appends that are committed together.

use std::sync::mpsc::Receiver;

use leadfold_store::adapter::{Draft, Reply};
use leadfold_store::{AppendError, Appended};

use super::Order;
use crate::error::Result;

/// One transaction takes further appends until it has this many events. The pages of streams and
/// of the index of leads are written once a transaction, so fewer transactions write less.
const EVENTS_MAX: usize = 65_536;

pub(crate) type Waiting = (Box<Draft>, Reply<Result<Appended, AppendError>>);

/// The appends that wait, and those that come while these are being written: whoever comes before
/// the commit need not wait for the next one.
pub(crate) struct Group<'o> {
    waiting: Vec<Waiting>,
    /// How many of them have been handed out.
    begun: usize,
    /// Of all of them; an append counts as one at least.
    events: usize,
    /// From where further ones come; none: the group is complete.
    orders: Option<&'o Receiver<Order>>,
    /// The order behind the group.
    rest: Option<Order>,
}

impl<'o> Group<'o> {
    /// An append and all behind it.
    pub(crate) fn of_all(first: Waiting, orders: &'o Receiver<Order>) -> Self {
        let mut group = Self::of_one(first);
        group.orders = Some(orders);
        group.gather();
        group
    }

    /// An append alone.
    pub(crate) fn of_one(waiting: Waiting) -> Self {
        let events = events(&waiting);
        Self { waiting: vec![waiting], begun: 0, events, orders: None, rest: None }
    }

    /// The next one to be written.
    pub(crate) fn next(&mut self) -> Option<&Draft> {
        if self.begun == self.waiting.len() {
            self.gather();
        }
        let (draft, _) = self.waiting.get(self.begun)?;
        self.begun += 1;
        Some(draft)
    }

    fn gather(&mut self) {
        while let Some(orders) = self.orders.filter(|_| self.events < EVENTS_MAX) {
            match orders.try_recv() {
                Ok(Order::Append(draft, reply)) => {
                    let waiting = (draft, reply);
                    self.events += events(&waiting);
                    self.waiting.push(waiting);
                }
                Ok(order) => (self.orders, self.rest) = (None, Some(order)),
                Err(_) => break,
            }
        }
    }

    /// All of its appends, and the order behind it.
    pub(crate) fn into_parts(self) -> (Vec<Waiting>, Option<Order>) {
        (self.waiting, self.rest)
    }
}

fn events((draft, _): &Waiting) -> usize {
    draft.batch.events.len().max(1)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use leadfold_core::event::NewEvent;
    use leadfold_store::adapter::ticket;
    use leadfold_store::{Append, Batch};
    use leadfold_testkit::conformance::support::{NOW, cost};

    use super::*;

    fn waiting(events: Vec<NewEvent>) -> Waiting {
        let (batch, events) = Batch::prepare(Append::new(events, NOW)).expect("it is sound");
        (Box::new(Draft::new(batch, &events)), ticket().0)
    }

    fn append(events: impl IntoIterator<Item = u64>) -> Order {
        let (draft, reply) = waiting(events.into_iter().map(cost).collect());
        Order::Append(draft, reply)
    }

    /// How many events the next append has.
    fn next(group: &mut Group<'_>) -> Option<usize> {
        group.next().map(|draft| draft.batch.events.len())
    }

    #[test]
    fn append_that_comes_before_the_commit_is_part_of_it() {
        let (orders, queue) = channel();
        orders.send(append(2..4)).expect("it is open");
        let mut group = Group::of_all(waiting(vec![cost(1)]), &queue);
        assert_eq!([next(&mut group), next(&mut group)], [Some(1), Some(2)]);
        orders.send(append(4..7)).expect("it is open");
        assert_eq!([next(&mut group), next(&mut group)], [Some(3), None]);
        let (all, rest) = group.into_parts();
        assert!(all.len() == 3 && rest.is_none());
    }

    #[test]
    fn nothing_overtakes_another_order() {
        let (orders, queue) = channel();
        let mut group = Group::of_all(waiting(vec![cost(1)]), &queue);
        orders.send(Order::Shelve(None, ticket().0)).expect("it is open");
        orders.send(append(2..4)).expect("it is open");
        assert_eq!([next(&mut group), next(&mut group)], [Some(1), None]);
        let (all, rest) = group.into_parts();
        assert!(all.len() == 1 && matches!(rest, Some(Order::Shelve(..))));
        assert!(matches!(queue.try_recv(), Ok(Order::Append(..))), "it is the next group's");
    }

    /// Also by appends of nothing: who appends again and again must not keep others waiting for ever.
    #[test]
    fn group_ends_at_its_bound() {
        let (orders, queue) = channel();
        let half = EVENTS_MAX as u64 / 2;
        let mut group = Group::of_all(waiting((0..half).map(cost).collect()), &queue);
        orders.send(append(half..2 * half - 1)).expect("it is open");
        (0..3).for_each(|_| orders.send(append([])).expect("it is open"));
        let taken: Vec<_> = std::iter::from_fn(|| next(&mut group)).collect();
        assert_eq!(taken, [half as usize, half as usize - 1, 0]);
        assert_eq!(queue.try_iter().count(), 2);

        let mut alone = Group::of_one(waiting(vec![cost(1)]));
        assert_eq!([next(&mut alone), next(&mut alone)], [Some(1), None]);
    }
}
