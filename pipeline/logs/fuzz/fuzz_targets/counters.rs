//! Logs that are said to be of the sources of counters of the kernel.
#![no_main]

use vnicbench_logs::Tool;

libfuzzer_sys::fuzz_target!(|log: &[u8]| {
    vnicbench_logs_fuzz::examine_as(&[Tool::ProcStat, Tool::Interrupts, Tool::Softirqs, Tool::SoftnetStat, Tool::NetDev, Tool::ProcVmstat, Tool::Pressure, Tool::Cpufreq, Tool::ThermalThrottle, Tool::KvmStat, Tool::Ethtool], log);
});
