//! Root rights, and the host's own programs.

use std::path::PathBuf;

use super::{ALL, Facts, Finding, Root, Severity};

/// Where programs of the administrator are, which an ordinary user's PATH may lack.
const ADMINISTRATION: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

pub(super) fn findings(root: &Root, facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = vec![rights(root)];
    findings.push(if found(root, facts.search, "ip") {
        Finding::ok("programs", "ip is there")
    } else {
        Finding::new(
            "programs",
            Severity::Problem,
            ALL,
            "there is no ip, by which bridges, taps and VFs are made",
        )
        .mend("apt-get install iproute2")
    });
    // Whether modprobe is needed depends on the modules, so they say it.
    findings.push(if found(root, facts.search, "ethtool") {
        Finding::ok("programs", "ethtool is there")
    } else {
        Finding::new(
            "programs",
            Severity::Problem,
            &["vhost-user-vm"],
            "there is no ethtool, by which a veth's offloads are turned off for vhost-user; without it NIC counters can't be recorded either",
        )
        .mend("apt-get install ethtool")
    });
    findings
}

fn rights(root: &Root) -> Finding {
    const CHECK: &str = "root";
    let status = root.text("/proc/self/status").unwrap_or_default();
    // Real, effective, saved and file system user id.
    let user = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if user == Some("0") {
        Finding::ok(CHECK, "run as root")
    } else {
        Finding::warning(
            CHECK,
            "not run as root, which measuring on this host's NICs needs; some of this could not be seen",
        )
        .mend("sudo vnicbench doctor")
    }
}

/// Whether a program is on the search path.
pub(super) fn found(root: &Root, search: &[PathBuf], program: &str) -> bool {
    let administration = ADMINISTRATION.iter().map(PathBuf::from);
    search
        .iter()
        .cloned()
        .chain(administration)
        .any(|directory| root.at(directory.join(program)).is_file())
}
