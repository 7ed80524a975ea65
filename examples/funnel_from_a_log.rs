//! How do I get a funnel by source out of an NDJSON log?
//!
//! Each line becomes an event with an identity, the events go into a store, the log is folded
//! into tables once, and the funnel is a function of the tables.

use std::collections::BTreeMap;

use leadfold::core::event::{EventLine, LineError, NewEvent};
use leadfold::core::metrics::{By, FunnelQuery, FunnelRow, KeyPart, funnel};
use leadfold::core::{Bounds, Playbook, State};
use leadfold::engine::{Names, replay};
use leadfold::store::{Append, EventStore, MemoryStore, Outcome, block_on};

const LOG: &str = r#"
{"lead":"L1","type":"captured","occurred_at":"2024-02-01T09:00:00Z","data":{"source":"search"}}
{"lead":"L2","type":"captured","occurred_at":"2024-02-01T10:00:00Z","data":{"source":"fair"}}
{"lead":"L3","type":"captured","occurred_at":"2024-02-02T09:00:00Z","data":{"source":"search"}}
{"lead":"L4","type":"captured","occurred_at":"2024-02-02T11:00:00Z"}
{"lead":"L1","type":"qualified","occurred_at":"2024-02-03T09:00:00Z","data":{"level":"mql"}}
{"lead":"L3","type":"qualified","occurred_at":"2024-02-03T10:00:00Z","data":{"level":"mql"}}
{"lead":"L2","type":"disqualified","occurred_at":"2024-02-04T09:00:00Z","data":{"reason":"student"}}
{"lead":"L1","type":"handed_off","occurred_at":"2024-02-05T09:00:00Z","data":{"to":"ann"}}
{"lead":"L3","type":"handed_off","occurred_at":"2024-02-05T09:00:00Z","data":{"to":"bob"}}
{"lead":"L1","type":"won","occurred_at":"2024-02-20T09:00:00Z","data":{"opportunity":"D1"}}
"#;

/// Lines to events. A line without an `id` gets one from its content and from how often the same
/// content came before, so that importing a file twice adds nothing.
fn read(log: &str) -> Result<Vec<NewEvent>, LineError> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let lines = log.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let line = EventLine::parse(line.as_bytes())?;
            Ok(line.identify(|content| {
                let count = seen.entry(content.to_owned()).or_default();
                *count += 1;
                *count - 1
            }))
        })
        .collect()
}

fn reached(row: &FunnelRow) -> Vec<u64> {
    State::LADDER.iter().map(|state| row.stages[*state as usize].reached).collect()
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    let now = "2024-03-01".parse()?;
    store.append(Append::new(read(LOG)?, now)).await?;
    let again = store.append(Append::new(read(LOG)?, now)).await?;

    let tables = replay(&store, Playbook::default(), Bounds::default(), |_, _| {}).await?;
    let as_of = tables.last_at().ok_or("the log is empty")?;
    let query = FunnelQuery { by: vec![By::Source], ..FunnelQuery::as_of(as_of) };
    let rows = funnel(&tables, &query);

    // Tables hold codes; the strings behind them are the log's.
    let mut names = Names::default();
    let codes = rows.iter().flat_map(|row| &row.key).filter_map(|part| match part {
        KeyPart::Name(code) => Some(*code),
        _ => None,
    });
    names.load(&store, codes).await?;

    let ladder = State::LADDER.map(State::name).join("  ");
    println!("cohort funnel as of {as_of}, leads that reached each stage");
    println!("{:10}  {ladder}", "source");
    let mut table = BTreeMap::new();
    for row in &rows {
        let name = match row.key.as_slice() {
            [] => "(all)".to_owned(),
            [part, ..] => names.key_part(*part).unwrap_or_else(|| "(none)".to_owned()),
        };
        let cells = State::LADDER.iter().zip(reached(row));
        let cells: Vec<String> =
            cells.map(|(state, n)| format!("{n:>width$}", width = state.name().len())).collect();
        println!("{name:10}  {}", cells.join("  "));
        table.insert(name, reached(row));
    }

    assert!(again.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Duplicate { .. })));
    assert_eq!(table["(all)"], [4, 2, 2, 1, 1, 1, 1]);
    assert_eq!(table["search"], [2, 2, 2, 1, 1, 1, 1]);
    assert_eq!(table["fair"], [1, 0, 0, 0, 0, 0, 0]);
    // A missing source is a row of its own.
    assert_eq!(table["(none)"], [1, 0, 0, 0, 0, 0, 0]);
    // Nobody recorded that L1 was accepted: it was reached by implication, and not entered.
    assert_eq!(rows[0].stages[State::Accepted as usize].entered, 0);
    Ok(())
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    block_on(run())
}
