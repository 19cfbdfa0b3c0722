//! Random numbers of one replicate.

/// Generators side by side, so that a compiler can step them together.
const LANES: usize = 4;

/// Indices made at a time: two from each generator's 64 bits.
const BATCH: usize = 2 * LANES;

/// The randomness of one replicate: four xoshiro256++ generators (D. Blackman and S.
/// Vigna, Scrambled linear pseudorandom number generators, ACM Trans. Math. Softw. 47
/// (2021) 36), seeded by SplitMix64 from the seed and the replicate's number alone.
pub(crate) struct Source {
    state: [[u64; LANES]; 4],
    spare: [u64; LANES],
    left: usize,
}

impl Source {
    /// The randomness of replicate `replicate` under `seed`.
    ///
    /// The seed is mixed first, so that replicates of neighbouring seeds share nothing.
    pub(crate) fn new(seed: u64, replicate: u64) -> Self {
        let mut counter = finish(seed.wrapping_add(GOLDEN)).wrapping_add(replicate);
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            for word in &mut state {
                counter = counter.wrapping_add(GOLDEN);
                if let Some(word) = word.get_mut(lane) {
                    *word = finish(counter);
                }
            }
        }
        Self {
            state,
            spare: [0; LANES],
            left: 0,
        }
    }

    #[inline]
    fn step(&mut self) -> [u64; LANES] {
        let [a, b, c, d] = &mut self.state;
        let mut result = [0; LANES];
        for lane in 0..LANES {
            let sum = a[lane].wrapping_add(d[lane]);
            result[lane] = sum.rotate_left(23).wrapping_add(a[lane]);
            let shifted = b[lane] << 17;
            c[lane] ^= a[lane];
            d[lane] ^= b[lane];
            b[lane] ^= c[lane];
            a[lane] ^= d[lane];
            c[lane] ^= shifted;
            d[lane] = d[lane].rotate_left(45);
        }
        result
    }

    fn word(&mut self) -> u64 {
        if self.left == 0 {
            self.spare = self.step();
            self.left = LANES;
        }
        self.left -= 1;
        self.spare.get(self.left).copied().unwrap_or_default()
    }

    /// A number above 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.word() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A number below `bound`, each as likely as the others: D. Lemire, Fast random
    /// integer generation in an interval, ACM Trans. Model. Comput. Simul. 29 (2019) 3.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let bias = bound.wrapping_neg() % bound.max(1);
        loop {
            let product = (self.word() >> 32) * u64::from(bound);
            if product as u32 >= bias {
                return (product >> 32) as u32;
            }
        }
    }

    /// Hands `count` numbers below `bound` to `take`, eight at a time and the rest at last.
    #[inline]
    pub(crate) fn batches(&mut self, bound: u32, count: usize, mut take: impl FnMut(&[u32])) {
        let bias = bound.wrapping_neg() % bound.max(1);
        let mut left = count;
        while left > 0 {
            let words = self.step();
            let mut indices = [0_u32; BATCH];
            let mut biased = false;
            for lane in 0..LANES {
                let first = (words[lane] & 0xffff_ffff) * u64::from(bound);
                let second = (words[lane] >> 32) * u64::from(bound);
                biased |= (first as u32) < bias;
                biased |= (second as u32) < bias;
                indices[lane] = (first >> 32) as u32;
                indices[lane + LANES] = (second >> 32) as u32;
            }
            // Once in bound / 2^32 draws; all eight go, so that what's kept stays independent
            // of what isn't.
            if biased {
                continue;
            }
            let taken = left.min(BATCH);
            take(indices.get(..taken).unwrap_or(&indices));
            left -= taken;
        }
    }

    /// A standard normal number: G. Marsaglia's polar method.
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = u * u + v * v;
            if square < 1.0 && square > 0.0 {
                return u * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }

    /// A gamma variable of `shape`, at least 1: G. Marsaglia and W. W. Tsang, A simple
    /// method for generating gamma variables, ACM Trans. Math. Softw. 26 (2000) 363-372.
    fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = self.uniform();
            let square = x * x;
            if u < 1.0 - 0.0331 * square * square
                || libm::log(u) < 0.5 * square + d * (1.0 - v + libm::log(v))
            {
                return d * v;
            }
        }
    }

    /// The `rank`-th smallest of `n` uniform numbers (a Beta variable), and the next one.
    pub(crate) fn order_statistics(&mut self, rank: usize, n: usize) -> (f64, f64) {
        let below = self.gamma(rank as f64);
        let above = self.gamma((n - rank + 1) as f64);
        let at = below / (below + above);
        // The least of those that are left, each uniform above this one.
        let next = match n - rank {
            0 => 1.0,
            rest => at - (1.0 - at) * libm::expm1(libm::log(self.uniform()) / rest as f64),
        };
        (at, next)
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finisher.
fn finish(mut mixed: u64) -> u64 {
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use rand_core::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn each_lane_is_a_xoshiro() {
        let mut source = Source::new(5, 3);
        let mut lanes: Vec<Xoshiro256PlusPlus> = (0..LANES)
            .map(|lane| {
                let bytes = source.state.map(|words| words[lane].to_le_bytes()).concat();
                Xoshiro256PlusPlus::from_seed(bytes.try_into().unwrap())
            })
            .collect();
        for _ in 0..100 {
            let expected: Vec<u64> = lanes.iter_mut().map(Rng::next_u64).collect();
            assert_eq!(source.step().to_vec(), expected);
        }
        assert_ne!(Source::new(1, 1).word(), Source::new(2, 0).word());
    }

    #[test]
    fn indices_are_uniform() {
        let mut counts = [0_u32; 7];
        for replicate in 0..7_000 {
            let mut source = Source::new(1, replicate);
            source.batches(7, 9, |batch| {
                batch.iter().for_each(|&index| counts[index as usize] += 1);
            });
            counts[source.below(7) as usize] += 1;
        }
        // Five standard deviations of a binomial count.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 470));
    }

    #[test]
    fn order_statistics_have_their_moments() {
        let (rank, n, draws) = (3, 10, 40_000_u32);
        let mut source = Source::new(9, 0);
        let (mut sum, mut squares, mut next) = (0.0, 0.0, 0.0);
        for _ in 0..draws {
            let (at, after) = source.order_statistics(rank, n);
            assert!(0.0 < at && at < after && after < 1.0);
            sum += at;
            squares += at * at;
            next += after;
        }
        let draws = f64::from(draws);
        let mean = sum / draws;
        // Beta(3, 8): mean 3/11, variance 24 / (121 x 12).
        assert!((mean - 3.0 / 11.0).abs() < 0.004, "{mean}");
        assert!((squares / draws - mean * mean - 24.0 / 1452.0).abs() < 0.001);
        assert!((next / draws - 4.0 / 11.0).abs() < 0.004);
    }
}
