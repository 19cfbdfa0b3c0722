//! `stat`: numbers to estimates and comparisons, as ministat and benchstat are used.

mod numbers;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use vnicbench_stats::auto::{self, Order, Target};
use vnicbench_stats::bootstrap::{Contrast, Of};
use vnicbench_stats::verdict::verdict;
use vnicbench_stats::{
    Bootstrap, Direction, Level, Outcome, Resampling, Sample, mean, ministat, paired, quantile,
    unpaired,
};

use self::numbers::Numbers;
use crate::Verdict;
use crate::arguments::{Stat, StatMethod};

/// What is printed as JSON.
#[derive(Serialize)]
struct Answer {
    samples: Vec<Described>,
    comparisons: Vec<Compared>,
}

#[derive(Serialize)]
struct Described {
    file: String,
    n: usize,
    /// Rows of a table without a value.
    absent: usize,
    min: f64,
    max: f64,
    estimate: Outcome,
}

/// A sample compared with the first.
#[derive(Serialize)]
struct Compared {
    file: String,
    baseline: String,
    /// This less the first.
    difference: Outcome,
    /// The difference of means as ministat has it, where that is asked for or nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    ministat: Option<ByMinistat>,
    /// This over the first; absent where a value isn't above zero.
    ratio: Option<Outcome>,
    verdict: Option<vnicbench_stats::Verdict>,
}

#[derive(Serialize)]
struct ByMinistat {
    difference: Outcome,
    relative: ministat::Relative,
}

impl ByMinistat {
    /// None for too few values, or such as it can't take.
    fn new(values: &[f64], first: &[f64], level: Level) -> Option<Self> {
        Some(Self {
            difference: ministat::difference(values, first, level).ok()?,
            relative: ministat::relative(values, first, level).ok()??,
        })
    }
}

/// Estimates the statistic of each sample and compares each with the first. The result says no if
/// one is worse.
pub(crate) fn stat(arguments: &Stat) -> Result<Verdict> {
    let names = arguments.files.iter();
    let names: Vec<String> = names.map(|path| path.display().to_string()).collect();
    let mut samples = Vec::new();
    for path in &arguments.files {
        let numbers = numbers::read(path, arguments.column.as_deref())?;
        if arguments.paired && numbers.absent > 0 {
            bail!(
                "{} has rows without a value ({}), and pairs go by their place: leave these out \
                 of all files",
                path.display(),
                numbers.absent
            );
        }
        samples.push(numbers);
    }
    let method = arguments.method;
    let target = arguments.statistic.map(|statistic| statistic.0);
    let of = Statistics {
        target: target.unwrap_or(match method.is_of_means() {
            true => Target::Mean,
            false => Target::Quantile(0.5),
        }),
        method,
        paired: arguments.paired,
        level: Level::new(arguments.level)?,
        resampling: Resampling::seeded(arguments.seed),
    };
    let mut answer = Answer {
        samples: Vec::new(),
        comparisons: Vec::new(),
    };
    for (name, Numbers { values, absent }) in names.iter().zip(&samples) {
        let estimate = of.estimate(values);
        let sample = Sample::new(values).with_context(|| format!("{name} can't be used"))?;
        answer.samples.push(Described {
            file: name.clone(),
            n: values.len(),
            absent: *absent,
            min: sample.min().unwrap_or(f64::NAN),
            max: sample.max().unwrap_or(f64::NAN),
            estimate: estimate.with_context(|| format!("cannot estimate of {name}"))?,
        });
    }
    if let ([first, others @ ..], [baseline, rest @ ..]) = (&samples[..], &names[..]) {
        for (other, name) in others.iter().zip(rest) {
            let (values, first) = (&other.values, &first.values);
            let compared = of.compare(values, first, arguments);
            let (difference, ratio, verdict) =
                compared.with_context(|| format!("cannot compare {name} with {baseline}"))?;
            let asked = match method {
                StatMethod::Ministat => true,
                StatMethod::Auto => target.is_none() && !arguments.paired,
                _ => false,
            };
            let ministat = asked
                .then(|| ByMinistat::new(values, first, of.level))
                .flatten();
            answer.comparisons.push(Compared {
                file: name.clone(),
                baseline: baseline.clone(),
                difference,
                ministat,
                ratio,
                verdict,
            });
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&answer)?);
    } else {
        print!("{}", text(&answer, &samples));
    }
    let worse = |compared: &Compared| compared.verdict == Some(vnicbench_stats::Verdict::Worse);
    Ok(if answer.comparisons.iter().any(worse) {
        Verdict::No
    } else {
        Verdict::Yes
    })
}

/// What is estimated and how.
struct Statistics {
    target: Target,
    method: StatMethod,
    paired: bool,
    level: Level,
    resampling: Resampling,
}

impl Statistics {
    fn of(&self) -> Of<'static> {
        match self.target {
            Target::Mean => Of::Mean,
            Target::Quantile(p) => Of::Quantile(p),
        }
    }

    fn estimate(&self, values: &[f64]) -> Result<Outcome> {
        let level = self.level;
        Ok(match (self.method, self.target) {
            (StatMethod::Auto, target) => {
                auto::estimate(values, target, Order::Trials, self.resampling, level)?
            }
            (method, Target::Mean) if method.is_of_means() => mean::mean(values, level)?,
            (StatMethod::Bca, _) => {
                Bootstrap::new(self.resampling, level).ideal(values, self.of())?
            }
            (StatMethod::Order, Target::Quantile(p)) => quantile::quantile(values, p, level)?,
            (StatMethod::Order, Target::Mean) => {
                bail!("order statistics give quantiles; add --statistic median, p95 or the like")
            }
            _ => bail!("a t interval is one of means; add --statistic mean"),
        })
    }

    /// Difference, ratio and verdict of `values` against `first`.
    fn compare(
        &self,
        values: &[f64],
        first: &[f64],
        arguments: &Stat,
    ) -> Result<(Outcome, Option<Outcome>, Option<vnicbench_stats::Verdict>)> {
        let positive = values.iter().chain(first).all(|value| *value > 0.0);
        let (a, b, level) = (values, first, self.level);
        if self.paired && self.method == StatMethod::Ministat {
            bail!("ministat knows no pairs; take --method t for them");
        }
        let bootstrap = Bootstrap::new(self.resampling, level);
        let tail = matches!(self.target, Target::Quantile(p) if p != 0.5);
        if tail && self.paired && matches!(self.method, StatMethod::Auto | StatMethod::Order) {
            bail!(
                "pairs are compared by their medians here; for another percentile add --method bca"
            );
        }
        let method = match self.method {
            // Hodges and Lehmann's shift is one of locations, and says nothing of a tail.
            StatMethod::Auto if tail => StatMethod::Order,
            method => method,
        };
        let resampled = |contrast| match self.paired {
            true => bootstrap.paired(a, b, self.of(), contrast),
            false => bootstrap.two(a, b, self.of(), contrast),
        };
        let difference = match (method, self.paired, self.target) {
            (StatMethod::Auto, true, _) => paired::difference(a, b, level)?,
            (StatMethod::Auto, false, _) => unpaired::difference(a, b, level)?,
            (StatMethod::T | StatMethod::Pooled, true, _) => paired::mean_difference(a, b, level)?,
            (StatMethod::T, false, _) => unpaired::mean_difference(a, b, level)?,
            (StatMethod::Pooled, false, _) => unpaired::pooled_difference(a, b, level)?,
            (StatMethod::Ministat, ..) => ministat::difference(a, b, level)?,
            (StatMethod::Bca, ..) => resampled(Contrast::Difference)?,
            (StatMethod::Order, false, Target::Quantile(p)) => {
                unpaired::quantile_difference(a, b, p, level)?
            }
            (StatMethod::Order, ..) => paired::median_difference(a, b, level)?,
        };
        let ratio = match (method, self.paired, self.target) {
            _ if !positive => None,
            (StatMethod::Auto, true, _) => Some(paired::ratio(a, b, level)?),
            (StatMethod::Auto, false, _) => Some(unpaired::ratio(a, b, level)?),
            (StatMethod::T | StatMethod::Pooled, true, _) => {
                finite(paired::mean_ratio(a, b, level)?)
            }
            (StatMethod::T | StatMethod::Pooled | StatMethod::Ministat, ..) => {
                finite(unpaired::mean_ratio(a, b, level)?)
            }
            (StatMethod::Bca, ..) => Some(resampled(Contrast::Ratio)?),
            (StatMethod::Order, false, Target::Quantile(p)) => {
                Some(unpaired::quantile_ratio(a, b, p, level)?)
            }
            (StatMethod::Order, ..) => Some(paired::median_ratio(a, b, level)?),
        };
        let direction = match arguments.lower_is_better {
            true => Direction::LowerIsBetter,
            false => Direction::HigherIsBetter,
        };
        let judged = match ratio.as_ref().and_then(Outcome::estimate) {
            Some(ratio) if ratio.interval().low() > 0.0 => {
                Some(verdict(ratio.interval(), arguments.threshold.0, direction)?)
            }
            _ => None,
        };
        Ok((difference, ratio, judged))
    }
}

/// A ratio with an interval that has two ends.
fn finite(outcome: vnicbench_stats::ratio::RatioOutcome) -> Option<Outcome> {
    outcome.estimate().cloned().map(Outcome::from)
}

fn text(answer: &Answer, samples: &[Numbers]) -> String {
    let mut text = String::new();
    let low = answer
        .samples
        .iter()
        .map(|one| one.min)
        .fold(f64::INFINITY, f64::min);
    let high = answer
        .samples
        .iter()
        .map(|one| one.max)
        .fold(f64::NEG_INFINITY, f64::max);
    for (described, Numbers { values, .. }) in answer.samples.iter().zip(samples) {
        text.push_str(&format!(
            "{}\n  |{}|\n",
            described.file,
            drawn(values, low, high)
        ));
        let absent = match described.absent {
            0 => String::new(),
            absent => format!(", {absent} rows without a value left out"),
        };
        text.push_str(&format!(
            "  n = {}, from {} to {}{absent}\n{}",
            described.n,
            described.min,
            described.max,
            outcome(&described.estimate, "  ")
        ));
    }
    if answer.samples.len() > 1 {
        text.push_str(&format!(
            "the distributions are drawn from {low} to {high}\n"
        ));
    }
    for compared in &answer.comparisons {
        text.push_str(&format!(
            "{} against {}\n",
            compared.file, compared.baseline
        ));
        text.push_str(&outcome(&compared.difference, "  "));
        if let Some(ratio) = &compared.ratio {
            text.push_str(&outcome(ratio, "  "));
        }
        if let Some(ministat) = &compared.ministat {
            text.push_str(&by_ministat(ministat));
        }
        match compared.verdict {
            Some(verdict) => text.push_str(&format!("  verdict: {verdict}\n")),
            None => text.push_str("  no verdict: there is no ratio with an interval above zero\n"),
        }
    }
    text
}

/// Difference and half-width, in percent, and by the formula of before 2016.
fn by_ministat(ministat: &ByMinistat) -> String {
    let Some(difference) = ministat.difference.estimate() else {
        return String::new();
    };
    let relative = &ministat.relative;
    format!(
        "  as ministat prints means: {} +/- {}, {}% +/- {}% (before 2016 {}%), pooled s = {}\n",
        short(difference.value()),
        short(difference.interval().width() / 2.0),
        short(relative.percent),
        short(relative.half),
        short(relative.half_of_difference),
        short(relative.pooled)
    )
}

/// Value, half-width, interval, level, method and warnings.
fn outcome(outcome: &Outcome, indent: &str) -> String {
    let Some(estimate) = outcome.estimate() else {
        let Outcome::Insufficient(insufficient) = outcome else {
            return String::new();
        };
        return format!("{indent}{}: {insufficient}\n", outcome.method().statistic);
    };
    let (value, interval) = (estimate.value(), estimate.interval());
    let half = interval.width() / 2.0;
    let centred = ((interval.low() + interval.high()) / 2.0 - value).abs() <= 1e-9 * half;
    let shown = match centred {
        true => format!("{} +/- {}", short(value), short(half)),
        false => short(value),
    };
    let mut text = format!(
        "{indent}{}: {shown} [{}, {}], {}, {}\n",
        estimate.method().statistic,
        short(interval.low()),
        short(interval.high()),
        estimate.level(),
        estimate.method().interval,
    );
    for warning in estimate.warnings() {
        text.push_str(&format!("{indent}  warning: {warning}\n"));
    }
    text
}

/// Six significant digits, as ministat prints.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-5..15).contains(&exponent) {
        return format!("{value:.5e}");
    }
    let decimals = usize::try_from(5 - exponent).unwrap_or(0);
    let fixed = format!("{value:.decimals$}");
    match fixed.contains('.') {
        true => fixed.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => fixed,
    }
}

/// Where the values lie between `low` and `high`: the taller, the more.
fn drawn(values: &[f64], low: f64, high: f64) -> String {
    const WIDTH: usize = 64;
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let mut counts = [0_usize; WIDTH];
    for value in values {
        let share = if high > low {
            (value - low) / (high - low)
        } else {
            0.5
        };
        let at = (share * (WIDTH - 1) as f64).round() as usize;
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let bar = |count: &usize| BARS.get((count * 8).div_ceil(most)).copied().unwrap_or(' ');
    counts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits() {
        for (value, text) in [
            (-204_202.4, "-204202"),
            (5803.7123, "5803.71"),
            (0.1, "0.1"),
            (-0.000_012_345_678, "-0.0000123457"),
            (1.5e20, "1.50000e20"),
            (0.0, "0"),
        ] {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn most_values_are_tallest() {
        let drawn = drawn(&[0.0, 0.0, 1.0], 0.0, 1.0);
        assert!(drawn.starts_with('█') && drawn.ends_with('▄'), "{drawn}");
    }
}
