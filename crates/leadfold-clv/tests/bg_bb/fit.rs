//! What the data make of the parameters.

use leadfold_clv::{
    BadOccasions, BgBb, Convergence, Direction, FitError, OccasionPatterns, Occasions,
};

use crate::gold::assert_close;

/// Donors of a public radio station by donations in the six years after the first: x, the last,
/// donors. Table 2 of Fader, Hardie and Shang (2010).
const DONORS: [(u32, u32, u64); 22] = [
    (6, 6, 1203),
    (5, 6, 728),
    (4, 6, 512),
    (3, 6, 357),
    (2, 6, 234),
    (1, 6, 129),
    (5, 5, 335),
    (4, 5, 284),
    (3, 5, 225),
    (2, 5, 173),
    (1, 5, 119),
    (4, 4, 240),
    (3, 4, 181),
    (2, 4, 155),
    (1, 4, 78),
    (3, 3, 322),
    (2, 3, 255),
    (1, 3, 129),
    (2, 2, 613),
    (1, 2, 277),
    (1, 1, 1091),
    (0, 0, 3464),
];

fn patterns(n: u32, rows: &[(u32, u32, u64)]) -> OccasionPatterns {
    let rows = rows.iter().map(|(x, t_x, customers)| Occasions {
        x: *x,
        t_x: *t_x,
        n,
        customers: *customers,
    });
    OccasionPatterns::new(rows).expect("they are possible")
}

#[test]
fn the_donors_are_the_gold_ones() {
    let donors = patterns(6, &DONORS);
    assert_eq!(donors.customers(), 11_104);
    let fit = BgBb::fit(&donors).expect("it converges");
    let values = [
        1.203_522_351_601_914,
        0.749_716_358_172_939,
        0.656_718_208_441_832,
        2.783_442_232_577_381,
    ];
    let errors = [0.069_391_363, 0.029_447_717, 0.051_009_859, 0.320_819_003];
    for ((estimate, value), error) in fit.estimates().iter().zip(values).zip(errors) {
        assert_close(estimate.value, value, 1e-12, estimate.name);
        let found = estimate.standard_error.expect("it is at a maximum");
        assert_close(found, error, 2e-8, estimate.name);
    }
    assert!((fit.log_likelihood + 33_225.581_274_347_01).abs() <= 1e-8);
    let Convergence::Interior { gradient } = fit.convergence else { panic!("{fit:?}") };
    assert!(gradient <= 1e-10, "{gradient:e}");
}

fn left(rows: &[(u32, u32, u64)]) -> (&'static str, Direction) {
    let fit = BgBb::fit(&patterns(4, rows)).expect("an answer");
    let Convergence::Boundary { parameter, direction, limit } = fit.convergence else {
        panic!("{fit:?}")
    };
    assert!(limit.is_some_and(f64::is_finite) && fit.covariance.is_none());
    (parameter, direction)
}

#[test]
fn where_nobody_leaves_the_fit_says_so() {
    let found = left(&[(1, 4, 50), (2, 4, 60), (3, 4, 50), (4, 4, 20)]);
    assert!(
        matches!(found, ("gamma", Direction::Zero) | ("delta", Direction::Infinity)),
        "{found:?}"
    );
}

#[test]
fn where_all_buy_always_the_fit_says_so() {
    let found = left(&[(4, 4, 100)]);
    assert!(
        matches!(
            found,
            ("alpha" | "delta", Direction::Infinity) | ("beta" | "gamma", Direction::Zero)
        ),
        "{found:?}"
    );
}

#[test]
fn too_few_buyers_are_refused() {
    let error = BgBb::fit(&patterns(6, &[(0, 0, 500), (1, 3, 9)])).expect_err("too few bought");
    assert_eq!(error, FitError::TooFewRepeaters { expected: 10, found: 9, customers: 509 });
    BgBb::fit(&OccasionPatterns::default()).expect_err("there are none");
}

#[test]
fn a_history_that_cannot_be_is_refused() {
    for (x, t_x, n) in [(0, 1, 6), (1, 0, 6), (3, 2, 6), (2, 7, 6), (1, 1, 10_001)] {
        let row = Occasions { x, t_x, n, customers: 1 };
        let error = OccasionPatterns::new([row]).expect_err("it cannot be");
        assert_eq!(error, BadOccasions { x, t_x, n });
        assert!(error.to_string().contains("at most 10000 occasions, found x = "), "{error}");
        let model = BgBb { alpha: 1.0, beta: 1.0, gamma: 1.0, delta: 1.0 };
        assert_eq!(model.p_alive(x, t_x, n), Err(error));
        assert_eq!(model.expected(x, t_x, n, 3), Err(error));
    }
}
