//! The metrics say what the oracle counts from its own reading.

use std::collections::BTreeMap;

use leadfold_core::metrics::{
    AmountRate, By, DurationStat, FunnelCount, FunnelKind, FunnelQuery, FunnelRow, KaplanMeier,
    KeyPart, LossRow, Observation, Period, RevenueBasis, WinRateQuery, Zone, funnel,
    historic_value, losses, stage_time, status, win_rate,
};
use leadfold_core::{
    Bounds, DAY, LeadFacts, LeadIndex, Money, Playbook, State, Tables, Timestamp, fold_leads,
    fold_pages,
};
use leadfold_store::{Append, Blocking, MemoryStore};
use leadfold_testkit::oracle::{self, metrics as naive};
use leadfold_testkit::simulate::Simulation;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Value, json};

use super::agree::compare;
use super::book::{config, playbook, rules};
use super::draw::{Lines, instant, lines, lines_of_deals, time};
use super::log::Log;
use super::plain::{Names, expected};

/// One log, read both ways up to an instant.
pub(crate) struct Both {
    pub(crate) log: Log,
    pub(crate) names: Names,
    pub(crate) tables: Tables,
    pub(crate) outcome: oracle::Outcome,
    pub(crate) as_of: i64,
}

impl Both {
    pub(crate) fn read(lines: &Lines, rules: &oracle::Rules, as_of: i64) -> Self {
        let log = Log::of(lines);
        let at = Some(Timestamp::from_micros(as_of));
        let tables = log.tables(&playbook(rules), Bounds { as_of: at, known_at: None });
        let bounds = oracle::Bounds { as_of: Some(as_of), known_at: None };
        let outcome = expected(&log.exported(), rules, bounds);
        Self { names: Names::of(&log), log, tables, outcome, as_of }
    }

    pub(crate) fn key(&self, parts: &[KeyPart]) -> naive::Key {
        let part = |part: &KeyPart| match part {
            KeyPart::Name(code) => self.names.text(*code),
            KeyPart::Month(year, month) => Some(format!("{year}-{month:02}")),
            KeyPart::Missing => None,
        };
        parts.iter().map(part).collect()
    }
}

type KeyOf = fn(&oracle::Lead) -> naive::Key;

/// Dimensions of the core, and the same as the oracle's question.
fn splits(log: &Log) -> Vec<(Vec<By>, KeyOf)> {
    let mut splits: Vec<(Vec<By>, KeyOf)> = vec![
        (vec![By::Source], |lead| vec![lead.source.clone()]),
        (vec![By::Medium], |lead| vec![lead.medium.clone()]),
        (vec![By::Campaign], |lead| vec![lead.campaign.clone()]),
        (vec![By::Channel], |lead| vec![lead.channel.clone()]),
        (vec![By::Owner, By::Product], |lead| vec![lead.owner.clone(), lead.product.clone()]),
    ];
    let by_month: KeyOf = |lead| vec![lead.captured_at.map(naive::month)];
    splits.push((vec![By::CohortMonth(Zone::utc())], by_month));
    let region: KeyOf = |lead| vec![lead.attributes.get("region").cloned()];
    let code = log.store.code("region").expect("a memory has codes");
    splits.extend(code.map(|code| (vec![By::Attribute(code)], region)));
    splits
}

/// Statistics of sorted durations, by the oracle's quantile.
fn stat(sorted: &[i64]) -> DurationStat {
    let n = sorted.len();
    let sum: i128 = sorted.iter().map(|time| i128::from(*time)).sum();
    let seconds = |micros: f64| micros / 1e6;
    DurationStat {
        n: n as u64,
        mean_s: (n > 0).then(|| seconds(sum as f64 / n as f64)),
        p50_s: naive::quantile(sorted, 0.5).map(seconds),
        p90_s: naive::quantile(sorted, 0.9).map(seconds),
        max_s: sorted.last().map(|max| seconds(*max as f64)),
    }
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn same_stat(found: &DurationStat, sorted: &[i64]) -> TestCaseResult {
    let expected = stat(sorted);
    let is_same = found.n == expected.n
        && close(found.mean_s, expected.mean_s)
        && close(found.p50_s, expected.p50_s)
        && close(found.p90_s, expected.p90_s)
        && close(found.max_s, expected.max_s);
    prop_assert!(is_same, "found {:?}, expected {:?}", found, expected);
    Ok(())
}

fn same_funnel_row(found: &FunnelRow, expected: &naive::FunnelRow) -> TestCaseResult {
    prop_assert_eq!(found.captured, expected.captured, "captured");
    prop_assert_eq!(found.won.num, expected.won, "won");
    prop_assert_eq!(found.lost, expected.lost, "lost");
    prop_assert_eq!(found.erased, expected.erased, "erased");
    prop_assert_eq!(found.still_open, expected.still_open, "still open");
    same_stat(&found.days_to_won, &expected.days_to_won)?;
    for stage in &found.stages {
        let other = &expected.stages[stage.stage.name()];
        let counts = (stage.entered, stage.reached, stage.visits, stage.open);
        let others = (other.entered, other.reached, other.visits, other.open);
        prop_assert_eq!(counts, others, "{}", stage.stage);
        same_stat(&stage.time, &other.durations)?;
    }
    Ok(())
}

fn same_funnel(
    both: &Both,
    rows: &[FunnelRow],
    expected: &BTreeMap<naive::Key, naive::FunnelRow>,
) -> TestCaseResult {
    let found: BTreeMap<naive::Key, &FunnelRow> =
        rows.iter().map(|row| (both.key(&row.key), row)).collect();
    prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (key, row) in found {
        same_funnel_row(row, &expected[&key])?;
    }
    Ok(())
}

/// Whatever leads are counted where, the funnel is the same.
fn same_in_parts(tables: &Tables, query: &FunnelQuery) -> TestCaseResult {
    let whole = funnel(tables, query);
    let n = tables.lead_count() as u32;
    for (first, second) in [(0, n), (n / 3, n / 2), (1, 1)] {
        let parts = [second..u32::MAX, 0..first, first..second];
        let [behind, before, between] =
            parts.map(|leads| LeadIndex(leads.start)..LeadIndex(leads.end));
        let one = FunnelCount::of(tables, query, behind).with(tables, before);
        let all = one.and(FunnelCount::of(tables, query, between));
        prop_assert_eq!(&all.rows(), &whole);
        prop_assert_eq!(&all.total(), &whole[0]);
        prop_assert_eq!(&all.groups(), &whole[1..]);
    }
    Ok(())
}

fn same_funnels(both: &Both, period: Period) -> TestCaseResult {
    let (from, to) = (period.from.map(Timestamp::micros), period.to.map(Timestamp::micros));
    let query = FunnelQuery { period, ..FunnelQuery::as_of(Timestamp::from_micros(both.as_of)) };
    for kind in [FunnelKind::Cohort, FunnelKind::Period] {
        let count = match kind {
            FunnelKind::Cohort => naive::cohort_funnel,
            FunnelKind::Period => naive::period_funnel,
        };
        let total = funnel(&both.tables, &FunnelQuery { kind, ..query.clone() });
        let expected = count(&both.outcome, both.as_of, from, to, &|_| Vec::new());
        if expected.is_empty() {
            prop_assert_eq!(total[0].captured + total[0].won.num, 0);
        } else {
            same_funnel(both, &total, &expected)?;
        }
        for (by, key_of) in splits(&both.log) {
            let query = FunnelQuery { kind, by, ..query.clone() };
            let rows = funnel(&both.tables, &query);
            same_in_parts(&both.tables, &FunnelQuery { survival: true, ..query })?;
            let expected = count(&both.outcome, both.as_of, from, to, &key_of);
            same_funnel(both, &rows[1..], &expected)?;
        }
    }
    Ok(())
}

fn same_money(money: &[Money]) -> BTreeMap<String, i128> {
    let sums = money.iter().map(|money| (money.currency.to_string(), money.amount));
    sums.filter(|(_, amount)| *amount != 0).collect()
}

fn without_zeros(sums: impl IntoIterator<Item = (String, i128)>) -> BTreeMap<String, i128> {
    sums.into_iter().filter(|(_, amount)| *amount != 0).collect()
}

fn same_win_rate(both: &Both, period: Period) -> TestCaseResult {
    let (from, to) = (period.from.map(Timestamp::micros), period.to.map(Timestamp::micros));
    let expected = naive::win_rate(&both.outcome, from, to);
    let rows = win_rate(&both.tables, &WinRateQuery { period, ..WinRateQuery::default() });
    prop_assert_eq!((rows[0].rate.num, rows[0].rate.den), (expected.won, expected.closed));
    let won = rows[0].amounts.iter().map(|a| (a.currency.to_string(), a.won));
    let closed = rows[0].amounts.iter().map(|a| (a.currency.to_string(), a.won + a.lost));
    let expected_won = expected.amounts.iter().map(|(c, (won, _))| (c.clone(), *won));
    let expected_closed = expected.amounts.iter().map(|(c, (_, closed))| (c.clone(), *closed));
    prop_assert_eq!(without_zeros(won), without_zeros(expected_won));
    prop_assert_eq!(without_zeros(closed), without_zeros(expected_closed));
    let gone = ["merged", "erased"];
    let can_close = |lead: &&oracle::Lead| !gone.contains(&lead.state.as_str());
    let deals = both.outcome.leads.values().filter(can_close).flat_map(|lead| &lead.opportunities);
    let open = deals.filter(|deal| deal.outcome == "open").count() as u64;
    prop_assert_eq!(rows[0].open, open);
    for by in [By::Owner, By::Product, By::Source] {
        let query = WinRateQuery { period, by: vec![by], by_opening: false };
        let rows = win_rate(&both.tables, &query);
        let sum = |part: fn(&leadfold_core::metrics::WinRateRow) -> u64| {
            rows[1..].iter().map(part).sum::<u64>()
        };
        prop_assert_eq!(sum(|row| row.rate.num), rows[0].rate.num);
        prop_assert_eq!(sum(|row| row.rate.den), rows[0].rate.den);
    }
    Ok(())
}

fn same_losses(both: &Both, period: Period, rows: &[LossRow]) -> TestCaseResult {
    let (from, to) = (period.from.map(Timestamp::micros), period.to.map(Timestamp::micros));
    let expected = naive::loss_reasons(&both.outcome, from, to);
    prop_assert_eq!(rows.len(), expected.len());
    for row in rows {
        let other = expected.get(&both.names.text(row.reason)).cloned().unwrap_or_default();
        prop_assert_eq!(row.count, other.count);
        prop_assert_eq!(same_money(&row.amounts), without_zeros(other.amounts.clone()));
        let states = row.states.iter().map(|(state, n)| (Some(state.name().to_owned()), *n));
        prop_assert_eq!(states.collect::<BTreeMap<_, _>>(), other.states.clone());
        let text = |code| both.names.text(code);
        let stages = row.stages.iter().map(|at| ((text(at.pipeline), text(at.stage)), at.count));
        prop_assert_eq!(stages.collect::<BTreeMap<_, _>>(), other.stages.clone());
        same_stat(&row.open_for, &other.open_for)?;
    }
    Ok(())
}

/// From capture to the win; else censored at the end of the story, or at the as-of.
fn observations(both: &Both) -> Vec<(i64, bool)> {
    let closed = ["customer", "disqualified", "lost", "erased"];
    let observe = |lead: &oracle::Lead| {
        let start = lead.captured_at?;
        let won = lead.visits.iter().find(|visit| visit.state == "customer");
        let is_closed = |state: &String| closed.contains(&state.as_str());
        let over = lead.visits.iter().rev().take_while(|visit| is_closed(&visit.state));
        let end = over.last().map_or(both.as_of, |visit| visit.entered_at);
        Some(won.map_or((end - start, false), |won| (won.entered_at - start, true)))
    };
    let standing = both.outcome.leads.values().filter(|lead| lead.state != "merged");
    standing.filter_map(observe).collect()
}

fn same_conversion(both: &Both, days: u32) -> TestCaseResult {
    let query = FunnelQuery {
        within_days: Some(days),
        survival: true,
        ..FunnelQuery::as_of(Timestamp::from_micros(both.as_of))
    };
    let rows = funnel(&both.tables, &query);
    let within = rows[0].within.expect("a window was asked for").rate;
    let expected = naive::within(&both.outcome, both.as_of, i64::from(days) * DAY);
    prop_assert_eq!((within.num, within.den), expected);
    let seen = observations(both);
    let steps = naive::kaplan_meier(&seen);
    for row in rows[0].survival.as_ref().expect("survival was asked for") {
        let time = i64::from(row.days) * DAY;
        let survival = steps.iter().rfind(|step| step.0 <= time).map_or(1.0, |step| step.3);
        let converted = (!seen.is_empty()).then_some(1.0 - survival);
        prop_assert!(close(row.converted, converted), "{:?}, {:?}", row, converted);
        let at_risk = seen.iter().filter(|(t, _)| *t.max(&0) >= time).count() as u64;
        prop_assert_eq!(row.at_risk, at_risk);
    }
    Ok(())
}

fn same_stage_times(both: &Both) -> TestCaseResult {
    let as_of = Timestamp::from_micros(both.as_of);
    for lead in both.tables.leads() {
        let other = &both.outcome.leads[&both.names.lead(lead.index())];
        for state in State::ALL {
            let time = stage_time(&lead, state, as_of);
            let found = (time.first, time.latest_closed, time.cumulative, time.open);
            prop_assert_eq!(found, naive::stage_times(other, state.name(), both.as_of));
        }
    }
    Ok(())
}

fn period() -> impl Strategy<Value = Period> {
    let end = || prop::option::of(instant().prop_map(Timestamp::from_micros));
    (end(), end()).prop_map(|(from, to)| Period { from, to })
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn funnels_are_counted_as_the_oracle_counts_them(
        lines in lines(), rules in rules(), as_of in instant(), period in period(),
    ) {
        same_funnels(&Both::read(&lines, &rules, as_of), period)?;
    }

    #[test]
    fn opportunities_are_counted_as_the_oracle_counts_them(
        lines in lines(), rules in rules(), as_of in instant(), period in period(),
    ) {
        let both = Both::read(&lines, &rules, as_of);
        same_win_rate(&both, period)?;
        same_losses(&both, period, &losses(&both.tables, period, &[]))?;
    }

    #[test]
    fn deals_are_counted_as_the_oracle_counts_them_whatever_is_said_of_them_later(
        lines in lines_of_deals(), rules in rules(), as_of in instant(),
    ) {
        compare(&lines, &rules, oracle::Bounds { as_of: Some(as_of), known_at: None })?;
        let (both, always) = (Both::read(&lines, &rules, as_of), Period::default());
        same_win_rate(&both, always)?;
        same_losses(&both, always, &losses(&both.tables, always, &[]))?;
    }

    #[test]
    fn status_money_and_times_are_those_of_the_oracle(
        lines in lines(), rules in rules(), as_of in instant(), days in 0_u32..20,
    ) {
        let both = Both::read(&lines, &rules, as_of);
        let counts = status(&both.tables);
        let named = State::ALL.into_iter().map(|state| (state.name().to_owned(), counts.of(state)));
        let named: BTreeMap<String, u64> = named.filter(|(_, n)| *n > 0).collect();
        prop_assert_eq!(named, naive::status_counts(&both.outcome));
        prop_assert_eq!(counts.findings, both.outcome.findings.len() as u64);
        let value = &historic_value(&both.tables, &[], RevenueBasis::RecordedElseWon)[0];
        let totals = naive::revenue(&both.outcome);
        let paid = totals.iter().map(|(currency, (paid, _))| (currency.clone(), *paid));
        let back = totals.iter().map(|(currency, (_, back))| (currency.clone(), *back));
        prop_assert_eq!(same_money(&value.revenue), without_zeros(paid));
        prop_assert_eq!(same_money(&value.refunds), without_zeros(back));
        same_stage_times(&both)?;
        same_conversion(&both, days)?;
    }

    #[test]
    fn survival_is_estimated_as_the_oracle_does(
        seen in prop::collection::vec((-3_i64..20, any::<bool>()), 0..40),
    ) {
        let estimate = KaplanMeier::of(
            seen.iter().map(|(time, is_event)| Observation { time: *time, is_event: *is_event }),
        );
        let steps = naive::kaplan_meier(&seen);
        prop_assert_eq!(estimate.steps().count(), steps.len());
        for (step, (time, at_risk, events, survival)) in estimate.steps().zip(&steps) {
            prop_assert_eq!((step.time, step.at_risk, step.events), (*time, *at_risk, *events));
            prop_assert!((step.survival - survival).abs() < 1e-12);
        }
        let times: [i64; 22] = std::array::from_fn(|i| i as i64 - 1);
        for (time, converted) in times.into_iter().zip(estimate.converted_by(times)) {
            let until = steps.iter().take_while(|(at, ..)| *at <= time).last();
            let expected = until.map_or(0.0, |(.., survival)| 1.0 - survival);
            prop_assert!((converted - expected).abs() < 1e-12, "by {time}: {converted}");
        }
    }
}

/// Visits of a long log are all over memory, and those of a rebuild side by side: they are counted
/// in two ways.
#[test]
fn visits_are_counted_wherever_they_are() {
    let store = Blocking(MemoryStore::new());
    let company = Simulation { merges: 0.1, ..Simulation::new(5, 8_000) }.events().collect();
    store.append(Append::new(company, Timestamp::from_micros(0))).expect("a memory takes all");
    let facts = store.facts(0, usize::MAX).expect("a memory has facts");
    let (playbook, bounds) = (Playbook::default(), Bounds::default());
    let scattered = fold_pages(std::slice::from_ref(&facts), &playbook, bounds);
    let side_by_side = fold_leads(&[LeadFacts::of(&[&facts])], &playbook, bounds);
    let as_of = scattered.last_at().expect("there are events");
    for kind in [FunnelKind::Cohort, FunnelKind::Period] {
        for by in [vec![], vec![By::Source], vec![By::Source, By::Channel]] {
            let query = FunnelQuery { kind, by, survival: true, ..FunnelQuery::as_of(as_of) };
            let found = funnel(&scattered, &query);
            assert!(found[0].captured > 5_000, "enough of them that a lead's visits are apart");
            assert_eq!(found, funnel(&side_by_side, &query), "{query:?}");
        }
    }
}

/// Types and data of events.
type Deeds<'a> = &'a [(&'a str, Value)];
/// Amounts by currency.
type Sums = &'static [(&'static str, i128)];

/// What happened to one lead, day by day, under the default rules.
fn told(events: Deeds<'_>) -> Both {
    let line = |(day, (kind, data)): (i64, &(&str, Value))| {
        json!({
            "id": format!("00000000-0000-7000-8000-{day:012}"), "lead": "a", "type": kind,
            "occurred_at": time((19_742 + day) * DAY), "recorded_at": time((19_742 + day) * DAY),
            "origin": {"system": "crm"}, "data": data,
        })
    };
    let lines = Lines((0..).zip(events).map(line).collect());
    Both::read(&lines, &oracle::Rules::default(), (19_742 + 30) * DAY)
}

/// Two deals lost for one reason, one of them in a stage of a pipeline.
fn two_losses() -> Both {
    let in_stage = json!({"opportunity": "p", "pipeline": "new", "stage": "s1", "amount": 7});
    told(&[
        ("captured", json!({"origin": "sales_generated"})),
        ("qualified", json!({"level": "sql"})),
        ("opportunity_opened", in_stage),
        ("opportunity_opened", json!({"opportunity": "q"})),
        ("opportunity_stage_changed", json!({"opportunity": "p", "to": "s2"})),
        ("lost", json!({"opportunity": "p", "reason": "price"})),
        ("lost", json!({"opportunity": "q", "reason": "price"})),
    ])
}

#[test]
fn losses_that_are_miscounted_are_noticed() {
    let both = two_losses();
    let whole = losses(&both.tables, Period::default(), &[]);
    assert!(same_losses(&both, Period::default(), &whole).is_ok());
    let (reason, stage) = (whole[0].reason, whole[0].stages[1].stage);
    assert_eq!(both.names.text(stage).as_deref(), Some("s2"));
    let changes: [&dyn Fn(&mut LossRow); 8] = [
        &|row| row.count += 1,
        &|row| row.reason = stage,
        &|row| row.amounts.clear(),
        &|row| row.states.clear(),
        &|row| row.stages.truncate(1),
        &|row| row.stages[1].stage = reason,
        &|row| row.stages[1].pipeline = row.stages[0].pipeline,
        &|row| row.open_for.n = 1,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = whole.clone();
        change(&mut changed[0]);
        assert!(same_losses(&both, Period::default(), &changed).is_err(), "{index}");
    }
}

/// Won and lost amounts of a deal of 7 EUR, after what else happened to it.
fn amounts_after(events: Deeds<'_>) -> [Vec<(String, i128)>; 2] {
    let deal = json!({"opportunity": "p", "amount": 7, "currency": "EUR"});
    let mut all = vec![
        ("captured", json!({"origin": "sales_generated"})),
        ("qualified", json!({"level": "sql"})),
        ("opportunity_opened", deal),
    ];
    all.extend_from_slice(events);
    let both = told(&all);
    let rows = losses(&both.tables, Period::default(), &[]);
    same_win_rate(&both, Period::default()).expect("the oracle says the same");
    same_losses(&both, Period::default(), &rows).expect("the oracle says the same");
    let rate = win_rate(&both.tables, &WinRateQuery::default()).swap_remove(0);
    let sums = |of: fn(&AmountRate) -> i128| {
        let sums = rate.amounts.iter().map(|sum| (sum.currency.to_string(), of(sum)));
        sums.filter(|(_, sum)| *sum != 0).collect::<Vec<_>>()
    };
    let by_reason = rows.iter().flat_map(|row| same_money(&row.amounts)).collect::<Vec<_>>();
    assert_eq!(by_reason, sums(|sum| sum.lost), "the win rate and the reasons of losses agree");
    [sums(|sum| sum.won), by_reason]
}

/// What is said of a deal after its loss does not change what was lost.
#[test]
fn a_lost_deal_counts_with_what_it_was_worth_at_the_loss() {
    let lost = || ("lost", json!({"opportunity": "p", "reason": "price"}));
    let won = || ("won", json!({"opportunity": "p"}));
    let reopened = || ("opportunity_reopened", json!({"opportunity": "p"}));
    let amended = |amount: Value, currency: &str| {
        let data = json!({"opportunity": "p", "amount": amount, "currency": currency});
        ("opportunity_amended", data)
    };
    let more = || amended(json!(900), "USD");
    let only_currency = ("opportunity_amended", json!({"opportunity": "p", "currency": "USD"}));
    let stories: [(Deeds<'_>, Sums, Sums); 9] = [
        (&[lost()], &[], &[("EUR", 7)]),
        (&[more(), lost()], &[], &[("USD", 900)]),
        (&[lost(), more()], &[], &[("EUR", 7)]),
        (&[lost(), only_currency], &[], &[("EUR", 7)]),
        // A second loss of what is lost is nothing.
        (&[lost(), more(), lost()], &[], &[("EUR", 7)]),
        // Reopened it is worth what was said since.
        (&[lost(), more(), reopened(), lost()], &[], &[("USD", 900)]),
        (&[lost(), more(), won()], &[("USD", 900)], &[]),
        (&[lost(), more(), won(), lost(), amended(json!(1), "EUR")], &[], &[("USD", 900)]),
        // A win counts with what it is worth now.
        (&[won(), more()], &[("USD", 900)], &[]),
    ];
    for (events, won, lost) in stories {
        let named = |sums: Sums| {
            sums.iter().map(|(currency, sum)| ((*currency).to_owned(), *sum)).collect::<Vec<_>>()
        };
        assert_eq!(amounts_after(events), [named(won), named(lost)], "{events:?}");
    }
}

/// A deal without an amount at its loss counts as one without, whatever is said of it later.
#[test]
fn a_deal_that_was_lost_without_an_amount_has_none() {
    let both = told(&[
        ("captured", json!({"origin": "sales_generated"})),
        ("qualified", json!({"level": "sql"})),
        ("lost", json!({"opportunity": "p"})),
        ("opportunity_amended", json!({"opportunity": "p", "amount": 7, "currency": "EUR"})),
        ("won", json!({"opportunity": "q", "amount": 5, "currency": "EUR"})),
    ]);
    let rate = win_rate(&both.tables, &WinRateQuery::default()).swap_remove(0);
    assert_eq!(rate.amounts.len(), 1);
    let AmountRate { won, lost, n_lost, .. } = rate.amounts[0];
    assert_eq!((won, lost, n_lost, rate.amounts[0].ratio()), (5, 0, 1, None));
    assert_eq!(losses(&both.tables, Period::default(), &[])[0].amounts, []);
}
