//! The places of a package, and what is made of a campaign to be put there.

use std::path::PathBuf;

use tempfile::TempDir;
use vnicbench_analysis::Analysis;
use vnicbench_model::CampaignDir;
use vnicbench_report::Language;

use crate::error::PackageError;

pub(crate) const BADGES: &str = "BADGES.md";
pub(crate) const CITATION: &str = "CITATION.cff";
/// Beside the matrix, where `vnicbench run` looks for it.
pub(crate) const CLAIMS: &str = "matrix.claims.toml";
pub(crate) const ENVIRONMENT: &str = "environment.json";
pub(crate) const LICENSE: &str = "LICENSE";
pub(crate) const MATRIX: &str = "matrix.toml";
pub(crate) const METADATA: &str = "ro-crate-metadata.json";
pub(crate) const README: &str = "README.md";

/// What every package has beside the campaign, its report and its tables.
pub(crate) const DOCUMENTS: [&str; 7] = [
    BADGES,
    CITATION,
    ENVIRONMENT,
    LICENSE,
    MATRIX,
    METADATA,
    README,
];

/// An analysis with its report and tables, in a directory that goes with this value.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) analysis: Analysis,
    directory: TempDir,
}

impl Made {
    /// Makes report and tables of a campaign.
    pub(crate) fn from(campaign: &CampaignDir) -> Result<Self, PackageError> {
        let analysis = vnicbench_analysis::analyse(campaign)?;
        let directory = directory()?;
        let made = Self {
            analysis,
            directory,
        };
        vnicbench_report::render(&made.analysis, Language::English)?.write(&made.report())?;
        vnicbench_analysis::tables(campaign)?.write(&made.tables())?;
        Ok(made)
    }

    /// The directory of the report.
    pub(crate) fn report(&self) -> PathBuf {
        self.directory.path().join("report")
    }

    /// The directory of the tables.
    pub(crate) fn tables(&self) -> PathBuf {
        self.directory.path().join("tables")
    }
}

/// A directory for a while.
pub(crate) fn directory() -> Result<TempDir, PackageError> {
    tempfile::Builder::new()
        .prefix("vnicbench-package-")
        .tempdir()
        .map_err(PackageError::io(
            "make a directory in",
            &std::env::temp_dir(),
        ))
}
