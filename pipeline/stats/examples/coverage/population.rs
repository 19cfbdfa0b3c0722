//! What samples are drawn from, with true values.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Source of random numbers of one campaign.
pub struct Source(Xoshiro256PlusPlus);

impl Source {
    /// The source of campaign `index`, which is the same whatever thread asks.
    pub fn new(stream: u64, index: u64) -> Self {
        // SplitMix64's finisher keeps neighbouring streams and campaigns apart.
        let mut mixed = stream
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(index);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed ^ (mixed >> 31)))
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        // Never zero, so that it has a logarithm.
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

/// A distribution, or a process with this marginal distribution.
pub struct Population {
    /// Name in the table.
    pub name: &'static str,
    /// What it is, for the table's legend.
    pub is: &'static str,
    /// Whether values depend on those before.
    pub dependent: bool,
    /// Whether `auto` was made without looking at it.
    pub fresh: bool,
    /// Its mean, exact.
    pub mean: f64,
    /// Its standard deviation, exact; of quantised values: before quantisation.
    pub deviation: f64,
    /// Its distribution function, closed form. Of quantised values: before quantisation,
    /// since that is what is to be measured.
    pub cdf: fn(f64) -> f64,
    /// The step that values are rounded to; 0 for none.
    pub step: f64,
    draw: fn(&mut Source, usize) -> Vec<f64>,
}

/// All populations, in the table's order.
pub const POPULATIONS: [Population; 15] = [
    Population {
        name: "normal",
        is: "normal, mean 10, deviation 1",
        dependent: false,
        fresh: false,
        mean: 10.0,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 10.0),
        step: 0.0,
        draw: |source, n| repeat(source, n, |s| 10.0 + s.normal()),
    },
    Population {
        name: "lognormal",
        is: "exp of a standard normal (skewness 6.2)",
        dependent: false,
        fresh: false,
        // exp(1/2)
        mean: 1.648_721_270_700_128_2,
        deviation: 2.161_197_415_895_087_7,
        cdf: |x| {
            if x > 0.0 {
                normal_cdf(libm::log(x))
            } else {
                0.0
            }
        },
        step: 0.0,
        draw: |source, n| repeat(source, n, |s| libm::exp(s.normal())),
    },
    Population {
        name: "bimodal",
        is: "one half normal about 1, one half about 3, deviation 0.2 each",
        dependent: false,
        fresh: false,
        mean: 2.0,
        deviation: 1.019_803_902_718_557,
        cdf: |x| 0.5 * normal_cdf((x - 1.0) / 0.2) + 0.5 * normal_cdf((x - 3.0) / 0.2),
        step: 0.0,
        draw: |source, n| {
            repeat(source, n, |s| {
                let mode = if s.uniform() < 0.5 { 1.0 } else { 3.0 };
                mode + 0.2 * s.normal()
            })
        },
    },
    Population {
        name: "heavy",
        is: "Student's t of 3 degrees of freedom, about 100",
        dependent: false,
        fresh: false,
        mean: 100.0,
        deviation: 1.732_050_807_568_877_2,
        cdf: |x| {
            let t = (x - 100.0) / 3.0_f64.sqrt();
            0.5 + (t / (1.0 + t * t) + libm::atan(t)) / std::f64::consts::PI
        },
        step: 0.0,
        draw: |source, n| {
            repeat(source, n, |s| {
                let normal = s.normal();
                let squares: f64 = (0..3).map(|_| s.normal()).map(|z| z * z).sum();
                100.0 + normal / (squares / 3.0).sqrt()
            })
        },
    },
    Population {
        name: "ar-0.5",
        is: "autoregression of coefficient 0.5, normal, mean 10, deviation 1",
        dependent: true,
        fresh: false,
        mean: 10.0,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 10.0),
        step: 0.0,
        draw: |source, n| autoregression(source, n, 0.5),
    },
    Population {
        name: "ar-0.9",
        is: "autoregression of coefficient 0.9, normal, mean 10, deviation 1",
        dependent: true,
        fresh: false,
        mean: 10.0,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 10.0),
        step: 0.0,
        draw: |source, n| autoregression(source, n, 0.9),
    },
    Population {
        name: "quantised",
        is: "normal, mean 0.4123, deviation 0.02, printed to 0.001",
        dependent: false,
        fresh: false,
        mean: 0.4123,
        deviation: 0.02,
        cdf: |x| normal_cdf((x - 0.4123) / 0.02),
        step: 0.001,
        draw: |source, n| repeat(source, n, |s| round(0.4123 + 0.02 * s.normal(), 1000.0)),
    },
    Population {
        name: "coarse",
        is: "normal, mean 41.23, deviation 1, printed to 1",
        dependent: false,
        fresh: false,
        mean: 41.23,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 41.23),
        step: 1.0,
        draw: |source, n| repeat(source, n, |s| round(41.23 + s.normal(), 1.0)),
    },
    Population {
        name: "gamma",
        is: "gamma of shape 2 (skewness 1.4)",
        dependent: false,
        fresh: true,
        mean: 2.0,
        deviation: std::f64::consts::SQRT_2,
        cdf: |x| {
            if x > 0.0 {
                -libm::expm1(-x) - x * libm::exp(-x)
            } else {
                0.0
            }
        },
        step: 0.0,
        draw: |source, n| repeat(source, n, |s| -libm::log(s.uniform() * s.uniform())),
    },
    Population {
        name: "uniform",
        is: "uniform from 10 to 20",
        dependent: false,
        fresh: true,
        mean: 15.0,
        deviation: 2.886_751_345_948_128_8,
        cdf: |x| ((x - 10.0) / 10.0).clamp(0.0, 1.0),
        step: 0.0,
        draw: |source, n| repeat(source, n, |s| 10.0 + 10.0 * s.uniform()),
    },
    Population {
        name: "laplace",
        is: "double exponential about 50",
        dependent: false,
        fresh: true,
        mean: 50.0,
        deviation: std::f64::consts::SQRT_2,
        cdf: |x| {
            let half = 0.5 * libm::exp(-(x - 50.0).abs());
            if x < 50.0 { half } else { 1.0 - half }
        },
        step: 0.0,
        draw: |source, n| repeat(source, n, |s| 50.0 + libm::log(s.uniform() / s.uniform())),
    },
    Population {
        name: "outliers",
        is: "normal, mean 10, deviation 1, but 5 % about 20 (skewness 2.9)",
        dependent: false,
        fresh: true,
        mean: 10.5,
        // 1 + 0.05 x 0.95 x 100
        deviation: 2.397_915_761_656_36,
        cdf: |x| 0.95 * normal_cdf(x - 10.0) + 0.05 * normal_cdf(x - 20.0),
        step: 0.0,
        draw: |source, n| {
            repeat(source, n, |s| {
                let mode = if s.uniform() < 0.05 { 20.0 } else { 10.0 };
                mode + s.normal()
            })
        },
    },
    Population {
        name: "ar-0.7",
        is: "autoregression of coefficient 0.7, normal, mean 10, deviation 1",
        dependent: true,
        fresh: true,
        mean: 10.0,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 10.0),
        step: 0.0,
        draw: |source, n| autoregression(source, n, 0.7),
    },
    Population {
        name: "ma-4",
        is: "moving sum of four normal values, mean 10, deviation 1",
        dependent: true,
        fresh: true,
        mean: 10.0,
        deviation: 1.0,
        cdf: |x| normal_cdf(x - 10.0),
        step: 0.0,
        draw: |source, n| {
            let innovations = repeat(source, n + 3, Source::normal);
            let sums = innovations.windows(4);
            sums.map(|four| 10.0 + 0.5 * four.iter().sum::<f64>())
                .collect()
        },
    },
    Population {
        name: "skewed-ar",
        is: "exp of half an autoregression of coefficient 0.5 (skewness 1.8)",
        dependent: true,
        fresh: true,
        // exp(1/8)
        mean: 1.133_148_453_066_826_3,
        deviation: 0.603_900_533_210_881_1,
        cdf: |x| {
            if x > 0.0 {
                normal_cdf(2.0 * libm::log(x))
            } else {
                0.0
            }
        },
        step: 0.0,
        draw: |source, n| {
            let series = autoregression(source, n, 0.5).into_iter();
            series.map(|x| libm::exp(0.5 * (x - 10.0))).collect()
        },
    },
];

impl Population {
    /// A sample of `n` values, in their order.
    pub fn sample(&self, source: &mut Source, n: usize) -> Vec<f64> {
        (self.draw)(source, n)
    }

    /// The quantile `p`: by bisection of the distribution function, to the last bit.
    pub fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (-1e4, 1e4);
        loop {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                return middle;
            }
            if (self.cdf)(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /// The mean of `function` of the values between the quantiles `cut` and 1 - `cut`: its
    /// average over quantiles at the midpoints of cells of equal probability.
    pub fn expectation(&self, cut: f64, function: impl Fn(f64) -> f64) -> f64 {
        const CELLS: usize = 20_000;
        let sum: f64 = (0..CELLS)
            .map(|cell| cut + (1.0 - 2.0 * cut) * (cell as f64 + 0.5) / CELLS as f64)
            .map(|p| function(self.quantile(p)))
            .sum();
        sum / CELLS as f64
    }

    /// `value` as it is printed.
    pub fn printed(&self, value: f64) -> f64 {
        if self.step > 0.0 {
            round(value, (1.0 / self.step).round())
        } else {
            value
        }
    }
}

fn repeat(source: &mut Source, n: usize, draw: impl Fn(&mut Source) -> f64) -> Vec<f64> {
    (0..n).map(|_| draw(source)).collect()
}

fn autoregression(source: &mut Source, n: usize, coefficient: f64) -> Vec<f64> {
    // The first value is drawn from the marginal distribution: stationary from the start.
    let innovation = (1.0 - coefficient * coefficient).sqrt();
    let mut last = source.normal();
    repeat_with(n, || {
        let value = 10.0 + last;
        last = coefficient * last + innovation * source.normal();
        value
    })
}

fn repeat_with(n: usize, mut next: impl FnMut() -> f64) -> Vec<f64> {
    (0..n).map(|_| next()).collect()
}

/// As a tool prints it, with `per_unit` steps to the unit.
fn round(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}
