//! stress-ng: what it prints (`text`) and what it writes for `--yaml` (`yaml`).

mod text;
mod yaml;

use memchr::memmem::find;

use crate::lines::Lines;
use crate::tool::Format;
use crate::{Document, HEAD, ReadError, Sink, account};

/// The format of stress-ng.
pub(crate) struct StressNg;

impl Format for StressNg {
    fn claims(&self, head: &[u8]) -> bool {
        find(head, b"stress-ng-version: ").is_some() || find(head, b"- stressor: ").is_some()
    }

    fn vote(&self, line: &[u8]) -> u32 {
        if text::message(line).is_some() || text::is_heading(line) {
            return 3;
        }
        let own = line.starts_with(b"stress-ng: ") || line.starts_with(b"dispatching hogs: ");
        u32::from(own) * 2
    }

    fn parse(&self, mut lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        if self.claims(lines.peek(HEAD)?) {
            account::read(lines, yaml::Reader::default())
        } else {
            account::read(lines, text::Reader::default())
        }
    }
}

/// `5.00` or, with --sn, `5.00e+00`; nothing that is no number.
fn number(word: &[u8]) -> Option<f64> {
    let plain = word
        .iter()
        .all(|byte| byte.is_ascii_digit() || b".e+-".contains(byte));
    let first = word.first().is_some_and(u8::is_ascii_digit);
    if !plain || !first {
        return None;
    }
    let number: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}
