//! What must hold on every day of every business.

use std::collections::BTreeMap;

use leadfold_core::event::AssignmentCause;
use leadfold_core::routing::{
    Assignment, Candidate, Claim, Given, Load, Outcome, Routing, Verdict, claim, reassign, route,
};
use leadfold_core::{DAY, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::draw::{Deed, candidate, deeds, givens, hour, routing};
use super::naive::{self, Flaw, Past, Plain, named};

fn plain_of(assignment: &Assignment<'_>) -> Plain {
    let verdicts = assignment.considered.iter();
    Plain {
        rule: assignment.rule.map(str::to_owned),
        to: named(assignment.to),
        verdicts: verdicts.map(|c| (c.owner.to_owned(), c.verdict)).collect(),
    }
}

/// Plays some days, and shows each decision with what was known before it.
fn play(
    routing: &Routing,
    deeds: &[Deed],
    mut look: impl FnMut(&Load, &Past, &Candidate, Timestamp) -> Result<(), TestCaseError>,
) -> Result<(Load, Past), TestCaseError> {
    let (mut load, mut past, mut hours) = (Load::default(), Past::default(), 0);
    for deed in deeds {
        match deed {
            Deed::Close(n) => {
                let owners = &routing.spec().owners;
                let owner = &owners[n % owners.len()].name;
                load.release(owner);
                past.open.entry(owner.clone()).and_modify(|open| *open = open.saturating_sub(1));
            }
            Deed::Lead(after, lead) => {
                hours += after;
                look(&load, &past, lead, hour(hours))?;
                let assignment = route(routing, &load, lead, hour(hours));
                if let Some(given) = assignment.given(hour(hours)) {
                    load.apply(routing, &given);
                    *past.open.entry(given.owner.clone()).or_default() += 1;
                    past.given.push(given);
                }
            }
        }
    }
    Ok((load, past))
}

type Decide<'d> = dyn Fn(&Routing, &Load, &Past, &Candidate, Timestamp) -> Plain + 'd;

fn agrees(routing: &Routing, deeds: &[Deed], decide: &Decide<'_>) -> Result<(), TestCaseError> {
    play(routing, deeds, |load, past, lead, at| {
        let expected = naive::route(routing.spec(), past, lead, at, Flaw::None);
        prop_assert_eq!(decide(routing, load, past, lead, at), expected);
        Ok(())
    })
    .map(drop)
}

#[test]
fn every_flaw_of_a_decision_is_noticed() {
    for flaw in Flaw::ALL {
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let found = TestRunner::new(config).run(&(routing(), deeds()), |(routing, deeds)| {
            agrees(&routing, &deeds, &|routing, _, past, lead, at| {
                naive::route(routing.spec(), past, lead, at, flaw)
            })
        });
        assert!(found.is_err(), "{flaw:?} went unnoticed");
    }
}

/// The most leads that an owner got in any 24 hours.
fn busiest_day(given: &[Given], owner: &str) -> usize {
    let times: Vec<i64> =
        given.iter().filter(|g| g.owner == owner).map(|given| given.at.micros()).collect();
    let within = |end: &i64| times.iter().filter(|at| **at <= *end && **at > end - DAY).count();
    times.iter().map(within).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn a_decision_is_that_of_the_oracle(routing in routing(), deeds in deeds()) {
        agrees(&routing, &deeds, &|routing, load, _, lead, at| {
            plain_of(&route(routing, load, lead, at))
        })?;
    }

    #[test]
    fn a_decision_over_anybodys_past_is_that_of_the_oracle(
        routing in routing(),
        given in givens(),
        open in vec(0..4_u32, 7),
        lead in candidate(),
        hours in 0..120_i64,
    ) {
        let open: BTreeMap<String, u32> =
            open.into_iter().zip(0..).map(|(open, n)| (format!("o{n}"), open)).collect();
        let load = Load::replay(&routing, given.clone(), open.clone());
        let past = Past { given, open };
        let expected = naive::route(routing.spec(), &past, &lead, hour(hours), Flaw::None);
        prop_assert_eq!(plain_of(&route(&routing, &load, &lead, hour(hours))), expected);
    }

    #[test]
    fn nobody_gets_more_than_they_take(routing in routing(), deeds in deeds()) {
        let (_, past) = play(&routing, &deeds, |load, _, lead, at| {
            let assignment = route(&routing, load, lead, at);
            let Some(owner) = assignment.owner() else { return Ok(()) };
            let owner = routing.spec().owners.iter().find(|o| o.name == owner).expect("listed");
            prop_assert!(owner.open_max.is_none_or(|most| load.open(&owner.name) < most));
            prop_assert!(owner.left_at.is_none_or(|left| at < left));
            prop_assert!(owner.absences.iter().all(|away| at < away.from || away.to <= at));
            Ok(())
        })?;
        for owner in &routing.spec().owners {
            let most = owner.capacity.map_or(usize::MAX, |month| (month as usize + 15) / 30);
            prop_assert!(busiest_day(&past.given, &owner.name) <= most);
        }
    }

    #[test]
    fn equal_pasts_give_equal_decisions(routing in routing(), deeds in deeds()) {
        let (load, past) = play(&routing, &deeds, |_, _, _, _| Ok(()))?;
        let replayed = Load::replay(&routing, past.given.clone(), past.open.clone());
        for owner in &routing.spec().owners {
            prop_assert_eq!(replayed.open(&owner.name), load.open(&owner.name));
        }
        let lead = Candidate::default();
        prop_assert_eq!(
            route(&routing, &replayed, &lead, hour(500)),
            route(&routing, &load, &lead, hour(500))
        );
    }

    #[test]
    fn an_explanation_is_complete(routing in routing(), deeds in deeds()) {
        play(&routing, &deeds, |load, _, lead, at| {
            let assignment = route(&routing, load, lead, at);
            let chosen: Vec<&str> = assignment
                .considered
                .iter()
                .filter(|c| c.verdict == Verdict::Chosen)
                .map(|c| c.owner)
                .collect();
            prop_assert_eq!(chosen, Vec::from_iter(assignment.owner()));
            match assignment.to {
                Outcome::NobodyFree => {
                    prop_assert!(!assignment.considered.is_empty());
                    let free = |c: &Verdict| matches!(c, Verdict::Passed | Verdict::Chosen);
                    prop_assert!(!assignment.considered.iter().any(|c| free(&c.verdict)));
                }
                Outcome::NoRule => prop_assert_eq!(assignment.rule, None),
                _ => {}
            }
            prop_assert_eq!(assignment.cause.is_some(), matches!(
                assignment.to,
                Outcome::Owner(_) | Outcome::Queue(_)
            ));
            Ok(())
        })?;
    }

    #[test]
    fn a_claim_has_one_winner_in_any_order_of_arrival(
        routing in routing(),
        drawn in vec((0..8_usize, 0..4_i64), 0..8),
        turn in any::<prop::sample::Index>(),
    ) {
        let claims = drawn.iter().zip((0..).map(|n: u64| n * 5 % 11));
        let claims: Vec<Claim> = claims
            .map(|((n, hours), position)| {
                Claim { owner: format!("o{n}"), at: hour(*hours), position }
            })
            .collect();
        let load = Load::default();
        let decision = claim(&routing, &load, "q", &claims).expect("the queue is listed");
        prop_assert_eq!(decision.considered.len(), claims.len());

        let past = Past::default();
        let is_valid = |claim: &&Claim| {
            let owner = routing.spec().owners.iter().find(|owner| owner.name == claim.owner);
            owner.is_some_and(|o| naive::hindrance(o, &past, claim.at, Flaw::None).is_none())
        };
        let first = claims.iter().filter(is_valid).min_by_key(|c| (c.at, c.position));
        prop_assert_eq!(decision.owner(), first.map(|claim| &*claim.owner));
        let won = decision.considered.iter().filter(|c| c.verdict == Verdict::Chosen).count();
        prop_assert_eq!(won, usize::from(first.is_some()));

        let mut turned = claims.clone();
        if !turned.is_empty() {
            turned.rotate_left(turn.index(claims.len()));
        }
        prop_assert_eq!(claim(&routing, &load, "q", &turned), Some(decision));
    }

    #[test]
    fn a_leavers_leads_are_routed_one_after_the_other_and_never_back(
        routing in routing(),
        deeds in deeds(),
        leads in vec(candidate(), 0..8),
    ) {
        let (load, past) = play(&routing, &deeds, |_, _, _, _| Ok(()))?;
        let leaver = routing.spec().owners[0].name.clone();
        let found = reassign(&routing, &load, &leaver, &leads, hour(480));

        // As though the routing said that the leaver is gone.
        let mut spec = routing.spec().clone();
        let left_at = &mut spec.owners[0].left_at;
        *left_at = left_at.or(Some(hour(480))).min(Some(hour(480)));
        let routing = Routing::new(spec).expect("still sound");
        let mut load = Load::replay(&routing, past.given, past.open);
        let mut owners: BTreeMap<&str, u32> = BTreeMap::new();
        for (lead, found) in leads.iter().zip(&found) {
            let mut expected = route(&routing, &load, lead, hour(480));
            expected.cause = expected.cause.map(|_| AssignmentCause::Leaver);
            prop_assert_eq!(found, &expected);
            expected.given(hour(480)).iter().for_each(|given| load.apply(&routing, given));
            *owners.entry(found.owner().unwrap_or("")).or_default() += 1;
        }
        prop_assert_eq!(found.len(), leads.len());
        prop_assert!(!owners.contains_key(&*leaver));
    }
}
