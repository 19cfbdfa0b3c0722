//! Logs that are said to be of sysbench, netperf, sockperf.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("benchmarks", log));
