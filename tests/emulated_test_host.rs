//! Real boots of the emulated test host: every back-end moves packets through real guests,
//! and this machine is afterwards as it was before.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "faults.rs"]
mod faults;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

use support::{json, output, top, vnicbench};

/// Where the runs of this test have their temporary directories, and by which their processes are
/// told from those of the faults, which are injected at the same time.
fn place() -> &'static Path {
    static PLACE: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    PLACE.path()
}

/// What a run could leave behind on this machine: interfaces, namespaces, its processes,
/// its temporary directories.
fn traces() -> BTreeSet<String> {
    let list = |path: &Path, what: &str| -> Vec<String> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries
            .map(|entry| format!("{what} {}", entry.file_name().to_string_lossy()))
            .collect()
    };
    let mut traces = BTreeSet::new();
    traces.extend(list(Path::new("/sys/class/net"), "interface"));
    traces.extend(list(Path::new("/run/netns"), "namespace"));
    traces.extend(list(place(), "directory"));
    let ours = format!("TMPDIR={}", place().display());
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let read = |file: &str| fs::read(process.path().join(file)).unwrap_or_default();
        let environment = read("environ");
        if environment
            .split(|byte| *byte == 0)
            .any(|v| v == ours.as_bytes())
        {
            let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
            traces.insert(format!("process {command}"));
        }
    }
    traces
}

fn reproduce(work: &Path, name: &str, matrix: &Path) -> Command {
    let mut command = vnicbench();
    command
        .env("TMPDIR", place())
        .args(["reproduce", "--name", name, "--matrix"])
        .arg(matrix);
    command
        .arg("--raw")
        .arg(work.join("raw"))
        .arg("--reports")
        .arg(work.join("reports"));
    command
}

/// One test, since more boots at a time than this and that of the faults would starve each other.
#[test]
fn boots() {
    let before = traces();
    let nothing_left = |by: &str| {
        let left: Vec<String> = traces().difference(&before).cloned().collect();
        assert!(left.is_empty(), "left behind by {by}: {left:?}");
    };
    let first = every_back_end_moves_packets();
    nothing_left("a run");
    every_question_has_its_kind_of_cell();
    nothing_left("a run of every question");
    let second = an_interrupt_keeps_finished_trials();
    assert_eq!(first, second, "the same packages gave other images");
    nothing_left("an interrupted run");
    a_campaign_ends_when_it_is_precise_enough();
    nothing_left("a run that was precise enough");
    a_guest_that_does_not_boot_is_a_failed_trial();
    nothing_left("a run with failures");
    the_generator_may_be_reached_by_ssh();
    nothing_left("a run by ssh");
}

/// A guest in an emulated host dies now and then, which is a failed trial and no fault of
/// the run; then the campaign is run again.
fn complete_campaign(work: &Path, matrix: &str) -> PathBuf {
    for attempt in 0..4 {
        let name = format!("{matrix}-{attempt}");
        let matrix = top().join(format!("pipeline/matrices/{matrix}.toml"));
        let (code, out, error) = output(&mut reproduce(work, &name, &matrix));
        assert_eq!(code, Some(0), "{out}\n{error}");
        let campaign = work.join("raw").join(name);
        let (code, out, verify_error) = output(vnicbench().arg("verify").arg(&campaign));
        if code == Some(0) {
            return campaign;
        }
        assert_eq!(code, Some(1), "{out}{verify_error}");
        eprintln!("a trial failed in attempt {attempt}:\n{error}");
    }
    panic!("four campaigns in a row had failed trials");
}

/// Where a guest came up: its first boot, or a later one.
fn booted(campaign: &Path, name: &str) -> PathBuf {
    let list = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let guests = list(&campaign.join("boots"))
        .into_iter()
        .flat_map(|boot| list(&boot));
    let booted = |guest: &PathBuf| {
        let directory = guest.file_name().unwrap().to_string_lossy().into_owned();
        let is_it = directory == name || directory.starts_with(&format!("{name}.retry-"));
        let record = guest.join("guest.json");
        is_it && record.exists() && json(&record)["failure"].is_null()
    };
    guests
        .into_iter()
        .find(booted)
        .unwrap_or_else(|| panic!("no boot of {name} succeeded"))
}

fn every_back_end_moves_packets() -> serde_json::Value {
    let work = tempfile::tempdir().unwrap();
    let campaign = complete_campaign(work.path(), "check");

    let boot = booted(&campaign, "sriov-vm");
    let console = fs::read_to_string(boot.join("console.log")).unwrap();
    assert!(
        console.contains("igbvf"),
        "no VF driver on the console of the VF's guest:\n{console}"
    );
    let record = json(&boot.join("guest.json"));
    assert_eq!(record["nics"][0]["driver"], "igbvf");

    let (code, _, error) = output(
        vnicbench()
            .arg("ingest")
            .arg(&campaign)
            .arg("--out")
            .arg(work.path().join("tables")),
    );
    assert_eq!(code, Some(0), "{error}");
    let samples = fs::read_to_string(work.path().join("tables/samples.csv")).unwrap();
    for arm in [
        "native,host",
        "virtio,vm",
        "vhost,vm",
        "sriov,vm",
        "sriov,container",
        "veth,container",
    ] {
        let replies = samples
            .lines()
            .filter(|line| line.starts_with("latency,") && line.contains(arm))
            .count();
        assert!(replies > 0, "{arm} answered no echo request");
    }
    let values = fs::read_to_string(work.path().join("tables/values.csv")).unwrap();
    let goodputs = values
        .lines()
        .filter(|line| line.contains(",goodput,"))
        .count();
    assert_eq!(
        goodputs, 18,
        "six arms, iperf3 by TCP and UDP and iperf:\n{values}"
    );

    let reports = work
        .path()
        .join("reports")
        .join(campaign.file_name().unwrap());
    let html = fs::read_to_string(reports.join("report.html")).unwrap();
    assert!(html.contains("igbvf") && html.contains("mulated"));
    assert!(
        fs::read(reports.join("report.pdf"))
            .unwrap()
            .starts_with(b"%PDF")
    );
    artifacts(&campaign)
}

/// One cell of each question at least, all of them complete: three VFs in three guests at once,
/// virtio and a VF in one guest, a VLAN, a neighbour's traffic, a macvtap, DPDK's vhost-user, levers.
fn every_question_has_its_kind_of_cell() {
    let work = tempfile::tempdir().unwrap();
    let campaign = complete_campaign(work.path(), "questions");
    let trial = |directory: &str| {
        let path = campaign.join("trials").join(directory).join("000");
        assert!(path.join("COMPLETE").exists(), "{directory} isn't complete");
        (json(&path.join("trial.json")), path)
    };
    let strings = |list: &serde_json::Value, key: &str| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|entry| entry[key].as_str().unwrap_or_default().to_owned())
            .collect()
    };

    // What doctor says of the test host: it is a host that everything runs on.
    let doctor = json(&campaign.join("doctor.json"));
    for verdict in doctor["backends"].as_array().unwrap() {
        assert_eq!(verdict["can"], true, "{verdict}");
    }
    let remapping = doctor["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["check"] == "interrupt remapping");
    assert_eq!(remapping.unwrap()["severity"], "ok", "{doctor:#}");

    let (fair, path) = trial("fairness/sriov-vm-iperf3-tcp-rx-p1-3vms");
    let clients: Vec<&serde_json::Value> = fair["commands"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["role"] == "client")
        .collect();
    assert_eq!(clients.len(), 3, "three VFs in three guests at once");
    for name in ["sriov-vm", "sriov-vm-2", "sriov-vm-3"] {
        let guest = json(&booted(&campaign, name).join("guest.json"));
        assert_eq!(strings(&guest["nics"], "driver"), ["igbvf"], "{name}");
        assert!(path.join(format!("iperf3-{name}.json")).exists());
    }
    assert!(fair["start_skew_us"].as_u64().is_some(), "{fair}");
    for phase in [
        "provision",
        "boot",
        "ready",
        "settle",
        "measure",
        "collect",
        "tear-down",
    ] {
        assert!(
            fair["phases_ms"][phase].as_u64().is_some(),
            "no phase {phase}: {fair}"
        );
    }
    let counters = strings_of(&fair["counters"]);
    for log in [
        "host-stat.log",
        "host-interrupts.log",
        "host-kvm.log",
        "host-netdev.log",
    ] {
        assert!(
            counters.contains(&log.to_owned()) && path.join(log).exists(),
            "no {log}: {counters:?}"
        );
    }

    let guest = json(&booted(&campaign, "virtio.sriov-vm").join("guest.json"));
    assert_eq!(strings(&guest["nics"], "driver"), ["virtio_net", "igbvf"]);
    let (mix, _) = trial("multi-network/virtio.sriov-vm-ping-56B-20ms");
    let nodes = strings(&mix["commands"], "node");
    assert_eq!(nodes, ["virtio.sriov-vm.nic1", "virtio.sriov-vm.nic2"]);
    trial("multi-network/virtio-vm-ping-56B-20ms-vlan");

    trial("latency/macvtap-vm-ping-56B-20ms");
    trial("latency-polled/vhost-user-vm-ping-56B-20ms");
    let polled = json(&booted(&campaign, "vhost-user-vm").join("guest.json"));
    assert_eq!(polled["helpers"].as_array().unwrap().len(), 1, "{polled}");
    let (traffic, _) = trial("interference/sriov-vm-ping-56B-20ms-network-rx-neighbour");
    assert!(strings(&traffic["commands"], "role").contains(&"neighbour-server".to_owned()));
    trial("throughput/veth-container-iperf-tcp-rx-p1");

    trial("density/vhost-vm-iperf3-tcp-rx-p1-2vms-tuned-levers");
    let tuned = json(&booted(&campaign, "vhost-vm.levers").join("guest.json"));
    assert_eq!(tuned["nics"][0]["mtu"], 1400);
    assert!(tuned["pinned"].as_str().unwrap().contains("CPU"), "{tuned}");
}

fn strings_of(list: &serde_json::Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry.as_str().unwrap_or_default().to_owned())
        .collect()
}

fn an_interrupt_keeps_finished_trials() -> serde_json::Value {
    let work = tempfile::tempdir().unwrap();
    let matrix = top().join("pipeline/matrices/check.toml");
    let mut child = reproduce(work.path(), "interrupted", &matrix)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let second = lines
        .by_ref()
        .filter(|line| line.contains("/27 trials/"))
        .nth(1);
    assert!(
        second.is_some(),
        "the campaign did not get to its second trial"
    );
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(130),
        "{}",
        rest.join("\n")
    );

    let campaign = work.path().join("raw/interrupted");
    let (code, out, _) = output(vnicbench().arg("verify").arg(&campaign).arg("--json"));
    assert_eq!(code, Some(1));
    let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(verified["complete"].as_u64().unwrap() >= 2, "{out}");
    let journal = fs::read_to_string(campaign.join("journal.jsonl")).unwrap();
    // Had the test host crashed before, the changes of that boot went with it.
    let last_boot = journal.rfind("\"event\":\"started\"").unwrap();
    let count = |event: &str| {
        journal[last_boot..]
            .lines()
            .filter(|line| line.contains(&format!("\"event\":\"{event}\"")))
            .count()
    };
    if count("ended") == 1 {
        assert_eq!(
            count("change"),
            count("undone"),
            "changes made and undone in the test host"
        );
    } else {
        eprintln!("SKIPPED: the test host stopped for good just before the interrupt");
    }
    assert!(
        !journal.contains("\"failure\":\"running"),
        "something could not be undone:\n{journal}"
    );
    let (code, _, error) = output(
        vnicbench()
            .arg("report")
            .arg(&campaign)
            .arg("--out")
            .arg(work.path().join("r")),
    );
    assert_eq!(code, Some(0), "{error}");
    artifacts(&campaign)
}

/// Digests of kernel, images and programs.
fn artifacts(campaign: &Path) -> serde_json::Value {
    json(&campaign.join("campaign.json"))["environment"]["artifacts"].clone()
}

fn a_guest_that_does_not_boot_is_a_failed_trial() {
    let work = tempfile::tempdir().unwrap();
    let matrix = work.path().join("broken.toml");
    fs::write(
        &matrix,
        r#"
format = 1
name = "broken"
seed = 1
blocks = 1
boot = "per-campaign"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "10 ms"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "veth"]
instance = ["vm", "container"]

[experiment.ping]
payload = ["56 B"]
interval = ["20 ms"]
count = 5
"#,
    )
    .unwrap();
    let (code, out, error) = output(&mut reproduce(work.path(), "broken", &matrix));
    assert_eq!(code, Some(0), "{out}\n{error}");
    let trial = work.path().join("raw/broken/trials/latency");
    assert!(
        trial
            .join("veth-container-ping-56B-20ms/000/COMPLETE")
            .exists(),
        "the campaign goes on"
    );
    let failed = trial.join("virtio-vm-ping-56B-20ms/000");
    assert!(!failed.join("COMPLETE").exists());
    let record = fs::read_to_string(failed.join("trial.json")).unwrap();
    assert!(
        record.contains("guest virtio-vm did not come up"),
        "{record}"
    );
    let html = fs::read_to_string(work.path().join("reports/broken/report.html")).unwrap();
    assert!(html.contains("guest virtio-vm did not come up"));
}

/// Containers only, and so wide an interval that it is reached long before the last block.
fn a_campaign_ends_when_it_is_precise_enough() {
    let work = tempfile::tempdir().unwrap();
    let matrix = work.path().join("precise.toml");
    fs::write(
        &matrix,
        r#"
format = 1
name = "precise"
seed = 1
blocks = 20
boot = "per-campaign"
cool_down = "10 ms"

[precision]
metric = "rtt-median"
half_width = 0.99
min_blocks = 6

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["native", "veth"]
instance = ["container"]

[experiment.ping]
payload = ["56 B"]
interval = ["20 ms"]
count = 10
"#,
    )
    .unwrap();
    let (code, out, error) = output(&mut reproduce(work.path(), "precise", &matrix));
    assert_eq!(code, Some(0), "{out}\n{error}");
    let campaign = work.path().join("raw/precise");
    let stopped = json(&campaign.join("stopped.json"));
    let blocks = stopped["blocks"].as_u64().unwrap();
    assert!((6..20).contains(&blocks), "{stopped}");
    let (code, out, _) = output(vnicbench().arg("verify").arg(&campaign).arg("--json"));
    assert_eq!(code, Some(0), "what isn't needed isn't missing: {out}");
    let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verified["complete"].as_u64(), Some(2 * blocks), "{out}");
    let html = fs::read_to_string(work.path().join("reports/precise/report.html")).unwrap();
    assert!(
        html.contains("of its estimate"),
        "the report says why there are no more blocks"
    );
}

/// A namespace of the test host, with an sshd of its own, stands for the other host. No guests:
/// they make no difference to it.
fn the_generator_may_be_reached_by_ssh() {
    let work = tempfile::tempdir().unwrap();
    let matrix = work.path().join("ssh.toml");
    fs::write(
        &matrix,
        r#"
format = 1
name = "ssh"
seed = 1
blocks = 1
boot = "per-campaign"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[tuning.big]
mtu = 2000

[[experiment]]
name = "latency"
question = "latency"
backend = ["native", "veth"]
instance = ["container"]
tuning = ["none", "big"]

[experiment.ping]
payload = ["56 B"]
interval = ["20 ms"]
count = 5

[[experiment]]
name = "vlan"
question = "throughput"
backend = ["veth"]
instance = ["container"]
network = ["vlan"]

[experiment.iperf3]
protocol = ["tcp"]
streams = [1]
direction = ["rx"]
duration = "1 s"
"#,
    )
    .unwrap();
    let run = || {
        let mut run = vnicbench();
        run.env("TMPDIR", place());
        run.args(["run", "--testbed", "emulated", "--generator-by-ssh"])
            .args(["--name", "ssh", "--matrix"])
            .arg(&matrix)
            .arg("--raw")
            .arg(work.path().join("raw"));
        output(&mut run)
    };
    let (mut code, mut out, mut error) = run();
    // Before a campaign is begun there is nothing to go on with when the test host panics.
    for _ in 0..2 {
        if code != Some(0) && error.contains("the emulated test host went away") {
            (code, out, error) = run();
        }
    }
    assert_eq!(code, Some(0), "{out}\n{error}");
    let campaign = work.path().join("raw/ssh");
    let (code, out, error) = output(vnicbench().arg("verify").arg(&campaign));
    assert_eq!(code, Some(0), "{out}\n{error}");
    let generator = &json(&campaign.join("campaign.json"))["generator"];
    assert_eq!(generator["host"], "root@10.255.255.2");
    assert_eq!(generator["nics"][0]["driver"], "igb");
    let iperf3 = generator["tools"]["iperf3"].as_str().unwrap();
    assert!(iperf3.starts_with("iperf 3."), "{iperf3}");
    let journal = fs::read_to_string(campaign.join("journal.jsonl")).unwrap();
    let there = r#""netns":{"ssh":"root@10.255.255.2"}"#;
    for item in ["address", "link", "link-up", "mtu"] {
        let what = format!("\"what\":\"{item}\"");
        let changed = |line: &str| line.contains(&what) && line.contains(there);
        assert!(journal.lines().any(changed), "no {item} there:\n{journal}");
    }
    assert!(
        !journal.contains("\"failure\":\""),
        "something could not be undone:\n{journal}"
    );
}
