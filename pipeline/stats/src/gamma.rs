//! Quantiles of the gamma distribution, of which intervals of a variance and of a count
//! are made.
//!
//! Not by `statrs`, for the reasons given in [`crate::distribution`].

use crate::distribution::{ln_gamma, normal_quantile, stirling_error};

/// Standard deviations of the log of a variable, beyond which Newton's method isn't
/// followed in one step.
const LONGEST_STEP: f64 = 2.0;

/// The x below which a chi-squared variable of `df` degrees of freedom lies with
/// probability `tail`.
pub(crate) fn chi_squared_lower(tail: f64, df: f64) -> f64 {
    2.0 * gamma_lower(tail, df / 2.0)
}

/// The x that a chi-squared variable of `df` degrees of freedom exceeds with probability
/// `tail`.
pub(crate) fn chi_squared_upper(tail: f64, df: f64) -> f64 {
    2.0 * gamma_upper(tail, df / 2.0)
}

/// The x below which a gamma variable of `shape` (scale 1) lies with probability `tail`.
pub(crate) fn gamma_lower(tail: f64, shape: f64) -> f64 {
    quantile(tail, shape, normal_quantile(tail), |x| {
        let (lower, _) = tails(shape, x);
        (lower, shape * density_times_x_over_shape(shape, x) / lower)
    })
}

/// The x that a gamma variable of `shape` (scale 1) exceeds with probability `tail`.
pub(crate) fn gamma_upper(tail: f64, shape: f64) -> f64 {
    quantile(tail, shape, -normal_quantile(tail), |x| {
        let (_, upper) = tails(shape, x);
        (upper, -shape * density_times_x_over_shape(shape, x) / upper)
    })
}

/// Where a tail has the probability `tail`: Newton's method for the logarithm of the tail
/// as a function of the logarithm of x, which is close to a line far out. `function` gives
/// the tail and the slope.
fn quantile(tail: f64, shape: f64, z: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    // E. B. Wilson and M. M. Hilferty (1931): the cube root is close to normal.
    let ninth = 1.0 / (9.0 * shape);
    let root = 1.0 - ninth + z * ninth.sqrt();
    let mut x = if root > 0.1 {
        shape * root * root * root
    } else {
        // The distribution function near zero: x^shape / gamma(shape + 1).
        libm::exp((libm::log(tail) + ln_gamma(shape + 1.0)) / shape)
    };
    let longest = LONGEST_STEP / shape.sqrt().max(1.0);
    for _ in 0..100 {
        let (value, slope) = function(x);
        let step = libm::log(tail / value) / slope;
        if !step.is_finite() {
            break;
        }
        x *= libm::exp(step.clamp(-longest.max(1.0), longest.max(1.0)));
        if step.abs() <= 1e-15 {
            break;
        }
    }
    x
}

/// Both tails of the gamma distribution of `shape` at `x`: the regularised incomplete
/// gamma functions P and Q.
fn tails(shape: f64, x: f64) -> (f64, f64) {
    let front = density_times_x_over_shape(shape, x);
    if x < shape + 1.0 {
        let lower = (front * series(shape, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * shape * continued_fraction(shape, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// x^a e^-x / gamma(a + 1).
///
/// C. Loader, Fast and accurate computation of binomial probabilities, 2000: the powers
/// are taken relative to the mode, where they don't cancel.
fn density_times_x_over_shape(a: f64, x: f64) -> f64 {
    if a < 10.0 {
        return libm::exp(a * libm::log(x) - x - ln_gamma(a + 1.0));
    }
    let root = (2.0 * std::f64::consts::PI * a).sqrt();
    libm::exp(-stirling_error(a) - a * excess((x - a) / a)) / root
}

/// d - ln(1 + d), without cancellation for small d.
fn excess(d: f64) -> f64 {
    if d.abs() > 0.1 {
        return d - libm::log1p(d);
    }
    // d^2/2 - d^3/3 + ..., of which the 18th term is below 1e-17 of the first.
    (2..=20)
        .rev()
        .fold(0.0, |sum, k| 1.0 / f64::from(k) - d * sum)
        * d
        * d
}

/// P over its front: 1 + x/(a+1) + x^2/((a+1)(a+2)) + ... (DLMF 8.7.1).
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    // Takes some multiple of sqrt(a) steps.
    for step in 1..1_000_000_u32 {
        term *= x / (a + f64::from(step));
        sum += term;
        if term <= 1e-17 * sum {
            break;
        }
    }
    sum
}

/// Q over x^a e^-x / gamma(a): DLMF 8.9.2 by the modified Lentz algorithm.
fn continued_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / kept(b);
    let mut fraction = d;
    for step in 1..1_000_000_u32 {
        let i = f64::from(step);
        let coefficient = -i * (i - a);
        b += 2.0;
        d = 1.0 / kept(coefficient * d + b);
        c = kept(b + coefficient / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::reference::agree;

    #[test]
    fn quantiles_agree_with_r() {
        agree("chi_squared_lower", 1e-11, |x| {
            chi_squared_lower(x[0], x[1])
        });
        agree("chi_squared_upper", 1e-11, |x| {
            chi_squared_upper(x[0], x[1])
        });
    }
}
