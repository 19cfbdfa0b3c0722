//! The unpacked packages: a tree that looks like a system's root.

use std::path::{Path, PathBuf};

use crate::elf::needed;
use crate::error::{ImageError, io_error};

/// Where libraries are in the tree, and under which path the image has them.
const LIBRARY_DIRS: [&str; 4] = [
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib64",
    "usr/lib64",
];
const PROGRAM_DIRS: [&str; 4] = ["usr/bin", "bin", "usr/sbin", "sbin"];
const LOADER: &str = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";

/// A directory with unpacked packages.
#[derive(Debug, Clone)]
pub struct Root {
    path: PathBuf,
}

impl Root {
    /// The tree below `path`.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn missing(&self, what: impl Into<String>) -> ImageError {
        ImageError::Missing {
            what: what.into(),
            root: self.path.clone(),
        }
    }

    /// The first of the given places that is there.
    pub(crate) fn find(&self, what: &str, places: &[String]) -> Result<PathBuf, ImageError> {
        let found = places
            .iter()
            .map(|place| self.path.join(place))
            .find(|path| path.exists());
        found.ok_or_else(|| self.missing(what))
    }

    pub(crate) fn program(&self, name: &str) -> Result<PathBuf, ImageError> {
        self.find(
            &format!("the program {name}"),
            &PROGRAM_DIRS.map(|directory| format!("{directory}/{name}")),
        )
    }

    fn library(&self, name: &str) -> Result<PathBuf, ImageError> {
        self.find(
            &format!("the library {name}"),
            &LIBRARY_DIRS.map(|directory| format!("{directory}/{name}")),
        )
    }

    pub(crate) fn loader(&self) -> Result<PathBuf, ImageError> {
        self.find("the dynamic loader of libc6", &[LOADER.to_owned()])
    }

    /// The argument vector that runs a program from the tree: its own loader, with the
    /// tree's libraries, so that nothing of the running system is mixed in.
    ///
    /// # Errors
    ///
    /// [`ImageError::Missing`].
    pub fn argv(&self, name: &str) -> Result<Vec<String>, ImageError> {
        let directories: Vec<String> = LIBRARY_DIRS[..2]
            .iter()
            .map(|directory| self.path.join(directory).display().to_string())
            .collect();
        Ok(vec![
            self.loader()?.display().to_string(),
            "--library-path".into(),
            directories.join(":"),
            self.program(name)?.display().to_string(),
        ])
    }

    /// A program's libraries, all the way down: name and file.
    pub(crate) fn libraries(
        &self,
        programs: &[PathBuf],
    ) -> Result<Vec<(String, PathBuf)>, ImageError> {
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        let mut queue = programs.to_vec();
        while let Some(path) = queue.pop() {
            let bytes = std::fs::read(&path).map_err(io_error("read", &path))?;
            for name in needed(&path, &bytes)? {
                if !name.starts_with("ld-linux") && !found.iter().any(|(known, _)| *known == name) {
                    let library = self.library(&name)?;
                    queue.push(library.clone());
                    found.push((name, library));
                }
            }
        }
        Ok(found)
    }

    /// The release of the one kernel in the tree.
    pub(crate) fn kernel_release(&self) -> Result<String, ImageError> {
        let directory = self.path.join("lib/modules");
        let mut releases: Vec<String> = std::fs::read_dir(&directory)
            .map_err(io_error("list", &directory))?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        releases.sort();
        releases
            .pop()
            .ok_or_else(|| self.missing("a kernel below lib/modules"))
    }
}
