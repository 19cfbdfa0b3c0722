//! The JSON of 3.0 to 3.2x, plain and `--json-stream`, an interval at a time.
//!
//! Text around it is noise; of a cut document the whole intervals are read, and after
//! damage reading goes on with the next interval. Fields may be absent, repeated (the last
//! counts) or of another type (as absent): versions differ.

use memchr::{memchr, memchr_iter};

use super::model::{End, Slice, Start, Tally};
use super::scan::{Cursor, Skip, Stop};
use super::{Opening, opening};
use crate::lines::Lines;
use crate::rows::direction;
use crate::sink::CHUNK;
use crate::throughput::{Direction, Role, Run};
use crate::warning::{WarningKind, Warnings};
use crate::{Account, Document, ReadError, Runs, Sink, Tool};

/// Bytes that show whether a document begins.
const LOOK: usize = 4096;
/// The longest interval, in bytes. One of 128 streams has 60 kB.
const LONGEST: usize = 32 << 20;

pub(crate) fn parse(lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
    let mut reader = Reader {
        input: Input {
            lines,
            ends: 0,
            account: Account::default(),
        },
        sink,
        runs: Vec::new(),
        warnings: Warnings::default(),
        slice: Slice::default(),
        stream: None,
        streamed: None,
        events: false,
        documents: 0,
        in_noise: false,
        measured: false,
    };
    reader.documents()?;
    Ok(reader.finish())
}

/// What becomes of bytes.
#[derive(Clone, Copy)]
enum Fate {
    Read,
    Skipped,
    Warned,
}

/// The log's bytes, each of which is taken once.
struct Input<'a> {
    lines: Lines<'a>,
    /// Line ends that were taken.
    ends: u64,
    account: Account,
}

impl Input<'_> {
    /// The line of the next byte.
    fn line(&self) -> u64 {
        self.ends + 1
    }

    fn take(&mut self, length: usize, fate: Fate) {
        let taken = self.lines.pending().get(..length).unwrap_or_default();
        self.ends += memchr_iter(b'\n', taken).count() as u64;
        let account = match fate {
            Fate::Read => &mut self.account.read,
            Fate::Skipped => &mut self.account.skipped,
            Fate::Warned => &mut self.account.warned,
        };
        *account += taken.len() as u64;
        let length = taken.len();
        self.lines.advance(length);
    }
}

/// Why a document's reading stopped before its end.
enum Broken {
    /// The log ended.
    Cut,
    /// On this line is something that can't be read.
    Fault(u64),
}

/// What follows after damage.
enum After {
    Document,
    Interval,
    End,
    Nothing,
}

/// The next of an object's members or a list's elements.
enum Next {
    Key(Key),
    Element,
    Close,
}

#[derive(Clone, Copy)]
enum Key {
    Start,
    Intervals,
    End,
    Error,
    Event,
    Data,
    Other,
}

/// A run while its document is read.
struct Open {
    run: Run,
    start: Start,
    end: End,
    own: Direction,
    tallies: [Tally; 2],
    unread: u64,
    not_numbers: u64,
    garbled: u64,
    offered: usize,
    measured: bool,
    /// Intervals came before the start, so that their direction wasn't known.
    early: bool,
}

impl Open {
    fn at(line: u64) -> Open {
        Open {
            run: Run {
                line,
                ..Run::default()
            },
            start: Start::default(),
            end: End::default(),
            own: direction(None, false),
            tallies: [Tally::default(); 2],
            unread: 0,
            not_numbers: 0,
            garbled: 0,
            offered: 0,
            measured: false,
            early: false,
        }
    }

    /// Takes over what the start says.
    fn begin(&mut self) {
        let start = &mut self.start;
        self.own = direction(start.role, start.reverse);
        let run = &mut self.run;
        run.version = start.version.take();
        run.role = start.role;
        run.protocol = start.protocol;
        run.streams = start.streams.unwrap_or(0).max(run.streams);
        run.reverse = start.reverse;
        run.bidir |= start.bidir;
        self.early = self.measured;
    }

    fn slice(&mut self, slice: &Slice, line: u64) {
        let [sum, other] = &slice.sums;
        // 3.7 to 3.12 don't say so at the start.
        self.run.bidir |= other.is_some();
        let streams = slice.streams.iter().map(|sample| (sample, false));
        let sums = [sum, other].into_iter().flatten().map(|sum| (sum, true));
        for (sample, is_sum) in streams.chain(sums) {
            match sample.interval(is_sum, self.own, line) {
                Some(interval) => {
                    self.measured = true;
                    self.run.intervals.push(interval);
                }
                None => self.unread += 1,
            }
        }
        for (which, tally) in self.tallies.iter_mut().enumerate() {
            let sends = (self.own == Direction::Sent) == (which == 0);
            let sum = slice.sums.get(which).copied().flatten();
            let of_streams = slice.streams.iter().filter(|sample| match sample.sender {
                Some(own) => own == sends,
                None => which == 0,
            });
            let mut counted = sum.iter().chain(of_streams.filter(|_| sum.is_none()));
            let Some(first) = counted.next().filter(|sample| !sample.omitted) else {
                continue;
            };
            tally.intervals += 1;
            for sample in std::iter::once(first).chain(counted) {
                tally.bytes = tally.bytes.saturating_add(sample.bytes.unwrap_or(0));
            }
        }
    }

    /// The run with its totals.
    fn close(mut self, warnings: &mut Warnings) -> Run {
        if self.early {
            for interval in &mut self.run.intervals {
                interval.direction = self.own;
            }
        }
        let odd = |count, what: &str| format!("{count} values that {what}");
        let line = self.run.line;
        if self.not_numbers > 0 {
            let said = odd(self.not_numbers, "aren't numbers");
            warnings.push(WarningKind::NotANumber, line, said);
        }
        if self.garbled > 0 {
            let said = odd(self.garbled, "can't be read");
            warnings.push(WarningKind::Malformed, line, said);
        }
        if self.unread > 0 {
            let said = format!("{} samples lack their span, bytes or rate", self.unread);
            warnings.push(WarningKind::Malformed, line, said);
        }
        let run = &mut self.run;
        run.bidir |= self.end.is_bidir();
        // The other end's numbers come over the control connection when all is done.
        let blind = run.role == Some(Role::Server) || run.error.is_some();
        let other = match self.own {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        let [first, second] = self.tallies;
        let block = self.start.block;
        (run.sent, run.received) = self.end.ends(0, self.own, blind, block, first);
        if run.bidir {
            (run.sent_reverse, run.received_reverse) =
                self.end.ends(1, other, blind, block, second);
        }
        let pairs = [
            (self.own, run.sent, run.received, first),
            (other, run.sent_reverse, run.received_reverse, second),
        ];
        for (own, sent, received, tally) in pairs {
            let total = match own {
                Direction::Sent => sent.map(|sent| sent.bytes),
                Direction::Received => received.map(|received| received.bytes),
            };
            let Some(total) = total.filter(|_| tally.intervals > 0 && self.unread == 0) else {
                continue;
            };
            // From 3.16 on threads move some more after the last interval.
            let slack = (total / 200).max(block.unwrap_or(0).saturating_mul(64));
            if total.abs_diff(tally.bytes) > slack {
                let said = format!(
                    "the test's total is {total} bytes, that of its intervals {}; the total is kept",
                    tally.bytes
                );
                warnings.push(WarningKind::SummaryDisagrees, line, said);
            }
        }
        if let Some(error) = &run.error {
            warnings.push(WarningKind::ToolError, line, error);
        } else if run.sent.is_none() && run.received.is_none() {
            let said = format!("the test that begins on line {line} has no totals");
            warnings.push(WarningKind::CutFile, line, said);
        }
        self.run
    }
}

struct Reader<'a, 'b> {
    input: Input<'a>,
    sink: &'b mut dyn Sink,
    runs: Vec<Run>,
    warnings: Warnings,
    slice: Slice,
    /// The test of the events of a `--json-stream` so far.
    stream: Option<Open>,
    /// The cookie of the last whole test that came as events.
    streamed: Option<String>,
    events: bool,
    documents: u64,
    in_noise: bool,
    measured: bool,
}

impl Reader<'_, '_> {
    fn documents(&mut self) -> Result<(), ReadError> {
        if self.input.lines.peek(LOOK)?.starts_with(b"\xef\xbb\xbf") {
            self.input.take(3, Fate::Skipped);
        }
        loop {
            let head = self.input.lines.peek(LOOK)?;
            let Some(&first) = head.first() else { break };
            if first != b'{' {
                let length = memchr(b'{', head).unwrap_or(head.len());
                self.noise(length);
                continue;
            }
            let opening = opening(head.get(1..).unwrap_or_default());
            if opening == Opening::No {
                self.noise(1);
                continue;
            }
            self.in_noise = false;
            self.document()?;
        }
        self.end_of_stream();
        Ok(())
    }

    /// Text that is no document's; a list of documents has commas and brackets around them.
    fn noise(&mut self, length: usize) {
        let pending = self.input.lines.pending();
        let text = pending.get(..length).unwrap_or_default();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'[' | b',' | b']');
        let begins = text.iter().position(|byte| !blank(byte));
        let (false, Some(begins)) = (self.in_noise, begins) else {
            let fate = if self.in_noise {
                Fate::Warned
            } else {
                Fate::Skipped
            };
            self.input.take(length, fate);
            return;
        };
        let line = pending.get(begins..).unwrap_or_default();
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let number = self.input.line()
            + memchr_iter(b'\n', text.get(..begins).unwrap_or_default()).count() as u64;
        self.warnings
            .push(WarningKind::Noise, number, line.trim_ascii());
        self.in_noise = true;
        self.input.take(length, Fate::Warned);
    }

    /// Reads a thing as soon as all of it is there.
    fn whole<T>(
        &mut self,
        open: &mut Option<Open>,
        mut read: impl FnMut(&mut Cursor<'_>, &mut Slice, &mut Option<Open>) -> Result<T, Stop>,
    ) -> Result<Result<T, Broken>, ReadError> {
        let mut wanted = 1;
        loop {
            let pending = self.input.lines.peek(wanted)?;
            let mut cursor = Cursor::new(pending);
            match read(&mut cursor, &mut self.slice, open) {
                Ok(value) => {
                    if let Some(open) = open {
                        open.not_numbers += cursor.not_numbers;
                        open.garbled += cursor.garbled;
                    }
                    let length = cursor.at();
                    self.input.take(length, Fate::Read);
                    return Ok(Ok(value));
                }
                Err(Stop::End) if pending.len() < wanted => return Ok(Err(Broken::Cut)),
                Err(Stop::End) if pending.len() <= LONGEST => {
                    wanted = (2 * pending.len()).max(LOOK);
                }
                Err(_) => {
                    let before = pending.get(..cursor.at()).unwrap_or_default();
                    let ends = memchr_iter(b'\n', before).count() as u64;
                    return Ok(Err(Broken::Fault(self.input.line() + ends)));
                }
            }
        }
    }

    /// Reads the document that begins here.
    fn document(&mut self) -> Result<(), ReadError> {
        let line = self.input.line();
        self.input.take(1, Fate::Read);
        let mut open = None;
        let mut event = None;
        let mut repeated = false;
        let mut broken = self.members(line, &mut open, &mut event, &mut repeated)?;
        loop {
            let fault = match broken {
                None => break,
                Some(Broken::Cut) => {
                    let rest = self.input.lines.pending().len();
                    self.input.take(rest, Fate::Warned);
                    self.cut(line);
                    break;
                }
                Some(Broken::Fault(fault)) => fault,
            };
            let after = self.after_damage(event.is_none())?;
            if matches!(after, After::Document) {
                self.cut(line);
                break;
            }
            let said = format!("the JSON document that begins on line {line} can't be read here");
            self.warnings.push(WarningKind::Malformed, fault, said);
            broken = match after {
                After::Interval => match self.intervals(&mut open)? {
                    None => self.members(line, &mut open, &mut event, &mut repeated)?,
                    broken => broken,
                },
                After::End => match self.end(&mut open)? {
                    None => self.members(line, &mut open, &mut event, &mut repeated)?,
                    broken => broken,
                },
                After::Document | After::Nothing => break,
            };
        }
        if repeated {
            let said = "the test before this line again, as one document";
            self.warnings.push(WarningKind::SecondDocument, line, said);
        } else if event.is_none() {
            // Of a document that was cut in its first member there may be nothing.
            if let Some(open) = open {
                self.documents += 1;
                if self.documents > 1 {
                    let said = "another JSON document begins";
                    self.warnings.push(WarningKind::SecondDocument, line, said);
                }
                self.close(open);
            }
        }
        Ok(())
    }

    fn cut(&mut self, line: u64) {
        let said = format!("the JSON document that begins on line {line} is cut");
        self.warnings.push(WarningKind::CutFile, line, said);
    }

    /// Reads an object's members and its end.
    fn members(
        &mut self,
        line: u64,
        open: &mut Option<Open>,
        event: &mut Option<String>,
        repeated: &mut bool,
    ) -> Result<Option<Broken>, ReadError> {
        loop {
            let next = self.whole(open, |cursor, _, _| member(cursor))?;
            let key = match next {
                Ok(Next::Key(key)) => key,
                Ok(_) => {
                    if event.is_none() && open.is_none() {
                        *open = Some(Open::at(line));
                    }
                    return Ok(None);
                }
                Err(broken) => return Ok(Some(broken)),
            };
            if event.is_none()
                && open.is_none()
                && matches!(key, Key::Start | Key::Intervals | Key::End | Key::Error)
            {
                self.end_of_stream();
                *open = Some(Open::at(line));
            }
            let broken = match key {
                Key::Start => {
                    let read = self.whole(open, |cursor, _, open| match open {
                        Some(open) => {
                            open.start = Start::default();
                            open.start.read(cursor)
                        }
                        None => cursor.skip(),
                    })?;
                    if let Some(open) = open {
                        let same =
                            open.start.cookie.is_some() && open.start.cookie == self.streamed;
                        *repeated = same;
                        open.begin();
                    }
                    read.err()
                }
                Key::Intervals if *repeated => self.skip()?,
                Key::Intervals => {
                    let list = self.whole(open, |cursor, _, _| {
                        let is = cursor.peek()? == b'[';
                        if is { cursor.take(b'[') } else { Ok(false) }
                    })?;
                    match list {
                        Ok(true) => self.intervals(open)?,
                        Ok(false) => self.skip()?,
                        Err(broken) => Some(broken),
                    }
                }
                Key::End => self.end(open)?,
                Key::Error => {
                    let read = self.whole(open, |cursor, _, _| cursor.text())?;
                    match (read, open.as_mut()) {
                        (Ok(error), Some(open)) => {
                            open.run.error = error;
                            None
                        }
                        (read, _) => read.err(),
                    }
                }
                Key::Event => match self.whole(open, |cursor, _, _| cursor.text())? {
                    Ok(name) => {
                        *event = name;
                        None
                    }
                    Err(broken) => Some(broken),
                },
                Key::Data => match event {
                    Some(event) => self.event(event, line)?,
                    None => self.skip()?,
                },
                Key::Other => self.skip()?,
            };
            if broken.is_some() {
                return Ok(broken);
            }
        }
    }

    /// Reads the elements of `intervals` and the list's end.
    fn intervals(&mut self, open: &mut Option<Open>) -> Result<Option<Broken>, ReadError> {
        loop {
            match self.whole(open, |cursor, _, _| element(cursor))? {
                Ok(Next::Element) => {}
                Ok(_) => return Ok(None),
                Err(broken) => return Ok(Some(broken)),
            }
            let line = self.input.line();
            let read = self.whole(open, |cursor, slice, _| slice.read(cursor))?;
            if let Err(broken) = read {
                return Ok(Some(broken));
            }
            if let Some(open) = open {
                open.slice(&self.slice, line);
                offer(open, self.runs.len(), self.sink);
            }
        }
    }

    fn end(&mut self, open: &mut Option<Open>) -> Result<Option<Broken>, ReadError> {
        let read = self.whole(open, |cursor, _, open| match open {
            Some(open) => open.end.read(cursor),
            None => cursor.skip(),
        })?;
        Ok(read.err())
    }

    /// Reads the `data` of an event.
    fn event(&mut self, name: &str, line: u64) -> Result<Option<Broken>, ReadError> {
        self.events = true;
        if name == "start" {
            self.end_of_stream();
        }
        let mut open = self.stream.take();
        if matches!(name, "start" | "interval" | "end" | "error") && open.is_none() {
            open = Some(Open::at(line));
        }
        let broken = match name {
            "start" => {
                let read = self.whole(&mut open, |cursor, _, open| match open {
                    Some(open) => open.start.read(cursor),
                    None => cursor.skip(),
                })?;
                if let Some(open) = &mut open {
                    open.begin();
                }
                read.err()
            }
            "interval" => {
                let read = self.whole(&mut open, |cursor, slice, _| slice.read(cursor))?;
                if let (Ok(()), Some(open)) = (&read, &mut open) {
                    open.slice(&self.slice, line);
                    offer(open, self.runs.len(), self.sink);
                }
                read.err()
            }
            "end" => self.end(&mut open)?,
            "error" => {
                let read = self.whole(&mut open, |cursor, _, _| cursor.text())?;
                match (read, &mut open) {
                    (Ok(error), Some(open)) => {
                        open.run.error = error;
                        None
                    }
                    (read, _) => read.err(),
                }
            }
            _ => self.skip()?,
        };
        self.stream = open;
        Ok(broken)
    }

    /// Skips a value of any length.
    fn skip(&mut self) -> Result<Option<Broken>, ReadError> {
        let mut skip = Skip::default();
        loop {
            let pending = self.input.lines.peek(1)?;
            if pending.is_empty() {
                return Ok(Some(Broken::Cut));
            }
            let (length, done) = skip.advance(pending);
            self.input.take(length, Fate::Skipped);
            if done {
                return Ok(None);
            }
        }
    }

    /// Goes on to the next interval, the test's end (if `inside` a document that has them)
    /// or the next document.
    fn after_damage(&mut self, inside: bool) -> Result<After, ReadError> {
        let mut at_end = false;
        // What can't be read begins here, and must not be tried again.
        let mut tried = true;
        loop {
            let pending = self.input.lines.peek(LOOK)?;
            let Some(&first) = pending.first() else {
                return Ok(After::Nothing);
            };
            if first == b'{' {
                let inner = pending.get(1..).unwrap_or_default();
                let is = opening(inner);
                if is == Opening::Document {
                    return Ok(After::Document);
                }
                let tried = std::mem::take(&mut tried);
                if inside && std::mem::take(&mut at_end) {
                    return Ok(After::End);
                }
                if inside && !tried && inner.trim_ascii_start().starts_with(b"\"streams\"") {
                    return Ok(After::Interval);
                }
                self.input.take(1, Fate::Warned);
                continue;
            }
            tried = false;
            let length = memchr(b'{', pending).unwrap_or(pending.len());
            let passed = pending.get(..length).unwrap_or_default();
            at_end = passed
                .trim_ascii_end()
                .strip_suffix(b":")
                .is_some_and(|key| key.trim_ascii_end().ends_with(b"\"end\""));
            self.input.take(length, Fate::Warned);
        }
    }

    fn end_of_stream(&mut self) {
        if let Some(open) = self.stream.take() {
            let cookie = open.start.cookie.clone();
            self.close(open);
            let whole = self
                .runs
                .last()
                .is_some_and(|run| run.sent.is_some() || run.received.is_some());
            self.streamed = cookie.filter(|_| whole);
        }
    }

    fn close(&mut self, open: Open) {
        let measured = open.measured;
        let mut run = open.close(&mut self.warnings);
        self.measured |= measured || run.sent.is_some() || run.received.is_some();
        self.sink.throughput(self.runs.len(), &mut run);
        self.runs.push(run);
    }

    fn finish(self) -> Document {
        let dialect = if self.events { "json-stream" } else { "json" };
        let failed = !self.measured;
        let runs = Runs::Throughput(self.runs);
        Document {
            account: self.input.account,
            ..Document::recognised(Tool::Iperf3, dialect, runs, failed, self.warnings)
        }
    }
}

/// Offers a run's intervals whenever there are many more.
fn offer(open: &mut Open, run: usize, sink: &mut dyn Sink) {
    if open.run.intervals.len() >= open.offered + CHUNK {
        sink.throughput(run, &mut open.run);
        open.offered = open.run.intervals.len();
    }
}

/// The name of the next member, or its object's end.
fn member(cursor: &mut Cursor<'_>) -> Result<Next, Stop> {
    cursor.take(b',')?;
    if cursor.take(b'}')? {
        return Ok(Next::Close);
    }
    let key = match cursor.name()? {
        b"start" => Key::Start,
        b"intervals" => Key::Intervals,
        b"end" => Key::End,
        b"error" => Key::Error,
        b"event" => Key::Event,
        b"data" => Key::Data,
        _ => Key::Other,
    };
    Ok(Next::Key(key))
}

/// Whether there is another element or the list's end.
fn element(cursor: &mut Cursor<'_>) -> Result<Next, Stop> {
    cursor.take(b',')?;
    if cursor.take(b']')? {
        return Ok(Next::Close);
    }
    cursor.peek()?;
    Ok(Next::Element)
}
