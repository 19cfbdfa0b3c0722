//! From a log's lines to a tidy table: what all sources have in common.

use std::borrow::Cow;

use memchr::memmem::find;

use super::tidy::{Moment, Run, Value};
use super::words;
use crate::account::{self, LineReader, Taken};
use crate::lines::{Line, Lines, without_escapes};
use crate::number::{Decimal, decimal};
use crate::sink::CHUNK;
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Sink, Tool};

/// What a source made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It is in the table, or told something about what is.
    Samples,
    /// A heading, a ruler: nothing to record.
    Own,
    /// It isn't in the table: looks like the source's and can't be read, or says that the
    /// tool failed.
    Odd(WarningKind),
    /// It isn't the source's.
    Foreign,
}

pub(super) const MALFORMED: Found = Found::Odd(WarningKind::Malformed);

/// Makes a table of one source's lines.
pub(super) trait Source {
    /// Takes a line that isn't blank; `text` has no white space around it.
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found;

    /// A time or a title of others was met: what follows is a new snapshot.
    fn fresh(&mut self) {}

    /// The log's end: what waited for more lines is put down.
    fn end(&mut self, _table: &mut Table<'_>) {}

    /// The variant of what the tool prints.
    fn dialect(&self) -> &'static str {
        "text"
    }

    /// Whether the source has no times of its own, so that one at the front of a line is of
    /// whoever kept the log.
    fn stamped_by_others(&self) -> bool {
        true
    }
}

/// The table while it is filled.
pub(super) struct Table<'s> {
    sink: &'s mut dyn Sink,
    source: &'static str,
    runs: Vec<Run>,
    open: Run,
    moment: Moment,
    /// What a title of others named: a file, an interface.
    pub title: Vec<u8>,
    line: u64,
    /// Odd values on a line that is read none the less.
    odd: Option<WarningKind>,
    mark: usize,
}

impl<'s> Table<'s> {
    pub(super) fn new(source: &'static str, sink: &'s mut dyn Sink) -> Table<'s> {
        Table {
            sink,
            source,
            runs: Vec::new(),
            open: Run {
                source: source.to_owned(),
                ..Run::default()
            },
            moment: Moment::default(),
            title: Vec::new(),
            line: 0,
            odd: None,
            mark: 0,
        }
    }

    /// The run that is open.
    pub(super) fn run(&mut self) -> &mut Run {
        &mut self.open
    }

    /// Closes the run and opens the next; one that holds nothing is forgotten.
    pub(super) fn begin(&mut self) {
        self.moment = Moment::default();
        self.mark = 0;
        let next = Run {
            source: self.source.to_owned(),
            line: self.line,
            ..Run::default()
        };
        if self.holds() {
            self.offer();
            let mut run = std::mem::replace(&mut self.open, next);
            run.total += run.samples.len() as u64;
            self.runs.push(run);
        } else {
            self.open = next;
        }
    }

    /// Whether the open run has, or had, samples.
    fn holds(&self) -> bool {
        !self.open.samples.is_empty() || self.open.total > 0
    }

    /// The samples to come are of that moment; the same again changes nothing.
    pub(super) fn at(&mut self, time: Option<&[u8]>, seconds: Option<f64>, average: bool) {
        let Moment {
            time: now,
            seconds: now_seconds,
            average: now_average,
            ..
        } = &self.moment;
        let same = now.as_deref().map(str::as_bytes) == time
            && *now_seconds == seconds
            && *now_average == average;
        if !same {
            self.next();
            self.moment.time = time.map(|time| String::from_utf8_lossy(time).into_owned());
            self.moment.seconds = seconds;
            self.moment.average = average;
        }
    }

    /// The samples to come are of the next snapshot, whose time isn't known.
    pub(super) fn next(&mut self) {
        let used = self.holds();
        self.moment = Moment {
            snapshot: self.moment.snapshot.saturating_add(u32::from(used)),
            ..Moment::default()
        };
    }

    /// Whether the time of the samples to come isn't known.
    pub(super) fn untimed(&self) -> bool {
        self.moment.time.is_none()
    }

    /// Puts down a sample.
    pub(super) fn add(&mut self, subject: &[u8], name: &[u8], value: Value, unit: &[u8]) {
        self.open
            .samples
            .push(&self.moment, subject, name, value, unit, self.line);
    }

    /// Tells of the line that it is read and odd.
    pub(super) fn note(&mut self, kind: WarningKind) {
        self.odd = Some(kind);
    }

    pub(super) fn start_line(&mut self, number: u64) {
        self.line = number;
        self.odd = None;
        self.mark = self.open.samples.len();
    }

    /// What the line put down stays or goes.
    pub(super) fn end_line(&mut self, stays: bool) {
        if !stays {
            self.open.samples.truncate(self.mark);
        }
        if self.open.samples.len() >= CHUNK {
            self.offer();
        }
    }

    fn offer(&mut self) {
        let before = self.open.samples.len();
        self.sink.counters(self.runs.len(), &mut self.open);
        let taken = before.saturating_sub(self.open.samples.len());
        self.open.total += taken as u64;
    }

    /// The document that holds the table.
    pub(super) fn document(mut self, tool: Tool, dialect: &str, warnings: Warnings) -> Document {
        self.begin();
        let failed = self.runs.is_empty() && warnings.count(WarningKind::ToolError) > 0;
        Document::recognised(tool, dialect, Runs::Counters(self.runs), failed, warnings)
    }
}

/// A tool whose log is a source's lines.
pub(crate) struct Lined {
    pub(super) tool: Tool,
    pub(super) vote: fn(&[u8]) -> u32,
    pub(super) source: fn() -> Box<dyn Source>,
}

impl Format for Lined {
    fn vote(&self, line: &[u8]) -> u32 {
        (self.vote)(line)
    }

    fn is_stamped_by_others(&self) -> bool {
        true
    }

    fn parse(&self, lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        read(self.tool, (self.source)(), lines, sink)
    }
}

/// Reads a log of the source.
pub(super) fn read(
    tool: Tool,
    source: Box<dyn Source>,
    lines: Lines<'_>,
    sink: &mut dyn Sink,
) -> Result<Document, ReadError> {
    let reader = Reader {
        tool,
        source,
        table: Table::new(tool.name(), sink),
        recognised: false,
    };
    account::read(lines, reader)
}

struct Reader<'s> {
    tool: Tool,
    source: Box<dyn Source>,
    table: Table<'s>,
    recognised: bool,
}

impl Reader<'_> {
    /// What others wrote around the source's lines. `None` for a line that is none of it.
    fn frame(&mut self, text: &[u8]) -> Option<Found> {
        if let Some(header) = text.strip_prefix(b"# vnicbench ") {
            let mut words = words(header);
            let phase = matches!(words.next(), Some(b"start" | b"during" | b"end"));
            let time = words.next();
            let seconds = words
                .next()
                .filter(|word| *word == b"monotonic")
                .and_then(|_| whole_decimal(words.next()?));
            self.source.fresh();
            self.table
                .at(time, seconds.map(|seconds| seconds.value), false);
            let whole = phase && seconds.is_some() && words.next().is_none();
            return Some(if whole { Found::Own } else { MALFORMED });
        }
        if let Some(title) = title(text) {
            self.source.fresh();
            self.table.next();
            self.table.title = title.to_vec();
            return Some(Found::Own);
        }
        if !self.source.stamped_by_others() {
            return None;
        }
        let (time, rest) = stamp(text)?;
        if !rest.is_empty() {
            return None;
        }
        self.source.fresh();
        self.table.at(Some(time.text), time.seconds, false);
        Some(Found::Own)
    }

    fn take(&mut self, text: &[u8]) -> Found {
        if let Some(found) = self.frame(text) {
            return found;
        }
        if self.source.stamped_by_others()
            && let Some((time, rest)) = stamp(text)
            && time.seconds.is_none()
        {
            let before = self.table.moment.clone();
            self.table.at(Some(time.text), None, false);
            let found = self.source.line(rest, &mut self.table);
            if found == Found::Foreign {
                self.table.moment = before;
            }
            return found;
        }
        self.source.line(text, &mut self.table)
    }
}

impl LineReader for Reader<'_> {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let plain = without_escapes(line.bytes).map_or(Cow::Borrowed(line.bytes), Cow::Owned);
        let text = plain.trim_ascii();
        if text.is_empty() {
            return Taken::Not;
        }
        if !line.ended {
            // Half a number is a number too.
            warnings.push(WarningKind::CutFile, line.number, text);
            return Taken::Not;
        }
        self.table.start_line(line.number);
        let found = self.take(text);
        self.table.end_line(found == Found::Samples);
        self.recognised |= matches!(found, Found::Samples | Found::Odd(_))
            || found == Found::Own && !text.starts_with(b"#");
        match found {
            Found::Samples => {
                if let Some(kind) = self.table.odd {
                    warnings.push(kind, line.number, text);
                }
                Taken::Read
            }
            Found::Own => Taken::Not,
            Found::Odd(kind) => {
                warnings.push(kind, line.number, text);
                Taken::Not
            }
            Found::Foreign => {
                warnings.push(WarningKind::Noise, line.number, text);
                Taken::Not
            }
        }
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        self.table.start_line(last);
        self.source.end(&mut self.table);
        if let Some(kind) = self.table.odd {
            warnings.push(kind, last, "the log ends too early");
        }
        if !self.recognised {
            return Document::foreign(self.tool, warnings);
        }
        let dialect = self.source.dialect();
        self.table.document(self.tool, dialect, warnings)
    }
}

/// `==> name <==`, `=== name ===`, `--- name ---`, `### name ###`.
fn title(text: &[u8]) -> Option<&[u8]> {
    let first = *text.first()?;
    let (open, close) = match first {
        b'=' if text.starts_with(b"==>") => (&b"==>"[..], &b"<=="[..]),
        b'=' => (&b"=="[..], &b"=="[..]),
        b'-' => (&b"--"[..], &b"--"[..]),
        b'#' => (&b"##"[..], &b"##"[..]),
        b'*' => (&b"**"[..], &b"**"[..]),
        _ => return None,
    };
    let inner = text.strip_prefix(open)?.strip_suffix(close)?;
    let same = |byte: &u8| *byte == first;
    let start = inner.iter().position(|byte| !same(byte))?;
    let end = inner.iter().rposition(|byte| !same(byte))?;
    let name = inner.get(start..=end)?.trim_ascii();
    // `procs ---memory--- --swap--` isn't one, and neither is a ruler.
    let plain = find(name, b"--").is_none() && find(name, b"==").is_none();
    (plain && !name.is_empty()).then_some(name)
}

/// A time as printed.
pub(super) struct Stamp<'a> {
    pub text: &'a [u8],
    /// Where it is a number of seconds since 1970.
    pub seconds: Option<f64>,
}

/// The time at the front of a line and what follows it: `2026-01-02T03:04:05.678Z`,
/// `2026-01-02 03:04:05`, the same in brackets, `03:04:05.678`, what `date` prints; as all
/// of the line also seconds since 1970, and `time: 1552065810`.
pub(super) fn stamp(text: &[u8]) -> Option<(Stamp<'_>, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"[") {
        let end = rest.iter().position(|byte| *byte == b']')?;
        let (inner, after) = rest.split_at_checked(end)?;
        let (time, left) = stamp(inner.trim_ascii())?;
        let after = after.get(1..)?.trim_ascii();
        return left.is_empty().then_some((time, after));
    }
    let epoch = text
        .strip_prefix(b"time:")
        .or_else(|| text.strip_prefix(b"timestamp:"))
        .or_else(|| text.strip_prefix(b"timestamp="))
        .unwrap_or(text)
        .trim_ascii();
    if let Some(seconds) = whole_decimal(epoch)
        && (1e9..4e9).contains(&seconds.value)
    {
        let seconds = Some(seconds.value);
        return Some((
            Stamp {
                text: epoch,
                seconds,
            },
            &[],
        ));
    }
    let word = text
        .split(u8::is_ascii_whitespace)
        .next()
        .unwrap_or_default();
    let after = |length: usize| text.get(length..).map(<[u8]>::trim_ascii_start);
    let plain = |length: usize| {
        let stamp = Stamp {
            text: text.get(..length)?.trim_ascii(),
            seconds: None,
        };
        Some((stamp, after(length)?))
    };
    if clock(word) || date(word) && word.contains(&b'T') {
        return plain(word.len());
    }
    if date(word) {
        let rest = after(word.len())?;
        let next = rest
            .split(u8::is_ascii_whitespace)
            .next()
            .unwrap_or_default();
        if clock(next) {
            return plain(text.len() - rest.len() + next.len());
        }
        return None;
    }
    // `Fri Mar  8 17:23:30 UTC 2019`: all of the line.
    let year = |token: &[u8]| token.len() == 4 && token.iter().all(u8::is_ascii_digit);
    let dated = !word.iter().any(u8::is_ascii_digit)
        && (5..=7).contains(&words(text).take(8).count())
        && words(text).any(clock)
        && words(text).any(year);
    if dated { plain(text.len()) } else { None }
}

/// What follows a time at the front of a line.
pub(crate) fn unstamped(line: &[u8]) -> Option<&[u8]> {
    if !matches!(line.first(), Some(b'[' | b'0'..=b'9')) {
        return None;
    }
    let (_, rest) = stamp(line)?;
    (!rest.is_empty()).then_some(rest)
}

/// `03:04:05`, perhaps with a fraction and a zone.
fn clock(word: &[u8]) -> bool {
    let [a, b, b':', c, d, b':', e, f, rest @ ..] = word else {
        return false;
    };
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
            fraction.get(digits.count()..).unwrap_or_default()
        }
        [b',', x, y, z] if [x, y, z].iter().all(|byte| byte.is_ascii_digit()) => &[],
        rest => rest,
    };
    let zone = match rest {
        [] | [b'Z'] => true,
        [b'+' | b'-', zone @ ..] => zone
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b':'),
        _ => false,
    };
    zone && [a, b, c, d, e, f].iter().all(|byte| byte.is_ascii_digit())
}

/// `2026-01-02`, perhaps with a time behind a T.
fn date(word: &[u8]) -> bool {
    matches!(word, [a, b, c, d, b'-', e, f, b'-', g, h, rest @ ..]
        if [a, b, c, d, e, f, g, h].iter().all(|byte| byte.is_ascii_digit())
            && (rest.is_empty() || rest.strip_prefix(b"T").is_some_and(clock)))
}

/// `text` as a decimal number and nothing else.
pub(super) fn whole_decimal(text: &[u8]) -> Option<Decimal> {
    let (number, rest) = decimal(text)?;
    (rest.is_empty() && number.value.is_finite()).then_some(number)
}

/// `text` as a number with a point or a comma, perhaps negative.
pub(super) fn value(text: &[u8]) -> Option<Value> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if !negative && let Some(count) = super::count(digits) {
        return Some(Value::Count(count));
    }
    let pointed: Cow<'_, [u8]> = match digits.iter().filter(|byte| **byte == b',').count() {
        0 => Cow::Borrowed(digits),
        1 if !digits.contains(&b'.') => digits
            .iter()
            .map(|byte| if *byte == b',' { b'.' } else { *byte })
            .collect::<Vec<u8>>()
            .into(),
        _ => return None,
    };
    let ends_in_digit = pointed.last().is_some_and(u8::is_ascii_digit);
    let number = whole_decimal(&pointed).filter(|_| ends_in_digit)?.value;
    Some(Value::Number(if negative { -number } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_others() {
        let told = |text: &'static str| {
            let (time, rest) = stamp(text.as_bytes())?;
            let text = |bytes| std::str::from_utf8(bytes).unwrap();
            Some((text(time.text), time.seconds, text(rest)))
        };
        assert_eq!(
            told("2026-01-02T03:04:05.678Z"),
            Some(("2026-01-02T03:04:05.678Z", None, ""))
        );
        assert_eq!(
            told("[2026-01-02 03:04:05] cpu 1"),
            Some(("2026-01-02 03:04:05", None, "cpu 1"))
        );
        assert_eq!(told("03:04:05 x"), Some(("03:04:05", None, "x")));
        assert_eq!(
            told("time: 1552065810"),
            Some(("1552065810", Some(1_552_065_810.0), ""))
        );
        assert!(told("Fri Mar  8 17:23:30 UTC 2019").is_some());
        assert_eq!(told("1 2 3"), None);
        assert_eq!(told("2026"), None);
    }

    #[test]
    fn titles() {
        assert_eq!(title(b"==> /proc/stat <=="), Some(&b"/proc/stat"[..]));
        assert_eq!(title(b"=== eth0 ==="), Some(&b"eth0"[..]));
        assert_eq!(title(b"-----"), None);
        assert_eq!(title(b"--procs-- ----memory---- ---swap--"), None);
    }

    #[test]
    fn values() {
        assert_eq!(value(b"18446744073709551615"), Some(Value::Count(u64::MAX)));
        assert_eq!(value(b"0,25"), Some(Value::Number(0.25)));
        assert_eq!(value(b"-1"), Some(Value::Number(-1.0)));
        for odd in ["", "-", "1,2,3", "nan", "1.2.3", "1,", "12."] {
            assert_eq!(value(odd.as_bytes()), None, "{odd}");
        }
    }
}
