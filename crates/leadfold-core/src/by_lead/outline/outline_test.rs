//! What is read from bits is what a walk over the events tells, wherever facts come from.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::LeadFacts;
use super::*;
use crate::fact::{Code, Fact, LeadIndex, NO_X};

/// What each lead has: when its events happen and of which kind they are.
type Leads = Vec<Vec<(i64, Kind)>>;

fn leads() -> impl Strategy<Value = Leads> {
    const KINDS: &[Kind] = &[Kind::Captured, Kind::Scored, Kind::Touched, Kind::Won];
    let kind = prop_oneof![
        60 => proptest::sample::select(KINDS),
        1 => Just(Kind::Corrected),
        1 => Just(Kind::Merged),
    ];
    let at = prop_oneof![90 => 0..9_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    // Half of the leads are in order: those that are not are told by a walk anyway.
    let lead = |events| {
        (vec((at.clone(), kind.clone()), events), any::<bool>()).prop_map(
            |(mut lead, is_in_order)| {
                if is_in_order {
                    lead.sort_by_key(|(at, _)| *at);
                }
                lead
            },
        )
    };
    let short = lead(1..=12);
    let of_a_read = lead(EVENTS_A_READ as usize - 9..=EVENTS_A_READ as usize + 9);
    let of_a_look = lead(EVENTS_A_LOOK - 2..=EVENTS_A_LOOK + 2);
    vec(prop_oneof![60 => short, 4 => of_a_read, 1 => of_a_look], 1..200)
}

/// Facts by lead, each position once.
fn by_lead(leads: &Leads) -> LeadFacts {
    let mut facts = Facts::default();
    // Events without a lead are the last.
    let numbers = (3..2 + leads.len() as u32).map(LeadIndex).chain([LeadIndex::NONE]);
    for (place, (lead, events)) in (0_u64..).zip(numbers.zip(leads)) {
        for (number, (at, kind)) in (0..).zip(events) {
            let position = 211 * number + place * 37 % 211;
            let (a, b) = (Code::NONE, Code::NONE);
            let (kind, at, recorded_at) = (*kind, *at, *at);
            let fact =
                Fact { position, recorded_at, at, lead, kind, sub: 0, currency: 0, a, b, x: NO_X };
            facts.push(fact);
        }
    }
    LeadFacts::try_from_facts(facts).expect("they are by lead")
}

/// The leads by a walk over their events.
fn walked(facts: &Facts, mut events: Range<usize>) -> Vec<Outline> {
    std::iter::from_fn(|| {
        let outline = (!events.is_empty()).then(|| Outline::of(facts, events.clone()))?;
        events.start = outline.events.end;
        Some(outline)
    })
    .collect()
}

/// All that outlines say: of a lead with more events than bits those say nothing.
fn told(outlines: impl IntoIterator<Item = Outline>) -> Vec<Outline> {
    let told = |outline: Outline| {
        let is_told = outline.events.len() <= u64::BITS as usize;
        Outline { active: if is_told { outline.active } else { 0 }, ..outline }
    };
    outlines.into_iter().map(told).collect()
}

fn assert_outlines(facts: &LeadFacts, events: Range<usize>) {
    let walked = walked(facts.facts(), events.clone());
    assert_eq!(told(facts.outlines_of(events)), told(walked));
}

proptest! {
    #[test]
    fn bits_tell_what_a_walk_tells(leads in leads(), cut in any::<proptest::sample::Index>()) {
        let facts = by_lead(&leads);
        assert_outlines(&facts, 0..facts.event_count());
        // From one lead on, and up to it.
        let lead = 3 + cut.index(leads.len()) as u32;
        let event = facts.facts().lead.partition_point(|other| *other < lead);
        assert_outlines(&facts, event..facts.event_count());
        assert_outlines(&facts, 0..event);
    }

    /// An event that another one is put in front of is marked anew.
    #[test]
    fn facts_are_marked_alike_however_they_were_put_together(
        leads in leads(),
        cut in any::<proptest::sample::Index>(),
    ) {
        let facts = by_lead(&leads);
        prop_assert_eq!(&LeadFacts::decode(&facts.encode()), &Ok(facts.clone()));
        let pushed = facts.facts();
        // Every event by itself, and each lead in two pieces.
        let middle = pushed.position[cut.index(pushed.event_count())];
        let (mut one_by_one, mut pieces) = (Facts::default(), [Facts::default(), Facts::default()]);
        for event in 0..pushed.event_count() {
            one_by_one.extend_events(pushed, event..event + 1);
            let piece = usize::from(pushed.position[event] > middle);
            pieces[piece].extend_events(pushed, event..event + 1);
        }
        prop_assert_eq!(&one_by_one, pushed);
        for piece in &pieces {
            let mut again = Facts::default();
            piece.rows().for_each(|fact| again.push(fact));
            prop_assert_eq!(&again, piece);
        }
        prop_assert_eq!(&LeadFacts::of(&[&pieces[0], &pieces[1]]), &facts);
        // As a store has pages in the order of the log.
        let mut page = Facts::default();
        prop_assert_eq!(page.decode(&pushed.encode()), Ok(()));
        prop_assert_eq!(&page, pushed);
    }
}

/// Long leads in order, of which nothing is complex, wherever a look at the marks begins in them: by
/// chance, one of so many events is nearly always odd.
#[test]
fn bits_tell_long_leads_too() {
    let plain = |events: usize| -> Vec<(i64, Kind)> {
        let kind = |event| if event % 3 == 0 { Kind::Won } else { Kind::Scored };
        (0..events).map(|event| (event as i64, kind(event))).collect()
    };
    let late = |events: usize, at: usize| {
        let mut lead = plain(events);
        lead[at].0 = -1;
        lead
    };
    for long in [55, 56, 57, 63, 64, 65, 200, 511, 512, 513, 600, 1_024, 1_025] {
        for before in [0, 1, 7, 8, 300, 447, 448, 449, 511, 512] {
            let mut leads: Leads = vec![plain(1); before];
            let odd = late(long, long - 1);
            leads.extend([plain(long), plain(2), odd, plain(long), plain(long), plain(1)]);
            let facts = by_lead(&leads);
            assert_outlines(&facts, 0..facts.event_count());
            assert_outlines(&facts, 0..facts.event_count() - 2);
        }
    }
}
