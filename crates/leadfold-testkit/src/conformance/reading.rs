//! What can be read, in pages of any size.

use std::collections::BTreeSet;

use leadfold_core::event::RecordedEvent;
use leadfold_core::machine::Kind;
use leadfold_core::{Code, Facts, LeadFacts, LeadIndex};
use leadfold_store::{Append, Blocking, EventStore, Mode, Outcome, StoreErrorKind};

use super::support::{
    NOW, UUID, added, append, captured, cost, event, event_id, events, facts, fill, head, index_of,
    lead_id, merged, replaced, rows,
};

pub(super) fn pages_of_any_size_say_the_same(store: &dyn EventStore) {
    fill(store);
    let (all_facts, all_events) = (rows(&facts(store)), events(store));
    assert_eq!(all_events.len() as u64, head(store));
    assert_eq!(all_facts.last().map(|fact| fact.position), Some(head(store)));
    for size in [1, 2, 7, 40, 41, 42, 292, 293, 294] {
        let (mut after, mut some_facts, mut some_events) = (0, Vec::new(), Vec::new());
        while after < head(store) {
            let page = Blocking(store).facts(after, size).expect("reads");
            let list = Blocking(store).events(after, size).expect("reads");
            let last = page.last_position().expect("a page is empty at the head only");
            assert!(last - after <= size as u64);
            assert_eq!(list.last().map(|event| event.position), Some(last));
            some_facts.extend(rows(&page));
            some_events.extend(list);
            after = last;
        }
        assert_eq!((&some_facts, &some_events), (&all_facts, &all_events), "pages of {size}");
    }
    for after in [head(store), head(store) + 1, u64::MAX] {
        assert!(Blocking(store).facts(after, 10).expect("reads").is_empty());
        assert!(Blocking(store).events(after, 10).expect("reads").is_empty());
    }
    assert!(Blocking(store).facts(0, 0).expect("reads").is_empty());
    assert!(Blocking(store).events(0, 0).expect("reads").is_empty());
}

/// In pages of any size, up to every position that was sealed once.
pub(super) fn facts_by_lead_are_those_of_the_log(store: &dyn EventStore) {
    let mut sealed = vec![Blocking(store).sealed().expect("reads")];
    let mut runs = Blocking(store).runs().expect("reads");
    fill(store);
    sealed.push(Blocking(store).sealed().expect("reads"));
    runs.extend(Blocking(store).runs().expect("reads"));
    append(store, vec![captured(9_001, "late", "x"), captured(9_002, "A", "x")]);
    sealed.push(Blocking(store).sealed().expect("reads"));
    let last = Blocking(store).runs().expect("reads");
    let ends: Vec<u64> = last.iter().flat_map(|run| [*run.start(), *run.end() + 1]).collect();
    assert!(ends.first().is_none_or(|first| *first == 1), "runs begin at 1: {last:?}");
    assert!(ends[..].chunks(2).all(|run| run[0] < run[1]), "runs have events: {last:?}");
    assert!(ends.get(1..).is_none_or(|ends| ends.chunks_exact(2).all(|meet| meet[0] == meet[1])));
    assert_eq!(ends.last().map_or(0, |end| end - 1), sealed[2], "runs are all that is sealed");
    assert!(sealed.is_sorted() && sealed[2] <= head(store), "sealed {sealed:?}");
    let beginnings = sealed.into_iter().map(|until| 1..=until);
    let log = LeadFacts::of(&[&facts(store)]);
    for positions in beginnings.chain(runs).chain(last) {
        let mut expected = log.clone();
        expected.keep_positions(&positions);
        for size in [1, 2, 7, 41, 10_000] {
            let (mut found, mut from) = (Vec::new(), Some(LeadIndex(0)));
            while let Some(lead) = from {
                let positions = positions.clone();
                let page = Blocking(store).lead_facts(lead, positions, size).expect("reads");
                found.extend(rows(page.facts()));
                from = page.last_lead().and_then(|last| last.0.checked_add(1)).map(LeadIndex);
            }
            assert_eq!(found, rows(expected.facts()), "pages of {size} of {positions:?}");
        }
    }
}

pub(super) fn linked_leads_are_all_that_merges_name_or_none(store: &dyn EventStore) {
    fill(store);
    let mut expected = BTreeSet::new();
    for fact in rows(&facts(store)) {
        if matches!(fact.kind, Kind::Merged | Kind::Unmerged) {
            expected.extend([fact.lead, LeadIndex(fact.a.0)]);
        }
    }
    assert!(!expected.is_empty(), "the log has merges");
    let found = Blocking(store).linked().expect("reads");
    assert!(found.is_empty() || found.iter().eq(&expected), "{found:?} are not {expected:?}");
}

pub(super) fn leads_are_numbered_as_the_log_names_them(store: &dyn EventStore) {
    let batch = vec![captured(1, "B", "x"), merged(2, "B", "Z"), captured(3, "A", "x")];
    append(store, batch);
    let leads = Blocking(store).leads(LeadIndex(0), 10).expect("reads");
    let list: Vec<_> = leads.iter().map(|e| (e.index.0, e.key.as_str(), e.sequence)).collect();
    assert_eq!(list, [(0, "B", 2), (1, "Z", 0), (2, "A", 1)]);
    for entry in &leads {
        assert_eq!(Blocking(store).lead(entry.id).expect("reads").as_ref(), Some(entry));
    }
    assert_eq!(Blocking(store).leads(LeadIndex(1), 1).expect("reads"), leads[1..2]);
    assert!(Blocking(store).leads(LeadIndex(3), 5).expect("reads").is_empty());
    append(store, vec![captured(4, "Z", "x")]);
    assert_eq!(Blocking(store).leads(LeadIndex(1), 1).expect("reads")[0].sequence, 1);
}

pub(super) fn leads_of_one_key_are_found_by_it(store: &dyn EventStore) {
    let of = |id, lead: &str, origin: &str| {
        event(id, lead, &format!("\"type\":\"reopened\",{origin}\"data\":{{}}"))
    };
    let (crm, north) = ("\"origin\":{\"system\":\"crm\"},", "\"tenant\":\"north\",");
    let uuid = UUID;
    append(store, vec![of(1, "17", crm), of(2, "18", crm), of(3, "17", "")]);
    // A lead that is only named counts too, and so does one of the same text in other letters.
    append(store, vec![merged(4, "18", "É17"), of(5, "17", north), of(6, uuid, crm)]);
    let found = |key: &str| {
        let key = key.parse().expect("a sound key");
        let found = Blocking(store).leads_by_key(&key).expect("reads");
        for entry in &found {
            assert_eq!(Blocking(store).lead(entry.id).expect("reads").as_ref(), Some(entry));
        }
        found.iter().map(|entry| (entry.index.0, entry.sequence)).collect::<Vec<_>>()
    };
    assert_eq!(found("17"), [(0, 1), (2, 1), (5, 1)]);
    assert_eq!(found("18"), [(1, 1), (3, 1)]);
    assert_eq!(found("É17"), [(4, 0)]);
    assert_eq!(found(uuid), [(6, 1)]);
    for unknown in ["1", "177", "é17", "%", &uuid.to_lowercase()] {
        assert_eq!(found(unknown), [], "{unknown}");
    }
}

pub(super) fn lead_has_the_key_that_its_first_event_wrote(store: &dyn EventStore) {
    let (large, small) = (UUID, &*UUID.to_lowercase());
    append(store, vec![captured(1, "other", "x")]);
    let singly = |events| Append { mode: Mode::RefuseSingly, ..Append::new(events, NOW) };
    // The log has the first with other content, and the third is no twin of the second.
    let batch = [(1, large), (2, "other"), (2, large), (3, small), (4, large), (5, small)];
    let batch = batch.map(|(id, lead)| captured(id, lead, "y"));
    let merge = merged(6, large, small);
    let all = singly(batch.into_iter().chain([merge]).collect());
    let outcomes = Blocking(store).append(all).expect("it is an import").outcomes;
    assert!([0, 2].iter().all(|refused| matches!(outcomes[*refused], Outcome::Refused(_))));
    assert_eq!(outcomes[3..], [added(3, 1), added(4, 2), added(5, 3), added(6, 4)]);
    let lead = Blocking(store).lead(lead_id(large)).expect("reads").expect("it is known");
    assert_eq!((lead.index.0, lead.key.as_str(), lead.sequence), (1, small, 4));
    assert_eq!(Blocking(store).leads(LeadIndex(0), 10).expect("reads").len(), 2);
    assert_eq!(Blocking(store).family(&[lead.index]).expect("reads"), [lead.index]);
    let fact = rows(&facts(store)).pop().expect("the merge has a fact");
    assert_eq!((fact.lead, LeadIndex(fact.a.0)), (lead.index, lead.index));
}

pub(super) fn lead_events_come_in_their_sequence(store: &dyn EventStore) {
    fill(store);
    let all = events(store);
    for key in ["L1", "L7", "L59"] {
        let found = Blocking(store).lead_events(index_of(store, key)).expect("reads");
        let is_of = |event: &&RecordedEvent| event.event.lead_id() == Some(lead_id(key));
        let expected: Vec<_> = all.iter().filter(is_of).cloned().collect();
        assert_eq!(found, expected);
        assert!(found.iter().map(|event| event.sequence).eq(1..=found.len() as u64));
    }
    let loose = Blocking(store).lead_events(LeadIndex::NONE).expect("reads");
    assert_eq!(loose.len(), 29);
    assert!(Blocking(store).lead_events(LeadIndex(9_999)).expect("reads").is_empty());
}

pub(super) fn history_is_what_the_facts_have_of_the_leads(store: &dyn EventStore) {
    fill(store);
    let all = facts(store);
    let leads = Blocking(store).leads(LeadIndex(0), 1_000).expect("reads");
    let mut asked: Vec<Vec<LeadIndex>> = leads.iter().map(|entry| vec![entry.index]).collect();
    asked.push(vec![LeadIndex(7), LeadIndex(3), LeadIndex(7)]);
    asked.push(vec![LeadIndex::NONE]);
    asked.push(vec![LeadIndex::NONE, LeadIndex(5), LeadIndex(9_999)]);
    asked.push(leads.iter().map(|entry| entry.index).collect());
    for leads in asked {
        let mut expected = Facts::default();
        expected.extend_filtered(&all, |lead| leads.contains(&lead));
        assert_eq!(Blocking(store).history(&leads).expect("reads"), expected, "{leads:?}");
    }
    assert!(Blocking(store).history(&[]).expect("reads").is_empty());
}

pub(super) fn family_is_all_that_merges_ever_connected(store: &dyn EventStore) {
    let unmerged = event(4, "B", "\"type\":\"unmerged\",\"data\":{\"from\":\"A\"}");
    append(store, vec![captured(1, "X", "x"), merged(2, "B", "A"), merged(3, "C", "B"), unmerged]);
    append(store, vec![merged(5, "D", "E"), replaced(6, "D", 5, "{\"into\":\"C\"}")]);
    let index = |key| index_of(store, key);
    let mut family = ["A", "B", "C", "D", "E"].map(index).to_vec();
    family.sort_unstable();
    for key in ["A", "C", "E"] {
        assert_eq!(Blocking(store).family(&[index(key)]).expect("reads"), family);
    }
    assert_eq!(Blocking(store).family(&[index("X")]).expect("reads"), [index("X")]);
    let both = Blocking(store).family(&[index("X"), index("D"), index("X")]).expect("reads");
    assert_eq!(both.len(), 6);
    assert!(both.is_sorted());
    assert!(Blocking(store).family(&[]).expect("reads").is_empty());
}

pub(super) fn strings_have_dense_codes(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "ads"), captured(2, "B", "ads"), captured(3, "C", "fair")]);
    let count = Blocking(store).string_count().expect("reads");
    let codes: Vec<_> = (0..=count).map(Code).collect();
    let texts = Blocking(store).strings(&codes).expect("reads");
    assert_eq!(texts, ["", "ads", "fair"]);
    assert_eq!(Blocking(store).code("fair").expect("reads"), Some(Code(2)));
    assert_eq!(Blocking(store).code("no").expect("reads"), None);
    let swapped = Blocking(store).strings(&[Code(2), Code(1), Code(2)]).expect("reads");
    assert_eq!(swapped, ["fair", "ads", "fair"]);
    let error = Blocking(store).strings(&[Code(3)]).expect_err("there are two");
    assert_eq!(error.kind(), StoreErrorKind::NotFound);
}

pub(super) fn event_ids_come_in_the_order_asked(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    let ids = Blocking(store).event_ids(&[3, 1, 3]).expect("reads");
    assert_eq!(ids, [event_id(3), event_id(1), event_id(3)]);
    for position in [0, 4, u64::MAX] {
        let error = Blocking(store).event_ids(&[1, position]).expect_err("there are three");
        assert_eq!(error.kind(), StoreErrorKind::NotFound);
    }
}

pub(super) fn unknown_events_survive(store: &dyn EventStore) {
    let unknown = event(1, "A", "\"type\":\"danced\",\"data\":{\"a\": [1,  2]},\"mood\":\"good\"");
    let newer = event(2, "A", "\"type\":\"captured\",\"v\":9,\"data\":{\"b\":1}");
    let loose = event(3, "-", "\"type\":\"weather\"");
    let all = vec![unknown, newer, loose];
    append(store, all.clone());
    let found: Vec<_> = events(store).into_iter().map(|event| event.event).collect();
    assert_eq!(found, all.into_iter().map(|event| event.event).collect::<Vec<_>>());
}

pub(super) fn store_declares_what_it_can_do(store: &dyn EventStore) {
    let declared = store.capabilities();
    fill(store);
    assert_eq!(store.capabilities(), declared);
    let until = Blocking(store).sealed().expect("reads");
    let by_lead = Blocking(store).lead_facts(LeadIndex(0), 1..=until, 1_000).expect("reads");
    assert!(declared.reads_by_lead || (until == 0 && by_lead.facts().is_empty()), "{declared:?}");
}

pub(super) fn nothing_is_damaged(store: &dyn EventStore) {
    fill(store);
    let mut last = (0, 0);
    let damages = Blocking(store).verify(&mut |done, total| last = (done, total));
    assert_eq!(damages.expect("reads"), []);
    assert_eq!(last, (head(store), head(store)), "progress ends at the head");
}
