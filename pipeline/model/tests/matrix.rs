//! Matrices: what is refused and how, which cells there are, who takes part, in which order.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vnicbench_model::{
    Arm, Backend, Backing, BootPolicy, Cell, Instance, Matrix, Measured, Member, Mix, Plan,
    PlannedTrial, Role, Roster, Tuning, estimate,
};

const HEAD: &str = r#"format = 1
name = "test"
seed = 1
blocks = 4
boot = "per-campaign"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "90 s"

[tuning.pinned]
vcpu_pinning = true

[tuning.queues]
queues = 2

[tuning.moderated]
interrupt_moderation = "50 us"
"#;

const PING: &str = r#"
[experiment.ping]
payload = ["56 B"]
interval = ["20 ms"]
count = 20
"#;

const IPERF: &str = r#"
[experiment.iperf]
streams = [1]
duration = "1 s"
"#;

/// A matrix of ping experiments named `e0`, `e1`, ... with these lines each.
fn parse(experiments: &[&str]) -> Result<Matrix, String> {
    let mut text = HEAD.to_owned();
    for (number, lines) in experiments.iter().enumerate() {
        text.push_str(&format!(
            "\n[[experiment]]\nname = \"e{number}\"\nquestion = \"latency\"\n{lines}\n"
        ));
        let own = lines.contains("[experiment.");
        text.push_str(if own { "" } else { PING });
    }
    Matrix::parse(&text, Path::new("test.toml")).map_err(|error| error.to_string())
}

fn matrix(experiments: &[&str]) -> Matrix {
    parse(experiments).unwrap()
}

fn arms(backend: &str, instance: &str, rest: &str) -> String {
    format!("backend = {backend}\ninstance = {instance}\n{rest}")
}

fn ids(backend: &str, instance: &str, rest: &str) -> Vec<String> {
    let matrix = matrix(&[&arms(backend, instance, rest)]);
    matrix.cells().iter().map(Cell::id).collect()
}

/// The head with another line in place of `from`, and an experiment.
fn head_error(from: &str, to: &str) -> String {
    assert!(HEAD.contains(from), "{from}");
    let text = format!(
        "{}\n[[experiment]]\nname = \"e\"\nquestion = \"latency\"\nbackend = [\"virtio\"]\ninstance = [\"vm\"]\n{PING}",
        HEAD.replacen(from, to, 1)
    );
    let error = Matrix::parse(&text, Path::new("test.toml")).unwrap_err();
    error.to_string()
}

fn shipped() -> Vec<(PathBuf, Matrix)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matrices");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.retain(|path| !path.to_string_lossy().ends_with(".claims.toml"));
    paths.sort();
    let read = |path: PathBuf| {
        let matrix = Matrix::read(&path).unwrap();
        (path, matrix)
    };
    paths.into_iter().map(read).collect()
}

/// How many VFs a campaign needs: those of containers throughout, and of the greediest fleet.
fn vfs(matrix: &Matrix) -> usize {
    let of = |member: &Member| {
        let sriov = member
            .nics
            .iter()
            .filter(|nic| nic.backend == Backend::Sriov);
        sriov.count()
    };
    let roster = Roster::new(matrix);
    let standing: usize = roster.standing().into_values().map(of).sum();
    let fleets = roster.fleets(matrix);
    let most = fleets
        .iter()
        .map(|fleet| fleet.iter().map(of).sum::<usize>());
    standing + most.max().unwrap_or(0)
}

#[test]
fn every_shipped_matrix_is_good_and_survives_being_written() {
    let shipped = shipped();
    assert!(shipped.len() >= 5);
    for (path, matrix) in shipped {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(matrix.name, name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("#:schema matrix.schema.json\n"),
            "{name} has no schema for editors"
        );
        let again = Matrix::parse(&matrix.to_toml(), Path::new("again.toml")).unwrap();
        assert_eq!(again, matrix, "{name}");
        for cell in matrix.cells() {
            let id = cell.id();
            let safe = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
            assert!(id.bytes().all(safe), "{id}");
            assert!(id.len() < 128, "{id}");
            let line = serde_json::to_string(&cell).unwrap();
            assert_eq!(serde_json::from_str::<Cell>(&line).unwrap(), cell, "{line}");
        }
    }
}

#[test]
fn the_studies_have_all_questions_and_fit_seven_vfs() {
    for (path, mut matrix) in shipped() {
        if !["paper", "questions"].contains(&matrix.name.as_str()) {
            continue;
        }
        let questions: BTreeSet<_> = matrix.cells().iter().map(|cell| cell.question).collect();
        assert_eq!(questions.len(), 6, "{}", path.display());
        let least = (0..=7).rev().find(|limit| {
            let mut fitted = matrix.clone();
            fitted.fit(*limit);
            vfs(&fitted) <= 7
        });
        matrix.fit(least.unwrap());
        assert!(vfs(&matrix) <= 7, "{}", path.display());
        if matrix.name == "questions" {
            assert!(matrix.cells().len() <= 18);
            assert_eq!(least, Some(7), "something small is left out");
            assert!(matrix.fit(7).is_empty());
        }
    }
}

#[test]
fn the_documented_example_is_what_its_text_says() {
    let text = include_str!("../../../docs/matrix.md");
    let example = text.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let matrix = Matrix::parse(example, Path::new("docs/matrix.md")).unwrap();
    assert_eq!(matrix.cells().len(), 8);
}

/// What the head of the study says of its size is what it comes to.
#[test]
fn the_paper_matrix_knows_its_size() {
    let text = include_str!("../../matrices/paper.toml");
    let matrix = Matrix::parse(text, Path::new("paper.toml")).unwrap();
    let plan = Plan::new(&matrix);
    let size = format!(
        "{} cells x {} blocks = {} trials, with {} boots of guests",
        matrix.cells().len(),
        matrix.blocks,
        plan.trials.len(),
        plan.boots()
    );
    assert!(text.contains(&size), "{size}");
    let estimate = estimate(&plan, &matrix, &Measured::default());
    let hours = |blocks| (estimate.first(blocks).total() / 3_600.0).round();
    assert_eq!((hours(8), hours(20)), (20.0, 51.0));
}

#[test]
fn ids_have_each_condition() {
    let neighbours = "neighbour = [\"idle\", \"cpu\", \"network-rx\"]\nneighbour_at = [\"vm\", \"host\"]\nworkers = [2, 4]";
    assert_eq!(
        ids("[\"virtio\"]", "[\"vm\"]", neighbours),
        [
            "virtio-vm-ping-56B-20ms",
            "virtio-vm-ping-56B-20ms-cpu2-neighbour",
            "virtio-vm-ping-56B-20ms-cpu4-neighbour",
            "virtio-vm-ping-56B-20ms-cpu2-on-host",
            "virtio-vm-ping-56B-20ms-cpu4-on-host",
            "virtio-vm-ping-56B-20ms-network-rx2-neighbour",
            "virtio-vm-ping-56B-20ms-network-rx4-neighbour",
        ]
    );
    assert_eq!(
        ids(
            "[\"sriov\", \"veth\"]",
            "[\"vm\", \"container\"]",
            "vms = [3]"
        ),
        [
            "sriov-vm-ping-56B-20ms-3vms",
            "sriov-container-ping-56B-20ms-3containers",
            "veth-container-ping-56B-20ms-3containers",
        ]
    );
    let all =
        "vms = [2]\nnics = [2]\nnetwork = [\"vlan\"]\nneighbour = [\"hdd\"]\ntuning = [\"pinned\"]";
    assert_eq!(
        ids("[\"vhost\"]", "[\"vm\"]", all),
        ["vhost-vm-ping-56B-20ms-2vms-2nics-vlan-hdd-neighbour-tuned-pinned"]
    );
    assert_eq!(
        ids("[\"vhost\"]", "[\"vm\"]", "path = [\"local\"]"),
        ["vhost-vm-ping-56B-20ms-local"]
    );
    assert_eq!(
        ids(
            "[\"virtio+sriov\", \"virtio|sriov\"]",
            "[\"vm\"]",
            "vms = [2]"
        ),
        [
            "virtio.sriov-vm-ping-56B-20ms-2vms",
            "virtio-vm.sriov-vm-ping-56B-20ms-2vms"
        ]
    );
    let iperf3 = "[experiment.iperf3]\nprotocol = [\"tcp\", \"udp\"]\nstreams = [4]\ndirection = [\"both\"]\n\
                  duration = \"1 s\"\nomit = \"1 s\"\nrate = [\"2.5 Gbit/s\"]\nmessage = [\"1 KiB\"]";
    assert_eq!(
        ids("[\"veth\"]", "[\"container\"]", iperf3),
        [
            "veth-container-iperf3-tcp-both-p4-1KiB",
            "veth-container-iperf3-udp-both-p4-2500Mbps-1KiB"
        ]
    );
    let iperf = "[experiment.iperf]\nstreams = [1]\ndirection = [\"tx\"]\nduration = \"1 s\"\nmessage = [\"64 B\"]";
    assert_eq!(
        ids("[\"native\"]", "[]", iperf),
        ["native-host-iperf-tcp-tx-p1-64B"]
    );
}

#[test]
fn versions_are_factors_of_vms() {
    let versions = "kernel = [\"6.12\", \"6.1\"]\nqemu = [\"10.0\"]";
    let cells = ids(
        "[\"virtio\", \"veth\"]",
        "[\"vm\", \"container\"]",
        versions,
    );
    assert_eq!(
        cells,
        [
            "virtio-vm-ping-56B-20ms-kernel6.12-qemu10.0",
            "veth-container-ping-56B-20ms",
            "virtio-vm-ping-56B-20ms-kernel6.1-qemu10.0",
        ]
    );
    let exclude =
        "kernel = [\"6.12\", \"6.1\"]\nexclude = [{ kernel = \"6.1\", backend = \"sriov\" }]";
    assert_eq!(ids("[\"virtio\", \"sriov\"]", "[\"vm\"]", exclude).len(), 3);
    let matrix = matrix(&[&arms("[\"virtio\"]", "[\"vm\"]", versions)]);
    let again = Matrix::parse(&matrix.to_toml(), Path::new("again.toml")).unwrap();
    assert_eq!(again, matrix);
    // In a block the guests of both kernels are up, each under its own name.
    let kept = Roster::new(&matrix).kept;
    let kernels: Vec<_> = kept.values().map(|member| &member.kernel).collect();
    assert_eq!(
        kept.keys().collect::<Vec<_>>(),
        [
            "virtio-vm.kernel6.1.qemu10.0",
            "virtio-vm.kernel6.12.qemu10.0"
        ]
    );
    assert_eq!(kernels, [&Some("6.1".to_owned()), &Some("6.12".to_owned())]);
}

#[test]
fn what_cannot_be_is_left_out() {
    let everywhere = "[\"vm\", \"container\"]";
    // The host is one instance with one NIC, on no VLAN, without levers, and has no traffic beside it.
    let factors = "vms = [1, 2]\nnics = [1, 2]\nnetwork = [\"shared\", \"vlan\"]\npath = [\"external\", \"local\"]\n\
                   neighbour = [\"idle\", \"cpu\", \"network-tx\"]\nneighbour_at = [\"vm\", \"host\"]\n\
                   tuning = [\"none\", \"moderated\"]";
    assert_eq!(
        ids("[\"native\"]", everywhere, factors),
        [
            "native-host-ping-56B-20ms",
            "native-host-ping-56B-20ms-cpu-neighbour",
            "native-host-ping-56B-20ms-cpu-on-host"
        ]
    );
    // Two NICs are those of a mix already; two instances are needed for one of two kinds; and
    // between instances there is one path each.
    let factors = "vms = [1, 2]\nnics = [1, 2]\npath = [\"external\", \"local\"]";
    assert_eq!(
        ids("[\"virtio+sriov\"]", "[\"vm\"]", factors),
        [
            "virtio.sriov-vm-ping-56B-20ms",
            "virtio.sriov-vm-ping-56B-20ms-2vms"
        ]
    );
    assert_eq!(
        ids(
            "[\"virtio|sriov\"]",
            "[\"vm\"]",
            "vms = [1, 2]\npath = [\"external\", \"local\"]"
        ),
        ["virtio-vm.sriov-vm-ping-56B-20ms-2vms"]
    );
    assert_eq!(
        ids("[\"veth\"]", everywhere, factors).len(),
        6,
        "4 to the generator, 2 between instances"
    );
}

#[test]
fn mixes_are_read_and_written() {
    for text in [
        "virtio",
        "virtio+sriov",
        "vhost|macvtap",
        "vhost-user|vhost",
    ] {
        let backing: Backing = text.parse().unwrap();
        assert_eq!(backing.to_string(), text);
        let arm = Arm::new(backing, Instance::Vm);
        let json = serde_json::to_string(&arm).unwrap();
        assert_eq!(
            json,
            format!("{{\"backend\":\"{text}\",\"instance\":\"vm\"}}")
        );
        assert_eq!(serde_json::from_str::<Arm>(&json).unwrap(), arm);
    }
    let mix: Backing = "virtio+sriov".parse().unwrap();
    assert_eq!(mix.mix, Some(Mix::Nic(Backend::Sriov)));
    for (text, wanted) in [
        (
            "vhosts",
            "\"vhosts\" is not a back-end; allowed: native, virtio",
        ),
        ("virtio+", "\"\" is not a back-end"),
        ("virtio+sriov|vhost", "\"sriov|vhost\" is not a back-end"),
        ("sriov+sriov", "for several NICs of one back-end use nics"),
        (
            "sriov|sriov",
            "for several instances of one back-end use vms",
        ),
    ] {
        let error = text.parse::<Backing>().unwrap_err();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn cells_from_before_the_newer_factors_are_read() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../raw/emulated/plan.jsonl");
    let text = std::fs::read_to_string(plan).unwrap();
    for line in text.lines() {
        let planned: PlannedTrial = serde_json::from_str(line).unwrap();
        let setting = &planned.cell.setting;
        assert_eq!((setting.vms, setting.nics), (1, 1));
        assert_eq!(
            serde_json::to_string(&planned).unwrap(),
            line,
            "it would be written otherwise now"
        );
    }
}

#[test]
fn exclusions_leave_out_what_has_all_their_levels() {
    let all = "vms = [1, 2]\nneighbour = [\"idle\", \"cpu\"]\n";
    let with = |exclude: &str| {
        let rest = format!("{all}exclude = [{exclude}]");
        ids("[\"virtio\", \"sriov\"]", "[\"vm\"]", &rest)
    };
    assert_eq!(ids("[\"virtio\", \"sriov\"]", "[\"vm\"]", all).len(), 8);
    assert_eq!(with("{ backend = \"sriov\", vms = 2 }").len(), 6);
    assert_eq!(with("{ backend = \"sriov\" }, { vms = 2 }").len(), 2);
    assert_eq!(with("{ vms = [1, 2], neighbour = \"cpu\" }").len(), 4);
    assert!(
        with("{ backend = \"sriov\", neighbour = \"cpu\", vms = 2 }")
            .iter()
            .all(|id| id != "sriov-vm-ping-56B-20ms-2vms-cpu-neighbour")
    );
}

#[test]
fn a_mistake_in_an_experiment_is_told_with_its_line() {
    let virtio = |rest: &str| arms("[\"virtio\"]", "[\"vm\"]", rest);
    for (lines, wanted) in [
        (
            virtio("exclude = [{ colour = \"red\" }]"),
            "exclude names the factor \"colour\"; the factors here are: backend, instance,",
        ),
        (
            virtio("exclude = [{ interval = \"0.02 s\" }]"),
            "exclude: interval is never \"0.02 s\" here; its levels are: \"20 ms\"",
        ),
        (
            virtio(
                "neighbour = [\"idle\", \"cpu\"]\nneighbour_at = [\"vm\", \"host\"]\nexclude = [{ neighbour = \"idle\", neighbour_at = \"host\" }]",
            ),
            "exclude: no cell has all of neighbour, neighbour_at",
        ),
        (virtio("exclude = [{}]"), "exclude: no cell has all of"),
        (
            virtio("exclude = [{ vms = 1 }]"),
            "crosses to no cell: is a list of levels empty, or everything excluded?",
        ),
        (virtio("vms = []"), "crosses to no cell"),
        (virtio("vms = [0]"), "vms must be from 1 to 100"),
        (virtio("nics = [9]"), "nics must be from 1 to 8"),
        (
            virtio("vms = [2, 2]"),
            "two cells would be called e0/virtio-vm-ping-56B-20ms-2vms",
        ),
        (virtio("neighbour = []"), "\"idle\" for none"),
        (
            virtio("workers = [2]"),
            "workers and neighbour_at are for a neighbour under load",
        ),
        (
            virtio("neighbour_at = [\"host\"]"),
            "workers and neighbour_at are for",
        ),
        (
            virtio("neighbour = [\"cpu\"]\nworkers = [0]"),
            "workers must be from 1 to 256",
        ),
        (
            virtio("kernel = [\"../6.12\"]"),
            "kernel = \"../6.12\" is not a version, as \"6.12\"",
        ),
        (
            virtio("qemu = [\"v10\"]"),
            "qemu = \"v10\" is not a version",
        ),
        (
            virtio("kernel = [\"6.12\", \"6.12\"]"),
            "two cells would be called e0/virtio-vm-ping-56B-20ms-kernel6.12",
        ),
        (
            arms("[\"veth\"]", "[\"container\"]", "kernel = [\"6.12\"]"),
            "kernel is for VMs, which instance doesn't list",
        ),
        (
            virtio("kernel = [\"6.12\"]\nexclude = [{ kernel = \"6.18\" }]"),
            "exclude: kernel is never \"6.18\" here; its levels are: \"6.12\"",
        ),
        (
            virtio("tuning = [\"quick\"]"),
            "tuning = \"quick\" has no table [tuning.quick]; there are: moderated, pinned, queues, none",
        ),
        (
            arms("[\"veth\"]", "[\"vm\"]", ""),
            "backend \"veth\" exists in none of the listed instances",
        ),
        (
            arms("[\"virtio+veth\"]", "[\"vm\", \"container\"]", ""),
            "backend \"virtio+veth\" exists in none",
        ),
        (
            arms("[\"native\"]", "[\"host\"]", ""),
            "goes without saying for native",
        ),
        (
            arms(
                "[\"virtio\", \"veth\"]",
                "[\"vm\", \"container\"]",
                "tuning = [\"none\", \"pinned\"]",
            ),
            "exclude = [{ backend = \"veth\", instance = \"container\", tuning = \"pinned\" }]",
        ),
        (
            arms("[\"sriov\"]", "[\"vm\"]", "tuning = [\"queues\"]"),
            "tuning \"queues\" has no lever for sriov in a vm",
        ),
        (
            virtio(&format!("{PING}{IPERF}")),
            "needs exactly one workload",
        ),
    ] {
        let error = parse(&[&lines]).unwrap_err();
        let line = HEAD.lines().count() + 2;
        assert!(
            error.starts_with(&format!("test.toml:{line}:1: experiment \"e0\": "))
                || error.contains("two cells"),
            "{error}"
        );
        assert!(error.contains(wanted), "{wanted:?} is not in {error}");
    }
    // A container has levers too: those of the ports.
    let rest = "tuning = [\"moderated\"]";
    assert_eq!(ids("[\"veth\"]", "[\"container\"]", rest).len(), 1);
}

#[test]
fn a_mistake_in_the_head_is_told_with_its_line() {
    let precision = |lines: &str| format!("\n[precision]\n{lines}\n[guest]");
    for (from, to, wanted) in [
        (
            "vcpu_pinning = true",
            "".to_owned(),
            "test.toml:13:1: tuning \"pinned\": pulls no lever",
        ),
        (
            "vcpu_pinning = true",
            "vcpu_pinning = false".to_owned(),
            "pulls no lever",
        ),
        (
            "queues = 2",
            "queues = 65".to_owned(),
            "test.toml:16:1: tuning \"queues\": queues must be from 1 to 64",
        ),
        (
            "queues = 2",
            "mtu = 100".to_owned(),
            "mtu must be from 576 to 65521",
        ),
        (
            "queues = 2",
            "irq_cpus = \"2..3\"".to_owned(),
            "irq_cpus = \"2..3\" is not a list of CPUs, as in \"2-3,6\"",
        ),
        (
            "\"50 us\"",
            "\"50 ns\"".to_owned(),
            "test.toml:19:1: tuning \"moderated\": interrupt_moderation must be whole microseconds",
        ),
        (
            "[tuning.queues]",
            "[tuning.none]".to_owned(),
            "\"none\" is taken",
        ),
        (
            "[tuning.queues]",
            "[tuning.QUEUES]".to_owned(),
            "is not a name",
        ),
        (
            "\n[guest]",
            precision("metric = \"jitter\"\nhalf_width = 0.05\nmin_blocks = 2"),
            "test.toml:7:1: precision: metric = \"jitter\" is not known; allowed: rtt-median, goodput",
        ),
        (
            "\n[guest]",
            precision("metric = \"goodput\"\nhalf_width = 0.05\nmin_blocks = 2"),
            "precision: no experiment measures goodput, which needs iperf or iperf3",
        ),
        (
            "\n[guest]",
            precision("metric = \"rtt-median\"\nhalf_width = 0\nmin_blocks = 2"),
            "half_width",
        ),
        (
            "\n[guest]",
            precision("metric = \"rtt-median\"\nhalf_width = 1.5\nmin_blocks = 2"),
            "half_width = 1.5 must be above 0 and below 1",
        ),
        (
            "\n[guest]",
            precision("metric = \"rtt-median\"\nhalf_width = 0.05\nmin_blocks = 5"),
            "min_blocks = 5 must be from 1 to blocks = 4",
        ),
        (
            "boot_batch = 2",
            "boot_batch = 0".to_owned(),
            "boot_batch from 1 to 64",
        ),
        (
            "\"256 MiB\"",
            "\"64 MiB\"".to_owned(),
            "192 MiB is the least",
        ),
    ] {
        let error = head_error(from, &to);
        assert!(error.contains(wanted), "{wanted:?} is not in {error}");
    }
}

#[test]
fn cells_beyond_the_vfs_are_left_out_and_named() {
    let rest = "vms = [1, 2, 4]\npath = [\"external\", \"local\"]";
    let mut fitted = matrix(&[&arms("[\"virtio\", \"sriov\"]", "[\"vm\"]", rest)]);
    let left_out = fitted.fit(4);
    assert_eq!(
        left_out,
        ["e0: sriov in 4 vms, since the port's VFs don't suffice for it"]
    );
    let ids: BTreeSet<String> = fitted.cells().iter().map(Cell::id).collect();
    assert_eq!(ids.len(), 11);
    // Between instances twice as many are needed.
    assert!(ids.contains("sriov-vm-ping-56B-20ms-4vms"));
    assert!(!ids.contains("sriov-vm-ping-56B-20ms-4vms-local"));
    // One instance is what a study is about: it is never left out silently.
    fitted.fit(0);
    let left: Vec<String> = fitted.cells().iter().map(Cell::id).collect();
    let sriov = left.iter().filter(|id| id.starts_with("sriov"));
    assert_eq!(sriov.count(), 2);
    let mixed = arms(
        "[\"virtio|sriov\"]",
        "[\"vm\"]",
        "vms = [4, 5]\nneighbour = [\"idle\", \"network-rx\"]",
    );
    let mut mixed = matrix(&[&mixed]);
    assert!(mixed.fit(2).is_empty(), "every second has a VF");
}

#[test]
fn tuned_cells_have_guests_of_their_own() {
    let matrix = matrix(&[
        &arms(
            "[\"virtio\"]",
            "[\"vm\"]",
            "tuning = [\"none\", \"pinned\"]",
        ),
        &arms("[\"virtio\"]", "[\"vm\"]", "boot = \"per-block\""),
    ]);
    let policies: Vec<BootPolicy> = matrix.cells().iter().map(|c| matrix.boot_of(c)).collect();
    assert_eq!(
        policies,
        [
            BootPolicy::PerCampaign,
            BootPolicy::PerTrial,
            BootPolicy::PerBlock
        ]
    );
    let cells = matrix.cells();
    assert_eq!(matrix.tuning_of(&cells[0]), Tuning::default());
    assert!(matrix.tuning_of(&cells[1]).vcpu_pinning);
    let roster = Roster::new(&matrix);
    assert_eq!(roster.of(&cells[1])[0].name, "virtio-vm.pinned");
    assert!(roster.of(&cells[1])[0].tuning.vcpu_pinning);
    assert_eq!(roster.kept.keys().collect::<Vec<_>>(), ["virtio-vm"]);
}

/// The experiment of each trial with its boot, a string a block.
fn order(matrix: &Matrix) -> Vec<String> {
    let plan = Plan::new(matrix);
    let mut blocks = vec![String::new(); matrix.blocks as usize];
    for trial in &plan.trials {
        let block = &mut blocks[trial.block as usize];
        block.push_str(&format!("{}:{} ", trial.cell.experiment, trial.boot));
    }
    blocks
}

#[test]
fn kept_guests_and_guests_of_a_trial_come_in_turns() {
    let kept = arms("[\"virtio\", \"vhost\"]", "[\"vm\"]", "");
    let own = arms(
        "[\"virtio\", \"vhost\"]",
        "[\"vm\"]",
        "boot = \"per-trial\"",
    );
    let both = matrix(&[&kept, &own]);
    assert_eq!(
        order(&both),
        [
            "e0:0 e0:0 e1:1 e1:2 ",
            "e1:3 e1:4 e0:5 e0:5 ",
            "e0:5 e0:5 e1:6 e1:7 ",
            "e1:8 e1:9 e0:10 e0:10 "
        ]
    );
    assert_eq!(Plan::new(&both).boots(), 11);
    let per_block = arms(
        "[\"virtio\", \"vhost\"]",
        "[\"vm\"]",
        "boot = \"per-block\"",
    );
    // Cells that are content with any boot don't end that of the block.
    let plan = Plan::new(&matrix(&[&kept, &per_block]));
    let boots: Vec<BTreeSet<u32>> = plan
        .trials
        .chunks(4)
        .map(|block| {
            let strict = block.iter().filter(|trial| trial.cell.experiment == "e1");
            strict.map(|trial| trial.boot).collect()
        })
        .collect();
    assert!(boots.iter().all(|boots| boots.len() == 1), "{boots:?}");
    assert_eq!(boots.iter().flatten().collect::<BTreeSet<_>>().len(), 4);
}

#[test]
fn what_has_no_guest_is_not_booted() {
    let containers = arms(
        "[\"native\", \"veth\"]",
        "[\"container\"]",
        "boot = \"per-trial\"",
    );
    assert_eq!(Plan::new(&matrix(&[&containers])).boots(), 0);
    let containers = arms("[\"native\", \"veth\"]", "[\"container\"]", "");
    assert_eq!(Plan::new(&matrix(&[&containers])).boots(), 0);
    let guests = arms(
        "[\"virtio\", \"veth\"]",
        "[\"vm\", \"container\"]",
        "boot = \"per-trial\"",
    );
    assert_eq!(Plan::new(&matrix(&[&guests])).boots(), 4);
}

/// The members of the only experiment's cells: name, role and NICs, by id without the workload.
fn members(backend: &str, instance: &str, rest: &str) -> BTreeMap<String, String> {
    let matrix = matrix(&[&arms(backend, instance, rest)]);
    let roster = Roster::new(&matrix);
    let describe = |member: &Member| {
        let role = match member.role {
            Role::Measured => "",
            Role::Peer => "peer ",
            Role::Neighbour => "neighbour ",
        };
        let nic = |nic: &vnicbench_model::NicNeed| {
            let vlan = if nic.vlan { "v" } else { "" };
            format!("{}{}{vlan}", nic.backend, nic.index)
        };
        let nics: Vec<String> = member.nics.iter().map(nic).collect();
        format!("{role}{}[{}]", member.name, nics.join(" "))
    };
    let cells = roster.cells.iter().map(|(cell, members)| {
        let text: Vec<String> = members.iter().map(describe).collect();
        (cell.id().replace("-ping-56B-20ms", ""), text.join(", "))
    });
    cells.collect()
}

#[test]
fn each_kind_of_cell_has_its_members() {
    let expect = |backend: &str, instance: &str, rest: &str, wanted: &[(&str, &str)]| {
        let members = members(backend, instance, rest);
        let members: Vec<(&str, &str)> = members
            .iter()
            .map(|(id, text)| (id.as_str(), text.as_str()))
            .collect();
        assert_eq!(members, wanted);
    };
    expect(
        "[\"native\"]",
        "[]",
        "",
        &[("native-host", "host[native0]")],
    );
    expect(
        "[\"virtio|sriov\"]",
        "[\"vm\"]",
        "vms = [3]",
        &[(
            "virtio-vm.sriov-vm-3vms",
            "virtio-vm[virtio0], sriov-vm[sriov0], virtio-vm-2[virtio0]",
        )],
    );
    expect(
        "[\"virtio+sriov\"]",
        "[\"vm\"]",
        "network = [\"vlan\"]",
        &[(
            "virtio.sriov-vm-vlan",
            "virtio.sriov-vm-vlan[virtio0v sriov1v]",
        )],
    );
    expect(
        "[\"veth\"]",
        "[\"container\"]",
        "nics = [2]\nvms = [2]",
        &[(
            "veth-container-2containers-2nics",
            "veth-container-2nics[veth0 veth1], veth-container-2nics-2[veth0 veth1]",
        )],
    );
    expect(
        "[\"sriov\"]",
        "[\"vm\"]",
        "path = [\"local\"]\nvms = [1, 2]\nnetwork = [\"shared\", \"vlan\"]",
        &[
            (
                "sriov-vm-2vms-local",
                "sriov-vm[sriov0], sriov-vm-2[sriov0], peer peer-sriov-vm[sriov0], peer peer-sriov-vm-2[sriov0]",
            ),
            (
                "sriov-vm-2vms-vlan-local",
                "sriov-vm-vlan[sriov0v], sriov-vm-vlan-2[sriov0v], peer peer-sriov-vm-vlan[sriov0v], peer peer-sriov-vm-vlan-2[sriov0v]",
            ),
            (
                "sriov-vm-local",
                "sriov-vm[sriov0], peer peer-sriov-vm[sriov0]",
            ),
            (
                "sriov-vm-vlan-local",
                "sriov-vm-vlan[sriov0v], peer peer-sriov-vm-vlan[sriov0v]",
            ),
        ],
    );
    // Alone is beside an idle neighbour, on the host too.
    expect(
        "[\"native\", \"veth\"]",
        "[\"container\"]",
        "neighbour = [\"idle\", \"cpu\", \"network-rx\"]\nneighbour_at = [\"vm\", \"host\"]",
        &[
            ("native-host", "host[native0], neighbour neighbour[]"),
            (
                "native-host-cpu-neighbour",
                "host[native0], neighbour neighbour[]",
            ),
            (
                "native-host-cpu-on-host",
                "host[native0], neighbour neighbour[]",
            ),
            (
                "veth-container",
                "veth-container[veth0], neighbour neighbour[]",
            ),
            (
                "veth-container-cpu-neighbour",
                "veth-container[veth0], neighbour neighbour[]",
            ),
            (
                "veth-container-cpu-on-host",
                "veth-container[veth0], neighbour neighbour[]",
            ),
            (
                "veth-container-network-rx-neighbour",
                "veth-container[veth0], neighbour neighbour-veth-container[veth0]",
            ),
        ],
    );
    expect(
        "[\"virtio\"]",
        "[\"vm\"]",
        "neighbour = [\"network-tx\"]\ntuning = [\"pinned\"]",
        &[(
            "virtio-vm-network-tx-neighbour-tuned-pinned",
            "virtio-vm.pinned[virtio0], neighbour neighbour-virtio-vm.pinned[virtio0]",
        )],
    );
}

/// Guests are kept and found by name, so that one name must be one shape.
#[test]
fn one_name_is_one_shape() {
    for (path, matrix) in shipped() {
        let mut shapes: BTreeMap<String, Member> = BTreeMap::new();
        for (_, members) in Roster::new(&matrix).cells {
            let names: BTreeSet<&str> = members.iter().map(|m| m.name.as_str()).collect();
            assert_eq!(names.len(), members.len(), "{}", path.display());
            for member in members {
                let known = shapes.entry(member.name.clone()).or_insert(member.clone());
                assert_eq!(*known, member, "{}", path.display());
            }
        }
    }
}

#[test]
fn fleets_are_the_guests_up_at_the_same_time() {
    let matrix = matrix(&[
        &arms("[\"virtio\", \"veth\"]", "[\"vm\", \"container\"]", ""),
        &arms(
            "[\"virtio\", \"sriov\"]",
            "[\"vm\"]",
            "boot = \"per-trial\"\nvms = [1, 2]",
        ),
    ]);
    let roster = Roster::new(&matrix);
    let fleets = roster.fleets(&matrix);
    let names: Vec<Vec<&str>> = fleets
        .iter()
        .map(|fleet| fleet.iter().map(|member| member.name.as_str()).collect())
        .collect();
    assert_eq!(
        names,
        [
            vec!["virtio-vm"],
            vec!["sriov-vm"],
            vec!["virtio-vm", "virtio-vm-2"],
            vec!["sriov-vm", "sriov-vm-2"],
        ],
        "the kept one, and each other set once"
    );
    let standing: Vec<&str> = roster.standing().into_keys().collect();
    assert_eq!(standing, ["veth-container"]);
}
