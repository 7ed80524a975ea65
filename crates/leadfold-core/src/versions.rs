//! Which version of the playbook was in force when: what `playbook_published` events say, once
//! they are corrected.

use crate::event::{Body, Event, PlaybookPublished, RecordedEvent};
use crate::fact::{Facts, LeadIndex};
use crate::fold::read_stream;
use crate::machine::Kind;
use crate::{Playbook, Timestamp};

/// Where an effective publication stands, and which event has its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Publication {
    /// From when the version is in force.
    pub from: Timestamp,
    /// Position of the publication.
    pub position: u64,
    /// When the publication became known.
    pub recorded_at: Timestamp,
    /// Position of the event that has the text: the publication, or the correction that replaced
    /// it.
    pub text_at: u64,
}

impl Publication {
    /// The publications that count, by time and position. `facts` are those of all events without
    /// a lead, in the order of the log; `known_at` bounds publications and corrections.
    pub fn of(facts: &Facts, known_at: Option<Timestamp>) -> Vec<Self> {
        let none = LeadIndex::NONE.0;
        let events = facts.lead.iter().zip(0..).filter(|(lead, _)| **lead == none);
        let events: Vec<_> = events.map(|(_, event)| (none, event)).collect();
        let stream = read_stream(facts, &events, None, known_at.map(Timestamp::micros));
        let events = stream.events.iter();
        let published =
            events.filter(|event| facts.terms[event.head].kind == Kind::PlaybookPublished);
        published
            .map(|event| Self {
                from: Timestamp::from_micros(event.at),
                position: event.position,
                recorded_at: Timestamp::from_micros(facts.recorded_at[event.event]),
                text_at: text_at(facts, event.head),
            })
            .collect()
    }

    /// The version, from the events at [`position`](Self::position) and at
    /// [`text_at`](Self::text_at), which are mostly one; none if they are others.
    pub fn read(self, published: &RecordedEvent, text: &RecordedEvent) -> Option<Published> {
        if (published.position, text.position) != (self.position, self.text_at) {
            return None;
        }
        let Event { body, version, .. } = &published.event;
        let body = match &text.event.body {
            Body::Corrected(corrected) => corrected.replacement(body.type_name(), *version)?,
            body => body.clone(),
        };
        let Body::PlaybookPublished(PlaybookPublished { playbook }) = body else { return None };
        Some(Published { publication: self, playbook: playbook.into_playbook() })
    }
}

/// A replacement by an earlier correction stands behind its mark, which names the correction. A
/// mark of the event before says nothing of this one.
fn text_at(facts: &Facts, head: usize) -> u64 {
    let event = facts.event_of(head);
    let own = facts.event(event).0;
    match head.checked_sub(1).filter(|mark| *mark >= own) {
        Some(mark) if facts.terms[mark].kind == Kind::Amendment => {
            { facts.terms[mark].x }.cast_unsigned()
        }
        _ => facts.position[event],
    }
}

/// A version of the playbook that the log has.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Where it stands.
    pub publication: Publication,
    /// The rules.
    pub playbook: Playbook,
}

/// The published versions of a log.
///
/// At each instant one of them is in force: the last one by time, and of those of one instant
/// the one at the highest position. Before the first there is none.
///
/// ```
/// # use leadfold_core::{Playbook, Publication, Published, Timestamp, Versions};
/// let version = |hour: i64, position, version: &str| Published {
///     publication: Publication {
///         from: Timestamp::from_micros(hour * 3_600_000_000),
///         position,
///         recorded_at: Timestamp::default(),
///         text_at: position,
///     },
///     playbook: Playbook { version: version.into(), ..Playbook::default() },
/// };
/// let versions = Versions::new([version(9, 1, "2"), version(5, 2, "1")]);
/// let at = |hour: i64| versions.in_force(Timestamp::from_micros(hour * 3_600_000_000));
/// assert!(at(4).is_none());
/// assert_eq!(at(8).map(|version| version.playbook.version.as_str()), Some("1"));
/// assert_eq!(at(9).map(|version| version.playbook.version.as_str()), Some("2"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Versions(Vec<Published>);

impl Versions {
    /// The versions, in whatever order they come.
    pub fn new(published: impl IntoIterator<Item = Published>) -> Self {
        let mut versions: Vec<_> = published.into_iter().collect();
        versions.sort_by_key(|version| (version.publication.from, version.publication.position));
        Self(versions)
    }

    /// All of them, by time and position.
    pub fn all(&self) -> &[Published] {
        &self.0
    }

    /// The version in force at an instant.
    pub fn in_force(&self, at: Timestamp) -> Option<&Published> {
        let until = self.0.partition_point(|version| version.publication.from <= at);
        until.checked_sub(1).map(|last| &self.0[last])
    }

    /// The versions, each with the instant at which the next one takes over. Of two of one
    /// instant the earlier by position is never in force.
    pub fn spans(&self) -> impl Iterator<Item = (&Published, Option<Timestamp>)> {
        let ends = self.0.iter().skip(1).map(|next| Some(next.publication.from));
        self.0.iter().zip(ends.chain([None]))
    }
}

impl Facts {
    /// When the latest of its events happened that was known by then. A publication does not
    /// count: it may be made ahead of its time.
    pub fn last_at(&self, known_at: Option<Timestamp>) -> Option<Timestamp> {
        let known_at = known_at.map_or(i64::MAX, Timestamp::micros);
        (0..self.event_count())
            .filter(|event| self.kind_of(*event) != Kind::PlaybookPublished)
            .filter(|event| self.recorded_at[*event] <= known_at)
            .map(|event| self.at[event])
            .max()
            .map(Timestamp::from_micros)
    }
}
