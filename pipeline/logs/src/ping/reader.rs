//! Makes runs of what the lines say.

use std::collections::HashMap;

use super::event::{Context, Counts, Event, Mark, Number, Reply, Rtt, Target, digits, number};
use super::run::Open;
use super::{Run, json, powershell, targets, unix, wide, windows};
use crate::account::{LineReader, Taken};
use crate::lines::{Line, without_escapes};
use crate::stamp;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Runs, Sink, Tool};

/// Most lines other than replies that are read of those joined in one: a line of a damaged
/// log may be long, and for each all of it is looked through.
const JOINED: u32 = 100;

/// Reads ping's lines.
pub(super) struct Reader<'s> {
    sink: &'s mut dyn Sink,
    runs: Vec<Run>,
    open: Option<Open>,
    /// Runs of a tool that pings many at once, by the name of their target.
    targets: HashMap<Vec<u8>, Open>,
    /// The target of the lines that don't name theirs.
    named: Vec<u8>,
    dialect: &'static str,
    unix: unix::Grammar,
    form: Option<Form>,
    /// The latest time stamp, in ns.
    stamp: u64,
    recognised: bool,
    /// The log is in UTF-16.
    wide: bool,
    /// The tool said that it can't.
    fatal: bool,
}

/// What stood around the numbers of the last reply. Most replies differ from the one
/// before by nothing else.
struct Form {
    before: Vec<u8>,
    between: Vec<u8>,
}

impl Form {
    #[inline]
    fn read(&self, line: &[u8]) -> Option<(u64, Number)> {
        let rest = line.strip_prefix(self.before.as_slice())?;
        let (sequence, _, rest) = digits(rest, 0)?;
        let rest = rest.strip_prefix(self.between.as_slice())?;
        let (time, rest) = number(rest)?;
        (rest == b" ms").then_some((sequence, time))
    }
}

impl LineReader for Reader<'_> {
    #[inline]
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        if let Some(form) = &self.form
            && let Some(open) = &mut self.open
            && line.ended
        {
            let (stamp, text) = if line.bytes.first() == Some(&b'[') {
                unix::without_stamp(line.bytes)
            } else {
                (None, line.bytes)
            };
            if let Some(read) = form.read(text) {
                if let Some(stamp) = stamp {
                    if stamp < self.stamp {
                        warnings.push(WarningKind::ClockStep, line.number, line.bytes);
                    }
                    self.stamp = stamp;
                }
                open.plain(read, line, warnings);
                if open.is_full() {
                    self.sink.ping(open.index, &mut open.run);
                }
                return Taken::Read;
            }
        }
        self.any(line, warnings)
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        self.close(last, &mut warnings);
        let mut targets: Vec<Open> = std::mem::take(&mut self.targets).into_values().collect();
        targets.sort_by_key(|open| open.index);
        for open in targets {
            self.store(open, last, &mut warnings);
        }
        if self.runs.is_empty() && !self.recognised {
            return Document::foreign(Tool::Ping, warnings);
        }
        // With an answer or a summary the tool did its work; an error line beside it is
        // a packet that could not be sent.
        let nothing = |run: &Run| {
            run.transmitted.is_none() && run.received + run.duplicates + run.errors == 0
        };
        let failed = self.fatal && self.runs.iter().all(nothing);
        if failed {
            self.runs.clear();
        }
        let dialect = if self.dialect.is_empty() {
            "other"
        } else {
            self.dialect
        };
        Document::recognised(Tool::Ping, dialect, Runs::Ping(self.runs), failed, warnings)
    }
}

impl<'s> Reader<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink) -> Reader<'s> {
        Reader {
            sink,
            runs: Vec::new(),
            open: None,
            targets: HashMap::new(),
            named: Vec::new(),
            dialect: "",
            unix: unix::Grammar::default(),
            form: None,
            stamp: 0,
            recognised: false,
            wide: false,
            fatal: false,
        }
    }

    /// A line of any form.
    fn any(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        self.wide |= line.number == 1 && line.bytes.starts_with(wide::MARK);
        let narrowed = if self.wide || wide::is_wide(line.bytes) {
            Some(wide::narrowed(line.bytes))
        } else {
            without_escapes(line.bytes)
        };
        let bytes = narrowed.as_deref().unwrap_or(line.bytes);
        self.pieces(Line { bytes, ..line }, warnings)
    }

    /// A line, or those that are joined in it.
    fn pieces(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let mut taken = Taken::Not;
        let mut rest = stamp::without(line.bytes.trim_ascii());
        let mut others = 0;
        loop {
            // Replies are cut off first, so that no piece is looked through again and again.
            let reply = self.unix.next_reply(rest).unwrap_or(rest.len());
            let window = rest.get(..reply).unwrap_or(rest);
            let seam = unix::seam(window);
            others += u32::from(seam.is_some());
            let (bytes, next) = rest
                .split_at_checked(seam.unwrap_or(reply))
                .unwrap_or((rest, b""));
            let piece = Line {
                bytes: bytes.trim_ascii(),
                ended: line.ended || !next.is_empty(),
                ..line
            };
            let event = self.classify(piece);
            let joined = match event {
                Event::Reply { rest, .. } => rest,
                _ => b"",
            };
            if self.apply(event, piece, warnings) == Taken::Read {
                taken = Taken::Read;
            }
            if !joined.is_empty() {
                others += 1;
                rest = rest
                    .get(bytes.trim_ascii_end().len() - joined.len()..)
                    .unwrap_or_default();
            } else {
                rest = next;
            }
            rest = rest.trim_ascii();
            if rest.is_empty() {
                return taken;
            }
            warnings.push(WarningKind::JoinedLines, line.number, line.bytes);
            if others > JOINED {
                warnings.push(WarningKind::Malformed, line.number, line.bytes);
                return taken;
            }
        }
    }

    fn classify<'a>(&self, line: Line<'a>) -> Event<'a> {
        let context = Context {
            running: self.open.is_some(),
            summing: self
                .open
                .as_ref()
                .is_some_and(|open| open.summing && open.counts.is_none()),
            named: !self.named.is_empty(),
            dialect: self.dialect,
            ended: line.ended,
        };
        let text = unix::without_stamp(line.bytes.trim_ascii()).1;
        json::fping(text)
            .or_else(|| powershell::classify(text, context))
            .or_else(|| targets::nping(text, context))
            .or_else(|| targets::fping(text, context))
            .unwrap_or_else(|| match self.unix.classify(text, context) {
                Event::Foreign => windows::classify(line.bytes, context),
                event => event,
            })
    }

    fn apply(&mut self, event: Event, line: Line, warnings: &mut Warnings) -> Taken {
        let Line { number, bytes, .. } = line;
        self.recognised |= !matches!(event, Event::Foreign | Event::Known);
        let mut warn = |kind| {
            warnings.push(kind, number, bytes);
            Taken::Not
        };
        match event {
            Event::Header {
                destination,
                dialect,
            } => {
                self.close(number, warnings);
                self.dialect = dialect;
                let open = self.opened(number);
                open.headed = destination.is_some();
                open.run.destination = destination.map(text);
                Taken::Read
            }
            Event::Malformed | Event::Error if !line.ended => warn(WarningKind::CutFile),
            Event::Foreign if !line.ended && self.open.is_some() => warn(WarningKind::CutFile),
            Event::Malformed => warn(WarningKind::Malformed),
            Event::Foreign => warn(WarningKind::Noise),
            Event::Clock => warn(WarningKind::ClockStep),
            Event::Corrupted => warn(WarningKind::Corrupted),
            Event::Fatal => {
                self.fatal = true;
                warn(WarningKind::ToolError)
            }
            Event::Known => {
                self.stamped(line, warnings);
                Taken::Not
            }
            Event::Reply { reply, .. } => {
                self.stamped(line, warnings);
                self.reply(reply, line, warnings);
                if reply.mark == Mark::Corrupted {
                    Taken::Not
                } else {
                    Taken::Read
                }
            }
            Event::Error => {
                self.stamped(line, warnings);
                self.opened(number).errors += 1;
                Taken::Read
            }
            Event::Statistics(name) => {
                self.unsummed(number, warnings);
                let open = self.opened(number);
                open.summing = true;
                if !name.is_empty() && !open.headed {
                    open.run.destination = Some(text(name));
                }
                Taken::Read
            }
            Event::Counts(counts) => {
                self.unsummed(number, warnings);
                self.form = None;
                self.opened(number).counts = Some(counts);
                Taken::Read
            }
            Event::Summary(summary, places) => {
                // Only busybox has the colon of BSD and no deviation.
                if self.dialect == "bsd" && summary.mdev_ms.is_none() {
                    self.dialect = "busybox";
                }
                let open = self.opened(number);
                (open.run.summary, open.places) = (Some(summary), places);
                Taken::Read
            }
            Event::Named(name, dialect) => {
                self.close(number, warnings);
                self.dialect = dialect;
                name.clone_into(&mut self.named);
                Taken::Read
            }
            Event::Titles(dialect) => {
                self.close(number, warnings);
                self.dialect = dialect;
                Taken::Not
            }
            Event::Target {
                name,
                line: said,
                dialect,
            } => {
                self.close(number, warnings);
                self.dialect = dialect;
                self.stamped(line, warnings);
                if name.is_empty() {
                    let name = std::mem::take(&mut self.named);
                    self.target(&name, said, line, warnings);
                    if !matches!(said, Target::Lost) {
                        self.named = name;
                    }
                } else {
                    self.target(name, said, line, warnings);
                }
                Taken::Read
            }
        }
    }

    fn opened(&mut self, line: u64) -> &mut Open {
        let runs = &mut self.runs;
        self.open
            .get_or_insert_with(|| Open::at(line, reserved(runs)))
    }

    /// Ends a run whose counts were read: another one has begun.
    fn unsummed(&mut self, line: u64, warnings: &mut Warnings) {
        if self.open.as_ref().is_some_and(|open| open.counts.is_some()) {
            self.close(line, warnings);
        }
    }

    fn stamped(&mut self, line: Line, warnings: &mut Warnings) {
        let (Some(stamp), _) = unix::without_stamp(line.bytes.trim_ascii_start()) else {
            return;
        };
        if stamp < self.stamp {
            warnings.push(WarningKind::ClockStep, line.number, line.bytes);
        }
        self.stamp = stamp;
    }

    fn reply(&mut self, reply: Reply, line: Line, warnings: &mut Warnings) {
        if let Some(dialect) = reply.dialect
            && (self.dialect.is_empty() || self.dialect == "bsd" || dialect == "solaris")
        {
            self.dialect = dialect;
        }
        self.unsummed(line.number, warnings);
        if let Some((before, between)) = reply.around {
            let form = self.form.get_or_insert_with(|| Form {
                before: Vec::new(),
                between: Vec::new(),
            });
            let (_, before) = unix::without_stamp(before);
            before.clone_into(&mut form.before);
            between.clone_into(&mut form.between);
        }
        let open = self.opened(line.number);
        open.reply(reply, line, warnings);
        if open.is_full() && reply.rtt.is_some() {
            let index = open.index;
            if let Some(open) = &mut self.open {
                self.sink.ping(index, &mut open.run);
            }
        }
    }

    fn target(&mut self, name: &[u8], said: Target, line: Line, warnings: &mut Warnings) {
        // Looked for before it is added, so that a name is kept only once.
        if !self.targets.contains_key(name) {
            let mut open = Open::at(line.number, reserved(&mut self.runs));
            open.headed = true;
            self.targets.insert(name.to_vec(), open);
        }
        let Some(open) = self.targets.get_mut(name) else {
            return;
        };
        if !name.is_empty() {
            open.run.destination.get_or_insert_with(|| text(name));
        }
        let answer = |sequence, rtt, duplicate| Reply {
            from: b"",
            sequence,
            rtt,
            mark: if duplicate {
                Mark::Duplicate
            } else {
                Mark::None
            },
            dialect: None,
            around: None,
        };
        match said {
            Target::Reply {
                sequence,
                rtt,
                duplicate,
            } => {
                open.whole |= sequence.is_none();
                open.reply(answer(sequence, rtt, duplicate), line, warnings);
            }
            Target::TimedOut | Target::Interim => {}
            Target::Unreachable => open.whole = true,
            Target::Error => open.errors += 1,
            Target::Request(rtt) => {
                open.requested();
                if rtt.is_some() {
                    open.reply(answer(None, rtt, false), line, warnings);
                }
            }
            Target::Refused => {
                open.requested();
                open.errors += 1;
            }
            Target::Lost => open.requested(),
            // With `-Q` one comes every so often, of the time since the one before; the
            // last is of all.
            Target::Summary(counts, summary) => {
                open.counts = Some(counts);
                (open.run.summary, open.places) =
                    summary.map_or((None, 0), |(summary, places)| (Some(summary), places));
            }
            Target::Times { times, between } => {
                let (mut sent, mut received) = (0, 0);
                let bare = open.is_bare();
                for word in times
                    .split(|&byte| byte == between)
                    .map(<[u8]>::trim_ascii)
                    .filter(|word| !word.is_empty())
                {
                    if let Some((printed, _)) = number(word) {
                        received += 1;
                        if bare {
                            let rtt = Rtt {
                                printed,
                                bound: false,
                            };
                            open.reply(answer(Some(sent), Some(rtt), false), line, warnings);
                        }
                    }
                    sent += 1;
                }
                open.counts = Some(Counts {
                    transmitted: sent,
                    received,
                    ..Counts::default()
                });
                open.whole = true;
            }
        }
        if open.is_full() {
            self.sink.ping(open.index, &mut open.run);
        }
    }

    fn close(&mut self, line: u64, warnings: &mut Warnings) {
        self.form = None;
        if let Some(open) = self.open.take() {
            self.store(open, line, warnings);
        }
    }

    fn store(&mut self, mut open: Open, line: u64, warnings: &mut Warnings) {
        open.close(line, self.dialect, warnings);
        self.sink.ping(open.index, &mut open.run);
        if let Some(place) = self.runs.get_mut(open.index) {
            *place = open.run;
        }
    }
}

/// The place of a run that has begun.
fn reserved(runs: &mut Vec<Run>) -> usize {
    runs.push(Run::default());
    runs.len() - 1
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
