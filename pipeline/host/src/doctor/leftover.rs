//! What a run that was killed has left.

use std::path::Path;

use super::{ALL, Finding, Root, Severity};

pub(super) fn findings(root: &Root, journal: Option<&Path>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let places = [
        ("/run/netns", "namespace", "netns delete"),
        ("/sys/class/net", "interface", "link delete dev"),
    ];
    for (place, what, command) in places {
        let names = root.names(place).into_iter();
        findings.extend(names.filter(|name| name.starts_with("vnb-")).map(|name| {
            let text = format!(
                "the {what} {name} is in use by another run, or was left by one that was killed"
            );
            Finding::new("leftovers", Severity::Problem, ALL, text)
                .mend(format!("ip {command} {name}"))
        }));
    }
    if let Some(journal) = journal.filter(|path| root.exists(path)) {
        let text = format!(
            "a run is under way, or was killed before it put the host back; its journal is {}",
            journal.display()
        );
        findings.push(
            Finding::new("leftovers", Severity::Problem, ALL, text).mend("vnicbench restore"),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok("leftovers", "no run has left anything"));
    }
    findings
}
