//! The runner as the test host has it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{ImageError, io_error};

/// Where the runner is in the test host: with the loader and the libraries of the machine
/// that built it, which may be newer than the image's.
const RUNNER_DIR: &str = "opt/vnicbench";

/// The runner with the loader and libraries that it uses on this machine.
pub(crate) struct Runner {
    program: PathBuf,
    loader: Option<PathBuf>,
    libraries: Vec<PathBuf>,
}

impl Runner {
    /// What the running process has mapped is what the program needs, wherever this
    /// machine keeps its libraries.
    pub(crate) fn of(program: &Path) -> Result<Self, ImageError> {
        let maps_path = Path::new("/proc/self/maps");
        let maps = fs::read_to_string(maps_path).map_err(io_error("read", maps_path))?;
        let mut libraries: Vec<PathBuf> = maps
            .lines()
            .filter_map(|line| line.split_whitespace().nth(5).map(PathBuf::from))
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().contains(".so"))
            })
            .collect();
        libraries.sort();
        libraries.dedup();
        let is_loader = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("ld-"))
        };
        let loader = libraries
            .iter()
            .position(is_loader)
            .map(|at| libraries.remove(at));
        Ok(Self {
            program: program.to_owned(),
            loader,
            libraries,
        })
    }

    /// Its files: place in the image, file, whether it is executable.
    pub(crate) fn files(&self) -> Vec<(String, PathBuf, bool)> {
        let place = |name: &str| format!("{RUNNER_DIR}/{name}");
        let mut files = vec![(place("vnicbench"), self.program.clone(), true)];
        let loader = self.loader.iter();
        files.extend(loader.map(|loader| (place("ld.so"), loader.clone(), true)));
        for library in &self.libraries {
            if let Some(name) = library.file_name() {
                files.push((place(&name.to_string_lossy()), library.clone(), false));
            }
        }
        files
    }

    pub(crate) fn argv(&self) -> Vec<String> {
        let mut argv = Vec::new();
        if self.loader.is_some() {
            argv.extend([
                format!("/{RUNNER_DIR}/ld.so"),
                "--library-path".into(),
                format!("/{RUNNER_DIR}"),
            ]);
        }
        argv.push(format!("/{RUNNER_DIR}/vnicbench"));
        argv
    }
}
