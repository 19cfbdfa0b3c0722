//! What the host is.

use std::fs;
use std::path::Path;

use vnicbench_agent::Command;
use vnicbench_model::{Audit, Kit, NicAudit};

use crate::accelerator::Accelerator;
use crate::error::HostError;
use crate::nic::{Ports, attribute, nics};
use crate::node::Node;

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
    let mut found = Vec::new();
    if let Some(ports) = ports {
        let roles = ports.roles();
        found.extend(nics()?.into_iter().map(|nic| {
            NicAudit {
                role: roles
                    .iter()
                    .find(|(port, _)| port.name == nic.name)
                    .map_or("", |(_, role)| role)
                    .to_owned(),
                total_vfs: (nic.total_vfs > 0).then_some(nic.total_vfs),
                name: nic.name,
                driver: nic.driver,
                pci: nic.pci,
                device: nic.device,
                speed_mbps: nic.speed_mbps,
            }
        }));
    }
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
    Ok(Audit {
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
        accelerator: accelerator.name().to_owned(),
        qemu: qemu_version(kit, node)?,
        nics: found,
    })
}

/// The first line of `qemu-system-x86_64 --version`.
///
/// # Errors
///
/// [`HostError`] if QEMU can't be started.
pub fn qemu_version(kit: &Kit, node: &Node) -> Result<String, HostError> {
    let mut argv = kit
        .programs
        .get("qemu-system-x86_64")
        .ok_or(HostError::Kit("qemu-system-x86_64"))?
        .clone();
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
