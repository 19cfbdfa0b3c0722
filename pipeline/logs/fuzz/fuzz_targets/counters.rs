//! Logs that are said to be of the sources of counters of the kernel.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("counters", log));
