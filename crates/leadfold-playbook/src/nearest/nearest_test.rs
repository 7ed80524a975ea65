use proptest::prelude::*;

use super::{distance, nearest};

const KEYS: [&str; 5] =
    ["illegal", "hand_raiser", "implied_steps", "sales_generated", "require_reasons"];

/// The definition, without a table: what is done to the last letters, and the rest before.
fn naive(from: &[char], to: &[char]) -> usize {
    let (Some((a, from_rest)), Some((b, to_rest))) = (from.split_last(), to.split_last()) else {
        return from.len() + to.len();
    };
    let swapped = match (from_rest.split_last(), to_rest.split_last()) {
        (Some((c, from_rest)), Some((d, to_rest))) if (a, c) == (d, b) => {
            naive(from_rest, to_rest) + 1
        }
        _ => usize::MAX,
    };
    [
        naive(from_rest, to_rest) + usize::from(a != b),
        naive(from_rest, to) + 1,
        naive(from, to_rest) + 1,
        swapped,
    ]
    .into_iter()
    .fold(usize::MAX, usize::min)
}

type Distance = fn(&[char], &[char]) -> usize;

/// Whether a distance is the defined one for a pair of words.
fn agrees(distance: Distance, from: &str, to: &str) -> bool {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    distance(&from, &to) == naive(&from, &to)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_distance_is_the_defined_one(from in "[ab\u{e9}]{0,6}", to in "[ab\u{e9}]{0,6}") {
        prop_assert!(agrees(distance, &from, &to), "{:?} {:?}", from, to);
    }

    #[test]
    fn one_slip_in_a_key_is_forgiven(key in 0..KEYS.len(), place in 0_usize..7, letter in "[a-z]") {
        let mut slipped = KEYS[key].to_owned();
        slipped.replace_range(place..=place, &letter);
        prop_assert_eq!(nearest(&slipped, KEYS), Some(KEYS[key]));
    }
}

#[test]
fn a_broken_distance_is_noticed() {
    let pairs = [("ab", "ba"), ("a", ""), ("", "b"), ("ab", "bb"), ("ab", "ab"), ("aab", "b")];
    let broken: [Distance; 4] = [
        |from, to| from.len().abs_diff(to.len()),
        |from, to| usize::from(from != to),
        |from, to| distance(from, to) + 1,
        // Without swaps.
        |from, to| {
            from.iter().zip(to).filter(|(a, b)| a != b).count() + from.len().abs_diff(to.len())
        },
    ];
    for (index, broken) in broken.into_iter().enumerate() {
        assert!(pairs.iter().any(|(from, to)| !agrees(broken, from, to)), "{index}");
    }
    assert!(pairs.iter().all(|(from, to)| agrees(distance, from, to)));
}

#[test]
fn what_is_near_is_found_and_what_is_far_is_not() {
    for (word, expected) in [
        ("illegel", Some("illegal")),
        ("Illegal", Some("illegal")),
        ("hand-raiser", Some("hand_raiser")),
        ("hand raiser", Some("hand_raiser")),
        ("impleid_steps", Some("implied_steps")),
        ("require_reason", Some("require_reasons")),
        ("colour", None),
        ("", None),
    ] {
        assert_eq!(nearest(word, KEYS), expected, "{word}");
    }
    assert_eq!(nearest(&"x".repeat(100_000), KEYS), None);
    assert_eq!(nearest("illegal", []), None);
}
