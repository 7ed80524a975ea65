//! The ledger: what the audit keeps of each lead while the fold goes by.

use super::AuditCode;
use super::breach::Breach;
use super::cause::Past;
use super::consents::Consents;
use super::deals::{Deals, Meant};
use super::episode::{EpisodeRow, Holding, Mark, NEVER, Tenure, Trail, is_with_sales};
use super::fields::Fields;
use super::roster::Roster;
use crate::event::{AssignmentCause, CaptureOrigin};
use crate::fact::Field;
use crate::fold::{Glance, Observer, Seen, Stages, Touch};
use crate::machine::Kind;
use crate::tables::{NO_ROW, Rows, reserve};
use crate::{Code, Decision, Illegal, LeadIndex, Playbook, Reason, SECOND, State, Timestamp};

/// Watches a fold for the hand-off audit.
///
/// It keeps rows: episodes, owners' tenures, and the rules that events broke. What depends on the
/// instant of the audit (leaks, missing decisions) is read off them by [`super::Audit`].
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) playbook: Playbook,
    pub(super) fields: Fields,
    stages: Stages,
    pub(super) roster: Roster,
    pub(super) marks: Vec<Mark>,
    /// Of the leads that have one: most have not.
    trails: Vec<Trail>,
    free: Vec<u32>,
    pub(super) episodes: Rows<EpisodeRow>,
    pub(super) tenures: Rows<Tenure>,
    pub(super) breaches: Rows<Breach>,
    consents: Consents,
    deals: Deals,
}

impl Ledger {
    /// An empty ledger under a playbook.
    pub fn new(playbook: Playbook) -> Self {
        Self {
            fields: Fields::of(&playbook),
            playbook,
            stages: Stages::default(),
            roster: Roster::default(),
            marks: Vec::new(),
            trails: Vec::new(),
            free: Vec::new(),
            episodes: Rows::default(),
            tenures: Rows::default(),
            breaches: Rows::default(),
            consents: Consents::default(),
            deals: Deals::default(),
        }
    }
}

impl Observer for Ledger {
    fn learn<E>(
        &mut self,
        code_of: &mut impl FnMut(&str) -> Result<Option<Code>, E>,
    ) -> Result<(), E> {
        self.fields.learn(code_of)?;
        self.roster = Roster::of(&self.playbook, code_of)?;
        self.stages = Stages::of(&self.playbook, code_of)?;
        Ok(())
    }

    fn make_room(&mut self, times: usize) {
        let (marks, trails) = (self.marks.len(), self.trails.len());
        reserve(&mut self.marks, marks.saturating_mul(times));
        reserve(&mut self.trails, trails.saturating_mul(times));
        self.episodes.make_room(times);
        self.tenures.make_room(times);
        self.breaches.make_room(times);
    }

    #[inline]
    fn wants(&self, glance: Glance<'_>) -> bool {
        match glance.kind() {
            Kind::Touched => {
                glance.is_watched() || glance.touch().is_some_and(|touch| touch.is_attempt())
            }
            Kind::ConsentGranted => glance.is_watched() || glance.ends(),
            Kind::ConsentWithdrawn => true,
            Kind::ProfileUpdated => !self.fields.is_empty(),
            _ => false,
        }
    }

    fn forget(&mut self, lead: LeadIndex) {
        let Some(mark) = self.marks.get_mut(lead.0 as usize) else { return };
        let mark = std::mem::take(mark);
        if mark.trail == NO_ROW {
            return;
        }
        self.free.push(mark.trail);
        let trail = std::mem::take(&mut self.trails[mark.trail as usize]);
        self.episodes.drop_chain(trail.episodes);
        self.tenures.drop_chain(trail.tenures);
        self.breaches.drop_chain(trail.breaches);
        if trail.has_withdrawn {
            self.consents.forget(lead.0);
        }
        if trail.has_deals {
            self.deals.forget(lead.0);
        }
    }

    fn refused(&mut self, lead: LeadIndex, at: Timestamp, position: u64, because: u64) {
        let breach = Breach::new(AuditCode::Illegal, at, position, &[because]);
        self.mark(lead);
        let mut chain = self.trail_at(lead).breaches;
        self.breaches.push(lead.0, &mut chain, Breach { is_context: true, ..breach });
        self.trail_at(lead).breaches = chain;
    }

    fn saw(&mut self, seen: &Seen<'_>) -> bool {
        if seen.from().is_none() {
            self.begin(seen);
        }
        if self.has_nothing_to_tell(seen) {
            return seen.is_watched();
        }
        self.explain(seen);
        match seen.kind() {
            _ if seen.from() == Some(State::Erased) => {}
            Kind::Touched if seen.from().is_some() => self.follow_touch(seen),
            _ => self.follow(seen),
        }
        self.trail_of(seen.lead()).is_some_and(Trail::is_watched)
    }
}

impl Ledger {
    fn begin(&mut self, seen: &Seen<'_>) {
        self.mark(seen.lead()).began = seen.position();
    }

    /// The lead's mark, made if there was none.
    fn mark(&mut self, lead: LeadIndex) -> &mut Mark {
        let lead = lead.0 as usize;
        if self.marks.len() <= lead {
            self.marks.resize_with(lead + 1, Mark::default);
        }
        &mut self.marks[lead]
    }

    /// Most events change nothing that the audit looks at: they are not to cost anything.
    #[inline]
    fn has_nothing_to_tell(&self, seen: &Seen<'_>) -> bool {
        match seen.kind() {
            Kind::Captured | Kind::ProfileUpdated => {
                self.fields.is_empty()
                    && !seen.owner().is_some()
                    && seen.findings().next().is_none()
                    && (seen.kind() != Kind::Captured || seen.from().is_none())
            }
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

    fn follow(&mut self, seen: &Seen<'_>) {
        self.check_rejection(seen);
        self.follow_decision(seen);
        self.follow_offer(seen);
        self.follow_owner(seen);
        match seen.kind() {
            Kind::Touched => self.follow_touch(seen),
            Kind::ConsentGranted | Kind::ConsentWithdrawn => self.follow_consent(seen),
            Kind::Captured | Kind::ProfileUpdated | Kind::SnapshotImported => {
                self.follow_fields(seen);
            }
            Kind::QualifiedMql => self.follow_qualification(seen),
            Kind::Recycled => self.follow_recycling(seen),
            Kind::OpportunityOpened
            | Kind::OpportunityReopened
            | Kind::OpportunityStageChanged
            | Kind::Won
            | Kind::Lost => self.follow_deal(seen),
            _ => {}
        }
        self.follow_move(seen);
    }

    /// Whoever declines a lead had it until then.
    fn check_rejection(&mut self, seen: &Seen<'_>) {
        let is_answer = matches!(seen.kind(), Kind::Rejected | Kind::Returned);
        if is_answer && !seen.step().b().is_some() {
            let owner = seen.step().a().or(seen.owner_before());
            let handoff = self.open_episode(seen).map_or(NO_ROW, |episode| episode.handoff);
            let code = AuditCode::RejectedWithoutReason;
            let breach = Breach::new(code, seen.at(), seen.position(), &[]);
            self.note(seen, Breach { owner, handoff, ..breach });
        }
    }

    fn follow_deal(&mut self, seen: &Seen<'_>) {
        let mut standing = self.trail(seen).deals;
        self.deals.follow(seen, &mut standing);
        let trail = self.trail(seen);
        (trail.deals, trail.has_deals) = (standing, true);
    }

    fn follow_fields(&mut self, seen: &Seen<'_>) {
        if seen.kind() == Kind::Captured && seen.from().is_some() {
            let is_refused = seen.findings().any(|finding| finding.reason.is_some());
            if is_refused && self.playbook.rules.illegal == Illegal::Skip {
                return;
            }
            let is_own = seen.step().stream == seen.lead().0;
            let trail = self.trail(seen);
            if is_own && trail.captured == 0 && !is_refused {
                trail.captured = seen.position();
            }
        }
        let filled = self.fields.filled_by(seen);
        if filled != 0 {
            self.trail(seen).fields |= filled;
        }
    }

    /// What is known of a lead, if there is anything.
    pub(super) fn trail_of(&self, lead: LeadIndex) -> Option<&Trail> {
        let mark = self.marks.get(lead.0 as usize)?;
        (mark.trail != NO_ROW).then(|| &self.trails[mark.trail as usize])
    }

    /// The rules that a command would have been refused for: position, code and refusal.
    pub(crate) fn refusable(&self) -> impl Iterator<Item = (u64, AuditCode, Reason)> {
        let told = self.breaches.iter().filter(|(_, breach)| !breach.is_context);
        told.filter_map(|(_, breach)| {
            breach.code.refusal().map(|reason| (breach.position, breach.code, reason))
        })
    }

    /// The fields that a gate missed at an event.
    pub(crate) fn missing_at(&self, position: u64) -> Vec<String> {
        let at = |breach: &&Breach| breach.position == position && breach.missing != 0;
        let breach = self.breaches.iter().map(|(_, breach)| breach).find(at);
        breach.map_or_else(Vec::new, |breach| self.fields.names(breach.missing))
    }

    /// The lead's trail, begun if there was none.
    fn trail(&mut self, seen: &Seen<'_>) -> &mut Trail {
        self.trail_at(seen.lead())
    }

    fn trail_at(&mut self, lead: LeadIndex) -> &mut Trail {
        let mark = &mut self.marks[lead.0 as usize];
        if mark.trail == NO_ROW {
            mark.trail = self.free.pop().unwrap_or_else(|| {
                self.trails.push(Trail::default());
                (self.trails.len() - 1) as u32
            });
        }
        &mut self.trails[mark.trail as usize]
    }

    /// Notes a rule that the event broke. An absorbed lead's own row tells of its breaches.
    fn breach(&mut self, seen: &Seen<'_>, code: AuditCode, before: &[u64]) {
        let owner = seen.owner();
        let handoff = self.open_episode(seen).map_or(NO_ROW, |episode| episode.handoff);
        let breach = Breach::new(code, seen.at(), seen.position(), before);
        self.note(seen, Breach { owner, handoff, ..breach });
    }

    fn note(&mut self, seen: &Seen<'_>, breach: Breach) {
        if !seen.is_quiet() {
            let mut chain = self.trail(seen).breaches;
            self.breaches.push(seen.lead().0, &mut chain, breach);
            self.trail(seen).breaches = chain;
        }
    }

    fn newest_episode(&mut self, seen: &Seen<'_>) -> Option<&mut EpisodeRow> {
        let row = self.trail_of(seen.lead()).map_or(NO_ROW, |trail| trail.episodes);
        (row != NO_ROW).then(|| self.episodes.at_mut(row))
    }

    fn open_episode(&mut self, seen: &Seen<'_>) -> Option<&mut EpisodeRow> {
        self.newest_episode(seen).filter(|episode| episode.is_open())
    }

    fn past<'s>(&self, seen: &'s Seen<'s>) -> Past<'s> {
        let trail = self.trail_of(seen.lead()).copied().unwrap_or_default();
        let newest = self.episodes.newest(trail.episodes);
        let deal = self.deals.meant(seen, &trail.deals);
        Past {
            seen,
            rules: self.playbook.rules,
            is_sales_generated: is_sales_generated(seen),
            mark: self.marks[seen.lead().0 as usize],
            trail,
            handoff: newest.map(|episode| (seen.handoff(episode.handoff), episode.decision)),
            given: newest.map_or(0, |episode| episode.given),
            deal,
            piped: self.piped(seen, deal),
        }
    }

    /// What took the deal out of a pipeline that knows the event's stage.
    fn piped(&self, seen: &Seen<'_>, deal: Meant) -> u64 {
        match deal {
            Meant::Open(deal) | Meant::Closed(deal)
                if self.stages.know(deal.pipeline_before, seen.step().b()) =>
            {
                deal.piped
            }
            _ => 0,
        }
    }

    /// Keeps what made a finding of the fold so.
    fn explain(&mut self, seen: &Seen<'_>) {
        if seen.findings().next().is_none() {
            return;
        }
        let past = self.past(seen);
        for finding in seen.findings() {
            let breach = Breach::new(
                AuditCode::of_history(finding.code),
                seen.at(),
                seen.position(),
                &past.causes(finding),
            );
            // A hand-off is about whoever it was offered to.
            let is_offer = seen.kind() == Kind::HandedOff;
            let owner = if is_offer { seen.step().a() } else { seen.owner_before() };
            let is_context = true;
            self.note(seen, Breach { owner, is_context, ..breach });
        }
    }

    fn follow_decision(&mut self, seen: &Seen<'_>) {
        let (at, position) = (seen.step().at, seen.position());
        let Some(episode) = self.newest_episode(seen) else { return };
        let decision = seen.handoff(episode.handoff).decision;
        if decision == episode.decision {
            return;
        }
        if episode.decision == Decision::Pending {
            (episode.decided, episode.decision_held) = (position, episode.held);
        }
        episode.decision = decision;
        if decision != Decision::Accepted && episode.is_open() {
            episode.is_returned = decision == Decision::Returned;
            episode.ended_at = at;
        }
    }

    fn follow_offer(&mut self, seen: &Seen<'_>) {
        let Some(row) = seen.offered() else { return };
        let held = holding(seen);
        if let Some(episode) = self.open_episode(seen) {
            episode.ended_at = held.at;
        }
        let episode = EpisodeRow::offered(row, self.trail(seen), held);
        let mut chain = self.trail(seen).episodes;
        self.episodes.push(seen.lead().0, &mut chain, episode);
        let trail = self.trail(seen);
        (trail.episodes, trail.is_awaited) = (chain, true);
        self.check_offer(seen, seen.handoff(row).to);
    }

    fn check_offer(&mut self, seen: &Seen<'_>, to: Code) {
        if self.roster.seats.get(&to).is_some_and(|seat| seat.has_left(seen.at())) {
            self.breach(seen, AuditCode::OwnerGone, &[]);
        }
        let waited = seen.recorded_at().micros().saturating_sub(seen.step().at);
        let limit = self.playbook.audit.back_dated_seconds;
        if limit.is_some_and(|limit| i128::from(waited) > i128::from(limit) * i128::from(SECOND)) {
            self.breach(seen, AuditCode::BackDatedHandoff, &[]);
        }
        self.check_gate(seen, State::HandedOff);
    }

    fn check_gate(&mut self, seen: &Seen<'_>, state: State) {
        let filled = self.trail_of(seen.lead()).map_or(0, |trail| trail.fields);
        let missing = self.fields.missing(state, filled);
        if missing != 0 {
            let owner = seen.owner();
            let handoff = self.open_episode(seen).map_or(NO_ROW, |episode| episode.handoff);
            let breach = Breach::new(AuditCode::GateNotMet, seen.at(), seen.position(), &[]);
            self.note(seen, Breach { owner, handoff, missing, ..breach });
        }
    }

    /// Turns of owners, who had it before, and who lost it untouched.
    fn follow_owner(&mut self, seen: &Seen<'_>) {
        let (at, position, owner) = (seen.step().at, seen.position(), seen.owner());
        let is_work = is_with_sales(seen.state());
        if owner == seen.owner_before() && seen.from().map(is_with_sales) == Some(is_work) {
            return;
        }
        let row = self.trail_of(seen.lead()).map_or(NO_ROW, |trail| trail.tenures);
        let last = self.tenures.newest(row).filter(|tenure| tenure.until_at == NEVER).copied();
        if last.is_some_and(|last| last.owner == owner && last.is_work == is_work) {
            return;
        }
        if let Some(last) = last {
            let tenure = self.tenures.at_mut(row);
            (tenure.until_at, tenure.until) = (at, position);
            self.check_loss(seen, last);
        }
        if owner.is_some() {
            let tenure = Tenure {
                owner,
                from_at: at,
                from: position,
                until_at: NEVER,
                until: 0,
                is_work,
                is_given: owner != seen.owner_before(),
            };
            let mut chain = row;
            self.tenures.push(seen.lead().0, &mut chain, tenure);
            let trail = self.trail(seen);
            (trail.tenures, trail.is_touched) = (chain, false);
        }
        if owner != seen.owner_before() {
            self.follow_holder(seen, owner);
        }
    }

    /// An owner who loses a lead in the hands of sales should have touched it. A queue is nobody,
    /// and whoever has left can touch nothing any more.
    fn check_loss(&mut self, seen: &Seen<'_>, lost: Tenure) {
        let is_taken = matches!(seen.kind(), Kind::Assigned | Kind::Reassigned | Kind::Unassigned)
            && lost.owner != seen.owner();
        if !is_taken || self.roster.queues.contains(&lost.owner) {
            return;
        }
        let Trail { is_touched, tenures, .. } = *self.trail(seen);
        let is_excused = is_touched || self.is_of_leaver(seen, lost.owner);
        if let Some(episode) = self.open_episode(seen) {
            episode.reassigned += 1;
            let (handoff, episode) = (episode.handoff, *episode);
            if !is_excused {
                // The offer gave the lead to them, whoever had done so before.
                let from = if episode.tenure == tenures { 0 } else { lost.from };
                let before = [seen.handoff(handoff).position, from];
                let code = AuditCode::ReassignedWithoutTouch;
                let breach = Breach::new(code, seen.at(), seen.position(), &before);
                self.note(seen, Breach { owner: lost.owner, handoff, ..breach });
            }
        }
    }

    /// Whether the owner had left by then, as the playbook or the event itself says.
    fn is_of_leaver(&self, seen: &Seen<'_>, owner: Code) -> bool {
        let seat = self.roster.seats.get(&owner);
        seat.is_some_and(|seat| seat.has_left(seen.at()))
            || AssignmentCause::from_code(seen.step().sub()) == Some(AssignmentCause::Leaver)
    }

    fn follow_holder(&mut self, seen: &Seen<'_>, owner: Code) {
        let (at, position) = (seen.step().at, seen.position());
        if let Some(episode) = self.open_episode(seen)
            && owner.is_some()
            && owner != episode.held.owner
        {
            episode.held = holding(seen);
        }
        if !owner.is_some() || self.roster.queues.contains(&owner) {
            return;
        }
        let trail = self.trail(seen);
        trail.first_owned_at = trail.first_owned_at.min(at);
        let [last, before, _] = trail.owners;
        if last.0 == owner {
            trail.owners[0].1 = position;
            return;
        }
        trail.owners = [(owner, position), last, before];
        if before.0 == owner {
            self.breach(seen, AuditCode::PingPong, &[before.1, last.1]);
        }
    }

    fn follow_touch(&mut self, seen: &Seen<'_>) {
        let Some(touch) = seen.touch() else { return };
        let trail = self.trail(seen);
        trail.recycled = 0;
        if touch.is_attempt() {
            self.follow_attempt(seen, &touch);
        }
        if touch.is_campaign() {
            self.check_campaign(seen, &touch);
        }
    }

    fn follow_attempt(&mut self, seen: &Seen<'_>, touch: &Touch) {
        let (at, position) = (seen.step().at, seen.position());
        let trail = self.trail(seen);
        trail.first_attempt_at = trail.first_attempt_at.min(at);
        trail.is_touched = true;
        if !trail.is_awaited {
            return self.check_early_work(seen);
        }
        let Some(episode) = self.open_episode(seen) else {
            return self.check_early_work(seen);
        };
        if episode.attempt == 0 {
            (episode.attempt_at, episode.attempt) = (at, position);
            episode.attempt_held = episode.held;
        }
        if episode.contact == 0 && touch.is_contact() {
            (episode.contact_at, episode.contact) = (at, position);
            self.trail(seen).is_awaited = false;
        }
    }

    /// Once a round: the first touch of sales in it, if nobody has handed the lead off in it.
    fn check_early_work(&mut self, seen: &Seen<'_>) {
        let may = self.playbook.conduct.sales_touches_before_handoff;
        if !is_with_marketing(seen.state()) || may {
            return;
        }
        let cycle = seen.cycle();
        let offered_in = self.newest_episode(seen).map_or(0, |e| seen.handoff(e.handoff).cycle);
        let worked_in = std::mem::replace(&mut self.trail(seen).worked_early_in, cycle);
        if offered_in != cycle && worked_in != cycle && !is_sales_generated(seen) {
            let (mark, trail) = (self.marks[seen.lead().0 as usize], *self.trail(seen));
            // In the round before, the touch would have been no matter.
            let was_free = [offered_in, worked_in].contains(&(cycle - 1));
            let [rested, round] = if was_free { trail.round } else { [0; 2] };
            let before = seen.state_before_visit().unwrap_or(State::New);
            let entered = if is_with_marketing(before) { 0 } else { mark.came() };
            self.breach(seen, AuditCode::WorkedBeforeHandoff, &[rested, round, entered]);
        }
    }

    fn check_campaign(&mut self, seen: &Seen<'_>, touch: &Touch) {
        let conduct = self.playbook.conduct;
        let entered = self.marks[seen.lead().0 as usize].came();
        match seen.state() {
            State::Customer if !conduct.marketing_touches_customers => {
                self.breach(seen, AuditCode::MarketingTouchToCustomer, &[entered]);
            }
            State::Opportunity if !conduct.marketing_touches_opportunities => {
                self.breach(seen, AuditCode::MarketingTouchToOpportunity, &[entered]);
            }
            _ => {}
        }
        self.consents.pass(seen.lead().0, seen.step().at);
        if let Some(withdrawn) = self.consents.against(seen.lead().0, touch.channel) {
            self.breach(seen, AuditCode::TouchedAfterWithdrawal, &[withdrawn]);
        }
    }

    fn follow_consent(&mut self, seen: &Seen<'_>) {
        let (lead, at, position) = (seen.lead().0, seen.step().at, seen.position());
        let (purpose, channel) = (seen.step().a(), seen.step().b());
        self.consents.pass(lead, at);
        if seen.kind() == Kind::ConsentWithdrawn {
            self.trail(seen).has_withdrawn = true;
            return self.consents.withdraw(lead, purpose, channel, (at, position));
        }
        let ends_at = seen.step().x();
        if ends_at.is_some() {
            self.trail(seen).has_withdrawn = true;
        }
        // What nobody withdrew before it and does not end lifts nothing, and would outlive a lead
        // that is folded anew.
        if self.trail_of(seen.lead()).is_some_and(|trail| trail.has_withdrawn) {
            self.consents.grant(lead, purpose, channel, (at, position), ends_at);
        }
    }

    fn follow_qualification(&mut self, seen: &Seen<'_>) {
        if seen.state() != State::Mql {
            return;
        }
        let definition = seen.step().b();
        if definition.is_some() || self.trail_of(seen.lead()).is_some() {
            self.trail(seen).definition = definition;
        }
        if let Some(episode) = self.newest_episode(seen) {
            episode.was_requalified |= episode.was_recycled;
        }
    }

    /// A lead that sales gave back is recycled when marketing takes it up, even in the same
    /// instant.
    fn follow_recycling(&mut self, seen: &Seen<'_>) {
        if seen.state() != State::Nurturing {
            return;
        }
        let (at, until) = (seen.step().at, seen.step().x());
        let trail = self.trail(seen);
        (trail.recycled, trail.recycled_at) = (seen.position(), at);
        trail.until_at = until.unwrap_or(NEVER);
        if let Some(episode) = self.newest_episode(seen) {
            let is_given_back = matches!(episode.decision, Decision::Rejected | Decision::Returned);
            episode.was_recycled |= is_given_back && !episode.was_requalified;
        }
    }

    fn follow_move(&mut self, seen: &Seen<'_>) {
        let (at, state) = (seen.step().at, seen.state());
        if seen.from().is_none() {
            return self.keep_off(seen, state);
        }
        if seen.from() == Some(state) {
            return;
        }
        self.follow_round(seen);
        self.marks[seen.lead().0 as usize].entered = seen.position();
        self.keep_off(seen, state);
        if !is_with_sales(state)
            && let Some(episode) = self.open_episode(seen)
        {
            episode.ended_at = at;
        }
        if state == State::Customer {
            self.follow_win(seen);
        }
        if !self.fields.is_empty()
            && state != State::HandedOff
            && seen.kind() != Kind::SnapshotImported
        {
            self.check_gate(seen, state);
        }
    }
}

impl Ledger {
    /// What waits for a touch, and what began the round.
    fn follow_round(&mut self, seen: &Seen<'_>) {
        let (recycled, cycle) =
            self.trail_of(seen.lead()).map_or((0, 1), |t| (t.recycled, t.cycle));
        if recycled != 0 && seen.state() != State::Nurturing {
            self.trail(seen).recycled = 0;
        }
        if cycle != seen.cycle() {
            let rested = self.rested(seen);
            let trail = self.trail(seen);
            (trail.cycle, trail.round) = (seen.cycle(), [rested, seen.position()]);
        }
    }

    /// What brought the lead to rest before the event that begins a round, unless it would have
    /// been at rest without that too.
    fn rested(&self, seen: &Seen<'_>) -> u64 {
        let is_at_rest = |s| matches!(s, State::Nurturing | State::Disqualified | State::Lost);
        let was_before = seen.state_before_visit().is_some_and(is_at_rest);
        let is_enough = was_before && self.playbook.rules.illegal == Illegal::Apply;
        if is_enough { 0 } else { self.marks[seen.lead().0 as usize].came() }
    }

    /// The first win of a lead that had never been handed off.
    fn follow_win(&mut self, seen: &Seen<'_>) {
        let is_first = seen.kind() == Kind::Won && !self.trail(seen).was_won;
        let trail = self.trail(seen);
        trail.was_won |= is_first;
        if trail.customer == 0 {
            trail.customer = seen.position();
        }
        if is_first && seen.row().handoffs == NO_ROW && !is_sales_generated(seen) {
            self.breach(seen, AuditCode::WonWithoutHandoff, &[]);
        }
    }

    /// Notes a lead that the playbook forbids campaigns to touch, from here on: a touch that comes
    /// to be known late may have been in that time.
    fn keep_off(&mut self, seen: &Seen<'_>, state: State) {
        let conduct = &self.playbook.conduct;
        let is_off_limits = match state {
            State::Customer => !conduct.marketing_touches_customers,
            State::Opportunity => !conduct.marketing_touches_opportunities,
            _ => false,
        };
        if is_off_limits {
            self.trail(seen).was_off_limits = true;
        }
    }
}

/// Whether a lead in this state is still marketing's.
fn is_with_marketing(state: State) -> bool {
    matches!(state, State::New | State::Mql | State::Nurturing)
}

fn is_sales_generated(seen: &Seen<'_>) -> bool {
    let lead = seen.tables().lead(seen.lead());
    lead.and_then(|lead| lead.origin()) == Some(CaptureOrigin::SalesGenerated)
}

/// Whoever the event gave the lead to has it from here on.
fn holding(seen: &Seen<'_>) -> Holding {
    let is_accepted = seen.kind() == Kind::Accepted;
    Holding { owner: seen.owner(), at: seen.step().at, by: seen.position(), is_accepted }
}
