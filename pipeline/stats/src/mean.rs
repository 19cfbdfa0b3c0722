//! Means.

use crate::descriptive::{Sample, check_finite, mean_of};
use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};
use crate::paired::{check_positive, logs};
use crate::ratio::{RatioOutcome, RatioSet, Unbounded};

/// Fewest values for a t interval. Two leave one degree of freedom: t is 12.7 at 95 %,
/// and nothing in the data could contradict the assumption of normality.
const LEAST_N: usize = 3;

/// Arithmetic mean of independent values with Student's t interval, which holds if the
/// mean is near enough to normal: for skewed values and small n it covers less than its
/// level. Needs 3 values.
///
/// For times; rates are averaged as total work over total time.
///
/// # Errors
/// Values that are not finite, or whose sum isn't.
pub fn mean(values: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::Mean, IntervalKind::StudentT);
    student_interval(values, level, method, |value| value)
}

/// Geometric mean of independent values above zero, with Student's t interval of their
/// logarithms: for ratios, and what varies by factors. Needs 3 values.
///
/// # Errors
/// Values that are not finite or not above zero.
pub fn geometric(values: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::GeometricMean, IntervalKind::LogT);
    student_interval(&logs(values)?, level, method, libm::exp)
}

/// Harmonic mean of independent values above zero, for rates over the same amount of work
/// each: the reciprocal of the mean reciprocal (the mean time), with the reciprocals of its
/// Student's t interval. Needs 3 values.
///
/// Where that reaches zero the rate isn't bounded above: see [`RatioOutcome`].
///
/// # Errors
/// Values that are not finite or not above zero.
pub fn harmonic(values: &[f64], level: Level) -> Result<RatioOutcome, StatsError> {
    let method = Method::new(Statistic::HarmonicMean, IntervalKind::ReciprocalT);
    check_positive(values)?;
    let reciprocals: Vec<f64> = values.iter().map(|value| 1.0 / value).collect();
    check_finite(&reciprocals).map_err(|_| StatsError::Overflow {
        statistic: method.statistic.short().into_owned(),
    })?;
    let estimate = match student_interval(&reciprocals, level, method, |value| value)? {
        Outcome::Estimate(estimate) => estimate,
        few @ Outcome::Insufficient(_) => return Ok(few.into()),
    };
    let (low, high) = (estimate.interval().low(), estimate.interval().high());
    if low <= 0.0 {
        return Ok(RatioOutcome::Unbounded(Unbounded {
            set: RatioSet::From { low: 1.0 / high },
            level,
            n: estimate.n(),
            other_n: None,
            method: estimate.method().clone(),
        }));
    }
    let ends = (1.0 / high, 1.0 / low);
    let (n, method) = (estimate.n(), estimate.method().clone());
    Ok(RatioOutcome::Estimate(
        Estimate::new(1.0 / estimate.value(), ends, level, n, method)?.with_zero_width_warning(),
    ))
}

/// Mean of independent values without the share `trim` of them at each end (0.2 is usual),
/// for symmetric values with wild ones among them: those don't move it, and the interval
/// counts them.
///
/// Of n values the g = floor(trim n) least and greatest are left out, h are kept. With SSW
/// the sum of squares of the winsorised sample (in which those left out are replaced by the
/// nearest kept) the error is sqrt(SSW / (h (h - 1))), and t has h - 1 degrees of freedom
/// (Tukey and McLaughlin 1963; Yuen 1974, eq. 2). It estimates the trimmed mean of where the
/// sample came from, which for skewed values is not the mean. Needs 3 values kept.
///
/// # Errors
/// Values that are not finite; a `trim` that isn't above 0 and below 0.5.
pub fn trimmed(values: &[f64], trim: f64, level: Level) -> Result<Outcome, StatsError> {
    if !(trim > 0.0 && trim < 0.5) {
        return Err(StatsError::Trim(trim));
    }
    let method = Method::new(Statistic::TrimmedMean { trim }, IntervalKind::TrimmedT);
    let sample = Sample::new(values)?;
    let n = sample.len();
    let cut = cut(n, trim);
    let kept = sample.values().get(cut..n - cut).unwrap_or_default();
    let ends = kept.first().zip(kept.last());
    let (Some(mean), Some((&least, &greatest)), true) =
        (mean_of(kept), ends, kept.len() >= LEAST_N)
    else {
        let needs = (n.max(LEAST_N - 1) + 1..)
            .find(|&n| n - 2 * self::cut(n, trim) >= LEAST_N)
            .unwrap_or(LEAST_N);
        return Ok(Outcome::insufficient(n, needs, method));
    };
    let winsorised: Vec<f64> = sample
        .values()
        .iter()
        .map(|value| value.clamp(least, greatest))
        .collect();
    let Some(moments) = Sample::new(&winsorised)?.moments(LEAST_N, &method.statistic)? else {
        return Ok(Outcome::insufficient(n, LEAST_N, method));
    };
    let h = kept.len() as f64;
    let error = (moments.variance * ((moments.n - 1.0) / (h * (h - 1.0)))).sqrt();
    let half = student_critical(level.tail(), h - 1.0) * error;
    let ends = (mean - half, mean + half);
    Ok(Estimate::new(mean, ends, level, n, method)?
        .with_zero_width_warning()
        .into())
}

/// How many of `n` values are left out at each end; 0.1 of 30 is 3, whatever binary makes
/// of it.
fn cut(n: usize, trim: f64) -> usize {
    (trim * n as f64 * (1.0 + 1e-12)).floor() as usize
}

/// Student's t interval of the mean of `values`, carried through `back`, which increases.
pub(crate) fn student_interval(
    values: &[f64],
    level: Level,
    method: Method,
    back: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    let sample = Sample::new(values)?;
    let n = sample.len();
    let (Some(mean), Some(deviation), true) =
        (sample.mean(), sample.standard_deviation(), n >= LEAST_N)
    else {
        return Ok(Outcome::insufficient(n, LEAST_N, method));
    };
    let half = student_critical(level.tail(), (n - 1) as f64) * deviation / (n as f64).sqrt();
    let ends = (back(mean - half), back(mean + half));
    let estimate = Estimate::new(back(mean), ends, level, n, method)?.with_zero_width_warning();
    Ok(estimate.into())
}
