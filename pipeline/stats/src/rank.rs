//! Intervals from inverted rank tests: which order statistics of the pairwise terms
//! enclose the centre at a level.

use crate::descriptive::quantile_of_sorted;
use crate::distribution::normal_critical;
use crate::error::StatsError;
use crate::estimate::Level;

/// Up to this many values (of both samples together) the null distribution is counted
/// exactly: there are at most 2^120 sign patterns or arrangements, which fit a u128.
const LARGEST_EXACT: usize = 120;

/// Most pairwise terms held at once (256 MB).
const MOST_TERMS: u128 = 1 << 25;

/// Which order statistics of the pairwise terms are the ends: the `rank`-th from below
/// and from above, counted from 1.
pub(crate) struct Depth {
    pub(crate) rank: usize,
    /// Exact level achieved; None for the normal approximation.
    pub(crate) achieved: Option<f64>,
}

/// Centre of symmetry and interval of pairwise terms.
pub(crate) struct Centre {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Exact level achieved; None for the normal approximation.
    pub(crate) achieved: Option<f64>,
}

/// Depth of the Wilcoxon signed-rank interval for `n` values; None below
/// [`signed_rank_least_n`].
pub(crate) fn signed_rank_depth(n: usize, level: Level) -> Option<Depth> {
    if n == 0 {
        None
    } else if signed_rank_is_exact(n) {
        let counts = signed_rank_counts(n);
        exact_depth(counts.into_iter(), 1_u128 << n, level)
    } else {
        let n = n as f64;
        let mean = n * (n + 1.0) / 4.0;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0;
        Some(normal_depth(mean, variance, level))
    }
}

/// Fewest values for a signed-rank interval: the rarest outcome, all signs alike, has
/// probability 2^-n. 6 at 95 %, 8 at 99 %.
pub(crate) fn signed_rank_least_n(level: Level) -> usize {
    let mut n = 1;
    let mut rarest = 0.5;
    while !level.admits(rarest) {
        n += 1;
        rarest /= 2.0;
    }
    n
}

/// Depth of the Mann-Whitney interval for samples of `m` and `n`; None if even the
/// rarest outcome is too common.
pub(crate) fn mann_whitney_depth(m: usize, n: usize, level: Level) -> Option<Depth> {
    if m == 0 || n == 0 {
        None
    } else if mann_whitney_is_exact(m, n) {
        let counts = mann_whitney_counts(m, n);
        let total = counts.iter().sum();
        exact_depth(counts.into_iter().take(m * n / 2 + 1), total, level)
    } else {
        // A few values against many: the rarest outcome decides, as it does exactly.
        if !level.admits(rarest_arrangement(m, n)) {
            return None;
        }
        let (m, n) = (m as f64, n as f64);
        let variance = m * n * (m + n + 1.0) / 12.0;
        Some(normal_depth(m * n / 2.0, variance, level))
    }
}

/// Fewest values in each of two samples of the same size for a Mann-Whitney interval:
/// 4 at 95 %, 5 at 99 %.
pub(crate) fn mann_whitney_least_n(level: Level) -> usize {
    let mut n = 1;
    while !level.admits(rarest_arrangement(n, n)) {
        n += 1;
    }
    n
}

/// Whether [`signed_rank_depth`] is exact for `n` values.
pub(crate) fn signed_rank_is_exact(n: usize) -> bool {
    n <= LARGEST_EXACT
}

/// Whether [`mann_whitney_depth`] is exact for samples of `m` and `n`.
pub(crate) fn mann_whitney_is_exact(m: usize, n: usize) -> bool {
    m + n <= LARGEST_EXACT
}

/// Median of the averages of all pairs of `values`, each with itself too (Walsh
/// averages), and those at the depth.
pub(crate) fn walsh_centre(values: &[f64], depth: &Depth) -> Result<Option<Centre>, StatsError> {
    let n = values.len() as u128;
    check_terms(n * (n + 1) / 2)?;
    let terms = values
        .iter()
        .enumerate()
        .flat_map(|(i, a)| values.iter().skip(i).map(move |b| a / 2.0 + b / 2.0))
        .collect();
    Ok(centre_of(terms, depth))
}

/// Median of the differences of all values of `a` from all of `b`, and those at the depth.
pub(crate) fn difference_centre(
    a: &[f64],
    b: &[f64],
    depth: &Depth,
) -> Result<Option<Centre>, StatsError> {
    check_terms(a.len() as u128 * b.len() as u128)?;
    let terms = a
        .iter()
        .flat_map(|x| b.iter().map(move |y| x - y))
        .collect();
    Ok(centre_of(terms, depth))
}

fn check_terms(pairs: u128) -> Result<(), StatsError> {
    if pairs > MOST_TERMS {
        return Err(StatsError::TooManyPairs {
            pairs,
            limit: MOST_TERMS,
        });
    }
    Ok(())
}

fn centre_of(mut terms: Vec<f64>, depth: &Depth) -> Option<Centre> {
    let last = terms.len().checked_sub(1)?;
    let below = depth.rank.checked_sub(1)?;
    let above = last.checked_sub(below)?;
    // Only these are put in their places: sorting all would take most of the time.
    let mut places = [below, last / 2, last.div_ceil(2), above];
    places.sort_unstable();
    let mut placed = 0;
    for place in places {
        let rest = terms.get_mut(placed..)?;
        if place >= placed {
            rest.select_nth_unstable_by(place - placed, f64::total_cmp);
            placed = place + 1;
        }
    }
    Some(Centre {
        value: quantile_of_sorted(&terms, 0.5)?,
        low: *terms.get(below)?,
        high: *terms.get(above)?,
        achieved: depth.achieved,
    })
}

/// The greatest rank r with an admissible P(T < r), from the counts of T = 0, 1, ...
fn exact_depth(counts: impl Iterator<Item = u128>, total: u128, level: Level) -> Option<Depth> {
    let mut cumulated = 0_u128;
    let mut depth = None;
    for (below, count) in counts.enumerate() {
        cumulated += count;
        let tail = cumulated as f64 / total as f64;
        if !level.admits(tail) {
            break;
        }
        depth = Some(Depth {
            rank: below + 1,
            achieved: Some(1.0 - 2.0 * tail),
        });
    }
    depth
}

/// The same by the normal approximation, with a continuity correction of one half.
fn normal_depth(mean: f64, variance: f64, level: Level) -> Depth {
    let below = mean - 0.5 - normal_critical(level.tail()) * variance.sqrt();
    Depth {
        rank: below.max(0.0).floor() as usize + 1,
        achieved: None,
    }
}

/// Ways to choose ranks from 1..=n that sum to 0, 1, ..., up to half of all: the
/// distribution is symmetric.
fn signed_rank_counts(n: usize) -> Vec<u128> {
    let half = n * (n + 1) / 4;
    let mut counts = vec![0_u128; half + 1];
    if let Some(first) = counts.first_mut() {
        *first = 1;
    }
    for rank in 1..=n {
        for sum in (rank..=half).rev() {
            let without = counts.get(sum - rank).copied().unwrap_or(0);
            if let Some(count) = counts.get_mut(sum) {
                *count += without;
            }
        }
    }
    counts
}

/// P(T <= t) and P(T >= t) of the signed-rank statistic of `n` values, where
/// [`signed_rank_is_exact`].
pub(crate) fn signed_rank_tails(n: usize, t: usize) -> (f64, f64) {
    symmetric_tails(&signed_rank_counts(n), 1_u128 << n, n * (n + 1) / 2, t)
}

/// P(U <= u) and P(U >= u) of the Mann-Whitney statistic of `m` and `n` values, where
/// [`mann_whitney_is_exact`].
pub(crate) fn mann_whitney_tails(m: usize, n: usize, u: usize) -> (f64, f64) {
    let counts = mann_whitney_counts(m, n);
    symmetric_tails(&counts, counts.iter().sum(), m * n, u)
}

/// P(T <= t) and P(T >= t) of a distribution on 0..=most that is symmetric, from the
/// counts of at least its lower half.
fn symmetric_tails(counts: &[u128], total: u128, most: usize, t: usize) -> (f64, f64) {
    let up_to = |t: usize| {
        let sum: u128 = counts.iter().take(t + 1).sum();
        sum as f64 / total as f64
    };
    let below = |t: usize| {
        if t >= most {
            1.0
        } else if 2 * t > most {
            1.0 - up_to(most - t - 1)
        } else {
            up_to(t)
        }
    };
    (below(t), below(most.saturating_sub(t)))
}

/// Whether samples of `m` and `n` are large enough for a Mann-Whitney interval at `level`.
pub(crate) fn mann_whitney_suffices(m: usize, n: usize, level: Level) -> bool {
    m > 0 && n > 0 && level.admits(rarest_arrangement(m, n))
}

/// The ranks of `values` among themselves, ties sharing the mean of theirs, and the sum
/// of t^3 - t over groups of t ties.
pub(crate) fn midranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    // Equal values get equal ranks, so their order has no meaning.
    order.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; values.len()];
    let (mut before, mut ties) = (0_usize, 0.0);
    for group in order.chunk_by(|a, b| a.1 == b.1) {
        let size = group.len() as f64;
        let rank = before as f64 + (size + 1.0) / 2.0;
        for &(index, _) in group {
            if let Some(slot) = ranks.get_mut(index) {
                *slot = rank;
            }
        }
        ties += size * size * size - size;
        before += group.len();
    }
    (ranks, ties)
}

/// Arrangements of samples of `m` and `n` by the Mann-Whitney statistic U = 0..=mn.
///
/// They are the coefficients of the Gaussian binomial (m + n over m), the product over i up
/// to m of (1 - q^(n + i)) / (1 - q^i): G. E. Andrews, The Theory of Partitions, 1976, ch. 3.
fn mann_whitney_counts(m: usize, n: usize) -> Vec<u128> {
    let mut counts = vec![0_u128; m * n + 1];
    if let Some(first) = counts.first_mut() {
        *first = 1;
    }
    for i in 1..=m {
        // Differences may be below zero on the way: the sums of wrapped ones are right.
        for u in (n + i..counts.len()).rev() {
            counts[u] = counts[u].wrapping_sub(counts[u - n - i]);
        }
        for u in i..counts.len() {
            counts[u] = counts[u].wrapping_add(counts[u - i]);
        }
    }
    counts
}

/// Probability that all of one sample lie below all of the other: 1 / C(m + n, m).
fn rarest_arrangement(m: usize, n: usize) -> f64 {
    let (few, many) = (m.min(n), m.max(n));
    (1..=few).fold(1.0, |probability, i| {
        probability * i as f64 / (many + i) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: f64) -> Level {
        Level::new(level).unwrap()
    }

    /// P(T < rank) by trying every sign pattern.
    fn signed_rank_tail(n: usize, rank: usize) -> f64 {
        let hits = (0..1_u32 << n)
            .filter(|signs| {
                let sum: usize = (1..=n).filter(|i| signs >> (i - 1) & 1 == 1).sum();
                sum < rank
            })
            .count();
        hits as f64 / f64::from(1_u32 << n)
    }

    /// P(U < rank) by trying every arrangement.
    fn mann_whitney_tail(m: usize, n: usize, rank: usize) -> f64 {
        let (mut hits, mut all) = (0_u32, 0_u32);
        for firsts in 0..1_u32 << (m + n) {
            if firsts.count_ones() as usize != m {
                continue;
            }
            all += 1;
            let mut seconds = 0;
            let mut u = 0;
            for place in 0..m + n {
                if firsts >> place & 1 == 1 {
                    u += seconds;
                } else {
                    seconds += 1;
                }
            }
            hits += u32::from(u < rank);
        }
        f64::from(hits) / f64::from(all)
    }

    #[test]
    fn depths_are_the_deepest_that_the_level_admits() {
        for confidence in [0.8, 0.9, 0.95, 0.99] {
            let admits = |tail| level(confidence).admits(tail);
            for n in 1..=14 {
                match signed_rank_depth(n, level(confidence)) {
                    None => assert!(!admits(signed_rank_tail(n, 1))),
                    Some(depth) => {
                        assert!(admits(signed_rank_tail(n, depth.rank)));
                        assert!(!admits(signed_rank_tail(n, depth.rank + 1)));
                        let achieved = 1.0 - 2.0 * signed_rank_tail(n, depth.rank);
                        assert_eq!(depth.achieved, Some(achieved));
                    }
                }
            }
            for (m, n) in [(1, 9), (2, 7), (3, 3), (3, 5), (4, 4), (8, 8), (6, 9)] {
                match mann_whitney_depth(m, n, level(confidence)) {
                    None => assert!(!admits(mann_whitney_tail(m, n, 1))),
                    Some(depth) => {
                        assert!(admits(mann_whitney_tail(m, n, depth.rank)));
                        assert!(!admits(mann_whitney_tail(m, n, depth.rank + 1)));
                        let achieved = 1.0 - 2.0 * mann_whitney_tail(m, n, depth.rank);
                        assert_eq!(depth.achieved, Some(achieved));
                    }
                }
            }
        }
    }

    #[test]
    fn gates_open_where_the_first_interval_exists() {
        for (confidence, signed, whitney) in [(0.95, 6, 4), (0.99, 8, 5)] {
            let level = level(confidence);
            assert_eq!(signed_rank_least_n(level), signed);
            assert!(signed_rank_depth(signed, level).is_some());
            assert!(signed_rank_depth(signed - 1, level).is_none());
            assert_eq!(mann_whitney_least_n(level), whitney);
            assert!(mann_whitney_depth(whitney, whitney, level).is_some());
            assert!(mann_whitney_depth(whitney - 1, whitney - 1, level).is_none());
        }
    }

    #[test]
    fn depths_are_those_of_r_while_exact_and_close_beyond() {
        let reference: serde_json::Value =
            serde_json::from_str(include_str!("../tests/reference/reference.json")).unwrap();
        let rows = |name: &str| -> Vec<Vec<f64>> {
            serde_json::from_value(reference["depths"][name].clone()).unwrap()
        };
        let check = |depth: Depth, expected: f64, exact: bool| {
            let rank = depth.rank as f64;
            assert_eq!(depth.achieved.is_some(), exact);
            if exact {
                assert_eq!(rank, expected);
            } else {
                assert!((rank / expected - 1.0).abs() < 2e-3, "{rank} {expected}");
            }
        };
        for row in rows("signed_rank") {
            let depth = signed_rank_depth(row[0] as usize, level(row[1])).unwrap();
            check(depth, row[2], row[0] <= 120.0);
        }
        for row in rows("mann_whitney") {
            let depth = mann_whitney_depth(row[0] as usize, row[1] as usize, level(row[2]));
            check(depth.unwrap(), row[3], row[0] + row[1] <= 120.0);
        }
    }

    #[test]
    fn a_few_values_against_many_have_the_gate_of_the_exact_test() {
        assert!(mann_whitney_depth(1, 38, Level::P95).is_none());
        assert!(mann_whitney_depth(1, 39, Level::P95).is_some());
        assert!(mann_whitney_depth(1, 150, Level::P99).is_none());
        assert!(mann_whitney_depth(1, 150, Level::P95).is_some());
    }
}
