//! What the machine is, and its files.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use rustix::system::uname;

use crate::message::Info;

/// What the kernel says of the machine.
pub(crate) fn info(role: &str, warnings: &[String]) -> Info {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let uname = uname();
    Info {
        kernel: uname.release().to_string_lossy().into_owned(),
        hostname: uname.nodename().to_string_lossy().into_owned(),
        role: role.to_owned(),
        uptime_s: uptime_s(),
        memory_total_kib: kib(&memory, "MemTotal:"),
        memory_available_kib: kib(&memory, "MemAvailable:"),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        warnings: warnings.to_vec(),
    }
}

/// Seconds since boot; 0 without /proc.
pub(crate) fn uptime_s() -> f64 {
    std::fs::read_to_string("/proc/uptime")
        .ok()
        .and_then(|text| text.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}

fn kib(meminfo: &str, field: &str) -> u64 {
    meminfo
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Writes a file in one go: sysctls and sysfs attributes take a value only whole. With a
/// mode the file is created or replaced, without it has to exist.
pub(crate) fn write_file(path: &str, mode: Option<u32>, bytes: &[u8]) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(true);
    if let Some(mode) = mode {
        options.create(true).mode(mode);
    }
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|e| format!("writing {path}: {e}"))
}

/// Reads a file piece by piece. Its size isn't asked for: files in /proc say 0.
pub(crate) fn read_file(
    path: &str,
    limit: u64,
    mut piece: impl FnMut(&[u8]) -> bool,
) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("reading {path}: {e}");
    let mut file = File::open(path).map_err(failed)?;
    let mut chunk = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        let got = match file.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(got) => got,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(failed(e)),
        };
        total += got as u64;
        if total > limit {
            return Err(format!("reading {path}: it is longer than {limit} bytes"));
        }
        if !piece(chunk.get(..got).unwrap_or_default()) {
            return Ok(());
        }
    }
}
