//! Effect sizes: how large a difference is, in units of the spread or as a probability.
//!
//! For comparison with what others publish. A difference in the unit of the measurement, or
//! a ratio, says more to who has to decide.

use crate::descriptive::{Sample, check_finite};
use crate::distribution::{ln_gamma, stirling_error, student_critical};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::hypothesis::{LEAST_N, differences, placements, pooled};
use crate::method::{IntervalKind, Method, Statistic};
use crate::noncentral::noncentrality;
use crate::proportion::score_interval;
use crate::rank;

/// Most pairs that a rank-biserial correlation looks at.
const MOST_PAIRS: u128 = 1 << 25;

/// Cohen's d of two independent samples: the difference of means over the pooled standard
/// deviation, with the interval of the noncentral t distribution, exact for normal values
/// of equal variances.
///
/// d = t sqrt(1/m + 1/n); the ends are the noncentralities at which t is at either tail,
/// times the same (Steiger and Fouladi 1997). Needs 3 values in each.
///
/// # Errors
/// Values that are not finite; samples that both don't vary.
pub fn cohen_d(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    standardised(a, b, level, Statistic::CohenD, |_| 1.0)
}

/// Hedges' g: [`cohen_d`] and its interval times J(m + n - 2), which takes away the bias of
/// d as an estimator. J(k) = gamma(k/2) / (sqrt(k/2) gamma((k-1)/2)), not its approximation
/// (L. V. Hedges, Distribution theory for Glass's estimator of effect size and related
/// estimators, J. Educ. Stat. 6 (1981) 107-128, eq. 6e). Needs 3 values in each.
///
/// # Errors
/// As [`cohen_d`].
pub fn hedges_g(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    standardised(a, b, level, Statistic::HedgesG, unbiasing)
}

/// Cohen's dz of two conditions measured in the same blocks: the mean difference over the
/// standard deviation of the differences, with the interval of the noncentral t
/// distribution, exact for normal differences. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite; samples of different lengths; differences that are all equal.
pub fn cohen_dz(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::CohenDz, IntervalKind::NoncentralT);
    let within = Sample::new(&differences(a, b)?)?;
    let Some(moments) = within.moments(LEAST_N, &method.statistic)? else {
        return Ok(Outcome::insufficient(within.len(), LEAST_N, method));
    };
    let scale = (1.0 / moments.n).sqrt();
    let t = moments.mean / moments.of_mean().sqrt();
    from_t(t, moments.n - 1.0, scale, level, method, (a.len(), None))
}

fn standardised(
    a: &[f64],
    b: &[f64],
    level: Level,
    statistic: Statistic,
    correction: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    let method = Method::new(statistic, IntervalKind::NoncentralT);
    let (Some(x), Some(y)) = (
        Sample::new(a)?.moments(LEAST_N, &method.statistic)?,
        Sample::new(b)?.moments(LEAST_N, &method.statistic)?,
    ) else {
        return Ok(Outcome::insufficient(a.len().min(b.len()), LEAST_N, method));
    };
    let df = x.n + y.n - 2.0;
    let pooled = ((x.n - 1.0) / df * x.variance + (y.n - 1.0) / df * y.variance).sqrt();
    let scale = (1.0 / x.n + 1.0 / y.n).sqrt();
    let t = (x.mean - y.mean) / (pooled * scale);
    let sizes = (a.len(), Some(b.len()));
    from_t(t, df, scale * correction(df), level, method, sizes)
}

fn from_t(
    t: f64,
    df: f64,
    scale: f64,
    level: Level,
    method: Method,
    (n, other_n): (usize, Option<usize>),
) -> Result<Outcome, StatsError> {
    if !t.is_finite() {
        return Err(StatsError::NoVariation {
            statistic: method.statistic.short().into_owned(),
        });
    }
    let (low, high) = noncentrality(t, df, level.tail());
    let estimate = Estimate::new(t * scale, (low * scale, high * scale), level, n, method)?;
    Ok(match other_n {
        Some(other) => estimate.with_other_n(other),
        None => estimate,
    }
    .into())
}

/// Hedges' J: gamma(k/2) / (sqrt(k/2) gamma((k-1)/2)).
fn unbiasing(k: f64) -> f64 {
    let (upper, lower) = (k / 2.0, (k - 1.0) / 2.0);
    if k < 40.0 {
        return libm::exp(ln_gamma(upper) - ln_gamma(lower)) / upper.sqrt();
    }
    // By Stirling's formula, whose large terms cancel on paper.
    let exponent = (upper - 1.0) * -libm::log1p(-0.5 / upper) - 0.5;
    libm::exp(exponent + stirling_error(upper) - stirling_error(lower))
}

/// Cliff's delta of two independent samples: how much more often a value of `a` is the
/// greater of a random pair than the smaller; 1 if always, -1 if never, ties counting for
/// neither.
///
/// Its consistent variance is s^2 = [(n-1) s_i^2 + (m-1) s_j^2 + s_ij^2] / (mn), from the
/// dominances by row, by column and by pair (Cliff 1996; D. Feng and N. Cliff 2004). The
/// interval is Wilson's, of the probability p = (d + 1) / 2, on as many attempts as would
/// have this variance, p (1 - p) / (s^2 / 4), but no more than 4 m n / (m + n): few pairs
/// the wrong way round say little of how many there may be. The critical value is Student's
/// of m + n - 2 degrees of freedom. It lies in [-1, 1] (Feng and Cliff's own interval covers
/// 81 % where heavy-tailed samples of 50 hardly overlap).
///
/// Needs 4 values in each at 95 %, 5 at 99 %, as the Mann-Whitney test. Coverage is in
/// docs/coverage.md.
///
/// # Errors
/// Values that are not finite.
pub fn cliff_delta(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    dominance(a, b, level, Statistic::CliffDelta, |delta| delta)
}

/// Vargha and Delaney's A12: the probability that a value of `a` is the greater of a random
/// pair, ties counting a half. It and its interval are those of [`cliff_delta`], plus one,
/// halved (A. Vargha and H. D. Delaney, A critique and improvement of the CL common language
/// effect size statistics of McGraw and Wong, J. Educ. Behav. Stat. 25 (2000) 101-132).
///
/// # Errors
/// Values that are not finite.
pub fn a12(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    dominance(a, b, level, Statistic::A12, |delta| (delta + 1.0) / 2.0)
}

fn dominance(
    a: &[f64],
    b: &[f64],
    level: Level,
    statistic: Statistic,
    scale: impl Fn(f64) -> f64,
) -> Result<Outcome, StatsError> {
    check_finite(a)?;
    check_finite(b)?;
    let method = Method::new(statistic, IntervalKind::EffectiveWilson);
    let (m, n) = (a.len(), b.len());
    let needs = rank::mann_whitney_least_n(level);
    if m.min(n) < needs {
        return Ok(Outcome::insufficient(m.min(n), needs, method));
    }
    let all = pooled(a, b);
    let (ranks, ties) = rank::midranks(&all);
    let (in_a, in_b) = ranks.split_at(m);
    let (Some(x), Some(y)) = (
        placements(a, in_a, &method.statistic)?,
        placements(b, in_b, &method.statistic)?,
    ) else {
        return Ok(Outcome::insufficient(m.min(n), needs, method));
    };
    let pairs = x.n * y.n;
    let delta = 2.0 * x.mean / y.n - 1.0;
    // A dominance is twice a placement over the other's size, less one.
    let by_row = 4.0 * x.variance / (y.n * y.n);
    let by_column = 4.0 * y.variance / (x.n * x.n);
    // Pairs tied between the samples; the sum of t^3 - t isn't enough to know them.
    let tied = if ties == 0.0 { 0.0 } else { tied_pairs(a, b)? };
    let by_pair = (pairs - tied - pairs * delta * delta).max(0.0) / (pairs - 1.0);
    let variance = ((y.n - 1.0) * by_row + (x.n - 1.0) * by_column + by_pair) / pairs;
    let critical = student_critical(level.tail(), x.n + y.n - 2.0);
    let most = 4.0 * pairs / (x.n + y.n);
    let (low, high) = score_ends(delta, variance, most, critical);
    let ends = (scale(low), scale(high));
    Ok(Estimate::new(scale(delta), ends, level, m, method)?
        .with_other_n(n)
        .with_warnings(Sample::new(&all)?.tie_warning())
        .into())
}

/// Number of equal pairs of a value of `a` and a value of `b`.
fn tied_pairs(a: &[f64], b: &[f64]) -> Result<f64, StatsError> {
    let (a, b) = (Sample::new(a)?, Sample::new(b)?);
    let mut rest = b.values();
    let mut tied = 0.0;
    for group in a.values().chunk_by(|x, y| x == y) {
        let Some(&value) = group.first() else { break };
        let below = rest.partition_point(|&other| other < value);
        rest = rest.get(below..).unwrap_or_default();
        let equal = rest.partition_point(|&other| other <= value);
        tied += group.len() as f64 * equal as f64;
    }
    Ok(tied)
}

/// Rank-biserial correlation of matched pairs: of the sum of the ranks of all differences,
/// the share of the positive less that of the negative. 1 if all differences are positive.
///
/// D. S. Kerby, The simple difference formula, Compr. Psychol. 3 (2014) 1. It is the mean
/// sign of the Walsh averages, so that its variance is had as that of any such mean: 4/n
/// times the variance of the mean sign of the averages with one difference fixed (P. K. Sen,
/// On some convergence properties of U-statistics, Calcutta Stat. Assoc. Bull. 10 (1960)
/// 1-18). The interval is that of [`cliff_delta`], on n attempts at most, with n - 1 degrees
/// of freedom.
///
/// Differences of zero keep their rank and count for neither side (J. W. Pratt, Remarks on
/// zeros and ties in the Wilcoxon signed rank procedures, JASA 54 (1959) 655-667). Of two
/// independent samples the rank-biserial correlation is [`cliff_delta`]. Needs 6 pairs at 95 %, 8 at 99 %.
///
/// # Errors
/// Values that are not finite; samples of different lengths; more than 5,792 pairs.
pub fn rank_biserial(a: &[f64], b: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::RankBiserial, IntervalKind::EffectiveWilson);
    let sample = Sample::new(&differences(a, b)?)?;
    let (n, needs) = (sample.len(), rank::signed_rank_least_n(level));
    let pairs = n as u128 * n as u128;
    if pairs > MOST_PAIRS {
        return Err(StatsError::TooManyPairs {
            pairs,
            limit: MOST_PAIRS,
        });
    }
    if n < needs {
        return Ok(Outcome::insufficient(n, needs, method));
    }
    let size = n as f64;
    // Signs are whole, so that their sums are exact in any order.
    let sign = |x: f64, y: f64| f64::from(i8::from(x > -y) - i8::from(x < -y));
    let values = sample.values();
    let rows: Vec<f64> = values
        .iter()
        .map(|&x| values.iter().map(|&y| sign(x, y)).sum::<f64>())
        .collect();
    let own: f64 = values.iter().map(|&x| sign(x, x)).sum();
    // Each average once, where the rows have all but the own ones twice.
    let value = (rows.iter().sum::<f64>() + own) / (size * (size + 1.0));
    let means: Vec<f64> = rows.iter().map(|row| row / size).collect();
    let Some(moments) = Sample::new(&means)?.moments(2, &method.statistic)? else {
        return Ok(Outcome::insufficient(n, needs, method));
    };
    let critical = student_critical(level.tail(), size - 1.0);
    let ends = score_ends(value, 4.0 * moments.of_mean(), size, critical);
    Ok(Estimate::new(value, ends, level, n, method)?
        .with_warnings(sample.tie_warning())
        .into())
}

/// Wilson's interval of `delta`, the probability of one side less that of the other, on as
/// many attempts as have its variance, `most` at most.
fn score_ends(delta: f64, variance: f64, most: f64, critical: f64) -> (f64, f64) {
    let probability = (delta + 1.0) / 2.0;
    // At -1 and 1 there is no variance, and 0 / 0 is no bound.
    let attempts = ((1.0 - delta * delta) / variance).min(most);
    let (low, high) = score_interval(probability, attempts, critical);
    (2.0 * low - 1.0, 2.0 * high - 1.0)
}
