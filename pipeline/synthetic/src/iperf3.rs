//! A log of iperf3's client, as 3.12 prints it with `-J`.

use vnicbench_model::{Direction, Protocol};

use crate::json::Json;
use crate::noise::Noise;

/// What a test is of.
pub(crate) struct Test<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) streams: u32,
    pub(crate) direction: Direction,
    /// Measured seconds, and those before them that are left out.
    pub(crate) seconds: (u64, u64),
    /// Offered, all streams together, in bit/s; as much as goes through if absent.
    pub(crate) rate: Option<f64>,
    /// Bytes of a datagram or of a write.
    pub(crate) block: u64,
    /// What the path carries in one direction, in bit/s.
    pub(crate) capacity: f64,
    pub(crate) address: &'a str,
    pub(crate) port: u16,
    /// Start, in seconds since 1970.
    pub(crate) start: u64,
}

/// One direction of a test.
struct Way {
    /// Whether the client sends.
    sends: bool,
    /// Bytes of each stream in each second, those left out first.
    bytes: Vec<Vec<u64>>,
    retransmits: Vec<Vec<u64>>,
    lost: u64,
    jitter_ms: f64,
}

impl Test<'_> {
    /// The log.
    pub(crate) fn log(&self, noise: &mut Noise) -> String {
        let ways: Vec<Way> = match self.direction {
            Direction::Rx => vec![self.way(true, noise)],
            Direction::Tx => vec![self.way(false, noise)],
            Direction::Both => vec![self.way(true, noise), self.way(false, noise)],
        };
        let (seconds, omitted) = self.seconds;
        let intervals = (0..seconds + omitted)
            .map(|second| self.interval(&ways, second))
            .collect();
        Json::Object(vec![
            ("start", self.start()),
            ("intervals", Json::List(intervals)),
            ("end", self.end(&ways)),
        ])
        .print()
    }

    fn is_udp(&self) -> bool {
        self.protocol == Protocol::Udp
    }

    fn way(&self, sends: bool, noise: &mut Noise) -> Way {
        let offered = self.rate.unwrap_or(f64::INFINITY);
        let share = if self.direction == Direction::Both {
            0.7
        } else {
            1.0
        };
        let carried = (self.capacity * share).min(offered);
        // UDP is sent whether or not it arrives.
        let sent = if self.is_udp() { offered } else { carried };
        let streams = f64::from(self.streams);
        let (seconds, omitted) = self.seconds;
        let mut way = Way {
            sends,
            bytes: Vec::new(),
            retransmits: Vec::new(),
            lost: 0,
            jitter_ms: 0.004 * noise.factor(0.2),
        };
        for _ in 0..seconds + omitted {
            let mut of_stream = || {
                let varies = if self.is_udp() {
                    1.0
                } else {
                    noise.factor(0.02)
                };
                let blocks = sent / streams / 8.0 * varies / self.block as f64;
                blocks as u64 * self.block
            };
            way.bytes
                .push((0..self.streams).map(|_| of_stream()).collect());
            let mut again = || (noise.uniform() * noise.uniform() * 12.0) as u64;
            way.retransmits
                .push((0..self.streams).map(|_| again()).collect());
        }
        if self.is_udp() {
            let packets = way.total(omitted) / self.block;
            let share = (1.0 - carried / sent).max(0.0) + 1e-5 * noise.uniform();
            way.lost = (packets as f64 * share) as u64;
        }
        way
    }

    fn start(&self) -> Json {
        let connected = (0..self.streams).map(|stream| {
            Json::Object(vec![
                ("socket", Json::Count(5 + 2 * u64::from(stream))),
                ("local_host", Json::text("198.18.1.1")),
                ("local_port", Json::Count(40_000 + u64::from(stream))),
                ("remote_host", Json::text(self.address)),
                ("remote_port", Json::Count(self.port.into())),
            ])
        });
        let count = |number: bool| Json::Count(number.into());
        let rate = self.rate.map_or(0.0, |rate| rate / f64::from(self.streams));
        let test = Json::Object(vec![
            (
                "protocol",
                Json::text(if self.is_udp() { "UDP" } else { "TCP" }),
            ),
            ("num_streams", Json::Count(self.streams.into())),
            ("blksize", Json::Count(self.block)),
            ("omit", Json::Count(self.seconds.1)),
            ("duration", Json::Count(self.seconds.0)),
            ("bytes", Json::Count(0)),
            ("blocks", Json::Count(0)),
            ("reverse", count(self.direction == Direction::Tx)),
            ("tos", Json::Count(0)),
            ("target_bitrate", Json::Count(rate as u64)),
            ("bidir", count(self.direction == Direction::Both)),
        ]);
        Json::Object(vec![
            ("connected", Json::List(connected.collect())),
            ("version", Json::text("iperf 3.12")),
            (
                "system_info",
                Json::text("Linux synthetic 6.12.0 #1 SMP x86_64"),
            ),
            (
                "timestamp",
                Json::Object(vec![("timesecs", Json::Count(self.start))]),
            ),
            (
                "connecting_to",
                Json::Object(vec![
                    ("host", Json::text(self.address)),
                    ("port", Json::Count(self.port.into())),
                ]),
            ),
            ("cookie", Json::text("syntheticsyntheticsyntheticsynthetic")),
            ("target_bitrate", Json::Count(rate as u64)),
            ("test_start", test),
        ])
    }

    fn interval(&self, ways: &[Way], second: u64) -> Json {
        let mut streams = Vec::new();
        let mut sums = Vec::new();
        let omitted = second < self.seconds.1;
        let at = if omitted {
            second
        } else {
            second - self.seconds.1
        };
        for (way, name) in ways.iter().zip(["sum", "sum_bidir_reverse"]) {
            let bytes = &way.bytes[second as usize];
            let retransmits = &way.retransmits[second as usize];
            let number = if way.sends { 0 } else { self.streams };
            for ((stream, bytes), again) in (number..).zip(bytes).zip(retransmits) {
                let mut fields = vec![("socket", Json::Count(5 + 2 * u64::from(stream)))];
                fields.extend(self.measured(way, *bytes, *again, at, true));
                fields.push(("omitted", Json::Flag(omitted)));
                fields.push(("sender", Json::Flag(way.sends)));
                streams.push(Json::Object(fields));
            }
            let mut fields =
                self.measured(way, bytes.iter().sum(), retransmits.iter().sum(), at, false);
            fields.push(("omitted", Json::Flag(omitted)));
            fields.push(("sender", Json::Flag(way.sends)));
            sums.push((name, Json::Object(fields)));
        }
        let mut fields = vec![("streams", Json::List(streams))];
        fields.extend(sums);
        Json::Object(fields)
    }

    fn measured(
        &self,
        way: &Way,
        bytes: u64,
        again: u64,
        at: u64,
        of_stream: bool,
    ) -> Vec<(&'static str, Json)> {
        let mut fields = vec![
            ("start", Json::Count(at)),
            ("end", Json::Count(at + 1)),
            ("seconds", Json::Number(1.0)),
            ("bytes", Json::Count(bytes)),
            ("bits_per_second", Json::Number(bytes as f64 * 8.0)),
        ];
        if self.is_udp() {
            fields.push(("packets", Json::Count(bytes / self.block)));
        } else if way.sends {
            fields.push(("retransmits", Json::Count(again)));
            if of_stream {
                for (name, value) in [
                    ("snd_cwnd", 1_113_211),
                    ("snd_wnd", 4_897_792),
                    ("rtt", 190 + again),
                    ("rttvar", 8),
                    ("pmtu", 1500),
                ] {
                    fields.push((name, Json::Count(value)));
                }
            }
        }
        fields
    }

    fn end(&self, ways: &[Way]) -> Json {
        let mut fields = Vec::new();
        let names = [
            ["sum", "sum_sent", "sum_received"],
            [
                "sum_bidir_reverse",
                "sum_sent_bidir_reverse",
                "sum_received_bidir_reverse",
            ],
        ];
        for (way, [sum, sent, received]) in ways.iter().zip(names) {
            if self.is_udp() {
                fields.push((sum, self.sum(way, true, true)));
            }
            fields.push((sent, self.sum(way, true, false)));
            fields.push((received, self.sum(way, false, true)));
        }
        fields.push((
            "cpu_utilization_percent",
            Json::Object(vec![
                ("host_total", Json::Number(20.5)),
                ("remote_total", Json::Number(16.25)),
            ]),
        ));
        Json::Object(fields)
    }

    fn sum(&self, way: &Way, of_sender: bool, with_loss: bool) -> Json {
        let (seconds, omitted) = self.seconds;
        let bytes = way.total(omitted);
        // A receiver is done a little later.
        let seconds = seconds as f64 + if of_sender { 0.0 } else { 0.0004 };
        let mut fields = vec![
            ("start", Json::Count(0)),
            ("end", Json::Number(seconds)),
            ("seconds", Json::Number(seconds)),
            ("bytes", Json::Count(bytes)),
            (
                "bits_per_second",
                Json::Number(bytes as f64 * 8.0 / seconds),
            ),
        ];
        if self.is_udp() {
            let packets = bytes / self.block;
            let (lost, jitter) = match with_loss {
                true => (way.lost, way.jitter_ms),
                false => (0, 0.0),
            };
            fields.extend([
                ("jitter_ms", Json::Number(jitter)),
                ("lost_packets", Json::Count(lost)),
                ("packets", Json::Count(packets)),
                (
                    "lost_percent",
                    Json::Number(lost as f64 * 100.0 / packets as f64),
                ),
            ]);
        } else if of_sender {
            let again = way
                .retransmits
                .iter()
                .skip(omitted as usize)
                .flatten()
                .sum();
            fields.push(("retransmits", Json::Count(again)));
        }
        fields.push(("sender", Json::Flag(way.sends)));
        Json::Object(fields)
    }
}

impl Way {
    /// Bytes of all streams after those that are left out.
    fn total(&self, omitted: u64) -> u64 {
        self.bytes.iter().skip(omitted as usize).flatten().sum()
    }
}
