//! `perf kvm stat report` and `live`: why guests stopped, how often and for how long.
//!
//! ```text
//! Analyze events for all VMs, VCPU 0:
//!
//!    VM-EXIT    Samples  Samples%     Time%    Min Time    Max Time         Avg time
//!        HLT        179    20.67%    99.82%     64.53us  17159.69us  10123.40us ( +-   4.68% )
//!
//! Total Samples:866, Total events handled time:1815367.45us.
//! ```

use memchr::memmem::find;

use crate::Tool;
use crate::counters::name as text_of;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table};
use crate::counters::tidy::Value;
use crate::counters::words;
use crate::number::{decimal, integer};
use crate::warning::WarningKind;

/// `perf kvm stat`.
pub(crate) const PERF_KVM: Lined = Lined {
    tool: Tool::PerfKvm,
    vote: |line| {
        let is = find(line, b"Analyze events for ").is_some()
            || line.starts_with(b"Total Samples:")
            || line.contains(&b'%')
                && (is_heading(line)
                    || line.ends_with(b")")
                        && Row::of(line, None).is_some_and(|row| row.stddev.is_some()));
        u32::from(is) * 3
    },
    source: || Box::new(PerfKvm::default()),
};

fn is_heading(line: &[u8]) -> bool {
    find(line, b"Samples%").is_some() && find(line, b"Time%").is_some()
}

/// A row's numbers. They may touch: wide ones leave no space between the columns.
struct Row<'a> {
    name: &'a [u8],
    samples: u64,
    samples_share: f64,
    time_share: f64,
    /// Shortest and longest, which old versions don't print, and the mean.
    times: Vec<(f64, &'a [u8])>,
    stddev: Option<Value>,
}

/// A number at the front, white space before it, and its unit behind it.
fn number<'a>(text: &'a [u8], unit: &[u8]) -> Option<(f64, &'a [u8])> {
    let (number, rest) = decimal(text.trim_ascii_start())?;
    Some((number.value, rest.strip_prefix(unit)?))
}

impl Row<'_> {
    fn of(line: &[u8], times: Option<usize>) -> Option<Row<'_>> {
        // The name may have spaces and digits: the count is where a share follows.
        let mut from = 0;
        let words = words(line).skip(1);
        for word in words {
            let at = from + find(line.get(from..)?, word)?;
            from = at + word.len();
            if let Some(row) = Row::at(line, at, times) {
                return Some(row);
            }
        }
        None
    }

    fn at(line: &[u8], at: usize, expected: Option<usize>) -> Option<Row<'_>> {
        let (name, rest) = line.split_at_checked(at)?;
        let (samples, rest) = integer(rest)?;
        if !rest.first()?.is_ascii_whitespace() {
            return None;
        }
        let (samples_share, rest) = number(rest, b"%")?;
        let (time_share, mut rest) = number(rest, b"%")?;
        let mut times = Vec::new();
        while times.len() < 3
            && let Some((value, after)) = decimal(rest.trim_ascii_start())
        {
            let letters = after
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
            let (unit, after) = after.split_at_checked(letters)?;
            if !matches!(unit, b"us" | b"ns" | b"ms" | b"s") {
                return None;
            }
            times.push((value.value, unit));
            rest = after;
        }
        let rest = rest.trim_ascii();
        let stddev = if rest.is_empty() {
            None
        } else {
            let inner = rest.strip_prefix(b"(")?.strip_suffix(b")")?.trim_ascii();
            let inner = inner.strip_prefix(b"+-")?.trim_ascii_start();
            Some(match number(inner, b"%") {
                Some((value, b"")) => Value::Number(value),
                _ if find(inner, b"nan%").is_some() => Value::Missing,
                _ => return None,
            })
        };
        let fits = expected.is_none_or(|expected| times.len() == expected);
        (fits && matches!(times.len(), 1 | 3)).then_some(Row {
            name: name.trim_ascii(),
            samples,
            samples_share,
            time_share,
            times,
            stddev,
        })
    }
}

#[derive(Default)]
struct PerfKvm {
    vcpu: Vec<u8>,
    /// How many times a row has.
    times: Option<usize>,
    sum: u64,
    cut: bool,
}

impl Source for PerfKvm {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if let Some(at) = find(text, b"Analyze events for ") {
            let (time, what) = text.split_at_checked(at).unwrap_or_default();
            let time = time.trim_ascii();
            if time.is_empty() {
                table.begin();
            } else {
                table.at(Some(time), None, false);
            }
            let what = what.get(19..).unwrap_or_default();
            let what = what.strip_suffix(b":").unwrap_or(what);
            self.vcpu.clear();
            if let Some(vcpu) = find(what, b"VCPU ") {
                let number = what.get(vcpu + 5..).unwrap_or_default();
                self.vcpu = [b"vcpu", number.trim_ascii(), b" "].concat();
            }
            self.sum = 0;
            self.cut = false;
            table
                .run()
                .labels
                .insert("events".to_owned(), text_of(what));
            return Found::Own;
        }
        if is_heading(text) {
            self.times = Some(if find(text, b"Min Time").is_some() {
                3
            } else {
                1
            });
            return Found::Own;
        }
        if let Some(total) = text.strip_prefix(b"Total Samples:") {
            return self.total(total, table);
        }
        if let Some(lost) = text.strip_prefix(b"Lost events:") {
            let Some((lost, b"")) = integer(lost.trim_ascii()) else {
                return MALFORMED;
            };
            table.add(b"", b"lost", Value::Count(lost), b"");
            return Found::Samples;
        }
        let Some(row) = Row::of(text, self.times) else {
            let like = self.times.is_some() && find(text, b"%").is_some();
            self.cut |= like;
            return if like { MALFORMED } else { Found::Foreign };
        };
        let subject = [&self.vcpu, row.name].concat();
        self.sum = self.sum.saturating_add(row.samples);
        table.add(&subject, b"samples", Value::Count(row.samples), b"");
        table.add(
            &subject,
            b"samples_share",
            Value::Number(row.samples_share),
            b"%",
        );
        table.add(&subject, b"time_share", Value::Number(row.time_share), b"%");
        let names: &[&[u8]] = if row.times.len() == 3 {
            &[b"min", b"max", b"avg"]
        } else {
            &[b"avg"]
        };
        for (name, (value, unit)) in names.iter().zip(&row.times) {
            table.add(&subject, name, Value::Number(*value), unit);
        }
        if let Some(stddev) = row.stddev {
            if stddev == Value::Missing {
                table.note(WarningKind::NotANumber);
            }
            table.add(&subject, b"avg:stddev", stddev, b"%");
        }
        Found::Samples
    }

    fn fresh(&mut self) {
        self.sum = 0;
    }
}

impl PerfKvm {
    /// `866, Total events handled time:1815367.45us.`
    fn total(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        let Some((samples, rest)) = integer(text.trim_ascii_start()) else {
            return MALFORMED;
        };
        let time = rest
            .strip_prefix(b", Total events handled time:")
            .and_then(|rest| decimal(rest.trim_ascii_start()));
        let Some((time, rest)) = time else {
            return MALFORMED;
        };
        let unit = rest.strip_suffix(b".").unwrap_or(rest);
        if !matches!(unit, b"us" | b"ns" | b"ms" | b"s") {
            return MALFORMED;
        }
        if samples != self.sum && !self.cut {
            table.note(WarningKind::SummaryDisagrees);
        }
        self.sum = 0;
        let subject = [&self.vcpu, &b"total"[..]].concat();
        table.add(&subject, b"samples", Value::Count(samples), b"");
        table.add(&subject, b"time", Value::Number(time.value), unit);
        Found::Samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows() {
        let row = Row::of(
            b"HLT  179 20.67% 99.82% 64.53us 17159.69us 10123.40us ( +-   4.68% )",
            None,
        )
        .unwrap();
        assert_eq!(
            (row.name, row.samples, row.times.len()),
            (&b"HLT"[..], 179, 3)
        );
        let touching = b"0x70 POUT 1234567890 100.00%100.00%64.53us1000000017159.69us10123.40us ( +-1234.68% )";
        let row = Row::of(touching, Some(3)).unwrap();
        assert_eq!(row.name, b"0x70 POUT");
        assert_eq!(row.times[1].0, 1_000_000_017_159.69);
        let old = Row::of(b"Exit 5  3 0.35% 0.00% 4.42us ( +-   -nan% )", None).unwrap();
        assert_eq!(
            (old.name, old.stddev),
            (&b"Exit 5"[..], Some(Value::Missing))
        );
        assert!(Row::of(b"cpu 1 2", None).is_none());
        assert!(Row::of(b"HLT 179 20.67% 99.82% 64.53us 171", Some(3)).is_none());
    }
}
