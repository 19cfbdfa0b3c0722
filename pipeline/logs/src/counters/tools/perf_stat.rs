//! `perf stat`: what it prints in any language, with `-I`, `-r`, `-A`, `--per-socket` or
//! `--per-thread`, its `-x` fields and `-j` lines.
//!
//! ```text
//!  Performance counter stats for 'system wide' (3 runs):
//!
//!          3,647,161      kvm:kvm_entry              #  882.3 K/sec   ( +-  0.10% )  [83.30%]
//!    <not supported>      cycles
//!
//!       10.001351327 seconds time elapsed
//! ```

use memchr::memmem::find;
use serde::Deserialize;

use crate::Tool;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table, stamp, whole_decimal};
use crate::counters::tidy::Value;
use crate::counters::{count, name, words};
use crate::number::decimal;
use crate::warning::WarningKind;

/// `perf stat`.
pub(crate) const PERF_STAT: Lined = Lined {
    tool: Tool::PerfStat,
    vote: |line| {
        let says = line.starts_with(b"Performance counter stats for ")
            || line.ends_with(b"seconds time elapsed")
            || is_columns(line)
            || line.starts_with(b"{") && find(line, b"\"counter-value\" : ").is_some()
            || find(line, b"<not ").is_some_and(|at| {
                let rest = line.get(at..).unwrap_or_default();
                rest.starts_with(b"<not supported>") || rest.starts_with(b"<not counted>")
            })
            || line.starts_with(b"event syntax error: '");
        if says {
            return 3;
        }
        let fields = [b',', b';', b'|', b'\t'].iter().any(|separator| {
            let enough = memchr::memchr_iter(*separator, line).take(4).count() == 4;
            enough && Fields::of(line, *separator).is_some()
        });
        u32::from(fields) * 2
    },
    source: || Box::new(PerfStat::default()),
};

/// `#           time             counts unit events`.
fn is_columns(line: &[u8]) -> bool {
    line.starts_with(b"#") && find(line, b" counts ").is_some() && line.ends_with(b"events")
}

/// A value as perf prints it: digits in groups of three behind separators of a language,
/// perhaps a fraction.
fn grouped(text: &[u8], fraction: bool) -> Option<Value> {
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut separators: Vec<&[u8]> = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if first.is_ascii_digit() {
            parts.last_mut()?.push(*first);
            rest = after;
            continue;
        }
        // Point, comma, apostrophe, and spaces that don't break.
        let length = [
            &b"."[..],
            b",",
            b"'",
            "\u{a0}".as_bytes(),
            "\u{202f}".as_bytes(),
            "\u{2019}".as_bytes(),
        ]
        .iter()
        .find(|separator| rest.starts_with(separator))?
        .len();
        separators.push(rest.get(..length)?);
        parts.push(Vec::new());
        rest = rest.get(length..)?;
    }
    let (first, groups) = parts.split_first()?;
    if first.is_empty() {
        return None;
    }
    let Some((last, middle)) = groups.split_last() else {
        return count(first).map(Value::Count);
    };
    let (mark, before) = separators.split_last()?;
    let alike = before
        .iter()
        .all(|separator| Some(separator) == before.first());
    let threes = middle.iter().all(|group| group.len() == 3);
    if !alike || !threes || !middle.is_empty() && first.len() > 3 {
        return None;
    }
    // Counts have no fraction, and fractions have two or six places, or more.
    let decimals = (fraction || last.len() != 3) && (mark.len() == 1 && **mark != *b"'");
    if decimals && (middle.is_empty() || Some(mark) != before.first()) {
        if last.is_empty() {
            return None;
        }
        let digits = [first.as_slice(), &middle.concat(), b".", last].concat();
        return whole_decimal(&digits).map(|number| Value::Number(number.value));
    }
    let whole =
        last.len() == 3 && first.len() <= 3 && (before.is_empty() || Some(mark) == before.first());
    let digits = [first.as_slice(), &groups.concat()].concat();
    whole.then(|| count(&digits)).flatten().map(Value::Count)
}

/// A line of `-x`.
struct Fields<'a> {
    time: Option<&'a [u8]>,
    subject: Vec<&'a [u8]>,
    value: Option<Value>,
    unit: &'a [u8],
    event: &'a [u8],
    stddev: Option<f64>,
    running: Option<f64>,
}

fn field_value(text: &[u8]) -> Option<Option<Value>> {
    if matches!(text, b"<not counted>" | b"<not supported>") {
        return Some(None);
    }
    match count(text) {
        Some(count) => Some(Some(Value::Count(count))),
        None => Some(Some(Value::Number(whole_decimal(text)?.value))),
    }
}

impl Fields<'_> {
    fn of(line: &[u8], separator: u8) -> Option<Fields<'_>> {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == separator).collect();
        // Time and one or two fields of `-A` and the like may come first.
        (0..=3.min(fields.len())).find_map(|at| {
            let (before, rest) = fields.split_at_checked(at)?;
            let [value, unit, event, more @ ..] = rest else {
                return None;
            };
            let value = field_value(value)?;
            let wordy = |text: &[u8]| text.first().is_some_and(|byte| byte.is_ascii_alphabetic());
            let plain = (unit.is_empty() || wordy(unit) && !unit.contains(&b'.')) && wordy(event);
            if !plain {
                return None;
            }
            let (cgroup, more) = match more {
                [first, rest @ ..]
                    if count(first).is_none() && !first.is_empty() && !first.ends_with(b"%") =>
                {
                    (Some(*first), rest)
                }
                more => (None, more),
            };
            let (stddev, more) = match more {
                [first, rest @ ..] if first.ends_with(b"%") => {
                    (Some(whole_decimal(first.strip_suffix(b"%")?)?.value), rest)
                }
                more => (None, more),
            };
            let [ran, running, ..] = more else {
                return None;
            };
            count(ran)?;
            let running = whole_decimal(running)?.value;
            let (time, subject) = match before {
                [first, rest @ ..]
                    if whole_decimal(first.trim_ascii()).is_some() && first.contains(&b'.') =>
                {
                    (Some(first.trim_ascii()), rest)
                }
                rest => (None, rest),
            };
            // The number of processors behind a socket's name is none of it.
            let subject: Vec<&[u8]> = subject
                .iter()
                .map(|word| word.trim_ascii())
                .filter(|word| !word.is_empty())
                .chain(cgroup)
                .collect();
            let named = subject.first().is_none_or(|word| wordy(word));
            (named && subject.len() <= 3).then_some(Fields {
                time,
                subject,
                value,
                unit,
                event,
                stddev,
                running: Some(running),
            })
        })
    }
}

/// A line of `-j`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JsonLine {
    interval: Option<f64>,
    cpu: Option<String>,
    socket: Option<String>,
    die: Option<String>,
    core: Option<String>,
    node: Option<String>,
    thread: Option<String>,
    cgroup: Option<String>,
    counter_value: Option<String>,
    #[serde(default)]
    unit: String,
    event: Option<String>,
    variance: Option<f64>,
    pcnt_running: Option<f64>,
}

#[derive(Default)]
struct PerfStat {
    separator: Option<u8>,
    form: Option<&'static str>,
    /// Whether times of others stand in front of reports or behind them.
    times_first: Option<bool>,
    /// A time in front of the report to come.
    time: Option<String>,
    reports: bool,
}

/// What is on a line of the text.
struct Printed<'a> {
    value: Option<Value>,
    unit: &'a [u8],
    event: Vec<u8>,
    cgroup: Vec<u8>,
    stddev: Option<f64>,
    running: Option<f64>,
}

/// `12.34%` behind `open` and white space.
fn percent(text: &[u8], open: &[u8]) -> Option<f64> {
    let at = find(text, open)?;
    let rest = text.get(at + open.len()..)?.trim_ascii_start();
    let end = rest.iter().position(|byte| *byte == b'%')?;
    let digits: Vec<u8> = rest
        .get(..end)?
        .iter()
        .map(|byte| if *byte == b',' { b'.' } else { *byte })
        .collect();
    Some(whole_decimal(&digits)?.value)
}

impl<'a> Printed<'a> {
    /// What begins with the value.
    fn of(text: &'a [u8]) -> Option<Printed<'a>> {
        let (no_value, rest) = match text {
            _ if text.starts_with(b"<not counted>") => (true, text.get(13..)?),
            _ if text.starts_with(b"<not supported>") => (true, text.get(15..)?),
            _ => (false, text),
        };
        let (printed, rest) = if no_value {
            (&b""[..], rest)
        } else {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            rest.split_at_checked(end)?
        };
        let what = rest
            .iter()
            .position(|byte| *byte == b'#')
            .unwrap_or(rest.len());
        let (what, remark) = rest.split_at_checked(what)?;
        // Without a remark the deviation and the share stand behind the event.
        let end = [&b" ( +-"[..], b" [", b" ("]
            .iter()
            .filter_map(|open| {
                find(what, open).filter(|at| {
                    what.get(at + open.len()..)
                        .is_some_and(|rest| rest.contains(&b'%'))
                })
            })
            .min()
            .unwrap_or(what.len());
        let (what, behind) = what.split_at_checked(end)?;
        let tokens: Vec<&[u8]> = words(what).collect();
        // Without a unit its column is blank.
        let gap = what.iter().take_while(|byte| **byte == b' ').count();
        let (unit, event, cgroup): (&[u8], Vec<u8>, &[&[u8]]) = match tokens.as_slice() {
            // As old versions print clocks.
            [event, unit, cgroup @ ..] if unit.starts_with(b"(") => {
                let unit = unit.strip_prefix(b"(")?.strip_suffix(b")")?;
                (unit, event.to_vec(), cgroup)
            }
            // An uncore unit's number is a part of the event's name.
            [event, unit, cgroup @ ..] if unit.starts_with(b"[") => {
                (b"", [event, *unit].join(&b' '), cgroup)
            }
            [unit, event, cgroup @ ..] if gap == 1 => {
                unit.first().filter(|byte| byte.is_ascii_alphabetic())?;
                (unit, event.to_vec(), cgroup)
            }
            [event, cgroup @ ..] => (b"", event.to_vec(), cgroup),
            [] => return None,
        };
        let wordy = event.first()?.is_ascii_alphabetic() || event.starts_with(b"{");
        let value = match no_value {
            true => None,
            // Nothing but clocks, energies and the like, which have units, has fractions.
            false => Some(grouped(printed, false)?),
        };
        let both = [behind, remark].concat();
        let running = percent(&both, b"[").or_else(|| {
            let at = memchr::memrchr(b'(', &both)?;
            let share = both.get(at..)?;
            if find(share, b"+-").is_some() {
                None
            } else {
                percent(share, b"(")
            }
        });
        wordy.then_some(Printed {
            value,
            unit,
            event,
            cgroup: cgroup.join(&b' '),
            stddev: percent(&both, b"( +-"),
            running,
        })
    }
}

/// `CPU0`, `S0-D0-C0`, `N1`: what `-A` and the like put in front.
fn is_part(word: &[u8]) -> bool {
    let digits = |prefix: &[u8]| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    };
    [&b"CPU"[..], b"S", b"N", b"D", b"C"]
        .into_iter()
        .any(digits)
}

impl PerfStat {
    fn put(subject: &[u8], printed: &Printed<'_>, table: &mut Table<'_>) -> Found {
        let Printed { unit, event, .. } = printed;
        let whole;
        let subject = match (subject, printed.cgroup.as_slice()) {
            (subject, []) => subject,
            ([], cgroup) => cgroup,
            (subject, cgroup) => {
                whole = [subject, cgroup].join(&b' ');
                &whole
            }
        };
        match printed.value {
            Some(value) => table.add(subject, event, value, unit),
            None => {
                table.note(WarningKind::NotANumber);
                table.add(subject, event, Value::Missing, unit);
            }
        }
        for (what, share) in [
            (&b":stddev"[..], printed.stddev),
            (b":running", printed.running),
        ] {
            if let Some(share) = share {
                table.add(subject, &[event, what].concat(), Value::Number(share), b"%");
            }
        }
        Found::Samples
    }

    /// `10.001351327 seconds time elapsed`, `0.10207 +- 0.00134 seconds time elapsed ( +- 1.31% )`.
    fn elapsed(text: &[u8], table: &mut Table<'_>) -> Option<Found> {
        let at = find(text, b" seconds ")?;
        let (number, what) = text.split_at_checked(at)?;
        let what = what.get(9..)?.trim_ascii_start();
        let name: &[u8] = match what {
            _ if what.starts_with(b"time elapsed") => b"elapsed",
            b"user" => b"user",
            b"sys" => b"sys",
            _ => return None,
        };
        let number = words(number).next()?;
        let pointed: Vec<u8> = number
            .iter()
            .map(|byte| if *byte == b',' { b'.' } else { *byte })
            .collect();
        let Some(seconds) = whole_decimal(&pointed) else {
            return Some(MALFORMED);
        };
        table.add(b"", name, Value::Number(seconds.value), b"s");
        if let Some(stddev) = percent(what, b"( +-") {
            table.add(
                b"",
                &[name, &b":stddev"[..]].concat(),
                Value::Number(stddev),
                b"%",
            );
        }
        Some(Found::Samples)
    }

    fn json(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        self.form = Some("json");
        let Ok(line) = serde_json::from_slice::<JsonLine>(text) else {
            return MALFORMED;
        };
        let (Some(value), Some(event)) = (line.counter_value, line.event) else {
            // A metric without a counter of its own.
            return Found::Own;
        };
        let Some(value) = field_value(value.as_bytes()) else {
            return MALFORMED;
        };
        if let Some(seconds) = line.interval.filter(|seconds| seconds.is_finite()) {
            table.at(Some(seconds.to_string().as_bytes()), Some(seconds), false);
        }
        let subject = match line.cpu {
            Some(cpu) if count(cpu.as_bytes()).is_some() => format!("cpu{cpu}"),
            Some(cpu) => cpu,
            None => [line.socket, line.die, line.core, line.node, line.thread]
                .into_iter()
                .flatten()
                .next()
                .unwrap_or_default(),
        };
        // Counts are printed with a fraction of nothing but zeros.
        let value = value.map(|value| match value {
            Value::Number(number)
                if line.unit.is_empty() && number.fract() == 0.0 && number < 9e15 =>
            {
                Value::Count(number as u64)
            }
            value => value,
        });
        let printed = Printed {
            value,
            unit: line.unit.as_bytes(),
            event: event.into_bytes(),
            cgroup: line.cgroup.unwrap_or_default().into_bytes(),
            stddev: line.variance,
            running: line.pcnt_running,
        };
        Self::put(subject.as_bytes(), &printed, table)
    }

    fn fields(fields: Fields<'_>, table: &mut Table<'_>) -> Found {
        if let Some(time) = fields.time {
            let seconds = whole_decimal(time).map(|number| number.value);
            table.at(Some(time), seconds, false);
        }
        let subject = fields
            .subject
            .first()
            .map(|part| part_name(part))
            .unwrap_or_default();
        let printed = Printed {
            value: fields.value,
            unit: fields.unit,
            event: fields.event.to_vec(),
            cgroup: Vec::new(),
            stddev: fields.stddev,
            running: fields.running,
        };
        Self::put(&subject, &printed, table)
    }

    fn text(text: &[u8], table: &mut Table<'_>) -> Option<Found> {
        let mut rest = text;
        let first = words(rest).next()?;
        // `-I`: always nine places.
        let is_time = decimal(
            &first
                .iter()
                .map(|byte| if *byte == b',' { b'.' } else { *byte })
                .collect::<Vec<u8>>(),
        )
        .is_some_and(|(number, rest)| rest.is_empty() && number.places == 9);
        let mut time = None;
        if is_time {
            time = Some(first);
            rest = rest.get(first.len()..)?.trim_ascii_start();
        }
        if rest.starts_with(b"#") {
            return Some(Found::Own);
        }
        let mut subject = Vec::new();
        let printed = match Printed::of(rest) {
            Some(printed) => printed,
            None => {
                let part = words(rest).next()?;
                let after = rest.get(part.len()..)?.trim_ascii_start();
                if is_part(part) {
                    subject = part_name(part);
                    match Printed::of(after) {
                        // How many processors the part has.
                        Some(printed)
                            if count(&printed.event).is_none()
                                && printed.value.is_some()
                                && !of_part(after) =>
                        {
                            printed
                        }
                        other => {
                            let number = words(after).next()?;
                            if count(number).is_none() {
                                other?
                            } else {
                                Printed::of(after.get(number.len()..)?.trim_ascii_start())?
                            }
                        }
                    }
                } else {
                    // A thread's name and number.
                    let at = thread_end(rest)?;
                    subject = rest.get(..at)?.trim_ascii().to_vec();
                    Printed::of(rest.get(at..)?.trim_ascii_start())?
                }
            }
        };
        if let Some(time) = time {
            let pointed: Vec<u8> = time
                .iter()
                .map(|byte| if *byte == b',' { b'.' } else { *byte })
                .collect();
            table.at(
                Some(time),
                whole_decimal(&pointed).map(|number| number.value),
                false,
            );
        }
        Some(Self::put(&subject, &printed, table))
    }
}

/// Whether the first of two numbers is how many processors a part has.
fn of_part(text: &[u8]) -> bool {
    let mut words = words(text);
    let first = words.next().and_then(count).is_some();
    let second = words.next().unwrap_or_default();
    first && (grouped(second, false).is_some() || second.starts_with(b"<not"))
}

/// Behind `comm-1234 `.
fn thread_end(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    for word in words(text) {
        let at = from + find(text.get(from..)?, word)?;
        from = at + word.len();
        let number = word.rsplit(|byte| *byte == b'-').next()?;
        if word.contains(&b'-') && count(number).is_some() && number.len() < word.len() {
            return Some(from);
        }
    }
    None
}

/// `CPU0` is `cpu0` elsewhere, too.
fn part_name(part: &[u8]) -> Vec<u8> {
    match part.strip_prefix(b"CPU") {
        Some(number) if count(number).is_some() => [b"cpu", number].concat(),
        _ => part.to_vec(),
    }
}

impl Source for PerfStat {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if let Some(what) = text.strip_prefix(b"Performance counter stats for ") {
            table.begin();
            self.reports = true;
            if let Some(time) = self.time.take() {
                table.run().labels.insert("time".to_owned(), time);
            }
            let what = what.strip_suffix(b":").unwrap_or(what);
            table.run().labels.insert("command".to_owned(), name(what));
            return Found::Own;
        }
        if text.starts_with(b"# started on") || is_columns(text) {
            return Found::Own;
        }
        if text.starts_with(b"{") {
            return self.json(text, table);
        }
        // Scripts print the time before or after each report; the first tells which.
        if let Some((time, b"")) = stamp(text) {
            let time = name(time.text);
            if *self.times_first.get_or_insert(!self.reports) {
                self.time = Some(time);
            } else {
                table.run().labels.insert("time".to_owned(), time);
            }
            return Found::Own;
        }
        let errors = [
            &b"event syntax error"[..],
            b"Error:",
            b"failed to read counter",
            b"Workload failed",
            b"No permission to enable",
            b"Access to performance monitoring",
        ];
        if errors.iter().any(|error| text.starts_with(error)) {
            return Found::Odd(WarningKind::ToolError);
        }
        let separators: &[u8] = match &self.separator {
            Some(separator) => std::slice::from_ref(separator),
            None => b",;|\t",
        };
        for separator in separators {
            if let Some(fields) = Fields::of(text, *separator) {
                self.separator = Some(*separator);
                self.form = Some("fields");
                return Self::fields(fields, table);
            }
        }
        if let Some(found) = Self::elapsed(text, table) {
            return found;
        }
        if text.starts_with(b"#") {
            return Found::Own;
        }
        if let Some(found) = Self::text(text, table) {
            return found;
        }
        let like = self.separator.is_some() && text.first().is_some_and(u8::is_ascii_digit)
            || find(text, b"<not ").is_some();
        if like { MALFORMED } else { Found::Foreign }
    }

    fn dialect(&self) -> &'static str {
        self.form.unwrap_or("text")
    }

    fn stamped_by_others(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_languages() {
        let told = |text: &str| grouped(text.as_bytes(), false);
        for text in [
            "3647161",
            "3,647,161",
            "3.647.161",
            "3\u{202f}647\u{202f}161",
            "3'647'161",
        ] {
            assert_eq!(told(text), Some(Value::Count(3_647_161)), "{text}");
        }
        assert_eq!(told("1,234"), Some(Value::Count(1234)));
        for text in ["10051.635282", "10,051.635282", "10.051,635282"] {
            assert_eq!(told(text), Some(Value::Number(10_051.635_282)), "{text}");
        }
        assert_eq!(told("0,65"), Some(Value::Number(0.65)));
        for odd in ["", ",1", "1,", "1,23,456", "12,3456,789", "1.2.3", "x"] {
            assert_eq!(told(odd), None, "{odd}");
        }
    }
}
