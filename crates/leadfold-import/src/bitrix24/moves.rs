//! The stage history of leads and deals: all moves of a portal, in the order of time.

use std::collections::HashSet;

use serde_json::json;

use super::{
    Portal, deal,
    index::Index,
    kind::Kind,
    record::{Latest, Seen},
    row::Row,
};
use crate::{
    LeftOut, StatusMap,
    crm::{
        actor::Actor,
        at::At,
        error::CrmFault,
        event::Happening,
        sink::{Events, Place, Sink},
        step::Step,
    },
};

/// All moves that the files have.
#[derive(Debug, Default)]
pub(super) struct Moves {
    moves: Vec<Move>,
}

/// The last moves that records tell of, as many as there is room for beside the history.
#[derive(Debug)]
pub(super) struct Told {
    moves: Vec<Move>,
    room: usize,
}

impl Told {
    /// Takes the move in that a record tells of.
    pub(super) fn push(
        &mut self,
        kind: Kind,
        seen: &Seen,
        stage: &str,
        at: At,
        place: &Place,
    ) -> Result<(), CrmFault> {
        if self.moves.len() >= self.room {
            return Err(CrmFault::TooManyMoves { limit: MOVES_MAX });
        }
        self.moves.push(Move {
            is_of_deal: kind == Kind::Deal,
            owner: seen.id,
            at,
            id: OF_RECORD,
            stage: stage.into(),
            semantic: seen.semantic.as_deref().map(Into::into),
            is_creation: at <= seen.created,
            place: place.clone(),
        });
        Ok(())
    }
}

/// One row of history, or the last move of a record: where its owner went. The history says neither
/// who did it nor from where.
#[derive(Clone, Debug)]
struct Move {
    is_of_deal: bool,
    owner: u64,
    at: At,
    id: u64,
    stage: Box<str>,
    semantic: Option<Box<str>>,
    /// Whether its owner begins with it.
    is_creation: bool,
    place: Place,
}

impl Moves {
    /// Takes a row in.
    pub(super) fn push(
        &mut self,
        row: &Row,
        place: &Place,
        left_out: &mut LeftOut,
    ) -> Result<(), CrmFault> {
        if self.moves.len() >= MOVES_MAX {
            return Err(CrmFault::TooManyMoves { limit: MOVES_MAX });
        }
        let is_of_deal = row.value("STAGE_ID").is_some();
        let (stage, semantic) = if is_of_deal {
            ("STAGE_ID", "STAGE_SEMANTIC_ID")
        } else {
            ("STATUS_ID", "STATUS_SEMANTIC_ID")
        };
        let stage = row.need_code(stage, OF)?;
        if stage.starts_with(OTHER_ITEMS) {
            left_out.count("stage_of_other_items", &stage);
            return Ok(());
        }
        self.moves.push(Move {
            is_of_deal,
            owner: row.need_id("OWNER_ID", OF)?,
            at: row.need_time("CREATED_TIME", OF)?,
            id: row.need_id("ID", OF)?,
            stage: stage.into(),
            semantic: row.code(semantic)?.map(Into::into),
            is_creation: row.id("TYPE_ID")?.is_none_or(|kind| kind == CREATED),
            place: place.clone(),
        });
        Ok(())
    }

    /// Leaves out those of old invoices: nothing but their statuses tells them from those of leads.
    pub(super) fn without_invoices(
        &mut self,
        index: &Index,
        map: &StatusMap,
        left_out: &mut LeftOut,
    ) {
        self.moves.retain(|moved| {
            let status = &*moved.stage;
            let is_known = map.lead.contains_key(status) || index.semantic(false, status).is_some();
            let is_of_lead = moved.is_of_deal || is_known || !INVOICE_STATUSES.contains(&status);
            if !is_of_lead {
                left_out.count("stage_of_other_items", status);
            }
            is_of_lead
        });
    }

    /// Puts the moves of each owner in order, each of them once.
    pub(super) fn sort(&mut self) {
        self.moves.sort_by(|one, other| one.order().cmp(&other.order()));
        self.moves.dedup_by(|one, other| {
            let is_same_row =
                (one.is_of_deal, one.owner, one.id) == (other.is_of_deal, other.owner, other.id);
            is_same_row && (one.id != OF_RECORD || one.order() == other.order())
        });
    }

    /// Room for the moves that records tell of.
    pub(super) fn room(&self) -> Told {
        Told { moves: Vec::new(), room: MOVES_MAX.saturating_sub(self.moves.len()) }
    }

    /// Takes those in that the history does not tell.
    pub(super) fn complete(&mut self, told: Told) {
        let mut moves = told.moves;
        moves.retain(|told| !self.tells(told));
        self.moves.append(&mut moves);
        self.sort();
    }

    /// Whether the history has the move that a record tells of.
    fn tells(&self, told: &Move) -> bool {
        let owner = |moved: &Move| (moved.is_of_deal, moved.owner);
        let is_before = |moved: &Move| moved.at.seconds() + APART_SECONDS_MAX < told.at.seconds();
        let start = self.moves.partition_point(|moved| {
            owner(moved) < owner(told) || owner(moved) == owner(told) && is_before(moved)
        });
        let is_near = |moved: &&Move| {
            owner(moved) == owner(told)
                && moved.at.seconds() <= told.at.seconds() + APART_SECONDS_MAX
        };
        self.moves[start..].iter().take_while(is_near).any(|moved| moved.stage == told.stage)
    }

    /// Whether there are moves of a lead or a deal.
    pub(super) fn has(&self, is_of_deal: bool, owner: u64) -> bool {
        let of = (is_of_deal, owner);
        self.moves.binary_search_by_key(&of, |moved| (moved.is_of_deal, moved.owner)).is_ok()
    }

    /// Makes the events of the moves of leads.
    pub(super) fn of_leads(&self, portal: &Portal<'_>, sink: &mut Sink<'_>) {
        self.each(false, sink, |moved, before, left_out| {
            let lead = portal.index.lead(moved.owner)?;
            let responsible = portal.index.responsible_for_lead(moved.owner);
            let to = portal.map.recipient(responsible.map(user));
            let steps = portal.steps_of_lead(&moved.stage, moved.semantic(), left_out);
            let before = before.map(|before| portal.lead_steps(&before.stage, before.semantic()));
            let mut events = Events::new();
            let mut say = |word: &str, kind, data| {
                events.push(moved.event(moved.at, &lead, word, kind, data, portal));
            };
            if before.is_some_and(is_closed) && !is_closed(steps.clone()) {
                say("reopened", "reopened", json!({}));
            }
            for step in steps {
                if let Some((kind, data)) = step.of_lead(&moved.stage, &to) {
                    say(step.word(), kind, data);
                }
            }
            Ok(events)
        });
    }

    /// Makes the events of the moves of deals.
    pub(super) fn of_deals(&self, portal: &Portal<'_>, sink: &mut Sink<'_>) {
        self.each(true, sink, |moved, before, _| {
            let lead = portal.index.lead_of_deal(moved.owner)?;
            let deal = deal::Moved {
                id: moved.owner,
                stage: &moved.stage,
                steps: portal.deal_steps(&moved.stage, moved.semantic()),
                before: before.map(|before| portal.deal_steps(&before.stage, before.semantic())),
                may_be_closed: !moved.is_creation && !portal.map.opens_late,
                terms: portal.index.terms(moved.owner),
            };
            let responsible = portal.index.responsible_for_deal(moved.owner);
            let events = deal.events(&portal.map.recipient(responsible.map(user)));
            // In the second of the outcome, the one that is imported later would count.
            let reopened_at = if deal.ends() { moved.at.second_before() } else { moved.at };
            let event = |(word, kind, data): (String, _, _)| {
                let at = if kind == deal::REOPENED { reopened_at } else { moved.at };
                moved.event(at, &lead, &word, kind, data, portal)
            };
            Ok(events.into_iter().map(event).collect())
        });
    }

    /// Counts the deals whose terms nobody hears of, since no move of the call opens them.
    pub(super) fn not_opened(&self, portal: &Portal<'_>, left_out: &mut LeftOut) {
        let moves = self.moves.iter().filter(|moved| moved.is_of_deal);
        let opens = |moved: &&Move| {
            portal.deal_steps(&moved.stage, moved.semantic()).contains(&Step::Opportunity)
        };
        let opened: HashSet<u64> = moves.filter(opens).map(|moved| moved.owner).collect();
        let not_opened = portal.index.deals_with_terms().filter(|deal| !opened.contains(deal));
        not_opened.for_each(|_| left_out.count("deal_not_opened", "OPPORTUNITY"));
    }

    fn each(
        &self,
        is_of_deal: bool,
        sink: &mut Sink<'_>,
        events: impl Fn(&Move, Option<&Move>, &mut LeftOut) -> Result<Events, CrmFault>,
    ) {
        let start = self.moves.partition_point(|moved| !moved.is_of_deal);
        let (leads, deals) = self.moves.split_at(start);
        let moves = if is_of_deal { deals } else { leads };
        let mut before: Option<&Move> = None;
        for moved in moves {
            let last = before.filter(|before| before.owner == moved.owner);
            let events = events(moved, last, &mut sink.left_out);
            sink.row(moved.place.clone(), events);
            before = Some(moved);
        }
    }
}

impl Move {
    fn semantic(&self) -> Option<&str> {
        self.semantic.as_deref()
    }

    fn order(&self) -> (bool, u64, At, u64, &str) {
        (self.is_of_deal, self.owner, self.at, self.id, &self.stage)
    }

    /// One of the events that a move is, mostly at its own time: the same whoever tells it, the
    /// history or a record. Only of its last move a record knows the user, and a later record has
    /// another last move: so nobody is named.
    fn event(
        &self,
        at: At,
        lead: &str,
        word: &str,
        kind: &'static str,
        data: serde_json::Value,
        portal: &Portal<'_>,
    ) -> serde_json::Map<String, serde_json::Value> {
        let of = if self.is_of_deal { "deal" } else { "lead" };
        let name = format!("{of}:{}:moved:{}:{}:{word}", self.owner, self.at.seconds(), self.stage);
        let actor = &Actor::Unknown;
        Happening { name, lead, kind, at, actor, data }.event(&portal.map.system)
    }
}

impl Portal<'_> {
    /// Whether a lead is closed with a status.
    pub(super) fn is_final(&self, status: &str, semantic: Option<&str>) -> bool {
        match semantic.or_else(|| self.index.semantic(false, status)) {
            Some(semantic) => matches!(semantic, "S" | "F"),
            None => matches!(status, "CONVERTED" | "JUNK"),
        }
    }

    /// The states that a status of a lead stands for. One that nobody has given a meaning is told.
    pub(super) fn steps_of_lead(
        &self,
        status: &str,
        semantic: Option<&str>,
        left_out: &mut LeftOut,
    ) -> Vec<Step> {
        let steps = self.lead_steps(status, semantic);
        if steps.is_empty() && !self.map.lead.contains_key(status) {
            left_out.count("lead_status", status);
        }
        steps
    }

    pub(super) fn lead_steps(&self, status: &str, semantic: Option<&str>) -> Vec<Step> {
        match self.map.lead.get(status) {
            Some(steps) => steps.clone(),
            None => match semantic.or_else(|| self.index.semantic(false, status)) {
                Some("S") => vec![Step::Sql],
                Some("F") => vec![Step::Disqualified],
                _ => Vec::new(),
            },
        }
    }

    /// The states that a stage of a deal stands for; a stage without a meaning is a stage.
    pub(super) fn deal_steps(&self, stage: &str, semantic: Option<&str>) -> Vec<Step> {
        if let Some(steps) = self.map.deal.get(stage) {
            return steps.clone();
        }
        // `C1:WON` is the stage `WON` of the pipeline 1.
        let bare = stage.rsplit(':').next().unwrap_or(stage);
        let step = match (semantic.or_else(|| self.index.semantic(true, stage)), bare) {
            (Some("S"), _) | (None, "WON") => Step::Customer,
            (Some("F"), _) | (None, "LOSE" | "APOLOGY") => Step::Lost,
            _ => Step::Stage,
        };
        vec![step]
    }
}

fn user((_, user): Latest<u64>) -> u64 {
    user
}

fn is_closed(steps: Vec<Step>) -> bool {
    steps.iter().any(|step| step.is_closed())
}

/// `TYPE_ID` of the row with which a history begins.
const CREATED: u64 = 1;
/// Instead of the ID of a row of history: behind all others of an instant.
const OF_RECORD: u64 = u64::MAX;
/// A record and the history date the same move within this time.
const APART_SECONDS_MAX: i64 = 60;
const OF: &str = "a row of stage history";
/// Stages of invoices, documents and a portal's own kinds of items begin so.
const OTHER_ITEMS: &str = "DT";
/// Drafts, those sent, paid and declined.
const INVOICE_STATUSES: [&str; 4] = ["N", "S", "P", "D"];
/// Moves that are held in memory, with some 300 bytes each.
const MOVES_MAX: usize = 2_000_000;
