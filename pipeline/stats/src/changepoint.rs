//! Where a series changes its mean or variance: PELT.

use crate::descriptive::{Sample, check_finite, mean_of};
use crate::error::StatsError;

/// Candidates beyond which changes are looked for at the ends of blocks first: without
/// changes PELT compares every pair of candidates.
const MOST_CANDIDATES: usize = 512;

/// How readily changes are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Penalty {
    /// What a change must gain in twice the log-likelihood, in units of ln n.
    pub factor: f64,
    /// Fewest values between changes, at least 2.
    pub least_segment: usize,
}

impl Default for Penalty {
    /// 15 ln n, by which a change must be plain (Schwarz's criterion would be 3 ln n for
    /// the change's place, mean and variance, and splits noise that isn't normal), and
    /// segments of 5 or more.
    fn default() -> Self {
        Self {
            factor: 15.0,
            least_segment: 5,
        }
    }
}

/// Positions, ascending, at which a new segment starts (that of the first segment, 0, left
/// out): the segmentation of least cost
///
/// > sum over segments of m (ln(2 pi w) + v / w), plus factor ln n for each change
///
/// where m is a segment's length, v its variance (divisor m) and w the greater of v and the
/// least variance: twice the negative log-likelihood of normal values. It is found exactly by
/// PELT: R. Killick, P. Fearnhead and I. A. Eckley, Optimal detection of changepoints with
/// a linear computational cost, JASA 107 (2012) 1590-1598. Of segmentations of the same
/// cost the one whose last change is earliest is taken.
///
/// The least variance is that of rounding to the smallest step between different values
/// (step^2 / 12), or (range / 10^6)^2 if that is greater: a few equal values don't make a
/// segment. Series of more than 512 values are cut into as many blocks, or
/// fewer, of equal length; changes are looked for at the ends of blocks, and then anywhere within
/// a block of those found. So the time is about proportional to n for any series.
///
/// # Errors
/// Values that are not finite or whose squares overflow; a penalty that isn't a positive
/// number; segments below 2 values.
pub fn pelt(series: &[f64], penalty: Penalty) -> Result<Vec<usize>, StatsError> {
    check_finite(series)?;
    if !(penalty.factor > 0.0 && penalty.factor.is_finite()) || penalty.least_segment < 2 {
        return Err(StatsError::Penalty {
            factor: penalty.factor,
            least_segment: penalty.least_segment,
        });
    }
    let n = series.len();
    let Some(costs) = Costs::new(series)? else {
        return Ok(Vec::new());
    };
    let block = n.div_ceil(MOST_CANDIDATES);
    let price = penalty.factor * libm::log(n as f64);
    let search = |ends: &[usize]| segmentation(&costs, ends, price, penalty.least_segment);
    let ends: Vec<usize> = (1..n).filter(|end| end % block == 0).chain([n]).collect();
    let changes = search(&ends);
    if block == 1 || changes.is_empty() {
        return Ok(changes);
    }
    let near = changes
        .into_iter()
        .flat_map(|change| change + 1 - block..change + block);
    let mut ends: Vec<usize> = near.filter(|end| *end < n).chain([n]).collect();
    ends.sort_unstable();
    ends.dedup();
    Ok(search(&ends))
}

/// The best segmentation with changes at some of `ends`, which are ascending up to n.
fn segmentation(costs: &Costs, ends: &[usize], price: f64, least_segment: usize) -> Vec<usize> {
    // Least cost of all before `end`, and where its last segment starts.
    let mut best = vec![(0, -price, 0)];
    // Starts that can still be part of the optimum: index into `best`, and the end from which
    // on they can't, a number like the totals, so that both are gone through several at a time. A
    // start that loses to a change at `end` loses only once the segment that begins there is long
    // enough.
    let mut starts: Vec<usize> = Vec::new();
    let mut untils: Vec<f64> = Vec::new();
    let mut totals: Vec<f64> = Vec::new();
    let mut entered = 0;
    for &end in ends {
        while best
            .get(entered)
            .is_some_and(|(start, ..)| start + least_segment <= end)
        {
            starts.push(entered);
            untils.push(f64::INFINITY);
            entered += 1;
        }
        let stays = |until: &f64| (end as f64) < *until;
        if !untils.iter().all(stays) {
            let mut each = untils.iter();
            starts.retain(|_| each.next().is_some_and(stays));
            untils.retain(stays);
        }
        totals.clear();
        totals.extend(
            starts
                .iter()
                .filter_map(|index| best.get(*index))
                .map(|(start, cost, _)| cost + costs.segment(*start, end)),
        );
        let mut least: Option<(usize, f64)> = None;
        for (index, total) in starts.iter().zip(&totals) {
            if least.is_none_or(|(_, known)| *total < known) {
                least = Some((*index, *total));
            }
        }
        let Some((from, total)) = least else {
            // Too near the start for a segment.
            continue;
        };
        best.push((end, total + price, from));
        let (most, lost) = (total + price, (end + least_segment) as f64);
        for (until, without) in untils.iter_mut().zip(&totals) {
            let now = if *without > most { lost } else { f64::INFINITY };
            *until = if now < *until { now } else { *until };
        }
    }
    trace(&best)
}

/// Follows the last changes back from the end.
fn trace(best: &[(usize, f64, usize)]) -> Vec<usize> {
    let mut changes = Vec::new();
    let mut index = best.len().saturating_sub(1);
    while index > 0 {
        let Some(&(_, _, from)) = best.get(index) else {
            break;
        };
        if let Some(&(start, ..)) = best.get(from)
            && start > 0
        {
            changes.push(start);
        }
        index = from;
    }
    changes.reverse();
    changes
}

/// Cost of any segment in constant time, from running sums of deviations from the mean.
struct Costs {
    sums: Vec<f64>,
    squares: Vec<f64>,
    least_variance: f64,
}

impl Costs {
    /// None for a series without variation.
    fn new(series: &[f64]) -> Result<Option<Self>, StatsError> {
        let sample = Sample::new(series)?;
        let (Some(low), Some(high), Some(mean)) = (sample.min(), sample.max(), mean_of(series))
        else {
            return Ok(None);
        };
        let overflow = || StatsError::Overflow {
            statistic: "variance of the series".to_owned(),
        };
        if low == high {
            return Ok(None);
        }
        let step = sample
            .values()
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if b > a => Some(b - a),
                _ => None,
            })
            .fold(f64::INFINITY, f64::min);
        let grain = (high - low) * 1e-6;
        let least_variance = (step * step / 12.0).max(grain * grain);
        let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
        let (mut sum, mut square) = (0.0, 0.0);
        for value in series {
            let deviation = value - mean;
            sum += deviation;
            square += deviation * deviation;
            sums.push(sum);
            squares.push(square);
        }
        if !(square.is_finite() && least_variance > 0.0 && least_variance.is_finite()) {
            return Err(overflow());
        }
        Ok(Some(Self {
            sums,
            squares,
            least_variance,
        }))
    }

    fn segment(&self, start: usize, end: usize) -> f64 {
        let over = |sums: &[f64]| match (sums.get(start), sums.get(end)) {
            (Some(before), Some(up_to)) => up_to - before,
            _ => 0.0,
        };
        let m = (end - start) as f64;
        let mean = over(&self.sums) / m;
        let variance = (over(&self.squares) / m - mean * mean).max(0.0);
        let bounded = variance.max(self.least_variance);
        m * (libm::log(std::f64::consts::TAU * bounded) + variance / bounded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by dynamic programming without pruning.
    fn plain(series: &[f64], penalty: Penalty) -> Vec<usize> {
        let costs = Costs::new(series).unwrap().unwrap();
        let n = series.len();
        let price = penalty.factor * libm::log(n as f64);
        let mut best = vec![(f64::INFINITY, 0); n + 1];
        best[0] = (-price, 0);
        for end in penalty.least_segment..=n {
            for start in 0..=end - penalty.least_segment {
                let total = best[start].0 + costs.segment(start, end) + price;
                if total < best[end].0 {
                    best[end] = (total, start);
                }
            }
        }
        let mut changes = Vec::new();
        let mut end = best[n].1;
        while end > 0 {
            changes.push(end);
            end = best[end].1;
        }
        changes.reverse();
        changes
    }

    #[test]
    fn pruning_changes_nothing() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f64 / (1_u64 << 24) as f64
        };
        for case in 0..60 {
            let n = 4 + case * 2;
            let mut level = 0.0;
            let mut spread = 1.0;
            let series: Vec<f64> = (0..n)
                .map(|_| {
                    if uniform() < 0.05 {
                        level = 4.0 * uniform();
                        spread = 0.2 + uniform();
                    }
                    level + spread * (uniform() + uniform() - 1.0)
                })
                .collect();
            for factor in [0.5, 2.0, 15.0] {
                for least_segment in [2, 5] {
                    let penalty = Penalty {
                        factor,
                        least_segment,
                    };
                    assert_eq!(
                        pelt(&series, penalty).unwrap(),
                        plain(&series, penalty),
                        "{case} {penalty:?}"
                    );
                }
            }
        }
    }
}
