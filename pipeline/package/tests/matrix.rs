//! A package's matrix.toml is what a campaign can be run with.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use vnicbench_model::Matrix;

#[test]
fn a_matrix_with_its_defaults_reads_back_as_itself() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matrices");
    let mut read = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if !name.ends_with(".toml") || name.ends_with(".claims.toml") {
            continue;
        }
        let matrix = Matrix::read(&path).unwrap();
        let text = toml::to_string_pretty(&matrix).unwrap();
        let again = Matrix::parse(&text, Path::new("matrix.toml"));
        assert_eq!(again.unwrap(), matrix, "{}\n{text}", path.display());
        read += 1;
    }
    assert!(read >= 5, "{read} matrices");
}
