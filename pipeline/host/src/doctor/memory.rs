//! Huge pages and swap.

use super::{Finding, Root};

pub(super) fn findings(root: &Root) -> Vec<Finding> {
    let mut findings = Vec::new();
    let meminfo = root.text("/proc/meminfo").unwrap_or_default();
    let field = |name: &str| {
        let line = meminfo.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    let pages = [
        field("HugePages_Total:"),
        field("HugePages_Free:"),
        field("Hugepagesize:"),
    ];
    match pages {
        [Some(0), ..] => findings.push(
            Finding::note(
                "huge pages",
                "none are set aside; guests have ordinary pages",
            )
            .mend("sysctl vm.nr_hugepages=512"),
        ),
        [Some(total), Some(free), Some(size)] => findings.push(Finding::ok(
            "huge pages",
            format!("{total} of {size} KiB, {free} of them free"),
        )),
        _ => findings.push(Finding::note("huge pages", "the kernel has none")),
    }
    // The first line is a heading.
    let swaps = root.text("/proc/swaps").unwrap_or_default();
    findings.push(if swaps.lines().count() > 1 {
        Finding::warning(
            "swap",
            "swap is on; a guest that is swapped out in a trial spoils it",
        )
        .mend("swapoff -a")
    } else {
        Finding::ok("swap", "off")
    });
    findings
}
