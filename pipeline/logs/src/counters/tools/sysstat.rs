//! What sysstat's mpstat, sar, pidstat and iostat print, in any language: headings are the
//! same in all of them, times and the word for "average" are not.
//!
//! ```text
//! Linux 3.10.0 (localhost) 03/11/2022 _x86_64_ (1 CPU)
//!
//! 03:15:06 PM  CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle
//! 03:15:06 PM  all    0.22    0.00    0.37    0.01    0.00    0.00    0.00    0.00    0.00   99.40
//! ```

use memchr::memmem::find;

use super::sadf::{self, Sadf};
use super::sadf_xml::{self, Xml};
use super::sysstat_json;
use crate::counters::source::{Found, MALFORMED, Source, Table, read, value};
use crate::counters::tidy::Value;
use crate::counters::{count, name, words};
use crate::lines::Lines;
use crate::tool::Format;
use crate::warning::WarningKind;
use crate::{Document, ReadError, Sink, Tool};

/// A tool of sysstat.
pub(crate) struct Sysstat(Tool);

/// `mpstat`.
pub(crate) const MPSTAT: Sysstat = Sysstat(Tool::Mpstat);
/// `sar`, and `sadf` of what it gathered.
pub(crate) const SAR: Sysstat = Sysstat(Tool::Sar);
/// `pidstat`.
pub(crate) const PIDSTAT: Sysstat = Sysstat(Tool::Pidstat);
/// `iostat`.
pub(crate) const IOSTAT: Sysstat = Sysstat(Tool::Iostat);

/// How much of a document says which tool wrote it.
const HEAD: usize = 4096;

impl Format for Sysstat {
    fn claims(&self, head: &[u8]) -> bool {
        let head = head.trim_ascii_start();
        if sadf_xml::is_document(head.get(..HEAD).unwrap_or(head)) {
            return self.0 == Tool::Sar;
        }
        let start = head.get(..64).unwrap_or(head);
        if !start.starts_with(b"{") || find(start, b"\"sysstat\"").is_none() {
            return false;
        }
        let tool = if find(head, b"\"file-date\"").is_some()
            || find(head, b"\"sysdata-version\"").is_some()
        {
            Tool::Sar
        } else if find(head, b"\"avg-cpu\"").is_some() || find(head, b"\"disk\"").is_some() {
            Tool::Iostat
        } else {
            Tool::Mpstat
        };
        tool == self.0
    }

    fn vote(&self, line: &[u8]) -> u32 {
        u32::from(tool_of(line) == Some(self.0)) * 3
    }

    fn parse(&self, mut lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        let head = lines.peek(HEAD)?.trim_ascii_start();
        if head.starts_with(b"{") {
            return sysstat_json::read(self.0, lines, sink);
        }
        if sadf_xml::is_document(head) {
            return read(self.0, Box::new(Xml::default()), lines, sink);
        }
        let text = Text {
            tasks: self.0 == Tool::Pidstat,
            ..Text::default()
        };
        read(self.0, Box::new(text), lines, sink)
    }
}

/// The tool that has such a heading.
fn tool_of(line: &[u8]) -> Option<Tool> {
    if sadf::is_sadf(line) {
        return Some(Tool::Sar);
    }
    // Most lines end in a number; no heading does.
    let last = line.rsplit(u8::is_ascii_whitespace).next()?;
    if !last.ends_with(b"/s")
        && !last
            .first()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'%')
    {
        return None;
    }
    let tokens: Vec<&[u8]> = words(line).collect();
    if let Some(columns) = Heading::of_tasks(&tokens) {
        let rates = columns
            .iter()
            .any(|column| column.contains(&b'%') || column.ends_with(b"/s"));
        return rates.then_some(Tool::Pidstat);
    }
    if tokens.first() == Some(&&b"avg-cpu:"[..]) || Heading::of_devices(&tokens).is_some() {
        return Some(Tool::Iostat);
    }
    let time = Time::of(&tokens)?;
    let columns = tokens
        .get(time.tokens..)
        .filter(|columns| is_heading(columns))?;
    let has = |column: &[u8]| columns.contains(&column);
    if has(b"PID") || has(b"TGID") {
        return Some(Tool::Pidstat);
    }
    let by_cpu = matches!(columns.first(), Some(&b"CPU" | &b"NODE"));
    let place = |column: &[u8]| columns.iter().position(|other| *other == column);
    let states = match (place(b"%irq"), place(b"%steal")) {
        (Some(irq), Some(steal)) => irq < steal,
        (irq, _) => irq.is_some(),
    };
    let lines = columns
        .iter()
        .skip(1)
        .all(|column| column.strip_suffix(b"/s").is_some_and(is_interrupt));
    Some(if by_cpu && (states || lines) {
        Tool::Mpstat
    } else {
        Tool::Sar
    })
}

/// `24`, `LOC`, `NET_RX`, `intr`: what mpstat counts a second.
fn is_interrupt(label: &[u8]) -> bool {
    label == b"intr"
        || label
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'_')
}

/// The time, or the word for "average", at the front of a row.
struct Time {
    tokens: usize,
    average: bool,
}

impl Time {
    fn of(tokens: &[&[u8]]) -> Option<Time> {
        let interval = |tokens| Time {
            tokens,
            average: false,
        };
        let first = *tokens.first()?;
        if first.first()?.is_ascii_digit() {
            return clock(tokens).map(interval);
        }
        // The half of the day comes first in some languages.
        if !first.is_ascii()
            && !first.ends_with(b":")
            && let Some(more) = tokens.get(1..).and_then(clock)
        {
            return Some(interval(more + 1));
        }
        // One word in most languages, but not in all; some put a space in front of the colon.
        let end = tokens
            .iter()
            .take(3)
            .position(|token| token.ends_with(b":") || token.ends_with("：".as_bytes()))?;
        let plain = tokens.get(..end + 1)?.iter().all(|token| {
            !token
                .iter()
                .any(|byte| byte.is_ascii_digit() || b"%/=".contains(byte))
        });
        (plain && tokens.len() > end + 1).then_some(Time {
            tokens: end + 1,
            average: true,
        })
    }
}

/// How many tokens make a time of day: `03:15:06`, `03:15:06 PM`, `15.45.07`,
/// `01时01分31秒`, `01시 01분 20초`.
fn clock(tokens: &[&[u8]]) -> Option<usize> {
    let first = *tokens.first()?;
    let groups = first
        .split(|byte| !byte.is_ascii_digit())
        .filter(|digits| !digits.is_empty());
    let short = groups.clone().all(|digits| digits.len() <= 2);
    match groups.count() {
        3 if short && first.get(..2)?.iter().any(u8::is_ascii_digit) => {
            let half = tokens.get(1).is_some_and(|token| {
                !token.is_ascii()
                    || matches!(
                        *token,
                        b"AM" | b"PM" | b"am" | b"pm" | b"a.m." | b"p.m." | b"A.M." | b"P.M."
                    )
            });
            Some(1 + usize::from(half))
        }
        1 if short && !first.is_ascii() => {
            let part =
                |token: &&[u8]| token.first().is_some_and(u8::is_ascii_digit) && !token.is_ascii();
            (tokens.get(1).is_some_and(part) && tokens.get(2).is_some_and(part)).then_some(3)
        }
        _ => None,
    }
}

/// Columns that say whose a row is.
const KEYS: [&[u8]; 20] = [
    b"CPU",
    b"NODE",
    b"IFACE",
    b"DEV",
    b"INTR",
    b"TTY",
    b"FAN",
    b"TEMP",
    b"IN",
    b"BUS",
    b"FCHOST",
    b"UID",
    b"USER",
    b"PID",
    b"TGID",
    b"TID",
    b"Command",
    b"Device",
    b"Device:",
    b"FILESYSTEM",
];

/// Columns of words.
const WORDS: [&[u8]; 6] = [
    b"manufact",
    b"product",
    b"DEVICE",
    b"MOUNTPOINT",
    b"idvendor",
    b"idprod",
];

fn is_heading(columns: &[&[u8]]) -> bool {
    let column = |column: &&[u8]| {
        column.ends_with(b"/s")
            || column.starts_with(b"%")
            || KEYS.contains(column)
            || matches!(
                *column,
                b"kbmemfree"
                    | b"kbswpfree"
                    | b"kbhugfree"
                    | b"dentunusd"
                    | b"runq-sz"
                    | b"totsck"
                    | b"tcp6sck"
                    | b"tps"
                    | b"MHz"
                    | b"wghMHz"
                    | b"MBfsfree"
            )
    };
    columns.iter().any(column)
        && columns
            .iter()
            .all(|column| column.is_ascii() && value(column).is_none() && column.len() < 40)
}

/// A heading's columns.
#[derive(Debug, Default)]
struct Heading {
    columns: Vec<Vec<u8>>,
    /// Rows have a time in front.
    timed: bool,
}

impl Heading {
    fn new(columns: &[&[u8]], timed: bool) -> Heading {
        Heading {
            columns: columns.iter().map(|column| column.to_vec()).collect(),
            timed,
        }
    }

    /// `# Time UID PID ...` of `pidstat -h`: the columns behind the time.
    fn of_tasks<'t, 'a>(tokens: &'t [&'a [u8]]) -> Option<&'t [&'a [u8]]> {
        match tokens {
            [b"#", b"Time", columns @ ..] | [b"#Time", columns @ ..]
                if columns.contains(&&b"PID"[..]) || columns.contains(&&b"TGID"[..]) =>
            {
                Some(columns)
            }
            _ => None,
        }
    }

    /// `Device r/s w/s ...` of iostat.
    fn of_devices<'t, 'a>(tokens: &'t [&'a [u8]]) -> Option<&'t [&'a [u8]]> {
        let device = |token: Option<&&[u8]>| matches!(token, Some(&b"Device" | &b"Device:"));
        let rates = tokens.iter().any(|token| {
            matches!(
                *token,
                b"tps" | b"r/s" | b"kB_read/s" | b"MB_read/s" | b"Blk_read/s"
            )
        });
        let named = device(tokens.first()) || device(tokens.last());
        let localised = tokens.first().is_some_and(|token| !token.is_ascii());
        (rates && (named || localised)).then_some(tokens)
    }
}

/// The text that the tools print.
#[derive(Default)]
struct Text {
    heading: Heading,
    /// A line of numbers under `avg-cpu:` is to come.
    states: bool,
    /// Rows are tasks, to which a processor is but a value.
    tasks: bool,
    /// iostat printed the time of what comes.
    dated: bool,
    sadf: Sadf,
}

/// A column's name and unit.
pub(super) fn unit(column: &[u8]) -> (&[u8], &'static [u8]) {
    if let Some(name) = column.strip_prefix(b"%") {
        (name, b"%")
    } else if let Some(name) = column.strip_suffix(b"/s") {
        (name, b"/s")
    } else if column.ends_with(b"MHz") {
        (column, b"MHz")
    } else if column.starts_with(b"kb") {
        (column, b"kB")
    } else {
        (column, b"")
    }
}

/// Whose a row is, from a key column.
pub(super) fn subject(column: &[u8], key: &[u8]) -> Vec<u8> {
    let number = count(key).is_some();
    match column {
        b"CPU" | b"cpu" if number => [b"cpu", key].concat(),
        b"CPU" | b"cpu" if key == b"-1" => b"all".to_vec(),
        b"NODE" | b"node" if number => [b"node", key].concat(),
        b"NODE" | b"node" if matches!(key, b"all" | b"-1") => b"node-all".to_vec(),
        b"FAN" | b"TEMP" | b"IN" | b"BUS" | b"TTY" if number => {
            [&column.to_ascii_lowercase(), key].concat()
        }
        _ => key.to_vec(),
    }
}

impl Text {
    /// `Linux 3.10.0 (localhost) 03/11/2022 _x86_64_ (1 CPU)`.
    fn title(&mut self, tokens: &[&[u8]], table: &mut Table<'_>) -> bool {
        let [system, release, host, date, ..] = tokens else {
            return false;
        };
        let host = host
            .strip_prefix(b"(")
            .and_then(|host| host.strip_suffix(b")"));
        let release = release.first().is_some_and(u8::is_ascii_digit);
        let (Some(host), true) = (host, release && matches!(*system, b"Linux" | b"GNU/Linux"))
        else {
            return false;
        };
        table.begin();
        self.heading = Heading::default();
        self.states = false;
        self.dated = false;
        let date = match tokens.get(3..).unwrap_or_default() {
            [year, month, day, ..] if !year.is_ascii() && !month.is_ascii() && !day.is_ascii() => {
                [*year, month, day].join(&b' ')
            }
            _ => date.to_vec(),
        };
        let run = table.run();
        run.host = Some(name(host));
        run.date = Some(name(&date));
        true
    }

    /// A row under the heading; `tokens` are those behind the time.
    fn row(&self, tokens: &[&[u8]], table: &mut Table<'_>) -> Found {
        let columns = self.heading.columns.as_slice();
        let wordy = columns.last().is_some_and(|column| {
            matches!(
                column.as_slice(),
                b"Command" | b"product" | b"FILESYSTEM" | b"MOUNTPOINT"
            )
        });
        let joined;
        let tokens = if wordy && tokens.len() > columns.len() {
            let (front, back) = tokens.split_at(columns.len() - 1);
            joined = back.join(&b' ');
            [front, &[joined.as_slice()]].concat()
        } else {
            tokens.to_vec()
        };
        if columns.is_empty() || tokens.len() != columns.len() {
            return MALFORMED;
        }
        let mut whose: Vec<Vec<u8>> = Vec::new();
        let mut interrupt = None;
        let is_key = |column: &[u8]| {
            KEYS.contains(&column) && !(self.tasks && matches!(column, b"CPU" | b"UID" | b"USER"))
        };
        for (column, token) in columns.iter().zip(&tokens) {
            match column.as_slice() {
                b"INTR" => interrupt = Some(*token),
                column if is_key(column) && *token != b"-" => whose.push(subject(column, token)),
                _ => {}
            }
        }
        let whose = if whose.is_empty() && self.states {
            b"all".to_vec()
        } else {
            whose.join(&b' ')
        };
        for (column, token) in columns.iter().zip(&tokens) {
            let column = column.as_slice();
            if column == b"INTR" || is_key(column) || WORDS.contains(&column) {
                continue;
            }
            let value = match value(token) {
                Some(value) => value,
                None if is_no_number(token) => {
                    table.note(WarningKind::NotANumber);
                    Value::Missing
                }
                // pidstat has no processor for an average, no user for a thread.
                None if self.tasks && (*token == b"-" || column == b"USER") => continue,
                None => return MALFORMED,
            };
            match interrupt {
                Some(line) => {
                    let cpu = column.to_ascii_lowercase();
                    let cpu = if cpu == b"intr/s" {
                        b"all".to_vec()
                    } else {
                        cpu
                    };
                    table.add(&cpu, line, value, b"/s");
                }
                None => {
                    let (name, unit) = unit(column);
                    table.add(&whose, name, value, unit);
                }
            }
        }
        Found::Samples
    }

    fn head(&mut self, columns: &[&[u8]], timed: bool) -> Found {
        self.heading = Heading::new(columns, timed);
        Found::Own
    }
}

/// The word for "average" without its colon and the spaces that some languages put there.
fn word_of(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii();
    for mark in [
        &b":"[..],
        "：".as_bytes(),
        b" ",
        "\u{a0}".as_bytes(),
        "\u{202f}".as_bytes(),
    ] {
        text = text.strip_suffix(mark).unwrap_or(text);
    }
    text.trim_ascii_end()
}

fn is_no_number(token: &[u8]) -> bool {
    let token = token.strip_prefix(b"-").unwrap_or(token);
    matches!(token, b"nan" | b"NaN" | b"inf")
}

impl Source for Text {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if let Some(found) = self.sadf.line(text, table) {
            return found;
        }
        let tokens: Vec<&[u8]> = words(text).collect();
        if self.title(&tokens, table) {
            return Found::Own;
        }
        if let Some(columns) = Heading::of_tasks(&tokens) {
            return self.head(columns, true);
        }
        if let [b"avg-cpu:", columns @ ..] = tokens.as_slice() {
            if !self.dated {
                table.next();
            }
            self.dated = false;
            self.states = true;
            return self.head(columns, false);
        }
        if let Some(columns) = Heading::of_devices(&tokens) {
            self.states = false;
            let mut columns = columns.to_vec();
            // The word for it is the only one that is translated.
            if let Some(first) = columns.first_mut().filter(|first| !first.is_ascii()) {
                *first = b"Device";
            }
            return self.head(&columns, false);
        }
        if self.states {
            let found = self.row(&tokens, table);
            self.states = false;
            self.heading = Heading::default();
            return found;
        }
        let time = Time::of(&tokens);
        if let Some(time) = &time {
            let rest = tokens.get(time.tokens..).unwrap_or_default();
            if is_heading(rest) {
                return self.head(rest, true);
            }
            if rest.first() == Some(&&b"LINUX"[..]) {
                self.heading = Heading::default();
                return Found::Own;
            }
        }
        if !self.heading.timed {
            // iostat's rows, and the lines with the time of its reports.
            let columns = self.heading.columns.as_slice();
            let row = tokens.len() == columns.len()
                && tokens.iter().skip(1).any(|token| value(token).is_some());
            if row && !columns.is_empty() {
                return self.row(&tokens, table);
            }
            if is_moment(text) {
                table.at(Some(text), None, false);
                self.dated = true;
                return Found::Own;
            }
            let like = !columns.is_empty()
                && tokens.iter().skip(1).all(|token| value(token).is_some())
                && tokens.len() > 1;
            return if like || time.is_some_and(|time| time.tokens < tokens.len() && self.tasks) {
                MALFORMED
            } else {
                Found::Foreign
            };
        }
        let epoch = tokens
            .first()
            .and_then(|token| count(token))
            .filter(|seconds| *seconds > 1_000_000_000);
        let (used, average, seconds) = match (time, epoch) {
            (Some(time), _) => (time.tokens, time.average, None),
            (None, Some(epoch)) => (1, false, Some(epoch as f64)),
            (None, None) => return Found::Foreign,
        };
        let (time, rest) = tokens.split_at_checked(used).unwrap_or_default();
        let time = time.join(&b' ');
        let time = if average { word_of(&time) } else { &time };
        // A message of something else may begin with a time, too.
        if !rest
            .iter()
            .any(|token| value(token).is_some() || is_no_number(token))
        {
            return Found::Foreign;
        }
        table.at(Some(time), seconds, average);
        self.row(rest, table)
    }

    fn dialect(&self) -> &'static str {
        self.sadf.dialect().unwrap_or("text")
    }

    fn stamped_by_others(&self) -> bool {
        false
    }
}

/// A date or a time of day and nothing else: three groups of digits or six.
fn is_moment(text: &[u8]) -> bool {
    let groups = text
        .split(|byte| !byte.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .count();
    let words = words(text).count();
    (3..=7).contains(&groups)
        && words <= 8
        && text.iter().any(|byte| *byte == b':' || !byte.is_ascii())
}
