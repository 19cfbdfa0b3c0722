//! Logs that are said to be of stress, stress-ng.
#![no_main]

use vnicbench_logs::Tool;

libfuzzer_sys::fuzz_target!(|log: &[u8]| {
    vnicbench_logs_fuzz::examine_as(&[Tool::Stress, Tool::StressNg], log);
});
