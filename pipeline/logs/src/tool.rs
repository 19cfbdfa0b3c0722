//! The tools whose logs are read: a line in the list below and a module each.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::lines::Lines;
use crate::{Document, ReadError, Sink};

/// The vote for a line that no other tool prints.
pub(crate) const SURE: u32 = 3;

/// How a tool's logs are told from others' and read.
pub(crate) trait Format: Sync {
    /// Whether a log is the tool's by the form of all of `head`, its first bytes: JSON, YAML.
    fn claims(&self, _head: &[u8]) -> bool {
        false
    }

    /// How much a line, without white space around it, speaks for the tool: 0 not at all,
    /// [`SURE`] no other tool prints such a line.
    fn vote(&self, line: &[u8]) -> u32;

    /// Whether whoever kept the log may have put a time in front of its lines.
    fn is_stamped_by_others(&self) -> bool {
        false
    }

    /// Reads a log.
    fn parse(&self, lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError>;
}

macro_rules! tools {
    ($($(#[$doc:meta])* $tool:ident [$name:literal $(, $other:literal)*] $format:path,)*) => {
        /// A tool whose logs are read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Tool { $($(#[$doc])* $tool),* }

        impl Tool {
            /// All of them, in the order of their documentation.
            pub const ALL: &[Tool] = &[$(Tool::$tool),*];

            /// The name used in records and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Tool::$tool => $name),* }
            }

            pub(crate) fn format(self) -> &'static dyn Format {
                match self { $(Tool::$tool => &$format),* }
            }
        }

        impl FromStr for Tool {
            type Err = UnknownTool;

            fn from_str(name: &str) -> Result<Tool, UnknownTool> {
                match name {
                    $($name $(| $other)* => Ok(Tool::$tool),)*
                    _ => Err(UnknownTool(name.to_owned())),
                }
            }
        }
    };
}

tools! {
    /// ping of any system.
    Ping ["ping"] crate::ping::Ping,
    /// iperf 3.x.
    Iperf3 ["iperf3"] crate::iperf3::Iperf3,
    /// iperf 2.x.
    Iperf2 ["iperf2", "iperf"] crate::iperf2::Iperf2,
    /// The classic stress, which prints no metrics.
    Stress ["stress"] crate::stress::Stress,
    /// stress-ng.
    StressNg ["stress-ng"] crate::stress_ng::StressNg,
    /// sysbench.
    Sysbench ["sysbench"] crate::sysbench::Sysbench,
    /// netperf.
    Netperf ["netperf"] crate::netperf::Netperf,
    /// sockperf.
    Sockperf ["sockperf"] crate::sockperf::Sockperf,
    /// `/proc/stat`.
    ProcStat ["proc-stat"] crate::counters::PROC_STAT,
    /// `/proc/interrupts`.
    Interrupts ["interrupts"] crate::counters::INTERRUPTS,
    /// `/proc/softirqs`.
    Softirqs ["softirqs"] crate::counters::SOFTIRQS,
    /// `/proc/net/softnet_stat`.
    SoftnetStat ["softnet-stat"] crate::counters::SOFTNET_STAT,
    /// `/proc/net/dev`.
    NetDev ["net-dev"] crate::counters::NET_DEV,
    /// `/proc/vmstat`.
    ProcVmstat ["proc-vmstat"] crate::counters::PROC_VMSTAT,
    /// `/proc/pressure/*`.
    Pressure ["pressure"] crate::counters::PRESSURE,
    /// `cpufreq/scaling_cur_freq` of each processor.
    Cpufreq ["cpufreq"] crate::counters::CPUFREQ,
    /// `thermal_throttle/*_count` of each processor.
    ThermalThrottle ["thermal-throttle"] crate::counters::THERMAL_THROTTLE,
    /// KVM's counters in debugfs, and kvm_stat.
    KvmStat ["kvm-stat"] crate::counters::KVM_STAT,
    /// `perf kvm stat`.
    PerfKvm ["perf-kvm"] crate::counters::PERF_KVM,
    /// `perf stat`.
    PerfStat ["perf-stat", "perf"] crate::counters::PERF_STAT,
    /// `ethtool -S`.
    Ethtool ["ethtool"] crate::counters::ETHTOOL,
    /// mpstat of sysstat.
    Mpstat ["mpstat"] crate::counters::MPSTAT,
    /// sar and sadf of sysstat.
    Sar ["sar", "sadf"] crate::counters::SAR,
    /// pidstat of sysstat.
    Pidstat ["pidstat"] crate::counters::PIDSTAT,
    /// iostat of sysstat.
    Iostat ["iostat"] crate::counters::IOSTAT,
    /// vmstat of procps.
    Vmstat ["vmstat"] crate::counters::VMSTAT,
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A name that is no [`Tool`]'s.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown tool `{0}`; known are {names}", names = names())]
pub struct UnknownTool(pub String);

fn names() -> String {
    let names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
    names.join(", ")
}
