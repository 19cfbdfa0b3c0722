//! Two campaigns: what differs between them, and what became of each cell.
//!
//! Blocks of two campaigns have nothing in common, so that nothing pairs their trials: a cell is
//! compared by the Hodges-Lehmann ratio of two independent samples, a metric that has no
//! ratio by their difference. The intervals are given at the level asked for and, since there
//! are many, at the level at which all of them cover at once (Bonferroni); the verdict on a
//! campaign is by the latter.

pub mod pool;

use std::collections::BTreeMap;

use serde::Serialize;
use vnicbench_model::{Arm, Campaign, Cell, Difference, Matrix, Testbed, differences};
use vnicbench_stats::family::{Family, Simultaneous};
use vnicbench_stats::verdict::{verdict, verdict_of_difference};
use vnicbench_stats::{Direction, Level, Outcome, StatsError, Verdict, Warning, unpaired};

use crate::error::AnalysisError;
use crate::result::{Analysis, Metric, Row};

/// What became of the cells of one campaign in another.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignComparison {
    /// The first: what is compared with.
    pub first: Side,
    /// The second: what is judged.
    pub second: Side,
    /// Ratios nearer to 1 than this share, and differences of shares and indices nearer to 0,
    /// don't matter.
    pub threshold: f64,
    /// Level of the intervals by themselves.
    pub level: Level,
    /// The level that each must have for all of them to cover at once.
    pub simultaneous_level: Level,
    /// What isn't the same of hosts, software and the matrix's head.
    pub differences: Vec<Difference>,
    /// The cells that both have, metric by metric.
    pub cells: Vec<CellComparison>,
    /// The cells that have no partner.
    pub unmatched: Vec<Unmatched>,
}

/// A campaign that is compared.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// When it began.
    pub started: String,
    /// Where it ran.
    pub testbed: Testbed,
    /// Its matrix's name.
    pub matrix: String,
    /// Trials in its plan.
    pub planned: u32,
    /// Those that are complete.
    pub complete: u32,
}

impl Side {
    fn of(analysis: &Analysis) -> Self {
        let campaign = &analysis.campaign;
        Self {
            name: campaign.name.clone(),
            started: campaign.started.clone(),
            testbed: campaign.testbed,
            matrix: campaign.matrix.name.clone(),
            planned: analysis.counts.planned,
            complete: analysis.counts.complete,
        }
    }
}

/// One metric of a cell in both campaigns.
#[derive(Debug, Clone, Serialize)]
pub struct CellComparison {
    /// Experiment.
    pub experiment: String,
    /// Cell id.
    pub cell: String,
    /// Back-end and instance.
    #[serde(skip)]
    pub arm: Arm,
    /// Metric.
    pub metric: Metric,
    /// In the first campaign.
    pub first: Outcome,
    /// In the second.
    pub second: Outcome,
    /// Second over first, or of a metric without a ratio second less first.
    pub change: Outcome,
    /// The same with the interval that covers together with all others.
    pub simultaneous: Outcome,
    /// What the interval of its own level says; none where there is no interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What the simultaneous one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjusted_verdict: Option<Verdict>,
}

/// A cell without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmatched {
    /// Experiment.
    pub experiment: String,
    /// Cell id.
    pub cell: String,
    /// Why.
    pub reason: Alone,
}

/// Why a cell has no partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alone {
    /// The second campaign doesn't have it.
    OnlyInFirst,
    /// The first doesn't.
    OnlyInSecond,
    /// Both have it, with another workload (count, duration, warm-up).
    OtherWorkload,
    /// Both have it, with other levers under the same name of a tuning.
    OtherTuning,
}

impl CampaignComparison {
    /// Whether a metric of some cell is worse by more than the threshold, with all comparisons
    /// as a family.
    pub fn has_regression(&self) -> bool {
        self.with(Verdict::Worse).next().is_some()
    }

    /// The cells with this verdict, adjusted.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &CellComparison> {
        let wanted = move |cell: &&CellComparison| cell.adjusted_verdict == Some(verdict);
        self.cells.iter().filter(wanted)
    }
}

/// Compares two campaigns. Retransmits, a count that is zero in most trials, are not compared.
///
/// # Errors
///
/// [`AnalysisError::Estimate`] for a statistic that can't be made, [`AnalysisError::Level`] for a
/// level or a threshold that is none.
pub fn compare(
    first: &Analysis,
    second: &Analysis,
    threshold: f64,
) -> Result<CampaignComparison, AnalysisError> {
    let level = Level::new(first.campaign.matrix.level).map_err(AnalysisError::Level)?;
    let (matched, unmatched) = partners(&first.campaign.matrix, &second.campaign.matrix);
    let (ours, theirs) = (rows(first), rows(second));
    let mut pairs = Vec::new();
    for cell in &matched {
        for &metric in Metric::ALL.iter().filter(|m| **m != Metric::Retransmits) {
            let key = (cell.experiment.clone(), cell.id(), metric);
            if let (Some(a), Some(b)) = (ours.get(&key), theirs.get(&key)) {
                pairs.push((key, *a, *b));
            }
        }
    }
    let names = pairs
        .iter()
        .map(|((experiment, cell, metric), ..)| format!("{experiment}/{cell}/{}", metric.name()));
    let simultaneous_level = match pairs.is_empty() {
        true => level,
        false => Family::declare("cells", names)
            .and_then(|family| family.simultaneous(level, Simultaneous::Bonferroni))
            .map_err(AnalysisError::Level)?,
    };
    let judge = Judge {
        threshold,
        level,
        simultaneous_level,
    };
    let cells = pairs.into_iter().map(|((experiment, cell, metric), a, b)| {
        let failed = |source| AnalysisError::Estimate {
            quantity: format!("the change of {}", metric.name()),
            experiment: experiment.clone(),
            cell: cell.clone(),
            source: Box::new(source),
        };
        judge.cell(&experiment, &cell, metric, a, b).map_err(failed)
    });
    Ok(CampaignComparison {
        first: Side::of(first),
        second: Side::of(second),
        threshold,
        level,
        simultaneous_level,
        differences: of_campaigns(&first.campaign, &second.campaign),
        cells: cells.collect::<Result<_, _>>()?,
        unmatched,
    })
}

type Rows<'a> = BTreeMap<(String, String, Metric), &'a Row>;

fn rows(analysis: &Analysis) -> Rows<'_> {
    let panels = analysis.panels.iter();
    panels
        .flat_map(|panel| {
            panel.rows.iter().map(|row| {
                let key = (panel.experiment.clone(), row.cell.clone(), panel.metric);
                (key, row)
            })
        })
        .collect()
}

/// What isn't the same: tool, test bed, hosts, software, and of the matrices what isn't a cell.
fn of_campaigns(first: &Campaign, second: &Campaign) -> Vec<Difference> {
    let mut found = differences("tool", &first.tool_version, &second.tool_version);
    found.extend(differences("test bed", &first.testbed, &second.testbed));
    found.extend(differences("host", &first.audit, &second.audit));
    found.extend(differences(
        "generator",
        &first.generator,
        &second.generator,
    ));
    found.extend(differences("machine below", &first.outer, &second.outer));
    found.extend(differences(
        "environment",
        &first.environment,
        &second.environment,
    ));
    let head = |campaign: &Campaign| Matrix {
        name: String::new(),
        description: String::new(),
        seed: 0,
        experiments: Vec::new(),
        ..campaign.matrix.clone()
    };
    found.extend(differences("matrix", &head(first), &head(second)));
    found
}

/// The cells that both have, in the order of the first, and those that have no partner.
fn partners(first: &Matrix, second: &Matrix) -> (Vec<Cell>, Vec<Unmatched>) {
    let key = |cell: &Cell| (cell.experiment.clone(), cell.id());
    let by_key = |matrix: &Matrix| -> BTreeMap<_, Cell> {
        matrix
            .cells()
            .into_iter()
            .map(|cell| (key(&cell), cell))
            .collect()
    };
    let (ours, theirs) = (by_key(first), by_key(second));
    let (mut matched, mut unmatched) = (Vec::new(), Vec::new());
    for cell in first.cells() {
        let reason = match theirs.get(&key(&cell)) {
            None => Alone::OnlyInFirst,
            Some(other) if other.workload != cell.workload => Alone::OtherWorkload,
            Some(other) if first.tuning_of(&cell) != second.tuning_of(other) => Alone::OtherTuning,
            Some(_) => {
                matched.push(cell);
                continue;
            }
        };
        unmatched.push(alone(&cell, reason));
    }
    let new = second.cells().into_iter();
    let new = new.filter(|cell| !ours.contains_key(&key(cell)));
    unmatched.extend(new.map(|cell| alone(&cell, Alone::OnlyInSecond)));
    (matched, unmatched)
}

fn alone(cell: &Cell, reason: Alone) -> Unmatched {
    Unmatched {
        experiment: cell.experiment.clone(),
        cell: cell.id(),
        reason,
    }
}

/// How changes are judged.
struct Judge {
    threshold: f64,
    level: Level,
    simultaneous_level: Level,
}

impl Judge {
    fn cell(
        &self,
        experiment: &str,
        cell: &str,
        metric: Metric,
        first: &Row,
        second: &Row,
    ) -> Result<CellComparison, StatsError> {
        let change = change(metric, first, second, self.level)?;
        let simultaneous = change_at(metric, first, second, self.simultaneous_level)?;
        Ok(CellComparison {
            experiment: experiment.to_owned(),
            cell: cell.to_owned(),
            arm: second.arm,
            metric,
            first: first.estimate.clone(),
            second: second.estimate.clone(),
            verdict: self.verdict(metric, &change)?,
            adjusted_verdict: self.verdict(metric, &simultaneous)?,
            change,
            simultaneous,
        })
    }

    fn verdict(&self, metric: Metric, change: &Outcome) -> Result<Option<Verdict>, StatsError> {
        let direction = match metric.lower_is_better() {
            true => Direction::LowerIsBetter,
            false => Direction::HigherIsBetter,
        };
        let judged = change.estimate().map(|estimate| match metric.has_ratio() {
            true => verdict(estimate.interval(), self.threshold, direction),
            false => verdict_of_difference(estimate.interval(), self.threshold, direction),
        });
        judged.transpose()
    }
}

/// The change with what is to be known of either cell.
fn change(metric: Metric, first: &Row, second: &Row, level: Level) -> Result<Outcome, StatsError> {
    let of = |row: &Row| -> Vec<Warning> {
        let estimate = row.estimate.estimate();
        let warnings = estimate.map_or(&[][..], |estimate| estimate.warnings());
        let is_note = |warning: &&Warning| matches!(warning, Warning::Note { .. });
        warnings.iter().filter(is_note).cloned().collect()
    };
    let outcome = change_at(metric, first, second, level)?;
    Ok(outcome.map(|estimate| estimate.with_warnings(of(first)).with_warnings(of(second))))
}

fn change_at(
    metric: Metric,
    first: &Row,
    second: &Row,
    level: Level,
) -> Result<Outcome, StatsError> {
    let values = |row: &Row| -> Vec<f64> {
        let values = row.trials.iter().map(|trial| trial.value);
        // Of zero there is no ratio.
        values
            .filter(|value| !metric.has_ratio() || *value > 0.0)
            .collect()
    };
    match metric.has_ratio() {
        true => unpaired::ratio(&values(second), &values(first), level),
        false => unpaired::difference(&values(second), &values(first), level),
    }
}
