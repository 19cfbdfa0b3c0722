//! What makes a processor's speed change between trials, and the clock.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Finding, Root, Severity};

const CPUS: &str = "/sys/devices/system/cpu";

pub(super) fn findings(root: &Root) -> Vec<Finding> {
    let mut findings = vec![governor(root)];
    findings.extend(turbo(root));
    findings.extend(smt(root));
    findings.extend(polling(root));
    findings.push(isolated(root));
    findings.extend(clock(root));
    let virtualised = root.text("/proc/cpuinfo").is_some_and(|text| {
        let mut words = text.split_whitespace();
        words.any(|word| word == "hypervisor")
    });
    if virtualised {
        findings.push(Finding::warning(
            "machine",
            "this host is itself a VM: its times depend on what else its own host does",
        ));
    }
    findings
}

fn governor(root: &Root) -> Finding {
    const CHECK: &str = "governor";
    let mut governors: BTreeMap<String, usize> = BTreeMap::new();
    for cpu in root.names(CPUS) {
        let file = Path::new(CPUS).join(cpu).join("cpufreq/scaling_governor");
        if let Some(governor) = root.text(file) {
            *governors.entry(governor).or_default() += 1;
        }
    }
    if governors.is_empty() {
        return Finding::note(
            CHECK,
            "the kernel shows none: the frequency isn't its to set",
        );
    }
    if governors.keys().all(|name| name == "performance") {
        return Finding::ok(CHECK, "performance on every CPU");
    }
    let list: Vec<String> = governors
        .iter()
        .map(|(name, count)| format!("{name} on {count} CPUs"))
        .collect();
    Finding::warning(
        CHECK,
        format!(
            "{}; the frequency follows the load and times with it",
            list.join(", ")
        ),
    )
    .mend("cpupower frequency-set -g performance")
}

/// A poll-mode back-end keeps a CPU busy from its guest's start to its end.
fn polling(root: &Root) -> Option<Finding> {
    let cpus = |name: &String| name.strip_prefix("cpu").is_some_and(is_number);
    let count = root.names(CPUS).iter().filter(|name| cpus(name)).count();
    (1..4).contains(&count).then(|| {
        let text = format!(
            "each NIC of vhost-user takes a CPU whole, and this host has {count}: what is measured there is their lack"
        );
        Finding::new("polling", Severity::Note, &["vhost-user-vm"], text)
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn turbo(root: &Root) -> Option<Finding> {
    let files = [
        ("intel_pstate/no_turbo", "0", "1"),
        ("cpufreq/boost", "1", "0"),
    ];
    let (file, on, off) = files
        .into_iter()
        .find(|(file, ..)| root.exists(Path::new(CPUS).join(file)))?;
    let path = Path::new(CPUS).join(file);
    Some(if root.text(&path)? == on {
        Finding::note(
            "turbo",
            "on; the frequency depends on temperature and on what the other cores do",
        )
        .mend(format!("echo {off} > {}", path.display()))
    } else {
        Finding::ok("turbo", "off")
    })
}

fn smt(root: &Root) -> Option<Finding> {
    Some(
        match root.text(Path::new(CPUS).join("smt/active"))?.as_str() {
            "1" => Finding::note("smt", "on; two guests may share a core")
                .mend(format!("echo off > {CPUS}/smt/control")),
            _ => Finding::ok("smt", "off"),
        },
    )
}

fn isolated(root: &Root) -> Finding {
    match root.text(Path::new(CPUS).join("isolated")).as_deref() {
        None | Some("") => Finding::note(
            "isolated CPUs",
            "none; other work of this host runs beside the guests",
        )
        .mend("add for example isolcpus=2-7 to GRUB_CMDLINE_LINUX in /etc/default/grub; then: update-grub && reboot"),
        Some(cpus) => Finding::ok("isolated CPUs", cpus),
    }
}

/// The clock that everything is timed by.
fn clock(root: &Root) -> Option<Finding> {
    let clock = root.text("/sys/devices/system/clocksource/clocksource0/current_clocksource")?;
    Some(if clock == "tsc" {
        Finding::ok("clock source", "tsc")
    } else {
        Finding::warning(
            "clock source",
            format!("it is {clock}, which takes longer to read than tsc and so adds to each time"),
        )
        .mend(
            "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource; if the \
             kernel has given it up: dmesg | grep -i tsc",
        )
    })
}
