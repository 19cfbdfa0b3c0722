//! ```text
//! stress-ng: info:  [1239] dispatching hogs: 2 cpu
//! stress-ng: metrc: [1239] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s
//! stress-ng: metrc: [1239]                           (secs)    (secs)    (secs)   (real time) (usr+sys time)
//! stress-ng: metrc: [1239] cpu              226734    120.00    121.16      0.83       1889.44         1858.70
//! stress-ng: info:  [1239] successful run completed in 2 mins, 0.00 secs
//! ```
//!
//! Older versions tag the metrics `info:` and print them after the end. `--timestamp` puts
//! the time before the tag, syslog and the kernel's log put theirs before all of it,
//! `--log-brief` leaves all but the message away. Runs are told apart by their process, so
//! two may write into one log.
//!
//! What the metrics' rates are quotients of is printed too. Where they differ by more than
//! the printed digits allow, both are kept, and a warning says so.

use memchr::memmem::find;

use super::number;
use crate::account::{LineReader, Taken};
use crate::lines::Line;
use crate::number::whole;
use crate::stress::{End, Open, Stressor, document, duration};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Tool};

/// Runs among which a message's is looked for, from the latest.
const LATEST: usize = 64;

#[derive(Default)]
pub(super) struct Reader {
    runs: Vec<Process>,
    /// Messages come without what marks them (`--log-brief`).
    brief: bool,
    recognised: bool,
}

/// A run with the process that printed it.
struct Process {
    id: Option<u64>,
    open: Open,
    /// It said `error:`.
    errors: bool,
    last: u64,
}

/// A line's parts: `stress-ng: 01:15:19.77 info:  [1239] said`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Message<'a> {
    tag: &'a [u8],
    process: Option<u64>,
    said: &'a [u8],
}

pub(super) fn message(text: &[u8]) -> Option<Message<'_>> {
    let rest = text.get(find(text, b"stress-ng")? + 9..)?;
    // `stress-ng[1239]: `, of syslog.
    let rest = match rest.strip_prefix(b"[") {
        Some(rest) => rest.get(rest.iter().position(|&byte| byte == b']')? + 1..)?,
        None => rest,
    };
    let rest = rest.strip_prefix(b": ")?.trim_ascii_start();
    let stamped = rest.first()?.is_ascii_digit() || rest.starts_with(b"xx-");
    let rest = if stamped {
        rest.get(rest.iter().position(|&byte| byte == b' ')?..)?
            .trim_ascii_start()
    } else {
        rest
    };
    let colon = rest.iter().take(8).position(|&byte| byte == b':')?;
    let (tag, rest) = rest.split_at_checked(colon)?;
    if !matches!(
        tag,
        b"info" | b"metrc" | b"debug" | b"dbug" | b"fail" | b"error" | b"warn" | b"pass"
    ) {
        return None;
    }
    let rest = rest.get(1..)?.trim_ascii();
    let process = rest.strip_prefix(b"[").and_then(|rest| {
        let end = rest.iter().take(12).position(|&byte| byte == b']')?;
        Some((whole(rest.get(..end)?)?, rest.get(end + 1..)?.trim_ascii()))
    });
    Some(match process {
        Some((id, said)) => Message {
            tag,
            process: Some(id),
            said,
        },
        None => Message {
            tag,
            process: None,
            said: rest,
        },
    })
}

/// The first line above the metrics.
pub(super) fn is_heading(said: &[u8]) -> bool {
    said.starts_with(b"stressor ") && find(said, b"bogo ops real time").is_some()
}

impl Reader {
    fn begin(&mut self, id: Option<u64>, line: u64) -> usize {
        self.runs.push(Process {
            id,
            open: Open::at(line),
            errors: false,
            last: line,
        });
        self.runs.len() - 1
    }

    /// The latest run of a process.
    fn known(&self, id: Option<u64>) -> Option<usize> {
        let latest = self.runs.iter().enumerate().rev().take(LATEST);
        let mut of = latest.filter(|(_, run)| run.id == id);
        of.next().map(|(at, _)| at)
    }

    /// Does something to the run of a process, begun if need be.
    fn on<T>(&mut self, id: Option<u64>, line: u64, act: impl FnOnce(&mut Open) -> T) -> Option<T> {
        let at = self.known(id).unwrap_or_else(|| self.begin(id, line));
        let run = self.runs.get_mut(at)?;
        run.last = line;
        Some(act(&mut run.open))
    }

    /// A message of the tool's, without its tag.
    fn said(
        &mut self,
        Message { tag, process, said }: Message<'_>,
        line: Line<'_>,
        warnings: &mut Warnings,
    ) -> Taken {
        let (number, text) = (line.number, line.bytes);
        if said.starts_with(b"dispatching hogs:") {
            self.begin(process, number);
            return Taken::Read;
        }
        if is_heading(said) {
            let more = self.on(process, number, |run| !run.stressors.is_empty());
            if more == Some(true) {
                // The metrics of another run, whose beginning isn't there.
                self.begin(process, number);
            }
            return Taken::Not;
        }
        match tag {
            b"fail" | b"error" => {
                warnings.push(WarningKind::ToolError, number, text);
                // A stressor's process isn't its run's. Without a run the tool as a whole failed.
                let latest = self.runs.len().checked_sub(1);
                if let Some(run) = self
                    .known(process)
                    .or(latest)
                    .and_then(|at| self.runs.get_mut(at))
                {
                    run.open.failed |= tag == b"fail";
                    run.errors |= tag == b"error";
                    run.last = number;
                }
                return Taken::Not;
            }
            b"warn" => {
                warnings.push(WarningKind::Noise, number, text);
                return Taken::Not;
            }
            b"info" | b"metrc" => {}
            _ => return Taken::Not,
        }
        match metrics(said, line) {
            Metrics::Of(stressor) => {
                check(&stressor, warnings);
                self.on(process, number, |run| run.stressors.push(stressor));
                return Taken::Read;
            }
            Metrics::NotANumber => {
                warnings.push(WarningKind::NotANumber, number, text);
                self.on(process, number, |_| ());
                return Taken::Not;
            }
            Metrics::Cut => {
                warnings.push(WarningKind::CutFile, number, text);
                self.on(process, number, |_| ());
                return Taken::Not;
            }
            Metrics::None => {}
        }
        if let Some(at) = find(said, b"run completed in ") {
            // Of an unended line the digits may be cut.
            let seconds = said
                .get(at + 17..)
                .filter(|_| line.ended)
                .and_then(duration);
            self.on(process, number, |run| {
                run.ended = Some(End::Ok);
                run.failed |= !said.starts_with(b"successful");
                run.seconds = seconds;
            });
            return Taken::Read;
        }
        if let Some(count) = said.strip_prefix(b"failed: ") {
            let failed = !count.starts_with(b"0");
            self.on(process, number, |run| run.failed |= failed);
            return Taken::Read;
        }
        Taken::Not
    }
}

enum Metrics {
    Of(Stressor),
    /// A row with `nan` in it.
    NotANumber,
    /// The beginning of a row at the end of the file.
    Cut,
    None,
}

/// A name and at least seven numbers, the first whole: `cpu 226734 120.00 ...`.
fn metrics(said: &[u8], line: Line<'_>) -> Metrics {
    let mut words = said
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let (Some(name), Some(bogo_ops)) = (words.next(), words.next().and_then(whole)) else {
        return Metrics::None;
    };
    // `vmstat: 7 0 ...`, of `--vmstat`.
    if name.ends_with(b":") {
        return Metrics::None;
    }
    let mut values = [0.0; 5];
    let mut odd = false;
    for (nth, value) in values.iter_mut().enumerate() {
        let word = words.next();
        match word.and_then(number) {
            Some(number) => *value = number,
            None if word.is_some_and(|word| word.ends_with(b"nan") || word.ends_with(b"inf")) => {
                odd = true;
            }
            None if !line.ended && nth > 0 => return Metrics::Cut,
            None => return Metrics::None,
        }
    }
    if odd {
        return Metrics::NotANumber;
    }
    if !line.ended && words.next().is_none() {
        return Metrics::Cut;
    }
    let [real_s, usr_s, sys_s, ops_per_real_s, ops_per_cpu_s] = values;
    Metrics::Of(Stressor {
        name: String::from_utf8_lossy(name).into_owned(),
        bogo_ops,
        real_s,
        usr_s,
        sys_s,
        ops_per_real_s,
        ops_per_cpu_s,
        line: line.number,
    })
}

/// Warns of rates that aren't the quotients of what is printed beside them.
fn check(stressor: &Stressor, warnings: &mut Warnings) {
    let cpu_s = stressor.usr_s + stressor.sys_s;
    let fits = |rate: f64, seconds: f64, step: f64| {
        let ops = stressor.bogo_ops as f64;
        // Of --sn only four digits are printed.
        let slack = 0.006 + rate * 1e-5;
        rate == 0.0
            || seconds <= step
            || rate + slack >= ops / (seconds + step) && rate - slack <= ops / (seconds - step)
    };
    if !fits(stressor.ops_per_real_s, stressor.real_s, 0.0051)
        || !fits(stressor.ops_per_cpu_s, cpu_s, 0.0102)
    {
        let text = format!(
            "{}: {} operations in {} s ({cpu_s:.2} s of CPU) aren't {} and {} a second",
            stressor.name,
            stressor.bogo_ops,
            stressor.real_s,
            stressor.ops_per_real_s,
            stressor.ops_per_cpu_s
        );
        warnings.push(WarningKind::SummaryDisagrees, stressor.line, text);
    }
}

/// Whether a line without tag is one that `--log-brief` leaves.
fn is_brief(said: &[u8]) -> bool {
    const STARTS: [&[u8]; 16] = [
        b"(secs) ",
        b"setting to ",
        b"defaulting to ",
        b"miscellaneous metrics",
        b"successful run completed",
        b"unsuccessful run completed",
        b"skipped: ",
        b"passed: ",
        b"failed: ",
        b"metrics untrustworthy: ",
        b"metrics-check: ",
        b"for a ",
        b"load average: ",
        b"cache allocate: ",
        b"note: ",
        b"starting stressors",
    ];
    const INSIDE: [&[u8]; 6] = [
        b" available CPU time",
        b" user time ",
        b" system time ",
        b" total time ",
        b" mean of ",
        b"(average per stressor)",
    ];
    STARTS.iter().any(|start| said.starts_with(start))
        || INSIDE.iter().any(|part| find(said, part).is_some())
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = line.bytes.trim_ascii();
        if text.is_empty() {
            return Taken::Not;
        }
        if let Some(message) = message(text) {
            self.recognised = true;
            return self.said(message, line, warnings);
        }
        self.brief |= is_heading(text)
            || text.starts_with(b"dispatching hogs:")
            || text.starts_with(b"setting to a ") && text.ends_with(b" run per stressor");
        let brief = Message {
            tag: b"info",
            process: None,
            said: text,
        };
        if self.brief {
            self.recognised = true;
            if is_heading(text)
                || is_brief(text)
                || text.starts_with(b"dispatching hogs:")
                || !matches!(metrics(text, line), Metrics::None)
            {
                return self.said(brief, line, warnings);
            }
        }
        let own = text.starts_with(b"stress-ng: ");
        let aborts = find(text, b"failures reached, aborting stress").is_some();
        let kind = if !line.ended && own {
            WarningKind::CutFile
        } else if own || aborts && self.recognised {
            WarningKind::ToolError
        } else {
            WarningKind::Noise
        };
        self.recognised |= own;
        warnings.push(kind, line.number, text);
        Taken::Not
    }

    fn finish(self, _: u64, mut warnings: Warnings) -> Document {
        if !self.recognised {
            return Document::foreign(Tool::StressNg, warnings);
        }
        let mut runs = Vec::new();
        for mut run in self.runs {
            run.open.failed |= run.errors && run.open.ended.is_none();
            run.open.close(run.last, &mut runs, &mut warnings);
        }
        document(Tool::StressNg, "text", runs, warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_versions() {
        let said = &b"dispatching hogs: 1 cpu"[..];
        for line in [
            "stress-ng: info:  [7] dispatching hogs: 1 cpu",
            "stress-ng: info: [7] dispatching hogs: 1 cpu",
            "stress-ng: 01:15:18.76 info:  [7] dispatching hogs: 1 cpu",
            "Nov 25 01:15:18 vm stress-ng[7]: info:  [7] dispatching hogs: 1 cpu",
            "[  956.670422] stress-ng: info:  [7] dispatching hogs: 1 cpu",
        ] {
            let message = message(line.as_bytes()).unwrap();
            assert_eq!(
                (message.tag, message.process, message.said),
                (&b"info"[..], Some(7), said),
                "{line}"
            );
        }
        let plain = message(b"stress-ng: info: successful run").unwrap();
        assert_eq!((plain.process, plain.said), (None, &b"successful run"[..]));
        for line in [
            "2023-07-17 12:54:28 stress-ng --timeout 70 --udp-flood 128",
            "stress-ng-iomix (7167): drop_caches: 2",
            "stress-ng: unrecognized option '--nonsense'",
            "stress_ng_version: stress-ng, version 0.17.06",
        ] {
            assert_eq!(message(line.as_bytes()), None, "{line}");
        }
    }
}
