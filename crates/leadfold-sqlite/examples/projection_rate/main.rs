//! How fast does a user's own projection run, with its checkpoint in the same transaction?
//!
//! `cargo run --release -p leadfold-sqlite --example projection_rate -- 1000000 100000`

mod last_seen;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use leadfold_core::event::{Body, EventLine, NewEvent, RecordedEvent};
use leadfold_core::machine::Kind;
use leadfold_core::{Bounds, EventId, Facts, LeadIndex, Playbook, Timestamp};
use leadfold_engine::{Projection, Reduce, Reduction, Runner, Stop, View};
use leadfold_sqlite::rusqlite;
use leadfold_sqlite::{SqliteBatch, SqliteProjections, SqliteStore};
use leadfold_store::{Append, Blocking, EventStore, block_on};
use uuid::Uuid;

use self::last_seen::LastSeen;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (n_events, n_leads) = (number(20_000)?, number(2_000)?);
    let directory = tempfile::tempdir()?;
    let log = SqliteStore::open(directory.path().join("log.db"))?;
    fill(&log, n_events, n_leads)?;
    println!("{n_events} events of {n_leads} leads");
    let path = |name: &str| directory.path().join(name);
    run("a row an event, from facts", &log, &path("last.db"), LastSeen)?;
    run("totals by kind and day, from facts", &log, &path("totals.db"), Totals)?;
    run("a row a capture, from events", &log, &path("sources.db"), Sources)?;
    let start = Instant::now();
    let mut kinds = Reduction::new(&log, Kinds::default());
    kinds.catch_up(&Stop::new())?;
    report("a fold in memory, from facts", n_events, start);
    println!("  {} captured, {} won", kinds.get().captured, kinds.get().won);
    let start = Instant::now();
    let mut states = Reduction::new(&log, LastKinds::default());
    states.catch_up(&Stop::new())?;
    report("a fold by lead in memory, from facts", n_events, start);
    assert_eq!(states.get().0.len() as u64, n_leads);
    let start = Instant::now();
    let mut view = View::new(&log, Playbook::default(), Bounds::default());
    block_on(view.catch_up(|_, _| {}))?;
    report("leadfold's own tables, one thread", n_events, start);
    Ok(())
}

fn run<P: Projection<SqliteProjections>>(
    what: &str,
    log: &SqliteStore,
    path: &Path,
    projection: P,
) -> Result<()> {
    let mut runner = Runner::open(log, SqliteProjections::open(path)?, projection)?;
    let start = Instant::now();
    let position = runner.catch_up(&Stop::new())?;
    report(what, position, start);
    assert_eq!(position, Blocking(log).head()?, "everything is taken in");
    Ok(())
}

fn report(what: &str, n_events: u64, start: Instant) {
    println!("{what}: {:.0} events/s", n_events as f64 / start.elapsed().as_secs_f64());
}

/// How many of each kind on each day: a page is added up before it is written.
struct Totals;

impl Projection<SqliteProjections> for Totals {
    type Page = Facts;
    type Error = rusqlite::Error;
    const NAME: &'static str = "totals";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["day"];

    fn create(&self, batch: &mut SqliteBatch<'_>) -> Result<(), rusqlite::Error> {
        let table = batch.table("day");
        let columns = "day INTEGER, kind INTEGER, events INTEGER NOT NULL, PRIMARY KEY (day, kind)";
        batch.sql().execute_batch(&format!("CREATE TABLE {table} ({columns}) STRICT"))
    }

    fn apply(
        &self,
        page: &Facts,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> Result<(), rusqlite::Error> {
        let mut totals = BTreeMap::<(i64, u8), i64>::new();
        for fact in page.rows() {
            *totals.entry((fact.at.div_euclid(86_400_000_000), fact.kind as u8)).or_default() += 1;
        }
        let sql = format!(
            "INSERT INTO {} VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET events = events + excluded.events",
            batch.table("day")
        );
        let mut upsert = batch.sql().prepare_cached(&sql)?;
        for ((day, kind), events) in totals {
            upsert.execute((day, kind, events))?;
        }
        Ok(())
    }
}

/// Leads with their sources, as events have them.
struct Sources;

impl Projection<SqliteProjections> for Sources {
    type Page = Vec<RecordedEvent>;
    type Error = rusqlite::Error;
    const NAME: &'static str = "sources";
    const VERSION: u32 = 1;
    const TABLES: &'static [&'static str] = &["lead"];

    fn create(&self, batch: &mut SqliteBatch<'_>) -> Result<(), rusqlite::Error> {
        let table = batch.table("lead");
        batch.sql().execute_batch(&format!("CREATE TABLE {table} (key TEXT, source TEXT) STRICT"))
    }

    fn apply(
        &self,
        page: &Vec<RecordedEvent>,
        _: Blocking<&dyn EventStore>,
        batch: &mut SqliteBatch<'_>,
    ) -> Result<(), rusqlite::Error> {
        let sql = format!("INSERT INTO {} VALUES (?1, ?2)", batch.table("lead"));
        let mut insert = batch.sql().prepare_cached(&sql)?;
        for event in page.iter().map(|recorded| &recorded.event) {
            if let (Some(lead), Body::Captured(captured)) = (&event.lead, &event.body) {
                insert.execute((lead.as_str(), &captured.source))?;
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Kinds {
    captured: u64,
    won: u64,
}

impl Reduce for Kinds {
    type Page = Facts;

    fn apply(&mut self, page: &Facts) {
        for fact in page.rows() {
            self.captured += u64::from(fact.kind == Kind::Captured);
            self.won += u64::from(fact.kind == Kind::Won);
        }
    }
}

/// The last kind and time of every lead.
#[derive(Default)]
struct LastKinds(Vec<Option<(Kind, i64)>>);

impl Reduce for LastKinds {
    type Page = Facts;

    fn apply(&mut self, page: &Facts) {
        for fact in page.rows() {
            let lead = fact.lead.0 as usize;
            if fact.lead != LeadIndex::NONE && fact.kind != Kind::Detail {
                self.0.resize(self.0.len().max(lead + 1), None);
                self.0[lead] = Some((fact.kind, fact.at));
            }
        }
    }
}

/// Each lead is captured once; then it is touched, and now and then won.
fn fill(log: &SqliteStore, n_events: u64, n_leads: u64) -> Result<()> {
    let mut next = 0;
    while next < n_events {
        let end = (next + 4_096).min(n_events);
        let events = (next..end).map(|n| event(n, n_leads)).collect::<Result<_>>()?;
        Blocking(log).append(Append::new(events, Timestamp::from_micros(1)))?;
        next = end;
    }
    Ok(())
}

fn event(n: u64, n_leads: u64) -> Result<NewEvent> {
    let rest = match n {
        _ if n < n_leads => format!(
            "\"type\":\"captured\",\"data\":{{\"source\":\"source {}\",\"medium\":\"web\"}}",
            n % 17
        ),
        _ if n.is_multiple_of(11) => "\"type\":\"won\",\"data\":{\"amount\":1000}".to_owned(),
        _ => "\"type\":\"touched\",\"data\":{\"side\":\"sales\",\"direction\":\"out\"}".to_owned(),
    };
    let lead = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    let lead = if n < n_leads { n } else { lead % n_leads };
    let day = 1 + n * 27 / 20_000_000 % 27;
    let line =
        format!("{{\"lead\":\"L{lead}\",\"occurred_at\":\"2024-02-{day:02}T09:00:00Z\",{rest}}}");
    let id = EventId(Uuid::from_u64_pair(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n));
    let event = EventLine::parse(line.as_bytes())?.event;
    Ok(NewEvent { id, recorded_at: None, event })
}
