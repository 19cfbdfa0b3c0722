//! What of iperf3's JSON is read, and the records made of it.

use super::arrived;
use super::scan::{Cursor, Stop};
use crate::throughput::{Direction, Interval, Protocol, Received, Role, Sent, Stream};

type Read<T = ()> = Result<T, Stop>;

/// How a test was set up.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub version: Option<String>,
    pub cookie: Option<String>,
    pub role: Option<Role>,
    pub protocol: Option<Protocol>,
    pub streams: Option<u64>,
    /// Bytes of a write or datagram.
    pub block: Option<u64>,
    pub reverse: bool,
    pub bidir: bool,
}

impl Start {
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Read {
        cursor
            .object(|cursor, key| {
                match key {
                    b"version" => self.version = cursor.text()?,
                    b"cookie" => self.cookie = cursor.text()?,
                    b"connecting_to" => self.role(cursor, Role::Client)?,
                    b"accepted_connection" => self.role(cursor, Role::Server)?,
                    b"test_start" => self.setup(cursor)?,
                    _ => cursor.skip()?,
                }
                Ok(())
            })
            .map(drop)
    }

    fn role(&mut self, cursor: &mut Cursor<'_>, role: Role) -> Read {
        if cursor.object(|cursor, _| cursor.skip())? && self.role != Some(Role::Client) {
            self.role = Some(role);
        }
        Ok(())
    }

    fn setup(&mut self, cursor: &mut Cursor<'_>) -> Read {
        cursor
            .object(|cursor, key| {
                match key {
                    b"protocol" => {
                        self.protocol = match cursor.text()?.as_deref() {
                            Some("TCP") => Some(Protocol::Tcp),
                            Some("UDP") => Some(Protocol::Udp),
                            Some("SCTP") => Some(Protocol::Sctp),
                            _ => None,
                        }
                    }
                    b"num_streams" => self.streams = cursor.count()?,
                    b"blksize" => self.block = cursor.count()?,
                    b"reverse" => self.reverse = cursor.flag()? == Some(true),
                    b"bidir" => self.bidir = cursor.flag()? == Some(true),
                    _ => cursor.skip()?,
                }
                Ok(())
            })
            .map(drop)
    }
}

/// A stream or a sum, in an interval or in all of the test.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sample {
    pub socket: Option<u64>,
    pub start: Option<f64>,
    pub end: Option<f64>,
    pub seconds: Option<f64>,
    pub bytes: Option<u64>,
    pub bits_per_second: Option<f64>,
    pub retransmits: Option<u64>,
    pub jitter_ms: Option<f64>,
    pub lost: Option<f64>,
    pub packets: Option<u64>,
    pub omitted: bool,
    /// Whether the log's writer sends; from 3.7 on.
    pub sender: Option<bool>,
}

impl Sample {
    /// `None` if there is no object.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<Option<Sample>> {
        let mut sample = Sample::default();
        let is = cursor.object(|cursor, key| {
            match key {
                b"socket" => sample.socket = cursor.count()?,
                b"start" => sample.start = cursor.number()?,
                b"end" => sample.end = cursor.number()?,
                b"seconds" => sample.seconds = cursor.number()?,
                b"bytes" => sample.bytes = cursor.count()?,
                b"bits_per_second" => sample.bits_per_second = cursor.number()?,
                b"retransmits" => sample.retransmits = cursor.count()?,
                b"jitter_ms" => sample.jitter_ms = cursor.number()?,
                b"lost_packets" => sample.lost = cursor.number()?,
                b"packets" => sample.packets = cursor.count()?,
                b"omitted" => sample.omitted = cursor.flag()? == Some(true),
                b"sender" => sample.sender = cursor.flag()?,
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        Ok(is.then_some(sample))
    }

    /// What an interval needs, without what it doesn't: the many of a long log.
    #[inline]
    fn read_interval(cursor: &mut Cursor<'_>) -> Read<Option<Sample>> {
        let mut sample = Sample::default();
        let is = cursor.object(|cursor, key| {
            match key {
                b"socket" => sample.socket = cursor.count()?,
                b"start" => sample.start = cursor.number()?,
                b"end" => sample.end = cursor.number()?,
                b"bytes" => sample.bytes = cursor.count()?,
                b"bits_per_second" => sample.bits_per_second = cursor.number()?,
                b"retransmits" => sample.retransmits = cursor.count()?,
                b"omitted" => sample.omitted = cursor.flag()? == Some(true),
                b"sender" => sample.sender = cursor.flag()?,
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        Ok(is.then_some(sample))
    }

    pub(super) fn interval(&self, is_sum: bool, own: Direction, line: u64) -> Option<Interval> {
        let stream = if is_sum {
            Stream::Sum
        } else {
            Stream::Id(self.socket?)
        };
        Some(Interval {
            start_s: self.start?,
            end_s: self.end?,
            bits_per_second: self.bits_per_second?,
            bytes: self.bytes?,
            retransmits: self.retransmits,
            omitted: self.omitted,
            stream,
            direction: match self.sender {
                Some(true) => Direction::Sent,
                Some(false) => Direction::Received,
                None => own,
            },
            line,
        })
    }

    fn seconds(&self) -> Option<f64> {
        self.seconds.or(Some(self.end? - self.start?))
    }

    fn sent(&self) -> Option<Sent> {
        Some(Sent {
            bytes: self.bytes?,
            seconds: self.seconds()?,
            bits_per_second: self.bits_per_second?,
            retransmits: self.retransmits,
        })
    }

    fn received(&self) -> Option<Received> {
        Some(Received {
            bytes: self.bytes?,
            seconds: self.seconds()?,
            bits_per_second: self.bits_per_second?,
            jitter_ms: self.jitter_ms,
            lost: self.lost.map(|lost| lost as i64),
            packets: self.packets,
        })
    }

    /// With another stream's; jitters don't add up.
    fn plus(self, other: &Sample) -> Sample {
        fn both<T>(a: Option<T>, b: Option<T>, add: fn(T, T) -> T) -> Option<T> {
            Some(add(a?, b?))
        }
        Sample {
            end: both(self.end, other.end, f64::max),
            seconds: both(self.seconds, other.seconds, f64::max),
            bytes: both(self.bytes, other.bytes, u64::saturating_add),
            bits_per_second: both(self.bits_per_second, other.bits_per_second, |a, b| a + b),
            retransmits: both(self.retransmits, other.retransmits, u64::saturating_add),
            lost: both(self.lost, other.lost, |a, b| a + b),
            packets: both(self.packets, other.packets, u64::saturating_add),
            jitter_ms: None,
            ..self
        }
    }
}

/// A sum and, in a bidirectional test, the other direction's. From 3.7 to 3.9 both have
/// one name, so that only `sender` tells them apart.
pub(super) type Sums = [Option<Sample>; 2];

fn put(sums: &mut Sums, sample: Option<Sample>) {
    let [first, second] = sums;
    match (&first, sample) {
        (
            Some(Sample {
                sender: Some(old), ..
            }),
            Some(Sample {
                sender: Some(new), ..
            }),
        ) if *old != new => *second = sample,
        _ => *first = sample,
    }
}

/// An element of `intervals`.
#[derive(Debug, Default)]
pub(super) struct Slice {
    pub streams: Vec<Sample>,
    pub sums: Sums,
}

impl Slice {
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Read {
        self.streams.clear();
        self.sums = [None; 2];
        let Slice { streams, sums } = self;
        cursor
            .object(|cursor, key| {
                match key {
                    b"streams" => {
                        streams.clear();
                        cursor.list(|cursor| {
                            streams.extend(Sample::read_interval(cursor)?);
                            Ok(())
                        })?;
                    }
                    b"sum" => put(sums, Sample::read_interval(cursor)?),
                    b"sum_bidir_reverse" => {
                        let [_, second] = sums;
                        *second = Sample::read_interval(cursor)?;
                    }
                    _ => cursor.skip()?,
                }
                Ok(())
            })
            .map(drop)
    }
}

/// What a test came to.
#[derive(Debug, Default)]
pub(super) struct End {
    sum: Sums,
    sent: Sums,
    received: Sums,
    streams: Vec<Sides>,
}

/// A stream at both of its ends.
#[derive(Debug, Default)]
struct Sides {
    sender: Option<Sample>,
    receiver: Option<Sample>,
    udp: Option<Sample>,
}

/// What the intervals of one direction came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub intervals: u64,
    pub bytes: u64,
}

impl End {
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>) -> Read {
        *self = End::default();
        cursor
            .object(|cursor, key| {
                let [sum, sent, received] = [&mut self.sum, &mut self.sent, &mut self.received];
                match key {
                    b"sum" => put(sum, Sample::read(cursor)?),
                    b"sum_sent" => put(sent, Sample::read(cursor)?),
                    b"sum_received" => put(received, Sample::read(cursor)?),
                    b"sum_bidir_reverse" => sum[1] = Sample::read(cursor)?,
                    b"sum_sent_bidir_reverse" => sent[1] = Sample::read(cursor)?,
                    b"sum_received_bidir_reverse" => received[1] = Sample::read(cursor)?,
                    b"streams" => cursor.list(|cursor| {
                        let mut sides = Sides::default();
                        cursor.object(|cursor, key| {
                            match key {
                                b"sender" => sides.sender = Sample::read(cursor)?,
                                b"receiver" => sides.receiver = Sample::read(cursor)?,
                                b"udp" => sides.udp = Sample::read(cursor)?,
                                _ => cursor.skip()?,
                            }
                            Ok(())
                        })?;
                        self.streams.push(sides);
                        Ok(())
                    })?,
                    _ => cursor.skip()?,
                }
                Ok(())
            })
            .map(drop)
    }

    /// Whether there are sums of a bidirectional test.
    pub(super) fn is_bidir(&self) -> bool {
        [&self.sum, &self.sent, &self.received]
            .iter()
            .any(|[_, second]| second.is_some())
    }

    /// Both ends of a direction (0, in a bidirectional test also 1), in which the log's
    /// writer is `own`; `blind` if it was not told the other end's numbers.
    pub(super) fn ends(
        &self,
        which: usize,
        own: Direction,
        blind: bool,
        block: Option<u64>,
        tally: Tally,
    ) -> (Option<Sent>, Option<Received>) {
        let pick = |sums: &Sums| sums.get(which).copied().flatten();
        let (mut sent, mut received) = (pick(&self.sent), pick(&self.received));
        let mut sum = pick(&self.sum);
        if sent.or(received).or(sum).is_none() {
            let add = |part: fn(&Sides) -> Option<Sample>| {
                let samples = self.streams.iter().filter_map(part);
                let own = samples.filter(|sample| match sample.sender {
                    Some(sends) => sends == (own == Direction::Sent),
                    None => which == 0,
                });
                own.reduce(|sum, sample| sum.plus(&sample))
            };
            sum = add(|sides| sides.udp);
            (sent, received) = (add(|sides| sides.sender), add(|sides| sides.receiver));
        }
        if sent.or(received).is_none() {
            return sum.map_or((None, None), |sum| sum.only(own, block, tally));
        }
        // Zeros for an end that isn't known are no measurement.
        let zero = |sample: Option<Sample>| sample.and_then(|sample| sample.bytes) == Some(0);
        let unknown =
            |part: Direction, sample, other| blind && part != own && zero(sample) && !zero(other);
        (
            sent.filter(|_| !unknown(Direction::Sent, sent, received))
                .and_then(|sample| sample.sent()),
            received
                .filter(|_| !unknown(Direction::Received, received, sent))
                .and_then(|sample| sample.received()),
        )
    }
}

impl Sample {
    /// Both ends from the one sum of UDP tests before 3.10: the sender's bytes (0 where they
    /// aren't known), the receiver's jitter and losses.
    fn only(
        &self,
        own: Direction,
        block: Option<u64>,
        tally: Tally,
    ) -> (Option<Sent>, Option<Received>) {
        let sent = self
            .sent()
            .filter(|sent| sent.bytes > 0 || own == Direction::Sent);
        let Some(seconds) = self.seconds() else {
            return (sent, None);
        };
        if own == Direction::Received && tally.intervals > 0 {
            let received = Received {
                bytes: tally.bytes,
                seconds,
                bits_per_second: if seconds > 0.0 {
                    tally.bytes as f64 * 8.0 / seconds
                } else {
                    0.0
                },
                jitter_ms: self.jitter_ms,
                lost: self.lost.map(|lost| lost as i64),
                packets: self.packets,
            };
            return (sent, Some(received));
        }
        let received = self.lost.zip(self.packets).and_then(|(lost, packets)| {
            let bytes = match block {
                Some(size) => size as f64 * packets as f64,
                None => sent?.bytes as f64,
            };
            Some(arrived(
                bytes,
                seconds,
                self.jitter_ms,
                lost as i64,
                packets,
            ))
        });
        (sent, received)
    }
}
