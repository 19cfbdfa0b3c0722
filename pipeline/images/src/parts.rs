//! Where programs, kernel and firmware come from: a tree, and what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vnicbench_model::Package;

use crate::error::{ImageError, io_error};
use crate::root::{Layout, Root};

/// The description of a tree of links, in its top directory.
const DESCRIPTION: &str = "parts.json";
/// What glibc opens when a thread is cancelled, by a path that it was compiled with.
const UNWINDER: &str = "lib/libgcc_s.so.1";

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
    pub(crate) fn unpacked(root: Root, packages: Vec<Package>, differences: Vec<String>) -> Self {
        Self {
            root,
            provider: "debian".into(),
            packages,
            differences,
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
            let sha256 = hex(&nar_hash)
                .ok_or_else(|| error(format!("{nar_hash:?} of {name} is not a SHA-256")))?;
            opened.push(path.join(UNWINDER));
            store.insert(path, version.clone());
            packages.push(Package {
                name,
                version,
                sha256,
            });
        }
        packages.sort();
        opened.retain(|library| library.exists());
        Ok(Self {
            root: Root::new(directory, Layout::Store).opening(opened),
            provider,
            packages,
            differences,
            store,
        })
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

        fs::write(directory.path().join(DESCRIPTION), "{}").unwrap();
        let error = Parts::read(directory.path()).unwrap_err().to_string();
        assert!(error.contains("parts.json: missing field"), "{error}");
    }
}
