//! When to stop measuring: on precision, so that the interval stays valid.

use serde::{Deserialize, Serialize};

use crate::error::StatsError;
use crate::estimate::{Level, Outcome};

/// When an estimate is precise enough.
///
/// Looking after every value and stopping at the first interval that happens to be narrow
/// would cover less than the level. So there are few looks, at sizes fixed beforehand
/// (the minimum, then each 1.25 times the last, then the maximum), and the target must be
/// met at two successive ones: Y. S. Chow and H. Robbins, On the asymptotic theory of
/// fixed-width sequential confidence intervals, Ann. Math. Stat. 36 (1965) 457-462; P. W.
/// Glynn and W. Whitt, The asymptotic validity of sequential stopping rules, Ann. Appl.
/// Probab. 2 (1992) 180-198.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Half the interval's width over the value's size that is precise enough.
    pub relative_half_width: f64,
    /// Fewest values.
    pub minimum: usize,
    /// Most values.
    pub maximum: usize,
}

/// Level to ask of an order-statistic interval that decides on stopping, and to report it
/// at as `level`: 97 % for 95 %. It is narrow by chance more often than others are, and
/// stopping then, from 30 values on, covers 91 to 95 % if 95 % is asked for, and 93 to 97 %
/// if 97 % is (docs/stopping.md).
pub fn for_quantiles(level: Level) -> Level {
    Level::new(1.0 - 0.6 * (1.0 - level.get())).unwrap_or(level)
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Measure no more.
    Stop(Reason),
    /// Measure at least this many more before asking again.
    Continue(usize),
}

/// Why measuring stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The target is met.
    Precise,
    /// The maximum is reached, whatever the precision.
    Maximum,
}

impl Rule {
    /// Each look is at this many times the values of the last.
    pub const GROWTH: f64 = 1.25;
    /// Successive looks that must meet the target.
    pub const LOOKS: usize = 2;

    /// The sizes at which is looked, ascending.
    pub fn looks(&self) -> impl Iterator<Item = usize> {
        let maximum = self.maximum;
        std::iter::successors(Some(self.minimum.min(maximum)), move |&n| {
            let next = ((n as f64 * Self::GROWTH).ceil() as usize).max(n.saturating_add(1));
            (n < maximum).then(|| next.min(maximum))
        })
    }
}

/// Whether to stop, from the values so far in the order in which they were measured.
///
/// `interval` is what will be reported of the values, for the first that many of them. The
/// answer depends on the values alone: asking again gives it again. Values beyond the last
/// look are not looked at until the next; they belong in the report all the same.
///
/// # Errors
/// A rule without a positive target, or whose minimum is 0 or above its maximum; those of
/// `interval`.
pub fn next(
    values: &[f64],
    rule: &Rule,
    interval: &dyn Fn(&[f64]) -> Result<Outcome, StatsError>,
) -> Result<Decision, StatsError> {
    if !(rule.relative_half_width > 0.0 && rule.relative_half_width.is_finite()) {
        return Err(StatsError::Threshold(rule.relative_half_width));
    }
    if rule.minimum == 0 || rule.minimum > rule.maximum {
        return Err(StatsError::Sizes {
            minimum: rule.minimum,
            maximum: rule.maximum,
        });
    }
    let mut met = 0;
    for look in rule.looks() {
        let Some(seen) = values.get(..look) else {
            return Ok(Decision::Continue(look - values.len()));
        };
        let outcome = interval(seen)?;
        let width = outcome
            .estimate()
            .and_then(|estimate| estimate.relative_half_width());
        let precise = width.is_some_and(|width| width <= rule.relative_half_width);
        met = if precise { met + 1 } else { 0 };
        if met == Rule::LOOKS {
            return Ok(Decision::Stop(Reason::Precise));
        }
    }
    // The last look may be the first that meets the target: then it stops there anyway.
    Ok(Decision::Stop(if met > 0 {
        Reason::Precise
    } else {
        Reason::Maximum
    }))
}
