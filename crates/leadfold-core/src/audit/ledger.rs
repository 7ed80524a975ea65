//! The ledger: what the audit keeps of each lead while the fold goes by.

use std::convert::Infallible;

use super::AuditCode;
use super::breach::Breach;
use super::consents::Consents;
use super::deals::Deals;
use super::desk::Desk;
use super::episode::{EpisodeRow, Holding, Mark, Past, Rest, Tenure, Trail};
use super::fields::Fields;
use super::roster::Roster;
use crate::fact::Field;
use crate::fold::{Glance, Observer, Seen, Sharded, Stages, touch};
use crate::machine::Kind;
use crate::tables::{Grown, NO_ROW, PerLead, Rows, moved, reserve};
use crate::{Code, Handoff, LeadIndex, Playbook, Reason, Timestamp};

/// Watches a fold for the hand-off audit.
///
/// It keeps rows: episodes, owners' turns, and the rules that events broke. What depends on the
/// instant of the audit (leaks, missing decisions) is read off them by [`super::Audit`].
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) book: Book,
    marks: PerLead<Mark>,
    /// Of the leads that have one: many have not.
    trails: Vec<Trail>,
    free: Vec<u32>,
    pub(super) rows: LedgerRows,
}

/// A playbook, and the codes that a log has for its words.
#[derive(Clone, Debug)]
pub(super) struct Book {
    pub(super) playbook: Playbook,
    pub(super) fields: Fields,
    pub(super) stages: Stages,
    pub(super) roster: Roster,
}

/// What happens repeatedly, or to few: rows of all leads, apart from the trails, so that a lead's
/// own can be held while rows are added.
#[derive(Clone, Debug, Default)]
pub(super) struct LedgerRows {
    pub(super) episodes: Rows<EpisodeRow>,
    pub(super) tenures: Rows<Tenure>,
    pub(super) breaches: Rows<Breach>,
    pub(super) rests: Rows<Rest>,
    pub(super) pasts: Rows<Past>,
    pub(super) consents: Consents,
    pub(super) deals: Deals,
}

/// By how much the numbers of rows have grown that were put behind others.
pub(super) struct Chains {
    pub(super) episodes: u32,
    pub(super) tenures: u32,
    pub(super) breaches: u32,
    pub(super) rests: u32,
    pub(super) pasts: u32,
}

impl LedgerRows {
    /// Who has had a lead since a turn began, or since the offer if none has changed that.
    #[inline]
    pub(super) fn holding(&self, tenure: u32, handoff: &Handoff) -> Holding {
        self.tenures.newest(tenure).map_or_else(|| Holding::offered(handoff), Holding::of)
    }

    /// Takes over those of leads behind these, and tells by how much their numbers have grown.
    fn append(&mut self, mut other: Self, grown: Grown) -> Chains {
        let tenures = self.tenures.append(other.tenures);
        other.episodes.values_mut().for_each(|episode| episode.move_by(grown.handoffs, tenures));
        other.breaches.values_mut().for_each(|breach| {
            breach.handoff = moved(breach.handoff, grown.handoffs);
        });
        self.consents.append(other.consents);
        self.deals.append(other.deals, grown.opportunities);
        Chains {
            episodes: self.episodes.append(other.episodes),
            tenures,
            breaches: self.breaches.append(other.breaches),
            rests: self.rests.append(other.rests),
            pasts: self.pasts.append(other.pasts),
        }
    }
}

impl Ledger {
    /// An empty ledger under a playbook.
    pub fn new(playbook: Playbook) -> Self {
        // No log yet: nobody has a code.
        let Ok(roster) = Roster::of(&playbook, &mut |_| Ok::<_, Infallible>(None));
        let stages = Stages::default();
        Self::of(Book { fields: Fields::of(&playbook), playbook, stages, roster })
    }

    fn of(book: Book) -> Self {
        Self {
            book,
            marks: PerLead::default(),
            trails: Vec::new(),
            free: Vec::new(),
            rows: LedgerRows::default(),
        }
    }
}

impl Observer for Ledger {
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        let book = &mut self.book;
        book.fields.learn(code_of)?;
        book.roster = Roster::of(&book.playbook, code_of)?;
        book.stages = Stages::of(&book.playbook, code_of)?;
        Ok(())
    }

    fn make_room(&mut self, times: usize) {
        self.marks.make_room(times);
        let trails = self.trails.len().saturating_mul(times);
        reserve(&mut self.trails, trails);
        self.rows.episodes.make_room(times);
        self.rows.tenures.make_room(times);
        self.rows.breaches.make_room(times);
        self.rows.rests.make_room(times);
        self.rows.pasts.make_room(times);
        self.rows.deals.make_room(times);
    }

    fn warm_up(&self, leads: &[LeadIndex]) {
        let marks = || leads.iter().filter_map(|lead| self.marks.get(*lead));
        touch(marks().map(|mark| mark.trail));
        let trails = || marks().filter_map(|mark| self.trails.get(mark.trail as usize));
        touch(trails().map(|trail| trail.episodes));
        let episodes = trails().filter_map(|trail| self.rows.episodes.newest(trail.episodes));
        touch(episodes.map(|episode| episode.handoff));
        let tenures = trails().filter_map(|trail| self.rows.tenures.newest(trail.tenures));
        touch(tenures.map(|tenure| tenure.owner.0));
    }

    // Asked of half of all events, most of which it does not want.
    #[inline(always)]
    fn wants(&self, glance: Glance<'_>) -> bool {
        (glance.is_watched() || glance.is_signal()) && self.heeds(glance.kind())
    }

    #[inline(always)]
    fn wants_next(&self, glance: Glance<'_>) -> bool {
        self.wants(glance) && (glance.is_watched() || !self.is_worked(glance))
    }

    fn forget(&mut self, lead: LeadIndex) {
        let Some(mark) = self.marks.get_mut(lead) else { return };
        let mark = std::mem::take(mark);
        if mark.trail == NO_ROW {
            return;
        }
        self.free.push(mark.trail);
        let trail = std::mem::take(&mut self.trails[mark.trail as usize]);
        self.rows.episodes.drop_chain(trail.episodes);
        self.rows.tenures.drop_chain(trail.tenures);
        self.rows.breaches.drop_chain(trail.breaches);
        self.rows.rests.drop_chain(trail.rest);
        self.rows.pasts.drop_chain(trail.past);
        if trail.has_withdrawn {
            self.rows.consents.forget(lead.0);
        }
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        let breach = Breach::new(AuditCode::Illegal, at, position, &[because]);
        let breach = Breach { is_context: true, ..breach };
        let (row, _) = self.begin_trail(lead);
        let trail = &mut self.trails[row as usize];
        self.rows.breaches.push(lead.0, &mut trail.breaches, breach);
    }

    fn absorbed(&mut self, lead: LeadIndex) {
        let Some(trail) = self.trail_of(lead) else { return };
        let (episodes, tenures) = (trail.episodes, trail.tenures);
        self.rows.episodes.change_chain(episodes, |episode| episode.is_absorbed = true);
        self.rows.tenures.change_chain(tenures, |tenure| tenure.is_absorbed = true);
    }

    #[inline(always)]
    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.from().is_none() {
            self.marks.reach(seen.lead()).began = seen.position();
        }
        if self.has_nothing_to_tell(seen) { seen.is_watched() } else { self.take(seen) }
    }
}

impl Sharded for Ledger {
    fn shard(&self, first: LeadIndex) -> Self {
        Self { marks: PerLead::from(first), ..Self::of(self.book.clone()) }
    }

    fn append(&mut self, shard: Self, grown: Grown) {
        let Self { mut marks, mut trails, free, rows, .. } = shard;
        let chains = self.rows.append(rows, grown);
        trails.iter_mut().for_each(|trail| trail.move_by(&chains));
        let first = self.trails.len() as u32;
        marks.iter_mut().for_each(|mark| mark.trail = moved(mark.trail, first));
        self.free.extend(free.into_iter().map(|trail| trail + first));
        self.trails.append(&mut trails);
        self.marks.append(marks);
    }
}

impl Ledger {
    /// Takes an event in. The answer is whether its lead is watched from here on.
    #[inline(never)]
    fn take(&mut self, seen: &Seen<'_>) -> bool {
        let lead = seen.lead();
        let (row, is_first) = self.begin_trail(lead);
        let mark = self.marks.reach(lead);
        let trail = &mut self.trails[row as usize];
        let mut desk = Desk { seen, book: &self.book, mark, trail, rows: &mut self.rows };
        desk.take();
        let is_watched = desk.trail.is_watched();
        if is_first && *desk.trail == Trail::default() {
            desk.mark.trail = NO_ROW;
            self.free.push(row);
        }
        is_watched
    }

    /// The trail of a lead, made if it has none. True if it had none.
    #[inline]
    fn begin_trail(&mut self, lead: LeadIndex) -> (u32, bool) {
        let row = &mut self.marks.reach(lead).trail;
        let is_first = *row == NO_ROW;
        if is_first {
            *row = self.free.pop().unwrap_or_else(|| {
                self.trails.push(Trail::default());
                (self.trails.len() - 1) as u32
            });
        }
        (*row, is_first)
    }

    /// Most events change nothing that the audit looks at: they are not to cost anything.
    #[inline]
    fn has_nothing_to_tell(&self, seen: &Seen<'_>) -> bool {
        match seen.kind() {
            Kind::Captured | Kind::ProfileUpdated => {
                self.book.fields.is_empty()
                    && !seen.owner().is_some()
                    && !seen.has_findings()
                    && (seen.kind() != Kind::Captured || seen.from().is_none())
            }
            Kind::AttributionResolved => self.book.fields.is_empty() && seen.is_uneventful(),
            Kind::Touched
            | Kind::ConsentGranted
            | Kind::ConsentWithdrawn
            | Kind::SnapshotImported
            // A quiet answer may decide a hand-off and move nothing.
            | Kind::Accepted
            | Kind::Disqualified
            | Kind::Recycled
            | Kind::Rejected
            | Kind::Returned
            | Kind::OpportunityOpened
            | Kind::OpportunityReopened
            | Kind::Won
            | Kind::Lost => false,
            Kind::OpportunityStageChanged => {
                seen.is_uneventful() && !seen.step().code_of(Field::Pipeline).is_some()
            }
            _ => seen.is_uneventful(),
        }
    }

    /// Whether events of a kind that leaves the tables alone may say anything to it.
    #[inline]
    fn heeds(&self, kind: Kind) -> bool {
        match kind {
            Kind::Touched | Kind::ConsentGranted | Kind::ConsentWithdrawn => true,
            Kind::ProfileUpdated => !self.book.fields.is_empty(),
            _ => false,
        }
    }

    /// Whether it is an attempt that changes nothing any more.
    #[inline]
    fn is_worked(&self, glance: Glance<'_>) -> bool {
        let trail = || self.trail_of(glance.lead());
        glance.kind() == Kind::Touched && trail().is_some_and(|trail| trail.is_worked)
    }

    /// What is known of a lead, if there is anything.
    pub(super) fn trail_of(&self, lead: LeadIndex) -> Option<&Trail> {
        let mark = self.marks.get(lead)?;
        (mark.trail != NO_ROW).then(|| &self.trails[mark.trail as usize])
    }

    /// The turns at each lead, newest first, with the time and the event that ended them.
    pub(super) fn turns(
        &self,
    ) -> impl Iterator<Item = (LeadIndex, &Tenure, Option<(i64, u64)>)> + '_ {
        let chains = self.marks.iter().filter(|(_, mark)| mark.trail != NO_ROW);
        chains.flat_map(|(lead, mark)| {
            let turns = self.rows.tenures.chain(self.trails[mark.trail as usize].tenures);
            turns.scan(None, move |next: &mut Option<(i64, u64)>, turn| {
                Some((lead, turn, next.replace((turn.from_at, turn.from))))
            })
        })
    }

    /// Whether sales has given a lead back, and marketing has not taken it up since.
    pub(crate) fn awaits_recycling(&self, lead: LeadIndex) -> bool {
        let newest =
            self.trail_of(lead).and_then(|trail| self.rows.episodes.newest(trail.episodes));
        newest.is_some_and(|newest| {
            newest.was_given_back() && !newest.was_recycled && !newest.is_settled
        })
    }

    /// When a lead had its first owner.
    pub(super) fn first_owned_at(&self, trail: &Trail) -> Option<i64> {
        let is_owned =
            |tenure: &&Tenure| tenure.is_given && !self.book.roster.queues.contains(&tenure.owner);
        let tenures = self.rows.tenures.chain(trail.tenures);
        tenures.filter(is_owned).last().map(|tenure| tenure.from_at)
    }

    /// The rules that a command would have been refused for: position, code and refusal.
    pub(crate) fn refusable(&self) -> impl Iterator<Item = (u64, AuditCode, Reason)> {
        let told = self.rows.breaches.iter().filter(|(_, breach)| !breach.is_context);
        told.filter_map(|(_, breach)| {
            breach.code.refusal().map(|reason| (breach.position, breach.code, reason))
        })
    }

    /// The fields that a gate missed at an event.
    pub(crate) fn missing_at(&self, position: u64) -> Vec<String> {
        let at = |breach: &&Breach| breach.position == position && breach.missing != 0;
        let breach = self.rows.breaches.iter().map(|(_, breach)| breach).find(at);
        breach.map_or_else(Vec::new, |breach| self.book.fields.names(breach.missing))
    }
}
