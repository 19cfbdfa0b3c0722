//! What became of each byte of a log.

use serde::Serialize;

use crate::lines::{Line, Lines};
use crate::warning::Warnings;
use crate::{Document, ReadError};

/// The bytes of a log by what became of them; together they are all of it. Of a
/// compressed log, the bytes that it unpacks to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Of lines (or documents) that are in the records.
    pub read: u64,
    /// The tool's own with nothing to record: headings, rulers, blank lines.
    pub skipped: u64,
    /// Not in the records, and a warning says why.
    pub warned: u64,
}

impl Account {
    /// All bytes of the log.
    pub fn total(&self) -> u64 {
        self.read + self.skipped + self.warned
    }
}

/// What a dialect made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is in the records.
    Read,
    /// It isn't; unless it was warned about, it is the tool's own.
    Not,
}

/// Makes a document of lines.
pub(crate) trait LineReader {
    /// Takes a line.
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken;

    /// The document, after its `last` line.
    fn finish(self, last: u64, warnings: Warnings) -> Document;
}

/// Reads lines to their end, with an account of all of them.
pub(crate) fn read(
    mut lines: Lines<'_>,
    mut reader: impl LineReader,
) -> Result<Document, ReadError> {
    let (mut account, mut warnings, mut last) = (Account::default(), Warnings::default(), 0);
    while let Some(line) = lines.next()? {
        last = line.number;
        let (size, before) = (line.size, warnings.total());
        match reader.line(line, &mut warnings) {
            Taken::Read => account.read += size,
            Taken::Not if warnings.total() > before => account.warned += size,
            Taken::Not => account.skipped += size,
        }
    }
    Ok(Document {
        account,
        ..reader.finish(last, warnings)
    })
}
