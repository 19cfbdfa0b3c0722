//! The numbers that a claim is about, from the panels of an analysis.

use std::collections::BTreeMap;

use vnicbench_model::{
    Arm, Audit, Backend, Cell, Claim, Direction, Estimand, Route, Setting, Workload,
};
use vnicbench_stats::slope::least_squares;
use vnicbench_stats::{Level, Outcome, StatsError, Warning, paired, quantile};

use super::Untestable;
use crate::error::AnalysisError;
use crate::measurement::shown;
use crate::result::{Analysis, Panel, Row};
use crate::values::{CellKey, key};

/// A cell, or the cells of a slope, that a claim is about.
pub(crate) struct Subject {
    pub(crate) key: CellKey,
    pub(crate) counterpart: Option<String>,
    pub(crate) panel: String,
    sample: Sample,
    notes: Vec<Warning>,
}

/// What an interval is made from; of pairs the values of both by block.
enum Sample {
    Ratio(Vec<f64>, Vec<f64>),
    Difference(Vec<f64>, Vec<f64>),
    Plain(Vec<f64>),
}

impl Subject {
    /// The estimand with its interval at a level.
    pub(crate) fn estimate(&self, level: Level) -> Result<Outcome, StatsError> {
        let outcome = match &self.sample {
            Sample::Ratio(a, b) => paired::ratio(a, b, level),
            Sample::Difference(a, b) => paired::difference(a, b, level),
            Sample::Plain(values) => quantile::median(values, level),
        }?;
        Ok(outcome.map(|estimate| estimate.with_warnings(self.notes.iter().cloned())))
    }
}

/// A cell with its row of the claim's metric.
struct Measured<'a> {
    cell: &'a Cell,
    panel: &'a Panel,
    row: &'a Row,
}

type ByBlock = BTreeMap<u32, f64>;

impl Measured<'_> {
    fn values(&self) -> ByBlock {
        self.row
            .trials
            .iter()
            .map(|trial| (trial.block, trial.value))
            .collect()
    }

    /// What whoever made its estimate said of it beside the numbers.
    fn notes(&self) -> impl Iterator<Item = Warning> {
        let estimate = self.row.estimate.estimate();
        let warnings = estimate.map_or(&[][..], |estimate| estimate.warnings());
        let is_note = |warning: &&Warning| matches!(warning, Warning::Note { .. });
        warnings.iter().filter(is_note).cloned()
    }
}

/// What the claim is about; or why there is nothing.
pub(crate) fn subjects(
    analysis: &Analysis,
    claim: &Claim,
) -> Result<Result<Vec<Subject>, Untestable>, AnalysisError> {
    let cells = analysis.campaign.matrix.cells();
    let about: Vec<&Cell> = cells.iter().filter(|cell| claim.is_about(cell)).collect();
    if about.is_empty() {
        return Ok(Err(Untestable::NoCells));
    }
    let measures = |cell: &&Cell| {
        shown(cell)
            .iter()
            .any(|metric| metric.name() == claim.metric)
    };
    let about: Vec<&Cell> = about.into_iter().filter(measures).collect();
    if about.is_empty() {
        return Ok(Err(Untestable::NoMetric));
    }
    let rows: Vec<Measured<'_>> = about
        .into_iter()
        .filter_map(|cell| measured(analysis, claim, cell))
        .collect();
    if rows.is_empty() {
        return Ok(Err(Untestable::NoValues));
    }
    let lines = rows
        .iter()
        .map(|row| line_rate(&analysis.campaign.audit, row.cell));
    let lines: Option<Vec<f64>> = lines.collect();
    let subjects: Vec<Subject> = match (claim.estimand, lines) {
        (Estimand::FractionOfLineRate, None) => return Ok(Err(Untestable::NoLineRate)),
        (Estimand::FractionOfLineRate, Some(lines)) => {
            let fractions = rows.iter().zip(lines);
            fractions.map(|(row, line)| fraction(row, line)).collect()
        }
        (Estimand::Slope, _) => slopes(analysis, claim, &rows, &cells),
        (Estimand::Ratio | Estimand::Difference, _) => {
            let pair = |row: &Measured<'_>| {
                let other = claim.counterpart(row.cell, &cells)?;
                Some(paired_by_block(
                    claim,
                    row,
                    measured(analysis, claim, other).as_ref(),
                    other,
                ))
            };
            rows.iter().filter_map(pair).collect()
        }
    };
    Ok(match subjects.is_empty() {
        true => Err(Untestable::NoCounterparts),
        false => Ok(subjects),
    })
}

fn measured<'a>(analysis: &'a Analysis, claim: &Claim, cell: &'a Cell) -> Option<Measured<'a>> {
    let id = cell.id();
    let of_cell = |panel: &&Panel| {
        panel.experiment == cell.experiment
            && panel.metric.name() == claim.metric
            && panel.rows.iter().any(|row| row.cell == id)
    };
    let panel = analysis.panels.iter().find(of_cell)?;
    let row = panel.rows.iter().find(|row| row.cell == id)?;
    Some(Measured { cell, panel, row })
}

/// A subject of its own, without a counterpart.
fn alone(row: &Measured<'_>, sample: Sample, notes: Vec<Warning>) -> Subject {
    Subject {
        key: key(row.cell),
        counterpart: None,
        panel: row.panel.id.clone(),
        sample,
        notes,
    }
}

fn fraction(row: &Measured<'_>, line: f64) -> Subject {
    let fractions = row.values().into_values().map(|value| value / line);
    alone(
        row,
        Sample::Plain(fractions.collect()),
        row.notes().collect(),
    )
}

fn paired_by_block(
    claim: &Claim,
    row: &Measured<'_>,
    other: Option<&Measured<'_>>,
    counterpart: &Cell,
) -> Subject {
    let (ours, theirs) = (
        row.values(),
        other.map(Measured::values).unwrap_or_default(),
    );
    let (a, b): (Vec<f64>, Vec<f64>) = both(&ours, &theirs)
        // Of zero there is no ratio.
        .filter(|(a, b)| claim.estimand != Estimand::Ratio || (*a > 0.0 && *b > 0.0))
        .unzip();
    let left_out = ours.len().max(theirs.len()) - a.len();
    let mut notes: Vec<Warning> = row.notes().collect();
    notes.extend(other.into_iter().flat_map(Measured::notes));
    notes.extend(left_out_note(left_out));
    let sample = match claim.estimand {
        Estimand::Ratio => Sample::Ratio(a, b),
        _ => Sample::Difference(a, b),
    };
    Subject {
        counterpart: Some(match counterpart.experiment == row.cell.experiment {
            true => counterpart.id(),
            false => format!("{}/{}", counterpart.experiment, counterpart.id()),
        }),
        ..alone(row, sample, notes)
    }
}

/// Values of the blocks that have both.
fn both(a: &ByBlock, b: &ByBlock) -> impl Iterator<Item = (f64, f64)> {
    a.iter()
        .filter_map(|(block, value)| Some((*value, *b.get(block)?)))
}

fn left_out_note(blocks: usize) -> Option<Warning> {
    let text = match blocks {
        0 => return None,
        1 => "1 block is left out for want of a partner that can be used".to_owned(),
        n => format!("{n} blocks are left out for want of a partner that can be used"),
    };
    Some(Warning::fact(text, "blocks-left-out", &[&blocks]))
}

/// A slope for each arm, condition and workload that is there with several numbers of instances;
/// with a denominator the difference to the slope of the counterparts.
fn slopes(
    analysis: &Analysis,
    claim: &Claim,
    rows: &[Measured<'_>],
    cells: &[Cell],
) -> Vec<Subject> {
    type Kind = (Arm, Setting, Workload);
    let mut groups: Vec<(Kind, Vec<&Measured<'_>>)> = Vec::new();
    for row in rows {
        let setting = Setting {
            vms: 1,
            ..row.cell.setting.clone()
        };
        let key = (row.cell.arm, setting, row.cell.workload);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    let mut found = Vec::new();
    for (_, mut group) in groups {
        group.sort_by_key(|row| row.cell.setting.vms);
        let (Some(first), true) = (group.first(), group.len() > 1) else {
            continue;
        };
        let ours = by_block(&group);
        let notes = || group.iter().flat_map(|row| row.notes());
        if claim.arms.denominator.is_none() {
            found.push(alone(
                first,
                Sample::Plain(ours.into_values().collect()),
                notes().collect(),
            ));
            continue;
        }
        let others = group.iter().map(|row| {
            let other = claim.counterpart(row.cell, cells)?;
            measured(analysis, claim, other)
        });
        let Some(others) = others.collect::<Option<Vec<_>>>() else {
            continue;
        };
        let theirs = by_block(&others.iter().collect::<Vec<_>>());
        let (a, b) = both(&ours, &theirs).unzip();
        let notes = notes().chain(others.iter().flat_map(Measured::notes));
        found.push(Subject {
            counterpart: others.first().map(|other| other.cell.id()),
            ..alone(first, Sample::Difference(a, b), notes.collect())
        });
    }
    found
}

/// The slope of each block that has a value at each number of instances.
fn by_block(rows: &[&Measured<'_>]) -> ByBlock {
    let mut points: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for row in rows {
        for (block, value) in row.values() {
            let point = (f64::from(row.cell.setting.vms), value);
            points.entry(block).or_default().push(point);
        }
    }
    let whole = points
        .into_iter()
        .filter(|(_, points)| points.len() == rows.len());
    whole
        .filter_map(|(block, points)| Some((block, least_squares(&points)?)))
        .collect()
}

/// What the link that a cell's packets take carries, in bit/s: that of the PF, or of the bridge's
/// own port where there is one. None where the audit doesn't say, where packets take no
/// link, or two.
fn line_rate(audit: &Audit, cell: &Cell) -> Option<f64> {
    if cell.setting.path != Route::External {
        return None;
    }
    let speed = |role: &str| {
        let nic = audit.nics.iter().find(|nic| nic.role == role)?;
        Some(nic.speed_mbps)
    };
    let of = |backend: Backend| {
        let pf = speed("PF").flatten();
        match backend {
            Backend::Native | Backend::Sriov | Backend::Macvtap => pf,
            Backend::Virtio | Backend::Vhost | Backend::VhostUser | Backend::Veth => {
                speed("uplink of the bridge").unwrap_or(pf)
            }
        }
    };
    let mut speeds = cell.arm.backends().map(of);
    let first = speeds.next()??;
    // A mix takes one link only if there is no port for the bridge alone.
    if speeds.next().is_some() && speed("uplink of the bridge").is_some() {
        return None;
    }
    let both_ways = match cell.workload {
        Workload::Iperf3 {
            direction: Direction::Both,
            ..
        } => 2.0,
        _ => 1.0,
    };
    (first > 0).then_some(first as f64 * 1e6 * both_ways)
}
