//! SYNTHETIC analyses for tests: the numbers are made up, nothing was measured.

#![allow(dead_code)]

use std::path::Path;

use vnicbench_analysis::{
    AcceptedChange, Analysis, CellCounts, Comparison, Contrast, Cost, Counts, Curve, Distribution,
    Failure, Guest, LogWarning, Metric, Panel, PhaseCost, Row, Share, Slope, Source, Stability,
    StartSkew, TrialReplies, TrialValue, judge_families,
};
use vnicbench_model::{
    Arm, Artifact, Audit, Backend, Campaign, Cell, Environment, Flake, Instance, Matrix, Neighbour,
    NicAudit, Nixpkgs, Package, Phase, Pin, Protocol, Provenance, Question, Setting, Stopped,
    Testbed, Variant, Workload,
};
use vnicbench_stats::{
    Estimate, Insufficient, IntervalKind, Level, Method, Outcome, Statistic, Verdict, Warning,
};

/// Six arms, five workloads.
pub const LARGE: &str = r#"
format = 1
name = "synthetic"
description = "Synthetic numbers, made up to try the report out; nothing was measured."
seed = 20261123
blocks = 8
boot = "per-campaign"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "120 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "vhost", "sriov", "veth", "native"]
instance = ["vm", "container"]
ping = { payload = ["56 B", "1400 B"], interval = ["20 ms"], count = 100 }

[[experiment]]
name = "throughput"
question = "throughput"
backend = ["virtio", "vhost", "sriov", "veth", "native"]
instance = ["vm", "container"]
iperf3 = { protocol = ["tcp", "udp"], streams = [1], direction = ["rx"], duration = "2 s", rate = ["20 Mbit/s"] }

[[experiment]]
name = "interference"
question = "interference"
backend = ["virtio", "sriov"]
instance = ["vm"]
neighbour = ["idle", "cpu", "memory"]
ping = { payload = ["56 B"], interval = ["20 ms"], count = 100 }
"#;

/// The questions with several instances and NICs; some 40 rows in one panel.
pub const MANY: &str = r#"
format = 1
name = "synthetic-many"
description = "Synthetic numbers, made up to try the report out; nothing was measured."
seed = 20261123
blocks = 8
boot = "per-trial"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "120 s"

[tuning.pinned]
vcpu_pinning = true

[[experiment]]
name = "fairness"
question = "fairness"
backend = ["virtio", "macvtap", "sriov", "virtio|sriov"]
instance = ["vm"]
vms = [2, 3]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["both"], duration = "2 s" }

[[experiment]]
name = "several"
question = "multi-network"
backend = ["virtio", "sriov", "virtio+sriov"]
instance = ["vm"]
nics = [1, 2]
network = ["shared", "vlan"]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["rx"], duration = "2 s" }

[[experiment]]
name = "interference"
question = "interference"
backend = ["virtio", "vhost", "sriov", "macvtap"]
instance = ["vm"]
neighbour = ["idle", "cpu", "memory", "io", "hdd", "network-rx"]
neighbour_at = ["vm", "host"]
workers = [1, 2]
ping = { payload = ["56 B"], interval = ["20 ms"], count = 100 }

[[experiment]]
name = "density"
question = "density"
backend = ["virtio", "vhost", "sriov"]
instance = ["vm"]
vms = [1, 2, 4]
tuning = ["none", "pinned"]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["rx"], duration = "2 s" }
"#;

/// A campaign as large as they come: 504 cells, 20 blocks.
pub const WIDE: &str = r#"
format = 1
name = "synthetic-wide"
description = "Synthetic numbers, made up to try the report out; nothing was measured."
seed = 20261123
blocks = 20
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "120 s"

[tuning.pinned]
vcpu_pinning = true

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "vhost", "macvtap", "vhost-user", "sriov", "veth", "native"]
instance = ["vm", "container"]
ping = { payload = ["16 B", "56 B", "512 B", "1024 B", "1400 B", "8000 B"], interval = ["2 ms", "5 ms", "10 ms", "20 ms"], count = 100 }

[[experiment]]
name = "throughput"
question = "throughput"
backend = ["virtio", "vhost", "macvtap", "vhost-user", "sriov", "veth", "native"]
instance = ["vm", "container"]
iperf3 = { protocol = ["tcp", "udp"], streams = [1, 2, 4, 8], direction = ["rx", "tx", "both"], duration = "10 s", rate = ["20 Mbit/s"] }

[[experiment]]
name = "density"
question = "density"
backend = ["virtio", "vhost", "macvtap", "vhost-user", "sriov"]
instance = ["vm"]
vms = [1, 2, 4, 8]
tuning = ["none", "pinned"]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["rx", "tx", "both"], duration = "10 s" }
"#;

/// Guests with two kernels and two QEMUs, beside a container, which has neither.
const VERSIONS: &str = r#"
format = 1
name = "synthetic-versions"
description = "Synthetic numbers, made up to try the report out; nothing was measured."
seed = 20261123
blocks = 8
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "120 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "vhost", "veth"]
instance = ["vm", "container"]
kernel = ["6.12", "6.1"]
qemu = ["10.0", "7.2"]
ping = { payload = ["56 B"], interval = ["20 ms"], count = 100 }
"#;

/// The analysis of [`VERSIONS`], with a further kernel and QEMU, built by a flake from another
/// nixpkgs than that of its lock.
pub fn versions() -> Analysis {
    let mut analysis = of(matrix(VERSIONS));
    let pin = |rev: Option<&str>, digit: char| Pin {
        rev: rev.map(str::to_owned),
        nar_hash: format!("sha256-{}=", digit.to_string().repeat(43)),
    };
    let environment = &mut analysis.campaign.environment;
    environment.provenance = Some(Provenance {
        format: 1,
        flake: Flake {
            rev: None,
            dirty: true,
        },
        nixpkgs: Nixpkgs {
            locked: pin(Some("21a67dc470149f337cecafbe965d8d252a390518"), 'a'),
            used: pin(None, 'b'),
        },
    });
    environment.variants = vec![Variant {
        name: "older".into(),
        provider: "nix".into(),
        kernel: Some("6.1.170".into()),
        qemu: Some("7.2.22".into()),
        packages: vec![Package {
            name: "linux".into(),
            version: "6.1.170".into(),
            path: Some("/nix/store/00000000000000000000000000000000-linux-6.1.170".into()),
            nar_hash: Some(format!("sha256-{}=", "c".repeat(43))),
            ..Package::default()
        }],
        differences: Vec::new(),
    }];
    analysis
}

/// The analysis of [`WIDE`].
pub fn wide() -> Analysis {
    of(matrix(WIDE))
}

/// An analysis of [`MANY`] that was stopped early on a host that changed.
pub fn many() -> Analysis {
    let mut analysis = of(matrix(MANY));
    analysis.stopped = Some(Stopped {
        blocks: 6,
        reason: "the widest interval of goodput is +-4.20 % of its estimate, 5.00 % were asked for"
            .into(),
    });
    analysis.accepted = vec![AcceptedChange {
        time: "2026-11-24T08:00:00Z".into(),
        differences: vec!["kernel was 6.12.48, is 6.12.57".into()],
    }];
    analysis.cost = Cost {
        phases: [(Phase::Boot, 4200), (Phase::Measure, 10_100)]
            .map(|(phase, ms)| PhaseCost {
                phase,
                trials: 100,
                median_ms: f64::from(ms),
                longest_ms: u64::from(ms as u32) * 2,
                total_ms: u64::from(ms as u32) * 100,
            })
            .into(),
        built_ms: vec![1234, 1300],
        torn_down_ms: vec![900],
        start_skew: Some(StartSkew {
            trials: 40,
            median_us: 420.0,
            largest_us: 2300,
        }),
    };
    analysis
}

pub fn matrix(text: &str) -> Matrix {
    Matrix::parse(text, Path::new("synthetic.toml")).expect("the synthetic matrix is one")
}

/// Numbers that look random and are the same everywhere.
pub struct Noise(u64);

impl Noise {
    pub fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

pub fn median(values: &[f64]) -> Outcome {
    let method = Method {
        statistic: Statistic::Median,
        interval: IntervalKind::OrderStatistic,
    };
    if values.len() < 6 {
        return Insufficient {
            n: values.len(),
            needs: 6,
            method,
        }
        .into();
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let ends = (sorted[0], sorted[sorted.len() - 1]);
    let estimate = Estimate::new(middle, ends, Level::P95, sorted.len(), method).expect("finite");
    let note = "speaks of one boot of the guests".to_owned();
    let estimate = estimate.with_warning(Warning::fact(note, "one-boot", &[]));
    if ends.0 == ends.1 {
        estimate.with_warning(Warning::ZeroWidth).into()
    } else {
        estimate.into()
    }
}

pub fn ratio(value: f64, low: f64, high: f64) -> Outcome {
    let method = Method {
        statistic: Statistic::PairedRatio,
        interval: IntervalKind::SignedRankExact,
    };
    Estimate::new(value, (low, high), Level::P95, 8, method)
        .expect("finite")
        .into()
}

pub fn proportion(part: f64, of: usize) -> Outcome {
    let method = Method {
        statistic: Statistic::Proportion,
        interval: IntervalKind::ClopperPearson,
    };
    let interval = ((part - 0.3).max(0.0), (part + 0.05).min(1.0));
    Estimate::new(part, interval, Level::P95, of, method)
        .expect("finite")
        .into()
}

fn factor(arm: Arm) -> f64 {
    match (arm.backend, arm.instance) {
        (Backend::Virtio, _) => 1.0,
        (Backend::Vhost, _) => 0.82,
        (Backend::Sriov, Instance::Vm) => 0.61,
        (Backend::Sriov, _) => 0.25,
        (Backend::Macvtap, _) => 0.7,
        (Backend::VhostUser, _) => 0.5,
        (Backend::Veth, _) => 0.12,
        (Backend::Native, _) => 0.1,
    }
}

fn metrics(workload: Workload, question: Question) -> &'static [Metric] {
    match workload {
        Workload::Iperf3 { .. } if question == Question::Fairness => {
            &[Metric::Goodput, Metric::Fairness]
        }
        Workload::Iperf3 { .. } if question == Question::Density => &[
            Metric::Goodput,
            Metric::HostCpu,
            Metric::CpuPerGbit,
            Metric::KvmExits,
            Metric::KvmExitsPerGbit,
        ],
        Workload::Ping { .. } => &[Metric::RttMedian, Metric::PingLoss],
        Workload::Iperf3 {
            protocol: Protocol::Udp,
            ..
        } => &[Metric::Goodput, Metric::UdpLoss, Metric::UdpJitter],
        Workload::Iperf3 { .. } => &[Metric::Goodput, Metric::Retransmits],
        Workload::Iperf { .. } => &[Metric::Goodput],
    }
}

fn value(metric: Metric, cell: &Cell, noise: &mut Noise) -> f64 {
    let load = if cell.setting.neighbour == Neighbour::Idle {
        1.0
    } else {
        1.7
    };
    let factor = factor(cell.arm) * load * (0.9 + 0.2 * noise.next());
    match metric {
        Metric::RttMedian => 0.8 * factor,
        Metric::UdpJitter => 0.04 * factor,
        Metric::Goodput => 6e8 / factor,
        Metric::Fairness => 1.0 - 0.05 * noise.next(),
        Metric::HostCpu => 0.3 * f64::from(cell.setting.vms) * factor,
        Metric::CpuPerGbit => 0.8 * factor,
        Metric::Interrupts | Metric::ContextSwitches | Metric::KvmExits => {
            21_000.0 * f64::from(cell.setting.vms) * factor
        }
        Metric::InterruptsPerGbit | Metric::ContextSwitchesPerGbit | Metric::KvmExitsPerGbit => {
            31_000.0 * factor
        }
        Metric::CpuPerPacket
        | Metric::InterruptsPerPacket
        | Metric::ContextSwitchesPerPacket
        | Metric::KvmExitsPerPacket => 2.0 * factor,
        Metric::PingLoss | Metric::UdpLoss => (noise.next() * 3.0).floor() / 100.0,
        Metric::Retransmits => (noise.next() * 40.0).floor(),
    }
}

/// The large analysis, all well.
pub fn large() -> Analysis {
    of(matrix(LARGE))
}

/// The shipped matrix of the six questions, as if it had eight blocks.
pub fn questions() -> Analysis {
    let questions = include_str!("../../../matrices/questions.toml");
    of(matrix(&questions.replace("blocks = 1\n", "blocks = 8\n")))
}

/// An analysis of a matrix, all well.
pub fn of(matrix: Matrix) -> Analysis {
    let mut noise = Noise(7);
    let cells = matrix.cells();
    let blocks = matrix.blocks;
    let mut panels = Vec::new();
    let mut distributions = Vec::new();
    let mut replies = Vec::new();
    let mut workloads: Vec<(String, Workload)> = Vec::new();
    for cell in &cells {
        let key = (cell.experiment.clone(), cell.workload);
        if !workloads.contains(&key) {
            workloads.push(key);
        }
    }
    for (experiment, workload) in workloads {
        let mine: Vec<_> = cells
            .iter()
            .filter(|c| c.experiment == experiment && c.workload == workload)
            .collect();
        let slug = mine[0]
            .id()
            .split_once("-ping")
            .map_or("iperf", |_| "ping")
            .to_owned();
        let slug = format!("{experiment}-{slug}-{}", panels.len());
        for &metric in metrics(workload, mine[0].question) {
            panels.push(panel(&slug, metric, &mine, blocks, &mut noise));
        }
        if matches!(workload, Workload::Ping { .. }) {
            let curves = mine.iter().map(|cell| {
                let trials = self::replies(cell, &mut noise);
                let setting = cell.setting.clone();
                let curve = Curve::of(cell.id(), cell.arm, setting, &trials, Level::P95);
                replies.push(((*cell).clone(), trials));
                curve.expect("finite")
            });
            let curves = curves.collect();
            distributions.push(Distribution {
                id: format!("{slug}-rtt"),
                experiment: experiment.clone(),
                workload: workload.to_string(),
                curves,
            });
        }
    }
    judge_families(&mut panels, Level::P95, 7).expect("families");
    let stability = Stability::of(&panels, &replies, Level::P95).expect("finite");
    let planned = cells.len() as u32 * blocks;
    Analysis {
        files: 0,
        stopped: None,
        accepted: Vec::new(),
        cost: Cost::default(),
        counts: Counts {
            planned,
            complete: planned,
            ..Counts::default()
        },
        panels,
        distributions,
        stability,
        cells: cells
            .iter()
            .map(|cell| CellCounts {
                experiment: cell.experiment.clone(),
                cell: cell.id(),
                counts: Counts {
                    planned: blocks,
                    complete: blocks,
                    ..Counts::default()
                },
                success: proportion(1.0, blocks as usize),
            })
            .collect(),
        failures: Vec::new(),
        log_warnings: Vec::new(),
        guests: guests(),
        claims: Vec::new(),
        campaign: campaign(matrix),
    }
}

fn panel(slug: &str, metric: Metric, cells: &[&Cell], blocks: u32, noise: &mut Noise) -> Panel {
    let rows: Vec<_> = cells
        .iter()
        .map(|cell| {
            let trials: Vec<_> = (0..blocks)
                .map(|block| TrialValue {
                    block,
                    value: value(metric, cell, noise),
                    sources: (0..cell.setting.vms.min(3))
                        .map(|vm| Source {
                            log: format!(
                                "trials/{}/{}/{block:03}/{}-vm{vm}.log",
                                cell.experiment,
                                cell.id(),
                                cell.workload.tool()
                            ),
                            lines: (2, 101),
                        })
                        .collect(),
                })
                .collect();
            let values: Vec<_> = trials.iter().map(|t| t.value).collect();
            let estimate = if metric.is_share() {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                proportion(mean, values.len())
            } else {
                median(&values)
            };
            Row {
                cell: cell.id(),
                arm: cell.arm,
                setting: cell.setting.clone(),
                estimate,
                trials,
            }
        })
        .collect();
    let comparisons = if metric.has_ratio() {
        compare(metric, &rows)
    } else {
        Vec::new()
    };
    let slopes = if metric.is_of_host() {
        slopes(&rows)
    } else {
        Vec::new()
    };
    let shares = if metric == Metric::Fairness {
        shares(&rows)
    } else {
        Vec::new()
    };
    Panel {
        id: format!("{slug}-{}", metric.name()),
        experiment: cells[0].experiment.clone(),
        question: cells[0].question,
        metric,
        workload: cells[0].workload.to_string(),
        rows,
        comparisons,
        slopes,
        shares,
    }
}

fn slopes(rows: &[Row]) -> Vec<Slope> {
    let alone = rows.iter().filter(|row| row.setting == Setting::default());
    alone
        .map(|row| Slope {
            arm: row.arm,
            setting: Setting::default(),
            vms: vec![1, 2, 4],
            estimate: median(&[0.2, 0.21, 0.25, 0.19, 0.22, 0.2, 0.23, 0.21]),
        })
        .collect()
}

fn shares(rows: &[Row]) -> Vec<Share> {
    let of = |row: &Row, vm: u32| Share {
        cell: row.cell.clone(),
        arm: row.arm,
        setting: row.setting.clone(),
        node: format!("{}-{vm}", row.arm),
        estimate: median(&[0.33, 0.34, 0.32, 0.35, 0.31, 0.33, 0.34, 0.33]),
    };
    rows.iter()
        .flat_map(|row| (1..=row.setting.vms).map(move |vm| of(row, vm)))
        .collect()
}

fn first_kernel(setting: &Setting) -> Setting {
    Setting {
        kernel: setting.kernel.as_ref().map(|_| "6.12".to_owned()),
        ..setting.clone()
    }
}

fn compare(metric: Metric, rows: &[Row]) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for row in rows {
        let mut twins = vec![
            (Contrast::ToBaseline, Arm::BASELINE, row.setting.clone()),
            (Contrast::ToIdle, row.arm, row.setting.undisturbed()),
            (Contrast::ToUntuned, row.arm, row.setting.untuned()),
            (Contrast::ToFirstKernel, row.arm, first_kernel(&row.setting)),
        ];
        if row.arm.mix.is_some() {
            let parts = row.arm.backends().map(|backend| Arm {
                backend,
                mix: None,
                ..row.arm
            });
            twins.extend(parts.map(|part| (Contrast::ToPart, part, row.setting.clone())));
            twins[0].2.nics = 2;
        }
        for (contrast, arm, setting) in twins {
            // What is no VM has no versions of its own.
            let any = row.arm.instance != Instance::Vm;
            let alike = |b: &&Row| {
                b.arm == arm && (b.setting == setting || any && b.setting.unversioned() == setting)
            };
            let Some(base) = rows.iter().find(alike) else {
                continue;
            };
            if base.cell == row.cell {
                continue;
            }
            let estimates = (row.estimate.estimate(), base.estimate.estimate());
            let outcome = match estimates {
                (Some(a), Some(b)) => {
                    let r = a.value() / b.value();
                    ratio(r, r * 0.93, r * 1.06)
                }
                _ => {
                    let method = Method {
                        statistic: Statistic::PairedRatio,
                        interval: IntervalKind::SignedRankExact,
                    };
                    Insufficient {
                        n: row.trials.len().min(base.trials.len()),
                        needs: 6,
                        method,
                    }
                    .into()
                }
            };
            let better = outcome
                .estimate()
                .map(|e| (e.value() < 1.0) == metric.lower_is_better());
            comparisons.push(Comparison {
                contrast,
                cell: row.cell.clone(),
                arm: row.arm,
                setting: row.setting.clone(),
                baseline: base.cell.clone(),
                baseline_arm: base.arm,
                baseline_setting: base.setting.clone(),
                verdict: better.map(|better| {
                    if better {
                        Verdict::Better
                    } else {
                        Verdict::Worse
                    }
                }),
                ratio: outcome,
                joint: None,
            });
        }
    }
    comparisons
}

fn replies(cell: &Cell, noise: &mut Noise) -> Vec<TrialReplies> {
    let trial = |noise: &mut Noise, lost: usize| {
        let rtt_ms = (0..100 - lost).map(|_| {
            let tail = noise.next();
            let value = value(Metric::RttMedian, cell, noise)
                * (0.8 + 0.5 * noise.next() + 0.6 * tail * tail * tail);
            (value * 1000.0).round() / 1000.0
        });
        TrialReplies {
            transmitted: 100,
            rtt_ms: rtt_ms.collect(),
        }
    };
    (0..8).map(|block| trial(noise, block % 2)).collect()
}

fn guests() -> Vec<Guest> {
    let guest = |name: &str, driver: &str| Guest {
        boot: 0,
        name: name.into(),
        seconds: Some(4.217),
        drivers: vec![driver.into()],
        console: format!("boots/000/{name}/console.log"),
        failure: None,
    };
    vec![
        guest("virtio-vm", "virtio_net"),
        guest("vhost-vm", "virtio_net"),
        guest("sriov-vm", "igbvf"),
    ]
}

pub fn audit() -> Audit {
    Audit {
        kernel: "6.12.48+deb13-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1".into(),
        cmdline: "console=ttyS0 intel_iommu=on iommu=pt rdinit=/init panic=-1".into(),
        cpu: "QEMU Virtual CPU version 2.5+".into(),
        cpus: 2,
        memory_bytes: 3 << 30,
        microcode: None,
        governor: None,
        smt: Some("notsupported".into()),
        clocksource: Some("tsc".into()),
        accelerator: "tcg".into(),
        qemu: "QEMU emulator version 10.0.3 (Debian 1:10.0.3+ds-0+deb13u1)".into(),
        nics: vec![
            NicAudit {
                name: "eth0".into(),
                role: "generator".into(),
                driver: "igb".into(),
                pci: Some("0000:01:00.0".into()),
                device: Some("8086:10c9".into()),
                speed_mbps: Some(1000),
                total_vfs: Some(7),
                firmware: None,
            },
            NicAudit {
                name: "lo".into(),
                role: String::new(),
                driver: "loopback".into(),
                pci: None,
                device: None,
                speed_mbps: None,
                total_vfs: None,
                firmware: None,
            },
        ],
    }
}

fn campaign(matrix: Matrix) -> Campaign {
    Campaign {
        format: 1,
        name: "synthetic-20261123T184000Z".into(),
        started: "2026-11-23T18:40:00Z".into(),
        tool_version: "0.1.0".into(),
        testbed: Testbed::Emulated,
        matrix,
        claims: Vec::new(),
        audit: audit(),
        outer: Some(audit()),
        generator: None,
        environment: Environment {
            provider: "debian".into(),
            packages: (0..24)
                .map(|i| Package {
                    name: format!("libsynthetic{i}t64"),
                    version: format!("1:2.{i}.0-1+deb13u{i}"),
                    sha256: format!("{i:02x}").repeat(32),
                    ..Package::default()
                })
                .collect(),
            artifacts: ["kernel", "guest-image", "host-image", "qemu"]
                .iter()
                .map(|name| Artifact {
                    name: (*name).into(),
                    version: "6.12.48+deb13-amd64".into(),
                    sha256: "0123456789abcdef".repeat(4),
                    bytes: 12_345_678,
                })
                .collect(),
            differences: vec!["iperf3 3.18-2 in place of 3.17-1".into()],
            ..Environment::default()
        },
    }
}

/// Text that is markup in one language or another.
pub const HOSTILE: &str = "<script>alert(1)</script> {{ 7*7 }} {% x %} #panic() $x$ *b* _i_ \\u{1} \u{1b}[31m @ref <label> 한글 \u{202e}evil";

/// The large analysis with all that can be wrong.
pub fn broken() -> Analysis {
    let mut analysis = large();
    for panel in &mut analysis.panels {
        if let Some(row) = panel
            .rows
            .iter_mut()
            .find(|row| row.arm.backend == Backend::Vhost)
        {
            row.trials.truncate(3);
            let values: Vec<_> = row.trials.iter().map(|t| t.value).collect();
            row.estimate = median(&values);
            let cell = row.cell.clone();
            for comparison in panel.comparisons.iter_mut().filter(|c| c.cell == cell) {
                let method = Method {
                    statistic: Statistic::PairedRatio,
                    interval: IntervalKind::SignedRankExact,
                };
                comparison.ratio = Insufficient {
                    n: 3,
                    needs: 6,
                    method,
                }
                .into();
                comparison.verdict = None;
            }
        }
        if let Some(row) = panel
            .rows
            .iter_mut()
            .find(|row| row.arm.backend == Backend::Veth)
        {
            row.trials.clear();
            row.estimate = median(&[]);
        }
        // Nothing varies, and what is compared differs vastly.
        if let Some(row) = panel
            .rows
            .iter_mut()
            .find(|row| row.arm.backend == Backend::Native)
        {
            let value = if panel.metric.is_share() {
                1.0
            } else {
                1.234_567e-7
            };
            row.trials.iter_mut().for_each(|trial| trial.value = value);
            row.estimate = median(&[value; 8]);
        }
    }
    for cell in &mut analysis.cells {
        if cell.cell.starts_with("vhost") {
            cell.counts = Counts {
                planned: 8,
                complete: 3,
                failed: 2,
                interrupted: 1,
                missing: 2,
            };
            cell.success = proportion(0.5, 6);
        }
        if cell.cell.starts_with("veth") {
            cell.counts = Counts {
                planned: 8,
                complete: 0,
                failed: 8,
                ..Counts::default()
            };
            cell.success = proportion(0.0, 8);
        }
    }
    if let Some(curve) = analysis.distributions[0]
        .curves
        .iter_mut()
        .find(|c| c.arm.backend == Backend::Veth)
    {
        curve.rtt_ms.clear();
    }
    analysis.counts.complete -= 40;
    analysis.counts.failed += 36;
    analysis.counts.missing += 4;
    analysis.failures = vec![
        Failure {
            trial: "trials/latency/vhost-vm-ping-56B-20ms/003".into(),
            state: "failed",
            reason: "ping in generator ended with status 2: connect: Network is unreachable".into(),
        },
        Failure {
            trial: "trials/throughput/veth-container-iperf3-tcp-rx-p1/000".into(),
            state: "unusable",
            reason: HOSTILE.into(),
        },
        Failure {
            trial: "trials/x/y/001".into(),
            state: "failed",
            reason: "y".repeat(100_000),
        },
    ];
    analysis.log_warnings = vec![LogWarning {
        kind: "duplicate".into(),
        count: 3,
        file: "trials/latency/virtio-vm-ping-56B-20ms/000/ping-vm0.log".into(),
        line: 17,
        text: HOSTILE.into(),
    }];
    analysis.guests.push(Guest {
        boot: 1,
        name: "sriov-vm".into(),
        seconds: None,
        drivers: Vec::new(),
        console: "boots/001/sriov-vm/console.log".into(),
        failure: Some("no answer from the agent within 120 s; the console ends with: Kernel panic - not syncing".into()),
    });
    analysis
        .campaign
        .environment
        .differences
        .push(HOSTILE.into());
    analysis.campaign.matrix.description = HOSTILE.into();
    analysis
}

/// A campaign that gave nothing at all.
pub fn empty() -> Analysis {
    let mut analysis = large();
    analysis.panels.clear();
    analysis.distributions.clear();
    analysis.guests.clear();
    analysis.campaign.environment = Environment::default();
    analysis.campaign.testbed = Testbed::Attached;
    analysis.campaign.outer = None;
    analysis.campaign.audit.nics.clear();
    for cell in &mut analysis.cells {
        cell.counts = Counts {
            planned: 8,
            missing: 8,
            ..Counts::default()
        };
        let method = Method {
            statistic: Statistic::Proportion,
            interval: IntervalKind::ClopperPearson,
        };
        cell.success = Insufficient {
            n: 0,
            needs: 1,
            method,
        }
        .into();
    }
    analysis.counts = Counts {
        planned: 200,
        missing: 200,
        ..Counts::default()
    };
    analysis
}
