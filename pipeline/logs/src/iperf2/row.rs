//! The rows of iperf 2's tables.
//!
//! ```text
//! [  3]  0.0-60.0 sec  7.50 MBytes  1.05 Mbits/sec   0.017 ms    0/ 5350 (0%)
//! [ *1] 0.0000-1.0000 sec  3.00 GBytes  25.8 Gbits/sec  25274=269:0:0:454:376:0:0:24175
//! [SUM-2] 0.0000-2.0011 sec  8.80 GBytes  37.8 Gbits/sec  72118/0        12
//! ```

use crate::number::{Decimal, decimal, integer, whole};

/// Whose a line is, by the brackets at its front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// A stream; `starred` (`[ *1]`) if its data go from the server to the client.
    Stream { id: u64, starred: bool },
    /// All streams: `[SUM]`, or how many: `[SUM-2]`.
    Sum(Option<u64>),
    /// Both directions of a full-duplex stream together: `[FD1]`.
    Duplex,
    /// Something else: `[ ID]`, `[ CT]`, `[drop]`.
    Other,
}

/// The label of a line and what follows it.
pub(super) fn label(line: &[u8]) -> Option<(Label, &[u8])> {
    let inner = line.strip_prefix(b"[")?;
    let end = inner.iter().take(12).position(|&byte| byte == b']')?;
    let name = inner.get(..end)?.trim_ascii();
    let rest = inner.get(end + 1..)?.trim_ascii();
    let (starred, number) = match name.strip_prefix(b"*") {
        Some(number) => (true, number),
        None => (false, name),
    };
    let label = if let Some(id) = whole(number) {
        Label::Stream { id, starred }
    } else if number.starts_with(b"SUM") && number != b"SUM-cnt" {
        Label::Sum(number.strip_prefix(b"SUM-").and_then(whole))
    } else if name.starts_with(b"FD") {
        Label::Duplex
    } else if matches!(name, b"ID" | b"CT" | b"drop" | b"SUM-cnt") {
        Label::Other
    } else {
        return None;
    };
    Some((label, rest))
}

/// `[  3] 0.00-60.00 sec`, where iperf3 writes `[  3]   0.00-60.00  sec`.
pub(super) fn is_narrow(line: &[u8]) -> bool {
    let times = line
        .iter()
        .position(|&byte| byte == b']')
        .and_then(|end| line.get(end + 1..)?.strip_prefix(b" "))
        .and_then(|rest| rest.split(|&byte| byte == b' ').next());
    let mut times = times.unwrap_or_default().split(|&byte| byte == b'-');
    let start = times.next().unwrap_or_default();
    let end = times.next().unwrap_or_default();
    (1..6).contains(&start.len()) && !end.is_empty()
}

/// A row, after its label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row<'a> {
    pub start_s: f64,
    pub end_s: f64,
    pub bytes: f64,
    /// The last printed digit of `bytes` stands for this many.
    pub step: f64,
    pub bits_per_second: f64,
    /// The columns after the rate.
    pub rest: &'a [u8],
}

/// Reads what follows a label; `None` for anything but a row that is whole up to its rate.
pub(super) fn row(text: &[u8]) -> Option<Row<'_>> {
    let (start, rest) = decimal(text)?;
    let (end, rest) = decimal(rest.strip_prefix(b"-")?.trim_ascii_start())?;
    // `(0.0012)`: how long a frame was on its way.
    let rest = match rest.strip_prefix(b"(") {
        Some(inner) => inner.get(inner.iter().position(|&byte| byte == b')')? + 1..)?,
        None => rest,
    };
    let rest = rest.trim_ascii_start().strip_prefix(b"sec ")?;
    let (number, unit, rest) = quantity(rest)?;
    let (exponent, name) = prefix(unit)?;
    let scale = match name {
        b"Bytes" | b"Byte" => (1_u64 << (10 * exponent)) as f64,
        _ => return None,
    };
    let (rate, unit, rest) = quantity(rest)?;
    let (exponent, name) = prefix(unit.strip_suffix(b"/sec")?)?;
    let bits_per_second = match name {
        b"bits" | b"bit" => rate.scaled(3 * exponent),
        b"Bytes" | b"Byte" => rate.value * 8.0 * (1_u64 << (10 * exponent)) as f64,
        _ => return None,
    };
    Some(Row {
        start_s: start.value,
        end_s: end.value,
        bytes: number.value * scale,
        step: scale / 10_f64.powi(number.places.min(30) as i32),
        bits_per_second,
        rest: rest.trim_ascii(),
    })
}

/// A number and the word after it.
fn quantity(text: &[u8]) -> Option<(Decimal, &[u8], &[u8])> {
    let (number, rest) = decimal(text.trim_ascii_start())?;
    let rest = rest.trim_ascii_start();
    let end = rest
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    Some((number, unit, rest))
}

/// `MBytes` as (2, `Bytes`).
fn prefix(unit: &[u8]) -> Option<(u32, &[u8])> {
    let (first, name) = unit.split_first()?;
    match first {
        b'B' | b'b' => Some((0, unit)),
        b'K' | b'k' => Some((1, name)),
        b'M' | b'm' => Some((2, name)),
        b'G' | b'g' => Some((3, name)),
        b'T' | b't' => Some((4, name)),
        b'P' => Some((5, name)),
        _ => None,
    }
}

/// What the columns after the rate say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Columns {
    /// Whether the row's end sends, where the columns tell.
    pub sends: Option<bool>,
    pub retransmits: Option<u64>,
    pub jitter_ms: Option<f64>,
    pub lost: Option<i64>,
    pub packets: Option<u64>,
    pub omitted: bool,
}

/// Reads the columns after the rate. Of an unended line the last column may be cut, so it
/// counts only where something follows.
pub(super) fn columns(rest: &[u8], sum: bool, ended: bool) -> Columns {
    let mut columns = Columns::default();
    let rest = match rest.strip_suffix(b"(omitted)") {
        Some(rest) => {
            columns.omitted = true;
            rest.trim_ascii_end()
        }
        None => rest,
    };
    let jitter = decimal(rest).and_then(|(jitter, rest)| {
        let rest = rest.trim_ascii_start().strip_prefix(b"ms")?;
        Some((jitter.value, rest.trim_ascii_start()))
    });
    let counts = jitter.map_or(rest, |(_, rest)| rest);
    if let Some((lost, packets)) = datagrams(counts) {
        columns.sends = Some(false);
        columns.jitter_ms = jitter.map(|(jitter, _)| jitter);
        columns.lost = Some(lost);
        columns.packets = Some(packets);
    } else if reads(counts).is_some() {
        columns.sends = Some(false);
    } else if let Some(after) = writes(counts) {
        // A sum of UDP's receivers looks the same: `0/1787     893 pps`.
        columns.sends = (!sum).then_some(true);
        columns.retransmits = integer(after.trim_ascii_start())
            .filter(|(_, rest)| {
                let more = rest.trim_ascii_start();
                // Of a cut line, `p` may be all that is left of it.
                let pps = more.starts_with(b"pps") || !more.is_empty() && b"pps".starts_with(more);
                !pps && (rest.first().is_some_and(u8::is_ascii_whitespace)
                    || more.is_empty() && ended)
            })
            .map(|(retransmits, _)| retransmits);
        if columns.retransmits.is_some() {
            columns.sends = Some(true);
        }
    }
    columns
}

/// `0/ 5350 (0%)`: lost and sent datagrams. Only the percentage tells them from writes.
fn datagrams(text: &[u8]) -> Option<(i64, u64)> {
    let slash = text.iter().take(24).position(|&byte| byte == b'/')?;
    let lost = whole(text.get(..slash)?)?;
    let (packets, rest) = integer(text.get(slash + 1..)?.trim_ascii_start())?;
    let rest = rest.trim_ascii_start().strip_prefix(b"(")?;
    let percent = rest.iter().take(16).position(|&byte| byte == b'%')?;
    rest.get(percent + 1..)?.strip_prefix(b")")?;
    Some((lost, packets))
}

/// `25274=269:0:`: reads and how long they were.
fn reads(text: &[u8]) -> Option<()> {
    let (_, rest) = integer(text)?;
    let (_, rest) = integer(rest.strip_prefix(b"=")?)?;
    rest.starts_with(b":").then_some(())
}

/// `29658/0`: writes and their errors; what follows.
fn writes(text: &[u8]) -> Option<&[u8]> {
    let (_, rest) = integer(text)?;
    let (_, rest) = integer(rest.strip_prefix(b"/")?)?;
    rest.first()
        .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'/')
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8]) -> Option<(Label, Row<'_>)> {
        let (label, rest) = label(line)?;
        Some((label, row(rest)?))
    }

    #[test]
    fn rows_of_all_versions() {
        let (label, row) =
            read(b"[  3] 0.00-60.00 sec  14063 MBytes  1966 Mbits/sec  112505/0          0       -1K/1346 us  182579.69")
                .unwrap();
        assert_eq!(
            label,
            Label::Stream {
                id: 3,
                starred: false
            }
        );
        assert_eq!((row.bytes, row.step), (14063.0 * 1048576.0, 1048576.0));
        assert_eq!(row.bits_per_second, 1.966e9);
        let read_columns = columns(row.rest, false, true);
        assert_eq!(
            (read_columns.sends, read_columns.retransmits),
            (Some(true), Some(0))
        );

        let (label, row) =
            read(b"[SUM-2] 0.0000-2.0011 sec  8.80 GBytes  4.40 GBytes/sec  72118/0        12")
                .unwrap();
        assert_eq!(label, Label::Sum(Some(2)));
        assert_eq!(row.bits_per_second, 4.4 * 8.0 * 1073741824.0);
        assert_eq!(columns(row.rest, true, true).retransmits, Some(12));
        assert_eq!(columns(row.rest, true, false).retransmits, None, "cut");

        let (_, row) = read(
            b"[  3]  0.0-60.0 sec  7.50 MBytes  1.05 Mbits/sec   0.017 ms    -2/ 5350 (-nan%)",
        )
        .unwrap();
        let udp = columns(row.rest, false, true);
        assert_eq!(
            (udp.sends, udp.jitter_ms, udp.lost, udp.packets),
            (Some(false), Some(0.017), Some(-2), Some(5350))
        );
    }

    #[test]
    fn columns_that_look_alike() {
        for (text, sends, retransmits) in [
            (&b"894/0      894 pps"[..], Some(true), None),
            (b"0/0/0      90 pps", Some(true), None),
            (
                b"  1.213 ms 8/0         3     639K/33 3974",
                Some(true),
                Some(3),
            ),
            (b"25274=269:0:0:454:376:0:0:24175", Some(false), None),
            (
                b"10=0.106/0.071/0.214/0.043 ms    0   14K/82(40) us",
                None,
                None,
            ),
            (
                b"1.153/0.023/12.286/1.303 ms (21861/131072) 3.15 MByte",
                None,
                None,
            ),
            (b"0.123 ms (0.5%)    31=0:1:2:3", None, None),
        ] {
            let read = columns(text.trim_ascii(), false, true);
            assert_eq!(
                (read.sends, read.retransmits, read.jitter_ms),
                (sends, retransmits, None)
            );
        }
        assert!(columns(b"1/0   3 (omitted)", false, true).omitted);
    }

    #[test]
    fn what_is_no_row() {
        for line in [
            &b"[  1] 0.0000-1.0000 sec T8-PDF: bin(w=100us):cnt(893)=1:893 (5.00/95.00/99.7%=1/1/1)"[..],
            b"[  1] 0.0000-2.0000 sec  1 datagrams received out-of-order",
            b"[  1] 0.0000-2.0020 sec  2.51 MBytes  10.5 Mbi",
            b"[  3] 0.0-1.0 sec  -nan Bytes  -nan bits/sec",
            b"[ ID] Interval       Transfer     Bandwidth",
            b"[  1] local 127.0.0.1 port 1 connected with 127.0.0.1 port 2",
            b"[ ",
        ] {
            assert_eq!(read(line), None, "{}", String::from_utf8_lossy(line));
        }
    }
}
