//! Two conditions with nothing to pair their trials by.

use crate::descriptive::Sample;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};
use crate::paired::logs;
use crate::rank;

/// Ratio `a / b` of two independent samples, by which one would have to be multiplied to
/// have the other's distribution.
///
/// The value is exp of the Hodges-Lehmann shift, the median of ln(x/y) over all pairs of
/// a value of `a` and a value of `b`; the interval inverts the Mann-Whitney test, exactly
/// up to 120 values of both together. If the samples differ by a factor, this is the ratio of their
/// medians (and of any other quantile); if their shapes differ, it is the median ratio of
/// a random pair.
///
/// Needs 4 values each at 95 %, 5 at 99 % (or fewer against many more). Less precise than
/// [`paired::ratio`](crate::paired::ratio) where blocks drift: pair by block if you can.
///
/// # Errors
/// Values that are not finite or not above zero.
pub fn ratio(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let a_logs = Sample::new(&logs(a)?)?;
    let b_logs = Sample::new(&logs(b)?)?;
    shift(&a_logs, &b_logs, level, Statistic::Ratio, libm::exp)
}

/// Difference `a - b` of two independent samples, in their unit: as [`ratio`], for
/// samples that differ by a shift.
///
/// # Errors
/// Values that are not finite.
pub fn difference(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let a = Sample::new(a)?;
    let b = Sample::new(b)?;
    shift(&a, &b, level, Statistic::Difference, |shift| shift)
}

fn shift(
    a: &Sample,
    b: &Sample,
    level: Level,
    statistic: Statistic,
    back: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    let bound = if rank::mann_whitney_is_exact(a.len(), b.len()) {
        IntervalKind::MannWhitneyExact
    } else {
        IntervalKind::MannWhitneyNormal
    };
    let method = Method::new(statistic, bound);
    let centre = match rank::mann_whitney_depth(a.len(), b.len(), level) {
        None => None,
        Some(depth) => rank::difference_centre(a.values(), b.values(), &depth)?,
    };
    let Some(centre) = centre else {
        return Ok(Outcome::insufficient(
            a.len().min(b.len()),
            rank::mann_whitney_least_n(level),
            method,
        ));
    };
    let mut estimate = Estimate::new(
        back(centre.value),
        (back(centre.low), back(centre.high)),
        level,
        a.len(),
        method,
    )?
    .with_other_n(b.len());
    if let Some(achieved) = centre.achieved {
        estimate = estimate.with_achieved_level(achieved);
    }
    Ok(estimate
        .with_warnings(a.tie_warning())
        .with_warnings(b.tie_warning())
        .with_zero_width_warning()
        .into())
}
