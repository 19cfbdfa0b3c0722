//! How often intervals contain the truth: every interval method on every population and
//! n, in simulated campaigns.
//!
//! ```text
//! cargo run --release -p vnicbench-stats --example coverage -- \
//!     [--campaigns 10000] [--method NAME]... [--threads N] [--stdout | --render]
//! ```
//!
//! writes `docs/coverage.csv` and `docs/coverage.md` of the crate, or the CSV of this run
//! alone to the standard output. With `--method` only the rows of the methods named (by
//! any part of their names) are made anew, and with `--render` none: the page is made from
//! the CSV. The result depends on the number of campaigns, not on that of threads.
//!
//! All of it takes long, and longer with dependencies that aren't optimised:
//! `--config 'profile.release.package."*".opt-level=3'` has them so for one run. What is done
//! is kept method by method.

mod method;
mod population;
mod table;

use std::path::Path;
use std::process::ExitCode;

use method::{Campaign, METHODS, Method};
use population::{POPULATIONS, Population};
use table::Row;

const SIZES: &[usize] = &[6, 10, 20, 50, 200];
/// Of `auto`, which is to be trusted at any: trials, and series.
const SIZES_OF_AUTO: &[usize] = &[6, 7, 10, 20, 50, 60, 100, 200];
const LENGTHS_OF_AUTO: &[usize] = &[200, 500, 2000];

/// Sizes at which a method is simulated on a population.
fn sizes(method: &Method, population: &Population) -> &'static [usize] {
    match (method.is_auto(), population.dependent) {
        (true, true) => LENGTHS_OF_AUTO,
        (true, false) => SIZES_OF_AUTO,
        (false, _) => SIZES,
    }
}

/// Mixed into all streams of random numbers. The rules of `auto` were made on those of 0.
const SEED: u64 = 20_261_125;

struct Options {
    campaigns: usize,
    threads: usize,
    methods: Vec<String>,
    stdout: bool,
    render: bool,
}

fn main() -> ExitCode {
    match options(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("coverage: {message}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        campaigns: 10_000,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        methods: Vec::new(),
        stdout: false,
        render: false,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        let count = |text: String| match text.parse() {
            Ok(count) if count > 0 => Ok(count),
            _ => Err(format!("{text} is not a number above zero")),
        };
        match argument.as_str() {
            "--campaigns" => options.campaigns = count(value()?)?,
            "--threads" => options.threads = count(value()?)?,
            "--method" => options.methods.push(value()?),
            "--render" => options.render = true,
            "--stdout" => options.stdout = true,
            _ => {
                return Err(format!(
                    "unknown argument {argument}; the source says which there are"
                ));
            }
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let chosen: Vec<&Method> = METHODS
        .iter()
        .filter(|method| {
            let names = &options.methods;
            names.is_empty() || names.iter().any(|name| method.name.contains(name.as_str()))
        })
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
        return Err(format!("no such method; there are {}", names.join(", ")));
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let csv = docs.join("coverage.csv");
    let known = match options.stdout {
        true => String::new(),
        false => std::fs::read_to_string(&csv).unwrap_or_default(),
    };
    let mut rows = Vec::new();
    for method in chosen.into_iter().filter(|_| !options.render) {
        let started = std::time::Instant::now();
        for population in &POPULATIONS {
            let truth = method.target.truth(population);
            for &n in sizes(method, population) {
                rows.push(simulate(method, population, n, truth, options));
            }
        }
        eprintln!("{:7.1} s  {}", started.elapsed().as_secs_f64(), method.name);
        // A run takes long: what is done is kept.
        if !options.stdout {
            write(&docs, &table::merge(&known, &rows))?;
        }
    }
    if options.stdout {
        print!("{}", table::csv(&rows));
        return Ok(());
    }
    write(&docs, &table::merge(&known, &rows))
}

fn write(docs: &Path, rows: &[Row]) -> Result<(), String> {
    for (name, text) in [
        ("coverage.csv", table::csv(rows)),
        ("coverage.md", table::markdown(rows)),
    ] {
        let path = docs.join(name);
        std::fs::write(&path, text)
            .map_err(|error| format!("writing {}: {error}", path.display()))?;
    }
    Ok(())
}

/// What became of one campaign: no interval, or whether the truth lay below, in or above
/// it, and its width. Of intervals that hold together, whether the truth is in all.
type Fate = Option<(std::cmp::Ordering, f64)>;

fn simulate(
    method: &Method,
    population: &Population,
    n: usize,
    truth: f64,
    options: &Options,
) -> Row {
    let campaigns = options.campaigns;
    let share = campaigns.div_ceil(options.threads);
    // Each thread's campaigns are a range, and the ranges are joined in order: the sum of
    // widths has the same bits on any number of threads.
    let fates: Vec<Fate> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|worker| {
                let range = worker * share..((worker + 1) * share).min(campaigns);
                scope.spawn(move || {
                    range
                        .map(|index| fate(method, population, n, truth, index))
                        .collect::<Vec<Fate>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_default())
            .collect()
    });
    let given: Vec<_> = fates.iter().flatten().collect();
    let count = |side| given.iter().filter(|(at, _)| *at == side).count();
    Row {
        method: method.name.to_owned(),
        population: population.name.to_owned(),
        n,
        campaigns,
        given: given.len(),
        covered: count(std::cmp::Ordering::Equal),
        below: count(std::cmp::Ordering::Less),
        above: count(std::cmp::Ordering::Greater),
        mean_width: given.iter().map(|(_, width)| width).sum::<f64>() / given.len() as f64,
    }
}

fn fate(method: &Method, population: &Population, n: usize, truth: f64, index: usize) -> Fate {
    use std::cmp::Ordering::{Equal, Greater, Less};
    // A stream a population and n: all methods see the same samples.
    let stream = population.name.bytes().fold(SEED ^ n as u64, |sum, byte| {
        sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
    });
    let campaign = Campaign {
        population,
        n,
        stream,
        index: index as u64,
    };
    // A sample that the method can't take (a ratio of values below zero) has no interval.
    let intervals = (method.run)(&campaign).ok()?;
    // Ends that equal the truth on paper may miss it by rounding.
    let slack = 1e-12 * truth.abs();
    let sides = intervals.iter().map(|&(low, high)| {
        if truth < low - slack {
            Less
        } else if truth > high + slack {
            Greater
        } else {
            Equal
        }
    });
    let side = sides.reduce(|all, one| if all == Equal { one } else { all })?;
    let width = intervals.iter().map(|(low, high)| high - low).sum::<f64>();
    Some((side, width / intervals.len() as f64))
}
