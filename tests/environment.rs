//! Where software comes from, and whether this host is the one of a campaign.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{COMMITTED, copy_tree, json as read, output, top, vnicbench};
use tempfile::TempDir;
use vnicbench_model::store::sha256_file;

/// The committed campaign with another head.
fn campaign(change: impl Fn(&mut Value)) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("emulated");
    copy_tree(&top().join(COMMITTED), &path);
    let head = path.join("campaign.json");
    let mut value = read(&head);
    let before = sha256_file(&head).unwrap();
    change(&mut value);
    fs::write(&head, value.to_string()).unwrap();
    let sums = path.join("SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    assert!(text.contains(&before));
    let text = text.replace(&before, &sha256_file(&head).unwrap());
    fs::write(&sums, text).unwrap();
    directory
}

/// `verify --environment` of a campaign with nothing in the cache: exit code, output, errors.
fn compared(campaign: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let cache = tempfile::tempdir().unwrap();
    output(
        vnicbench()
            .args(["verify", "--environment"])
            .arg(campaign)
            .arg("--cache")
            .arg(cache.path())
            .args(more)
            .env_remove("VNICBENCH_PARTS"),
    )
}

fn rows(out: &str) -> Vec<Value> {
    let compared: Value = serde_json::from_str(out).unwrap();
    compared["rows"].as_array().unwrap().clone()
}

#[test]
fn what_differs_is_told_first_and_what_cannot_be_seen_with_its_reason() {
    let (code, out, error) = compared(&top().join(COMMITTED), &["--json"]);
    let found = rows(&out);
    let states: Vec<&str> = found
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    let expected = if states.contains(&"differs") { 1 } else { 3 };
    assert_eq!(code, Some(expected), "{out}{error}");
    let rank = |state: &&str| {
        let order = ["differs", "cannot-tell", "same"];
        order.iter().position(|known| known == state)
    };
    assert!(states.is_sorted_by_key(rank), "{states:?}");
    let places: Vec<&str> = found
        .iter()
        .map(|row| row["place"].as_str().unwrap())
        .collect();
    for place in [
        "host.cpu",
        "host.kernel",
        "host.accelerator",
        "environment.artifacts",
        "environment.packages[iperf3].version",
        "tool",
    ] {
        assert!(places.contains(&place), "{place} in {places:?}");
    }
    let artifacts = places.iter().position(|p| *p == "environment.artifacts");
    let why = found[artifacts.unwrap()]["why"].as_str().unwrap();
    assert!(
        why.contains("aren't in") && why.contains("--fetch"),
        "{why}"
    );
}

/// A campaign as if it had been measured here: nothing differs, and images can't be told.
#[test]
fn the_host_itself_is_the_same() {
    let (_, out, _) = compared(&top().join(COMMITTED), &["--json"]);
    let here: Vec<Value> = rows(&out)
        .into_iter()
        .filter(|row| row["state"] == "differs")
        .collect();
    let lock = fs::read_to_string(top().join("pipeline/images/debian.lock")).unwrap();
    let packages = lock.lines().filter(|line| !line.starts_with('#'));
    let packages: Vec<Value> = packages
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            json!({ "name": fields[0], "version": fields[1], "sha256": fields[2] })
        })
        .collect();
    let same = campaign(|head| {
        for row in &here {
            if let Some(field) = row["place"].as_str().unwrap().strip_prefix("host.") {
                head["outer"][field] = row["here"].clone();
            }
        }
        head["tool_version"] = env!("CARGO_PKG_VERSION").into();
        head["environment"]["packages"] = packages.clone().into();
    });
    let path = same.path().join("emulated");
    let (code, out, error) = compared(&path, &[]);
    assert_eq!(code, Some(3), "{out}{error}");
    assert!(!out.contains("Differs from"), "{out}");
    assert!(out.contains("Can't be told here\n") && out.contains("The same\n"));

    // Another kernel is the first thing that is said.
    let mut head = read(&path.join("campaign.json"));
    head["outer"]["kernel"] = "2.6.32".into();
    fs::write(path.join("campaign.json"), head.to_string()).unwrap();
    let (code, out, _) = compared(&path, &[]);
    assert_eq!(code, Some(1), "{out}");
    let mut lines = out.lines().skip(1);
    let first = lines.next().unwrap();
    assert!(
        first.contains("host.kernel") && first.ends_with("was 2.6.32"),
        "{out}"
    );
    assert!(lines.next().unwrap().contains(" is "), "{out}");
}

#[test]
fn a_campaign_that_does_not_say_cannot_be_told() {
    let empty = campaign(|head| {
        head["environment"] =
            json!({ "provider": "", "packages": [], "artifacts": [], "differences": [] });
    });
    let (_, out, _) = compared(&empty.path().join("emulated"), &["--json"]);
    let found = rows(&out);
    let row = found.iter().find(|row| row["place"] == "environment");
    let row = row.unwrap();
    assert_eq!(row["state"], "cannot-tell");
    assert!(row["why"].as_str().unwrap().contains("doesn't say"));

    let without = campaign(|head| {
        head.as_object_mut().unwrap().remove("environment");
    });
    let (code, _, error) = compared(&without.path().join("emulated"), &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("campaign.json") && error.contains("missing field `environment`"),
        "{error}"
    );
}

#[test]
fn an_environment_is_of_a_campaign() {
    let (code, _, error) = compared(&top().join("Cargo.toml"), &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("--environment takes a campaign"), "{error}");
    let (code, _, error) = compared(&top().join(COMMITTED), &["--claims", "x.toml"]);
    assert_eq!(code, Some(2), "{error}");
}

const LOCKED: &str = "sha256-ugpsyk3NM2s87vXfUiIIiibbJ4Pp0JPS5p/3mfs+q+c=";
const OTHER: &str = "sha256-vUfIeBEfpbAfZ5zjgIkYk7eHBeVfCYVjLbWnMkseYnk=";

fn provenance(used: &str) -> Value {
    json!({
        "format": 1,
        "flake": { "rev": null, "dirty": true },
        "nixpkgs": {
            "locked": { "rev": "21a67dc470149f337cecafbe965d8d252a390518", "narHash": LOCKED },
            "used": { "rev": null, "narHash": used },
        },
    })
}

/// What was built from another nixpkgs than the lock's is flagged, and no failure.
#[test]
fn a_mismatch_is_flagged() {
    for (used, flagged) in [(OTHER, true), (LOCKED, false)] {
        let built = campaign(|head| {
            head["environment"]["provider"] = "nix".into();
            head["environment"]["provenance"] = provenance(used);
        });
        let path = built.path().join("emulated");
        let (code, out, error) = output(vnicbench().arg("verify").arg(&path));
        assert_eq!(code, Some(0), "{error}");
        assert_eq!(out.contains("not what the lock has: nixpkgs"), flagged);
        let (_, out, _) = compared(&path, &[]);
        assert!(out.contains("environment.provenance"), "{out}");
        assert_eq!(out.contains("not what the lock has: nixpkgs"), flagged);
    }
}

/// Trees of parts with one kernel each, below one directory.
fn trees(releases: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for release in releases {
        let tree = directory.path().join(format!("kernel-{release}"));
        fs::create_dir_all(tree.join("lib/modules").join(release)).unwrap();
        let description = json!({ "provider": "nix", "packages": [], "differences": [] });
        fs::write(tree.join("parts.json"), description.to_string()).unwrap();
    }
    directory
}

/// `run` of the smoke matrix with a further line, from these trees: exit code and message.
fn run(line: &str, parts: &Path, variables: &[(&str, &Path)]) -> (Option<i32>, String) {
    let work = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(top().join("pipeline/matrices/smoke.toml")).unwrap();
    let with = format!("instance = [\"vm\", \"container\"]\n{line}");
    let text = text.replacen("instance = [\"vm\", \"container\"]", &with, 1);
    let matrix = work.path().join("matrix.toml");
    fs::write(&matrix, text).unwrap();
    let mut command = vnicbench();
    command
        .args(["run", "--testbed", "emulated", "--matrix"])
        .arg(&matrix)
        .arg("--parts")
        .arg(parts)
        // Not static, which is found out after all that is looked for here.
        .args(["--agent", "/proc/self/exe", "--raw"])
        .arg(work.path().join("raw"))
        .arg("--cache")
        .arg(work.path().join("cache"))
        .envs(variables.iter().copied());
    let (code, _, error) = output(&mut command);
    (code, error)
}

#[test]
fn a_kernel_that_no_tree_has_is_told_with_those_that_there_are() {
    let two = trees(&["6.12.41", "6.18.3"]);
    let (code, error) = run("kernel = [\"6.12\", \"6.6\"]", two.path(), &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("no environment has kernel 6.6; there are 6.12.41, 6.18.3")
            && error.contains("--parts DIR"),
        "{error}"
    );
    let one = two.path().join("kernel-6.18.3");
    let (code, error) = run("qemu = [\"10.2\"]", &one, &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("no environment has qemu 10.2; there is none"),
        "{error}"
    );
    // All that it names is there: what is wrong is the agent.
    let (_, error) = run("kernel = [\"6.18\", \"6.12\"]", two.path(), &[]);
    assert!(error.contains("is not static"), "{error}");
    let nothing = tempfile::tempdir().unwrap();
    let (code, error) = run("", nothing.path(), &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("has no parts.json"), "{error}");
}

#[test]
fn provenance_that_is_none_is_named() {
    let tree = trees(&["6.18.3"]);
    let file = tree.path().join("kernel-6.18.3/provenance.json");
    let mut later = provenance(LOCKED);
    later["format"] = 2.into();
    for (text, wanted) in [
        ("{".to_owned(), "provenance.json: EOF"),
        (later.to_string(), "provenance.json: format 2 is not known"),
        (
            json!({ "format": 1 }).to_string(),
            "provenance.json: missing field `flake`",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let (code, error) = run("", tree.path(), &[]);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(wanted), "{error}");
    }
    let gone = tree.path().join("gone.json");
    let (code, error) = run("", tree.path(), &[("VNICBENCH_PROVENANCE", &gone)]);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("cannot read the provenance") && error.contains("gone.json"),
        "{error}"
    );
    fs::write(&gone, provenance(LOCKED).to_string()).unwrap();
    let (_, error) = run("", tree.path(), &[("VNICBENCH_PROVENANCE", &gone)]);
    assert!(error.contains("is not static"), "{error}");
}
