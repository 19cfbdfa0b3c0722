//! Writes a synthetic campaign, to try out what reads campaigns.
//!
//! ```text
//! cargo run --release -p vnicbench-synthetic -- raw/synthetic
//! ```

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use vnicbench_model::Matrix;
use vnicbench_synthetic::{LARGE, write};

/// Writes a SYNTHETIC campaign: made-up logs in the form of real ones. Nothing is measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// The directory to write it to; nothing may be there yet
    directory: PathBuf,
    /// What its cells are [default: 500 cells of a full study, 20 blocks, 2 GB]
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// Blocks, in place of the matrix's
    #[arg(long)]
    blocks: Option<u32>,
    /// Seed, in place of the matrix's
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut matrix = match &arguments.matrix {
        Some(path) => Matrix::read(path)?,
        None => Matrix::parse(LARGE, "large.toml".as_ref())?,
    };
    matrix.blocks = arguments.blocks.unwrap_or(matrix.blocks);
    matrix.seed = arguments.seed.unwrap_or(matrix.seed);
    let written = write(&arguments.directory, matrix)?;
    println!(
        "{}: {} trials of {} cells, {} MB of logs, made up",
        arguments.directory.display(),
        written.trials,
        written.cells,
        written.bytes / 1_000_000
    );
    Ok(())
}
