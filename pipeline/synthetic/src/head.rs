//! What a campaign has beside its trials: its head, boots and journal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use vnicbench_model::{
    Artifact, Audit, Backend, Campaign, CampaignDir, Environment, Matrix, NicAudit, Package,
    Roster, Testbed,
};

const STARTED: &str = "2026-01-01T00:00:00Z";

/// The head, of a host that isn't there.
pub(crate) fn campaign(matrix: Matrix) -> Campaign {
    let digest = "0".repeat(64);
    let nic = |name: &str, role: &str, pci: &str| NicAudit {
        name: name.into(),
        role: role.into(),
        driver: "ixgbe".into(),
        pci: Some(pci.into()),
        device: Some("8086:10fb".into()),
        speed_mbps: Some(10_000),
        total_vfs: Some(63),
        firmware: None,
    };
    Campaign {
        format: 1,
        name: matrix.name.clone(),
        started: STARTED.into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        testbed: Testbed::Synthetic,
        matrix,
        claims: Vec::new(),
        audit: Audit {
            kernel: "6.12.0-synthetic".into(),
            cmdline: "intel_iommu=on iommu=pt".into(),
            cpu: "none: its numbers are made up".into(),
            cpus: 16,
            memory_bytes: 64 << 30,
            microcode: None,
            governor: Some("performance".into()),
            smt: Some("off".into()),
            clocksource: Some("tsc".into()),
            accelerator: "kvm".into(),
            qemu: "QEMU emulator version 10.0.0 (synthetic)".into(),
            nics: vec![
                nic("eth0", "PF", "0000:01:00.0"),
                nic("eth1", "generator of the PF", "0000:01:00.1"),
            ],
        },
        generator: None,
        outer: None,
        environment: Environment {
            provider: "debian".into(),
            packages: [
                "iperf",
                "iperf3",
                "iputils-ping",
                "qemu-system-x86",
                "stress",
            ]
            .map(|name| Package {
                name: name.into(),
                version: "0-synthetic".into(),
                sha256: digest.clone(),
                ..Package::default()
            })
            .into(),
            artifacts: vec![Artifact {
                name: "kernel".into(),
                version: "6.12.0-synthetic".into(),
                sha256: digest,
                bytes: 1,
            }],
            ..Environment::default()
        },
    }
}

/// Every guest of every boot; how many bytes they are.
pub(crate) fn boots(directory: &Path, roster: &Roster, boots: u32) -> Result<u64> {
    let mut bytes = 0;
    for boot in 0..boots {
        for (number, (name, guest)) in roster.kept.iter().enumerate() {
            let drivers = guest.nics.iter().map(|nic| match nic.backend {
                Backend::Sriov => "ixgbevf",
                _ => "virtio_net",
            });
            let nics: Vec<_> = drivers
                .map(|driver| BTreeMap::from([("driver", driver)]))
                .collect();
            let record = json!({
                "boot": boot,
                "name": name,
                "seconds": 2.5 + 0.001 * number as f64,
                "nics": nics,
                "failure": null,
            });
            let path = directory.join(format!("boots/{boot:03}/{name}"));
            fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
            bytes += put(&path.join("guest.json"), &format!("{record:#}\n"))?;
            bytes += put(&path.join("console.log"), "synthetic: nothing was booted\n")?;
        }
    }
    Ok(bytes)
}

/// Begun and ended.
pub(crate) fn journal(campaign: &CampaignDir, trials: usize) -> Result<()> {
    campaign.journal(&json!({ "event": "started", "time": STARTED }))?;
    campaign.journal(&json!({ "event": "synthetic", "trials": trials }))?;
    Ok(())
}

/// Writes a file; how many bytes it is.
pub(crate) fn put(path: &Path, text: &str) -> Result<u64> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(text.len() as u64)
}
