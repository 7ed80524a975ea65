//! How long do fits and values take? `cargo run --release -p leadfold-clv --example fit_rate`.
//!
//! Customers are simulated under BG/NBD. Prints the median of nine rounds on one thread, and a
//! digest of what came out.

#[path = "../tests/shared/simulated.rs"]
mod simulated;

use std::time::Instant;

use leadfold_clv::{
    BgNbd, Buying, Discount, Fit, FitError, MbgNbd, Model, ParetoNbd, Pattern, Patterns,
};

const CUSTOMERS: [usize; 2] = [2_357, 100_000];
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = by_days(simulated::customers(0x9e37_79b9_7f4a_7c15, 100_000));
    for n in CUSTOMERS {
        let rows = &all[..n];
        let patterns = Patterns::new(rows.iter().copied())?;
        println!("{n} customers, {} histories", patterns.rows().len());
        timed("  group", || Patterns::new(rows.iter().copied()).map_or(0, |p| p.customers()));
        fitted("BG/NBD", rows, || BgNbd::fit(&patterns))?;
        fitted("MBG/NBD", rows, || MbgNbd::fit(&patterns))?;
        fitted("Pareto/NBD", rows, || ParetoNbd::fit(&patterns))?;
    }
    Ok(())
}

/// Days are the grain of a log.
fn by_days(rows: Vec<Pattern>) -> Vec<Pattern> {
    let day = |weeks: f64| (weeks * 7.0).floor() / 7.0;
    rows.into_iter().map(|row| Pattern { t_x: day(row.t_x), t: day(row.t), ..row }).collect()
}

fn fitted<M: Model<4> + Buying>(
    name: &str,
    rows: &[Pattern],
    fit: impl Fn() -> Result<Fit<M, 4>, FitError>,
) -> Result<(), FitError> {
    let found = fit()?;
    let bits = found.model.parameters().iter().fold(0, |all, one| all ^ one.to_bits());
    timed(&format!("  {name}: fit, {} evaluations", found.evaluations), || {
        fit().map_or(0, |fit| u64::from(fit.evaluations))
    });
    let year = Discount::monthly(12, 0.01, 7.0);
    timed(&format!("  {name}: value of a year of each, {bits:016x}"), || {
        let value = |row: &Pattern| year.purchases(&found.model, row.x, row.t_x, row.t);
        rows.iter().map(value).sum::<f64>() as u64
    });
    Ok(())
}

fn timed(what: &str, run: impl Fn() -> u64) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what}: {:.3} ms", times[ROUNDS / 2]);
}
