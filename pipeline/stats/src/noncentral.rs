//! Student's noncentral t, of which intervals of standardised effects are made.

use crate::distribution::{ln_gamma, normal_cdf, normal_critical, stirling_error};

/// The range of noncentralities at which a `t` of `df` degrees of freedom is neither in
/// the upper nor in the lower `tail`: the interval of the noncentrality.
///
/// J. H. Steiger and R. T. Fouladi, Noncentrality interval estimation and the evaluation
/// of statistical models, in: What if there were no significance tests?, Erlbaum 1997.
pub(crate) fn noncentrality(t: f64, df: f64, tail: f64) -> (f64, f64) {
    // Seen from the other side the upper end is the negative of the lower.
    (lowest(t, df, tail), -lowest(-t, df, tail))
}

/// The noncentrality at which a noncentral variable exceeds `t` with probability `tail`.
fn lowest(t: f64, df: f64, tail: f64) -> f64 {
    let spread = (1.0 + t * t / (2.0 * df)).sqrt();
    let mut delta = t - normal_critical(tail) * spread;
    // The probit of the tail is close to a line in delta, so Newton's method on it
    // converges from anywhere near; the bracket is for very few degrees of freedom.
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for _ in 0..100 {
        let (above, slope) = upper_tail(t, df, delta);
        if above > tail {
            high = delta;
        } else {
            low = delta;
        }
        let newton = delta + (libm::log(tail) - libm::log(above)) * above / slope;
        // Before the bracket is looked at, of which delta itself is an end.
        if (newton - delta).abs() <= 1e-14 * (delta.abs() + spread) {
            return newton;
        }
        delta = if newton > low && newton < high {
            newton
        } else if low.is_finite() && high.is_finite() {
            low + (high - low) / 2.0
        } else if low.is_finite() {
            delta + spread
        } else {
            delta - spread
        };
    }
    delta
}

/// The probability that a noncentral variable exceeds `t`, and its slope in `delta`.
///
/// With S = chi/sqrt(df), it is the mean of Phi(delta - t S) over S. The mean is taken
/// over ln S by the trapezoidal rule, whose error falls exponentially with the step for
/// functions as smooth as this one. No series: those in use (AS 243) sum Poisson weights,
/// which vanish for a large noncentrality, and have an absolute error only.
fn upper_tail(t: f64, df: f64, delta: f64) -> (f64, f64) {
    const ROOT_2_PI: f64 = 2.506_628_274_631_000_7;
    // Widths, in ln S, of the density and of Phi's passage from 0 to 1.
    let density_width = 1.0 / (2.0 * df).sqrt();
    let passage_width = 1.0 / (1.0 + t.abs());
    let both = 1.0 / (density_width * density_width) + 1.0 / (passage_width * passage_width);
    let step = (0.4 / both.sqrt()).min(0.1);
    let front = df / 2.0;
    // ln of the density of ln S is constant + df u - df e^(2u) / 2, highest at u = 0.
    let peak = log_peak(df);
    let (mut above, mut slope) = (0.0, 0.0);
    for direction in [1.0, -1.0] {
        let mut index = if direction > 0.0 { 0_u32 } else { 1 };
        loop {
            let u = direction * step * f64::from(index);
            let twice = 2.0 * u;
            let below_peak = front * (twice - libm::expm1(twice));
            if below_peak < -48.0 || index == u32::MAX {
                break;
            }
            let weight = libm::exp(below_peak);
            let z = delta - t * libm::exp(u);
            // Farther out Phi is 0 or 1 and its slope 0, to the last bit.
            if z.abs() < 39.0 {
                above += weight * normal_cdf(z);
                slope += weight * libm::exp(-z * z / 2.0) / ROOT_2_PI;
            } else if z > 0.0 {
                above += weight;
            }
            index += 1;
        }
    }
    let scale = step * libm::exp(peak);
    (
        (above * scale).clamp(1e-300, 1.0),
        (slope * scale).max(1e-300),
    )
}

/// Logarithm of the highest density of ln(chi/sqrt(df)): with a = df/2, that of
/// 2 a^a e^-a / gamma(a).
fn log_peak(df: f64) -> f64 {
    const LN_ROOT_2_PI: f64 = 0.918_938_533_204_672_8;
    let a = df / 2.0;
    let ln_gamma_scaled = if a < 10.0 {
        ln_gamma(a) - (a * libm::log(a) - a)
    } else {
        LN_ROOT_2_PI - 0.5 * libm::log(a) + stirling_error(a)
    };
    std::f64::consts::LN_2 - ln_gamma_scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::reference::agree;

    #[test]
    fn noncentralities_agree_with_references() {
        agree("noncentrality_low", 1e-10, |x| {
            noncentrality(x[0], x[1], x[2]).0
        });
        agree("noncentrality_high", 1e-10, |x| {
            noncentrality(x[0], x[1], x[2]).1
        });
    }
}
