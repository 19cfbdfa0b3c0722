//! Tails and quantiles of the distributions that intervals are made of.
//!
//! `statrs` computes with the system's exp and ln, whose last bits differ between
//! machines, and some of its quantiles are off for large parameters (Student's t by
//! 3e-4 at a million degrees of freedom, and without end at 1e8; Beta by 3e-6). So it
//! gives the first guess here, with the bits that may differ cut off, and Newton's
//! method on functions from `libm` gives the result.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

/// Standard normal distribution function.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Standard normal quantile; infinite at 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        -lower_normal_quantile(1.0 - p)
    } else {
        lower_normal_quantile(p)
    }
}

/// The z that a standard normal variable exceeds with probability `tail`, above 0 and at
/// most 0.5.
pub(crate) fn normal_critical(tail: f64) -> f64 {
    (-normal_quantile(tail)).max(0.0)
}

fn lower_normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let mut x = coarse(Normal::standard().inverse_cdf(p));
    // Halley's method triples the guess's seven digits at each step.
    for _ in 0..2 {
        let error = (normal_cdf(x) - p) / normal_density(x);
        x -= error / (1.0 + x * error / 2.0);
    }
    x
}

fn normal_density(x: f64) -> f64 {
    const ROOT_2_PI: f64 = 2.506_628_274_631_000_7;
    libm::exp(-x * x / 2.0) / ROOT_2_PI
}

/// The t that a Student variable of `df` degrees of freedom exceeds with probability
/// `tail`, above 0 and at most 0.5.
pub(crate) fn student_critical(tail: f64, df: f64) -> f64 {
    let z = normal_critical(tail);
    if df > 1e4 {
        return student_expansion(z, df);
    }
    let guess = StudentsT::new(0.0, 1.0, df).map_or(z, |t| coarse(-t.inverse_cdf(tail)));
    let mut t = if guess.is_finite() && guess > 0.0 {
        guess
    } else {
        z
    };
    for _ in 0..50 {
        let step = (student_tail(t, df) - tail) / student_density(t, df);
        t += step;
        if step.abs() <= 1e-15 * t {
            break;
        }
    }
    t.max(0.0)
}

/// Student's t from the normal `z` of the same tail, for many degrees of freedom: M.
/// Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.7.5.
fn student_expansion(z: f64, df: f64) -> f64 {
    let square = z * z;
    let terms = [
        z,
        z * (square + 1.0) / 4.0,
        z * ((5.0 * square + 16.0) * square + 3.0) / 96.0,
        z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        z * ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0)
            / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum / df + term)
}

/// The probability that a Student variable exceeds `t`, of either sign.
pub(crate) fn student_above(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        1.0 - student_tail(-t, df)
    } else {
        student_tail(t, df)
    }
}

/// The probability that a Student variable exceeds `t`, which is zero or more.
fn student_tail(t: f64, df: f64) -> f64 {
    let square = t * t;
    0.5 * beta_cdf(df / 2.0, 0.5, df / (df + square), square / (df + square))
}

fn student_density(t: f64, df: f64) -> f64 {
    libm::exp(-(df + 1.0) / 2.0 * libm::log1p(t * t / df) - ln_beta(df / 2.0, 0.5)) / df.sqrt()
}

/// The probability that at most `k` of `n` trials with probability `p` succeed.
pub(crate) fn binomial_cdf(k: usize, n: usize, p: f64) -> f64 {
    if k >= n {
        1.0
    } else {
        beta_cdf((n - k) as f64, k as f64 + 1.0, 1.0 - p, p)
    }
}

/// The x below which a Beta variable lies with probability `tail`.
pub(crate) fn beta_lower(tail: f64, a: f64, b: f64) -> f64 {
    increasing_root(a / (a + b), |x| {
        let value = beta_cdf(a, b, x, 1.0 - x) - tail;
        (value, beta_density(x, a, b))
    })
}

/// The x above which a Beta variable lies with probability `tail`.
pub(crate) fn beta_upper(tail: f64, a: f64, b: f64) -> f64 {
    increasing_root(a / (a + b), |x| {
        let value = tail - beta_cdf(b, a, 1.0 - x, x);
        (value, beta_density(x, a, b))
    })
}

/// The probability that a chi-squared variable of `df` degrees of freedom exceeds `x`.
///
/// By statrs alone, rounded to the digits in which machines agree: a diagnostic, from
/// which no interval is made.
pub(crate) fn chi_squared_tail(x: f64, df: f64) -> f64 {
    let p = ChiSquared::new(df).map_or(f64::NAN, |distribution| distribution.sf(x));
    // Below 1e-300 nothing is left to round by.
    if p < 1e-300 {
        return 0.0;
    }
    format!("{p:.10e}").parse().unwrap_or(p)
}

/// Keeps the 24 leading bits of a guess: the others may depend on the machine.
fn coarse(guess: f64) -> f64 {
    f64::from(guess as f32)
}

/// Zero in (0, 1) of an increasing function given with its slope: Newton's method, by
/// halves where that leaves the bracket or gains too little.
fn increasing_root(start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = start;
    let mut last_step = 1.0_f64;
    for _ in 0..200 {
        let (value, slope) = function(x);
        if value == 0.0 {
            break;
        }
        if value < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - value / slope;
        let inside = newton > low && newton < high;
        let next = if inside && (newton - x).abs() < 0.5 * last_step {
            newton
        } else {
            low + (high - low) / 2.0
        };
        last_step = (next - x).abs();
        x = next;
        if last_step <= 1e-15 * x {
            break;
        }
    }
    x
}

fn beta_density(x: f64, a: f64, b: f64) -> f64 {
    libm::exp((a - 1.0) * libm::log(x) + (b - 1.0) * libm::log1p(-x) - ln_beta(a, b))
}

/// Regularised incomplete beta function at `x`, given with its complement `y`, whose
/// digits are lost if it is computed from an `x` close to 1.
///
/// Continued fraction of NIST's Digital Library of Mathematical Functions, 8.17.22,
/// by the modified Lentz algorithm.
fn beta_cdf(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf_below_mean(b, a, y, x);
    }
    beta_cdf_below_mean(a, b, x, y)
}

fn beta_cdf_below_mean(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    // Convergence takes some multiple of sqrt(max(a, b)) steps.
    for step in 1..100_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / kept(1.0 + even * d);
        c = kept(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / kept(1.0 + odd * d);
        c = kept(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    // Of x and y one is at least a half, and the other holds the digits of its logarithm.
    let (ln_x, ln_y) = if x > y {
        (libm::log1p(-y), libm::log(y))
    } else {
        (libm::log(x), libm::log1p(-x))
    };
    let front = libm::exp(a * ln_x + b * ln_y - ln_beta(a, b)) / a;
    (front * fraction).min(1.0)
}

/// Logarithm of the beta function, without the cancellation that three large
/// log-gammas would bring (the way of R's `lbeta`).
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    const LN_ROOT_2_PI: f64 = 0.918_938_533_204_672_8;
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    let sum = small + large;
    if small >= 10.0 {
        LN_ROOT_2_PI - 0.5 * libm::log(large)
            + (stirling_error(small) + stirling_error(large) - stirling_error(sum))
            + (small - 0.5) * libm::log(small / sum)
            + large * libm::log1p(-small / sum)
    } else if large >= 10.0 {
        libm::lgamma(small) + (stirling_error(large) - stirling_error(sum)) + small
            - small * libm::log(sum)
            + (large - 0.5) * libm::log1p(-small / sum)
    } else {
        libm::lgamma(small) + (libm::lgamma(large) - libm::lgamma(sum))
    }
}

/// Logarithm of the gamma function.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// What Stirling's formula for ln gamma(x) lacks, for x of 10 or more: DLMF 5.11.1.
pub(crate) fn stirling_error(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let square = 1.0 / (x * x);
    TERMS
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum * square + term)
        / x
}

#[cfg(test)]
pub(crate) mod reference {
    use serde_json::Value;

    /// Checks a function of this crate against the rows of the reference files: arguments,
    /// then what R or SciPy returns.
    pub(crate) fn agree(name: &str, tolerance: f64, function: impl Fn(&[f64]) -> f64) {
        let files = [
            include_str!("../tests/reference/reference.json"),
            include_str!("../tests/reference/estimators.json"),
        ];
        let rows: Vec<Vec<f64>> = files
            .iter()
            .filter_map(|file| {
                let file: Value = serde_json::from_str(file).unwrap();
                serde_json::from_value(file["distribution"][name].clone()).ok()
            })
            .flat_map(|rows: Vec<Vec<f64>>| rows)
            .collect();
        assert!(!rows.is_empty(), "{name}");
        for row in rows {
            let (expected, arguments) = row.split_last().unwrap();
            let got = function(arguments);
            assert!(
                (got - expected).abs() <= tolerance * expected.abs(),
                "{name}{arguments:?}: {got} is not {expected}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reference::agree;
    use super::*;

    #[test]
    fn quantiles_and_tails_agree_with_r() {
        agree("normal_quantile", 1e-13, |x| normal_quantile(x[0]));
        agree("normal_cdf", 1e-13, |x| normal_cdf(x[0]));
        agree("student_critical", 1e-11, |x| student_critical(x[0], x[1]));
        agree("beta_lower", 1e-11, |x| beta_lower(x[0], x[1], x[2]));
        agree("beta_upper", 1e-11, |x| beta_upper(x[0], x[1], x[2]));
        agree("binomial_cdf", 1e-10, |x| {
            binomial_cdf(x[0] as usize, x[1] as usize, x[2])
        });
        agree("student_above", 1e-10, |x| student_above(x[0], x[1]));
        agree("chi_squared_tail", 1e-9, |x| chi_squared_tail(x[0], x[1]));
    }

    #[test]
    fn a_critical_value_is_undone_by_its_tail() {
        for df in [1.0, 2.0, 7.0, 999.0, 1e4, 1.1e4] {
            for tail in [0.4999, 0.25, 0.025, 0.005, 1e-6] {
                let t = student_critical(tail, df);
                assert!(
                    (student_tail(t, df) / tail - 1.0).abs() < 1e-9,
                    "{df} {tail}"
                );
            }
        }
    }
}
