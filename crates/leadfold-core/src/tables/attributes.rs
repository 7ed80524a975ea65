//! What captures told of leads, kept once for all leads that share it.
//!
//! Most leads come with the same few names and values: the lists of a million leads are some
//! thousands. A list is its newest attribute and the list before that, and equal lists are one. None
//! is ever dropped, since others may have it.

use super::{Attribute, NO_ROW};

/// Lists of attributes, each known by a number; `NO_ROW` is the empty one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes {
    /// Those that a list goes on from come before it.
    lists: Vec<List>,
    /// Where a list is found by what it says: its number, or `NO_ROW` in a free place. At most half
    /// of the places are taken, and their number is a power of two.
    places: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct List {
    newest: Attribute,
    elder: u32,
}

const PLACES_MIN: usize = 64;

impl Attributes {
    /// Adds an attribute to a lead's list: makes it the number of the longer list.
    #[inline]
    pub(crate) fn push(&mut self, list: &mut u32, newest: Attribute) {
        if 2 * self.lists.len() >= self.places.len() {
            self.make_places();
        }
        let longer = List { newest, elder: *list };
        let place = self.place_of(longer);
        if self.places[place] == NO_ROW {
            self.places[place] = self.next_number();
            self.lists.push(longer);
        }
        *list = self.places[place];
    }

    fn next_number(&self) -> u32 {
        let number = u32::try_from(self.lists.len()).unwrap_or(NO_ROW);
        assert!(number != NO_ROW, "a table has at most 2^32 rows");
        number
    }

    /// Where a list is, or the free place where it belongs.
    #[inline]
    fn place_of(&self, list: List) -> usize {
        let mask = self.places.len() - 1;
        let mut place = list.hash() & mask;
        let is_other = |number: u32| number != NO_ROW && self.lists[number as usize] != list;
        while is_other(self.places[place]) {
            place = (place + 1) & mask;
        }
        place
    }

    #[cold]
    fn make_places(&mut self) {
        self.places = vec![NO_ROW; (2 * self.places.len()).max(PLACES_MIN)];
        for (number, list) in (0..).zip(&self.lists) {
            let place = self.place_of(*list);
            self.places[place] = number;
        }
    }

    /// A list's attributes, newest first.
    pub(crate) fn newest_first(&self, list: u32) -> impl Iterator<Item = &Attribute> {
        let at = |number: u32| (number != NO_ROW).then(|| &self.lists[number as usize]);
        std::iter::successors(at(list), move |list| at(list.elder)).map(|list| &list.newest)
    }

    /// Takes over the lists of other leads, and gives the number that each has here.
    pub(crate) fn append(&mut self, other: &Self) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::with_capacity(other.lists.len());
        for List { newest, elder } in &other.lists {
            let mut number = renumbered(*elder, &numbers);
            self.push(&mut number, *newest);
            numbers.push(number);
        }
        numbers
    }

    /// The bytes of all lists, and of what they are found by.
    pub(super) fn memory(&self) -> usize {
        size_of_val(self.lists.as_slice()) + size_of_val(self.places.as_slice())
    }
}

impl List {
    /// Codes and numbers are small and dense: products spread them over the upper bits. Nothing of
    /// chance is in it.
    #[inline]
    fn hash(self) -> usize {
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let Attribute { name, value } = self.newest;
        let name = (u64::from(name.0) << 32 | u64::from(self.elder)).wrapping_mul(SPREAD);
        let all = (name ^ name >> 32 ^ u64::from(value.0)).wrapping_mul(SPREAD);
        (all >> 32) as usize
    }
}

/// A list's number among others, once each has another one.
pub(super) fn renumbered(list: u32, numbers: &[u32]) -> u32 {
    if list == NO_ROW { NO_ROW } else { numbers[list as usize] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fact::Code;

    /// Attributes of leads, one after the other: whose, a name and a value.
    type Told = Vec<(usize, u32, u32)>;

    const LEADS: usize = 6;

    fn told() -> impl Strategy<Value = Told> {
        prop::collection::vec((0..LEADS, 0_u32..3, 0_u32..40), 0..300)
    }

    fn attribute(name: u32, value: u32) -> Attribute {
        Attribute { name: Code(name), value: Code(value) }
    }

    fn kept(told: &Told) -> (Attributes, [u32; LEADS]) {
        let (mut attributes, mut lists) = (Attributes::default(), [NO_ROW; LEADS]);
        for (lead, name, value) in told {
            attributes.push(&mut lists[*lead], attribute(*name, *value));
        }
        (attributes, lists)
    }

    fn assert_has(attributes: &Attributes, list: u32, lead: usize, told: &Told) {
        let own = told.iter().rev().filter(|(whose, ..)| *whose == lead);
        let expected: Vec<_> = own.map(|(_, name, value)| attribute(*name, *value)).collect();
        let found: Vec<_> = attributes.newest_first(list).copied().collect();
        assert_eq!(found, expected, "lead {lead}");
    }

    proptest! {
        #[test]
        fn every_lead_has_its_own_in_their_order(told in told()) {
            let (attributes, lists) = kept(&told);
            (0..LEADS).for_each(|lead| assert_has(&attributes, lists[lead], lead, &told));
        }

        #[test]
        fn lists_of_shards_come_together(one in told(), other in told()) {
            let (mut all, lists) = kept(&one);
            let (others, others_lists) = kept(&other);
            let numbers = all.append(&others);
            for lead in 0..LEADS {
                assert_has(&all, lists[lead], lead, &one);
                assert_has(&all, renumbered(others_lists[lead], &numbers), lead, &other);
            }
        }
    }

    #[test]
    fn leads_that_came_alike_share_a_list() {
        let mut attributes = Attributes::default();
        for _ in 0..10_000 {
            let mut list = NO_ROW;
            (0..3).for_each(|name| attributes.push(&mut list, attribute(name, 7)));
            assert_eq!(list, 2, "behind the list of one and that of two");
        }
        assert_eq!(attributes.lists.len(), 3);
    }
}
