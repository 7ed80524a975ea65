//! cqrs-es with its PostgreSQL repository: serialized events in, a stream of all events out.

use std::convert::Infallible;

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::{PostgresEventRepository, default_postgress_pool};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use crate::Rival;

/// As the crate's own `db/init.sql` has it.
const TABLE: &str = "CREATE TABLE events (
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    sequence bigint CHECK (sequence >= 0) NOT NULL,
    event_type text NOT NULL,
    event_version text NOT NULL,
    payload json NOT NULL,
    metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
)";

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Touched {
    side: String,
    by: String,
    channel: String,
}

impl DomainEvent for Touched {
    fn event_type(&self) -> String {
        "touched".into()
    }
    fn event_version(&self) -> String {
        "1".into()
    }
}

/// A store asks nothing of an aggregate.
#[derive(Default, Deserialize, Serialize)]
struct Lead;

impl Aggregate for Lead {
    const TYPE: &'static str = "lead";
    type Command = ();
    type Event = Touched;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _: &EventSink<Self>) -> Result<(), Infallible> {
        Ok(())
    }
    fn apply(&mut self, _: Touched) {}
}

pub(crate) struct Cqrs(PostgresEventRepository);

pub(crate) async fn postgres(admin: &str, url: &str) -> crate::Result<Cqrs> {
    PgConnection::connect(admin).await?.execute("CREATE DATABASE cqrs").await?;
    PgConnection::connect(url).await?.execute(TABLE).await?;
    Ok(Cqrs(PostgresEventRepository::new(default_postgress_pool(url).await)))
}

impl Rival for Cqrs {
    async fn append(&self, stream: u64, events: u64) {
        let event = |n: u64| SerializedEvent {
            aggregate_id: format!("L{stream}"),
            sequence: n as usize + 1,
            aggregate_type: "lead".into(),
            event_type: "touched".into(),
            event_version: "1".into(),
            payload: json!({"side": "sales", "by": format!("rep {}", n % 50), "channel": "phone"}),
            metadata: json!({}),
        };
        let events: Vec<_> = (0..events).map(event).collect();
        self.0.persist::<Lead>(&events, None).await.expect("it goes in");
    }

    async fn read(&self) -> u64 {
        let mut stream = self.0.stream_all_events::<Lead>().await.expect("it streams");
        let mut events = 0;
        while let Some(event) = stream.next::<Lead>(&[]).await {
            event.expect("the event reads");
            events += 1;
        }
        events
    }
}
