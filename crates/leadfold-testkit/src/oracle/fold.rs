//! Sections 5 and 6: one lead from its events, one after the other. Hand-offs are in `handoff`,
//! deals in `deal`.

use super::{
    event::{self, Event},
    handoff,
    shape::{Finding, Illegal, Lead, Revenue, Rules, Visit},
    table::{self, Cell},
};

/// What an event does in the row that is being folded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// It happens.
    Act,
    /// It happened to an absorbed member, whose own row has its findings.
    Quiet,
    /// It is the merge that ends this row.
    Merge,
    /// It does nothing here but to be found: a code and a reason, if anything is wrong with it.
    Note(Option<(&'static str, Option<&'static str>)>),
}

/// One event and its role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) event: &'a Event,
    pub(super) role: Role,
}

/// Folds one row; `None` when the lead has not begun.
pub(super) fn fold(key: &str, steps: &[Step<'_>], rules: &Rules) -> (Option<Lead>, Vec<Finding>) {
    let mut fold = Fold {
        rules,
        key,
        lead: Lead { cycle: 1, ..Lead::default() },
        closings: Vec::new(),
        own_captured: false,
        quiet: false,
        illegal: false,
        findings: Vec::new(),
    };
    for step in steps {
        fold.step(step);
    }
    (fold.has_begun().then_some(fold.lead), fold.findings)
}

/// A lead on its way through its events.
pub(super) struct Fold<'a> {
    pub(super) rules: &'a Rules,
    key: &'a str,
    pub(super) lead: Lead,
    /// The opportunities (by index) in the order in which they were closed, once a closing.
    pub(super) closings: Vec<usize>,
    /// A `captured` of the lead's own stream was folded, not only those of absorbed members.
    own_captured: bool,
    /// The event at hand is quiet.
    quiet: bool,
    /// The event at hand was refused.
    pub(super) illegal: bool,
    findings: Vec<Finding>,
}

impl Fold<'_> {
    fn step(&mut self, step: &Step<'_>) {
        let event = step.event;
        self.quiet = step.role == Role::Quiet;
        self.illegal = false;
        if event.duplicate {
            self.find(event, "duplicate_external_id", None);
        }
        match step.role {
            Role::Act | Role::Quiet => self.happen(event),
            Role::Merge => self.merge(event),
            Role::Note(Some((code, reason))) => self.find(event, code, reason),
            Role::Note(None) => {}
        }
    }

    fn happen(&mut self, event: &Event) {
        if !event.known {
            self.find(event, "unknown_type", None);
            return;
        }
        if self.lead.state == "erased" {
            if event.kind != "erased" {
                self.find(event, "illegal", Some("erased_lead"));
            }
            return;
        }
        match event.kind.as_str() {
            "captured" => self.captured(event),
            "snapshot_imported" => self.snapshot(event),
            _ => {
                self.begin_unless_begun(event);
                self.look_for_a_reason(event);
                self.act(event);
            }
        }
    }

    fn act(&mut self, event: &Event) {
        match event.kind.as_str() {
            "qualified" => self.qualified(event),
            "handed_off" => self.handed_off(event),
            "accepted" => self.accepted(event),
            "rejected" | "returned" => self.returned(event),
            "recycled" => self.recycled(event),
            "disqualified" => self.disqualified(event),
            "reopened" => self.reopened(event),
            "assigned" | "reassigned" | "unassigned" => self.assigned(event),
            "opportunity_opened" => self.opportunity_opened(event),
            "opportunity_stage_changed" => self.stage_changed(event),
            "opportunity_amended" => self.amended(event),
            "won" | "lost" => self.closed(event),
            "opportunity_reopened" => self.opportunity_reopened(event),
            "revenue_recorded" | "refunded" => self.money(event),
            "churned" | "reactivated" => self.churned(event),
            "attribution_resolved" => self.attributed(event),
            "erased" => self.go("erased", event),
            // Touches, profiles, scores, consents and follow-ups.
            _ => {}
        }
    }

    // Section 5: where a lead begins.

    pub(super) fn has_begun(&self) -> bool {
        !self.lead.visits.is_empty()
    }

    fn begin_unless_begun(&mut self, event: &Event) {
        if !self.has_begun() {
            self.find(event, "history_gap", None);
            self.begin("new", event, true);
        }
    }

    fn begin(&mut self, state: &str, event: &Event, unknown: bool) {
        self.lead.began_at = event.at;
        self.enter(state, event.at, false, unknown);
    }

    fn captured(&mut self, event: &Event) {
        let own = event.lead.as_deref() == Some(self.key);
        let first = self.lead.captured_at.is_none();
        if !self.has_begun() {
            self.begin("new", event, false);
        } else if first {
            self.find(event, "out_of_order", None);
            if self.lead.entered.contains("customer") {
                self.find(event, "negative_duration", None);
            }
        } else if own && self.own_captured && !self.refuse(event, "already_captured") {
            return;
        }
        self.own_captured |= own;
        self.lead.captured_at.get_or_insert(event.at);
        self.fill_the_blanks(event);
    }

    fn fill_the_blanks(&mut self, event: &Event) {
        let lead = &mut self.lead;
        let blanks = [
            ("source", &mut lead.source),
            ("medium", &mut lead.medium),
            ("campaign", &mut lead.campaign),
            ("channel", &mut lead.channel),
        ];
        for (name, blank) in blanks {
            if blank.is_none() {
                *blank = event.owned(name);
            }
        }
        if event.kind == "captured" && lead.origin.is_none() {
            lead.origin = event.owned("origin");
        }
        let attributes = event.data.get("attributes").and_then(|value| value.as_object());
        for (name, value) in attributes.map(event::texts).unwrap_or_default() {
            lead.attributes.entry(name).or_insert(value);
        }
    }

    fn snapshot(&mut self, event: &Event) {
        self.find(event, "history_gap", None);
        let state = event.text("state").unwrap_or("new");
        if !self.has_begun() {
            self.begin(state, event, true);
            self.fill_the_blanks(event);
            self.lead.owner = event.owned("owner");
        } else if self.lead.state != state {
            self.visit().unknown = true;
            self.enter(state, event.at, false, true);
        }
    }

    fn merge(&mut self, event: &Event) {
        self.begin_unless_begun(event);
        self.lead.merged_into = event.owned("into");
        self.enter("merged", event.at, false, false);
    }

    // Section 6: moves.

    /// The state becomes `target`. A quiet event that is illegal only ever lifts the state.
    pub(super) fn go(&mut self, target: &str, event: &Event) {
        let from = self.lead.state.clone();
        let lifts = table::standing(target) > table::standing(&from);
        if from == target || self.quiet && self.illegal && !lifts {
            return;
        }
        let moves = ["qualified", "handed_off", "accepted", "opportunity_opened", "reopened"];
        let outside = ["nurturing", "disqualified", "lost"];
        let inside = ["new", "mql", "handed_off", "accepted", "sql", "opportunity"];
        if moves.contains(&event.kind.as_str())
            && outside.contains(&from.as_str())
            && inside.contains(&target)
        {
            self.lead.cycle += 1;
        }
        self.enter(target, event.at, false, false);
    }

    /// Implies the steps of the ladder between the state and `target`, both left out.
    pub(super) fn imply_up_to(&mut self, target: &str, event: &Event) {
        if !["handed_off", "accepted", "sql"].contains(&self.lead.state.as_str()) {
            return;
        }
        for step in ["accepted", "sql", "opportunity"] {
            let (step_rung, state_rung) = (table::rung(step), table::rung(&self.lead.state));
            if step_rung <= state_rung || step_rung >= table::rung(target) {
                continue;
            }
            if step == "accepted"
                && let Some(pending) = self.pending()
            {
                pending.implied = true;
                handoff::decide(pending, "accepted", None, event.at);
            }
            self.enter(step, event.at, true, false);
        }
    }

    fn enter(&mut self, state: &str, at: i64, implied: bool, unknown: bool) {
        if let Some(open) = self.lead.visits.last_mut() {
            open.left_at = Some(at);
        }
        let state = state.to_owned();
        self.lead.reached = self.lead.reached.max(table::rung(&state).unwrap_or(0));
        if !implied {
            self.lead.entered.insert(state.clone());
        }
        self.lead.state.clone_from(&state);
        let cycle = self.lead.cycle;
        let visit = Visit { state, entered_at: at, left_at: None, implied, unknown, cycle };
        self.lead.visits.push(visit);
    }

    fn visit(&mut self) -> &mut Visit {
        self.lead.visits.last_mut().expect("a lead that has begun has a visit")
    }

    /// Whether an event has effects by the table: legal, or illegal and applied all the same.
    pub(super) fn admits(&mut self, event: &Event, row: &str) -> bool {
        match table::cell(row, &self.lead.state) {
            Cell::Legal => true,
            Cell::Nothing => false,
            Cell::Refused(reason) => self.refuse(event, reason),
            Cell::Shortcut(reason) => self.allows_shortcut(row) || self.refuse(event, reason),
        }
    }

    fn allows_shortcut(&self, row: &str) -> bool {
        match (row, self.lead.state.as_str()) {
            ("handed_off", _) => self.rules.hand_raiser,
            ("qualified sql", "new") => {
                self.rules.sales_generated && self.lead.origin.as_deref() == Some("sales_generated")
            }
            _ => self.rules.implied_steps,
        }
    }

    /// Records that an event is illegal, and says whether it has effects all the same.
    pub(super) fn refuse(&mut self, event: &Event, reason: &'static str) -> bool {
        let code = match (event.kind.as_str(), reason) {
            ("accepted", "no_handoff") => "accepted_without_handoff",
            ("revenue_recorded" | "refunded", _) => "revenue_before_won",
            _ => "illegal",
        };
        self.illegal = true;
        self.find(event, code, Some(reason));
        self.tolerates()
    }

    /// Whether what breaks the rules has effects all the same.
    pub(super) fn tolerates(&self) -> bool {
        self.quiet || self.rules.illegal == Illegal::Apply
    }

    pub(super) fn find(&mut self, event: &Event, code: &str, reason: Option<&str>) {
        if self.quiet {
            return;
        }
        let is_of_states = !["duplicate_external_id", "unknown_target"].contains(&code);
        self.findings.push(Finding {
            code: code.to_owned(),
            reason: reason.map(str::to_owned),
            lead: Some(self.key.to_owned()),
            position: event.position,
            at: event.at,
            from: self.has_begun().then(|| self.lead.state.clone()).filter(|_| is_of_states),
        });
    }

    fn look_for_a_reason(&mut self, event: &Event) {
        let wants_one = ["disqualified", "rejected", "returned", "lost"];
        let has_one = event.text("reason").is_some();
        if self.rules.require_reasons && wants_one.contains(&event.kind.as_str()) && !has_one {
            self.find(event, "missing_reason", None);
        }
    }

    fn qualified(&mut self, event: &Event) {
        let (row, level) = match event.text("level") {
            Some("sql") => ("qualified sql", "sql"),
            _ => ("qualified mql", "mql"),
        };
        if !self.admits(event, row) {
            return;
        }
        if level == "sql" && !self.illegal {
            self.imply_up_to("sql", event);
        }
        self.go(level, event);
    }

    fn reopened(&mut self, event: &Event) {
        // Without effect where it is illegal, under either policy.
        if self.admits(event, "reopened") && !self.illegal {
            let disqualified = self.lead.state == "disqualified";
            self.go(if disqualified { "new" } else { "nurturing" }, event);
        }
    }

    fn assigned(&mut self, event: &Event) {
        if self.admits(event, "assigned") {
            let nobody = event.kind == "unassigned";
            self.lead.owner = if nobody { None } else { event.owned("to") };
        }
    }

    fn money(&mut self, event: &Event) {
        if !self.admits(event, "customers only") {
            return;
        }
        self.name_product(event.text("product"));
        self.lead.revenue.push(Revenue {
            at: event.at,
            amount: event.integer("amount").unwrap_or(0),
            currency: event.owned("currency").unwrap_or_else(|| "XXX".to_owned()),
            margin: event.integer("margin"),
            kind: event.owned("kind"),
            product: event.owned("product"),
            refund: event.kind == "refunded",
        });
    }

    pub(super) fn name_product(&mut self, product: Option<&str>) {
        if self.lead.product.is_none() {
            self.lead.product = product.map(str::to_owned);
        }
    }

    fn churned(&mut self, event: &Event) {
        if self.admits(event, "customers only") {
            self.lead.churned = event.kind == "churned";
        }
    }

    fn attributed(&mut self, event: &Event) {
        self.lead.source = event.owned("source");
        if let Some(campaign) = event.owned("campaign") {
            self.lead.campaign = Some(campaign);
        }
    }
}
