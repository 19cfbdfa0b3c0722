//! Measurements within measurements: packets in intervals in trials.
//!
//! The value of a group is the mean of the values of its members, at every level, so that
//! a trial counts as one however many packets it has. With the same number of members
//! everywhere that is the mean of all.
//!
//! Only the highest level is independent. An interval for the mean comes from its units
//! ([`mean`], [`ratio`]: T. Kalibera and R. Jones, Rigorous benchmarking in reasonable
//! time, ISMM 2013), or from resamples ([`Levels`]). What the levels below add to the
//! variance ([`variances`]) says where more repetitions are worth their cost.
//!
//! Ratios of a campaign of 1,000 cells (two conditions in 10 blocks, 10 intervals of 10 packets
//! each) by 1,000 resamples each, in seconds of one processor, all in one run of `cargo bench
//! --bench bootstrap` on a busy machine of two; the peers did some of the cells (numpy all
//! replicates of a cell at once):
//!
//! | | [`Levels`] | numpy 2.4.6 | R 4.2's boot |
//! |---|---|---|---|
//! | [`Resampled::Top`] | 0.09 | 0.33 | 15 |
//! | [`Resampled::All`] | 4.4 | 26 | 656 |

use serde::{Deserialize, Serialize};

use crate::bootstrap::threads;
use crate::bootstrap::{Contrast, LEAST_N, Resampling, Source};
use crate::descriptive::{check_finite, mean_of, quantile_of_sorted};
use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::method::{IntervalKind, Method, Statistic};

/// A group of measurements, or of groups; sizes may differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Nested {
    /// Measurements.
    Values(Vec<f64>),
    /// Groups of one depth.
    Group(Vec<Nested>),
}

impl From<&[f64]> for Nested {
    fn from(values: &[f64]) -> Self {
        Self::Values(values.to_vec())
    }
}

/// What a level adds to the variance of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelVariance {
    /// Mean variance of the members of a group of this level, that of the levels below
    /// included: S_i^2 of Kalibera and Jones.
    pub biased: f64,
    /// Variance that arises at this level: T_i^2. Zero or below means that none can be
    /// seen, and that repetitions at this level gain nothing.
    pub unbiased: f64,
    /// Mean number of members of a group of this level.
    pub repetitions: f64,
}

/// Variance by level, from the lowest (measurements of a group) to the highest (the
/// outermost groups).
///
/// S_i^2 is the mean over all groups of level i of the variance of their members' means,
/// with divisor size - 1; T_1^2 = S_1^2 and T_i^2 = S_i^2 - S_{i-1}^2 / r_{i-1}, r the
/// size of a group: Kalibera and Jones, section 6. Where sizes differ, the last term is the
/// mean over groups of S^2 / r.
///
/// # Errors
/// Values that are not finite; groups of different depths, empty, or none with two members
/// at some level.
pub fn variances(data: &Nested) -> Result<Vec<LevelVariance>, StatsError> {
    let tree = Tree::new(data)?;
    let depth = tree.depth;
    let mut levels = Vec::with_capacity(depth);
    let mut below = 0.0;
    for level in 0..depth {
        let groups = tree.groups_at(level);
        let (mut squares, mut of_means, mut counted, mut members) = (0.0, 0.0, 0_usize, 0_usize);
        for group in &groups {
            let size = group.len();
            members += size;
            if let Some(variance) = variance(group) {
                squares += variance;
                of_means += variance / size as f64;
                counted += 1;
            }
        }
        if counted == 0 {
            return Err(StatsError::Levels {
                problem: format!("no group of level {} has two members", level + 1),
            });
        }
        let biased = squares / counted as f64;
        levels.push(LevelVariance {
            biased,
            unbiased: biased - below,
            repetitions: members as f64 / groups.len() as f64,
        });
        below = of_means / counted as f64;
    }
    if levels.iter().all(|level| level.unbiased.is_finite()) {
        Ok(levels)
    } else {
        Err(StatsError::Overflow {
            statistic: "variance by level".to_owned(),
        })
    }
}

/// How often to repeat at each level but the highest, given what a repetition costs at each
/// level (in any unit, lowest first, that of a group without its members): the counts that
/// give the mean its precision at least cost. How often to repeat at the highest level
/// follows from the precision wanted.
///
/// r_i = ceil(sqrt(c_{i+1} / c_i T_i^2 / T_{i+1}^2)): Kalibera and Jones, section 6.
/// None for a level whose variance or that of the level above it can't be seen (T^2 of zero
/// or below): one repetition is enough where the level itself has none, and as many as can
/// be had are right where the level above has none.
///
/// # Errors
/// Costs that are not above zero, or not one per level.
pub fn repetitions(
    levels: &[LevelVariance],
    costs: &[f64],
) -> Result<Vec<Option<u64>>, StatsError> {
    check_finite(costs)?;
    if let Some(index) = costs.iter().position(|cost| *cost <= 0.0) {
        let value = costs.get(index).copied().unwrap_or(0.0);
        return Err(StatsError::NotPositive { index, value });
    }
    if costs.len() != levels.len() {
        return Err(StatsError::Unpaired {
            a: levels.len(),
            b: costs.len(),
        });
    }
    let both: Vec<(f64, f64)> = levels
        .iter()
        .map(|level| level.unbiased)
        .zip(costs.iter().copied())
        .collect();
    Ok(both
        .windows(2)
        .map(|pair| match pair {
            [(variance, cost), (above, cost_above)] if *variance > 0.0 && *above > 0.0 => {
                let best = (cost_above / cost * (variance / above)).sqrt().ceil();
                Some((best as u64).max(1))
            }
            _ => None,
        })
        .collect())
}

/// Mean of the outermost groups' means with Student's t interval, of as many degrees of
/// freedom as there are outermost groups, less one. Needs 3.
///
/// # Errors
/// Values that are not finite; groups of different depths, or empty.
pub fn mean(data: &Nested, level: Level) -> Result<Outcome, StatsError> {
    let means = Tree::new(data)?.outermost();
    let method = Method::new(Statistic::Mean, IntervalKind::TopLevelT);
    let Some(half) = Half::new(&means, level) else {
        return Ok(Outcome::insufficient(means.len(), LEAST_FOR_T, method));
    };
    let ends = (half.mean - half.width, half.mean + half.width);
    Ok(Estimate::new(half.mean, ends, level, means.len(), method)?
        .with_zero_width_warning()
        .into())
}

/// Ratio of the means `a / b` of two conditions that nothing pairs, with Fieller's interval
/// from the means of their outermost groups: Kalibera and Jones, section 7. Needs 3 groups
/// in each.
///
/// The interval is bounded only if b's own interval excludes zero; otherwise the answer is
/// that there is too little data.
///
/// # Errors
/// Values that are not finite, outermost means not above zero; groups of different depths,
/// or empty.
pub fn ratio(a: &Nested, b: &Nested, level: Level) -> Result<Outcome, StatsError> {
    let (a, b) = (Tree::new(a)?.outermost(), Tree::new(b)?.outermost());
    Contrast::Ratio.check(&a)?;
    Contrast::Ratio.check(&b)?;
    let statistic = Statistic::RatioOf {
        of: Box::new(Statistic::Mean),
        paired: false,
    };
    let method = Method::new(statistic, IntervalKind::TopLevelFieller);
    let n = a.len().min(b.len());
    let (Some(over), Some(under)) = (Half::new(&a, level), Half::new(&b, level)) else {
        return Ok(Outcome::insufficient(n, LEAST_FOR_T, method));
    };
    // Relative, so that no square overflows.
    let (over_width, under_width) = (over.width / over.mean, under.width / under.mean);
    let denominator = 1.0 - under_width * under_width;
    let root = 1.0 - (1.0 - over_width * over_width) * denominator;
    if denominator <= 0.0 {
        return Ok(Outcome::insufficient(n, n + 1, method));
    }
    let value = over.mean / under.mean;
    let root = root.max(0.0).sqrt();
    let ends = (
        value * (1.0 - root) / denominator,
        value * (1.0 + root) / denominator,
    );
    Ok(Estimate::new(value, ends, level, a.len(), method)?
        .with_other_n(b.len())
        .with_zero_width_warning()
        .into())
}

/// Fewest outermost groups for a t interval: two say next to nothing of their variance.
const LEAST_FOR_T: usize = 3;

/// A mean with half the width of its t interval.
struct Half {
    mean: f64,
    width: f64,
}

impl Half {
    fn new(means: &[f64], level: Level) -> Option<Self> {
        let n = means.len();
        if n < LEAST_FOR_T {
            return None;
        }
        let t = student_critical(level.tail(), (n - 1) as f64);
        Some(Self {
            mean: mean_of(means)?,
            width: t * (variance(means)? / n as f64).sqrt(),
        })
    }
}

/// Which levels a bootstrap resamples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resampled {
    /// The outermost groups, each with all it holds: right for the variance of the mean
    /// whatever happens within (A. C. Davison and D. V. Hinkley, Bootstrap Methods and
    /// their Application, 1997, 3.8).
    Top,
    /// The outermost groups, within each its groups, and so on down to the measurements.
    /// Counts the variance of the lower levels once more: conservative, the more so the
    /// fewer members the groups have.
    All,
}

/// A bootstrap of nested data; percentile intervals. Needs 8 outermost groups.
#[derive(Debug, Clone, Copy)]
pub struct Levels {
    resampling: Resampling,
    level: Level,
    resampled: Resampled,
    threads: usize,
}

impl Levels {
    /// On all processors.
    pub fn new(resampling: Resampling, level: Level, resampled: Resampled) -> Self {
        Self {
            resampling,
            level,
            resampled,
            threads: threads::available(),
        }
    }

    /// On so many threads. The result doesn't depend on it.
    #[must_use]
    pub fn on_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Mean of the outermost groups' means.
    ///
    /// # Errors
    /// Values that are not finite; groups of different depths, or empty; too few replicates.
    pub fn mean(&self, data: &Nested) -> Result<Outcome, StatsError> {
        let tree = Tree::new(data)?;
        self.resampling.check(self.level)?;
        let means = tree.outermost();
        let n = means.len();
        let method = self.method(Statistic::Mean);
        if n < LEAST_N {
            return Ok(Outcome::insufficient(n, LEAST_N, method));
        }
        let drawn = self.draw(|source| {
            let sum: f64 = (0..n)
                .map(|_| self.one(&tree, &means, source.below(n as u32) as usize, source))
                .sum();
            sum / n as f64
        })?;
        self.estimate(mean_of(&means).unwrap_or(f64::NAN), drawn, n, None, method)
    }

    /// Ratio or difference of the means of two conditions measured in the same blocks: the
    /// outermost groups of `a` and `b` are their trials in blocks 1, 2, ... Blocks are
    /// resampled together; what a trial holds is resampled for each condition by itself.
    ///
    /// # Errors
    /// As [`mean`](Self::mean); different numbers of blocks; a value that isn't above zero
    /// in a ratio.
    pub fn paired(
        &self,
        a: &Nested,
        b: &Nested,
        contrast: Contrast,
    ) -> Result<Outcome, StatsError> {
        let (first, second) = (Tree::new(a)?, Tree::new(b)?);
        contrast.check(&first.values)?;
        contrast.check(&second.values)?;
        self.resampling.check(self.level)?;
        let (a, b) = (first.outermost(), second.outermost());
        let n = a.len();
        if n != b.len() {
            return Err(StatsError::Unpaired { a: n, b: b.len() });
        }
        let method = self.method(contrast.statistic_of_means(true));
        if n < LEAST_N {
            return Ok(Outcome::insufficient(n, LEAST_N, method));
        }
        let drawn = self.draw(|source| {
            let (mut over, mut under) = (0.0, 0.0);
            for _ in 0..n {
                let block = source.below(n as u32) as usize;
                over += self.one(&first, &a, block, source);
                under += self.one(&second, &b, block, source);
            }
            contrast.of(over / n as f64, under / n as f64)
        })?;
        let value = contrast.of(
            mean_of(&a).unwrap_or(f64::NAN),
            mean_of(&b).unwrap_or(f64::NAN),
        );
        self.estimate(value, drawn, n, None, method)
    }

    /// Ratio or difference of the means of two conditions that nothing pairs.
    ///
    /// # Errors
    /// As [`paired`](Self::paired), but for the number of groups.
    pub fn two(&self, a: &Nested, b: &Nested, contrast: Contrast) -> Result<Outcome, StatsError> {
        let (first, second) = (Tree::new(a)?, Tree::new(b)?);
        contrast.check(&first.values)?;
        contrast.check(&second.values)?;
        self.resampling.check(self.level)?;
        let (a, b) = (first.outermost(), second.outermost());
        let least = a.len().min(b.len());
        let method = self.method(contrast.statistic_of_means(false));
        if least < LEAST_N {
            return Ok(Outcome::insufficient(least, LEAST_N, method));
        }
        let drawn = self.draw(|source| {
            let mut mean = |tree: &Tree, means: &[f64]| {
                let n = means.len();
                let sum: f64 = (0..n)
                    .map(|_| self.one(tree, means, source.below(n as u32) as usize, source))
                    .sum();
                sum / n as f64
            };
            let over = mean(&first, &a);
            contrast.of(over, mean(&second, &b))
        })?;
        let value = contrast.of(
            mean_of(&a).unwrap_or(f64::NAN),
            mean_of(&b).unwrap_or(f64::NAN),
        );
        self.estimate(value, drawn, a.len(), Some(b.len()), method)
    }

    /// Mean of an outermost group, as it is or resampled.
    fn one(&self, tree: &Tree, means: &[f64], group: usize, source: &mut Source) -> f64 {
        match self.resampled {
            Resampled::Top => means.get(group).copied().unwrap_or(f64::NAN),
            Resampled::All => tree.resampled(tree.depth - 1, group, source),
        }
    }

    fn draw(&self, replicate: impl Fn(&mut Source) -> f64 + Sync) -> Result<Vec<f64>, StatsError> {
        let Resampling { replicates, seed } = self.resampling;
        let mut drawn = threads::replicates(
            replicates,
            self.threads,
            || (),
            |number, ()| Ok(replicate(&mut Source::new(seed, number))),
        )?;
        drawn.sort_unstable_by(f64::total_cmp);
        Ok(drawn)
    }

    fn method(&self, statistic: Statistic) -> Method {
        let Resampling { replicates, seed } = self.resampling;
        Method::new(
            statistic,
            IntervalKind::HierarchicalPercentile {
                replicates,
                seed,
                all_levels: self.resampled == Resampled::All,
            },
        )
    }

    fn estimate(
        &self,
        value: f64,
        ascending: Vec<f64>,
        n: usize,
        other_n: Option<usize>,
        method: Method,
    ) -> Result<Outcome, StatsError> {
        let at = |p| quantile_of_sorted(&ascending, p).unwrap_or(f64::NAN);
        let tail = self.level.tail();
        let ends = (at(tail), at(1.0 - tail));
        let mut estimate = Estimate::new(value, ends, self.level, n, method)?
            .with_warnings(crate::bootstrap::few(n.min(other_n.unwrap_or(n))))
            .with_zero_width_warning();
        if let Some(other_n) = other_n {
            estimate = estimate.with_other_n(other_n);
        }
        Ok(estimate.into())
    }
}

/// Nested data, flat: the values, and for each level where its groups begin.
struct Tree {
    values: Vec<f64>,
    /// `starts[l][g]` to `starts[l][g + 1]` are the members of group g of level l, counted
    /// among all groups of the level below (level 0: among the values).
    starts: Vec<Vec<u32>>,
    /// Levels of grouping, the whole included.
    depth: usize,
}

impl Tree {
    fn new(data: &Nested) -> Result<Self, StatsError> {
        let mut depth = 1;
        let mut inner = data;
        while let Nested::Group(members) = inner {
            let Some(first) = members.first() else { break };
            inner = first;
            depth += 1;
        }
        let mut tree = Self {
            values: Vec::new(),
            starts: vec![vec![0]; depth],
            depth,
        };
        tree.add(data, depth)?;
        check_finite(&tree.values)?;
        if tree.values.len() > u32::MAX as usize {
            return Err(StatsError::TooManyPairs {
                pairs: tree.values.len() as u128,
                limit: u32::MAX.into(),
            });
        }
        Ok(tree)
    }

    fn add(&mut self, data: &Nested, depth: usize) -> Result<(), StatsError> {
        let problem = |problem: &str| {
            Err(StatsError::Levels {
                problem: problem.to_owned(),
            })
        };
        let Some(level) = depth.checked_sub(1) else {
            return problem("groups are of different depths");
        };
        match data {
            Nested::Values(values) if level == 0 => {
                // Nothing at all is too little, and not a mistake.
                if values.is_empty() && self.depth > 1 {
                    return problem("a group is empty");
                }
                self.values.extend(values.iter().map(|value| value + 0.0));
            }
            Nested::Group(members) if level > 0 => {
                if members.is_empty() {
                    return problem("a group is empty");
                }
                for member in members {
                    self.add(member, level)?;
                }
            }
            Nested::Group(members) if members.is_empty() && self.depth == 1 => (),
            _ => return problem("groups are of different depths"),
        }
        let end = if level == 0 {
            self.values.len()
        } else {
            self.starts
                .get(level - 1)
                .map_or(0, |starts| starts.len() - 1)
        };
        if let Some(starts) = self.starts.get_mut(level) {
            starts.push(end as u32);
        }
        Ok(())
    }

    fn members(&self, level: usize, group: usize) -> std::ops::Range<usize> {
        let starts = self.starts.get(level).map_or(&[][..], Vec::as_slice);
        match (starts.get(group), starts.get(group + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Means of the groups of each level up to `level`, this one excluded: its members.
    fn means_below(&self, level: usize) -> Vec<f64> {
        let mut means = self.values.clone();
        for lower in 0..level {
            let groups = self.starts.get(lower).map_or(0, |starts| starts.len() - 1);
            means = (0..groups)
                .map(|group| {
                    let members = means.get(self.members(lower, group));
                    members.and_then(mean_of).unwrap_or(f64::NAN)
                })
                .collect();
        }
        means
    }

    /// The means of the members of each group of `level`.
    fn groups_at(&self, level: usize) -> Vec<Vec<f64>> {
        let means = self.means_below(level);
        let groups = self.starts.get(level).map_or(0, |starts| starts.len() - 1);
        (0..groups)
            .map(|group| {
                let members = means.get(self.members(level, group));
                members.map_or_else(Vec::new, <[f64]>::to_vec)
            })
            .collect()
    }

    /// Means of the outermost groups.
    fn outermost(&self) -> Vec<f64> {
        self.means_below(self.depth - 1)
    }

    /// Mean of a resample of member `group` of `level`, its members resampled as well.
    fn resampled(&self, level: usize, group: usize, source: &mut Source) -> f64 {
        let Some(lower) = level.checked_sub(1) else {
            return self.values.get(group).copied().unwrap_or(f64::NAN);
        };
        let members = self.members(lower, group);
        let size = members.len();
        let mut sum = 0.0;
        if lower == 0 {
            let values = self.values.get(members).unwrap_or(&[]);
            source.digits(size as u32, size, |index| {
                sum += values.get(index as usize).copied().unwrap_or(f64::NAN);
            });
        } else {
            for _ in 0..size {
                let member = members.start + source.below(size as u32) as usize;
                sum += self.resampled(lower, member, source);
            }
        }
        sum / size as f64
    }
}

/// With divisor size - 1; None below two.
fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean_of(values)?;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (values.len() > 1).then(|| squares / (values.len() - 1) as f64)
}
