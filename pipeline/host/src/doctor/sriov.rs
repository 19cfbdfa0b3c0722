//! SR-IOV: each PF, its VFs, their driver and their IOMMU groups.

use std::path::{Path, PathBuf};

use super::nics::vfs;
use super::{Finding, Root, Severity, VF_CONTAINER, VFIO, VFS, kernel};
use crate::nic::{Nic, Ports};
use crate::pf::PfDriver;

pub(super) fn findings(root: &Root, nics: &[Nic], ports: Option<&Ports>) -> Vec<Finding> {
    let pfs: Vec<&Nic> = nics.iter().filter(|nic| nic.total_vfs > 0).collect();
    if pfs.is_empty() {
        let text = "no NIC of this host has SR-IOV, or it is switched off";
        return vec![
            Finding::new("sr-iov", Severity::Problem, VFS, text).mend(
                "switch SR-IOV on in the firmware of the machine and of the NIC (mlx5: mlxconfig -d PCI-ADDRESS set SRIOV_EN=1 NUM_OF_VFS=8)",
            ),
        ];
    }
    let mut findings = Vec::new();
    for pf in pfs {
        // What is wrong with a port that won't be used stops nobody.
        let used = ports.is_some_and(|ports| ports.pf.name == pf.name);
        let mut own = capacity(root, pf);
        own.extend(group(root, pf));
        if !used {
            for finding in &mut own {
                finding.severity = finding.severity.min(Severity::Note);
            }
        }
        findings.extend(own);
    }
    findings
}

fn capacity(root: &Root, pf: &Nic) -> Vec<Finding> {
    let (total, made) = (pf.total_vfs, vfs(root, &pf.name));
    let free = total.saturating_sub(made);
    let count = format!(
        "{}: {total} VFs possible, {made} made, {free} free",
        pf.name
    );
    let mut findings = vec![if made > 0 {
        let device = Path::new("/sys/class/net").join(&pf.name).join("device");
        Finding::new("sr-iov", Severity::Warning, VFS, count).mend(format!(
            "echo 0 > {}",
            device.join("sriov_numvfs").display()
        ))
    } else {
        Finding::new("sr-iov", Severity::Ok, VFS, count)
    }];
    let Some(driver) = PfDriver::of(&pf.driver) else {
        let text = format!(
            "{} has the driver {}, whose VF driver isn't known; known are: {}",
            pf.name,
            pf.driver,
            PfDriver::known()
        );
        findings.push(Finding::new("sr-iov", Severity::Problem, VFS, text));
        return findings;
    };
    let abilities = [
        ("trust", driver.trust),
        ("spoof check", driver.spoofchk),
        ("link state", driver.link_state),
        ("rate limit", driver.rate),
    ];
    let list = |wanted: bool| -> String {
        let names = abilities.iter().filter(|(_, has)| *has == wanted);
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "{}: {} makes VFs for {} and sets their {}",
        pf.name,
        driver.driver,
        driver.vf_driver,
        list(true)
    );
    if !list(false).is_empty() {
        text.push_str(&format!(", but not {}", list(false)));
    }
    findings.push(Finding::new("sr-iov", Severity::Ok, VFS, text));
    findings.push(kernel::module(root, driver.vf_driver, VF_CONTAINER));
    findings
}

/// VFIO hands over whole groups: a VF must be alone in its own, bridges apart.
fn group(root: &Root, pf: &Nic) -> Option<Finding> {
    const CHECK: &str = "iommu groups";
    let pci = pf.pci.as_deref()?;
    let device = Path::new("/sys/bus/pci/devices").join(pci);
    let made: Vec<String> = root
        .names(&device)
        .into_iter()
        .filter(|name| name.starts_with("virtfn"))
        .filter_map(|name| root.link(device.join(name)))
        .collect();
    let mend = "switch ACS on in the firmware, or put the NIC into another slot";
    for vf in &made {
        let others = others(root, vf)?;
        if !others.is_empty() {
            let text = format!(
                "the VF {vf} of {} shares its IOMMU group with {}",
                pf.name,
                others.join(", ")
            );
            return Some(Finding::new(CHECK, Severity::Problem, VFIO, text).mend(mend));
        }
    }
    if !made.is_empty() {
        let text = format!("each VF of {} has a group of its own", pf.name);
        return Some(Finding::new(CHECK, Severity::Ok, VFIO, text));
    }
    let others = others(root, pci)?;
    Some(if others.is_empty() {
        let text = format!("{} has a group of its own", pf.name);
        Finding::new(CHECK, Severity::Ok, VFIO, text)
    } else {
        let text = format!(
            "{} shares its IOMMU group with {}; its VFs, when they are made, may do so too",
            pf.name,
            others.join(", ")
        );
        Finding::new(CHECK, Severity::Warning, VFIO, text).mend(mend)
    })
}

/// The other devices of a device's group, but for bridges, which VFIO leaves alone; none if
/// it has no group.
fn others(root: &Root, pci: &str) -> Option<Vec<String>> {
    let device = PathBuf::from("/sys/bus/pci/devices");
    let group = root.link(device.join(pci).join("iommu_group"))?;
    let members = root.names(
        Path::new("/sys/kernel/iommu_groups")
            .join(group)
            .join("devices"),
    );
    let is_bridge = |member: &str| {
        let class = root.text(device.join(member).join("class"));
        class.is_some_and(|class| class.starts_with("0x0604"))
    };
    Some(
        members
            .into_iter()
            .filter(|member| member != pci && !is_bridge(member))
            .collect(),
    )
}
