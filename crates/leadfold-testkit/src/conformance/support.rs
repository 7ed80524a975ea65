//! Events for clauses, and what clauses ask of a store again and again. For an adapter's own
//! tests, too.

use leadfold_core::event::{EventLine, NewEvent, RecordedEvent};
use leadfold_core::{EventId, Fact, Facts, LeadId, LeadIndex, Timestamp};
use leadfold_store::{Append, Blocking, EventStore, Outcome};
use uuid::Uuid;

/// The time of all appends of clauses.
pub const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// A key that is a UUID: in small letters it is the same lead's.
pub const UUID: &str = "018D6390-F5A0-7000-8000-000000000002";

/// An event of a lead (`-`: none) from the rest of its line.
///
/// # Panics
/// Where that is no sound line.
pub fn event(id: u64, lead: &str, rest: &str) -> NewEvent {
    let lead = if lead == "-" { String::new() } else { format!("\"lead\":\"{lead}\",") };
    let at = "2024-02-01T09:00:00Z";
    let line = format!("{{{lead}\"occurred_at\":\"{at}\",{rest}}}");
    let line = EventLine::parse(line.as_bytes()).expect("a clause writes sound lines");
    NewEvent { id: event_id(id), recorded_at: None, event: line.event }
}

/// Ids that do not sort as their numbers do.
pub fn event_id(id: u64) -> EventId {
    EventId(Uuid::from_u64_pair(id.wrapping_mul(0x9e37_79b9_7f4a_7c15), id))
}

/// The identity of a lead of the default tenant.
pub fn lead_id(key: &str) -> LeadId {
    LeadId::of("default", "", &key.parse().expect("a clause writes sound keys"))
}

/// A lead that comes from a source.
pub fn captured(id: u64, lead: &str, source: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"captured\",\"data\":{{\"source\":\"{source}\"}}"))
}

/// A lead that is lost for a reason.
pub fn lost(id: u64, lead: &str, reason: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"lost\",\"data\":{{\"reason\":\"{reason}\"}}"))
}

/// A lead that is merged into another.
pub fn merged(id: u64, lead: &str, into: &str) -> NewEvent {
    event(id, lead, &format!("\"type\":\"merged\",\"data\":{{\"into\":\"{into}\"}}"))
}

/// A cost, which is of no lead.
pub fn cost(id: u64) -> NewEvent {
    let data = "\"scope\":{\"source\":\"ads\"},\"from\":\"2024-01-01\",\"to\":\"2024-02-01\",\
                \"amount\":100,\"currency\":\"EUR\"";
    event(id, "-", &format!("\"type\":\"cost_recorded\",\"data\":{{{data}}}"))
}

/// A correction that takes an event back, of a lead (`-`: none).
pub fn retracted(id: u64, lead: &str, target: u64) -> NewEvent {
    let target = event_id(target);
    let data = format!("\"target\":\"{target}\",\"action\":\"retract\",\"reason\":\"mistake\"");
    event(id, lead, &format!("\"type\":\"corrected\",\"data\":{{{data}}}"))
}

/// A correction that gives an event other data, in JSON.
pub fn replaced(id: u64, lead: &str, target: u64, with: &str) -> NewEvent {
    let target = event_id(target);
    let data = format!(
        "\"target\":\"{target}\",\"action\":\"replace\",\"reason\":\"mistake\",\"data\":{with}"
    );
    event(id, lead, &format!("\"type\":\"corrected\",\"data\":{{{data}}}"))
}

/// A log whose lead `C` has the number 3. The first lowering gave it 4: in the correction of a merge
/// it named a lead of no system, where later ones name `X`, which has a number already. Behind that
/// are corrections of `C`, behind what they name and before, also far away, and leads whose numbers
/// were one too high as well.
pub fn renumbered() -> Vec<NewEvent> {
    let crm = |data: &str| format!("\"origin\":{{\"system\":\"crm\"}},{data}");
    let of_crm = |id, lead| event(id, lead, &crm("\"type\":\"captured\",\"data\":{}"));
    let mut all = vec![
        of_crm(1, "X"),
        of_crm(2, UUID),
        of_crm(3, "B"),
        event(4, UUID, &crm("\"type\":\"merged\",\"data\":{\"into\":\"B\"}")),
        replaced(5, UUID, 4, "{\"into\":\"X\"}"),
        lost(6, "C", "price"),
        replaced(7, "C", 6, "{\"reason\":\"other\"}"),
        retracted(8, "C", 9),
        lost(9, "C", "late"),
        retracted(10, "C", 20_003),
    ];
    all.extend((11..=20_000).map(|n| captured(n, &format!("D{}", n % 200), "x")));
    all.extend([
        replaced(20_001, "C", 6, "{\"reason\":\"price\"}"),
        retracted(20_002, "D7", 207),
        lost(20_003, "C", "late"),
    ]);
    all
}

/// A log of corrections behind what they name and before it, of which one names what another lead
/// has.
pub fn corrected() -> Vec<NewEvent> {
    vec![
        captured(1, "L1", "x"),
        replaced(2, "L1", 1, "{\"source\":\"y\"}"),
        retracted(3, "L1", 6),
        captured(4, "L2", "x"),
        replaced(5, "L2", 7, "{\"reason\":\"price\"}"),
        lost(6, "L1", "late"),
        lost(7, "L2", "late"),
        retracted(8, "L1", 6),
        retracted(9, "L2", 2),
        captured(10, "L1", "z"),
        cost(11),
        retracted(12, "L2", 4),
    ]
}

/// Appends events without expectations.
///
/// # Panics
/// Where the store refuses or fails, and where it does not say where the log ends.
pub fn append(store: &dyn EventStore, events: Vec<NewEvent>) -> Vec<Outcome> {
    let appended = Blocking(store).append(Append::new(events, NOW)).expect("the append is sound");
    assert_eq!(appended.head, head(store), "an append says where the log ends");
    appended.outcomes
}

/// The position of the last event.
///
/// # Panics
/// Where the store fails, as all reads here do.
pub fn head(store: &dyn EventStore) -> u64 {
    Blocking(store).head().expect("the head reads")
}

/// All events.
///
/// # Panics
/// Where the store fails.
pub fn events(store: &dyn EventStore) -> Vec<RecordedEvent> {
    Blocking(store).events(0, usize::MAX).expect("the events read")
}

/// All facts.
///
/// # Panics
/// Where the store fails.
pub fn facts(store: &dyn EventStore) -> Facts {
    Blocking(store).facts(0, usize::MAX).expect("the facts read")
}

/// Facts as rows.
pub fn rows(facts: &Facts) -> Vec<Fact> {
    facts.rows().collect()
}

/// The number of a lead that the log knows.
///
/// # Panics
/// Where the store fails or does not know it.
pub fn index_of(store: &dyn EventStore, key: &str) -> LeadIndex {
    Blocking(store).lead(lead_id(key)).expect("the lead reads").expect("the lead is known").index
}

/// What becomes of a new event.
pub fn added(position: u64, sequence: u64) -> Outcome {
    Outcome::Appended { position, sequence }
}

/// What becomes of an event that the log has.
pub fn duplicate(position: u64, sequence: u64) -> Outcome {
    Outcome::Duplicate { position, sequence }
}

/// A log of some length: three hundred events of sixty leads, with all that is special.
pub fn fill(store: &dyn EventStore) {
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
