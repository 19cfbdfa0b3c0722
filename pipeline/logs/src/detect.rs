//! Which tool wrote a log, from its content.

use memchr::memchr_iter;
use memchr::memmem::{find, find_iter};

use crate::{Tool, iperf2, rows};

/// The tool whose lines are most in `head`, the first bytes of a log. Where several
/// tools wrote into one file the one with most lines wins.
pub fn detect(head: &[u8]) -> Option<Tool> {
    if is_json(head) {
        return Some(Tool::Iperf3);
    }
    if is_yaml(head) {
        return Some(Tool::StressNg);
    }
    let mut scores = Tool::ALL.map(|tool| (tool, 0));
    let mut add = |tool: Tool, points: u32| {
        if let Some((_, score)) = scores.iter_mut().find(|(known, _)| *known == tool) {
            *score += points;
        }
    };
    for line in head.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        if let Some((tool, points)) = vote(line) {
            add(tool, points);
        }
    }
    // The first of equals, in the order of `Tool::ALL`.
    let (tool, score) = scores.into_iter().rev().max_by_key(|(_, score)| *score)?;
    (score > 0).then_some(tool)
}

/// Whether a log is iperf3's JSON.
pub(crate) fn is_json(head: &[u8]) -> bool {
    memchr_iter(b'{', head).any(|at| opens_report(head.get(at + 1..).unwrap_or_default()))
}

/// Whether an object with this content is iperf3's, by its first member: `start`, `event`
/// (of `--json-stream`) or an error.
pub(crate) fn opens_report(inner: &[u8]) -> bool {
    let inner = inner.trim_ascii_start();
    let value = |key: &[u8]| {
        let rest = inner
            .strip_prefix(key)?
            .trim_ascii_start()
            .strip_prefix(b":")?;
        Some(rest.trim_ascii_start().first().copied())
    };
    // Intervals begin with a `start`, too: a number.
    if let Some(first) = value(b"\"start\"") {
        return matches!(first, Some(b'{') | None);
    }
    let first = value(b"\"event\"").or_else(|| value(b"\"error\""));
    matches!(first, Some(Some(b'"') | None))
}

/// Whether a log is of `stress-ng --yaml`.
pub(crate) fn is_yaml(head: &[u8]) -> bool {
    find_iter(head, b"stress-ng-version: ").next().is_some()
        || find(head, b"- stressor: ").is_some()
}

/// Whether a log is of `iperf -y C`.
pub(crate) fn is_csv(head: &[u8]) -> bool {
    head.split(|&byte| byte == b'\n')
        .any(|line| iperf2::is_csv_row(line.trim_ascii()))
}

/// The tool that prints such lines, and how sure that is.
fn vote(line: &[u8]) -> Option<(Tool, u32)> {
    let has = |word: &str| find(line, word.as_bytes()).is_some();
    let starts = |word: &str| line.starts_with(word.as_bytes());
    match line.first()? {
        b'[' if rows::label(line).is_some() || starts("[ ID]") => {
            let total = line.ends_with(b"sender") || line.ends_with(b"receiver");
            let words = [" connected to ", "Retr", "Bitrate", "][", "(omitted)"];
            if total || words.into_iter().any(has) {
                Some((Tool::Iperf3, 3))
            } else if has(" connected with ") || has("Write/Err") || has("Server Report") {
                Some((Tool::Iperf2, 3))
            } else {
                rows::row(line).map(|_| {
                    if two_places(line) {
                        (Tool::Iperf3, 1)
                    } else {
                        (Tool::Iperf2, 1)
                    }
                })
            }
        }
        _ if has("stress-ng: ") && has(": [") || has("stress-ng: ") && has(":  [") => {
            Some((Tool::StressNg, 3))
        }
        _ if starts("stress: ") && has(": [") => Some((Tool::Stress, 3)),
        _ if starts("iperf3: ") || starts("iperf 3.") || starts("iperf Done") => {
            Some((Tool::Iperf3, 3))
        }
        _ if starts("Connecting to host ") || starts("Accepted connection from ") => {
            Some((Tool::Iperf3, 3))
        }
        _ if starts("Server listening on TCP") || starts("Server listening on UDP") => {
            Some((Tool::Iperf2, 3))
        }
        _ if starts("Server listening on ") => Some((Tool::Iperf3, 3)),
        _ if starts("Client connecting to ") => Some((Tool::Iperf2, 3)),
        _ if iperf2::is_csv_row(line) => Some((Tool::Iperf2, 3)),
        _ if has(" bytes from ") && has("seq=") => Some((Tool::Ping, 3)),
        _ if has("packets transmitted, ")
            || has(" ping statistics ---")
            || has("--- ping statistics") =>
        {
            Some((Tool::Ping, 3))
        }
        _ if has("rtt min/avg/max") || has("round-trip min/avg/max") => Some((Tool::Ping, 3)),
        _ if starts("PING ") && has("bytes") || starts("PING6(") => Some((Tool::Ping, 3)),
        _ if has("TTL=") && has("=") && (has("ms") || has("мс")) => Some((Tool::Ping, 3)),
        _ if (has("Ping") || has("ping"))
            && line.ends_with(b":")
            && line.iter().any(u8::is_ascii_digit) =>
        {
            Some((Tool::Ping, 2))
        }
        _ if has("no answer yet for icmp_seq=") || has("Request timeout for icmp_seq") => {
            Some((Tool::Ping, 2))
        }
        _ if starts("ping: ") || starts("ping6: ") || starts("Ping request could not") => {
            Some((Tool::Ping, 2))
        }
        _ => None,
    }
}

/// iperf3 prints seconds with two digits, iperf 2 with one or four (and two with -e of
/// old, whose other lines tell).
fn two_places(line: &[u8]) -> bool {
    rows::label(line)
        .and_then(|(_, rest)| crate::number::decimal(rest.trim_ascii_start()))
        .is_some_and(|(start, _)| start.places == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_content() {
        let cases: [(&str, Option<Tool>); 16] = [
            ("", None),
            (
                "Warning: Permanently added '10.1.1.13' (ED25519) to the list of known hosts.\n",
                None,
            ),
            ("{\n  \"destination_ip\": \"1.1.1.1\"\n}", None),
            ("Bandwidth for P=1, iteration 10: 22.0 Mbits/sec\n", None),
            (
                "[  5]   0.00-610.00 sec  66.4 GBytes  934514 Kbits/sec   22             sender\n",
                Some(Tool::Iperf3),
            ),
            (
                "iperf3: interrupt - the server has terminated\n",
                Some(Tool::Iperf3),
            ),
            ("Server listening on 5201 (test #1)\n", Some(Tool::Iperf3)),
            ("Server listening on TCP port 5001\n", Some(Tool::Iperf2)),
            ("$ iperf3 -J ...\n{\n\t\"start\":\t{\n", Some(Tool::Iperf3)),
            ("{\"event\":\"start\",\"data\":{}}\n", Some(Tool::Iperf3)),
            (
                "20261123183259,127.0.0.1,43202,127.0.0.1,5001,1,0.0-1.0,4308598844,34468790752\n",
                Some(Tool::Iperf2),
            ),
            (
                "stress: info: [1] dispatching hogs: 1 cpu, 0 io, 0 vm, 0 hdd\n",
                Some(Tool::Stress),
            ),
            (
                "stress-ng: info:  [1] dispatching hogs: 1 cpu\n",
                Some(Tool::StressNg),
            ),
            (
                "Antwort von 8.8.8.8: Bytes=32 Zeit=12ms TTL=117\r\n",
                Some(Tool::Ping),
            ),
            (
                "Ответ от 8.8.8.8: число байт=32 время=12мс TTL=117\r\n",
                Some(Tool::Ping),
            ),
            (
                "ping: no-such-host.invalid: Name or service not known\n",
                Some(Tool::Ping),
            ),
        ];
        for (text, tool) in cases {
            assert_eq!(detect(text.as_bytes()), tool, "{text}");
        }
    }
}
