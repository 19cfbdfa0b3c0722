//! Bootstrap distributions that need no resamples: the limit of infinitely many.

use crate::bootstrap::subject::{between, rank_and_weight};
use crate::distribution::{binomial_cdf, ln_beta};

/// A bootstrap distribution.
pub(crate) trait Law {
    /// Probability of a replicate at or below `x`.
    fn cdf(&self, x: f64) -> f64;

    /// The least x that a replicate is at or below with probability `p`, above 0 and below 1.
    fn quantile(&self, p: f64) -> f64;

    /// Probability of a replicate below `x`, counting those at `x` by half.
    fn middle_cdf(&self, x: f64) -> f64;
}

/// The bootstrap distribution of a type 7 quantile, exactly.
///
/// The k-th smallest of n draws is at most the i-th value if at least k draws are: a
/// binomial probability. Where the quantile lies between the k-th and the next, let i and
/// j be the positions these are drawn from. For j >= i, (k-th at most i-th, next above
/// j-th) says that exactly k draws are among the first i and the rest above the j-th, of
/// probability C(n, k) (i/n)^k (1 - j/n)^(n-k); so with j(i) the highest for which the
/// interpolated value is at most x, and m the number of values up to x,
///
/// P(Q <= x) = P(k-th <= m-th) - sum over i <= m of
///     C(n, k) ((i/n)^k - ((i-1)/n)^k) (1 - j(i)/n)^(n-k).
pub(crate) struct QuantileLaw<'a> {
    sorted: &'a [f64],
    rank: usize,
    weight: f64,
    ln_choose: f64,
}

/// Terms below exp of this are left out: 1e-20.
const NEGLIGIBLE: f64 = -46.0;

impl<'a> QuantileLaw<'a> {
    /// Of at least two values.
    pub(crate) fn new(sorted: &'a [f64], p: f64) -> Self {
        let n = sorted.len();
        let (rank, weight) = rank_and_weight(n, p);
        let (rank, weight) = if rank < n { (rank, weight) } else { (n, 0.0) };
        let ln_choose =
            -libm::log(n as f64 + 1.0) - ln_beta(rank as f64 + 1.0, (n - rank) as f64 + 1.0);
        Self {
            sorted,
            rank,
            weight,
            ln_choose,
        }
    }

    /// Probability that the order statistic of `rank` is at most the `position`-th value.
    fn order_statistic_cdf(&self, rank: usize, position: usize) -> f64 {
        let n = self.sorted.len();
        if position == 0 {
            return 0.0;
        }
        if position >= n {
            return 1.0;
        }
        binomial_cdf(n - rank, n, (n - position) as f64 / n as f64)
    }

    /// The least value that the order statistic of `rank` is at or below with probability `p`.
    fn order_statistic_quantile(&self, rank: usize, p: f64) -> f64 {
        let (mut below, mut enough) = (0, self.sorted.len());
        while enough - below > 1 {
            let middle = below + (enough - below) / 2;
            if self.order_statistic_cdf(rank, middle) >= p {
                enough = middle;
            } else {
                below = middle;
            }
        }
        self.value(enough)
    }

    /// The `position`-th smallest value, from 1.
    fn value(&self, position: usize) -> f64 {
        self.sorted
            .get(position.wrapping_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    }

    fn ln_term(&self, i: usize, j: usize) -> f64 {
        let n = self.sorted.len();
        let (k, rest) = (self.rank as f64, (n - self.rank) as f64);
        let above = libm::log1p(-(j as f64) / n as f64);
        self.ln_choose + k * libm::log(i as f64 / n as f64) + rest * above
    }

    /// What interpolation takes away from the lower order statistic's probability.
    fn overshoot(&self, x: f64, up_to: usize) -> f64 {
        let n = self.sorted.len();
        let mut j = n;
        let mut sum = 0.0;
        // From the lowest i whose terms count at all, since they rise up to i = k; above it
        // they fall, and j moves down as i moves up.
        let mut first = self.rank.min(up_to).max(1);
        while first > 1 && self.ln_term(first, first) > NEGLIGIBLE {
            first -= 1;
        }
        for i in first..=up_to {
            if i > self.rank && self.ln_term(i, i.min(n - 1)) < NEGLIGIBLE {
                break;
            }
            while j > up_to && between(self.value(i), self.value(j), self.weight) > x {
                j -= 1;
            }
            if j == n {
                continue;
            }
            let term = self.ln_term(i, j);
            if term < NEGLIGIBLE {
                continue;
            }
            let lower = self.rank as f64 * libm::log1p(-1.0 / i as f64);
            sum += libm::exp(term) * -libm::expm1(lower);
        }
        sum
    }
}

impl Law for QuantileLaw<'_> {
    fn cdf(&self, x: f64) -> f64 {
        let up_to = self.sorted.partition_point(|value| *value <= x);
        let lower = self.order_statistic_cdf(self.rank, up_to);
        if self.weight == 0.0 || up_to == 0 {
            lower
        } else {
            (lower - self.overshoot(x, up_to)).clamp(0.0, 1.0)
        }
    }

    fn quantile(&self, p: f64) -> f64 {
        let low = self.order_statistic_quantile(self.rank, p);
        if self.weight == 0.0 {
            return low;
        }
        // No lower than the lower order statistic's, no higher than the next one's.
        let high = self.order_statistic_quantile(self.rank + 1, p);
        if self.cdf(low) >= p {
            return low;
        }
        let (mut below, mut enough) = (ordinal(low), ordinal(high));
        while enough.wrapping_sub(below) > 1 && below < enough {
            let middle = below + (enough - below) / 2;
            if self.cdf(of_ordinal(middle)) >= p {
                enough = middle;
            } else {
                below = middle;
            }
        }
        of_ordinal(enough) + 0.0
    }

    fn middle_cdf(&self, x: f64) -> f64 {
        0.5 * (self.cdf(x.next_down()) + self.cdf(x))
    }
}

/// Position of a finite number among all floats, ascending.
fn ordinal(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits >> 63 == 0 {
        bits | (1 << 63)
    } else {
        !bits
    }
}

fn of_ordinal(ordinal: u64) -> f64 {
    f64::from_bits(if ordinal >> 63 == 1 {
        ordinal & !(1 << 63)
    } else {
        !ordinal
    })
}

/// The bootstrap distribution of a mean, from its characteristic function, which is the
/// n-th power of the sample's.
///
/// F(x) = 1/2 - (1/pi) sum over m of Im(exp(-i t x) phi(t)^n) / (m + 1/2), t = (m + 1/2)
/// pi / T: J. Gil-Pelaez, Note on the inversion theorem, Biometrika 38 (1951) 481-482,
/// in the sum of R. B. Davies, Numerical inversion of a characteristic function,
/// Biometrika 60 (1973) 415-417. T is such that the replicates are within it but for 1e-13
/// by Bennett's inequality; the sum ends where phi^n has fallen below 1e-13. Atoms closer
/// to each other than the last frequency tells apart (quantised values) are smoothed over.
pub(crate) struct MeanLaw {
    centre: f64,
    /// Standard deviation of the replicates.
    scale: f64,
    /// In units of `scale`: the spacing of frequencies, and the reach T.
    step: f64,
    reach: f64,
    /// phi^n at each frequency.
    powers: Vec<(f64, f64)>,
}

/// Most frequencies before resampling is the better way.
const MOST_FREQUENCIES: usize = 512;

/// Fewest values for the inversion: with fewer, replicates are few enough to have atoms
/// that matter, and cost nothing to draw.
pub(crate) const LEAST_FOR_INVERSION: usize = 50;

/// What is left out at either end of the inversion.
const REMAINDER: f64 = 1e-13;

impl MeanLaw {
    /// From deviations of values from their mean, `centre`. None if there are too few
    /// values, all are equal, or the characteristic function doesn't fall off soon, as that
    /// of values with few different ones.
    pub(crate) fn new(centre: f64, deviations: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let (mut n, mut squares, mut largest) = (0_usize, 0.0, 0.0_f64);
        for deviation in deviations.clone() {
            n += 1;
            squares += deviation * deviation;
            largest = largest.max(deviation.abs());
        }
        // Of the sum over n draws; that of the mean is an n-th of it.
        let spread = squares.sqrt();
        if n < LEAST_FOR_INVERSION || !(spread.is_finite() && spread > 0.0) {
            return None;
        }
        let reach = reach(largest / spread);
        let step = std::f64::consts::PI / reach;
        let mut waves = Waves::new(deviations.map(|deviation| deviation / spread), step);
        let mut powers = Vec::new();
        loop {
            let power = complex_power(waves.mean(), n);
            if power.0.abs() + power.1.abs() < REMAINDER {
                break;
            }
            if powers.len() == MOST_FREQUENCIES {
                return None;
            }
            powers.push(power);
            waves.advance();
        }
        Some(Self {
            centre,
            scale: spread / n as f64,
            step,
            reach,
            powers,
        })
    }

    /// Probability of a replicate within `z` standard deviations above the mean, or below.
    fn standard_cdf(&self, z: f64) -> f64 {
        if z <= -self.reach {
            return 0.0;
        }
        if z >= self.reach {
            return 1.0;
        }
        let (step_sine, step_cosine) = libm::sincos(self.step * z);
        let (mut sine, mut cosine) = libm::sincos(0.5 * self.step * z);
        let mut sum = 0.0;
        for (m, (real, imaginary)) in self.powers.iter().enumerate() {
            sum += (imaginary * cosine - real * sine) / (m as f64 + 0.5);
            (cosine, sine) = (
                cosine * step_cosine - sine * step_sine,
                cosine * step_sine + sine * step_cosine,
            );
        }
        (0.5 - sum / std::f64::consts::PI).clamp(0.0, 1.0)
    }
}

impl Law for MeanLaw {
    fn cdf(&self, x: f64) -> f64 {
        self.standard_cdf((x - self.centre) / self.scale)
    }

    fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (-self.reach, self.reach);
        for _ in 0..60 {
            let middle = low + (high - low) / 2.0;
            if self.standard_cdf(middle) >= p {
                high = middle;
            } else {
                low = middle;
            }
        }
        self.centre + high * self.scale
    }

    fn middle_cdf(&self, x: f64) -> f64 {
        self.cdf(x)
    }
}

/// How many standard deviations a sum of independent terms, none above `largest` of them,
/// stays within but for [`REMAINDER`]: G. Bennett, Probability inequalities for the sum of
/// independent random variables, JASA 57 (1962) 33-45.
fn reach(largest: f64) -> f64 {
    let mut reach = 7.5;
    loop {
        let u = reach * largest;
        let exponent = ((1.0 + u) * libm::log1p(u) - u) / (largest * largest);
        // `largest` is at least 1/n, and at most 1: the exponent grows without end.
        if exponent >= 30.0 || !exponent.is_finite() {
            return reach;
        }
        reach += 0.5;
    }
}

/// exp(i t y) of all values y, at successive frequencies t.
struct Waves {
    cosines: Vec<f64>,
    sines: Vec<f64>,
    step_cosines: Vec<f64>,
    step_sines: Vec<f64>,
}

impl Waves {
    /// At half of `step`, advancing by `step`.
    fn new(values: impl Iterator<Item = f64>, step: f64) -> Self {
        let mut waves = Self {
            cosines: Vec::new(),
            sines: Vec::new(),
            step_cosines: Vec::new(),
            step_sines: Vec::new(),
        };
        for value in values {
            let (sine, cosine) = libm::sincos(0.5 * step * value);
            waves.cosines.push(cosine);
            waves.sines.push(sine);
            waves.step_cosines.push(cosine * cosine - sine * sine);
            waves.step_sines.push(2.0 * sine * cosine);
        }
        waves
    }

    fn advance(&mut self) {
        let now = self.cosines.iter_mut().zip(&mut self.sines);
        let step = self.step_cosines.iter().zip(&self.step_sines);
        for ((cosine, sine), (step_cosine, step_sine)) in now.zip(step) {
            let turned = *cosine * step_cosine - *sine * step_sine;
            *sine = *cosine * step_sine + *sine * step_cosine;
            *cosine = turned;
        }
    }

    /// The sample's characteristic function.
    fn mean(&self) -> (f64, f64) {
        let n = self.cosines.len() as f64;
        (sum(&self.cosines) / n, sum(&self.sines) / n)
    }
}

/// Sum in eight strands, of a fixed order that a compiler can keep in vectors.
fn sum(values: &[f64]) -> f64 {
    let mut strands = [0.0; 8];
    for chunk in values.chunks(8) {
        for (strand, value) in strands.iter_mut().zip(chunk) {
            *strand += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = strands;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

fn complex_power(base: (f64, f64), mut exponent: usize) -> (f64, f64) {
    let times = |a: (f64, f64), b: (f64, f64)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0);
    let (mut result, mut square) = ((1.0, 0.0), base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, square);
        }
        square = times(square, square);
        exponent >>= 1;
    }
    result
}
