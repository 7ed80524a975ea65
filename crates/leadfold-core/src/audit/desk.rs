//! One lead on the audit's desk: what an event adds to what is known of it.

mod cause;
mod offer;
mod owner;
mod step;
mod touch;

use super::AuditCode;
use super::breach::Breach;
use super::episode::{EpisodeRow, Mark, Past, Trail};
use super::ledger::{Book, LedgerRows};
use crate::event::CaptureOrigin;
use crate::fold::Seen;
use crate::machine::Kind;
use crate::tables::NO_ROW;
use crate::{Illegal, State};

/// An event, and all that its lead has in the ledger.
pub(super) struct Desk<'a> {
    pub(super) seen: &'a Seen<'a>,
    pub(super) book: &'a Book,
    pub(super) mark: &'a mut Mark,
    pub(super) trail: &'a mut Trail,
    pub(super) rows: &'a mut LedgerRows,
}

impl Desk<'_> {
    /// Takes the event in.
    pub(super) fn take(&mut self) {
        if self.seen.has_findings() {
            self.explain();
        }
        match self.seen.kind() {
            _ if self.seen.from() == Some(State::Erased) => {}
            Kind::Touched if self.seen.from().is_some() => self.follow_touch(),
            _ => self.follow(),
        }
        self.trail.is_worked = self.is_worked();
    }

    /// Whether one attempt more, behind this event, would change nothing.
    fn is_worked(&self) -> bool {
        let may_be_early = self.seen.state().is_with_marketing()
            && !self.book.playbook.conduct.sales_touches_before_handoff;
        self.trail.is_touched && !self.trail.is_awaited && !may_be_early
    }

    fn follow(&mut self) {
        self.check_rejection();
        self.follow_decision();
        self.follow_offer();
        self.follow_owner();
        match self.seen.kind() {
            Kind::Touched => self.follow_touch(),
            Kind::ConsentGranted | Kind::ConsentWithdrawn => self.follow_consent(),
            Kind::Captured
            | Kind::ProfileUpdated
            | Kind::AttributionResolved
            | Kind::SnapshotImported => self.follow_fields(),
            Kind::QualifiedMql => self.follow_qualification(),
            Kind::Recycled => self.follow_recycling(),
            Kind::OpportunityOpened
            | Kind::OpportunityReopened
            | Kind::OpportunityStageChanged
            | Kind::Won
            | Kind::Lost => self.follow_deal(),
            _ => {}
        }
        self.follow_move();
    }

    /// Before the move: with the outcome of a deal that nobody opened, the episode ends, too.
    fn follow_deal(&mut self) {
        let seen = self.seen;
        self.rows.deals.follow(seen);
        if !seen.has_opened() {
            return;
        }
        let ordinal = seen.opportunity(seen.row().opportunities).ordinal;
        if let Some(episode) = self.open_episode() {
            let [first, n] = episode.deals;
            episode.deals = if n == 0 { [ordinal, 1] } else { [first, n + 1] };
        }
    }

    fn follow_fields(&mut self) {
        let seen = self.seen;
        if seen.kind() == Kind::Captured && seen.from().is_some() {
            let is_refused = seen.findings().any(|finding| finding.reason.is_some());
            if is_refused && self.book.playbook.rules.illegal == Illegal::Skip {
                return;
            }
            if seen.is_own() && !is_refused && self.past().captured == 0 {
                self.past_mut().captured = seen.position();
            }
        }
        let filled = self.book.fields.filled_by(seen);
        if filled != 0 {
            self.past_mut().fields |= filled;
        }
    }

    /// Notes a rule that the event broke.
    fn breach(&mut self, code: AuditCode, before: &[u64]) {
        let breach = self.broken(code, before);
        self.note(breach);
    }

    /// A rule that the event broke, while the lead's owner had it.
    fn broken(&mut self, code: AuditCode, before: &[u64]) -> Breach {
        let seen = self.seen;
        let handoff = self.open_episode().map_or(NO_ROW, |episode| episode.handoff);
        let breach = Breach::new(code, seen.at(), seen.position(), before);
        Breach { owner: seen.owner(), handoff, ..breach }
    }

    /// An absorbed lead's own row tells of its breaches.
    fn note(&mut self, breach: Breach) {
        if !self.seen.is_quiet() {
            let lead = self.seen.lead().0;
            self.rows.breaches.push(lead, &mut self.trail.breaches, breach);
        }
    }

    fn newest_episode(&mut self) -> Option<&mut EpisodeRow> {
        let row = self.trail.episodes;
        (row != NO_ROW).then(|| self.rows.episodes.at_mut(row))
    }

    fn open_episode(&mut self) -> Option<&mut EpisodeRow> {
        self.newest_episode().filter(|episode| episode.is_open())
    }

    /// What few leads have had, as far as this one has.
    pub(super) fn past(&self) -> Past {
        self.rows.pasts.newest(self.trail.past).copied().unwrap_or_default()
    }

    fn past_mut(&mut self) -> &mut Past {
        self.rows.pasts.only_mut(self.seen.lead().0, &mut self.trail.past)
    }

    /// Keeps what made a finding of the fold so.
    fn explain(&mut self) {
        let seen = self.seen;
        for finding in seen.findings() {
            let code = AuditCode::of_history(finding.code);
            let breach = Breach::new(code, seen.at(), seen.position(), &self.causes(finding));
            // A hand-off is about whoever it was offered to.
            let is_offer = seen.kind() == Kind::HandedOff;
            let owner = if is_offer { seen.step().a() } else { seen.owner_before() };
            let is_context = true;
            self.note(Breach { owner, is_context, ..breach });
        }
    }
}

pub(super) fn is_sales_generated(seen: &Seen<'_>) -> bool {
    seen.now().and_then(|lead| lead.origin()) == Some(CaptureOrigin::SalesGenerated)
}
