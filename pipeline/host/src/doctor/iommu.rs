//! The IOMMU and its interrupt remapping.

use super::{Finding, Root, Severity, VFIO};

const UNSAFE: &str = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";

pub(super) fn findings(root: &Root) -> Vec<Finding> {
    let groups = root.names("/sys/kernel/iommu_groups").len();
    if groups == 0 {
        let text = "no IOMMU, which a VF in a VM needs";
        return vec![Finding::new("iommu", Severity::Problem, VFIO, text).mend(switch_on(root))];
    }
    vec![
        Finding::ok("iommu", format!("the IOMMU is on, with {groups} groups")),
        remapping(root),
    ]
}

/// What has to be set for the kernel to use an IOMMU.
fn switch_on(root: &Root) -> &'static str {
    let intel = root
        .text("/proc/cpuinfo")
        .is_some_and(|text| text.contains("GenuineIntel"));
    let asked = root.text("/proc/cmdline").is_some_and(|line| {
        line.split(' ')
            .any(|word| word.starts_with("intel_iommu=on"))
    });
    match (intel, asked) {
        (true, false) => {
            "switch VT-d on in the firmware, and add intel_iommu=on to GRUB_CMDLINE_LINUX in \
             /etc/default/grub; then: update-grub && reboot"
        }
        (true, true) => "switch VT-d on in the firmware; the kernel is asked for it already",
        (false, _) => "switch AMD-Vi (IOMMU) on in the firmware",
    }
}

/// Without it VFIO answers EPERM. The kernel gives remapped interrupts a chip whose name
/// begins with "IR-" (IR-IO-APIC, IR-PCI-MSI), which is all that it shows of it in files.
fn remapping(root: &Root) -> Finding {
    const CHECK: &str = "interrupt remapping";
    let interrupts = root.text("/proc/interrupts").unwrap_or_default();
    let has = |prefix: &str| {
        interrupts
            .split_whitespace()
            .any(|word| word.starts_with(prefix))
    };
    if has("IR-") {
        return Finding::ok(CHECK, "interrupts are remapped");
    }
    if !has("IO-APIC") && !has("PCI-MSI") {
        return Finding::note(
            CHECK,
            "whether interrupts are remapped is not known: /proc/interrupts shows no chip that tells",
        );
    }
    if matches!(root.text(UNSAFE).as_deref(), Some("Y" | "1")) {
        let text = "interrupts are not remapped, and VFIO is told to do without: a guest can \
                    send any interrupt to this host";
        return Finding::new(CHECK, Severity::Warning, VFIO, text);
    }
    let text = "interrupts are not remapped, without which VFIO refuses a VF";
    Finding::new(CHECK, Severity::Problem, VFIO, text).mend(format!(
        "switch interrupt remapping (x2APIC, VT-d) on in the firmware and take intremap=off off the \
         kernel's command line; or, for guests that you trust: modprobe vfio_iommu_type1 && echo Y > {UNSAFE}"
    ))
}
