//! A tree that needs no store: what images are made from, copied out of one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::error::{ImageError, io_error};
use crate::image::{self, SSHD_PARTS, SSHD_PARTS_DIR};
use crate::modules::{INDEX, Modules};
use crate::parts::Parts;
use crate::root::{Layout, in_image};

/// Copies programs, libraries, kernel, modules and firmware of `parts`, which are of a store, below
/// `directory`, with the description that [`Parts::read`] wants there. Programs and libraries keep
/// their paths, below the copy, and run from wherever it is put.
///
/// # Errors
///
/// [`ImageError`] for what is missing or can't be written.
pub fn copy(parts: &Parts, directory: &Path) -> Result<(), ImageError> {
    let root = &parts.root;
    if root.layout() != Layout::Store {
        return Err(ImageError::Format {
            path: root.path().to_owned(),
            message: "is no tree of links into a store, and is one that needs none".into(),
        });
    }
    let mut links = BTreeMap::new();
    for name in image::programs() {
        links.insert(format!("usr/bin/{name}"), root.program(name)?);
    }
    for name in SSHD_PARTS {
        let place = format!("{SSHD_PARTS_DIR}/{name}");
        if root.path().join(&place).exists() {
            links.insert(place.clone(), root.find(name, &[place])?);
        }
    }
    let programs: Vec<PathBuf> = links.values().cloned().collect();
    let release = root.kernel_release()?;
    let kernel = format!("boot/vmlinuz-{release}");
    links.insert(kernel.clone(), root.find("the kernel", &[kernel])?);
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    files.extend(links.values().map(|file| (in_image(file), file.clone())));
    for library in root.libraries(&programs)? {
        files.insert(library.place, library.file);
    }
    for name in image::FIRMWARE {
        files.insert(
            format!("usr/share/qemu/{name}"),
            image::firmware(root, name)?,
        );
    }
    let modules = root.path().join("lib/modules").join(&release);
    for name in INDEX {
        files.insert(format!("lib/modules/{release}/{name}"), modules.join(name));
    }

    let make = |place: &str| {
        let path = directory.join(place);
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        Ok::<_, ImageError>(path)
    };
    for (place, file) in &files {
        fs::copy(file, make(place)?).map_err(io_error("copy", file))?;
    }
    for (place, file) in &links {
        let up = "../".repeat(place.matches('/').count());
        let link = make(place)?;
        symlink(format!("{up}{}", in_image(file)), &link).map_err(io_error("link", &link))?;
    }
    for module in Modules::find(&modules)?.closure(&image::modules())? {
        let path = make(&format!("lib/modules/{release}/{}", module.path))?;
        fs::write(&path, &module.bytes).map_err(io_error("write", &path))?;
    }
    parts.describe(directory)
}
