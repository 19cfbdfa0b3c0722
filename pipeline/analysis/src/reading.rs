//! A campaign's files, each read once: its digest taken, and of a finished trial its logs parsed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use vnicbench_model::{CampaignDir, Digests};

use crate::error::AnalysisError;
use crate::trials::{self, TrialEntry};

/// What is read of a campaign whose files are as they were measured.
pub(crate) struct Reading {
    /// Files whose digest is the recorded one.
    pub(crate) files: usize,
    /// The trials, without what only tables show.
    pub(crate) entries: Vec<TrialEntry>,
}

impl Reading {
    /// Reads everything.
    ///
    /// # Errors
    ///
    /// [`AnalysisError::Store`] for a file that was changed, is gone or isn't what it should be.
    pub(crate) fn of(dir: &CampaignDir) -> Result<Self, AnalysisError> {
        let trials = match dir.trials() {
            Ok(trials) => trials,
            Err(error) => {
                // What was changed is the better reason.
                dir.verify()?;
                return Err(error.into());
            }
        };
        let mut directories: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for file in dir.files()? {
            let parent = file.parent().unwrap_or(Path::new("")).to_owned();
            directories.entry(parent).or_default().push(file);
        }
        let mut with_files = Vec::with_capacity(trials.len());
        for trial in trials {
            let below = trial.path.strip_prefix(dir.path()).unwrap_or(&trial.path);
            let files = directories.remove(below).unwrap_or_default();
            with_files.push((trial, files));
        }
        let read = with_files.into_par_iter().map(|(trial, files)| {
            let digests = Digests::of(dir, &files)?;
            let mut entry = trials::entry(dir.path(), trial);
            entry.measurement.keep_values();
            Ok((digests, entry))
        });
        let read: Vec<Result<_, AnalysisError>> = read.collect();
        let others: Vec<PathBuf> = directories.into_values().flatten().collect();
        let mut digests = Digests::of(dir, &others)?;
        let mut entries = Vec::with_capacity(read.len());
        for trial in read {
            let (of_trial, entry) = trial?;
            digests.extend(of_trial);
            entries.push(entry);
        }
        let files = dir.compare(&digests)?;
        Ok(Self { files, entries })
    }
}
