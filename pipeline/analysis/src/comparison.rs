//! Ratios of cells, paired by block.

use std::collections::BTreeMap;

use vnicbench_model::{Arm, Cell, Instance, Mix, Neighbour, Setting, Workload};
use vnicbench_stats::verdict::verdict;
use vnicbench_stats::{Direction, Outcome, Warning, paired};

use crate::error::AnalysisError;
use crate::estimate::{Estimator, failed};
use crate::result::{Comparison, Contrast, Metric, THRESHOLD};
use crate::values::key;

/// Every comparison of a panel: its `cells` with the baseline arm, all else equal; then
/// those with a loaded neighbour with their idle twin, tuned ones with their untuned one and
/// mixes with their parts, in the panel or, failing that, in another experiment (`all`); and
/// each kernel and QEMU with the first that the experiment lists.
pub(crate) fn comparisons(
    cells: &[&Cell],
    all: &[Cell],
    metric: Metric,
    estimator: &Estimator,
) -> Result<Vec<Comparison>, AnalysisError> {
    if !metric.has_ratio() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Comparison> = Vec::new();
    let mut compare = |contrast, cell: &Cell, baseline: Option<&Cell>| {
        if let Some(baseline) = baseline {
            found.push(comparison(contrast, cell, baseline, metric, estimator)?);
        }
        Ok::<(), AnalysisError>(())
    };
    let twin = |arm: Arm, setting: &Setting, workload: &Workload| -> Option<&Cell> {
        let same = |other: &Cell| {
            other.arm == arm && other.setting == *setting && other.workload == *workload
        };
        let here = cells.iter().copied().find(|other| same(other));
        here.or_else(|| all.iter().find(|other| same(other)))
    };
    for cell in cells.iter().filter(|cell| cell.arm != Arm::BASELINE) {
        let setting = like_for_like(cell);
        // What is no VM is compared with the first kernel and QEMU.
        let is_vm = cell.arm.instance == Instance::Vm;
        let baseline = cells.iter().copied().find(|other| {
            let like = other.setting == setting || !is_vm && other.setting.unversioned() == setting;
            other.arm == Arm::BASELINE && like
        });
        compare(Contrast::ToBaseline, cell, baseline)?;
    }
    for cell in cells {
        if cell.setting.neighbour != Neighbour::Idle {
            let idle = twin(cell.arm, &cell.setting.undisturbed(), &cell.workload);
            compare(Contrast::ToIdle, cell, idle)?;
        }
        if cell.setting.tuning.is_some() {
            let untuned = twin(cell.arm, &cell.setting.untuned(), &cell.workload);
            compare(Contrast::ToUntuned, cell, untuned)?;
        }
    }
    type Factor = fn(&mut Setting) -> &mut Option<String>;
    let factors: [(Contrast, Factor); 2] = [
        (Contrast::ToFirstKernel, |setting| &mut setting.kernel),
        (Contrast::ToFirstQemu, |setting| &mut setting.qemu),
    ];
    for (contrast, factor) in factors {
        for cell in cells {
            let first = first_version(cell, cells, factor);
            compare(contrast, cell, first)?;
        }
    }
    // What the host pays for a part isn't what it pays for both.
    if !metric.is_of_host() {
        for cell in cells {
            for part in parts(cell.arm) {
                let alone = twin(part, &cell.setting, &cell.workload)
                    .filter(|alone| !is_baseline(cell, alone));
                compare(Contrast::ToPart, cell, alone)?;
            }
        }
    }
    Ok(found)
}

/// The cell that differs in this factor only and whose level of it comes first in the matrix, if it
/// isn't the cell itself.
fn first_version<'a>(
    cell: &Cell,
    cells: &[&'a Cell],
    factor: fn(&mut Setting) -> &mut Option<String>,
) -> Option<&'a Cell> {
    let but_for_it = |of: &Cell| {
        let mut setting = of.setting.clone();
        factor(&mut setting).take().map(|_named| setting)
    };
    let setting = but_for_it(cell)?;
    // Cells are in the order of the levels.
    let first = cells.iter().copied().find(|other| {
        let alike = other.arm == cell.arm && other.workload == cell.workload;
        alike && but_for_it(other).as_ref() == Some(&setting)
    });
    first.filter(|first| first.setting != cell.setting)
}

/// The conditions under which another arm is as much as this cell: two NICs of a mix are two
/// NICs of one kind.
fn like_for_like(cell: &Cell) -> Setting {
    let mut setting = cell.setting.clone();
    if matches!(cell.arm.mix, Some(Mix::Nic(_))) {
        setting.nics = 2;
    }
    setting
}

/// Whether the two are compared as an arm with the baseline already.
fn is_baseline(cell: &Cell, other: &Cell) -> bool {
    other.experiment == cell.experiment
        && other.arm == Arm::BASELINE
        && other.setting == like_for_like(cell)
}

/// The arms that a mix is made of; none for what is no mix.
fn parts(arm: Arm) -> Vec<Arm> {
    if arm.mix.is_none() {
        return Vec::new();
    }
    let alone = |backend| Arm {
        backend,
        mix: None,
        ..arm
    };
    let mut parts: Vec<Arm> = arm.backends().map(alone).collect();
    parts.dedup();
    parts
}

fn comparison(
    contrast: Contrast,
    cell: &Cell,
    baseline: &Cell,
    metric: Metric,
    estimator: &Estimator,
) -> Result<Comparison, AnalysisError> {
    let quantity = format!(
        "the ratio to {}/{} in {}",
        baseline.experiment,
        baseline.id(),
        metric.label().to_lowercase()
    );
    let key_of = key(cell);
    let pairs = Pairs::new(estimator, cell, baseline, metric);
    let ratio = paired::ratio(&pairs.numerators, &pairs.denominators, estimator.level)
        .map_err(failed(&quantity, &key_of))?;
    let direction = if metric.lower_is_better() {
        Direction::LowerIsBetter
    } else {
        Direction::HigherIsBetter
    };
    let verdict = ratio
        .estimate()
        .map(|estimate| verdict(estimate.interval(), THRESHOLD, direction))
        .transpose()
        .map_err(failed(&quantity, &key_of))?;
    let ratio: Outcome = estimator.annotated(&key_of, ratio, pairs.notes());
    let id = baseline.id();
    Ok(Comparison {
        contrast,
        cell: cell.id(),
        arm: cell.arm,
        setting: cell.setting.clone(),
        baseline: if baseline.experiment == cell.experiment {
            id
        } else {
            format!("{}/{id}", baseline.experiment)
        },
        baseline_arm: baseline.arm,
        baseline_setting: baseline.setting.clone(),
        ratio,
        verdict,
        joint: None,
    })
}

/// The values of two cells in the blocks that have both.
struct Pairs {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
    /// Blocks with a value of one cell only.
    unpaired: Vec<u32>,
    /// Blocks with a zero, of which there is no ratio.
    zeros: Vec<u32>,
}

impl Pairs {
    fn new(estimator: &Estimator, cell: &Cell, baseline: &Cell, metric: Metric) -> Self {
        let mut blocks: BTreeMap<u32, (Option<f64>, Option<f64>)> = BTreeMap::new();
        for row in estimator.values(&key(cell), metric) {
            blocks.entry(row.block).or_default().0 = Some(row.value);
        }
        for row in estimator.values(&key(baseline), metric) {
            blocks.entry(row.block).or_default().1 = Some(row.value);
        }
        let mut pairs = Self {
            numerators: Vec::new(),
            denominators: Vec::new(),
            unpaired: Vec::new(),
            zeros: Vec::new(),
        };
        for (block, values) in blocks {
            match values {
                (Some(numerator), Some(denominator)) if numerator > 0.0 && denominator > 0.0 => {
                    pairs.numerators.push(numerator);
                    pairs.denominators.push(denominator);
                }
                (Some(_), Some(_)) => pairs.zeros.push(block),
                _ => pairs.unpaired.push(block),
            }
        }
        pairs
    }

    fn notes(&self) -> Vec<Warning> {
        let mut notes = Vec::new();
        if !self.unpaired.is_empty() {
            let text = format!("left out for want of a partner: {}", blocks(&self.unpaired));
            notes.push(Warning::fact(text, "no-partner", &[&list(&self.unpaired)]));
        }
        if !self.zeros.is_empty() {
            let text = format!("left out since zero has no ratio: {}", blocks(&self.zeros));
            notes.push(Warning::fact(text, "zero-ratio", &[&list(&self.zeros)]));
        }
        notes
    }
}

pub(crate) fn blocks(numbers: &[u32]) -> String {
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("block{plural} {}", list(numbers))
}

pub(crate) fn list(numbers: &[u32]) -> String {
    let list: Vec<String> = numbers.iter().map(u32::to_string).collect();
    list.join(", ")
}
