//! What images need to know of ELF files: libraries, loader, module dependencies.

use std::path::Path;

use object::elf::{DT_NEEDED, DT_STRTAB, FileHeader64, PT_DYNAMIC, PT_INTERP};
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

/// Names of the libraries that a program or library was linked with.
pub(crate) fn needed(path: &Path, bytes: &[u8]) -> Result<Vec<String>, ImageError> {
    let read = || -> Result<Vec<String>, object::Error> {
        let header = Header::parse(bytes)?;
        let endian = header.endian()?;
        let segments = header.program_headers(endian, bytes)?;
        let mut names = Vec::new();
        for segment in segments
            .iter()
            .filter(|segment| segment.p_type(endian) == PT_DYNAMIC)
        {
            let Some(dynamic) = segment.dynamic(endian, bytes)? else {
                continue;
            };
            let Some(table) = dynamic
                .iter()
                .find(|entry| entry.d_tag(endian) == DT_STRTAB)
            else {
                continue;
            };
            for entry in dynamic
                .iter()
                .filter(|entry| entry.d_tag(endian) == DT_NEEDED)
            {
                let address = table.d_val(endian).wrapping_add(entry.d_val(endian));
                let name = segments.iter().find_map(|load| {
                    let start = load.p_vaddr(endian);
                    let data = load.data(endian, bytes).ok()?;
                    let at = usize::try_from(address.checked_sub(start)?).ok()?;
                    let tail = data.get(at..)?;
                    let end = tail.iter().position(|byte| *byte == 0)?;
                    std::str::from_utf8(tail.get(..end)?).ok()
                });
                names.extend(name.map(str::to_owned));
            }
        }
        Ok(names)
    };
    read().map_err(|error| format_error(path, error))
}

/// Whether the file asks for a loader, that is: isn't static.
pub(crate) fn has_interpreter(path: &Path, bytes: &[u8]) -> Result<bool, ImageError> {
    let read = || -> Result<bool, object::Error> {
        let header = Header::parse(bytes)?;
        let endian = header.endian()?;
        Ok(header
            .program_headers(endian, bytes)?
            .iter()
            .any(|segment| segment.p_type(endian) == PT_INTERP))
    };
    read().map_err(|error| format_error(path, error))
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
        assert!(
            needed(&path, &bytes)
                .unwrap()
                .contains(&"libc.so.6".to_owned())
        );
        assert!(has_interpreter(&path, &bytes).unwrap());
    }

    #[test]
    fn refuses_what_is_not_elf() {
        assert!(
            needed(Path::new("x"), b"#!/bin/sh")
                .unwrap_err()
                .to_string()
                .contains("not a usable ELF file")
        );
    }
}
