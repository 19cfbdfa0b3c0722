//! Copies of the kernel's files in /proc: stat, interrupts, softirqs, net/softnet_stat,
//! net/dev, pressure.

use std::collections::HashSet;

use crate::Tool;
use crate::counters::interrupts::{columns, counts};
use crate::counters::pressure::stall;
use crate::counters::softnet::hexadecimal;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table};
use crate::counters::tidy::Value;
use crate::counters::{count, name, words};
use crate::warning::WarningKind;

/// `/proc/stat`.
pub(crate) const PROC_STAT: Lined = Lined {
    tool: Tool::ProcStat,
    vote: |line| {
        let first = words(line).next().unwrap_or_default();
        if !matches!(first.first(), Some(b'c' | b'p' | b'b')) {
            return 0;
        }
        let counts = words(line).skip(1).all(|word| count(word).is_some());
        let columns = words(line).count();
        match first {
            b"procs_running" | b"procs_blocked" | b"btime" | b"ctxt" => u32::from(counts) * 3,
            b"cpu" => u32::from(counts && columns >= 5) * 3,
            _ if cpu(first).is_some() => u32::from(counts && columns >= 8) * 3,
            _ => 0,
        }
    },
    source: || Box::new(ProcStat::default()),
};

/// `/proc/interrupts`.
pub(crate) const INTERRUPTS: Lined = Lined {
    tool: Tool::Interrupts,
    vote: |line| {
        if columns(line).is_some() {
            return 1;
        }
        let Some((label, rest)) = labelled(line) else {
            return 0;
        };
        let counted = words(rest).next().and_then(count).is_some();
        match label {
            b"LOC" | b"NMI" | b"RES" | b"CAL" | b"TLB" | b"MIS" | b"ERR" | b"IPI0" | b"IPI1" => {
                u32::from(counted) * 3
            }
            _ => {
                let named = words(rest).any(|word| word.iter().any(u8::is_ascii_alphabetic));
                u32::from(counted && named && count(label).is_some())
            }
        }
    },
    source: || Box::new(PerCpu::default()),
};

/// `/proc/softirqs`.
pub(crate) const SOFTIRQS: Lined = Lined {
    tool: Tool::Softirqs,
    vote: |line| {
        if columns(line).is_some() {
            return 1;
        }
        let Some((label, rest)) = labelled(line) else {
            return 0;
        };
        let kind = matches!(
            label,
            b"HI"
                | b"TIMER"
                | b"NET_TX"
                | b"NET_RX"
                | b"BLOCK"
                | b"IRQ_POLL"
                | b"BLOCK_IOPOLL"
                | b"TASKLET"
                | b"SCHED"
                | b"HRTIMER"
                | b"RCU"
        );
        u32::from(kind && words(rest).all(|word| count(word).is_some())) * 3
    },
    source: || Box::new(PerCpu::default()),
};

/// `/proc/net/softnet_stat`.
pub(crate) const SOFTNET_STAT: Lined = Lined {
    tool: Tool::SoftnetStat,
    vote: |line| {
        let hexadecimal = words(line).all(|word| hexadecimal(word).is_some());
        u32::from(hexadecimal && words(line).count() >= 9) * 3
    },
    source: || Box::new(Softnet::default()),
};

/// `/proc/net/dev`.
pub(crate) const NET_DEV: Lined = Lined {
    tool: Tool::NetDev,
    vote: |line| {
        if line.starts_with(b"Inter-|") || line.starts_with(b"face |") {
            return 3;
        }
        u32::from(traffic(line).is_some()) * 2
    },
    source: || Box::new(NetDev::default()),
};

/// `/proc/pressure/*`.
pub(crate) const PRESSURE: Lined = Lined {
    tool: Tool::Pressure,
    vote: |line| u32::from(memchr::memmem::find(line, b" avg10=").is_some()) * 3,
    source: || Box::new(Pressure::default()),
};

fn cpu(word: &[u8]) -> Option<u64> {
    word.strip_prefix(b"cpu").and_then(count)
}

/// `label: rest`, the label without white space.
fn labelled(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = text.iter().position(|byte| *byte == b':')?;
    let (label, rest) = (text.get(..colon)?, text.get(colon + 1..)?);
    let plain = !label.is_empty() && !label.iter().any(u8::is_ascii_whitespace);
    plain.then_some((label, rest))
}

/// A source's keys of one snapshot; the first of them again begins the next.
#[derive(Debug, Default)]
pub(super) struct Keys {
    first: Option<Vec<u8>>,
    seen: HashSet<Vec<u8>>,
}

impl Keys {
    /// Takes a key; it is odd if the snapshot has it already.
    pub(super) fn take(&mut self, key: &[u8], table: &mut Table<'_>) -> Result<(), Found> {
        if self.first.as_deref() == Some(key) {
            self.clear();
            table.next();
        }
        if !self.seen.insert(key.to_vec()) {
            return Err(Found::Odd(WarningKind::Duplicate));
        }
        self.first.get_or_insert_with(|| key.to_vec());
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.first = None;
        self.seen.clear();
    }
}

#[derive(Default)]
struct ProcStat {
    keys: Keys,
}

const TIMES: [&str; 10] = [
    "user",
    "nice",
    "system",
    "idle",
    "iowait",
    "irq",
    "softirq",
    "steal",
    "guest",
    "guest_nice",
];

const SOFTIRQ_KINDS: [&str; 10] = [
    "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU",
];

impl Source for ProcStat {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        let mut words = words(text);
        let key = words.next().unwrap_or_default();
        let known = matches!(
            key,
            b"cpu"
                | b"intr"
                | b"ctxt"
                | b"softirq"
                | b"btime"
                | b"processes"
                | b"procs_running"
                | b"procs_blocked"
                | b"page"
                | b"swap"
        );
        if key == b"disk_io:" {
            return Found::Own;
        }
        if !known && cpu(key).is_none() {
            return Found::Foreign;
        }
        let values: Option<Vec<u64>> = words.map(count).collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            return MALFORMED;
        };
        if let Err(found) = self.keys.take(key, table) {
            return found;
        }
        let mut all = |subject: &[u8], names: &[&str], unit: &[u8]| {
            for (name, value) in names.iter().zip(&values) {
                table.add(subject, name.as_bytes(), Value::Count(*value), unit);
            }
        };
        match key {
            b"cpu" if values.len() >= 4 => all(b"all", &TIMES, b"ticks"),
            _ if cpu(key).is_some() && values.len() >= 4 => all(key, &TIMES, b"ticks"),
            // The sum; a column for each interrupt line follows, most of them 0.
            b"intr" => all(b"", &["intr"], b""),
            b"softirq" => {
                all(b"", &["softirq"], b"");
                for (name, value) in SOFTIRQ_KINDS.iter().zip(values.iter().skip(1)) {
                    table.add(b"softirq", name.as_bytes(), Value::Count(*value), b"");
                }
            }
            b"page" if values.len() == 2 => all(b"", &["pgpgin", "pgpgout"], b""),
            b"swap" if values.len() == 2 => all(b"", &["pswpin", "pswpout"], b""),
            b"btime" if values.len() == 1 => all(b"", &["btime"], b"s"),
            _ if values.len() == 1 => {
                if let Some(value) = values.first() {
                    table.add(b"", key, Value::Count(*value), b"");
                }
            }
            _ => return MALFORMED,
        }
        Found::Samples
    }

    fn fresh(&mut self) {
        self.keys.clear();
    }
}

/// A table with a row for each interrupt and a column for each processor.
#[derive(Default)]
struct PerCpu {
    cpus: Vec<u32>,
    keys: Keys,
    rows: bool,
    /// A row that a narrow terminal broke.
    broken: Option<(Vec<u8>, Vec<u64>)>,
}

impl PerCpu {
    fn put(&mut self, label: &[u8], values: &[u64], table: &mut Table<'_>) -> Found {
        if let Err(found) = self.keys.take(label, table) {
            return found;
        }
        for (cpu, value) in self.cpus.iter().zip(values) {
            table.add(
                format!("cpu{cpu}").as_bytes(),
                label,
                Value::Count(*value),
                b"",
            );
        }
        Found::Samples
    }

    /// A broken row without its rest: one count for all processors, or too few.
    fn mend(&mut self, at_end: bool, table: &mut Table<'_>) {
        if let Some((label, values)) = self.broken.take() {
            match values.as_slice() {
                [value] if !at_end => match self.keys.take(&label, table) {
                    Ok(()) => table.add(b"all", &label, Value::Count(*value), b""),
                    Err(_) => table.note(WarningKind::Duplicate),
                },
                _ => table.note(WarningKind::Malformed),
            }
        }
    }

    fn describe(label: &[u8], description: &[u8], table: &mut Table<'_>) {
        let description = words(description).map(name).collect::<Vec<_>>().join(" ");
        if !description.is_empty() {
            table.run().labels.insert(name(label), description);
        }
    }
}

impl Source for PerCpu {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if let Some(cpus) = columns(text) {
            // The headings of many processors may be broken, too.
            let goes_on = !self.rows && self.cpus.last() < cpus.first();
            if goes_on {
                self.cpus.extend(cpus);
            } else {
                self.mend(false, table);
                if self.rows {
                    table.next();
                }
                self.cpus = cpus;
                self.keys.clear();
            }
            self.rows = false;
            return Found::Own;
        }
        if self.cpus.is_empty() {
            return Found::Foreign;
        }
        if let Some((label, mut values)) = self.broken.take() {
            let room = self.cpus.len() - values.len().min(self.cpus.len());
            let more = counts(text, room).filter(|(more, rest)| {
                !more.is_empty()
                    && (more.len() == room || rest.is_empty())
                    && labelled(text).is_none()
            });
            if let Some((more, rest)) = more {
                values.extend(more);
                if values.len() < self.cpus.len() {
                    self.broken = Some((label, values));
                    return Found::Samples;
                }
                Self::describe(&label, rest, table);
                return self.put(&label, &values, table);
            }
            self.broken = Some((label, values));
            self.mend(false, table);
        }
        let Some((label, rest)) = labelled(text) else {
            return Found::Foreign;
        };
        self.rows = true;
        // Arm's fast interrupts have a name and no count.
        if label == b"FIQ" {
            return Found::Own;
        }
        let Some((values, description)) = counts(rest, self.cpus.len()) else {
            return MALFORMED;
        };
        if values.len() == self.cpus.len() {
            Self::describe(label, description, table);
            return self.put(label, &values, table);
        }
        if values.is_empty() || !description.is_empty() {
            return MALFORMED;
        }
        self.broken = Some((label.to_vec(), values));
        if matches!(label, b"ERR" | b"MIS" | b"Err" | b"BAD") {
            self.mend(false, table);
        }
        Found::Samples
    }

    fn fresh(&mut self) {
        self.keys.clear();
        self.rows = false;
        self.broken = None;
        self.cpus.clear();
    }

    fn end(&mut self, table: &mut Table<'_>) {
        self.mend(true, table);
    }
}

#[derive(Default)]
struct Softnet {
    last: Option<u32>,
}

const SOFTNET: [&str; 15] = [
    "processed",
    "dropped",
    "time_squeeze",
    "",
    "",
    "",
    "",
    "",
    "cpu_collision",
    "received_rps",
    "flow_limit_count",
    "backlog_len",
    "",
    "input_qlen",
    "process_qlen",
];

impl Source for Softnet {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        let values: Option<Vec<u32>> = words(text).map(hexadecimal).collect();
        let Some(values) = values else {
            let first = words(text).next().and_then(hexadecimal);
            return first.map_or(Found::Foreign, |_| MALFORMED);
        };
        let next = self.last.map_or(Some(0), |last| last.checked_add(1));
        // Before Linux 5.10 there is no number, only the place among those online.
        let Some(cpu) = values
            .get(12)
            .copied()
            .or(next)
            .filter(|_| values.len() >= 9)
        else {
            return MALFORMED;
        };
        let again = match values.len() {
            // The kernel doesn't say where a copy ends.
            0..=12 => false,
            _ => self.last.is_some_and(|last| cpu <= last),
        };
        if again {
            table.next();
        }
        self.last = Some(cpu);
        let subject = format!("cpu{cpu}");
        for (name, value) in SOFTNET.iter().zip(&values) {
            if !name.is_empty() {
                let value = Value::Count(u64::from(*value));
                table.add(subject.as_bytes(), name.as_bytes(), value, b"");
            }
        }
        Found::Samples
    }

    fn fresh(&mut self) {
        self.last = None;
    }
}

#[derive(Default)]
struct NetDev {
    keys: Keys,
    titled: bool,
}

const TRAFFIC: [&str; 16] = [
    "rx_bytes",
    "rx_packets",
    "rx_errs",
    "rx_drop",
    "rx_fifo",
    "rx_frame",
    "rx_compressed",
    "rx_multicast",
    "tx_bytes",
    "tx_packets",
    "tx_errs",
    "tx_drop",
    "tx_fifo",
    "tx_colls",
    "tx_carrier",
    "tx_compressed",
];

/// An interface and its 16 counts. Old kernels put no space behind the colon, and an alias
/// has one in its name.
fn traffic(text: &[u8]) -> Option<(&[u8], Vec<u64>)> {
    let colon = text.iter().rposition(|byte| *byte == b':')?;
    let interface = text.get(..colon)?.trim_ascii();
    let values: Option<Vec<u64>> = words(text.get(colon + 1..)?).map(count).collect();
    let values = values.filter(|values| values.len() == TRAFFIC.len())?;
    (!interface.is_empty()).then_some((interface, values))
}

impl Source for NetDev {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if text.starts_with(b"Inter-|") || text.starts_with(b"face |") {
            if self.titled && text.starts_with(b"Inter-|") {
                self.keys.clear();
                table.next();
            }
            self.titled = true;
            return Found::Own;
        }
        let Some((interface, values)) = traffic(text) else {
            let like = text.contains(&b':') && self.titled;
            return if like { MALFORMED } else { Found::Foreign };
        };
        if let Err(found) = self.keys.take(interface, table) {
            return found;
        }
        for (name, value) in TRAFFIC.iter().zip(values) {
            table.add(interface, name.as_bytes(), Value::Count(value), b"");
        }
        Found::Samples
    }

    fn fresh(&mut self) {
        self.keys.clear();
        self.titled = false;
    }
}

#[derive(Default)]
struct Pressure {
    resource: Vec<u8>,
    keys: Keys,
}

/// `/proc/pressure/io`, `io.pressure`, `io`: io.
fn resource(path: &[u8]) -> Option<&[u8]> {
    let file = path.rsplit(|byte| *byte == b'/').next()?;
    let file = file.strip_suffix(b".pressure").unwrap_or(file);
    matches!(file, b"cpu" | b"memory" | b"io" | b"irq").then_some(file)
}

impl Source for Pressure {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if let Some(found) = resource(text.strip_suffix(b":").unwrap_or(text)) {
            self.resource = found.to_vec();
            return Found::Own;
        }
        if let Some(title) = resource(&table.title) {
            self.resource = title.to_vec();
            table.title.clear();
        }
        // As `grep` puts a file's name in front.
        let (path, rest) = labelled(text).unwrap_or_default();
        let text = match resource(path) {
            Some(found) => {
                self.resource = found.to_vec();
                rest
            }
            None => text,
        };
        let mut words = words(text);
        let kind = words.next().unwrap_or_default();
        if kind != b"some" && kind != b"full" {
            // What follows an unreadable name must not count as the one before.
            self.resource = b"?".to_vec();
            return Found::Foreign;
        }
        let Some(stall) = stall(words) else {
            return MALFORMED;
        };
        let key = [&self.resource, &b" "[..], kind].concat();
        if let Err(found) = self.keys.take(&key, table) {
            return found;
        }
        let subject = self.resource.as_slice();
        for (name, value) in [
            ("avg10", stall.avg10),
            ("avg60", stall.avg60),
            ("avg300", stall.avg300),
        ] {
            let name = [kind, b"_", name.as_bytes()].concat();
            table.add(subject, &name, Value::Number(value), b"%");
        }
        let total = Value::Count(stall.total_us);
        table.add(subject, &[kind, b"_total"].concat(), total, b"us");
        Found::Samples
    }

    fn fresh(&mut self) {
        self.keys.clear();
        self.resource.clear();
    }
}
