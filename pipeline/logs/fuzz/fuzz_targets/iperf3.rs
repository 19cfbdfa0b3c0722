//! Logs that are said to be of iperf3.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("iperf3", log));
