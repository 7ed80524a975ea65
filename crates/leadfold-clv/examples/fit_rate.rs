//! How long do fits and values take? `cargo run --release -p leadfold-clv --example fit_rate`.
//!
//! Customers are simulated under BG/NBD. Prints the median of nine rounds on one thread, and a
//! digest of what came out.

use std::time::Instant;

use leadfold_clv::{
    BgNbd, Buying, Discount, Fit, FitError, MbgNbd, Model, ParetoNbd, Pattern, Patterns,
};

const CUSTOMERS: [usize; 2] = [2_357, 100_000];
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = customers(100_000);
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

/// Customers with the parameters of CDNOW's, in weeks with days as the grain.
fn customers(n: usize) -> Vec<Pattern> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    (0..n)
        .map(|_| {
            let rate = dice.gamma(0.2426) / 4.4136;
            let (stay, leave) = (dice.gamma(2.426), dice.gamma(0.793));
            let leaves = leave / (stay + leave);
            let t = (100.0 + (dice.next() * 173.0).floor()) / 7.0;
            let (mut x, mut t_x, mut now) = (0, 0.0, 0.0);
            loop {
                now -= dice.next().ln() / rate;
                if now > t {
                    break;
                }
                x += 1;
                t_x = (now * 7.0).floor() / 7.0;
                if dice.next() < leaves {
                    break;
                }
            }
            Pattern { x, t_x, t, customers: 1 }
        })
        .collect()
}

/// Numbers between 0 and 1: xorshift (Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Gamma distributed, by rejection (Ahrens and Dieter 1974) below 1 and by adding above.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape >= 1.0 {
            return self.gamma(shape - 1.0) - self.next().ln();
        }
        if shape <= 0.0 {
            return 0.0;
        }
        loop {
            let split = (std::f64::consts::E + shape) / std::f64::consts::E;
            let p = split * self.next();
            let (x, accept) = if p <= 1.0 {
                let x = p.powf(1.0 / shape);
                (x, (-x).exp())
            } else {
                let x = -((split - p) / shape).ln();
                (x, x.powf(shape - 1.0))
            };
            if self.next() <= accept {
                return x;
            }
        }
    }
}
