//! Whether a difference matters in practice.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::StatsError;
use crate::estimate::Interval;

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
    if !(threshold > 0.0 && threshold.is_finite()) {
        return Err(StatsError::Threshold(threshold));
    }
    if ratio.low() <= 0.0 {
        return Err(StatsError::NotARatio(ratio.low()));
    }
    let (least, most) = (1.0 / (1.0 + threshold), 1.0 + threshold);
    Ok(if least <= ratio.low() && ratio.high() <= most {
        Verdict::Equivalent
    } else if ratio.low() > most {
        match direction {
            Direction::LowerIsBetter => Verdict::Worse,
            Direction::HigherIsBetter => Verdict::Better,
        }
    } else if ratio.high() < least {
        match direction {
            Direction::LowerIsBetter => Verdict::Better,
            Direction::HigherIsBetter => Verdict::Worse,
        }
    } else {
        Verdict::Inconclusive
    })
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
