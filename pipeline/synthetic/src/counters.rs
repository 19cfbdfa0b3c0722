//! Logs of the host's counters, of a host with sixteen processors.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use crate::numbers::Numbers;

const CPUS: u64 = 16;
/// Lines of `/proc/interrupts` of devices: queues of NICs and disks.
const DEVICES: u64 = 48;
/// And of processors.
const KINDS: [(&str, &str); 6] = [
    ("NMI", "Non-maskable interrupts"),
    ("LOC", "Local timer interrupts"),
    ("RES", "Rescheduling interrupts"),
    ("CAL", "Function call interrupts"),
    ("TLB", "TLB shootdowns"),
    ("PIW", "Posted-interrupt wakeup event"),
];
const KVM: [&str; 12] = [
    "exits",
    "halt_exits",
    "halt_wakeup",
    "host_state_reload",
    "hypercalls",
    "insn_emulation",
    "io_exits",
    "irq_exits",
    "irq_injections",
    "mmio_exits",
    "req_event",
    "signal_exits",
];

/// The host while a trial measured.
pub(crate) struct Host<'a> {
    pub(crate) numbers: &'a Numbers,
    /// Start, in seconds since 1970.
    pub(crate) start: u64,
    /// How long it measured.
    pub(crate) seconds: u64,
    /// Whether there are guests.
    pub(crate) has_guests: bool,
}

impl Host<'_> {
    /// Each log with its name.
    pub(crate) fn logs(&self) -> Vec<(&'static str, String)> {
        let mut logs = vec![
            (
                "host-interrupts.log",
                self.log(false, |t| self.interrupts(t)),
            ),
            ("host-netdev.log", self.log(true, |t| self.netdev(t))),
            ("host-stat.log", self.log(true, |t| self.stat(t))),
        ];
        if self.has_guests {
            logs.push(("host-kvm.log", self.log(false, |t| self.kvm(t))));
        }
        logs.sort();
        logs
    }

    /// Snapshots at start and end, and each second between them of what is sampled.
    fn log(&self, sampled: bool, snapshot: impl Fn(u64) -> String) -> String {
        let mut log = String::new();
        let step = if sampled { 1 } else { self.seconds.max(1) };
        for t in (0..=self.seconds).step_by(step as usize) {
            let phase = match t {
                0 => "start",
                t if t == self.seconds => "end",
                _ => "during",
            };
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.start + t);
            // Writing to a string can't fail.
            let _ = writeln!(
                log,
                "# vnicbench {phase} {} monotonic {}.250000",
                humantime::format_rfc3339_millis(time),
                10_000 + t
            );
            log.push_str(&snapshot(t));
        }
        log
    }

    /// `/proc/stat` after so many seconds.
    fn stat(&self, t: u64) -> String {
        let mut text = String::new();
        let busy = (self.numbers.busy * 100.0) as u64 * t;
        let idle = CPUS * 100 * t - busy.min(CPUS * 100 * t);
        let mut row = |name: String, part: u64| {
            let (user, system) = (busy / 3 / part, busy * 2 / 3 / part);
            let _ = writeln!(
                text,
                "{name} {} 0 {} {} 1917 0 153 160 {} 0",
                113_417 + user,
                20_245 + system,
                87_107 + idle / part,
                user / 2
            );
        };
        row("cpu ".into(), 1);
        for cpu in 0..CPUS {
            row(format!("cpu{cpu}"), CPUS);
        }
        let interrupts = (self.numbers.interrupts * t as f64) as u64;
        let _ = write!(text, "intr {}", 743_640 + interrupts);
        for line in 0..256 {
            let count = if line < DEVICES {
                interrupts / DEVICES / 2
            } else {
                0
            };
            let _ = write!(text, " {count}");
        }
        let _ = writeln!(
            text,
            "\nctxt {}\nbtime 1767225600\nprocesses 36821\nprocs_running 8\nprocs_blocked 0\n\
             softirq {} 0 60587 21 13073 97921 0 464 82467 0 162440",
            978_200 + interrupts * 2,
            416_973 + interrupts
        );
        text
    }

    /// `/proc/interrupts` after so many seconds.
    fn interrupts(&self, t: u64) -> String {
        let mut text = " ".repeat(10);
        for cpu in 0..CPUS {
            let _ = write!(text, "{:<11}", format!("CPU{cpu}"));
        }
        text.push('\n');
        let all = (self.numbers.interrupts * t as f64) as u64;
        for line in 0..DEVICES {
            let _ = write!(text, "{:>3}:", 24 + line);
            for cpu in 0..CPUS {
                let mine = if cpu == line % CPUS {
                    all / DEVICES / 2
                } else {
                    0
                };
                let _ = write!(text, " {:>10}", 100 * line + mine);
            }
            let _ = writeln!(
                text,
                " PCI-MSIX-0000:{:02x}:00.0 {:>4}-edge      eth{}-TxRx-{}",
                1 + line / 16,
                line % 16,
                line / 16,
                line % 16
            );
        }
        for (label, name) in KINDS {
            let _ = write!(text, "{label}:");
            for cpu in 0..CPUS {
                let _ = write!(text, " {:>10}", 4000 + cpu + all / CPUS / 12);
            }
            let _ = writeln!(text, "   {name}");
        }
        text
    }

    /// KVM's counters after so many seconds.
    fn kvm(&self, t: u64) -> String {
        let exits = (self.numbers.exits * t as f64) as u64;
        (1..)
            .zip(KVM)
            .map(|(part, name)| format!("{name} {}\n", 184_467 + exits / part))
            .collect()
    }

    /// `/proc/net/dev` after so many seconds.
    fn netdev(&self, t: u64) -> String {
        let mut text = "Inter-|   Receive                                                |  Transmit\n \
                        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
            .to_owned();
        for interface in 0..8 {
            let packets = 12_190 + (self.numbers.interrupts * t as f64) as u64 / (interface + 1);
            let _ = writeln!(
                text,
                "{:>6}: {:>7} {packets:>7}    0    0    0     0          0         0 {:>8} {packets:>7}    0    0    0     0       0          0",
                format!("eth{interface}"),
                packets * 1200,
                packets * 90
            );
        }
        text
    }
}
