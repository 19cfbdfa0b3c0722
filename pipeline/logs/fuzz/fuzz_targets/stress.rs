//! Logs that are said to be of stress, stress-ng.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("stress", log));
