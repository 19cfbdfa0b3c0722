//! What happened on a host between two snapshots.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::interrupts::{Interrupts, Row};
use super::named::Named;
use super::snapshot::{Log, Phase, Snapshot};
use super::stat::{CpuTimes, Stat, USER_HZ};

/// Why there is no [`Usage`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// A difference needs two.
    #[error(
        "the log of /proc/stat has {0} snapshots, and usage is the difference of two; log one before and one after the trial"
    )]
    TooFew(usize),
    /// Copies without our header don't say when they were made.
    #[error(
        "the first or last snapshot of /proc/stat (lines {first} and {last}) has no time, so that there is no rate; see the log's warnings"
    )]
    NoTime {
        /// Line of the first.
        first: u64,
        /// Line of the last.
        last: u64,
    },
    /// The clock stood still or went back.
    #[error(
        "the last snapshot of /proc/stat (line {last}) is not after the first (line {first}); the log is not one trial's"
    )]
    NoSpan {
        /// Line of the first.
        first: u64,
        /// Line of the last.
        last: u64,
    },
}

/// A number of events and their rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Count {
    /// Events between the snapshots.
    pub count: u64,
    /// The same divided by the seconds between them.
    pub per_second: f64,
}

/// Interrupts of one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineCount {
    /// As in `/proc/interrupts`: a number or a kind.
    pub label: String,
    /// Controller and devices, or what the kind means.
    pub name: String,
    /// How many; `None` if its counter can't be compared (see the warnings).
    pub count: Option<Count>,
}

/// The difference of a host's first and last snapshot.
///
/// Times are of all processors together, in CPU-seconds, exact to a tick (10 ms) of each
/// processor and state. `None` means not known, with the reason in `warnings`: a counter
/// that is missing or went backwards (reset, a guest that ended, hardware removed).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Usage {
    /// Between the snapshots of `/proc/stat`.
    pub seconds: f64,
    /// Processors online in both.
    pub cpus: usize,
    /// All states but idle, waiting for a disk, and stolen. The kernel counts the time of
    /// guests in `user` (`nice`) too, so it is in here once.
    pub busy_s: Option<f64>,
    /// Of it, virtual processors of guests.
    pub guest_s: Option<f64>,
    /// Of it, the kernel, without interrupts and softirqs.
    pub system_s: Option<f64>,
    /// Of it, interrupt handlers.
    pub irq_s: Option<f64>,
    /// Of it, softirqs.
    pub softirq_s: Option<f64>,
    /// Not in it: this host is a guest, and its own host did something else.
    pub steal_s: Option<f64>,
    /// All interrupts, of `/proc/stat`: on x86 those between processors too.
    pub interrupts: Option<Count>,
    /// Context switches.
    pub context_switches: Option<Count>,
    /// Exits of all guests together, of KVM's `exits` (`sum_exits` on POWER).
    pub kvm_exits: Option<Count>,
    /// KVM's counters of exits and injections by name, hypercalls and wake-ups; what went
    /// backwards is not among them.
    pub kvm: BTreeMap<String, Count>,
    /// Each line of `/proc/interrupts` that counted something or can't be compared. Not
    /// to be summed up: on x86 `CAL` holds `TLB`.
    pub lines: Vec<LineCount>,
    /// What is not known and why, in words.
    pub warnings: Vec<String>,
}

impl Usage {
    /// From the first and last snapshot of each log.
    ///
    /// # Errors
    ///
    /// [`UsageError`] if `stat` has no two snapshots with their times.
    pub fn of(
        stat: &Log<Stat>,
        kvm: Option<&Log<Named>>,
        interrupts: Option<&Log<Interrupts>>,
    ) -> Result<Self, UsageError> {
        let (first, last) = stat
            .window()
            .ok_or(UsageError::TooFew(stat.snapshots.len()))?;
        let lines = (first.line, last.line);
        let seconds = span(first, last).ok_or(UsageError::NoTime {
            first: lines.0,
            last: lines.1,
        })?;
        if seconds <= 0.0 {
            return Err(UsageError::NoSpan {
                first: lines.0,
                last: lines.1,
            });
        }
        let mut warnings = Vec::new();
        ends("/proc/stat", last, &mut warnings);
        let mut usage = of_stat(seconds, &first.counters, &last.counters, warnings);
        if let Some(log) = kvm {
            usage.add_kvm(log);
        }
        if let Some(log) = interrupts {
            usage.add_lines(log);
        }
        Ok(usage)
    }

    fn add_kvm(&mut self, log: &Log<Named>) {
        let Some((first, last, seconds)) = window("KVM's counters", log, &mut self.warnings) else {
            return;
        };
        let (first, last) = (&first.counters, &last.counters);
        for (name, before) in first.values.iter().filter(|(name, _)| is_kvm_event(name)) {
            let difference = last.get(name).and_then(|after| after.checked_sub(*before));
            match difference {
                Some(events) => {
                    self.kvm.insert(name.clone(), rate(events, seconds));
                }
                None => self.warnings.push(format!(
                    "KVM's {name} {}, so it is not known; a guest ended in between",
                    change(*before, last.get(name))
                )),
            }
        }
        let total = ["exits", "sum_exits"]
            .into_iter()
            .find(|name| first.get(name).is_some());
        match total {
            Some(total) => self.kvm_exits = self.kvm.get(total).copied(),
            None => self
                .warnings
                .push("KVM has no counter of all exits here".to_owned()),
        }
    }

    fn add_lines(&mut self, log: &Log<Interrupts>) {
        let Some((first, last, seconds)) = window("/proc/interrupts", log, &mut self.warnings)
        else {
            return;
        };
        let (first, last) = (&first.counters, &last.counters);
        if first.cpus != last.cpus {
            self.warnings.push(format!(
                "the lines of /proc/interrupts can't be compared: {} processors before and {} after, not all the same",
                first.cpus.len(),
                last.cpus.len()
            ));
            return;
        }
        let after: HashMap<&str, &Row> = last
            .rows
            .iter()
            .map(|row| (row.label.as_str(), row))
            .collect();
        let before: HashMap<&str, &Row> = first
            .rows
            .iter()
            .map(|row| (row.label.as_str(), row))
            .collect();
        for row in &first.rows {
            let count = match after.get(row.label.as_str()) {
                None => Err("is gone from the last snapshot".to_owned()),
                // The same number may be another device's by now.
                Some(later) if later.name != row.name => Err(format!("became {:?}", later.name)),
                Some(later) => events(row, later).ok_or_else(|| {
                    format!(
                        "can't be compared ({} before, {} after: it was reset)",
                        row.total, later.total
                    )
                }),
            };
            let count = match count {
                Ok(0) => continue,
                Ok(events) => Some(rate(events, seconds)),
                Err(reason) => {
                    self.warnings
                        .push(format!("interrupt {} ({}) {reason}", row.label, row.name));
                    None
                }
            };
            self.lines.push(LineCount {
                label: row.label.clone(),
                name: row.name.clone(),
                count,
            });
        }
        // A line that came up in between began at 0.
        for row in &last.rows {
            if !before.contains_key(row.label.as_str()) && row.total > 0 {
                self.lines.push(LineCount {
                    label: row.label.clone(),
                    name: row.name.clone(),
                    count: Some(rate(row.total, seconds)),
                });
            }
        }
    }
}

fn of_stat(seconds: f64, first: &Stat, last: &Stat, mut warnings: Vec<String>) -> Usage {
    let cpus = first
        .cpus
        .keys()
        .filter(|cpu| last.cpus.contains_key(cpu))
        .count();
    if cpus != first.cpus.len() || cpus != last.cpus.len() {
        warnings.push(format!(
            "processors went on- or offline: {} before, {} after, {cpus} in both",
            first.cpus.len(),
            last.cpus.len()
        ));
    }
    let (from, to) = (&first.total, &last.total);
    let mut ticks = |state: &str, of: fn(&CpuTimes) -> Option<u64>| {
        let (Some(before), Some(after)) = (of(from), of(to)) else {
            warnings.push(format!("this kernel does not count {state} time"));
            return None;
        };
        let difference = after.checked_sub(before);
        if difference.is_none() {
            warnings.push(format!(
                "the processors' {state} time went backwards, from {before} to {after} ticks, so it is not known"
            ));
        }
        difference
    };
    let user = ticks("user", |times| Some(times.user));
    let nice = ticks("nice", |times| Some(times.nice));
    let system = ticks("system", |times| Some(times.system));
    let irq = ticks("interrupt", |times| Some(times.irq));
    let softirq = ticks("softirq", |times| Some(times.softirq));
    let steal = ticks("stolen", |times| times.steal);
    let guest = ticks("guest", |times| times.guest);
    // A kernel that counts guests in one column has nothing in another.
    let guest_nice = ticks("guest's nice", |times| times.guest_nice.or(Some(0)));
    let mut events = |what: &str, before: Option<u64>, after: Option<u64>| {
        let (Some(before), Some(after)) = (before, after) else {
            warnings.push(format!(
                "/proc/stat does not count {what} in both snapshots"
            ));
            return None;
        };
        let difference = after.checked_sub(before);
        if difference.is_none() {
            warnings.push(format!(
                "{what} {}, so they are not known; one of the counters that they sum up wrapped at 32 bits or was reset",
                change(before, Some(after))
            ));
        }
        difference.map(|events| rate(events, seconds))
    };
    let interrupts = events("interrupts", first.interrupts, last.interrupts);
    let context_switches = events(
        "context switches",
        first.context_switches,
        last.context_switches,
    );
    let sum = |states: &[Option<u64>]| {
        states
            .iter()
            .try_fold(0u64, |sum, ticks| sum.checked_add((*ticks)?))
    };
    let cpu_seconds = |ticks: Option<u64>| ticks.map(|ticks| ticks as f64 / USER_HZ as f64);
    Usage {
        seconds,
        cpus,
        busy_s: cpu_seconds(sum(&[user, nice, system, irq, softirq])),
        guest_s: cpu_seconds(sum(&[guest, guest_nice])),
        system_s: cpu_seconds(system),
        irq_s: cpu_seconds(irq),
        softirq_s: cpu_seconds(softirq),
        steal_s: cpu_seconds(steal),
        interrupts,
        context_switches,
        kvm_exits: None,
        kvm: BTreeMap::new(),
        lines: Vec::new(),
        warnings,
    }
}

fn rate(events: u64, seconds: f64) -> Count {
    Count {
        count: events,
        per_second: events as f64 / seconds,
    }
}

fn change(before: u64, after: Option<u64>) -> String {
    match after {
        Some(after) => format!("went backwards, from {before} to {after}"),
        None => "is missing from the last snapshot".to_owned(),
    }
}

fn span<T>(first: &Snapshot<T>, last: &Snapshot<T>) -> Option<f64> {
    // Printed to a microsecond; what the subtraction adds behind that is noise.
    Some(((last.monotonic_s? - first.monotonic_s?) * 1e6).round() / 1e6)
}

/// Says so if a log that has phases does not go to the trial's end.
fn ends<T>(what: &str, last: &Snapshot<T>, warnings: &mut Vec<String>) {
    if !matches!(last.phase, None | Some(Phase::End)) {
        warnings.push(format!(
            "the log of {what} ends before the trial did; the difference is up to line {}",
            last.line
        ));
    }
}

/// First and last snapshot of a log and the seconds between them, or a warning.
fn window<'a, T>(
    what: &str,
    log: &'a Log<T>,
    warnings: &mut Vec<String>,
) -> Option<(&'a Snapshot<T>, &'a Snapshot<T>, f64)> {
    let found = log.window().and_then(|(first, last)| {
        let seconds = span(first, last).filter(|seconds| *seconds > 0.0)?;
        Some((first, last, seconds))
    });
    match found {
        Some((_, last, _)) => ends(what, last, warnings),
        None => warnings.push(format!(
            "the log of {what} has no two snapshots with times one after the other, so they are not known"
        )),
    }
    found
}

/// Whether a name of KVM's is a count of events and not a level, which may fall. Names
/// differ between architectures and kernels; those of exits all say so.
fn is_kvm_event(name: &str) -> bool {
    name.contains("exit")
        || name.contains("inject")
        || matches!(name, "hypercalls" | "halt_wakeup" | "insn_emulation")
}

/// Interrupts of a line between two snapshots. The kernel counts in 32 bits: a counter
/// that went back wrapped if it moved by less than half its range, and was reset if not.
fn events(row: &Row, later: &Row) -> Option<u64> {
    let difference = |before: u64, after: u64| {
        after.checked_sub(before).or_else(|| {
            let moved = u32::try_from(after)
                .ok()?
                .wrapping_sub(u32::try_from(before).ok()?);
            (moved < 1 << 31).then_some(u64::from(moved))
        })
    };
    if row.per_cpu.is_empty() && later.per_cpu.is_empty() {
        return difference(row.total, later.total);
    }
    if row.per_cpu.len() != later.per_cpu.len() {
        return None;
    }
    row.per_cpu
        .iter()
        .zip(&later.per_cpu)
        .try_fold(0u64, |sum, (before, after)| {
            sum.checked_add(difference(*before, *after)?)
        })
}

#[cfg(test)]
mod tests {
    use super::super::{interrupts, kvm, stat};
    use super::*;

    fn header(phase: &str, seconds: f64) -> String {
        format!("# vnicbench {phase} 2026-01-02T03:04:05.678Z monotonic {seconds:.6}\n")
    }

    fn log<T>(
        parse: impl Fn(&[u8]) -> Result<Log<T>, crate::ReadError>,
        first: &str,
        last: &str,
    ) -> Log<T> {
        let text = header("start", 10.0) + first + &header("end", 14.0) + last;
        let log = parse(text.as_bytes()).unwrap();
        assert!(log.warnings.is_empty(), "{:?}", log.warnings);
        log
    }

    fn stat_log(first: &str, last: &str) -> Log<Stat> {
        log(|text| stat::parse(text), first, last)
    }

    const FIRST: &str = "cpu  100 10 200 5000 30 4 50 6 70 8\ncpu0 100 10 200 5000 30 4 50 6 70 8\nintr 1000 5 5\nctxt 500\nsoftirq 9 9\n";
    const LAST: &str = "cpu  500 20 260 5400 10 5 80 16 370 9\ncpu0 500 20 260 5400 10 5 80 16 370 9\nintr 3000 5 5\nctxt 900\nsoftirq 9 9\n";

    #[test]
    fn processors() {
        let usage = Usage::of(&stat_log(FIRST, LAST), None, None).unwrap();
        assert_eq!((usage.seconds, usage.cpus), (4.0, 1));
        // 400 + 10 + 60 + 1 + 30 ticks; guest time is in user, iowait's step back is no matter.
        assert_eq!(usage.busy_s, Some(5.01));
        assert_eq!(usage.guest_s, Some(3.01));
        assert_eq!(usage.system_s, Some(0.6));
        assert_eq!((usage.irq_s, usage.softirq_s), (Some(0.01), Some(0.3)));
        assert_eq!(usage.steal_s, Some(0.1));
        let interrupts = usage.interrupts.unwrap();
        assert_eq!((interrupts.count, interrupts.per_second), (2000, 500.0));
        assert_eq!(usage.context_switches.unwrap().per_second, 100.0);
        assert_eq!(usage.warnings, Vec::<String>::new());
    }

    #[test]
    fn backwards_is_unknown() {
        let usage = Usage::of(&stat_log(LAST, FIRST), None, None).unwrap();
        assert_eq!(
            (usage.busy_s, usage.guest_s, usage.steal_s),
            (None, None, None)
        );
        assert_eq!((usage.interrupts, usage.context_switches), (None, None));
        assert_eq!(usage.warnings.len(), 10, "{:?}", usage.warnings);
    }

    #[test]
    fn no_difference_without_two_and_their_times() {
        let one = stat::parse(FIRST.as_bytes()).unwrap();
        assert_eq!(Usage::of(&one, None, None), Err(UsageError::TooFew(1)));
        let two = stat::parse((FIRST.to_owned() + LAST).as_bytes()).unwrap();
        let error = Usage::of(&two, None, None).unwrap_err();
        assert_eq!(error, UsageError::NoTime { first: 1, last: 6 });
        let mut stopped = stat_log(FIRST, LAST);
        stopped.snapshots[1].monotonic_s = Some(10.0);
        assert!(Usage::of(&stopped, None, None).is_err());
        let mut cut = stat_log(FIRST, LAST);
        cut.snapshots[1].phase = Some(Phase::During);
        let usage = Usage::of(&cut, None, None).unwrap();
        assert!(usage.warnings[0].contains("ends before"), "{usage:?}");
    }

    #[test]
    fn guests() {
        let stat = stat_log(FIRST, LAST);
        let parse = |text: &[u8]| kvm::parse(text);
        let first = "exits 1000\nguest_mode 1\nio_exits 10\npages_4k 100\n";
        let grown = log(
            parse,
            first,
            "exits 9000\nguest_mode 0\nio_exits 30\npages_4k 10\n",
        );
        let usage = Usage::of(&stat, Some(&grown), None).unwrap();
        assert_eq!(usage.kvm_exits.unwrap().per_second, 2000.0);
        assert_eq!(usage.kvm["io_exits"].count, 20);
        assert_eq!(usage.kvm.len(), 2);
        assert!(usage.warnings.is_empty(), "{:?}", usage.warnings);

        let ended = log(parse, first, "exits 900\nguest_mode 0\nio_exits 10\n");
        let usage = Usage::of(&stat, Some(&ended), None).unwrap();
        assert_eq!(usage.kvm_exits, None);
        assert_eq!(
            usage.warnings,
            [
                "KVM's exits went backwards, from 1000 to 900, so it is not known; a guest ended in between"
            ]
        );
    }

    #[test]
    fn interrupt_lines() {
        let stat = stat_log(FIRST, LAST);
        let first = " CPU0 CPU1\n 1: 5 6 PCI-MSIX  0-edge vf0\n 2: 7 7 x old\n 3: 4294967290 0 x wraps\n 4: 1000 0 x reset\n 5: 1 1 x gone\nERR: 1\n";
        let last = " CPU0 CPU1\n 1: 9 6 PCI-MSIX 0-edge vf0\n 2: 9 9 x new\n 3: 4 10 x wraps\n 4: 10 0 x reset\n 6: 3 0 x came\nERR: 1\n";
        let log = log(|text| interrupts::parse(text), first, last);
        let usage = Usage::of(&stat, None, Some(&log)).unwrap();
        let counts: Vec<_> = usage
            .lines
            .iter()
            .map(|line| (line.label.as_str(), line.count.map(|count| count.count)))
            .collect();
        assert_eq!(
            counts,
            [
                ("1", Some(4)),
                ("2", None),
                ("3", Some(20)),
                ("4", None),
                ("5", None),
                ("6", Some(3))
            ]
        );
        assert_eq!(usage.lines[0].name, "PCI-MSIX 0-edge vf0");
        assert_eq!(usage.warnings.len(), 3, "{:?}", usage.warnings);
    }
}
