//! Software that took part in a campaign.

use std::collections::BTreeSet;
use std::path::Path;

use vnicbench_model::{Campaign, TrialDir};

/// Programs by the names under which a trial runs them: the package that has each, its home page,
/// and what it is for.
const PROGRAMS: [(&str, &str, &str, &str); 9] = [
    (
        "ping",
        "iputils-ping",
        "https://github.com/iputils/iputils",
        "Measures round-trip times.",
    ),
    (
        "iperf3",
        "iperf3",
        "https://software.es.net/iperf/",
        "Measures throughput.",
    ),
    (
        "iperf",
        "iperf",
        "https://sourceforge.net/projects/iperf2/",
        "Measures throughput.",
    ),
    (
        "stress",
        "stress",
        "https://github.com/resurrecting-open-source-projects/stress",
        "Loads the neighbour.",
    ),
    (
        "stress-ng",
        "stress-ng",
        "https://github.com/ColinIanKing/stress-ng",
        "Loads the neighbour.",
    ),
    (
        "sysbench",
        "sysbench",
        "https://github.com/akopytov/sysbench",
        "Loads the neighbour.",
    ),
    (
        "netperf",
        "netperf",
        "https://hewlettpackard.github.io/netperf/",
        "Measures throughput.",
    ),
    (
        "sockperf",
        "sockperf",
        "https://github.com/Mellanox/sockperf",
        "Measures latency.",
    ),
    (
        "dpdk-testpmd",
        "dpdk",
        "https://www.dpdk.org/",
        "Forwards packets in user space.",
    ),
];

/// Files that a campaign was measured with, by the names that it gives them, likewise.
const ARTIFACTS: [(&str, &str, &str); 2] = [
    (
        "kernel",
        "https://www.kernel.org/",
        "The kernel of the guests.",
    ),
    ("qemu", "https://www.qemu.org/", "Runs the guests."),
];

/// A program or kernel of a known version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Software {
    /// A package URL, which is an absolute URI.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its home page.
    pub(crate) url: String,
    pub(crate) description: &'static str,
    /// SHA-256 of its file or package, lower-case hex.
    pub(crate) sha256: Option<String>,
}

/// What a campaign was measured with: QEMU and kernel, and the programs that its trials ran, as
/// far as the campaign says which versions these were. By id.
pub(crate) fn used(campaign: &Campaign, trials: &[TrialDir]) -> BTreeSet<Software> {
    let records = trials.iter().filter_map(|trial| trial.trial.as_ref());
    let started = records.flat_map(|record| &record.commands);
    let started: BTreeSet<&str> = started
        .filter_map(|command| Path::new(command.argv.first()?).file_name()?.to_str())
        .collect();
    let environment = &campaign.environment;
    let programs = PROGRAMS
        .iter()
        .filter_map(|&(program, package, url, description)| {
            let mut packages = environment.packages.iter();
            let package = packages.find(|known| known.name == package)?;
            started.contains(program).then(|| Software {
                id: purl(&environment.provider, &package.name, &package.version),
                name: program.to_owned(),
                version: package.version.clone(),
                url: url.to_owned(),
                description,
                sha256: Some(package.sha256.clone()).filter(|digest| !digest.is_empty()),
            })
        });
    let artifacts = ARTIFACTS.iter().filter_map(|&(name, url, description)| {
        let mut artifacts = environment.artifacts.iter();
        let artifact = artifacts.find(|known| known.name == name)?;
        Some(Software {
            id: purl("generic", name, &artifact.version),
            name: name.to_owned(),
            version: artifact.version.clone(),
            url: url.to_owned(),
            description,
            sha256: Some(artifact.sha256.clone()),
        })
    });
    programs.chain(artifacts).collect()
}

/// vnicbench itself, of a version; its home in a package is the file that says how to use it.
pub(crate) fn vnicbench(version: &str, sha256: Option<String>) -> Software {
    Software {
        id: purl("generic", "vnicbench", version),
        name: "vnicbench".to_owned(),
        version: version.to_owned(),
        url: crate::parts::README.to_owned(),
        description: "Runs campaigns on virtual NICs, and makes tables and reports of their logs.",
        sha256,
    }
}

/// A package URL; see the purl specification, ECMA-427.
fn purl(provider: &str, name: &str, version: &str) -> String {
    let kind = match provider {
        "debian" => "deb/debian",
        _ => "generic",
    };
    format!("pkg:{kind}/{}@{}", encoded(name), encoded(version))
}

/// Text with everything percent-encoded that isn't unreserved in a URI (RFC 3986), or `/`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
