//! The columns of a table as data: its shown numbers as numbers, an interval as its two ends.

use crate::number;
use crate::view::{Style, Table};

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Words.
    Text(Vec<String>),
    /// Numbers, as precise as they are shown.
    Numbers(Vec<Option<f64>>),
}

/// The columns with their names, of which no two are alike. A column of intervals becomes
/// `…_low` and `…_high`, and where one has a reason in its place, `…_note`.
pub(super) fn columns(table: &Table) -> Vec<(String, Values)> {
    let mut columns: Vec<(String, Values)> = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let texts = table
            .rows
            .iter()
            .map(|row| row.get(index).map_or("", String::as_str));
        let texts: Vec<&str> = texts.collect();
        for (name, values) in split(&column.title, column.style, &texts) {
            let mut free = name.clone();
            let mut n = 1;
            while columns.iter().any(|(known, _)| *known == free) {
                n += 1;
                free = format!("{name}_{n}");
            }
            columns.push((free, values));
        }
    }
    columns
}

/// What a text of a column of numbers shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell<'a> {
    Nothing,
    Number(f64),
    Percent(f64),
    Interval(Option<f64>, f64, f64),
    Words(&'a str),
}

impl<'a> Cell<'a> {
    fn of(text: &'a str) -> Self {
        let cell = || {
            if matches!(text, "" | "–") {
                return Some(Self::Nothing);
            }
            if let Some(number) = number::read(text) {
                return Some(Self::Number(number));
            }
            if let Some(share) = text.strip_suffix(" %") {
                return Some(Self::Percent(number::read(share)?));
            }
            let (value, ends) = text.strip_suffix(']')?.split_once('[')?;
            let (low, high) = ends.split_once(", ")?;
            let value = match value.trim_end() {
                "" => None,
                value => Some(number::read(value)?),
            };
            Some(Self::Interval(
                value,
                number::read(low)?,
                number::read(high)?,
            ))
        };
        cell().unwrap_or(Self::Words(text))
    }
}

fn split(title: &str, style: Style, texts: &[&str]) -> Vec<(String, Values)> {
    let words = |texts: &[&str]| Values::Text(texts.iter().map(|&text| text.to_owned()).collect());
    let cells: Vec<_> = texts.iter().map(|text| Cell::of(text)).collect();
    let any = |is: fn(&Cell<'_>) -> bool| cells.iter().any(is);
    let numbers =
        |number: fn(&Cell<'_>) -> Option<f64>| Values::Numbers(cells.iter().map(number).collect());
    if style != Style::Number || texts.is_empty() {
        return vec![(title.to_owned(), words(texts))];
    }
    if any(|cell| matches!(cell, Cell::Interval(..))) {
        let mut columns = Vec::new();
        if any(|cell| matches!(cell, Cell::Interval(Some(_), ..) | Cell::Number(_))) {
            let value = numbers(|cell| match cell {
                Cell::Interval(value, ..) => *value,
                Cell::Number(value) => Some(*value),
                _ => None,
            });
            columns.push((title.to_owned(), value));
        }
        let low = numbers(|cell| match cell {
            Cell::Interval(_, low, _) => Some(*low),
            _ => None,
        });
        let high = numbers(|cell| match cell {
            Cell::Interval(.., high) => Some(*high),
            _ => None,
        });
        columns.extend([
            (format!("{title}_low"), low),
            (format!("{title}_high"), high),
        ]);
        if any(|cell| matches!(cell, Cell::Words(_))) {
            let notes = cells.iter().map(|cell| match cell {
                Cell::Words(text) => *text,
                _ => "",
            });
            columns.push((format!("{title}_note"), words(&notes.collect::<Vec<_>>())));
        }
        return columns;
    }
    let percent = any(|cell| matches!(cell, Cell::Percent(_)));
    let number = any(|cell| matches!(cell, Cell::Number(_)));
    if any(|cell| matches!(cell, Cell::Words(_))) || percent == number {
        return vec![(title.to_owned(), words(texts))];
    }
    let values = numbers(|cell| match cell {
        Cell::Number(value) | Cell::Percent(value) => Some(*value),
        _ => None,
    });
    let unit = if percent { " (%)" } else { "" };
    vec![(format!("{title}{unit}"), values)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_numbers_are_numbers() {
        let columns = columns(&super::super::hostile());
        let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Arm",
                "Estimate (ms)",
                "Interval_low",
                "Interval_high",
                "Interval_note",
                "Level (%)",
                "Log"
            ]
        );
        assert_eq!(
            columns[1].1,
            Values::Numbers(vec![Some(-1.5), Some(1.2e-9), None])
        );
        assert_eq!(
            columns[2].1,
            Values::Numbers(vec![Some(-2.0), Some(1e-9), None])
        );
        assert_eq!(
            columns[4].1,
            Values::Text(vec![String::new(), String::new(), "too few (n = 3)".into()])
        );
    }

    #[test]
    fn names_differ_and_values_keep_their_intervals() {
        let split = split("Success (%)", Style::Number, &["87.5 [47.3, 99.7]", "–"]);
        let names: Vec<_> = split.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["Success (%)", "Success (%)_low", "Success (%)_high"]
        );
        let mut table = super::super::hostile();
        table.columns[4].title = "Arm".into();
        assert_eq!(columns(&table).last().map(|c| c.0.as_str()), Some("Arm_2"));
    }
}
