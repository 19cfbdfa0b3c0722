//! The kernel and its modules.

use std::path::Path;

use super::programs::found;
use super::{Facts, Finding, Root, Severity, VFIO};

/// What needs which module, and a file that is there only with it.
const MODULES: [(&str, &[&str], Option<&str>); 7] = [
    (
        "bridge",
        &["virtio-vm", "vhost-vm", "vhost-user-vm", "veth-container"],
        None,
    ),
    ("tun", &["virtio-vm", "vhost-vm"], Some("/dev/net/tun")),
    (
        "vhost_net",
        &["vhost-vm", "macvtap-vm"],
        Some("/dev/vhost-net"),
    ),
    ("veth", &["vhost-user-vm", "veth-container"], None),
    ("macvtap", &["macvtap-vm"], None),
    ("vfio_pci", VFIO, Some("/sys/bus/pci/drivers/vfio-pci")),
    ("vfio_iommu_type1", VFIO, None),
];

/// What the kernel has of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In use already, or part of the kernel.
    There,
    /// `modprobe` can load it.
    Loadable,
    /// The kernel has none.
    Missing,
    /// There is no list of the kernel's modules.
    Unknown,
}

pub(super) fn findings(root: &Root, facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(
        "kernel",
        format!("Linux {}", release(root).as_deref().unwrap_or("unknown")),
    )];
    let modules = MODULES.iter();
    findings.extend(modules.map(|&(name, concerns, sign)| {
        let there = sign.is_some_and(|sign| root.exists(sign));
        let state = if there {
            State::There
        } else {
            state(root, name)
        };
        finding(root, facts, name, concerns, state)
    }));
    findings
}

/// Whether a VF driver can be loaded on the host.
pub(super) fn module(root: &Root, name: &str, concerns: &[&'static str]) -> Finding {
    judge(root, name, concerns, state(root, name))
}

fn finding(
    root: &Root,
    facts: &Facts<'_>,
    name: &str,
    concerns: &[&'static str],
    state: State,
) -> Finding {
    if state != State::There && !found(root, facts.search, "modprobe") {
        let text = format!("the module {name} isn't loaded, and there is no modprobe to load it");
        return Finding::new("modules", Severity::Problem, concerns, text)
            .mend("apt-get install kmod");
    }
    judge(root, name, concerns, state)
}

fn judge(root: &Root, name: &str, concerns: &[&'static str], state: State) -> Finding {
    let release = release(root).unwrap_or_default();
    match state {
        State::There => Finding::new(
            "modules",
            Severity::Ok,
            concerns,
            format!("{name} is there"),
        ),
        State::Loadable => Finding::new(
            "modules",
            Severity::Ok,
            concerns,
            format!("{name} can be loaded"),
        ),
        State::Unknown => Finding::new(
            "modules",
            Severity::Warning,
            concerns,
            format!(
                "whether the kernel has {name} is not known: there is no /lib/modules/{release}"
            ),
        )
        .mend(format!("modprobe {name}")),
        State::Missing => Finding::new(
            "modules",
            Severity::Problem,
            concerns,
            format!("the kernel {release} has no module {name}"),
        )
        .mend("boot a kernel that has it; on Debian: apt-get install linux-image-amd64 && reboot"),
    }
}

fn release(root: &Root) -> Option<String> {
    root.text("/proc/sys/kernel/osrelease")
}

fn state(root: &Root, name: &str) -> State {
    if root.exists(Path::new("/sys/module").join(name)) {
        return State::There;
    }
    let release = release(root).unwrap_or_default();
    let places = [
        "/lib/modules",
        "/usr/lib/modules",
        "/run/booted-system/kernel-modules/lib/modules",
    ];
    let list = |file: &str| {
        places
            .iter()
            .find_map(|place| root.text(Path::new(place).join(&release).join(file)))
    };
    let names = |text: &str| {
        // "kernel/net/bridge/bridge.ko.xz: kernel/net/802/stp.ko.xz"
        text.lines().any(|line| {
            let path = line.split(':').next().unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            let stem = file.split(".ko").next().unwrap_or_default();
            stem.replace('-', "_") == name
        })
    };
    if list("modules.builtin").is_some_and(|text| names(&text)) {
        return State::There;
    }
    let locked = root.text("/proc/sys/kernel/modules_disabled").as_deref() == Some("1");
    match list("modules.dep") {
        Some(text) if names(&text) && !locked => State::Loadable,
        Some(_) => State::Missing,
        None => State::Unknown,
    }
}
