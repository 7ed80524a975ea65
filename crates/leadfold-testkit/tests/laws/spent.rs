//! Costs and what they brought are what a naive reading counts, day by day and lead by lead.

use std::collections::BTreeMap;

use leadfold_core::metrics::{
    By, CostFigures, CostForm, CostQuery, CostRow, Period, Returns, RevenueBasis, Zone,
    cost_metrics,
};
use leadfold_core::{DAY, SECOND, Tables, Timestamp};
use leadfold_testkit::oracle::metrics as naive;
use leadfold_testkit::oracle::{Cost, Lead, Revenue, Rules};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};

use super::book::config;
use super::counted::Both;
use super::draw::{Lines, instant, lines, time};

/// What is asked, in plain numbers.
#[derive(Clone, Debug)]
struct Asked {
    form: CostForm,
    from: Option<i64>,
    to: Option<i64>,
    /// Of `DIMENSIONS`.
    by: Vec<usize>,
    basis: RevenueBasis,
    /// The zone's clocks are so many seconds ahead of UTC.
    ahead: i32,
}

const DIMENSIONS: [&str; 5] = ["source", "campaign", "channel", "month", "owner"];

impl Asked {
    fn query(&self, as_of: i64) -> CostQuery {
        let offset = chrono::FixedOffset::east_opt(self.ahead).expect("less than a day");
        let zone = Zone::of("drawn", offset);
        let by = self.by.iter().map(|dimension| match DIMENSIONS[*dimension] {
            "source" => By::Source,
            "campaign" => By::Campaign,
            "channel" => By::Channel,
            "month" => By::CohortMonth(zone.clone()),
            _ => By::Owner,
        });
        let (from, to) = (self.from, self.to);
        CostQuery {
            form: self.form,
            period: Period { from: from.map(stamp), to: to.map(stamp) },
            by: by.collect(),
            basis: self.basis,
            zone: zone.clone(),
            as_of: stamp(as_of),
        }
    }

    fn has(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    fn ahead(&self) -> i64 {
        i64::from(self.ahead) * SECOND
    }

    fn key(&self, value: impl Fn(&str) -> Option<String>) -> naive::Key {
        self.by.iter().map(|dimension| value(DIMENSIONS[*dimension])).collect()
    }

    fn lead_key(&self, lead: &Lead, at: i64) -> naive::Key {
        self.key(|dimension| match dimension {
            "source" => lead.source.clone(),
            "campaign" => lead.campaign.clone(),
            "channel" => lead.channel.clone(),
            "month" => Some(naive::month(at + self.ahead())),
            _ => lead.owner.clone(),
        })
    }

    fn cost_key(&self, cost: &Cost, day: i64) -> naive::Key {
        self.key(|dimension| match dimension {
            "month" => Some(naive::month(day * DAY)),
            "owner" => None,
            scope => cost.scope.get(scope).filter(|text| !text.is_empty()).cloned(),
        })
    }
}

fn stamp(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Cost, revenue and margin.
type Sums = (Option<i128>, i128, Option<i128>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    inquiries: u64,
    /// Leads at rung 1 to 6 or above.
    reached: [u64; 7],
    won: u64,
    new: u64,
    time: i128,
    money: BTreeMap<String, Sums>,
}

type Naive = BTreeMap<naive::Key, Row>;

/// The total and the row of a key, which may be the same.
fn with(rows: &mut Naive, key: naive::Key, count: impl Fn(&mut Row)) {
    if !key.is_empty() {
        count(rows.entry(key).or_default());
    }
    count(rows.entry(Vec::new()).or_default());
}

fn naive_rows(both: &Both, asked: &Asked) -> Naive {
    let mut rows = Naive::from([(Vec::new(), Row::default())]);
    both.outcome.costs.iter().for_each(|cost| add_cost(&mut rows, asked, cost));
    for lead in both.outcome.leads.values().filter(|lead| lead.state != "merged") {
        match asked.form {
            CostForm::Cohort => add_to_cohort(&mut rows, both, asked, lead),
            CostForm::Period => add_to_period(&mut rows, both, asked, lead),
        }
    }
    rows
}

/// A day costs what has to be spent by its end, less what had to be by its beginning.
fn add_cost(rows: &mut Naive, asked: &Asked, cost: &Cost) {
    let day = |at: Option<i64>| at.unwrap_or(cost.at).div_euclid(DAY);
    let (first, last) = (day(cost.from).min(day(cost.to)), day(cost.from).max(day(cost.to)));
    let (n, amount) = (i128::from(last - first + 1), i128::from(cost.amount));
    for (i, day) in (first..=last).enumerate().map(|(i, day)| (i as i128, day)) {
        if asked.has(day * DAY - asked.ahead()) {
            let spent = amount * (i + 1) / n - amount * i / n;
            with(rows, asked.cost_key(cost, day), |row| {
                let sums = row.money.entry(cost.currency.clone()).or_default();
                sums.0 = Some(sums.0.unwrap_or(0) + spent);
            });
        }
    }
}

fn first_won(lead: &Lead) -> Option<i64> {
    let customer = lead.visits.iter().filter(|visit| visit.state == "customer");
    customer.map(|visit| visit.entered_at).min()
}

fn rung(state: &str) -> Option<usize> {
    let ladder = ["new", "mql", "handed_off", "accepted", "sql", "opportunity", "customer"];
    ladder.iter().position(|other| *other == state)
}

fn add_to_cohort(rows: &mut Naive, both: &Both, asked: &Asked, lead: &Lead) {
    let Some(at) = lead.captured_at.filter(|at| asked.has(*at)) else { return };
    with(rows, asked.lead_key(lead, at), |row| {
        row.inquiries += 1;
        (1..=usize::from(lead.reached)).for_each(|rung| row.reached[rung] += 1);
        if lead.state == "customer" {
            row.won += 1;
            row.new += 1;
            let won = first_won(lead).expect("it is a customer");
            row.time += i128::from((both.as_of - won).max(0));
        }
        paid(lead, asked.basis).iter().for_each(|(_, money)| add_money(row, money));
    });
}

fn add_to_period(rows: &mut Naive, both: &Both, asked: &Asked, lead: &Lead) {
    if let Some(at) = lead.captured_at.filter(|at| asked.has(*at)) {
        with(rows, asked.lead_key(lead, at), |row| row.inquiries += 1);
    }
    for (at, money) in paid(lead, asked.basis).iter().filter(|(at, _)| asked.has(*at)) {
        with(rows, asked.lead_key(lead, *at), |row| add_money(row, money));
    }
    let mut furthest: BTreeMap<naive::Key, usize> = BTreeMap::new();
    for visit in lead.visits.iter().filter(|visit| asked.has(visit.entered_at)) {
        for key in [Vec::new(), asked.lead_key(lead, visit.entered_at)] {
            let place = furthest.entry(key).or_default();
            *place = rung(&visit.state).map_or(*place, |rung| rung.max(*place));
        }
    }
    for (key, place) in furthest.into_iter().filter(|(_, place)| *place > 0) {
        let row = rows.entry(key).or_default();
        (1..=place).for_each(|rung| row.reached[rung] += 1);
        row.won += u64::from(place == 6);
    }
    if let Some(at) = first_won(lead) {
        if asked.has(at) {
            with(rows, asked.lead_key(lead, at), |row| row.new += 1);
        }
        add_hours(rows, both, asked, lead, at);
    }
}

/// A customer's time, cut wherever a day or the period begins: no month is missed.
fn add_hours(rows: &mut Naive, both: &Both, asked: &Asked, lead: &Lead, won: i64) {
    let from = asked.from.map_or(won, |from| from.max(won));
    let to = asked.to.map_or(both.as_of, |to| to.min(both.as_of));
    let mut at = from;
    while at < to {
        let next = ((at + asked.ahead()).div_euclid(DAY) + 1) * DAY - asked.ahead();
        let end = next.min(to);
        let time = i128::from(end - at);
        with(rows, asked.lead_key(lead, at), |row| row.time += time);
        at = end;
    }
}

/// Currency, amount and margin.
type Paid = (String, i128, Option<i128>);

fn paid(lead: &Lead, basis: RevenueBasis) -> Vec<(i64, Paid)> {
    let payment = |row: &Revenue| {
        let sign = if row.refund { -1 } else { 1 };
        let margin = row.margin.map(|margin| sign * i128::from(margin));
        (row.at, (row.currency.clone(), sign * i128::from(row.amount), margin))
    };
    let won = lead.opportunities.iter().filter(|deal| deal.outcome == "won").filter_map(|deal| {
        let currency = deal.currency.clone().unwrap_or_else(|| "XXX".to_owned());
        Some((deal.closed_at?, (currency, i128::from(deal.amount?), None)))
    });
    match basis {
        RevenueBasis::Won => won.collect(),
        RevenueBasis::RecordedElseWon if lead.revenue.is_empty() => won.collect(),
        _ => lead.revenue.iter().map(payment).collect(),
    }
}

fn add_money(row: &mut Row, (currency, amount, margin): &Paid) {
    let sums = row.money.entry(currency.clone()).or_default();
    sums.1 += amount;
    sums.2 = margin.map_or(sums.2, |margin| Some(sums.2.unwrap_or(0) + margin));
}

fn same_rows(both: &Both, asked: &Asked, rows: &[CostRow]) -> TestCaseResult {
    let expected = naive_rows(both, asked);
    let found: BTreeMap<naive::Key, &CostRow> =
        rows.iter().map(|row| (both.key(&row.key), row)).collect();
    prop_assert_eq!(found.len(), rows.len(), "a key twice");
    prop_assert!(rows.first().is_some_and(|row| row.key.is_empty()), "the total is first");
    let is_empty = |row: &Row| *row == Row::default();
    for (key, other) in &expected {
        let Some(row) = found.get(key) else {
            prop_assert!(is_empty(other), "no row for {:?}", key);
            continue;
        };
        same_row(row, other, asked.form)?;
    }
    for key in found.keys() {
        prop_assert!(expected.contains_key(key), "a row for {:?}", key);
    }
    Ok(())
}

fn same_row(row: &CostRow, other: &Row, form: CostForm) -> TestCaseResult {
    let counts = (row.inquiries, row.mql, row.sal, row.sql, row.won, row.new_customers);
    let [_, mql, _, sal, sql, ..] = other.reached;
    prop_assert_eq!(counts, (other.inquiries, mql, sal, sql, other.won, other.new));
    prop_assert_eq!(row.customer_time, other.time);
    let money = row.money.iter().map(|m| (m.currency.to_string(), (m.cost, m.revenue, m.margin)));
    prop_assert_eq!(money.collect::<BTreeMap<_, _>>(), other.money.clone());
    row.money.iter().try_for_each(|money| same_figures(money, other, form))
}

fn same_figures(money: &CostFigures, row: &Row, form: CostForm) -> TestCaseResult {
    let cost = money.cost.map(|cost| cost as f64);
    let per = |n: u64| cost.filter(|_| n > 0).map(|cost| cost / n as f64);
    let found = [
        money.cost_per_inquiry,
        money.cost_per_mql,
        money.cost_per_sal,
        money.cost_per_sql,
        money.cost_per_won,
        money.cac,
    ];
    let [_, mql, _, sal, sql, ..] = row.reached;
    let counts = [row.inquiries, mql, sal, sql, row.won, row.new];
    prop_assert_eq!(found, counts.map(per));
    let share = cost.filter(|_| money.revenue > 0).map(|cost| cost / money.revenue as f64);
    prop_assert_eq!(money.cost_share, share);
    same_returns(&money.by_revenue, money.revenue, cost, row, form)?;
    prop_assert_eq!(money.by_margin.is_some(), money.margin.is_some());
    match (&money.by_margin, money.margin) {
        (Some(found), Some(margin)) => same_returns(found, margin, cost, row, form),
        _ => Ok(()),
    }
}

fn same_returns(
    found: &Returns,
    back: i128,
    cost: Option<f64>,
    row: &Row,
    form: CostForm,
) -> TestCaseResult {
    let back = back as f64;
    let cost = cost.filter(|cost| *cost > 0.0);
    close(found.roi, cost.map(|cost| (back - cost) / cost))?;
    let is_told = form == CostForm::Cohort && row.new > 0;
    close(found.clv_to_cac, cost.filter(|_| is_told).map(|cost| back / cost))?;
    let months = row.time as f64 / (30.436_875 * DAY as f64);
    if let (Some(cost), true) = (cost, row.new > 0 && back > 0.0 && months > 0.0) {
        return close(found.payback_months, Some(cost / row.new as f64 * months / back));
    }
    prop_assert!(found.payback_months.is_none_or(|months| months == 0.0));
    Ok(())
}

fn close(a: Option<f64>, b: Option<f64>) -> TestCaseResult {
    let is_close = match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(1.0),
        (a, b) => a.is_none() && b.is_none(),
    };
    prop_assert!(is_close, "found {:?}, expected {:?}", a, b);
    Ok(())
}

/// Costs of many kinds behind a drawn log, which has few.
fn costs() -> impl Strategy<Value = Vec<Value>> {
    let words = |words: &'static [&'static str]| prop::option::of(prop::sample::select(words));
    let scope = (words(&["web", "fair"]), words(&["spring"]), words(&["mail", "ads"]));
    let currency = prop::sample::select(vec!["EUR", "USD"]);
    let cost = (0_i64..100_000, currency, scope, -30_i64..60, 0_i64..70);
    prop::collection::vec(cost, 0..6).prop_map(|costs| {
        let line = |(index, (amount, currency, (source, campaign, channel), from, length))| {
            let day = |day: i64| time((19_742 + day) * DAY)[..10].to_owned();
            let mut scope = json!({});
            for (name, value) in [("source", source), ("campaign", campaign), ("channel", channel)]
            {
                if let Some(value) = value {
                    scope[name] = json!(value);
                }
            }
            let at = time(19_740 * DAY);
            let data = json!({
                "amount": amount, "currency": currency, "scope": scope,
                "from": day(from), "to": day(from + length),
            });
            let id = format!("00000000-0000-7000-9000-{index:012}");
            json!({
                "id": id, "type": "cost_recorded", "occurred_at": at, "recorded_at": at,
                "data": data,
            })
        };
        costs.into_iter().enumerate().map(line).collect()
    })
}

fn log() -> impl Strategy<Value = Lines> {
    (lines(), costs()).prop_map(|(mut lines, costs)| {
        lines.0.extend(costs);
        lines
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let form = prop::sample::select(vec![CostForm::Cohort, CostForm::Period]);
    let end = || prop::option::of(instant());
    let by = prop::sample::subsequence((0..DIMENSIONS.len()).collect::<Vec<_>>(), 0..3);
    let basis = [RevenueBasis::RecordedElseWon, RevenueBasis::Recorded, RevenueBasis::Won];
    let basis = prop::sample::select(basis.to_vec());
    let ahead = prop::sample::select(vec![0, 19_800, -28_800]);
    (form, end(), end(), by, basis, ahead).prop_map(|(form, from, to, by, basis, ahead)| Asked {
        form,
        from,
        to,
        by,
        basis,
        ahead,
    })
}

fn law(
    lines: &Lines,
    asked: &Asked,
    as_of: i64,
    count: impl Fn(&Tables, &CostQuery) -> Vec<CostRow>,
) -> TestCaseResult {
    let both = Both::read(lines, &Rules::default(), as_of);
    same_rows(&both, asked, &count(&both.tables, &asked.query(as_of)))
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn costs_are_counted_as_a_naive_reading_counts_them(
        lines in log(), asked in asked(), as_of in instant(),
    ) {
        law(&lines, &asked, as_of, cost_metrics)?;
    }

    /// Periods that follow each other share every cost out to the last cent.
    #[test]
    fn costs_of_periods_add_up(lines in log(), cut in instant(), as_of in instant()) {
        let both = Both::read(&lines, &Rules::default(), as_of);
        let spent = |from: Option<i64>, to: Option<i64>| {
            let period = Period { from: from.map(stamp), to: to.map(stamp) };
            let query = CostQuery { period, ..CostQuery::as_of(stamp(as_of)) };
            let money = cost_metrics(&both.tables, &query).swap_remove(0).money;
            money.into_iter().map(|m| (m.currency, m.cost.unwrap_or(0))).collect::<BTreeMap<_, _>>()
        };
        let mut parts = spent(None, Some(cut));
        for (currency, cost) in spent(Some(cut), None) {
            *parts.entry(currency).or_default() += cost;
        }
        parts.retain(|_, cost| *cost != 0);
        let mut whole = spent(None, None);
        whole.retain(|_, cost| *cost != 0);
        prop_assert_eq!(parts, whole);
    }
}

/// The law catches what is broken, within a few hundred draws.
#[test]
fn a_broken_count_is_caught() {
    type Count = fn(&Tables, &CostQuery) -> Vec<CostRow>;
    let broken: [(&str, Count); 5] = [
        ("the other form", |tables, query| {
            let form = match query.form {
                CostForm::Cohort => CostForm::Period,
                CostForm::Period => CostForm::Cohort,
            };
            cost_metrics(tables, &CostQuery { form, ..query.clone() })
        }),
        ("days of another zone", |tables, query| {
            let zone = Zone::of("off", chrono::FixedOffset::east_opt(43_200).expect("a zone"));
            cost_metrics(tables, &CostQuery { zone, ..query.clone() })
        }),
        ("won amounts for payments", |tables, query| {
            cost_metrics(tables, &CostQuery { basis: RevenueBasis::Won, ..query.clone() })
        }),
        ("a cent lost", |tables, query| {
            let mut rows = cost_metrics(tables, query);
            let money = rows.iter_mut().flat_map(|row| &mut row.money);
            money.for_each(|money| money.cost = money.cost.map(|cost| (cost - 1).max(0)));
            rows
        }),
        ("a cost of nothing for one unknown", |tables, query| {
            let mut rows = cost_metrics(tables, query);
            let money = rows.iter_mut().flat_map(|row| &mut row.money);
            money.for_each(|money| money.cost = Some(money.cost.unwrap_or(0)));
            rows
        }),
    ];
    for (what, count) in broken {
        let config =
            ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) };
        let config = ProptestConfig { max_shrink_iters: 0, ..config };
        let draws = (log(), asked(), instant());
        let caught = TestRunner::new(config)
            .run(&draws, |(lines, asked, as_of)| law(&lines, &asked, as_of, count));
        caught.expect_err(what);
    }
}
