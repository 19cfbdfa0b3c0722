//! What is resampled: a statistic of a sample, its replicates and its jackknife.

use crate::bootstrap::source::Source;
use crate::descriptive::{mean_of, quantile_of_sorted};
use crate::error::StatsError;
use crate::method::Statistic;

/// A statistic to be resampled.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Of<'a> {
    /// Arithmetic mean.
    Mean,
    /// Quantile by interpolation of type 7; 0.5 is the median.
    Quantile(f64),
    /// Mean of what is left when this share of the values, rounded down, is cut off at
    /// either end.
    TrimmedMean(f64),
    /// Any function. It sees resamples in no particular order and must be finite for each.
    Function(&'a (dyn Fn(&[f64]) -> f64 + Sync), &'a Statistic),
}

impl Of<'_> {
    pub(crate) fn statistic(&self) -> Statistic {
        match self {
            Self::Mean => Statistic::Mean,
            Self::Quantile(p) => Statistic::quantile(*p),
            Self::TrimmedMean(share) => Statistic::Trimmed { share: *share },
            Self::Function(_, statistic) => (*statistic).clone(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), StatsError> {
        match *self {
            Self::Quantile(p) if !(p > 0.0 && p < 1.0) => Err(StatsError::Probability(p)),
            Self::TrimmedMean(share) if !(0.0..0.5).contains(&share) => {
                Err(StatsError::Trim(share))
            }
            _ => Ok(()),
        }
    }
}

/// Buffers that replicates share.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) rows: Vec<u32>,
    counts: Vec<u32>,
    values: Vec<f64>,
}

/// A statistic of given values, made ready for many resamples of their rows.
pub(crate) struct Subject<'a> {
    of: Of<'a>,
    /// By row; less the centre if the statistic is the mean.
    rows: Vec<f64>,
    centre: f64,
    sorted: Vec<f64>,
    /// Position of each row among the sorted.
    ranks: Vec<u32>,
}

impl<'a> Subject<'a> {
    /// `values` are finite, and their number fits 32 bits.
    pub(crate) fn new(values: &[f64], of: Of<'a>) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        let at = |row: u32| values.get(row as usize).copied().unwrap_or(f64::NAN);
        order.sort_by(|&a, &b| at(a).total_cmp(&at(b)));
        let sorted: Vec<f64> = order.iter().map(|&row| at(row)).collect();
        let mut ranks = vec![0; values.len()];
        for (rank, &row) in order.iter().enumerate() {
            if let Some(place) = ranks.get_mut(row as usize) {
                *place = rank as u32;
            }
        }
        // Over the sorted, so that it doesn't depend on the order of the rows.
        let centre = mean_of(&sorted).unwrap_or(f64::NAN);
        let rows = match of {
            Of::Mean => values.iter().map(|value| value - centre).collect(),
            _ => values.to_vec(),
        };
        Self {
            of,
            rows,
            centre,
            sorted,
            ranks,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The statistic of the values themselves.
    pub(crate) fn value(&self) -> Result<f64, StatsError> {
        match self.of {
            Of::Mean => Ok(self.centre),
            Of::Quantile(p) => Ok(quantile_of_sorted(&self.sorted, p).unwrap_or(f64::NAN)),
            Of::TrimmedMean(share) => {
                let cut = cut(share, self.len());
                let kept = self.sorted.get(cut..self.len() - cut);
                Ok(kept.and_then(mean_of).unwrap_or(f64::NAN))
            }
            Of::Function(function, statistic) => checked(function(&self.sorted), statistic),
        }
    }

    /// The statistic of a resample drawn from `source`.
    ///
    /// A quantile isn't counted out: the order statistics of uniform numbers are drawn
    /// instead, which gives the ranks that those of the resample have the distribution of.
    pub(crate) fn replicate(
        &self,
        source: &mut Source,
        scratch: &mut Scratch,
    ) -> Result<f64, StatsError> {
        let n = self.len();
        match self.of {
            Of::Mean => {
                let mut sums = [0.0; 8];
                source.batches(n as u32, n, |batch| self.add(&mut sums, batch));
                Ok(self.mean(sums))
            }
            Of::Quantile(p) => {
                let (rank, weight) = rank_and_weight(n, p);
                let (at, next) = source.order_statistics(rank, n);
                let value = |uniform: f64| {
                    let index = ((uniform * n as f64) as usize).min(n - 1);
                    self.sorted.get(index).copied().unwrap_or(f64::NAN)
                };
                Ok(between(value(at), value(next), weight))
            }
            _ => {
                let mut rows = std::mem::take(&mut scratch.rows);
                draw(n, source, &mut rows);
                let result = self.of_rows(&rows, scratch);
                scratch.rows = rows;
                result
            }
        }
    }

    /// The statistic of the resample that consists of these rows.
    pub(crate) fn of_rows(&self, rows: &[u32], scratch: &mut Scratch) -> Result<f64, StatsError> {
        match self.of {
            Of::Mean => {
                let mut sums = [0.0; 8];
                rows.chunks(8).for_each(|batch| self.add(&mut sums, batch));
                Ok(self.mean(sums))
            }
            Of::Quantile(p) => {
                self.count(rows, scratch);
                let (rank, weight) = rank_and_weight(rows.len(), p);
                let (mut seen, mut low) = (0_usize, None);
                for (&value, &count) in self.sorted.iter().zip(&scratch.counts) {
                    seen += count as usize;
                    if seen >= rank && low.is_none() {
                        low = Some(value);
                    }
                    if seen > rank || seen == rows.len() {
                        return Ok(between(low.unwrap_or(value), value, weight));
                    }
                }
                Ok(f64::NAN)
            }
            Of::TrimmedMean(share) => {
                self.count(rows, scratch);
                let cut = cut(share, rows.len());
                let (first, end) = (cut, rows.len() - cut);
                let (mut seen, mut sum) = (0_usize, 0.0);
                for (&value, &count) in self.sorted.iter().zip(&scratch.counts) {
                    let after = seen + count as usize;
                    let kept = after.min(end).saturating_sub(seen.max(first));
                    sum += kept as f64 * (value - self.centre);
                    seen = after;
                }
                Ok(self.centre + sum / (end - first) as f64)
            }
            Of::Function(function, statistic) => {
                scratch.values.clear();
                let values = rows.iter().filter_map(|&row| self.rows.get(row as usize));
                scratch.values.extend(values);
                checked(function(&scratch.values), statistic)
            }
        }
    }

    /// The statistic with each row left out in turn, in the order of the rows.
    pub(crate) fn jackknife(&self) -> Result<Vec<f64>, StatsError> {
        let n = self.len();
        let rest = n - 1;
        match self.of {
            Of::Mean => Ok(self
                .rows
                .iter()
                .map(|deviation| self.centre - deviation / rest as f64)
                .collect()),
            Of::Quantile(p) => {
                let (rank, weight) = rank_and_weight(rest, p);
                // Position among the rest, and then among all.
                let value = |position: usize, left_out: usize| {
                    let position = position.min(rest - 1);
                    let index = position + usize::from(position >= left_out);
                    self.sorted.get(index).copied().unwrap_or(f64::NAN)
                };
                Ok(self
                    .ranks
                    .iter()
                    .map(|&left_out| {
                        let left_out = left_out as usize;
                        between(value(rank - 1, left_out), value(rank, left_out), weight)
                    })
                    .collect())
            }
            Of::TrimmedMean(share) => {
                let cut = cut(share, rest);
                let mut sums = Vec::with_capacity(n + 1);
                let mut sum = 0.0;
                sums.push(sum);
                sums.extend(self.sorted.iter().map(|value| {
                    sum += value - self.centre;
                    sum
                }));
                let part = |from: usize, to: usize| match (sums.get(from), sums.get(to)) {
                    (Some(from), Some(to)) if from != to => to - from,
                    _ => 0.0,
                };
                let kept = (rest - 2 * cut) as f64;
                Ok(self
                    .ranks
                    .iter()
                    .map(|&left_out| {
                        let left_out = left_out as usize;
                        // Of all, the positions from `cut` are kept until one more than
                        // `rest - cut` where one of them is left out.
                        let sum = if left_out < cut {
                            part(cut + 1, rest - cut + 1)
                        } else if left_out >= rest - cut {
                            part(cut, rest - cut)
                        } else {
                            part(cut, left_out) + part(left_out + 1, rest - cut + 1)
                        };
                        self.centre + sum / kept
                    })
                    .collect())
            }
            Of::Function(function, statistic) => {
                let mut others = Vec::with_capacity(n);
                (0..n)
                    .map(|left_out| {
                        others.clear();
                        others.extend_from_slice(&self.rows);
                        others.remove(left_out);
                        checked(function(&others), statistic)
                    })
                    .collect()
            }
        }
    }

    #[inline]
    fn add(&self, sums: &mut [f64; 8], batch: &[u32]) {
        for (sum, &row) in sums.iter_mut().zip(batch) {
            *sum += self.rows.get(row as usize).copied().unwrap_or(f64::NAN);
        }
    }

    fn mean(&self, [a, b, c, d, e, f, g, h]: [f64; 8]) -> f64 {
        let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
        self.centre + sum / self.len() as f64
    }

    fn count(&self, rows: &[u32], scratch: &mut Scratch) {
        scratch.counts.clear();
        scratch.counts.resize(self.len(), 0);
        for &row in rows {
            let rank = self.ranks.get(row as usize).copied().unwrap_or(u32::MAX);
            if let Some(count) = scratch.counts.get_mut(rank as usize) {
                *count += 1;
            }
        }
    }
}

/// Fills `rows` with `n` numbers below `n`.
pub(crate) fn draw(n: usize, source: &mut Source, rows: &mut Vec<u32>) {
    rows.clear();
    source.batches(n as u32, n, |batch| rows.extend_from_slice(batch));
}

/// Rank, from 1, of the order statistic below the type 7 quantile of `n` values, and the
/// weight of the one above.
pub(crate) fn rank_and_weight(n: usize, p: f64) -> (usize, f64) {
    let position = (n.saturating_sub(1)) as f64 * p;
    let below = position.floor();
    (below as usize + 1, position - below)
}

/// The point at `weight` of the way from `low` to `high`, never outside them.
pub(crate) fn between(low: f64, high: f64, weight: f64) -> f64 {
    let gap = high - low;
    let point = if gap.is_finite() {
        low + gap * weight
    } else {
        low * (1.0 - weight) + high * weight
    };
    point.max(low).min(high)
}

fn cut(share: f64, n: usize) -> usize {
    (share * n as f64) as usize
}

fn checked(value: f64, statistic: &Statistic) -> Result<f64, StatsError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(StatsError::StatisticNotFinite {
            statistic: statistic.short().into_owned(),
            value,
        })
    }
}
