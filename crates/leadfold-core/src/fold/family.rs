//! Leads folded anew from their whole history: late events, corrections and merges.

use std::collections::{BTreeMap, BTreeSet};

use super::deals::Deals;
use super::desk::note_external;
use super::effects::cost_of;
use super::evolve::Evolve;
use super::forest::Forest;
use super::history::{Effective, Stray, Stream, read_stream};
use super::law::Law;
use super::observer::Observer;
use super::step::Step;
use super::{Bounds, Fold};
use crate::fact::{Facts, LeadIndex};
use crate::machine::Kind;
use crate::tables::{
    BEGUN, Finding, FindingCode, LeadRow, NO_ROW, OPEN_IMPLIED, OPEN_UNKNOWN, Tables,
};
use crate::{Reason, State, Timestamp};

/// Where a merged lead went, and from when on.
#[derive(Clone, Copy)]
struct Merge {
    into: u32,
    at: i64,
    position: u64,
}

impl<O: Observer> Fold<O> {
    /// Folds leads anew that are connected by merges, or one lead alone.
    pub(super) fn refold_family(&mut self, facts: &Facts, events: &BTreeMap<u32, &[(u32, u32)]>) {
        let Bounds { as_of, known_at } = self.bounds;
        let as_of = as_of.map(Timestamp::micros);
        let known_at = known_at.map(Timestamp::micros);
        let streams: BTreeMap<u32, Stream> = events
            .iter()
            .map(|(lead, events)| (*lead, read_stream(facts, events, as_of, known_at)))
            .collect();
        let mut family = Family {
            facts,
            tables: &mut self.tables,
            deals: &mut self.deals,
            law: &self.law,
            observer: &mut self.observer,
            base: self.base,
            parents: BTreeMap::new(),
            refused: BTreeMap::new(),
            members: Vec::new(),
            forest: Forest::new(0),
        };
        family.find_parents(&streams);
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for lead in streams.keys() {
            parts.entry(family.root_of(*lead)).or_default().push(*lead);
        }
        for lead in streams.keys() {
            let parts = parts.get(lead).map_or(&[][..], Vec::as_slice);
            family.fold_lead(*lead, parts, &streams);
        }
    }

    /// Folds the stream without a lead anew: costs, and corrections of costs.
    pub(super) fn refold_no_lead(&mut self, facts: &Facts, events: &[(u32, u32)]) {
        let Bounds { as_of, known_at } = self.bounds;
        let stream = read_stream(
            facts,
            events,
            as_of.map(Timestamp::micros),
            known_at.map(Timestamp::micros),
        );
        self.tables.forget_no_lead();
        for event in &stream.events {
            self.fold_no_lead(&step_of(facts, event, LeadIndex::NONE.0, false));
        }
        for stray in &stream.strays {
            let finding = stray_finding(*stray);
            let chain = &mut self.tables.no_lead.findings;
            self.tables.rows.findings.push(LeadIndex::NONE.0, chain, finding);
        }
    }

    /// Folds an event of no lead.
    pub(super) fn fold_no_lead(&mut self, step: &Step<'_>) {
        if step.kind() == Kind::CostRecorded {
            let chain = &mut self.tables.no_lead.costs;
            self.tables.rows.costs.push(LeadIndex::NONE.0, chain, cost_of(step));
        } else if step.kind() != Kind::PlaybookPublished {
            let finding = Finding {
                code: FindingCode::UnknownType,
                reason: None,
                kind: step.kind(),
                from: None,
                at: Timestamp::from_micros(step.at),
                position: step.position,
            };
            let chain = &mut self.tables.no_lead.findings;
            self.tables.rows.findings.push(LeadIndex::NONE.0, chain, finding);
        }
    }
}

pub(super) fn step_of<'a>(
    facts: &'a Facts,
    event: &Effective,
    lead: u32,
    is_quiet: bool,
) -> Step<'a> {
    Step {
        facts,
        event: event.event,
        head: event.head,
        term: facts.terms[event.head],
        end: event.end,
        lead,
        stream: event.stream,
        at: event.at,
        position: event.position,
        external: event.external,
        is_quiet,
    }
}

fn stray_finding(stray: Stray) -> Finding {
    Finding {
        code: FindingCode::UnknownTarget,
        reason: None,
        kind: Kind::Corrected,
        from: None,
        at: Timestamp::from_micros(stray.at),
        position: stray.position,
    }
}

struct Family<'a, O> {
    facts: &'a Facts,
    tables: &'a mut Tables,
    deals: &'a mut Deals,
    law: &'a Law,
    observer: &'a mut O,
    base: u32,
    parents: BTreeMap<u32, Merge>,
    /// Merges that were none, by lead and effective order.
    refused: BTreeMap<u64, (Reason, u64)>,
    /// The leads that merges are about, sorted: their places are their numbers in the forest.
    members: Vec<u32>,
    /// Who is part of whom, and which leads an `erased` has reached so far.
    forest: Forest,
}

impl<O: Observer> Family<'_, O> {
    /// Walks the merges in order and finds out who is part of whom.
    fn find_parents(&mut self, streams: &BTreeMap<u32, Stream>) {
        let facts = self.facts;
        let is_merge = |event: &&Effective| {
            matches!(facts.terms[event.head].kind, Kind::Merged | Kind::Unmerged | Kind::Erased)
        };
        let mut merges: Vec<Effective> =
            streams.values().flat_map(|stream| &stream.events).filter(is_merge).copied().collect();
        merges.sort_by_key(|event| (event.at, event.position));
        let others = merges.iter().filter_map(|event| self.other_lead(event));
        let members: BTreeSet<u32> =
            merges.iter().map(|event| event.stream).chain(others).collect();
        self.members = members.into_iter().collect();
        self.forest = Forest::new(self.members.len());
        for event in merges {
            let other = self.facts.terms[event.head].a;
            let refused = match self.facts.terms[event.head].kind {
                Kind::Merged => self.merge(&event, other),
                Kind::Unmerged => self.unmerge(event.stream, other),
                _ => {
                    let place = self.place(event.stream);
                    self.forest.mark(place);
                    None
                }
            };
            self.refused.extend(refused.map(|reason| (event.position, reason)));
        }
    }

    /// Why a merge is refused, and the position of the event without which it would not be.
    fn merge(&mut self, event: &Effective, into: u32) -> Option<(Reason, u64)> {
        if let Some(merge) = self.parents.get(&event.stream) {
            return Some((Reason::MergedInto, merge.position));
        }
        let (place, other) = (self.place(event.stream), self.place(into));
        if self.forest.has_mark(place) {
            return Some((Reason::ErasedLead, 0));
        }
        if self.forest.root(other) == place {
            // Without its first link there is no way from there to here.
            let first = self.parents.get(&into).map_or(0, |merge| merge.position);
            return Some((Reason::MergeCycle, first));
        }
        self.forest.link(place, other);
        let merge = Merge { into, at: event.at, position: event.position };
        self.parents.insert(event.stream, merge);
        None
    }

    fn unmerge(&mut self, lead: u32, from: u32) -> Option<(Reason, u64)> {
        let (place, other) = (self.place(lead), self.place(from));
        if self.forest.is_above(other, place) {
            self.forest.cut(place);
            self.parents.remove(&lead);
            return None;
        }
        let is_erased = !self.parents.contains_key(&lead) && self.forest.has_mark(place);
        Some((if is_erased { Reason::ErasedLead } else { Reason::NotMerged }, 0))
    }

    /// The lead that a merge or its undoing names.
    fn other_lead(&self, event: &Effective) -> Option<u32> {
        let is_merge = matches!(self.facts.terms[event.head].kind, Kind::Merged | Kind::Unmerged);
        is_merge.then(|| self.facts.terms[event.head].a)
    }

    /// A lead's number in the forest.
    fn place(&self, lead: u32) -> u32 {
        self.members.partition_point(|member| *member < lead) as u32
    }

    /// The lead that stands for this one once all merges are walked.
    fn root_of(&mut self, lead: u32) -> u32 {
        if !self.parents.contains_key(&lead) {
            return lead;
        }
        let place = self.place(lead);
        self.members[self.forest.root(place) as usize]
    }

    /// Folds a lead; `parts` are the leads that it stands for, itself included.
    fn fold_lead(&mut self, lead: u32, parts: &[u32], streams: &BTreeMap<u32, Stream>) {
        self.tables.forget_lead(lead);
        self.deals.forget(lead);
        self.observer.forget(LeadIndex(lead + self.base));
        match self.parents.get(&lead).copied() {
            Some(merge) => self.fold_merged(lead, merge, &streams[&lead]),
            None => self.fold_root(lead, parts, streams),
        }
        for stray in &streams[&lead].strays {
            report(self.tables, lead, stray_finding(*stray));
        }
        self.sort_findings(lead);
    }

    fn fold_root(&mut self, root: u32, parts: &[u32], streams: &BTreeMap<u32, Stream>) {
        let mut events: Vec<(Effective, bool)> = Vec::new();
        for lead in parts {
            let stream = &streams[lead];
            // Quiet before the member's own merge: its own row tells what was wrong with it.
            let merge = self.parents.get(lead);
            let is_quiet = |event: &Effective| {
                merge.is_some_and(|merge| (event.at, event.position) < (merge.at, merge.position))
            };
            events.extend(stream.events.iter().map(|event| (*event, is_quiet(event))));
        }
        events.sort_by_key(|(event, _)| (event.at, event.position));
        for (event, is_quiet) in events {
            self.fold_event(root, &event, is_quiet);
        }
    }

    fn fold_merged(&mut self, lead: u32, merge: Merge, stream: &Stream) {
        let until = (merge.at, merge.position);
        for event in stream.events.iter().filter(|event| (event.at, event.position) < until) {
            self.fold_event(lead, event, false);
        }
        let profile = &mut self.tables.profiles[lead as usize];
        self.tables.rows.rare_mut(lead, profile).merged_into = merge.into;
        if !self.tables.leads[lead as usize].has(BEGUN) {
            self.begin_merged(lead, merge);
        }
        let row = &mut self.tables.leads[lead as usize];
        self.tables.rows.close_visit(lead, row, merge.at);
        row.last_at = merge.at;
        row.state = State::Merged;
        row.entered_at = merge.at;
        row.entered |= State::Merged.bit();
        row.flags &= !(OPEN_IMPLIED | OPEN_UNKNOWN);
        self.observer.absorbed(LeadIndex(lead + self.base));
        for event in stream.events.iter().filter(|event| (event.at, event.position) >= until) {
            if matches!(self.facts.terms[event.head].kind, Kind::Merged | Kind::Unmerged) {
                self.report_merge(lead, event);
            }
        }
    }

    /// A lead of which nothing is known but that it was merged.
    fn begin_merged(&mut self, lead: u32, merge: Merge) {
        let row = &mut self.tables.leads[lead as usize];
        row.flags |= BEGUN | OPEN_UNKNOWN;
        row.began_at = merge.at;
        row.entered_at = merge.at;
        row.entered = State::New.bit();
        let finding = Finding {
            code: FindingCode::HistoryGap,
            reason: None,
            kind: Kind::Merged,
            from: None,
            at: Timestamp::from_micros(merge.at),
            position: merge.position,
        };
        report(self.tables, lead, finding);
    }

    fn fold_event(&mut self, lead: u32, event: &Effective, is_quiet: bool) {
        let step = step_of(self.facts, event, lead, is_quiet);
        if matches!(step.kind(), Kind::Merged | Kind::Unmerged) {
            return self.report_merge(lead, event);
        }
        let mut evolve = Evolve {
            tables: self.tables,
            deals: self.deals,
            law: self.law,
            observer: self.observer,
            base: self.base,
        };
        evolve.apply(&step);
    }

    /// A merge that counts does nothing to the row here; one that does not is a finding of the
    /// lead that it is filed under.
    fn report_merge(&mut self, lead: u32, event: &Effective) {
        if lead != event.stream {
            return;
        }
        let profile = &mut self.tables.profiles[lead as usize];
        note_external(&mut self.tables.rows, profile, &step_of(self.facts, event, lead, false));
        let Some((reason, because)) = self.refused.get(&event.position).copied() else { return };
        let row: &LeadRow = &self.tables.leads[lead as usize];
        let finding = Finding {
            code: FindingCode::Illegal,
            reason: Some(reason),
            kind: self.facts.terms[event.head].kind,
            from: row.has(BEGUN).then_some(row.state),
            at: Timestamp::from_micros(event.at),
            position: event.position,
        };
        report(self.tables, lead, finding);
        if because != 0 {
            self.observer.refused(
                LeadIndex(lead + self.base),
                finding.at,
                finding.position,
                because,
            );
        }
    }

    /// Puts a lead's findings into the order of their events: the same whoever found them.
    fn sort_findings(&mut self, lead: u32) {
        let profile = &mut self.tables.profiles[lead as usize];
        let chain = self.tables.rows.rare(profile).findings;
        if chain == NO_ROW {
            return;
        }
        let mut findings: Vec<Finding> = self.tables.rows.findings.chain(chain).copied().collect();
        findings.reverse();
        findings.sort_by_key(|finding| (finding.at, finding.position));
        self.tables.rows.findings.drop_chain(chain);
        self.tables.rows.rare_mut(lead, profile).findings = NO_ROW;
        findings.into_iter().for_each(|finding| report(self.tables, lead, finding));
    }
}

fn report(tables: &mut Tables, lead: u32, finding: Finding) {
    tables.rows.add_finding(lead, &mut tables.profiles[lead as usize], finding);
}
