//! Kernel modules: where they are, what they depend on, in which order to load them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::elf::module_depends;
use crate::error::{ImageError, io_error};

/// What the kernel's build says of them and depmod reads.
pub(crate) const INDEX: [&str; 3] = [
    "modules.builtin",
    "modules.builtin.modinfo",
    "modules.order",
];

/// The modules of one kernel, by name with `_` for `-`.
#[derive(Debug)]
pub(crate) struct Modules {
    directory: PathBuf,
    paths: BTreeMap<String, PathBuf>,
    /// What the kernel has in itself.
    builtin: BTreeSet<String>,
}

/// A module with its uncompressed bytes.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    /// Path below the kernel's module directory, without a compression suffix.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl Modules {
    /// Finds every module below `lib/modules/<release>`.
    pub(crate) fn find(directory: &Path) -> Result<Self, ImageError> {
        let mut paths = BTreeMap::new();
        for entry in WalkDir::new(directory).sort_by_file_name() {
            let entry = entry.map_err(|error| ImageError::Io {
                action: "walk",
                path: directory.to_owned(),
                source: error.into(),
            })?;
            let name = entry.file_name().to_string_lossy();
            if let Some((stem, "ko" | "ko.xz" | "ko.zst")) = name.split_once('.') {
                paths.insert(stem.replace('-', "_"), entry.path().to_owned());
            }
        }
        let builtin = directory.join("modules.builtin");
        let builtin = std::fs::read_to_string(&builtin).map_err(io_error("read", &builtin))?;
        let builtin = builtin.lines().filter_map(|path| {
            let stem = path.rsplit('/').next()?.strip_suffix(".ko")?;
            Some(stem.replace('-', "_"))
        });
        Ok(Self {
            directory: directory.to_owned(),
            paths,
            builtin: builtin.collect(),
        })
    }

    /// The named modules and all they depend on, each after what it depends on; nothing for
    /// one that the kernel has in itself.
    pub(crate) fn closure(&self, names: &[&str]) -> Result<Vec<Module>, ImageError> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        for name in names {
            self.visit(name, &mut seen, &mut order)?;
        }
        Ok(order)
    }

    fn visit(
        &self,
        name: &str,
        seen: &mut BTreeSet<String>,
        order: &mut Vec<Module>,
    ) -> Result<(), ImageError> {
        let name = name.replace('-', "_");
        if self.builtin.contains(&name) || !seen.insert(name.clone()) {
            return Ok(());
        }
        let path = self.paths.get(&name).ok_or_else(|| ImageError::Missing {
            what: format!("the kernel module {name}"),
            root: self.directory.clone(),
            mend: "the kernel was built without it; take another",
        })?;
        let bytes = decompressed(path)?;
        for dependency in module_depends(path, &bytes)? {
            self.visit(&dependency, seen, order)?;
        }
        let relative = path
            .strip_prefix(&self.directory)
            .unwrap_or(path)
            .to_string_lossy();
        let path = relative
            .trim_end_matches(".xz")
            .trim_end_matches(".zst")
            .to_owned();
        order.push(Module { path, bytes });
        Ok(())
    }
}

fn decompressed(path: &Path) -> Result<Vec<u8>, ImageError> {
    let raw = std::fs::read(path).map_err(io_error("read", path))?;
    let mut bytes = Vec::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("xz") => liblzma::bufread::XzDecoder::new(raw.as_slice()).read_to_end(&mut bytes),
        Some("zst") => zstd::stream::read::Decoder::new(raw.as_slice())
            .and_then(|mut d| d.read_to_end(&mut bytes)),
        _ => return Ok(raw),
    }
    .map_err(io_error("decompress", path))?;
    Ok(bytes)
}
