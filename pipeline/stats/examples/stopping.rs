//! How often the interval contains the truth when measuring stops on precision.
//!
//! ```text
//! cargo run --release -p vnicbench-stats --example stopping -- [CAMPAIGNS [STATISTIC]]
//! ```
//!
//! prints `docs/stopping.md` of the crate; 2,000 campaigns unless said otherwise.

#[path = "coverage/population.rs"]
#[allow(
    dead_code,
    reason = "shared with the coverage table, which uses more of it"
)]
mod population;

use std::process::ExitCode;

use population::{POPULATIONS, Population, Source};
use vnicbench_stats::auto::{self, Order, Target};
use vnicbench_stats::sequential::{Decision, Reason, Rule, for_quantiles, next};
use vnicbench_stats::{Level, Outcome, Resampling, StatsError};

/// Statistic, population, and targets of which the first is met early and the last late.
const CASES: [(&str, &str, [f64; 3]); 6] = [
    ("median", "normal", [0.06, 0.03, 0.015]),
    ("median", "lognormal", [0.6, 0.3, 0.15]),
    ("median", "bimodal", [0.5, 0.42, 0.38]),
    ("mean", "normal", [0.03, 0.02, 0.01]),
    ("mean", "lognormal", [0.4, 0.2, 0.15]),
    ("mean", "bimodal", [0.15, 0.1, 0.06]),
];

fn main() -> ExitCode {
    let campaigns = match std::env::args().nth(1).map(|text| text.parse()) {
        None => 2_000,
        Some(Ok(campaigns)) if campaigns > 0 => campaigns,
        Some(_) => {
            eprintln!("stopping: the number of campaigns is a number above zero");
            return ExitCode::FAILURE;
        }
    };
    match run(campaigns) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stopping: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(campaigns: usize) -> Result<(), StatsError> {
    println!(
        "# Coverage of 95 % intervals at the stop\n\n\
         Made by `cargo run --release -p vnicbench-stats --example stopping`: {campaigns} simulated\n\
         campaigns each, which stop by `sequential::next` when half the interval over the value\n\
         is at most the target, the interval being that of `auto` (independent trials, 999\n\
         resamples). At least 30 values for the median, whose interval is\n\
         asked for at 97 % (`sequential::for_quantiles`), and 60 for the mean; at most 1000.\n\
         Populations as in [coverage.md](coverage.md). The minimum of 30 and the 97 % were chosen on\n\
         these seeds, after minima of 6, 20 and 30 at 95 % had covered as little as 90 to 91 %.\n\n\
         | statistic | population | target | coverage | mean n | least n | stopped at the maximum |\n\
         |---|---|---|---|---|---|---|"
    );
    let only = std::env::args().nth(2);
    for (statistic, name, targets) in CASES {
        if only.as_deref().is_some_and(|only| only != statistic) {
            continue;
        }
        let Some(population) = POPULATIONS
            .iter()
            .find(|population| population.name == name)
        else {
            continue;
        };
        for target in targets {
            row(statistic, population, target, campaigns)?;
        }
    }
    Ok(())
}

fn row(
    statistic: &str,
    population: &Population,
    relative_half_width: f64,
    campaigns: usize,
) -> Result<(), StatsError> {
    let (of, truth, minimum, level) = match statistic {
        "mean" => (Target::Mean, population.mean, 60, Level::P95),
        _ => (
            Target::Quantile(0.5),
            population.quantile(0.5),
            30,
            for_quantiles(Level::P95),
        ),
    };
    let rule = Rule {
        relative_half_width,
        minimum,
        maximum: 1000,
    };
    let (mut covered, mut sum, mut least, mut exhausted) = (0, 0, usize::MAX, 0);
    for index in 0..campaigns {
        let mut source = Source::new(77, index as u64);
        let resampling = Resampling {
            replicates: 999,
            seed: index as u64,
        };
        let interval = |values: &[f64]| -> Result<Outcome, StatsError> {
            auto::estimate(values, of, Order::Trials, resampling, level)
        };
        let mut values = Vec::new();
        let reason = loop {
            match next(&values, &rule, &interval)? {
                Decision::Continue(more) => values.extend(population.sample(&mut source, more)),
                Decision::Stop(reason) => break reason,
            }
        };
        exhausted += usize::from(reason == Reason::Maximum);
        let outcome = interval(&values)?;
        let contains = |estimate: &vnicbench_stats::Estimate| estimate.interval().contains(truth);
        covered += usize::from(outcome.estimate().is_some_and(contains));
        sum += values.len();
        least = least.min(values.len());
    }
    let percent = |count: usize| 100.0 * count as f64 / campaigns as f64;
    println!(
        "| {statistic} | {} | {:.1} % | {:.1} | {:.0} | {least} | {:.1} % |",
        population.name,
        100.0 * relative_half_width,
        percent(covered),
        sum as f64 / campaigns as f64,
        percent(exhausted)
    );
    Ok(())
}
