//! Random numbers of one replicate.

/// Indices made at a time: two from each 64 bits.
const BATCH: usize = 8;

/// xoshiro256++: D. Blackman and S. Vigna, Scrambled linear pseudorandom number generators,
/// ACM Trans. Math. Softw. 47 (2021) 36.
#[derive(Clone, Copy)]
struct Generator([u64; 4]);

impl Generator {
    #[inline]
    fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }
}

/// The randomness of one replicate: two generators, which a processor can step at the same
/// time, seeded by SplitMix64 from the seed and the replicate's number alone.
pub(crate) struct Source {
    first: Generator,
    second: Generator,
    spare: [u32; BATCH],
    left: usize,
    digits: Digits,
}

/// How many numbers below a bound a word holds, and the bound to the power of it.
#[derive(Clone, Copy)]
struct Digits {
    bound: u32,
    per_word: usize,
    power: u64,
}

impl Digits {
    fn new(bound: u32) -> Self {
        let wide = u64::from(bound.max(1));
        // Of 2^48, so that hardly a word is refused.
        let limit = (1_u64 << 48) / wide;
        let (mut per_word, mut power) = (0, 1_u64);
        while power <= limit && per_word < 16 {
            power *= wide;
            per_word += 1;
        }
        Self {
            bound,
            per_word,
            power,
        }
    }
}

impl Source {
    /// The randomness of replicate `replicate` under `seed`.
    ///
    /// The seed is mixed first, so that replicates of neighbouring seeds share nothing.
    pub(crate) fn new(seed: u64, replicate: u64) -> Self {
        let mut counter = finish(seed.wrapping_add(GOLDEN)).wrapping_add(replicate);
        let mut generator = || {
            Generator([(); 4].map(|()| {
                counter = counter.wrapping_add(GOLDEN);
                finish(counter)
            }))
        };
        Self {
            first: generator(),
            second: generator(),
            spare: [0; BATCH],
            left: 0,
            digits: Digits {
                bound: 1,
                per_word: 16,
                power: 1,
            },
        }
    }

    #[inline]
    fn step(&mut self) -> [u64; 4] {
        [
            self.first.next(),
            self.second.next(),
            self.first.next(),
            self.second.next(),
        ]
    }

    /// 32 bits.
    #[inline]
    fn half(&mut self) -> u32 {
        if self.left == 0 {
            let words = self.step();
            for (pair, word) in self.spare.chunks_exact_mut(2).zip(words) {
                if let [low, high] = pair {
                    (*low, *high) = (word as u32, (word >> 32) as u32);
                }
            }
            self.left = BATCH;
        }
        self.left -= 1;
        self.spare.get(self.left).copied().unwrap_or_default()
    }

    /// A number above 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        let word = (u64::from(self.half()) << 32) | u64::from(self.half());
        ((word >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A number below `bound`, each as likely as the others: D. Lemire, Fast random
    /// integer generation in an interval, ACM Trans. Model. Comput. Simul. 29 (2019) 3.
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        loop {
            let product = u64::from(self.half()) * u64::from(bound);
            let low = product as u32;
            // The division is rarely needed.
            if low >= bound || low >= bias(bound) {
                return (product >> 32) as u32;
            }
        }
    }

    /// Hands `count` numbers below `bound` to `take`, eight at a time and the rest at last.
    #[inline]
    pub(crate) fn batches(&mut self, bound: u32, count: usize, take: impl FnMut(&[u32])) {
        if bound <= 1 << 14 {
            self.batches_by(count, |source| source.narrow_batch(bound), take);
        } else {
            self.batches_by(count, |source| source.batch(bound), take);
        }
    }

    #[inline]
    fn batches_by(
        &mut self,
        count: usize,
        batch: impl Fn(&mut Self) -> [u32; BATCH],
        mut take: impl FnMut(&[u32]),
    ) {
        for _ in 0..count / BATCH {
            take(&batch(self));
        }
        let rest = count % BATCH;
        if rest > 0 {
            let last = batch(self);
            take(last.get(..rest).unwrap_or(&last));
        }
    }

    /// Four indices from each of two words, as by [`digits`](Self::digits); `bound` is at
    /// most 2^14, so that a word is refused once in 256 times at most.
    #[inline]
    fn narrow_batch(&mut self, bound: u32) -> [u32; BATCH] {
        let wide = u64::from(bound.max(1));
        let power = wide * wide * wide * wide;
        let mut indices = [0; BATCH];
        for (four, generator) in indices
            .chunks_exact_mut(4)
            .zip([&mut self.first, &mut self.second])
        {
            let mut word = generator.next();
            let mut rest = word.wrapping_mul(power);
            while rest < power && rest < power.wrapping_neg() % power {
                word = generator.next();
                rest = word.wrapping_mul(power);
            }
            for index in four {
                let product = u128::from(word) * u128::from(wide);
                *index = (product >> 64) as u32;
                word = product as u64;
            }
        }
        indices
    }

    /// Hands `count` numbers below a small `bound` to `take`, as many from each 64 bits as they
    /// hold: N. Brackett-Rozinsky and D. Lemire, Batched ranged random integer generation,
    /// Softw. Pract. Exp. 55 (2025) 155-169.
    #[inline]
    pub(crate) fn digits(&mut self, bound: u32, count: usize, mut take: impl FnMut(u32)) {
        if bound != self.digits.bound {
            self.digits = Digits::new(bound);
        }
        let Digits {
            per_word, power, ..
        } = self.digits;
        let wide = u64::from(bound.max(1));
        let mut left = count;
        while left > 0 {
            std::mem::swap(&mut self.first, &mut self.second);
            let mut word = self.first.next();
            let rest = word.wrapping_mul(power);
            if rest < power && rest < power.wrapping_neg() % power {
                continue;
            }
            for _ in 0..per_word.min(left) {
                let product = u128::from(word) * u128::from(wide);
                take((product >> 64) as u32);
                word = product as u64;
            }
            left -= per_word.min(left);
        }
    }

    #[inline]
    fn batch(&mut self, bound: u32) -> [u32; BATCH] {
        let wide = u64::from(bound);
        loop {
            let [a, b, c, d] = self.step();
            let low = |word: u64| (word & 0xffff_ffff) * wide;
            let high = |word: u64| (word >> 32) * wide;
            let products = [
                low(a),
                high(a),
                low(b),
                high(b),
                low(c),
                high(c),
                low(d),
                high(d),
            ];
            // The division is rarely needed. Once in bound / 2^32 draws all eight go, so that
            // those kept stay independent of those that aren't.
            let biased = |limit: u32| products.iter().any(|product| (*product as u32) < limit);
            if biased(bound) && biased(bias(bound)) {
                continue;
            }
            return products.map(|product| (product >> 32) as u32);
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

/// How many of the products with each high half are too many.
#[cold]
fn bias(bound: u32) -> u32 {
    bound.wrapping_neg() % bound.max(1)
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
    fn the_generator_is_xoshiro() {
        let mut source = Source::new(5, 3);
        let bytes = source.first.0.map(u64::to_le_bytes).concat();
        let mut same = Xoshiro256PlusPlus::from_seed(bytes.try_into().unwrap());
        for _ in 0..100 {
            assert_eq!(source.first.next(), same.next_u64());
        }
        assert_ne!(Source::new(1, 1).uniform(), Source::new(2, 0).uniform());
    }

    #[test]
    fn indices_are_uniform() {
        let mut counts = [0_u32; 7];
        for replicate in 0..7_000 {
            let mut source = Source::new(1, replicate);
            source.batches(7, 9, |batch| {
                batch.iter().for_each(|&index| counts[index as usize] += 1);
            });
            source.digits(7, 20, |index| counts[index as usize] += 1);
            let batch = source.batch(7);
            batch.iter().for_each(|&index| counts[index as usize] += 1);
            counts[source.below(7) as usize] += 1;
        }
        // Five standard deviations of a binomial count.
        assert!(counts.iter().all(|count| count.abs_diff(38_000) < 900));
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
