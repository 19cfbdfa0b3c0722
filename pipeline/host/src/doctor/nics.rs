//! The NICs, who uses them, and whether there are ports to measure on.

use std::path::Path;

use serde::Serialize;

use super::{ALL, Facts, Finding, Root, Severity, VFS};
use crate::nic::{Nic, PortProblem, Ports};

/// What cells without a VF need a port for.
const NO_VFS: &[&str] = &[
    "native-host",
    "virtio-vm",
    "vhost-vm",
    "veth-container",
    "macvtap-vm",
    "vhost-user-vm",
];

/// A NIC, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NicFinding {
    /// Interface name.
    pub name: String,
    /// Driver.
    pub driver: String,
    /// PCI address.
    pub pci: Option<String>,
    /// PCI vendor and device.
    pub device: Option<String>,
    /// Link speed in Mbit/s.
    pub speed_mbps: Option<u64>,
    /// NUMA node.
    pub numa_node: Option<u64>,
    /// Whether it is set up.
    pub up: bool,
    /// How many VFs it can have.
    pub total_vfs: u32,
    /// How many it has.
    pub vfs: u32,
    /// Why it is not touched unless named with `--i-know`.
    pub in_use: Option<String>,
    /// What a campaign would use it for.
    pub role: Option<&'static str>,
}

pub(super) fn nics(root: &Root, nics: &[Nic], ports: Option<&Ports>) -> Vec<NicFinding> {
    let roles = ports.map(Ports::roles).unwrap_or_default();
    nics.iter()
        .map(|nic| NicFinding {
            name: nic.name.clone(),
            driver: nic.driver.clone(),
            pci: nic.pci.clone(),
            device: nic.device.clone(),
            speed_mbps: nic.speed_mbps,
            numa_node: numa_node(root, &nic.name),
            up: nic.up,
            total_vfs: nic.total_vfs,
            vfs: vfs(root, &nic.name),
            in_use: nic.in_use.clone(),
            role: roles
                .iter()
                .find(|(port, _)| port.name == nic.name)
                .map(|(_, role)| *role),
        })
        .collect()
}

pub(super) fn vfs(root: &Root, name: &str) -> u32 {
    let file = Path::new("/sys/class/net")
        .join(name)
        .join("device/sriov_numvfs");
    root.number(file)
        .and_then(|number| number.try_into().ok())
        .unwrap_or(0)
}

fn numa_node(root: &Root, name: &str) -> Option<u64> {
    // -1, which is no number here, is a machine with one node.
    root.number(
        Path::new("/sys/class/net")
            .join(name)
            .join("device/numa_node"),
    )
}

/// The ports that a campaign would use, and what is in its way.
pub(super) fn ports(facts: &Facts<'_>) -> (Option<Ports>, Vec<Finding>) {
    const CHECK: &str = "ports";
    let nics = match &facts.nics {
        Ok(nics) => *nics,
        Err(why) => {
            let finding = Finding::new(CHECK, Severity::Problem, ALL, why.clone());
            return (None, vec![finding]);
        }
    };
    let mut findings = generator(facts);
    let there = match &facts.generator {
        Some(Ok(survey)) => Some(survey.nics.as_slice()),
        // Without its NICs nothing can be said of the ports.
        Some(Err(_)) => return (None, findings),
        None => None,
    };
    let with_vf = match Ports::select(nics, facts.selection, 1, there) {
        Ok(ports) => {
            let mut roles = ports.roles();
            if there.is_some() {
                roles.extend(ports.generator_roles());
            }
            let roles: Vec<String> = roles
                .iter()
                .map(|(nic, role)| format!("{} is the {role}", nic.name))
                .collect();
            findings.push(Finding::ok(CHECK, roles.join(", ")));
            return (Some(ports), findings);
        }
        Err(problems) => problems,
    };
    let without = Ports::select(nics, facts.selection, 0, there);
    findings.extend(with_vf.iter().map(|problem| finding(problem, VFS)));
    for problem in without.as_ref().err().into_iter().flatten() {
        let other = finding(problem, NO_VFS);
        match findings.iter_mut().find(|known| known.text == other.text) {
            Some(known) => known.concerns.clear(),
            None => findings.push(other),
        }
    }
    (without.ok(), findings)
}

/// What was found on the generator's host.
fn generator(facts: &Facts<'_>) -> Vec<Finding> {
    const CHECK: &str = "generator's host";
    let problem = |text: &String| Finding::new(CHECK, Severity::Problem, ALL, text.as_str());
    match &facts.generator {
        None => Vec::new(),
        Some(Err(why)) => vec![problem(why)],
        Some(Ok(survey)) if survey.problems.is_empty() => {
            vec![Finding::ok(CHECK, survey.to_string())]
        }
        Some(Ok(survey)) => survey.problems.iter().map(problem).collect(),
    }
}

fn finding(problem: &PortProblem, concerns: &[&'static str]) -> Finding {
    match problem {
        PortProblem::Ambiguous(text) => {
            Finding::new("ports", Severity::Note, concerns, text.as_str())
        }
        PortProblem::Unfit(text) => {
            Finding::new("ports", Severity::Problem, concerns, text.as_str())
        }
    }
}
