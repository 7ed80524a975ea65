//! What is to be expected of customers.

use leadfold_core::{DAY, SECOND, Timestamp};
use serde_json::{Value, json};

use crate::docs::check;
use crate::support::{Desk, data};

/// The customers of CDNOW, from their file to the parameters that the field knows, through the
/// binary alone. The figures are those of forty-digit arithmetic.
#[test]
fn cdnow_from_its_file_to_the_gold_parameters() {
    let Some(folder) = data("cdnow") else { return };
    let desk = Desk::new();
    let map = format!("{}/../../examples/cdnow.toml", env!("CARGO_MANIFEST_DIR"));
    desk.run(&["import", "--map", &map, folder.to_str().expect("a UTF-8 path")]).ok();
    for (model, names, gold) in [
        (
            "bgnbd",
            ["r", "alpha", "a", "b"],
            [0.251_623_958_852, 4.788_942_961_860, 0.723_433_576_757, 2.161_088_358_941],
        ),
        (
            "pareto",
            ["r", "alpha", "s", "beta"],
            [0.597_419_966_345, 11.585_657_781_603, 0.522_185_610_789, 8.827_759_150_368],
        ),
    ] {
        let as_of = "1997-09-30T23:59:59Z";
        let answer = desk.json(&["clv", "--model", model, "--as-of", as_of, "--horizon", "273"]);
        for (name, gold) in names.iter().zip(gold) {
            let found = answer["parameters"][name].as_f64().expect("a number");
            assert!((found / gold - 1.0).abs() < 1e-10, "{model} {name}: {found}");
            assert!(answer["standard_errors"][name].as_f64().is_some_and(|error| error > 0.0));
        }
        assert_eq!(answer["converged"], true);
        assert_value(&answer);
        let customers = answer["customers"].as_array().expect("a list");
        assert_eq!((customers.len(), &answer["repeaters"]), (23_570, &json!(9_451)));
        assert_sums(&answer, customers);
    }
}

/// Of all customers of CDNOW's master file, the second half held against the first.
#[test]
fn a_model_is_held_against_what_came_after() {
    let Some(folder) = data("cdnow") else { return };
    let desk = Desk::new();
    let map = format!("{}/../../examples/cdnow.toml", env!("CARGO_MANIFEST_DIR"));
    desk.run(&["import", "--map", &map, folder.to_str().expect("a UTF-8 path")]).ok();
    let args = |to| ["clv", "--model", "bgnbd", "--calibrate-to", to];
    let holdout = &desk.json(&args("1997-09-30"))["holdout"];
    assert_eq!(holdout["calibrated_to"], "1997-09-30");
    assert_eq!(holdout["until"], "1998-06-30");
    let number = |value: &Value| value.as_f64().expect("a number");
    let rows = holdout["rows"].as_array().expect("a list");
    let sum = |field: &str| rows.iter().map(|row| number(&row[field])).sum::<f64>();
    assert_eq!((sum("customers"), sum("actual")), (23_570.0, number(&holdout["actual"])));
    // Customer-days of the file after the calibration, as any text tool counts them.
    assert_eq!(holdout["actual"], 19_684);
    let bias = number(&holdout["expected"]) / number(&holdout["actual"]) - 1.0;
    assert!((bias - number(&holdout["bias"])).abs() < 1e-12);
    assert_eq!(holdout["tracking"].as_array().map(Vec::len), Some(78));
    let shown = desk.run(&args("1997-09-30")).ok().out;
    assert!(shown.contains("fitted to 1997-09-30, held against the days until 1998-06-30:"));
    let late = desk.run(&args("1998-06-30"));
    assert_eq!(late.status, 2);
    assert!(late.err.contains("expected --calibrate-to before the as-of"), "{}", late.err);
}

/// The spend is modelled, and the interval holds what is expected.
fn assert_value(answer: &Value) {
    let number = |value: &Value| value.as_f64().expect("a number");
    let interval = &answer["expected_interval"];
    let expected = number(&answer["expected"]);
    assert!(number(&interval[0]) < expected && expected < number(&interval[1]), "{interval}");
    assert_eq!(answer["spend"]["converged"], true, "{}", answer["spend"]);
    let first = &answer["customers"][0];
    let value = number(&first["expected"]) * number(&first["spend"]);
    assert!((value / number(&first["value"]) - 1.0).abs() < 1e-12, "{first}");
    assert!(number(&answer["value"]) > number(&first["value"]));
}

fn assert_sums(answer: &Value, customers: &[Value]) {
    let number = |value: &Value| value.as_f64().expect("a number");
    let sum: f64 = customers.iter().map(|customer| number(&customer["expected"])).sum();
    assert!((sum / number(&answer["expected"]) - 1.0).abs() < 1e-9);
    let expected: Vec<f64> = customers.iter().map(|c| number(&c["expected"])).collect();
    assert!(expected.is_sorted_by(|a, b| a >= b), "most is first");
    assert!(customers.iter().all(|c| (0.0..=1.0).contains(&number(&c["p_alive"]))));
}

/// A log of customers who buy at so many days after the first of January.
fn log(customers: &[&[u32]], currency: &str) -> String {
    let mut lines = String::new();
    for (number, days) in customers.iter().enumerate() {
        for day in *days {
            let at = format!("2024-{:02}-{:02}T12:00:00Z", day / 28 + 1, day % 28 + 1);
            let payment = json!({
                "lead": format!("{currency}{number}"), "type": "revenue_recorded",
                "occurred_at": at, "data": {"amount": 1_000, "currency": currency},
            });
            lines.push_str(&format!("{payment}\n"));
        }
    }
    lines
}

#[test]
fn a_question_without_an_answer_says_what_is_missing() {
    let few: &[&[u32]] = &[&[0, 9], &[3], &[20]];
    for (log, expected, status) in [
        (String::new(), "no payment is recorded: expected `revenue_recorded` events", 1),
        (
            log(few, "EUR"),
            "no fit: expected at least 10 customers who bought again, found 1 of 3",
            1,
        ),
        (
            log(few, "EUR") + &log(few, "USD"),
            "expected payments in one currency, found EUR, USD: choose one with --currency",
            2,
        ),
    ] {
        let desk = Desk::with_log(&log);
        let ran = desk.run(&["clv", "--model", "mbgnbd"]);
        assert_eq!(ran.status, status, "{}", ran.err);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
}

#[test]
fn parameters_without_a_best_value_are_said_to_have_none() {
    let steady: Vec<Vec<u32>> = (0..20).map(|i| (0..9).map(|k| i % 7 + 30 * k).collect()).collect();
    let steady: Vec<&[u32]> = steady.iter().map(Vec::as_slice).collect();
    let desk = Desk::with_log(&(log(&steady, "EUR") + &log(&[&[1]], "USD")));
    let args = ["clv", "--model", "bgnbd", "--currency", "EUR"];
    let answer = desk.json(&args);
    assert_eq!((&answer["converged"], &answer["currency"]), (&json!(false), &json!("EUR")));
    assert!(answer["convergence"]["boundary"]["limit"].is_f64(), "{}", answer["convergence"]);
    assert!(answer["standard_errors"]["r"].is_null());
    let shown = desk.run(&args).ok().out;
    assert!(shown.contains("note: these customers fix no best value of "), "{shown}");
    assert!(shown.contains("and 10 more; --json lists all"), "{shown}");
}

#[test]
fn the_groups_of_a_split_add_up() {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", "d"]).ok();
    let store = desk.path("d/leads.db");
    let store = store.to_str().expect("a UTF-8 path");
    let args =
        ["clv", "--store", store, "--model", "pareto", "--currency", "EUR", "--by", "source"];
    let answer = desk.json(&args);
    let rows = answer["rows"].as_array().expect("a list");
    let sum = |field: &str| rows.iter().filter_map(|row| row[field].as_f64()).sum::<f64>();
    assert!((sum("expected") / answer["expected"].as_f64().expect("a number") - 1.0).abs() < 1e-9);
    assert_eq!(sum("customers") as usize, answer["customers"].as_array().expect("a list").len());
}

/// CDNOW's tenth as the page tells it, with the drawing that stands there.
#[test]
fn the_page_about_cdnow_is_true() {
    let Some(folder) = data("cdnow") else { return };
    let desk = Desk::new();
    let sample = std::fs::read(folder.join("CDNOW_sample.txt")).expect("the file is there");
    desk.write("CDNOW_sample.txt", sample);
    check(&desk, "CDNOW.md");
    let known = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cdnow_pareto.svg");
    let known = std::fs::read_to_string(known).expect("the page has a drawing");
    assert!(
        desk.read("cdnow.svg") == known,
        "LEADFOLD_UPDATE=1 cargo test -p leadfold-clv draws it"
    );
    assert_choice(&desk);
}

/// The best model is taken, for the reason that is told.
fn assert_choice(desk: &Desk) {
    let answer = desk.json(&["clv", "--model", "auto", "--calibrate-to", "1997-09-30"]);
    assert_eq!(answer["model"], "pareto");
    let choice = &answer["choice"];
    let candidates = choice["candidates"].as_array().expect("a list");
    let bias = |model: &str| {
        let found = candidates.iter().find(|one| one["model"] == model);
        found.and_then(|one| one["bias"].as_f64()).expect("a bias")
    };
    for (model, known) in [("bgnbd", -0.121), ("mbgnbd", -0.162), ("pareto", -0.115)] {
        assert!((bias(model) - known).abs() < 5e-4, "{model}: {}", bias(model));
    }
    assert_eq!(choice["actual"], 1_882);
    assert!(choice["reason"].as_str().is_some_and(|why| why.starts_with("Pareto/NBD has")));
    let frequencies = answer["holdout"]["frequencies"].as_array().expect("a list");
    let customers = |row: &Value| row["actual"].as_u64().expect("a count");
    assert_eq!(frequencies.iter().map(customers).sum::<u64>(), 2_357);
}

#[test]
fn money_of_later_is_worth_less() {
    let Some(folder) = data("cdnow") else { return };
    let desk = Desk::new();
    let map = format!("{}/../../examples/cdnow.toml", env!("CARGO_MANIFEST_DIR"));
    desk.run(&["import", "--map", &map, folder.to_str().expect("a UTF-8 path")]).ok();
    let value = |args: &[&str]| {
        let all = [&["clv", "--model", "mbgnbd"], args].concat();
        let answer = desk.json(&all);
        let number = |key: &str| answer[key].as_f64().expect("a number");
        (number("expected"), number("value"), answer["discount"].clone())
    };
    let (expected, whole, none) = value(&[]);
    assert!(none.is_null());
    let (same, zero, _) = value(&["--discount", "0"]);
    assert!((zero / whole - 1.0).abs() < 1e-9, "{zero} {whole}");
    let (still, less, discount) = value(&["--discount", "10%"]);
    assert_eq!((same, still), (expected, expected), "purchases are not discounted");
    // A payment in the middle of the year loses about half of a year's rate.
    assert!((0.94..0.96).contains(&(less / whole)), "{less} {whole}");
    assert_eq!((&discount["periods"], &discount["yearly_rate"]), (&json!(12), &json!(0.1)));
    assert_eq!(value(&["--discount", "0.1"]).1, less);
}

#[test]
fn options_of_models_ask_for_one() {
    let desk = Desk::with_log(&log(&[&[0, 9], &[3], &[20]], "EUR"));
    for (args, status, expected) in [
        (&["--discount", "10%"][..], 2, "expected a predictive model with --discount, found"),
        (&["--calibrate-to", "2024-01-09"], 2, "expected a model of buying with --calibrate-to"),
        (&["--model", "auto"], 2, "expected --calibrate-to with --model auto, found none"),
        (&["--model", "pareto", "--discount", "10"], 2, "expected a year's rate as a fraction"),
        (&["--model", "pareto", "--svg", "x.svg"], 2, "--calibrate-to <TIME>"),
        (
            &["--model", "pareto", "--currency", "GBP"],
            1,
            "expected payments in GBP, found only EUR",
        ),
        (
            &["--model", "auto", "--calibrate-to", "2024-01-09"],
            1,
            "no fit of the calibration: expected at least 10 customers who bought again, found 0",
        ),
    ] {
        let ran = desk.run(&[&["clv"], args].concat());
        assert_eq!(ran.status, status, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    }
}

/// A spend without a mean has no value; that is said, and the purchases are told all the same.
#[test]
fn a_spend_without_a_mean_is_no_value() {
    let desk = Desk::new();
    desk.run_bare(&["demo", "--dir", "d"]).ok();
    let store = desk.path("d/leads.db");
    let args = ["clv", "--store", store.to_str().expect("a UTF-8 path"), "--model", "bgnbd"];
    let answer = desk.json(&[&args[..], &["--currency", "EUR"]].concat());
    let refused = answer["spend"]["refused"].as_str().expect("a reason");
    assert!(refused.contains("expected q above 1, found 0."), "{refused}");
    assert!(answer["value"].is_null() && answer["expected"].is_f64(), "{}", answer["value"]);
    let unwritten = ["--currency", "EUR", "--calibrate-to", "2024-07-01", "--svg", "no/x.svg"];
    let ran = desk.run(&[&args[..], &unwritten].concat());
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(ran.err.contains("cannot write no/x.svg: "), "{}", ran.err);
}

/// A log of payments at noon: by customer so many days after the first of January 2020, and how
/// much each time.
fn payments(customers: &[(String, Vec<u32>, i64)]) -> Desk {
    let mut log = String::new();
    for (lead, days, amount) in customers {
        for day in days {
            let at = i64::from(*day) * DAY + DAY / 2 + FIRST_OF_2020;
            let at = Timestamp::from_micros(at).to_string();
            let data = json!({"amount": amount, "currency": "EUR"});
            log += &event(lead, "revenue_recorded", &at, &data);
        }
    }
    Desk::with_log(&log)
}

const FIRST_OF_2020: i64 = 1_577_836_800 * SECOND;

/// Where the likelihood rises for ever there are no errors and no intervals, and never a NaN.
#[test]
fn a_ridge_has_no_errors_and_no_intervals() {
    let days: [&[u32]; 11] = [
        &[21, 25],
        &[4, 5, 35, 52, 69, 82],
        &[4, 29, 38, 44, 85],
        &[15, 20, 22, 54, 59, 61],
        &[17, 48],
        &[5, 9, 14, 20, 55, 60],
        &[7, 60],
        &[0, 3, 22, 62],
        &[20, 21, 33, 49, 53, 57, 70, 93],
        &[21],
        &[6, 19, 49],
    ];
    let customers = (0..).zip(days).map(|(i, days)| (format!("C{i}"), days.to_vec(), 1_000));
    let desk = payments(&customers.collect::<Vec<_>>());
    let args = ["clv", "--model", "pareto", "--as-of", "2020-04-10"];
    let answer = desk.json(&args);
    assert_eq!(answer["converged"], false, "{}", answer["convergence"]);
    assert_eq!(answer["convergence"]["boundary"]["direction"], "infinity");
    assert!(answer["expected_interval"].is_null() && answer["expected"].is_f64());
    for of in [&answer["standard_errors"], &answer["intervals"]] {
        assert!(of.as_object().expect("one a parameter").values().all(Value::is_null), "{of}");
    }
    // All pay one price, of which there is no likeliest spread; it is what is to be expected.
    let spend = &answer["spend"];
    assert!(spend["log_likelihood"].is_null(), "{spend}");
    assert!(spend["convergence"]["boundary"]["limit"].is_null(), "{spend}");
    let first = answer["customers"][0]["spend"].as_f64().expect("a number");
    assert!((first - 1_000.0).abs() < 1e-3, "{first}");
    let shown = desk.run(&args).ok().out;
    assert!(!shown.contains("NaN") && !shown.contains("inf "), "{shown}");
}

/// Of two ridges the higher one counts: that on which nobody's spend varies, and the mean of all
/// has no bound.
#[test]
fn the_highest_fit_of_the_spend_counts() {
    let customer = |i: u32| {
        let days = (0..2 + i % 5).map(|q| 2 * i + 20 * q).collect();
        (format!("L{i}"), days, if i % 2 == 1 { 100 } else { 10_000 })
    };
    let desk = payments(&(0..50).map(customer).collect::<Vec<_>>());
    let answer = desk.json(&["clv", "--model", "bgnbd", "--as-of", "2020-12-31"]);
    let refused = answer["spend"]["refused"].as_str().expect("a reason");
    assert!(refused.contains("expected q above 1, found 0.40"), "{refused}");
    assert!(answer["value"].is_null(), "{}", answer["value"]);
}

/// Who bought again for nothing is expected to spend less than who has not bought again: purchases
/// of nothing are purchases.
#[test]
fn purchases_of_nothing_are_purchases() {
    let purchases = (0_u32..40).flat_map(|i| (0..1 + i % 6).map(move |q| (i, q)));
    let payment = |(i, q): (u32, u32)| {
        let amount = if i == 9 { 0 } else { 300 * (1 + i % 9) * (2 + (i + q) % 3) };
        (format!("L{i}"), vec![2 * i + 13 * q], i64::from(amount))
    };
    let desk = payments(&purchases.map(payment).collect::<Vec<_>>());
    let answer = desk.json(&["clv", "--model", "mbgnbd", "--as-of", "2020-12-31"]);
    assert_eq!(answer["spend"]["converged"], true, "{}", answer["spend"]);
    let of = |name: &str| answer["spend"]["parameters"][name].as_f64().expect("a number");
    let (p, q, v) = (of("p"), of("q"), of("v"));
    let customers = answer["customers"].as_array().expect("a list");
    let free = customers.iter().find(|one| one["key"] == "L9").expect("it is a customer");
    let (x, spend) = (free["x"].as_f64().expect("3"), free["spend"].as_f64().expect("a number"));
    assert!((spend / (p * v / (p * x + q - 1.0)) - 1.0).abs() < 1e-12, "{free}");
    assert!(x == 3.0 && spend < 0.9 * p * v / (q - 1.0), "{free}");
}

/// One event of a lead.
fn event(lead: &str, kind: &str, at: &str, data: &Value) -> String {
    let event = json!({"lead": lead, "type": kind, "occurred_at": at, "data": data});
    format!("{event}\n")
}

fn paid(lead: &str, at: &str) -> String {
    event(lead, "revenue_recorded", at, &json!({"amount": 12_000, "currency": "EUR"}))
}

fn ended(kind: &str, lead: &str, at: &str) -> String {
    event(lead, kind, at, &json!({}))
}

/// Customers who came on one day and churned a few days after a renewal was due: so many at the
/// first, the second and so on.
fn yearly(lost: &[u64], alive: u64) -> String {
    let mut log = String::new();
    for (year, lost) in (2011..).zip(lost) {
        for customer in 0..*lost {
            let lead = format!("{year}-{customer}");
            log += &paid(&lead, "2010-01-10T09:00:00Z");
            log += &ended("churned", &lead, &format!("{year}-01-15T09:00:00Z"));
        }
    }
    (0..alive).for_each(|lead| log += &paid(&lead.to_string(), "2010-01-10T09:00:00Z"));
    log
}

/// The published cohort of Fader and Hardie (2007), from the log of its payments and ends to the
/// parameters of forty-digit arithmetic.
#[test]
fn contracts_of_a_published_cohort_are_fitted_to_the_gold_parameters() {
    let Some(folder) = data("clv") else { return };
    let text = std::fs::read_to_string(folder.join("sbg_reference.json")).expect("it is there");
    let reference: Value = serde_json::from_str(&text).expect("it is JSON");
    let gold = &reference["high_end_fit_7y"];
    let lost = gold["lost"].as_array().expect("a list");
    let lost: Vec<u64> = lost.iter().flat_map(Value::as_u64).collect();
    let alive = gold["alive"].as_u64().expect("a number");
    let desk = Desk::with_log(&yearly(&lost, alive));
    let answer = desk.json(&[
        "clv",
        "--model",
        "sbg",
        "--term",
        "year",
        "--grace",
        "20",
        "--as-of",
        "2017-02-20",
    ]);
    let number = |value: &Value| value.as_f64().expect("a number");
    for name in ["alpha", "beta"] {
        let digits = gold["params"][name].as_str().expect("digits");
        let expected: f64 = digits.parse().expect("a number");
        let found = number(&answer["parameters"][name]);
        assert!((found / expected - 1.0).abs() < 1e-10, "{name}: {found}, not {expected}");
    }
    let (due, lost) = (&answer["renewals"][6], lost[6]);
    assert_eq!((&due["lost"], &due["kept"]), (&json!(lost), &json!(alive)));
    // All have the next renewal in the year ahead, and are worth a term's mean of their payment.
    let (alive, share) = (alive as f64, number(&answer["customers"][0]["retention"]));
    assert!((number(&answer["expected"]) - alive * share).abs() < 1e-9);
    assert!((number(&answer["value"]) - alive * share * 12_000.0 / 8.0).abs() < 1e-6);
}

/// Contracts that began at different times, one of them twice, and one that nobody saw begin. The
/// order in which the log came changes nothing.
#[test]
fn contracts_of_all_beginnings_are_counted_by_their_renewals() {
    let snapshot = json!({"state": "customer", "history_known_from": "2024-01-01"});
    let mut lines = [
        paid("a", "2024-01-01T12:00:00Z"),
        ended("churned", "a", "2024-03-20T12:00:00Z"),
        paid("b", "2024-01-05T12:00:00Z"),
        paid("b", "2024-02-05T12:00:00Z"),
        paid("c", "2024-01-05T12:00:00Z"),
        ended("churned", "c", "2024-01-20T12:00:00Z"),
        paid("c", "2024-01-25T12:00:00Z"),
        ended("reactivated", "c", "2024-04-20T12:00:00Z"),
        paid("d", "2024-06-05T12:00:00Z"),
        event("e", "snapshot_imported", "2024-01-01T12:00:00Z", &snapshot),
        paid("e", "2024-01-25T12:00:00Z"),
    ];
    let ask = |lines: &[String]| {
        let desk = Desk::with_log(&lines.concat());
        desk.json(&["clv", "--model", "sbg", "--term", "30", "--discount", "10%"])
    };
    let answer = ask(&lines);
    let renewals = answer["renewals"].as_array().expect("a list").iter();
    let counts: Vec<_> = renewals.map(|row| [row["lost"].as_u64(), row["kept"].as_u64()]).collect();
    let expected = [[1, 3], [0, 2], [1, 1], [0, 1], [0, 1]].map(|pair| pair.map(Some));
    assert_eq!(counts, expected);
    assert_eq!(answer["churned"], 2);
    let customers = answer["customers"].as_array().expect("a list");
    let since: Vec<_> = customers.iter().map(|one| (&one["since"], &one["renewals"])).collect();
    for (day, renewals) in [("2024-01-05", 5), ("2024-04-20", 1), ("2024-06-05", 0)] {
        assert!(since.contains(&(&json!(day), &json!(renewals))), "{since:?}");
    }
    // What came between the end and the new beginning is no payment of the new contract.
    assert!(customers.iter().any(|one| one["payment"].is_null()), "{customers:?}");
    lines.reverse();
    assert_eq!(ask(&lines), answer);
}

/// A likelihood that goes on rising, by less than it can be known to, has no top: what looks like
/// one there is rounding.
#[test]
fn a_ridge_that_rises_for_ever_is_no_top() {
    let desk = Desk::new();
    desk.run(&["demo", "--dir", "year", "--leads", "4000", "--seed", "3"]).ok();
    let args = ["clv", "--store", "year/leads.db", "--model", "bgnbd", "--currency", "EUR"];
    let answer = desk.run(&[&args[..], &["--json"]].concat()).json();
    assert_eq!(answer["converged"], false, "{}", answer["parameters"]);
    assert!(answer["convergence"]["boundary"]["limit"].is_f64(), "{}", answer["convergence"]);
    let intervals = answer["intervals"].as_object().expect("one a parameter");
    assert!(intervals.values().all(Value::is_null), "{intervals:?}");
}

/// What makes nobody a customer makes no contract either.
#[test]
fn contracts_are_of_customers_alone() {
    let base = (1..=12).flat_map(|day| {
        let (lead, day) = (format!("c{day}"), format!("2024-01-{day:02}T12:00:00Z"));
        let end = ended("churned", &lead, "2024-04-20T12:00:00Z");
        let origin = json!({"origin": "sales_generated"});
        let captured = event(&lead, "captured", &day, &origin);
        let sql = event(&lead, "qualified", &day, &json!({"level": "sql"}));
        let won = ended("won", &lead, &day);
        [captured, sql, won, if lead == "c3" { end } else { String::new() }]
    });
    let base: String = base.collect();
    let skips = "[rules]\nillegal = \"skip\"\n";
    let count = |more: &str, playbook: &str| {
        let desk = Desk::with_log(&(base.clone() + more));
        desk.write("rules.toml", playbook);
        let args = ["clv", "--model", "sbg", "--term", "30", "--playbook", "rules.toml"];
        let answer = desk.json(&args);
        [
            answer["customers"].as_array().map(Vec::len),
            answer["churned"].as_u64().map(|n| n as usize),
        ]
    };
    assert_eq!(count("", ""), [Some(11), Some(1)]);
    let captured = ended("captured", "x", "2024-01-01T12:00:00Z");
    let again = ended("reactivated", "x", "2024-02-01T12:00:00Z");
    assert_eq!(count(&(captured + &again), ""), [Some(11), Some(1)], "nobody churned");
    let request = json!({"request": "R1"});
    let erased = event("c1", "erased", "2024-02-01T12:00:00Z", &request);
    let back = ended("reactivated", "c1", "2024-03-01T12:00:00Z");
    assert_eq!(count(&(erased + &back), ""), [Some(10), Some(1)], "the erased is gone");
    let revenue = json!({"amount": 100, "currency": "EUR"});
    let money = event("y", "revenue_recorded", "2024-02-01T12:00:00Z", &revenue);
    let stray = ended("captured", "y", "2024-01-01T12:00:00Z") + &money;
    assert_eq!(count(&stray, skips), [Some(11), Some(1)], "what is skipped says nothing");
    assert_eq!(count(&stray, ""), [Some(12), Some(1)], "what is applied makes a customer");
}

/// Twelve customers of one day, who churned on some days after.
fn came_together(at: &str, churned: &[&str]) -> Desk {
    let customer = |i: usize| {
        let lead = format!("c{i}");
        let end = churned.get(i).map(|at| ended("churned", &lead, at));
        paid(&lead, at) + &end.unwrap_or_default()
    };
    Desk::with_log(&(0..12).map(customer).collect::<String>())
}

/// Who churns before a renewal is due is no loss of it yet: it would count the losses alone.
#[test]
fn a_renewal_that_is_not_due_counts_nobody() {
    let churned = ["2020-04-20T00:00:00Z"; 3];
    let [none, three] =
        [&[][..], &churned].map(|churned| came_together("2020-01-01T00:00:00Z", churned));
    let args = ["clv", "--model", "sbg", "--term", "90", "--as-of"];
    for desk in [&none, &three] {
        let ran = desk.run(&[&args[..], &["2020-05-01"]].concat());
        assert_eq!(ran.status, 1, "{}", ran.out);
        let expected = "found 1 periods and 12 customers in the second";
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    // The second is due on 2020-06-29.
    let answer = three.json(&[&args[..], &["2020-06-29"]].concat());
    let second = &answer["renewals"][1];
    assert_eq!((&second["lost"], &second["kept"]), (&json!(3), &json!(9)), "{second}");
    assert_eq!(answer["churned"], 3);
}

/// An end, or an as-of, at the very instant of a renewal means that renewal, though a year and a
/// month are no whole days.
#[test]
fn a_renewal_at_the_instant_of_the_end_is_that_one() {
    let begun = "2020-01-01T00:00:00Z";
    let renewals = |desk: &Desk, term: &str, as_of: &str| {
        let answer = desk.json(&["clv", "--model", "sbg", "--term", term, "--as-of", as_of]);
        answer["renewals"].as_array().expect("a list").clone()
    };
    // Seven years of 31,556,952 seconds.
    let one = came_together(begun, &["2026-12-31T16:44:24Z"]);
    let lost: Vec<Value> =
        renewals(&one, "year", "2030-06-01").iter().map(|row| row["lost"].clone()).collect();
    assert_eq!(lost, [0, 0, 0, 0, 0, 0, 1, 0, 0, 0].map(Value::from));
    // Five months of 2,629,746.
    let all = came_together(begun, &[]);
    for (as_of, due) in [("2020-06-01T04:25:30Z", 5), ("2020-06-01T04:25:29.999999Z", 4)] {
        assert_eq!(renewals(&all, "month", as_of).len(), due, "{as_of}");
    }
}

/// The payment of a term whose renewal is open is no part of what came in the terms before, and
/// what is not expected at all has no interval.
#[test]
fn payments_and_intervals_stand_where_something_is_known() {
    let monthly = |lead: &str, from: u32| {
        let days = (0..5).map(|term| 1 + from + 30 * term);
        let at = |day: u32| {
            format!("2024-{:02}-{:02}T12:00:00Z", 1 + (day - 1) / 30, 1 + (day - 1) % 30)
        };
        days.map(|day| paid(lead, &at(day))).collect::<String>()
    };
    let ends = ended("churned", "gone", "2024-02-20T12:00:00Z");
    let log = monthly("a", 0) + &monthly("b", 1) + &paid("gone", "2024-01-01T12:00:00Z") + &ends;
    let desk = Desk::with_log(&log);
    let ask = |grace: &str, horizon: &str| {
        let args =
            ["--term", "30", "--grace", grace, "--horizon", horizon, "--as-of", "2024-05-04"];
        let args = [&["clv", "--model", "sbg"][..], &args].concat();
        (desk.json(&args), desk.run(&args).ok().out)
    };
    let payment = |answer: &Value| answer["customers"][0]["payment"].clone();
    let [strict, lenient] = ["0", "7"].map(|grace| ask(grace, "90").0);
    assert_eq!(payment(&strict), payment(&lenient), "{lenient}");
    let (answer, shown) = ask("0", "0");
    assert!(answer["expected_interval"].is_null() && !shown.contains("NaN"), "{answer} {shown}");
    assert_eq!(desk.run(&["clv", "--horizon", "36526"]).status, 2);
}

#[test]
fn contracts_that_say_nothing_are_refused() {
    let desk = Desk::with_log(&yearly(&[1, 1], 3));
    let no_customers = Desk::with_log(&ended("captured", "a", "2024-01-01T12:00:00Z"));
    for (desk, args, status, expected) in [
        (&desk, &["--model", "sbg"][..], 2, "expected --term with --model sbg, found none"),
        (&desk, &["--model", "sbg", "--term", "week"], 2, "expected a term as month, quarter"),
        (&desk, &["--term", "year"], 2, "expected a model of renewals with --term, found"),
        (&desk, &["--model", "sbg", "--grace", "9"], 2, "--term <TERM>"),
        (
            &desk,
            &["--model", "sbg", "--term", "year", "--calibrate-to", "2011-01-01"],
            2,
            "expected a model of buying with --calibrate-to, found --model sbg",
        ),
        (
            &desk,
            &["--horizon", "30"],
            2,
            "expected a predictive model with --horizon, found --model historic",
        ),
        (&desk, &["--currency", "GBP"], 2, "expected a predictive model with --currency, found"),
        (&desk, &["--model", "sbg", "--term", "3650"], 1, "expected at least 2 periods"),
        (&no_customers, &["--model", "sbg", "--term", "30"], 1, "no contract is known: expected"),
    ] {
        let ran = desk.run(&[&["clv"], args].concat());
        assert_eq!(ran.status, status, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    }
    let args = ["clv", "--model", "sbg", "--term", "year", "--grace", "9", "--as-of"];
    // The second renewal is open for two days yet: who was lost at it says nothing without those
    // who may still make it.
    let open = desk.run(&[&args[..], &["2012-01-17"]].concat());
    assert!(open.err.contains("found 1 periods"), "{}", open.err);
    let shown = desk.run(&[&args[..], &["2012-01-20"]].concat()).ok().out;
    assert!(shown.contains("3 customers under contract, 2 churned as of"), "{shown}");
    assert!(shown.contains("still there"), "{shown}");
}

/// Two leads of one account are one customer, and a lead without an account is one of its own.
#[test]
fn purchases_of_an_account_are_one_customers() {
    let captured = |lead: &str, account: &str| {
        let data = json!({"attributes": {"account": account}});
        event(lead, "captured", "2023-12-01T12:00:00Z", &data)
    };
    let pairs = (0..12).map(|i| {
        let (one, other) = (format!("one{i}"), format!("other{i}"));
        let account = format!("A{i}");
        [
            captured(&one, &account),
            captured(&other, &account),
            paid(&one, &format!("2024-01-{:02}T12:00:00Z", 1 + i)),
            paid(&other, &format!("2024-02-{:02}T12:00:00Z", 2 + i)),
        ]
        .concat()
    });
    let log = pairs.collect::<String>() + &paid("alone", "2024-06-01T12:00:00Z");
    let desk = Desk::with_log(&log);
    let args = ["clv", "--model", "mbgnbd", "--per", "account"];
    let answer = desk.json(&args);
    let customers = answer["customers"].as_array().expect("a list");
    assert_eq!((customers.len(), &answer["repeaters"]), (13, &json!(12)));
    let third = customers.iter().find(|one| one["account"] == "A3").expect("it is there");
    assert_eq!((&third["x"], &third["first"]), (&json!(1), &json!("2024-01-04")));
    assert_eq!(third["last"], "2024-02-05");
    assert_eq!(third["key"], "one3", "its first lead stands for it: {third}");
    assert!(customers.iter().any(|one| one.get("account").is_none()), "{customers:?}");
    let shown = desk.run(&args).ok().out;
    assert!((0..12).any(|i| shown.contains(&format!("\nA{i} "))), "{shown}");
    // Without it nobody bought again.
    let each = desk.run(&args[..3]);
    assert!(each.err.contains("found 0 of 25"), "{}", each.err);
    let unknown = desk.run(&["clv", "--model", "mbgnbd", "--per", "firm"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.err.contains("or a captured attribute: account"), "{}", unknown.err);
    let historic = desk.run(&["clv", "--per", "account"]);
    assert!(
        historic.err.contains("expected a model of buying with --per, found"),
        "{}",
        historic.err
    );
}
