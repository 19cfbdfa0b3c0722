//! Every planned trial with what its logs say, in the order of the plan.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;
use vnicbench_model::{CampaignDir, Cell, Matrix, Trial, TrialDir, TrialState};

use crate::error::AnalysisError;
use crate::measurement::{self, Measurement, Oddity};

/// A planned trial, what became of it, and what it says.
#[derive(Debug)]
pub(crate) struct TrialEntry {
    pub(crate) dir: TrialDir,
    pub(crate) cell: String,
    /// Below the campaign, with `/`.
    pub(crate) directory: String,
    pub(crate) measurement: Measurement,
}

pub(crate) fn read(dir: &CampaignDir) -> Result<Vec<TrialEntry>, AnalysisError> {
    let trials = dir.trials()?.into_par_iter();
    Ok(trials.map(|trial| entry(dir.path(), trial)).collect())
}

/// The matrix's cells, and after them any that are in the plan alone, so that no trial
/// is left out.
pub(crate) fn cells(matrix: &Matrix, entries: &[TrialEntry]) -> Vec<Cell> {
    let mut known = BTreeSet::new();
    let planned = entries.iter().map(|entry| entry.dir.planned.cell.clone());
    let all = matrix.cells().into_iter().chain(planned);
    all.filter(|cell| known.insert((cell.experiment.clone(), cell.id())))
        .collect()
}

/// A trial below `root`, its logs parsed.
pub(crate) fn entry(root: &Path, dir: TrialDir) -> TrialEntry {
    let directory = relative(root, &dir.path);
    let mut measurement = measured(&directory, &dir, measurement::measure);
    let warnings = dir.trial.as_ref().map_or(&[][..], |trial| &trial.warnings);
    measurement.oddities.extend(notes(&directory, warnings));
    with(root, dir, measurement)
}

/// A trial below `root` and what its logs say.
pub(crate) fn with(root: &Path, dir: TrialDir, measurement: Measurement) -> TrialEntry {
    TrialEntry {
        cell: dir.planned.cell.id(),
        directory: relative(root, &dir.path),
        measurement,
        dir,
    }
}

/// What the tools of a trial below `root` measured; nothing if it isn't complete.
pub(crate) fn measured_by_tools(root: &Path, dir: &TrialDir) -> Measurement {
    measured(&relative(root, &dir.path), dir, measurement::of_tools)
}

fn measured(
    directory: &str,
    dir: &TrialDir,
    measure: impl Fn(&Path, &str, &Trial) -> Measurement,
) -> Measurement {
    match &dir.trial {
        Some(trial) if dir.state == TrialState::Complete => match mismatch(dir, trial) {
            Some(problem) => Measurement {
                problems: vec![format!("{directory}/{problem}")],
                ..Measurement::default()
            },
            None => measure(&dir.path, directory, trial),
        },
        _ => Measurement::default(),
    }
}

/// Why a complete trial's files can't be taken for what they seem.
fn mismatch(dir: &TrialDir, trial: &Trial) -> Option<&'static str> {
    if !dir.path.join("SHA256SUMS").is_file() {
        return Some("SHA256SUMS: is gone, so that nothing says whether the logs were changed");
    }
    let planned = trial.cell == dir.planned.cell && trial.block == dir.planned.block;
    (!planned).then_some("trial.json: records another cell or block than was planned")
}

fn notes(directory: &str, warnings: &[String]) -> impl Iterator<Item = Oddity> {
    warnings.iter().map(move |text| Oddity {
        kind: "trial".to_owned(),
        file: format!("{directory}/trial.json"),
        line: 0,
        text: text.clone(),
    })
}

/// `path` below `root`, with `/` on every system.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

impl TrialEntry {
    /// Why the trial is no result, or not all of one.
    pub(crate) fn failure(&self) -> Option<String> {
        match self.dir.state {
            TrialState::Complete => (!self.measurement.problems.is_empty())
                .then(|| self.measurement.problems.join("; ")),
            TrialState::Failed => {
                let reason = self
                    .dir
                    .trial
                    .as_ref()
                    .and_then(|trial| trial.failure.clone());
                Some(reason.unwrap_or_else(|| "failed without a reason in trial.json".to_owned()))
            }
            TrialState::Interrupted => Some("begun and not finished".to_owned()),
            TrialState::Missing => Some("never begun".to_owned()),
        }
    }

    pub(crate) fn state(&self) -> &'static str {
        match self.dir.state {
            TrialState::Complete => "complete",
            TrialState::Failed => "failed",
            TrialState::Interrupted => "interrupted",
            TrialState::Missing => "missing",
        }
    }
}
