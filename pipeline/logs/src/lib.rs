//! Logs of ping, iperf, iperf3, stress, stress-ng, sysbench, netperf, sockperf and of a
//! host's counters: bytes in, typed records out.
//!
//! ```
//! let log = b"64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms\n";
//! let document = vnicbench_logs::parse(&log[..], None)?;
//! assert_eq!(document.ping_runs()[0].rtt_ms, [0.321]);
//! # Ok::<(), vnicbench_logs::ReadError>(())
//! ```
//!
//! The tool is found from the content, never from a name. Logs are read in one pass with
//! memory bounded by the longest line, of iperf3's JSON the longest interval (plus the
//! records). Input is bytes: nothing needs to be UTF-8 until a field is a name. A time that
//! others wrote in front of each line (`ts`, a shell's loop) is passed over.
//!
//! Parsing never fails for what a log holds: everything odd is a [`Warning`] with its
//! line, and [`Outcome`] says whether the records are all there is. Only reading can
//! fail ([`ReadError`]).
//!
//! Where a summary disagrees with its lines, both are kept: counts (`transmitted`,
//! `received`, ...) are the tool's own where it printed them, samples are the lines'. Each
//! summary that can be is made again from the samples, and has to agree as precisely as the
//! tool prints, or there is a [`WarningKind::SummaryDisagrees`]; the modules say which is
//! believed and why.
//!
//! What became of each byte is in [`Document::account`]: read, skipped as the tool's own with
//! nothing to record, or warned about. A [`Sink`] takes the records away while a log is read,
//! so that memory doesn't grow with the log.
//!
//! | tool | dialects |
//! |---|---|
//! | `ping` | iputils in any language, busybox, toybox, inetutils, BSD, macOS, Solaris, Windows in any language and code page, PowerShell, fping (`-J` too), nping, hping3 |
//! | `iperf3` | JSON, `--json-stream` and tables of 3.0 to 3.2x |
//! | `iperf2` | tables, `-e`, `-y C` of 2.0.5 to 2.2 |
//! | `stress`, `stress-ng` | what they print, `--yaml` |
//! | `sysbench`, `netperf`, `sockperf` | summaries |
//! | `proc-stat`, `interrupts`, `softirqs`, `softnet-stat`, `net-dev`, `proc-vmstat`, `pressure`, `cpufreq`, `thermal-throttle` | copies of the kernel's files |
//! | `kvm-stat`, `perf-kvm`, `perf-stat`, `ethtool`, `mpstat`, `sar`, `pidstat`, `iostat`, `vmstat` | tables in any language, CSV, JSON, XML |
//!
//! With the feature `packed`, the module `packed` reads logs in gzip, Zstandard, xz and tar.
//!
//! # Speed
//!
//! 1 GB of log from a file in the page cache, one core, MB per second of processor time
//! (`cargo bench -p vnicbench-logs --bench speed`); all of a row in one run:
//!
//! | log | line ends counted | taken by a sink | kept | serde_json, typed | Python |
//! |---|---|---|---|---|---|
//! | ping | 8071 | 1381 (0.17) | 1152 (0.14) | | jc 0.6, of 1 MB |
//! | iperf3 JSON | 7362 | 699 (0.10) | 610 (0.08) | 494 | json 84 |
//! | iperf 2 `-y C` | 6947 | 1000 (0.14) | 609 (0.09) | | csv 54 |
//! | `/proc/stat`, 300 MB | 8179 | 167 (0.02) | 145 (0.02) | | |
//!
//! To tell whose a log is takes 23 us, the mean over the logs in `tests/dialects`, and 43 us
//! for a log of ping or iperf 2 of which the whole head of 64 KiB may be looked at.
//!
//! # Trust
//!
//! Every prefix of each log in `tests/dialects`, each of them with any one byte damaged, and
//! each as any other tool's is read in the tests, and so are some 20,000 spliced and garbled
//! ones; what has to hold of all is in `tests/support`. The same is what the fuzz targets
//! look for (`detect`, `ping`, `iperf3`, `iperf2`, `stress`, `benchmarks`, `counters`,
//! `reports`), which need a nightly compiler and cargo-fuzz:
//!
//! ```text
//! cd pipeline/logs
//! cargo +nightly fuzz run ping fuzz/corpus/ping ../../tests/dialects -- -max_len=16384
//! fuzz/keep
//! ```
//!
//! The last keeps in `fuzz/seeds` a part of what each target has grown that reaches the same code;
//! the tests read that, too, with any compiler. Run so far, with the address sanitiser, a log of at
//! most 16 KiB each:
//!
//! | target | executions | CPU s | found |
//! |---|---|---|---|
//! | ping | 349,255 | 1,894 | nothing |
//! | iperf3 | 527,582 | 1,920 | events of no test were a failure without a reason; mended since |
//! | iperf2 | 620,390 | 2,210 | nothing |
//! | detect (before it was made faster) | 336,791 | 1,874 | nothing |
//! | counters | 400,085 | 1,820 | nothing |
//! | stress | 439,009 | 1,820 | nothing |
//! | reports | 326,202 | 2,000 | nothing |
//! | benchmarks | 425,004 | 2,081 | nothing |
//! | detect (as it is now) | 225,005 | 1,816 | nothing |
//!
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
pub mod benchmark;
pub mod counters;
mod detect;
mod document;
pub mod iperf2;
pub mod iperf3;
mod lines;
pub mod netperf;
mod number;
#[cfg(feature = "packed")]
pub mod packed;
pub mod ping;
mod rows;
mod sink;
pub mod sockperf;
mod stamp;
pub mod stress;
pub mod stress_ng;
pub mod sysbench;
pub mod throughput;
mod tool;
mod warning;

use std::io::Read;

use lines::Lines;

pub use account::Account;
pub use detect::detect;
pub use document::{Document, Outcome, Runs};
pub use sink::{Keep, Sink};
pub use tool::{Tool, UnknownTool};
pub use warning::{Warning, WarningKind};

/// How much of a log is looked at to find its tool, in bytes.
const HEAD: usize = 64 * 1024;

/// The log could not be read. What a log holds is never an error.
#[derive(Debug, thiserror::Error)]
#[error(
    "reading the log failed after {after} bytes; check the file and the disk, then parse again"
)]
pub struct ReadError {
    /// Bytes read before the failure.
    pub after: u64,
    /// What the system said.
    pub source: std::io::Error,
}

/// Reads one log to its end. With `tool` the content is taken to be that tool's,
/// without it [`detect`] decides from the first 64 KiB.
///
/// # Errors
///
/// [`ReadError`] if the input can't be read.
pub fn parse(mut input: impl Read, tool: Option<Tool>) -> Result<Document, ReadError> {
    parse_into(&mut input, tool, &mut Keep)
}

/// The same with a [`Sink`] that may take the records away while the log is read.
///
/// # Errors
///
/// [`ReadError`] if the input can't be read.
pub fn parse_into(
    input: &mut dyn Read,
    tool: Option<Tool>,
    sink: &mut dyn Sink,
) -> Result<Document, ReadError> {
    let mut lines = Lines::new(input);
    let head = lines.peek(HEAD)?;
    if head.is_empty() {
        return Ok(Document::empty(tool));
    }
    match tool.or_else(|| detect(head)) {
        Some(tool) => tool.format().parse(lines, sink),
        None => Document::unrecognised(lines),
    }
}
