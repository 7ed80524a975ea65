//! What a transaction writes: in one statement, and many events by COPY before it.

use std::sync::Arc;

use leadfold_core::{Code, EventId, LeadId, LeadIndex, LeadKey, Timestamp};
use leadfold_store::adapter::Placed;
use postgres::types::Type;
use uuid::Uuid;

use super::streams;
use crate::connection::Connection;
use crate::error::{Result, pg};
use crate::row::{self, lead_column};

/// So many bytes are written at once: the server holds them in memory, too.
const BYTES_MAX: usize = 32 << 20;

/// All the tables together: a statement is a journey to the server. A merged page takes the place
/// of the first of those that it is made of; the others go.
const WRITE: &str = "WITH \
    events AS (INSERT INTO event (position, lead, sequence, previous, recorded_at, id, body, crc) \
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], \
            $5::bigint[], $6::uuid[], $7::text[], $8::bigint[])), \
    strings AS (INSERT INTO string (code, text) SELECT * FROM unnest($9::bigint[], $10::bytea[])), \
    leads AS (INSERT INTO lead (lead, id, key) \
        SELECT * FROM unnest($11::bigint[], $12::uuid[], $13::text[])), \
    streams AS (INSERT INTO stream (lead, events, last) \
        SELECT * FROM unnest($14::bigint[], $15::bigint[], $16::bigint[]) \
        ON CONFLICT (lead) DO UPDATE SET events = excluded.events, last = excluded.last), \
    links AS (INSERT INTO link (lead, other) SELECT * FROM unnest($17::bigint[], $18::bigint[]) \
        ON CONFLICT DO NOTHING), \
    early AS (INSERT INTO early_correction (target, position, lead) \
        SELECT * FROM unnest($19::uuid[], $20::bigint[], $21::bigint[])), \
    merged AS (DELETE FROM fact_page WHERE first = ANY($22::bigint[])) \
    INSERT INTO fact_page (first, last, count, crc, facts) \
        SELECT * FROM unnest($23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], \
            $27::bytea[]) \
        ON CONFLICT (first) DO UPDATE SET last = excluded.last, count = excluded.count, \
            crc = excluded.crc, facts = excluded.facts";

/// From so many events on they are copied: that takes two messages more than arrays do, and the
/// server reads rows cheaper than it takes arrays apart.
const COPIED_MIN: usize = 256;

const COPY_EVENTS: &str = "COPY event \
    (position, lead, sequence, previous, recorded_at, id, body, crc) FROM STDIN (FORMAT binary)";
const EVENT_TYPES: &[Type] = &[
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::UUID,
    Type::TEXT,
    Type::INT8,
];

/// A row of `event`.
pub(crate) struct NewEvent {
    pub(crate) placed: Placed,
    pub(crate) recorded_at: Timestamp,
    pub(crate) id: EventId,
    pub(crate) body: Arc<str>,
}

/// The same as the server takes it.
struct Columns<'e> {
    position: i64,
    lead: Option<i64>,
    sequence: i64,
    previous: i64,
    recorded_at: i64,
    id: Uuid,
    body: &'e str,
    crc: i64,
}

impl NewEvent {
    fn columns(&self) -> Columns<'_> {
        let Self { placed, recorded_at, id, ref body } = *self;
        Columns {
            position: placed.position.cast_signed(),
            lead: lead_column(placed.lead),
            sequence: placed.sequence.cast_signed(),
            previous: placed.previous.cast_signed(),
            recorded_at: recorded_at.micros(),
            id: id.0,
            body,
            crc: row::checksum(placed, recorded_at, id, body),
        }
    }
}

/// A row of `fact_page`.
pub(crate) struct NewPage {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) count: u64,
    pub(crate) crc: i64,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Pending {
    events: Vec<NewEvent>,
    bytes: usize,
    pub(crate) strings: Vec<(Code, Arc<str>)>,
    pub(crate) leads: Vec<(LeadIndex, LeadId, LeadKey)>,
    pub(crate) links: Vec<(LeadIndex, LeadIndex)>,
    pub(crate) early: Vec<(EventId, u64, LeadIndex)>,
    pub(crate) pages: Vec<NewPage>,
    /// Where pages begin that have become part of others.
    pub(crate) merged: Vec<i64>,
}

impl Pending {
    pub(crate) fn add_event(&mut self, event: NewEvent) {
        self.bytes += event.body.len();
        self.events.push(event);
    }

    /// Those that are not written yet.
    pub(crate) fn events(&self) -> &[NewEvent] {
        &self.events
    }

    /// Whether it is time to write.
    pub(crate) fn is_large(&self) -> bool {
        self.bytes > BYTES_MAX
    }

    fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.strings.is_empty()
            && self.leads.is_empty()
            && self.links.is_empty()
            && self.early.is_empty()
            && self.pages.is_empty()
    }

    /// Writes everything, with the ends of streams, and begins anew.
    #[rustfmt::skip]
    pub(crate) fn write(&mut self, connection: &mut Connection, streams: &[streams::Row]) -> Result<()> {
        if self.is_empty() && streams.is_empty() {
            return Ok(());
        }
        if self.events.len() >= COPIED_MIN {
            self.copy_events(connection)?;
        }
        let Self { events, strings, leads, links, early, pages, merged, .. } = self;
        let events: Vec<_> = events.iter().map(NewEvent::columns).collect();
        connection.execute(WRITE, &[
            &of(&events, |e| e.position),
            &of(&events, |e| e.lead),
            &of(&events, |e| e.sequence),
            &of(&events, |e| e.previous),
            &of(&events, |e| e.recorded_at),
            &of(&events, |e| e.id),
            &of(&events, |e| e.body),
            &of(&events, |e| e.crc),
            &of(strings, |(code, _)| i64::from(code.0)),
            &of(strings, |(_, text)| text.as_bytes()),
            &of(leads, |(index, ..)| i64::from(index.0)),
            &of(leads, |(_, id, _)| id.0),
            &of(leads, |(.., key)| key.as_str()),
            &of(streams, |(lead, ..)| i64::from(lead.0)),
            &of(streams, |(_, events, _)| events.cast_signed()),
            &of(streams, |(.., last)| last.cast_signed()),
            &of(links, |(lead, _)| i64::from(lead.0)),
            &of(links, |(_, other)| i64::from(other.0)),
            &of::<_, Uuid>(early, |(target, ..)| target.0),
            &of(early, |(_, position, _)| position.cast_signed()),
            &of(early, |(.., lead)| lead_column(*lead)),
            &*merged,
            &of(pages, |p| p.first.cast_signed()),
            &of(pages, |p| p.last.cast_signed()),
            &of(pages, |p| p.count.cast_signed()),
            &of(pages, |p| p.crc),
            &of(pages, |p| &*p.bytes),
        ])?;
        *self = Self::default();
        Ok(())
    }

    /// Writes the events alone, as a stream of rows.
    fn copy_events(&mut self, connection: &mut Connection) -> Result<()> {
        let mut rows = connection.copy_in(COPY_EVENTS, EVENT_TYPES)?;
        for event in &self.events {
            let Columns { position, lead, sequence, previous, recorded_at, id, body, crc } =
                event.columns();
            rows.write(&[&position, &lead, &sequence, &previous, &recorded_at, &id, &body, &crc])
                .map_err(pg)?;
        }
        rows.finish().map_err(pg)?;
        self.events.clear();
        Ok(())
    }
}

/// One column.
fn of<'r, R, C>(rows: &'r [R], column: impl Fn(&'r R) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}
