use std::path::PathBuf;

use polars::error::PolarsError;
use vnicbench_model::StoreError;
use vnicbench_stats::StatsError;

/// A campaign that could not be analysed.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The campaign's files are not as they were written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The confidence level in the campaign's head is none.
    #[error("campaign.json: matrix.level: {0}")]
    Level(#[source] StatsError),
    /// A statistic that can't be made from what was measured.
    #[error(
        "cannot estimate {quantity} of {experiment}/{cell}: {source}; look at its rows in the table `values`"
    )]
    Estimate {
        /// What was to be estimated.
        quantity: String,
        /// Experiment.
        experiment: String,
        /// Cell id.
        cell: String,
        /// Why not.
        source: Box<StatsError>,
    },
    /// Drift, dependence or outliers that can't be told.
    #[error(
        "cannot say whether the trials stood still: {0}; look at the tables `values` and `samples`"
    )]
    Stability(#[source] StatsError),
    /// A table that could not be built or read back.
    #[error("cannot {action} the table `{table}`: {source}")]
    Table {
        /// What was being done.
        action: &'static str,
        /// The table.
        table: &'static str,
        /// Why not.
        source: PolarsError,
    },
    /// A directory of logs that could not be listed.
    #[error("cannot list {path}: {source}; check its name and permissions")]
    List {
        /// What could not be looked at.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A table that could not be written.
    #[error("cannot write {path}: {source}; check its directory and the space left")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl AnalysisError {
    /// For `map_err` where a table is made or read.
    pub(crate) fn table(action: &'static str, table: &'static str) -> impl Fn(PolarsError) -> Self {
        move |source| Self::Table {
            action,
            table,
            source,
        }
    }
}
