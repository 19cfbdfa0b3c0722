//! `campaign.json`: what was measured, with what, on what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claims::Claim;
use crate::matrix::Matrix;
use crate::provenance::Provenance;

/// Where a campaign ran; what says more of hardware comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Testbed {
    /// This host's own NIC.
    Attached,
    /// A test host in software with emulated NICs. Its times say nothing of hardware.
    Emulated,
    /// None: the numbers were made up, to try out what reads campaigns.
    Synthetic,
}

/// A distribution's package, or a store path, that something measured came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Digest of the package file, lower-case hex; empty for a store path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// The store path, `/nix/store/<hash>-<name>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Digest of the store path as Nix archives it, as Nix writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nar_hash: Option<String>,
}

impl Package {
    /// The digest that it has: of its file, or of its store path; empty if it has none.
    pub fn digest(&self) -> &str {
        match self.sha256.as_str() {
            "" => self.nar_hash.as_deref().unwrap_or_default(),
            sha256 => sha256,
        }
    }
}

/// A file that was measured with: kernel, image, program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// What it is: `kernel`, `guest-image`, `qemu`, ...
    pub name: String,
    /// Its version, as itself or its package says.
    pub version: String,
    /// Digest, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Where the programs, kernels and images came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// `debian` or `nix`.
    pub provider: String,
    /// Packages whose files are in the images, by name.
    pub packages: Vec<Package>,
    /// Artifacts, by name.
    pub artifacts: Vec<Artifact>,
    /// Where the packages differ from the lock.
    pub differences: Vec<String>,
    /// The sources that all of it was built from, where the provider knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// What further kernels and QEMUs came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

impl Environment {
    /// Its packages, then those of variants.
    pub fn all_packages(&self) -> impl Iterator<Item = &Package> {
        let variants = self.variants.iter();
        let further = variants.flat_map(|variant| &variant.packages);
        self.packages.iter().chain(further)
    }

    /// Where what was used isn't what a lock says, in words: packages, those of variants, nixpkgs.
    pub fn mismatches(&self) -> Vec<String> {
        let mut found = self.differences.clone();
        for variant in &self.variants {
            let of = |difference| format!("{}: {difference}", variant.name);
            found.extend(variant.differences.iter().map(of));
        }
        let provenance = self.provenance.iter();
        found.extend(provenance.flat_map(Provenance::mismatches));
        found
    }
}

/// A further kernel of the guests, a further QEMU, or both, of one origin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name, such as that of its directory.
    pub name: String,
    /// `debian` or `nix`.
    pub provider: String,
    /// The release of its kernel, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The version of its QEMU, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qemu: Option<String>,
    /// Packages that these are of, by name.
    pub packages: Vec<Package>,
    /// Where the packages differ from the lock.
    pub differences: Vec<String>,
}

/// A network interface of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NicAudit {
    /// Interface name.
    pub name: String,
    /// What the campaign used it for; empty if it didn't.
    pub role: String,
    /// Driver.
    pub driver: String,
    /// PCI address, if it has one.
    pub pci: Option<String>,
    /// PCI vendor and device id, as `8086:10c9`.
    pub device: Option<String>,
    /// Link speed in Mbit/s, where the driver says.
    pub speed_mbps: Option<u64>,
    /// VFs it can have.
    pub total_vfs: Option<u32>,
    /// Version of its firmware, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
}

/// What the host is. Campaigns whose audits differ aren't merged silently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Kernel release and version.
    pub kernel: String,
    /// Kernel command line.
    pub cmdline: String,
    /// CPU model.
    pub cpu: String,
    /// CPUs online.
    pub cpus: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Microcode revision.
    pub microcode: Option<String>,
    /// Frequency governor of CPU 0.
    pub governor: Option<String>,
    /// SMT control state.
    pub smt: Option<String>,
    /// Current clock source.
    pub clocksource: Option<String>,
    /// What accelerates the guests: `kvm`, `tcg`.
    pub accelerator: String,
    /// QEMU's version line.
    pub qemu: String,
    /// The NICs.
    pub nics: Vec<NicAudit>,
}

/// The host that the generator is on, if it isn't the one that ran the guests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratorAudit {
    /// How it was reached by ssh: `[USER@]HOST[:PORT]`.
    pub host: String,
    /// Kernel release.
    pub kernel: String,
    /// CPU model.
    pub cpu: String,
    /// CPUs that can be used there.
    pub cpus: u32,
    /// The ports.
    pub nics: Vec<NicAudit>,
    /// Its own programs that took part: the first line of what each says of its version.
    pub tools: BTreeMap<String, String>,
}

/// The head of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Version of the on-disk format: 1.
    pub format: u32,
    /// Its name, that of its directory.
    pub name: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// Version of vnicbench that ran it.
    pub tool_version: String,
    /// Where.
    pub testbed: Testbed,
    /// The matrix with all defaults filled in; its seed gave the order.
    pub matrix: Matrix,
    /// The claims that stood beside the matrix when it began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The host that ran the guests.
    pub audit: Audit,
    /// The host of the generator, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator: Option<GeneratorAudit>,
    /// For an emulated test bed: the machine that emulated the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outer: Option<Audit>,
    /// Programs, kernels, images.
    pub environment: Environment,
}
