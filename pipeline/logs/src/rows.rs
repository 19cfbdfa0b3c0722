//! The rows of iperf's tables, which iperf 2 and iperf3 share.
//!
//! ```text
//! [  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec   24   1023 KBytes       (omitted)
//! [SUM]  0.0- 1.0 sec  5.75 GBytes  49.4 Gbits/sec
//! [  8][TX-S]   0.00-2.00   sec  4.81 GBytes  20.7 Gbits/sec   99             sender
//! ```

use crate::number::decimal;
use crate::throughput::{Direction, Role, Stream};

/// A row up to its rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row<'a> {
    pub stream: Stream,
    /// `TX-C` and the like, iperf3's `--bidir`.
    pub tag: &'a [u8],
    pub start_s: f64,
    pub end_s: f64,
    pub bytes: f64,
    pub bits_per_second: f64,
    /// The columns after the rate.
    pub rest: &'a [u8],
}

/// Reads a row; `None` for anything else, so for a row that is cut in its first columns.
pub(crate) fn row(line: &[u8]) -> Option<Row<'_>> {
    let (stream, rest) = label(line)?;
    let (tag, rest) = match rest.strip_prefix(b"[") {
        Some(inner) => {
            let end = inner.iter().position(|&byte| byte == b']')?;
            (inner.get(..end)?, inner.get(end + 1..)?)
        }
        None => (&b""[..], rest),
    };
    let (start, rest) = decimal(rest.trim_ascii_start())?;
    let (end, rest) = decimal(rest.strip_prefix(b"-")?.trim_ascii_start())?;
    let rest = rest.trim_ascii_start().strip_prefix(b"sec")?;
    let (bytes, rest) = amount(rest, false)?;
    let (bits_per_second, rest) = amount(rest, true)?;
    Some(Row {
        stream,
        tag,
        start_s: start.value,
        end_s: end.value,
        bytes,
        bits_per_second,
        rest,
    })
}

/// `[  5]`, `[SUM]`, `[ *3]` at the front of a line, and what follows.
pub(crate) fn label(line: &[u8]) -> Option<(Stream, &[u8])> {
    let inner = line.trim_ascii_start().strip_prefix(b"[")?;
    let end = inner.iter().position(|&byte| byte == b']')?;
    let name = inner.get(..end)?.trim_ascii();
    let rest = inner.get(end + 1..)?;
    if name.starts_with(b"SUM") {
        return Some((Stream::Sum, rest));
    }
    let name = name.strip_prefix(b"*").unwrap_or(name);
    Some((Stream::Id(crate::number::whole(name)?), rest))
}

/// The digits after the point of a row's first time, by which the versions differ: two of
/// iperf3, one or four of iperf 2 (and two with -e of old, whose other lines tell).
pub(crate) fn places(line: &[u8]) -> Option<u32> {
    let (_, rest) = label(line)?;
    decimal(rest.trim_ascii_start()).map(|(start, _)| start.places)
}

/// `3.45 GBytes` in bytes (binary prefixes), `29.7 Gbits/sec` in bit/s (decimal ones).
fn amount(text: &[u8], rate: bool) -> Option<(f64, &[u8])> {
    let (number, rest) = decimal(text.trim_ascii_start())?;
    let rest = rest.trim_ascii_start();
    let end = rest
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    let unit = if rate {
        unit.strip_suffix(b"/sec")?
    } else {
        unit
    };
    let exponent = match unit.first()? {
        b'B' | b'b' => 0,
        b'K' | b'k' => 1,
        b'M' | b'm' => 2,
        b'G' | b'g' => 3,
        b'T' | b't' => 4,
        _ => return None,
    };
    let name = if exponent == 0 { unit } else { unit.get(1..)? };
    let value = match (name, rate) {
        (b"bits", true) => number.scaled(3 * exponent),
        (b"Bytes" | b"Byte", true) => number.value * (8_u64 << (10 * exponent)) as f64,
        (b"Bytes" | b"Byte", false) => number.value * (1_u64 << (10 * exponent)) as f64,
        _ => return None,
    };
    Some((value, rest))
}

/// `0.032 ms  0/449 (0%)`, also `0/ 449`: jitter, lost and sent datagrams.
pub(crate) fn datagrams(rest: &[u8]) -> Option<(f64, i64, Option<u64>)> {
    let (jitter, rest) = decimal(rest.trim_ascii_start())?;
    let rest = rest
        .trim_ascii_start()
        .strip_prefix(b"ms")?
        .trim_ascii_start();
    let slash = rest.iter().position(|&byte| byte == b'/')?;
    let lost = crate::number::whole(rest.get(..slash)?)?;
    let total = rest.get(slash + 1..)?.trim_ascii_start();
    let packets = crate::number::integer(total).map(|(packets, _)| packets);
    Some((jitter.value, lost, packets))
}

/// The direction of the data where a row doesn't say: the client sends unless reversed.
pub(crate) fn direction(role: Option<Role>, reverse: bool) -> Direction {
    if (role == Some(Role::Server)) == reverse {
        Direction::Sent
    } else {
        Direction::Received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_tools() {
        let row =
            row(b"[  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec   24   1023 KBytes       ")
                .unwrap();
        assert_eq!(
            (row.stream, row.start_s, row.end_s),
            (Stream::Id(5), 0.0, 1.0)
        );
        assert_eq!(row.bytes, 4.04 * 1024.0 * 1024.0 * 1024.0);
        assert_eq!(row.bits_per_second, 34.7e9);
        assert_eq!(row.rest.trim_ascii(), b"24   1023 KBytes");
        let row = super::row(b"[SUM]  0.0- 1.0 sec  8.00 Bytes  1.00 KBytes/sec").unwrap();
        assert_eq!(
            (row.stream, row.bytes, row.bits_per_second),
            (Stream::Sum, 8.0, 8192.0)
        );
        let row = super::row(
            b"[  8][TX-S]   0.00-2.00   sec  4.81 GBytes  934514 Kbits/sec   99             sender",
        )
        .unwrap();
        assert_eq!(
            (row.tag, row.bits_per_second),
            (&b"TX-S"[..], 934_514_000.0)
        );
    }

    #[test]
    fn what_looks_like_a_row() {
        for line in [
            &b"[  1] 0.00-10.00 sec T8-PDF: bin(w=10us):cnt(449)=3:1,4:2"[..],
            b"[  1] 0.0000-2.0020 sec  2.51 MBytes  10.5 Mbi",
            b"[ ID] Interval           Transfer     Bitrate",
            b"[  5]   0.00-1.00   sec  -nan GBytes  -nan Gbits/sec",
            b"[  5] local 127.0.0.1 port 1 connected to 127.0.0.1 port 2",
            b"[",
            b"",
        ] {
            assert_eq!(row(line), None, "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(
            datagrams(b"   0.017 ms    0/ 5350 (0%)"),
            Some((0.017, 0, Some(5350)))
        );
        assert_eq!(
            datagrams(b"  0.014 ms  19564/77032 (25%)  (omitted)"),
            Some((0.014, 19564, Some(77032)))
        );
    }
}
