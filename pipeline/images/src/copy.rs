//! A tree that needs no store: what images are made from, copied out of one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{ImageError, io_error};
use crate::image;
use crate::modules::{INDEX, Modules};
use crate::parts::Parts;
use crate::root::{LIBRARY_DIRS, LOADER};

/// Copies programs, libraries, kernel, modules and firmware of `parts` below `directory`, with the
/// description that [`Parts::read`] wants there. Programs run from wherever it is put.
///
/// # Errors
///
/// [`ImageError`] for what is missing or can't be written, and if two programs want different
/// libraries of one name.
pub fn copy(parts: &Parts, directory: &Path) -> Result<(), ImageError> {
    let root = &parts.root;
    let mut files: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut programs = Vec::new();
    for name in image::programs() {
        let program = root.program(name)?;
        files.insert(format!("usr/bin/{name}").into(), program.clone());
        programs.push(program);
    }
    for library in root.libraries(&programs)? {
        let name = library.file.file_name().unwrap_or_default();
        let place = match library.loader {
            true => LOADER.to_owned(),
            false => format!("{}/{}", LIBRARY_DIRS[0], name.display()),
        };
        let other = files.insert(place.into(), library.file.clone());
        if let Some(other) = other.filter(|other| !same(other, &library.file)) {
            return Err(ImageError::Format {
                path: library.file,
                message: format!(
                    "has the name of {}, and one directory can't have both",
                    other.display()
                ),
            });
        }
    }
    for name in image::FIRMWARE {
        files.insert(
            format!("usr/share/qemu/{name}").into(),
            image::firmware(root, name)?,
        );
    }
    let release = root.kernel_release()?;
    let kernel = format!("boot/vmlinuz-{release}");
    let found = root.find("the kernel", std::slice::from_ref(&kernel))?;
    files.insert(kernel.into(), found);
    let modules = root.path().join("lib/modules").join(&release);
    for name in INDEX {
        files.insert(
            format!("lib/modules/{release}/{name}").into(),
            modules.join(name),
        );
    }

    let make = |place: &Path| {
        let path = directory.join(place);
        let parent = path.parent().unwrap_or(directory);
        fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        Ok::<_, ImageError>(path)
    };
    for (place, file) in &files {
        fs::copy(file, make(place)?).map_err(io_error("copy", file))?;
    }
    for module in Modules::find(&modules)?.closure(&image::modules())? {
        let path = make(&Path::new("lib/modules").join(&release).join(&module.path))?;
        fs::write(&path, &module.bytes).map_err(io_error("write", &path))?;
    }
    parts.describe(directory, files)
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
