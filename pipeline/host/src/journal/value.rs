//! Values in files of sysfs and procfs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use vnicbench_model::fault;

use crate::error::{HostError, io_error};

/// "No such device" and "no such device or address": the file is there for a moment still.
const ENODEV: i32 = 19;
const ENXIO: i32 = 6;

pub(super) fn read(path: &Path) -> Result<Option<String>, HostError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(normal(path, &text))),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(io_error("read", path)(error)),
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || matches!(error.raw_os_error(), Some(ENODEV | ENXIO))
}

pub(super) fn write(path: &Path, value: &str) -> Result<(), HostError> {
    // A PF with VFs takes no other number of them than none.
    if is_named(path, "sriov_numvfs") && value != "0" {
        let now = read(path)?;
        if now.is_some_and(|now| now != "0" && now != value) {
            put(path, "0")?;
        }
    }
    put(path, value)
}

/// One write with a newline: an empty value would otherwise be no write at all.
pub(super) fn put(path: &Path, value: &str) -> Result<(), HostError> {
    let write = || -> io::Result<()> {
        fault::host_write()?;
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(path)?
            .write_all(format!("{value}\n").as_bytes())
    };
    write().map_err(|source| HostError::Change {
        doing: format!("writing {value:?} to {}", path.display()),
        message: source.to_string(),
    })
}

/// The one form of a value that may be written in several, so that values can be compared.
pub(super) fn normal(path: &Path, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text == "(null)" {
        return String::new();
    }
    if is_named(path, "smp_affinity_list")
        && let Some(list) = cpu_list(&text)
    {
        return list;
    }
    // A choice, such as "always [madvise] never".
    if let Some((_, rest)) = text.split_once('[')
        && let Some((chosen, _)) = rest.split_once(']')
        && text.contains(' ')
    {
        return chosen.to_owned();
    }
    text
}

/// Whether `now` can be what a write of ours that was cut off has left.
pub(super) fn is_between(path: &Path, old: &str, new: &str, now: &str) -> bool {
    if is_named(path, "sriov_numvfs") {
        return now == "0";
    }
    // Emptied while another driver is bound.
    if is_named(path, "driver_override") {
        return now.is_empty();
    }
    // The kernel makes pages one by one, and stops where there is no memory.
    if is_named(path, "nr_hugepages")
        && let (Ok(old), Ok(new), Ok(now)) =
            (old.parse::<u64>(), new.parse::<u64>(), now.parse::<u64>())
    {
        return (old.min(new)..=old.max(new)).contains(&now);
    }
    false
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

/// "0,1,2,5" as the kernel prints it: "0-2,5".
fn cpu_list(text: &str) -> Option<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        ranges.push((first.trim().parse().ok()?, last.trim().parse().ok()?));
    }
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    let ranges = merged.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    Some(ranges.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_values_not_spellings() {
        let normal = |name: &str, text: &str| normal(&Path::new("/x").join(name), text);
        assert_eq!(normal("driver_override", "(null)\n"), "");
        assert_eq!(normal("smp_affinity_list", "0,1,2,5\n"), "0-2,5");
        assert_eq!(normal("smp_affinity_list", "5,0-2"), "0-2,5");
        assert_eq!(
            normal("tcp_rmem", "4096\t131072\t6291456\n"),
            "4096 131072 6291456"
        );
        assert_eq!(normal("enabled", "always [madvise] never\n"), "madvise");
    }

    #[test]
    fn knows_its_own_middle() {
        let between =
            |name: &str, old, new, now| is_between(&Path::new("/x").join(name), old, new, now);
        assert!(between("sriov_numvfs", "2", "4", "0"));
        assert!(!between("sriov_numvfs", "2", "4", "3"));
        assert!(between("nr_hugepages", "0", "512", "300"));
        assert!(!between("nr_hugepages", "0", "512", "513"));
        assert!(!between("no_turbo", "0", "1", "0.5"));
    }
}
