//! Comma-separated values (RFC 4180), in UTF-8, lines ended by LF. Numbers have a point and
//! an ASCII minus, what isn't there is empty. A text that a spreadsheet would compute, since
//! it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, gets an apostrophe in front;
//! in the Parquet file it is as it was.

use super::typed::{self, Values};
use crate::view::Table;

pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, String> {
    let columns = typed::columns(table);
    let line = |fields: Vec<String>| format!("{}\n", fields.join(","));
    let mut csv = line(columns.iter().map(|(name, _)| quoted(name)).collect());
    for row in 0..table.rows.len() {
        let fields = columns.iter().map(|(_, values)| field(values, row));
        csv.push_str(&line(fields.collect()));
    }
    Ok(csv.into_bytes())
}

fn field(values: &Values, row: usize) -> String {
    match values {
        Values::Text(texts) => texts.get(row).map_or_else(String::new, |text| quoted(text)),
        Values::Numbers(numbers) => match numbers.get(row) {
            Some(Some(number)) => number.to_string(),
            _ => String::new(),
        },
    }
}

fn quoted(text: &str) -> String {
    let computed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = format!("{}{text}", if computed { "'" } else { "" });
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_quoted_and_not_computed() {
        let csv = super::bytes(&super::super::hostile()).expect("made");
        assert_eq!(
            String::from_utf8(csv).expect("UTF-8"),
            "Arm,Estimate (ms),Interval_low,Interval_high,Interval_note,Level (%),Log\n\
             '=cmd|' /C calc'!A0,-1.5,-2,-1,,95,\"a,\"\"b\"\".log\"\n\
             \\end{tabular}$x^2$ #1 ~ {%,0.0000000012,0.000000001,0.000000002,,95,c|d.log\n\
             <script>[a](b) `c` 한글,,,,too few (n = 3),,'@SUM(1)\n"
        );
    }
}
