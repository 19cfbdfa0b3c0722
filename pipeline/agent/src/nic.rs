//! NICs, found by their MAC address.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::children::run_tool;
use crate::machine::write_file;
use crate::message::{Nic, NicReport};

const CLASS: &str = "/sys/class/net";
const PERIOD: Duration = Duration::from_millis(20);
const TOOL_LIMIT: Duration = Duration::from_secs(10);

/// Runs `ip` with these arguments.
pub(crate) fn ip(args: &[&str], env: &[(String, String)]) -> Result<(), String> {
    let line = format!("ip {}", args.join(" "));
    let mut command = Command::new("ip");
    command.args(args).envs(env.iter().map(|(k, v)| (k, v)));
    let output = run_tool(&mut command, TOOL_LIMIT).map_err(|e| format!("`{line}`: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{line}`: {}, {}", output.status, said.trim()))
}

/// Finds the NIC, addresses it or its VLAN interface, brings it up and waits for its
/// carrier. A missing carrier is reported, not an error: some tests want none.
pub(crate) fn configure(nic: &Nic, env: &[(String, String)]) -> Result<NicReport, String> {
    let limit = Duration::from_millis(nic.limit_ms);
    let found = await_nic(Path::new(CLASS), &nic.mac, limit)?;
    let name = match &nic.name {
        Some(name) if *name != found => {
            ip(&["link", "set", "dev", &found, "down"], env)?;
            ip(&["link", "set", "dev", &found, "name", name], env)?;
            name.clone()
        }
        _ => found,
    };
    if let Some(mtu) = nic.mtu {
        ip(&["link", "set", "dev", &name, "mtu", &mtu.to_string()], env)?;
    }
    let below = Path::new(CLASS).join(&name);
    let name = match nic.vlan {
        None => name,
        Some(id) => {
            ip(&["link", "set", "dev", &name, "up"], env)?;
            make_vlan(&name, id, nic.mtu, env)?
        }
    };
    if nic.arp_strict {
        be_strict_in_arp(&name)?;
    }
    for address in &nic.addresses {
        let mut args = vec!["address", "replace", address, "dev", &name];
        if address.contains(':') {
            // Duplicate address detection would keep the address unusable for a second.
            args.push("nodad");
        }
        ip(&args, env)?;
    }
    ip(&["link", "set", "dev", &name, "up"], env)?;

    let sys = Path::new(CLASS).join(&name);
    let carrier = within(limit, || (attribute(&sys, "carrier") == "1").then_some(())).is_some();
    Ok(NicReport {
        driver: fs::read_link(below.join("device/driver"))
            .ok()
            .and_then(|link| Some(link.file_name()?.to_string_lossy().into_owned())),
        mac: attribute(&sys, "address"),
        mtu: attribute(&sys, "mtu").parse().unwrap_or(0),
        carrier,
        name,
    })
}

/// Makes the interface for a VLAN on a NIC that is up, unless it is there already.
fn make_vlan(
    nic: &str,
    id: u16,
    mtu: Option<u32>,
    env: &[(String, String)],
) -> Result<String, String> {
    if !(1..=4094).contains(&id) {
        return Err(format!("{id} is no VLAN of {nic}: the ids are 1 to 4094"));
    }
    let name = format!("{nic}.{id}");
    if !Path::new(CLASS).join(&name).exists() {
        let id = id.to_string();
        let make = [
            "link", "add", "link", nic, "name", &name, "type", "vlan", "id", &id,
        ];
        ip(&make, env).map_err(|e| {
            let hint = if e.contains("not supported") || e.contains("Unknown device type") {
                "; the kernel needs the module 8021q: load it first"
            } else {
                ""
            };
            format!("{e}{hint}")
        })?;
    }
    if let Some(mtu) = mtu {
        ip(&["link", "set", "dev", &name, "mtu", &mtu.to_string()], env)?;
    }
    Ok(name)
}

/// Of two NICs in one segment the kernel would have either answer for both, and packets
/// for one would come by the other.
fn be_strict_in_arp(name: &str) -> Result<(), String> {
    for interface in ["all", name] {
        let conf = format!("/proc/sys/net/ipv4/conf/{interface}");
        write_file(&format!("{conf}/arp_ignore"), None, b"1")?;
        write_file(&format!("{conf}/arp_announce"), None, b"2")?;
    }
    Ok(())
}

/// Asks until there is an answer or the time is over; asks at least once.
fn within<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        match ask() {
            Some(answer) => return Some(answer),
            None if start.elapsed() >= limit => return None,
            None => thread::sleep(PERIOD),
        }
    }
}

fn await_nic(class: &Path, mac: &str, limit: Duration) -> Result<String, String> {
    let mut last = Err(String::new());
    within(limit, || {
        last = find(class, mac);
        last.is_ok().then_some(())
    });
    last
}

/// The interface with this MAC. A bridge, a VLAN or a macvtap borrows the address of a
/// NIC, so among several the one with a device behind it is meant, else the one that
/// isn't based on another.
fn find(class: &Path, mac: &str) -> Result<String, String> {
    let mut links: Vec<PathBuf> = fs::read_dir(class)
        .map_err(|e| format!("listing {}: {e}", class.display()))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    links.sort();
    let matching: Vec<&PathBuf> = links
        .iter()
        .filter(|link| attribute(link, "address").eq_ignore_ascii_case(mac))
        .collect();
    let with_device = |link: &Path| link.join("device").exists();
    let chosen = preferring(preferring(matching, with_device), |link| !is_upper(link));
    match chosen.as_slice() {
        [one] => Ok(name_of(one)),
        [] => Err(format!("no NIC has the address {mac}; {}", listing(&links))),
        _ => Err(format!(
            "several NICs have the address {mac}; {}",
            listing(&links)
        )),
    }
}

/// Those for which it holds, or all if it holds for none.
fn preferring(links: Vec<&PathBuf>, holds: impl Fn(&Path) -> bool) -> Vec<&PathBuf> {
    let preferred: Vec<&PathBuf> = links.iter().copied().filter(|l| holds(l)).collect();
    if preferred.is_empty() {
        links
    } else {
        preferred
    }
}

/// Whether an interface has others below it.
fn is_upper(link: &Path) -> bool {
    fs::read_dir(link).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().as_encoded_bytes().starts_with(b"lower_"))
    })
}

fn listing(links: &[PathBuf]) -> String {
    let there: Vec<String> = links
        .iter()
        .map(|link| format!("{} {}", name_of(link), attribute(link, "address")))
        .collect();
    format!("there are: {}", there.join(", "))
}

fn name_of(link: &Path) -> String {
    let name = link.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A sysfs attribute; empty if it can't be read (as `carrier` while a NIC is down).
fn attribute(link: &Path, name: &str) -> String {
    fs::read_to_string(link.join(name))
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(class: &Path, name: &str, mac: &str, device: bool) {
        fs::create_dir_all(class.join(name)).unwrap();
        fs::write(class.join(name).join("address"), format!("{mac}\n")).unwrap();
        if device {
            fs::create_dir(class.join(name).join("device")).unwrap();
        }
    }

    #[test]
    fn the_nic_is_told_from_its_bridge() {
        let class = tempfile::tempdir().unwrap();
        link(class.path(), "br0", "52:54:00:00:01:01", false);
        link(class.path(), "eth0", "52:54:00:00:01:01", true);
        link(class.path(), "veth0", "52:54:00:00:01:02", false);
        link(class.path(), "veth0.5", "52:54:00:00:01:02", false);
        fs::create_dir(class.path().join("veth0.5/lower_veth0")).unwrap();
        let find = |mac| find(class.path(), mac);
        assert_eq!(find("52:54:00:00:01:01").unwrap(), "eth0");
        assert_eq!(find("52:54:00:00:01:02").unwrap(), "veth0");
        let error = find("52:54:00:00:0A:0b").unwrap_err();
        assert!(error.contains("eth0 52:54:00:00:01:01"), "{error}");
        link(class.path(), "eth1", "52:54:00:00:01:01", true);
        let error = find("52:54:00:00:01:01").unwrap_err();
        assert!(error.starts_with("several"), "{error}");
    }

    #[test]
    fn a_nic_that_appears_late_is_waited_for() {
        let class = tempfile::tempdir().unwrap();
        let late = class.path().to_owned();
        let driver = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            link(&late, "eth0", "52:54:00:00:01:01", true);
        });
        let mac = "52:54:00:00:01:01";
        let found = await_nic(class.path(), mac, Duration::from_secs(10));
        assert_eq!(found.unwrap(), "eth0");
        driver.join().unwrap();
        assert!(await_nic(class.path(), "none", Duration::ZERO).is_err());
    }
}
