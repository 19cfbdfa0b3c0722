//! Logs that are said to be of tools that report counters.
#![no_main]

use vnicbench_logs::Tool;

libfuzzer_sys::fuzz_target!(|log: &[u8]| {
    vnicbench_logs_fuzz::examine_as(&[Tool::PerfKvm, Tool::PerfStat, Tool::Mpstat, Tool::Sar, Tool::Pidstat, Tool::Iostat, Tool::Vmstat], log);
});
