//! Reading one log, and saying in words where it is odd.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use memchr::memchr_iter;
use vnicbench_logs::{Document, Outcome, ReadError, Tool, Warning, WarningKind};

/// A log that was read.
pub(crate) struct Log {
    pub(crate) document: Document,
    /// Lines in the file, the last one counted without its newline too.
    pub(crate) lines: u64,
}

/// Reads `path`, which is to be a log of `tool`. The error says why not, without the path.
pub(crate) fn read(path: &Path, tool: Tool) -> Result<Log, String> {
    let (document, lines) = read_with(path, |input| vnicbench_logs::parse(input, Some(tool)))?;
    Ok(Log { document, lines })
}

/// What `parse` makes of the file, and its number of lines. The error is as in [`read`].
pub(crate) fn read_with<T>(
    path: &Path,
    parse: impl FnOnce(&mut LineCounter<File>) -> Result<T, ReadError>,
) -> Result<(T, u64), String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut counter = LineCounter::new(file);
    let parsed = parse(&mut counter).map_err(|error| format!("{error}: {}", error.source))?;
    // Where a foreign log is given up early, the rest still has lines.
    io::copy(&mut counter, &mut io::sink()).map_err(|error| format!("cannot be read: {error}"))?;
    Ok((parsed, counter.lines()))
}

impl Log {
    /// What makes the log unusable, with its line (0 for the file as a whole); None if
    /// its records are all there is.
    pub(crate) fn defect(&self) -> Option<(u64, String)> {
        let outcome = match self.document.outcome {
            Outcome::Ok => return None,
            Outcome::Partial => "is incomplete",
            Outcome::Failed => "says that its tool failed",
            Outcome::Unrecognised => "is not a log of this tool",
        };
        let cause = self
            .document
            .warnings
            .iter()
            .find(|warning| loses_records(warning.kind));
        Some(match cause.or(self.document.warnings.first()) {
            Some(warning) => (
                warning.line,
                format!("{outcome} ({}): {}", kind(warning), warning.text),
            ),
            None => (0, outcome.to_owned()),
        })
    }
}

fn loses_records(kind: WarningKind) -> bool {
    use WarningKind::{CutFile, EmptyFile, Malformed, NoRecords, ToolError, UnknownFormat};
    matches!(
        kind,
        CutFile | EmptyFile | Malformed | NoRecords | ToolError | UnknownFormat
    )
}

/// The name of a warning's kind, as in records: `cut-file`.
pub(crate) fn kind(warning: &Warning) -> String {
    match serde_json::to_value(warning.kind) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{:?}", warning.kind),
    }
}

/// Counts the lines that go through.
pub(crate) struct LineCounter<R> {
    inner: R,
    newlines: u64,
    last: Option<u8>,
}

impl<R: Read> LineCounter<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            newlines: 0,
            last: None,
        }
    }

    fn lines(&self) -> u64 {
        self.newlines + u64::from(self.last.is_some_and(|byte| byte != b'\n'))
    }
}

impl<R: Read> Read for LineCounter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let read = buffer.get(..n).unwrap_or_default();
        self.newlines += memchr_iter(b'\n', read).count() as u64;
        self.last = read.last().copied().or(self.last);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_a_last_line_without_newline() {
        for (text, lines) in [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)] {
            let mut counter = LineCounter::new(text.as_bytes());
            assert!(io::copy(&mut counter, &mut io::sink()).is_ok());
            assert_eq!(counter.lines(), lines, "{text:?}");
        }
    }
}
