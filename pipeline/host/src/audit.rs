//! What the host is.

use std::fs;
use std::path::Path;

use vnicbench_agent::Command;
use vnicbench_model::{Audit, Kit, NicAudit};

use crate::accelerator::Accelerator;
use crate::command::run;
use crate::error::HostError;
use crate::nic::{Nic, Ports, attribute, nics};
use crate::node::Node;
use crate::place::Place;

/// Reads what the host is, with its NICs if `ports` says what they are used for.
///
/// # Errors
///
/// [`HostError`] if the NICs can't be listed or QEMU can't be asked for its version.
pub fn audit(
    kit: &Kit,
    node: &Node,
    accelerator: Accelerator,
    ports: Option<&Ports>,
) -> Result<Audit, HostError> {
    let mut nics = Vec::new();
    if let Some(ports) = ports {
        let roles = ports.roles();
        let role = |name: &str| {
            let found = roles.iter().find(|(port, _)| port.name == name);
            found.map_or("", |(_, role)| role).to_owned()
        };
        nics = audit_nics(role)?;
    }
    Ok(Audit {
        accelerator: accelerator.name().to_owned(),
        qemu: qemu_version(kit, node)?,
        nics,
        ..audit_machine()
    })
}

/// Reads what the NICs are; `role` says by its name what one is used for.
///
/// # Errors
///
/// [`HostError`] if they can't be listed.
pub fn audit_nics(role: impl Fn(&str) -> String) -> Result<Vec<NicAudit>, HostError> {
    let audit = |nic: Nic| NicAudit {
        role: role(&nic.name),
        total_vfs: (nic.total_vfs > 0).then_some(nic.total_vfs),
        firmware: firmware(&nic.name),
        name: nic.name,
        driver: nic.driver,
        pci: nic.pci,
        device: nic.device,
        speed_mbps: nic.speed_mbps,
    };
    Ok(nics()?.into_iter().map(audit).collect())
}

/// The version of a NIC's firmware, where there is an ethtool and the driver says.
fn firmware(name: &str) -> Option<String> {
    let said = run(&Place::Here.ethtool(["-i", name])).ok()?;
    firmware_in(&said.stdout)
}

fn firmware_in(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let version = lines.find_map(|line| line.strip_prefix("firmware-version:"))?;
    let version = version.trim();
    (!version.is_empty() && version != "N/A").then(|| version.to_owned())
}

/// Reads what the machine is, without accelerator, QEMU and NICs, which are left empty.
pub fn audit_machine() -> Audit {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu_field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
        line.split_once(':')
            .map(|(_, value)| value.trim().to_owned())
    };
    let read = |path: &str| attribute(Path::new(path));
    let memory_kib =
        read("/proc/meminfo").and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
    let kernel = ["/proc/sys/kernel/osrelease", "/proc/sys/kernel/version"]
        .map(|path| read(path).unwrap_or_default());
    Audit {
        kernel: kernel.join(" "),
        cmdline: read("/proc/cmdline").unwrap_or_default(),
        cpu: cpu_field("model name").unwrap_or_default(),
        cpus: cpuinfo
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count() as u32,
        memory_bytes: memory_kib.unwrap_or(0) * 1024,
        microcode: cpu_field("microcode"),
        governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        smt: read("/sys/devices/system/cpu/smt/control"),
        clocksource: read("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        accelerator: String::new(),
        qemu: String::new(),
        nics: Vec::new(),
    }
}

/// The first line of `qemu-system-x86_64 --version`.
///
/// # Errors
///
/// [`HostError`] if QEMU can't be started.
pub fn qemu_version(kit: &Kit, node: &Node) -> Result<String, HostError> {
    let mut argv = kit.qemu(None)?.command.clone();
    let command = Command::new(argv.remove(0), std::time::Duration::from_secs(20))
        .args(argv)
        .arg("--version");
    let output = node.session().run(&command)?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.lines().next() {
        Some(line) if output.exit.success() => Ok(line.to_owned()),
        _ => Err(HostError::Change {
            doing: "asking QEMU for its version".into(),
            message: format!(
                "{} {}",
                output.exit,
                String::from_utf8_lossy(&output.stderr).trim()
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ethtool 6.1, of igb and of veth, shortened.
    const IGB: &str = "driver: igb\nversion: 6.1.0-53-amd64\nfirmware-version: 1.63, 0x800009fa\nexpansion-rom-version: \nbus-info: 0000:01:00.0\n";
    const VETH: &str = "driver: veth\nversion: 1.0\nfirmware-version: \nbus-info: \n";

    #[test]
    fn firmware_is_what_ethtool_says() {
        assert_eq!(firmware_in(IGB).as_deref(), Some("1.63, 0x800009fa"));
        assert_eq!(firmware_in(VETH), None);
        assert_eq!(firmware_in("firmware-version: N/A\n"), None);
        assert_eq!(firmware_in(""), None);
    }
}
