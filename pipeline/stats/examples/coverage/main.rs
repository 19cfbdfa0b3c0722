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
//! the CSV. The result depends on the number of campaigns,
//! not on that of threads.

mod method;
mod population;
mod table;

use std::path::Path;
use std::process::ExitCode;

use method::{Campaign, METHODS, Method};
use population::{POPULATIONS, Population, Source};
use table::Row;

const SIZES: [usize; 5] = [6, 10, 20, 50, 200];

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
    let mut rows = Vec::new();
    for method in chosen.into_iter().filter(|_| !options.render) {
        for population in &POPULATIONS {
            for n in SIZES {
                rows.push(simulate(method, population, n, options));
            }
        }
        eprintln!("{}", method.name);
    }
    if options.stdout {
        print!("{}", table::csv(&rows));
        return Ok(());
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let csv = docs.join("coverage.csv");
    let known = std::fs::read_to_string(&csv).unwrap_or_default();
    let rows = table::merge(&known, rows);
    for (path, text) in [
        (csv, table::csv(&rows)),
        (docs.join("coverage.md"), table::markdown(&rows)),
    ] {
        std::fs::write(&path, text)
            .map_err(|error| format!("writing {}: {error}", path.display()))?;
    }
    Ok(())
}

/// What became of one campaign: no interval, or whether the truth lay below, in or above
/// it, and its width.
type Fate = Option<(std::cmp::Ordering, f64)>;

fn simulate(method: &Method, population: &Population, n: usize, options: &Options) -> Row {
    let truth = method.target.truth(population);
    let share = options.campaigns.div_ceil(options.threads);
    // Each thread's campaigns are a range, and the ranges are joined in order: the sum of
    // widths has the same bits on any number of threads.
    let fates: Vec<Fate> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|worker| {
                let range = worker * share..((worker + 1) * share).min(options.campaigns);
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
        campaigns: options.campaigns,
        given: given.len(),
        covered: count(std::cmp::Ordering::Equal),
        below: count(std::cmp::Ordering::Less),
        above: count(std::cmp::Ordering::Greater),
        mean_width: given.iter().map(|(_, width)| width).sum::<f64>() / given.len() as f64,
    }
}

fn fate(method: &Method, population: &Population, n: usize, truth: f64, index: usize) -> Fate {
    // A stream a population and n: all methods see the same samples.
    let stream = population.name.bytes().fold(n as u64, |sum, byte| {
        sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
    });
    let mut source = Source::new(stream, index as u64);
    let campaign = Campaign {
        values: population.sample(&mut source, n),
        others: population.sample(&mut source, n),
        blocks: (0..n).map(|_| libm::exp(source.normal())).collect(),
        step: population.step,
        series: population.dependent,
        seed: index as u64,
    };
    // A sample that the method can't take (a ratio of values below zero) has no interval.
    let outcome = (method.run)(&campaign).ok()?;
    let interval = outcome.estimate()?.interval();
    // Ends that equal the truth on paper may miss it by rounding.
    let slack = 1e-12 * truth.abs();
    let side = if truth < interval.low() - slack {
        std::cmp::Ordering::Less
    } else if truth > interval.high() + slack {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    };
    Some((side, interval.width()))
}
