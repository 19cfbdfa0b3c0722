//! Which trees programs, kernels and QEMUs come from: given ones, or packages that are fetched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use vnicbench_images::{DESCRIPTION, Parts, Selection, fetch};
use vnicbench_model::kit::check_versions;
use vnicbench_model::provenance::VARIABLE;
use vnicbench_model::{Matrix, Provenance, VersionError};

/// The trees of a run.
pub(crate) struct Trees {
    /// The programs, and the kernel and QEMU that are used where a matrix names none.
    pub(crate) parts: Parts,
    /// Further kernels and QEMUs.
    pub(crate) variants: Vec<Parts>,
}

impl Trees {
    /// Those that are given, or packages that are fetched, which is said: what `matrix` names and the
    /// backports don't have is looked for in the release itself.
    ///
    /// # Errors
    ///
    /// A version that no tree has, with those that there are; a tree that isn't one.
    pub(crate) fn find(
        given: &[PathBuf],
        cache: Result<PathBuf>,
        matrix: Option<&Matrix>,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        if !given.is_empty() {
            let found = Self::read(given)?;
            return match matrix.map_or(Ok(()), |matrix| found.check(matrix)) {
                Ok(()) => Ok(found),
                Err(error) => Err(unknown(error)),
            };
        }
        let cache = cache?;
        let mut found = Self {
            parts: fetch(&cache, Selection::Whole, say)?,
            variants: Vec::new(),
        };
        let Some(matrix) = matrix else {
            return Ok(found);
        };
        if found.check(matrix).is_err() {
            say(
                "the backports don't have all that the matrix names; looking in the release itself",
            );
            found.variants.push(fetch(&cache, Selection::Older, say)?);
            found.check(matrix).map_err(unknown)?;
        }
        Ok(found)
    }

    /// Whether there is all that a matrix names.
    fn check(&self, matrix: &Matrix) -> Result<(), VersionError> {
        let all = || std::iter::once(&self.parts).chain(&self.variants);
        let distinct = |versions: Vec<String>| -> Vec<String> {
            let mut seen = BTreeSet::new();
            let new = versions.into_iter().filter(|one| seen.insert(one.clone()));
            new.collect()
        };
        let kernels = distinct(all().filter_map(Parts::kernel).collect());
        let qemus = distinct(all().filter_map(Parts::qemu).collect());
        check_versions(matrix, &kernels, &qemus)
    }

    fn read(given: &[PathBuf]) -> Result<Self> {
        let mut directories = Vec::new();
        for directory in given {
            directories.extend(trees_in(directory)?);
        }
        let mut all = directories.iter().map(|directory| Parts::read(directory));
        let mut parts = match all.next() {
            Some(first) => first?,
            None => bail!("--parts names no directory"),
        };
        let named = std::env::var_os(VARIABLE).map(PathBuf::from);
        let beside = directories.first().map(PathBuf::as_path);
        parts.provenance = Provenance::find(named.as_deref(), beside)?;
        Ok(Self {
            parts,
            variants: all.collect::<Result<_, _>>()?,
        })
    }
}

fn unknown(error: VersionError) -> anyhow::Error {
    anyhow!(error).context("give trees with other versions by --parts DIR, once for each")
}

/// A tree, or those below a directory, by name.
fn trees_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_tree = |path: &Path| path.join(DESCRIPTION).exists();
    if is_tree(directory) {
        return Ok(vec![directory.to_owned()]);
    }
    let entries = std::fs::read_dir(directory)
        .with_context(|| format!("cannot list {}", directory.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_tree(path))
        .collect();
    found.sort();
    if found.is_empty() {
        bail!(
            "{} has no {DESCRIPTION}, and no directory below it has one; \"nix build .#parts\" makes such a tree",
            directory.display()
        );
    }
    Ok(found)
}
