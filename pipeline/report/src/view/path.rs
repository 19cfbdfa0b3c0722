//! The way of a packet through each back-end, with what the host counted while it was taken.

use vnicbench_analysis::{Analysis, Metric, Panel, Row};
use vnicbench_model::{Arm, Backend, Instance, Setting, Testbed};
use vnicbench_stats::Outcome;

use super::{Desk, Section, note, paragraph};
use crate::figure::path::{self, Back, Lane, Step, Way};
use crate::figure::{FigureError, look};
use crate::number::{self, Scale};
use crate::text;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let mut blocks = vec![paragraph(
        "What a packet passes on its way from the instance to the wire; one that comes in takes the same way back.",
    )];
    if analysis.campaign.testbed == Testbed::Emulated {
        blocks.push(note(
            "Here the hardware is software: what is drawn as hardware is done by the emulator.",
        ));
    }
    for arm in parts(desk) {
        let counters = Counters::of(analysis, arm);
        let way = way(arm, &counters);
        let id = text::anchor(&format!("path-{arm}"));
        let title = format!("The way of a packet, {}", text::arm(arm));
        let figure = path::draw(&id, title.clone(), &way, look(arm))?;
        let caption = format!("{title}. {} {}", way.sentence(), counters.caption());
        blocks.push(desk.figure(figure, caption));
    }
    Ok(Section {
        id: "paths".into(),
        title: "The way of a packet".into(),
        blocks,
    })
}

/// What was run, each back-end of a mix by itself.
fn parts(desk: &Desk) -> Vec<Arm> {
    let mut parts: Vec<Arm> = Vec::new();
    for arm in desk.cells.iter().map(|cell| cell.arm) {
        for backend in arm.backends() {
            let part = Arm {
                backend,
                mix: None,
                ..arm
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    parts
}

/// What the host counted in the first workload of an arm that has counters, undisturbed.
struct Counters<'a> {
    workload: Option<&'a str>,
    estimates: Vec<(Metric, &'a Panel, &'a Outcome)>,
}

impl<'a> Counters<'a> {
    fn of(analysis: &'a Analysis, arm: Arm) -> Self {
        let plain = |row: &&Row| row.arm == arm && row.setting == Setting::default();
        let counted = |panel: &&&Panel| {
            panel.metric == Metric::HostCpu
                && panel
                    .rows
                    .iter()
                    .any(|row| plain(&row) && !row.trials.is_empty())
        };
        let panels: Vec<&Panel> = analysis.panels.iter().collect();
        let Some(first) = panels.iter().find(counted) else {
            return Self {
                workload: None,
                estimates: Vec::new(),
            };
        };
        let alike = panels
            .iter()
            .filter(|p| p.experiment == first.experiment && p.workload == first.workload);
        let estimates = alike.filter_map(|panel| {
            let row = panel.rows.iter().find(plain)?;
            Some((panel.metric, *panel, &row.estimate))
        });
        Self {
            workload: Some(&first.workload),
            estimates: estimates.collect(),
        }
    }

    fn of_metric(&self, metric: Metric) -> Option<[String; 2]> {
        let mut estimates = self.estimates.iter();
        let (_, panel, outcome) = estimates.find(|(known, ..)| *known == metric)?;
        let scale = super::panels::scale(panel);
        outcome.estimate()?;
        let name = match metric {
            Metric::KvmExits => "VM exits",
            Metric::ContextSwitches => "switches",
            Metric::Interrupts => "interrupts",
            _ => "host CPU",
        };
        let unit = match scale.unit {
            "thousand/s" => "1000/s",
            unit => unit,
        };
        Some([format!("{name}, {unit}"), number::outcome(outcome, scale)])
    }

    fn caption(&self) -> String {
        let Some(workload) = self.workload else {
            return "The campaign has no counters of this arm by itself, undisturbed.".into();
        };
        let cpu = self
            .of_metric(Metric::HostCpu)
            .map_or_else(String::new, |[_, value]| {
                format!(
                    " The host was busy with {value} {}.",
                    Scale::of(Metric::HostCpu, std::iter::empty()).unit
                )
            });
        let counted: Vec<_> = self
            .estimates
            .iter()
            .filter(|(metric, ..)| metric.is_of_host())
            .map(|(_, _, outcome)| *outcome)
            .collect();
        format!(
            "Numbers are of {workload}, of the whole host, each at the step that makes most of it ({}).{cpu}",
            super::panels::provenance(counted.into_iter())
        )
    }
}

fn way(arm: Arm, counters: &Counters<'_>) -> Way {
    use Lane::{Container, Guest, Hardware, Kernel, User};
    let plain = |lane, title, note| Step {
        lane,
        title,
        note,
        counted: None,
    };
    let counting = |step: Step, metric| Step {
        counted: counters.of_metric(metric),
        ..step
    };
    let guest = || plain(Guest, "virtio-net", "fills a virtqueue");
    let exits = || {
        let kvm = plain(Kernel, "KVM", "exit, ioeventfd");
        counting(kvm, Metric::KvmExits)
    };
    let switching = |step| counting(step, Metric::ContextSwitches);
    let interrupted = |step| counting(step, Metric::Interrupts);
    let driver = || interrupted(plain(Kernel, "port driver", "DMA, MSI-X"));
    let port = || plain(Hardware, "NIC port", "to the wire");
    let bridge = || plain(Kernel, "bridge", "by MAC address");
    let remapping = || plain(Hardware, "IOMMU", "remaps DMA, MSI");
    let queues = || plain(Hardware, "VF queues", "rings of the VF");
    let switch = || plain(Hardware, "NIC switch", "by MAC address");
    let (steps, back) = match (arm.backend, arm.instance) {
        (Backend::Virtio, _) => {
            let qemu = switching(plain(User, "QEMU", "copies packets"));
            let tap = plain(Kernel, "tap", "read, write");
            let steps = vec![guest(), exits(), qemu, tap, bridge(), driver(), port()];
            (steps, None)
        }
        (Backend::Vhost, _) => {
            let thread = switching(plain(Kernel, "vhost thread", "copies packets"));
            let tap = plain(Kernel, "tap", "in the kernel");
            let steps = vec![guest(), exits(), thread, tap, bridge(), driver(), port()];
            (steps, None)
        }
        (Backend::Macvtap, _) => {
            let thread = switching(plain(Kernel, "vhost thread", "copies packets"));
            let macvtap = plain(Kernel, "macvtap", "on the port");
            let steps = vec![guest(), exits(), thread, macvtap, driver(), port()];
            (steps, None)
        }
        (Backend::VhostUser, _) => {
            let process = switching(plain(User, "DPDK", "polls virtqueue"));
            let veth = plain(Kernel, "veth pair", "packet socket");
            let steps = vec![guest(), process, veth, bridge(), driver(), port()];
            let back = Back {
                from: 1,
                column: 1,
                step: counting(plain(Kernel, "KVM", "irqfd"), Metric::KvmExits),
            };
            (steps, Some(back))
        }
        (Backend::Sriov, Instance::Vm) => {
            let vf = plain(Guest, "VF driver", "fills VF’s rings");
            let steps = vec![vf, interrupted(remapping()), queues(), switch(), port()];
            let back = Back {
                from: 2,
                column: 1,
                step: counting(
                    plain(Kernel, "KVM, VFIO", "inject, unless posted"),
                    Metric::KvmExits,
                ),
            };
            (steps, Some(back))
        }
        (Backend::Sriov, _) => {
            let socket = plain(Container, "program", "its network stack");
            let vf = switching(plain(Kernel, "VF driver", "in the namespace"));
            let steps = vec![
                socket,
                vf,
                interrupted(remapping()),
                queues(),
                switch(),
                port(),
            ];
            (steps, None)
        }
        (Backend::Veth, _) => {
            let socket = plain(Container, "program", "its network stack");
            let veth = switching(plain(Kernel, "veth pair", "to the host"));
            (vec![socket, veth, bridge(), driver(), port()], None)
        }
        (Backend::Native, _) => {
            let program = plain(User, "program", "on the host itself");
            let stack = switching(plain(Kernel, "network stack", "sockets, routes"));
            (vec![program, stack, driver(), port()], None)
        }
    };
    Way { steps, back }
}
