//! The numbers of a sample: one a line, a column of a table, Go's benchmarks, Parquet.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use anyhow::{Context, Result, bail};
use polars::prelude::DataType;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

/// A sample as read.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) values: Vec<f64>,
    /// Rows of a table without a value in the column.
    pub(super) absent: usize,
}

impl Numbers {
    /// Takes the number that a field holds.
    fn add(&mut self, field: &str) -> Result<()> {
        let value = field.parse();
        let value = value.with_context(|| format!("{field:?} is not a number"))?;
        self.push(value)
    }

    fn push(&mut self, value: f64) -> Result<()> {
        if !value.is_finite() {
            bail!("{value} can't be counted with");
        }
        self.values.push(value);
        Ok(())
    }
}

/// The numbers of a file, or of the standard input for `-`; of a table those in `column`.
pub(super) fn read(path: &Path, column: Option<&str>) -> Result<Numbers> {
    let mut bytes = Vec::new();
    let got = if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    got.with_context(|| format!("cannot read {}", path.display()))?;
    let numbers = numbers(bytes, column);
    let numbers =
        numbers.with_context(|| format!("cannot take numbers from {}", path.display()))?;
    if numbers.values.is_empty() {
        bail!("{} has no numbers; it takes one a line", path.display());
    }
    Ok(numbers)
}

fn numbers(bytes: Vec<u8>, column: Option<&str>) -> Result<Numbers> {
    if bytes.starts_with(b"PAR1") {
        return unharmed(|| parquet(bytes, column));
    }
    let text = String::from_utf8(bytes).context("it is neither text in UTF-8 nor Parquet")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let go: Vec<Benchmark> = text.lines().filter_map(Benchmark::parse).collect();
    match column {
        _ if !go.is_empty() => benchmarks(&go, column),
        None => lines(text),
        Some(column) => table(text, column),
    }
}

/// The first word of each line, as ministat takes it; what follows a `#` is a comment.
fn lines(text: &str) -> Result<Numbers> {
    let mut numbers = Numbers::default();
    for (line, number) in text.lines().zip(1..) {
        let word = line.split_whitespace().next();
        let Some(word) = word.filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let hint = match word.contains([',', ';']) {
            true => " (--column takes a column of a table)",
            false => "",
        };
        let added = numbers.add(word);
        added.with_context(|| format!("line {number}{hint}"))?;
    }
    Ok(numbers)
}

/// A column, by its name in the first line or counted from 1, of a table separated by tabs,
/// commas, semicolons or blanks.
fn table(text: &str, column: &str) -> Result<Numbers> {
    let mut rows = rows(text)?.into_iter().peekable();
    let (_, heading) = rows
        .peek()
        .context("the file is empty; --column names a column of its first line")?;
    let named = heading.iter().position(|name| name == column);
    let counted = column.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let is_number =
        |field: Option<&String>| field.is_some_and(|field| field.parse::<f64>().is_ok());
    let (at, headed) = match (named, counted) {
        (Some(at), _) => (at, true),
        (None, Some(at)) if at < heading.len() => (at, !is_number(heading.get(at))),
        (None, _) => bail!(
            "there is no column {column:?}; it has: {}",
            heading.join(", ")
        ),
    };
    let mut numbers = Numbers::default();
    for (number, row) in rows.skip(usize::from(headed)) {
        match row.get(at).filter(|field| !field.is_empty()) {
            Some(field) => numbers
                .add(field)
                .with_context(|| format!("line {number}"))?,
            None => numbers.absent += 1,
        }
    }
    Ok(numbers)
}

/// The fields of each line that has any, with the line's number.
fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>> {
    let written = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let first = text.lines().find(written).unwrap_or_default();
    let Some(separator) = ['\t', ',', ';'].into_iter().find(|c| first.contains(*c)) else {
        let lines = text.lines().zip(1..).filter(|(line, _)| written(line));
        let words = lines.map(|(line, number)| (number, line.split_whitespace()));
        return Ok(words
            .map(|(number, words)| (number, words.map(str::to_owned).collect()))
            .collect());
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator as u8)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            Ok((line, record.iter().map(str::to_owned).collect()))
        })
        .collect()
}

/// A line that `go test -bench` prints: name, iterations, and values with their units.
struct Benchmark<'a> {
    name: &'a str,
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Benchmark<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let name = words.next().filter(|name| name.starts_with("Benchmark"))?;
        words.next()?.parse::<u64>().ok()?;
        let rest: Vec<&str> = words.collect();
        let pairs = rest.chunks_exact(2).filter_map(|pair| match pair {
            [value, unit] => Some((*value, *unit)),
            _ => None,
        });
        let values: Vec<_> = pairs.collect();
        (!values.is_empty()).then_some(Self { name, values })
    }
}

/// The values of a benchmark in `unit`, or in the first unit of its lines.
fn benchmarks(lines: &[Benchmark], unit: Option<&str>) -> Result<Numbers> {
    let names: BTreeSet<&str> = lines.iter().map(|line| line.name).collect();
    if names.len() > 1 {
        let names: Vec<&str> = names.into_iter().collect();
        bail!(
            "it has several benchmarks; give the lines of one at a time (grep): {}",
            names.join(", ")
        );
    }
    let units = lines.iter().flat_map(|line| &line.values);
    let mut units = units.map(|(_, unit)| *unit);
    let unit = match unit {
        None => units.next().unwrap_or_default(),
        Some(unit) if units.clone().any(|known| known == unit) => unit,
        Some(unit) => {
            let units: BTreeSet<&str> = units.collect();
            let units: Vec<&str> = units.into_iter().collect();
            bail!("there is no unit {unit:?}; it has: {}", units.join(", "))
        }
    };
    let mut numbers = Numbers::default();
    for line in lines {
        match line.values.iter().find(|(_, known)| *known == unit) {
            Some((value, _)) => numbers.add(value).with_context(|| line.name.to_owned())?,
            None => numbers.absent += 1,
        }
    }
    Ok(numbers)
}

/// What `work` makes of a file of which the library panics if it is damaged in some places.
fn unharmed<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    done.unwrap_or_else(|_| bail!("it begins as Parquet but is damaged; write it anew"))
}

fn parquet(bytes: Vec<u8>, column: Option<&str>) -> Result<Numbers> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let schema = reader.schema();
    let schema = schema.context("it begins as Parquet but can't be read; is it whole?")?;
    let names: Vec<&str> = schema.iter_names().map(|name| name.as_str()).collect();
    let Some(column) = column else {
        bail!("--column takes one of its columns: {}", names.join(", "));
    };
    if !names.contains(&column) {
        bail!(
            "there is no column {column:?}; it has: {}",
            names.join(", ")
        );
    }
    let frame = reader.with_columns(Some(vec![column.to_owned()])).finish();
    let frame = frame.with_context(|| format!("its column {column:?} can't be read"))?;
    let values = frame.column(column)?;
    if !values.dtype().is_primitive_numeric() {
        bail!(
            "its column {column:?} holds no numbers but {}",
            values.dtype()
        );
    }
    let values = values.cast(&DataType::Float64)?;
    let mut numbers = Numbers::default();
    for (value, row) in values.f64()?.iter().zip(1..) {
        match value {
            Some(value) => numbers.push(value).with_context(|| format!("row {row}"))?,
            None => numbers.absent += 1,
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, DataFrame};
    use polars_io::parquet::write::ParquetWriter;

    use super::*;

    fn of(text: &str, column: Option<&str>) -> Result<Numbers, String> {
        numbers(text.as_bytes().to_vec(), column).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_first_word_of_each_line_is_its_number() {
        let text = "\u{feff}# pps\r\n1.5\r\n\r\n  2 # warm\n3\tpps 9\n4e0";
        assert_eq!(of(text, None).unwrap().values, [1.5, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn columns_are_named_or_counted() {
        for text in [
            "a,b\n1,5\n2,\n3,6\n",
            "a;\"b\"\n1;5\n2;\n3;6\n",
            "a\tb\r\n1\t5\r\n2\t\r\n3\t6\r\n",
        ] {
            for column in ["b", "2"] {
                let numbers = of(text, Some(column)).unwrap();
                assert_eq!((&numbers.values[..], numbers.absent), (&[5.0, 6.0][..], 1));
            }
            let error = of(text, Some("c")).unwrap_err();
            assert!(error.contains("no column \"c\"; it has: a, b"), "{error}");
        }
        let quoted = of("a,\"b, in s\"\n\"1\",\" 5\"\n", Some("b, in s"));
        assert_eq!(quoted.unwrap().values, [5.0]);
        // As ministat's -C, without a heading.
        let text = "# run pps\n1  10\n2  11 x\n";
        assert_eq!(of(text, Some("2")).unwrap().values, [10.0, 11.0]);
        assert!(of(text, Some("0")).unwrap_err().contains("no column"));
        let error = of("a,b\n1,2\n3,x\n", Some("b")).unwrap_err();
        assert!(error.contains("line 3: \"x\" is not a number"), "{error}");
    }

    #[test]
    fn benchmarks_of_go() {
        let text = "goos: linux\nBenchmarkPing-2 \t 1000\t 12.5 ns/op\t 16 B/op\n\
                    BenchmarkPing-2  1000  13 ns/op  24 B/op\nPASS\nok  net 3.2s\n";
        assert_eq!(of(text, None).unwrap().values, [12.5, 13.0]);
        assert_eq!(of(text, Some("B/op")).unwrap().values, [16.0, 24.0]);
        let error = of(text, Some("MB/s")).unwrap_err();
        assert!(error.contains("it has: B/op, ns/op"), "{error}");
        let two = format!("{text}BenchmarkPong-2 1 5 ns/op\n");
        let error = of(&two, None).unwrap_err();
        assert!(
            error.contains("BenchmarkPing-2, BenchmarkPong-2"),
            "{error}"
        );
    }

    #[test]
    fn columns_of_parquet() {
        let columns = vec![
            Column::new("rtt".into(), [Some(1.5), None, Some(2.5)]),
            Column::new("trial".into(), [1_i64, 2, 3]),
            Column::new("arm".into(), ["a", "b", "c"]),
            Column::new("odd".into(), [1.0, f64::NAN, 2.0]),
        ];
        let mut frame = DataFrame::new(3, columns).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        let rtt = numbers(bytes.clone(), Some("rtt")).unwrap();
        assert_eq!((&rtt.values[..], rtt.absent), (&[1.5, 2.5][..], 1));
        let trial = numbers(bytes.clone(), Some("trial")).unwrap();
        assert_eq!(trial.values, [1.0, 2.0, 3.0]);
        for (column, said) in [
            (Some("arm"), "holds no numbers but str"),
            (Some("odd"), "row 2: NaN can't be counted with"),
            (
                Some("arms"),
                "no column \"arms\"; it has: rtt, trial, arm, odd",
            ),
            (None, "takes one of its columns: rtt, trial, arm, odd"),
        ] {
            let error = format!("{:#}", numbers(bytes.clone(), column).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
        for length in [4, 20, bytes.len() / 2, bytes.len() - 1] {
            let error = numbers(bytes[..length].to_vec(), Some("rtt")).unwrap_err();
            assert!(format!("{error:#}").contains("is it whole?"), "{error:#}");
        }
        // Whatever byte of the file is wrong, and if the library panics of it.
        let mut damaged = 0;
        for at in 4..bytes.len() {
            for byte in [0, 0x1c, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                if let Err(error) = numbers(bytes, Some("rtt")) {
                    damaged += usize::from(format!("{error:#}").contains("is damaged"));
                }
            }
        }
        assert!(damaged > 0, "the guard can go: nothing panics any more");
    }
}
