//! Kernel modules.

use std::fs::File;
use std::path::Path;

use rustix::io::Errno;
use rustix::system::finit_module;

/// `MODULE_INIT_COMPRESSED_FILE` (include/uapi/linux/module.h).
const COMPRESSED: i32 = 4;

/// Loads one module. The kernel unpacks compressed ones (`CONFIG_MODULE_DECOMPRESS`).
///
/// # Errors
/// What went wrong, with the module's path.
pub(crate) fn load(path: &str) -> Result<(), String> {
    let file = File::open(path).map_err(|e| format!("module {path}: {e}"))?;
    let flags = match Path::new(path).extension().and_then(|e| e.to_str()) {
        Some("xz" | "zst" | "gz") => COMPRESSED,
        _ => 0,
    };
    match finit_module(&file, c"", flags) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(Errno::NOENT) => Err(format!(
            "module {path}: a symbol it needs is missing; the modules it depends on go first"
        )),
        Err(Errno::OPNOTSUPP) if flags == COMPRESSED => Err(format!(
            "module {path}: this kernel doesn't unpack modules; put it into the image unpacked"
        )),
        Err(e) => Err(format!("module {path}: {e}")),
    }
}
