//! iperf 2: its tables (`text`, also `-e`) and its `-y C` (`csv`).

mod csv;
mod text;

use memchr::memmem::find;

use crate::lines::Lines;
use crate::rows::{self, Table};
use crate::throughput::Run;
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, HEAD, ReadError, Sink};

/// The format of iperf 2.
pub(crate) struct Iperf2;

impl Format for Iperf2 {
    fn vote(&self, line: &[u8]) -> u32 {
        let has = |word: &str| find(line, word.as_bytes()).is_some();
        let starts = |word: &str| line.starts_with(word.as_bytes());
        if rows::label(line).is_some() || starts("[ ID]") {
            if has(" connected with ") || has("Write/Err") || has("Server Report") {
                return 3;
            }
            return u32::from(rows::row(line).is_some() && rows::places(line) != Some(2));
        }
        let is = starts("Server listening on TCP")
            || starts("Server listening on UDP")
            || starts("Client connecting to ")
            || csv::is_row(line);
        u32::from(is) * 3
    }

    fn parse(&self, mut lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        let head = lines.peek(HEAD)?;
        let mut rows = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        if rows.any(csv::is_row) {
            csv::parse(lines)
        } else {
            text::parse(lines)
        }
    }
}

/// Ends a table: its run, if it holds anything, with a warning where it was cut.
fn close(table: Table, line: u64, runs: &mut Vec<Run>, warnings: &mut Warnings) {
    if table.is_empty() && table.run.error.is_none() {
        return;
    }
    let (run, complete) = table.close();
    if !complete && run.error.is_none() {
        let text = format!(
            "the run that begins on line {} has no total: iperf was killed or the log cut",
            run.line
        );
        warnings.push(WarningKind::CutFile, line, text);
    }
    runs.push(run);
}

/// Whether nothing was measured because the tool failed.
fn failed(runs: &[Run], warnings: &Warnings) -> bool {
    let empty =
        |run: &Run| run.intervals.is_empty() && run.sent.is_none() && run.received.is_none();
    warnings.count(WarningKind::ToolError) > 0 && runs.iter().all(empty)
}

/// `connect failed: Connection refused` and its like.
fn is_failure(line: &[u8]) -> bool {
    memchr::memmem::find(line, b" failed: ").is_some()
        || line.starts_with(b"error: ")
        || line.starts_with(b"ERROR: ")
}
