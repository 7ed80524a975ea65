//! Random bodies about the record itself: merges, corrections, erasure, snapshots, playbooks,
//! the unknown.

use leadfold_core::event::{
    Body, Corrected, CorrectionAction, Erased, Merged, Other, PlaybookPublished, SnapshotImported,
    Unmerged,
};
use leadfold_core::{EventId, LeadKey, Playbook, Rules, State};

use super::dials::Dials;
use super::people::{attributes, maybe_pii};
use super::words::{self, CAMPAIGNS, CHANNELS, REASONS, REPLACEMENTS, SOURCES};

/// Types that no version of leadfold knows, or knows in this spelling.
pub(super) const UNKNOWN_TYPES: [&str; 3] = ["teleported", "Captured", "\u{1f4a5}\n"];

/// What else there is in the log for a body to refer to.
#[derive(Debug)]
pub(super) struct Others<'a> {
    pub(super) leads: &'a [LeadKey],
    /// Ids of the lead's own events, earlier and later ones.
    pub(super) own: &'a [EventId],
    /// Ids of all events.
    pub(super) all: &'a [EventId],
    /// The id of no event.
    pub(super) none: EventId,
}

/// The body of a type of this group; of an unknown type where it is in none.
pub(super) fn body(kind: &str, d: &mut Dials<'_>, others: &Others<'_>) -> Body {
    match kind {
        "merged" => Merged { into: d.pick(others.leads) }.into(),
        "unmerged" => Unmerged { from: d.pick(others.leads) }.into(),
        "corrected" => corrected(d, others),
        "erased" => {
            let (request, basis) = (d.word(&["R1", ""]), d.maybe_word(&["gdpr 17"]));
            Erased { request, basis }.into()
        }
        "snapshot_imported" => snapshot(d),
        "playbook_published" => published(d),
        _ => unknown(d.word(&UNKNOWN_TYPES), d),
    }
}

/// A type that leadfold cannot read, with data that is nothing to it.
pub(super) fn unknown(type_name: String, d: &mut Dials<'_>) -> Body {
    let data = d.maybe(&["{}", r#"{"to": "nowhere","n":1e2}"#, "[[]]", "\"text\"", "17"]);
    Body::Other(Other { type_name, data: data.map(words::json) })
}

fn corrected(d: &mut Dials<'_>, others: &Others<'_>) -> Body {
    let target = match d.next() % 8 {
        0..=4 => d.pick(others.own),
        5..=6 => d.pick(others.all),
        _ => others.none,
    };
    let action = d.pick(&[CorrectionAction::Retract, CorrectionAction::Replace]);
    let data = match action {
        CorrectionAction::Retract => d.maybe(&REPLACEMENTS[..1]),
        CorrectionAction::Replace => Some(d.pick(&REPLACEMENTS)),
    };
    Corrected {
        target,
        action,
        reason: d.word(&REASONS),
        data: data.map(words::json),
        by: d.maybe_owner(),
    }
    .into()
}

fn published(d: &mut Dials<'_>) -> Body {
    let strict = Rules { implied_steps: false, ..Rules::default() };
    let rules = d.pick(&[Rules::default(), strict]);
    let playbook = Playbook { version: d.word(&["1", "2"]), rules, ..Playbook::default() };
    PlaybookPublished { playbook: playbook.into() }.into()
}

fn snapshot(d: &mut Dials<'_>) -> Body {
    let is_shown = |state: &State| !matches!(state, State::Merged | State::Erased);
    let states: Vec<_> = State::ALL.into_iter().filter(is_shown).collect();
    SnapshotImported {
        state: d.pick(&states),
        history_known_from: words::when(d),
        owner: d.maybe_owner(),
        source: d.maybe_word(&SOURCES),
        medium: d.maybe_word(&["cpc"]),
        campaign: d.maybe_word(&CAMPAIGNS),
        channel: d.maybe_word(&CHANNELS),
        attributes: d.maybe(&[()]).map(|()| attributes(d)),
        pii: maybe_pii(d),
    }
    .into()
}
