//! Drivers of PCI devices, and kernel modules.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::value;
use super::wait_until;
use crate::error::HostError;

/// A driver takes its device in tenths of a second; some reset it first.
const BIND_LIMIT: Duration = Duration::from_secs(10);

fn device(pci: &str) -> PathBuf {
    Path::new("/sys/bus/pci/devices").join(pci)
}

/// The driver of a PCI device; "" for none, `None` if there is no such device.
pub(super) fn driver(pci: &str) -> Option<String> {
    let device = device(pci);
    if !device.exists() {
        return None;
    }
    let link = fs::read_link(device.join("driver")).ok();
    let name = link.and_then(|link| Some(link.file_name()?.to_string_lossy().into_owned()));
    Some(name.unwrap_or_default())
}

pub(super) fn bind(pci: &str, name: &str) -> Result<(), HostError> {
    let device = device(pci);
    let now = driver(pci).unwrap_or_default();
    if now == name {
        return Ok(());
    }
    if !now.is_empty() {
        value::put(&device.join("driver/unbind"), pci)?;
    }
    if name.is_empty() {
        return Ok(());
    }
    // An override for another driver keeps this one away. Emptying it is what comes next
    // anyway when a binding is undone.
    let wanted = device.join("driver_override");
    if value::read(&wanted)?.is_some_and(|other| !other.is_empty() && other != name) {
        value::put(&wanted, "")?;
    }
    value::put(Path::new("/sys/bus/pci/drivers_probe"), pci)?;
    if wait_until(BIND_LIMIT, || driver(pci).as_deref() == Some(name)) {
        return Ok(());
    }
    let now = driver(pci).filter(|now| !now.is_empty());
    Err(HostError::Change {
        doing: format!("binding the device {pci} to {name}"),
        message: format!(
            "it has {}; the kernel's log says why: dmesg | grep {pci}",
            now.as_deref().unwrap_or("no driver")
        ),
    })
}

/// Whether a module is loaded, or part of the kernel.
pub(super) fn is_loaded(name: &str) -> bool {
    let name = name.replace('-', "_");
    if Path::new("/sys/module").join(&name).exists() {
        return true;
    }
    // A part of the kernel without parameters is not in /sys/module.
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let list = Path::new("/lib/modules")
        .join(release.trim())
        .join("modules.builtin");
    fs::read_to_string(list)
        .unwrap_or_default()
        .lines()
        .any(|line| {
            let file = line.rsplit('/').next().unwrap_or_default();
            file.trim_end_matches(".ko").replace('-', "_") == name
        })
}
