//! The evidence of what goes wrong with a deal names that deal, however many the lead has.

use leadfold_core::audit::AuditCode::{
    self, Illegal, MarketingTouchToCustomer, MarketingTouchToOpportunity, UnknownStage,
};
use leadfold_core::{Conduct, Pipeline, Playbook};
use leadfold_testkit::Log;

/// Events of one lead, one a minute.
#[derive(Default)]
struct Life(Vec<String>);

impl Life {
    fn add(&mut self, kind: &str, data: &str) -> u64 {
        let n = self.0.len();
        let at = format!("2024-03-{:02}T{:02}:{:02}:00Z", 1 + n / 1_440, n / 60 % 24, n % 60);
        self.0
            .push(format!(r#"{{"lead":"L1","type":"{kind}","occurred_at":"{at}","data":{data}}}"#));
        self.0.len() as u64
    }

    /// A lead with so many open deals, and where the first of them was opened.
    fn with_deals(n: u32) -> (Self, u64) {
        let mut life = Self::default();
        life.add("captured", "{}");
        life.add("qualified", r#"{"level":"mql"}"#);
        life.add("handed_off", r#"{"to":"ann"}"#);
        life.add("accepted", r#"{"by":"ann"}"#);
        life.add("touched", r#"{"side":"sales","result":"contact","by":"ann"}"#);
        life.add("qualified", r#"{"level":"sql"}"#);
        let opened = life.opened("D1");
        for deal in 2..=n {
            life.opened(&format!("D{deal}"));
        }
        (life, opened)
    }

    fn opened(&mut self, deal: &str) -> u64 {
        let data = format!(r#"{{"opportunity":"{deal}","pipeline":"first","stage":"talk"}}"#);
        self.add("opportunity_opened", &data)
    }

    /// What is found, and by which events.
    fn found(&self) -> Vec<(AuditCode, Vec<u64>)> {
        let pipeline = |name: &str, stages: &[&str]| Pipeline {
            name: name.to_owned(),
            stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
        };
        let pipelines = vec![pipeline("first", &["talk", "offer"]), pipeline("second", &["sign"])];
        let playbook = Playbook { pipelines, ..Playbook::default() };
        let log = Log::read(self.0.join("\n").as_bytes(), "life").expect("a log");
        let audit = log.audit(&playbook);
        audit.findings().iter().map(|found| (found.code, found.evidence.to_vec())).collect()
    }
}

impl Life {
    fn mailed(&mut self) -> u64 {
        self.add("touched", r#"{"side":"marketing","direction":"out","channel":"email"}"#)
    }

    fn closed(&mut self, outcome: &str, deal: &str) -> u64 {
        self.add(outcome, &format!(r#"{{"opportunity":"{deal}"}}"#))
    }

    /// Campaigns that the playbook forbids, and by which events.
    fn forbidden(&self) -> Vec<(AuditCode, Vec<u64>)> {
        let conduct = Conduct {
            marketing_touches_customers: false,
            marketing_touches_opportunities: false,
            ..Conduct::default()
        };
        let playbook = Playbook { conduct, ..Playbook::default() };
        let log = Log::read(self.0.join("\n").as_bytes(), "life").expect("a log");
        let audit = log.audit(&playbook);
        let found = audit.findings().iter();
        let codes = [MarketingTouchToCustomer, MarketingTouchToOpportunity];
        let found = found.filter(|found| codes.contains(&found.code));
        found.map(|found| (found.code, found.evidence.to_vec())).collect()
    }
}

#[test]
fn a_campaign_to_an_opportunity_is_proven_by_a_deal_that_is_open() {
    for n in 1..=5 {
        let (mut life, opened) = Life::with_deals(n);
        let first = life.mailed();
        let mut expected = vec![(MarketingTouchToOpportunity, vec![opened, first])];
        // One after the other is lost: the next one keeps the lead where it is.
        for deal in 1..n {
            life.closed("lost", &format!("D{deal}"));
            let at = life.mailed();
            let next = opened + u64::from(deal);
            expected.push((MarketingTouchToOpportunity, vec![next, at]));
        }
        life.closed("lost", &format!("D{n}"));
        life.mailed();
        assert_eq!(life.forbidden(), expected, "{n} deals; the last mail found none open");
    }
}

#[test]
fn a_campaign_to_a_customer_is_proven_by_a_deal_that_is_won() {
    let (mut life, _) = Life::with_deals(3);
    let won = life.closed("won", "D1");
    let first = life.mailed();
    let other = life.closed("won", "D2");
    life.closed("opportunity_reopened", "D1");
    let second = life.mailed();
    let last = life.closed("opportunity_reopened", "D2");
    let third = life.mailed();
    life.closed("lost", "D2");
    let fourth = life.mailed();
    let found = life.forbidden();
    assert_eq!(found[0], (MarketingTouchToCustomer, vec![won, first]));
    assert_eq!(found[1], (MarketingTouchToCustomer, vec![other, second]));
    assert_eq!(
        found[2],
        (MarketingTouchToOpportunity, vec![last, third]),
        "no deal is won any more"
    );
    // Without the reopening that brought it here it would be a customer, without D3 lost.
    let (code, evidence) = &found[3];
    assert_eq!(*code, MarketingTouchToOpportunity);
    assert!(evidence.contains(&last) && evidence.contains(&fourth), "{evidence:?}");
    assert_eq!(evidence.len(), 3, "{evidence:?}");
}

const MANY: [u32; 4] = [1, 2, 65, 200];

#[test]
fn of_a_stage_that_the_deals_pipeline_does_not_have() {
    for n in MANY {
        let (mut life, opened) = Life::with_deals(n);
        let data = r#"{"opportunity":"D1","to":"sign","pipeline_to":"second"}"#;
        let piped = life.add("opportunity_stage_changed", data);
        let data = r#"{"opportunity":"D1","to":"offer"}"#;
        let strange = life.add("opportunity_stage_changed", data);
        assert_eq!(life.found(), [(UnknownStage, vec![opened, piped, strange])], "{n} deals");
    }
}

#[test]
fn of_an_outcome_of_a_deal_that_is_closed() {
    for n in MANY {
        let (mut life, opened) = Life::with_deals(n);
        let lost = life.add("lost", r#"{"opportunity":"D1","reason":"price"}"#);
        let stage = life.add("opportunity_stage_changed", r#"{"opportunity":"D1","to":"offer"}"#);
        let found = life.found();
        let evidence = match &found[..] {
            [(Illegal, evidence)] => evidence.clone(),
            other => panic!("{n} deals: {other:?}"),
        };
        assert!(evidence.contains(&lost) && evidence.contains(&stage), "{n} deals: {evidence:?}");
        assert!(evidence.iter().all(|at| [opened, lost, stage].contains(at)), "{n}: {evidence:?}");
    }
}

/// An outcome without a key means the only open deal: the first, after all others are lost.
#[test]
fn of_a_deal_that_an_outcome_does_not_name() {
    for n in MANY {
        let (mut life, _) = Life::with_deals(n);
        for deal in 2..=n {
            life.add("lost", &format!(r#"{{"opportunity":"D{deal}","reason":"price"}}"#));
        }
        let won = life.add("won", r#"{"amount":100,"currency":"EUR"}"#);
        let stage = life.add("opportunity_stage_changed", r#"{"opportunity":"D1","to":"offer"}"#);
        let found = life.found();
        assert!(
            matches!(&found[..], [(Illegal, evidence)]
                if evidence.contains(&won) && evidence.contains(&stage)),
            "{n} deals: {found:?}"
        );
    }
}
