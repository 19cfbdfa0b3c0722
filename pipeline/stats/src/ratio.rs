//! Ratios whose denominator may be zero for all that is known.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Insufficient, Interval, Level, Outcome};
use crate::method::{Method, Statistic};

/// What an estimator of a ratio answers.
///
/// An interval for a ratio that keeps its level can't always be finite (L. J. Gleser and
/// J. T. Hwang, Ann. Stat. 15 (1987) 1351-1362): where the denominator's mean can't be told
/// from zero, neither can a huge ratio be ruled out. The answer then is [`Unbounded`],
/// which is a finding (the denominator is too uncertain), not an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RatioOutcome {
    /// A value with its interval.
    Estimate(Estimate),
    /// No finite interval.
    Unbounded(Unbounded),
    /// Too little data.
    Insufficient(Insufficient),
}

/// A ratio without a finite interval, and so without a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unbounded {
    /// The ratios that the data don't refute.
    pub set: RatioSet,
    /// The level of the set.
    pub level: Level,
    /// Independent units it rests on (the first of two samples).
    pub n: usize,
    /// Size of the second of two unpaired samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_n: Option<usize>,
    /// How it was made.
    pub method: Method,
}

/// A confidence set that isn't a finite interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RatioSet {
    /// All numbers: nothing is refuted.
    All,
    /// All numbers but those strictly between the ends: the numerator differs from zero,
    /// the denominator doesn't.
    Outside {
        /// What is refuted.
        excluded: Interval,
    },
    /// All numbers from `low` up.
    From {
        /// The least that isn't refuted.
        low: f64,
    },
}

impl RatioOutcome {
    pub(crate) fn insufficient(n: usize, needs: usize, method: Method) -> Self {
        Self::Insufficient(Insufficient { n, needs, method })
    }

    /// The estimate, if there is one.
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Estimate(estimate) => Some(estimate),
            Self::Unbounded(_) | Self::Insufficient(_) => None,
        }
    }
}

impl From<Outcome> for RatioOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Estimate(estimate) => Self::Estimate(estimate),
            Outcome::Insufficient(few) => Self::Insufficient(few),
        }
    }
}

impl fmt::Display for Unbounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no finite interval at {}: what it is divided by can't be told from zero; ",
            self.level
        )?;
        match self.set {
            RatioSet::All => f.write_str("no ratio is refuted"),
            RatioSet::Outside { excluded } => write!(
                f,
                "only ratios between {} and {} are refuted",
                excluded.low(),
                excluded.high()
            ),
            RatioSet::From { low } => write!(f, "only ratios below {low} are refuted"),
        }
    }
}

/// Two means and what is known of their errors.
pub(crate) struct Fieller {
    /// Numerator and denominator.
    pub(crate) means: (f64, f64),
    /// Variances of the means.
    pub(crate) variances: (f64, f64),
    /// Covariance of the means.
    pub(crate) covariance: f64,
}

impl Fieller {
    /// The ratios r with (x - r y)^2 <= t^2 (vx - 2 r c + r^2 vy), of `(n, other n)` units.
    pub(crate) fn interval(
        &self,
        df: f64,
        level: Level,
        method: Method,
        (n, other_n): (usize, Option<usize>),
    ) -> Result<RatioOutcome, StatsError> {
        let ((x, y), (vx, vy), c) = (self.means, self.variances, self.covariance);
        if y == 0.0 {
            return Err(StatsError::ZeroDenominator);
        }
        let t = student_critical(level.tail(), df);
        // In r: a r^2 - 2 b r + c <= 0. The discriminant b^2 - a c is taken with its terms
        // in x^2 y^2 cancelled on paper.
        let square = t * t;
        let (a, b) = (y * y - square * vy, x * y - square * c);
        let spread = x * x * vy + y * y * vx - 2.0 * x * y * c;
        let discriminant = square * (spread - square * (vx * vy - c * c));
        if !(a.is_finite() && b.is_finite() && discriminant.is_finite()) {
            return Err(overflow(&method.statistic));
        }
        let root = discriminant.max(0.0).sqrt();
        let (first, second) = ((b - root) / a, (b + root) / a);
        let set = if a > 0.0 {
            // The observed ratio is inside on paper; rounding must not put it outside.
            let value = x / y;
            let ends = (first.min(value), second.max(value));
            let mut estimate =
                Estimate::new(value, ends, level, n, method)?.with_zero_width_warning();
            if let Some(other) = other_n {
                estimate = estimate.with_other_n(other);
            }
            return Ok(RatioOutcome::Estimate(estimate));
        } else if a < 0.0 && discriminant > 0.0 && first.is_finite() && second.is_finite() {
            RatioSet::Outside {
                excluded: Interval::new(second.min(first), first.max(second))?,
            }
        } else {
            RatioSet::All
        };
        Ok(RatioOutcome::Unbounded(Unbounded {
            set,
            level,
            n,
            other_n,
            method,
        }))
    }
}

fn overflow(statistic: &Statistic) -> StatsError {
    StatsError::Overflow {
        statistic: statistic.short().into_owned(),
    }
}
