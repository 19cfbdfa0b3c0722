//! What FreeBSD's ministat prints of two samples, to its digits.
//!
//! It takes Student's t from a table of three decimals, up to 100 degrees of freedom and
//! then that of infinitely many; so half-widths differ from those of
//! [`unpaired::pooled_difference`] from the fourth or fifth digit on. Of samples of unlike
//! variances, or with little reason to think them normal, take
//! [`unpaired::difference`] instead.

use serde::Serialize;

use crate::distribution::{normal_critical, student_critical};
use crate::error::StatsError;
use crate::estimate::{Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};
use crate::unpaired::{self, both_moments};

/// Most degrees of freedom in ministat's table.
const MOST_DF: f64 = 100.0;

/// A difference of means in percent of the mean that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Relative {
    /// The difference.
    pub percent: f64,
    /// Half the width of its interval, with the error of both means: printed since 2016.
    pub half: f64,
    /// The same with the mean that is divided by taken as known: printed before.
    pub half_of_difference: f64,
    /// The pooled standard deviation, in the unit of the samples.
    pub pooled: f64,
}

/// Difference of means `a - baseline`, in their unit. Needs 3 values in each.
///
/// # Errors
/// Values that are not finite.
pub fn difference(a: &[f64], baseline: &[f64], level: Level) -> Result<Outcome, StatsError> {
    let kind = IntervalKind::PooledTableT;
    unpaired::pooled(a, baseline, level, kind, |df| table_t(level, df))
}

/// [`difference`] in percent of the baseline's mean; None below 3 values in each, or for a
/// baseline whose mean is zero.
///
/// With means x and y and pooled variance, the half-width is that of x / y by the delta
/// method: t sqrt(((n - 1) s_x^2 + (m - 1) s_y^2 x^2 / y^2) (1/n + 1/m) / (n + m - 2)) / y.
///
/// # Errors
/// Values that are not finite.
pub fn relative(a: &[f64], baseline: &[f64], level: Level) -> Result<Option<Relative>, StatsError> {
    let method = Method::new(Statistic::MeanDifference, IntervalKind::PooledTableT);
    let Some((x, y)) = both_moments(a, baseline, &method)?.filter(|(_, y)| y.mean != 0.0) else {
        return Ok(None);
    };
    let df = x.n + y.n - 2.0;
    let half = |scale: f64| {
        let squares = (x.n - 1.0) * x.variance + (y.n - 1.0) * y.variance * scale * scale;
        table_t(level, df) * (squares / df * (1.0 / x.n + 1.0 / y.n)).sqrt()
    };
    let percent = |value: f64| 100.0 * value / y.mean;
    let pooled = ((x.n - 1.0) * x.variance + (y.n - 1.0) * y.variance) / df;
    let relative = Relative {
        percent: percent(x.mean - y.mean),
        half: percent(half(x.mean / y.mean)).abs(),
        half_of_difference: percent(half(1.0)).abs(),
        pooled: pooled.sqrt(),
    };
    let parts = [
        relative.percent,
        relative.half,
        relative.half_of_difference,
        relative.pooled,
    ];
    Ok(parts
        .iter()
        .all(|part| part.is_finite())
        .then_some(relative))
}

/// Student's t as ministat's table has it.
fn table_t(level: Level, df: f64) -> f64 {
    let t = if df > MOST_DF {
        normal_critical(level.tail())
    } else {
        student_critical(level.tail(), df)
    };
    (t * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_is_that_of_the_table() {
        for (level, df, t) in [
            (0.80, 1.0, 3.078),
            (0.90, 8.0, 1.860),
            (0.95, 8.0, 2.306),
            (0.95, 18.0, 2.101),
            (0.98, 100.0, 2.364),
            (0.99, 4.0, 4.604),
            (0.95, 101.0, 1.960),
        ] {
            assert_eq!(table_t(Level::new(level).unwrap(), df), t, "{level} {df}");
        }
    }

    #[test]
    fn nothing_is_relative_to_zero_or_too_little() {
        let level = Level::P95;
        assert_eq!(
            relative(&[1.0, 2.0, 3.0], &[-1.0, 0.0, 1.0], level),
            Ok(None)
        );
        assert_eq!(relative(&[1.0, 2.0], &[1.0, 2.0, 3.0], level), Ok(None));
        assert!(relative(&[1.0, f64::NAN], &[1.0], level).is_err());
        let huge = [1e300, 1.1e300, 1.2e300];
        assert!(matches!(relative(&huge, &huge, level), Ok(None) | Err(_)));
    }
}
