//! What `sadf` makes of sar's files: `-d` (semicolons) and its plain form (tabs).
//!
//! ```text
//! # hostname;interval;timestamp;IFACE;rxpck/s;txpck/s
//! vm;1;2026-11-25 01:01:42 UTC;lo;0.00;0.00
//! vm 1 2026-11-25 01:01:42 UTC lo rxpck/s 0.00
//! ```

use super::sysstat::{subject, unit};
use crate::counters::source::{Found, MALFORMED, Table, value};
use crate::counters::tidy::Value;
use crate::counters::{count, name};

const TITLE: &[u8] = b"# hostname;interval;timestamp";

/// Columns that say whose a row is.
const KEYS: [&[u8]; 10] = [
    b"CPU", b"NODE", b"IFACE", b"DEV", b"INTR", b"TTY", b"FAN", b"TEMP", b"IN", b"BUS",
];

/// Whether sadf prints such a line.
pub(super) fn is_sadf(line: &[u8]) -> bool {
    line.starts_with(TITLE) || line.contains(&b'\t') && plain(line).is_some()
}

struct Plain<'a> {
    host: &'a [u8],
    time: &'a [u8],
    whose: &'a [u8],
    name: &'a [u8],
    value: Value,
}

fn plain(line: &[u8]) -> Option<Plain<'_>> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
    let [host, interval, time, whose, name, printed] = fields.as_slice() else {
        return None;
    };
    count(interval)?;
    let dated = time.iter().filter(|byte| byte.is_ascii_digit()).count() >= 6;
    dated.then_some(Plain {
        host,
        time,
        whose,
        name,
        value: value(printed)?,
    })
}

#[derive(Default)]
pub(super) struct Sadf {
    columns: Vec<Vec<u8>>,
    /// `-h`: a row has the values of all interfaces one after another.
    repeated: bool,
    form: Option<&'static str>,
}

impl Sadf {
    pub(super) fn dialect(&self) -> Option<&'static str> {
        self.form
    }

    /// Takes a line, if it is sadf's.
    pub(super) fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Option<Found> {
        if let Some(rest) = text.strip_prefix(TITLE) {
            self.form = Some("sadf-csv");
            let (rest, repeated) = match rest.strip_suffix(b"[...]") {
                Some(rest) => (rest, true),
                None => (rest, false),
            };
            self.repeated = repeated;
            let columns = rest.split(|byte| *byte == b';').skip(1);
            self.columns = columns.map(|column| column.trim_ascii().to_vec()).collect();
            return Some(Found::Own);
        }
        if !self.columns.is_empty() && text.contains(&b';') {
            return Some(self.row(text, table));
        }
        let plain = plain(text)?;
        self.form = Some("sadf");
        table.run().host = Some(name(plain.host));
        at(plain.time, table);
        let (name, unit) = unit(plain.name);
        let whose: &[u8] = if plain.whose == b"-" {
            b""
        } else {
            plain.whose
        };
        table.add(whose, name, plain.value, unit);
        Some(Found::Samples)
    }

    fn row(&self, text: &[u8], table: &mut Table<'_>) -> Found {
        let fields: Vec<&[u8]> = text.split(|byte| *byte == b';').collect();
        let [host, interval, time, values @ ..] = fields.as_slice() else {
            return MALFORMED;
        };
        // An interval of -1: the machine was started anew, or someone left a word.
        if *interval == b"-1" {
            return Found::Own;
        }
        let fits = values.len() == self.columns.len()
            || self.repeated && !values.is_empty() && values.len() % self.columns.len() == 0;
        if !fits || count(interval).is_none() {
            return MALFORMED;
        }
        table.run().host = Some(name(host));
        at(time, table);
        for group in values.chunks(self.columns.len()) {
            let key = self
                .columns
                .first()
                .filter(|column| KEYS.contains(&column.as_slice()));
            let whose = match (key, group.first()) {
                (Some(column), Some(value)) => subject(column, value),
                _ => Vec::new(),
            };
            for (column, field) in self
                .columns
                .iter()
                .zip(group)
                .skip(usize::from(key.is_some()))
            {
                let Some(value) = value(field) else {
                    return MALFORMED;
                };
                match key.map(Vec::as_slice) {
                    Some(b"INTR") => {
                        let column = column.to_ascii_lowercase();
                        let cpu: &[u8] = if column == b"intr/s" { b"all" } else { &column };
                        let line: &[u8] = if whose == b"-1" { b"sum" } else { &whose };
                        table.add(cpu, line, value, b"/s");
                    }
                    _ => {
                        let (name, unit) = unit(column);
                        table.add(&whose, name, value, unit);
                    }
                }
            }
        }
        Found::Samples
    }
}

fn at(time: &[u8], table: &mut Table<'_>) {
    // `-U` prints seconds since 1970.
    let seconds = count(time).map(|seconds| seconds as f64);
    table.at(Some(time), seconds, false);
}
