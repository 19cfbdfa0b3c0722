//! Spread: variance, standard deviation, coefficient of variation.
//!
//! These intervals suppose normal values, and more strictly than those of means do: no
//! number of values makes up for a heavy tail. For other values see [`crate::bootstrap`].

use crate::descriptive::{Moments, Sample};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::gamma::{chi_squared_lower, chi_squared_upper};
use crate::hypothesis::LEAST_N;
use crate::method::{IntervalKind, Method, Statistic};
use crate::noncentral::noncentrality;
use crate::paired::check_positive;
use crate::ratio::{RatioOutcome, RatioSet, Unbounded};

/// Variance of independent normal values, in the square of their unit: from (n-1) s^2 over
/// the upper to the same over the lower quantile of chi-squared with n - 1 degrees of
/// freedom. Needs 3 values.
///
/// # Errors
/// Values that are not finite.
pub fn variance(values: &[f64], level: Level) -> Result<Outcome, StatsError> {
    chi_squared(values, level, Statistic::Variance, |variance| variance)
}

/// Standard deviation of independent normal values: the square root of [`variance`] and
/// its interval.
///
/// # Errors
/// Values that are not finite.
pub fn standard_deviation(values: &[f64], level: Level) -> Result<Outcome, StatsError> {
    chi_squared(values, level, Statistic::StandardDeviation, f64::sqrt)
}

fn chi_squared(
    values: &[f64],
    level: Level,
    statistic: Statistic,
    scale: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    let method = Method::new(statistic, IntervalKind::ChiSquared);
    let Some(Moments { n, variance, .. }) =
        Sample::new(values)?.moments(LEAST_N, &method.statistic)?
    else {
        return Ok(Outcome::insufficient(values.len(), LEAST_N, method));
    };
    let df = n - 1.0;
    let ends = (
        scale(variance * (df / chi_squared_upper(level.tail(), df))),
        scale(variance * (df / chi_squared_lower(level.tail(), df))),
    );
    Ok(
        Estimate::new(scale(variance), ends, level, values.len(), method)?
            .with_zero_width_warning()
            .into(),
    )
}

/// Coefficient of variation, s over the mean, of independent normal values above zero.
///
/// sqrt(n) over the coefficient has the noncentral t distribution of n - 1 degrees of
/// freedom, with sqrt(n) over the true one as its noncentrality, so the interval is exact
/// (S. Verrill and R. A. Johnson, Confidence bounds and hypothesis tests for normal
/// distribution coefficients of variation, Commun. Stat. Theory Methods 36 (2007)
/// 2187-2206); McKay's and Vangel's are approximations of it for small coefficients, and
/// have no upper end for large ones. Where it has none itself the mean can't be told from
/// zero: see [`RatioOutcome`]. Needs 3 values.
///
/// # Errors
/// Values that are not finite or not above zero.
pub fn coefficient_of_variation(values: &[f64], level: Level) -> Result<RatioOutcome, StatsError> {
    let method = Method::new(Statistic::CoefficientOfVariation, IntervalKind::NoncentralT);
    check_positive(values)?;
    let count = values.len();
    let Some(Moments { n, mean, variance }) =
        Sample::new(values)?.moments(LEAST_N, &method.statistic)?
    else {
        return Ok(RatioOutcome::insufficient(count, LEAST_N, method));
    };
    let value = variance.sqrt() / mean;
    let root = n.sqrt();
    if value == 0.0 {
        let estimate = Estimate::new(0.0, (0.0, 0.0), level, count, method)?;
        return Ok(RatioOutcome::Estimate(estimate.with_zero_width_warning()));
    }
    let (least, most) = noncentrality(root / value, n - 1.0, level.tail());
    let low = root / most;
    Ok(if least > 0.0 {
        let ends = (low, root / least);
        RatioOutcome::Estimate(Estimate::new(value, ends, level, count, method)?)
    } else {
        RatioOutcome::Unbounded(Unbounded {
            set: RatioSet::From { low },
            level,
            n: count,
            other_n: None,
            method,
        })
    })
}
