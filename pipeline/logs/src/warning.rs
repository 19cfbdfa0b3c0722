//! What was odd in a log, and where.

use serde::Serialize;

/// Warnings of one kind that a document keeps; the rest are counted.
const KEPT: u64 = 100;
/// Longest text of a warning, in bytes of the log.
const TEXT: usize = 160;

/// Something odd in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What it is.
    pub kind: WarningKind,
    /// The line it is on, from 1; 0 for the file as a whole.
    pub line: u64,
    /// The line's text or an explanation; bounded, invalid UTF-8 replaced.
    pub text: String,
}

/// The kinds of oddities. As JSON: kebab-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// There is nothing in the file.
    EmptyFile,
    /// No known tool's output was found.
    UnknownFormat,
    /// The log ends before its tool was done: no summary, or half a line or document.
    CutFile,
    /// The tool ran but measured nothing.
    NoRecords,
    /// The tool says that it failed.
    ToolError,
    /// A line or field looks like the dialect's and can't be read.
    Malformed,
    /// A summary and the lines it sums up differ by more than the printed precision.
    SummaryDisagrees,
    /// A reply came twice and isn't marked as a duplicate.
    Duplicate,
    /// A reply came after a later one.
    Reordered,
    /// Values known only as a bound (`time<1ms`).
    Censored,
    /// Values printed in steps of a millisecond or more.
    Quantised,
    /// The sequence number went back to 0 after 65535.
    WrappedSequence,
    /// Time stamps go backwards.
    ClockStep,
    /// Two lines written into one.
    JoinedLines,
    /// A reply with a bad checksum or other data than was sent.
    Corrupted,
    /// `nan` or `inf` where a number should be.
    NotANumber,
    /// Text of something else between the tool's lines.
    Noise,
    /// More than one JSON document in the file.
    SecondDocument,
}

impl WarningKind {
    const COUNT: usize = WarningKind::SecondDocument as usize + 1;

    /// Whether records may be missing because of it.
    pub(crate) fn loses_records(self) -> bool {
        matches!(
            self,
            WarningKind::CutFile
                | WarningKind::NoRecords
                | WarningKind::ToolError
                | WarningKind::Malformed
        )
    }
}

/// Collects warnings; a log with a million odd lines doesn't become a million strings.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    kept: Vec<Warning>,
    counts: [u64; WarningKind::COUNT],
    total: u64,
    last: [(u64, Option<WarningKind>); WarningKind::COUNT],
}

impl Warnings {
    pub(crate) fn push(&mut self, kind: WarningKind, line: u64, text: impl AsRef<[u8]>) {
        let (Some(count), Some(last)) = (
            self.counts.get_mut(kind as usize),
            self.last.get_mut(kind as usize),
        ) else {
            return;
        };
        *count += 1;
        self.total += 1;
        *last = (line, Some(kind));
        if *count <= KEPT {
            let text = text.as_ref();
            let text = String::from_utf8_lossy(text.get(..TEXT).unwrap_or(text)).into_owned();
            self.kept.push(Warning { kind, line, text });
        }
    }

    /// How many there were, kept or not.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// How many of a kind there were, kept or not.
    pub(crate) fn count(&self, kind: WarningKind) -> u64 {
        self.counts.get(kind as usize).copied().unwrap_or(0)
    }

    /// The warnings in the order they were met; a kind cut short says so in one more.
    pub(crate) fn finish(mut self) -> Vec<Warning> {
        for (count, (line, kind)) in self.counts.into_iter().zip(self.last) {
            if let Some(kind) = kind
                && count > KEPT
            {
                let text = format!("{} more of this kind, up to this line", count - KEPT);
                self.kept.push(Warning { kind, line, text });
            }
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_warnings_is_counted_not_kept() {
        let mut warnings = Warnings::default();
        for line in 1..=1000 {
            warnings.push(WarningKind::Noise, line, [0xff; 1000]);
        }
        let kept = warnings.finish();
        assert_eq!(kept.len(), 101);
        assert_eq!(kept[100].line, 1000);
        assert!(kept[100].text.starts_with("900 more"));
        assert_eq!(kept[0].text.chars().count(), TEXT);
    }
}
