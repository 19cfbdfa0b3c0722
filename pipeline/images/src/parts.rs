//! Where programs, kernel and firmware come from: a tree, and what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vnicbench_model::{Package, Provenance};

use crate::error::{ImageError, io_error};
use crate::root::{Layout, Root};
use crate::versions::{QEMU, QEMU_PACKAGE};

/// The description of a tree of links, in its top directory.
pub const DESCRIPTION: &str = "parts.json";
/// What glibc opens when a thread is cancelled, by a path that it was compiled with.
const UNWINDER: &str = "lib/libgcc_s.so.1";

/// A tree that images are made from.
#[derive(Debug)]
pub struct Parts {
    /// Its name, such as that of its directory.
    pub name: String,
    /// The tree.
    pub root: Root,
    /// Who made its packages: `debian` or `nix`.
    pub provider: String,
    /// What is in it, by name.
    pub packages: Vec<Package>,
    /// Where it differs from what was locked, in words.
    pub differences: Vec<String>,
    /// The sources that it was built from, where they are known.
    pub provenance: Option<Provenance>,
    /// Versions by directory of the store.
    store: BTreeMap<PathBuf, String>,
}

/// `parts.json`.
#[derive(Debug, Deserialize)]
struct Description {
    provider: String,
    packages: Vec<StorePackage>,
    differences: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorePackage {
    name: String,
    version: String,
    path: PathBuf,
    nar_hash: String,
}

impl Parts {
    /// Those of a distribution's unpacked packages.
    pub(crate) fn unpacked(
        name: &str,
        root: Root,
        packages: Vec<Package>,
        differences: Vec<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            root,
            provider: "debian".into(),
            packages,
            differences,
            provenance: None,
            store: BTreeMap::new(),
        }
    }

    /// Those below `directory`, which is a tree of links into a store with a `parts.json`.
    ///
    /// # Errors
    ///
    /// [`ImageError`] if there is no such file or it isn't what it should be.
    pub fn read(directory: &Path) -> Result<Self, ImageError> {
        let path = directory.join(DESCRIPTION);
        let text = fs::read(&path).map_err(io_error("read", &path))?;
        let error = |message: String| ImageError::Format {
            path: path.clone(),
            message,
        };
        let Description {
            provider,
            packages: stored,
            differences,
        } = serde_json::from_slice(&text).map_err(|cause| error(cause.to_string()))?;
        let mut packages = Vec::new();
        let mut store = BTreeMap::new();
        let mut opened = Vec::new();
        for package in stored {
            let StorePackage {
                name,
                version,
                path,
                nar_hash,
            } = package;
            opened.push(path.join(UNWINDER));
            packages.push(Package {
                name,
                version: version.clone(),
                path: Some(path.display().to_string()),
                nar_hash: Some(nar_hash),
                ..Package::default()
            });
            store.insert(path, version);
        }
        packages.sort();
        opened.retain(|library| library.exists());
        let name = directory.file_name().unwrap_or(directory.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            root: Root::new(directory, Layout::Store).opening(opened),
            provider,
            packages,
            differences,
            provenance: None,
            store,
        })
    }

    /// The release of its kernel; none of a tree without one.
    pub fn kernel(&self) -> Option<String> {
        self.root.kernel_release().ok()
    }

    /// The version of its QEMU; none of a tree without one.
    pub fn qemu(&self) -> Option<String> {
        let program = self.root.program(QEMU).ok()?;
        Some(self.version(&program, QEMU_PACKAGE))
    }

    /// The version of what a file belongs to: of its directory in the store, or of the
    /// distribution's package of that name; empty if neither is known.
    pub(crate) fn version(&self, file: &Path, package: &str) -> String {
        let stored = file.ancestors().find_map(|place| self.store.get(place));
        let packaged = || {
            let found = self.packages.iter().find(|known| known.name == package);
            found.map(|package| package.version.clone())
        };
        stored.cloned().or_else(packaged).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_links_is_described() {
        let directory = tempfile::tempdir().unwrap();
        let qemu = directory.path().join("store/x-qemu-10.2.1");
        let text = serde_json::json!({
            "provider": "nix",
            "packages": [{
                "name": "qemu",
                "version": "10.2.1",
                "path": qemu,
                "narHash": "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
            }],
            "differences": ["nixpkgs is another"],
        });
        fs::write(directory.path().join(DESCRIPTION), text.to_string()).unwrap();
        let parts = Parts::read(directory.path()).unwrap();
        assert_eq!(parts.provider, "nix");
        assert_eq!(parts.packages[0].name, "qemu");
        assert!(parts.packages[0].digest().starts_with("sha256:0mdqa9w"));
        assert_eq!(parts.version(&qemu.join("bin/qemu"), "none"), "10.2.1");
        assert_eq!(parts.version(Path::new("/bin/qemu"), "none"), "");
        assert_eq!(parts.differences, ["nixpkgs is another"]);

        fs::write(directory.path().join(DESCRIPTION), "{}").unwrap();
        let error = Parts::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("parts.json: missing field"), "{error}");
    }
}
