//! Snapshots of a source, one after another.

use std::io::Read;

use serde::Serialize;

use super::words;
use crate::ReadError;
use crate::lines::{Line, Lines};
use crate::number::decimal;
use crate::warning::{Warning, WarningKind, Warnings};

const MARK: &[u8] = b"# vnicbench ";

/// When in a trial a snapshot was taken. As JSON: lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before measuring.
    Start,
    /// While measuring.
    During,
    /// After measuring.
    End,
}

/// A source as it was at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot<T> {
    /// When in the trial; `None` without a header.
    pub phase: Option<Phase>,
    /// The wall clock, as printed (RFC 3339).
    pub time: Option<String>,
    /// The monotonic clock, in seconds; only differences mean something.
    pub monotonic_s: Option<f64>,
    /// The line it begins on, from 1.
    pub line: u64,
    /// What the kernel counted.
    pub counters: T,
}

/// The snapshots of one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Log<T> {
    /// In the order of the file.
    pub snapshots: Vec<Snapshot<T>>,
    /// What was odd; nothing that is in a snapshot is in doubt.
    pub warnings: Vec<Warning>,
}

impl<T> Log<T> {
    /// The first snapshot and the last, if there are two.
    pub fn window(&self) -> Option<(&Snapshot<T>, &Snapshot<T>)> {
        match self.snapshots.as_slice() {
            [first, .., last] => Some((first, last)),
            _ => None,
        }
    }
}

/// What became of a line.
pub(super) enum Taken {
    /// It is in the record.
    Yes,
    /// It begins the next snapshot: hand it to a new builder.
    Next,
    /// It gives again what the record has; the first holds.
    Again,
    /// It looks like the source's and can't be read.
    Malformed,
    /// It isn't the source's.
    Foreign,
}

/// Makes a record of one source from its lines.
pub(super) trait Builder: Default {
    type Record;

    /// Takes a line that is neither blank nor a header.
    fn take(&mut self, text: &[u8]) -> Taken;

    /// The record, or what it lacks to be one.
    fn finish(self) -> Result<Self::Record, &'static str>;
}

#[derive(Default)]
struct Open<B> {
    phase: Option<Phase>,
    time: Option<String>,
    monotonic_s: Option<f64>,
    line: u64,
    builder: B,
}

impl<B: Builder> Open<B> {
    fn at(line: u64) -> Self {
        Self {
            phase: None,
            time: None,
            monotonic_s: None,
            line,
            builder: B::default(),
        }
    }

    /// The snapshot that a header opens, and whether all of the header could be read.
    fn headed(line: u64, header: &[u8]) -> (Self, bool) {
        let mut words = words(header);
        let phase = match words.next() {
            Some(b"start") => Some(Phase::Start),
            Some(b"during") => Some(Phase::During),
            Some(b"end") => Some(Phase::End),
            _ => None,
        };
        let time = words
            .next()
            .and_then(|time| std::str::from_utf8(time).ok())
            .map(str::to_owned);
        let monotonic_s = words
            .next()
            .filter(|word| *word == b"monotonic")
            .and_then(|_| words.next())
            .and_then(decimal)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(seconds, _)| seconds.value)
            .filter(|seconds| seconds.is_finite());
        let whole = phase.is_some() && monotonic_s.is_some() && words.next().is_none();
        let open = Self {
            phase,
            time,
            monotonic_s,
            line,
            builder: B::default(),
        };
        (open, whole)
    }

    fn close(self, snapshots: &mut Vec<Snapshot<B::Record>>, warnings: &mut Warnings) {
        match self.builder.finish() {
            Ok(counters) => snapshots.push(Snapshot {
                phase: self.phase,
                time: self.time,
                monotonic_s: self.monotonic_s,
                line: self.line,
                counters,
            }),
            Err(lack) => {
                let text = format!("the snapshot that begins here has no {lack}; it is left out");
                warnings.push(WarningKind::NoRecords, self.line, text);
            }
        }
    }
}

/// Reads a log of the builder's source.
pub(super) fn read<B: Builder>(mut input: impl Read) -> Result<Log<B::Record>, ReadError> {
    let mut lines = Lines::new(&mut input);
    let mut snapshots = Vec::new();
    let mut warnings = Warnings::default();
    let mut open: Option<Open<B>> = None;
    let mut empty = true;
    while let Some(Line {
        number,
        bytes,
        ended,
        ..
    }) = lines.next()?
    {
        empty = false;
        let text = bytes.trim_ascii();
        if !ended {
            warnings.push(WarningKind::CutFile, number, text);
            break;
        }
        if text.is_empty() {
            continue;
        }
        if text.starts_with(b"#") {
            if let Some(open) = open.take() {
                open.close(&mut snapshots, &mut warnings);
            }
            let (next, whole) = Open::headed(number, text.strip_prefix(MARK).unwrap_or_default());
            if !whole {
                warnings.push(WarningKind::Malformed, number, text);
            }
            open = Some(next);
            continue;
        }
        let current = open.get_or_insert_with(|| Open::at(number));
        match current.builder.take(text) {
            Taken::Yes => {}
            Taken::Again => warnings.push(WarningKind::Duplicate, number, text),
            Taken::Malformed => warnings.push(WarningKind::Malformed, number, text),
            Taken::Foreign => warnings.push(WarningKind::Noise, number, text),
            Taken::Next => {
                let full = std::mem::replace(current, Open::at(number));
                // A builder that holds nothing takes any line that another calls the next.
                current.builder.take(text);
                full.close(&mut snapshots, &mut warnings);
            }
        }
    }
    if let Some(open) = open {
        open.close(&mut snapshots, &mut warnings);
    }
    if empty {
        warnings.push(WarningKind::EmptyFile, 0, "there is nothing in the file");
    }
    for pair in snapshots.windows(2) {
        if let [before, after] = pair
            && let (Some(earlier), Some(later)) = (before.monotonic_s, after.monotonic_s)
            && later < earlier
        {
            let text = format!("{later} s follows {earlier} s on the monotonic clock");
            warnings.push(WarningKind::ClockStep, after.line, text);
        }
    }
    Ok(Log {
        snapshots,
        warnings: warnings.finish(),
    })
}
