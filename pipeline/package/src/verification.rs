//! A package that is there, and what holds of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::TempDir;
use vnicbench_model::CampaignDir;

use crate::VERSION;
use crate::archive::{self, Limits};
use crate::contents::Contents;
use crate::environment::PackageEnvironment;
use crate::error::PackageError;
use crate::manifest::{self, Manifest};
use crate::parts::{self, Made};

/// Most faults of one kind that are named.
const NAMED: usize = 20;

/// A package on disk, unpacked.
#[derive(Debug)]
pub struct Package {
    root: PathBuf,
    campaign: PathBuf,
    /// Goes with this value.
    _unpacked: Option<TempDir>,
}

/// What was found of one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The matter: `files`, `parts`, `environment`, `report`, `tables`.
    pub name: &'static str,
    /// What was checked, in words.
    pub what: String,
    /// What doesn't hold, a sentence each; all holds where there is none.
    pub faults: Vec<String>,
}

impl Check {
    /// Whether all of it holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn new(name: &'static str, what: impl Into<String>, mut faults: Vec<String>) -> Self {
        let more = faults.len().saturating_sub(NAMED);
        if more > 0 {
            faults.truncate(NAMED);
            faults.push(format!("and {more} more"));
        }
        Self {
            name,
            what: what.into(),
            faults,
        }
    }
}

/// What holds of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Version of vnicbench that made the package, as far as it says so.
    pub packed_by: Option<String>,
    /// Version of vnicbench that checked it.
    pub checked_by: &'static str,
    /// Each matter.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }
}

impl Package {
    /// Unpacks an archive into a directory that goes with this value. The archive is taken for
    /// hostile.
    ///
    /// # Errors
    ///
    /// [`PackageError::NotAnArchive`], [`PackageError::Damaged`], [`PackageError::Refused`],
    /// [`PackageError::TooLarge`], [`PackageError::NotAPackage`], [`PackageError::Io`].
    pub fn unpack(archive: &Path) -> Result<Self, PackageError> {
        let read = PackageError::io("read", archive);
        let size = fs::metadata(archive).map_err(read)?.len();
        Self::unpack_within(archive, Limits::of(size))
    }

    /// [`unpack`](Self::unpack) with other limits.
    ///
    /// # Errors
    ///
    /// As [`unpack`](Self::unpack).
    pub fn unpack_within(archive: &Path, limits: Limits) -> Result<Self, PackageError> {
        let directory = parts::directory()?;
        archive::unpack(archive, directory.path(), limits)?;
        let root = only_directory(directory.path()).ok_or_else(|| PackageError::NotAPackage {
            path: archive.to_owned(),
            missing: "not everything in it is below one directory",
        })?;
        Self::at(archive, root, Some(directory))
    }

    /// Opens what was unpacked of an archive.
    ///
    /// # Errors
    ///
    /// [`PackageError::NotAPackage`].
    pub fn open(directory: &Path) -> Result<Self, PackageError> {
        Self::at(directory, directory.to_owned(), None)
    }

    fn at(given: &Path, root: PathBuf, unpacked: Option<TempDir>) -> Result<Self, PackageError> {
        let campaign = only_directory(&root.join("raw"));
        let campaign = campaign.filter(|path| path.join("campaign.json").is_file());
        let campaign = campaign.ok_or_else(|| PackageError::NotAPackage {
            path: given.to_owned(),
            missing: "it has no campaign in raw/",
        })?;
        Ok(Self {
            root,
            campaign,
            _unpacked: unpacked,
        })
    }

    /// The campaign in it.
    pub fn campaign(&self) -> &Path {
        &self.campaign
    }

    /// The claims in it, if there are any.
    pub fn claims(&self) -> Option<PathBuf> {
        let claims = self.root.join(parts::CLAIMS);
        claims.is_file().then_some(claims)
    }

    /// Compares all files with their checksums, and report, tables and environment with what the
    /// raw logs give.
    ///
    /// # Errors
    ///
    /// [`PackageError`] where that can't be done at all; what doesn't hold is in what is returned.
    pub fn verify(&self) -> Result<Verification, PackageError> {
        let mut contents = Contents::default();
        contents.insert_tree("", &self.root)?;
        let environment = self.environment();
        let packed_by = environment
            .as_ref()
            .ok()
            .map(|environment| environment.packed_by.clone());
        let mut checks = vec![self.files(&contents), self.parts()];
        let made = CampaignDir::open(&self.campaign)
            .map_err(PackageError::from)
            .and_then(|campaign| Made::from(&campaign));
        match made {
            Ok(made) => {
                let head = &made.analysis.campaign;
                checks.push(environment_check(environment, PackageEnvironment::of(head)));
                for (name, directory) in [("report", made.report()), ("tables", made.tables())] {
                    checks.push(self.remade(name, &directory, packed_by.as_deref())?);
                }
            }
            Err(error @ PackageError::Io { .. }) => return Err(error),
            Err(error) => {
                let why = self.relative(&error.to_string());
                for name in ["report", "tables"] {
                    let fault = format!("{name}/ can't be made again: {why}");
                    checks.push(Check::new(name, remade(name), vec![fault]));
                }
            }
        }
        Ok(Verification {
            packed_by,
            checked_by: VERSION,
            checks,
        })
    }

    /// A message without the place where the package happens to be.
    pub fn relative(&self, message: &str) -> String {
        let root = format!("{}/", self.root.display());
        message.replace(&root, "")
    }

    fn files(&self, contents: &Contents) -> Check {
        let what = |n: usize| format!("{n} files are as {} says", manifest::NAME);
        let fault = |fault: String| Check::new("files", what(0), vec![fault]);
        let text = match fs::read_to_string(self.root.join(manifest::NAME)) {
            Ok(text) => text,
            Err(error) => return fault(format!("{} can't be read: {error}", manifest::NAME)),
        };
        let sums = match Manifest::parse(&text) {
            Ok(sums) => sums.0,
            Err(line) => {
                return fault(format!(
                    "{}:{line}: is no line of sha256sum, or its file was there before",
                    manifest::NAME
                ));
            }
        };
        let mut faults = Vec::new();
        for (name, digest) in &sums {
            match contents.files.get(name) {
                Some(item) if item.sha256 == *digest => {}
                Some(_) => faults.push(format!("{name} was changed: its SHA-256 is another")),
                None => faults.push(format!("{name} is missing")),
            }
        }
        let extra = contents.files.keys().filter_map(|name| {
            let known = sums.contains_key(name) || name == manifest::NAME;
            (!known).then(|| format!("{name} is not in {}: it was added", manifest::NAME))
        });
        faults.extend(extra);
        Check::new("files", what(sums.len()), faults)
    }

    fn parts(&self) -> Check {
        let missing = parts::DOCUMENTS
            .into_iter()
            .filter(|part| !self.root.join(part).is_file());
        let faults = missing.map(|part| format!("{part} is missing")).collect();
        Check::new("parts", "every part of a package is there", faults)
    }

    fn environment(&self) -> Result<PackageEnvironment, String> {
        let name = parts::ENVIRONMENT;
        let text = fs::read_to_string(self.root.join(name))
            .map_err(|error| format!("{name} can't be read: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
    }

    /// Compares a directory with what was made again.
    fn remade(
        &self,
        name: &'static str,
        made: &Path,
        packed_by: Option<&str>,
    ) -> Result<Check, PackageError> {
        let (mut expected, mut found) = (Contents::default(), Contents::default());
        let place = format!("{name}/");
        expected.insert_tree(&place, made)?;
        let own = self.root.join(name);
        if own.is_dir() {
            found.insert_tree(&place, &own)?;
        }
        let names: BTreeSet<&String> = expected.files.keys().chain(found.files.keys()).collect();
        let version = match packed_by {
            Some(packed_by) if packed_by != VERSION => format!(
                "; the package was made by vnicbench {packed_by} and this is {VERSION}, which can make the difference: check it with {packed_by}"
            ),
            _ => String::new(),
        };
        let faults = names.into_iter().filter_map(|file| {
            match (expected.files.get(file), found.files.get(file)) {
                (Some(expected), Some(found)) if expected.sha256 == found.sha256 => None,
                (Some(_), Some(_)) => {
                    Some(format!("{file} is not what the raw logs give{version}"))
                }
                (Some(_), None) => Some(format!("{file} is missing")),
                (None, _) => Some(format!("{file} is not made of the raw logs{version}")),
            }
        });
        Ok(Check::new(name, remade(name), faults.collect()))
    }
}

fn remade(name: &str) -> String {
    format!("{name}/ is what the raw logs give, byte for byte")
}

fn environment_check(
    found: Result<PackageEnvironment, String>,
    mut expected: PackageEnvironment,
) -> Check {
    let faults = match found {
        Err(why) => vec![why],
        Ok(found) => {
            expected.packed_by.clone_from(&found.packed_by);
            let differs = found != expected;
            let fault = format!("{} is not what the campaign says", parts::ENVIRONMENT);
            differs.then_some(fault).into_iter().collect()
        }
    };
    let what = format!("{} is what the campaign says", parts::ENVIRONMENT);
    Check::new("environment", what, faults)
}

/// The one directory in another that has nothing else.
fn only_directory(directory: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(directory).ok()?;
    let only = entries.next()?.ok()?;
    (entries.next().is_none() && only.file_type().ok()?.is_dir()).then(|| only.path())
}
