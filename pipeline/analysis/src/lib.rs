//! Raw logs of a campaign -> tidy tables -> estimates and comparisons.
//!
//! [`tables`] reads what there is and judges nothing; [`analyse`] first makes sure that
//! no file was changed since it was measured, then makes every number of a report from
//! the tables. Polars holds, groups and writes the tables; what is published is computed
//! by `vnicbench-stats` in a fixed order, since float sums of a parallel engine differ
//! in their last bits.
//!
//! A log that can't be used never becomes a zero: its trial is listed among
//! [`Analysis::failures`] with file and line.

mod comparison;
mod error;
mod estimate;
mod guests;
mod log;
mod measurement;
mod panels;
pub mod result;
mod tables;
mod tally;
mod trials;
mod values;

use std::collections::BTreeSet;

use vnicbench_model::{BootPolicy, CampaignDir};
use vnicbench_stats::Level;

pub use error::AnalysisError;
pub use result::*;
pub use tables::Tables;

use estimate::Estimator;
use trials::TrialEntry;
use values::{Samples, Values};

/// Everything a report says of a campaign.
///
/// # Errors
///
/// [`AnalysisError::Store`] for a file that was changed after it was measured, is gone,
/// or is not what a campaign holds; the other variants name what could not be computed.
pub fn analyse(dir: &CampaignDir) -> Result<Analysis, AnalysisError> {
    dir.verify()?;
    let campaign = dir.campaign()?;
    let level = Level::new(campaign.matrix.level).map_err(AnalysisError::Level)?;
    let entries = trials::read(dir)?;
    let tables = Tables::new(&entries)?;
    let values = Values::from_table(&tables.values)?;
    let samples = Samples::from_table(&tables.samples)?;
    let cells = trials::cells(&campaign.matrix, &entries);
    let states = tally::by_cell(&tables.trials)?;
    let boots = boots(campaign.matrix.boot, &entries);
    let estimator = Estimator::new(level, boots, &values, &samples, &states);
    Ok(Analysis {
        counts: tally::total(&states),
        panels: panels::panels(&cells, &estimator)?,
        distributions: panels::distributions(&cells, &values, &samples),
        cells: tally::successes(&cells, &states, &estimator)?,
        failures: tally::failures(&tables.trials)?,
        log_warnings: tally::log_warnings(&tables.warnings)?,
        guests: guests::read(dir)?,
        campaign,
    })
}

/// What an interval doesn't hold where the guests weren't booted anew for each block.
fn boots(policy: BootPolicy, entries: &[TrialEntry]) -> Option<String> {
    let trials = entries.iter().filter_map(|entry| entry.dir.trial.as_ref());
    let boots: BTreeSet<u32> = trials.map(|trial| trial.boot).collect();
    match (policy, boots.len()) {
        (BootPolicy::PerBlock | BootPolicy::PerTrial, _) => None,
        (BootPolicy::PerCampaign, 0 | 1) => Some("speaks of one boot of the guests".to_owned()),
        (BootPolicy::PerCampaign, n) => Some(format!(
            "speaks of {n} boots of the guests, which were booted again only where they had died"
        )),
    }
}

/// The campaign as tidy tables, with what can be read of trials that failed.
///
/// # Errors
///
/// [`AnalysisError::Store`] for a head, plan or record that can't be read. Logs that
/// can't be read are rows of the tables `trials` (column `failure`) and `warnings`.
pub fn tables(dir: &CampaignDir) -> Result<Tables, AnalysisError> {
    let entries: Vec<TrialEntry> = trials::read(dir)?;
    Tables::new(&entries)
}
