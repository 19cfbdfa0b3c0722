//! Where programs, kernel and firmware come from: a tree, and what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vnicbench_model::Package;
use vnicbench_model::store::write_json;

use crate::error::{ImageError, io_error};
use crate::root::{Layout, Root};

/// The description of a tree that isn't a distribution's, in its top directory.
const DESCRIPTION: &str = "parts.json";
/// What glibc opens when a thread is cancelled, by a path that it was compiled with.
const UNWINDER: &str = "lib/libgcc_s.so.1";
/// Who packages what is fetched here.
const DEBIAN: &str = "debian";

/// A tree that images are made from.
#[derive(Debug)]
pub struct Parts {
    /// The tree.
    pub root: Root,
    /// Who made its packages: `debian` or `nix`.
    pub provider: String,
    /// What is in it, by name.
    pub packages: Vec<Package>,
    /// Where it differs from what was locked, in words.
    pub differences: Vec<String>,
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
    fn package(&self) -> Result<Package, String> {
        let Self { name, nar_hash, .. } = self;
        let sha256 = hex(nar_hash).ok_or(format!("{nar_hash:?} of {name} is not a SHA-256"))?;
        Ok(Package {
            name: name.clone(),
            version: self.version.clone(),
            sha256,
        })
    }
}

impl Parts {
    /// Those of a distribution's unpacked packages.
    pub(crate) fn unpacked(root: Root, packages: Vec<Package>, differences: Vec<String>) -> Self {
        Self {
            root,
            provider: DEBIAN.into(),
            packages,
            differences,
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
        let error = |message: String| ImageError::Format {
            path: path.clone(),
            message,
        };
        let described: Description =
            serde_json::from_slice(&text).map_err(|cause| error(cause.to_string()))?;
        let stored = described.packages;
        let packages = stored.iter().map(StorePackage::package);
        let mut packages: Vec<Package> = packages.collect::<Result<_, _>>().map_err(error)?;
        packages.sort();
        let opened = stored.iter().map(|package| package.path.join(UNWINDER));
        let root = Root::new(directory, described.layout);
        let opened = opened.filter(|library| root.at(library).exists()).collect();
        Ok(Self {
            root: root.opening(opened),
            provider: described.provider,
            packages,
            differences: described.differences,
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
        Ok(write_json(&directory.join(DESCRIPTION), &description)?)
    }

    /// Whether they are a distribution's own packages.
    pub(crate) fn is_debian(&self) -> bool {
        self.provider == DEBIAN
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

/// Nix's digits of a hash; e, o, t and u are left out.
const NIX_DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";
const SHA256_BYTES: usize = 32;

/// A SHA-256 as Nix prints it, in lower-case hex. Nix's base 32 starts with the most
/// significant 5 bits of a little-endian number (libutil/base-nix-32.cc).
fn hex(hash: &str) -> Option<String> {
    let digits = hash.strip_prefix("sha256:")?.as_bytes();
    let mut bytes = [0_u8; SHA256_BYTES];
    if digits.len() != (SHA256_BYTES * 8).div_ceil(5) {
        return None;
    }
    for (index, digit) in digits.iter().rev().enumerate() {
        let value = NIX_DIGITS.iter().position(|known| known == digit)?;
        let (at, shift) = (index * 5 / 8, index * 5 % 8);
        let wide = u16::try_from(value).ok()? << shift;
        let [low, high] = wide.to_le_bytes();
        bytes[at] |= low;
        match bytes.get_mut(at + 1) {
            Some(next) => *next |= high,
            None if high != 0 => return None,
            None => {}
        }
    }
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_as_nix_prints_them() {
        // `nix hash convert --to nix32` of the SHA-256 of no bytes.
        assert_eq!(
            hex("sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73").as_deref(),
            Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
        assert_eq!(hex("sha256:0mdqa9w1p6"), None);
        assert_eq!(
            hex("sha512:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"),
            None
        );
        assert_eq!(
            hex("sha256:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"),
            None
        );
    }

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
