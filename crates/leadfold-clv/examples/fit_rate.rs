//! How long do fits and values take? `cargo run --release -p leadfold-clv --example fit_rate`.
//!
//! CDNOW's sample, if the reference data are there, and customers simulated under BG/NBD, by days
//! and, so that hardly two are alike, by moments. Prints the median of nine rounds on one thread
//! (by the time of the processor, where a round is longer than 20 ms), and what came out. With a folder as an argument, the customers are written there as CSV, for
//! `benches/rivals`.

#[path = "../tests/shared/cdnow.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod cdnow;
#[path = "../tests/shared/gold.rs"]
#[allow(dead_code, reason = "each suite takes of it what it needs")]
mod gold;
#[path = "../tests/shared/simulated.rs"]
mod simulated;

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Instant;

use leadfold_clv::{
    BgNbd, Buying, Discount, Fit, FitError, MbgNbd, Model, ParetoNbd, Pattern, Patterns,
};

const CUSTOMERS: usize = 100_000;
const ROUNDS: usize = 9;
/// As the rival has it: months of 4.345 weeks at 1 %.
const YEAR: Discount = Discount { period: 4.345, periods: 12, rate: 0.01 };

fn main() -> Result<(), Box<dyn Error>> {
    let moments = simulated::customers(0x9e37_79b9_7f4a_7c15, CUSTOMERS);
    let days: Vec<Pattern> = moments.iter().copied().map(by_days).collect();
    let mut sets = vec![
        ("simulated 2,357", days[..2_357].to_vec()),
        ("simulated 100k", days),
        ("moments 100k", moments),
    ];
    if let Some(purchases) = cdnow::sample() {
        let histories = cdnow::histories(&purchases);
        let rows = histories.iter().filter_map(|h| h.pattern(cdnow::END, cdnow::WEEK));
        sets.insert(0, ("cdnow", rows.collect()));
    }
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    for (name, rows) in &sets {
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.csv")), csv(rows)?)?;
        }
        measure(name, rows)?;
    }
    Ok(())
}

/// Days are the grain of a log.
fn by_days(row: Pattern) -> Pattern {
    let day = |weeks: f64| (weeks * 7.0).floor() / 7.0;
    Pattern { t_x: day(row.t_x), t: day(row.t), ..row }
}

fn csv(rows: &[Pattern]) -> Result<String, std::fmt::Error> {
    let mut text = String::from("frequency,recency,T\n");
    for row in rows {
        writeln!(text, "{},{},{}", row.x, row.t_x, row.t)?;
    }
    Ok(text)
}

fn measure(set: &str, rows: &[Pattern]) -> Result<(), Box<dyn Error>> {
    let grouped = || Patterns::new(rows.iter().copied());
    let patterns = grouped()?;
    timed(&format!("{set}: group"), || format!("{:?}", grouped().map(|all| all.rows().len())));
    let raw = || BgNbd::fit(&grouped()?);
    timed(&format!("{set}: BG/NBD fit from rows"), || told(&raw()));
    fitted(&format!("{set}: BG/NBD"), &patterns, BgNbd::fit)?;
    fitted(&format!("{set}: MBG/NBD"), &patterns, MbgNbd::fit)?;
    fitted(&format!("{set}: Pareto/NBD"), &patterns, ParetoNbd::fit)?;
    Ok(())
}

fn fitted<M: Model<4> + Buying>(
    name: &str,
    patterns: &Patterns,
    fit: fn(&Patterns) -> Result<Fit<M, 4>, FitError>,
) -> Result<(), FitError> {
    timed(&format!("{name} fit"), || told(&fit(patterns)));
    let model = fit(patterns)?.model;
    timed(&format!("{name} value"), || {
        let values = YEAR.values(&model, patterns);
        let all = patterns.rows().iter().zip(values);
        format!("{:.9}", all.map(|(row, value)| row.customers as f64 * value).sum::<f64>())
    });
    Ok(())
}

fn told<M: Model<4>>(fit: &Result<Fit<M, 4>, FitError>) -> String {
    fit.as_ref().map_or_else(ToString::to_string, |fit| {
        let [one, two, three, four] = fit.model.parameters();
        let (height, steps) = (fit.log_likelihood, fit.evaluations);
        format!("{one:.9} {two:.9} {three:.9} {four:.9} {height:.6} {steps} evaluations")
    })
}

/// Milliseconds from which on the kernel's account of a thread is exact enough.
const TICKS: f64 = 20.0;

/// Milliseconds that this thread has had a processor; no number where the kernel does not tell.
fn busy() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.map_or(f64::NAN, |nanos| nanos / 1e6)
}

fn timed(what: &str, run: impl Fn() -> String) {
    let mut result = String::new();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (start, before) = (Instant::now(), busy());
            result = std::hint::black_box(run());
            let (clock, processor) = (start.elapsed().as_secs_f64() * 1e3, busy() - before);
            if clock > TICKS && processor > 0.0 { processor } else { clock }
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what} | {:.3} ms | {result}", times[ROUNDS / 2]);
}
