//! Logs that are said to be of tools that report counters.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("reports", log));
