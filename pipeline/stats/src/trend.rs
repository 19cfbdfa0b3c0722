//! Drift over a campaign: the trend of values against their order.

use serde::{Deserialize, Serialize};

use crate::descriptive::{Sample, check_finite, quantile_of_sorted};
use crate::distribution::{normal_cdf, normal_critical};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};

/// Up to this many untied values the null distribution of Kendall's statistic is counted.
const LARGEST_EXACT: usize = 50;
/// Most values, since every pair has a slope.
const MOST_VALUES: usize = 5_000;

/// Trend of values against their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Theil-Sen slope, in the unit of the values per step, with its interval.
    pub slope: Outcome,
    /// Kendall's tau-b of values and order.
    pub tau: f64,
    /// Two-sided p of the Mann-Kendall test of no trend.
    pub p: f64,
    /// Slope times the n - 1 steps over the size of the median: what the drift amounts to
    /// over the campaign. None for a median of zero.
    pub relative_change: Option<f64>,
}

impl Trend {
    /// A sentence for the reader if the interval of the slope excludes zero and the drift
    /// is above `threshold` relative to the value.
    pub fn warning(&self, threshold: f64) -> Option<String> {
        let interval = self.slope.estimate()?.interval();
        let change = self.relative_change?;
        (!interval.contains(0.0) && change.abs() > threshold).then(|| {
            format!(
                "values drift by {:+.2} % of their median over the campaign",
                100.0 * change
            )
        })
    }
}

/// Trend of `values`, independent but for it, against their order.
///
/// The slope is the median of the slopes of all pairs (H. Theil 1950), its interval the one
/// that inverts Kendall's test: P. K. Sen, Estimates of the regression coefficient based on
/// Kendall's tau, JASA 63 (1968) 1379-1389. The test is that of H. B. Mann, Econometrica 13
/// (1945) 245-259: exact up to 50 values without ties, else normal with the variance
/// corrected for ties. Dependent values make trends appear: thin or batch them first.
///
/// # Errors
/// Values that are not finite, fewer than 3 or more than 5,000, or all equal.
pub fn trend(values: &[f64], level: Level) -> Result<Trend, StatsError> {
    check_finite(values)?;
    let n = values.len();
    if n < 3 {
        return Err(StatsError::TooShort { n, needs: 3 });
    }
    if n > MOST_VALUES {
        let pairs = n as u128 * (n as u128 - 1) / 2;
        let most = MOST_VALUES as u128;
        return Err(StatsError::TooManyPairs {
            pairs,
            limit: most * (most - 1) / 2,
        });
    }
    let sample = Sample::new(values)?;
    if sample.distinct() == 1 {
        return Err(StatsError::Constant { n });
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    let mut score = 0_i64;
    for (i, earlier) in values.iter().enumerate() {
        for (steps, later) in values.iter().skip(i + 1).enumerate() {
            slopes.push((later - earlier) / (steps + 1) as f64);
            score += i64::from(later > earlier) - i64::from(later < earlier);
        }
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let null = Null::new(&sample);
    let method = Method::new(Statistic::Slope, IntervalKind::TheilSen);
    let slope = quantile_of_sorted(&slopes, 0.5).unwrap_or(0.0);
    let outcome = match null.depth(level, slopes.len()) {
        None => Outcome::insufficient(n, Null::least_n(level).max(n + 1), method),
        Some((rank, achieved)) => {
            let (Some(&low), Some(&high)) = (slopes.get(rank - 1), slopes.get(slopes.len() - rank))
            else {
                return Err(StatsError::TooShort { n, needs: 3 });
            };
            let estimate = Estimate::new(slope, (low, high), level, n, method)?;
            let estimate = match achieved {
                Some(achieved) => estimate.with_achieved_level(achieved),
                None => estimate,
            };
            estimate.with_warnings(sample.tie_warning()).into()
        }
    };
    let relative = slope * (n - 1) as f64 / sample.median().unwrap_or(0.0).abs();
    let pairs = slopes.len() as f64;
    Ok(Trend {
        slope: outcome,
        tau: score as f64 / (pairs.sqrt() * (pairs - null.tied_pairs).sqrt()),
        p: null.p(score),
        relative_change: relative.is_finite().then_some(relative),
    })
}

/// Distribution of Kendall's score (pairs that rise less pairs that fall) without a trend.
struct Null {
    /// Probability of 0, 1, ... falling pairs; empty if the normal distribution is used.
    falling: Vec<f64>,
    deviation: f64,
    tied_pairs: f64,
}

impl Null {
    fn new(sample: &Sample) -> Self {
        let terms = |k: f64| k * (k - 1.0) * (2.0 * k + 5.0);
        let (mut ties, mut tied_pairs) = (0.0, 0.0);
        for equal in sample.values().chunk_by(|a, b| a == b) {
            let k = equal.len() as f64;
            ties += terms(k);
            tied_pairs += k * (k - 1.0) / 2.0;
        }
        let exact = sample.len() <= LARGEST_EXACT && tied_pairs == 0.0;
        Self {
            falling: if exact {
                falling(sample.len())
            } else {
                Vec::new()
            },
            deviation: ((terms(sample.len() as f64) - ties) / 18.0).sqrt(),
            tied_pairs,
        }
    }

    /// Two-sided p of a score.
    fn p(&self, score: i64) -> f64 {
        if self.falling.is_empty() {
            return (2.0 * normal_cdf(-(score.unsigned_abs() as f64) / self.deviation)).min(1.0);
        }
        let pairs = self.falling.len() - 1;
        // A score of size s leaves (pairs - s) / 2 pairs that go the other way.
        let fewest = (pairs - score.unsigned_abs() as usize) / 2;
        let tail: f64 = self.falling.iter().take(fewest + 1).sum();
        (2.0 * tail).min(1.0)
    }

    /// Rank of the slope at either end, and the level achieved where known exactly.
    fn depth(&self, level: Level, pairs: usize) -> Option<(usize, Option<f64>)> {
        if self.falling.is_empty() {
            let reach = normal_critical(level.tail()) * self.deviation;
            let below = ((pairs as f64 - reach) / 2.0).floor();
            return (below >= 1.0).then_some((below as usize, None));
        }
        let (mut tail, mut depth) = (0.0, None);
        for (below, probability) in self.falling.iter().enumerate() {
            tail += probability;
            if !level.admits(tail) {
                break;
            }
            depth = Some((below + 1, Some(1.0 - 2.0 * tail)));
        }
        depth
    }

    /// Fewest untied values for an interval: the rarest order has probability 1 / n!.
    fn least_n(level: Level) -> usize {
        let (mut n, mut rarest) = (1, 1.0);
        while !level.admits(rarest) && n < LARGEST_EXACT {
            n += 1;
            rarest /= n as f64;
        }
        n
    }
}

/// Probability of 0, 1, ... inversions in a random order of `n`: the i-th value adds
/// 0 to i - 1 of them, each as likely.
fn falling(n: usize) -> Vec<f64> {
    let mut probabilities = vec![1.0];
    for i in 2..=n {
        probabilities = (0..probabilities.len() + i - 1)
            .map(|count| {
                let first = (count + 1).saturating_sub(i);
                let reach = probabilities.iter().take(count + 1).skip(first);
                reach.sum::<f64>() / i as f64
            })
            .collect();
    }
    probabilities
}
