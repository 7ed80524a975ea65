//! Eight companies whose customers are hard to model, the same in every run.

use leadfold_clv::{Pattern, Patterns};

use crate::simulated::Dice;

/// How customers buy, and when they leave.
struct Company {
    customers: usize,
    /// From the first purchase to the end, the shortest and the longest.
    watch: (f64, f64),
    rate: fn(&mut Dice) -> f64,
    /// The chance to leave after a purchase that is not the first.
    leaves: fn(&mut Dice) -> f64,
    /// The rate of leaving at any time.
    fades: fn(&mut Dice) -> f64,
}

const PLAIN: Company = Company {
    customers: 400,
    watch: (20.0, 40.0),
    rate: |dice| dice.gamma(0.5) / 5.0,
    leaves: |_| 0.0,
    fades: |_| 0.0,
};

impl Company {
    fn customer(&self, dice: &mut Dice) -> Pattern {
        let (rate, leaves, fades) = ((self.rate)(dice), (self.leaves)(dice), (self.fades)(dice));
        // Days, so that some are alike.
        let t = (self.watch.0 + (self.watch.1 - self.watch.0) * dice.next()).floor();
        let fade = if fades > 0.0 { -dice.next().ln() / fades } else { f64::INFINITY };
        let (mut x, mut t_x, mut now) = (0, 0.0, 0.0);
        loop {
            now -= dice.next().ln() / rate;
            if now > t.min(fade) {
                break;
            }
            (x, t_x) = (x + 1, now);
            if dice.next() < leaves {
                break;
            }
        }
        Pattern { x, t_x, t, customers: 1 }
    }

    fn patterns(&self) -> Patterns {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let all: Vec<Pattern> = (0..self.customers).map(|_| self.customer(&mut dice)).collect();
        Patterns::new(all).expect("they are possible")
    }
}

/// Each with its name.
pub(super) fn sets() -> [(&'static str, Patterns); 8] {
    [
        ("one rate for all, nobody leaves", Company { rate: |_| 0.2, ..PLAIN }),
        ("nobody leaves", PLAIN),
        ("all leave with the first repeat", Company { leaves: |_| 1.0, ..PLAIN }),
        ("all leave at one rate", Company { fades: |_| 0.1, ..PLAIN }),
        (
            "hundreds of purchases, and some silent for long",
            Company {
                customers: 500,
                watch: (300.0, 400.0),
                rate: |dice| dice.gamma(1.5) / 1.5,
                fades: |dice| dice.gamma(0.65) / 400.0,
                ..PLAIN
            },
        ),
        (
            "leave at once or never",
            Company {
                customers: 1_500,
                leaves: |dice| f64::from(u8::from(dice.next() < 0.5)),
                ..PLAIN
            },
        ),
        (
            "two kinds of customers and none between",
            Company {
                rate: |dice| if dice.next() < 0.8 { 0.01 } else { 3.0 },
                fades: |dice| if dice.next() < 0.5 { 0.3 } else { 1e-3 },
                ..PLAIN
            },
        ),
        (
            "hardly anybody, in seconds",
            Company {
                customers: 60,
                watch: (1e7, 3e7),
                rate: |dice| dice.gamma(0.3) / 3e6,
                leaves: |dice| 0.4 * dice.next(),
                ..PLAIN
            },
        ),
    ]
    .map(|(name, company)| (name, company.patterns()))
}
