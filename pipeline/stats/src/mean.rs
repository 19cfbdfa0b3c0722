//! Means.

use crate::descriptive::Sample;
use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};

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
