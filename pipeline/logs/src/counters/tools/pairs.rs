//! Sources that are names and values: /proc/vmstat, `ethtool -S`, and our runner's lists of
//! frequencies and throttle counts.

use memchr::memmem::find;

use super::copies::Keys;
use crate::Tool;
use crate::counters::named::pair;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table};
use crate::counters::tidy::Value;
use crate::counters::{count, words};
use crate::warning::WarningKind;

/// `/proc/vmstat`.
pub(crate) const PROC_VMSTAT: Lined = Lined {
    tool: Tool::ProcVmstat,
    vote: |line| {
        let mut words = words(line);
        let (name, value) = (
            words.next().unwrap_or_default(),
            words.next().and_then(count),
        );
        if value.is_none() || words.next().is_some() {
            return 0;
        }
        match name {
            b"nr_free_pages" | b"pgpgin" | b"pgpgout" | b"pswpin" | b"pswpout" | b"pgfault"
            | b"pgmajfault" => 3,
            _ if [
                &b"nr_"[..],
                b"pg",
                b"numa_",
                b"thp_",
                b"workingset_",
                b"compact_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix)) =>
            {
                1
            }
            _ => 0,
        }
    },
    source: || {
        Box::new(Pairs {
            spaced: true,
            ..Pairs::default()
        })
    },
};

/// `ethtool -S`.
pub(crate) const ETHTOOL: Lined = Lined {
    tool: Tool::Ethtool,
    vote: |line| {
        if line == b"NIC statistics:" || line == b"no stats available" {
            return 3;
        }
        // Many things print lists of names and numbers.
        let traffic = [&b"rx_"[..], b"tx_", b"rx_queue_", b"tx_queue_"]
            .iter()
            .any(|prefix| line.starts_with(prefix));
        u32::from(traffic && find(line, b": ").is_some() && pair(line).is_some())
    },
    source: || Box::new(Pairs::default()),
};

/// `cpufreq/scaling_cur_freq` of each processor, as our runner logs it.
pub(crate) const CPUFREQ: Lined = Lined {
    tool: Tool::Cpufreq,
    vote: |line| u32::from(find(line, b"/cpufreq/scaling_cur_freq ").is_some()) * 3,
    source: || {
        Box::new(Pairs {
            spaced: true,
            unit: b"kHz",
            ..Pairs::default()
        })
    },
};

/// `thermal_throttle/*_count` of each processor, as our runner logs it.
pub(crate) const THERMAL_THROTTLE: Lined = Lined {
    tool: Tool::ThermalThrottle,
    vote: |line| u32::from(find(line, b"/thermal_throttle/").is_some()) * 3,
    source: || {
        Box::new(Pairs {
            spaced: true,
            ..Pairs::default()
        })
    },
};

#[derive(Default)]
struct Pairs {
    /// Names and values with a space between, else with a colon.
    spaced: bool,
    unit: &'static [u8],
    keys: Keys,
    titled: bool,
}

impl Source for Pairs {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        if !self.spaced {
            if text.starts_with(b"NIC statistics") {
                if self.titled {
                    self.keys.clear();
                    table.next();
                }
                self.titled = true;
                return Found::Own;
            }
            if text == b"no stats available" || text.starts_with(b"Cannot get stats") {
                return Found::Odd(WarningKind::ToolError);
            }
        }
        let Some((name, value)) = pair(text) else {
            // Words in between are no counters.
            let like = text.last().is_some_and(u8::is_ascii_digit);
            return if like { MALFORMED } else { Found::Foreign };
        };
        if self.spaced && (name.iter().any(u8::is_ascii_whitespace) || text.contains(&b':')) {
            return Found::Foreign;
        }
        match self.keys.take(name, table) {
            Ok(()) => {}
            Err(found) => return found,
        }
        let (subject, name) = match name.iter().position(|byte| *byte == b'/') {
            Some(at) if name.starts_with(b"cpu") && self.spaced => (
                name.get(..at).unwrap_or_default(),
                name.get(at + 1..).unwrap_or_default(),
            ),
            _ => (&b""[..], name),
        };
        let title = std::mem::take(&mut table.title);
        let subject = if subject.is_empty() { &title } else { subject };
        table.add(subject, name, Value::Count(value), self.unit);
        table.title = title;
        Found::Samples
    }

    fn fresh(&mut self) {
        self.keys.clear();
        self.titled = false;
    }
}
