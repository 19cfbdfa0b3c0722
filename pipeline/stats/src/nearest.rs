//! Quantiles whose interval comes as near to its level as order statistics can.

use crate::descriptive::Sample;
use crate::distribution::binomial_cdf;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};
use crate::quantile;

/// How far below the level an interval may fall, in units of 1 - level: at 95 % it covers
/// 93 % or more.
const SHORTFALL: f64 = 0.4;

/// Ranks, from 1, and the probability that they enclose the quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ranks {
    low: usize,
    high: usize,
    coverage: f64,
}

/// Quantile `p` of independent values, with the order-statistic interval whose exact
/// coverage is nearest to the level, and no more than 0.4 (1 - level) below it.
///
/// [`quantile::quantile`] never covers less than its level, and so covers up to 99 % at
/// 95 %: ten values, of which the second and the ninth enclose the median in 97.9 % of
/// samples. Here either end may move inward by one rank, or both may (2 and 8: 93.5 %), as
/// long as that brings the coverage nearer to the level; the upper end goes first, by
/// convention, since a choice by looking at the values would cover less. The same gate.
///
/// # Errors
/// As [`quantile::quantile`].
pub fn quantile(values: &[f64], p: f64, level: Level) -> Result<Outcome, StatsError> {
    let conservative = quantile::quantile(values, p, level)?;
    let sample = Sample::new(values)?;
    let n = sample.len();
    let method = Method::new(Statistic::quantile(p), IntervalKind::NearestOrderStatistic);
    let needs = match &conservative {
        Outcome::Estimate(_) => n + 1,
        Outcome::Insufficient(gate) => gate.needs,
    };
    let enclosing = conservative
        .estimate()
        .and_then(|estimate| Some((estimate.value(), nearest(n, p, level)?)))
        .and_then(|(value, ranks)| {
            let low = sample.order_statistic(ranks.low)?;
            Some((
                value,
                low,
                sample.order_statistic(ranks.high)?,
                ranks.coverage,
            ))
        });
    let Some((value, low, high, coverage)) = enclosing else {
        return Ok(Outcome::insufficient(n, needs, method));
    };
    Ok(Estimate::new(value, (low, high), level, n, method)?
        .with_achieved_level(coverage)
        .with_warnings(sample.tie_warning())
        .with_zero_width_warning()
        .into())
}

fn nearest(n: usize, p: f64, level: Level) -> Option<Ranks> {
    // The ranks of the conservative interval, as a sample of ranks has them.
    let of_ranks: Vec<f64> = (1..=n).map(|rank| rank as f64).collect();
    let outcome = quantile::quantile(&of_ranks, p, level).ok()?;
    let interval = outcome.estimate()?.interval();
    let (low, high) = (interval.low() as usize, interval.high() as usize);
    let least = level.get() - SHORTFALL * (1.0 - level.get());
    let distance = |ranks: &Ranks| (ranks.coverage - level.get()).abs();
    let candidates = [
        (low, high),
        (low, high - 1),
        (low + 1, high),
        (low + 1, high - 1),
    ];
    let mut best: Option<Ranks> = None;
    for (low, high) in candidates.into_iter().filter(|(low, high)| low < high) {
        let coverage = binomial_cdf(high - 1, n, p) - binomial_cdf(low - 1, n, p);
        let ranks = Ranks {
            low,
            high,
            coverage,
        };
        // A hair's difference (the mirrored pair) is rounding.
        let nearer = best.is_none_or(|best| distance(&ranks) < distance(&best) - 1e-9);
        if nearer && (coverage >= least || best.is_none()) {
            best = Some(ranks);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_of_medians_comes_near_the_level() {
        for n in 6..=300 {
            let ranks = nearest(n, 0.5, Level::P95).unwrap();
            // Of seven, neither 98.4 % nor 93.0 % (92.97) is in the band.
            let band = if n == 7 { 0.93..=0.985 } else { 0.93..=0.97 };
            assert!(band.contains(&ranks.coverage), "{n}: {ranks:?}");
        }
        assert!(nearest(5, 0.5, Level::P95).is_none());
        assert_eq!(
            nearest(10, 0.5, Level::P95).map(|r| (r.low, r.high)),
            Some((2, 8))
        );
    }
}
