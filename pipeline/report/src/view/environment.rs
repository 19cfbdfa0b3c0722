//! What was measured with, on what: audits, programs, kernels, images, guests.

use std::collections::BTreeMap;

use vnicbench_analysis::{Analysis, Guest};
use vnicbench_model::{Audit, Backend, GeneratorAudit, NicAudit};
use vnicbench_stats::Sample;

use super::{Block, Desk, Fact, Section, Style, column, fact, heading, note, paragraph};
use crate::number;
use crate::text;
use crate::words::{Words, say};

/// Guests that are listed boot by boot; of more there is a row for all boots of each.
const MOST_GUESTS: usize = 64;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Section {
    let words = desk.words;
    let campaign = &analysis.campaign;
    let mut blocks = Vec::new();
    let emulated = if campaign.outer.is_some() {
        "yes"
    } else {
        "no"
    };
    let host = say!(words, "environment-host", emulated = emulated);
    blocks.push(heading("host", host));
    blocks.extend(audit("host", &campaign.audit, desk));
    if let Some(outer) = &campaign.outer {
        blocks.push(heading("outer", say!(words, "environment-outer")));
        blocks.extend(audit("outer", outer, desk));
    }
    if let Some(audit) = &campaign.generator {
        blocks.push(heading("generator", say!(words, "environment-generator")));
        blocks.extend(generator(audit, desk));
    }
    if !analysis.accepted.is_empty() {
        blocks.push(heading("accepted", say!(words, "environment-changes")));
        blocks.push(paragraph(say!(words, "environment-changes-reading")));
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
    blocks.push(heading("guests", say!(words, "environment-guests")));
    blocks.extend(guests(analysis, desk));
    blocks.push(heading("software", say!(words, "environment-software")));
    blocks.extend(software(analysis, desk));
    Section {
        id: "environment".into(),
        title: say!(words, "environment"),
        blocks,
    }
}

fn audit(id: &str, audit: &Audit, desk: &mut Desk) -> Vec<Block> {
    let words = desk.words;
    let known = |value: &Option<String>| {
        value
            .as_deref()
            .map_or_else(|| say!(words, "not-known"), text::foreign)
    };
    let cpu = text::foreign(&audit.cpu);
    let command_line = match audit.cmdline.as_str() {
        "" => say!(words, "not-recorded"),
        line => text::foreign(line),
    };
    let items: Vec<Fact> = vec![
        fact(
            say!(words, "fact-cpu"),
            say!(words, "cpus-online", cpu = cpu, cpus = audit.cpus),
        ),
        fact(
            say!(words, "fact-memory"),
            number::bytes(audit.memory_bytes),
        ),
        fact(say!(words, "fact-kernel"), text::foreign(&audit.kernel)),
        fact(say!(words, "fact-command-line"), command_line),
        fact(say!(words, "fact-microcode"), known(&audit.microcode)),
        fact(say!(words, "fact-governor"), known(&audit.governor)),
        fact(say!(words, "fact-smt"), known(&audit.smt)),
        fact(say!(words, "fact-clock-source"), known(&audit.clocksource)),
        fact(
            say!(words, "fact-accelerator"),
            text::foreign(&audit.accelerator),
        ),
        fact(say!(words, "fact-qemu"), text::foreign(&audit.qemu)),
    ];
    let mut blocks = vec![Block::Facts { items }];
    blocks.extend(nics(id, &audit.nics, desk));
    blocks
}

fn generator(audit: &GeneratorAudit, desk: &mut Desk) -> Vec<Block> {
    let words = desk.words;
    let cpu = text::foreign(&audit.cpu);
    let mut items = vec![
        fact(say!(words, "fact-ssh"), text::foreign(&audit.host)),
        fact(
            say!(words, "fact-cpu"),
            say!(words, "cpus-online", cpu = cpu, cpus = audit.cpus),
        ),
        fact(say!(words, "fact-kernel"), text::foreign(&audit.kernel)),
    ];
    let tools = audit.tools.iter();
    items.extend(tools.map(|(tool, version)| fact(text::foreign(tool), text::foreign(version))));
    let mut blocks = vec![Block::Facts { items }];
    blocks.extend(nics("generator", &audit.nics, desk));
    blocks
}

fn nics(id: &str, nics: &[NicAudit], desk: &mut Desk) -> Option<Block> {
    if nics.is_empty() {
        return None;
    }
    let words = desk.words;
    let mut columns = vec![
        column(say!(words, "column-interface"), Style::Code, 2),
        column(say!(words, "column-used-for"), Style::Text, 3),
        column(say!(words, "column-driver"), Style::Code, 2),
        column(say!(words, "column-pci"), Style::Code, 3),
        column(say!(words, "column-device"), Style::Code, 2),
        column(say!(words, "column-link"), Style::Number, 2),
        column(say!(words, "column-vfs"), Style::Number, 1),
    ];
    let has_firmware = nics.iter().any(|nic| nic.firmware.is_some());
    if has_firmware {
        columns.push(column(say!(words, "column-firmware"), Style::Code, 3));
    }
    let rows = nics.iter().map(|nic| {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        let firmware = has_firmware.then(|| or_dash(nic.firmware.as_deref().map(text::foreign)));
        let mut row = vec![
            text::foreign(&nic.name),
            if nic.role.is_empty() {
                say!(words, "nic-unused")
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
        say!(words, "nics-caption"),
        columns,
        rows.collect(),
    ))
}

fn guests(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let spec = &analysis.campaign.matrix.guest;
    let words = desk.words;
    let mut blocks = vec![paragraph(say!(
        words,
        "guests-each",
        cpus = spec.vcpus,
        memory = spec.memory.to_string(),
        boots = spec.boot_batch
    ))];
    if analysis.guests.is_empty() {
        blocks.push(note(say!(words, "guests-none")));
        return blocks;
    }
    let (each, caption): (Vec<&Guest>, _) = match analysis.guests.len() <= MOST_GUESTS {
        true => (
            analysis.guests.iter().collect(),
            say!(words, "guests-caption"),
        ),
        false => {
            blocks.push(by_name(&analysis.guests, desk));
            let failed = analysis
                .guests
                .iter()
                .filter(|guest| guest.failure.is_some());
            (failed.collect(), say!(words, "guests-failed-caption"))
        }
    };
    let columns = vec![
        column(say!(words, "column-guest"), Style::Text, 2),
        column(say!(words, "column-boot"), Style::Number, 1),
        column(say!(words, "column-up-after"), Style::Number, 2),
        column(say!(words, "column-drivers"), Style::Code, 3),
        column(say!(words, "column-console"), Style::Code, 5),
        column(say!(words, "column-failure"), Style::Text, 4),
    ];
    let rows = each.into_iter().map(|guest| {
        vec![
            text::foreign(&guest.name),
            guest.boot.to_string(),
            guest.seconds.map_or_else(
                || say!(words, "guest-not-up"),
                |seconds| number::significant(seconds, 3),
            ),
            drivers(guest, words),
            text::foreign(&guest.console),
            guest
                .failure
                .as_deref()
                .map_or_else(|| say!(words, "failure-none"), text::foreign),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        blocks.push(desk.table("guest-list", caption, columns, rows));
    }
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
        let drivers = vf_drivers.join(", ");
        blocks.push(note(match drivers.as_str() {
            "" => say!(words, "vf-drivers-none"),
            drivers => say!(words, "vf-drivers", drivers = drivers),
        }));
    }
    blocks
}

/// What a guest found bound to its NICs.
fn drivers(guest: &Guest, words: &Words) -> String {
    let drivers = guest.drivers.iter().map(|driver| text::foreign(driver));
    let drivers: Vec<_> = drivers.collect();
    match drivers.is_empty() {
        true => say!(words, "drivers-none"),
        false => drivers.join(", "),
    }
}

/// Guests that were booted often: a row for all boots of each.
fn by_name(guests: &[Guest], desk: &mut Desk) -> Block {
    let words = desk.words;
    let mut names: BTreeMap<&str, Vec<&Guest>> = BTreeMap::new();
    for guest in guests {
        names.entry(&guest.name).or_default().push(guest);
    }
    let columns = vec![
        column(say!(words, "column-guest"), Style::Text, 4),
        column(say!(words, "column-boots"), Style::Number, 1),
        column(say!(words, "column-boots-failed"), Style::Number, 1),
        column(say!(words, "column-up-after-median"), Style::Number, 2),
        column(say!(words, "column-up-after-most"), Style::Number, 2),
        column(say!(words, "column-drivers"), Style::Code, 4),
    ];
    let rows = names.into_iter().map(|(name, guests)| {
        let seconds: Vec<f64> = guests.iter().filter_map(|guest| guest.seconds).collect();
        let median = Sample::new(&seconds)
            .ok()
            .and_then(|sample| sample.median());
        let most = seconds.iter().copied().reduce(f64::max);
        let shown = |value: Option<f64>| {
            value.map_or_else(
                || say!(words, "guest-not-up"),
                |value| number::significant(value, 3),
            )
        };
        let failed = guests
            .iter()
            .filter(|guest| guest.failure.is_some())
            .count();
        let mut bound: Vec<String> = guests.iter().map(|guest| drivers(guest, words)).collect();
        bound.sort();
        bound.dedup();
        vec![
            text::foreign(name),
            guests.len().to_string(),
            failed.to_string(),
            shown(median),
            shown(most),
            bound.join("; "),
        ]
    });
    let rows = rows.collect();
    let caption = say!(words, "guests-by-name-caption");
    desk.table("guests-by-name", caption, columns, rows)
}

/// Drivers of virtual functions end so, with few exceptions in the kernel.
fn is_vf(driver: &str) -> bool {
    driver.ends_with("vf") || driver == "mlx5_core"
}

fn software(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let environment = &analysis.campaign.environment;
    let words = desk.words;
    let provider = match environment.provider.as_str() {
        "" => say!(words, "provider-unnamed"),
        provider => text::foreign(provider),
    };
    let mut blocks = vec![paragraph(say!(words, "software-from", provider = provider))];
    let matrix = &analysis.campaign.matrix;
    blocks.extend(super::provenance::blocks(environment, matrix, desk));
    let columns = vec![
        column(say!(words, "column-artifact"), Style::Text, 3),
        column(say!(words, "column-version"), Style::Code, 5),
        column(say!(words, "column-size"), Style::Number, 2),
        column(say!(words, "column-sha256"), Style::Code, 3),
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
        blocks.push(note(say!(words, "artifacts-none")));
    } else {
        let caption = say!(words, "artifacts-caption");
        blocks.push(desk.table("artifacts", caption, columns, rows));
    }
    let columns = vec![
        column(say!(words, "column-package"), Style::Text, 4),
        column(say!(words, "column-version"), Style::Code, 5),
        column(say!(words, "column-sha256"), Style::Code, 3),
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
        blocks.push(note(say!(words, "packages-none")));
    } else {
        let caption = say!(words, "packages-caption");
        blocks.push(desk.table("packages", caption, columns, rows));
    }
    if environment.differences.is_empty() {
        blocks.push(paragraph(say!(words, "packages-locked")));
    } else {
        blocks.push(paragraph(say!(words, "packages-differ")));
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
