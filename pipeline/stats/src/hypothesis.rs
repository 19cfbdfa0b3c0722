//! Tests of no difference: a statistic and its p-values.
//!
//! An interval says more than a test: how large a difference may be, not only whether
//! there is one. These are for families of comparisons ([`crate::family`]) and for
//! comparison with what others publish.

use serde::{Deserialize, Serialize};

use crate::descriptive::{Moments, Sample, check_finite};
use crate::distribution::{normal_cdf, student_above};
use crate::error::StatsError;
use crate::estimate::{Gated, Level, Warning};
use crate::method::{IntervalKind, Method, Statistic};
use crate::rank;

/// Fewest values in a sample for a t test, as for a t interval.
pub(crate) const LEAST_N: usize = 3;

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// What is compared, and the kind of interval whose inversion the test is.
    pub method: Method,
    /// The statistic: t, or the rank statistic U of the first sample, or the sum V of the
    /// ranks of positive differences.
    pub statistic: f64,
    /// Degrees of freedom of a t.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub df: Option<f64>,
    /// Probability of a statistic at least as far from what no difference gives, either way.
    pub p: f64,
    /// The same towards a smaller first sample only.
    pub less: f64,
    /// The same towards a greater first sample only.
    pub greater: f64,
    /// Independent units the test rests on (pairs; the first of two samples).
    pub n: usize,
    /// Size of the second of two unpaired samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_n: Option<usize>,
    /// What a reader must know beside the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

impl Test {
    /// A test by Student's t.
    pub(crate) fn student(
        method: Method,
        t: f64,
        df: f64,
        (n, other_n): (usize, Option<usize>),
    ) -> Result<Self, StatsError> {
        if !(t.is_finite() && df.is_finite()) {
            return Err(StatsError::Overflow {
                statistic: method.statistic.short().into_owned(),
            });
        }
        Ok(Self {
            method,
            statistic: t,
            df: Some(df),
            p: (2.0 * student_above(t.abs(), df)).min(1.0),
            less: student_above(-t, df),
            greater: student_above(t, df),
            n,
            other_n,
            warnings: Vec::new(),
        })
    }

    fn ranks(
        method: Method,
        statistic: f64,
        [p, less, greater]: [f64; 3],
        (n, other_n): (usize, Option<usize>),
        warnings: impl IntoIterator<Item = Warning>,
    ) -> Self {
        Self {
            method,
            statistic,
            df: None,
            p,
            less,
            greater,
            n,
            other_n,
            warnings: warnings.into_iter().collect(),
        }
    }
}

/// Welch's t test of equal means of two independent samples, whose variances may differ.
///
/// t = (mean a - mean b) / sqrt(va/na + vb/nb), with Satterthwaite's degrees of freedom
/// (Welch 1947). Needs 3 values in each.
///
/// # Errors
/// Values that are not finite; samples that both don't vary.
pub fn welch(a: &[f64], b: &[f64]) -> Result<Gated<Test>, StatsError> {
    welch_of(a, b, 0.0)
}

/// As [`welch`], of a difference of means equal to `shift`.
pub(crate) fn welch_of(a: &[f64], b: &[f64], shift: f64) -> Result<Gated<Test>, StatsError> {
    let method = Method::new(Statistic::MeanDifference, IntervalKind::WelchT);
    let (x, y) = (Sample::new(a)?, Sample::new(b)?);
    let (Some(x), Some(y)) = (
        x.moments(LEAST_N, &method.statistic)?,
        y.moments(LEAST_N, &method.statistic)?,
    ) else {
        return Ok(Gated::insufficient(a.len().min(b.len()), LEAST_N, method));
    };
    let error = (x.of_mean() + y.of_mean()).sqrt();
    if error == 0.0 {
        return Err(no_variation(&method));
    }
    let t = (x.mean - y.mean - shift) / error;
    let df = satterthwaite(x, y, 1.0);
    Test::student(method, t, df, (a.len(), Some(b.len()))).map(Gated::Value)
}

/// Degrees of freedom of x - ratio y by Satterthwaite's approximation. Taken from the
/// shares of both in the variance, so that no square overflows or vanishes.
pub(crate) fn satterthwaite(x: Moments, y: Moments, ratio: f64) -> f64 {
    let (first, second) = (x.of_mean(), ratio * ratio * y.of_mean());
    let share = first / (first + second);
    let rest = second / (first + second);
    1.0 / (share * share / (x.n - 1.0) + rest * rest / (y.n - 1.0))
}

/// Student's t test of a mean difference of zero within blocks: `a[i]` and `b[i]` are from
/// block i. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite; samples of different lengths; differences that are all
/// equal.
pub fn paired_t(a: &[f64], b: &[f64]) -> Result<Gated<Test>, StatsError> {
    let method = Method::new(Statistic::PairedMeanDifference, IntervalKind::StudentT);
    one_sample_t(&differences(a, b)?, 0.0, method)
}

/// Student's t test of a mean equal to `mean`.
pub(crate) fn one_sample_t(
    values: &[f64],
    mean: f64,
    method: Method,
) -> Result<Gated<Test>, StatsError> {
    let sample = Sample::new(values)?;
    let Some(moments) = sample.moments(LEAST_N, &method.statistic)? else {
        return Ok(Gated::insufficient(sample.len(), LEAST_N, method));
    };
    if moments.variance == 0.0 {
        return Err(no_variation(&method));
    }
    let t = (moments.mean - mean) / moments.of_mean().sqrt();
    Test::student(method, t, moments.n - 1.0, (sample.len(), None)).map(Gated::Value)
}

/// Wilcoxon, Mann and Whitney's test: of two independent samples, is one the greater?
///
/// The statistic is U, the number of pairs in which the value of `a` is the greater, ties
/// counting a half (R calls it W). Without ties and up to 120 values of both together the
/// p-values are exact; otherwise from the normal approximation with the variance
/// corrected for ties and a continuity correction of one half (M. Hollander, D. A. Wolfe
/// and E. Chicken, Nonparametric Statistical Methods, 3rd ed., Wiley 2014, 4.1).
///
/// Needs as many values as give a p-value of 5 % or less if all of one sample lie above
/// all of the other: 4 in each, or 3 and 5.
///
/// # Errors
/// Values that are not finite, or all equal.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Result<Gated<Test>, StatsError> {
    check_finite(a)?;
    check_finite(b)?;
    let (m, n) = (a.len(), b.len());
    let pooled = pooled(a, b);
    let (ranks, ties) = rank::midranks(&pooled);
    let exact = ties == 0.0 && rank::mann_whitney_is_exact(m, n);
    let bound = if exact {
        IntervalKind::MannWhitneyExact
    } else {
        IntervalKind::MannWhitneyNormal
    };
    let method = Method::new(Statistic::Difference, bound);
    if !rank::mann_whitney_suffices(m, n, Level::P95) {
        let needs = rank::mann_whitney_least_n(Level::P95);
        return Ok(Gated::insufficient(m.min(n), needs, method));
    }
    let (x, y) = (m as f64, n as f64);
    let u = ranks.iter().take(m).sum::<f64>() - x * (x + 1.0) / 2.0;
    let p_values = if exact {
        // Without ties the sum of ranks is whole.
        exact_p_values(rank::mann_whitney_tails(m, n, u as usize))
    } else {
        let all = x + y;
        let variance = x * y / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)));
        if variance <= 0.0 {
            return Err(no_variation(&method));
        }
        normal_p_values(u - x * y / 2.0, variance.sqrt())
    };
    let warning = Sample::new(&pooled)?.tie_warning();
    Ok(Gated::Value(Test::ranks(
        method,
        u,
        p_values,
        (m, Some(n)),
        warning,
    )))
}

/// Wilcoxon's signed-rank test of differences symmetric about zero within blocks: `a[i]`
/// and `b[i]` are from block i.
///
/// The statistic is V, the sum of the ranks, by size, of the positive differences.
/// Differences of zero are left out, and a warning says how many. Without zeros and ties,
/// and up to 120 pairs, the p-values are exact; otherwise from the normal approximation
/// with the variance corrected for ties and a continuity correction of one half (Hollander,
/// Wolfe and Chicken, 3.1).
///
/// Needs 6 differences other than zero: below that no outcome has a p-value of 5 % or less.
///
/// # Errors
/// Values that are not finite; samples of different lengths.
pub fn signed_rank(a: &[f64], b: &[f64]) -> Result<Gated<Test>, StatsError> {
    let all = differences(a, b)?;
    let kept: Vec<f64> = all.iter().copied().filter(|d| *d != 0.0).collect();
    let (zeros, n) = (all.len() - kept.len(), kept.len());
    let sizes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let (ranks, ties) = rank::midranks(&sizes);
    let exact = ties == 0.0 && zeros == 0 && rank::signed_rank_is_exact(n);
    let bound = if exact {
        IntervalKind::SignedRankExact
    } else {
        IntervalKind::SignedRankNormal
    };
    let method = Method::new(Statistic::PairedDifference, bound);
    let needs = rank::signed_rank_least_n(Level::P95);
    if n < needs {
        return Ok(Gated::insufficient(n, needs, method));
    }
    let positive = kept.iter().zip(&ranks).filter(|(d, _)| **d > 0.0);
    let v: f64 = positive.map(|(_, rank)| rank).sum();
    let p_values = if exact {
        exact_p_values(rank::signed_rank_tails(n, v as usize))
    } else {
        let size = n as f64;
        let variance = size * (size + 1.0) * (2.0 * size + 1.0) / 24.0 - ties / 48.0;
        normal_p_values(v - size * (size + 1.0) / 4.0, variance.sqrt())
    };
    let left_out = (zeros > 0).then_some(Warning::ZeroDifferences {
        zeros,
        n: all.len(),
    });
    let warnings = left_out
        .into_iter()
        .chain(Sample::new(&sizes)?.tie_warning());
    Ok(Gated::Value(Test::ranks(
        method,
        v,
        p_values,
        (n, None),
        warnings,
    )))
}

/// Brunner and Munzel's test of two independent samples: is a value of `a` the greater of
/// a random pair as often as the smaller? Other than [`mann_whitney`] it doesn't suppose
/// equal shapes.
///
/// t from the placements of each sample in the other, with Satterthwaite's degrees of
/// freedom (Brunner and Munzel 2000, eq. 4.3). It keeps its level from some 10 values
/// in each on; needs 4.
///
/// # Errors
/// Values that are not finite; samples that don't overlap at all, where it has no
/// variance.
pub fn brunner_munzel(a: &[f64], b: &[f64]) -> Result<Gated<Test>, StatsError> {
    check_finite(a)?;
    check_finite(b)?;
    let method = Method::new(Statistic::A12, IntervalKind::BrunnerMunzel);
    let (m, n) = (a.len(), b.len());
    let needs = rank::mann_whitney_least_n(Level::P95);
    if m.min(n) < needs {
        return Ok(Gated::insufficient(m.min(n), needs, method));
    }
    let (ranks, _) = rank::midranks(&pooled(a, b));
    let (in_a, in_b) = ranks.split_at(m);
    let x = placements(a, in_a, &method.statistic)?;
    let y = placements(b, in_b, &method.statistic)?;
    let (Some(x), Some(y)) = (x, y) else {
        return Ok(Gated::insufficient(m.min(n), needs, method));
    };
    // Variance of the mean placement of one in the other: s^2 / (own n x other n^2).
    let (first, second) = (x.of_mean() / (y.n * y.n), y.of_mean() / (x.n * x.n));
    let error = (first + second).sqrt();
    if error == 0.0 {
        return Err(StatsError::Separated);
    }
    let (share, rest) = (first / (first + second), second / (first + second));
    let df = 1.0 / (share * share / (x.n - 1.0) + rest * rest / (y.n - 1.0));
    // Mean placement of a in b over the size of b is the probability of the greater.
    let t = (x.mean / y.n - 0.5) / error;
    Test::student(method, t, df, (m, Some(n))).map(Gated::Value)
}

/// Moments of the number of values of the other sample below each value of this one,
/// ties counting a half: its rank among all less its rank in its own sample.
pub(crate) fn placements(
    own: &[f64],
    among_all: &[f64],
    statistic: &Statistic,
) -> Result<Option<Moments>, StatsError> {
    let (within, _) = rank::midranks(own);
    let placements: Vec<f64> = among_all
        .iter()
        .zip(within)
        .map(|(all, own)| all - own)
        .collect();
    Sample::new(&placements)?.moments(2, statistic)
}

/// Both samples, one behind the other, with equal values as equal bits.
pub(crate) fn pooled(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().chain(b).map(|value| value + 0.0).collect()
}

/// `a[i] - b[i]`, all of them finite.
pub(crate) fn differences(a: &[f64], b: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_finite(a)?;
    check_finite(b)?;
    if a.len() != b.len() {
        return Err(StatsError::Unpaired {
            a: a.len(),
            b: b.len(),
        });
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    check_finite(&differences).map_err(|_| StatsError::Overflow {
        statistic: Statistic::PairedDifference.short().into_owned(),
    })?;
    Ok(differences)
}

fn no_variation(method: &Method) -> StatsError {
    StatsError::NoVariation {
        statistic: method.statistic.short().into_owned(),
    }
}

/// Either way, less and greater, from the exact tails.
fn exact_p_values((less, greater): (f64, f64)) -> [f64; 3] {
    [(2.0 * less.min(greater)).min(1.0), less, greater]
}

/// The same from the normal approximation, the statistic half a step nearer to its mean.
fn normal_p_values(above_mean: f64, deviation: f64) -> [f64; 3] {
    let either = (above_mean.abs() - 0.5).max(0.0);
    [
        (2.0 * normal_cdf(-either / deviation)).min(1.0),
        normal_cdf((above_mean + 0.5) / deviation),
        normal_cdf(-(above_mean - 0.5) / deviation),
    ]
}
