//! Logs of ping, iperf and stress.

use std::fmt::Write;

use crate::noise::Noise;

/// A test of ping.
pub(crate) struct Ping<'a> {
    pub(crate) address: &'a str,
    pub(crate) payload: u64,
    pub(crate) interval_s: f64,
    pub(crate) count: u32,
    /// Median round-trip time in ms.
    pub(crate) rtt_ms: f64,
    /// Share of requests that are lost.
    pub(crate) loss: f64,
    /// Start, in seconds since 1970.
    pub(crate) start: f64,
}

impl Ping<'_> {
    /// The log of iputils' ping with `-n -D`.
    pub(crate) fn log(&self, noise: &mut Noise) -> String {
        let Self {
            address, payload, ..
        } = self;
        let mut log = String::with_capacity(80 * self.count as usize);
        // Writing to a string can't fail.
        let _ = writeln!(
            log,
            "PING {address} ({address}) {payload}({}) bytes of data.",
            payload + 28
        );
        let mut rtts = Vec::with_capacity(self.count as usize);
        for sequence in 1..=self.count {
            if noise.once_in(1.0 / self.loss) {
                continue;
            }
            let tail = if noise.once_in(90.0) {
                3.0 + 4.0 * noise.uniform()
            } else {
                1.0
            };
            let rtt = self.rtt_ms * noise.factor(0.12) * tail;
            let at = self.start + f64::from(sequence - 1) * self.interval_s + rtt / 1e3;
            let _ = writeln!(
                log,
                "[{at:.6}] {} bytes from {address}: icmp_seq={sequence} ttl=64 time={} ms",
                payload + 8,
                three_digits(rtt)
            );
            rtts.push(rtt);
        }
        let received = rtts.len() as f64;
        let mean = rtts.iter().sum::<f64>() / received;
        let spread = rtts
            .iter()
            .map(|rtt| (rtt - mean) * (rtt - mean))
            .sum::<f64>();
        let least = rtts.iter().copied().fold(f64::INFINITY, f64::min);
        let most = rtts.iter().copied().fold(0.0, f64::max);
        let _ = writeln!(
            log,
            "\n--- {address} ping statistics ---\n\
             {} packets transmitted, {} received, {}% packet loss, time {:.0}ms\n\
             rtt min/avg/max/mdev = {least:.3}/{mean:.3}/{most:.3}/{:.3} ms",
            self.count,
            rtts.len(),
            percent(self.count - rtts.len() as u32, self.count),
            f64::from(self.count) * self.interval_s * 1e3,
            libm::sqrt(spread / received)
        );
        log
    }
}

/// As ping prints a share: six digits, no zeros at the end.
fn percent(part: u32, of: u32) -> String {
    let percent = f64::from(part) * 100.0 / f64::from(of);
    let text = format!("{percent:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As ping prints a time.
fn three_digits(ms: f64) -> String {
    match ms {
        ms if ms < 1.0 => format!("{ms:.3}"),
        ms if ms < 10.0 => format!("{ms:.2}"),
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

/// The log of iperf 2 with `-y C`: a row a stream, and one of their sum.
pub(crate) fn iperf(
    address: &str,
    port: u16,
    streams: u32,
    seconds: f64,
    bits_per_second: f64,
    noise: &mut Noise,
) -> String {
    let mut log = String::new();
    let mut row = |port_there: u32, id: &str, seconds: f64, bytes: u64| {
        let rate = (bytes as f64 * 8.0 / seconds) as u64;
        let _ = writeln!(
            log,
            "20260101000000,198.18.1.1,{port_there},{address},{port},{id},0.0-{seconds:.1},{bytes},{rate}"
        );
    };
    let mut all = 0;
    for stream in 0..streams {
        let share = bits_per_second / f64::from(streams) * noise.factor(0.01);
        let bytes = (share / 8.0 * seconds) as u64;
        all += bytes;
        row(40_000 + stream, &(stream + 1).to_string(), seconds, bytes);
    }
    if streams > 1 {
        row(0, "-1", seconds, all);
    }
    log
}

/// The log of stress.
pub(crate) fn stress(seconds: u64) -> String {
    format!(
        "stress: info: [118] dispatching hogs: 1 cpu, 0 io, 0 vm, 0 hdd\n\
         stress: info: [118] successful run completed in {seconds}s\n"
    )
}
