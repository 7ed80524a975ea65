//! A lead's life as a row of moments: what it was before each event and after, as the oracle of
//! the fold reads the life so far.

use std::collections::BTreeMap;

use leadfold_testkit::oracle::{self, Bounds, Lead, Outcome};
use serde_json::{Value, json};

use super::event::{Event, effective};
use crate::audit_laws::book::Book;

/// An event in a life.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) event: Event,
    /// An absorbed lead's, from before the merge.
    pub(crate) is_quiet: bool,
    pub(crate) before: Option<Lead>,
    pub(crate) after: Option<Lead>,
}

impl Moment {
    pub(crate) fn from(&self) -> Option<&str> {
        self.before.as_ref().map(|lead| lead.state.as_str())
    }

    pub(crate) fn state(&self) -> Option<&str> {
        self.after.as_ref().map(|lead| lead.state.as_str())
    }

    pub(crate) fn owner_before(&self) -> Option<&str> {
        self.before.as_ref()?.owner.as_deref().filter(|owner| !owner.is_empty())
    }

    pub(crate) fn owner(&self) -> Option<&str> {
        self.after.as_ref()?.owner.as_deref().filter(|owner| !owner.is_empty())
    }

    pub(crate) fn cycle(&self) -> u32 {
        self.after.as_ref().map_or(1, |lead| lead.cycle)
    }

    /// The hand-offs so far.
    pub(crate) fn handoffs(&self) -> &[oracle::Handoff] {
        self.after.as_ref().map_or(&[], |lead| &lead.handoffs)
    }

    pub(crate) fn handoffs_before(&self) -> &[oracle::Handoff] {
        self.before.as_ref().map_or(&[], |lead| &lead.handoffs)
    }

    /// Whether it offered the lead to sales.
    pub(crate) fn is_offer(&self) -> bool {
        self.handoffs().len() > self.handoffs_before().len()
    }

    /// Whether it moved a lead that had begun from one state to another.
    pub(crate) fn is_move(&self) -> bool {
        self.before.is_some() && self.from() != self.state()
    }

    /// Whether it brought the lead into its state, from another or from nowhere.
    pub(crate) fn is_entry(&self) -> bool {
        self.from() != self.state()
    }

    /// Whether nothing happens any more to an erased lead.
    pub(crate) fn is_in_vain(&self) -> bool {
        self.from() == Some("erased")
    }
}

/// The life of a lead, with those of the leads that it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) lead: String,
    /// Another lead stands for it.
    pub(crate) is_merged: bool,
    /// The lead that stands for it: its own, unless it is merged.
    pub(crate) root: String,
    pub(crate) moments: Vec<Moment>,
}

impl Row {
    pub(crate) fn last(&self) -> Option<&Lead> {
        self.moments.last()?.after.as_ref()
    }
}

/// All lives, and what the oracle of the fold finds.
pub(crate) fn read(lines: &[Value], book: &Book) -> (Vec<Row>, Outcome) {
    // Room between the positions, for what is put in.
    let lines: Vec<Value> = lines.iter().map(|line| at_position(line, |p| 2 * p)).collect();
    let bounds = Bounds { as_of: Some(book.as_of), known_at: None };
    let outcome = oracle::read(&lines, &book.rules(), bounds);
    let streams = effective(&lines, book.as_of);
    let family = Family::of(&outcome, &streams);
    let mut inserted = Vec::new();
    let rows = family.rows(&streams);
    let rows = rows.into_iter().map(|(lead, life)| row(lead, life, book, &mut inserted));
    let rows: Vec<Row> = rows.collect();
    let lines: Vec<Value> = lines.into_iter().chain(inserted).collect();
    let mut outcome = oracle::read(&lines, &book.rules(), bounds);
    outcome.findings.iter_mut().for_each(|finding| finding.position /= 2);
    (rows, outcome)
}

fn at_position(line: &Value, position: impl Fn(u64) -> u64) -> Value {
    let mut line = line.clone();
    line["position"] = json!(position(line["position"].as_u64().expect("exported lines have it")));
    line
}

/// Who has been merged into whom.
struct Family {
    /// Of a merged lead: into which, and the line that says so.
    merges: BTreeMap<String, (String, Event)>,
}

/// The events of a life, whether they are quiet, and the merges that stand behind them.
struct Life {
    is_merged: bool,
    root: String,
    events: Vec<(Event, bool)>,
    merges: Vec<Value>,
}

impl Family {
    fn of(outcome: &Outcome, streams: &BTreeMap<String, Vec<Event>>) -> Self {
        let mut merges = BTreeMap::new();
        for (lead, told) in &outcome.leads {
            let Some(into) = &told.merged_into else { continue };
            let at = told.visits.last().expect("a merged lead was entered").entered_at;
            let is_refused =
                |p: u64| outcome.findings.iter().any(|f| f.position == p && f.code == "illegal");
            let stands = |event: &&Event| {
                let is_same = event.is("merged") && event.at == at;
                is_same && event.text("into") == Some(into) && !is_refused(event.position)
            };
            let merge = streams[lead].iter().rfind(stands).expect("a merge made it so");
            merges.insert(lead.clone(), (into.clone(), merge.clone()));
        }
        Self { merges }
    }

    fn root<'a>(&'a self, lead: &'a str) -> &'a str {
        let mut root = lead;
        while let Some((into, _)) = self.merges.get(root) {
            root = into;
        }
        root
    }

    fn rows(&self, streams: &BTreeMap<String, Vec<Event>>) -> Vec<(String, Life)> {
        let roots = self.merges.values().map(|(into, _)| into.clone());
        let mut leads: Vec<String> = streams.keys().cloned().chain(roots).collect();
        leads.sort();
        leads.dedup();
        leads.into_iter().map(|lead| (lead.clone(), self.life(&lead, streams))).collect()
    }

    fn life(&self, lead: &str, streams: &BTreeMap<String, Vec<Event>>) -> Life {
        let merge = |member: &str| self.merges.get(member).map(|(_, event)| event.order());
        let is_told = |event: &&Event| !event.is_one_of(&["merged", "unmerged", "cost_recorded"]);
        let is_merged = self.merges.contains_key(lead);
        let mut events = Vec::new();
        let mut merges = Vec::new();
        for (member, stream) in streams {
            let until = merge(member);
            let is_before = |event: &Event| until.is_some_and(|until| event.order() < until);
            let told = stream.iter().filter(is_told);
            if is_merged && member == lead {
                events.extend(told.filter(|e| is_before(e)).map(|e| (e.clone(), false)));
            } else if !is_merged && self.root(member) == lead {
                events.extend(told.map(|event| (event.clone(), is_before(event))));
                merges.extend(self.merges.get(member).map(|(_, event)| event.line.clone()));
            }
        }
        events.sort_by_key(|(event, _)| event.order());
        Life { is_merged, root: self.root(lead).to_owned(), events, merges }
    }
}

fn row(lead: String, life: Life, book: &Book, inserted: &mut Vec<Value>) -> Row {
    let mut lines = life.merges;
    let mut before: Option<Lead> = None;
    let mut moments = Vec::new();
    for (event, is_quiet) in life.events {
        let help = claim(before.as_ref(), &event, book);
        inserted.extend(help.clone());
        lines.extend(help);
        lines.push(event.line.clone());
        let after = if is_passive(&event) && before.is_some() {
            before.clone()
        } else {
            let bounds = Bounds { as_of: Some(book.as_of), known_at: None };
            oracle::read(&lines, &book.rules(), bounds).leads.remove(&lead)
        };
        let event = Event { position: event.position / 2, ..event };
        moments.push(Moment { event, is_quiet, before, after: after.clone() });
        before = after;
    }
    Row { lead, is_merged: life.is_merged, root: life.root, moments }
}

/// What changes nothing in a lead that has begun.
fn is_passive(event: &Event) -> bool {
    !event.is_known
        || event.is_one_of(&[
            "touched",
            "scored",
            "profile_updated",
            "consent_granted",
            "consent_withdrawn",
            "follow_up_scheduled",
            "follow_up_done",
        ])
}

/// The oracle of the fold knows no queues: whoever accepts from one is assigned first.
fn claim(before: Option<&Lead>, event: &Event, book: &Book) -> Option<Value> {
    let owner = before.filter(|lead| lead.state == "handed_off")?.owner.as_deref()?;
    let by = event.text("by").filter(|by| event.is("accepted") && *by != owner)?;
    if !book.is_queue(owner) {
        return None;
    }
    let mut line = at_position(&event.line, |position| position - 1);
    line["id"] = json!(format!("claim before {}", event.position));
    line["type"] = json!("assigned");
    line["data"] = json!({"to": by, "cause": "pool_claim"});
    line.as_object_mut().expect("a line is an object").remove("origin");
    Some(line)
}
