//! What a file of the corpus becomes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use leadfold_core::event::{EventLine, NewEvent};
use leadfold_core::routing::{QueueSpec, RoutingSpec};
use leadfold_core::{
    Bounds, Code, FOLD, Facts, Fold, Illegal, LOWERING, Pipeline, Playbook, Rules, Timestamp,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use uuid::Uuid;

/// The files, without their endings.
pub(super) const FILES: [&str; 6] =
    ["corrections", "deals", "every_type", "every_word", "histories", "unknown"];

pub(super) fn path(file: &str, ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(format!("{file}.{ending}"))
}

pub(super) fn text(file: &str, ending: &str) -> String {
    let path = path(file, ending);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn events(file: &str) -> Vec<NewEvent> {
    let text = text(file, "ndjson");
    let event = |line: &str| match EventLine::parse(line.as_bytes()) {
        Ok(line) => line.identify(|_| 0),
        Err(error) => panic!("{file}.ndjson: an old log does not read any more: {error}\n{line}"),
    };
    text.lines().map(event).collect()
}

/// A log of events that were known at once.
pub(super) fn log(events: Vec<NewEvent>) -> Blocking<MemoryStore> {
    let store = Blocking(MemoryStore::new());
    let now: Timestamp = "2030-01-01".parse().expect("a date");
    store.append(Append::new(events, now)).expect("each line is an event, and none is another");
    store
}

fn fold(store: &Blocking<MemoryStore>, playbook: Playbook) -> Fold {
    let mut fold = Fold::new(playbook, Bounds::default());
    fold.learn(|word| store.code(word)).expect("memory reads");
    fold.apply(&facts(store));
    fold.settle(|leads| store.history(leads)).expect("memory reads");
    fold
}

pub(super) fn facts(store: &Blocking<MemoryStore>) -> Facts {
    store.facts(0, usize::MAX).expect("memory reads")
}

/// The digests of events, of their facts and of their tables, one a line.
pub(super) fn measured(events: Vec<NewEvent>) -> String {
    let mut out = String::new();
    for (new, number) in events.iter().zip(1..) {
        let (kind, version) = (new.event.body.type_name(), new.event.version);
        let content = digest(new.event.content().as_bytes());
        writeln!(out, "line {number}: {kind} {version} {content}").expect("a text takes all");
    }
    let store = log(events);
    out + &lowered(LOWERING, &facts(&store), &strings(&store)) + &folded(FOLD, &store)
}

/// Rules that say otherwise than the built-in ones wherever the fold asks them.
fn other_rules() -> Playbook {
    let queue = QueueSpec { name: "ann".to_owned(), team: None };
    Playbook {
        rules: Rules {
            illegal: Illegal::Skip,
            hand_raiser: true,
            implied_steps: false,
            sales_generated: false,
            require_reasons: true,
        },
        pipelines: vec![Pipeline { name: "sales".to_owned(), stages: vec!["offer".to_owned()] }],
        routing: Some(RoutingSpec { queues: vec![queue], ..RoutingSpec::default() }),
        ..Playbook::default()
    }
}

pub(super) fn lowered(lowering: u32, facts: &Facts, strings: &str) -> String {
    let facts: String = (0..facts.len()).map(|row| format!("{:?}\n", facts.row(row))).collect();
    format!("facts of lowering {lowering}: {}\n", digest((facts + strings).as_bytes()))
}

/// What tables mean, and how a snapshot has them.
pub(super) fn folded(version: u32, store: &Blocking<MemoryStore>) -> String {
    folded_under("", version, &fold(store, Playbook::default()))
        + &folded_under(" under other rules", version, &fold(store, other_rules()))
}

fn folded_under(rules: &str, version: u32, fold: &Fold) -> String {
    let tables = digest(&fold.tables().encode());
    let snapshot = digest(&fold.snapshot().collect::<Vec<_>>().concat());
    let of = format!("of fold {version}{rules}");
    format!("tables {of}: {tables}\nsnapshot {of}: {snapshot}\n")
}

/// What the codes in facts stand for.
pub(super) fn strings(store: &Blocking<MemoryStore>) -> String {
    let codes: Vec<_> = (1..=store.string_count().expect("memory reads")).map(Code).collect();
    store.strings(&codes).expect("memory reads").join("\n")
}

/// Of 122 bits: enough to notice a change, and none is made to deceive.
fn digest(bytes: &[u8]) -> Uuid {
    Uuid::new_v5(&Uuid::nil(), bytes)
}
