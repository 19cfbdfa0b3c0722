//! The uncompressed kernel: with its PVH entry it starts without the firmware and the
//! decompression that dominate an emulated boot.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{ImageError, io_error};

/// Whether a file's bytes are an ELF executable.
fn is_elf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}

/// Takes the ELF kernel out of a bzImage, whichever way it is compressed.
///
/// The boot protocol (Documentation/arch/x86/boot.rst) gives offset and length of the payload.
pub(crate) fn extract(path: &Path) -> Result<Vec<u8>, ImageError> {
    let bytes = std::fs::read(path).map_err(io_error("read", path))?;
    if is_elf(&bytes) {
        return Ok(bytes);
    }
    let error = |message: &str| ImageError::Format {
        path: PathBuf::from(path),
        message: message.to_owned(),
    };
    let word = |at: usize| -> Option<usize> {
        let field = bytes.get(at..at + 4)?;
        usize::try_from(u32::from_le_bytes(field.try_into().ok()?)).ok()
    };
    if bytes.get(0x202..0x206) != Some(b"HdrS") {
        return Err(error("not a bzImage: no HdrS signature"));
    }
    // A count of 0 means 4 (boot.rst, setup_sects).
    let setup_sectors = match bytes.get(0x1f1) {
        Some(0) | None => 4,
        Some(sectors) => usize::from(*sectors),
    };
    let payload = word(0x248).zip(word(0x24c)).and_then(|(offset, length)| {
        let start = (setup_sectors + 1) * 512 + offset;
        bytes.get(start..start + length)
    });
    let payload =
        payload.ok_or_else(|| error("its payload lies outside the file; it is cut short"))?;
    let mut kernel = Vec::new();
    let read = if payload.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        // The kernel appends its size to the frame, so stop at the frame's end.
        zstd::stream::read::Decoder::with_buffer(payload)
            .map(zstd::stream::read::Decoder::single_frame)
            .and_then(|mut decoder| decoder.read_to_end(&mut kernel))
    } else if payload.starts_with(b"\xfd7zXZ\0") {
        liblzma::bufread::XzDecoder::new(payload).read_to_end(&mut kernel)
    } else {
        return Err(error(
            "compressed in a way that isn't known here; known are zstd and xz",
        ));
    };
    read.map_err(|source| error(&format!("cannot be decompressed: {source}")))?;
    if is_elf(&kernel) {
        Ok(kernel)
    } else {
        Err(error("its payload is not an ELF kernel"))
    }
}
