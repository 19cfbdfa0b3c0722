//! How evenly a resource is shared.

use crate::bootstrap::{Bootstrap, Of, Resampling};
use crate::descriptive::mean_of;
use crate::error::StatsError;
use crate::estimate::{Level, Outcome};
use crate::method::Statistic;

/// Jain's index of the shares of one trial (a share per VM, in any unit): 1 if all are
/// equal, 1/n if one of n has everything.
///
/// R. Jain, D. M. Chiu and W. Hawe, A quantitative measure of fairness and discrimination
/// for resource allocation in shared computer systems, DEC-TR-301, 1984: (sum x)^2 /
/// (n sum x^2).
///
/// # Errors
/// Shares that are not finite or below zero; no shares, or all of them zero.
pub fn jain(shares: &[f64]) -> Result<f64, StatsError> {
    jain_of_trial(shares, 0)
}

/// Jain's index, averaged over `trials` of the same number of shares each, with an
/// interval by resampling whole trials (BCa bootstrap).
///
/// The index is that of each trial, not that of the shares' means over trials: in which
/// VM the advantage lies may change from trial to trial, and averaging first would call
/// that fair. No resample can leave [1/n, 1], so neither can the interval.
///
/// Needs 8 trials, and covers less than its level with so few: see [`bootstrap`](crate::bootstrap). For an
/// interval that is exact at small n, take [`quantile::median`](crate::quantile::median)
/// of the trials' indices.
///
/// # Errors
/// As [`jain`], with the trial's position; trials with different numbers of shares; too
/// few replicates.
pub fn jain_index<T: AsRef<[f64]>>(
    trials: &[T],
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let statistic = |shares| Statistic::JainIndex { shares };
    mean_of_trials(trials, statistic, |_, jain| jain, resampling, level)
}

/// Smallest share over the largest (1 if all are equal, 0 if one has nothing), averaged
/// over `trials`. As [`jain_index`].
///
/// # Errors
/// As [`jain_index`].
pub fn min_over_max<T: AsRef<[f64]>>(
    trials: &[T],
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let statistic = |shares| Statistic::MaxMin { shares };
    let ratio = |shares: &[f64], _| {
        let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
        least / shares.iter().copied().fold(0.0, f64::max)
    };
    mean_of_trials(trials, statistic, ratio, resampling, level)
}

/// Coefficient of variation of the shares (standard deviation with divisor n, over the
/// mean; 0 if all are equal), averaged over `trials`. As [`jain_index`], with which it is
/// tied within a trial: the index is 1 / (1 + CoV^2).
///
/// # Errors
/// As [`jain_index`].
pub fn variation<T: AsRef<[f64]>>(
    trials: &[T],
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let statistic = |shares| Statistic::ShareVariation { shares };
    let variation = |shares: &[f64], _| {
        // Of the largest, so that no square overflows or vanishes.
        let largest = shares.iter().copied().fold(0.0, f64::max);
        let parts: Vec<f64> = shares.iter().map(|share| share / largest).collect();
        let mean = mean_of(&parts).unwrap_or(f64::NAN);
        let squares: f64 = parts.iter().map(|x| (x - mean) * (x - mean)).sum();
        (squares / parts.len() as f64).sqrt() / mean
    };
    mean_of_trials(trials, statistic, variation, resampling, level)
}

/// `index` of the shares of a trial and its Jain index, averaged over trials.
fn mean_of_trials<T: AsRef<[f64]>>(
    trials: &[T],
    statistic: impl Fn(usize) -> Statistic,
    index: impl Fn(&[f64], f64) -> f64,
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let expected = trials.first().map_or(0, |first| first.as_ref().len());
    let indices = trials
        .iter()
        .enumerate()
        .map(|(trial, shares)| {
            let shares = shares.as_ref();
            if shares.len() != expected {
                return Err(StatsError::SharesDiffer {
                    trial,
                    expected,
                    got: shares.len(),
                });
            }
            Ok(index(shares, jain_of_trial(shares, trial)?))
        })
        .collect::<Result<Vec<f64>, _>>()?;
    let mean = |indices: &[f64]| mean_of(indices).unwrap_or(f64::NAN);
    let of = Of::Function(&mean, &statistic(expected));
    Bootstrap::new(resampling, level).one(&indices, of)
}

/// The least share of one trial over its greatest: 1 if all are equal, 0 if one has nothing.
///
/// # Errors
/// As [`jain`].
pub fn min_max_ratio(shares: &[f64]) -> Result<f64, StatsError> {
    jain(shares)?;
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    let least = shares.iter().copied().fold(greatest, f64::min);
    Ok(least / greatest)
}

/// The standard deviation (with divisor n) of one trial's shares over their mean: 0 if all
/// are equal, sqrt(n - 1) if one of n has everything.
///
/// The divisor is n because the shares are all there are, not a sample; with it, and so
/// exactly, [`jain`] is 1 / (1 + cov^2).
///
/// # Errors
/// As [`jain`].
pub fn coefficient_of_variation(shares: &[f64]) -> Result<f64, StatsError> {
    jain(shares)?;
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    // Shares of the largest, so that no square overflows or vanishes.
    let mut parts: Vec<f64> = shares.iter().map(|share| share / greatest).collect();
    parts.sort_unstable_by(f64::total_cmp);
    let mean = mean_of(&parts).unwrap_or(f64::NAN);
    let squares: f64 = parts.iter().map(|part| (part - mean) * (part - mean)).sum();
    Ok((squares / parts.len() as f64).sqrt() / mean)
}

fn jain_of_trial(shares: &[f64], trial: usize) -> Result<f64, StatsError> {
    for (share, &value) in shares.iter().enumerate() {
        if !value.is_finite() {
            return Err(StatsError::NotFinite {
                index: share,
                value,
            });
        }
        if value < 0.0 {
            return Err(StatsError::NegativeShare {
                trial,
                share,
                value,
            });
        }
    }
    // Shares of the largest, so that no square overflows or vanishes.
    let largest = shares.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(StatsError::NothingShared { trial });
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    for share in shares {
        let part = share / largest;
        sum += part;
        squares += part * part;
    }
    let n = shares.len() as f64;
    Ok((sum * sum / (n * squares)).clamp(1.0 / n, 1.0))
}
