use std::io;
use std::path::{Path, PathBuf};

use vnicbench_analysis::AnalysisError;
use vnicbench_model::{ClaimsError, StoreError};
use vnicbench_report::ReportError;

/// A package that could not be made, or not be opened.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
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
    /// The campaign's files are not as they were written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The campaign can't be analysed.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// The claims file can't be used.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// Its report can't be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The campaign's name can't be that of a directory.
    #[error(
        "campaign.json: name: {0:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
    )]
    Name(String),
    /// The time that all files of the archive get.
    #[error(
        "{time:?} is no time between 1970 and 2242; set SOURCE_DATE_EPOCH to the seconds since 1970 that the archive is to bear"
    )]
    Time {
        /// What was given.
        time: String,
    },
    /// A campaign holds something that an archive can't.
    #[error(
        "{path} is {what}, and a package holds plain files with printable names only; was it put there by hand?"
    )]
    NotPlain {
        /// Where.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A document could not be written.
    #[error("cannot write {document}: {why}; this is a fault in the program, please report it")]
    Document {
        /// Which.
        document: &'static str,
        /// Why not.
        why: String,
    },
    /// The file is no archive at all.
    #[error(
        "{path} is not a package: it is not compressed with Zstandard; packages are made by vnicbench package"
    )]
    NotAnArchive {
        /// The file.
        path: PathBuf,
    },
    /// The archive ends early or was changed.
    #[error("{path} is cut or damaged: {source}; fetch or copy it again")]
    Damaged {
        /// The archive.
        path: PathBuf,
        /// What was noticed.
        source: io::Error,
    },
    /// The archive holds what no package has.
    #[error(
        "{path} is refused: its entry {entry:?} {why}; vnicbench package makes no such archive"
    )]
    Refused {
        /// The archive.
        path: PathBuf,
        /// The entry's name, or the beginning of it.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The archive unpacks to more than is allowed.
    #[error(
        "{path} is refused: it holds more than {limit}; if it is to be trusted, unpack it with tar and verify the directory"
    )]
    TooLarge {
        /// The archive.
        path: PathBuf,
        /// How much is allowed.
        limit: String,
    },
    /// An archive or directory without a campaign.
    #[error("{path} is not a package: {missing}; packages are made by vnicbench package")]
    NotAPackage {
        /// The archive or directory.
        path: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
}

impl PackageError {
    /// For `map_err`: what was being done to what.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
