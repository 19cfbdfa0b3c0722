use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::StatsError;
use crate::method::{Method, percent};

/// A confidence level, strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Level(f64);

impl Level {
    /// 90 %.
    pub const P90: Self = Self(0.90);
    /// 95 %.
    pub const P95: Self = Self(0.95);
    /// 99 %.
    pub const P99: Self = Self(0.99);

    /// A level as a fraction: 0.95 for 95 %.
    pub fn new(level: f64) -> Result<Self, StatsError> {
        // Written so that NaN is refused as well; 1 - 1e-17 is 1.
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(StatsError::Level(level))
        }
    }

    /// The level as a fraction.
    pub fn get(self) -> f64 {
        self.0
    }

    /// What is left for each side of a two-sided interval: 0.025 for 95 %.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// Whether a tail of this probability is small enough for this level. The slack
    /// lets a tail that equals the level's on paper pass, whatever its rounding.
    pub(crate) fn admits(self, tail: f64) -> bool {
        tail <= self.tail() * (1.0 + 1e-12)
    }
}

impl TryFrom<f64> for Level {
    type Error = StatsError;

    fn try_from(level: f64) -> Result<Self, StatsError> {
        Self::new(level)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> f64 {
        level.0
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", percent(self.0))
    }
}

/// A closed interval with finite ends, in the unit of the value it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Ends")]
pub struct Interval {
    low: f64,
    high: f64,
}

/// An interval as it stands in a file, before its ends are checked.
#[derive(Deserialize)]
struct Ends {
    low: f64,
    high: f64,
}

impl TryFrom<Ends> for Interval {
    type Error = StatsError;

    fn try_from(ends: Ends) -> Result<Self, StatsError> {
        Self::new(ends.low, ends.high)
    }
}

impl Interval {
    /// An interval from `low` to `high`, both finite, `low` not above `high`.
    pub fn new(low: f64, high: f64) -> Result<Self, StatsError> {
        if low.is_finite() && high.is_finite() && low <= high {
            Ok(Self { low, high })
        } else {
            Err(StatsError::Interval { low, high })
        }
    }

    /// Lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Upper end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Upper less lower end.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// Whether `value` lies in the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Something about a sample that a reader of its estimate must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// Values repeat: the quantity is quantised or tied. Rank-based intervals stay
    /// valid and become conservative.
    Ties {
        /// Different values in the sample.
        distinct: usize,
        /// Values in the sample.
        n: usize,
    },
    /// Pairs without a difference, which a signed-rank test leaves out.
    ZeroDifferences {
        /// Pairs left out.
        zeros: usize,
        /// All pairs.
        n: usize,
    },
    /// The interval has no width, since all values it rests on are equal.
    ZeroWidth,
    /// No event in any trial: how trials differ can't be seen.
    NoEvents,
    /// Every attempt in every trial is an event: how trials differ can't be seen.
    AllEvents,
    /// A bootstrap of so few values covers less than its level.
    FewForBootstrap {
        /// Values in the sample.
        n: usize,
        /// From how many on it comes near its level.
        recommended: usize,
    },
    /// The correction for bias or skewness is undefined for this sample; the interval
    /// is the percentile interval.
    BcaUndefined,
    /// Leaving out any one value changes nothing, so that the acceleration is 0/0: it is
    /// taken as zero, and the interval corrected for bias alone.
    NoAcceleration,
    /// Values taken as independent trials are correlated in their order; the interval
    /// doesn't allow for it.
    DependentTrials,
    /// Values of the series depend on those before; the interval allows for it.
    Dependent,
    /// Values are printed to a step; the interval is widened by half of it at either end,
    /// and covers at least its level.
    Rounded,
    /// Some values are only known to lie below a limit.
    Censored {
        /// How many.
        censored: usize,
        /// Values in the sample.
        n: usize,
    },
    /// A fact known only to who made the sample (censored values, one boot).
    Note {
        /// The fact, as a clause: no capital, no full stop.
        text: String,
        /// The same for who says it in words of their own; none where the text is all there is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fact: Option<Fact>,
    },
}

/// A fact by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name among those of who made it.
    pub name: String,
    /// What differs between facts of the name, in the order of the text.
    pub values: Vec<String>,
}

impl Warning {
    /// A fact known only to who made the sample: as a clause, and by its name with its values.
    pub fn fact(text: String, name: &str, values: &[&dyn ToString]) -> Self {
        Self::Note {
            text,
            fact: Some(Fact {
                name: name.to_owned(),
                values: values.iter().map(|value| value.to_string()).collect(),
            }),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ties { distinct, n } => write!(
                f,
                "only {distinct} different values among {n} (quantised or tied), so the interval is conservative"
            ),
            Self::ZeroDifferences { zeros, n } => write!(
                f,
                "{zeros} of {n} pairs have no difference and are left out of the ranks"
            ),
            Self::ZeroWidth => {
                f.write_str("all values are equal, so the interval shows the resolution, not the uncertainty")
            }
            Self::NoEvents => f.write_str(
                "no events seen, so variation between trials can't be estimated and attempts count as independent",
            ),
            Self::AllEvents => f.write_str(
                "every attempt is an event, so variation between trials can't be estimated and attempts count as independent",
            ),
            Self::FewForBootstrap { n, recommended } => write!(
                f,
                "a bootstrap of {n} values covers less than its level (comes near it from {recommended})"
            ),
            Self::BcaUndefined => f.write_str(
                "bias or acceleration is undefined for this sample, so the interval is the percentile interval",
            ),
            Self::NoAcceleration => f.write_str(
                "leaving out any one value changes nothing, so the interval is corrected for bias but not for skewness",
            ),
            Self::DependentTrials => f.write_str(
                "successive values are correlated, so the interval, which takes them as independent, covers less than its level",
            ),
            Self::Dependent => f.write_str(
                "values depend on those before (Ljung-Box p < 0.01), which the interval allows for",
            ),
            Self::Rounded => f.write_str(
                "values are rounded, so the interval is widened by half a step at either end",
            ),
            Self::Censored { censored, n } => {
                write!(f, "{censored} of {n} values are only known to lie below a limit")
            }
            Self::Note { text, .. } => f.write_str(text),
        }
    }
}

/// A value with all that is needed to judge it; there is none without.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    #[serde(deserialize_with = "finite")]
    value: f64,
    interval: Interval,
    level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    achieved_level: Option<f64>,
    n: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other_n: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_n: Option<f64>,
    method: Method,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

impl Estimate {
    /// An estimate from `n` independent units.
    ///
    /// # Errors
    /// [`StatsError::Overflow`] if value or interval are not finite, and
    /// [`StatsError::Interval`] if the ends are swapped.
    pub fn new(
        value: f64,
        (low, high): (f64, f64),
        level: Level,
        n: usize,
        method: Method,
    ) -> Result<Self, StatsError> {
        if !(value.is_finite() && low.is_finite() && high.is_finite()) {
            return Err(StatsError::Overflow {
                statistic: method.statistic.short().into_owned(),
            });
        }
        let interval = Interval::new(low, high)?;
        Ok(Self {
            value,
            interval,
            level,
            achieved_level: None,
            n,
            other_n: None,
            effective_n: None,
            method,
            warnings: Vec::new(),
        })
    }

    /// Adds a warning, unless it is there already.
    #[must_use]
    pub fn with_warning(mut self, warning: Warning) -> Self {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
        self
    }

    /// Adds warnings, each unless it is there already.
    #[must_use]
    pub fn with_warnings(self, warnings: impl IntoIterator<Item = Warning>) -> Self {
        warnings.into_iter().fold(self, Self::with_warning)
    }

    /// Warns of an interval without width, which no sample of a continuous quantity gives.
    pub(crate) fn with_zero_width_warning(self) -> Self {
        let flat = self.interval.width() == 0.0;
        self.with_warnings(flat.then_some(Warning::ZeroWidth))
    }

    /// Records how many independent values the sample is worth.
    #[must_use]
    pub fn with_effective_n(mut self, effective_n: f64) -> Self {
        self.effective_n = Some(effective_n);
        self
    }

    pub(crate) fn with_achieved_level(mut self, achieved: f64) -> Self {
        self.achieved_level = Some(achieved);
        self
    }

    pub(crate) fn with_other_n(mut self, other_n: usize) -> Self {
        self.other_n = Some(other_n);
        self
    }

    /// The value, in the unit of the sample.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The interval around it. A bootstrap's need not contain the value.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The level that was asked for.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The level that was reached, where it is known exactly; below [`level`](Self::level)
    /// only for intervals whose kind says that they are nearest to it.
    pub fn achieved_level(&self) -> Option<f64> {
        self.achieved_level
    }

    /// Independent units the estimate rests on (trials, pairs; the first of two samples).
    pub fn n(&self) -> usize {
        self.n
    }

    /// Size of the second sample, where two unpaired samples are compared.
    pub fn other_n(&self) -> Option<usize> {
        self.other_n
    }

    /// How many independent values the sample is worth, where that was estimated.
    pub fn effective_n(&self) -> Option<f64> {
        self.effective_n
    }

    /// How it was made.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What a reader must know beside the numbers.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Half the interval's width over the value's size: what a stopping rule on
    /// precision looks at. None for a value of zero.
    pub fn relative_half_width(&self) -> Option<f64> {
        let ratio = self.interval.width() / 2.0 / self.value.abs();
        ratio.is_finite().then_some(ratio)
    }
}

/// A sample too small for an interval of the level asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Insufficient {
    /// Independent units there are (the smaller of two samples).
    pub n: usize,
    /// How many it takes (in each of two samples).
    pub needs: usize,
    /// What was to be estimated and how.
    pub method: Method,
}

impl fmt::Display for Insufficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "insufficient data (n = {}, needs {})",
            self.n, self.needs
        )
    }
}

/// What an estimator answers: an estimate, or that there is too little data for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A value with its interval.
    Estimate(Estimate),
    /// No number.
    Insufficient(Insufficient),
}

impl Outcome {
    pub(crate) fn insufficient(n: usize, needs: usize, method: Method) -> Self {
        Self::Insufficient(Insufficient { n, needs, method })
    }

    /// The estimate, if there is one.
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Estimate(estimate) => Some(estimate),
            Self::Insufficient(_) => None,
        }
    }

    /// How it was made, or was to be made.
    pub fn method(&self) -> &Method {
        match self {
            Self::Estimate(estimate) => &estimate.method,
            Self::Insufficient(insufficient) => &insufficient.method,
        }
    }

    /// Applies `change` to the estimate, if there is one: to add what the caller knows.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Estimate) -> Estimate) -> Self {
        match self {
            Self::Estimate(estimate) => Self::Estimate(change(estimate)),
            insufficient => insufficient,
        }
    }
}

impl From<Estimate> for Outcome {
    fn from(estimate: Estimate) -> Self {
        Self::Estimate(estimate)
    }
}

impl From<Insufficient> for Outcome {
    fn from(insufficient: Insufficient) -> Self {
        Self::Insufficient(insufficient)
    }
}

/// What has no interval of its own but the same gate on n: a test, a band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gated<T> {
    /// There is enough data.
    Value(T),
    /// No number.
    Insufficient(Insufficient),
}

impl<T> Gated<T> {
    /// The value, if there is enough data for one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Insufficient(_) => None,
        }
    }

    pub(crate) fn insufficient(n: usize, needs: usize, method: Method) -> Self {
        Self::Insufficient(Insufficient { n, needs, method })
    }
}

fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(serde::de::Error::custom(
            "the value of an estimate is finite",
        ))
    }
}
