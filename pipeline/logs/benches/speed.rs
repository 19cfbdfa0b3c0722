//! How fast logs are read, beside others on the same bytes in the same run.
//!
//! ```text
//! cargo bench -p vnicbench-logs --bench speed -- [MEGABYTES [detect|ping|iperf3|iperf2|counters]]
//! ```
//!
//! Logs of the real tools (`tests/dialects`) are multiplied to so many megabytes (1000 unless
//! said otherwise) and read from a file in the page cache, on one core. Rates are in MB of log per second of
//! processor time, which others on the machine change less than the clock's.
//!
//! What is compared: counting line ends with memchr, as `wc -l` does; records taken away by
//! a sink, as a table's writer does; records kept; serde_json into typed structs, with the
//! text in memory; and Python's parsers (`peers.py`), on a part, where Python has them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use vnicbench_logs::{Keep, Sink, Tool, counters, parse_into, ping, throughput};

type Failure = Box<dyn std::error::Error>;
/// Writes a log of about so many bytes.
type Writer = fn(&mut dyn Write, u64) -> Result<(), Failure>;

const ROUNDS: usize = 5;
/// As much as is looked at to tell whose a log is, in bytes.
const HEAD: u64 = 64 << 10;
/// In megabytes: Python needs minutes for what takes us a second, and jc's time grows faster
/// than its log.
const OF_PEERS: u64 = 1;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let megabytes: u64 = arguments.next().map_or(Ok(1000), |number| number.parse())?;
    let only = arguments.next();
    if only.as_deref().is_none_or(|only| only == "detect") {
        detection()?;
    }
    let logs: [(&str, Tool, Writer); 4] = [
        ("ping", Tool::Ping, pings),
        ("iperf3", Tool::Iperf3, documents),
        ("iperf2", Tool::Iperf2, rows),
        ("counters", Tool::ProcStat, snapshots),
    ];
    for (name, tool, write) in logs {
        if only.as_deref().is_none_or(|only| only == name) {
            let log = Log::new(name, megabytes, write)?;
            log.compare(tool)?;
            drop(log);
            if tool == Tool::ProcStat {
                // Nothing of Python's reads logs of it.
                continue;
            }
            let part = Log::new(name, megabytes.min(OF_PEERS), write)?;
            part.peers(name)?;
        }
    }
    Ok(())
}

/// How long it takes to tell whose a log is: of each log in `tests/dialects`, which are as short
/// as most are, and of heads as long as are looked at.
fn detection() -> Result<(), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    let mut heads = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        heads.push(std::fs::read(entry?.path())?);
    }
    telling("logs of all dialects", &heads)?;
    // JSON is told by its first bytes.
    for (name, write) in [("ping", pings as Writer), ("iperf2", rows)] {
        let mut head = Vec::new();
        write(&mut head, HEAD)?;
        telling(name, &[head])?;
    }
    Ok(())
}

fn telling(name: &str, heads: &[Vec<u8>]) -> Result<(), Failure> {
    let bytes: usize = heads.iter().map(Vec::len).sum();
    let repeated = 1 + (10 << 20) / bytes;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let before = on_processor()?;
        for _ in 0..repeated {
            for head in heads {
                std::hint::black_box(vnicbench_logs::detect(head));
            }
        }
        best = best.min((on_processor()? - before) / repeated as f64);
    }
    println!(
        "detection, {name}: {:.1} us each, {:.0} MB/s",
        best * 1e6 / heads.len() as f64,
        bytes as f64 / 1e6 / best
    );
    Ok(())
}

fn fixture(name: &str) -> Result<String, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    Ok(std::fs::read_to_string(path.join(name))?)
}

/// Replies over and over, their sequence numbers counted on.
fn pings(out: &mut dyn Write, size: u64) -> Result<(), Failure> {
    let text = fixture("ping-iputils.log")?;
    let numbered = |line: &'_ str| -> Option<(String, String)> {
        let (before, after) = line.split_once("icmp_seq=")?;
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        Some((before.to_owned(), after.to_owned()))
    };
    let replies = text.lines().filter(|line| line.contains(" time="));
    let replies: Vec<_> = replies.filter_map(numbered).collect();
    writeln!(out, "PING a (127.0.0.1) 56(84) bytes of data.")?;
    let (mut line, mut written) = (String::new(), 0);
    for (sequence, (before, after)) in (1_u64..).zip(replies.iter().cycle()) {
        line.clear();
        writeln!(line, "{before}icmp_seq={}{after}", sequence % 65536)?;
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        if written >= size {
            break;
        }
    }
    Ok(())
}

/// A document with its intervals over and over.
fn documents(out: &mut dyn Write, size: u64) -> Result<(), Failure> {
    let text = fixture("iperf3-tcp-reverse-parallel-omit.json")?;
    let missing = "the document has no list of intervals";
    let (before, rest) = text.split_once("\"intervals\":\t[").ok_or(missing)?;
    let (intervals, after) = rest.split_once("],\n\t\"end\"").ok_or(missing)?;
    write!(out, "{before}\"intervals\":\t[{intervals}")?;
    for _ in 0..size / intervals.len() as u64 {
        write!(out, ", {intervals}")?;
    }
    write!(out, "],\n\t\"end\"{after}")?;
    Ok(())
}

/// Rows of four streams, a second after another.
fn rows(out: &mut dyn Write, size: u64) -> Result<(), Failure> {
    let text = fixture("iperf2-tcp-parallel.csv")?;
    let row = |line: &str| -> Option<(String, String)> {
        let mut fields = line.splitn(8, ',');
        let front: Vec<&str> = fields.by_ref().take(6).collect();
        Some((front.join(","), fields.nth(1)?.to_owned()))
    };
    let rows: Vec<_> = text.lines().filter_map(row).take(4).collect();
    let (mut line, mut written) = (String::new(), 0);
    for second in 0_u64.. {
        for (front, back) in &rows {
            line.clear();
            writeln!(line, "{front},{second}.0-{}.0,{back}", second + 1)?;
            out.write_all(line.as_bytes())?;
            written += line.len() as u64;
        }
        if written >= size {
            break;
        }
    }
    Ok(())
}

/// Copies of `/proc/stat`, one after another.
fn snapshots(out: &mut dyn Write, size: u64) -> Result<(), Failure> {
    let text = fixture("host-stat.log")?;
    for _ in 0..=size / text.len() as u64 {
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// A log in a file that goes when it is dropped.
struct Log {
    path: PathBuf,
    bytes: u64,
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Log {
    fn new(name: &str, megabytes: u64, write: Writer) -> Result<Self, Failure> {
        let name = format!("vnicbench-{name}-{megabytes}-{}.log", std::process::id());
        let path = std::env::temp_dir().join(name);
        let file = File::create_new(&path)?;
        let mut log = Self { path, bytes: 0 };
        let mut out = BufWriter::new(file);
        write(&mut out, megabytes * 1_000_000)?;
        log.bytes = out.into_inner()?.metadata()?.len();
        Ok(log)
    }

    /// The best rate of some rounds, in MB/s, and what was found.
    fn best(
        &self,
        read: &mut dyn FnMut(&mut File) -> Result<u64, Failure>,
    ) -> Result<(f64, u64), Failure> {
        let mut file = File::open(&self.path)?;
        let (mut best, mut found) = (0.0_f64, 0);
        for _ in 0..ROUNDS {
            file.rewind()?;
            let before = on_processor()?;
            found = read(&mut file)?;
            best = best.max(self.bytes as f64 / 1e6 / (on_processor()? - before));
        }
        Ok((best, found))
    }

    fn compare(&self, tool: Tool) -> Result<(), Failure> {
        let (counting, lines) = self.best(&mut |file| Ok(count_lines(file)?))?;
        println!(
            "\n{tool}: {:.0} MB, {lines} lines\n  line ends        {counting:7.0} MB/s",
            self.bytes as f64 / 1e6
        );
        let show = |name: &str, rate: f64, found: u64| {
            println!(
                "  {name:16} {rate:7.0} MB/s  {:.3} of counting  {found} records",
                rate / counting
            );
        };
        let (rate, records) = self.best(&mut |file| {
            let mut taken = Taken::default();
            parse_into(file, Some(tool), &mut taken)?;
            Ok(taken.records)
        })?;
        show("taken", rate, records);
        let (rate, kept) = self.best(&mut |file| {
            let document = parse_into(file, Some(tool), &mut Keep)?;
            let ping = document.ping_runs().iter().map(|run| run.rtt_ms.len());
            let intervals = document.throughput_runs().iter();
            let intervals = intervals.map(|run| run.intervals.len());
            let samples = document.counter_runs().iter();
            let samples = samples.map(|run| run.samples.len());
            Ok(ping.chain(intervals).chain(samples).sum::<usize>() as u64)
        })?;
        show("kept", rate, kept);
        assert_eq!(records, kept, "the same records");
        println!(
            "  peak memory {} MB, most of it of the kept records",
            peak()?
        );
        if tool == Tool::Iperf3 {
            let bytes = std::fs::read(&self.path)?;
            let (rate, found) = self.best(&mut |_| with_serde(&bytes))?;
            show("serde_json", rate, found);
            assert_eq!(records, found, "the same records");
        }
        Ok(())
    }

    /// Python's ways to read it; they say themselves what they are.
    fn peers(&self, name: &str) -> Result<(), Failure> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
        let run = Command::new("python3")
            .arg(script)
            .arg(name)
            .arg(&self.path)
            .output();
        match run {
            Ok(output) if output.status.success() => {
                print!("{}", String::from_utf8_lossy(&output.stdout));
            }
            Ok(output) => println!("  {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("  no Python: {error}"),
        }
        Ok(())
    }
}

fn count_lines(log: &mut File) -> std::io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        let length = log.read(&mut buffer)?;
        if length == 0 {
            return Ok(lines);
        }
        let read = buffer.get(..length).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', read).count() as u64;
    }
}

/// Takes the records away, as a table's writer does.
#[derive(Default)]
struct Taken {
    records: u64,
}

impl Sink for Taken {
    fn ping(&mut self, _: usize, so_far: &mut ping::Run) {
        self.records += so_far.rtt_ms.len() as u64;
        so_far.rtt_ms.clear();
        so_far.lines.clear();
        so_far.sequence.clear();
        so_far.censored.clear();
    }

    fn throughput(&mut self, _: usize, so_far: &mut throughput::Run) {
        self.records += so_far.intervals.len() as u64;
        so_far.intervals.clear();
    }

    fn counters(&mut self, _: usize, so_far: &mut counters::Run) {
        self.records += std::mem::take(&mut so_far.samples).len() as u64;
    }
}

/// The records' fields, as one would write them down for serde.
#[derive(Deserialize)]
struct Report {
    intervals: Vec<Slice>,
}

#[derive(Deserialize)]
struct Slice {
    streams: Vec<Sample>,
    #[allow(dead_code, reason = "reading it is what is measured")]
    sum: Sample,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "reading them is what is measured")]
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

fn with_serde(bytes: &[u8]) -> Result<u64, Failure> {
    let report: Report = serde_json::from_slice(bytes)?;
    let slices = report.intervals.iter();
    Ok(slices.map(|slice| slice.streams.len() as u64 + 1).sum())
}

/// Seconds for which this thread had a processor.
fn on_processor() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = stat.split_whitespace().next().ok_or("no schedstat here")?;
    Ok(first.parse::<f64>()? / 1e9)
}

/// The most memory this process had, in MB.
fn peak() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM here")?.parse::<u64>()? / 1000)
}
