//! Claims: what others say of virtual NICs, in a form that a campaign can test.
//!
//! A claims file stands beside its matrix, as `paper.claims.toml` beside `paper.toml`, and a
//! campaign keeps the claims as they were when it began.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::cell::{
    Backing, Cell, Direction, Instance, Neighbour, NeighbourAt, Network, Protocol, Route,
};
use crate::matrix::{Levels, has_levels, is_name, is_version_name};
use crate::place;
use crate::units::{BitRate, ByteSize, TimeSpan};

/// A claims file that can't be used: where, and what is allowed there.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// The file could not be read.
    #[error("cannot read the claims {path}: {source}; check its name and permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no claims, or one that can't be tested by anybody.
    #[error("{path}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, with its key, and what is allowed.
        message: String,
    },
}

/// A file of claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub format: u32,
    /// The claims.
    #[serde(rename = "claim")]
    #[schemars(length(min = 1))]
    pub claims: Vec<Claim>,
}

/// A statement about a quantity of some cells, or about its ratio or difference to that of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Short name. Lower-case letters, digits and `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub id: String,
    /// Who says so and where, with a DOI if there is one.
    #[schemars(length(min = 1))]
    pub source: String,
    /// What is claimed, in words.
    #[schemars(length(min = 1))]
    pub text: String,
    /// Whether the source says so, or it is only what its reasoning leads one to expect.
    #[serde(default)]
    pub basis: Basis,
    /// The experiment whose cells are looked at.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub experiment: String,
    /// What is compared.
    pub arms: Arms,
    /// How a number is made of it.
    pub estimand: Estimand,
    /// The metric, by its name in the tables: `rtt-median`, `goodput`.
    #[schemars(schema_with = "crate::schema::metrics")]
    pub metric: String,
    /// Where the number lies by the claim.
    pub direction: ClaimDirection,
    /// What it lies above, below or at: a ratio, a share of the line rate, or in the metric's
    /// unit. 1 for a ratio and 0 for a difference or a slope if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How far from the value doesn't matter. Of a ratio or a share of the line rate a
    /// fraction: 0.05, the default, is a factor of 1.05 either way. Of a difference or a slope in
    /// the metric's unit; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0))]
    pub tolerance: Option<f64>,
    /// Which cells it speaks of.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    #[schemars(with = "crate::schema::ScopeSchema")]
    pub scope: Scope,
}

/// Whose a claim is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The source says that it is so.
    #[default]
    Reported,
    /// The source asks; which way it answers isn't at hand, and the direction is what its
    /// reasoning leads one to expect.
    Expected,
}

/// What is compared: cells with these levels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arms {
    /// Levels of the cells that the claim is about.
    #[schemars(with = "crate::schema::ExclusionSchema")]
    pub numerator: Levels,
    /// Levels that their counterparts have instead, one a factor; all other factors are equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::schema::ExclusionSchema>")]
    pub denominator: Option<Levels>,
}

/// How a number is made of the trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Estimand {
    /// Numerator over denominator, by block.
    Ratio,
    /// Numerator less denominator, by block, in the metric's unit.
    Difference,
    /// What each further instance adds, in the metric's unit; with a denominator the difference
    /// of two slopes.
    Slope,
    /// Goodput over the rate of the port's link.
    FractionOfLineRate,
}

/// Where the number lies by the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimDirection {
    /// Below the value by more than the tolerance.
    Lower,
    /// Above the value by more than the tolerance.
    Higher,
    /// Within the tolerance of the value.
    Equivalent,
    /// Not above the value by more than the tolerance.
    AtMost,
    /// Not below the value by more than the tolerance.
    AtLeast,
}

/// Which cells a claim speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whether emulated hardware can tell.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emulated: bool,
    /// The levels that the numerator's cells have.
    #[serde(flatten)]
    pub levels: Levels,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Scope {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Metrics that a claim can be about and that have ratios.
pub(crate) const RATIO_METRICS: &[&str] = &[
    "rtt-median",
    "goodput",
    "udp-jitter",
    "host-cpu",
    "cpu-per-gbit",
    "cpu-per-packet",
    "interrupts",
    "interrupts-per-gbit",
    "interrupts-per-packet",
    "context-switches",
    "context-switches-per-gbit",
    "context-switches-per-packet",
    "kvm-exits",
    "kvm-exits-per-gbit",
    "kvm-exits-per-packet",
];

/// Metrics that a claim can be about and that have none: shares, counts, an index.
pub(crate) const OTHER_METRICS: &[&str] = &["ping-loss", "udp-loss", "retransmits", "fairness"];

/// Factors that arms and scope can name.
const FACTORS: &[&str] = &[
    "backend",
    "instance",
    "vms",
    "nics",
    "network",
    "path",
    "neighbour",
    "neighbour_at",
    "workers",
    "tuning",
    "kernel",
    "qemu",
    "tool",
    "payload",
    "interval",
    "protocol",
    "streams",
    "direction",
    "rate",
    "message",
];

/// Differences of a ratio from its value that don't matter, where a claim doesn't say.
const TOLERANCE: f64 = 0.05;

/// Only where things stand in the file, for the checks that serde doesn't make.
#[derive(Deserialize)]
struct Places {
    format: Spanned<toml::Value>,
    claim: Vec<Spanned<BTreeMap<String, Spanned<toml::Value>>>>,
}

/// A key of a claim and what is wrong with it.
type Fault = (&'static str, String);

impl Claims {
    /// Reads a file of claims.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] with file and line.
    pub fn read(path: &Path) -> Result<Self, ClaimsError> {
        let text = std::fs::read_to_string(path).map_err(|source| ClaimsError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads the claims beside a matrix: `paper.claims.toml` beside `paper.toml`. None if there is
    /// no such file.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] with file and line.
    pub fn beside(matrix: &Path) -> Result<Option<Self>, ClaimsError> {
        let path = matrix.with_extension("claims.toml");
        path.exists().then(|| Self::read(&path)).transpose()
    }

    /// Reads claims from text; `path` is what errors name.
    ///
    /// # Errors
    ///
    /// As [`Claims::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ClaimsError> {
        let invalid = |offset: usize, message: String| {
            let (line, column) = place::line_and_column(text, offset);
            ClaimsError::Invalid {
                path: path.to_owned(),
                line,
                column,
                message,
            }
        };
        let from_toml = |error: toml::de::Error| {
            invalid(
                error.span().map_or(0, |span| span.start),
                error.message().trim_end().to_owned(),
            )
        };
        let claims: Self = toml::from_str(text).map_err(from_toml)?;
        let places: Places = toml::from_str(text).map_err(from_toml)?;
        if claims.format != 1 {
            let message = format!(
                "format {} is not known; this version reads format 1",
                claims.format
            );
            return Err(invalid(places.format.span().start, message));
        }
        let mut ids = BTreeSet::new();
        for (claim, places) in claims.claims.iter().zip(&places.claim) {
            let checked = match ids.insert(claim.id.as_str()) {
                true => claim.check(),
                false => Err(("id", "a second claim has this id".to_owned())),
            };
            if let Err((key, message)) = checked {
                let place = places
                    .get_ref()
                    .get(key)
                    .map_or(places.span(), |value| value.span());
                let message = format!("claim {:?}: {key}: {message}", claim.id);
                return Err(invalid(place.start, message));
            }
        }
        Ok(claims)
    }

    /// The claims as a file that [`Claims::parse`] reads.
    pub fn to_toml(claims: &[Claim]) -> String {
        let file = Self {
            format: 1,
            claims: claims.to_vec(),
        };
        // Names, numbers and lists only: there is nothing in it that TOML can't hold.
        toml::to_string(&file).unwrap_or_default()
    }
}

impl Claim {
    /// The value that the number is held against.
    pub fn reference(&self) -> f64 {
        self.value.unwrap_or(match self.estimand {
            Estimand::Ratio | Estimand::FractionOfLineRate => 1.0,
            Estimand::Difference | Estimand::Slope => 0.0,
        })
    }

    /// The numbers that are as good as the value: from the value divided by 1 + tolerance to the
    /// value times that, or from the value less the tolerance to the value plus that.
    pub fn band(&self) -> (f64, f64) {
        let value = self.reference();
        match self.estimand {
            Estimand::Ratio | Estimand::FractionOfLineRate => {
                let factor = 1.0 + self.tolerance.unwrap_or(TOLERANCE);
                (value / factor, value * factor)
            }
            Estimand::Difference | Estimand::Slope => {
                let tolerance = self.tolerance.unwrap_or(0.0);
                (value - tolerance, value + tolerance)
            }
        }
    }

    /// Whether the claim is about this cell, as the numerator.
    pub fn is_about(&self, cell: &Cell) -> bool {
        cell.experiment == self.experiment
            && has_levels(&self.arms.numerator, cell)
            && has_levels(&self.scope.levels, cell)
    }

    /// The cell that this one is compared with, of the same experiment or, failing that, of
    /// another: with the denominator's levels, and all else equal.
    pub fn counterpart<'a>(&self, cell: &Cell, cells: &'a [Cell]) -> Option<&'a Cell> {
        let denominator = self.arms.denominator.as_ref()?;
        let of_idle = ["neighbour_at", "workers"];
        let of_vms = ["kernel", "qemu"];
        let idle = |other: &Cell| other.setting.neighbour == Neighbour::Idle;
        let fits = |other: &&Cell| {
            let equal = |(ours, theirs): (&(&str, String), &(&str, String))| {
                // An idle neighbour is idle wherever it is.
                let moot = idle(other) && of_idle.contains(&ours.0)
                    // Only a VM has versions.
                    || cell.arm.instance != other.arm.instance && of_vms.contains(&ours.0);
                ours == theirs || denominator.contains_key(ours.0) || moot
            };
            let (ours, theirs) = (cell.factors(), other.factors());
            has_levels(denominator, other)
                && ours.len() == theirs.len()
                && ours.iter().zip(&theirs).all(equal)
        };
        let here = |other: &&Cell| other.experiment == cell.experiment;
        let found = cells.iter().find(|other| here(other) && fits(other));
        found.or_else(|| cells.iter().find(fits))
    }

    fn check(&self) -> Result<(), Fault> {
        let fault = |key, message: &str| Err((key, message.to_owned()));
        for (key, name) in [("id", &self.id), ("experiment", &self.experiment)] {
            if !is_name(name) {
                let message = format!(
                    "{name:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
                );
                return Err((key, message));
            }
        }
        for (key, text) in [("source", &self.source), ("text", &self.text)] {
            if text.trim().is_empty() {
                return fault(key, "is empty; say who claims what");
            }
        }
        let metric = self.metric.as_str();
        let has_ratio = RATIO_METRICS.contains(&metric);
        if !has_ratio && !OTHER_METRICS.contains(&metric) {
            let known = [RATIO_METRICS, OTHER_METRICS].concat().join(", ");
            return Err((
                "metric",
                format!("{metric:?} is not known; allowed: {known}"),
            ));
        }
        match (self.estimand, &self.arms.denominator) {
            (Estimand::Ratio, _) if !has_ratio => {
                let message =
                    format!("{metric} is no quantity with a ratio; use estimand = \"difference\"");
                return Err(("metric", message));
            }
            (Estimand::FractionOfLineRate, _) if metric != "goodput" => {
                return fault("metric", "only goodput is a fraction of the line rate");
            }
            (Estimand::Ratio | Estimand::Difference, None) => {
                return fault("arms", "a ratio or difference needs a denominator");
            }
            (Estimand::FractionOfLineRate, Some(_)) => {
                return fault("arms", "the line rate is the denominator already");
            }
            _ => {}
        }
        self.check_levels()?;
        self.check_numbers()
    }

    fn check_levels(&self) -> Result<(), Fault> {
        let denominator = self.arms.denominator.iter();
        let arms = std::iter::once(&self.arms.numerator).chain(denominator);
        for levels in arms.clone() {
            check_levels(levels).map_err(|message| ("arms", message))?;
            if levels.is_empty() {
                return Err(("arms", "names no factor".to_owned()));
            }
        }
        check_levels(&self.scope.levels).map_err(|message| ("scope", message))?;
        if let Some(denominator) = &self.arms.denominator {
            if denominator
                .values()
                .any(|levels| levels.iter().count() != 1)
            {
                let message =
                    "the denominator has one level a factor, so that there is one counterpart";
                return Err(("arms", message.to_owned()));
            }
            if *denominator == self.arms.numerator {
                return Err(("arms", "numerator and denominator are the same".to_owned()));
            }
        }
        let of_vms = |levels: &Levels| levels.contains_key("vms");
        if self.estimand == Estimand::Slope && arms.clone().any(of_vms) {
            let message = "a slope is over the numbers of instances; name vms in scope only";
            return Err(("arms", message.to_owned()));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), Fault> {
        let by_factor = matches!(
            self.estimand,
            Estimand::Ratio | Estimand::FractionOfLineRate
        );
        let value = self.reference();
        if !value.is_finite() || (by_factor && value <= 0.0) {
            let message = format!("{value} can't be; a ratio or fraction is above 0");
            return Err(("value", message));
        }
        if self.estimand == Estimand::FractionOfLineRate && self.value.is_none() {
            let message = "a fraction of the line rate is held against a value".to_owned();
            return Err(("value", message));
        }
        let tolerance = self.tolerance.unwrap_or(0.0);
        if !(tolerance >= 0.0 && tolerance.is_finite()) {
            return Err(("tolerance", format!("{tolerance} must be 0 or more")));
        }
        let (low, high) = self.band();
        if self.direction == ClaimDirection::Equivalent && low >= high {
            let message = "equivalence needs a tolerance above 0, in the metric's unit".to_owned();
            return Err(("tolerance", message));
        }
        Ok(())
    }
}

/// Whether each factor is one and each level could be one of it, as matrices write it.
fn check_levels(levels: &Levels) -> Result<(), String> {
    for (factor, levels) in levels {
        for level in levels.iter() {
            check_level(factor, &level).map_err(|problem| format!("{factor}: {problem}"))?;
        }
    }
    Ok(())
}

fn check_level(factor: &str, level: &str) -> Result<(), String> {
    fn one_of(level: &str, known: &[&str]) -> Result<(), String> {
        if known.contains(&level) {
            return Ok(());
        }
        Err(format!(
            "{level:?} is not known; allowed: {}",
            known.join(", ")
        ))
    }
    /// As it is written once it is read, since cells are compared by that.
    fn written(level: &str, read: Result<String, String>) -> Result<(), String> {
        match read? {
            written if written == level => Ok(()),
            written => Err(format!(
                "write {level:?} as {written:?}, as a cell's level is"
            )),
        }
    }
    fn quantity<T: std::str::FromStr<Err: ToString> + ToString>(level: &str) -> Result<(), String> {
        let read = level.parse::<T>().map_err(|error| error.to_string());
        written(level, read.map(|value| value.to_string()))
    }
    macro_rules! names {
        ($levels:ty) => {
            one_of(
                level,
                &<$levels>::ALL
                    .iter()
                    .map(|one| one.name())
                    .collect::<Vec<_>>(),
            )
        };
    }
    match factor {
        "backend" => level.parse::<Backing>().map(|_| ()),
        "instance" => names!(Instance),
        "network" => names!(Network),
        "path" => names!(Route),
        "neighbour" => names!(Neighbour),
        "neighbour_at" => names!(NeighbourAt),
        "protocol" => names!(Protocol),
        "direction" => names!(Direction),
        "tool" => one_of(level, &["ping", "iperf3", "iperf"]),
        "vms" | "nics" | "workers" | "streams" => quantity::<u32>(level),
        "payload" | "message" => quantity::<ByteSize>(level),
        "interval" => quantity::<TimeSpan>(level),
        "rate" => quantity::<BitRate>(level),
        "tuning" if is_name(level) => Ok(()),
        "tuning" => Err(format!("{level:?} is not a tuning's name")),
        "kernel" | "qemu" if is_version_name(level) => Ok(()),
        "kernel" | "qemu" => Err(format!("{level:?} is not a version, as \"6.12\"")),
        _ => Err(format!("is not a factor; allowed: {}", FACTORS.join(", "))),
    }
}
