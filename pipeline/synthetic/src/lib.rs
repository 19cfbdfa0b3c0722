//! SYNTHETIC campaigns: logs in the form of the real tools, with numbers that are made up
//! from the matrix's seed. Nothing is measured.
//!
//! They are what reading, analysis and reports are tried out on in sizes that take days to
//! measure. `campaign.json` says `"testbed": "synthetic"`, and so does every page of a report.
//! The same matrix and seed give the same bytes.
//!
//! Each trial has what a real one has: `trial.json`, the logs of its tools, of its neighbour's
//! load and of the host's counters that a report uses (those that are only kept are left out),
//! checksums, `COMPLETE`. One trial in [`FAILS`] has failed.

mod counters;
mod head;
mod iperf3;
mod json;
mod logs;
mod noise;
mod numbers;
mod trial;

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use vnicbench_model::{CampaignDir, Matrix, Plan, PlannedTrial, Roster};

/// A full study's matrix: 500 cells, 20 blocks, 2 GB of logs.
pub const LARGE: &str = include_str!("../large.toml");

/// One trial in so many fails.
pub const FAILS: u64 = 400;

/// Threads that write: more than there are processors, since each file is synced.
const WRITERS: usize = 32;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Cells of the matrix.
    pub cells: usize,
    /// Trials, failed ones too.
    pub trials: usize,
    /// Of all logs.
    pub bytes: u64,
}

/// Writes a campaign of `matrix` to `directory`, where nothing may be yet.
///
/// # Errors
///
/// What can't be written, with its path.
pub fn write(directory: &Path, matrix: Matrix) -> Result<Written> {
    let plan = Plan::new(&matrix);
    let roster = Roster::new(&matrix);
    let cells = roster.cells.len();
    let campaign = CampaignDir::create(directory, &head::campaign(matrix.clone()), &plan)?;
    let bytes = head::boots(directory, &roster, plan.boots())?;
    let each = plan.trials.len().div_ceil(WRITERS).max(1);
    let write_all = &|trials: &[PlannedTrial]| -> Result<u64> {
        let mut bytes = 0;
        for planned in trials {
            let members = roster.of(&planned.cell);
            bytes += trial::write(&campaign, planned, members, matrix.seed)
                .with_context(|| format!("cannot make up {}", planned.directory()))?;
        }
        Ok(bytes)
    };
    let of_trials: u64 = std::thread::scope(|scope| {
        let parts = plan.trials.chunks(each);
        let writers: Vec<_> = parts
            .map(|part| scope.spawn(move || write_all(part)))
            .collect();
        let ended = writers.into_iter().map(|writer| match writer.join() {
            Ok(written) => written,
            Err(_) => Err(anyhow!("a thread that wrote trials is gone")),
        });
        ended.sum::<Result<u64>>()
    })?;
    head::journal(&campaign, plan.trials.len())?;
    campaign.seal()?;
    Ok(Written {
        cells,
        trials: plan.trials.len(),
        bytes: bytes + of_trials,
    })
}
