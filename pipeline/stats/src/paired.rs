//! Two conditions measured in the same blocks.

use crate::descriptive::{Sample, check_finite};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::hypothesis::{LEAST_N, differences};
use crate::mean::student_interval;
use crate::method::{IntervalKind, Method, Statistic};
use crate::quantile;
use crate::rank;
use crate::ratio::{Fieller, RatioOutcome};

/// Ratio `a / b` of two conditions, paired by block: `a[i]` and `b[i]` are from block i.
///
/// The value is exp of the pseudo-median (Hodges and Lehmann) of ln(a/b), the median of
/// the averages of all pairs of log ratios; the interval inverts Wilcoxon's signed-rank
/// test, exactly up to 120 blocks. Both stay the same when the unit changes, and
/// `ratio(b, a)` is their reciprocal.
///
/// Assumes blocks independent and log ratios symmetric about their centre, as they are
/// when the conditions differ by a factor and are exchangeable apart from it; no more
/// than that of their distribution. Single wild blocks move it little. Where log ratios
/// are skewed it speaks of the pseudo-median, which then differs from the median.
///
/// Needs 6 blocks at 95 %, 8 at 99 %.
///
/// # Errors
/// Values that are not finite or not above zero; samples of different lengths.
pub fn ratio(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let a_logs = logs(a)?;
    let b_logs = logs(b)?;
    centre(&a_logs, &b_logs, level, Statistic::PairedRatio, libm::exp)
}

/// Difference `a - b` of two conditions, paired by block, in the unit of the samples.
/// As [`ratio`], on the differences themselves, of which it assumes the same.
///
/// # Errors
/// Values that are not finite; samples of different lengths.
pub fn difference(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    check_finite(a)?;
    check_finite(b)?;
    centre(a, b, level, Statistic::PairedDifference, |difference| {
        difference
    })
}

/// Difference of means `a - b` within blocks, with Student's t interval of the differences.
/// Needs 3 blocks; assumes that their mean is near enough to normal.
///
/// # Errors
/// Values that are not finite; samples of different lengths.
pub fn mean_difference(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let differences = differences(a, b)?;
    let method = Method::new(Statistic::PairedMeanDifference, IntervalKind::StudentT);
    student_interval(&differences, level, method, |value| value)
}

/// Geometric mean of the ratios `a[i] / b[i]` within blocks, with Student's t interval of
/// their logarithms: the parametric counterpart of [`ratio`]. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite or not above zero; samples of different lengths.
pub fn geometric_ratio(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let differences = differences(&logs(a)?, &logs(b)?)?;
    let method = Method::new(Statistic::PairedGeometricRatio, IntervalKind::LogT);
    student_interval(&differences, level, method, libm::exp)
}

/// Ratio of means, of `a` to `b`, of the same blocks, with Fieller's interval: total work
/// over total work, not the mean of ratios.
///
/// With x and y the means, vx, vy and c the variances and the covariance of the means and
/// t Student's of n - 1 degrees of freedom, the ratios r that are not refuted are those
/// with (x - r y)^2 <= t^2 (vx - 2 r c + r^2 vy) (Fieller 1954): an interval if y differs
/// from zero, and otherwise not: see [`RatioOutcome`]. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite; samples of different lengths; `b` with a mean of zero.
pub fn mean_ratio(a: &[f64], b: &[f64], level: Level) -> Result<RatioOutcome, StatsError> {
    let method = Method::new(Statistic::PairedMeanRatio, IntervalKind::Fieller);
    // Checks both; the differences give the covariance in an order-free way.
    let difference = Sample::new(&differences(a, b)?)?;
    let (Some(x), Some(y), Some(z)) = (
        Sample::new(a)?.moments(LEAST_N, &method.statistic)?,
        Sample::new(b)?.moments(LEAST_N, &method.statistic)?,
        difference.moments(LEAST_N, &method.statistic)?,
    ) else {
        return Ok(RatioOutcome::insufficient(a.len(), LEAST_N, method));
    };
    let ratio = Fieller {
        means: (x.mean, y.mean),
        variances: (x.of_mean(), y.of_mean()),
        covariance: (x.of_mean() + y.of_mean() - z.of_mean()) / 2.0,
    };
    ratio.interval(x.n - 1.0, level, method, (a.len(), None))
}

/// Median of the differences `a[i] - b[i]` within blocks, with its order-statistic
/// interval. Supposes no symmetry of the differences, as [`difference`] does, and is wider.
///
/// # Errors
/// Values that are not finite; samples of different lengths.
pub fn median_difference(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let differences = differences(a, b)?;
    let statistic = Statistic::PairedMedianDifference;
    quantile::order_statistic(&differences, 0.5, level, statistic)
}

/// Median of the ratios `a[i] / b[i]` within blocks, with its order-statistic interval.
/// Supposes no symmetry of their logarithms, as [`ratio`] does, and is wider.
///
/// # Errors
/// Values that are not finite or not above zero; samples of different lengths.
pub fn median_ratio(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    check_positive(a)?;
    check_positive(b)?;
    if a.len() != b.len() {
        return Err(StatsError::Unpaired {
            a: a.len(),
            b: b.len(),
        });
    }
    let ratios: Vec<f64> = a.iter().zip(b).map(|(a, b)| a / b).collect();
    let statistic = Statistic::PairedMedianRatio;
    check_finite(&ratios).map_err(|_| StatsError::Overflow {
        statistic: statistic.short().into_owned(),
    })?;
    quantile::order_statistic(&ratios, 0.5, level, statistic)
}

/// Natural logarithms of values above zero.
pub(crate) fn logs(values: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_positive(values)?;
    Ok(values.iter().map(|&value| libm::log(value)).collect())
}

/// Refuses what is not finite or not above zero.
pub(crate) fn check_positive(values: &[f64]) -> Result<(), StatsError> {
    check_finite(values)?;
    match values.iter().enumerate().find(|(_, value)| **value <= 0.0) {
        None => Ok(()),
        Some((index, &value)) => Err(StatsError::NotPositive { index, value }),
    }
}

fn centre(
    a: &[f64],
    b: &[f64],
    level: Level,
    statistic: Statistic,
    back: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    if a.len() != b.len() {
        return Err(StatsError::Unpaired {
            a: a.len(),
            b: b.len(),
        });
    }
    let n = a.len();
    let bound = if rank::signed_rank_is_exact(n) {
        IntervalKind::SignedRankExact
    } else {
        IntervalKind::SignedRankNormal
    };
    let method = Method::new(statistic, bound);
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let sample = Sample::new(&differences)?;
    let centre = match rank::signed_rank_depth(n, level) {
        None => None,
        Some(depth) => rank::walsh_centre(sample.values(), &depth)?,
    };
    let Some(centre) = centre else {
        let needs = rank::signed_rank_least_n(level);
        return Ok(Outcome::insufficient(n, needs, method));
    };
    let mut estimate = Estimate::new(
        back(centre.value),
        (back(centre.low), back(centre.high)),
        level,
        n,
        method,
    )?;
    if let Some(achieved) = centre.achieved {
        estimate = estimate.with_achieved_level(achieved);
    }
    Ok(estimate
        .with_warnings(sample.tie_warning())
        .with_zero_width_warning()
        .into())
}
