//! What an interval says of a claim.

use std::fmt;

use serde::Serialize;
use vnicbench_model::{Claim, ClaimDirection};
use vnicbench_stats::Interval;

/// What the interval of one cell says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// That it holds.
    Supports,
    /// That it doesn't.
    Contradicts,
    /// That there is no difference that matters, where the claim is that there is one.
    NoDifference,
    /// Nothing: more trials would tell.
    Undecided,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supports => "supports it",
            Self::Contradicts => "contradicts it",
            Self::NoDifference => "no difference that matters",
            Self::Undecided => "undecided",
        })
    }
}

/// What an interval says of a claim, by the claim's band from low to high:
///
/// | direction | supports | contradicts |
/// |---|---|---|
/// | lower | wholly below the band | wholly above it |
/// | higher | wholly above the band | wholly below it |
/// | equivalent | wholly within the band | wholly outside it |
/// | at-most | not above high | wholly above high |
/// | at-least | not below low | wholly below low |
///
/// An interval that lies within the band where lower or higher is claimed shows that there
/// is no difference that matters; any other is undecided.
pub(crate) fn finding(interval: Interval, claim: &Claim) -> Finding {
    let (low, high) = claim.band();
    let within = low <= interval.low() && interval.high() <= high;
    let supports = match claim.direction {
        ClaimDirection::Lower => interval.high() < low,
        ClaimDirection::Higher => interval.low() > high,
        ClaimDirection::Equivalent => within,
        ClaimDirection::AtMost => interval.high() <= high,
        ClaimDirection::AtLeast => interval.low() >= low,
    };
    let of_difference = matches!(
        claim.direction,
        ClaimDirection::Lower | ClaimDirection::Higher
    );
    if supports {
        Finding::Supports
    } else if refutes(interval, claim) {
        Finding::Contradicts
    } else if of_difference && within && low < high {
        Finding::NoDifference
    } else {
        Finding::Undecided
    }
}

/// Whether an interval contradicts a claim.
pub(crate) fn refutes(interval: Interval, claim: &Claim) -> bool {
    let (low, high) = claim.band();
    let (above, below) = (interval.low() > high, interval.high() < low);
    match claim.direction {
        ClaimDirection::Lower | ClaimDirection::AtMost => above,
        ClaimDirection::Higher | ClaimDirection::AtLeast => below,
        ClaimDirection::Equivalent => above || below,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vnicbench_model::Claims;

    use super::*;

    /// A claim about a difference, with a band from 4 to 6.
    fn claim(direction: &str) -> Claim {
        let text = format!(
            r#"
            format = 1
            [[claim]]
            id = "a"
            source = "made up"
            text = "made up"
            experiment = "latency"
            arms = {{ numerator = {{ backend = "sriov" }}, denominator = {{ backend = "virtio" }} }}
            estimand = "difference"
            metric = "rtt-median"
            direction = "{direction}"
            value = 5
            tolerance = 1
            "#
        );
        let file = Claims::parse(&text, Path::new("made-up.toml")).expect("a claim");
        file.claims.first().cloned().expect("one")
    }

    #[test]
    fn each_direction_at_its_boundaries() {
        use Finding::{Contradicts, NoDifference, Supports, Undecided};
        // The same interval, as seen by lower, higher, equivalent, at-most and at-least.
        let cases = [
            (
                (1.0, 3.9),
                [Supports, Contradicts, Contradicts, Supports, Contradicts],
            ),
            (
                (1.0, 4.0),
                [Undecided, Undecided, Undecided, Supports, Undecided],
            ),
            (
                (3.0, 5.0),
                [Undecided, Undecided, Undecided, Supports, Undecided],
            ),
            (
                (4.0, 6.0),
                [NoDifference, NoDifference, Supports, Supports, Supports],
            ),
            (
                (5.0, 5.0),
                [NoDifference, NoDifference, Supports, Supports, Supports],
            ),
            (
                (5.0, 7.0),
                [Undecided, Undecided, Undecided, Undecided, Supports],
            ),
            (
                (6.0, 7.0),
                [Undecided, Undecided, Undecided, Undecided, Supports],
            ),
            (
                (6.1, 7.0),
                [Contradicts, Supports, Contradicts, Contradicts, Supports],
            ),
            ((1.0, 9.0), [Undecided; 5]),
        ];
        let directions = ["lower", "higher", "equivalent", "at-most", "at-least"];
        for ((low, high), wanted) in cases {
            let interval = Interval::new(low, high).expect("an interval");
            for (direction, wanted) in directions.iter().zip(wanted) {
                let found = finding(interval, &claim(direction));
                assert_eq!(found, wanted, "{direction} by [{low}, {high}]");
            }
        }
    }
}
