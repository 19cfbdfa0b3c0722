//! Quantiles with distribution-free intervals.

use crate::descriptive::Sample;
use crate::distribution::binomial_cdf;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};

/// Median with its order-statistic interval: [`quantile`] at 0.5.
pub fn median(values: &[f64], level: Level) -> Result<Outcome, StatsError> {
    quantile(values, 0.5, level)
}

/// Quantile `p` (above 0, below 1) of independent values, with the interval between two
/// order statistics.
///
/// The value is the sample quantile of type 7. The interval supposes nothing of the
/// distribution: the number of values below the true quantile is binomial, so the
/// `l`-th and `u`-th smallest value enclose it with a probability that is known. The
/// ranks are the closest that leave at most half of `1 - level` on either side; the
/// level they achieve is in the estimate. Ties only make it more conservative.
///
/// Both tails must be in reach: at 95 % the median needs 6 values, the 99th percentile
/// 368; at 99 % 8 and 528.
///
/// # Errors
/// Values that are not finite, `p` outside (0, 1).
pub fn quantile(values: &[f64], p: f64, level: Level) -> Result<Outcome, StatsError> {
    order_statistic(values, p, level, Statistic::quantile(p))
}

/// Quantile `p` with an interval between values interpolated from order statistics, so
/// that it comes near its level where [`quantile`] goes beyond: at n = 10 and 95 % that
/// covers 97.9 %.
///
/// The lower end lies between the d-th smallest value, below which the quantile is with a
/// probability e_d that is admissible, and the next, with e_(d+1) that isn't. With a the
/// half of 1 - level its weight towards the next is 1 / (1 + d (1-p) (e_(d+1) - a) / ((n-d)
/// p (a - e_d))), which for the median is Hettmansperger and Sheather's (Nyblom 1992); the
/// upper end is its mirror image. Near its level for most continuous distributions, exact
/// for none: so there is no achieved level. Tied values make it less true than
/// [`quantile`]. The gate is the same.
///
/// # Errors
/// As [`quantile`].
pub fn interpolated(values: &[f64], p: f64, level: Level) -> Result<Outcome, StatsError> {
    if !(p > 0.0 && p < 1.0) {
        return Err(StatsError::Probability(p));
    }
    let sample = Sample::new(values)?;
    let method = Method::new(
        Statistic::quantile(p),
        IntervalKind::InterpolatedOrderStatistic,
    );
    let n = sample.len();
    let mirrored: Vec<f64> = sample.values().iter().rev().map(|value| -value).collect();
    let (Some(value), Some(low), Some(high)) = (
        sample.quantile(p),
        interpolated_end(sample.values(), p, level),
        interpolated_end(&mirrored, 1.0 - p, level),
    ) else {
        let needs = least_n(p, level).max(n + 1);
        return Ok(Outcome::insufficient(n, needs, method));
    };
    // The sample quantile is inside but for extreme p and low levels.
    let ends = (low.min(value), value.max(-high));
    Ok(Estimate::new(value, ends, level, n, method)?
        .with_warnings(sample.tie_warning())
        .with_zero_width_warning()
        .into())
}

/// The lower end of [`interpolated`] of ascending values.
fn interpolated_end(sorted: &[f64], p: f64, level: Level) -> Option<f64> {
    let n = sorted.len();
    let (rank, admitted) = highest_admitted(n, p, level)?;
    let (here, next) = (sorted.get(rank - 1)?, sorted.get(rank));
    let Some(next) = next else { return Some(*here) };
    let refused = binomial_cdf(rank, n, p);
    let (d, tail) = (rank as f64, level.tail());
    let odds = d * (1.0 - p) * (refused - tail) / ((n as f64 - d) * p * (tail - admitted));
    // With an end that is exact the odds are infinite, or NaN by rounding.
    let weight = if odds >= 0.0 { 1.0 / (1.0 + odds) } else { 0.0 };
    Some(here + (next - here) * weight)
}

/// [`quantile`] of what goes by another name.
pub(crate) fn order_statistic(
    values: &[f64],
    p: f64,
    level: Level,
    statistic: Statistic,
) -> Result<Outcome, StatsError> {
    if !(p > 0.0 && p < 1.0) {
        return Err(StatsError::Probability(p));
    }
    let sample = Sample::new(values)?;
    let method = Method::new(statistic, IntervalKind::OrderStatistic);
    let enclosing = Ranks::enclosing(sample.len(), p, level);
    let estimate = enclosing.and_then(|ranks| {
        Some((
            sample.quantile(p)?,
            sample.order_statistic(ranks.low)?,
            sample.order_statistic(ranks.high)?,
            ranks.coverage,
        ))
    });
    let Some((value, low, high, coverage)) = estimate else {
        let needs = least_n(p, level).max(sample.len() + 1);
        return Ok(Outcome::insufficient(sample.len(), needs, method));
    };
    let estimate = Estimate::new(value, (low, high), level, sample.len(), method)?
        .with_achieved_level(coverage)
        .with_warnings(sample.tie_warning())
        .with_zero_width_warning();
    Ok(estimate.into())
}

/// Ranks, from 1, of the order statistics at the ends of an interval.
struct Ranks {
    low: usize,
    high: usize,
    coverage: f64,
}

impl Ranks {
    /// The closest ranks that leave at most half of `1 - level` on either side; None
    /// if there are too few values.
    fn enclosing(n: usize, p: f64, level: Level) -> Option<Self> {
        // Fewer than `low` values below the quantile: it lies under the interval.
        let (low, below) = highest_admitted(n, p, level)?;
        // The same seen from above.
        let (mirrored, above) = highest_admitted(n, 1.0 - p, level)?;
        Some(Self {
            low,
            high: n + 1 - mirrored,
            coverage: 1.0 - below - above,
        })
    }
}

/// The highest rank whose predecessor `k` has an admissible P(B <= k), with that
/// probability, for B binomial (n, p).
fn highest_admitted(n: usize, p: f64, level: Level) -> Option<(usize, f64)> {
    let tail = |rank: usize| binomial_cdf(rank - 1, n, p);
    if n == 0 || !level.admits(tail(1)) {
        return None;
    }
    let (mut admitted, mut refused) = (1, n + 1);
    while refused - admitted > 1 {
        let middle = admitted + (refused - admitted) / 2;
        if level.admits(tail(middle)) {
            admitted = middle;
        } else {
            refused = middle;
        }
    }
    Some((admitted, tail(admitted)))
}

/// The least n at which smallest and largest value enclose the quantile.
fn least_n(p: f64, level: Level) -> usize {
    let farther = p.max(1.0 - p);
    let mut n = (libm::log(level.tail()) / libm::log(farther)).floor() as usize;
    while !level.admits(libm::pow(farther, n as f64)) {
        n += 1;
    }
    n
}
