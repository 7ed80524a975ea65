//! Hand-off episodes: what was promised with each offer, and what came of it.

use leadfold_core::audit::AuditCode;
use std::collections::BTreeSet;

use leadfold_core::{Clock, SECOND, State};

use super::owner::{is_loss, is_with_sales};
use super::row::{Moment, Row};
use super::rule::filled;
use super::{Desk, Expected, Flaw, expected};
use crate::audit_laws::told::{PlainEpisode, overdue};

/// An episode, with the moments that made it so.
#[derive(Debug)]
pub(crate) struct Episode<'a> {
    pub(crate) plain: PlainEpisode,
    row: &'a Row,
    /// Who decided, if anybody did, and the moment that gave them the lead.
    decider: Option<(Option<String>, Option<usize>)>,
    decided: Option<usize>,
    /// Sales had done with it by giving it back.
    is_returned: bool,
    /// Who had the lead when nobody asked for it any more.
    holder: Holding,
    attempt: Option<usize>,
    /// Who made the first attempt, and since when they had the lead.
    tried: Option<Holding>,
}

impl Episode<'_> {
    /// Whether its lead is erased.
    pub(crate) fn is_of_erased(&self) -> bool {
        self.row.last().is_some_and(|lead| lead.state == "erased")
    }

    /// Since when whoever made the first attempt had the lead.
    pub(crate) fn tried_since(&self) -> Option<i64> {
        self.tried.as_ref().map(|tried| self.row.moments[tried.since].event.at)
    }

    /// The moment by which somebody had to make the first attempt when they had to: that at which
    /// they got the lead back, if it was due the later for it, else that which made it theirs.
    fn asked(&self, holding: &Holding, desk: &Desk<'_>) -> usize {
        let (moments, plain) = (&self.row.moments, &self.plain);
        let offer = moments.iter().find(|moment| moment.event.position == plain.position);
        let offer = offer.expect("an episode begins with an offer");
        let from_first = attempt_due(offer, moments[holding.first].event.at, desk);
        if from_first == plain.attempt_due { holding.first } else { holding.since }
    }
}

/// Who has the lead, and since which moment; and which moment made it theirs, if nobody but them
/// has had it since.
#[derive(Clone, Debug)]
struct Holding {
    owner: Option<String>,
    since: usize,
    first: usize,
}

pub(crate) fn of_row<'a>(row: &'a Row, desk: &Desk<'_>) -> Vec<Episode<'a>> {
    let offers = (0..row.moments.len()).filter(|index| row.moments[*index].is_offer());
    offers.map(|index| of_offer(row, index, desk)).collect()
}

fn of_offer<'a>(row: &'a Row, offer: usize, desk: &Desk<'_>) -> Episode<'a> {
    let moments = &row.moments;
    let number = moments[offer].handoffs().len() - 1;
    let last = &row.last().expect("an offered lead has begun").handoffs[number];
    let ended = ended(moments, offer, number);
    let decided = decided(moments, offer, number);
    let holdings = holdings(moments, offer, ended, desk);
    let holder = holdings.last().expect("the offer gave it to somebody").clone();
    let attempt = attempt(moments, offer, ended, desk);
    let contact = (offer..ended.unwrap_or(moments.len()))
        .find(|index| moments[*index].event.is_contact() && !moments[*index].is_in_vain());
    let at = |index: Option<usize>| index.map(|index| moments[index].event.at);
    let tried = attempt.map(|attempt| holding_at(&holdings, attempt));
    let since = tried.as_ref().map_or(holder.since, |tried| tried.since);
    let offered = &moments[offer].event;
    let again = again(moments, offer);
    let mut plain = PlainEpisode {
        lead: row.lead.clone(),
        position: offered.position,
        to: Some(last.to.clone()).filter(|to| !to.is_empty()),
        offered_at: offered.at,
        decision: last.decision.clone(),
        decided_at: last.decided_at,
        cycle: last.cycle,
        definition: definition(moments, offer),
        holder: holder.owner.clone(),
        held_at: moments[holder.since].event.at,
        decision_due: decision_due(&moments[offer], desk),
        attempt_due: attempt_due(&moments[offer], moments[since].event.at, desk),
        attempted_at: at(attempt),
        contacted_at: at(contact),
        ended_at: at(ended),
        reassigned: reassigned(moments, offer, ended, desk),
        was_recycled: again.0,
        was_requalified: again.1,
        fields: Vec::new(),
        missing: Vec::new(),
        returned_at: None,
        outcome: outcome(row, offer, ended, desk),
        kept_decision: "",
        kept_attempt: "",
    };
    plain.kept_decision = kept_decision(&plain, desk);
    plain.kept_attempt = kept_attempt(&plain, desk);
    let decider = decided.map(|decided| match &last.by {
        Some(by) if !by.is_empty() => (Some(by.clone()), None),
        _ => {
            let holding = holding_at(&holdings, decided);
            (holding.owner, Some(holding.first))
        }
    });
    let is_back = |index: usize| moments[index].handoffs()[number].decision == "returned";
    let is_returned = ended.is_some_and(is_back);
    plain.returned_at = at(ended).filter(|_| is_returned || desk.has(Flaw::EveryEndReturns));
    (plain.fields, plain.missing) = fields(row, offer, desk);
    Episode { plain, row, decider, decided, is_returned, holder, attempt, tried }
}

/// The moment at which sales had done with an offer.
fn ended(moments: &[Moment], offer: usize, number: usize) -> Option<usize> {
    let is_over = |moment: &Moment| {
        let decision = moment.handoffs()[number].decision.as_str();
        let has_left = moment.is_move() && !is_with_sales(moment.state());
        !["pending", "accepted"].contains(&decision) || moment.is_offer() || has_left
    };
    (offer + 1..moments.len()).find(|index| is_over(&moments[*index]))
}

/// The moment at which an offer was no longer pending.
fn decided(moments: &[Moment], offer: usize, number: usize) -> Option<usize> {
    (offer..moments.len()).find(|index| moments[*index].handoffs()[number].decision != "pending")
}

/// Who had the lead while the episode lasted, one after the other.
fn holdings(
    moments: &[Moment],
    offer: usize,
    ended: Option<usize>,
    desk: &Desk<'_>,
) -> Vec<Holding> {
    let of = |index: usize| {
        let owner = moments[index].owner().map(str::to_owned);
        Holding { owner, since: index, first: index }
    };
    let is_from_nobody = |index: usize| moments[index].owner_before().is_none();
    let mut holdings = vec![of(offer)];
    for index in offer + 1..ended.unwrap_or(moments.len()) {
        let next = of(index);
        let last = &holdings[holdings.len() - 1];
        let is_same = next.owner == last.owner;
        // Ownership that begins anew begins then, whoever had the lead before nobody had it.
        let is_back = is_same && is_from_nobody(index);
        let is_new = !is_same || is_back && !desk.has(Flaw::GivenBackIsKept);
        if next.owner.is_some() && is_new && !desk.has(Flaw::HolderStays) {
            let first = if is_same { last.first } else { index };
            holdings.push(Holding { first, ..next });
        }
    }
    holdings
}

fn holding_at(holdings: &[Holding], index: usize) -> Holding {
    // Before the offer, where a flaw looks for an attempt, it is nobody's but the first holder's.
    let found = holdings.iter().rfind(|holding| holding.since <= index);
    found.unwrap_or(&holdings[0]).clone()
}

fn attempt(
    moments: &[Moment],
    offer: usize,
    ended: Option<usize>,
    desk: &Desk<'_>,
) -> Option<usize> {
    let from = if desk.has(Flaw::EarlyAttemptsCount) { 0 } else { offer };
    let until = if desk.has(Flaw::LateAttemptsCount) { None } else { ended };
    let is_attempt = |moment: &Moment| {
        let event = &moment.event;
        let is_campaign = event.is_campaign() && desk.has(Flaw::CampaignsAreAttempts);
        let is_sent = event.is("touched") && event.text("side") == Some("sales");
        event.is_attempt() || is_campaign || is_sent && desk.has(Flaw::AutomationAttempts)
    };
    (from..until.unwrap_or(moments.len()))
        .find(|index| is_attempt(&moments[*index]) && !moments[*index].is_in_vain())
}

fn reassigned(moments: &[Moment], offer: usize, ended: Option<usize>, desk: &Desk<'_>) -> u32 {
    let within = &moments[offer + 1..ended.unwrap_or(moments.len())];
    within.iter().filter(|moment| is_loss(moment, desk)).count() as u32
}

/// The definition of the qualification that made the lead an MQL last.
fn definition(moments: &[Moment], offer: usize) -> Option<String> {
    let is_qualification =
        |m: &&Moment| m.event.is("qualified") && m.state() == Some("mql") && m.is_entry();
    moments[..offer].iter().rfind(is_qualification)?.event.owned("definition")
}

/// Whether marketing took it up after sales gave it back, and whether it qualified after that.
fn again(moments: &[Moment], offer: usize) -> (bool, bool) {
    let number = moments[offer].handoffs().len() - 1;
    let is_newest = |moment: &&Moment| moment.handoffs().len() == number + 1;
    let (mut again, mut is_settled) = ((false, false), false);
    for moment in moments[offer + 1..].iter().take_while(is_newest) {
        let decision = moment.handoffs()[number].decision.as_str();
        let is_given_back = ["rejected", "returned"].contains(&decision);
        let is_nurtured = moment.event.is("recycled") && moment.state() == Some("nurturing");
        again.0 |= is_nurtured && is_given_back && !is_settled;
        let is_mql = moment.event.is("qualified") && moment.state() == Some("mql");
        is_settled |= is_given_back && is_mql && moment.is_entry();
        again.1 |= again.0 && is_mql && moment.is_entry();
    }
    again
}

/// What became of the deals that were opened while the episode lasted.
fn outcome(row: &Row, offer: usize, ended: Option<usize>, desk: &Desk<'_>) -> Option<&'static str> {
    let moments = &row.moments;
    let opened = |index: usize| {
        let lead = moments[index].after.as_ref();
        lead.map_or(0, |lead| lead.opportunities.len())
    };
    let ended = ended.filter(|_| !desk.has(Flaw::LaterDealsCount));
    let until = ended.unwrap_or(moments.len() - 1);
    let deals = &row.last()?.opportunities[opened(offer)..opened(until)];
    let outcomes = ["won", "open", "lost"];
    outcomes.into_iter().find(|outcome| deals.iter().any(|deal| deal.outcome == *outcome))
}

/// The fields that the gate of a hand-off names: those that the lead had, and those it had not.
fn fields(row: &Row, offer: usize, desk: &Desk<'_>) -> (Vec<String>, Vec<String>) {
    let Some(gate) = desk.book.playbook.gates.get(&State::HandedOff) else {
        return Default::default();
    };
    let all = if desk.has(Flaw::DesirableLeftOut) { &[] } else { &gate.desirable[..] };
    let all: BTreeSet<String> = gate.mandatory.iter().chain(all).cloned().collect();
    let filled: BTreeSet<String> = (0..=offer).flat_map(|index| filled(row, index, desk)).collect();
    all.into_iter().partition(|field| filled.contains(field))
}

fn decision_due(offer: &Moment, desk: &Desk<'_>) -> Option<i64> {
    let own = offer.event.time("decision_due").filter(|_| !desk.has(Flaw::OwnDueIgnored));
    let promised = desk.book.playbook.sla.decision_seconds;
    own.or_else(|| desk.hours.due(offer.event.at, micros(promised)))
}

fn attempt_due(offer: &Moment, held_at: i64, desk: &Desk<'_>) -> Option<i64> {
    let sla = &desk.book.playbook.sla;
    let own = offer.event.time("touch_due").filter(|_| !desk.has(Flaw::OwnDueIgnored));
    let restarts = sla.on_reassignment == Clock::Restart && !desk.has(Flaw::ClockNeverRestarts);
    let from = if restarts { held_at } else { offer.event.at };
    own.or_else(|| desk.hours.due(from, micros(sla.first_attempt_seconds)))
}

fn micros(seconds: u64) -> i64 {
    (i128::from(seconds) * i128::from(SECOND)).min(i128::from(i64::MAX)) as i64
}

/// When nobody watches any more.
fn watched_until(episode: &PlainEpisode, desk: &Desk<'_>) -> i64 {
    episode.ended_at.unwrap_or(desk.book.as_of).min(desk.book.as_of)
}

fn kept_decision(episode: &PlainEpisode, desk: &Desk<'_>) -> &'static str {
    let Some(due) = episode.decision_due else { return "open" };
    let is_answered = ["accepted", "rejected", "returned"].contains(&episode.decision.as_str());
    if is_answered {
        let at = episode.decided_at.expect("an answer has its time");
        let is_late = at > due || at == due && desk.has(Flaw::DueIsLate);
        return if is_late { "late" } else { "in time" };
    }
    let until = watched_until(episode, desk);
    let is_missed = until > due || until == due && desk.has(Flaw::MissingWhenDue);
    if is_missed { "missed" } else { "open" }
}

fn kept_attempt(episode: &PlainEpisode, desk: &Desk<'_>) -> &'static str {
    let Some(due) = episode.attempt_due else { return "open" };
    let is_rejected = episode.decision == "rejected" && !desk.has(Flaw::RejectedStillDue);
    match episode.attempted_at {
        Some(at) if at < due || at == due && !desk.has(Flaw::DueIsLate) => "in time",
        Some(_) => "late",
        None if !is_rejected && watched_until(episode, desk) >= due => "missed",
        None => "open",
    }
}

/// What was promised and not kept.
pub(crate) fn findings(episode: &Episode<'_>, desk: &Desk<'_>) -> Vec<Expected> {
    let findings = [decision_finding(episode, desk), attempt_finding(episode, desk)];
    findings.into_iter().flatten().collect()
}

fn decision_finding(episode: &Episode<'_>, desk: &Desk<'_>) -> Option<Expected> {
    let (plain, row) = (&episode.plain, episode.row);
    let due = plain.decision_due?;
    let position = |index: usize| row.moments[index].event.position;
    let finding = |code, about, owner, until, proof| {
        let detail = overdue(due, desk.hours.working(due, until));
        expected(code, row, about, owner, Some(plain.position), detail, proof)
    };
    if plain.kept_decision == "late" {
        let decided = episode.decided.expect("it was decided");
        let at = row.moments[decided].event.at;
        let (by, since) = episode.decider.clone().expect("somebody decided");
        let given = since.map(position);
        let proof = proof([Some(plain.position), given, Some(position(decided))]);
        let about = (position(decided), at);
        return Some(finding(AuditCode::DecisionLate, about, by.as_deref(), at, proof));
    }
    if plain.kept_decision != "missed" {
        return None;
    }
    let until = watched_until(plain, desk);
    let proof = proof([Some(plain.position), Some(position(episode.holder.first)), None]);
    let owner = plain.holder.as_deref();
    Some(finding(AuditCode::DecisionMissing, (plain.position, due), owner, until, proof))
}

fn attempt_finding(episode: &Episode<'_>, desk: &Desk<'_>) -> Option<Expected> {
    let (plain, row) = (&episode.plain, episode.row);
    let due = plain.attempt_due?;
    let position = |index: usize| row.moments[index].event.position;
    let finding = |code, about, owner, until, proof| {
        let detail = overdue(due, desk.hours.working(due, until));
        expected(code, row, about, owner, Some(plain.position), detail, proof)
    };
    if plain.kept_attempt == "late" {
        let attempt = episode.attempt.expect("there was an attempt");
        let tried = episode.tried.as_ref().expect("somebody tried");
        let at = row.moments[attempt].event.at;
        let given = Some(position(episode.asked(tried, desk)));
        let proof = proof([Some(plain.position), given, Some(position(attempt))]);
        let about = (position(attempt), at);
        return Some(finding(AuditCode::AttemptLate, about, tried.owner.as_deref(), at, proof));
    }
    if plain.kept_attempt != "missed" {
        return None;
    }
    let until = watched_until(plain, desk);
    let held = episode.asked(&episode.holder, desk);
    let is_taken = row.moments[held].event.is("accepted");
    let accepted = episode.decided.filter(|_| episode.is_returned && !is_taken);
    let decider = episode.decider.as_ref().filter(|(_, since)| since.is_none());
    // Whoever accepted it in their own name has it by that, too.
    let is_theirs = decider.is_some_and(|(by, _)| *by == plain.holder);
    let is_spare = accepted.is_some_and(|accepted| is_theirs && held < accepted);
    let given = Some(held).filter(|_| !is_spare).map(position);
    let proof = proof([Some(plain.position), given, accepted.map(position)]);
    let owner = plain.holder.as_deref();
    Some(finding(AuditCode::Leaked, (plain.position, due), owner, until, proof))
}

/// One proof: its positions in order, each once.
fn proof(positions: [Option<u64>; 3]) -> Option<Vec<Vec<u64>>> {
    let mut proof: Vec<u64> = positions.into_iter().flatten().collect();
    proof.sort_unstable();
    proof.dedup();
    Some(vec![proof])
}
