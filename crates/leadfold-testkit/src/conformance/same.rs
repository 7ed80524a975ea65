//! Whether two stores say the same, and appends on which they might differ.

use leadfold_core::event::NewEvent;
use leadfold_core::{Code, LeadId, LeadIndex, Timestamp};
use leadfold_store::{Append, Blocking, EventStore, Expected, ExpectedFamily, Mode, Query, Unless};
use proptest::prelude::*;

use super::support;

/// Asks two stores everything and compares what they say.
///
/// # Panics
/// Where they differ, and where one of them fails.
pub fn assert_same(left: &dyn EventStore, right: &dyn EventStore) {
    let (left, right) = (Blocking(left), Blocking(right));
    macro_rules! same {
        ($method:ident $(, $argument:expr)*) => {
            assert_eq!(
                left.$method($($argument),*).expect("reads"),
                right.$method($($argument),*).expect("reads"),
            )
        };
    }
    same!(head);
    same!(events, 0, usize::MAX);
    same!(facts, 0, usize::MAX);
    same!(facts, 3, 5);
    for query in [Query::of_tenant("default").of_type("captured"), Query::of_tenant("other")] {
        same!(matching, &query, 2, 50);
    }
    same!(leads, LeadIndex(0), usize::MAX);
    same!(string_count);
    let codes: Vec<_> = (0..=left.string_count().expect("reads")).map(Code).collect();
    same!(strings, &codes);
    let positions: Vec<_> = (1..=left.head().expect("reads")).collect();
    same!(event_ids, &positions);
    let mut indices: Vec<_> =
        left.leads(LeadIndex(0), usize::MAX).expect("reads").iter().map(|e| e.index).collect();
    for entry in left.leads(LeadIndex(0), usize::MAX).expect("reads") {
        same!(leads_by_key, &entry.key);
    }
    indices.push(LeadIndex::NONE);
    for index in &indices {
        same!(history, &[*index]);
        same!(family, &[*index]);
        same!(lead_events, *index);
    }
    same!(history, &indices);
    same!(verify, &mut |_, _| {});
}

/// The key of a lead: of one it is a UUID, which may be written in large letters.
fn key(lead: u8, is_large: bool) -> String {
    match (lead, is_large) {
        (3, true) => support::UUID.to_owned(),
        (3, false) => support::UUID.to_lowercase(),
        _ => format!("L{lead}"),
    }
}

/// An event out of a small space, so that ids, leads and targets meet.
fn any_event() -> impl Strategy<Value = NewEvent> {
    let drawn = (0_u64..40, 0_u8..5, 0_u8..7, 0_u64..40, any::<bool>());
    drawn.prop_map(|(id, lead, kind, other, is_large)| {
        let own = if lead == 4 { "-".to_owned() } else { key(lead, is_large) };
        let of_merge = key((other % 6) as u8, other < 20);
        let target = support::event_id(other);
        let rest = match (kind, lead) {
            (0, _) => format!("\"type\":\"corrected\",\"data\":{{\"target\":\"{target}\",\"action\":\"retract\",\"reason\":\"r\"}}"),
            (1, _) => format!("\"type\":\"corrected\",\"data\":{{\"target\":\"{target}\",\"action\":\"replace\",\"reason\":\"r\",\"data\":{{\"into\":\"{of_merge}\",\"source\":\"s{other}\"}}}}"),
            (_, 4) => format!("\"type\":\"other\",\"data\":{other}"),
            (2, _) => format!("\"type\":\"merged\",\"data\":{{\"into\":\"{of_merge}\"}}"),
            (3, _) => format!("\"type\":\"unmerged\",\"data\":{{\"from\":\"{of_merge}\"}}"),
            _ => format!("\"type\":\"captured\",\"data\":{{\"source\":\"s{}\",\"attributes\":{{\"a\":\"v{kind}\"}}}}", other % 3),
        };
        support::event(id, &own, &rest)
    })
}

/// A query that some of these events match.
pub fn any_query() -> impl Strategy<Value = Query> {
    (any::<bool>(), 0_u8..7, 0_u8..4, 0_u8..4).prop_map(|(is_of_all, lead, name, source)| {
        let query = if is_of_all { Query::of_all_tenants() } else { Query::of_tenant("default") };
        let query = if lead < 4 { query.of_lead(lead_id(lead)) } else { query };
        let query = match name {
            0 => query.of_type("captured"),
            1 => query.of_type("merged").of_type("corrected"),
            _ => query,
        };
        if source < 3 { query.with("/source", format!("s{source}")) } else { query }
    })
}

/// An append out of a small space, so that ids, leads, expectations and targets of corrections
/// meet.
pub fn any_append() -> impl Strategy<Value = Append> {
    let events = proptest::collection::vec(any_event(), 0..8);
    let expected = proptest::option::weighted(0.2, (0_u8..5, 0_u64..4));
    let of = proptest::collection::vec(0_u8..7, 0..3);
    let family = proptest::option::weighted(0.2, (of, 0_u64..5, 0_u64..8));
    let unless = proptest::option::weighted(0.2, (any_query(), 0_u64..30));
    let all = (events, expected, family, unless, any::<bool>());
    all.prop_map(|(events, expected, family, unless, is_import)| {
        let unless = unless.map(|(matching, after)| Unless { matching, after });
        let unless = unless.into_iter().collect();
        let family = family.map(|(of, leads, events)| {
            let of = of.into_iter().map(lead_id).collect();
            ExpectedFamily { of, leads, events }
        });
        let expected = expected.map(|(lead, sequence)| Expected { lead: lead_id(lead), sequence });
        Append {
            events,
            expected: expected.into_iter().collect(),
            family,
            unless,
            recorded_at: Timestamp::from_micros(1),
            mode: if is_import { Mode::RefuseSingly } else { Mode::AllOrNothing },
        }
    })
}

fn lead_id(lead: u8) -> LeadId {
    support::lead_id(&key(lead, true))
}
