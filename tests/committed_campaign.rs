//! The report of the committed campaign, from its raw logs alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;

use support::{COMMITTED, copy_tree, json, output, top, vnicbench};

/// Languages with the digests of the report in them.
const GOLDEN: [(&str, &str); 2] = [
    ("en", "tests/golden/emulated.sha256"),
    ("ko", "tests/golden/emulated-ko.sha256"),
];

/// Digests of the report's files in the format of sha256sum(1).
fn digests(directory: &Path) -> String {
    let digest = |name: &str| vnicbench_model::store::sha256_file(&directory.join(name)).unwrap();
    ["report.html", "report.pdf"]
        .map(|name| format!("{}  {name}\n", digest(name)))
        .concat()
}

#[test]
fn its_report_is_the_recorded_one_wherever_and_whenever_it_is_made() {
    let work = tempfile::tempdir().unwrap();
    let elsewhere = work.path().join("another place");
    copy_tree(&top().join(COMMITTED), &elsewhere.join("emulated"));

    for (lang, golden) in GOLDEN {
        let here = work.path().join(lang);
        let mut one = vnicbench();
        one.args(["report", COMMITTED, "--no-cache", "--lang", lang, "--out"])
            .arg(&here);
        let (code, _, error) = output(&mut one);
        assert_eq!(code, Some(0), "{error}");
        let recorded = fs::read_to_string(top().join(golden)).unwrap();
        assert_eq!(
            digests(&here),
            recorded,
            "the report changed; if that was meant, look at it and record it: \
             vnicbench report {COMMITTED} --lang {lang} --out X; (cd X && sha256sum report.html report.pdf) > {golden}"
        );
    }

    let mut other = vnicbench();
    other
        .current_dir(&elsewhere)
        .env("TZ", "Asia/Seoul")
        .env("LANG", "ko_KR.UTF-8")
        .env("LC_ALL", "ko_KR.UTF-8");
    let (code, _, error) =
        output(other.args(["report", "emulated", "--no-cache", "--out", "there"]));
    assert_eq!(code, Some(0), "{error}");

    assert_eq!(
        digests(&work.path().join("en")),
        digests(&elsewhere.join("there")),
        "the same logs gave two reports"
    );
}

#[test]
fn what_is_kept_gives_the_same_report() {
    let work = tempfile::tempdir().unwrap();
    let cache = work.path().join("cache");
    let report = |name: &str| {
        let out = work.path().join(name);
        let mut command = vnicbench();
        command.args(["report", COMMITTED, "--cache"]).arg(&cache);
        let (code, _, error) = output(command.arg("--out").arg(&out));
        assert_eq!(code, Some(0), "{error}");
        digests(&out)
    };
    let recorded = fs::read_to_string(top().join(GOLDEN[0].1)).unwrap();
    assert_eq!(report("made"), recorded);
    let kept = || {
        let entries = walkdir::WalkDir::new(&cache).into_iter().flatten();
        entries.filter(|entry| entry.file_type().is_file())
    };
    assert_eq!(kept().count(), 217, "an entry a trial, and the report");
    assert_eq!(report("kept"), recorded);
    // Damaged entries are made again, in threes: a good one, a cut one, one of something else.
    for (index, entry) in kept().enumerate() {
        let bytes = fs::read(entry.path()).unwrap();
        match index % 3 {
            1 => fs::write(entry.path(), &bytes[..bytes.len() / 2]).unwrap(),
            2 => fs::write(entry.path(), "something else").unwrap(),
            _ => {}
        }
    }
    assert_eq!(report("mended"), recorded);
}

#[test]
fn it_is_whole_small_and_says_that_it_is_emulated() {
    let (code, out, error) = output(vnicbench().args(["verify", COMMITTED, "--json"]));
    assert_eq!(code, Some(0), "{out}{error}");
    let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verified["planned"], 216);
    assert_eq!(verified["complete"], 216);

    let campaign = json(&top().join(COMMITTED).join("campaign.json"));
    assert_eq!(campaign["testbed"], "emulated");
    assert_eq!(campaign["matrix"]["boot"], "per-block");

    let size = |path: &Path| -> u64 {
        fn walk(path: &Path) -> u64 {
            let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
            entries
                .map(|e| {
                    if e.file_type().unwrap().is_dir() {
                        walk(&e.path())
                    } else {
                        e.metadata().unwrap().len()
                    }
                })
                .sum()
        }
        walk(path)
    };
    assert!(size(&top().join(COMMITTED)) <= 5_000_000);
}

#[test]
fn a_log_that_was_changed_is_named() {
    let work = tempfile::tempdir().unwrap();
    let campaign = work.path().join("emulated");
    copy_tree(&top().join(COMMITTED), &campaign);
    let log = campaign.join("trials/latency/sriov-vm-ping-56B-20ms/003/ping-sriov-vm.log");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.replacen("time=", "time=1", 1)).unwrap();
    for command in ["report", "verify"] {
        let (code, _, error) = output(
            vnicbench()
                .arg(command)
                .arg(&campaign)
                .current_dir(work.path()),
        );
        assert_eq!(code, Some(2), "{error}");
        assert!(
            error.contains("003/ping-sriov-vm.log was changed after it was measured"),
            "{error}"
        );
    }
}

/// What a crash leaves: the trial under way without its end, later ones not begun.
#[test]
fn what_a_crash_leaves_still_gives_a_report() {
    let work = tempfile::tempdir().unwrap();
    let campaign = work.path().join("emulated");
    copy_tree(&top().join(COMMITTED), &campaign);
    let cell = campaign.join("trials/latency/vhost-vm-ping-56B-20ms");
    fs::remove_file(cell.join("005/COMPLETE")).unwrap();
    fs::rename(cell.join("006"), cell.join("006.partial")).unwrap();
    fs::remove_file(cell.join("006.partial/trial.json")).unwrap();
    fs::remove_file(cell.join("006.partial/SHA256SUMS")).unwrap();
    fs::remove_dir_all(cell.join("007")).unwrap();

    let (code, out, _) = output(vnicbench().arg("verify").arg(&campaign));
    assert_eq!(code, Some(1));
    assert!(
        out.contains("213 of 216 trials complete, 0 failed, 2 interrupted, 1 missing"),
        "{out}"
    );

    let (code, _, error) = output(
        vnicbench()
            .arg("report")
            .arg(&campaign)
            .arg("--out")
            .arg(work.path().join("r")),
    );
    assert_eq!(code, Some(0), "{error}");
    let html = fs::read_to_string(work.path().join("r/report.html")).unwrap();
    assert!(
        html.contains("insufficient data (n = 5, needs 6)"),
        "five blocks are too few for a median's interval"
    );
}
