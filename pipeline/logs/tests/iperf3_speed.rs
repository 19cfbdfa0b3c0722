//! How fast iperf3's JSON is read, beside others on the same bytes in the same run:
//!
//! ```text
//! cargo test --release -p vnicbench-logs --test iperf3_speed -- --ignored --nocapture
//! ```

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;
use vnicbench_logs::{Sink, parse_into, throughput};

/// A log with the intervals of a real one (3.12, two streams) over and over.
fn multiplied(size: usize) -> PathBuf {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/dialects/iperf3-tcp-reverse-parallel-omit.json");
    let text = fs::read_to_string(source).unwrap();
    let begin = text.find("\"intervals\":\t[").unwrap() + 14;
    let end = text.find("],\n\t\"end\"").unwrap();
    let (intervals, rest) = (&text[begin..end], &text[end..]);
    let path = std::env::temp_dir().join(format!("iperf3-speed-{}.json", std::process::id()));
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(&text.as_bytes()[..end]).unwrap();
    for _ in 0..size / intervals.len() {
        file.write_all(b", ").unwrap();
        file.write_all(intervals.as_bytes()).unwrap();
    }
    file.write_all(rest.as_bytes()).unwrap();
    file.flush().unwrap();
    path
}

/// The records' fields, as one would write them down for serde.
#[derive(Deserialize)]
struct Report {
    intervals: Vec<Slice>,
}

#[derive(Deserialize)]
struct Slice {
    streams: Vec<Sample>,
    sum: Sample,
}

#[derive(Deserialize)]
struct Sample {
    #[serde(default)]
    socket: u64,
    start: f64,
    end: f64,
    bytes: u64,
    bits_per_second: f64,
    retransmits: Option<u64>,
    omitted: bool,
    sender: Option<bool>,
}

#[derive(Default)]
struct Count(u64, u64);

impl Count {
    fn add(&mut self, bytes: u64) {
        self.0 += 1;
        self.1 = self.1.wrapping_add(bytes);
    }
}

impl Sink for Count {
    fn throughput(&mut self, _: usize, run: &mut throughput::Run) {
        for interval in run.intervals.drain(..) {
            self.add(interval.bytes);
        }
    }
}

fn timed<T>(name: &str, size: u64, action: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let value = action();
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!("{name:34} {:8.0} MB/s", size as f64 / seconds / 1e6);
    value
}

fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

fn count(path: &Path) -> Count {
    let mut count = Count::default();
    let document = parse_into(&mut File::open(path).unwrap(), None, &mut count).unwrap();
    assert_eq!(
        document.account.total(),
        fs::metadata(path).unwrap().len(),
        "every byte"
    );
    count
}

#[test]
#[ignore = "needs 1 GB on disk and 3 GB of memory, and a release build"]
fn beside_others() {
    let path = multiplied(1 << 30);
    let size = fs::metadata(&path).unwrap().len();
    // Once to have it in the page cache.
    fs::read(&path).unwrap();
    for _ in 0..3 {
        let ours = timed("this crate, file to records", size, || count(&path));
        eprintln!("{:34} {:8} MB", "  peak memory so far", peak_kb() / 1000);
        drop(ours);
    }
    let ours = count(&path);
    timed("line ends, file", size, || {
        let mut file = File::open(&path).unwrap();
        let mut buffer = vec![0; 256 << 10];
        let mut ends = 0;
        loop {
            let length = file.read(&mut buffer).unwrap();
            if length == 0 {
                return ends;
            }
            ends += memchr::memchr_iter(b'\n', &buffer[..length]).count();
        }
    });
    let bytes = fs::read(&path).unwrap();
    let mut theirs = Count::default();
    timed("serde_json::from_slice, memory", size, || {
        let report: Report = serde_json::from_slice(&bytes).unwrap();
        for slice in &report.intervals {
            for sample in slice.streams.iter().chain([&slice.sum]) {
                theirs.add(sample.bytes);
                std::hint::black_box((
                    sample.socket,
                    sample.start,
                    sample.end,
                    sample.bits_per_second,
                    sample.retransmits,
                    sample.omitted,
                    sample.sender,
                ));
            }
        }
    });
    drop(bytes);
    assert_eq!((ours.0, ours.1), (theirs.0, theirs.1), "the same records");
    // A tenth of it: its objects need ten times the memory.
    let small = multiplied(100 << 20);
    let size = fs::metadata(&small).unwrap().len();
    let script = "import json,sys,time\n\
                  b=open(sys.argv[1],'rb').read()\n\
                  t=time.perf_counter()\n\
                  json.loads(b)\n\
                  print(time.perf_counter()-t)";
    match Command::new("python3")
        .arg("-c")
        .arg(script)
        .arg(&small)
        .output()
    {
        Ok(output) if output.status.success() => {
            let seconds: f64 = String::from_utf8_lossy(&output.stdout)
                .trim()
                .parse()
                .unwrap();
            eprintln!(
                "{:34} {:8.0} MB/s",
                "Python's json, 100 MB in memory",
                size as f64 / seconds / 1e6
            );
        }
        _ => eprintln!("SKIPPED: no Python"),
    }
    fs::remove_file(small).unwrap();
    fs::remove_file(path).unwrap();
}
