//! How fast samples are resampled, beside SciPy and R on the same values in the same run.
//!
//! ```text
//! cargo bench -p vnicbench-stats --bench bootstrap -- [N [REPLICATES [alone]]]
//! ```
//!
//! 10,000 values and 10,000 resamples unless said otherwise; `alone` as a third
//! argument leaves the peers out. Times are the best of some rounds: on one thread in milliseconds of the
//! processor, for all programs, since others on the machine change these least; on all
//! threads by the wall clock. SciPy and R run where Python (`PYTHON` names another
//! interpreter than `python3`) and R are installed.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use vnicbench_stats::hierarchy::{Levels, Nested, Resampled};
use vnicbench_stats::{Bootstrap, Contrast, Level, Of, Outcome, Resampling, StatsError};

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 5;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let n: usize = arguments.next().map_or(Ok(10_000), |n| n.parse())?;
    let replicates: usize = arguments.next().map_or(Ok(10_000), |n| n.parse())?;
    let values = lognormal(n, 1);
    let resampling = Resampling {
        replicates,
        seed: 1,
    };
    let peers = match arguments.next() {
        None => peers(&values, replicates),
        Some(_) => Vec::new(),
    };
    let bca = Bootstrap::new(resampling, Level::P95);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{n} values, {replicates} resamples; milliseconds");
    for (name, of) in [("mean", Of::Mean), ("median", Of::Quantile(0.5))] {
        for (kind, plan) in [("percentile", bca.percentile()), ("bca", bca)] {
            println!("\n{name}, {kind}");
            let one = on_processor(|| plan.on_threads(1).one(&values, of))?;
            let many = time(|| plan.on_threads(all).one(&values, of))?;
            let ideal = on_processor(|| plan.ideal(&values, of))?;
            println!("  1 thread, of processor  {one:10.3}");
            println!("  {all} threads, wall clock   {many:10.3}");
            println!("  ideal, of processor     {ideal:10.3}");
            report(&peers, &format!("{name} {kind}"), one, Some(ideal));
        }
    }
    let other = lognormal(n, 2);
    println!();
    for (name, of) in [("means", Of::Mean), ("medians", Of::Quantile(0.5))] {
        let two = time(|| bca.two(&values, &other, of, Contrast::Ratio))?;
        let paired = time(|| bca.paired(&values, &other, of, Contrast::Ratio))?;
        println!("ratio of {name}, bca, {all} threads: {two:.1}, paired {paired:.1}");
    }
    let trimmed = time(|| bca.one(&values, Of::TrimmedMean(0.1)))?;
    println!("trimmed mean, bca, {all} threads: {trimmed:.1}");
    campaign(&peers)
}

/// A campaign of 1,000 cells, each 10 blocks of two conditions with 10 intervals of 10
/// packets, by 1,000 resamples of the blocks and of all levels. Peers do some of the cells;
/// their times are of 1,000.
fn campaign(peers: &[(String, String, f64)]) -> Result<(), Failure> {
    let cells: Vec<[Nested; 2]> = (0..1000)
        .map(|cell| {
            [0, 1].map(|condition| {
                let values = lognormal(1000, 2 * cell + condition);
                let trials = values
                    .chunks(100)
                    .map(|trial| Nested::Group(trial.chunks(10).map(Nested::from).collect()));
                Nested::Group(trials.collect())
            })
        })
        .collect();
    let resampling = Resampling {
        replicates: 1000,
        seed: 1,
    };
    println!("\nratios of 1,000 cells (10 x 10 x 10 twice), 1,000 resamples");
    for resampled in [Resampled::Top, Resampled::All] {
        let levels = Levels::new(resampling, Level::P95, resampled);
        let all = |levels: Levels| {
            let outcomes = cells
                .iter()
                .map(|[a, b]| levels.paired(a, b, Contrast::Ratio));
            outcomes.collect::<Result<Vec<Outcome>, StatsError>>()
        };
        let one = on_processor(|| all(levels.on_threads(1)))?;
        let many = time(|| all(levels))?;
        println!("\n{resampled:?}");
        println!("  1 thread, of processor  {one:10.1}");
        println!("  all threads, wall clock {many:10.1}");
        report(peers, &format!("campaign {resampled:?}"), one, None);
    }
    Ok(())
}

/// The times of peers that did the same, and how many times ours they are.
fn report(peers: &[(String, String, f64)], what: &str, one: f64, ideal: Option<f64>) {
    for (peer, _, milliseconds) in peers.iter().filter(|(_, of_peer, _)| of_peer == what) {
        let of_ideal = ideal.map_or_else(String::new, |ideal| {
            format!(", {:.0}x ideal", milliseconds / ideal)
        });
        println!(
            "  {peer:<22}  {milliseconds:10.1}: {:.1}x one thread{of_ideal}",
            milliseconds / one
        );
    }
}

/// Milliseconds of the processor that this thread takes; by the wall clock where the system
/// doesn't say.
fn on_processor<T>(mut work: impl FnMut() -> Result<T, StatsError>) -> Result<f64, Failure> {
    let spent = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (start, before) = (Instant::now(), spent());
        let mut times = 0.0;
        // The clock of the processor ticks every few milliseconds.
        while start.elapsed() < Duration::from_millis(200) {
            std::hint::black_box(work()?);
            times += 1.0;
        }
        let took = match (before, spent()) {
            (Some(before), Some(after)) => (after - before) as f64 / 1e6,
            _ => start.elapsed().as_secs_f64() * 1e3,
        };
        best = best.min(took / times);
    }
    Ok(best)
}

fn time<T>(mut work: impl FnMut() -> Result<T, StatsError>) -> Result<f64, Failure> {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        std::hint::black_box(work()?);
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}

/// Some skewed values, the same each time.
fn lognormal(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n)
        .map(|_| {
            let normal = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            (normal / 2.0).exp()
        })
        .collect()
}

/// Program, what it did, and milliseconds.
fn peers(values: &[f64], replicates: usize) -> Vec<(String, String, f64)> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let file = std::env::temp_dir().join(format!("vnicbench-bootstrap-{}.txt", std::process::id()));
    let text: Vec<String> = values.iter().map(f64::to_string).collect();
    if let Err(error) = std::fs::write(&file, text.join("\n")) {
        println!("no peers: can't write {}: {error}", file.display());
        return Vec::new();
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let mut rows = Vec::new();
    for (program, script) in [(python.as_str(), "peers.py"), ("Rscript", "peers.R")] {
        let output = Command::new(program)
            .arg(benches.join(script))
            .arg(&file)
            .arg(replicates.to_string())
            .output();
        match output {
            Ok(output) if output.status.success() => {
                for line in String::from_utf8_lossy(&output.stdout).lines() {
                    let mut fields = line.split('\t');
                    if let (Some(peer), Some(what), Some(Ok(time))) =
                        (fields.next(), fields.next(), fields.next().map(str::parse))
                    {
                        rows.push((peer.to_owned(), what.to_owned(), time));
                    }
                }
            }
            Ok(output) => println!(
                "{script} failed: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => println!("{script} not run: {program}: {error}"),
        }
    }
    // The file is small, and in a directory that is swept.
    let _ = std::fs::remove_file(&file);
    rows
}
