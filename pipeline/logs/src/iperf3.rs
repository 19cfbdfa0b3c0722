//! iperf3: its JSON (`json`, also `--json-stream`) and its tables (`text`).

mod json;
mod scan;
mod text;

pub(crate) use json::parse as parse_json;
pub(crate) use text::parse as parse_text;

use crate::throughput::Received;

/// What arrived, where a tool prints only what was sent and how many datagrams of it
/// were lost (UDP before 3.7): all datagrams have one size.
fn arrived(
    sent_bytes: f64,
    seconds: f64,
    jitter_ms: Option<f64>,
    lost: i64,
    packets: u64,
) -> Received {
    let share = if packets == 0 {
        0.0
    } else {
        (packets as f64 - lost as f64) / packets as f64
    };
    let bytes = sent_bytes * share.clamp(0.0, 1.0);
    let bits_per_second = if seconds > 0.0 {
        bytes * 8.0 / seconds
    } else {
        0.0
    };
    Received {
        bytes: bytes.round() as u64,
        seconds,
        bits_per_second,
        jitter_ms,
        lost: Some(lost),
        packets: Some(packets),
    }
}
