//! Faults on purpose, in their short form: whatever happens to a campaign, the host is put
//! back and no finished trial is lost. All of them: `vnicbench faults --every 1`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::{output, vnicbench};

#[test]
fn host_and_trials_survive_every_fault() {
    let work = tempfile::tempdir().unwrap();
    let (code, out, error) = output(
        vnicbench()
            .args(["faults", "--json", "--name", "short", "--raw"])
            .arg(work.path()),
    );
    let report: serde_json::Value =
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{error}"));
    let results = report["results"].as_array().unwrap();
    let names: Vec<&str> = results
        .iter()
        .map(|result| result["fault"].as_str().unwrap())
        .collect();
    for kind in [
        "SIGKILL after step",
        "EBUSY",
        "EIO",
        "ENOSPC",
        "fills up",
        "Ctrl-C twice",
        "SIGTERM",
        "SIGHUP",
        "QEMU",
        "agent",
        "hangs",
        "power",
    ] {
        assert!(
            names.iter().any(|name| name.contains(kind)),
            "no fault {kind:?} in {names:?}"
        );
    }
    let kills = results
        .iter()
        .filter(|result| result["ended"] == "signal 9")
        .count();
    assert_eq!(kills, 5, "every kill hit the run: {names:?}");
    let stale = results
        .iter()
        .filter(|result| result["refused"] == true)
        .count();
    assert!(
        stale >= 3,
        "a killed run leaves a journal that stops the next one"
    );
    for result in results {
        assert_eq!(
            result["differences"],
            serde_json::json!([]),
            "the host after {result}"
        );
        assert_eq!(result["lost"], 0, "{result}");
        assert_eq!(result["whole"], true, "{result}");
        assert_eq!(result["problems"], serde_json::json!([]), "{result}");
    }
    assert_eq!(code, Some(0), "{error}");
}
