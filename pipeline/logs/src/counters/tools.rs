//! The tools and sources whose logs become tidy tables: what speaks for each.

mod copies;
mod kvm_stat;
mod pairs;
mod perf_kvm;
mod perf_stat;
mod sadf;
mod sadf_xml;
mod sysstat;
mod sysstat_json;
mod vmstat;

pub(crate) use copies::{INTERRUPTS, NET_DEV, PRESSURE, PROC_STAT, SOFTIRQS, SOFTNET_STAT};
pub(crate) use kvm_stat::KVM_STAT;
pub(crate) use pairs::{CPUFREQ, ETHTOOL, PROC_VMSTAT, THERMAL_THROTTLE};
pub(crate) use perf_kvm::PERF_KVM;
pub(crate) use perf_stat::PERF_STAT;
pub(crate) use sysstat::{IOSTAT, MPSTAT, PIDSTAT, SAR};
pub(crate) use vmstat::VMSTAT;
