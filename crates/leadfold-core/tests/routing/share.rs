//! Shares by weight: within one lead of the weight after every lead.

use leadfold_core::routing::{
    Candidate, Load, OwnerSpec, Routing, RoutingSpec, ShareMethod, Target, TeamSpec, route,
};
use leadfold_core::{SECOND, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

fn team(weights: &[u32], share: ShareMethod) -> Routing {
    let owner = |(n, weight): (usize, &u32)| OwnerSpec {
        team: Some("t".into()),
        weight: *weight,
        ..OwnerSpec::new(&format!("o{n}"))
    };
    let spec = RoutingSpec {
        version: "1".into(),
        otherwise: Some(Target::Team("t".into())),
        teams: vec![TeamSpec { name: "t".into(), share }],
        owners: weights.iter().enumerate().map(owner).collect(),
        ..RoutingSpec::default()
    };
    Routing::new(spec).expect("a sound team")
}

/// Who gets each of `n` leads, as indices.
fn turns(routing: &Routing, n: usize) -> Vec<usize> {
    let mut load = Load::default();
    let turn = |turn: usize| {
        let at = Timestamp::from_micros(turn as i64 * SECOND);
        let given = route(routing, &load, &Candidate::default(), at).given(at);
        let given = given.expect("nobody is ever full");
        load.apply(routing, &given);
        let owners = &routing.spec().owners;
        owners.iter().position(|owner| owner.name == given.owner).expect("listed")
    };
    (0..n).map(turn).collect()
}

/// Whether everybody is within one lead of their share after every turn, in whole numbers.
fn is_fair(weights: &[u32], turns: &[usize]) -> bool {
    let whole: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let mut got = vec![0_i64; weights.len()];
    turns.iter().zip(1..).all(|(owner, n)| {
        got[*owner] += 1;
        let off = |(got, weight): (&i64, &u32)| (got * whole - n * i64::from(*weight)).abs();
        got.iter().zip(weights).map(off).all(|off| off < whole)
    })
}

proptest! {
    #[test]
    fn every_prefix_is_within_one_lead_of_the_weights(
        weights in prop_oneof![
            vec(1..6_u32, 1..9),
            vec(prop_oneof![1..3_u32, 1..200_u32], 1..13),
        ],
    ) {
        let turns = turns(&team(&weights, ShareMethod::Weighted), 400);
        prop_assert!(is_fair(&weights, &turns), "{turns:?}");
    }

    #[test]
    fn a_whole_round_gives_everybody_exactly_their_weight(weights in vec(1..9_u32, 1..7)) {
        let whole: u32 = weights.iter().sum();
        let turns = turns(&team(&weights, ShareMethod::Weighted), whole as usize);
        for (n, weight) in weights.iter().enumerate() {
            let got = turns.iter().filter(|owner| **owner == n).count();
            prop_assert_eq!(got, *weight as usize);
        }
    }

    #[test]
    fn without_weights_turns_go_round(n in 1..9_usize) {
        let weights = vec![1; n];
        let expected: Vec<usize> = (0..n).cycle().take(50).collect();
        prop_assert_eq!(turns(&team(&weights, ShareMethod::RoundRobin), 50), expected.clone());
        prop_assert_eq!(turns(&team(&weights, ShareMethod::Weighted), 50), expected);
    }
}

#[test]
fn turns_by_weight_are_spread() {
    assert_eq!(turns(&team(&[2, 1], ShareMethod::Weighted), 6), [0, 1, 0, 0, 1, 0]);
    assert_eq!(turns(&team(&[5, 1, 1], ShareMethod::Weighted), 7), [0, 0, 0, 1, 0, 2, 0]);
    let million = team(&[1_000_000, 1], ShareMethod::Weighted);
    assert_eq!(turns(&million, 1_000), vec![0; 1_000]);
}

#[test]
fn who_was_full_for_long_is_not_flooded_afterwards() {
    let mut spec = team(&[1, 1], ShareMethod::Weighted).spec().clone();
    spec.owners[0].open_max = Some(5);
    let routing = Routing::new(spec).expect("still sound");
    let mut load = Load::replay(&routing, [], [("o0".to_owned(), 5)]);
    let mut owners = String::new();
    for second in 0..18 {
        if second == 10 {
            (0..5).for_each(|_| load.release("o0"));
        }
        let at = Timestamp::from_micros(second * SECOND);
        let given = route(&routing, &load, &Candidate::default(), at).given(at);
        let given = given.expect("o1 is never full");
        load.apply(&routing, &given);
        owners += &given.owner[1..];
    }
    // Ten passed by; the first is owed one lead of it, and the second owes one.
    assert_eq!(owners, "111111111100010101");
}

/// The usual short cuts, which the measure has to tell from a fair share.
#[test]
fn unfair_shares_are_noticed() {
    let weights = [3, 2, 1];
    assert!(is_fair(&weights, &[0, 1, 0, 2, 1, 0]));
    assert!(!is_fair(&weights, &[0, 0, 0, 1, 1, 2]), "in blocks");
    assert!(!is_fair(&weights, &[0, 1, 2, 0, 1, 2]), "without weights");
    assert!(!is_fair(&weights, &[0; 6]), "to the heaviest");
    // The most overdue first, without regard to what is due next: fails with many members.
    assert!(!is_fair(&GREEDY, &greedy(&GREEDY, 400)), "to the most overdue");
}

const GREEDY: [u32; 8] = [1, 1, 1, 1, 1, 1, 60, 100];

/// The turns of largest remainders: whoever is owed most.
fn greedy(weights: &[u32], n: usize) -> Vec<usize> {
    let whole: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let mut owed = vec![0_i64; weights.len()];
    let turn = |_| {
        owed.iter_mut().zip(weights).for_each(|(owed, weight)| *owed += i64::from(*weight));
        let most = (0..owed.len()).rev().max_by_key(|at| owed[*at]).expect("somebody");
        owed[most] -= whole;
        most
    };
    (0..n).map(turn).collect()
}
