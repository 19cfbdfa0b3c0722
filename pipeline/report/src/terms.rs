//! What other crates name, in the reader's language: metrics and units, arms and workloads,
//! methods, verdicts and warnings.

use vnicbench_analysis::Metric;
use vnicbench_model::{
    Arm, Direction, Instance, Mix, Neighbour, NeighbourAt, Network, Protocol, Route, Setting,
    Workload,
};
use vnicbench_stats::{Fact, Insufficient, IntervalKind, Method, Statistic, Verdict, Warning};

use crate::number;
use crate::words::{Words, say};

/// A metric in a heading.
pub fn metric(words: &Words, metric: Metric) -> String {
    say!(words, "metric", metric = metric.name())
}

/// The key by which messages say which way a metric is better.
pub fn better(metric: Metric) -> &'static str {
    match metric.lower_is_better() {
        true => "less",
        false => "more",
    }
}

/// A unit; symbols are the same everywhere, words aren't.
pub fn unit(words: &Words, unit: &str) -> String {
    match unit {
        "CPUs" => say!(words, "unit-cpus"),
        "CPU µs/packet" => say!(words, "unit-cpu-per-packet"),
        "thousand/Gbit" => say!(words, "unit-thousand-per-gbit"),
        "thousand/s" => say!(words, "unit-thousand"),
        symbol => symbol.to_owned(),
    }
}

/// What a reader calls an arm.
pub fn arm(words: &Words, arm: Arm) -> String {
    let (backend, instance) = (arm.backend.label(), arm.instance.name());
    match arm.mix {
        None => say!(words, "arm", backend = backend, instance = instance),
        Some(Mix::Nic(other)) => say!(
            words,
            "arm-of-two-nics",
            backend = backend,
            other = other.label(),
            instance = instance
        ),
        Some(Mix::Instance(other)) => say!(
            words,
            "arm-of-two-instances",
            backend = backend,
            other = other.label(),
            instance = instance
        ),
    }
}

/// An arm, with the conditions that aren't the ordinary ones.
pub fn arm_in(words: &Words, of: Arm, setting: &Setting) -> String {
    let mut text = arm(words, of);
    for condition in conditions(words, of, setting) {
        text.push_str(", ");
        text.push_str(&condition);
    }
    text
}

/// The conditions that aren't the ordinary ones.
pub fn conditions(words: &Words, of: Arm, setting: &Setting) -> Vec<String> {
    let mut conditions = Vec::new();
    if setting.vms > 1 {
        let instance = match of.instance {
            Instance::Container => "container",
            _ => "vm",
        };
        let n = setting.vms;
        conditions.push(say!(
            words,
            "condition-instances",
            instance = instance,
            n = n
        ));
    }
    if setting.nics > 1 {
        conditions.push(say!(words, "condition-nics", n = setting.nics));
    }
    if setting.network == Network::Vlan {
        conditions.push(say!(words, "condition-vlan"));
    }
    if setting.path == Route::Local {
        conditions.push(say!(words, "condition-local"));
    }
    if setting.neighbour != Neighbour::Idle {
        conditions.push(say!(
            words,
            "condition-load",
            load = load(words, setting.neighbour),
            workers = or_none(setting.workers),
            place = place(setting)
        ));
    }
    let tuning = setting.tuning.as_ref();
    conditions.extend(tuning.map(|name| say!(words, "condition-tuned", name = name)));
    conditions.extend(versions(words, setting));
    conditions
}

/// The versions that the matrix names.
pub fn versions(words: &Words, setting: &Setting) -> impl Iterator<Item = String> {
    let kernel = setting.kernel.as_ref();
    let kernel = kernel.map(|version| say!(words, "guest-kernel", version = version));
    let qemu = setting.qemu.as_ref();
    let qemu = qemu.map(|version| say!(words, "qemu", version = version));
    kernel.into_iter().chain(qemu)
}

/// What a neighbour does.
pub fn load(words: &Words, load: Neighbour) -> String {
    say!(words, "load", load = load.name())
}

/// The key of where a neighbour is.
pub fn place(setting: &Setting) -> &'static str {
    match setting.neighbour_at {
        NeighbourAt::Vm => "vm",
        NeighbourAt::Host => "host",
    }
}

/// A variable that a message says nothing of if it is `none`.
pub fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// A workload.
pub fn workload(words: &Words, workload: &Workload) -> String {
    let stream = |tool, protocol: Protocol, direction: Direction, streams, rate, message| {
        say!(
            words,
            "workload-stream",
            tool = tool,
            protocol = protocol.name().to_uppercase(),
            direction = direction.name(),
            streams = streams,
            rate = or_none(rate),
            message = or_none(message)
        )
    };
    match *workload {
        Workload::Ping {
            payload, interval, ..
        } => say!(
            words,
            "workload-ping",
            payload = payload.to_string(),
            interval = interval.to_string()
        ),
        Workload::Iperf3 {
            protocol,
            streams,
            direction,
            rate,
            message,
            ..
        } => stream("iperf3", protocol, direction, streams, rate, message),
        Workload::Iperf {
            streams,
            direction,
            message,
            ..
        } => stream("iperf", Protocol::Tcp, direction, streams, None, message),
    }
}

/// A verdict.
pub fn verdict(words: &Words, verdict: Verdict) -> String {
    let key = match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Equivalent => "equivalent",
        Verdict::Inconclusive => "inconclusive",
    };
    say!(words, "verdict", verdict = key)
}

/// Why there is no number.
pub fn insufficient(words: &Words, few: &Insufficient) -> String {
    say!(words, "insufficient", n = few.n, needs = few.needs)
}

/// How an estimate was made.
pub fn method(words: &Words, method: &Method) -> String {
    let statistic = statistic(words, &method.statistic);
    let interval = interval(words, &method.interval);
    say!(words, "method", statistic = statistic, interval = interval)
}

/// What was estimated.
pub fn statistic(words: &Words, statistic: &Statistic) -> String {
    let of_quantile = |name: &str, share: f64| {
        let percent = number::significant(share * 100.0, 6);
        say!(
            words,
            "statistic-of-quantile",
            name = name,
            percent = percent
        )
    };
    let of_two = |name: &str, of: &Statistic, paired: bool| {
        say!(
            words,
            "statistic-of-two",
            name = name,
            of = self::statistic(words, of),
            paired = if paired { "yes" } else { "no" }
        )
    };
    match statistic {
        Statistic::Quantile { p } => of_quantile("quantile", *p),
        Statistic::QuantileDifference { p } => of_quantile("difference", *p),
        Statistic::QuantileRatio { p } => of_quantile("ratio", *p),
        Statistic::Trimmed { share } => of_quantile("trimmed", *share),
        Statistic::TrimmedMean { trim } => of_quantile("trimmed-mean", *trim),
        Statistic::RatioOf { of, paired } => of_two("ratio", of, *paired),
        Statistic::DifferenceOf { of, paired } => of_two("difference", of, *paired),
        Statistic::JainIndex { shares }
        | Statistic::MaxMin { shares }
        | Statistic::ShareVariation { shares } => say!(
            words,
            "statistic-of-shares",
            name = statistic.short(),
            shares = *shares
        ),
        other => say!(words, "statistic", name = other.short()),
    }
}

/// The kind of an interval.
pub fn interval(words: &Words, interval: &IntervalKind) -> String {
    match interval {
        IntervalKind::Batches { batches } => {
            say!(words, "interval-of-batches", batches = *batches)
        }
        IntervalKind::BonferroniT { family } => {
            say!(words, "interval-of-family-by-bonferroni", family = *family)
        }
        IntervalKind::MaxT {
            replicates,
            seed,
            family,
        } => say!(
            words,
            "interval-of-family",
            family = *family,
            replicates = *replicates,
            seed = seed.to_string()
        ),
        IntervalKind::BootstrapPercentile { replicates, seed }
        | IntervalKind::BootstrapT { replicates, seed }
        | IntervalKind::FartherT { replicates, seed }
        | IntervalKind::BootstrapBca { replicates, seed }
        | IntervalKind::HierarchicalPercentile {
            replicates, seed, ..
        }
        | IntervalKind::StationaryPercentile { replicates, seed } => say!(
            words,
            "interval-resampled",
            name = interval.short(),
            replicates = *replicates,
            seed = seed.to_string()
        ),
        other => say!(words, "interval", name = other.short()),
    }
}

/// What a reader must know beside the numbers.
pub fn warning(words: &Words, warning: &Warning) -> String {
    match warning {
        Warning::Ties { distinct, n } => {
            say!(words, "warning-ties", distinct = *distinct, n = *n)
        }
        Warning::ZeroDifferences { zeros, n } => {
            say!(words, "warning-zero-differences", zeros = *zeros, n = *n)
        }
        Warning::ZeroWidth => say!(words, "warning-zero-width"),
        Warning::NoEvents => say!(words, "warning-no-events"),
        Warning::AllEvents => say!(words, "warning-all-events"),
        Warning::FewForBootstrap { n, recommended } => say!(
            words,
            "warning-few-for-bootstrap",
            n = *n,
            recommended = *recommended
        ),
        Warning::BcaUndefined => say!(words, "warning-bca-undefined"),
        Warning::NoAcceleration => say!(words, "warning-no-acceleration"),
        Warning::DependentTrials => say!(words, "warning-dependent-trials"),
        Warning::Dependent => say!(words, "warning-dependent"),
        Warning::Rounded => say!(words, "warning-rounded"),
        Warning::Censored { censored, n } => {
            say!(words, "warning-censored", censored = *censored, n = *n)
        }
        Warning::Note {
            text,
            fact: Some(fact),
        } => note(words, text, fact),
        other => other.to_string(),
    }
}

/// What the analysis adds to an estimate.
fn note(words: &Words, text: &str, fact: &Fact) -> String {
    let value = |at: usize| fact.values.get(at).map_or("", String::as_str);
    say!(
        words,
        "note",
        name = fact.name,
        text = text,
        first = value(0),
        second = value(1),
        n = value(0).split(", ").count()
    )
}

#[cfg(test)]
mod tests;
