//! What each further unit of one quantity (instances) adds to another (latency).
//!
//! The points come in blocks. A slope is taken within each block, since what is common to a
//! block's trials is in no slope, and blocks are the independent units.

use crate::descriptive::{check_finite, quantile_of_sorted};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::mean::student_interval;
use crate::method::{IntervalKind, Method, Statistic};
use crate::quantile;

/// Most pairs of points that [`theil_sen`] looks at.
const MOST_PAIRS: u128 = 1 << 25;

/// Mean of the blocks' least-squares slopes, with Student's t interval. Needs 3 blocks, of
/// two places at least.
///
/// # Errors
/// Points that are not finite; a block whose points are all at one place.
pub fn mean<B: AsRef<[(f64, f64)]>>(blocks: &[B], level: Level) -> Result<Outcome, StatsError> {
    let slopes = slopes(blocks, least_squares)?;
    let method = Method::new(Statistic::Slope, IntervalKind::StudentT);
    student_interval(&slopes, level, method, |slope| slope)
}

/// Median of the blocks' least-squares slopes, with its order-statistic interval, which
/// supposes nothing of their distribution. Needs 6 blocks at 95 %, 8 at 99 %.
///
/// # Errors
/// As [`mean`].
pub fn median<B: AsRef<[(f64, f64)]>>(blocks: &[B], level: Level) -> Result<Outcome, StatsError> {
    let slopes = slopes(blocks, least_squares)?;
    quantile::order_statistic(&slopes, 0.5, level, Statistic::Slope)
}

/// Median of the blocks' Theil-Sen slopes, with its order-statistic interval: no single wild
/// point moves it much, neither its block nor the median of blocks. Gate as [`median`].
///
/// # Errors
/// As [`mean`].
pub fn robust_median<B: AsRef<[(f64, f64)]>>(
    blocks: &[B],
    level: Level,
) -> Result<Outcome, StatsError> {
    let slopes = slopes(blocks, |points| {
        let mut slopes = pair_slopes(points);
        slopes.sort_unstable_by(f64::total_cmp);
        quantile_of_sorted(&slopes, 0.5)
    })?;
    quantile::order_statistic(&slopes, 0.5, level, Statistic::Slope)
}

/// Theil and Sen's slope of independent points without blocks: the median of the slopes of
/// all pairs of points at different places.
///
/// The interval inverts the test of Kendall's tau by the normal approximation, with the
/// variance of Kendall's S for ties among the places, (n(n-1)(2n+5) - sum t(t-1)(2t+5)) / 18
/// (Sen 1968, eq. 2.6 and 6.2): with N slopes and C = z sqrt(variance), from the slope of
/// rank (N - C)/2 to that of rank (N + C)/2 + 1, rounded outwards. Needs 10 points, below
/// which the approximation isn't good.
///
/// # Errors
/// Points that are not finite, or all at one place; more than 8,192 points.
pub fn theil_sen(points: &[(f64, f64)], level: Level) -> Result<Outcome, StatsError> {
    const LEAST_POINTS: usize = 10;
    let method = Method::new(Statistic::Slope, IntervalKind::KendallNormal);
    check_points(points)?;
    let n = points.len();
    let pairs = n as u128 * n as u128 / 2;
    if pairs > MOST_PAIRS {
        return Err(StatsError::TooManyPairs {
            pairs,
            limit: MOST_PAIRS,
        });
    }
    if n < LEAST_POINTS {
        return Ok(Outcome::insufficient(n, LEAST_POINTS, method));
    }
    let mut slopes = pair_slopes(points);
    if slopes.is_empty() {
        return Err(one_place(points, 0));
    }
    if slopes.iter().any(|slope| !slope.is_finite()) {
        return Err(StatsError::Overflow {
            statistic: method.statistic.short().into_owned(),
        });
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let places: Vec<f64> = points.iter().map(|point| point.0 + 0.0).collect();
    let variance = kendall_variance(&places);
    let reach = crate::distribution::normal_critical(level.tail()) * variance.sqrt();
    let all = slopes.len();
    // Counted from 1; the upper is its mirror image.
    let rank = ((all as f64 - reach) / 2.0).floor();
    let value = quantile_of_sorted(&slopes, 0.5);
    let ends = (rank >= 1.0)
        .then_some(rank as usize)
        .and_then(|rank| Some((*slopes.get(rank - 1)?, *slopes.get(all - rank)?)));
    let (Some(value), Some(ends)) = (value, ends) else {
        // Too few for this level: at an end even the extreme slopes don't reach it.
        return Ok(Outcome::insufficient(n, n + 1, method));
    };
    Ok(Estimate::new(value, ends, level, n, method)?
        .with_zero_width_warning()
        .into())
}

/// Variance of Kendall's S where one of the two has ties.
fn kendall_variance(places: &[f64]) -> f64 {
    let term = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let mut sorted = places.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted
        .chunk_by(|a, b| a == b)
        .map(|group| term(group.len() as f64))
        .sum();
    (term(places.len() as f64) - ties) / 18.0
}

fn slopes<B: AsRef<[(f64, f64)]>>(
    blocks: &[B],
    slope: impl Fn(&[(f64, f64)]) -> Option<f64>,
) -> Result<Vec<f64>, StatsError> {
    blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let points = block.as_ref();
            check_points(points)?;
            match slope(points) {
                Some(slope) if slope.is_finite() => Ok(slope),
                Some(_) => Err(StatsError::Overflow {
                    statistic: Statistic::Slope.short().into_owned(),
                }),
                None => Err(one_place(points, index)),
            }
        })
        .collect()
}

fn check_points(points: &[(f64, f64)]) -> Result<(), StatsError> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    check_finite(&x).and_then(|()| check_finite(&y))
}

fn one_place(points: &[(f64, f64)], block: usize) -> StatsError {
    let x = points.first().map_or(f64::NAN, |point| point.0);
    StatsError::OnePlace { block, x }
}

/// The slope of the line with the least squared distances; None for points that are all at
/// one place.
pub fn least_squares(points: &[(f64, f64)]) -> Option<f64> {
    let mut points = points.to_vec();
    // So that the order of trials doesn't change a bit.
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let n = points.len() as f64;
    let mean_x = points.iter().map(|point| point.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|point| point.1).sum::<f64>() / n;
    let (mut products, mut squares) = (0.0, 0.0);
    for (x, y) in points {
        products += (x - mean_x) * (y - mean_y);
        squares += (x - mean_x) * (x - mean_x);
    }
    (squares > 0.0).then(|| products / squares)
}

/// Slopes of all pairs of points at different places.
fn pair_slopes(points: &[(f64, f64)]) -> Vec<f64> {
    points
        .iter()
        .enumerate()
        .flat_map(|(index, a)| {
            let rest = points.iter().skip(index + 1);
            rest.filter(|b| b.0 != a.0)
                .map(|b| (b.1 - a.1) / (b.0 - a.0) + 0.0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::least_squares;

    #[test]
    fn a_line_has_its_slope() {
        assert_eq!(
            least_squares(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]),
            Some(2.0)
        );
        // numpy.polyfit([1, 2, 4], [1, 4, 5], 1)[0] = 1.2142857142857142
        let slope = least_squares(&[(1.0, 1.0), (2.0, 4.0), (4.0, 5.0)]);
        assert!(slope.is_some_and(|slope| (slope - 17.0 / 14.0).abs() < 1e-12));
        assert_eq!(least_squares(&[(2.0, 1.0), (2.0, 4.0)]), None);
        assert_eq!(least_squares(&[]), None);
    }
}
