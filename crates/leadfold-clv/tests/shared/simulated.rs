//! Customers who buy as BG/NBD says.

use leadfold_clv::Pattern;

/// The parameters of BG/NBD behind the customers: nearly those of CDNOW.
pub(crate) const TRUE: [f64; 4] = [0.2426, 4.4136, 0.793, 2.426];

/// Customers in weeks, watched for 14 to 39 of them.
pub(crate) fn customers(seed: u64, n: usize) -> Vec<Pattern> {
    let mut dice = Dice(seed);
    (0..n)
        .map(|_| {
            let rate = dice.gamma(TRUE[0]) / TRUE[1];
            let (stay, leave) = (dice.gamma(TRUE[3]), dice.gamma(TRUE[2]));
            let leaves = leave / (stay + leave);
            let t = (100.0 + 173.0 * dice.next()) / 7.0;
            let (mut x, mut t_x, mut now) = (0, 0.0, 0.0);
            loop {
                now -= dice.next().ln() / rate;
                if now > t {
                    break;
                }
                x += 1;
                t_x = now;
                if dice.next() < leaves {
                    break;
                }
            }
            Pattern { x, t_x, t, customers: 1 }
        })
        .collect()
}

/// Numbers between 0 and 1: xorshift (Marsaglia 2003).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Gamma distributed, by rejection (Ahrens and Dieter 1974) below 1 and by adding above.
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
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
