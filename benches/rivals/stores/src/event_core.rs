//! eventcore: its stores as they are, without its commands.

use std::path::Path;

use eventcore_postgres::PostgresEventStore;
use eventcore_sqlite::{SqliteConfig, SqliteEventStore};
use eventcore_types::{
    BatchSize, Event, EventFilter, EventPage, EventReader, EventStore, StreamId, StreamVersion,
    StreamWrites,
};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, Executor, PgConnection};

use crate::{Result, Rival};

/// Events of a page: the most that it gives.
const PAGE: usize = 1_000;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Touched {
    lead: StreamId,
    side: String,
    by: String,
    channel: String,
}

impl Event for Touched {
    fn stream_id(&self) -> &StreamId {
        &self.lead
    }

    fn event_type_name() -> &'static str {
        "touched"
    }
}

pub(crate) struct Core<S>(S);

pub(crate) async fn sqlite(directory: &Path) -> Result<Core<SqliteEventStore>> {
    let path = directory.join("eventcore.db");
    let store = SqliteEventStore::new(SqliteConfig { path, encryption_key: None })?;
    store.migrate().await?;
    Ok(Core(store))
}

pub(crate) async fn postgres(admin: &str, url: &str) -> Result<Core<PostgresEventStore>> {
    PgConnection::connect(admin).await?.execute("CREATE DATABASE eventcore").await?;
    let store = PostgresEventStore::new(url).await?;
    store.migrate().await;
    Ok(Core(store))
}

impl<S> Rival for Core<S>
where
    S: EventStore + EventReader + Send + Sync + 'static,
    <S as EventReader>::Error: std::fmt::Debug,
    for<'a> &'a S: Send,
{
    async fn append(&self, stream: u64, events: u64) {
        let id = StreamId::try_new(format!("L{stream}")).expect("a name");
        let begin = StreamVersion::new(0);
        let mut writes = StreamWrites::new().register_stream(id.clone(), begin).expect("one");
        for n in 0..events {
            let event = Touched {
                lead: id.clone(),
                side: "sales".into(),
                by: format!("rep {}", n % 50),
                channel: "phone".into(),
            };
            writes = writes.append(event).expect("it is registered");
        }
        self.0.append_events(writes).await.expect("it goes in");
    }

    async fn read(&self) -> u64 {
        let mut page = EventPage::first(BatchSize::new(PAGE));
        let mut events = 0;
        loop {
            let read = self.0.read_events::<Touched>(EventFilter::all(), page).await;
            let read = read.expect("the events read");
            events += read.len() as u64;
            match page.next_from_results(&read) {
                Some(next) => page = next,
                None => return events,
            }
        }
    }
}
