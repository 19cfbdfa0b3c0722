//! Bad input: each gets a message that says where, what and what to do, and the exit code
//! that belongs to it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;

use support::{output, top, vnicbench};

/// `plan` of the smoke matrix with one replacement: exit code and message.
fn plan_with(from: &str, to: &str) -> (Option<i32>, String) {
    let text = fs::read_to_string(top().join("pipeline/matrices/smoke.toml")).unwrap();
    assert!(
        text.contains(from),
        "the smoke matrix has no {from:?} any more"
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("matrix.toml");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let (code, _, error) = output(vnicbench().args(["plan", "--matrix"]).arg(&path));
    (code, error)
}

#[test]
fn a_matrix_is_refused_with_file_line_and_what_is_allowed() {
    let cases = [
        (
            "blocks = 8",
            "blocks = 8\ncolour = 1",
            ["matrix.toml:", "unknown field `colour`", "`blocks`"],
        ),
        (
            "blocks = 8",
            "blocks = 0",
            ["matrix.toml:8:", "blocks = 0", "from 1 to 1000"],
        ),
        (
            "\"per-campaign\"",
            "\"daily\"",
            ["matrix.toml:9:", "unknown variant `daily`", "`per-block`"],
        ),
        (
            "\"vhost\"",
            "\"vhosts\"",
            ["matrix.toml:21:", "\"vhosts\" is not a back-end", "vhost,"],
        ),
        (
            "\"20 ms\"",
            "\"20 msec\"",
            [
                "matrix.toml:",
                "\"20 msec\" is not a time",
                "ns, us, ms, s, min, h",
            ],
        ),
        (
            "\"256 MiB\"",
            "256",
            ["matrix.toml:14:", "invalid type: integer", "string"],
        ),
        (
            "\"56 B\"",
            "\"70000 B\"",
            ["matrix.toml:18:", "experiment \"latency\"", "65507 B"],
        ),
        (
            "rate = [\"10 Mbit/s\"]",
            "",
            ["matrix.toml:", "UDP needs a rate", "20 Mbit/s"],
        ),
        (
            "name = \"latency\"",
            "name = \"../etc\"",
            ["matrix.toml:18:", "\"../etc\" is not a name", "lower-case"],
        ),
        (
            "format = 1",
            "format = 9",
            ["matrix.toml:4:", "format 9 is not known", "format 1"],
        ),
    ];
    for (from, to, wanted) in cases {
        let (code, error) = plan_with(from, to);
        assert_eq!(code, Some(2), "{to}: {error}");
        for part in wanted {
            assert!(error.contains(part), "{to}: {part:?} is not in: {error}");
        }
    }
}

#[test]
fn the_shipped_matrices_are_good() {
    for name in ["check", "emulated", "smoke"] {
        let (code, out, error) = output(vnicbench().args([
            "plan",
            "--matrix",
            &format!("pipeline/matrices/{name}.toml"),
        ]));
        assert_eq!(code, Some(0), "{error}");
        assert!(
            out.contains("sriov-vm-ping-56B-20ms") && out.contains("27 cells"),
            "{out}"
        );
    }
}

#[test]
fn a_plan_says_how_long_it_takes_and_why() {
    let questions = "pipeline/matrices/questions.toml";
    let plan = |rest: &[&str]| {
        let arguments = ["plan", "--matrix", questions];
        let (code, out, error) = output(vnicbench().args(arguments).args(rest));
        assert_eq!(code, Some(0), "{error}");
        out
    };
    let out = plan(&["--testbed", "emulated"]);
    for part in [
        "fairness (fairness): 1 cell, guests booted for each trial\n  sriov-vm-iperf3-tcp-rx-p1-3vms\n",
        "18 cells x 1 block = 18 trials, with 9 boots of guests",
        "in raw/emulated",
    ] {
        assert!(out.contains(part), "{part:?} is not in: {out}");
    }
    assert!(plan(&["--raw", "docs"]).contains("s for each batch of guests: assumed"));
    let order = plan(&["--order"]);
    assert_eq!(order.lines().count(), 19, "{order}");
    assert!(order.contains("trials/throughput/virtio-vm-iperf-tcp-rx-p1/000"));
}

#[test]
fn what_is_not_a_campaign_is_said_to_be_none() {
    let directory = tempfile::tempdir().unwrap();
    for command in ["report", "verify"] {
        let (code, _, error) = output(vnicbench().arg(command).arg(directory.path()));
        assert_eq!(code, Some(2), "{error}");
        assert!(
            error.contains("is not a campaign: it has no campaign.json"),
            "{error}"
        );
    }
}

#[test]
fn a_generators_host_is_a_name_and_no_option_of_ssh() {
    let run = |host: &str, testbed: &str| {
        let mut command = vnicbench();
        command.args(["run", "--matrix", "pipeline/matrices/smoke.toml"]);
        command.args(["--generator", "eth0", "--testbed", testbed]);
        command.arg(format!("--generator-host={host}"));
        let (code, _, error) = output(&mut command);
        assert_eq!(code, Some(2), "{error}");
        error
    };
    for host in ["-oProxyCommand=true", "root@-v", "a b", "tester:0"] {
        let error = run(host, "attached");
        assert!(error.contains("is not [USER@]HOST[:PORT]"), "{error}");
    }
    let error = run("tester", "emulated");
    assert!(error.contains("goes with --testbed attached"), "{error}");
}

#[test]
fn names_cannot_leave_the_raw_directory() {
    let (code, _, error) = output(vnicbench().args(["reproduce", "--name", "../x"]));
    assert_eq!(code, Some(2));
    assert!(error.contains("\"../x\" is not a name"), "{error}");
}

/// A machine with a free SR-IOV NIC and root rights would begin to measure; nothing that
/// runs tests has one, and the test says so if it does.
#[test]
fn an_attached_host_without_a_nic_is_told_what_is_missing() {
    let root = fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let nics = fs::read_dir("/sys/class/net").unwrap();
    let capable = nics
        .filter_map(Result::ok)
        .any(|nic| nic.path().join("device/sriov_totalvfs").exists());
    if root && capable {
        eprintln!("SKIPPED: this host has an SR-IOV NIC, which the test must not use");
        return;
    }
    let (code, _, error) = output(vnicbench().args(["reproduce", "--testbed", "attached"]));
    assert_eq!(code, Some(3), "{error}");
    let wanted = if root {
        "no NIC for the VFs (SR-IOV with at least 2 VFs)"
    } else {
        "run the same command with sudo"
    };
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn parse_prints_a_line_of_json_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("x.log");
    fs::write(
        &log,
        "PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.\n64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.250 ms\n\n\
         --- 10.0.0.1 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n\
         rtt min/avg/max/mdev = 0.250/0.250/0.250/0.000 ms\n",
    )
    .unwrap();
    let (code, out, _) = output(vnicbench().args(["parse", "--json"]).arg(&log));
    assert_eq!(code, Some(0));
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["tool"], "ping");
    assert_eq!(document["runs"][0]["rtt_ms"][0], 0.25);

    fs::write(&log, "no log at all\n").unwrap();
    let (code, out, _) = output(vnicbench().args(["parse", "--json"]).arg(&log));
    assert_eq!(code, Some(1));
    assert!(out.contains("\"outcome\":\"unrecognised\""), "{out}");
}

/// Whatever this machine is: what it says is JSON and names the checks, and the exit code
/// follows from the verdicts.
#[test]
fn doctor_describes_this_machine() {
    let cache = tempfile::tempdir().unwrap();
    let (code, printed, error) = output(
        vnicbench()
            .args(["doctor", "--json", "--cache"])
            .arg(cache.path()),
    );
    let found: serde_json::Value = serde_json::from_str(&printed).unwrap_or_else(|_| {
        panic!("{printed}{error}");
    });
    let kvm = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["check"] == "kvm");
    assert!(
        kvm.is_some_and(|kvm| kvm["severity"].is_string()),
        "{printed}"
    );
    let backends = found["backends"].as_array().unwrap();
    let can = backends.iter().filter(|verdict| verdict["can"] == true);
    let expected = match can.count() {
        0 => 3,
        count if count == backends.len() => 0,
        _ => 1,
    };
    assert_eq!(code, Some(expected), "{printed}");
}

#[test]
fn doctor_says_that_a_generators_host_is_out_of_reach() {
    let cache = tempfile::tempdir().unwrap();
    let (code, printed, error) = output(
        vnicbench()
            .args(["doctor", "--generator", "eth0"])
            .args(["--generator-host", "root@127.0.0.1:1", "--cache"])
            .arg(cache.path()),
    );
    assert_eq!(code, Some(3), "{error}");
    let wanted = "problem  generator's host: ";
    // Where there is no ip, nothing is said of the ports.
    assert!(
        printed.contains(wanted) || printed.contains("install iproute2"),
        "{printed}"
    );
}

#[test]
fn doctor_says_which_named_port_is_missing() {
    let cache = tempfile::tempdir().unwrap();
    let (code, printed, error) = output(
        vnicbench()
            .args(["doctor", "--pf", "no-such-nic", "--cache"])
            .arg(cache.path()),
    );
    assert_eq!(code, Some(3), "{error}");
    let wanted = "--pf no-such-nic: there is no such NIC";
    // Where there is no ip, NICs can't be listed at all.
    assert!(
        printed.contains(wanted) || printed.contains("install iproute2"),
        "{printed}"
    );
    for heading in ["This host can run", "NICs", "Findings"] {
        assert!(printed.contains(heading), "{printed}");
    }
}

#[test]
fn stat_estimates_compares_and_judges() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let slow = write(
        "slow",
        "# ms\n10.1\n10.4\n9.8\n10.0\n\n10.2\n9.9\n10.3\n9.7\n",
    );
    let fast = write(
        "fast.csv",
        "trial,\"rtt\"\n1,5.1\n2,5.0\n3,4.9\n4,5.2\n5,\n6,4.8\n7,5.3\n",
    );
    let stat = |rest: &[&str]| {
        let mut command = vnicbench();
        command.arg("stat").arg(&slow).args(rest);
        output(&mut command)
    };
    let (code, out, error) = stat(&[]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("n = 8, from 9.7 to 10.4"), "{out}");
    assert!(out.contains("median: 10.05 [9.7, 10.3], 95 %"), "{out}");
    // Numbers of a column, against those of a column.
    let table = write(
        "slow.csv",
        "rtt\n10.1\n10.4\n9.8\n10.0\n10.2\n9.9\n10.3\n9.7\n",
    );
    let against = |rest: &[&str]| {
        let mut command = vnicbench();
        command
            .args(["stat", "--column", "rtt"])
            .arg(&table)
            .arg(&fast)
            .args(rest);
        output(&mut command)
    };
    let (code, out, error) = against(&["--lower-is-better"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("verdict: better"), "{out}");
    let (code, out, error) = against(&["--json", "--method", "pooled", "--statistic", "mean"]);
    assert_eq!(code, Some(1), "more was better: {error}");
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    let compared = &answer["comparisons"][0];
    assert_eq!(compared["verdict"], "worse");
    let difference = compared["difference"]["estimate"]["value"]
        .as_f64()
        .unwrap();
    assert!((difference + 5.0).abs() < 1e-9, "{compared}");
}

#[test]
fn stat_says_which_line_is_no_number() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd");
    for (text, rest, said) in [
        ("1\n2\nx\n", &[][..], "line 3: \"x\" is not a number"),
        ("1\ninf\n", &[], "line 2: inf can't be counted with"),
        ("", &[], "has no numbers"),
        (
            "a,b\n1,2\n",
            &["--column", "c"],
            "no column \"c\"; it has: a, b",
        ),
        (
            "1\n2\n3\n",
            &["--method", "t", "--statistic", "median"],
            "add --statistic mean",
        ),
        ("1,5\n", &[], "line 1 (--column takes a column of a table)"),
        ("a\n1\n\n", &["--column", "b"], "no column \"b\"; it has: a"),
        (
            "a,b\n1,2\n2,\n",
            &["--column", "b", "--paired"],
            "rows without a value",
        ),
        ("PAR1", &["--column", "b"], "is it whole?"),
        (
            "1\n2\n3\n",
            &["--method", "ministat", "--statistic", "p90"],
            "add --statistic mean",
        ),
        (
            "1\n2\n3\n",
            &["--statistic", "p100"],
            "not mean, median, or a percentile",
        ),
        ("1\n2\n3\n", &["--level", "2"], "level"),
        ("1\n2\n3\n", &["--threshold=-1%"], "threshold"),
    ] {
        std::fs::write(&path, text).unwrap();
        let (code, out, error) = output(vnicbench().arg("stat").arg(&path).args(rest));
        assert_eq!(code, Some(2), "{said}: {out}{error}");
        assert!(error.contains(said), "{said}: {error}");
    }
    // Too few are an answer, too.
    std::fs::write(&path, "1\n2\n3\n").unwrap();
    let (code, out, _) = output(vnicbench().arg("stat").arg(&path));
    assert_eq!(code, Some(0));
    assert!(out.contains("insufficient data (n = 3, needs 6)"), "{out}");
}

#[test]
fn stat_prints_what_ministat_published() {
    let corpus = top().join(
        "../shared/corpus/stats-ci/netbenches/AMD_GX-412TC_4Cores/Intel_i210AT/firewalls/results",
    );
    if !corpus.is_dir() {
        println!("SKIPPED: no ministat corpus at {}", corpus.display());
        return;
    }
    let stat = |directory: &str, files: &[&str], rest: &[&str]| {
        let mut command = vnicbench();
        command.arg("stat").args(rest);
        command.args(files.iter().map(|file| corpus.join(directory).join(file)));
        let (_, out, error) = output(&mut command);
        assert!(!out.is_empty(), "{error}");
        out
    };
    // Whatever is asked for.
    for rest in [&[][..], &["--method", "ministat"]] {
        let altq = stat(
            "fbsd11-stable.r332393.ALTQ",
            &["r332393.pps", "r332393ALTQ.pps"],
            rest,
        );
        for said in [
            "as ministat prints means: -204202 +/- 5803.71, -29.8963% +/- 0.720646% (",
            "pooled s = 3979.39",
            "verdict: worse",
        ] {
            assert!(altq.contains(said), "{said}: {altq}");
        }
        let firewalls = stat(
            "fbsd10.3",
            &[
                "fastforwarding.pps",
                "ipfw-statefull.pps",
                "pf-statefull.pps",
            ],
            rest,
        );
        for said in [
            "means: -134241 +/- 3292.75, -36.6138% +/- ",
            "(before 2016 0.898084%), pooled s = 3504.43",
            "means: -157903 +/- 3170.96, -43.0674% +/- ",
            "(before 2016 0.864867%), pooled s = 3374.82",
        ] {
            assert!(firewalls.contains(said), "{said}: {firewalls}");
        }
    }
    let only = stat(
        "fbsd10.3",
        &["fastforwarding.pps", "pf-statefull.pps"],
        &["--statistic", "mean", "--method", "t"],
    );
    assert!(!only.contains("ministat"), "{only}");
}
