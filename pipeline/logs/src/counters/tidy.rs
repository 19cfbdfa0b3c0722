//! Counters of any source as one tidy table.

use std::collections::HashMap;

use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

/// What one report, or one source's snapshots, say. As JSON:
///
/// ```json
/// {"source":"mpstat","host":"vm","date":"03/11/2022","labels":{},"samples":[
///   {"snapshot":0,"time":"03:15:06 PM","subject":"cpu0","name":"usr","value":0.22,"unit":"%","line":5}]}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// The tool or source.
    pub source: String,
    /// The host, where the log names it.
    pub host: Option<String>,
    /// The date, as printed, where the log names it apart from its times.
    pub date: Option<String>,
    /// What names stand for: the devices of interrupt lines, a run's command.
    pub labels: std::collections::BTreeMap<String, String>,
    /// What was counted, in the order of the log; of a drained run, what is left.
    pub samples: Samples,
    /// Samples there were, those that a sink took included.
    #[serde(skip)]
    pub total: u64,
    /// The line on which the run begins.
    #[serde(skip)]
    pub line: u64,
}

/// A value as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number, exactly.
    Count(u64),
    /// A number with a fraction, or a negative one.
    Number(f64),
    /// The tool says that it has none (`<not counted>`). As JSON: null.
    Missing,
}

impl Value {
    /// The nearest double, if there is a value.
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Value::Count(count) => Some(count as f64),
            Value::Number(number) => Some(number),
            Value::Missing => None,
        }
    }
}

/// When samples were taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moment {
    /// Counts the snapshots, or the intervals of a report, of the run from 0.
    pub snapshot: u32,
    /// As printed.
    pub time: Option<String>,
    /// In s, where the log has it as a number: since the tool's start, or a clock's zero.
    pub seconds: Option<f64>,
    /// No interval but the mean over all of them.
    pub average: bool,
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// When.
    pub moment: &'a Moment,
    /// Whose: `cpu0`, `all`, `eth0`, `vda`, an exit's reason; empty for the whole machine.
    pub subject: &'a str,
    /// What, under the source's own name without its unit.
    pub name: &'a str,
    /// How much.
    pub value: Value,
    /// `%`, `/s`, `ticks`, ...; empty where the log doesn't say.
    pub unit: &'a str,
    /// Where in the log.
    pub line: u64,
}

impl Serialize for Sample<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Moment {
            snapshot,
            time,
            seconds,
            average,
        } = self.moment;
        let fields = 7 + usize::from(seconds.is_some()) + usize::from(*average);
        let mut sample = serializer.serialize_struct("Sample", fields)?;
        sample.serialize_field("snapshot", snapshot)?;
        sample.serialize_field("time", time)?;
        if let Some(seconds) = seconds {
            sample.serialize_field("seconds", seconds)?;
        }
        if *average {
            sample.serialize_field("average", average)?;
        }
        sample.serialize_field("subject", self.subject)?;
        sample.serialize_field("name", self.name)?;
        sample.serialize_field("value", &self.value)?;
        sample.serialize_field("unit", self.unit)?;
        sample.serialize_field("line", &self.line)?;
        sample.end()
    }
}

/// Samples, with each text held once. As JSON: a list of objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    moments: Vec<Moment>,
    subjects: Texts,
    names: Texts,
    units: Texts,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    moment: u32,
    subject: u32,
    name: u32,
    unit: u32,
    value: Value,
    line: u64,
}

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All of them in the order of the log.
    pub fn iter(&self) -> impl Iterator<Item = Sample<'_>> {
        self.rows.iter().filter_map(|row| {
            Some(Sample {
                moment: self.moments.get(row.moment as usize)?,
                subject: self.subjects.get(row.subject)?,
                name: self.names.get(row.name)?,
                value: row.value,
                unit: self.units.get(row.unit)?,
                line: row.line,
            })
        })
    }

    pub(super) fn push(
        &mut self,
        moment: &Moment,
        subject: &[u8],
        name: &[u8],
        value: Value,
        unit: &[u8],
        line: u64,
    ) {
        if self.moments.last() != Some(moment) {
            self.moments.push(moment.clone());
        }
        // So many texts don't fit into memory.
        let moment = u32::try_from(self.moments.len() - 1).unwrap_or(u32::MAX);
        let row = Row {
            moment,
            subject: self.subjects.intern(subject),
            name: self.names.intern(name),
            unit: self.units.intern(unit),
            value,
            line,
        };
        self.rows.push(row);
    }

    /// Only the first `length` stay.
    pub(super) fn truncate(&mut self, length: usize) {
        self.rows.truncate(length);
    }
}

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for sample in self.iter() {
            list.serialize_element(&sample)?;
        }
        list.end()
    }
}

/// Texts by number.
#[derive(Debug, Clone, Default)]
struct Texts {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
    last: u32,
}

impl PartialEq for Texts {
    fn eq(&self, other: &Texts) -> bool {
        self.texts == other.texts
    }
}

impl Texts {
    fn get(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).map(String::as_str)
    }

    fn intern(&mut self, bytes: &[u8]) -> u32 {
        // Tables go through the same columns and rows again and again.
        for guess in [self.last, self.last.wrapping_add(1)] {
            if self.get(guess).is_some_and(|text| text.as_bytes() == bytes) {
                self.last = guess;
                return guess;
            }
        }
        let text = String::from_utf8_lossy(bytes);
        if let Some(number) = self.numbers.get(text.as_ref()) {
            self.last = *number;
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.clone().into_owned());
        self.numbers.insert(text.into_owned(), number);
        self.last = number;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_json() {
        let mut samples = Samples::default();
        let moment = Moment {
            time: Some("now".to_owned()),
            ..Moment::default()
        };
        samples.push(&moment, b"cpu0", b"usr", Value::Number(0.5), b"%", 2);
        samples.push(&moment, b"", b"\xff", Value::Count(u64::MAX), b"", 3);
        samples.push(&moment, b"cpu0", b"usr", Value::Missing, b"%", 4);
        assert_eq!(
            serde_json::to_string(&samples).unwrap(),
            concat!(
                r#"[{"snapshot":0,"time":"now","subject":"cpu0","name":"usr","value":0.5,"unit":"%","line":2},"#,
                r#"{"snapshot":0,"time":"now","subject":"","name":"�","value":18446744073709551615,"unit":"","line":3},"#,
                r#"{"snapshot":0,"time":"now","subject":"cpu0","name":"usr","value":null,"unit":"%","line":4}]"#
            )
        );
    }
}
