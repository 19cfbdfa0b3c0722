//! Runs of stress and stress-ng, and the classic stress's few lines.
//!
//! ```text
//! stress: info: [15291] dispatching hogs: 1 cpu, 0 io, 0 vm, 0 hdd
//! stress: info: [15291] successful run completed in 1s
//! ```

use memchr::memmem::find;
use serde::Serialize;

use crate::account::{self, LineReader, Taken};
use crate::lines::{Line, Lines};
use crate::number::{decimal, whole};
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Sink, Tool};

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// What each kind of stressor did; the classic stress prints nothing of it.
    pub stressors: Vec<Stressor>,
    /// How it ended.
    pub outcome: End,
    /// How long it took, in s, where the tool says.
    #[serde(skip)]
    pub seconds: Option<f64>,
    /// The line on which the run begins.
    #[serde(skip)]
    pub line: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// As it should, by the tool's own words.
    Ok,
    /// The tool says that it, or a stressor, failed.
    Failed,
    /// The log doesn't say.
    Unknown,
}

/// What all instances of a stressor did together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stressor {
    /// Its name.
    pub name: String,
    /// Bogus operations; their meaning is the stressor's own.
    pub bogo_ops: u64,
    /// Wall clock time, in s.
    pub real_s: f64,
    /// CPU time in user mode of all instances, in s.
    pub usr_s: f64,
    /// CPU time in the kernel of all instances, in s.
    pub sys_s: f64,
    /// Operations per second of wall clock time.
    #[serde(rename = "ops_per_s_real")]
    pub ops_per_real_s: f64,
    /// Operations per second of CPU time.
    #[serde(rename = "ops_per_s_cpu")]
    pub ops_per_cpu_s: f64,
    /// Where in the log it is.
    #[serde(skip)]
    pub line: u64,
}

/// A run while its lines come in.
#[derive(Debug, Default)]
pub(crate) struct Open {
    pub stressors: Vec<Stressor>,
    pub ended: Option<End>,
    pub failed: bool,
    pub seconds: Option<f64>,
    pub line: u64,
}

impl Open {
    pub(crate) fn at(line: u64) -> Open {
        Open {
            line,
            ..Open::default()
        }
    }

    /// Ends the run; one without an end was cut.
    pub(crate) fn close(self, line: u64, runs: &mut Vec<Run>, warnings: &mut Warnings) {
        let outcome = if self.failed {
            End::Failed
        } else {
            self.ended.unwrap_or(End::Unknown)
        };
        if self.failed {
            let text = format!("the run that begins on line {} failed", self.line);
            warnings.push(WarningKind::ToolError, line, text);
        } else if self.ended.is_none() {
            let text = format!("the run that begins on line {} has no end", self.line);
            warnings.push(WarningKind::CutFile, line, text);
        }
        runs.push(Run {
            stressors: self.stressors,
            outcome,
            seconds: self.seconds,
            line: self.line,
        });
    }
}

/// A document of runs; a log of nothing but failed runs is a failure.
pub(crate) fn document(tool: Tool, dialect: &str, runs: Vec<Run>, warnings: Warnings) -> Document {
    let failed = !runs.is_empty()
        && runs
            .iter()
            .all(|run| run.outcome == End::Failed && run.stressors.is_empty())
        || runs.is_empty() && warnings.count(WarningKind::ToolError) > 0;
    Document::recognised(tool, dialect, Runs::Stress(runs), failed, warnings)
}

/// `completed in 247.66s (4 mins, 7.66 secs)`, `2 mins, 0.01 secs`, `3s`: in s.
pub(crate) fn duration(text: &[u8]) -> Option<f64> {
    let mut rest = text.trim_ascii_start();
    let mut sum = None;
    while let Some((number, after)) = decimal(rest) {
        let after = after.trim_ascii_start();
        let unit = match after.first()? {
            // Months aren't all of a length.
            b'm' if after.starts_with(b"mon") => return None,
            b's' => 1.0,
            b'm' => 60.0,
            b'h' => 3600.0,
            b'd' => 86400.0,
            _ => return sum,
        };
        sum = Some(sum.unwrap_or(0.0) + number.value * unit);
        let next = after
            .iter()
            .position(|byte| !byte.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let after = after.get(next..)?.trim_ascii_start();
        rest = after.strip_prefix(b",").unwrap_or(after).trim_ascii_start();
    }
    sum
}

/// The format of the classic stress.
pub(crate) struct Stress;

impl Format for Stress {
    fn vote(&self, line: &[u8]) -> u32 {
        u32::from(message(line).is_some()) * 3
    }

    fn parse(&self, lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        account::read(lines, Reader::default())
    }
}

/// `stress: FAIL: [8322] (404) <-- worker 8324 returned error 1` as tag, process and what is
/// said. Something else may stand before it, a time stamp for one.
fn message(text: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let at = find(text, b"stress: ")?;
    if !matches!(text.get(..at)?.last(), None | Some(b' ' | b'\t')) {
        return None;
    }
    let rest = text.get(at + 8..)?;
    let (tag, rest) = rest.split_at_checked(4)?;
    if !matches!(tag, b"info" | b"dbug" | b"WARN" | b"FAIL") {
        return None;
    }
    let rest = rest.strip_prefix(b": [")?;
    let end = rest.iter().take(12).position(|&byte| byte == b']')?;
    let process = whole(rest.get(..end)?)?;
    Some((tag, process, rest.get(end + 1..)?.trim_ascii()))
}

#[derive(Default)]
struct Reader {
    runs: Vec<Run>,
    /// The runs that haven't ended, by their processes; several may write into one log.
    open: Vec<(u64, Open)>,
    recognised: bool,
}

impl Reader {
    /// Takes the run of a process out.
    fn take(&mut self, process: u64) -> Option<Open> {
        let at = self.open.iter().position(|(id, _)| *id == process)?;
        Some(self.open.remove(at).1)
    }
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let Line { number, bytes, .. } = line;
        let text = bytes.trim_ascii();
        let Some((tag, process, said)) = message(text) else {
            if !text.is_empty() {
                let cut = !line.ended && text.starts_with(b"stress: ");
                let kind = if cut {
                    WarningKind::CutFile
                } else {
                    WarningKind::Noise
                };
                warnings.push(kind, number, text);
            }
            return Taken::Not;
        };
        self.recognised = true;
        if said.starts_with(b"dispatching hogs: ") {
            if let Some(run) = self.take(process) {
                run.close(number, &mut self.runs, warnings);
            }
            self.open.push((process, Open::at(number)));
        } else if let Some(at) = find(said, b"run completed in ") {
            let mut run = self.take(process).unwrap_or_else(|| Open::at(number));
            // Of an unended line the digits may be cut.
            run.seconds = said
                .get(at + 17..)
                .filter(|_| line.ended)
                .and_then(duration);
            run.failed |= find(said, b"successful run").is_none();
            run.ended = Some(End::Ok);
            run.close(number, &mut self.runs, warnings);
        } else if tag == b"FAIL" {
            warnings.push(WarningKind::ToolError, number, text);
            // A worker's process isn't its run's.
            let latest = self.open.len().saturating_sub(1);
            let own = self.open.iter().position(|(id, _)| *id == process);
            if let Some((_, run)) = self.open.get_mut(own.unwrap_or(latest)) {
                run.failed = true;
            }
            return Taken::Not;
        } else {
            if tag == b"WARN" {
                warnings.push(WarningKind::Noise, number, text);
            }
            return Taken::Not;
        }
        Taken::Read
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        for (_, run) in self.open {
            run.close(last, &mut self.runs, &mut warnings);
        }
        if !self.recognised {
            return Document::foreign(Tool::Stress, warnings);
        }
        self.runs.sort_by_key(|run| run.line);
        document(Tool::Stress, "text", self.runs, warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration(b"1s"), Some(1.0));
        assert_eq!(duration(b"247.66s (4 mins, 7.66 secs)"), Some(247.66));
        assert_eq!(duration(b"2 mins, 0.01 secs"), Some(120.01));
        assert_eq!(duration(b"1 hour, 2 mins, 3.00 secs"), Some(3723.0));
        assert_eq!(duration(b"soon"), None);
    }
}
