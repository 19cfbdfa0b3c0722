//! How fast ping's logs are read, beside the counting of their line ends in the same run.
//!
//! ```text
//! cargo bench -p vnicbench-logs --bench ping -- [LOG [MEGABYTES]]
//! ```
//!
//! LOG is a log of the real ping; its replies are multiplied, with their sequence numbers
//! counted on, until the log has so many megabytes. Without it, a small one is taken.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use vnicbench_logs::{Keep, Sink, Tool, parse_into, ping};

type Failure = Box<dyn std::error::Error>;

/// Takes the records away, as a table's writer does.
#[derive(Default)]
struct Taken {
    times: u64,
}

impl Sink for Taken {
    fn ping(&mut self, _: usize, so_far: &mut ping::Run) {
        self.times += so_far.rtt_ms.len() as u64;
        so_far.rtt_ms.clear();
        so_far.lines.clear();
        so_far.sequence.clear();
        so_far.censored.clear();
    }
}

/// Writes the multiplied log.
fn multiply(log: &Path, size: u64, out: &mut impl Write) -> Result<(), Failure> {
    let text = std::fs::read_to_string(log)?;
    let replies: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| line.contains(" time="))
        .filter_map(|line| {
            let (before, after) = line.split_once("icmp_seq=")?;
            Some((
                before,
                after.trim_start_matches(|c: char| c.is_ascii_digit()),
            ))
        })
        .collect();
    if replies.is_empty() {
        return Err(format!("{} has no replies of ping", log.display()).into());
    }
    let mut written = 0;
    writeln!(out, "PING a (127.0.0.1) 56(84) bytes of data.")?;
    for (sequence, (before, after)) in (1u64..).zip(replies.iter().cycle()) {
        let line = format!("{before}icmp_seq={}{after}\n", sequence % 65536);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        if written >= size {
            break;
        }
    }
    Ok(())
}

fn count_lines(log: &mut File) -> Result<usize, Failure> {
    let mut buffer = vec![0; 256 * 1024];
    let mut lines = 0;
    loop {
        let length = log.read(&mut buffer)?;
        if length == 0 {
            return Ok(lines);
        }
        let read = buffer.get(..length).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', read).count();
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let log = arguments.next().map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects/ping-iputils.log"),
        PathBuf::from,
    );
    let megabytes: u64 = arguments.next().map_or(Ok(64), |number| number.parse())?;

    let path = std::env::temp_dir().join(format!("ping-{}.log", std::process::id()));
    let mut file = File::options()
        .create_new(true)
        .read(true)
        .write(true)
        .open(&path)?;
    // The name goes now, the file when it is closed.
    std::fs::remove_file(&path)?;
    let mut out = BufWriter::new(&mut file);
    multiply(&log, megabytes * 1_000_000, &mut out)?;
    out.flush()?;
    drop(out);
    let size = file.metadata()?.len() as f64 / 1e6;

    for round in 1..=5 {
        let mut timed = |work: &mut dyn FnMut(&mut File) -> Result<u64, Failure>| {
            file.rewind()?;
            let start = Instant::now();
            let found = work(&mut file)?;
            Ok::<_, Failure>((size / start.elapsed().as_secs_f64(), found))
        };
        let (count, lines) = timed(&mut |file| Ok(count_lines(file)? as u64))?;
        let (taken, times) = timed(&mut |file| {
            let mut sink = Taken::default();
            parse_into(file, Some(Tool::Ping), &mut sink)?;
            Ok(sink.times)
        })?;
        let (kept, _) = timed(&mut |file| {
            let document = parse_into(file, Some(Tool::Ping), &mut Keep)?;
            Ok(document.ping_runs().len() as u64)
        })?;
        println!(
            "{round}: {lines} lines, {times} times, {size:.0} MB: counting {count:.0} MB/s, \
             taken {taken:.0} MB/s ({:.3}), kept {kept:.0} MB/s ({:.3})",
            taken / count,
            kept / count,
        );
    }
    Ok(())
}
