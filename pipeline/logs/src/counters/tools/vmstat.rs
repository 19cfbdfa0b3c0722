//! procps' vmstat: its table (`-w`, `-t`, `-a`, `-S`), disks (`-d`), sums (`-s`, `-D`,
//! `-f`) and slabs (`-m`).
//!
//! ```text
//! procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
//!  r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
//!  8  0      0 21695164 192064 2002260    0    0  2829  2254  737 1659 65  7 27  0  0 2026-11-25 01:01:17
//! ```

use memchr::memmem::find;

use crate::Tool;
use crate::counters::source::{Found, Lined, MALFORMED, Source, Table};
use crate::counters::tidy::Value;
use crate::counters::{count, words};

/// vmstat.
pub(crate) const VMSTAT: Lined = Lined {
    tool: Tool::Vmstat,
    vote: |line| {
        let sums = line.first().is_some_and(u8::is_ascii_digit)
            && !line.last().is_some_and(u8::is_ascii_digit);
        if !sums
            && !line.starts_with(b"r ")
            && !line.starts_with(b"Cache")
            && find(line, b"---").is_none()
        {
            return 0;
        }
        let tokens: Vec<&[u8]> = words(line).collect();
        if is_title(&tokens) || columns(&tokens).is_some() || is_slabs(&tokens) {
            return 3;
        }
        match sum(&tokens) {
            Some((_, unit, name)) => {
                let known = SUMS.contains(&name.as_slice());
                u32::from(known) * 3 + u32::from(!known && unit == b"K" && !name.is_empty())
            }
            None => 0,
        }
    },
    source: || Box::new(Vmstat::default()),
};

/// Names of `-s` and `-D` that no other list has.
const SUMS: [&[u8]; 16] = [
    b"total memory",
    b"used memory",
    b"free memory",
    b"buffer memory",
    b"swap cache",
    b"total swap",
    b"non-nice user cpu ticks",
    b"IO-wait cpu ticks",
    b"pages swapped in",
    b"pages swapped out",
    b"CPU context switches",
    b"boot time",
    b"forks",
    b"merged reads",
    b"milli spent IO",
    b"inprogress IO",
];

const COLUMNS: [&str; 18] = [
    "r", "b", "swpd", "free", "buff", "cache", "si", "so", "bi", "bo", "in", "cs", "us", "sy",
    "id", "wa", "st", "gu",
];

const DISK: [&str; 10] = [
    "reads_total",
    "reads_merged",
    "reads_sectors",
    "reads_ms",
    "writes_total",
    "writes_merged",
    "writes_sectors",
    "writes_ms",
    "io_cur",
    "io_sec",
];

enum Form {
    None,
    /// The names of the columns.
    System(Vec<Vec<u8>>),
    /// A heading in a language where no word of it is left.
    Translated(Vec<Vec<u8>>),
    Disks,
    Slabs,
}

struct Vmstat {
    form: Form,
    /// Of `-s`: the first sum's name, which begins the next list.
    first: Option<Vec<u8>>,
    /// The line before was a title.
    titled: bool,
}

impl Default for Vmstat {
    fn default() -> Self {
        Self {
            form: Form::None,
            first: None,
            titled: false,
        }
    }
}

/// `procs -----memory----- ---swap-- ...` and `disk- ----reads---- ...`.
fn is_title(tokens: &[&[u8]]) -> bool {
    let [first, rest @ ..] = tokens else {
        return false;
    };
    let ruled = rest
        .iter()
        .filter(|token| token.starts_with(b"-") && token.ends_with(b"-"))
        .count();
    let named = find(first, b"proc").is_some() || first.ends_with(b"-");
    rest.len() >= 3 && ruled == rest.len() && (named || ruled >= 5)
}

fn is_disks(tokens: &[&[u8]]) -> bool {
    tokens.len() >= 4
        && tokens
            .first()
            .is_some_and(|first| first.ends_with(b"-") && !first.starts_with(b"-"))
        && tokens.iter().skip(1).all(|token| token.starts_with(b"-"))
}

fn is_slabs(tokens: &[&[u8]]) -> bool {
    matches!(tokens, [b"Cache", b"Num", b"Total", b"Size", b"Pages"])
}

/// The columns' names, from their heading. In many languages they are translated; their
/// places are the same.
fn columns(tokens: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let number = [b"gu", b"st", b"wa"]
        .iter()
        .find_map(|last| tokens.iter().position(|token| token == last))?
        + 1;
    let printed = tokens.get(..number)?;
    let states = printed.get(12..14) == Some(&[&b"us"[..], b"sy"]);
    let english = printed.get(..2) == Some(&[&b"r"[..], b"b"]) && states;
    english.then(|| named(printed)).flatten()
}

fn named(printed: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let ours = COLUMNS.get(..printed.len())?;
    let name = |(place, (printed, ours)): (usize, (&&[u8], &&str))| match *printed {
        // `-a` has others at these places.
        b"inact" | b"active" => printed.to_vec(),
        // What a translation says of them can't be known.
        _ if matches!(place, 4 | 5) && *printed != ours.as_bytes() => printed.to_vec(),
        _ => ours.as_bytes().to_vec(),
    };
    Some(printed.iter().zip(ours).enumerate().map(name).collect())
}

/// `24684084 K total memory`: value, unit and name.
fn sum<'a>(tokens: &[&'a [u8]]) -> Option<(u64, &'a [u8], Vec<u8>)> {
    let [number, rest @ ..] = tokens else {
        return None;
    };
    let number = count(number)?;
    let (unit, name) = match rest {
        [unit @ (b"K" | b"k" | b"M" | b"m"), name @ ..] => (*unit, name),
        name => (&b""[..], name),
    };
    let word = name.first()?.first()?;
    let plain = !word.is_ascii_digit() && !b"%#<([".contains(word);
    let numbers = name.iter().any(|token| count(token).is_some());
    (plain && !numbers && name.len() <= 8).then(|| (number, unit, name.join(&b' ')))
}

impl Vmstat {
    fn system(columns: &[Vec<u8>], tokens: &[&[u8]], table: &mut Table<'_>) -> Found {
        let Some((numbers, time)) = tokens.split_at_checked(columns.len()) else {
            return MALFORMED;
        };
        let values: Option<Vec<u64>> = numbers.iter().map(|number| count(number)).collect();
        let Some(values) = values else {
            return MALFORMED;
        };
        match time {
            // As `-t` prints it.
            [date, clock] if date.contains(&b'-') && clock.contains(&b':') => {
                table.at(Some(&time.join(&b' ')), None, false);
            }
            [] if table.untimed() => table.next(),
            [] => {}
            _ => return MALFORMED,
        }
        for (column, value) in columns.iter().zip(values) {
            let unit: &[u8] = if matches!(
                column.as_slice(),
                b"us" | b"sy" | b"id" | b"wa" | b"st" | b"gu"
            ) {
                b"%"
            } else {
                b""
            };
            table.add(b"", column, Value::Count(value), unit);
        }
        Found::Samples
    }

    fn row(names: &[&str], tokens: &[&[u8]], table: &mut Table<'_>) -> Found {
        let [subject, rest @ ..] = tokens else {
            return MALFORMED;
        };
        let Some((numbers, time)) = rest.split_at_checked(names.len()) else {
            return MALFORMED;
        };
        let values: Option<Vec<u64>> = numbers.iter().map(|number| count(number)).collect();
        let Some(values) = values.filter(|_| time.is_empty() || time.len() == 2) else {
            return MALFORMED;
        };
        if !time.is_empty() {
            table.at(Some(&time.join(&b' ')), None, false);
        }
        for (name, value) in names.iter().zip(values) {
            table.add(subject, name.as_bytes(), Value::Count(value), b"");
        }
        Found::Samples
    }
}

impl Source for Vmstat {
    fn line(&mut self, text: &[u8], table: &mut Table<'_>) -> Found {
        let tokens: Vec<&[u8]> = words(text).collect();
        if is_title(&tokens) {
            if is_disks(&tokens) {
                if !matches!(self.form, Form::Disks) {
                    table.next();
                }
                self.form = Form::Disks;
            } else {
                self.titled = true;
            }
            return Found::Own;
        }
        let titled = std::mem::take(&mut self.titled);
        if let Some(columns) = columns(&tokens) {
            self.form = Form::System(columns);
            return Found::Own;
        }
        if titled
            && (16..=19).contains(&tokens.len())
            && tokens.iter().all(|word| count(word).is_none())
        {
            self.form = Form::Translated(tokens.iter().map(|word| word.to_vec()).collect());
            return Found::Own;
        }
        if let Form::Translated(heading) = &self.form {
            let numbers = tokens
                .iter()
                .take_while(|word| count(word).is_some())
                .count();
            let heading: Vec<&[u8]> = heading.iter().map(Vec::as_slice).collect();
            // The last word may be the time zone.
            if heading.len() == numbers || heading.len() == numbers + 1 {
                let columns = heading.get(..numbers).and_then(named);
                self.form = columns.map_or(Form::None, Form::System);
            }
        }
        if is_slabs(&tokens) {
            self.form = Form::Slabs;
            table.next();
            return Found::Own;
        }
        let counted = tokens.first().is_some_and(|first| count(first).is_some());
        match &self.form {
            Form::System(columns)
                if counted && (sum(&tokens).is_none() || tokens.len() >= columns.len()) =>
            {
                return Self::system(columns, &tokens, table);
            }
            Form::Disks
                if tokens.len() >= 11
                    && tokens.get(1).is_some_and(|word| count(word).is_some()) =>
            {
                return Self::row(&DISK, &tokens, table);
            }
            Form::Disks if !counted && tokens.iter().all(|word| count(word).is_none()) => {
                return Found::Own;
            }
            Form::Disks if !counted => return MALFORMED,
            Form::Slabs if !counted => {
                return Self::row(&["num", "total", "size", "pages"], &tokens, table);
            }
            _ => {}
        }
        let Some((value, unit, name)) = sum(&tokens) else {
            return Found::Foreign;
        };
        if self.first.as_ref() == Some(&name) {
            table.next();
        }
        self.first.get_or_insert_with(|| name.clone());
        table.add(b"", &name, Value::Count(value), unit);
        Found::Samples
    }

    fn fresh(&mut self) {
        self.first = None;
    }
}
