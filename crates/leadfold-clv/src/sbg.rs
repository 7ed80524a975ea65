//! The shifted beta-geometric model: customers by contract who renew, or do not, period by period.
//!
//! Fader and Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21
//! (2007), and Customer-Base Valuation in a Contractual Setting, Marketing Science 29 (2010). Each
//! customer leaves at every renewal with a probability of their own; these are beta distributed
//! (`alpha`, `beta`). Of those who are there before the renewal number i (from 1), alpha in
//! alpha + beta + i - 1 leave: the ready leave first.

#[cfg(test)]
mod slope_test;

use crate::lifetime::discounted_lifetime;
use crate::newton::{EVALUATIONS_MAX, Search, Slope};
use crate::{Fit, FitError, Model};

/// What became of customers at their renewals: those who came at the same time, or at times of their
/// own and were watched for as long as it was.
///
/// ```
/// # use leadfold_clv::Cohort;
/// let cohort = Cohort::new(vec![131, 126, 90, 60], 593)?;
/// assert_eq!(cohort.customers(), 1000);
/// # Ok::<(), leadfold_clv::BadCohort>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cohort {
    customers: u64,
    renewals: Vec<Renewal>,
}

/// A renewal, the first of all customers, the second, and so on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Renewal {
    /// Customers who did not renew.
    pub lost: u64,
    /// Customers who did.
    pub kept: u64,
}

/// How long a customer stayed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tenure {
    /// How often the customer renewed.
    pub renewals: u32,
    /// Whether the customer left at the renewal after that; otherwise nobody's is known yet who
    /// came then: it is not due, or still open.
    pub is_lost: bool,
}

/// Customers who say nothing of how retention changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "customers cannot tell how retention changes: expected at least 2 periods and a customer in \
     the second, found {periods} periods and {customers} customers in the second; wait for \
     another period"
)]
pub struct BadCohort {
    /// Periods whose ends were seen.
    pub periods: usize,
    /// Customers who were still there in the second.
    pub customers: u64,
}

impl Cohort {
    /// Customers who did not renew at the end of the first period, of the second, and so on, and
    /// those who renewed at the end of the last.
    ///
    /// # Errors
    /// When fewer than two periods have customers.
    pub fn new(lost: Vec<u32>, alive: u32) -> Result<Self, BadCohort> {
        let mut here = u64::from(alive) + lost.iter().copied().map(u64::from).sum::<u64>();
        let customers = here;
        let renewal = |lost: u32| {
            here -= u64::from(lost);
            Renewal { lost: u64::from(lost), kept: here }
        };
        Self { customers, renewals: lost.into_iter().map(renewal).collect() }.checked()
    }

    /// Customers by how long they stayed, each until leaving or until now. When they came does not
    /// matter: what is not due yet says nothing.
    ///
    /// # Errors
    /// When the second renewal was due of nobody.
    pub fn of(tenures: impl IntoIterator<Item = Tenure>) -> Result<Self, BadCohort> {
        let mut last: Vec<Renewal> = Vec::new();
        for Tenure { renewals, is_lost } in tenures {
            let renewals = renewals as usize;
            last.resize_with(last.len().max(renewals + 1), Renewal::default);
            last[renewals].lost += u64::from(is_lost);
            last[renewals].kept += u64::from(!is_lost);
        }
        // Who left or was last seen at a later renewal has renewed at those before.
        let customers = last.iter().map(|here| here.lost + here.kept).sum();
        let mut kept = customers;
        let renewal = |here: &Renewal| {
            kept -= here.lost + here.kept;
            Renewal { lost: here.lost, kept }
        };
        let mut renewals: Vec<Renewal> = last.iter().map(renewal).collect();
        // The next one was due of nobody yet.
        renewals.pop_if(|next| next.lost + next.kept == 0);
        Self { customers, renewals }.checked()
    }

    fn checked(self) -> Result<Self, BadCohort> {
        let periods = self.renewals.len();
        let customers = self.renewals.first().map_or(0, |first| first.kept);
        let is_enough = periods >= 2 && customers > 0;
        if is_enough { Ok(self) } else { Err(BadCohort { periods, customers }) }
    }

    /// How many customers came.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The renewals that were due, in their order.
    pub fn renewals(&self) -> &[Renewal] {
        &self.renewals
    }
}

/// Shifted beta-geometric: how long contracts last.
///
/// ```
/// # use leadfold_clv::ShiftedBetaGeometric;
/// let model = ShiftedBetaGeometric { alpha: 0.668, beta: 3.806 };
/// assert!((model.survival(8) - 0.460).abs() < 1e-3);
/// let yearly = 0.1;
/// assert!((model.discounted(yearly) - 5.92).abs() < 1e-2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftedBetaGeometric {
    /// First parameter of the probabilities of leaving.
    pub alpha: f64,
    /// Second parameter.
    pub beta: f64,
}

impl Model<2> for ShiftedBetaGeometric {
    const NAMES: [&'static str; 2] = ["alpha", "beta"];

    fn of([alpha, beta]: [f64; 2]) -> Self {
        Self { alpha, beta }
    }

    fn parameters(&self) -> [f64; 2] {
        [self.alpha, self.beta]
    }
}

/// Nobody leaves; customers are all alike; they leave at once or never.
const RIDGES: [[f64; 2]; 3] = [[-1.0, 0.0], [1.0, 1.0], [-1.0, -1.0]];
/// A term this much smaller than the sum, with all that follow, changes nothing.
const NEGLIGIBLE: f64 = 1e-17;
/// Terms that are added one by one. The rest is close to an integral, to 11 digits.
const TERMS_MAX: u32 = 100_000;

impl ShiftedBetaGeometric {
    /// The parameters that make the cohort's losses likeliest.
    ///
    /// # Errors
    /// [`FitError::NotConverged`] when no maximum is found.
    pub fn fit(cohort: &Cohort) -> Result<Fit<Self, 2>, FitError> {
        let weight = cohort.customers() as f64;
        let search = Search { names: Self::NAMES, ridges: &RIDGES, weight };
        let peak = search.maximise([1.0, 1.0], |at| slope(cohort, at));
        peak.map(Fit::of).ok_or(FitError::NotConverged { evaluations: EVALUATIONS_MAX })
    }

    /// The logarithm of the likelihood of the cohort's losses.
    pub fn log_likelihood(&self, cohort: &Cohort) -> f64 {
        slope(cohort, &self.parameters()).value
    }

    /// The share of customers who are there after so many renewals.
    pub fn survival(&self, renewals: u32) -> f64 {
        (1..=renewals).map(|renewal| self.retention(renewal)).product()
    }

    /// Of the customers who are there before a renewal, the share that renews; the first renewal
    /// is number 1. It grows from one to the next.
    pub fn retention(&self, renewal: u32) -> f64 {
        let stay = self.beta + (f64::from(renewal) - 1.0);
        stay / (self.alpha + stay)
    }

    /// The periods to be expected of a new customer, each worth the less the later: a period after
    /// another counts 1/(1+`rate`) of it. The first, paid on coming, counts in full. Without a
    /// rate the sum is infinite where `alpha` is up to 1.
    ///
    /// Discounted expected lifetime.
    pub fn discounted(&self, rate: f64) -> f64 {
        self.discounted_from(0, rate)
    }

    /// The same of a customer of the period number `period`, from 1, whose next renewal is due
    /// now: the chance to renew is in it.
    ///
    /// Discounted expected residual lifetime.
    pub fn discounted_residual(&self, period: u32, rate: f64) -> f64 {
        self.retention(period) * self.discounted_from(period, rate)
    }

    /// The sum of (beta+n)(beta+n+1)... / (alpha+beta+n)(...) / (1+rate)^k, positive throughout.
    fn discounted_from(&self, renewals: u32, rate: f64) -> f64 {
        if rate <= 0.0 {
            return self.undiscounted_from(renewals);
        }
        let (stay, interest) = (self.beta + f64::from(renewals), rate.ln_1p());
        let (mut there, mut sum) = (1.0, 0.0);
        for k in 0..TERMS_MAX {
            // Dividing by 1 + rate again and again would add up its rounding.
            let term = there * (-interest * f64::from(k)).exp();
            if term <= sum * NEGLIGIBLE * rate.min(1.0) {
                return sum;
            }
            sum += term;
            let stay = stay + f64::from(k);
            there *= stay / (self.alpha + stay);
        }
        let last = there * (-interest * f64::from(TERMS_MAX)).exp();
        sum + last * self.rest(stay + f64::from(TERMS_MAX), interest)
    }

    /// The sum of the terms from one on, over that one. A term after another u is nearly
    /// (c/(c+u))^alpha exp(-interest u) of it, c = stay + (alpha-1)/2, and a sum is nearly the integral
    /// from half a step before it.
    fn rest(&self, stay: f64, interest: f64) -> f64 {
        let c = stay + (self.alpha - 1.0) / 2.0;
        let half_before = self.alpha * (0.5 / (c - 0.5)).ln_1p() + interest / 2.0;
        half_before.exp() * discounted_lifetime(self.alpha, c - 0.5, interest)
    }

    fn undiscounted_from(&self, renewals: u32) -> f64 {
        let rest = self.alpha - 1.0;
        let all = self.beta + f64::from(renewals) + rest;
        if rest > 0.0 { all / rest } else { f64::INFINITY }
    }
}

/// Value, gradient and Hessian by alpha and beta: of every renewal, alpha against beta + i - 1.
fn slope(cohort: &Cohort, &[alpha, beta]: &[f64; 2]) -> Slope<2> {
    let mut slope = Slope::ZERO;
    for (i, renewal) in cohort.renewals.iter().enumerate() {
        let (lost, kept) = (renewal.lost as f64, renewal.kept as f64);
        let stay = beta + i as f64;
        let all = alpha + stay;
        let square = (lost + kept) / (all * all);
        slope.value -= lost * (stay / alpha).ln_1p() + kept * (alpha / stay).ln_1p();
        slope.gradient[0] += (lost * stay / alpha - kept) / all;
        slope.gradient[1] += (kept * alpha / stay - lost) / all;
        slope.hessian[0][0] += square - lost / (alpha * alpha);
        slope.hessian[0][1] += square;
        slope.hessian[1][0] += square;
        slope.hessian[1][1] += square - kept / (stay * stay);
    }
    slope
}
