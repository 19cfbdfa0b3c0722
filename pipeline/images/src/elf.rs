//! What images need to know of ELF files: libraries, loader, module dependencies.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use object::elf::{DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRTAB, FileHeader64, PT_INTERP, PT_LOAD};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSection};

use crate::error::ImageError;

type Header = FileHeader64<Endianness>;

fn format_error(path: &Path, error: impl std::fmt::Display) -> ImageError {
    ImageError::Format {
        path: path.to_owned(),
        message: format!("not a usable ELF file: {error}"),
    }
}

/// What the loader reads of a program or library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dynamic {
    /// The loader that a program asks for; a static one, and a library, asks for none.
    pub(crate) interpreter: Option<PathBuf>,
    /// Names of the libraries that it was linked with.
    pub(crate) needed: Vec<String>,
    /// Directories in which it wants them to be looked for, in order.
    pub(crate) search: Vec<PathBuf>,
}

/// Reads that part of a file.
pub(crate) fn dynamic(path: &Path, bytes: &[u8]) -> Result<Dynamic, ImageError> {
    let read = || -> Result<Dynamic, object::Error> {
        let header = Header::parse(bytes)?;
        let endian = header.endian()?;
        let segments = header.program_headers(endian, bytes)?;
        // The bytes up to a zero at an address in memory.
        let text = |address: u64| {
            let mut loads = segments
                .iter()
                .filter(|segment| segment.p_type(endian) == PT_LOAD);
            loads.find_map(|load| {
                let start = load.p_vaddr(endian);
                let data = load.data(endian, bytes).ok()?;
                let at = usize::try_from(address.checked_sub(start)?).ok()?;
                data.get(at..)?.split(|byte| *byte == 0).next()
            })
        };
        let mut found = Dynamic::default();
        for segment in segments {
            if segment.p_type(endian) == PT_INTERP {
                let name = text(segment.p_vaddr(endian)).unwrap_or_default();
                found.interpreter = Some(PathBuf::from(OsStr::from_bytes(name)));
            }
            let Some(entries) = segment.dynamic(endian, bytes)? else {
                continue;
            };
            let value = |tag| {
                let mut entries = entries.iter();
                let entry = entries.find(|entry| entry.d_tag(endian) == tag)?;
                Some(entry.d_val(endian))
            };
            let Some(table) = value(DT_STRTAB) else {
                continue;
            };
            let string = |at: u64| Some(String::from_utf8_lossy(text(table.wrapping_add(at))?));
            let needed = entries
                .iter()
                .filter(|entry| entry.d_tag(endian) == DT_NEEDED)
                .filter_map(|entry| string(entry.d_val(endian)));
            found.needed.extend(needed.map(String::from));
            // A RUNPATH hides an RPATH, ld.so(8).
            let search = value(DT_RUNPATH)
                .or_else(|| value(DT_RPATH))
                .and_then(string);
            let origin = path.parent().unwrap_or(path).display().to_string();
            for place in search.iter().flat_map(|search| search.split(':')) {
                let place = place
                    .replace("${ORIGIN}", &origin)
                    .replace("$ORIGIN", &origin);
                found.search.push(plain(Path::new(&place)));
            }
        }
        Ok(found)
    };
    read().map_err(|error| format_error(path, error))
}

/// A path without its "..", which follow an origin.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Modules that a kernel module names in its `depends=`.
pub(crate) fn module_depends(path: &Path, bytes: &[u8]) -> Result<Vec<String>, ImageError> {
    let file = object::File::parse(bytes).map_err(|error| format_error(path, error))?;
    let section = file
        .section_by_name(".modinfo")
        .ok_or_else(|| format_error(path, "no .modinfo section"))?;
    let data = section.data().map_err(|error| format_error(path, error))?;
    let depends = data
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(b"depends="));
    let names = String::from_utf8_lossy(depends.unwrap_or_default()).into_owned();
    Ok(names
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_libraries() {
        let path = std::env::current_exe().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let found = dynamic(&path, &bytes).unwrap();
        assert!(found.needed.contains(&"libc.so.6".to_owned()), "{found:?}");
        assert!(found.interpreter.unwrap().is_file());
    }

    #[test]
    fn refuses_what_is_not_elf() {
        assert!(
            dynamic(Path::new("x"), b"#!/bin/sh")
                .unwrap_err()
                .to_string()
                .contains("not a usable ELF file")
        );
    }
}
