//! Finds JSON documents among other text, and in a cut one the part that is whole.

use std::ops::Range;

use memchr::{memchr, memchr2};

use super::opens_report;

/// A document, or the part of it that there is.
#[derive(Debug, Default)]
pub(super) struct Extent {
    pub range: Range<usize>,
    /// Whether its last brace was there.
    pub complete: bool,
    /// Just after the last whole member or element near the root, and the brackets that
    /// close the document there.
    pub whole: Option<(usize, Vec<u8>)>,
    /// Where each element of the root's `intervals` begins.
    pub intervals: Vec<usize>,
    /// `nan`, `-nan`, `inf`: not JSON, but printed by iperf3 on 0/0.
    pub not_numbers: Vec<Range<usize>>,
}

/// How near the root something whole must be for a cut document to be closed after it:
/// an interval is within the root's object and the list of intervals.
const NEAR: usize = 2;

/// The next document that begins at or after `from`.
pub(super) fn document(bytes: &[u8], mut from: usize) -> Option<Extent> {
    loop {
        let start = from + memchr(b'{', bytes.get(from..)?)?;
        let inner = bytes
            .get(start + 1..)
            .unwrap_or_default()
            .trim_ascii_start();
        // A brace alone at the end may be all that is left of one.
        if matches!(inner.first(), Some(b'"' | b'}') | None) {
            return Some(extent(bytes, start));
        }
        from = start + 1;
    }
}

/// The document that begins at `start`, up to its end, the next document's start or the
/// end of `bytes`.
pub(super) fn extent(bytes: &[u8], start: usize) -> Extent {
    let mut found = Extent::default();
    let mut open: Vec<u8> = Vec::new();
    let mut in_intervals = false;
    // The last byte that isn't white space.
    let mut previous = b' ';
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => match string(bytes, at) {
                Some(end) => at = end,
                None => {
                    at = bytes.len();
                    break;
                }
            },
            // The document was cut and another one follows.
            b'{' if !open.is_empty() && opens_report(bytes.get(at + 1..).unwrap_or_default()) => {
                break;
            }
            b'{' | b'[' => {
                match (byte, &open[..]) {
                    (b'[', b"}") => in_intervals = is_key(bytes.get(..at), b"\"intervals\""),
                    (b'{', b"}]") if in_intervals => found.intervals.push(at),
                    _ => {}
                }
                open.push(if byte == b'{' { b'}' } else { b']' });
            }
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    break;
                }
                if open.is_empty() {
                    found.range = start..at + 1;
                    found.complete = true;
                    return found;
                }
                if open.len() <= NEAR {
                    found.whole = Some((at + 1, open.iter().rev().copied().collect()));
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphabetic())
                    .count();
                let word = rest.get(..length).unwrap_or_default().to_ascii_lowercase();
                if matches!(&word[..], b"nan" | b"inf" | b"infinity") {
                    let suffix = if rest.get(length..).unwrap_or_default().starts_with(b"(ind)") {
                        5
                    } else {
                        0
                    };
                    let sign = usize::from(previous == b'-');
                    found.not_numbers.push(at - sign..at + length + suffix);
                    at += suffix;
                }
                at += length - 1;
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            previous = byte;
        }
        at += 1;
    }
    found.range = start..at.min(bytes.len()).max(start + 1);
    found
}

/// Whether `key` and a colon end what is `before`.
fn is_key(before: Option<&[u8]>, key: &[u8]) -> bool {
    let before = before.unwrap_or_default().trim_ascii_end();
    before
        .strip_suffix(b":")
        .is_some_and(|before| before.trim_ascii_end().ends_with(key))
}

/// The closing quote of the string that begins at `start`.
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
