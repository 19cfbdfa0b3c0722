//! The JSON of 3.0 to 3.2x, plain and `--json-stream`.
//!
//! Text around it is noise; of a cut document the whole intervals are read. Fields may be
//! absent, repeated (the last counts) or of another type (as absent): versions differ.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::arrived;
use super::scan::{self, Extent};
use crate::lines::Lines;
use crate::throughput::{Direction, Interval, Protocol, Received, Role, Run, Sent, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Tool};

/// A struct read from an object, field by field, that no odd value makes fail.
macro_rules! lenient {
    ($(struct $name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        #[derive(Debug, Default)]
        struct $name { $($field: $kind,)* }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Lenient::<$name>(PhantomData))
            }
        }

        impl FromValue for $name {
            fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                let mut object = Self::default();
                while let Some(Key(key)) = map.next_key()? {
                    match &*key {
                        $(stringify!($field) => object.$field = map.next_value()?,)*
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(object)
            }
        }
    )*};
}

lenient! {
    struct Report { event: Text, start: Start, intervals: List<Slice>, end: End, error: Text, }
    struct StartEvent { data: Start, }
    struct SliceEvent { data: Slice, }
    struct EndEvent { data: End, }
    struct ErrorEvent { data: Text, }
    struct Start { version: Text, connecting_to: Present, accepted_connection: Present, test_start: Setup, }
    struct Setup { protocol: Text, num_streams: Number, blksize: Number, reverse: Number, bidir: Number, }
    struct Slice { streams: List<Sample>, sum: Sample, sum_bidir_reverse: Sample, }
    struct End {
        sum: Sample,
        sum_sent: Sample,
        sum_received: Sample,
        sum_sent_bidir_reverse: Sample,
        sum_received_bidir_reverse: Sample,
    }
    struct Sample {
        socket: Number,
        start: Number,
        end: Number,
        seconds: Number,
        bytes: Number,
        bits_per_second: Number,
        retransmits: Number,
        jitter_ms: Number,
        lost_packets: Number,
        packets: Number,
        omitted: Number,
        sender: Number,
    }
}

/// A type with a value for every kind of JSON value; the default unless said otherwise.
trait FromValue: Default {
    fn number(_value: f64) -> Self {
        Self::default()
    }

    fn text(_value: &str) -> Self {
        Self::default()
    }

    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Lenient<T>(PhantomData<T>);

impl<'de, T: FromValue> Visitor<'de> for Lenient<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::number(f64::from(u8::from(value))))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::text(value))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }
}

/// A number or truth value; JSON's numbers of bytes are exact up to 2^53 (9 PB).
#[derive(Debug, Default, Clone, Copy)]
struct Number(Option<f64>);

#[derive(Debug, Default)]
struct Text(Option<String>);

/// Whether an object was there.
#[derive(Debug, Default)]
struct Present(bool);

#[derive(Debug)]
struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

impl FromValue for Number {
    fn number(value: f64) -> Number {
        Number(Some(value))
    }
}

impl FromValue for Text {
    fn text(value: &str) -> Text {
        Text(Some(value.to_owned()))
    }
}

impl FromValue for Present {
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Present, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Present(true))
    }
}

impl<T: for<'a> Deserialize<'a>> FromValue for List<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<List<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(List(elements))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Present, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

impl<'de, T: for<'a> Deserialize<'a>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<List<T>, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

/// A member's name, borrowed from the input unless it has escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'de>, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

pub(crate) fn parse(lines: Lines<'_>) -> Result<Document, ReadError> {
    let bytes = lines.rest()?;
    let mut parser = Parser {
        bytes: &bytes,
        ..Parser::default()
    };
    parser.documents();
    Ok(parser.finish())
}

#[derive(Default)]
struct Parser<'a> {
    bytes: &'a [u8],
    runs: Vec<Run>,
    warnings: Warnings,
    /// The events of a `--json-stream` so far.
    stream: Option<(Report, Vec<u64>, u64)>,
    streamed: bool,
    /// Line ends counted up to an offset.
    counted: (usize, u64),
}

impl Parser<'_> {
    fn documents(&mut self) {
        let mut from = 0;
        let mut documents = 0;
        while let Some(extent) = scan::document(self.bytes, from) {
            self.noise(from, extent.range.start);
            let line = self.line_of(extent.range.start);
            let lines: Vec<u64> = extent
                .intervals
                .iter()
                .map(|&at| self.line_of(at))
                .collect();
            from = extent.range.end;
            let Some((report, text)) = self.read(&extent, line) else {
                continue;
            };
            if report.event.0.is_some() {
                self.event(report, &text, line);
                continue;
            }
            documents += 1;
            if documents > 1 {
                self.warnings.push(
                    WarningKind::SecondDocument,
                    line,
                    "another JSON document begins",
                );
            }
            self.run(report, &lines, line);
        }
        self.noise(from, self.bytes.len());
        self.end_of_stream();
    }

    fn line_of(&mut self, offset: usize) -> u64 {
        let (from, before) = self.counted;
        let between = self.bytes.get(from..offset).unwrap_or_default();
        self.counted = (
            offset.max(from),
            before + memchr::memchr_iter(b'\n', between).count() as u64,
        );
        self.counted.1 + 1
    }

    fn noise(&mut self, from: usize, to: usize) {
        let text = self.bytes.get(from..to).unwrap_or_default();
        let skipped = text.len() - text.trim_ascii_start().len();
        if skipped < text.len() {
            let line = self.line_of(from + skipped);
            self.warnings
                .push(WarningKind::Noise, line, text.trim_ascii());
        }
    }

    /// A document's content and its text, mended where that takes no guessing.
    fn read(&mut self, extent: &Extent, line: u64) -> Option<(Report, Vec<u8>)> {
        let mut text = mended(
            self.bytes,
            extent.range.start,
            extent.range.end,
            &extent.not_numbers,
        );
        if !extent.not_numbers.is_empty() {
            let said = format!("{} values that aren't numbers", extent.not_numbers.len());
            self.warnings.push(WarningKind::NotANumber, line, said);
        }
        if extent.complete {
            match serde_json::from_slice(&text) {
                Ok(report) => return Some((report, text)),
                Err(error) => {
                    let said = format!(
                        "the JSON document that begins on line {line} can't be read: {error}"
                    );
                    self.warnings.push(
                        WarningKind::Malformed,
                        line + error.line() as u64 - 1,
                        said,
                    );
                    // Up to the fault it is like a document that was cut there.
                    let fault = offset(&text, error.line(), error.column());
                    text.truncate(fault);
                    let (end, closing) = scan::extent(&text, 0).whole?;
                    text.truncate(end);
                    text.extend(closing);
                }
            }
        } else {
            self.warnings.push(
                WarningKind::CutFile,
                line,
                format!("the JSON document that begins on line {line} is cut"),
            );
            let (end, closing) = extent.whole.as_ref()?;
            text = mended(self.bytes, extent.range.start, *end, &extent.not_numbers);
            text.extend(closing);
        }
        let report = serde_json::from_slice(&text).ok()?;
        Some((report, text))
    }

    fn event(&mut self, event: Report, text: &[u8], line: u64) {
        self.streamed = true;
        let name = event.event.0.unwrap_or_default();
        if name == "start" {
            self.end_of_stream();
        }
        let (report, lines, _) = self
            .stream
            .get_or_insert_with(|| (Report::default(), Vec::new(), line));
        let read = match &*name {
            "start" => serde_json::from_slice(text).map(|StartEvent { data }| report.start = data),
            "interval" => serde_json::from_slice(text).map(|SliceEvent { data }| {
                report.intervals.0.push(data);
                lines.push(line);
            }),
            "end" => serde_json::from_slice(text).map(|EndEvent { data }| report.end = data),
            "error" => serde_json::from_slice(text).map(|ErrorEvent { data }| report.error = data),
            _ => Ok(()),
        };
        if let Err(error) = read {
            self.warnings
                .push(WarningKind::Malformed, line, error.to_string());
        }
    }

    fn end_of_stream(&mut self) {
        if let Some((report, lines, line)) = self.stream.take() {
            self.run(report, &lines, line);
        }
    }

    fn run(&mut self, report: Report, lines: &[u64], line: u64) {
        let Report {
            start,
            intervals,
            end,
            error,
            ..
        } = report;
        let Start {
            version,
            connecting_to,
            accepted_connection,
            test_start: setup,
        } = start;
        let role = match (connecting_to.0, accepted_connection.0) {
            (true, _) => Some(Role::Client),
            (false, true) => Some(Role::Server),
            (false, false) => None,
        };
        let protocol = match setup.protocol.0.as_deref() {
            Some("TCP") => Some(Protocol::Tcp),
            Some("UDP") => Some(Protocol::Udp),
            Some("SCTP") => Some(Protocol::Sctp),
            _ => None,
        };
        let reverse = setup.reverse.is_true();
        // 3.7 to 3.12 don't say so at the start.
        let bidir = setup.bidir.is_true()
            || end.sum_sent_bidir_reverse.is_some()
            || intervals
                .0
                .iter()
                .any(|slice| slice.sum_bidir_reverse.is_some());
        let own = crate::rows::direction(role, reverse);
        let mut run = Run {
            protocol,
            role,
            streams: setup.num_streams.count().unwrap_or(0),
            reverse,
            bidir,
            error: error.0,
            version: version.0,
            line,
            ..Run::default()
        };
        let mut unread = 0;
        for (at, slice) in intervals.0.iter().enumerate() {
            let line = lines.get(at).copied().unwrap_or(line);
            let sums = [&slice.sum, &slice.sum_bidir_reverse].map(|sum| (sum, true));
            for (sample, is_sum) in slice
                .streams
                .0
                .iter()
                .map(|sample| (sample, false))
                .chain(sums)
            {
                if sample.is_some() {
                    match sample.interval(is_sum, own, line) {
                        Some(interval) => run.intervals.push(interval),
                        None => unread += 1,
                    }
                }
            }
        }
        if unread > 0 {
            let said = format!("{unread} samples lack their span, bytes or rate");
            self.warnings.push(WarningKind::Malformed, line, said);
        }
        // The other end's numbers come over the control connection when all is done; until
        // then, and at servers before 3.7 always, they are zeros.
        let unknown = |part: Direction, sample: &Sample, other: &Sample| {
            let foreign = part != own && (role == Some(Role::Server) || run.error.is_some());
            foreign && sample.bytes.0 == Some(0.0) && other.bytes.0.is_some_and(|bytes| bytes > 0.0)
        };
        if end.sum_sent.is_some() || end.sum_received.is_some() {
            run.sent = end
                .sum_sent
                .sent()
                .filter(|_| !unknown(Direction::Sent, &end.sum_sent, &end.sum_received));
            run.received = end
                .sum_received
                .received()
                .filter(|_| !unknown(Direction::Received, &end.sum_received, &end.sum_sent));
        } else if end.sum.is_some() {
            (run.sent, run.received) = end.sum.only_sum(own, setup.blksize.0);
        }
        run.sent_reverse = end.sum_sent_bidir_reverse.sent();
        run.received_reverse = end.sum_received_bidir_reverse.received();
        if let Some(error) = &run.error {
            self.warnings.push(WarningKind::ToolError, line, error);
        } else if run.sent.is_none() && run.received.is_none() {
            let said = format!("the test that begins on line {line} has no totals");
            self.warnings.push(WarningKind::CutFile, line, said);
        }
        self.runs.push(run);
    }

    fn finish(self) -> Document {
        let Parser {
            runs,
            warnings,
            streamed,
            ..
        } = self;
        let empty =
            |run: &Run| run.intervals.is_empty() && run.sent.is_none() && run.received.is_none();
        let failed = runs.iter().all(empty);
        let dialect = if streamed { "json-stream" } else { "json" };
        Document::recognised(
            Tool::Iperf3,
            dialect,
            Runs::Throughput(runs),
            failed,
            warnings,
        )
    }
}

/// A part of `bytes` with `null` for what is no number.
fn mended(
    bytes: &[u8],
    start: usize,
    end: usize,
    not_numbers: &[std::ops::Range<usize>],
) -> Vec<u8> {
    let mut text = Vec::with_capacity(end.saturating_sub(start) + 16);
    let mut from = start;
    for range in not_numbers.iter().filter(|range| range.end <= end) {
        text.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
        text.extend_from_slice(b"null");
        from = range.end;
    }
    text.extend_from_slice(bytes.get(from..end).unwrap_or_default());
    text
}

/// The offset of a line and column, both from 1.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(ends) => memchr::memchr_iter(b'\n', text)
            .nth(ends)
            .map_or(text.len(), |at| at + 1),
    };
    (start + column.saturating_sub(1)).min(text.len())
}

impl Number {
    fn is_true(self) -> bool {
        self.0.is_some_and(|value| value != 0.0)
    }

    fn count(self) -> Option<u64> {
        self.0
            .filter(|value| *value >= 0.0)
            .map(|value| value as u64)
    }
}

impl Sample {
    /// Whether there was anything under its name.
    fn is_some(&self) -> bool {
        self.bytes.0.is_some() || self.bits_per_second.0.is_some() || self.end.0.is_some()
    }

    fn interval(&self, is_sum: bool, own: Direction, line: u64) -> Option<Interval> {
        let stream = if is_sum {
            Stream::Sum
        } else {
            Stream::Id(self.socket.count()?)
        };
        Some(Interval {
            start_s: self.start.0?,
            end_s: self.end.0?,
            bits_per_second: self.bits_per_second.0?,
            bytes: self.bytes.count()?,
            retransmits: self.retransmits.count(),
            omitted: self.omitted.is_true(),
            stream,
            // From 3.7 on samples say it themselves.
            direction: match self.sender.0 {
                Some(0.0) => Direction::Received,
                Some(_) => Direction::Sent,
                None => own,
            },
            line,
        })
    }

    fn seconds(&self) -> Option<f64> {
        self.seconds.0.or(Some(self.end.0? - self.start.0?))
    }

    fn sent(&self) -> Option<Sent> {
        Some(Sent {
            bytes: self.bytes.count()?,
            seconds: self.seconds()?,
            bits_per_second: self.bits_per_second.0?,
            retransmits: self.retransmits.count(),
        })
    }

    fn received(&self) -> Option<Received> {
        Some(Received {
            bytes: self.bytes.count()?,
            seconds: self.seconds()?,
            bits_per_second: self.bits_per_second.0?,
            jitter_ms: self.jitter_ms.0,
            lost: self.lost_packets.0.map(|lost| lost as i64),
            packets: self.packets.count(),
        })
    }

    /// Both ends from the one sum of UDP tests before 3.7: the writer's bytes, the
    /// receiver's jitter and losses.
    fn only_sum(&self, own: Direction, datagram: Option<f64>) -> (Option<Sent>, Option<Received>) {
        if own == Direction::Received {
            return (None, self.received());
        }
        let Some(sent) = self.sent() else {
            return (None, None);
        };
        let received = self
            .lost_packets
            .0
            .zip(self.packets.count())
            .map(|(lost, packets)| {
                let bytes = datagram.map_or(sent.bytes as f64, |size| size * packets as f64);
                arrived(bytes, sent.seconds, self.jitter_ms.0, lost as i64, packets)
            });
        (Some(sent), received)
    }
}
