//! Comparisons that are judged together.
//!
//! Of twenty comparisons without any difference one is "significant" at 5 %. A
//! [`Family`] says beforehand which comparisons belong together; [`Family::adjust`] gives
//! the p-values that hold for all of them, [`Family::simultaneous`] the level at which
//! each interval must be made so that all of them cover at once.
//!
//! ```
//! use vnicbench_stats::family::{Correction, Family};
//!
//! let family = Family::declare("throughput", ["sriov", "vhost", "virtio"])?;
//! let rows = family.adjust(Correction::Holm, &[("sriov", 0.01), ("virtio", 0.04)])?;
//! assert_eq!(rows[0].adjusted, Some(0.03));
//! assert_eq!(rows[1].raw, None); // declared, not measured: it counts all the same
//! assert_eq!(rows[2].adjusted, Some(0.08));
//! # Ok::<(), vnicbench_stats::StatsError>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::StatsError;
use crate::estimate::Level;

/// A named list of comparisons, declared before their results are seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Declared")]
pub struct Family {
    name: String,
    members: Vec<String>,
}

/// A family as it stands in a file, before its members are checked.
#[derive(Deserialize)]
struct Declared {
    name: String,
    members: Vec<String>,
}

impl TryFrom<Declared> for Family {
    type Error = StatsError;

    fn try_from(declared: Declared) -> Result<Self, StatsError> {
        Self::declare(declared.name, declared.members)
    }
}

/// How the p-values of a family are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Correction {
    /// S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6
    /// (1979) 65-70: bounds the probability of any false finding, whatever the dependence
    /// between comparisons, and never finds less than Bonferroni.
    Holm,
    /// Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, J. R. Stat.
    /// Soc. B 57 (1995) 289-300: bounds the expected share of false findings among all
    /// findings, for independent or positively dependent comparisons.
    BenjaminiHochberg,
    /// Each p-value times their number. What simultaneous intervals agree with.
    Bonferroni,
    /// Z. Sidak, Rectangular confidence regions for the means of multivariate normal
    /// distributions, JASA 62 (1967) 626-633: for independent comparisons, and two-sided
    /// ones of normal means.
    Sidak,
}

/// How the level of an interval is raised so that all of a family cover at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Simultaneous {
    /// 1 - (1 - level) / members, whatever the dependence.
    Bonferroni,
    /// level^(1 / members): narrower by a hair, for independent intervals and two-sided
    /// ones of normal means.
    Sidak,
}

/// A member of a family with its p-values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    /// Name of the comparison.
    pub member: String,
    /// Its p-value by itself; None where there was none to give.
    pub raw: Option<f64>,
    /// Its p-value as one of the family, never below `raw`.
    pub adjusted: Option<f64>,
}

impl Family {
    /// A family of the comparisons named in `members`.
    ///
    /// # Errors
    /// No members, or one twice.
    pub fn declare<M: Into<String>>(
        name: impl Into<String>,
        members: impl IntoIterator<Item = M>,
    ) -> Result<Self, StatsError> {
        let name = name.into();
        let mut known: Vec<String> = Vec::new();
        for member in members {
            let member = member.into();
            if known.contains(&member) {
                return Err(StatsError::TwiceInFamily {
                    family: name,
                    member,
                });
            }
            known.push(member);
        }
        if known.is_empty() {
            return Err(StatsError::EmptyFamily(name));
        }
        Ok(Self {
            name,
            members: known,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of its comparisons, as declared.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// The p-values of the members, raw and adjusted, in the order of declaration.
    ///
    /// A member without a p-value (too few trials) counts as one that found nothing: to
    /// leave it out would make the others' p-values depend on which trials failed.
    ///
    /// # Errors
    /// A p-value outside [0, 1], of a stranger, or given twice.
    pub fn adjust(
        &self,
        correction: Correction,
        p_values: &[(&str, f64)],
    ) -> Result<Vec<Adjusted>, StatsError> {
        let mut raw: Vec<Option<f64>> = vec![None; self.members.len()];
        for &(member, p) in p_values {
            let place = self.members.iter().position(|known| known == member);
            let Some(slot) = place.and_then(|index| raw.get_mut(index)) else {
                return Err(StatsError::NotInFamily {
                    family: self.name.clone(),
                    member: member.to_owned(),
                });
            };
            if slot.is_some() {
                return Err(StatsError::TwiceInFamily {
                    family: self.name.clone(),
                    member: member.to_owned(),
                });
            }
            if !(0.0..=1.0).contains(&p) {
                return Err(StatsError::PValue {
                    member: member.to_owned(),
                    p,
                });
            }
            *slot = Some(p);
        }
        let adjusted = adjust(&raw, correction);
        Ok(self
            .members
            .iter()
            .zip(raw)
            .zip(adjusted)
            .map(|((member, raw), adjusted)| Adjusted {
                member: member.clone(),
                raw,
                adjusted,
            })
            .collect())
    }

    /// The level for the interval of each member, so that all of them cover at once with
    /// at least the probability `level`.
    ///
    /// # Errors
    /// A level that comes out as 1 (a family of some 10^14 members).
    pub fn simultaneous(&self, level: Level, how: Simultaneous) -> Result<Level, StatsError> {
        let members = self.members.len() as f64;
        // A family of one must have the very level.
        Level::new(match how {
            _ if self.members.len() == 1 => level.get(),
            Simultaneous::Bonferroni => 1.0 - (1.0 - level.get()) / members,
            Simultaneous::Sidak => libm::pow(level.get(), 1.0 / members),
        })
    }
}

/// Adjusts those that are there, in a family of as many as there are places.
fn adjust(raw: &[Option<f64>], correction: Correction) -> Vec<Option<f64>> {
    let members = raw.len() as f64;
    match correction {
        Correction::Bonferroni => each(raw, |p| p * members),
        Correction::Sidak => each(raw, |p| -libm::expm1(members * libm::log1p(-p))),
        Correction::Holm => {
            let mut greatest = 0.0_f64;
            stepwise(raw, |rank, p| {
                greatest = greatest.max(p * (members - rank as f64));
                greatest
            })
        }
        Correction::BenjaminiHochberg => {
            let mut order = ascending(raw);
            order.reverse();
            let mut adjusted = vec![None; raw.len()];
            let mut least = 1.0_f64;
            for (from_top, &(index, p)) in order.iter().enumerate() {
                least = least.min(p * members / (order.len() - from_top) as f64);
                if let Some(slot) = adjusted.get_mut(index) {
                    *slot = Some(least);
                }
            }
            adjusted
        }
    }
}

fn each(raw: &[Option<f64>], change: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
    raw.iter()
        // Where rounding takes it below the raw value, the raw value is nearer.
        .map(|p| p.map(|p| change(p).min(1.0).max(p)))
        .collect()
}

/// Applies `change` to rank (from 0) and p-value from the smallest on.
fn stepwise(raw: &[Option<f64>], mut change: impl FnMut(usize, f64) -> f64) -> Vec<Option<f64>> {
    let mut adjusted = vec![None; raw.len()];
    for (rank, (index, p)) in ascending(raw).into_iter().enumerate() {
        let value = change(rank, p).min(1.0);
        if let Some(slot) = adjusted.get_mut(index) {
            *slot = Some(value);
        }
    }
    adjusted
}

/// Positions and p-values of those that are there, smallest first.
fn ascending(raw: &[Option<f64>]) -> Vec<(usize, f64)> {
    let mut order: Vec<(usize, f64)> = raw
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.map(|p| (index, p)))
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holm => "Holm",
            Self::BenjaminiHochberg => "Benjamini-Hochberg",
            Self::Bonferroni => "Bonferroni",
            Self::Sidak => "Sidak",
        })
    }
}

impl fmt::Display for Simultaneous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bonferroni => "Bonferroni",
            Self::Sidak => "Sidak",
        })
    }
}
