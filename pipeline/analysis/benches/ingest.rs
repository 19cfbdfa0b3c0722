//! How long tables take, and how much memory: for many small logs, and for one large one.
//!
//! ```text
//! cargo bench -p vnicbench-analysis --bench ingest -- [FILES [MEGABYTES [DIRECTORY]]]
//! ```
//!
//! 100,000 files of ping and one log of 10,000 MB are written below DIRECTORY (the system's
//! temporary one) unless said otherwise, and removed again. Each is read in a process of its
//! own, whose most memory is shown. Reading the same bytes and counting their line ends on one
//! core is what the times are compared with.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use vnicbench_analysis::{Layout, ingest};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [only, logs, tables] = &arguments[..]
        && only == "--measure"
    {
        return measure(Path::new(logs), Path::new(tables));
    }
    let number = |at: usize, usual: u64| arguments.get(at).map_or(Ok(usual), |text| text.parse());
    let (files, megabytes) = (number(0, 100_000)?, number(1, 10_000)?);
    let below = arguments
        .get(2)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let work = tempfile::tempdir_in(below)?;
    let many = work.path().join("many");
    for file in 0..files {
        let directory = many.join(format!("{:03}", file / 1000));
        if file % 1000 == 0 {
            std::fs::create_dir_all(&directory)?;
        }
        let mut out = BufWriter::new(File::create(directory.join(format!("{file}.log")))?);
        ping(&mut out, 20)?;
    }
    compare(&format!("{files} logs of 20 replies"), &many, work.path())?;
    let large = work.path().join("large");
    std::fs::create_dir(&large)?;
    let mut out = BufWriter::new(File::create(large.join("ping.log"))?);
    // A reply has 60 bytes.
    ping(&mut out, megabytes * 1_000_000 / 60)?;
    drop(out);
    compare("one log", &large, work.path())
}

/// A log of so many replies, as iputils prints it.
fn ping(out: &mut impl Write, replies: u64) -> Result<(), Failure> {
    writeln!(out, "PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.")?;
    for reply in 1..=replies {
        let (sequence, rtt) = (reply % 65536, 100 + reply * 7919 % 900);
        writeln!(
            out,
            "64 bytes from 192.0.2.1: icmp_seq={sequence} ttl=64 time=0.{rtt} ms"
        )?;
    }
    out.flush()?;
    Ok(())
}

fn compare(what: &str, logs: &Path, work: &Path) -> Result<(), Failure> {
    let (start, mut bytes) = (Instant::now(), 0);
    count(logs, &mut bytes)?;
    let counting = start.elapsed().as_secs_f64();
    let tables = work.join("tables");
    let megabytes = bytes as f64 / 1e6;
    println!("{what}: {megabytes:.0} MB, counted in {counting:.1} s");
    let status = Command::new(std::env::current_exe()?)
        .arg("--measure")
        .args([logs, &tables])
        .status()?;
    if !status.success() {
        return Err(format!("reading {} failed", logs.display()).into());
    }
    std::fs::remove_dir_all(&tables)?;
    std::fs::remove_dir_all(logs)?;
    Ok(())
}

fn count(directory: &Path, bytes: &mut u64) -> Result<u64, Failure> {
    let mut lines = 0;
    let mut buffer = vec![0; 256 << 10];
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            lines += count(&entry.path(), bytes)?;
            continue;
        }
        let mut file = File::open(entry.path())?;
        loop {
            let length = file.read(&mut buffer)?;
            if length == 0 {
                break;
            }
            *bytes += length as u64;
            let read = buffer.get(..length).unwrap_or_default();
            lines += read.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
    }
    Ok(lines)
}

/// In a process of its own: makes the tables and shows what that took.
fn measure(logs: &Path, tables: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let ingested = ingest(logs, &Layout::default(), tables, &mut |_, _| {})?;
    let seconds = start.elapsed().as_secs_f64();
    let mut written = 0;
    for table in &ingested.tables {
        written += std::fs::metadata(table)?.len();
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!(
        "  {} logs, {} useful: {seconds:.1} s, {} MB of tables; most memory {}",
        ingested.logs,
        ingested.useful,
        written / 1_000_000,
        peak.unwrap_or(" not known").trim()
    );
    Ok(())
}
