//! Rules that single events break, and leads that nobody remembers.

use std::collections::BTreeSet;

use leadfold_core::audit::AuditCode;
use leadfold_core::{SECOND, State};
use leadfold_testkit::oracle::{Finding, Lead, Outcome};

use super::event::Event;
use super::owner::{has_left, is_loss, is_of_leaver, is_with_sales, people, turns};
use super::row::{Moment, Row};
use super::{Desk, Expected, Flaw, expected};
use crate::audit_laws::book::DAY;
use crate::audit_laws::told::{Told, missing, moved};

/// What the fold finds, under its most telling name. The law of evidence looks at the evidence.
pub(crate) fn of_history(rows: &[Row], outcome: &Outcome) -> Vec<Expected> {
    let told = outcome.findings.iter().filter_map(|finding| {
        let row = rows.iter().find(|row| Some(&row.lead) == finding.lead.as_ref());
        let is_it = |moment: &&Moment| moment.event.position == finding.position;
        of_finding(finding, row, row.and_then(|row| row.moments.iter().find(is_it)))
    });
    told.map(|told| Expected { told, proofs: None }).collect()
}

fn of_finding(finding: &Finding, row: Option<&Row>, moment: Option<&Moment>) -> Option<Told> {
    let kind = moment.map_or("", |moment| moment.event.kind.as_str());
    let is_answer = ["rejected", "returned"].contains(&kind);
    if finding.code == "missing_reason" && is_answer {
        return None;
    }
    let is_no_matter_of_states =
        ["duplicate_external_id", "unknown_target"].contains(&finding.code.as_str());
    let moment = moment.filter(|_| !is_no_matter_of_states);
    Some(Told {
        position: finding.position,
        code: code_of(finding, kind),
        lead: finding.lead.clone(),
        handoff: row.zip(moment).and_then(|(row, moment)| handoff_of(row, moment)),
        owner: moment.and_then(asked).map(str::to_owned),
        at: finding.at,
        detail: moved(finding.from.as_deref().unwrap_or("nothing"), finding.reason.as_deref()),
        evidence: Vec::new(),
    })
}

/// Whose an event is: a hand-off is about whoever it was offered to.
fn asked(moment: &Moment) -> Option<&str> {
    if moment.event.is("handed_off") { moment.event.text("to") } else { moment.owner_before() }
}

fn code_of(finding: &Finding, kind: &str) -> AuditCode {
    match (finding.code.as_str(), kind, finding.reason.as_deref()) {
        ("illegal", "accepted", Some("not_owner")) => AuditCode::AcceptedByOther,
        ("illegal", "handed_off", Some("not_qualified" | "closed_lead")) => {
            AuditCode::HandedOffUnqualified
        }
        (code, _, _) => code.parse().expect("every finding of the fold has its code"),
    }
}

/// The hand-off that an event offered, or the last one before an answer.
fn handoff_of(row: &Row, moment: &Moment) -> Option<u64> {
    let event = &moment.event;
    let is_answer = event.is_one_of(&["accepted", "rejected", "returned"]);
    let offers = row.moments.iter().filter(|other| other.is_offer());
    let mut known = offers.filter(|other| match is_answer {
        true => other.event.order() < event.order(),
        false => event.is("handed_off") && other.event.position == event.position,
    });
    known.next_back().map(|offer| offer.event.position)
}

/// The rules that the events of a life broke.
pub(crate) fn of_row(row: &Row, desk: &Desk<'_>) -> Vec<Expected> {
    let mut found = Vec::new();
    let loud = row.moments.iter().enumerate().filter(|(_, moment)| {
        (!moment.is_quiet || desk.has(Flaw::QuietIsLoud)) && !moment.is_in_vain()
    });
    for (index, moment) in loud {
        let told = Teller { row, index, moment, desk };
        found.extend(told.rejection());
        found.extend(told.offer());
        found.extend(told.gate());
        found.extend(told.early_work());
        found.extend(told.campaign());
        found.extend(told.withdrawal());
        found.extend(told.loss());
    }
    found.extend(ping_pong(row, desk));
    found.extend(won_without_handoff(row, desk));
    found
}

/// One moment of a life.
struct Teller<'a> {
    row: &'a Row,
    index: usize,
    moment: &'a Moment,
    desk: &'a Desk<'a>,
}

impl Teller<'_> {
    fn about(&self) -> (u64, i64) {
        (self.moment.event.position, self.moment.event.at)
    }

    fn position(&self, index: usize) -> u64 {
        self.row.moments[index].event.position
    }

    /// The hand-off whose episode lasts before this moment, or behind it.
    fn open_offer(&self, is_behind: bool) -> Option<u64> {
        let until = if is_behind { self.index + 1 } else { self.index };
        open_offer(self.row, until)
    }

    fn breach(&self, code: AuditCode, owner: Option<&str>, proof: &[u64]) -> Expected {
        let handoff = self.open_offer(true);
        let proofs = Some(vec![proof.to_vec()]);
        expected(code, self.row, self.about(), owner, handoff, String::new(), proofs)
    }

    fn rejection(&self) -> Option<Expected> {
        let event = &self.moment.event;
        let is_silent =
            event.is_one_of(&["rejected", "returned"]) && event.text("reason").is_none();
        let owner = event.text("by").or_else(|| self.moment.owner_before());
        let handoff = self.open_offer(false);
        let (code, proofs) = (AuditCode::RejectedWithoutReason, Some(vec![vec![event.position]]));
        let found = || {
            expected(code, self.row, self.about(), owner, handoff, String::new(), proofs.clone())
        };
        is_silent.then(found)
    }

    fn offer(&self) -> Vec<Expected> {
        let (event, playbook) = (&self.moment.event, &self.desk.book.playbook);
        if !self.moment.is_offer() {
            return Vec::new();
        }
        let is_gone = has_left(event.text("to"), event.at, self.desk);
        let waited = i128::from(event.recorded_at) - i128::from(event.at);
        let limit = playbook.audit.back_dated_seconds.map(|s| i128::from(s) * i128::from(SECOND));
        let is_back_dated = limit.is_some_and(|limit| waited > limit);
        let told = |code| self.breach(code, self.moment.owner(), &[event.position]);
        let gone = is_gone.then(|| told(AuditCode::OwnerGone));
        gone.into_iter().chain(is_back_dated.then(|| told(AuditCode::BackDatedHandoff))).collect()
    }

    fn gate(&self) -> Option<Expected> {
        let state = self.moment.state()?;
        if self.moment.from().is_none() && self.desk.has(Flaw::FirstStepIsFree) {
            return None;
        }
        // What is known of first is not what brought the lead in.
        let is_first_known = self.moment.from().is_none() && !self.moment.event.is("captured");
        let is_passed = match state {
            "new" if is_first_known && !self.desk.has(Flaw::AnythingBegins) => false,
            "handed_off" => self.moment.is_offer(),
            _ if self.moment.is_offer() => return self.gate_of("handed_off"),
            _ => self.moment.is_entry() && !self.moment.event.is("snapshot_imported"),
        };
        if is_passed { self.gate_of(state) } else { None }
    }

    fn gate_of(&self, state: &str) -> Option<Expected> {
        let state: State = State::ALL.into_iter().find(|known| known.name() == state)?;
        let gate = self.desk.book.playbook.gates.get(&state)?;
        let looks_ahead = self.desk.has(Flaw::GatesLookAhead);
        let until = if looks_ahead { self.row.moments.len() } else { self.index + 1 };
        let filled: BTreeSet<String> =
            (0..until).flat_map(|index| filled(self.row, index, self.desk)).collect();
        let lacks = gate.mandatory.iter().filter(|field| !filled.contains(*field)).cloned();
        let lacks: Vec<String> = lacks.collect();
        let event = &self.moment.event;
        let owner = self.moment.owner();
        let told = self.breach(AuditCode::GateNotMet, owner, &[event.position]);
        let told = Told { detail: missing(&lacks), ..told.told };
        let proofs = Some(vec![vec![event.position]]);
        (!lacks.is_empty()).then_some(Expected { told, proofs })
    }

    /// Once a round: the first attempt of sales on a lead that is still marketing's.
    fn early_work(&self) -> Option<Expected> {
        let is_early = |moment: &Moment| {
            let is_marketings = ["new", "mql", "nurturing"].map(Some).contains(&moment.state());
            moment.event.is_attempt() && is_marketings
        };
        let cycle = self.moment.cycle();
        let was_offered = self.moment.handoffs().iter().any(|handoff| handoff.cycle == cycle);
        let before = &self.row.moments[..self.index];
        let is_first = !before.iter().any(|other| is_early(other) && other.cycle() == cycle);
        let may = self.desk.book.playbook.conduct.sales_touches_before_handoff;
        let is_told = is_early(self.moment)
            && is_first
            && !was_offered
            && !may
            && !is_sales_generated(self.moment);
        let told = || self.breach(AuditCode::WorkedBeforeHandoff, self.moment.owner(), &[]);
        is_told.then(|| Expected { proofs: None, ..told() })
    }

    fn campaign(&self) -> Option<Expected> {
        let conduct = &self.desk.book.playbook.conduct;
        let (code, outcome) = match self.moment.state() {
            Some("customer") if !conduct.marketing_touches_customers => {
                (AuditCode::MarketingTouchToCustomer, "won")
            }
            Some("opportunity") if !conduct.marketing_touches_opportunities => {
                (AuditCode::MarketingTouchToOpportunity, "open")
            }
            _ => return None,
        };
        let told = || {
            let mut proof = self.kept_by(outcome);
            proof.push(self.moment.event.position);
            proof.sort_unstable();
            self.breach(code, self.moment.owner(), &proof)
        };
        self.moment.event.is_campaign().then(told)
    }

    /// What brought the lead into its state. Where that was about a deal that is not so any more,
    /// the one that has been so the longest, and what brought the lead there if it came later.
    fn kept_by(&self, outcome: &str) -> Vec<u64> {
        let is_other = |moment: &Moment| moment.from() != self.moment.state();
        let entered = (0..=self.index).rfind(|index| is_other(&self.row.moments[*index]));
        let entered = entered.expect("a lead came into its state");
        let deals = self.moment.after.as_ref().map_or(&[][..], |lead| &lead.opportunities);
        let has_turned = |deal: usize| deals[deal].outcome != outcome && self.turns(entered, deal);
        let turned = |deal: usize| (0..=self.index).rfind(|index| self.turns(*index, deal));
        let like = (0..deals.len()).filter(|deal| deals[*deal].outcome == outcome);
        let longest = like.filter_map(turned).map(|index| self.position(index)).min();
        let entered = self.position(entered);
        let is_over = (0..deals.len()).any(has_turned);
        match longest.filter(|_| is_over) {
            Some(longest) if longest > entered => vec![longest],
            Some(longest) => vec![entered, longest],
            None => vec![entered],
        }
    }

    /// Whether a moment opened a deal, closed it or opened it again.
    fn turns(&self, index: usize, deal: usize) -> bool {
        let moment = &self.row.moments[index];
        let outcome =
            |lead: &Option<Lead>| Some(lead.as_ref()?.opportunities.get(deal)?.outcome.clone());
        outcome(&moment.before) != outcome(&moment.after)
    }

    fn withdrawal(&self) -> Option<Expected> {
        if !self.moment.event.is_campaign() {
            return None;
        }
        let before = &self.row.moments[..self.index];
        let events: Vec<&Event> = before.iter().map(|moment| &moment.event).collect();
        let channel = self.moment.event.text("channel");
        let standing = events.iter().filter(|event| {
            let is_for_it = event.text("channel").is_none_or(|other| Some(other) == channel);
            event.is("consent_withdrawn") && is_for_it && stands(event, &events, self.desk)
        });
        let ended = events.iter().filter(|event| {
            let is_for_it = event.text("channel").is_none_or(|other| Some(other) == channel);
            event.is("consent_granted") && is_for_it && !is_renewed(event, &events)
        });
        let ended = ended.filter_map(|event| Some((last_instant(event)?, event.position)));
        let ended = ended.filter(|(last, _)| {
            *last < self.moment.event.at && !self.desk.has(Flaw::ConsentsNeverEnd)
        });
        let first = standing.map(|withdrawn| withdrawn.order()).chain(ended).min()?;
        let proof = sorted([first.1, self.moment.event.position]);
        let owner = self.moment.owner();
        Some(self.breach(AuditCode::TouchedAfterWithdrawal, owner, &proof))
    }

    /// An owner who had not touched the lead since it was theirs, and had not left, loses it while
    /// an episode lasts.
    fn loss(&self) -> Option<Expected> {
        let handoff = self.open_offer(true);
        let is_lost = is_loss(self.moment, self.desk) && !is_of_leaver(self.moment, self.desk);
        if handoff.is_none() || !is_lost {
            return None;
        }
        let turns = turns(self.row, self.desk);
        let turn = turns.into_iter().find(|turn| turn.until == Some(self.index))?;
        let mut touches = self.row.moments[turn.from..self.index].iter();
        let is_touched = touches.any(|moment| moment.event.is_attempt());
        let offer = handoff.and_then(|offer| {
            self.row.moments.iter().position(|moment| moment.event.position == offer)
        });
        // An offer gives the lead to its recipient, whoever had done so before.
        let from = Some(turn.from).max(offer).map(|index| self.position(index));
        let mut proof: Vec<u64> = from.into_iter().chain(handoff).collect();
        proof.push(self.moment.event.position);
        proof.sort_unstable();
        proof.dedup();
        let told =
            || self.breach(AuditCode::ReassignedWithoutTouch, self.moment.owner_before(), &proof);
        (!is_touched).then(told)
    }
}

/// No later grant of the purpose lifts it.
fn stands(withdrawn: &Event, events: &[&Event], desk: &Desk<'_>) -> bool {
    let lifts = |event: &&&Event| {
        let is_same = event.text("purpose") == withdrawn.text("purpose");
        let channel = event.text("channel");
        let is_wide = channel.is_none() || channel == withdrawn.text("channel");
        let is_tied = event.order() > withdrawn.order() && desk.has(Flaw::GrantWinsTies);
        let is_later = event.at > withdrawn.at || is_tied;
        let is_any = is_same || desk.has(Flaw::AnyGrantLifts);
        event.is("consent_granted") && is_any && is_wide && is_later
    };
    !events.iter().any(|event| lifts(&event))
}

/// The last instant of a consent that ends. One that had ended when it was given was never one.
fn last_instant(granted: &Event) -> Option<i64> {
    granted.time("expires_at").map(|ends_at| (ends_at - 1).max(granted.at))
}

/// A later grant takes its place.
fn is_renewed(granted: &Event, events: &[&Event]) -> bool {
    events.iter().any(|event| {
        let channel = event.text("channel");
        let is_wide = channel.is_none() || channel == granted.text("channel");
        let is_same = event.text("purpose") == granted.text("purpose");
        event.is("consent_granted") && is_same && is_wide && event.order() > granted.order()
    })
}

fn sorted<const N: usize>(mut positions: [u64; N]) -> Vec<u64> {
    positions.sort_unstable();
    positions.to_vec()
}

/// The offer whose episode lasts behind the first so many moments.
fn open_offer(row: &Row, until: usize) -> Option<u64> {
    let moments = &row.moments[..until];
    let offer = moments.iter().rposition(Moment::is_offer)?;
    let is_over = |moment: &Moment| {
        let decision = moment.handoffs().last().map(|handoff| handoff.decision.as_str());
        let has_left = moment.is_move() && !is_with_sales(moment.state());
        has_left || !["pending", "accepted"].map(Some).contains(&decision)
    };
    let is_open = !moments[offer + 1..].iter().any(is_over);
    is_open.then(|| moments[offer].event.position)
}

/// The fields that an event fills.
pub(super) fn filled(row: &Row, index: usize, desk: &Desk<'_>) -> Vec<String> {
    let (moment, event) = (&row.moments[index], &row.moments[index].event);
    if moment.is_in_vain() || is_left_out(row, index, desk) {
        return Vec::new();
    }
    let own = ["source", "medium", "campaign", "channel"];
    let is_beginning = moment.from().is_none() || desk.has(Flaw::SnapshotsFill);
    let has_own = event.is("captured") || event.is("snapshot_imported") && is_beginning;
    let is_resolved = event.is("attribution_resolved") && !desk.has(Flaw::AttributionFillsNothing);
    let is_told = |name: &&str| match *name {
        "source" | "campaign" => has_own || is_resolved,
        _ => has_own,
    };
    let own = own.into_iter().filter(|name| is_told(name) && event.text(name).is_some());
    let has_attributes = has_own || event.is("profile_updated");
    let attributes =
        event.data().and_then(|data| data.get("attributes")).filter(|_| has_attributes);
    let attributes = attributes.and_then(serde_json::Value::as_object).into_iter().flatten();
    let given = attributes.filter(|(_, value)| value.as_str() != Some(""));
    own.map(str::to_owned).chain(given.map(|(name, _)| name.clone())).collect()
}

/// A second capture of a lead is illegal, and has no effect where what is illegal is skipped.
fn is_left_out(row: &Row, index: usize, desk: &Desk<'_>) -> bool {
    let skips = desk.book.playbook.rules.illegal == leadfold_core::Illegal::Skip;
    let is_own_capture =
        |m: &Moment| m.event.is("captured") && m.event.lead.as_ref() == Some(&row.lead);
    let (before, moment) = (&row.moments[..index], &row.moments[index]);
    skips && is_own_capture(moment) && before.iter().any(is_own_capture)
}

fn is_sales_generated(moment: &Moment) -> bool {
    let origin = moment.after.as_ref().and_then(|lead| lead.origin.as_deref());
    origin == Some("sales_generated")
}

/// The lead comes back to whom it had before the last owner.
fn ping_pong(row: &Row, desk: &Desk<'_>) -> Vec<Expected> {
    let people = people(row, desk);
    let mut found = Vec::new();
    for three in people.windows(3) {
        let [(first, before), (_, between), (third, back)] = three else { continue };
        let index = back[0];
        let moment = &row.moments[index];
        if first != third || moment.is_quiet && !desk.has(Flaw::QuietIsLoud) {
            continue;
        }
        let last = |given: &[usize]| given[given.len() - 1];
        let position = |index: usize| row.moments[index].event.position;
        let proof = sorted([position(last(before)), position(last(between)), position(index)]);
        let told = Teller { row, index, moment, desk };
        found.push(told.breach(AuditCode::PingPong, moment.owner(), &proof));
    }
    found
}

/// The first win of a lead that was never handed off.
fn won_without_handoff(row: &Row, desk: &Desk<'_>) -> Option<Expected> {
    let is_win = |moment: &Moment| {
        moment.event.is("won") && moment.is_entry() && moment.state() == Some("customer")
    };
    let index = row.moments.iter().position(is_win)?;
    let moment = &row.moments[index];
    let is_told = moment.handoffs().is_empty()
        && !is_sales_generated(moment)
        && (!moment.is_quiet || desk.has(Flaw::QuietIsLoud));
    let told = Teller { row, index, moment, desk };
    let found =
        || told.breach(AuditCode::WonWithoutHandoff, moment.owner(), &[moment.event.position]);
    is_told.then(found)
}

/// A recycled lead that nobody has touched since.
pub(crate) fn forgotten(row: &Row, desk: &Desk<'_>) -> Option<Expected> {
    let last = row.last().filter(|lead| lead.state == "nurturing")?;
    let is_recycled =
        |moment: &Moment| moment.event.is("recycled") && moment.state() == Some("nurturing");
    let index = row.moments.iter().rposition(is_recycled)?;
    let since = &row.moments[index + 1..];
    let has_left = since.iter().any(|moment| moment.state() != Some("nurturing"));
    let is_touch = |moment: &Moment| {
        let is_forgettable = moment.event.is_campaign() && desk.has(Flaw::CampaignsDoNotRemember);
        moment.event.is("touched") && !is_forgettable
    };
    if has_left || since.iter().any(is_touch) {
        return None;
    }
    let event = &row.moments[index].event;
    let limit = desk.book.playbook.audit.forgotten_after_seconds;
    let own = event.time("until").filter(|_| !desk.has(Flaw::UntilIgnored));
    let due = own.unwrap_or(event.at + limit as i64 * SECOND);
    let as_of = desk.book.as_of;
    let owner = last.owner.as_deref().filter(|owner| !owner.is_empty());
    let proofs = Some(vec![vec![event.position]]);
    let detail = format!("{} passed", as_of - event.at);
    let (code, about) = (AuditCode::RecycledAndForgotten, (event.position, due));
    (as_of > due).then(|| expected(code, row, about, owner, None, detail, proofs))
}

/// The stretch in which a day's quota counts.
pub(crate) const QUOTA_SPAN: i64 = DAY;
