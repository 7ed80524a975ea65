use proptest::prelude::*;

use super::{Decoder, LeadFacts};
use crate::fact::{Code, Fact, Facts, Field, LeadIndex, NO_X};
use crate::machine::Kind;

/// An event of a lead; when it became known is four microseconds after it happened.
fn event(lead: u32, position: u64, at: i64, x: i64) -> Fact {
    let (kind, recorded_at) = (Kind::RevenueRecorded, at.wrapping_add(4));
    let (lead, a, b) = (LeadIndex(lead), Code(2), Code::NONE);
    Fact { position, recorded_at, at, lead, kind, sub: 0, currency: 1, a, b, x }
}

fn by_lead(events: impl IntoIterator<Item = Fact>) -> LeadFacts {
    let mut facts = Facts::default();
    events.into_iter().for_each(|event| facts.push(event));
    LeadFacts::try_from_facts(facts).expect("they are by lead")
}

/// Leads from one on, each with some events more than the one before, every other with details of
/// two classes.
fn page(first: u32) -> LeadFacts {
    let mut events = Vec::new();
    for lead in first..first + 5 {
        for number in 0..=u64::from(lead) {
            let event = event(lead, 3 + 10 * number, 1_000_000 * number as i64, number as i64);
            events.push(event);
            let detail = |field, x| Fact { kind: Kind::Detail, sub: field as u8, x, ..event };
            if number % 2 == 1 {
                events.extend([detail(Field::Margin, 70), detail(Field::Channel, NO_X)]);
            }
        }
    }
    by_lead(events)
}

/// Also what the fold asks of them at a glance, which is not packed.
#[test]
fn facts_of_every_kind_come_back_with_a_number_and_without() {
    for (kind, x) in Kind::ALL.iter().flat_map(|kind| [NO_X, 0, 7].map(|x| (*kind, x))) {
        let facts = by_lead([Fact { kind, ..event(3, 5, 8, x) }]);
        assert_eq!(LeadFacts::decode(&facts.encode()), Ok(facts), "{kind:?} {x}");
    }
}

/// Events without a lead come last, as if they were of one.
#[test]
fn no_facts_and_facts_of_no_lead_come_back() {
    let none = LeadIndex::NONE.0;
    let of_none = || (0..200).map(|n| event(none, 1 + 7 * n, n as i64, NO_X));
    for events in [
        Vec::new(),
        of_none().collect(),
        [event(0, 9, 9, 9)].into_iter().chain(of_none()).collect(),
    ] {
        let facts = by_lead(events);
        assert_eq!(LeadFacts::decode(&facts.encode()), Ok(facts));
    }
}

/// What is read is whole and in order, whichever bit is another one, and what is not read leaves
/// no trace.
#[test]
fn every_bit_that_flips_makes_another_page_or_none() {
    let (first, bytes) = (page(0), page(7).encode());
    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut facts = first.clone();
        if Decoder::default().decode_behind(&damaged, &mut facts).is_err() {
            assert_eq!(facts, first, "bit {bit}");
            refused += 1;
        } else {
            assert!(LeadFacts::try_from_facts(facts.into_facts()).is_ok(), "bit {bit}");
        }
    }
    assert!(refused > bytes.len(), "{refused} of {} bits", bytes.len() * 8);
}

#[test]
fn bytes_that_end_too_early_or_too_late_are_no_page() {
    let bytes = page(7).encode();
    for end in 0..bytes.len() {
        assert!(LeadFacts::decode(&bytes[..end]).is_err(), "{end} bytes");
    }
    assert!(LeadFacts::decode(&[bytes, vec![0]].concat()).is_err());
}

/// The same leads again are not behind themselves.
#[test]
fn leads_that_do_not_come_behind_are_refused() {
    let (first, mut facts) = (page(3), page(3));
    for from in 0..=7 {
        let bytes = page(from).encode();
        assert!(Decoder::default().decode_behind(&bytes, &mut facts).is_err(), "from {from}");
        assert_eq!(facts, first, "from {from}");
    }
    Decoder::default().decode_behind(&page(8).encode(), &mut facts).expect("they come behind");
    assert_eq!(facts.last_lead(), Some(LeadIndex(12)));
    let both = first.facts().rows().chain(page(8).into_facts().rows().collect::<Vec<_>>());
    assert_eq!(facts, by_lead(both), "with the same marks as if they had come one by one");
}

/// Where a log grows evenly positions follow from times, but for a few bits: they need not be written.
#[test]
fn an_even_log_takes_fewer_bytes_an_event_than_an_uneven_one() {
    let scattered = |number: u64, of: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32 & of;
    let bytes = |position: &dyn Fn(u64, u64) -> u64| {
        let events = (0..100_u64).flat_map(|lead| (0..20_u64).map(move |n| (lead, n)));
        let events = events.map(|(lead, n)| {
            let second = 65_536 * n + scattered(20 * lead + n, 0xffff);
            (lead, second, position(n, second))
        });
        let micros = |second: u64| second as i64 * 1_000_000;
        by_lead(events.map(|(lead, second, at)| event(lead as u32, at, micros(second), 1)))
            .encode()
            .len()
    };
    let even = bytes(&|_, second| 500 * second + scattered(second, 0xff));
    let uneven = bytes(&|n, second| 500 * (65_536 * n + scattered(second, 0xffff)));
    // A position takes nine bits, or the seventeen of its second.
    assert!(even + 1_900 * 7 / 8 < uneven, "{even} and {uneven} bytes");
}

proptest! {
    /// Whatever positions and times are, the differences of which may be more than numbers hold.
    #[test]
    fn events_come_back(
        events in prop::collection::btree_map((0_u32..5, any::<u64>()), (any::<i64>(), any::<i64>()), 0..300),
        shift in 0_u32..64,
    ) {
        let events = events.iter().map(|((lead, position), (at, x))| {
            (*lead, position >> shift, at >> shift, *x)
        });
        let mut events: Vec<_> = events.collect();
        events.dedup_by_key(|(lead, position, ..)| (*lead, *position));
        let facts = by_lead(events.into_iter().map(|(lead, position, at, x)| event(lead, position, at, x)));
        prop_assert_eq!(LeadFacts::decode(&facts.encode()), Ok(facts));
    }
}
