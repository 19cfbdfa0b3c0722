//! A campaign as an archive: the same bytes everywhere, and whatever is done to it is noticed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use support::{COMMITTED, copy_tree, output, top, vnicbench};
use tempfile::TempDir;
use vnicbench_model::store::{sha256_bytes, sha256_file};

/// Files of an archive by name.
type Files = BTreeMap<String, Vec<u8>>;

/// The package of the committed campaign, made once.
static PACKAGE: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("emulated.tar.zst");
    let (code, out, error) = output(
        vnicbench()
            .args(["package", COMMITTED, "--out"])
            .arg(&archive)
            .env_remove("SOURCE_DATE_EPOCH"),
    );
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("216 of 216 trials complete"), "{out}");
    assert!(out.contains("its times say nothing of hardware"), "{out}");
    (directory, archive)
});

/// Reads an archive, and the times that it bears.
fn read(archive: &Path) -> (Files, BTreeSet<u64>) {
    let decoder = zstd::Decoder::new(File::open(archive).unwrap()).unwrap();
    let mut files = Files::new();
    let mut times = BTreeSet::new();
    for entry in tar::Archive::new(decoder).entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        times.insert(header.mtime().unwrap());
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert!(header.username().unwrap().is_none_or(str::is_empty));
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        files.insert(name, bytes);
    }
    (files, times)
}

fn write(archive: &Path, files: &Files) {
    let encoder = zstd::Encoder::new(File::create(archive).unwrap(), 1).unwrap();
    let mut builder = tar::Builder::new(encoder);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap();
}

fn verify(path: &Path) -> (Option<i32>, String) {
    let (code, out, error) = output(vnicbench().arg("verify").arg(path));
    (code, out + &error)
}

/// Writes digests anew, as one would who wants a change not to be seen.
fn seal(files: &mut Files) {
    let root = "vnicbench-emulated/";
    let sums: String = files
        .iter()
        .map(|(name, bytes)| (name.strip_prefix(root).unwrap(), bytes))
        .filter(|(name, _)| *name != "SHA256SUMS")
        .map(|(name, bytes)| format!("{}  {name}\n", sha256_bytes(bytes)))
        .collect();
    files.insert(format!("{root}SHA256SUMS"), sums.into_bytes());
}

#[test]
fn the_same_campaign_gives_the_same_archive_wherever_and_whenever() {
    let (_, archive) = &*PACKAGE;
    let work = tempfile::tempdir().unwrap();
    let place = work.path().join("another place");
    copy_tree(&top().join(COMMITTED), &place.join("renamed"));
    let mut other = vnicbench();
    other
        .current_dir(&place)
        .env_remove("SOURCE_DATE_EPOCH")
        .env("TZ", "Asia/Seoul")
        .env("LC_ALL", "ko_KR.UTF-8");
    let (code, _, error) = output(other.args(["package", "renamed"]));
    assert_eq!(code, Some(0), "{error}");
    let again = place.join("reports/vnicbench-emulated.tar.zst");
    assert_eq!(sha256_file(&again).unwrap(), sha256_file(archive).unwrap());
    let (_, times) = read(archive);
    let started = support::json(&top().join(COMMITTED).join("campaign.json"))["started"].clone();
    assert_eq!(started, "2026-11-23T19:50:17.258Z");
    assert_eq!(
        times,
        BTreeSet::from([1_795_463_417]),
        "the campaign's start"
    );
}

#[test]
fn an_author_a_time_and_claims_can_be_given() {
    let work = tempfile::tempdir().unwrap();
    let archive = work.path().join("x.tar.zst");
    let (code, out, error) = output(
        vnicbench()
            .args(["package", COMMITTED, "--json", "--out"])
            .arg(&archive)
            .args(["--claims", "pipeline/matrices/emulated.claims.toml"])
            .args(["--author", "Josiah \"J\" Carberry (0000-0002-1825-0097)"])
            .env("SOURCE_DATE_EPOCH", "1700000000"),
    );
    assert_eq!(code, Some(0), "{error}");
    let packed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(packed["sha256"], sha256_file(&archive).unwrap().as_str());
    assert_eq!(packed["testbed"], "emulated");
    let (files, times) = read(&archive);
    assert_eq!(times, BTreeSet::from([1_700_000_000]));
    let citation = String::from_utf8_lossy(&files["vnicbench-emulated/CITATION.cff"]);
    for line in [
        r#"  - name: "Josiah \"J\" Carberry""#,
        r#"    orcid: "https://orcid.org/0000-0002-1825-0097""#,
        r#"date-released: "2023-11-14""#,
    ] {
        assert!(citation.contains(line), "{line}\n{citation}");
    }
    let (code, out) = verify(&archive);
    let claims = include_str!("../pipeline/matrices/emulated.claims.toml");
    let id = claims.lines().find_map(|line| line.strip_prefix("id = \""));
    assert!(out.contains(id.unwrap().trim_end_matches('"')), "{out}");
    assert_eq!(code, Some(0), "{out}");
    for wrong in ["x (0000-0002-1825-0098)", ""] {
        let (code, _, error) = output(vnicbench().args(["package", COMMITTED, "--author", wrong]));
        assert_eq!(code, Some(2), "{error}");
    }
    let late = "99999999999";
    let (code, _, error) = output(
        vnicbench()
            .args(["package", COMMITTED])
            .env("SOURCE_DATE_EPOCH", late),
    );
    assert_eq!(code, Some(2));
    assert!(
        error.contains("is no time between 1970 and 2242"),
        "{error}"
    );
}

#[test]
fn it_holds_everything_and_nothing_of_the_host() {
    let (_, archive) = &*PACKAGE;
    let (files, _) = read(archive);
    for part in [
        "raw/emulated/campaign.json",
        "report/report.html",
        "report/report.pdf",
        "tables/trials.csv",
        "tables/trials.parquet",
        "environment.json",
        "matrix.toml",
        "LICENSE",
        "README.md",
        "BADGES.md",
        "CITATION.cff",
        "SHA256SUMS",
    ] {
        assert!(
            files.contains_key(&format!("vnicbench-emulated/{part}")),
            "{part}"
        );
    }
    let caution =
        "Emulated test bed: shows that everything works; its times say nothing of hardware.";
    for document in [
        "README.md",
        "BADGES.md",
        "CITATION.cff",
        "ro-crate-metadata.json",
    ] {
        let text = String::from_utf8_lossy(&files[&format!("vnicbench-emulated/{document}")]);
        assert!(text.contains(caution), "{document}");
        let here = top();
        for path in [here.to_str().unwrap(), "/tmp/", "/root"] {
            assert!(!text.contains(path), "{document} has {path}");
        }
    }
    let badges = String::from_utf8_lossy(&files["vnicbench-emulated/BADGES.md"]);
    for line in [
        "- [x] Complete: 216 of 216 planned trials.",
        "- [ ] Authors: deposit",
    ] {
        assert!(badges.contains(line), "{badges}");
    }
    // Its matrix is one.
    let work = tempfile::tempdir().unwrap();
    let matrix = work.path().join("matrix.toml");
    fs::write(&matrix, &files["vnicbench-emulated/matrix.toml"]).unwrap();
    let (code, out, error) = output(vnicbench().args(["plan", "--matrix"]).arg(&matrix));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("27 cells x 8 blocks = 216 trials"), "{out}");
}

/// What the specifications require of the metadata; `tests/ro-crate` asks a public validator.
#[test]
fn its_metadata_describe_what_is_there() {
    let (_, archive) = &*PACKAGE;
    let (files, _) = read(archive);
    let root = "vnicbench-emulated/";
    let document: Value =
        serde_json::from_slice(&files[&format!("{root}ro-crate-metadata.json")]).unwrap();
    assert_eq!(
        document["@context"],
        "https://w3id.org/ro/crate/1.2/context"
    );
    let graph = document["@graph"].as_array().unwrap();
    let mut entities = BTreeMap::new();
    for entity in graph {
        let id = entity["@id"].as_str().unwrap();
        assert!(entities.insert(id, entity).is_none(), "{id} is there twice");
        assert!(entity["name"].is_string(), "{id} has no name");
    }
    assert_eq!(entities["ro-crate-metadata.json"]["about"]["@id"], "./");
    assert_eq!(
        entities["./"]["conformsTo"]["@id"],
        "https://w3id.org/ro/wfrun/process/0.5"
    );
    for property in [
        "description",
        "datePublished",
        "license",
        "author",
        "publisher",
    ] {
        assert!(!entities["./"][property].is_null(), "{property}");
    }
    // Every file that is described is there, as described.
    let mut described = 0;
    for (id, entity) in &entities {
        match entity["@type"].as_str() {
            Some("File") => {
                let bytes = &files[&format!("{root}{id}")];
                assert_eq!(entity["contentSize"], bytes.len().to_string(), "{id}");
                assert_eq!(entity["sha256"], sha256_bytes(bytes), "{id}");
                described += 1;
            }
            Some("Dataset") if *id != "./" => {
                assert!(id.ends_with('/'));
                let place = format!("{root}{id}");
                assert!(files.keys().any(|name| name.starts_with(&place)), "{id}");
            }
            Some("SoftwareApplication") => {
                assert!(
                    entity["version"].is_string() && entity["url"].is_string(),
                    "{id}"
                );
            }
            _ => {}
        }
    }
    assert!(described > 25, "{described}");
    // Every reference leads to an entity or out of the crate, and every entity is led to.
    let mut led_to = BTreeSet::from(["ro-crate-metadata.json".to_owned()]);
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            Value::Object(object) if object.len() == 1 && object.contains_key("@id") => {
                found.insert(object["@id"].as_str().unwrap().to_owned());
            }
            Value::Object(object) => object.values().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    references(&document["@graph"], &mut led_to);
    for id in &led_to {
        let outside = id.starts_with("https://w3id.org/ro/crate/1.");
        assert!(outside || entities.contains_key(id.as_str()), "{id}");
    }
    for id in entities.keys() {
        assert!(led_to.contains(*id), "nothing leads to {id}");
    }
    // The run: what it took, with what, what came of it.
    let run = entities["#measuring"];
    assert_eq!(run["@type"], "CreateAction");
    assert_eq!(run["startTime"], "2026-11-23T19:50:17.258+00:00");
    let used: BTreeSet<&str> = run["instrument"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| {
            entities[tool["@id"].as_str().unwrap()]["name"]
                .as_str()
                .unwrap()
        })
        .collect();
    let known = [
        "iperf",
        "iperf3",
        "kernel",
        "ping",
        "qemu",
        "stress",
        "vnicbench",
    ];
    assert_eq!(used, BTreeSet::from(known));
    assert_eq!(run["object"][0]["@id"], "matrix.toml");
    assert_eq!(run["result"][0]["@id"], "raw/emulated/");
    assert_eq!(entities["#reporting"]["object"]["@id"], "raw/emulated/");
}

#[test]
fn whatever_is_done_to_it_is_noticed() {
    let (_, archive) = &*PACKAGE;
    let (code, out) = verify(archive);
    assert_eq!(code, Some(0), "{out}");
    for part in [
        "holds: 1602 files are as SHA256SUMS says",
        "holds: report/ is what the raw logs give, byte for byte",
        "holds: tables/ is what the raw logs give, byte for byte",
        "216 of 216 trials complete",
    ] {
        assert!(out.contains(part), "{part:?} is not in: {out}");
    }

    let root = "vnicbench-emulated/";
    let log = "raw/emulated/trials/latency/sriov-vm-ping-56B-20ms/003/ping-sriov-vm.log";
    let flip = |files: &mut Files, name: &str| {
        let bytes = files.get_mut(&format!("{root}{name}")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    type Change<'a> = Box<dyn Fn(&mut Files) + 'a>;
    let cases: [(&str, Change<'_>, &[&str]); 8] = [
        (
            "a byte of a log",
            Box::new(|files| flip(files, log)),
            &[
                "003/ping-sriov-vm.log was changed: its SHA-256 is another",
                "report/ can't be made again: raw/emulated/trials",
            ],
        ),
        (
            "a byte of a log, sealed again",
            Box::new(|files| {
                flip(files, log);
                seal(files);
            }),
            &[
                "holds: 1602 files",
                "003/ping-sriov-vm.log was changed after it was measured",
            ],
        ),
        (
            "a byte of the report",
            Box::new(|files| flip(files, "report/report.html")),
            &[
                "report/report.html was changed: its SHA-256 is another",
                "report/report.html is not what the raw logs give",
                "holds: tables/",
            ],
        ),
        (
            "a byte of a table, sealed again",
            Box::new(|files| {
                flip(files, "tables/values.parquet");
                seal(files);
            }),
            &[
                "holds: 1602 files",
                "tables/values.parquet is not what the raw logs give",
            ],
        ),
        (
            "a file gone",
            Box::new(|files| {
                files.remove(&format!("{root}CITATION.cff"));
            }),
            &["CITATION.cff is missing"],
        ),
        (
            "a file more",
            Box::new(|files| {
                files.insert(format!("{root}tables/other.csv"), b"1\n".to_vec());
            }),
            &[
                "tables/other.csv is not in SHA256SUMS: it was added",
                "tables/other.csv is not made of the raw logs",
            ],
        ),
        (
            "another host",
            Box::new(|files| {
                let name = format!("{root}environment.json");
                let text = String::from_utf8(files[&name].clone()).unwrap();
                files.insert(name, text.replacen("EPYC", "Xeon", 1).into_bytes());
                seal(files);
            }),
            &[
                "holds: 1602 files",
                "environment.json is not what the campaign says",
            ],
        ),
        (
            "another version",
            Box::new(|files| {
                let name = format!("{root}environment.json");
                let text = String::from_utf8(files[&name].clone()).unwrap();
                let other = text.replacen("\"packed_by\": \"", "\"packed_by\": \"9.", 1);
                files.insert(name, other.into_bytes());
                flip(files, "report/report.pdf");
                seal(files);
            }),
            &[
                "report/report.pdf is not what the raw logs give; the package was made by vnicbench 9.",
            ],
        ),
    ];
    let (whole, _) = read(archive);
    let work = tempfile::tempdir().unwrap();
    let changed = work.path().join("changed.tar.zst");
    for (case, change, said) in cases {
        let mut files = whole.clone();
        change(&mut files);
        write(&changed, &files);
        let (code, out) = verify(&changed);
        assert_eq!(code, Some(1), "{case}: {out}");
        for part in said {
            assert!(out.contains(part), "{case}: {part:?} is not in: {out}");
        }
    }

    // What can't be read at all is bad input.
    let bytes = fs::read(archive).unwrap();
    let cut = bytes.get(..bytes.len() / 2).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 0x10;
    for (bytes, said) in [
        (cut, "is cut or damaged"),
        (bytes.get(..bytes.len() - 3).unwrap(), "is cut or damaged"),
        (&damaged, "is cut or damaged"),
        (b"no archive", "is not a package: it is not compressed"),
    ] {
        fs::write(&changed, bytes).unwrap();
        let (code, out) = verify(&changed);
        assert_eq!(code, Some(2), "{out}");
        assert!(out.contains(said), "{said:?} is not in: {out}");
    }
    let (code, out) = verify(&work.path().join("nowhere.tar.zst"));
    assert_eq!(code, Some(2), "{out}");
}

#[test]
fn a_campaign_with_failures_is_packed_and_says_so() {
    let work = tempfile::tempdir().unwrap();
    let campaign = work.path().join("emulated");
    copy_tree(&top().join(COMMITTED), &campaign);
    let cell = campaign.join("trials/latency/vhost-vm-ping-56B-20ms");
    // Failed.
    let failed = cell.join("004");
    let record = failed.join("trial.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replacen("\"done\"", "\"failed\"", 1)).unwrap();
    fs::remove_file(failed.join("COMPLETE")).unwrap();
    let sums = fs::read_to_string(failed.join("SHA256SUMS")).unwrap();
    let old = sums.lines().find(|line| line.ends_with("  trial.json"));
    let new = format!("{}  trial.json", sha256_file(&record).unwrap());
    fs::write(failed.join("SHA256SUMS"), sums.replace(old.unwrap(), &new)).unwrap();
    // Begun, without a file yet; and never begun.
    fs::remove_dir_all(cell.join("006")).unwrap();
    fs::create_dir(cell.join("006.partial")).unwrap();
    fs::remove_dir_all(cell.join("007")).unwrap();

    let archive = work.path().join("x.tar.zst");
    let counts = "213 of 216 trials complete, 1 failed, 1 interrupted, 1 missing";
    let (code, out, error) = output(
        vnicbench()
            .arg("package")
            .arg(&campaign)
            .arg("--out")
            .arg(&archive),
    );
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains(counts), "{out}");
    let (code, out) = verify(&archive);
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.contains(counts) && !out.contains("does not hold"),
        "{out}"
    );
    let (files, _) = read(&archive);
    let text = |name: &str| {
        String::from_utf8_lossy(&files[&format!("vnicbench-emulated/{name}")]).into_owned()
    };
    assert!(
        text("README.md")
            .contains("213 of 216 trials complete (1 failed, 1 interrupted, 1 missing;")
    );
    assert!(text("BADGES.md").contains("- [ ] Complete: 213 of 216 planned trials; 1 failed"));
}
