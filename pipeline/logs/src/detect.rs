//! Which tool wrote a log, from its content.

use std::cell::OnceCell;

use memchr::memchr_iter;

use crate::tool::SURE;
use crate::{Tool, counters, stamp};

/// The tool whose lines are most in `head`, the first bytes of a log. Where several
/// tools wrote into one file the one with most lines wins.
///
/// Each tool says itself what speaks for it (`Format`).
pub fn detect(head: &[u8]) -> Option<Tool> {
    if let Some(tool) = Tool::ALL.iter().find(|tool| tool.format().claims(head)) {
        return Some(*tool);
    }
    let mut ballot = Ballot::default();
    let mut left = 1 + memchr_iter(b'\n', head).count();
    for line in head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
        left = left.saturating_sub(1);
        if !line.is_empty() {
            ballot.count(line);
            if ballot.is_decided(left) {
                break;
            }
        }
    }
    ballot.winner()
}

/// What the lines so far said.
struct Ballot {
    /// In the order of [`Tool::ALL`].
    scores: Vec<(Tool, u32)>,
    /// Who had the last line that no other tool prints: the next is likely its, too.
    likely: Option<usize>,
}

impl Default for Ballot {
    fn default() -> Self {
        Self {
            scores: Tool::ALL.iter().map(|tool| (*tool, 0)).collect(),
            likely: None,
        }
    }
}

impl Ballot {
    fn count(&mut self, line: &[u8]) {
        let unstamped = OnceCell::new();
        let votes = |tool: &Tool| match tool.format().vote(line) {
            0 if tool.format().is_stamped_by_others() => unstamped
                .get_or_init(|| counters::unstamped(line).or_else(|| stamp::after(line)))
                .map_or(0, |rest| tool.format().vote(rest)),
            votes => votes,
        };
        if let Some((tool, score)) = self.likely.and_then(|at| self.scores.get_mut(at))
            && votes(tool) == SURE
        {
            *score += SURE;
            return;
        }
        for (at, (tool, score)) in self.scores.iter_mut().enumerate() {
            let votes = votes(tool);
            *score += votes;
            if votes == SURE {
                self.likely = Some(at);
            }
        }
    }

    /// Whether so many more lines change nothing.
    fn is_decided(&self, left: usize) -> bool {
        let (mut first, mut second) = (0, 0);
        for (_, score) in &self.scores {
            if *score > first {
                (first, second) = (*score, first);
            } else {
                second = second.max(*score);
            }
        }
        (first - second) as usize > left * SURE as usize
    }

    /// The first of equals.
    fn winner(self) -> Option<Tool> {
        let scores = self.scores.into_iter().rev();
        let (tool, score) = scores.max_by_key(|(_, score)| *score)?;
        (score > 0).then_some(tool)
    }
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
