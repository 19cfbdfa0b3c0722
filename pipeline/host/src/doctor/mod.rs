//! What this host can run, what is missing, and the command that mends it.
//!
//! Each file here looks at one part of the host and only reads; [`diagnose`] puts what they
//! find together.

mod iommu;
mod kernel;
mod kvm;
mod leftover;
mod memory;
mod nics;
mod processor;
mod programs;
mod root;
mod sriov;

use std::path::{Path, PathBuf};

use serde::Serialize;
use vnicbench_model::{Arm, Backend, Instance};

pub use nics::NicFinding;
pub use root::Root;

use crate::nic::{Nic, PortSelection};
use crate::survey::Survey;

/// What needs a VM.
const VMS: &[&str] = &[
    "virtio-vm",
    "vhost-vm",
    "sriov-vm",
    "macvtap-vm",
    "vhost-user-vm",
];
/// What needs a VF.
const VFS: &[&str] = &["sriov-vm", "sriov-container"];
/// What needs a VF handed to a VM.
const VFIO: &[&str] = &["sriov-vm"];
/// What needs a VF in a container.
const VF_CONTAINER: &[&str] = &["sriov-container"];
/// What concerns every back-end.
const ALL: &[&str] = &[];

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Results will be worse, or it may not run.
    Warning,
    /// What it concerns can't run.
    Problem,
}

impl Severity {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check.
    pub check: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Back-ends with their instance that it concerns, as `sriov-vm`; all of them if empty.
    pub concerns: Vec<&'static str>,
    /// What was found.
    pub text: String,
    /// The command that mends it, or where to set it.
    pub mend: Option<String>,
}

impl Finding {
    fn new(
        check: &'static str,
        severity: Severity,
        concerns: &[&'static str],
        text: impl Into<String>,
    ) -> Self {
        Self {
            check,
            severity,
            concerns: concerns.to_vec(),
            text: text.into(),
            mend: None,
        }
    }

    fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Severity::Ok, ALL, text)
    }

    fn note(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Severity::Note, ALL, text)
    }

    fn warning(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Severity::Warning, ALL, text)
    }

    fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    fn stops(&self, arm: &str) -> bool {
        self.severity == Severity::Problem
            && (self.concerns.is_empty() || self.concerns.contains(&arm))
    }
}

/// Whether a back-end can run in an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The back-end.
    pub backend: Backend,
    /// What has the NIC.
    pub instance: Instance,
    /// Whether this host can run it.
    pub can: bool,
    /// Why not.
    pub why: Vec<String>,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// For each back-end in each instance.
    pub backends: Vec<Verdict>,
    /// The NICs, and who uses them.
    pub nics: Vec<NicFinding>,
    /// What the checks found, the worst first.
    pub findings: Vec<Finding>,
}

/// How a small boot under KVM went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Boot {
    /// The kernel ran.
    Works,
    /// It didn't, and why.
    Fails(String),
    /// It was not tried, and why.
    NotTried(String),
}

/// What can't be read from the tree.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The NICs, or why they can't be listed.
    pub nics: Result<&'a [Nic], String>,
    /// What the user says of the ports.
    pub selection: &'a PortSelection,
    /// The generator's host, if it is another one, or why it can't be looked at.
    pub generator: Option<Result<&'a Survey, String>>,
    /// Where programs are looked for.
    pub search: &'a [PathBuf],
    /// How a small boot under KVM went.
    pub boot: Boot,
    /// QEMU's version, if its package is there.
    pub qemu: Option<String>,
    /// A journal of host changes, which is there only if they weren't undone.
    pub journal: Option<&'a Path>,
}

/// Looks at everything. Changes nothing, and needs no root: what can't be seen without it is
/// said to be not known.
pub fn diagnose(root: &Root, facts: &Facts<'_>) -> Diagnosis {
    let (ports, mut findings) = nics::ports(facts);
    let nics = facts.nics.as_deref().unwrap_or_default();
    findings.extend(programs::findings(root, facts));
    findings.extend(leftover::findings(root, facts.journal));
    findings.extend(kvm::findings(root, facts));
    findings.extend(iommu::findings(root));
    findings.extend(sriov::findings(root, nics, ports.as_ref()));
    findings.extend(kernel::findings(root, facts));
    findings.extend(processor::findings(root));
    findings.extend(memory::findings(root));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Diagnosis {
        backends: verdicts(&findings),
        nics: nics::nics(root, nics, ports.as_ref()),
        findings,
    }
}

/// Every arm that can be built.
fn arms() -> impl Iterator<Item = Arm> {
    let pairs = Backend::ALL.iter().flat_map(|&backend| {
        Instance::ALL.iter().map(move |&instance| Arm {
            backend,
            instance,
            mix: None,
        })
    });
    pairs.filter(|arm| arm.exists())
}

fn verdicts(findings: &[Finding]) -> Vec<Verdict> {
    arms()
        .map(|arm| {
            let name = arm.to_string();
            let why: Vec<String> = findings
                .iter()
                .filter(|finding| finding.stops(&name))
                .map(|finding| finding.text.clone())
                .collect();
            Verdict {
                backend: arm.backend,
                instance: arm.instance,
                can: why.is_empty(),
                why,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
