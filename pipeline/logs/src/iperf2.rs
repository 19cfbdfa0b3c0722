//! iperf 2: its tables (`text`, also `-e`) and its `-y C` (`csv`).

mod csv;
mod text;

pub(crate) use csv::{is_row as is_csv_row, parse as parse_csv};
pub(crate) use text::parse as parse_text;

use crate::rows::Table;
use crate::throughput::Run;
use crate::warning::{WarningKind, Warnings};

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
