//! Against 40-digit numbers and the functions' own laws.

use proptest::prelude::*;

use super::{digamma_rise, ln_beta, ln_rising, trigamma};
use crate::slope_test::decades;

fn same(found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs();
    assert!(error <= tolerance, "found {found:e}, expected {expected:e}, off by {error:e}");
}

/// a, b, ln B(a, b), psi(a+b) - psi(b), psi'(b).
const GOLD: [(f64, f64, f64, f64, f64); 7] = [
    (0.25, 0.5, 1.657_106_516_191_482, 0.877_649_146_234_951_3, 4.934_802_200_544_679),
    (0.001, 2.5, 6.906_475_483_603_688, 4.902_396_913_789_871e-4, 0.490_357_756_100_234_9),
    (3.5, 12.0, -7.833_633_042_894_654, 0.265_573_562_614_553_4, 0.086_901_872_871_768_39),
    (12.0, 40.0, -28.275_524_477_980_013, 0.265_270_142_530_304, 0.025_315_103_841_291_03),
    (0.001, 1e7, 6.891_060_789_782_845, 1.000_000_049_950_001_7e-10, 1.000_000_05e-7),
    (5.0, 1e9, -100.438_275_364_384_11, 4.999_999_99e-9, 1.000_000_000_5e-9),
    (1e6, 2e6, -1_909_548.290_968_533, 0.405_465_191_441_509_3, 5.000_001_250_000_208e-7),
];

#[test]
fn known_values_are_exact() {
    for (a, b, beta, rise, second) in GOLD {
        same(ln_beta(a, b), beta, 4e-16 * 4.0);
        same(ln_beta(b, a), beta, 4e-16 * 4.0);
        same(digamma_rise(b, a), rise, 1e-14);
        same(trigamma(b), second, 2e-15);
    }
    let rising = [
        (0.3, 40, 106.639_996_784_916_8),
        (1e-3, 5, -3.727_618_826_714_129),
        (7.5, 1_000_000, 12_815_600.651_136_935),
        (1e7, 100, 1_611.810_060_094_190_2),
    ];
    for (z, n, expected) in rising {
        same(ln_rising(z, n), expected, 2e-15);
    }
}

proptest! {
    /// Gamma(z+1) = z Gamma(z), in four guises.
    #[test]
    fn the_recurrence_holds(z in decades(-3.0, 8.0), by in decades(-3.0, 6.0), n in 0_u32..80) {
        let close = |found: f64, expected: f64, size: f64| {
            (found - expected).abs() <= 2e-14 * (size + expected.abs())
        };
        let step = -by / (z * (z + by));
        let rise = digamma_rise(z, by);
        prop_assert!(close(digamma_rise(z + 1.0, by), rise + step, rise.abs()));
        prop_assert!(close(trigamma(z + 1.0), trigamma(z) - 1.0 / (z * z), trigamma(z)));
        let beta = ln_beta(z, by);
        // Near 0 it is what logarithms of gamma leave over.
        prop_assert!(close(ln_beta(z + 1.0, by), beta - (by / z).ln_1p(), beta.abs() + 1.0));
        let rising = ln_rising(z, n);
        let size = rising.abs() + f64::from(n);
        prop_assert!(close(ln_rising(z, n + 1), rising + (z + f64::from(n)).ln(), size));
    }

    /// A constant of the series that is off in the ninth digit is caught: at the seam between
    /// recurrence and series, both must say the same.
    #[test]
    fn there_is_no_seam(by in decades(-3.0, 3.0)) {
        let (below, above) = (10.0 - 1e-13, 10.0);
        prop_assert!((digamma_rise(below, by) / digamma_rise(above, by) - 1.0).abs() <= 1e-13);
        prop_assert!((trigamma(below) / trigamma(above) - 1.0).abs() <= 1e-13);
        let (low, high) = (ln_beta(below, by), ln_beta(above, by));
        prop_assert!((low - high).abs() <= 1e-12 * (1.0 + high.abs()));
    }
}
