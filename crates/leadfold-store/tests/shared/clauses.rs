//! What every store must do, clause by clause. Written once; run on each store, and on broken
//! stores that it must catch.

use leadfold_core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold_core::machine::Kind;
use leadfold_core::{Code, EventId, Fact, Facts, LeadId, LeadIndex, Timestamp};
use leadfold_store::{
    Append, AppendError, Blocking, EventStore, IdempotencyConflict, Outcome, StoreErrorKind,
    VersionConflict,
};
use uuid::Uuid;

/// A clause: it is given an empty store, and panics if the store breaks it.
pub(crate) type Clause = (&'static str, fn(&dyn EventStore));

/// A list of functions under their names.
macro_rules! clauses {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name as fn(&dyn EventStore))),*] };
}

/// All clauses.
pub(crate) const CLAUSES: &[Clause] = clauses![
    empty_log_has_nothing,
    empty_append_succeeds_and_changes_nothing,
    positions_and_sequences_have_no_gaps,
    recorded_at_is_the_events_own_or_the_appends,
    repeated_event_is_a_duplicate_and_changes_nothing,
    other_content_under_one_id_refuses_the_batch,
    other_content_under_one_id_is_refused_singly_on_import,
    twins_in_one_batch_are_one_event,
    different_twins_in_one_batch_are_a_conflict,
    stale_expectation_is_refused_and_changes_nothing,
    expectation_of_the_right_sequence_is_accepted,
    retried_command_succeeds_although_its_expectation_is_stale,
    event_that_does_not_read_back_is_refused,
    pages_of_any_size_say_the_same,
    leads_are_numbered_as_the_log_names_them,
    lead_events_come_in_their_sequence,
    history_is_what_the_facts_have_of_the_leads,
    family_is_all_that_merges_ever_connected,
    strings_have_dense_codes,
    event_ids_come_in_the_order_asked,
    correction_finds_its_target_in_its_own_stream_only,
    correction_finds_its_target_in_its_own_batch,
    early_correction_works_when_its_target_arrives,
    unknown_events_survive,
    nothing_is_damaged,
];

/// Runs all clauses, each on a store of its own.
pub(crate) fn run_all(mut store: impl FnMut() -> Box<dyn EventStore>) {
    for (name, clause) in CLAUSES {
        println!("clause {name}");
        clause(&*store());
    }
}

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// An event of a lead (`-`: none) from the rest of its line.
pub(crate) fn event(id: u64, lead: &str, rest: &str) -> NewEvent {
    let lead = if lead == "-" { String::new() } else { format!("\"lead\":\"{lead}\",") };
    let at = "2024-02-01T09:00:00Z";
    let line = format!("{{{lead}\"occurred_at\":\"{at}\",{rest}}}");
    let line = EventLine::parse(line.as_bytes()).expect("a clause writes sound lines");
    NewEvent { id: event_id(id), recorded_at: None, event: line.event }
}

/// Ids that do not sort as their numbers do.
pub(crate) fn event_id(id: u64) -> EventId {
    EventId(Uuid::from_u64_pair(id.wrapping_mul(0x9e37_79b9_7f4a_7c15), id))
}

fn lead_id(key: &str) -> LeadId {
    LeadId::of("default", "", &key.parse().expect("a clause writes sound keys"))
}

fn captured(id: u64, lead: &str, source: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"captured\",\"data\":{{\"source\":\"{source}\"}}"))
}

fn lost(id: u64, lead: &str, reason: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"lost\",\"data\":{{\"reason\":\"{reason}\"}}"))
}

fn merged(id: u64, lead: &str, into: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"merged\",\"data\":{{\"into\":\"{into}\"}}"))
}

fn cost(id: u64) -> NewEvent {
    let data = "\"scope\":{\"source\":\"ads\"},\"from\":\"2024-01-01\",\"to\":\"2024-02-01\",\
                \"amount\":100,\"currency\":\"EUR\"";
    event(id, "-", &format!("\"type\":\"cost_recorded\",\"data\":{{{data}}}"))
}

fn retracted(id: u64, lead: &str, target: u64) -> NewEvent {
    let target = event_id(target);
    let data = format!("\"target\":\"{target}\",\"action\":\"retract\",\"reason\":\"mistake\"");
    event(id, lead, &format!("\"type\":\"corrected\",\"data\":{{{data}}}"))
}

fn replaced(id: u64, lead: &str, target: u64, with: &str) -> NewEvent {
    let target = event_id(target);
    let data = format!(
        "\"target\":\"{target}\",\"action\":\"replace\",\"reason\":\"mistake\",\"data\":{with}"
    );
    event(id, lead, &format!("\"type\":\"corrected\",\"data\":{{{data}}}"))
}

fn append(store: &dyn EventStore, events: Vec<NewEvent>) -> Vec<Outcome> {
    let appended = Blocking(store).append(Append::new(events, NOW)).expect("the append is sound");
    assert_eq!(appended.head, head(store), "an append says where the log ends");
    appended.outcomes
}

fn head(store: &dyn EventStore) -> u64 {
    Blocking(store).head().expect("the head reads")
}

fn events(store: &dyn EventStore) -> Vec<RecordedEvent> {
    Blocking(store).events(0, usize::MAX).expect("the events read")
}

fn facts(store: &dyn EventStore) -> Facts {
    Blocking(store).facts(0, usize::MAX).expect("the facts read")
}

/// Facts as rows.
pub(crate) fn rows(facts: &Facts) -> Vec<Fact> {
    (0..facts.len()).map(|index| facts.row(index)).collect()
}

fn index_of(store: &dyn EventStore, key: &str) -> LeadIndex {
    Blocking(store).lead(lead_id(key)).expect("the lead reads").expect("the lead is known").index
}

fn added(position: u64, sequence: u64) -> Outcome {
    Outcome::Appended { position, sequence }
}

fn duplicate(position: u64, sequence: u64) -> Outcome {
    Outcome::Duplicate { position, sequence }
}

fn empty_log_has_nothing(store: &dyn EventStore) {
    let blocking = Blocking(store);
    assert_eq!(head(store), 0);
    assert!(facts(store).is_empty());
    assert!(events(store).is_empty());
    assert_eq!(blocking.lead(lead_id("A")).expect("reads"), None);
    assert!(blocking.leads(LeadIndex(0), 10).expect("reads").is_empty());
    assert!(blocking.lead_events(LeadIndex(0)).expect("reads").is_empty());
    assert!(blocking.lead_events(LeadIndex::NONE).expect("reads").is_empty());
    assert!(blocking.history(&[LeadIndex(0), LeadIndex::NONE]).expect("reads").is_empty());
    assert_eq!(blocking.string_count().expect("reads"), 0);
    assert_eq!(blocking.code("ads").expect("reads"), None);
}

fn empty_append_succeeds_and_changes_nothing(store: &dyn EventStore) {
    assert!(append(store, Vec::new()).is_empty());
    assert_eq!(head(store), 0);
}

fn positions_and_sequences_have_no_gaps(store: &dyn EventStore) {
    let first = append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    assert_eq!(first, [added(1, 1), added(2, 1), added(3, 0)]);
    let second = append(store, vec![lost(4, "A", "x"), cost(5), lost(6, "A", "y")]);
    assert_eq!(second, [added(4, 2), added(5, 0), added(6, 3)]);
    let places: Vec<_> = events(store).iter().map(|e| (e.position, e.sequence)).collect();
    assert_eq!(places, [(1, 1), (2, 1), (3, 0), (4, 2), (5, 0), (6, 3)]);
    assert_eq!(head(store), 6);
}

fn recorded_at_is_the_events_own_or_the_appends(store: &dyn EventStore) {
    let own = Timestamp::from_micros(5);
    let events_in =
        vec![captured(1, "A", "x"), NewEvent { recorded_at: Some(own), ..lost(2, "A", "x") }];
    append(store, events_in);
    let times: Vec<_> = events(store).iter().map(|event| event.recorded_at).collect();
    assert_eq!(times, [NOW, own]);
    assert_eq!(rows(&facts(store))[0].recorded_at, NOW.micros());
}

fn repeated_event_is_a_duplicate_and_changes_nothing(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    let before = (events(store), facts(store));
    let later = NewEvent { recorded_at: Some(Timestamp::from_micros(9)), ..lost(2, "A", "x") };
    assert_eq!(
        append(store, vec![later, captured(1, "A", "x")]),
        [duplicate(2, 2), duplicate(1, 1)]
    );
    assert_eq!((events(store), facts(store)), before);
    let mixed = append(store, vec![captured(1, "A", "x"), captured(3, "B", "x")]);
    assert_eq!(mixed, [duplicate(1, 1), added(3, 1)]);
}

fn other_content_under_one_id_refuses_the_batch(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let batch = vec![captured(2, "NEW", "new"), captured(1, "A", "other")];
    let error = Blocking(store).append(Append::new(batch, NOW)).expect_err("it conflicts");
    let expected = IdempotencyConflict { index: 1, id: event_id(1), position: Some(1) };
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found == expected));
    assert_eq!(head(store), 1, "nothing was appended");
    assert_eq!(Blocking(store).lead(lead_id("NEW")).expect("reads"), None, "no lead was named");
    assert_eq!(Blocking(store).code("new").expect("reads"), None, "no string was taken in");
    assert_eq!(append(store, vec![captured(2, "NEW", "new")]), [added(2, 1)], "its id is free");
}

fn other_content_under_one_id_is_refused_singly_on_import(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let batch = vec![lost(2, "A", "x"), captured(1, "A", "other"), lost(3, "A", "y")];
    let append = Append::new(batch, NOW).refusing_singly();
    let appended = Blocking(store).append(append).expect("the others go in");
    let refused = IdempotencyConflict { index: 1, id: event_id(1), position: Some(1) };
    assert_eq!(appended.outcomes, [added(2, 2), Outcome::Refused(refused), added(3, 3)]);
    assert_eq!(events(store).len(), 3);
    assert_eq!(events(store)[0].event, captured(1, "A", "x").event, "the first stays");
}

fn twins_in_one_batch_are_one_event(store: &dyn EventStore) {
    let batch = vec![captured(1, "A", "x"), lost(2, "A", "x"), captured(1, "A", "x")];
    assert_eq!(append(store, batch), [added(1, 1), added(2, 2), duplicate(1, 1)]);
    assert_eq!(head(store), 2);
}

fn different_twins_in_one_batch_are_a_conflict(store: &dyn EventStore) {
    let batch = vec![lost(2, "A", "x"), captured(1, "A", "x"), captured(1, "A", "y")];
    let error = Blocking(store).append(Append::new(batch.clone(), NOW)).expect_err("it conflicts");
    let expected = IdempotencyConflict { index: 2, id: event_id(1), position: None };
    assert!(matches!(error, AppendError::IdempotencyConflict(found) if found == expected));
    assert_eq!(head(store), 0);

    let append = Append::new(batch, NOW).refusing_singly();
    let appended = Blocking(store).append(append).expect("the first of them goes in");
    let refused = IdempotencyConflict { index: 2, id: event_id(1), position: Some(2) };
    assert_eq!(appended.outcomes, [added(1, 1), added(2, 2), Outcome::Refused(refused)]);
}

fn stale_expectation_is_refused_and_changes_nothing(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), lost(2, "A", "x")]);
    for (key, expected, actual) in [("A", 1, 2), ("A", 3, 2), ("B", 1, 0)] {
        let stale = Append::new(vec![captured(3, "B", "new")], NOW)
            .expecting(lead_id("A"), 2)
            .expecting(lead_id(key), expected)
            .refusing_singly();
        let error = Blocking(store).append(stale).expect_err("it is stale");
        let conflict = VersionConflict { lead: lead_id(key), expected, actual };
        assert!(matches!(error, AppendError::VersionConflict(found) if found == conflict));
        assert_eq!(head(store), 2);
        assert_eq!(Blocking(store).lead(lead_id("B")).expect("reads"), None);
    }
}

fn expectation_of_the_right_sequence_is_accepted(store: &dyn EventStore) {
    let first = Append::new(vec![captured(1, "A", "x")], NOW).expecting(lead_id("A"), 0);
    Blocking(store).append(first).expect("the lead has no event");
    let second = Append::new(vec![lost(2, "A", "x")], NOW)
        .expecting(lead_id("A"), 1)
        .expecting(lead_id("B"), 0);
    assert_eq!(Blocking(store).append(second).expect("the lead has one event").head, 2);
}

fn retried_command_succeeds_although_its_expectation_is_stale(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x")]);
    let command = Append::new(vec![lost(2, "A", "x")], NOW).expecting(lead_id("A"), 1);
    Blocking(store).append(command.clone()).expect("the first try");
    let again = Blocking(store).append(command).expect("the second try");
    assert_eq!(again.outcomes, [duplicate(2, 2)]);
    let half = Append::new(vec![lost(2, "A", "x"), lost(3, "A", "y")], NOW);
    let error = Blocking(store).append(half.expecting(lead_id("A"), 1)).expect_err("one is new");
    assert!(error.is_conflict());
    assert_eq!(head(store), 2);
}

fn event_that_does_not_read_back_is_refused(store: &dyn EventStore) {
    let mut wrong = captured(2, "A", "x");
    wrong.event.version = 7;
    let batch = vec![captured(1, "A", "x"), wrong];
    let error = Blocking(store).append(Append::new(batch, NOW)).expect_err("it is not valid");
    assert!(matches!(error, AppendError::Invalid(invalid) if invalid.index == 1));
    assert_eq!(head(store), 0);
}

/// A log of some length: three hundred events of sixty leads, with all that is special.
pub(crate) fn fill(store: &dyn EventStore) {
    let lead = |n: u64| format!("L{}", n * 7 % 60);
    let mut all: Vec<_> = (1..=290)
        .map(|n| match n % 10 {
            0 => cost(n),
            1 => captured(n, &lead(n), &format!("source {}", n % 7)),
            2 => event(
                n,
                &lead(n),
                "\"type\":\"scored\",\"data\":{\"model\":\"m\",\"model_version\":1,\"total\":2.5}",
            ),
            3 => retracted(n, &lead(n), n - 1),
            4 => retracted(n, &lead(n), n + 60),
            5 => replaced(n, &lead(n), n - 60 * (n / 60), "{\"source\":\"replaced\"}"),
            _ => lost(n, &lead(n), &format!("reason {}", n % 3)),
        })
        .collect();
    all.extend([merged(291, "L1", "L2"), merged(292, "L3", "ELSEWHERE"), captured(293, "L2", "z")]);
    for batch in all.chunks(41) {
        append(store, batch.to_vec());
    }
}

fn pages_of_any_size_say_the_same(store: &dyn EventStore) {
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

fn leads_are_numbered_as_the_log_names_them(store: &dyn EventStore) {
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

fn lead_events_come_in_their_sequence(store: &dyn EventStore) {
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

fn history_is_what_the_facts_have_of_the_leads(store: &dyn EventStore) {
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

fn family_is_all_that_merges_ever_connected(store: &dyn EventStore) {
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

fn strings_have_dense_codes(store: &dyn EventStore) {
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

fn event_ids_come_in_the_order_asked(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    let ids = Blocking(store).event_ids(&[3, 1, 3]).expect("reads");
    assert_eq!(ids, [event_id(3), event_id(1), event_id(3)]);
    for position in [0, 4, u64::MAX] {
        let error = Blocking(store).event_ids(&[1, position]).expect_err("there are three");
        assert_eq!(error.kind(), StoreErrorKind::NotFound);
    }
}

/// Target positions of all corrections, 0 where there is none.
fn targets(store: &dyn EventStore) -> Vec<i64> {
    let facts = rows(&facts(store));
    facts.iter().filter(|fact| fact.kind == Kind::Corrected).map(|fact| fact.x).collect()
}

fn correction_finds_its_target_in_its_own_stream_only(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), captured(2, "B", "x"), cost(3)]);
    append(store, vec![retracted(4, "A", 1), retracted(5, "A", 2), retracted(6, "-", 3)]);
    append(store, vec![retracted(7, "-", 1), retracted(8, "A", 3), retracted(9, "A", 9)]);
    append(store, vec![retracted(10, "A", 4), retracted(11, "A", 99)]);
    assert_eq!(targets(store), [1, 0, 3, 0, 0, 0, 4, 0]);
}

fn correction_finds_its_target_in_its_own_batch(store: &dyn EventStore) {
    append(store, vec![captured(1, "A", "x"), retracted(2, "A", 1), retracted(3, "A", 2)]);
    assert_eq!(targets(store), [1, 2]);
    append(store, vec![retracted(4, "A", 5), lost(5, "A", "x"), retracted(6, "A", 5)]);
    assert_eq!(targets(store), [1, 2, 0, 5], "the order of the batch counts");
}

fn early_correction_works_when_its_target_arrives(store: &dyn EventStore) {
    let wrong_stream = retracted(2, "B", 9);
    append(store, vec![retracted(1, "A", 9), wrong_stream]);
    append(store, vec![replaced(3, "A", 9, "{\"reason\":\"price\"}"), lost(9, "A", "x")]);
    append(store, vec![captured(4, "A", "x")]);
    let facts = rows(&facts(store));
    let amendments: Vec<_> = (facts.iter().filter(|fact| fact.kind == Kind::Amendment))
        .map(|fact| (fact.position, fact.x))
        .collect();
    assert_eq!(amendments, [(4, 1), (4, 3)], "the target knows what came before it");
    let price = Blocking(store).code("price").expect("reads").expect("it was taken in");
    assert!(facts.iter().any(|fact| fact.position == 4 && fact.b == price));
}

fn unknown_events_survive(store: &dyn EventStore) {
    let unknown = event(1, "A", "\"type\":\"danced\",\"data\":{\"a\": [1,  2]},\"mood\":\"good\"");
    let newer = event(2, "A", "\"type\":\"captured\",\"v\":9,\"data\":{\"b\":1}");
    let loose = event(3, "-", "\"type\":\"weather\"");
    let all = vec![unknown, newer, loose];
    append(store, all.clone());
    let found: Vec<_> = events(store).into_iter().map(|event| event.event).collect();
    assert_eq!(found, all.into_iter().map(|event| event.event).collect::<Vec<_>>());
}

fn nothing_is_damaged(store: &dyn EventStore) {
    fill(store);
    let mut last = (0, 0);
    let damages = Blocking(store).verify(&mut |done, total| last = (done, total));
    assert_eq!(damages.expect("reads"), []);
    assert_eq!(last, (head(store), head(store)), "progress ends at the head");
}
