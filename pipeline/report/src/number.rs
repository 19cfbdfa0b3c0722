//! Numbers as a reader sees them. All text of a number in either form of the report is
//! made here, once.

use vnicbench_analysis::Metric;
use vnicbench_stats::{Estimate, Outcome};

use crate::terms;
use crate::words::{Words, say};

/// The unit that the numbers of a panel are shown in: one for its figure and its tables,
/// so that rows can be compared by eye.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What stands behind a number; empty for ratios and counts.
    pub unit: &'static str,
    /// One shown unit in the metric's own unit.
    pub size: f64,
}

impl Scale {
    /// Numbers without a unit: ratios, counts.
    pub const PLAIN: Self = Self {
        unit: "",
        size: 1.0,
    };
    /// Shares in [0, 1] as percentages.
    pub const PERCENT: Self = Self {
        unit: "%",
        size: 0.01,
    };

    const CPUS: Self = Self {
        unit: "CPUs",
        size: 1.0,
    };
    const CPU_PER_GBIT: Self = Self {
        unit: "CPU s/Gbit",
        size: 1.0,
    };
    const CPU_PER_PACKET: Self = Self {
        unit: "CPU µs/packet",
        size: 1.0,
    };
    const EVENTS_PER_GBIT: [Self; 2] = [
        Self {
            unit: "thousand/Gbit",
            size: 1e3,
        },
        Self {
            unit: "1/Gbit",
            size: 1.0,
        },
    ];
    const EVENTS: [Self; 2] = [
        Self {
            unit: "thousand/s",
            size: 1e3,
        },
        Self {
            unit: "1/s",
            size: 1.0,
        },
    ];
    const TIMES: [Self; 4] = [
        Self {
            unit: "s",
            size: 1e3,
        },
        Self {
            unit: "ms",
            size: 1.0,
        },
        Self {
            unit: "µs",
            size: 1e-3,
        },
        Self {
            unit: "ns",
            size: 1e-6,
        },
    ];
    const RATES: [Self; 4] = [
        Self {
            unit: "Gbit/s",
            size: 1e9,
        },
        Self {
            unit: "Mbit/s",
            size: 1e6,
        },
        Self {
            unit: "kbit/s",
            size: 1e3,
        },
        Self {
            unit: "bit/s",
            size: 1.0,
        },
    ];

    /// The scale for all of `values`, given in the metric's own unit: the largest unit that
    /// leaves the largest value at one or more. Milliseconds stay down to 0.1, since that
    /// is how ping prints them.
    pub fn of(metric: Metric, values: impl Iterator<Item = f64>) -> Self {
        let largest = values
            .filter(|v| v.is_finite())
            .fold(0.0, |max: f64, v| max.max(v.abs()));
        let ladder = match metric {
            Metric::PingLoss | Metric::UdpLoss => return Self::PERCENT,
            Metric::Retransmits
            | Metric::Fairness
            | Metric::InterruptsPerPacket
            | Metric::ContextSwitchesPerPacket
            | Metric::KvmExitsPerPacket => return Self::PLAIN,
            Metric::HostCpu => return Self::CPUS,
            Metric::CpuPerGbit => return Self::CPU_PER_GBIT,
            Metric::CpuPerPacket => return Self::CPU_PER_PACKET,
            Metric::Interrupts | Metric::ContextSwitches | Metric::KvmExits => {
                return Self::EVENTS[usize::from(largest < 1e4)];
            }
            Metric::InterruptsPerGbit
            | Metric::ContextSwitchesPerGbit
            | Metric::KvmExitsPerGbit => {
                return Self::EVENTS_PER_GBIT[usize::from(largest < 1e4)];
            }
            Metric::RttMedian | Metric::UdpJitter if (0.1..1.0).contains(&largest) => {
                return Self::TIMES[1];
            }
            Metric::RttMedian | Metric::UdpJitter => &Self::TIMES,
            Metric::Goodput => &Self::RATES,
        };
        // A panel of zeros says nothing of its scale.
        let fitting = ladder.iter().find(|scale| largest >= scale.size);
        let smallest = if largest > 0.0 {
            ladder.last()
        } else {
            ladder.get(1)
        };
        fitting.or(smallest).copied().unwrap_or(Self::PLAIN)
    }

    /// A value of the metric's unit in this one.
    pub fn apply(self, value: f64) -> f64 {
        value / self.size
    }

    /// The unit in the reader's language.
    pub fn unit(self, words: &Words) -> String {
        terms::unit(words, self.unit)
    }

    /// ` (ms)`, or nothing where there is no unit.
    pub fn suffix(self, words: &Words) -> String {
        if self.unit.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.unit(words))
        }
    }
}

/// An estimate in a scale: value and ends with the same decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The value.
    pub value: String,
    /// The interval, `[0.57, 0.66]`.
    pub interval: String,
}

/// Value and interval, with as many decimals as give the interval's width two digits.
pub fn estimate(estimate: &Estimate, scale: Scale) -> Shown {
    let interval = estimate.interval();
    let [value, low, high] =
        [estimate.value(), interval.low(), interval.high()].map(|v| scale.apply(v));
    let [value, low, high] = match decimals(high - low) {
        Some(decimals) => [value, low, high].map(|v| fixed(v, decimals)),
        // No width, or one too small for fixed decimals: each number by its own size.
        None => [value, low, high].map(|v| significant(v, 4)),
    };
    Shown {
        value,
        interval: format!("[{low}, {high}]"),
    }
}

/// `0.412 [0.398, 0.431]`, or why there is no number.
pub fn outcome(words: &Words, outcome: &Outcome, scale: Scale) -> String {
    match outcome {
        Outcome::Estimate(e) => {
            let shown = estimate(e, scale);
            format!("{} {}", shown.value, shown.interval)
        }
        Outcome::Insufficient(few) => terms::insufficient(words, few),
    }
}

/// What a value stands on, to follow it: its unit, n and level.
pub fn basis(words: &Words, outcome: &Outcome, scale: Scale) -> String {
    match outcome {
        Outcome::Estimate(e) => {
            let space = if scale.unit.is_empty() { "" } else { " " };
            format!("{space}{}, n = {}, {}", scale.unit(words), e.n(), e.level())
        }
        Outcome::Insufficient(_) => String::new(),
    }
}

/// A number with `digits` significant digits, without an exponent where that is readable.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let exponent = exponent(value);
    if !value.is_finite() || !(-6..9).contains(&exponent) {
        return power(value, digits);
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    let text = fixed(value, decimals);
    // Rounding zeros off, not digits: 0.5000 is 0.5, 5000 stays.
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `1.2 × 10^-9` with raised digits, which need no markup.
fn power(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let raised = exponent.chars().map(|c| match c {
        '-' => '⁻',
        digit => digit
            .to_digit(10)
            .and_then(|d| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize))
            .unwrap_or(digit),
    });
    format!("{} × 10{}", minus(mantissa), raised.collect::<String>())
}

/// The number that a text made here shows; the inverse of the others, as precise as they are.
pub fn read(text: &str) -> Option<f64> {
    let (mantissa, power) = text.split_once(" × 10").unwrap_or((text, "⁰"));
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '−' | '-' | '.');
    let exponent = power.chars().map(|c| match c {
        '⁻' => Some('-'),
        raised => {
            let digit = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|known| known == raised)?;
            char::from_digit(u32::try_from(digit).ok()?, 10)
        }
    });
    let exponent: String = exponent.collect::<Option<_>>()?;
    // The decimal text again, so that what was shown is read to its nearest number.
    mantissa.chars().all(plain).then(|| {
        format!("{}e{exponent}", mantissa.replace('−', "-"))
            .parse()
            .ok()
    })?
}

/// Decimals that show two digits of `width`; none where it has no size that fixed
/// decimals can show.
fn decimals(width: f64) -> Option<usize> {
    let decimals = 1 - exponent(width);
    (width > 0.0 && width.is_finite() && decimals <= 9).then_some(decimals.max(0) as usize)
}

/// The power of ten of the first digit. By way of the decimal text, which is exact and the
/// same everywhere; a logarithm is neither.
fn exponent(value: f64) -> i32 {
    format!("{value:e}")
        .split_once('e')
        .and_then(|(_, e)| e.parse().ok())
        .unwrap_or(0)
}

/// A number with a fixed count of decimals, and never `-0`.
pub fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    minus(if is_zero {
        text.trim_start_matches('-')
    } else {
        &text
    })
}

fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// `median`, `p90`, `p99.9`.
pub fn quantile(words: &Words, p: f64) -> String {
    if p == 0.5 {
        say!(words, "median")
    } else {
        format!("p{}", significant(p * 100.0, 4))
    }
}

/// A p-value with two digits, `< 0.0001` below that.
pub fn p_value(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".into()
    } else {
        significant(p, 2)
    }
}

/// An amount of memory or of data in a file, by binary prefix.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{} {unit}", significant(bytes as f64 / *size as f64, 3)),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use vnicbench_stats::{IntervalKind, Level, Method, Statistic};

    use super::*;

    fn shown(value: f64, low: f64, high: f64, scale: Scale) -> String {
        let method = Method {
            statistic: Statistic::Median,
            interval: IntervalKind::OrderStatistic,
        };
        let e = Estimate::new(value, (low, high), Level::P95, 8, method).expect("an estimate");
        let words = Words::of(crate::Language::English).expect("words");
        outcome(&words, &Outcome::Estimate(e), scale)
    }

    #[test]
    fn digits_follow_the_interval() {
        assert_eq!(
            shown(0.412_345, 0.398_1, 0.431_2, Scale::PLAIN),
            "0.412 [0.398, 0.431]"
        );
        assert_eq!(
            shown(9.412e9, 9.38e9, 9.44e9, Scale::RATES[0]),
            "9.412 [9.380, 9.440]"
        );
        assert_eq!(
            shown(1234.6, 1100.0, 1400.0, Scale::PLAIN),
            "1235 [1100, 1400]"
        );
        assert_eq!(shown(0.0, 0.0, 0.021, Scale::PERCENT), "0.0 [0.0, 2.1]");
    }

    #[test]
    fn no_width_shows_the_value() {
        assert_eq!(shown(0.5, 0.5, 0.5, Scale::PLAIN), "0.5 [0.5, 0.5]");
        assert_eq!(shown(0.0, 0.0, 0.0, Scale::PLAIN), "0 [0, 0]");
    }

    #[test]
    fn extremes_stay_readable() {
        assert_eq!(
            shown(1.2e-12, 1.1e-12, 1.3e-12, Scale::PLAIN),
            "1.200 × 10⁻¹² [1.100 × 10⁻¹², 1.300 × 10⁻¹²]"
        );
        assert_eq!(significant(123_456_789_012.0, 3), "1.23 × 10¹¹");
        assert_eq!(significant(5000.0, 2), "5000");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1.5, 1), "−1.5");
    }

    #[test]
    fn shown_numbers_are_read() {
        for (text, number) in [
            ("0.412", Some(0.412)),
            ("−1.5", Some(-1.5)),
            ("1.200 × 10⁻¹²", Some(1.2e-12)),
            ("1.23 × 10¹¹", Some(1.23e11)),
            ("1e3", None),
            ("nan", None),
            ("", None),
            ("3 of 8", None),
        ] {
            assert_eq!(read(text), number, "{text}");
        }
    }

    #[test]
    fn one_scale_for_a_panel() {
        assert_eq!(
            Scale::of(Metric::Goodput, [2e6, 9.4e9].into_iter()).unit,
            "Gbit/s"
        );
        assert_eq!(
            Scale::of(Metric::RttMedian, [0.2, 0.3].into_iter()).unit,
            "ms"
        );
        assert_eq!(Scale::of(Metric::RttMedian, [0.02].into_iter()).unit, "µs");
        assert_eq!(Scale::of(Metric::RttMedian, std::iter::empty()).unit, "ms");
        assert_eq!(
            Scale::of(Metric::UdpLoss, [0.5].into_iter()),
            Scale::PERCENT
        );
    }
}
