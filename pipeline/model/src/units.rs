//! Quantities with their unit in the type.
//!
//! In files a quantity is a string of a number and a unit (`"20 ms"`, `"56 B"`,
//! `"20 Mbit/s"`), never a bare number, so that a reader can't mistake bytes for bits or
//! decimal for binary prefixes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A quantity that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: write a number and one of the units {units}, as in {example:?}")]
pub struct UnitError {
    text: String,
    what: &'static str,
    units: String,
    example: &'static str,
}

/// A length of time, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(pub u64);

/// An amount of data, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// A data rate, in bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitRate(pub u64);

impl TimeSpan {
    /// The span as a [`Duration`].
    pub fn duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// The span in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// What distinguishes one quantity from another in a file: its units, largest first.
trait Quantity: Sized {
    const WHAT: &'static str;
    const EXAMPLE: &'static str;
    const UNITS: &'static [(&'static str, u64)];
    fn from_base(base: u64) -> Self;
    fn base(&self) -> u64;
}

impl Quantity for TimeSpan {
    const WHAT: &'static str = "time";
    const EXAMPLE: &'static str = "20 ms";
    const UNITS: &'static [(&'static str, u64)] = &[
        ("h", 3_600_000_000_000),
        ("min", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ];
    fn from_base(base: u64) -> Self {
        Self(base)
    }
    fn base(&self) -> u64 {
        self.0
    }
}

impl Quantity for ByteSize {
    const WHAT: &'static str = "size in bytes";
    const EXAMPLE: &'static str = "56 B";
    const UNITS: &'static [(&'static str, u64)] = &[
        ("GiB", 1 << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1 << 20),
        ("MB", 1_000_000),
        ("KiB", 1 << 10),
        ("kB", 1_000),
        ("B", 1),
    ];
    fn from_base(base: u64) -> Self {
        Self(base)
    }
    fn base(&self) -> u64 {
        self.0
    }
}

impl Quantity for BitRate {
    const WHAT: &'static str = "data rate";
    const EXAMPLE: &'static str = "20 Mbit/s";
    const UNITS: &'static [(&'static str, u64)] = &[
        ("Gbit/s", 1_000_000_000),
        ("Mbit/s", 1_000_000),
        ("kbit/s", 1_000),
        ("bit/s", 1),
    ];
    fn from_base(base: u64) -> Self {
        Self(base)
    }
    fn base(&self) -> u64 {
        self.0
    }
}

fn parse<Q: Quantity>(text: &str) -> Result<Q, UnitError> {
    let error = || UnitError {
        text: text.to_owned(),
        what: Q::WHAT,
        units: Q::UNITS
            .iter()
            .rev()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", "),
        example: Q::EXAMPLE,
    };
    let trimmed = text.trim();
    let split = trimmed
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .ok_or_else(error)?;
    let (number, unit) = trimmed.split_at(split);
    let (_, factor) = Q::UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .ok_or_else(error)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // Decimal digits are scaled as integers, so that "0.1 s" is exactly 100 ms.
    let mut base = whole
        .parse::<u64>()
        .ok()
        .and_then(|w| w.checked_mul(*factor))
        .ok_or_else(error)?;
    let mut scale = *factor;
    for digit in fraction.bytes() {
        if !digit.is_ascii_digit() || !scale.is_multiple_of(10) {
            return Err(error());
        }
        scale /= 10;
        base = base
            .checked_add(u64::from(digit - b'0') * scale)
            .ok_or_else(error)?;
    }
    Ok(Q::from_base(base))
}

fn write<Q: Quantity>(quantity: &Q, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let base = quantity.base();
    let smallest = Q::UNITS.last().map_or(("", 1), |unit| *unit);
    let (name, factor) = Q::UNITS
        .iter()
        .copied()
        .find(|(_, factor)| base != 0 && base.is_multiple_of(*factor))
        .unwrap_or(smallest);
    write!(f, "{} {name}", base / factor)
}

/// A number and a unit, for editors.
fn schema<Q: Quantity>() -> schemars::Schema {
    let units: Vec<&str> = Q::UNITS.iter().map(|(name, _)| *name).collect();
    schemars::json_schema!({
        "type": "string",
        "pattern": format!("^[0-9]+(\\.[0-9]+)? ?({})$", units.join("|")),
        "description": format!("A {}, as in \"{}\".", Q::WHAT, Q::EXAMPLE),
    })
}

macro_rules! quantity {
    ($($name:ident),*) => {$(
        impl FromStr for $name {
            type Err = UnitError;
            fn from_str(text: &str) -> Result<Self, UnitError> {
                parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schema::<$name>()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

quantity!(TimeSpan, ByteSize, BitRate);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        assert_eq!("20 ms".parse(), Ok(TimeSpan(20_000_000)));
        assert_eq!("0.2s".parse(), Ok(TimeSpan(200_000_000)));
        assert_eq!("256 MiB".parse(), Ok(ByteSize(256 << 20)));
        assert_eq!("2.5 Gbit/s".parse(), Ok(BitRate(2_500_000_000)));
        assert_eq!(TimeSpan(1_500_000_000).to_string(), "1500 ms");
        assert_eq!(ByteSize(1400).to_string(), "1400 B");
        assert_eq!(ByteSize(0).to_string(), "0 B");
        assert_eq!(BitRate(20_000_000).to_string(), "20 Mbit/s");
    }

    #[test]
    fn refuses_bare_numbers_and_foreign_units() {
        for text in [
            "20",
            "20 Mbps",
            "",
            "ms",
            "-1 s",
            "1.5 ns",
            "1e3 s",
            "99999999999 h",
            "1..2 s",
        ] {
            let error = text.parse::<TimeSpan>().unwrap_err().to_string();
            assert!(error.contains("ns, us, ms, s, min, h"), "{error}");
        }
        assert!("20 ms".parse::<BitRate>().is_err());
    }
}
