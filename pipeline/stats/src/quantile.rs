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
