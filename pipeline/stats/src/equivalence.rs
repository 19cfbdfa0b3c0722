//! Equivalence by two one-sided tests (TOST).
//!
//! That a test finds no difference doesn't show that there is none. Equivalence is shown
//! by refuting, each with the probability of error `alpha`, that the difference is at or
//! below the lower limit of what doesn't matter, and that it is at or above the upper.
//! That is the same as an interval of level 1 - 2 alpha within the limits, so any interval
//! can be judged with [`verdict`](crate::verdict::verdict) at
//! [`equivalence_level`]; the tests here are those of
//! means, with their p-values.
//!
//! D. J. Schuirmann, A comparison of the two one-sided tests procedure and the power
//! approach for assessing the equivalence of average bioavailability, J. Pharmacokinet.
//! Biopharm. 15 (1987) 657-680.

use serde::{Deserialize, Serialize};

use crate::descriptive::Sample;
use crate::error::StatsError;
use crate::estimate::{Gated, Interval, Level, Outcome};
use crate::hypothesis::{self, LEAST_N, Test, differences, satterthwaite};
use crate::method::{IntervalKind, Method, Statistic};
use crate::paired::{self, logs};
use crate::ratio::RatioOutcome;
use crate::unpaired;
use crate::verdict::{Direction, Verdict, difference_range, equivalence_level, judge, ratio_range};

/// Two one-sided tests against the limits of what doesn't matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tost {
    /// The differences, or ratios, that don't matter.
    pub limits: Interval,
    /// Probability of error of each test.
    pub alpha: f64,
    /// The test against the lower limit: its `greater` is the p-value.
    pub above_low: Test,
    /// The test against the upper limit: its `less` is the p-value.
    pub below_high: Test,
    /// The greater of the two p-values, that of equivalence.
    pub p: f64,
    /// The quantity with its interval of level 1 - 2 alpha; in the limits if equivalent.
    pub narrow: RatioOutcome,
    /// The same at level 1 - alpha, by which better and worse are judged.
    pub wide: RatioOutcome,
}

impl Tost {
    /// Equivalent where both one-sided tests refute; better or worse where the interval
    /// of level 1 - alpha lies beyond a limit; else inconclusive.
    pub fn verdict(&self, direction: Direction) -> Verdict {
        if self.p <= self.alpha {
            return Verdict::Equivalent;
        }
        match self.wide.estimate().map(|wide| wide.interval()) {
            // Not equivalent by the p-value: not so by the rounding of an end either.
            Some(wide) => match judge(wide, wide, self.limits, direction) {
                Verdict::Equivalent => Verdict::Inconclusive,
                other => other,
            },
            None => Verdict::Inconclusive,
        }
    }
}

/// Equivalence of the means of two independent samples within `margin`, in their unit, by
/// Welch's t. Needs 3 values in each.
///
/// # Errors
/// Values that are not finite; samples that both don't vary; a margin that isn't above
/// zero; an `alpha` that isn't between 0 and 0.5.
pub fn difference(
    a: &[f64],
    b: &[f64],
    margin: f64,
    alpha: f64,
) -> Result<Gated<Tost>, StatsError> {
    two_tests(
        difference_range(margin)?,
        alpha,
        |limit| hypothesis::welch_of(a, b, limit),
        |level| unpaired::mean_difference(a, b, level).map(Outcome::into),
    )
}

/// Equivalence of the means of two conditions measured in the same blocks within `margin`,
/// in their unit, by Student's t of the differences. Needs 3 blocks.
///
/// # Errors
/// As [`difference`]; samples of different lengths.
pub fn paired_difference(
    a: &[f64],
    b: &[f64],
    margin: f64,
    alpha: f64,
) -> Result<Gated<Tost>, StatsError> {
    let within = differences(a, b)?;
    let method = Method::new(Statistic::PairedMeanDifference, IntervalKind::StudentT);
    two_tests(
        difference_range(margin)?,
        alpha,
        |limit| hypothesis::one_sample_t(&within, limit, method.clone()),
        |level| paired::mean_difference(a, b, level).map(Outcome::into),
    )
}

/// Equivalence of two conditions measured in the same blocks, within a `threshold`, a
/// fraction: the geometric mean of their ratios lies between 1 / (1 + threshold) and
/// 1 + threshold, by Student's t of the logarithms. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite or not above zero; ratios that are all equal; samples of
/// different lengths; a threshold that isn't above zero; an `alpha` that isn't between 0
/// and 0.5.
pub fn paired_ratio(
    a: &[f64],
    b: &[f64],
    threshold: f64,
    alpha: f64,
) -> Result<Gated<Tost>, StatsError> {
    let within = differences(&logs(a)?, &logs(b)?)?;
    let method = Method::new(Statistic::PairedGeometricRatio, IntervalKind::LogT);
    two_tests(
        ratio_range(threshold)?,
        alpha,
        |limit| hypothesis::one_sample_t(&within, libm::log(limit), method.clone()),
        |level| paired::geometric_ratio(a, b, level).map(Outcome::into),
    )
}

/// Equivalence of the means of two independent samples within a `threshold`, a fraction:
/// their ratio lies between 1 / (1 + threshold) and 1 + threshold. Needs 3 values in each.
///
/// Against a limit r the test is t = (x - r y) / sqrt(vx + r^2 vy), with Satterthwaite's
/// degrees of freedom at r (S. Sasabuchi, A test of a multivariate normal mean with
/// composite hypotheses determined by linear inequalities, Biometrika 67 (1980) 429-439;
/// D. Hauschke, M. Kieser and L. A. Hothorn, Proof of safety in toxicology based on the
/// ratio of two means for normally distributed data, Biom. J. 41 (1999) 295-304). The
/// intervals are Fieller's, with the degrees of freedom at the observed ratio, so that
/// they can differ from the tests by a hair; the tests decide.
///
/// # Errors
/// As [`paired_ratio`]; a mean of `b` that isn't above zero.
pub fn ratio(a: &[f64], b: &[f64], threshold: f64, alpha: f64) -> Result<Gated<Tost>, StatsError> {
    let method = Method::new(Statistic::MeanRatio, IntervalKind::FiellerWelch);
    let (x, y) = (Sample::new(a)?, Sample::new(b)?);
    let limits = ratio_range(threshold)?;
    let (Some(x), Some(y)) = (
        x.moments(LEAST_N, &method.statistic)?,
        y.moments(LEAST_N, &method.statistic)?,
    ) else {
        return Ok(Gated::insufficient(a.len().min(b.len()), LEAST_N, method));
    };
    if y.mean <= 0.0 {
        return Err(StatsError::NotARatio(y.mean));
    }
    if x.variance == 0.0 && y.variance == 0.0 {
        return Err(StatsError::NoVariation {
            statistic: method.statistic.short().into_owned(),
        });
    }
    two_tests(
        limits,
        alpha,
        |limit| {
            let error = (x.of_mean() + limit * limit * y.of_mean()).sqrt();
            let t = (x.mean - limit * y.mean) / error;
            let df = satterthwaite(x, y, limit);
            Test::student(method.clone(), t, df, (a.len(), Some(b.len()))).map(Gated::Value)
        },
        |level| unpaired::mean_ratio(a, b, level),
    )
}

fn two_tests(
    limits: Interval,
    alpha: f64,
    test: impl Fn(f64) -> Result<Gated<Test>, StatsError>,
    interval: impl Fn(Level) -> Result<RatioOutcome, StatsError>,
) -> Result<Gated<Tost>, StatsError> {
    let narrow = equivalence_level(alpha)?;
    let wide = Level::new(1.0 - alpha)?;
    let (above_low, below_high) = match (test(limits.low())?, test(limits.high())?) {
        (Gated::Value(low), Gated::Value(high)) => (low, high),
        (Gated::Insufficient(few), _) | (_, Gated::Insufficient(few)) => {
            return Ok(Gated::Insufficient(few));
        }
    };
    Ok(Gated::Value(Tost {
        limits,
        alpha,
        p: above_low.greater.max(below_high.less),
        above_low,
        below_high,
        narrow: interval(narrow)?,
        wide: interval(wide)?,
    }))
}
