//! What the host counted while a trial measured.

use std::fs::File;
use std::path::Path;

use vnicbench_logs::ReadError;
use vnicbench_logs::counters::{Count, Log, Usage, interrupts, kvm, stat};
use vnicbench_model::Trial;

use crate::log::{self, LineCounter};
use crate::measurement::{Measurement, Oddity, Value, is_file_name};
use crate::result::{Metric, Source};

const STAT: &str = "host-stat.log";
const KVM: &str = "host-kvm.log";
const INTERRUPTS: &str = "host-interrupts.log";

/// A row of the table `counters`.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
    /// Below the campaign.
    pub(crate) log: String,
}

/// A log of counters and how many lines it has.
struct Counted<T> {
    log: Log<T>,
    lines: u64,
}

impl<T> Counted<T> {
    fn source(&self, name: String) -> Source {
        let first = self.log.snapshots.first().map_or(1, |first| first.line);
        Source {
            log: name,
            lines: (first.max(1), self.lines.max(1)),
        }
    }
}

/// Adds the host's counters and the metrics that are made from them.
pub(crate) fn add(measurement: &mut Measurement, path: &Path, directory: &str, trial: &Trial) {
    let mut reader = Reader {
        measurement,
        path,
        directory,
        trial,
    };
    let Some(stat) = reader.read(STAT, |input| stat::parse(input)) else {
        return;
    };
    let kvm = reader.read(KVM, |input| kvm::parse(input));
    let lines = reader.read(INTERRUPTS, |input| interrupts::parse(input));
    let usage = Usage::of(
        &stat.log,
        kvm.as_ref().map(|kvm| &kvm.log),
        lines.as_ref().map(|lines| &lines.log),
    );
    let below = |name: &str| format!("{directory}/{name}");
    let usage = match usage {
        Ok(usage) => usage,
        Err(error) => {
            measurement
                .problems
                .push(format!("{}: {error}", below(STAT)));
            return;
        }
    };
    measurement
        .oddities
        .extend(usage.warnings.iter().map(|text| Oddity {
            kind: "counter".to_owned(),
            file: below(STAT),
            line: 0,
            text: text.clone(),
        }));
    measurement.counters = counters(&usage, directory);
    let of_stat = stat.source(below(STAT));
    let of_kvm = kvm.map(|kvm| kvm.source(below(KVM)));
    let values = values(measurement, &usage, &of_stat, of_kvm.as_ref());
    measurement.values.extend(values);
}

/// Reads logs of counters of a trial and notes what is odd in them.
struct Reader<'a> {
    measurement: &'a mut Measurement,
    path: &'a Path,
    directory: &'a str,
    trial: &'a Trial,
}

impl Reader<'_> {
    /// None if the trial has no such log, or none that can be read, which is a problem.
    fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&mut LineCounter<File>) -> Result<Log<T>, ReadError>,
    ) -> Option<Counted<T>> {
        if !is_file_name(name) || !self.trial.counters.iter().any(|log| log == name) {
            return None;
        }
        let file = format!("{}/{name}", self.directory);
        match log::read_with(&self.path.join(name), parse) {
            Ok((log, lines)) => {
                let odd = log.warnings.iter().map(|warning| Oddity {
                    kind: log::kind(warning),
                    file: file.clone(),
                    line: warning.line,
                    text: warning.text.clone(),
                });
                self.measurement.oddities.extend(odd);
                Some(Counted { log, lines })
            }
            Err(problem) => {
                self.measurement.problems.push(format!("{file}: {problem}"));
                None
            }
        }
    }
}

/// Each counter in a second, for a Gbit and for a packet, as far as these are known.
fn values(
    measurement: &Measurement,
    usage: &Usage,
    stat: &Source,
    kvm: Option<&Source>,
) -> Vec<Value> {
    let has_goodput = measurement
        .values
        .iter()
        .any(|value| value.metric == Metric::Goodput);
    let bits: f64 = measurement.paths.iter().map(|path| path.bits).sum();
    let gbit = Some(bits / 1e9).filter(|_| has_goodput);
    let packets: Option<u64> = measurement.paths.iter().map(|path| path.packets).sum();
    let packets = packets.map(|packets| packets as f64);
    let events = |count: Option<Count>| count.map(|count| count.count as f64);
    let counted = [
        (usage.busy_s, 1e6, Some(stat)),
        (events(usage.interrupts), 1.0, Some(stat)),
        (events(usage.context_switches), 1.0, Some(stat)),
        (events(usage.kvm_exits), 1.0, kvm),
    ];
    let mut values = Vec::new();
    for ((count, of_packet, source), metrics) in counted.into_iter().zip(Metric::OF_HOST) {
        let (Some(count), Some(source)) = (count, source) else {
            continue;
        };
        let per = [
            Some(usage.seconds),
            gbit,
            packets.map(|packets| packets / of_packet),
        ];
        for (metric, per) in metrics.into_iter().zip(per) {
            let value = per.map(|per| count / per).filter(|value| value.is_finite());
            values.extend(value.map(|value| Value {
                metric,
                value,
                share: None,
                source: Some(source.clone()),
            }));
        }
    }
    values
}

/// Everything that the counters say, by name.
fn counters(usage: &Usage, directory: &str) -> Vec<Counter> {
    let mut counters = Vec::new();
    let mut push = |name: String, unit, value: Option<f64>, log: &str| {
        if let Some(value) = value {
            counters.push(Counter {
                name,
                unit,
                value,
                log: format!("{directory}/{log}"),
            });
        }
    };
    push("window".into(), "s", Some(usage.seconds), STAT);
    push("cpus".into(), "", Some(usage.cpus as f64), STAT);
    for (name, value) in [
        ("busy", usage.busy_s),
        ("guest", usage.guest_s),
        ("system", usage.system_s),
        ("irq", usage.irq_s),
        ("softirq", usage.softirq_s),
        ("steal", usage.steal_s),
    ] {
        push(name.into(), "CPU s", value, STAT);
    }
    for (name, count) in [
        ("interrupts", usage.interrupts),
        ("context-switches", usage.context_switches),
    ] {
        push(name.into(), "", count.map(|c| c.count as f64), STAT);
    }
    for (name, count) in &usage.kvm {
        push(format!("kvm {name}"), "", Some(count.count as f64), KVM);
    }
    for line in &usage.lines {
        push(
            format!("interrupt {} {}", line.label, line.name),
            "",
            line.count.map(|c| c.count as f64),
            INTERRUPTS,
        );
    }
    counters
}
