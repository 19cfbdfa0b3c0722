//! KVM's counters: the files of `/sys/kernel/debug/kvm` as `name value` lines, and
//! `kvm_stat`'s screen, `-1` (name, total, latest) and `-l` (a line a second).

use super::copies::Keys;
use crate::Tool;
use crate::counters::named::pair;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table, value};
use crate::counters::tidy::Value;
use crate::counters::{count, words};

/// KVM's counters.
pub(crate) const KVM_STAT: Lined = Lined {
    tool: Tool::KvmStat,
    vote: |line| {
        if line.starts_with(b"kvm statistics - summary") {
            return 3;
        }
        let first = line.first().copied().unwrap_or_default();
        if !first.is_ascii_lowercase() && first != b'/' {
            return 0;
        }
        let line = basename(line).1;
        let mut words = words(line);
        let first = words.next().unwrap_or_default();
        let first = first.strip_suffix(b":").unwrap_or(first);
        let (name, more) = match first.iter().position(|byte| b":,".contains(byte)) {
            Some(at) => first.split_at_checked(at).unwrap_or_default(),
            None => (first, &b""[..]),
        };
        let known = KNOWN.contains(&name) || name.starts_with(b"kvm_");
        let plain = !name.iter().any(|byte| b"=-".contains(byte)) && !line.contains(&b',');
        let all = plain && words.all(|word| value(word).is_some());
        let banner = (known || name == b"timestamp")
            && words_of_banner(line).is_some_and(|names| {
                names.len() > 1
                    && names
                        .iter()
                        .any(|name| KNOWN.contains(name) || *name == b"kvm_exit")
            });
        match (
            known && all && (more.is_empty() || pair(line).is_some()),
            banner,
        ) {
            (_, true) => 3,
            (true, _) if line.last().is_some_and(u8::is_ascii_digit) => 2,
            _ => 0,
        }
    },
    source: || Box::new(KvmStat::default()),
};

/// Names that no other source has.
const KNOWN: [&[u8]; 14] = [
    b"exits",
    b"io_exits",
    b"irq_exits",
    b"mmio_exits",
    b"halt_exits",
    b"halt_wakeup",
    b"signal_exits",
    b"irq_injections",
    b"nmi_injections",
    b"insn_emulation",
    b"host_state_reload",
    b"fpu_reload",
    b"remote_tlb_flush",
    b"hypercalls",
];

#[derive(Default)]
struct KvmStat {
    keys: Keys,
    /// Of `-l`: the names of the columns, and whether commas separate them.
    columns: Vec<Vec<u8>>,
    commas: bool,
    /// Of the screen: `%Total` is printed.
    shares: bool,
}

/// `/sys/kernel/debug/kvm/1234-5/exits:1`: the guest and the rest.
fn basename(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(at) = memchr::memmem::rfind(text, b"/kvm/") else {
        return (b"", text);
    };
    let rest = text.get(at + 5..).unwrap_or_default();
    match rest.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (
            rest.get(..slash).unwrap_or_default(),
            rest.get(slash + 1..).unwrap_or_default(),
        ),
        None => (b"", rest),
    }
}

fn is_name(word: &[u8]) -> bool {
    word.first()
        .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
}

/// The names of a line of nothing but names.
fn words_of_banner(text: &[u8]) -> Option<Vec<&[u8]>> {
    let names: Vec<&[u8]> = if text.starts_with(b"timestamp,") {
        text.split(|byte| *byte == b',').skip(1).collect()
    } else {
        words(text).collect()
    };
    let all = names.len() > 1
        && names
            .iter()
            .all(|name| is_name(name) && !name.ends_with(b":"));
    all.then_some(names)
}

impl KvmStat {
    /// A line of `-l`.
    fn logged(&self, values: &[&[u8]], table: &mut Table<'_>) -> Found {
        let counts: Option<Vec<u64>> = values.iter().map(|value| count(value)).collect();
        match counts {
            Some(counts) if counts.len() == self.columns.len() => {
                for (name, count) in self.columns.iter().zip(counts) {
                    table.add(b"", name, Value::Count(count), b"");
                }
                Found::Samples
            }
            _ => MALFORMED,
        }
    }
}

impl Source for KvmStat {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if text.starts_with(b"kvm statistics - summary") {
            self.keys.clear();
            table.next();
            return Found::Own;
        }
        if text.starts_with(b"Event ") {
            self.shares = text.contains(&b'%');
            return Found::Own;
        }
        if self.commas
            && let [time, values @ ..] = text
                .split(|byte| *byte == b',')
                .collect::<Vec<_>>()
                .as_slice()
            && time.first().is_some_and(u8::is_ascii_digit)
        {
            table.at(Some(time), None, false);
            return self.logged(values, table);
        }
        if let Some(names) = words_of_banner(text)
            && (self.commas
                || names
                    .iter()
                    .any(|name| KNOWN.contains(name) || name.starts_with(b"kvm_")))
        {
            self.commas = text.starts_with(b"timestamp,");
            self.columns = names.into_iter().map(<[u8]>::to_vec).collect();
            return Found::Own;
        }
        let (guest, rest) = basename(text);
        let tokens: Vec<&[u8]> = words(rest).collect();
        match tokens.as_slice() {
            numbers @ [first, ..] if count(first).is_some() && !self.columns.is_empty() => {
                let untimed = table.untimed();
                if untimed {
                    table.next();
                }
                self.logged(numbers, table)
            }
            [name, total, latest] if !self.shares && is_name(name) => {
                let (Some(total), Some(latest)) = (count(total), count(latest)) else {
                    return MALFORMED;
                };
                if let Err(found) = self.keys.take(name, table) {
                    return found;
                }
                table.add(guest, name, Value::Count(total), b"");
                table.add(
                    guest,
                    &[name, &b":latest"[..]].concat(),
                    Value::Count(latest),
                    b"",
                );
                Found::Samples
            }
            // The sum's share isn't printed.
            [name, total, between @ .., rate]
                if self.shares && is_name(name) && between.len() < 2 =>
            {
                let share: Option<Vec<Value>> = between.iter().map(|share| value(share)).collect();
                let (Some(total), Some(rate), Some(_)) = (count(total), value(rate), share) else {
                    return MALFORMED;
                };
                if let Err(found) = self.keys.take(name, table) {
                    return found;
                }
                table.add(guest, name, Value::Count(total), b"");
                table.add(guest, &[name, &b":rate"[..]].concat(), rate, b"/s");
                Found::Samples
            }
            _ => {
                let Some((name, value)) = pair(rest) else {
                    let like =
                        tokens.len() == 2 && tokens.first().is_some_and(|name| is_name(name));
                    return if like { MALFORMED } else { Found::Foreign };
                };
                let key = [guest, b"/", name].concat();
                if let Err(found) = self.keys.take(&key, table) {
                    return found;
                }
                table.add(guest, name, Value::Count(value), b"");
                Found::Samples
            }
        }
    }

    fn fresh(&mut self) {
        self.keys.clear();
    }

    fn stamped_by_others(&self) -> bool {
        !self.commas
    }
}
