//! What was measured with, on what: audits, programs, kernels, images, guests.

use vnicbench_analysis::Analysis;
use vnicbench_model::{Audit, Backend, GeneratorAudit, NicAudit};

use super::{Block, Desk, Fact, Section, Style, column, fact, note, paragraph};
use crate::number;
use crate::text;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Section {
    let campaign = &analysis.campaign;
    let mut blocks = Vec::new();
    match &campaign.outer {
        None => {
            blocks.push(heading("host", "Host"));
            blocks.extend(audit("host", &campaign.audit, desk));
        }
        Some(outer) => {
            blocks.push(heading("host", "Test host (emulated)"));
            blocks.extend(audit("host", &campaign.audit, desk));
            blocks.push(heading("outer", "Machine that emulated the test host"));
            blocks.extend(audit("outer", outer, desk));
        }
    }
    if let Some(audit) = &campaign.generator {
        blocks.push(heading("generator", "Host of the generator"));
        blocks.extend(generator(audit, desk));
    }
    if !analysis.accepted.is_empty() {
        blocks.push(heading("accepted", "Changes during the campaign"));
        blocks.push(paragraph(
            "The campaign was resumed on a host that had changed, which was accepted: trials before and after aren't of \
             the same host.",
        ));
        blocks.push(Block::List {
            items: analysis
                .accepted
                .iter()
                .map(|change| {
                    let differences: Vec<_> = change
                        .differences
                        .iter()
                        .map(|d| text::foreign(d))
                        .collect();
                    format!(
                        "{}: {}",
                        text::foreign(&change.time),
                        differences.join("; ")
                    )
                })
                .collect(),
        });
    }
    blocks.push(heading("guests", "Guests"));
    blocks.extend(guests(analysis, desk));
    blocks.push(heading("software", "Software"));
    blocks.extend(software(analysis, desk));
    Section {
        id: "environment".into(),
        title: "Environment".into(),
        blocks,
    }
}

fn heading(id: &str, text: &str) -> Block {
    Block::Heading {
        id: id.into(),
        text: text.into(),
    }
}

fn audit(id: &str, audit: &Audit, desk: &mut Desk) -> Vec<Block> {
    let known = |value: &Option<String>| {
        value
            .as_deref()
            .map_or_else(|| "not known".into(), text::foreign)
    };
    let items: Vec<Fact> = vec![
        fact(
            "CPU",
            format!("{}, {} online", text::foreign(&audit.cpu), audit.cpus),
        ),
        fact("Memory", number::bytes(audit.memory_bytes)),
        fact("Kernel", text::foreign(&audit.kernel)),
        fact(
            "Command line",
            match audit.cmdline.as_str() {
                "" => "not recorded".to_owned(),
                line => text::foreign(line),
            },
        ),
        fact("Microcode", known(&audit.microcode)),
        fact("Governor", known(&audit.governor)),
        fact("SMT", known(&audit.smt)),
        fact("Clock source", known(&audit.clocksource)),
        fact("Accelerator", text::foreign(&audit.accelerator)),
        fact("QEMU", text::foreign(&audit.qemu)),
    ];
    let mut blocks = vec![Block::Facts { items }];
    blocks.extend(nics(id, &audit.nics, desk));
    blocks
}

fn generator(audit: &GeneratorAudit, desk: &mut Desk) -> Vec<Block> {
    let mut items = vec![
        fact("Reached by ssh as", text::foreign(&audit.host)),
        fact(
            "CPU",
            format!("{}, {} online", text::foreign(&audit.cpu), audit.cpus),
        ),
        fact("Kernel", text::foreign(&audit.kernel)),
    ];
    let tools = audit.tools.iter();
    items.extend(tools.map(|(tool, version)| fact(&text::foreign(tool), text::foreign(version))));
    let mut blocks = vec![Block::Facts { items }];
    blocks.extend(nics("generator", &audit.nics, desk));
    blocks
}

fn nics(id: &str, nics: &[NicAudit], desk: &mut Desk) -> Option<Block> {
    if nics.is_empty() {
        return None;
    }
    let mut columns = vec![
        column("Interface", Style::Code, 2),
        column("Used for", Style::Text, 3),
        column("Driver", Style::Code, 2),
        column("PCI address", Style::Code, 3),
        column("Device", Style::Code, 2),
        column("Link (Mbit/s)", Style::Number, 2),
        column("VFs", Style::Number, 1),
    ];
    let has_firmware = nics.iter().any(|nic| nic.firmware.is_some());
    if has_firmware {
        columns.push(column("Firmware", Style::Code, 3));
    }
    let rows = nics.iter().map(|nic| {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        let firmware = has_firmware.then(|| or_dash(nic.firmware.as_deref().map(text::foreign)));
        let mut row = vec![
            text::foreign(&nic.name),
            if nic.role.is_empty() {
                "nothing".into()
            } else {
                text::foreign(&nic.role)
            },
            text::foreign(&nic.driver),
            or_dash(nic.pci.as_deref().map(text::foreign)),
            or_dash(nic.device.as_deref().map(text::foreign)),
            or_dash(nic.speed_mbps.map(|speed| speed.to_string())),
            or_dash(nic.total_vfs.map(|vfs| vfs.to_string())),
        ];
        row.extend(firmware);
        row
    });
    Some(desk.table(
        &format!("{id}-nics"),
        "Network interfaces.",
        columns,
        rows.collect(),
    ))
}

fn guests(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let spec = &analysis.campaign.matrix.guest;
    let mut blocks = vec![paragraph(format!(
        "Each has {} and {} of memory; {} at a time. The drivers are what the guest itself found bound to its NICs.",
        number::count(spec.vcpus, "virtual CPU"),
        spec.memory,
        number::count(spec.boot_batch, "boot")
    ))];
    if analysis.guests.is_empty() {
        blocks.push(note("No guest was booted."));
        return blocks;
    }
    let columns = vec![
        column("Guest", Style::Text, 2),
        column("Boot", Style::Number, 1),
        column("Up after (s)", Style::Number, 2),
        column("Drivers of its NICs", Style::Code, 3),
        column("Console log", Style::Code, 5),
        column("Failure", Style::Text, 4),
    ];
    let rows = analysis.guests.iter().map(|guest| {
        let drivers: Vec<_> = guest
            .drivers
            .iter()
            .map(|driver| text::foreign(driver))
            .collect();
        vec![
            text::foreign(&guest.name),
            guest.boot.to_string(),
            guest.seconds.map_or_else(
                || "not up".into(),
                |seconds| number::significant(seconds, 3),
            ),
            if drivers.is_empty() {
                "none seen".into()
            } else {
                drivers.join(", ")
            },
            text::foreign(&guest.console),
            guest
                .failure
                .as_deref()
                .map_or_else(|| "none".into(), text::foreign),
        ]
    });
    blocks.push(desk.table("guest-list", "Guests by boot.", columns, rows.collect()));
    let vf_drivers = analysis
        .guests
        .iter()
        .flat_map(|guest| &guest.drivers)
        .filter(|driver| is_vf(driver));
    let mut vf_drivers: Vec<_> = vf_drivers.map(|driver| text::foreign(driver)).collect();
    vf_drivers.sort();
    vf_drivers.dedup();
    if analysis
        .campaign
        .matrix
        .cells()
        .iter()
        .any(|cell| cell.arm.backend == Backend::Sriov)
    {
        blocks.push(note(if vf_drivers.is_empty() {
            "No guest reported a virtual function's driver, so nothing here shows that a VF was in use in a VM.".to_owned()
        } else {
            format!("A virtual function's driver was in use in guests: {}.", vf_drivers.join(", "))
        }));
    }
    blocks
}

/// Drivers of virtual functions end so, with few exceptions in the kernel.
fn is_vf(driver: &str) -> bool {
    driver.ends_with("vf") || driver == "mlx5_core"
}

fn software(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let environment = &analysis.campaign.environment;
    let mut blocks = vec![paragraph(format!(
        "From {}. Digests are the first 12 digits of SHA-256; campaign.json and “Digests” have them whole.",
        if environment.provider.is_empty() {
            "an unnamed provider".into()
        } else {
            text::foreign(&environment.provider)
        }
    ))];
    let matrix = &analysis.campaign.matrix;
    blocks.extend(super::provenance::blocks(environment, matrix, desk));
    let columns = vec![
        column("Artifact", Style::Text, 3),
        column("Version", Style::Code, 5),
        column("Size", Style::Number, 2),
        column("SHA-256", Style::Code, 3),
    ];
    let rows: Vec<_> = environment
        .artifacts
        .iter()
        .map(|artifact| {
            vec![
                text::foreign(&artifact.name),
                text::foreign(&artifact.version),
                number::bytes(artifact.bytes),
                text::short_digest(&artifact.sha256),
            ]
        })
        .collect();
    if rows.is_empty() {
        blocks.push(note("No artifact is recorded."));
    } else {
        blocks.push(desk.table("artifacts", "Kernels, images and programs.", columns, rows));
    }
    let columns = vec![
        column("Package", Style::Text, 4),
        column("Version", Style::Code, 5),
        column("SHA-256", Style::Code, 3),
    ];
    let rows: Vec<_> = environment
        .all_packages()
        .map(|p| {
            vec![
                text::foreign(&p.name),
                text::foreign(&p.version),
                text::short_digest(p.digest()),
            ]
        })
        .collect();
    if rows.is_empty() {
        blocks.push(note("No package is recorded."));
    } else {
        blocks.push(desk.table(
            "packages",
            "Packages whose files are in the images.",
            columns,
            rows,
        ));
    }
    if environment.differences.is_empty() {
        blocks.push(paragraph("All packages are those of the lock."));
    } else {
        blocks.push(paragraph("Different from the lock:"));
        blocks.push(Block::List {
            items: environment
                .differences
                .iter()
                .map(|d| text::foreign(d))
                .collect(),
        });
    }
    blocks
}
