//! Whether a difference matters in practice.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::StatsError;
use crate::estimate::{Interval, Level};

/// What the interval of a ratio says at a practical threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Better by more than the threshold.
    Better,
    /// Worse by more than the threshold.
    Worse,
    /// Within the threshold either way.
    Equivalent,
    /// The interval crosses the threshold: more trials would tell.
    Inconclusive,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Latency, loss.
    LowerIsBetter,
    /// Throughput.
    HigherIsBetter,
}

/// Judges the interval of a ratio (candidate over baseline) at a practical `threshold`,
/// a fraction: 0.05 for 5 %.
///
/// Ratios from 1 / (1 + threshold) to 1 + threshold don't matter; the range is the same
/// whichever of the two is the baseline. An interval wholly within it is equivalence, as
/// by two one-sided tests (TOST); wholly above or below it, a difference that matters;
/// anything else is inconclusive, including one that excludes 1 but reaches into the
/// range: a difference that is there but may be too small to matter. With an interval of
/// level 1 - a each one-sided test has level a / 2.
///
/// # Errors
/// A threshold that isn't above zero and finite; an interval that isn't above zero.
pub fn verdict(
    ratio: Interval,
    threshold: f64,
    direction: Direction,
) -> Result<Verdict, StatsError> {
    let range = ratio_range(threshold)?;
    if ratio.low() <= 0.0 {
        return Err(StatsError::NotARatio(ratio.low()));
    }
    Ok(judge(ratio, ratio, range, direction))
}

/// As [`verdict`], for the interval of a difference (candidate less baseline) and a
/// `margin` in the same unit: differences from -margin to margin don't matter.
///
/// # Errors
/// A margin that isn't above zero and finite.
pub fn verdict_of_difference(
    difference: Interval,
    margin: f64,
    direction: Direction,
) -> Result<Verdict, StatsError> {
    let range = difference_range(margin)?;
    Ok(judge(difference, difference, range, direction))
}

/// The level of the interval that stands for two one-sided tests with the probability of
/// error `alpha` each: 1 - 2 alpha, 90 % for 0.05.
///
/// Equivalence is shown when an interval of this level lies within the threshold. An
/// interval of level 1 - alpha, as for a difference, shows it at alpha / 2, which is valid
/// but needs more trials.
///
/// # Errors
/// An `alpha` that isn't above 0 and below 0.5.
pub fn equivalence_level(alpha: f64) -> Result<Level, StatsError> {
    if alpha > 0.0 && alpha < 0.5 {
        Level::new(1.0 - 2.0 * alpha)
    } else {
        Err(StatsError::Alpha(alpha))
    }
}

/// The ratios that don't matter.
pub(crate) fn ratio_range(threshold: f64) -> Result<Interval, StatsError> {
    if threshold > 0.0 && threshold.is_finite() {
        Interval::new(1.0 / (1.0 + threshold), 1.0 + threshold)
    } else {
        Err(StatsError::Threshold(threshold))
    }
}

/// The differences that don't matter.
pub(crate) fn difference_range(margin: f64) -> Result<Interval, StatsError> {
    if margin > 0.0 && margin.is_finite() {
        Interval::new(-margin, margin)
    } else {
        Err(StatsError::Margin(margin))
    }
}

/// Judges by a `narrow` interval whether it is within the `range` that doesn't matter, and
/// by a `wide` one whether it is outside.
pub(crate) fn judge(
    narrow: Interval,
    wide: Interval,
    range: Interval,
    direction: Direction,
) -> Verdict {
    if range.low() <= narrow.low() && narrow.high() <= range.high() {
        Verdict::Equivalent
    } else if wide.low() > range.high() {
        match direction {
            Direction::LowerIsBetter => Verdict::Worse,
            Direction::HigherIsBetter => Verdict::Better,
        }
    } else if wide.high() < range.low() {
        match direction {
            Direction::LowerIsBetter => Verdict::Better,
            Direction::HigherIsBetter => Verdict::Worse,
        }
    } else {
        Verdict::Inconclusive
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equivalent => "equivalent",
            Self::Inconclusive => "inconclusive",
        })
    }
}
