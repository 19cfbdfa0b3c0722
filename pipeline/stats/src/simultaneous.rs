//! Intervals that hold together: a matrix of ratios, all measured in the same blocks.
//!
//! In 1,000 simulated campaigns of six ratios of lognormal values to one base line, all six
//! were in their 95 % intervals at once in 96, 95, 96 and 93 % of those of 8, 10, 20 and 50
//! blocks (tests/resampling.rs, `coverage_of_families_and_levels`).

use crate::bootstrap::threads;
use crate::bootstrap::{self, LEAST_N, Resampling, Source};
use crate::descriptive::{check_finite, mean_of, quantile_of_sorted};
use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};
use crate::paired::logs;

/// Fewest blocks for t intervals.
const LEAST_BLOCKS: usize = 3;

/// Ratios `a / b` of pairs of conditions, each the geometric mean over blocks, with
/// intervals that all contain their ratios with the probability `level`.
///
/// `pairs` holds the values of a and of b by block, of the same blocks in the same order
/// for all pairs. Blocks are resampled whole, so that what the pairs have in common (a
/// shared base line, a slow block) makes the intervals narrower; all are as wide as the
/// largest |t| among them asks: exp(mean log ratio +- c standard errors), c the quantile
/// of max |t*| (P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, 1993).
///
/// Below 8 blocks, or where resamples have no variance to divide by, Student's t intervals
/// of the level divided among the pairs (Bonferroni) are given, and the method says so; in
/// no case are the intervals wider than these. Needs 3 blocks.
///
/// # Errors
/// Values that are not finite or not above zero; different numbers of blocks; too few
/// replicates.
pub fn ratios<T: AsRef<[f64]>>(
    pairs: &[(T, T)],
    resampling: Resampling,
    level: Level,
) -> Result<Vec<Outcome>, StatsError> {
    resampling.check(level)?;
    let blocks = pairs.first().map_or(0, |(a, _)| a.as_ref().len());
    let mut family = Vec::with_capacity(pairs.len());
    for (a, b) in pairs {
        let (a, b) = (logs(a.as_ref())?, logs(b.as_ref())?);
        for length in [a.len(), b.len()] {
            if length != blocks {
                return Err(StatsError::Unpaired {
                    a: blocks,
                    b: length,
                });
            }
        }
        let ratios: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        check_finite(&ratios)?;
        family.push(ratios);
    }
    let size = family.len();
    let Resampling { replicates, seed } = resampling;
    let statistic = Statistic::PairedGeometricRatio;
    let bonferroni = IntervalKind::BonferroniT { family: size };
    if blocks < LEAST_BLOCKS {
        let method = Method::new(statistic, bonferroni);
        let gate = || Outcome::insufficient(blocks, LEAST_BLOCKS, method.clone());
        return Ok(family.iter().map(|_| gate()).collect());
    }
    let divided = student_critical(level.tail() / size as f64, (blocks - 1) as f64);
    let together = if blocks < LEAST_N {
        None
    } else {
        largest_t(&family, resampling, level)?
    };
    let (critical, kind) = match together {
        Some(critical) if critical < divided => (
            critical,
            IntervalKind::MaxT {
                replicates,
                seed,
                family: size,
            },
        ),
        _ => (divided, bonferroni),
    };
    family
        .iter()
        .map(|ratios| {
            let (mean, error) = mean_and_error(ratios.iter().copied());
            let ends = (mean - critical * error, mean + critical * error);
            Ok(Estimate::new(
                libm::exp(mean),
                (libm::exp(ends.0), libm::exp(ends.1)),
                level,
                blocks,
                Method::new(statistic.clone(), kind.clone()),
            )?
            .with_warnings(bootstrap::few(blocks))
            .with_zero_width_warning()
            .into())
        })
        .collect()
}

/// Quantile `level` of the largest |t| over the family in resamples of its blocks; None
/// where it is without bound.
fn largest_t(
    family: &[Vec<f64>],
    resampling: Resampling,
    level: Level,
) -> Result<Option<f64>, StatsError> {
    let blocks = family.first().map_or(0, Vec::len);
    let centres: Vec<f64> = family
        .iter()
        .map(|ratios| mean_of(ratios).unwrap_or(f64::NAN))
        .collect();
    // Pairs that don't vary have no t, and no width whatever the others'.
    let varying: Vec<(&Vec<f64>, f64)> = family
        .iter()
        .zip(centres)
        .filter(|(ratios, _)| ratios.windows(2).any(|pair| pair.first() != pair.last()))
        .collect();
    let mut largest = threads::replicates(
        resampling.replicates,
        threads::available(),
        Vec::new,
        |replicate, rows: &mut Vec<u32>| {
            let mut source = Source::new(resampling.seed, replicate);
            rows.clear();
            source.batches(blocks as u32, blocks, |batch| rows.extend_from_slice(batch));
            let largest = varying.iter().map(|(ratios, centre)| {
                let drawn = rows
                    .iter()
                    .map(|&row| ratios.get(row as usize).copied().unwrap_or(f64::NAN));
                let (mean, error) = mean_and_error(drawn);
                if error > 0.0 {
                    ((mean - centre) / error).abs()
                } else {
                    // One block over and over: nothing to bound t by.
                    f64::MAX
                }
            });
            Ok(largest.fold(0.0, f64::max))
        },
    )?;
    largest.sort_unstable_by(f64::total_cmp);
    let critical = quantile_of_sorted(&largest, level.get());
    Ok(critical.filter(|critical| *critical < 1e100))
}

/// Mean and its standard error.
fn mean_and_error(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n * (n - 1.0))).sqrt())
}
