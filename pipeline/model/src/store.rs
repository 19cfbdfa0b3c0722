//! A campaign's directory: written so that a finished trial survives any crash, and read
//! without trusting that it was.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::campaign::Campaign;
use crate::fault;
use crate::plan::{Plan, PlannedTrial};
use crate::trial::{Trial, TrialOutcome};

const CAMPAIGN: &str = "campaign.json";
const PLAN: &str = "plan.jsonl";
const JOURNAL: &str = "journal.jsonl";
const TRIAL: &str = "trial.json";
const SUMS: &str = "SHA256SUMS";
const COMPLETE: &str = "COMPLETE";
const STOPPED: &str = "stopped.json";

/// A campaign directory that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system said no.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}:{line}: {message}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The directory is not a campaign.
    #[error(
        "{path} is not a campaign: it has no campaign.json; campaigns are the directories below raw/"
    )]
    NotACampaign {
        /// The directory.
        path: PathBuf,
    },
    /// The campaign's format is not known.
    #[error("{path} has format {format}; this version reads format 1")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// A file's digest is not the recorded one.
    #[error("{path} was changed after it was measured: its SHA-256 is not the one in {sums}")]
    Changed {
        /// The file.
        path: PathBuf,
        /// Where its digest is recorded.
        sums: PathBuf,
    },
}

fn io_error<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> StoreError + 'a {
    move |source| StoreError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

/// What became of a planned trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialState {
    /// Marked complete: a result.
    Complete,
    /// Ran and failed.
    Failed,
    /// Begun and not finished.
    Interrupted,
    /// Never begun.
    Missing,
}

/// A planned trial and what there is of it.
#[derive(Debug, Clone)]
pub struct TrialDir {
    /// What was planned.
    pub planned: PlannedTrial,
    /// What became of it.
    pub state: TrialState,
    /// Its directory, whether or not it is there.
    pub path: PathBuf,
    /// Its record, if there is one.
    pub trial: Option<Trial>,
}

/// `stopped.json`: why a campaign has fewer blocks than were allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// Blocks that were run; those after them are not missing but not needed.
    pub blocks: u32,
    /// In words.
    pub reason: String,
}

/// A campaign on disk.
#[derive(Debug)]
pub struct CampaignDir {
    path: PathBuf,
}

impl CampaignDir {
    /// Makes the directory with its head and its plan; nothing may be there yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`], also if the directory is there already.
    pub fn create(path: &Path, campaign: &Campaign, plan: &Plan) -> Result<Self, StoreError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        fs::create_dir(path).map_err(io_error("make", path))?;
        let campaign_dir = Self {
            path: path.to_owned(),
        };
        let mut lines = Vec::new();
        for trial in &plan.trials {
            lines.extend(json_line(trial));
        }
        write_synced(&path.join(PLAN), &lines)?;
        write_synced(&path.join(CAMPAIGN), &json_pretty(campaign))?;
        sync_dir(path)?;
        Ok(campaign_dir)
    }

    /// Opens a campaign that is there.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotACampaign`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if path.join(CAMPAIGN).is_file() {
            Ok(Self {
                path: path.to_owned(),
            })
        } else {
            Err(StoreError::NotACampaign {
                path: path.to_owned(),
            })
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads `campaign.json`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] with file and line.
    pub fn campaign(&self) -> Result<Campaign, StoreError> {
        let path = self.path.join(CAMPAIGN);
        let campaign: Campaign = read_json(&path)?;
        if campaign.format != 1 {
            return Err(StoreError::Version {
                path,
                format: campaign.format,
            });
        }
        Ok(campaign)
    }

    /// Appends a line to the journal; it is on disk when this returns.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn journal(&self, event: &impl Serialize) -> Result<(), StoreError> {
        let path = self.path.join(JOURNAL);
        let append = |path: &Path| -> io::Result<()> {
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            fault::campaign_write()?;
            file.write_all(&json_line(event))?;
            file.sync_data()
        };
        append(&path).map_err(io_error("append to", &path))?;
        fault::step();
        Ok(())
    }

    /// Begins a trial under another name, where its logs are to be written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn begin(&self, planned: &PlannedTrial) -> Result<TrialWriter, StoreError> {
        let target = self.path.join(planned.directory());
        let mut partial = target.clone();
        partial.set_file_name(format!("{:03}.partial", planned.block));
        if partial.exists() {
            // What a crash left of it is kept beside.
            move_aside(&partial, planned.block, "interrupted")?;
        }
        fs::create_dir_all(&partial).map_err(io_error("make", &partial))?;
        Ok(TrialWriter { partial, target })
    }

    /// Ends the plan after so many blocks.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn stop(&self, stopped: &Stopped) -> Result<(), StoreError> {
        write_synced(&self.path.join(STOPPED), &json_pretty(stopped))?;
        sync_dir(&self.path)
    }

    /// Whether and why the plan was ended early.
    ///
    /// # Errors
    ///
    /// [`StoreError`] with file and line.
    pub fn stopped(&self) -> Result<Option<Stopped>, StoreError> {
        let path = self.path.join(STOPPED);
        path.is_file().then(|| read_json(&path)).transpose()
    }

    /// Writes the checksums of what isn't a trial's: head, plan, journal, guests' consoles.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn seal(&self) -> Result<(), StoreError> {
        write_sums(&self.path, |relative| !relative.starts_with("trials"))
    }

    /// Every planned trial with what there is of it, in the order of the plan, up to where
    /// the plan was ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`] with file and line for a plan or a record that can't be read.
    pub fn trials(&self) -> Result<Vec<TrialDir>, StoreError> {
        let plan_path = self.path.join(PLAN);
        let text = fs::read_to_string(&plan_path).map_err(io_error("read", &plan_path))?;
        let blocks = self.stopped()?.map(|stopped| stopped.blocks);
        let mut plan = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let planned: PlannedTrial =
                serde_json::from_str(line).map_err(|error| StoreError::Format {
                    path: plan_path.clone(),
                    line: index + 1,
                    message: error.to_string(),
                })?;
            if blocks.is_none_or(|blocks| planned.block < blocks) {
                plan.push(planned);
            }
        }
        let read = |planned: PlannedTrial| {
            let path = self.path.join(planned.directory());
            read_trial(planned, path)
        };
        // All of them, so that of several errors it is always the first that is told.
        let trials: Vec<Result<_, StoreError>> = plan.into_par_iter().map(read).collect();
        trials.into_iter().collect()
    }

    /// Every file below the directory, relative to it, in the order of bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] for a directory that can't be listed.
    pub fn files(&self) -> Result<Vec<OsString>, StoreError> {
        let mut files = match self.files_beside_links(false)? {
            Some(files) => files,
            // What is linked to is read like anything else, and has to be looked at like it; but
            // to follow links each file has to be asked what it is.
            None => self.files_beside_links(true)?.unwrap_or_default(),
        };
        files.sort_unstable();
        Ok(files)
    }

    /// Every file in any order, with those that are linked to if links are followed; none if they
    /// aren't and there is one.
    fn files_beside_links(&self, follow: bool) -> Result<Option<Vec<OsString>>, StoreError> {
        let mut files = Vec::new();
        // The directory itself may be named by a link.
        for entry in WalkDir::new(&self.path).follow_links(follow).min_depth(1) {
            let entry = entry.map_err(|error| walk_error(&self.path, error))?;
            if entry.file_type().is_symlink() {
                return Ok(None);
            }
            if entry.file_type().is_file() {
                let below = entry.path().strip_prefix(&self.path);
                files.push(below.unwrap_or(entry.path()).as_os_str().to_owned());
            }
        }
        Ok(Some(files))
    }

    /// Compares every recorded digest with that of the file; the number of files compared.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] for the first file that differs, [`StoreError::Io`] for one
    /// that is gone.
    pub fn verify(&self) -> Result<usize, StoreError> {
        self.compare(&Digests::of(self, &self.files()?)?)
    }

    /// As [`CampaignDir::verify`], with the digests of its files as they are.
    ///
    /// # Errors
    ///
    /// As [`CampaignDir::verify`].
    pub fn compare(&self, digests: &Digests) -> Result<usize, StoreError> {
        let sums = digests.0.keys().map(Path::new);
        let sums: Vec<&Path> = sums
            .filter(|file| file.file_name().is_some_and(|name| name == SUMS))
            .collect();
        // All of them, so that of several that differ it is always the first that is told.
        let compared = sums
            .into_par_iter()
            .map(|sums| self.compare_recorded(sums, digests));
        let compared: Vec<Result<usize, StoreError>> = compared.collect();
        compared.into_iter().sum()
    }

    /// The digests that one file records.
    fn compare_recorded(&self, sums: &Path, digests: &Digests) -> Result<usize, StoreError> {
        let path = self.path.join(sums);
        let text = fs::read_to_string(&path).map_err(io_error("read", &path))?;
        let mut compared = 0;
        for (index, line) in text.lines().enumerate() {
            let (digest, name) = line.split_once("  ").ok_or_else(|| StoreError::Format {
                path: path.clone(),
                line: index + 1,
                message: "not a line of sha256sum".into(),
            })?;
            let file = sums.with_file_name(name);
            let same = match digests.0.get(file.as_os_str()) {
                Some(known) => known == digest,
                None => sha256_file(&self.path.join(&file))? == digest,
            };
            if !same {
                let path = self.path.join(&file);
                let sums = self.path.join(sums);
                return Err(StoreError::Changed { path, sums });
            }
            compared += 1;
        }
        Ok(compared)
    }
}

/// The SHA-256 of each file of a campaign, by its path below the campaign.
#[derive(Debug, Clone, Default)]
pub struct Digests(BTreeMap<OsString, String>);

impl Digests {
    /// Of `files` of a campaign.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`] for the first that can't be read.
    pub fn of(dir: &CampaignDir, files: &[OsString]) -> Result<Self, StoreError> {
        let digest = |file: &OsString| Ok((file.clone(), sha256_file(&dir.path.join(file))?));
        let digests: Vec<Result<_, StoreError>> = files.par_iter().map(digest).collect();
        digests.into_iter().collect::<Result<_, _>>().map(Self)
    }

    /// Adds those of other files.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// One digest of all: of the names and digests of the files, as sha256sum prints them.
    pub fn together(&self) -> String {
        let mut hasher = Sha256::new();
        for (file, digest) in &self.0 {
            hasher.update(digest);
            hasher.update("  ");
            hasher.update(file.as_encoded_bytes());
            hasher.update("\n");
        }
        hex(&hasher.finalize())
    }
}

/// A trial that is being written.
#[derive(Debug)]
pub struct TrialWriter {
    partial: PathBuf,
    target: PathBuf,
}

impl TrialWriter {
    /// Where the trial's files go for now.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Writes record and checksums, syncs everything, gives the directory its name, and
    /// only then, if the trial is done, marks it complete.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; the directory keeps its other name then.
    pub fn finish(self, trial: &Trial) -> Result<PathBuf, StoreError> {
        write_synced(&self.partial.join(TRIAL), &json_pretty(trial))?;
        write_sums(&self.partial, |_| true)?;
        fault::step();
        if self.target.exists() {
            move_aside(&self.target, trial.block, "incomplete")?;
        }
        fs::rename(&self.partial, &self.target).map_err(io_error("name", &self.target))?;
        if let Some(parent) = self.target.parent() {
            sync_dir(parent)?;
        }
        fault::step();
        if trial.outcome == TrialOutcome::Done {
            write_synced(&self.target.join(COMPLETE), b"")?;
            sync_dir(&self.target)?;
            fault::step();
        }
        Ok(self.target)
    }
}

/// Renames what an earlier attempt at a trial left to the next free `<nnn>.<why>-<n>`.
fn move_aside(path: &Path, block: u32, why: &str) -> Result<(), StoreError> {
    let mut aside = path.to_owned();
    let mut n = 1;
    loop {
        aside.set_file_name(format!("{block:03}.{why}-{n}"));
        if !aside.exists() {
            return fs::rename(path, &aside).map_err(io_error("move aside", path));
        }
        n += 1;
    }
}

fn read_trial(planned: PlannedTrial, path: PathBuf) -> Result<TrialDir, StoreError> {
    let record = path.join(TRIAL);
    if record.is_file() {
        let trial: Trial = read_json(&record)?;
        let state = match trial.outcome {
            TrialOutcome::Done if path.join(COMPLETE).is_file() => TrialState::Complete,
            TrialOutcome::Done => TrialState::Interrupted,
            TrialOutcome::Failed => TrialState::Failed,
        };
        return Ok(TrialDir {
            planned,
            state,
            path,
            trial: Some(trial),
        });
    }
    let mut partial = path.clone();
    partial.set_file_name(format!("{:03}.partial", planned.block));
    let (state, path) = if partial.is_dir() {
        (TrialState::Interrupted, partial)
    } else {
        (TrialState::Missing, path)
    };
    Ok(TrialDir {
        planned,
        state,
        path,
        trial: None,
    })
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let text = fs::read_to_string(path).map_err(io_error("read", path))?;
    serde_json::from_str(&text).map_err(|error| StoreError::Format {
        path: path.to_owned(),
        line: error.line(),
        message: error.to_string(),
    })
}

/// One value as pretty JSON with a final newline.
///
/// The types written here have string keys and finite numbers, so that serialising them
/// can't fail; if that ever breaks the file says so rather than being empty.
fn json_pretty(value: &impl Serialize) -> Vec<u8> {
    let mut text =
        serde_json::to_vec_pretty(value).unwrap_or_else(|error| error.to_string().into_bytes());
    text.push(b'\n');
    text
}

fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(value).unwrap_or_else(|error| error.to_string().into_bytes());
    text.push(b'\n');
    text
}

/// Writes `name` below `directory` as pretty JSON, synced.
///
/// # Errors
///
/// [`StoreError::Io`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
    write_synced(path, &json_pretty(value))
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || -> io::Result<()> {
        fault::campaign_write()?;
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(io_error("write", path))
}

fn sync_dir(path: &Path) -> Result<(), StoreError> {
    match File::open(path).and_then(|directory| directory.sync_all()) {
        // Some network file systems can't sync a directory; the rename is ordered all the same.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other.map_err(io_error("sync", path)),
    }
}

/// SHA-256 of a file, lower-case hex.
///
/// # Errors
///
/// [`StoreError::Io`].
pub fn sha256_file(path: &Path) -> Result<String, StoreError> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path).map_err(io_error("open", path))?;
    let mut buffer = [0; 32 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error("read", path)(error)),
        }
    }
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn walk_error(root: &Path, error: walkdir::Error) -> StoreError {
    let path = error.path().unwrap_or(root).to_owned();
    let source = error
        .into_io_error()
        .unwrap_or_else(|| io::Error::other("a loop of links"));
    StoreError::Io {
        action: "walk",
        path,
        source,
    }
}

/// Writes `SHA256SUMS` in the format of sha256sum(1) and syncs every file it lists.
fn write_sums(directory: &Path, wanted: impl Fn(&Path) -> bool) -> Result<(), StoreError> {
    let mut lines = String::new();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.map_err(|error| walk_error(directory, error))?;
        let relative = entry.path().strip_prefix(directory).unwrap_or(entry.path());
        if !entry.file_type().is_file() || entry.file_name() == SUMS || !wanted(relative) {
            continue;
        }
        File::open(entry.path())
            .and_then(|file| file.sync_all())
            .map_err(io_error("sync", entry.path()))?;
        lines.push_str(&format!(
            "{}  {}\n",
            sha256_file(entry.path())?,
            relative.display()
        ));
    }
    write_synced(&directory.join(SUMS), lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Audit, Environment, Testbed};
    use crate::matrix::Matrix;

    fn campaign() -> (Campaign, Plan) {
        let text = include_str!("../../matrices/check.toml");
        let matrix = Matrix::parse(text, Path::new("check.toml")).unwrap();
        let audit = Audit {
            kernel: "synthetic".into(),
            cmdline: String::new(),
            cpu: String::new(),
            cpus: 1,
            memory_bytes: 0,
            microcode: None,
            governor: None,
            smt: None,
            clocksource: None,
            accelerator: "tcg".into(),
            qemu: String::new(),
            nics: Vec::new(),
        };
        let plan = Plan::new(&matrix);
        let campaign = Campaign {
            format: 1,
            name: "synthetic".into(),
            started: "2024-02-13T00:00:00Z".into(),
            tool_version: "0".into(),
            testbed: Testbed::Emulated,
            matrix,
            claims: Vec::new(),
            audit,
            outer: None,
            generator: None,
            environment: Environment::default(),
        };
        (campaign, plan)
    }

    fn trial(planned: &PlannedTrial, outcome: TrialOutcome) -> Trial {
        Trial {
            format: 1,
            sequence: planned.sequence,
            block: planned.block,
            boot: 0,
            cell: planned.cell.clone(),
            start: String::new(),
            end: String::new(),
            outcome,
            failure: None,
            phases_ms: Default::default(),
            start_skew_us: None,
            counters: Vec::new(),
            commands: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_trial_is_complete_only_with_its_marker() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("c");
        let (head, plan) = campaign();
        let directory = CampaignDir::create(&path, &head, &plan).unwrap();
        assert_eq!(directory.campaign().unwrap(), head);
        let finish = |index: usize, outcome| {
            let writer = directory.begin(&plan.trials[index]).unwrap();
            fs::write(writer.path().join("ping-x.log"), "a log\n").unwrap();
            writer.finish(&trial(&plan.trials[index], outcome)).unwrap()
        };
        let done = finish(0, TrialOutcome::Done);
        finish(1, TrialOutcome::Failed);
        let torn = finish(2, TrialOutcome::Done);
        fs::remove_file(torn.join(COMPLETE)).unwrap();
        directory.begin(&plan.trials[3]).unwrap();

        let states: Vec<TrialState> = directory.trials().unwrap()[..5]
            .iter()
            .map(|t| t.state)
            .collect();
        use TrialState::{Complete, Failed, Interrupted, Missing};
        assert_eq!(
            states,
            [Complete, Failed, Interrupted, Interrupted, Missing]
        );
        assert_eq!(
            directory.verify().unwrap(),
            6,
            "a log and a record in each of three"
        );

        fs::write(done.join("ping-x.log"), "another log\n").unwrap();
        let error = directory.verify().unwrap_err().to_string();
        assert!(
            error.contains("ping-x.log was changed after it was measured"),
            "{error}"
        );
    }

    #[test]
    fn what_is_linked_to_is_a_file_too() {
        let root = tempfile::tempdir().unwrap();
        let (head, plan) = campaign();
        let directory = CampaignDir::create(&root.path().join("c"), &head, &plan).unwrap();
        let before = directory.files().unwrap();
        let elsewhere = root.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("log"), "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, directory.path().join("linked")).unwrap();
        let mut with_link = before.clone();
        with_link.push("linked/log".into());
        with_link.sort_unstable();
        assert!(!before.is_empty() && directory.files().unwrap() == with_link);
        // As is a campaign that is itself linked to.
        let link = root.path().join("link");
        std::os::unix::fs::symlink(directory.path(), &link).unwrap();
        let linked = CampaignDir::open(&link).unwrap();
        assert_eq!(linked.files().unwrap(), with_link);
    }

    #[test]
    fn a_repeated_trial_keeps_what_an_earlier_attempt_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("c");
        let (head, plan) = campaign();
        let directory = CampaignDir::create(&path, &head, &plan).unwrap();
        let planned = &plan.trials[0];
        let first = directory.begin(planned).unwrap();
        fs::write(first.path().join("ping-x.log"), "cut").unwrap();
        let target = directory
            .begin(planned)
            .unwrap()
            .finish(&trial(planned, TrialOutcome::Done))
            .unwrap();
        let left = target
            .with_file_name("000.interrupted-1")
            .join("ping-x.log");
        assert_eq!(fs::read_to_string(left).unwrap(), "cut");
        assert!(!target.join("ping-x.log").exists());
        assert_eq!(directory.trials().unwrap()[0].state, TrialState::Complete);
    }

    #[test]
    fn a_campaign_is_never_written_over() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("c");
        let (head, plan) = campaign();
        CampaignDir::create(&path, &head, &plan).unwrap();
        let error = CampaignDir::create(&path, &head, &plan)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("cannot make "), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("c");
        let (head, plan) = campaign();
        let directory = CampaignDir::create(&path, &head, &plan).unwrap();
        let plan_path = path.join(PLAN);
        let text = fs::read_to_string(&plan_path).unwrap();
        let cut: String = text
            .lines()
            .take(2)
            .chain(["{\"sequence\":"])
            .map(|line| format!("{line}\n"))
            .collect();
        fs::write(&plan_path, cut).unwrap();
        let error = directory.trials().unwrap_err().to_string();
        assert!(error.contains("plan.jsonl:3:"), "{error}");
    }
}
