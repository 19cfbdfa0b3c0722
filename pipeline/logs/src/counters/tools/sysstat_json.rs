//! The JSON of mpstat, sadf and iostat. The text of a file is held whole, and of what it
//! says one interval at a time.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::sysstat::{subject, unit};
use crate::account::Account;
use crate::counters::source::Table;
use crate::counters::tidy::Value;
use crate::lines::Lines;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Sink, Tool};

/// What interrupted reading: where the file's lines begin tells the line.
pub(super) fn read(
    tool: Tool,
    lines: Lines<'_>,
    sink: &mut dyn Sink,
) -> Result<Document, ReadError> {
    let bytes = lines.rest()?;
    let mut warnings = Warnings::default();
    let mut account = Account::default();
    let table = RefCell::new(Table::new(tool.name(), sink));
    let mut from = 0;
    let mut line = 1;
    let mut documents = 0;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let blank = rest.len() - rest.trim_ascii_start().len();
        line += newlines(rest.get(..blank).unwrap_or_default());
        account.skipped += blank as u64;
        from += blank;
        let rest = rest.get(blank..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        if documents == 1 {
            let text = "another document follows the first; all are read";
            warnings.push(WarningKind::SecondDocument, line, text);
        }
        let mut table_now = table.borrow_mut();
        table_now.begin();
        table_now.start_line(line);
        drop(table_now);
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        // The whole is checked first: half a number is a number too, but only at the end.
        let whole = matches!(stream.next(), Some(Ok(_)));
        let length = if whole {
            stream.byte_offset()
        } else {
            rest.len()
        };
        let text = rest.get(..length).unwrap_or_default();
        let mut reader = serde_json::Deserializer::from_slice(text);
        let found = Level {
            table: &table,
            place: Place::Top,
        }
        .deserialize(&mut reader);
        match found {
            Ok(()) => account.read += length as u64,
            Err(error) => {
                let kind = if error.is_eof() {
                    WarningKind::CutFile
                } else {
                    WarningKind::Malformed
                };
                let at = line + (error.line() as u64).saturating_sub(1);
                warnings.push(kind, at, format!("the rest can't be read: {error}"));
                account.warned += length as u64;
            }
        }
        line += newlines(text);
        from += length;
        documents += 1;
    }
    let document = table.into_inner().document(tool, "json", warnings);
    Ok(Document {
        account,
        ..document
    })
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Top,
    Sysstat,
    Host,
}

/// A level of `{"sysstat":{"hosts":[{..., "statistics":[...]}]}}`.
#[derive(Clone, Copy)]
struct Level<'t, 's> {
    table: &'t RefCell<Table<'s>>,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of sysstat")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let inner = |place| Level { place, ..self };
            match (self.place, key.as_str()) {
                (Place::Top, "sysstat") => map.next_value_seed(inner(Place::Sysstat))?,
                (Place::Sysstat, "hosts") => map.next_value_seed(Hosts(inner(Place::Host)))?,
                (Place::Host, "statistics") => map.next_value_seed(Statistics(self.table))?,
                (Place::Host, "nodename") => {
                    let name: Json = map.next_value()?;
                    self.table.borrow_mut().run().host = name.as_str().map(str::to_owned);
                }
                (Place::Host, "date" | "file-date") => {
                    let date: Json = map.next_value()?;
                    self.table.borrow_mut().run().date = date.as_str().map(str::to_owned);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Hosts<'t, 's>(Level<'t, 's>);

impl<'de> DeserializeSeed<'de> for Hosts<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Hosts<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of hosts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.0)?.is_some() {
            self.0.table.borrow_mut().begin();
        }
        Ok(())
    }
}

struct Statistics<'t, 's>(&'t RefCell<Table<'s>>);

impl<'de> DeserializeSeed<'de> for Statistics<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Statistics<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of statistics")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(statistics) = list.next_element::<Json>()? {
            let mut table = self.0.borrow_mut();
            interval(&statistics, &mut table);
            table.end_line(true);
        }
        Ok(())
    }
}

/// One element of `statistics`.
fn interval(statistics: &Json, table: &mut Table<'_>) {
    match statistics.get("timestamp") {
        Some(Json::String(time)) => table.at(Some(time.as_bytes()), None, false),
        Some(Json::Object(time)) => {
            let part = |key| time.get(key).and_then(Json::as_str).unwrap_or_default();
            let time = [part("date"), part("time")].join(" ");
            table.at(Some(time.trim().as_bytes()), None, false);
        }
        _ => table.next(),
    }
    let Some(sections) = statistics.as_object() else {
        return;
    };
    for (section, content) in sections {
        if section != "timestamp" {
            walk(section, content, "", table);
        }
    }
}

/// Keys that say whose an object is.
pub(super) fn is_key(key: &str) -> bool {
    matches!(
        key,
        "cpu"
            | "node"
            | "iface"
            | "dev"
            | "disk-device"
            | "disk_device"
            | "intr"
            | "name"
            | "tty"
            | "line"
            | "filesystem"
            | "fchost"
            | "number"
            | "bus_number"
            | "device"
    )
}

fn walk(section: &str, content: &Json, whose: &str, table: &mut Table<'_>) {
    match content {
        Json::Array(items) => {
            for item in items {
                walk(section, item, whose, table);
            }
        }
        Json::Object(fields) => {
            let own = fields.iter().find_map(|(key, value)| {
                let name = match value {
                    Json::String(name) => name.clone(),
                    Json::Number(number)
                        if matches!(key.as_str(), "number" | "bus_number" | "line") =>
                    {
                        number.to_string()
                    }
                    _ => return None,
                };
                is_key(key).then_some((key.as_str(), name))
            });
            // An interrupt line's name is what is counted, and the processor whose it is.
            if let Some(("intr" | "name", line)) = &own
                && section.ends_with("interrupts")
            {
                for (key, value) in fields {
                    if let Some(value) = number(value) {
                        let cpu = if key == "value" {
                            whose.to_owned()
                        } else {
                            key.to_ascii_lowercase()
                        };
                        table.add(cpu.as_bytes(), line.as_bytes(), value, b"/s");
                    }
                }
                return;
            }
            let whose = match &own {
                Some((key, name)) => {
                    let key = if section.contains("node") && *key == "cpu" {
                        "node"
                    } else {
                        key
                    };
                    String::from_utf8_lossy(&subject(key.as_bytes(), name.as_bytes())).into_owned()
                }
                None if section == "avg-cpu" => "all".to_owned(),
                None => whose.to_owned(),
            };
            for (key, value) in fields {
                if own.as_ref().is_some_and(|(own, _)| own == key) {
                    continue;
                }
                match number(value) {
                    Some(value) => {
                        let (name, mut unit) = unit(key.as_bytes());
                        if section.contains("cpu-load") || section == "avg-cpu" {
                            unit = b"%";
                        } else if section.ends_with("interrupts") {
                            unit = b"/s";
                        }
                        table.add(whose.as_bytes(), name, value, unit);
                    }
                    None => walk(
                        if value.is_array() || value.is_object() {
                            section_of(section, key)
                        } else {
                            section
                        },
                        value,
                        &whose,
                        table,
                    ),
                }
            }
        }
        _ => {}
    }
}

/// Sections within sections have the inner one's name, but an interrupt's stays.
fn section_of<'a>(section: &'a str, key: &'a str) -> &'a str {
    if section.ends_with("interrupts") {
        section
    } else {
        key
    }
}

fn number(value: &Json) -> Option<Value> {
    let number = value.as_number()?;
    match number.as_u64() {
        Some(count) => Some(Value::Count(count)),
        None => number
            .as_f64()
            .filter(|number| number.is_finite())
            .map(Value::Number),
    }
}
