//! A log of leads that each have one thing to be got right, worked out by hand.

use std::collections::BTreeMap;

use leadfold_core::metrics::{Fraction, FunnelQuery, Rate, funnel};
use leadfold_core::whatif::{Difference, Effect, LeadTrial, Trial};
use serde_json::{Value, json};

use super::desk::{Desk, playbook, question};

/// Days of 2024; a day without a time is midnight.
pub(crate) fn line(lead: &str, at: &str, kind: &str, data: Value) -> Value {
    let at =
        if at.contains('T') { format!("2024-{at}:00Z") } else { format!("2024-{at}T00:00:00Z") };
    json!({"lead": lead, "occurred_at": at, "recorded_at": at, "type": kind, "data": data})
}

fn id(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

fn captured(lead: &str, at: &str, industry: &str) -> Value {
    line(lead, at, "captured", json!({"attributes": {"industry": industry, "size": 40}}))
}

fn pricing(lead: &str, at: &str) -> Value {
    line(lead, at, "touched", json!({"side": "prospect", "activity": "pricing"}))
}

fn mql(lead: &str, at: &str) -> Value {
    line(lead, at, "qualified", json!({"level": "mql"}))
}

fn handed_off(lead: &str, at: &str) -> Value {
    line(lead, at, "handed_off", json!({"to": "ann"}))
}

fn won(lead: &str, at: &str) -> Value {
    line(lead, at, "won", json!({"amount": 100, "currency": "EUR"}))
}

/// In the order of arrival.
pub(crate) fn log() -> Vec<Value> {
    let with_id = |mut line: Value, number: u32| {
        line["id"] = json!(id(number));
        line
    };
    vec![
        // Handed off by both: by the definition at the touch, five days earlier.
        captured("both", "01-01", "software"),
        pricing("both", "01-05"),
        mql("both", "01-10"),
        handed_off("both", "01-10"),
        won("both", "02-01"),
        // Handed off by hand only, and never won.
        captured("by hand", "01-01", "retail"),
        mql("by hand", "01-03"),
        handed_off("by hand", "01-03"),
        // The definition is met behind the win: no hand-off, and no points for it.
        captured("late fan", "01-01", "software"),
        won("late fan", "01-20"),
        pricing("late fan", "02-01"),
        // Met in the very instant of the win.
        captured("same instant", "01-01", "software"),
        pricing("same instant", "01-20"),
        won("same instant", "01-20"),
        // A touch that was taken back.
        captured("mistake", "01-01", "software"),
        with_id(pricing("mistake", "01-05"), 1),
        line(
            "mistake",
            "01-06",
            "corrected",
            json!({"target": id(1), "action": "retract", "reason": "bot"}),
        ),
        // A profile that was known late counts from when it was so.
        captured("late news", "01-01", "retail"),
        pricing("late news", "01-03"),
        pricing("late news", "01-20"),
        line(
            "late news",
            "01-02",
            "profile_updated",
            json!({"attributes": {"industry": "software"}}),
        ),
        // The one is the software company, the other looked at the prices.
        captured("half", "01-01", "software"),
        line("other half", "01-02", "captured", json!({})),
        pricing("other half", "01-05"),
        line("half", "01-08", "merged", json!({"into": "other half"})),
        // Its window is not over.
        captured("young", "12-01", "software"),
        pricing("young", "12-05"),
        // Met only after the window of 90 days.
        captured("slow", "01-01", "software"),
        pricing("slow", "04-30"),
        // Closed when it was met, and the points were gone when it was opened again.
        captured("too late", "01-01", "software"),
        line("too late", "01-05", "disqualified", json!({"reason": "spam"})),
        pricing("too late", "01-06"),
        line("too late", "02-10", "reopened", json!({})),
        // The same, but the points were still there.
        captured("in time", "01-01", "software"),
        line("in time", "01-05", "disqualified", json!({"reason": "spam"})),
        pricing("in time", "01-06"),
        line("in time", "01-20", "reopened", json!({})),
        // Handed off against the rules.
        captured("hasty", "01-01", "retail"),
        handed_off("hasty", "01-02"),
        // Forgotten before it could be met.
        captured("forgotten", "01-01", "software"),
        line("forgotten", "01-04", "erased", json!({"request": "R1"})),
        pricing("forgotten", "01-05"),
        // Never captured: handed off, and in no window.
        line(
            "shown",
            "01-01",
            "snapshot_imported",
            json!({"state": "mql", "history_known_from": "2024-01-01",
                   "attributes": {"industry": "software"}}),
        ),
        pricing("shown", "01-05"),
        // Lost for good: the score is the one from before.
        captured("lost", "01-01", "software"),
        line("lost", "01-02", "qualified", json!({"level": "mql"})),
        handed_off("lost", "01-03"),
        line("lost", "01-15", "lost", json!({"reason": "price"})),
        pricing("lost", "01-16"),
    ]
}

pub(crate) fn by_hand() -> Value {
    json!({"name": "by hand", "version": "1"})
}

pub(crate) fn scored() -> Value {
    json!({
        "name": "scored", "version": "2",
        "scoring": {
            "name": "b2b", "version": "1",
            "fit": [{"name": "industry", "points": 20,
                     "when": [{"attribute": "industry", "equals": "software"},
                              {"attribute": "size", "at_least": 30}]},
                    {"name": "unknown size", "points": 20,
                     "when": [{"attribute": "industry", "equals": "software"},
                              {"attribute": "size", "present": false}]}],
            "behaviour": [{"name": "prices", "points": 15,
                           "on": {"side": ["prospect"], "activity": ["pricing"]},
                           "decay": {"steps": [{"after": "30d", "keeps": 0}]}}],
            "definitions": [
                {"name": "warm", "version": "1", "points_min": 15},
                {"name": "hot", "version": "1", "points_min": 35},
            ],
        },
        "handoff_definition": "hot",
    })
}

pub(crate) const AS_OF: &str = "2024-12-31";

fn expected_handoffs(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(lead, day)| ((*lead).to_owned(), format!("2024-{day}T00:00:00Z"))).collect()
}

#[test]
fn each_playbook_hands_off_whom_it_should() {
    let desk = Desk::of(&log());
    let found =
        |book: &Value| desk.handoffs(&desk.try_out(&playbook(book), &question(AS_OF, 90)).trial);
    let by_hand = [("both", "01-10"), ("by hand", "01-03"), ("lost", "01-03")];
    assert_eq!(found(&self::by_hand()), expected_handoffs(&by_hand));
    let scored = [
        ("both", "01-05"),
        ("late news", "01-03"),
        ("other half", "01-05"),
        ("young", "12-05"),
        ("slow", "04-30"),
        ("in time", "01-20"),
        ("shown", "01-05"),
    ];
    assert_eq!(found(&self::scored()), expected_handoffs(&scored));
}

#[test]
fn scores_are_those_before_the_outcome() {
    let desk = Desk::of(&log());
    let tried = desk.try_out(&playbook(&scored()), &question(AS_OF, 90));
    let row = |lead: &LeadTrial| {
        let matured = lead.matured?;
        let (is_won, is_handed_off) = (matured.is_won, matured.is_handed_off);
        let score = matured.score.map(|score| score.to_string());
        let at = matured.decided_at.to_string();
        Some((desk.key(lead.lead).to_owned(), (is_won, is_handed_off, at, score)))
    };
    let found: BTreeMap<_, _> = tried.trial.leads.iter().filter_map(row).collect();
    let before = |day: &str| format!("2024-{day}T23:59:59.999999Z");
    let at = |day: &str| format!("2024-{day}T00:00:00Z");
    // 90 days behind 1 January.
    let end = at("03-31");
    let expected = [
        ("both", true, true, at("01-05"), "35"),
        ("by hand", false, false, end.clone(), "0"),
        ("late fan", true, false, before("01-19"), "20"),
        ("same instant", true, false, before("01-19"), "20"),
        ("mistake", false, false, end.clone(), "20"),
        ("late news", false, true, at("01-03"), "35"),
        // The root has the first capture of both.
        ("other half", false, true, at("01-05"), "35"),
        ("slow", false, false, end.clone(), "20"),
        ("too late", false, false, end.clone(), "20"),
        ("in time", false, true, at("01-20"), "35"),
        ("hasty", false, false, end.clone(), "0"),
        ("forgotten", false, false, before("01-03"), "20"),
        ("lost", false, false, before("01-14"), "20"),
    ];
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(lead, won, off, at, score)| {
            (lead.to_owned(), (won, off, at, Some(score.to_owned())))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_effect_is_counted_over_matured_leads() {
    let desk = Desk::of(&log());
    let tried = |book: &Value| desk.try_out(&playbook(book), &question(AS_OF, 90)).trial;
    let (by_hand, scored) = (tried(&by_hand()), tried(&scored()));
    let base = Rate { num: 3, den: 13 };
    let expected = Effect {
        base,
        precision: Rate { num: 1, den: 3 },
        recall: Rate { num: 1, den: 3 },
        lift: Fraction { num: 13, den: 9 },
    };
    assert_eq!(by_hand.effect(), expected);
    let precision = Rate { num: 1, den: 4 };
    let lift = Fraction { num: 13, den: 12 };
    assert_eq!(scored.effect(), Effect { precision, lift, ..expected });
    assert_eq!(by_hand.score_quality(), None);
    // Won: 35, 20, 20. Not won: three of 35, five of 20, two of 0.
    let quality = scored.score_quality().expect("there is a score");
    let auc = quality.auc.expect("there are both");
    // Of 30 pairs, the 35 is above seven and ties with three; each 20 is above two and ties with
    // five.
    assert_eq!(auc, Fraction { num: 2 * (7 + 2 + 2) + 3 + 5 + 5, den: 60 });
    // The best two of thirteen, of four that tie at 35: one of them was won.
    assert_eq!((quality.leads, quality.best), (13, 2));
    let lift = quality.lift_of_best.expect("some were won");
    assert_eq!(lift.ratio(), Some((1.0 / 4.0) / (3.0 / 13.0)));
}

#[test]
fn the_base_rate_is_that_of_the_funnel() {
    let desk = Desk::of(&log());
    for within in [10, 25, 90, 400] {
        let question = question(AS_OF, within);
        let tried = desk.try_out(&playbook(&scored()), &question);
        let query = FunnelQuery { within_days: Some(within), ..FunnelQuery::as_of(question.as_of) };
        let rows = funnel(&tried.tables, &query);
        let expected = rows[0].within.expect("it was asked for").rate;
        assert_eq!(tried.trial.effect().base, expected, "{within}");
    }
}

#[test]
fn the_difference_names_the_leads() {
    let desk = Desk::of(&log());
    let tried = |book: &Value| desk.try_out(&playbook(book), &question(AS_OF, 90)).trial;
    let (by_hand, scored) = (tried(&by_hand()), tried(&scored()));
    let keys = |difference: &Difference| {
        let only = |leads: &[(leadfold_core::LeadIndex, _)]| -> Vec<String> {
            leads.iter().map(|(lead, _)| desk.key(*lead).to_owned()).collect()
        };
        (only(&difference.only_first), only(&difference.only_second))
    };
    let difference = Difference::of(&by_hand, &scored);
    let only_second = ["late news", "other half", "young", "slow", "in time", "shown"];
    let expected =
        (vec!["by hand".to_owned(), "lost".to_owned()], only_second.map(str::to_owned).to_vec());
    assert_eq!(keys(&difference), expected);
    assert_eq!((difference.both.len(), difference.order()), (1, [1, 0, 0]));
    let swapped = Difference::of(&scored, &by_hand);
    assert_eq!((swapped.order(), swapped.only_second), ([0, 0, 1], difference.only_first));
    let same = Difference::of(&scored, &tried(&self::scored()));
    assert_eq!((same.only_first, same.only_second), (Vec::new(), Vec::new()));
    assert_eq!((same.both.len(), Difference::of(&scored, &scored).order()), (7, [0, 7, 0]));
}

#[test]
fn nothing_behind_the_as_of_counts() {
    let desk = Desk::of(&log());
    let early = question("2024-01-05", 3);
    let trial: Trial = desk.try_out(&playbook(&scored()), &early).trial;
    // A correction is knowledge: the mistake is none, though it was taken back a day later. The
    // halves are not yet one.
    let expected = [("both", "01-05"), ("late news", "01-03"), ("shown", "01-05")];
    assert_eq!(desk.handoffs(&trial), expected_handoffs(&expected));
    assert!(trial.leads.iter().all(|lead| lead.matured.is_none_or(|row| !row.is_won)));
}

#[test]
fn the_first_definition_hands_off_unless_one_is_named() {
    let desk = Desk::of(&log());
    let mut book = scored();
    book.as_object_mut().expect("a table").remove("handoff_definition");
    let trial = desk.try_out(&playbook(&book), &question(AS_OF, 90)).trial;
    assert_eq!(desk.handoffs(&trial)["late fan"], "2024-01-01T00:00:00Z");
    book["scoring"]["definitions"] = json!([]);
    let trial = desk.try_out(&playbook(&book), &question(AS_OF, 90)).trial;
    let by_hand = desk.try_out(&playbook(&by_hand()), &question(AS_OF, 90)).trial;
    assert_eq!(desk.handoffs(&trial), desk.handoffs(&by_hand));
    assert!(trial.score_quality().is_some());
}

#[test]
fn a_hand_raiser_is_handed_off_where_the_rules_let_it() {
    let desk = Desk::of(&log());
    let book = json!({"rules": {"hand_raiser": true}});
    let trial = desk.try_out(&playbook(&book), &question(AS_OF, 90)).trial;
    assert_eq!(desk.handoffs(&trial)["hasty"], "2024-01-02T00:00:00Z");
}

#[test]
fn a_definition_that_is_not_there_is_refused() {
    use leadfold_core::whatif::HandoffRule;
    let message =
        |book: &Value| HandoffRule::of(&playbook(book)).expect_err("it is not there").to_string();
    let mut book = scored();
    book["handoff_definition"] = json!("hott");
    assert_eq!(
        message(&book),
        "expected one of the scoring's definitions \"warm\", \"hot\", found \"hott\"; add it to \
         `scoring.definitions`, or leave the key out"
    );
    assert_eq!(
        message(&json!({"handoff_definition": "hot"})),
        "expected the name of a definition, of which the scoring has none, found \"hot\"; add it \
         to `scoring.definitions`, or leave the key out"
    );
    book["scoring"]["version"] = json!("");
    assert!(message(&book).starts_with("version of the model (`version`): expected a name"));
}
