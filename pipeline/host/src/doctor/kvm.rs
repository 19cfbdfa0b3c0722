//! KVM, and QEMU.

use std::fs::OpenOptions;

use super::{Boot, Facts, Finding, Root, Severity, VMS};

pub(super) fn findings(root: &Root, facts: &Facts<'_>) -> Vec<Finding> {
    let qemu = match &facts.qemu {
        Some(version) => Finding::ok("qemu", version.as_str()),
        None => Finding::note(
            "qemu",
            "the packages with QEMU aren't fetched yet; a campaign fetches them by itself",
        )
        .mend("vnicbench doctor --fetch"),
    };
    vec![kvm(root, &facts.boot), qemu]
}

fn kvm(root: &Root, boot: &Boot) -> Finding {
    let stops = |text: String| Finding::new("kvm", Severity::Problem, VMS, text);
    if !root.exists("/dev/kvm") {
        return stops("there is no /dev/kvm, which VMs need".into()).mend(switch_on(root));
    }
    match boot {
        Boot::Works => return Finding::ok("kvm", "a test boot under KVM works"),
        Boot::Fails(why) => {
            return stops(format!("VMs need KVM: {why}")).mend(
                "if this host is a VM itself, switch nested virtualisation on in its own host",
            );
        }
        Boot::NotTried(_) => {}
    }
    let unsure = |text: String| Finding::new("kvm", Severity::Warning, VMS, text);
    let device = root.at("/dev/kvm");
    match (OpenOptions::new().read(true).write(true).open(device), boot) {
        (Err(error), _) => unsure(format!(
            "whether KVM works is not known: /dev/kvm can't be opened: {error}"
        ))
        .mend("sudo vnicbench doctor"),
        (Ok(_), Boot::NotTried(why)) => unsure(format!(
            "/dev/kvm can be opened; whether a VM boots with it was not tried: {why}"
        ))
        .mend("vnicbench doctor --fetch"),
        (Ok(_), _) => Finding::ok("kvm", "/dev/kvm can be opened"),
    }
}

fn switch_on(root: &Root) -> &'static str {
    let cpuinfo = root.text("/proc/cpuinfo").unwrap_or_default();
    let flag = |name: &str| cpuinfo.split_whitespace().any(|word| word == name);
    if flag("vmx") {
        "modprobe kvm_intel"
    } else if flag("svm") {
        "modprobe kvm_amd"
    } else {
        "switch VT-x or SVM on in the firmware; if this host is a VM itself, nested virtualisation in its own host"
    }
}
