//! The way of a packet through each back-end, with what the host counted while it was taken.

use vnicbench_analysis::{Analysis, Metric, Panel, Row};
use vnicbench_model::{Arm, Backend, Instance, Setting, Testbed};
use vnicbench_stats::Outcome;

use super::{Desk, Section, note, paragraph};
use crate::figure::path::{self, Back, Lane, Step, Way};
use crate::figure::{FigureError, look};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let words = desk.words;
    let mut blocks = vec![paragraph(say!(words, "paths-reading"))];
    if analysis.campaign.testbed == Testbed::Emulated {
        blocks.push(note(say!(words, "paths-emulated")));
    }
    for arm in parts(desk) {
        let counters = Counters::of(analysis, arm);
        let way = way(arm, &counters, words);
        let id = text::anchor(&format!("path-{arm}"));
        let title = say!(words, "path-title", arm = terms::arm(words, arm));
        let figure = path::draw(&id, title.clone(), &way, look(arm), words)?;
        let caption = say!(
            words,
            "path-caption",
            title = title,
            way = way.sentence(words),
            counters = counters.caption(desk)
        );
        blocks.push(desk.figure(figure, caption));
    }
    Ok(Section {
        id: "paths".into(),
        title: say!(words, "paths"),
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

    fn of_metric(&self, metric: Metric, words: &Words) -> Option<[String; 2]> {
        let mut estimates = self.estimates.iter();
        let (_, panel, outcome) = estimates.find(|(known, ..)| *known == metric)?;
        let scale = super::panels::scale(panel);
        outcome.estimate()?;
        let unit = match scale.unit {
            "thousand/s" => "thousand".to_owned(),
            _ => scale.unit(words),
        };
        Some([
            say!(words, "path-counter", metric = metric.name(), unit = unit),
            number::outcome(words, outcome, scale),
        ])
    }

    fn caption(&self, desk: &Desk) -> String {
        let words = desk.words;
        let Some(workload) = self.workload else {
            return say!(words, "path-no-counters");
        };
        let cpu = self.of_metric(Metric::HostCpu, words);
        let counted = self
            .estimates
            .iter()
            .filter(|(metric, ..)| metric.is_of_host())
            .map(|(_, _, outcome)| *outcome);
        say!(
            words,
            "path-counters",
            workload = desk.workload(workload),
            provenance = super::panels::provenance(counted, words),
            cpu = terms::or_none(cpu.map(|[_, value]| value)),
            unit = Scale::of(Metric::HostCpu, std::iter::empty()).unit(words)
        )
    }
}

fn way(arm: Arm, counters: &Counters<'_>, words: &Words) -> Way {
    use Lane::{Container, Guest, Hardware, Kernel, User};
    let plain = |lane, step: &str| Step {
        lane,
        title: say!(words, "path-step-title", step = step),
        note: say!(words, "path-step-note", step = step),
        counted: None,
    };
    let counting = |step: Step, metric| Step {
        counted: counters.of_metric(metric, words),
        ..step
    };
    let guest = || plain(Guest, "virtio-net");
    let exits = || counting(plain(Kernel, "kvm"), Metric::KvmExits);
    let switching = |step| counting(step, Metric::ContextSwitches);
    let interrupted = |step| counting(step, Metric::Interrupts);
    let driver = || interrupted(plain(Kernel, "port-driver"));
    let port = || plain(Hardware, "nic-port");
    let bridge = || plain(Kernel, "bridge");
    let remapping = || plain(Hardware, "iommu");
    let queues = || plain(Hardware, "vf-queues");
    let switch = || plain(Hardware, "nic-switch");
    let (steps, back) = match (arm.backend, arm.instance) {
        (Backend::Virtio, _) => {
            let qemu = switching(plain(User, "qemu"));
            let tap = plain(Kernel, "tap");
            let steps = vec![guest(), exits(), qemu, tap, bridge(), driver(), port()];
            (steps, None)
        }
        (Backend::Vhost, _) => {
            let thread = switching(plain(Kernel, "vhost-thread"));
            let tap = plain(Kernel, "tap-in-kernel");
            let steps = vec![guest(), exits(), thread, tap, bridge(), driver(), port()];
            (steps, None)
        }
        (Backend::Macvtap, _) => {
            let thread = switching(plain(Kernel, "vhost-thread"));
            let macvtap = plain(Kernel, "macvtap");
            let steps = vec![guest(), exits(), thread, macvtap, driver(), port()];
            (steps, None)
        }
        (Backend::VhostUser, _) => {
            let process = switching(plain(User, "dpdk"));
            let veth = plain(Kernel, "veth-to-socket");
            let steps = vec![guest(), process, veth, bridge(), driver(), port()];
            let back = Back {
                from: 1,
                column: 1,
                step: counting(plain(Kernel, "kvm-irqfd"), Metric::KvmExits),
            };
            (steps, Some(back))
        }
        (Backend::Sriov, Instance::Vm) => {
            let vf = plain(Guest, "vf-driver");
            let steps = vec![vf, interrupted(remapping()), queues(), switch(), port()];
            let back = Back {
                from: 2,
                column: 1,
                step: counting(plain(Kernel, "kvm-vfio"), Metric::KvmExits),
            };
            (steps, Some(back))
        }
        (Backend::Sriov, _) => {
            let program = plain(Container, "container-program");
            let vf = switching(plain(Kernel, "vf-driver-in-namespace"));
            let steps = vec![
                program,
                vf,
                interrupted(remapping()),
                queues(),
                switch(),
                port(),
            ];
            (steps, None)
        }
        (Backend::Veth, _) => {
            let program = plain(Container, "container-program");
            let veth = switching(plain(Kernel, "veth-to-host"));
            (vec![program, veth, bridge(), driver(), port()], None)
        }
        (Backend::Native, _) => {
            let program = plain(User, "host-program");
            let stack = switching(plain(Kernel, "network-stack"));
            (vec![program, stack, driver(), port()], None)
        }
    };
    Way { steps, back }
}
