//! What `sadf -x` makes of sar's files: XML with an element a line.
//!
//! ```text
//! <host nodename="vm">
//!   <file-date>2026-11-30</file-date>
//!   <timestamp date="2026-11-30" time="13:55:51" utc="1" interval="1">
//!     <cpu-load>
//!       <cpu number="all" user="97.49" nice="0.00" system="2.51" idle="0.00"/>
//!     </cpu-load>
//!     <irq intr="sum" cpu="all" value="649.00"/>
//!     <memory unit="kB">
//!       <memfree>19484044</memfree>
//! ```
//!
//! The samples are those of the same file's JSON.

use super::sysstat::{subject, unit};
use super::sysstat_json::is_key;
use crate::counters::name;
use crate::counters::source::{Found, MALFORMED, Source, Table, value};
use crate::warning::WarningKind;

/// Attributes that tell of the others.
const TELLING: [&[u8]; 2] = [b"per", b"unit"];

/// Whether a log is such a document by its first bytes.
pub(super) fn is_document(head: &[u8]) -> bool {
    head.starts_with(b"<?xml") && memchr::memmem::find(head, b"<sysstat").is_some()
}

#[derive(Default)]
pub(super) struct Xml {
    /// Within `cpu-load`.
    loads: bool,
    /// A document has begun and not ended.
    open: bool,
}

impl Source for Xml {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        let Some(tag) = text.strip_prefix(b"<") else {
            // The heading goes over several lines.
            let heading = [&b"xmlns"[..], b"xsi:", b"\"http"];
            let own = self.open && heading.iter().any(|start| text.starts_with(start));
            return if own { Found::Own } else { Found::Foreign };
        };
        let end = tag
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
            .filter(|end| *end > 0);
        let (kind, rest) = match end {
            Some(end) => tag.split_at(end),
            None => (tag, &b""[..]),
        };
        match kind {
            b"?xml" | b"!DOCTYPE" => {
                table.begin();
                self.open = true;
                return Found::Own;
            }
            b"sysstat" => return Found::Own,
            _ if !text.ends_with(b">") => return MALFORMED,
            _ => {}
        }
        if let Some(closed) = tag.strip_prefix(b"/") {
            self.open &= closed != b"sysstat>";
            self.loads &= !closed.starts_with(b"cpu-load");
            return Found::Own;
        }
        if let Some(text) = rest.strip_prefix(b">") {
            return self.element(kind, text, table);
        }
        let Some(attributes) = attributes(rest) else {
            return MALFORMED;
        };
        match kind {
            b"host" => {
                let host = attributes.iter().find(|(key, _)| *key == b"nodename");
                table.run().host = host.map(|(_, host)| name(host));
                Found::Own
            }
            b"timestamp" => {
                let part = |wanted: &[u8]| {
                    let found = attributes.iter().find(|(key, _)| *key == wanted);
                    found.map(|(_, part)| *part).unwrap_or_default()
                };
                let time = [part(b"date"), part(b"time")].join(&b' ');
                table.at(Some(time.trim_ascii()), None, false);
                Found::Own
            }
            // Starts of the machine and words left by someone have a date and a time.
            _ if attributes.iter().any(|(key, _)| *key == b"time") => Found::Own,
            b"irq" => interrupt(&attributes, table),
            _ => self.values(&attributes, table),
        }
    }

    fn end(&mut self, table: &mut Table<'_>) {
        if self.open {
            table.note(WarningKind::CutFile);
        }
    }

    fn dialect(&self) -> &'static str {
        "xml"
    }

    fn stamped_by_others(&self) -> bool {
        false
    }
}

impl Xml {
    /// `<memfree>19484044</memfree>`, or a section's beginning.
    fn element(&mut self, kind: &[u8], text: &[u8], table: &mut Table<'_>) -> Found {
        let Some(end) = memchr::memchr(b'<', text) else {
            self.loads |= kind.starts_with(b"cpu-load");
            return Found::Own;
        };
        let said = text.get(..end).unwrap_or_default();
        match kind {
            b"file-date" => {
                table.run().date = Some(name(said));
                Found::Own
            }
            // Of the machine, in front of all samples.
            _ if table.untimed() => Found::Own,
            _ => match value(said) {
                Some(value) => {
                    let (name, unit) = unit(kind);
                    table.add(b"", name, value, unit);
                    Found::Samples
                }
                None => MALFORMED,
            },
        }
    }

    fn values(&self, attributes: &[(&[u8], &[u8])], table: &mut Table<'_>) -> Found {
        let key = attributes
            .iter()
            .position(|(key, _)| std::str::from_utf8(key).is_ok_and(is_key));
        let whose = match key.and_then(|at| attributes.get(at)) {
            Some((b"number", number)) if self.loads => subject(b"cpu", number),
            Some((key, whose)) => subject(key, whose),
            None => Vec::new(),
        };
        let mut found = Found::Own;
        for (at, (name, printed)) in attributes.iter().enumerate() {
            if Some(at) == key || TELLING.contains(name) {
                continue;
            }
            match value(printed) {
                Some(value) => {
                    let (name, own) = unit(name);
                    let unit = if self.loads { b"%" } else { own };
                    table.add(&whose, name, value, unit);
                    found = Found::Samples;
                }
                // What a device is called besides.
                None if key.is_some() && printed.first().is_none_or(u8::is_ascii_alphabetic) => {}
                None => return MALFORMED,
            }
        }
        found
    }
}

/// `intr="sum" cpu="all" value="649.00"`; old ones have no processor.
fn interrupt(attributes: &[(&[u8], &[u8])], table: &mut Table<'_>) -> Found {
    let part = |wanted: &[u8]| {
        let found = attributes.iter().find(|(key, _)| *key == wanted);
        found.map(|(_, part)| *part)
    };
    let (Some(line), Some(value)) = (part(b"intr"), part(b"value").and_then(value)) else {
        return MALFORMED;
    };
    let cpu = subject(b"cpu", part(b"cpu").unwrap_or(b"all"));
    table.add(&cpu, line, value, b"/s");
    Found::Samples
}

/// `key="value" key="value"` up to the tag's end.
fn attributes(mut text: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut attributes = Vec::new();
    loop {
        text = text.trim_ascii_start();
        if matches!(text, b">" | b"/>") {
            return Some(attributes);
        }
        let equals = memchr::memchr(b'=', text)?;
        let key = text.get(..equals)?;
        let rest = text.get(equals + 1..)?.strip_prefix(b"\"")?;
        let end = memchr::memchr(b'"', rest)?;
        attributes.push((key, rest.get(..end)?));
        text = rest.get(end + 1..)?;
    }
}
