//! From contracts to cohorts, against counting each renewal of each customer.

use std::num::NonZeroU32;

use leadfold_clv::{Cohort, Contract, Renewal, Tenure, Term};
use leadfold_core::{DAY, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::draw::assert_caught;
use crate::simulated::Dice;

fn tenures() -> impl Strategy<Value = Vec<Tenure>> {
    let tenure =
        (0_u32..6, any::<bool>()).prop_map(|(renewals, is_lost)| Tenure { renewals, is_lost });
    // At least one whose second renewal was due.
    proptest::collection::vec(tenure, 0..20).prop_map(|mut all| {
        all.push(Tenure { renewals: 2, is_lost: false });
        all
    })
}

/// Customer by customer and renewal by renewal.
fn naive(tenures: &[Tenure]) -> Vec<Renewal> {
    let renewal = |i: u32| {
        let kept = tenures.iter().filter(|one| one.renewals > i).count() as u64;
        let lost = tenures.iter().filter(|one| one.renewals == i && one.is_lost).count() as u64;
        Renewal { lost, kept }
    };
    (0..).map(renewal).take_while(|renewal| renewal.lost + renewal.kept > 0).collect()
}

fn counts_each_renewal(tenures: &[Tenure], counted: &[Tenure]) -> TestCaseResult {
    let cohort = Cohort::of(counted.iter().copied()).expect("the second renewal was due");
    prop_assert_eq!(cohort.renewals(), naive(tenures));
    prop_assert_eq!(cohort.customers(), tenures.len() as u64);
    Ok(())
}

proptest! {
    #[test]
    fn each_renewal_counts_who_is_there(tenures in tenures()) {
        counts_each_renewal(&tenures, &tenures)?;
    }

    #[test]
    fn customers_who_came_together_are_a_cohort(
        lost in proptest::collection::vec(0_u32..9, 2..6),
        alive in 1_u32..9,
    ) {
        let left = (0..).zip(&lost).flat_map(|(renewals, lost)| {
            (0..*lost).map(move |_| Tenure { renewals, is_lost: true })
        });
        let stays = Tenure { renewals: lost.len() as u32, is_lost: false };
        let all = left.chain((0..alive).map(|_| stays));
        prop_assert_eq!(Cohort::of(all), Cohort::new(lost.clone(), alive));
    }

    /// A contract, seen at any time, against each renewal on its own.
    #[test]
    fn a_renewal_counts_once_it_is_known_of_all(case in contracts()) {
        counts_what_is_known(&case, Contract::tenure)?;
    }

    /// Hour by hour a customer renews once a term, and never less often for being seen longer.
    #[test]
    fn a_contract_renews_once_a_term(hours in 0_i64..5_000, term in 1_u32..40, grace in 0_u32..20) {
        let contract = Contract { began: hour(7), until: None, is_churned: false };
        let term = days(term).with_grace(grace);
        let renewals = |hours: i64| contract.tenure(hour(7 + hours), term).renewals;
        let days = hours as f64 / 24.0 - term.grace_days();
        prop_assert_eq!(renewals(hours), (days / term.days()).max(0.0) as u32);
        prop_assert!(renewals(hours + 1) >= renewals(hours));
        let over = Contract { until: Some(hour(7 + hours)), is_churned: true, ..contract };
        let tenure = over.tenure(hour(1_000_000), term);
        // The renewal that was not made is the first one due, or the next after the grace.
        prop_assert!(tenure.is_lost);
        prop_assert!(f64::from(tenure.renewals + 1) * term.days() >= days);
        prop_assert!(tenure.renewals == 0 || f64::from(tenure.renewals) * term.days() < days);
        let lost_from_sight = Contract { is_churned: false, ..over };
        let seen = lost_from_sight.tenure(hour(1_000_000), term);
        prop_assert_eq!(seen, Tenure { renewals: renewals(hours), is_lost: false });
    }
}

/// A contract, when it is looked at, and its term.
type Case = (Contract, Timestamp, Term);

fn hour(n: i64) -> Timestamp {
    Timestamp::from_micros(n * (DAY / 24))
}

fn days(days: u32) -> Term {
    Term::of_days(NonZeroU32::new(days).expect("it is above 0"))
}

fn contracts() -> impl Strategy<Value = Case> {
    let until = proptest::option::of(0_i64..3_000);
    let term = (1_u32..40, 0_u32..20);
    (until, any::<bool>(), 0_i64..3_000, term).prop_map(|(until, is_churned, now, term)| {
        let is_churned = is_churned && until.is_some();
        let contract = Contract { began: hour(0), until: until.map(hour), is_churned };
        (contract, hour(now), days(term.0).with_grace(term.1))
    })
}

/// Renewal by renewal: each is known of a customer when its grace is over, whatever became of the
/// customer, and of one who was lost from sight while there was one to see.
fn counts_what_is_known(
    (contract, now, term): &Case,
    tenure: fn(&Contract, Timestamp, Term) -> Tenure,
) -> TestCaseResult {
    let known =
        |renewal: u32| hour(24 * (f64::from(renewal) * term.days() + term.grace_days()) as i64);
    let (until, has_churned) = (contract.until.unwrap_or(*now), contract.has_churned(*now));
    let is_seen = |renewal: u32| known(renewal) <= *now && (has_churned || known(renewal) <= until);
    let is_made = |renewal: u32| !has_churned || known(renewal) < until;
    let due: Vec<u32> = (1..).take_while(|renewal| is_seen(*renewal)).collect();
    let renewals = due.iter().take_while(|renewal| is_made(**renewal)).count();
    let is_lost = renewals < due.len();
    let renewals = renewals as u32;
    prop_assert_eq!(tenure(contract, *now, *term), Tenure { renewals, is_lost });
    Ok(())
}

/// At the very instant at which a renewal is due it is due, of months and years as of days, and an
/// end at that instant means that one; a microsecond decides.
#[test]
fn a_microsecond_decides_what_is_due() {
    let months = |months| Term::of_months(NonZeroU32::new(months).expect("it is above 0"));
    for term in [months(1), months(3), months(12), days(1), days(7), days(365)] {
        for (grace, renewal) in
            [0, 1, 9].into_iter().flat_map(|grace| (1..400).map(move |n| (grace, n)))
        {
            let term = term.with_grace(grace);
            let due =
                i64::try_from(term.due(renewal)).expect("it is soon") + i64::from(grace) * DAY;
            let began = Timestamp::from_micros(1_577_836_800_000_000);
            let at = |micros: i64| Timestamp::from_micros(began.micros() + micros);
            let lasts = Contract { began, until: None, is_churned: false };
            let seen = [due - 1, due].map(|micros| lasts.tenure(at(micros), term).renewals);
            assert_eq!(seen, [renewal - 1, renewal], "{term:?}");
            let ends = |micros| Contract { until: Some(at(micros)), is_churned: true, ..lasts };
            let later = at(2 * due + 5_000 * DAY);
            let lost = [due - 1, due, due + 1].map(|micros| ends(micros).tenure(later, term));
            let expected = [renewal - 1, renewal - 1, renewal];
            assert_eq!(
                lost,
                expected.map(|renewals| Tenure { renewals, is_lost: true }),
                "{term:?}"
            );
        }
    }
}

/// Losses that count before the renewals of those who stay.
#[test]
fn the_law_of_renewals_catches_what_is_broken() {
    assert_caught(contracts(), |case| {
        counts_what_is_known(&case, |contract, now, term| {
            let has_churned = contract.has_churned(now);
            Tenure { is_lost: has_churned, ..contract.tenure(now, term) }
        })
    });
}

/// Of customers who come at any time and renew with the same chance each time, the share that
/// renewed is that chance, however many of the last were lost before their renewal was due.
#[test]
fn retention_is_what_it_is_whenever_customers_come() {
    let mut dice = Dice(0x5eed);
    let (term, now) = (days(90).with_grace(5), hour(24 * 730));
    let mut customer = || {
        let began = (dice.next() * 730.0 * 24.0) as i64;
        let lost = (1_i64..).find(|_| dice.next() > 0.7).expect("nobody stays for ever");
        let until = hour(began + 24 * 90 * lost - (dice.next() * 24.0 * 85.0) as i64);
        let has_churned = until <= now;
        let until = has_churned.then_some(until);
        Contract { began: hour(began), until, is_churned: has_churned }.tenure(now, term)
    };
    let cohort = Cohort::of((0..20_000).map(|_| customer())).expect("two renewals were due");
    let sum = |of: fn(&Renewal) -> u64| cohort.renewals().iter().map(of).sum::<u64>() as f64;
    let (kept, lost) = (sum(|row| row.kept), sum(|row| row.lost));
    let share = kept / (kept + lost);
    // Four standard errors.
    assert!((share - 0.7).abs() < 4.0 * (0.21 / (kept + lost)).sqrt(), "{share}");
}

#[test]
fn customers_whose_second_renewal_is_not_due_are_refused() {
    let tenures = [Tenure { renewals: 1, is_lost: false }, Tenure { renewals: 0, is_lost: true }];
    let error = Cohort::of(tenures).expect_err("nobody had a second renewal");
    assert_eq!((error.periods, error.customers), (1, 1));
    assert_eq!(Cohort::of([]).expect_err("nobody is there").periods, 0);
}

/// A customer too few is caught.
#[test]
fn the_law_catches_what_is_broken() {
    assert_caught(tenures(), |tenures| counts_each_renewal(&tenures, &tenures[1..]));
}
