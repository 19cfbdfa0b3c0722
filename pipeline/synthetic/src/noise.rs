//! Random numbers that are the same everywhere.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A stream of random numbers.
pub(crate) struct Noise(Xoshiro256PlusPlus);

impl Noise {
    /// The stream of one thing: a trial, a block, a cell's name.
    pub(crate) fn of(seed: u64, thing: &str) -> Self {
        // FNV-1a (Fowler, Noll & Vo): short, and the same on every platform.
        let hash = thing.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(Xoshiro256PlusPlus::seed_from_u64(seed ^ hash))
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something that happens once in `n` times happens.
    pub(crate) fn once_in(&mut self, n: f64) -> bool {
        self.uniform() * n < 1.0
    }

    /// Standard normal, by Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// A factor about one: log-normal with that standard deviation of its logarithm.
    pub(crate) fn factor(&mut self, deviation: f64) -> f64 {
        libm::exp(deviation * self.normal())
    }
}
