//! Logs that are said to be of iperf 2.
#![no_main]

use vnicbench_logs::Tool;

libfuzzer_sys::fuzz_target!(|log: &[u8]| {
    vnicbench_logs_fuzz::examine_as(&[Tool::Iperf2], log);
});
