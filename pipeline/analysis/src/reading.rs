//! A campaign's files, each read once: its digest taken, and of a finished trial its logs parsed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use vnicbench_model::{CampaignDir, Digests, TrialDir, TrialState};

use crate::cache::{Cache, Key};
use crate::error::AnalysisError;
use crate::measurement::Measurement;
use crate::result::Analysis;
use crate::trials::{self, TrialEntry};

/// A campaign whose files are as they were measured.
#[derive(Debug)]
pub struct Reading<'a> {
    pub(crate) dir: &'a CampaignDir,
    cache: Option<&'a Cache>,
    /// Files whose digest is the recorded one.
    pub(crate) files: usize,
    digest: String,
    trials: Vec<Read>,
}

/// A trial whose files were looked at.
#[derive(Debug)]
enum Read {
    /// Parsed.
    Now(TrialEntry),
    /// What its logs say is kept.
    Before(TrialDir, Key),
}

impl<'a> Reading<'a> {
    /// Compares all digests and parses the logs of finished trials, but for those whose content is
    /// kept in `cache`; what is parsed is kept there.
    ///
    /// # Errors
    ///
    /// [`AnalysisError::Store`] for a file that was changed, is gone or isn't what it should be.
    pub fn of(dir: &'a CampaignDir, cache: Option<&'a Cache>) -> Result<Self, AnalysisError> {
        waiting(|| Self::of_files(dir, cache))
    }

    fn of_files(dir: &'a CampaignDir, cache: Option<&'a Cache>) -> Result<Self, AnalysisError> {
        let trials = match dir.trials() {
            Ok(trials) => trials,
            Err(error) => {
                // What was changed is the better reason.
                dir.verify()?;
                return Err(error.into());
            }
        };
        let mut directories: BTreeMap<OsString, Vec<OsString>> = BTreeMap::new();
        for file in dir.files()? {
            let parent = Path::new(&file).parent().unwrap_or(Path::new(""));
            directories.entry(parent.into()).or_default().push(file);
        }
        let mut with_files = Vec::with_capacity(trials.len());
        for trial in trials {
            let below = trial.path.strip_prefix(dir.path()).unwrap_or(&trial.path);
            let files = directories.remove(below.as_os_str()).unwrap_or_default();
            with_files.push((trial, files));
        }
        // A trial is parsed right after its digests were taken, while it is in memory.
        let read = with_files.into_par_iter().map(|(trial, files)| {
            let digests = Digests::of(dir, &files)?;
            let key = cache.filter(|_| trial.state == TrialState::Complete);
            let key = key.map(|cache| (cache, key_of(cache, &trial, &digests)));
            let read = match key {
                Some((cache, key)) if cache.has(&key) => Read::Before(trial, key),
                key => Read::Now(parse(dir, trial, key)),
            };
            Ok((digests, read))
        });
        let read: Vec<Result<_, AnalysisError>> = read.collect();
        let others: Vec<OsString> = directories.into_values().flatten().collect();
        let mut digests = Digests::of(dir, &others)?;
        let mut trials = Vec::with_capacity(read.len());
        for trial in read {
            let (of_trial, read) = trial?;
            digests.extend(of_trial);
            trials.push(read);
        }
        Ok(Self {
            dir,
            cache,
            files: dir.compare(&digests)?,
            digest: digests.together(),
            trials,
        })
    }

    /// The digest of all files of the campaign, with their names.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How many trials were parsed, and of how many what they say was kept.
    pub fn parsed(&self) -> (usize, usize) {
        let now = |read: &&Read| matches!(read, Read::Now(_));
        let parsed = self.trials.iter().filter(now).count();
        (parsed, self.trials.len() - parsed)
    }

    /// Everything that a report says of the campaign.
    ///
    /// # Errors
    ///
    /// As [`crate::analyse`].
    pub fn analyse(self) -> Result<Analysis, AnalysisError> {
        crate::of_reading(self)
    }

    /// Every trial with what its logs say, without what only tables show.
    pub(crate) fn entries(self) -> Vec<TrialEntry> {
        let (dir, cache) = (self.dir, self.cache);
        let entry = |read| match read {
            Read::Now(entry) => entry,
            Read::Before(trial, key) => {
                let kept = cache.and_then(|cache| Measurement::from_bytes(&cache.get(&key)?));
                match kept {
                    Some(measurement) => trials::with(dir.path(), trial, measurement),
                    // Damaged, or gone since.
                    None => parse(dir, trial, cache.map(|cache| (cache, key))),
                }
            }
        };
        let trials = self.trials;
        waiting(|| trials.into_par_iter().map(entry).collect())
    }
}

/// Does what waits for files, on more threads than there are processors.
fn waiting<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let threads = 4 * rayon::current_num_threads();
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// What a trial's logs say depends on its files and their place, and on what was planned.
fn key_of(cache: &Cache, trial: &TrialDir, digests: &Digests) -> Key {
    let planned = format!("{:?}", trial.planned);
    cache.key("trial", &[&digests.together(), &planned])
}

fn parse(dir: &CampaignDir, trial: TrialDir, keep: Option<(&Cache, Key)>) -> TrialEntry {
    let mut entry = trials::entry(dir.path(), trial);
    entry.measurement.keep_values();
    if let Some((cache, key)) = keep {
        cache.put(&key, &entry.measurement.to_bytes());
    }
    entry
}
