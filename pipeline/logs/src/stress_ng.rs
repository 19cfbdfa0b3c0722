//! stress-ng: what it prints (`text`) and what it writes for `--yaml` (`yaml`).

mod text;
mod yaml;

use memchr::memmem::find;

use crate::lines::Lines;
use crate::tool::Format;
use crate::{Document, HEAD, ReadError, Sink};

/// The format of stress-ng.
pub(crate) struct StressNg;

impl Format for StressNg {
    fn claims(&self, head: &[u8]) -> bool {
        find(head, b"stress-ng-version: ").is_some() || find(head, b"- stressor: ").is_some()
    }

    fn vote(&self, line: &[u8]) -> u32 {
        let is = find(line, b"stress-ng: ")
            .and_then(|at| line.get(at..))
            .is_some_and(|rest| find(rest, b": [").is_some() || find(rest, b":  [").is_some());
        u32::from(is) * 3
    }

    fn parse(&self, mut lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        if self.claims(lines.peek(HEAD)?) {
            yaml::parse(lines)
        } else {
            text::parse(lines)
        }
    }
}
