//! The cgroup in which an agent and all that it starts can be found.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process;

/// Moves this process there. What it starts later is there from the beginning.
///
/// # Errors
/// What went wrong, with the directory.
pub(crate) fn enter(dir: &Path) -> Result<(), String> {
    let failed = |e: &dyn std::fmt::Display| format!("entering the cgroup {}: {e}", dir.display());
    let Ok(relative) = dir.strip_prefix("/") else {
        return Err(failed(&"not an absolute path"));
    };
    // `ip netns exec` mounts a new /sys, in which no cgroup is; the parent still sees them.
    let parents = PathBuf::from(format!("/proc/{}/root", parent_id())).join(relative);
    match add(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => add(&parents).map_err(|_| failed(&e)),
        other => other.map_err(|e| failed(&e)),
    }
}

fn add(dir: &Path) -> io::Result<()> {
    // Not created: a directory that is no cgroup is to stay as it is.
    let mut procs = OpenOptions::new()
        .write(true)
        .open(dir.join("cgroup.procs"))?;
    procs.write_all(process::id().to_string().as_bytes())
}
