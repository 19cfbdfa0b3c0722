//! Tables on disk.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, PolarsResult, SchemaRef};
use polars_io::SerWriter;
use polars_io::csv::write::{BatchedWriter as CsvBatches, CsvWriter};
use polars_io::parquet::write::{BatchedWriter as ParquetBatches, ParquetWriter};

use crate::error::AnalysisError;

/// A table in `<name>.csv` and `<name>.parquet`, written a part at a time. The same parts give
/// the same bytes: numbers in CSV have the fewest digits that read back as the same
/// number, absent values are nothing, lines end with LF; a part is a row group of the other.
pub(crate) struct TableFile {
    name: &'static str,
    csv: CsvBatches<BufWriter<File>>,
    parquet: ParquetBatches<BufWriter<File>>,
    paths: [PathBuf; 2],
}

impl TableFile {
    /// Makes both files in `directory`, which is made if need be.
    pub(crate) fn create(
        directory: &Path,
        name: &'static str,
        schema: &SchemaRef,
    ) -> Result<Self, AnalysisError> {
        fs::create_dir_all(directory).map_err(write_error(directory))?;
        let create = |path: &Path| match File::create(path) {
            Ok(file) => Ok(BufWriter::new(file)),
            Err(error) => Err(write_error(path)(error)),
        };
        let paths = ["csv", "parquet"].map(|kind| directory.join(format!("{name}.{kind}")));
        let [csv, parquet] = &paths;
        let failed = AnalysisError::table("write", name);
        Ok(Self {
            name,
            csv: CsvWriter::new(create(csv)?)
                .batched(schema)
                .map_err(&failed)?,
            parquet: ParquetWriter::new(create(parquet)?)
                .batched(schema)
                .map_err(&failed)?,
            paths,
        })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, part: &DataFrame) -> Result<(), AnalysisError> {
        let mut write = || -> PolarsResult<()> {
            self.csv.write_batch(part)?;
            self.parquet.write_batch(part)
        };
        write().map_err(AnalysisError::table("write", self.name))
    }

    /// Ends both files.
    pub(crate) fn finish(mut self) -> Result<[PathBuf; 2], AnalysisError> {
        let mut finish = || -> PolarsResult<()> {
            self.csv.finish()?;
            self.parquet.finish()?;
            Ok(())
        };
        finish().map_err(AnalysisError::table("write", self.name))?;
        Ok(self.paths)
    }
}

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> AnalysisError {
    let path = path.to_owned();
    move |source| AnalysisError::Write { path, source }
}
