//! Raw logs of a campaign -> tidy tables -> estimates and comparisons.
//!
//! [`tables`] reads what there is and judges nothing; [`analyse`] first makes sure that
//! no file was changed since it was measured, then makes every number of a report. Polars
//! holds and writes the tables; what is published is computed by `vnicbench-stats` in a fixed
//! order, since float sums of a parallel engine differ in their last bits. Trials are read and
//! panels estimated on all processors, each by itself, and put together in their order.
//!
//! A log that can't be used never becomes a zero: its trial is listed among
//! [`Analysis::failures`] with file and line.

pub mod cache;
pub mod claims;
pub mod compare;
mod comparison;
mod cost;
mod curve;
mod error;
mod estimate;
mod family;
mod guests;
mod host;
mod ingest;
mod journal;
mod log;
mod measurement;
mod panels;
mod path;
mod precision;
mod reading;
pub mod result;
mod share;
mod slope;
mod stability;
mod table_file;
mod tables;
mod tally;
mod trials;
mod values;

use std::collections::BTreeSet;

use vnicbench_model::{BootPolicy, CampaignDir, Cell, Matrix};
use vnicbench_stats::{Level, Warning};

pub use claims::{ClaimCell, ClaimResult, ClaimVerdict, Finding, Untestable};
pub use compare::{CampaignComparison, CellComparison, Unmatched};
pub use curve::TrialReplies;
pub use error::AnalysisError;
pub use family::judge_families;
pub use ingest::{Ingested, Layout, LayoutError, ingest};
pub use precision::widest;
pub use reading::Reading;
pub use result::*;
pub use tables::Tables;

use estimate::{Boots, Estimator};
use journal::Journal;
use trials::TrialEntry;
use values::{Samples, Values, key};

/// Everything a report says of a campaign.
///
/// # Errors
///
/// [`AnalysisError::Store`] for a file that was changed after it was measured, is gone,
/// or is not what a campaign holds; the other variants name what could not be computed.
pub fn analyse(dir: &CampaignDir) -> Result<Analysis, AnalysisError> {
    Reading::of(dir, None)?.analyse()
}

fn of_reading(reading: Reading<'_>) -> Result<Analysis, AnalysisError> {
    let (dir, files) = (reading.dir, reading.files);
    let mut entries = reading.entries();
    let campaign = dir.campaign()?;
    let level = Level::new(campaign.matrix.level).map_err(AnalysisError::Level)?;
    let values = Values::of_trials(&entries);
    let mut samples = Samples::take(&mut entries);
    let cells = trials::cells(&campaign.matrix, &entries);
    let states = tally::by_cell(&entries);
    let boots = boots(&campaign.matrix, &cells, &entries);
    let journal = Journal::read(dir)?;
    let estimator = Estimator::new(level, boots, &values, &samples, &states);
    let mut panels = panels::panels(&cells, &estimator)?;
    judge_families(&mut panels, level, campaign.matrix.seed)?;
    let successes = tally::successes(&cells, &states, &estimator)?;
    let replies = panels::replies(&cells, &values, &mut samples);
    let stability = Stability::of(&panels, &replies, level).map_err(AnalysisError::Stability)?;
    let mut analysis = Analysis {
        files,
        stopped: dir.stopped()?,
        counts: tally::total(&states),
        cost: cost::of(&entries, &journal),
        accepted: journal.accepted,
        panels,
        distributions: panels::distributions(&replies, level)?,
        stability,
        cells: successes,
        failures: tally::failures(&entries),
        log_warnings: tally::log_warnings(&entries),
        guests: guests::read(dir)?,
        claims: Vec::new(),
        campaign,
    };
    analysis.claims = claims::judge(&analysis, &analysis.campaign.claims)?;
    Ok(analysis)
}

/// What an interval doesn't hold where the guests weren't booted anew for each block.
fn boots(matrix: &Matrix, cells: &[Cell], entries: &[TrialEntry]) -> Boots {
    let once = |cell: &&Cell| matrix.boot_of(cell) == BootPolicy::PerCampaign;
    let trials = entries
        .iter()
        .filter(|entry| once(&&entry.dir.planned.cell))
        .filter_map(|entry| entry.dir.trial.as_ref());
    let boots: BTreeSet<u32> = trials.map(|trial| trial.boot).collect();
    let note = match boots.len() {
        0 | 1 => {
            let text = "speaks of one boot of the guests";
            Warning::fact(text.to_owned(), "one-boot", &[])
        }
        n => {
            let text = format!(
                "speaks of {n} boots of the guests, which were booted again only where they had died"
            );
            Warning::fact(text, "several-boots", &[&n])
        }
    };
    Boots {
        note,
        cells: cells.iter().filter(once).map(key).collect(),
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
