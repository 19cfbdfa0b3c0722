//! Logs whose tool is found from their content.
#![no_main]

libfuzzer_sys::fuzz_target!(|log: &[u8]| vnicbench_logs_fuzz::examine("detect", log));
