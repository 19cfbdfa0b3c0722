//! LaTeX: a floating table for the package booktabs, `\input` as it is. In UTF-8; letters
//! beyond Latin need a font that has them.

use crate::view::{Style, Table};

pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, String> {
    let alignment: String = table
        .columns
        .iter()
        .map(|column| {
            if column.style == Style::Number {
                'r'
            } else {
                'l'
            }
        })
        .collect();
    let line = |texts: Vec<String>| format!("  {} \\\\\n", texts.join(" & "));
    let heading = table.columns.iter().map(|column| escaped(&column.title));
    let body = table.rows.iter().map(|row| {
        let cells = row.iter().zip(&table.columns);
        let cells = cells.map(|(text, column)| match column.style {
            Style::Code => format!("\\texttt{{{}}}", escaped(text)),
            Style::Text | Style::Number => escaped(text),
        });
        line(cells.collect())
    });
    let tex = format!(
        "% needs \\usepackage{{booktabs}}\n\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n  \\label{{tab:{}}}\n  \
         \\begin{{tabular}}{{{alignment}}}\n  \\toprule\n{}  \\midrule\n{}  \\bottomrule\n  \\end{{tabular}}\n\\end{{table}}\n",
        escaped(&table.caption.text),
        crate::text::anchor(&table.id),
        line(heading.collect()),
        body.collect::<String>(),
    );
    Ok(tex.into_bytes())
}

/// Text without a command, whatever it holds.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => escaped.extend(['\\', c]),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '"' => escaped.push_str("\\textquotedbl{}"),
            // What begins a row is no optional argument of the line end before it.
            '[' | ']' => escaped.extend(['{', c, '}']),
            '−' => escaped.push_str("\\ensuremath{-}"),
            '×' => escaped.push_str("\\ensuremath{\\times}"),
            'µ' => escaped.push_str("\\textmu{}"),
            '–' => escaped.push_str("--"),
            '…' => escaped.push_str("\\ldots{}"),
            c => match "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|raised| raised == c) {
                Some(digit) => escaped.push_str(&format!("\\textsuperscript{{{digit}}}")),
                None if c == '⁻' => escaped.push_str("\\textsuperscript{\\ensuremath{-}}"),
                None if c.is_control() => escaped.push(' '),
                None => escaped.push(c),
            },
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_is_text() {
        let tex = super::bytes(&super::super::hostile()).expect("made");
        let tex = String::from_utf8(tex).expect("UTF-8");
        for part in [
            "\\caption{100 \\% of \\textbackslash{}input\\{x\\} \\& \\textless{}b\\textgreater{}\\_more\\_",
            "\\begin{tabular}{lrrrl}",
            "\\textbackslash{}end\\{tabular\\}\\$x\\textasciicircum{}2\\$ \\#1 \\textasciitilde{} \\{\\%",
            "{[}\\ensuremath{-}2.0, \\ensuremath{-}1.0{]}",
            "1.20 \\ensuremath{\\times} 10\\textsuperscript{\\ensuremath{-}}\\textsuperscript{9}",
        ] {
            assert!(tex.contains(part), "{part}: {tex}");
        }
        assert_eq!(tex.matches("\\end{tabular}").count(), 1);
    }
}
