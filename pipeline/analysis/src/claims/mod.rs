//! What a campaign says of claims.
//!
//! A claim is judged by the interval of its estimand against the band of values that are as
//! good as the claimed one ([`Claim::band`]), never by whether intervals overlap. With the interval's level 1 - a each of its ends is a one-sided test of level a / 2.
//!
//! A claim about several cells is supported if all of them support it, each at the level: an
//! intersection-union test, whose level needs no adjustment (R. L. Berger, Multiparameter
//! hypothesis testing and acceptance sampling, Technometrics 24 (1982) 295-300). It is
//! contradicted if one contradicts it with all of them as a family adjusted by Holm. Otherwise
//! it is inconclusive.

mod rule;
mod subject;

use std::fmt;

use serde::Serialize;
use vnicbench_model::{Claim, Testbed};
use vnicbench_stats::family::{Adjusted, Correction, Family};
use vnicbench_stats::{Interval, Level, Outcome, StatsError};

use crate::error::AnalysisError;
use crate::result::Analysis;

pub use rule::Finding;
use rule::{finding, refutes};
use subject::{Subject, subjects};

/// A claim with what the campaign says of it.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimResult {
    /// The claim.
    pub claim: Claim,
    /// What the campaign says.
    #[serde(flatten)]
    pub verdict: ClaimVerdict,
    /// What its numbers say by the same rule where they aren't taken for a test, since the test
    /// bed is emulated. Information, and no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indicated: Option<Finding>,
    /// The cells that it is about.
    pub cells: Vec<ClaimCell>,
}

/// What a campaign says of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ClaimVerdict {
    /// It holds in every cell.
    Supported,
    /// It fails in a cell.
    Contradicted,
    /// Neither is shown.
    Inconclusive,
    /// This campaign can't tell.
    NotTestable {
        /// Why not.
        reason: Untestable,
    },
}

/// Why a campaign can't test a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Untestable {
    /// The hardware is emulated and the claim is about hardware.
    Emulated,
    /// Nothing was measured.
    Synthetic,
    /// The campaign has no cell that the claim is about.
    NoCells,
    /// It has such cells, but not those that they are compared with.
    NoCounterparts,
    /// The metric isn't made of these cells.
    NoMetric,
    /// No trial of these cells gave a value that can be used.
    NoValues,
    /// No port's audit has a link speed.
    NoLineRate,
    /// Too few trials for an interval in any cell.
    TooFewTrials {
        /// The most that a cell has.
        n: usize,
        /// What an interval of the level needs.
        needs: usize,
    },
}

impl fmt::Display for ClaimVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::Inconclusive => "inconclusive",
            Self::NotTestable { .. } => "not testable here",
        })
    }
}

impl fmt::Display for Untestable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emulated => "the test bed is emulated, and the claim is about hardware",
            Self::Synthetic => "the numbers are made up",
            Self::NoCells => "the campaign has no such cell",
            Self::NoCounterparts => "the campaign has no cell to compare these with",
            Self::NoMetric => "the metric is not measured in these cells",
            Self::NoValues => "no trial gave a value that can be used",
            Self::NoLineRate => "no link speed of the port is known",
            Self::TooFewTrials { n, needs } => {
                return write!(f, "too few trials (n = {n}, needs {needs})");
            }
        })
    }
}

/// What one cell says of a claim.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimCell {
    /// Experiment.
    pub experiment: String,
    /// Cell id; of a slope the one with the fewest instances.
    pub cell: String,
    /// What it is compared with, if with anything; with its experiment in front where that
    /// is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterpart: Option<String>,
    /// The panel that its values are in.
    pub panel: String,
    /// The estimand, or why there is none.
    pub estimate: Outcome,
    /// What it says by itself; none without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// Of "the claim holds here": the smallest error probability at which the interval of the
    /// level that goes with it contradicts. None without an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The same as one of the claim's family, adjusted by Holm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjusted_p: Option<f64>,
}

/// Judges claims by a campaign's numbers, in their order.
///
/// # Errors
///
/// [`AnalysisError::Estimate`] for a statistic that can't be made, [`AnalysisError::Level`].
pub fn judge(analysis: &Analysis, claims: &[Claim]) -> Result<Vec<ClaimResult>, AnalysisError> {
    let level = Level::new(analysis.campaign.matrix.level).map_err(AnalysisError::Level)?;
    claims
        .iter()
        .map(|claim| result(analysis, claim, level))
        .collect()
}

fn result(analysis: &Analysis, claim: &Claim, level: Level) -> Result<ClaimResult, AnalysisError> {
    let (verdict, cells) = match subjects(analysis, claim)? {
        Ok(subjects) => {
            let cells = cells(claim, &subjects, level)?;
            (together(&cells, level), cells)
        }
        Err(reason) => (ClaimVerdict::NotTestable { reason }, Vec::new()),
    };
    let no_test = match analysis.campaign.testbed {
        Testbed::Emulated if !claim.scope.emulated => Some(Untestable::Emulated),
        Testbed::Synthetic => Some(Untestable::Synthetic),
        Testbed::Attached | Testbed::Emulated => None,
    };
    let finding = match verdict {
        ClaimVerdict::Supported => Some(Finding::Supports),
        ClaimVerdict::Contradicted => Some(Finding::Contradicts),
        ClaimVerdict::Inconclusive => Some(Finding::Undecided),
        // What isn't there at all is the better reason.
        ClaimVerdict::NotTestable { .. } => None,
    };
    let (verdict, indicated) = match no_test.zip(finding) {
        Some((reason, finding)) => (ClaimVerdict::NotTestable { reason }, Some(finding)),
        None => (verdict, None),
    };
    Ok(ClaimResult {
        claim: claim.clone(),
        verdict,
        indicated,
        cells,
    })
}

/// What each cell says, with the p-values of all as a family.
fn cells(
    claim: &Claim,
    subjects: &[Subject],
    level: Level,
) -> Result<Vec<ClaimCell>, AnalysisError> {
    let mut cells = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let failed = |source| AnalysisError::Estimate {
            quantity: format!("what the claim {:?} is about", claim.id),
            experiment: subject.key.0.clone(),
            cell: subject.key.1.clone(),
            source: Box::new(source),
        };
        let estimate = subject.estimate(level).map_err(failed)?;
        let interval = estimate.estimate().map(|estimate| estimate.interval());
        let p = match interval {
            None => None,
            Some(_) => Some(smallest_error(subject, claim).map_err(failed)?),
        };
        cells.push(ClaimCell {
            experiment: subject.key.0.clone(),
            cell: subject.key.1.clone(),
            counterpart: subject.counterpart.clone(),
            panel: subject.panel.clone(),
            finding: interval.map(|interval| finding(interval, claim)),
            estimate,
            p,
            adjusted_p: None,
        });
    }
    let names: Vec<String> = (0..cells.len()).map(|index| index.to_string()).collect();
    let raw = names.iter().zip(&cells);
    let raw: Vec<(&str, f64)> = raw
        .filter_map(|(name, cell)| Some((name.as_str(), cell.p?)))
        .collect();
    let adjusted = Family::declare(&claim.id, names.clone())
        .and_then(|family| family.adjust(Correction::Holm, &raw));
    let adjusted: Vec<Adjusted> = adjusted.map_err(|source| AnalysisError::Estimate {
        quantity: format!("the claim {:?}", claim.id),
        experiment: claim.experiment.clone(),
        cell: "all its cells".to_owned(),
        source: Box::new(source),
    })?;
    for (cell, adjusted) in cells.iter_mut().zip(adjusted) {
        cell.adjusted_p = adjusted.adjusted;
    }
    Ok(cells)
}

/// The smallest a at which the interval of level 1 - a contradicts the claim, 1 if none up to one
/// half does: the p-value of the test whose inversion the interval is, for any kind of interval,
/// since those of higher levels contain those of lower ones.
fn smallest_error(subject: &Subject, claim: &Claim) -> Result<f64, StatsError> {
    let at = |error: f64| -> Result<bool, StatsError> {
        let outcome = subject.estimate(Level::new(1.0 - error)?)?;
        let interval = outcome.estimate().map(|estimate| estimate.interval());
        Ok(interval.is_some_and(|interval: Interval| refutes(interval, claim)))
    };
    let (mut fails, mut does) = (1e-9, 0.5);
    if !at(does)? {
        return Ok(1.0);
    }
    if at(fails)? {
        return Ok(fails);
    }
    // Far beyond the last digit that anybody prints.
    for _ in 0..40 {
        let middle = fails + (does - fails) / 2.0;
        if at(middle)? {
            does = middle;
        } else {
            fails = middle;
        }
    }
    Ok(does)
}

fn together(cells: &[ClaimCell], level: Level) -> ClaimVerdict {
    let few = cells.iter().filter_map(|cell| match &cell.estimate {
        Outcome::Insufficient(few) => Some((few.n, few.needs)),
        Outcome::Estimate(_) => None,
    });
    let all_few = cells.iter().all(|cell| cell.estimate.estimate().is_none());
    if let (true, Some((n, needs))) = (all_few, few.max()) {
        let reason = match n {
            0 => Untestable::NoValues,
            _ => Untestable::TooFewTrials { n, needs },
        };
        return ClaimVerdict::NotTestable { reason };
    }
    let error = 1.0 - level.get();
    let contradicts = |cell: &ClaimCell| {
        // A family of one is judged by the interval that is shown, not by the halving's last digit.
        match cells.len() {
            1 => cell.finding == Some(Finding::Contradicts),
            _ => cell.adjusted_p.is_some_and(|p| p <= error),
        }
    };
    if cells.iter().any(contradicts) {
        ClaimVerdict::Contradicted
    } else if cells
        .iter()
        .all(|cell| cell.finding == Some(Finding::Supports))
    {
        ClaimVerdict::Supported
    } else {
        ClaimVerdict::Inconclusive
    }
}
