//! How long a report takes, beside the same tables and figures made with Python.
//!
//! ```text
//! cargo bench -p vnicbench --bench report -- [BLOCKS [PYTHON]]
//! ```
//!
//! Made are the reports (HTML and PDF) of the committed campaign and of a synthetic one of 500 cells
//! and 20 blocks (BLOCKS unless said otherwise; 10,000 trials, 2 GB) below the system's temporary
//! directory: with nothing kept; again, when nothing has changed; and again with a trial less.
//! `peers.py` says what Python makes and what it doesn't; PYTHON is an interpreter with pandas, scipy
//! and matplotlib (`python3` unless said otherwise), which reads the committed campaign and a cut of the
//! synthetic one, of which the report is made in the same run too. Seconds are of the clock and, since
//! that runs on while others have the processors, of processors; memory is the most that was resident.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use vnicbench_model::Matrix;
use vnicbench_synthetic::{LARGE, write};

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 5;
/// Blocks of the campaign that Python reads: with all of them it takes long.
const CUT: u32 = 6;
/// Processor time is counted in these.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let blocks: u32 = arguments.next().map_or(Ok(20), |number| number.parse())?;
    let python = arguments.next().unwrap_or_else(|| "python3".to_owned());
    let work = tempfile::tempdir()?;
    let bench = Bench {
        work: work.path(),
        python,
    };

    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../raw/emulated");
    println!("the committed campaign, best of {ROUNDS}");
    bench.with_python(&committed, ROUNDS)?;
    bench.kept(&committed, ROUNDS)?;

    let cut = bench.synthetic("cut", CUT)?;
    println!("a cut of the synthetic one, {CUT} blocks");
    bench.with_python(&cut, 1)?;
    fs::remove_dir_all(&cut)?;

    let large = bench.synthetic("large", blocks)?;
    println!("the synthetic campaign, {blocks} blocks");
    bench.kept(&large, 1)?;
    let trial = fs::read_dir(large.join("trials/latency"))?
        .next()
        .ok_or("no cell")??;
    fs::remove_dir_all(trial.path().join("000"))?;
    bench.shown("with a trial less", &[bench.report(&large, true)?]);
    Ok(())
}

struct Bench<'a> {
    work: &'a Path,
    python: String,
}

/// What a program took.
struct Taken {
    wall: f64,
    processor: f64,
    megabytes: f64,
}

impl Bench<'_> {
    fn synthetic(&self, name: &str, blocks: u32) -> Result<PathBuf, Failure> {
        let mut matrix = Matrix::parse(LARGE, Path::new("large.toml"))?;
        matrix.blocks = blocks;
        let directory = self.work.join(name);
        let written = write(&directory, matrix)?;
        println!(
            "written: {} cells, {} trials, {} MB of logs",
            written.cells,
            written.trials,
            written.bytes / 1_000_000
        );
        Ok(directory)
    }

    fn report(&self, campaign: &Path, keep: bool) -> Result<Taken, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vnicbench"));
        command.arg("report").arg(campaign);
        command.arg("--out").arg(self.work.join("report"));
        match keep {
            true => command.arg("--cache").arg(self.work.join("cache")),
            false => command.arg("--no-cache"),
        };
        taken(command)
    }

    /// The first time, and when nothing has changed.
    fn kept(&self, campaign: &Path, rounds: usize) -> Result<(), Failure> {
        let cache = self.work.join("cache");
        if cache.exists() {
            fs::remove_dir_all(&cache)?;
        }
        self.shown("kept for later", &[self.report(campaign, true)?]);
        let again: Result<Vec<Taken>, Failure> =
            (0..rounds).map(|_| self.report(campaign, true)).collect();
        self.shown("unchanged", &again?);
        for name in ["report.html", "report.pdf"] {
            let size = fs::metadata(self.work.join("report").join(name))?.len();
            println!("  {name} has {:.1} MB", size as f64 / 1e6);
        }
        Ok(())
    }

    /// The report, with nothing kept, and what Python makes.
    fn with_python(&self, campaign: &Path, rounds: usize) -> Result<(), Failure> {
        let ours: Result<Vec<Taken>, Failure> =
            (0..rounds).map(|_| self.report(campaign, false)).collect();
        let ours = self.shown("the report", &ours?);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
        let mut command = Command::new(&self.python);
        command
            .arg(script)
            .arg(campaign)
            .arg(self.work.join("peers"));
        let theirs = self.shown("Python", &[taken(command)?]);
        println!(
            "  Python takes {:.1} times the processor time",
            theirs / ours
        );
        Ok(())
    }

    /// Prints the best of several; its processor time.
    fn shown(&self, name: &str, all: &[Taken]) -> f64 {
        let best = |of: fn(&Taken) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
        let processor = best(|taken| taken.processor);
        println!(
            "  {name:18} {:6.2} s, {processor:6.2} s of processors, {:5.0} MB",
            best(|taken| taken.wall),
            best(|taken| taken.megabytes)
        );
        processor
    }
}

/// Runs a program to its end.
fn taken(mut command: Command) -> Result<Taken, Failure> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let directory = PathBuf::from(format!("/proc/{}", child.id()));
    let pid = Pid::from_child(&child);
    // Until it has ended, but still has its name and its counters.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    let mut kilobytes = 0.0;
    while waitid(WaitId::Pid(pid), ended)?.is_none() {
        let status = fs::read_to_string(directory.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok());
        kilobytes = peak.unwrap_or(0.0_f64).max(kilobytes);
        thread::sleep(Duration::from_millis(5));
    }
    let wall = start.elapsed().as_secs_f64();
    let stat = fs::read_to_string(directory.join("stat"))?;
    // After the name, which may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let times = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok(Taken {
        wall,
        processor: ticks / TICKS,
        megabytes: kilobytes / 1e3,
    })
}
