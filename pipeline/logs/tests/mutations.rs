//! Cut and damaged logs: never a panic, never a number that isn't in the log.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Read;
use std::path::PathBuf;

use support::{TARGETS, examine, examine_as};
use vnicbench_logs::{Document, ReadError, Tool, detect, packed, parse};

fn logs() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    let mut logs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind != "md"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mut bytes = std::fs::read(&path).unwrap();
            // Snapshots of one source are alike.
            if name.starts_with("host-") {
                bytes.truncate(1500);
            }
            (name, bytes)
        })
        .collect();
    logs.sort();
    assert!(logs.len() > 30);
    logs
}

#[test]
fn every_prefix() {
    for (name, bytes) in logs() {
        let tool = detect(&bytes);
        let whole = parse(&bytes[..], tool).unwrap();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            examine(part, None);
            let document = examine(part, tool);
            no_new_numbers(&document, &whole, &name);
            for (cut, run) in document.ping_runs().iter().zip(whole.ping_runs()) {
                assert!(
                    run.rtt_ms.starts_with(&cut.rtt_ms),
                    "{name} cut at {length} has {:?}",
                    cut.rtt_ms
                );
            }
            let cut = document
                .counter_runs()
                .iter()
                .flat_map(|run| run.samples.iter());
            let mut all = whole
                .counter_runs()
                .iter()
                .flat_map(|run| run.samples.iter());
            for sample in cut {
                let same = all.next();
                assert_eq!(Some(sample), same, "{name} cut at {length}");
            }
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
    for (_, mut bytes) in logs() {
        let tool = detect(&bytes);
        for at in 0..bytes.len() {
            let good = bytes[at];
            bytes[at] = [0, b' ', b'\n', b'"', b'}', b'9', good ^ 0x80][at % 7];
            examine(&bytes, tool);
            bytes[at] = good;
        }
    }
}

#[test]
fn every_log_as_every_tool() {
    for (_, bytes) in logs() {
        for &tool in Tool::ALL {
            examine(&bytes, Some(tool));
        }
    }
}

/// What the fuzz targets made of the fixtures, chosen by what code it reaches.
#[test]
fn what_fuzzing_found() {
    let seeds = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (target, tools) in TARGETS {
        let mut file = std::fs::File::open(seeds.join(format!("{target}.tar.zst"))).unwrap();
        let mut count = 0;
        packed::logs::<ReadError>(target, &mut file, &mut |mut log| {
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes).unwrap();
            examine_as(tools, &bytes);
            count += 1;
            Ok(())
        })
        .unwrap();
        assert!(count > 50, "{target} has {count} logs");
    }
}

/// The fuzz targets in short: fixtures spliced and garbled.
#[test]
fn fuzzed_for_a_while() {
    const ROUNDS: u64 = 20_000;
    let logs = logs();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..ROUNDS {
        let (_, bytes) = &logs[random.below(logs.len())];
        let (_, other) = &logs[random.below(logs.len())];
        let mut log = part(bytes, &mut random).to_vec();
        for _ in 0..=random.below(4) {
            garble(&mut log, other, &mut random);
        }
        let tool = detect(bytes).filter(|_| random.below(2) == 0);
        examine(&log, tool);
    }
}

/// Some lines of a log, few enough to be quick.
fn part<'a>(bytes: &'a [u8], random: &mut Random) -> &'a [u8] {
    let start = random.below(bytes.len() + 1) / 2;
    let length = random.below(4096).min(bytes.len() - start);
    &bytes[start..start + length]
}

fn garble(log: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    const TELLING: [&[u8]; 12] = [
        b"\n",
        b"\r",
        b"\0",
        b"{",
        b"\"",
        b"-",
        b".",
        b"nan",
        b"99999999999999999999",
        b"\xff",
        b"\x1b[1m",
        b"e308",
    ];
    let at = random.below(log.len() + 1);
    let end = (at + random.below(64)).min(log.len());
    let with = match random.below(4) {
        0 => TELLING[random.below(TELLING.len())].to_vec(),
        1 => part(other, random).to_vec(),
        2 => log[at..end].repeat(2),
        _ => Vec::new(),
    };
    log.splice(at..end, with);
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        high as usize % end.max(1)
    }
}
