//! The kit: where the programs, kernel and images are that a campaign is run with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::campaign::Environment;

/// Paths on the host that runs the guests, and where everything came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// What a campaign records.
    pub environment: Environment,
    /// How each program is started on the host: the words before its own arguments.
    /// Has `qemu-system-x86_64`, `agent`, `ping`, `iperf3`, `iperf`, `stress`, `dpdk-testpmd` with
    /// the plugins that it opens.
    pub programs: BTreeMap<String, Vec<String>>,
    /// Directories with QEMU's firmware.
    pub firmware: Vec<PathBuf>,
    /// The kernel of the guests, uncompressed.
    pub kernel: PathBuf,
    /// The initramfs of the guests.
    pub guest_image: PathBuf,
    /// VF drivers in the guest image: the files to load, in order.
    pub guest_modules: BTreeMap<String, Vec<String>>,
}
