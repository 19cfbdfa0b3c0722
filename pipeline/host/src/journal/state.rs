//! What a run could have changed, to be compared before and after.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Item, device, link};
use crate::nic::attribute;
use crate::place::Place;

/// What a run could change on this host, with the contents of `files` besides, in a fixed
/// order: to be compared before and after. Loaded modules are left out.
pub fn host_state(files: &[PathBuf]) -> BTreeMap<String, String> {
    let mut state = BTreeMap::new();
    interfaces(&mut state);
    for name in link::namespaces() {
        state.insert(format!("namespace {name}"), "present".into());
    }
    network_devices(&mut state);
    let mut note = |path: PathBuf| {
        if let Some(value) = attribute(&path) {
            state.insert(path.display().to_string(), value);
        }
    };
    note("/proc/sys/vm/nr_hugepages".into());
    note("/sys/devices/system/cpu/intel_pstate/no_turbo".into());
    note("/sys/devices/system/cpu/cpufreq/boost".into());
    for cpu in entries("/sys/devices/system/cpu") {
        note(cpu.join("cpufreq/scaling_governor"));
    }
    for irq in entries("/proc/irq") {
        note(irq.join("smp_affinity_list"));
    }
    files.iter().cloned().for_each(note);
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
        for path in entries(root) {
            if name(&path).starts_with("vnicbench") {
                state.insert(format!("cgroup {}", name(&path)), "present".into());
            }
        }
    }
    processes(&mut state);
    state
}

fn interfaces(state: &mut BTreeMap<String, String>) {
    for path in entries("/sys/class/net") {
        let name = name(&path);
        let read = |item: Item| item.read().ok().flatten().unwrap_or_default();
        let (mac, mtu) = (
            attribute(&path.join("address")),
            attribute(&path.join("mtu")),
        );
        let up = read(Item::LinkUp {
            place: Place::Here,
            name: name.clone(),
        });
        let master = read(Item::Master { name: name.clone() });
        state.insert(
            format!("interface {name}"),
            format!(
                "mac {} mtu {} {up} master {master:?}",
                mac.unwrap_or_default(),
                mtu.unwrap_or_default()
            ),
        );
    }
}

/// PFs and VFs alike are network controllers on PCI.
fn network_devices(state: &mut BTreeMap<String, String>) {
    const NETWORK_CLASS: &str = "0x02";
    for path in entries("/sys/bus/pci/devices") {
        let class = attribute(&path.join("class")).unwrap_or_default();
        if !class.starts_with(NETWORK_CLASS) {
            continue;
        }
        let pci = name(&path);
        let driver = device::driver(&pci).unwrap_or_default();
        state.insert(format!("pci {pci} driver"), driver);
        for file in ["driver_override", "sriov_numvfs", "sriov_drivers_autoprobe"] {
            if let Some(value) = attribute(&path.join(file)) {
                state.insert(format!("pci {pci} {file}"), value);
            }
        }
        for entry in entries(&path)
            .into_iter()
            .filter(|path| name(path).starts_with("virtfn"))
        {
            let vf = fs::read_link(&entry).unwrap_or_default();
            state.insert(format!("pci {pci} {}", name(&entry)), name(&vf));
        }
    }
}

/// By name, since numbers differ, with how many there are.
fn processes(state: &mut BTreeMap<String, String>) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for path in entries("/proc") {
        let cmdline = fs::read(path.join("cmdline")).unwrap_or_default();
        let cmdline = String::from_utf8_lossy(&cmdline);
        let own = name(&path) == std::process::id().to_string();
        if !own
            && ["qemu-system", "vnicbench-agent", "dpdk-testpmd"]
                .iter()
                .any(|program| cmdline.contains(program))
        {
            let name = attribute(&path.join("comm")).unwrap_or_default();
            *counts.entry(name).or_default() += 1;
        }
    }
    for (name, count) in counts {
        state.insert(format!("process {name}"), count.to_string());
    }
}

fn entries(directory: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
