//! Which model of buying should I believe, and what will my customers buy?
//!
//! A shop of two thousand customers over two years. Each buys at a pace of their own and leaves at
//! a time of their own, without a word. The models are fitted to the first year, held against the
//! second, and the best one is asked what the customers of today will buy in half a year. Since
//! the shop is simulated, that can be checked.

use leadfold::clv::{BgNbd, Buying, BuyingModel, Choice, Counts, Day, Fit, MbgNbd, ParetoNbd};
use leadfold::clv::{Patterns, Purchases};

const YEAR: Day = Day(365);
const TODAY: Day = Day(730);
const LATER: Day = Day(730 + 182);
const WEEK: f64 = 7.0;

/// Numbers between 0 and 1, the same in every run: xorshift (Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A time until something that happens once in so many days.
    fn wait(&mut self, mean_days: f64) -> f64 {
        -mean_days * self.next().ln()
    }
}

/// The shop: customers come in the first quarter of a year, and buy until they leave.
fn shop() -> Purchases {
    let mut dice = Dice(7);
    let mut purchases = Purchases::default();
    for customer in 0..2_000 {
        // Rates differ from customer to customer: some buy every week, most hardly ever.
        let rate = dice.wait(1.0 / 90.0);
        let leaving = dice.wait(1.0 / 400.0);
        let mut now = 90.0 * dice.next();
        let left = now + dice.wait(1.0 / leaving);
        while now < left && now < f64::from(LATER.0) {
            purchases.buy(customer, Day(now as i32), 2_500);
            now += dice.wait(1.0 / rate);
        }
    }
    purchases
}

/// What a model expects of all customers of today within half a year, with its interval.
fn expected(
    model: BuyingModel,
    today: &Patterns,
) -> Result<(f64, (f64, f64)), Box<dyn std::error::Error>> {
    let weeks = f64::from(LATER.0 - TODAY.0) / WEEK;
    let all = |model: &dyn Buying| {
        let rows = today.rows().iter();
        rows.map(|row| row.customers as f64 * model.expected(row.x, row.t_x, row.t, weeks)).sum()
    };
    let estimate = match model {
        BuyingModel::BgNbd => BgNbd::fit(today)?.estimate_of("all", |model| all(model)),
        BuyingModel::MbgNbd => MbgNbd::fit(today)?.estimate_of("all", |model| all(model)),
        BuyingModel::Pareto => {
            let fit: Fit<ParetoNbd, 4> = ParetoNbd::fit(today)?;
            fit.estimate_of("all", |model| all(model))
        }
    };
    Ok((estimate.value, estimate.interval.ok_or("the fit is at no maximum")?))
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let purchases = shop();
    let choice = Choice::of(&purchases, (YEAR, TODAY), WEEK)?;
    println!("the second year, by models that knew the first ({} purchases made)", choice.actual);
    println!("{:10}  expected    bias  error a customer  deviance", "model");
    for one in &choice.candidates {
        let bias = one.bias.ok_or("nobody bought")? * 100.0;
        println!(
            "{:10}  {:>8.1}  {bias:>5.1}%  {:>16.3}  {:>8.4}",
            one.model.title(),
            one.expected,
            one.error,
            one.deviance
        );
    }
    println!("{}\n", choice.reason());

    let counts: Counts = purchases.histories(TODAY).map(|(_, history)| history).collect();
    let best = choice.best().model;
    let (total, (low, high)) = expected(best, &counts.patterns(TODAY, WEEK)?)?;
    let came: u64 = purchases.after(TODAY, LATER).map(|(_, bought, _)| u64::from(bought)).sum();
    println!(
        "{} expects {total:.0} purchases in half a year ({low:.0} to {high:.0})",
        best.title()
    );
    println!("{came} came");

    // The shop is one of Pareto/NBD: customers leave at any time, at a rate of their own.
    assert_eq!(best, BuyingModel::Pareto);
    let bias = choice.best().bias.ok_or("nobody bought")?;
    assert!(bias.abs() < 0.05, "the second year is told to a twentieth: {bias}");
    assert!((total / came as f64 - 1.0).abs() < 0.1, "and the half year after to a tenth");
    Ok(())
}
