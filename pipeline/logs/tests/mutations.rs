//! Cut and damaged logs: never a panic, never a number that isn't in the log.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use vnicbench_logs::{Document, Outcome, Runs, Tool, detect, parse};

fn logs() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    let mut logs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind != "md"))
        // The host's counters are no tool's; tests/counters.rs has them.
        .filter(|path| !path.to_string_lossy().contains("/host-"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    logs.sort();
    assert!(logs.len() > 30);
    logs
}

/// Tools whose documents account for every byte of their logs.
const ACCOUNTED: &[Tool] = &[
    Tool::Ping,
    Tool::Iperf2,
    Tool::Stress,
    Tool::StressNg,
    Tool::Sysbench,
    Tool::Netperf,
    Tool::Sockperf,
];

/// What must hold of every document.
fn check(document: &Document, bytes: &[u8], log: &str) {
    if document.tool.is_none_or(|tool| ACCOUNTED.contains(&tool)) {
        assert_eq!(
            document.account.total(),
            bytes.len() as u64,
            "{log}: bytes that nobody accounts for"
        );
    }
    if matches!(document.outcome, Outcome::Ok) {
        assert!(!document.runs.is_empty(), "{log}: an empty success");
    } else {
        assert!(
            !document.warnings.is_empty(),
            "{log}: no reason for {:?}",
            document.outcome
        );
    }
    if let Runs::Ping(runs) = &document.runs {
        assert!(
            runs.iter().all(|run| run.rtt_ms.len() == run.lines.len()),
            "{log}"
        );
    }
    document.to_json(log).unwrap();
}

#[test]
fn every_prefix() {
    for (name, bytes) in logs() {
        let tool = detect(&bytes);
        let whole = parse(&bytes[..], tool).unwrap();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            check(&parse(part, None).unwrap(), part, &name);
            let document = parse(part, tool).unwrap();
            check(&document, part, &name);
            for (cut, run) in document.ping_runs().iter().zip(whole.ping_runs()) {
                assert!(
                    run.rtt_ms.starts_with(&cut.rtt_ms),
                    "{name} cut at {length} has {:?}",
                    cut.rtt_ms
                );
            }
            no_new_numbers(&document, &whole, &format!("{name} cut at {length}"));
            if name.ends_with(".json") {
                for (cut, run) in document
                    .throughput_runs()
                    .iter()
                    .zip(whole.throughput_runs())
                {
                    assert!(
                        run.intervals.len() >= cut.intervals.len(),
                        "{name} cut at {length}"
                    );
                    for (cut, interval) in cut.intervals.iter().zip(&run.intervals) {
                        // Until the start is read the direction isn't known.
                        assert_eq!(
                            (cut.bytes, cut.line),
                            (interval.bytes, interval.line),
                            "{name} cut at {length}"
                        );
                    }
                }
            }
        }
    }
}

/// What a cut log says is in the whole log.
fn no_new_numbers(cut: &Document, whole: &Document, log: &str) {
    for run in cut.benchmark_runs() {
        for measure in &run.measures {
            assert!(
                whole
                    .benchmark_runs()
                    .iter()
                    .any(|run| run.measures.contains(measure)),
                "{log}: {measure:?}"
            );
        }
    }
    for run in cut.stress_runs() {
        for stressor in &run.stressors {
            assert!(
                whole
                    .stress_runs()
                    .iter()
                    .any(|run| run.stressors.contains(stressor)),
                "{log}: {stressor:?}"
            );
        }
    }
    if cut.tool == Some(Tool::Iperf2) {
        // A stream's first row may be taken for its total.
        let rows = |document: &Document| -> Vec<(u64, Option<u64>)> {
            let runs = document.throughput_runs().iter();
            runs.flat_map(|run| run.intervals.iter())
                .map(|row| (row.bytes, row.retransmits))
                .collect()
        };
        let mut all = rows(whole);
        let sent = whole.throughput_runs().iter().filter_map(|run| run.sent);
        all.extend(sent.map(|sent| (sent.bytes, sent.retransmits)));
        for row in rows(cut) {
            let known = |(bytes, retransmits): &(u64, Option<u64>)| {
                *bytes == row.0 && (*retransmits == row.1 || row.1.is_none())
            };
            assert!(all.iter().any(known), "{log}: {row:?}");
        }
    }
}

#[test]
fn every_byte_damaged() {
    for (name, mut bytes) in logs() {
        let tool = detect(&bytes);
        for at in 0..bytes.len() {
            let good = bytes[at];
            bytes[at] = [0, b' ', b'\n', b'"', b'}', b'9', good ^ 0x80][at % 7];
            check(&parse(&bytes[..], tool).unwrap(), &bytes, &name);
            bytes[at] = good;
        }
    }
}

#[test]
fn every_log_as_every_tool() {
    for (name, bytes) in logs() {
        for &tool in Tool::ALL {
            check(&parse(&bytes[..], Some(tool)).unwrap(), &bytes, &name);
        }
    }
}
