//! A campaign as an artifact: one archive with the raw logs, what was made of them, what they were
//! measured with, and what says whether all of it holds.
//!
//! [`pack`] makes the archive; [`Package`] opens one, or what was unpacked of it, and
//! [`Package::verify`] compares it with its checksums and remakes report and tables. The same
//! campaign gives the same bytes: the only time in an archive is the campaign's own, or
//! SOURCE_DATE_EPOCH.

mod archive;
mod author;
mod citation;
mod contents;
mod document;
mod environment;
mod error;
mod manifest;
mod parts;
mod ro_crate;
mod software;
mod time;
mod verification;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use vnicbench_analysis::Counts;
use vnicbench_model::store::sha256_file;
use vnicbench_model::{CampaignDir, Claim, Claims, Testbed, matrix};

pub use archive::Limits;
pub use author::Author;
pub use error::PackageError;
pub use verification::{Check, Package, Verification};

use contents::Contents;
use document::Facts;
use environment::PackageEnvironment;
use parts::Made;
use time::Time;

/// The version of this program, which has a say in the bytes of a report.
const VERSION: &str = env!("CARGO_PKG_VERSION");

const LICENSE: &str = include_str!("../../../LICENSE");

/// What an author may say of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// A claims file; otherwise the campaign's own claims, if it has any.
    pub claims: Option<PathBuf>,
    /// Who made the campaign.
    pub authors: Vec<Author>,
    /// The time that the archive's files bear, in seconds since 1970; otherwise the campaign's
    /// start.
    pub epoch: Option<u64>,
}

/// An archive that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packed {
    /// Where it is.
    pub archive: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// Files in it.
    pub files: usize,
    /// Their bytes.
    pub unpacked_bytes: u64,
    /// Where it was measured; times of one that is emulated say nothing of hardware.
    pub testbed: Testbed,
    /// Trials planned.
    pub planned: u32,
    /// Trials complete.
    pub complete: u32,
    /// Trials that failed.
    pub failed: u32,
    /// Trials begun and not finished.
    pub interrupted: u32,
    /// Trials never begun.
    pub missing: u32,
}

/// Where the package of a campaign goes if nothing else is said: `vnicbench-<name>.tar.zst`.
///
/// # Errors
///
/// [`PackageError::Store`] and [`PackageError::Name`].
pub fn file_name(campaign: &CampaignDir) -> Result<String, PackageError> {
    Ok(format!("{}.tar.zst", top(&name(campaign)?)))
}

/// Packs a campaign, its report and its tables into `archive`, which appears whole or not at all.
///
/// # Errors
///
/// Any [`PackageError`] of a campaign that is not as it was measured or can't be analysed, or of
/// an archive that can't be written. Failed trials are no error: the package says so.
pub fn pack(
    campaign: &CampaignDir,
    archive: &Path,
    options: &Options,
) -> Result<Packed, PackageError> {
    let name = name(campaign)?;
    let made = Made::from(campaign)?;
    let analysis = &made.analysis;
    let head = &analysis.campaign;
    let time = Time::of(&head.started, options.epoch)?;

    let mut contents = Contents::default();
    contents.insert_tree(&format!("raw/{name}/"), campaign.path())?;
    contents.insert_tree("report/", &made.report())?;
    contents.insert_tree("tables/", &made.tables())?;
    contents.insert(
        parts::ENVIRONMENT,
        PackageEnvironment::of(head).to_json()?.into_bytes(),
    );
    let matrix = toml::to_string_pretty(&head.matrix).map_err(|error| PackageError::Document {
        document: parts::MATRIX,
        why: error.to_string(),
    })?;
    contents.insert(parts::MATRIX, matrix.into_bytes());
    let claims = claims(options.claims.as_deref(), &head.claims)?;
    let has_claims = claims.is_some();
    if let Some(claims) = claims {
        contents.insert(parts::CLAIMS, claims);
    }
    contents.insert(parts::LICENSE, LICENSE.into());
    let raw_files = contents.files.keys();
    let raw_files = raw_files.filter(|file| file.starts_with("raw/")).count();
    let facts = Facts::new(analysis, &name, &options.authors, has_claims, raw_files);
    contents.insert(parts::README, facts.readme()?.into_bytes());
    contents.insert(parts::BADGES, facts.badges()?.into_bytes());
    let citation = citation::cff(head, &options.authors, &time);
    contents.insert(parts::CITATION, citation.into_bytes());
    let trials = campaign.trials()?;
    let metadata = ro_crate::metadata(&contents, analysis, &trials, &options.authors, &time)?;
    contents.insert(parts::METADATA, metadata.into_bytes());
    let manifest = contents.manifest().to_string();
    contents.insert(manifest::NAME, manifest.into_bytes());

    archive::write(archive, &top(&name), time.seconds(), &contents)?;
    let Counts {
        planned,
        complete,
        failed,
        interrupted,
        missing,
    } = analysis.counts;
    let size = fs::metadata(archive).map_err(PackageError::io("read", archive))?;
    Ok(Packed {
        archive: archive.to_owned(),
        bytes: size.len(),
        sha256: sha256_file(archive)?,
        files: contents.files.len(),
        unpacked_bytes: contents.files.values().map(|item| item.bytes).sum(),
        testbed: head.testbed,
        planned,
        complete,
        failed,
        interrupted,
        missing,
    })
}

/// The claims file of a package, if it has one: the one given, as it is, or the campaign's own claims.
fn claims(given: Option<&Path>, own: &[Claim]) -> Result<Option<Vec<u8>>, PackageError> {
    if let Some(given) = given {
        // One that can't be judged is noticed now.
        Claims::read(given)?;
        let bytes = fs::read(given).map_err(PackageError::io("read", given))?;
        return Ok(Some(bytes));
    }
    Ok((!own.is_empty()).then(|| Claims::to_toml(own).into_bytes()))
}

/// The campaign's name, which is that of a directory and nothing else.
fn name(campaign: &CampaignDir) -> Result<String, PackageError> {
    let name = campaign.campaign()?.name;
    if matrix::is_name(&name) {
        Ok(name)
    } else {
        Err(PackageError::Name(name))
    }
}

/// The directory that everything in the archive is below.
fn top(name: &str) -> String {
    format!("vnicbench-{name}")
}
