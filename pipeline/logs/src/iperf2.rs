//! iperf 2: its tables (`text`, also `-e`) and its `-y C` (`csv`).

mod assembly;
mod csv;
mod row;
mod text;

use memchr::memmem::find;

use crate::account;
use crate::lines::Lines;
use crate::rows;
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, HEAD, ReadError, Sink};

/// The format of iperf 2.
pub(crate) struct Iperf2;

impl Format for Iperf2 {
    fn vote(&self, line: &[u8]) -> u32 {
        let has = |word: &str| find(line, word.as_bytes()).is_some();
        let starts = |word: &str| line.starts_with(word.as_bytes());
        if let Some((_, rest)) = row::label(line) {
            let words = [
                " connected with ",
                "Write/Err",
                "Reads=Dist",
                "Server Report",
            ];
            if words.into_iter().any(has) || starts("[ *") {
                return 3;
            }
            // iperf3's rows look like them but for the digits of their times, and where there are
            // as many, the space around them.
            return match (row::row(rest), rows::places(line)) {
                (None, _) => 0,
                (Some(_), Some(2)) => 2 * u32::from(row::is_narrow(line)),
                (Some(_), _) => 1,
            };
        }
        let is = starts("Server listening on TCP")
            || starts("Server listening on UDP")
            || starts("Client connecting to ")
            || csv::is_row(line);
        u32::from(is) * 3
    }

    fn is_stamped_by_others(&self) -> bool {
        true
    }

    fn parse(&self, mut lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        let head = lines.peek(HEAD)?;
        let mut rows = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        if rows.any(csv::is_row) {
            account::read(lines, csv::Reader::new(sink))
        } else {
            account::read(lines, text::Reader::new(sink))
        }
    }
}

/// Whether nothing was measured because the tool failed.
fn failed(measured: bool, warnings: &Warnings) -> bool {
    !measured && warnings.count(WarningKind::ToolError) > 0
}

/// `connect failed: Connection refused` and its like.
fn is_failure(line: &[u8]) -> bool {
    find(line, b" failed: ").is_some()
        || line.starts_with(b"error: ")
        || line.starts_with(b"ERROR: ")
}
