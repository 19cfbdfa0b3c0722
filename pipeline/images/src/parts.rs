//! Where programs, kernel and firmware come from: a tree, and what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vnicbench_model::store::write_json;
use vnicbench_model::{Package, Provenance, provenance};

use crate::error::{ImageError, io_error};
use crate::root::{Layout, Root};
use crate::versions::{QEMU, QEMU_PACKAGE};

/// The description of a tree that isn't a distribution's, in its top directory.
pub const DESCRIPTION: &str = "parts.json";
/// What glibc opens when a thread is cancelled, by a path that it was compiled with.
const UNWINDER: &str = "lib/libgcc_s.so.1";
/// Who packages what is fetched here.
const DEBIAN: &str = "debian";

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
    stored: Vec<StorePackage>,
}

/// `parts.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    provider: String,
    /// That of a copy isn't a store's.
    #[serde(default)]
    layout: Layout,
    packages: Vec<StorePackage>,
    differences: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorePackage {
    name: String,
    version: String,
    path: PathBuf,
    nar_hash: String,
}

impl StorePackage {
    fn package(&self) -> Package {
        Package {
            name: self.name.clone(),
            version: self.version.clone(),
            path: Some(self.path.display().to_string()),
            nar_hash: Some(self.nar_hash.clone()),
            ..Package::default()
        }
    }
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
            provider: DEBIAN.into(),
            packages,
            differences,
            provenance: None,
            stored: Vec::new(),
        }
    }

    /// Those below `directory`, which is a tree of links into a store, or a copy of one, with a
    /// `parts.json`.
    ///
    /// # Errors
    ///
    /// [`ImageError`] if there is no such file or it isn't what it should be.
    pub fn read(directory: &Path) -> Result<Self, ImageError> {
        let path = directory.join(DESCRIPTION);
        if !path.exists() {
            return Err(ImageError::Missing {
                what: DESCRIPTION.into(),
                root: directory.to_owned(),
                mend: "make such a tree with: nix build .#parts",
            });
        }
        let text = fs::read(&path).map_err(io_error("read", &path))?;
        let described: Description =
            serde_json::from_slice(&text).map_err(|cause| ImageError::Format {
                path: path.clone(),
                message: cause.to_string(),
            })?;
        let stored = described.packages;
        let mut packages: Vec<Package> = stored.iter().map(StorePackage::package).collect();
        packages.sort();
        let opened = stored.iter().map(|package| package.path.join(UNWINDER));
        let root = Root::new(directory, described.layout);
        let opened = opened.filter(|library| root.at(library).exists()).collect();
        let name = directory.file_name().unwrap_or(directory.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            root: root.opening(opened),
            provider: described.provider,
            packages,
            differences: described.differences,
            provenance: None,
            stored,
        })
    }

    /// Writes `parts.json` into a copy.
    pub(crate) fn describe(&self, directory: &Path) -> Result<(), ImageError> {
        let description = Description {
            provider: self.provider.clone(),
            layout: Layout::Copy,
            packages: self.stored.clone(),
            differences: self.differences.clone(),
        };
        if let Some(provenance) = &self.provenance {
            write_json(&directory.join(provenance::FILE), provenance)?;
        }
        Ok(write_json(&directory.join(DESCRIPTION), &description)?)
    }

    /// Whether they are a distribution's own packages.
    pub(crate) fn is_debian(&self) -> bool {
        self.provider == DEBIAN
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

    /// The version of what a file belongs to: of its directory in the store, or of Debian's
    /// package of that name; empty if neither is known.
    pub(crate) fn version(&self, file: &Path, package: &str) -> String {
        let origin = self.root.in_store(file);
        let mut stored = self.stored.iter();
        let stored = stored.find(|known| origin.starts_with(&known.path));
        let mut packaged = self.packages.iter();
        let packaged = packaged.find(|known| known.name == package);
        let version = stored.map(|known| &known.version);
        let version = version.or(packaged.map(|known| &known.version));
        version.cloned().unwrap_or_default()
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

        let error = Parts::read(&qemu).unwrap_err().to_string();
        assert!(
            error.ends_with("make such a tree with: nix build .#parts"),
            "{error}"
        );
        fs::write(directory.path().join(DESCRIPTION), "{}").unwrap();
        let error = Parts::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("parts.json: missing field"), "{error}");
    }
}
