//! What a package holds: files by their place below its top directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use vnicbench_model::store::{sha256_bytes, sha256_file};
use walkdir::WalkDir;

use crate::error::PackageError;
use crate::manifest::Manifest;

/// Where an entry's bytes are.
#[derive(Debug)]
enum Source {
    Disk(PathBuf),
    Memory(Vec<u8>),
}

/// A file of a package.
#[derive(Debug)]
pub(crate) struct Item {
    source: Source,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// SHA-256, lower-case hex.
    pub(crate) sha256: String,
}

impl Item {
    /// Its bytes.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + '_>, PackageError> {
        match &self.source {
            Source::Memory(bytes) => Ok(Box::new(bytes.as_slice())),
            Source::Disk(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(PackageError::io("open", path)(error)),
            },
        }
    }
}

/// The files of a package, and the directories without any, by their names' bytes.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Files; names are relative, with `/`.
    pub(crate) files: BTreeMap<String, Item>,
    /// Empty directories, which say something: a trial that was only begun.
    pub(crate) empty: Vec<String>,
}

impl Contents {
    /// Adds a file with these bytes.
    pub(crate) fn insert(&mut self, name: &str, bytes: Vec<u8>) {
        let item = Item {
            bytes: bytes.len() as u64,
            sha256: sha256_bytes(&bytes),
            source: Source::Memory(bytes),
        };
        self.files.insert(name.to_owned(), item);
    }

    /// Adds everything in `directory`, at `place`, which is nothing or ends in `/`.
    pub(crate) fn insert_tree(
        &mut self,
        place: &str,
        directory: &Path,
    ) -> Result<(), PackageError> {
        for entry in WalkDir::new(directory).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(directory).to_owned();
                PackageError::io("list", &path)(error.into())
            })?;
            let path = entry.path();
            let below = relative(path.strip_prefix(directory).unwrap_or(path));
            let Some(name) = below.map(|below| format!("{place}{below}")) else {
                let what = "a name that can't be printed";
                return Err(not_plain(path, what));
            };
            if entry.file_type().is_file() {
                let metadata = path.metadata().map_err(PackageError::io("read", path))?;
                let item = Item {
                    bytes: metadata.len(),
                    sha256: sha256_file(path)?,
                    source: Source::Disk(path.to_owned()),
                };
                self.files.insert(name, item);
            } else if entry.file_type().is_dir() {
                let mut inside = path.read_dir().map_err(PackageError::io("list", path))?;
                if inside.next().is_none() {
                    self.empty.push(name);
                }
            } else {
                return Err(not_plain(path, "a link or a device"));
            }
        }
        Ok(())
    }

    /// The digests of all files.
    pub(crate) fn manifest(&self) -> Manifest {
        let digests = self.files.iter();
        Manifest(
            digests
                .map(|(name, item)| (name.clone(), item.sha256.clone()))
                .collect(),
        )
    }
}

fn not_plain(path: &Path, what: &'static str) -> PackageError {
    PackageError::NotPlain {
        path: path.to_owned(),
        what,
    }
}

/// A relative path as the name of an entry; none if it leads elsewhere, or has characters that
/// are neither printed nor kept by every file system.
pub(crate) fn relative(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            _ => return None,
        }
    }
    let name = parts.join("/");
    let plain = !name.is_empty() && !name.contains('\\') && !name.chars().any(char::is_control);
    plain.then_some(name)
}
